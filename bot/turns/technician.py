"""What a technician says: which job and which prompt it belongs to, and the event that it is."""

import re
from datetime import datetime
from typing import Any

from bot import days
from bot.clock import to_datetime, to_instant
from bot.context import Context
from bot.documents import read
from bot.incoming import Incoming
from bot.pictures.photo_quality import Quality
from bot.speech.wording import JobValues
from bot.turns import (
    appointment,
    by_link,
    helping,
    new_order,
    onboarding,
    onboarding_said,
    questions,
    second_look,
    taking,
    told_time,
    unclear,
)
from bot.turns.carry_out import ask, carry_out, values_of
from bot.turns.planning import Planning
from bot.turns.reply import Reply, send
from bot.turns.which import (
    case,
    case_within,
    chosen,
    fitting,
    menu_again,
    prompt_of,
    said_before,
    which,
)
from flows.engine import Turn
from flows.events import ConfirmedUpTo, Happening, Said, ToldText
from flows.facts import HOUR, MINUTE, Instant
from flows.talk import Talk
from flows.times import Ambiguous, At, read_time
from flows.words import Answer, Case, Command, Done, Noise, Prompt, Unclear, hear
from storage import jobs, people
from storage.db import Row, Tx

TOO_LATE = 15 * MINUTE
"""A text that took longer than this never moves a job: it is answered with where the job stands."""
_PLAN_BUTTON = re.compile(r"plan:(\d{4}-\d\d-\d\d)")
_JOB_BUTTON = re.compile(r"(\d+):(\d+):(\w+)(?: (.+))?")
"""Job, version of its state, word; the time that stood with the word where two jobs had it."""
_BEFORE = ("ahead", "setting_out")
_OF_A_JOB = frozenset({"where", "recovered", "stale", "done_of_untold", "nothing_open"})
"""What is only said of a job in hand."""


class Technician:
    """One technician's turn: their open jobs, the reply in the making, and the way to a job."""

    def __init__(
        self, tx: Tx, context: Context, person: Row, now: Instant, *, kind: str = "reply"
    ) -> None:
        self.tx, self.context, self.person, self.now = tx, context, person, now
        self.zone = days.zone_of(person["timezone"])
        self.today, self._tomorrow = days.two_days(now, person["timezone"])
        self.reply = Reply(person, kind=kind)
        self.sms = person["channel"] == "sms"
        self.either: tuple[datetime, datetime] | None = None
        self.asked: dict[str, Any] = {}
        """What the prompt that stood when this was said stands for."""
        self.advanced: set[int] = set()
        """The jobs that this turn has moved: their talks in `jobs` are those from before."""
        self._talks: dict[tuple[int, int], Talk] = {}
        self.jobs = jobs.open_of(tx, person["id"], self.until())

    def until(self) -> str:
        return self._tomorrow

    # -- the day --------------------------------------------------------------------------------

    @property
    def todays(self) -> list[Row]:
        """The open jobs of today, and earlier ones that never came to an end."""
        return [job for job in self.jobs if job["day"] <= self.today]

    def in_hand(self) -> Row | None:
        """The job that a bare digit answers: the one last acted on while it is open, else today's
        first, else one that something is done for before its day."""
        able = self.todays or [job for job in self.jobs if self.context.is_before(job)]
        stored = next((job for job in able if job["id"] == self.person["in_hand"]), None)
        return stored or next(iter(able), None)

    def by_letter(self, letter: str) -> Row | None:
        """The open job of that letter, today's first."""
        found = [job for job in self.jobs if job["letter"] == letter]
        return min(found, key=lambda job: (job["day"] != self.today, job["day"]), default=None)

    def letters(self) -> list[str]:
        """The letters in use, those of today's ended jobs too."""
        today = jobs.letters_of_day(self.tx, self.person["id"], self.today)
        return sorted({*today, *(job["letter"] for job in self.jobs)})

    # -- one event on one job -------------------------------------------------------------------

    def talk(self, job: Row) -> Talk:
        """Where this row of a job has it stand: read once a turn, and not to be changed."""
        if isinstance(job["talk"], Talk):
            return job["talk"]
        key = job["id"], job["version"]
        if key not in self._talks:
            self._talks[key] = Talk.of(read(job["talk"]))
        return self._talks[key]

    def advance(self, job: Row, event: Happening) -> bool:
        """Let the event happen to the job; False if it means nothing there (then nothing
        changed)."""
        talk = self.talk(job)
        turn = self.context.engine.advance(talk, event, days.facts_of(job, self.person["app"]))
        if turn.heard:
            self.store(job, talk, turn, event)
        return turn.heard

    def store(self, job: Row, before: Talk, turn: Turn, event: Happening) -> None:
        """Carry out what the engine ordered; then the next job, if this one is over."""
        fresh = carry_out(self.tx, self.context, job, self.person, before, turn, event, self.reply)
        self.reply.prefix, self.reply.job = job["letter"], job["id"]
        self.advanced.add(job["id"])
        if (
            job["id"] != self.person["in_hand"]
            and event.by == self.person["name"]
            and self._takes_over(fresh)
        ):
            people.change(self.tx, self.person["id"], in_hand=job["id"])
        if not fresh["is_open"] and fresh["day"] <= self.today:
            self.go_on_after(fresh)

    def _takes_over(self, job: Row) -> bool:
        """A job at whose door the technician stands is in hand; before that, the first one told its
        ETA."""
        held = self.in_hand()
        if held is None or held["id"] == job["id"]:
            return True
        if self.context.phase(job) in ("on_the_way", "late"):
            return self.context.phase(held) in _BEFORE
        return self.context.phase(job) not in _BEFORE

    def go_on_after(self, done: Row) -> None:
        """What comes next when a job is over: the next one's prompt, or the end of the day."""
        left = [job for job in self.todays if job["id"] != done["id"]]
        people.change(self.tx, self.person["id"], in_hand=left[0]["id"] if left else None)
        if not left:
            self.reply.say("day_over", self.values(done))
            onboarding.remind(self)
            return
        job = left[0]
        values = self.values(job) | {"done": done["letter"]}
        self.reply.say("next_job", values)
        if (
            self.context.phase(job) != "setting_out"
            or self.now >= days.planned_arrival(job) - 75 * MINUTE
        ):
            self.ask(job)

    def ask(self, job: Row) -> None:
        """Put the job's standing prompt, or the question for a better photo, into the reply."""
        if not second_look.ask(self, job):
            talk = self.talk(job)
            ask(self.tx, self.context, self.reply, job, self.person, talk, self.now)
        held = self.in_hand()
        self.reply.lettered = bool(held and held["id"] != job["id"])

    def values(self, job: Row) -> JobValues:
        """What a text about this job may name."""
        talk = self.talk(job)
        return values_of(self.tx, self.context, job, self.person, talk, self.now, sms=self.sms)

    def say_where(self, key: str, extra: dict[str, str] | None = None) -> None:
        """A statement about the job in hand, then where it stands; about the day where there is
        none."""
        job = self.in_hand()
        if job is None:
            if key not in _OF_A_JOB:
                self.reply.say(key, extra)
            if not helping.tell(self) and key in _OF_A_JOB:
                self.reply.say("nothing_open", extra)
            onboarding_said.again(self)
            return
        self.reply.say(key, self.values(job) | (extra or {}))
        if self.context.phase(job) != "ahead":
            self.ask(job)
        else:
            onboarding_said.again(self)

    def finish(self) -> None:
        """Send what was gathered."""
        send(self.tx, self.reply, self.context.wording, self.now)

    # -- hearing --------------------------------------------------------------------------------

    def hear(self, incoming: Incoming) -> None:  # noqa: C901, PLR0911, PLR0912 - one word a case
        """A text or a press."""
        if incoming.kind == "button":
            self._press(incoming)
            return
        prompt, row = prompt_of(self, incoming)
        self.asked = row
        if (prompt is None or prompt.kind != "plan") and (day := Planning(self).day_of(incoming)):
            Planning(self).hear(incoming.text, {"day": day}, as_planned=False)
            return
        heard = hear(incoming.text, prompt, self.letters(), sms=incoming.channel == "sms")
        if isinstance(heard, Unclear) and (
            digit := unclear.pressed_twice(self, prompt, heard.text)
        ):
            heard = hear(digit, prompt, self.letters())
        if isinstance(heard, Noise):
            return
        if isinstance(heard, Command):
            from bot.turns.commands_said import obey  # noqa: PLC0415 - the words at any step use this class

            obey(self, heard, incoming)
            return
        late = incoming.recovered or self.now - incoming.sent_at > TOO_LATE
        if late and not isinstance(heard, Unclear):
            self.say_where("recovered")
            return
        if questions.asked(self, incoming.text, prompt, heard):
            return
        if onboarding_said.hear(self, heard, incoming):
            return
        match heard:
            case Done(number, letter):
                job = self.by_letter(letter) if letter else self.in_hand()
                us = (self.now, self.now, self.person["name"], incoming.channel)
                if job is None or not self.advance(job, ConfirmedUpTo(*us, number)):
                    self.say_where("done_of_untold")
            case Case():
                case(self, heard, prompt, incoming)
            case Answer() if (
                prompt is not None and prompt.kind == "plan" and not heard.word.startswith("_")
            ):
                Planning(self).hear(
                    incoming.text, row, as_planned=heard.digit == "1" and not heard.time
                )
            case Answer() if prompt is not None and prompt.kind == "new":
                new_order.answer(self, heard.word, incoming, row["have"])
            case Answer():
                self._answer(heard, prompt, incoming)
            case _:
                text = getattr(heard, "text", incoming.text[:40])
                held = self.in_hand()
                if prompt is not None and prompt.kind == "plan":
                    Planning(self).hear(incoming.text, row, as_planned=False)
                elif (
                    held is not None
                    and self.context.phase(held) in _BEFORE
                    and unclear.is_hour(text)
                    and self.read(text, held, past=False)
                ):
                    Planning(self).hear(text, {"day": held["day"]}, as_planned=False)
                elif case_within(self, prompt, incoming) or menu_again(self, prompt, text):
                    return
                else:
                    unclear.answer(self, text)

    def _press(self, incoming: Incoming) -> None:
        """A button belongs to one job and one version of its state; a stale one changes nothing."""
        if match := _PLAN_BUTTON.fullmatch(incoming.button):
            Planning(self).hear("", {"day": match[1]}, as_planned=True)
            return
        if match := re.fullmatch(r"take:(\d+)", incoming.button):
            taking.take(self, incoming, int(match[1]))
            return
        if onboarding_said.press(self, incoming):
            return
        match = _JOB_BUTTON.fullmatch(incoming.button)
        job = next((job for job in self.jobs if match and job["id"] == int(match[1])), None)
        if match is None or job is None:
            self.say_where("stale")
        elif int(match[2]) != job["since"]:
            self.stale(job)
        else:
            self.with_time(job, match[3], match[4] or "", incoming)

    def stale(self, job: Row) -> None:
        """That step is done: say where the job stands."""
        self.reply.say("stale", self.values(job))
        self.ask(job)

    def choose(self, job: Row, word: str, incoming: Incoming, at: Instant | None = None) -> None:
        """A word of the job's step or of its menu."""
        if word == "resume":
            self.ask(job)
            return
        if word == second_look.KEEP:
            second_look.keep(self, job)
        if word == second_look.KEEP or by_link.told(self, job, word, incoming):
            return
        event = Said(at or self.now, self.now, self.person["name"], incoming.channel, word)
        spare = self.talk(job).spare[-1:] if word == "use_photo" else []
        if not self.advance(job, event):
            self.reply.say("not_understood", {"text": word})
            self.ask(job)
        elif spare:
            second_look.tell_reuse(self, job, spare[0])
        elif said := said_before(self, job, word, incoming):
            self.told(jobs.get(self.tx, job["id"]) or job, said, incoming)

    def _answer(self, heard: Answer, prompt: Prompt | None, incoming: Incoming) -> None:
        asked = next((job for job in self.jobs if prompt and job["id"] == prompt.job), None)
        held = self.in_hand()
        job = self.by_letter(heard.letter) if heard.letter else (asked or held)
        if prompt is not None and prompt.kind == "manager" and not heard.letter:
            from bot.turns.commands_said import answered  # noqa: PLC0415

            answered(self, incoming)
            return
        if prompt is not None and prompt.kind in ("which", "take"):
            chosen(self, heard, prompt, incoming)
            return
        if job is None:
            self.say_where("nothing_open")
            return
        if heard.letter and (prompt is None or prompt.job != job["id"] or not heard.word):
            asks_for = prompt.choices if prompt else {}
            self._say_word(job, incoming, heard, hour=heard.digit not in asks_for)
            return
        if prompt is None or asked is None:
            self.say_where("where")
        elif prompt.since != job["since"]:
            self.stale(job)
        elif (
            prompt.kind == "step"
            and held is not None
            and held["id"] != job["id"]
            and not heard.letter
            and (meant := fitting(self, heard, held, job))
        ):
            which(self, meant, heard.digit or incoming.text.strip()[:20], heard.time)
        elif heard.word:
            self.with_time(job, heard.word, heard.time, incoming)
        elif heard.digit and prompt.waits_for not in ("time", "text"):
            self.unclear(job, heard.digit)
        else:
            self.told(job, heard.text or f"{heard.digit} {heard.time}".strip(), incoming)

    def _say_word(self, job: Row, incoming: Incoming, heard: Answer, *, hour: bool) -> None:
        """An answer that names its job ("B1"): it is for that job's step as it stands.

        `hour` says that its digit was no choice of what stood on the phone.
        """
        digit, time, text = heard.digit, heard.time, heard.text
        talk = self.talk(job)
        word = self.context.engine.choices(talk).get(digit, "") or by_link.word(self, job, digit)
        if word:
            self.with_time(job, word, time, incoming)
        elif digit and not text and hour and self.context.phase(job) in _BEFORE:
            words = f"{job['letter']} {digit} {time}"  # no choice there: an hour, "A 9"
            Planning(self).hear(words, {"day": job["day"]}, as_planned=False)
        elif digit or text:
            self.told(job, f"{digit}{text} {time}".strip(), incoming)
        else:
            self.ask(job)

    def with_time(self, job: Row, word: str, time: str, incoming: Incoming) -> None:
        """A word that may carry when it happened: `1 1015`."""
        at = None
        if time:
            at = self.read(time, job, past=True)
            if at is None and any(sign.isdigit() for sign in time):
                unclear.unread(self, job, time)
                return
            if at is not None and (
                unclear.not_then(self, job, at, time) or unclear.too_early(self, job, at)
            ):
                return
            at = min(at, self.now) if at is not None else None
        self.choose(job, word, incoming, at)

    def told(self, job: Row, text: str, incoming: Incoming) -> None:
        """Free words or a time where the step asks for them."""
        talk = self.talk(job)
        waits = self.context.engine.waits_for(talk)
        who, channel = self.person["name"], incoming.channel
        if waits == "text" and re.fullmatch(r"\d", text):
            # A lone digit that is no choice was meant for something else.
            self.reply.say("not_understood.text", must=False)
            self.ask(job)
        elif waits == "text":
            self.advance(job, ToldText(self.now, self.now, who, channel, text[:1000]))
        elif waits == "time" and self.context.engine.step(talk).any_day:
            appointment.hear(self, job, text, channel)
        elif waits == "time":
            told_time.hear(self, job, text, channel)
        else:
            self.unclear(job, text[:40])

    def unclear(self, job: Row, text: str) -> None:
        """It is no answer to this job's step: say so, and what the step waits for."""
        self.reply.say(unclear.key_of(self, job), self.values(job) | {"text": text})
        self.ask(job)

    def read(self, text: str, job: Row, *, past: bool) -> Instant | None:
        """A typed time at this job, in its zone; None where it is none."""
        zone = days.zone_of(job["timezone"])
        ends = max(job["day_end"], self.now + HOUR)
        span = None if past else (to_datetime(self.now), to_datetime(ends))
        found = read_time(text, now=to_datetime(self.now), zone=zone, between=span, past=past)
        self.either = found.options if isinstance(found, Ambiguous) else None
        return to_instant(found.at) if isinstance(found, At) else None

    # -- photos ---------------------------------------------------------------------------------

    def photo(self, photo: Row, quality: Quality | None = None) -> None:
        """A photo's bytes are durable (P7)."""
        if onboarding_said.photo(self, photo):
            return
        second_look.came(self, photo, quality)
