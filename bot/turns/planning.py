"""The day's plan: asked with the day sheet, answered in any way that people type a time (A10)."""

import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from bot import days
from bot.clock import to_datetime, to_instant
from bot.incoming import Incoming
from bot.speech.wording import Part
from bot.turns import alerts
from bot.turns.carry_out import carry_out
from flows.events import ToldTime
from flows.facts import MINUTE, Instant
from flows.times import At, read_time
from storage import jobs
from storage.db import Row

if TYPE_CHECKING:
    from bot.turns.technician import Technician


class Planning:
    """One technician's answers about when they will be where."""

    def __init__(self, turn: "Technician") -> None:
        self.turn = turn

    def hear(self, text: str, asks: dict[str, Any], *, as_planned: bool) -> None:  # noqa: C901 - one word a case
        """The day sheet's answer: "930", "A 930 B 1215", or 1 for the windows' starts."""
        day = asks.get("day", self.turn.today)
        wanted = [
            job for job in self.turn.jobs if job["day"] == day and self.turn.context.may_plan(job)
        ]
        if not wanted:
            self.turn.say_where("where")
            return
        if as_planned:
            for each in wanted:
                self._replan(each, days.planned_arrival(each))
            self.turn.reply.say("plan.noted", {"plan": self._words(wanted)})
            self._ask_eta_in_time(day)
            return
        noted: list[int] = []
        wrong: list[str] = []
        for letter, words in parts_of(text, [each["letter"] for each in wanted]):
            named = next((j for j in wanted if j["letter"] == letter), None)
            job = named if letter else self._first_unplanned(wanted, noted, asks.get("letters", ()))
            if job is None:
                continue
            zone = days.zone_of(job["timezone"])
            span = (to_datetime(job["window_start"]), to_datetime(job["window_end"]))
            found = read_time(words, now=to_datetime(self.turn.now), zone=zone, between=span)
            when = to_instant(found.at) if isinstance(found, At) else None
            values = self.turn.values(job) | {"text": words[:40], "letter": job["letter"]}
            if when is None:
                self.turn.reply.say("plan.unread", values)
                wrong.append(job["letter"])
                continue
            values |= {"time": alerts.when(when, job["timezone"])}
            if not job["window_start"] <= when <= job["window_end"]:
                self.turn.reply.say("plan.outside", values)
            elif when < self.turn.now:
                self.turn.reply.say("plan.past", values)
            else:
                self._replan(job, when)
                noted.append(job["id"])
                continue
            wrong.append(job["letter"])
        if noted:
            planned = [jobs.get(self.turn.tx, job) for job in noted]
            self.turn.reply.say(
                "plan.noted", {"plan": self._words([job for job in planned if job])}
            )
        self.turn.jobs = jobs.open_of(self.turn.tx, self.turn.person["id"], self.turn.until())
        missing = [
            job
            for job in self.turn.jobs
            if job["day"] == day
            and job["planned_arrival"] is None
            and self.turn.context.may_plan(job)
        ]
        if not (wrong or missing):
            self._ask_eta_in_time(day)
        else:
            self.ask(day, [*wrong, *(j["letter"] for j in missing if j["letter"] not in wrong)])

    def day_of(self, incoming: Incoming) -> str:
        """The day that a text like "A 930 B 1215" plans, whatever was asked last; "" if it does
        not."""
        parts = parts_of(incoming.text, self.turn.letters())
        named = [self.turn.by_letter(letter) for letter, _ in parts if letter]
        if not named or len(named) < len(parts):
            return ""
        for job, (_, words) in zip(named, parts, strict=True):
            single = len(words) == 1 and len(parts) == 1
            if (
                job is None
                or single
                or not self.turn.context.may_plan(job)
                or self.turn.read(words, job, past=False) is None
            ):
                return ""
        return str(named[0]["day"]) if named[0] else ""

    def _first_unplanned(
        self, wanted: Sequence[Row], noted: list[int], asked: Sequence[str]
    ) -> Row | None:
        left = sorted(
            (job for job in wanted if job["id"] not in noted),
            key=lambda job: job["letter"] not in asked,
        )
        return next(
            (job for job in left if job["planned_arrival"] is None), left[0] if left else None
        )

    def _ask_eta_in_time(self, day: str) -> None:
        """A plan so late that its reminders are over: the ETA is asked for at once (A10)."""
        self.turn.jobs = jobs.open_of(self.turn.tx, self.turn.person["id"], self.turn.until())
        held = self.turn.in_hand()
        if (
            held is not None
            and held["day"] == day
            and self.turn.context.phase(held) == "setting_out"
            and self.turn.now >= days.planned_arrival(held) - 75 * MINUTE
        ):
            self.turn.ask(held)

    def ask(self, day: str, letters: Sequence[str]) -> None:
        """Ask when the technician will be at these jobs."""
        example = " ".join(self._example(day, letter) for letter in letters[:2])
        self.turn.reply.ask = Part(
            "day_sheet.ask", {"letters": ", ".join(letters), "example": example}
        )
        self.turn.reply.choices = (("1", "as_planned"),)
        self.turn.reply.buttons = {"as_planned": f"plan:{day}"}
        self.turn.reply.asks = {
            "kind": "plan",
            "day": day,
            "letters": list(letters),
            "choices": {"1": "as_planned"},
            "waits": "time",
        }
        self.turn.reply.prefix = ""

    def _example(self, day: str, letter: str) -> str:
        """A time within the job's own window, as it may be typed: "B 1130"."""
        job = next((j for j in self.turn.jobs if (j["day"], j["letter"]) == (day, letter)), None)
        if job is None:
            return f"{letter} 930"
        at = alerts.when(min(job["window_start"] + 30 * MINUTE, job["window_end"]), job["timezone"])
        return f"{letter} {at.replace(':', '')}"

    def _replan(self, job: Row, when: Instant) -> None:
        """The planned arrival of a job, and what hangs on it: ETA reminders, the morning's sheet
        (A10)."""
        talk = self.turn.talk(job)
        event = ToldTime(
            self.turn.now,
            self.turn.now,
            self.turn.person["name"],
            self.turn.person["channel"],
            when,
        )
        turn = self.turn.context.engine.replan(
            talk, when, days.facts_of(job, self.turn.person["app"]), event
        )
        carry_out(self.turn.tx, self.turn.context, job, self.turn.person, talk, turn, event, None)
        start, end = days.day_span(
            job["window_start"], job["window_end"], when, days.zone_of(job["timezone"])
        )
        jobs.change(
            self.turn.tx,
            job["id"],
            self.turn.now,
            planned_arrival=when,
            day_start=start,
            day_end=end,
        )
        days.replan_day(self.turn.tx, self.turn.person["id"], job["day"], self.turn.now)

    def _words(self, planned: Sequence[Row]) -> str:
        return ", ".join(
            f"{job['letter']} {alerts.when(days.planned_arrival(job), job['timezone'])}"
            for job in planned
        )


def parts_of(text: str, letters: Sequence[str]) -> list[tuple[str, str]]:
    """ "A 930 B 1215" → [("A", "930"), ("B", "1215")]; without letters one time, or several by
    commas."""
    pattern = rf"(?<![A-Za-z])([{''.join(letters)}])(?![A-Za-z])[\s:.)-]*(?=\S)"
    found = list(re.finditer(pattern, text, re.I)) if letters else []
    parts: list[tuple[str, str]] = []
    for match, after in zip_longest(found, found[1:]):
        words = text[match.end() : after.start() if after else len(text)].strip(" ,;.")
        if words and words.lower() not in ("m", "m."):
            if not parts and (before := text[: match.start()].strip(" ,;.")):
                parts.append(("", before))
            parts.append((match[1].upper(), words))
    if parts:
        return parts
    return [("", words.strip()) for words in re.split(r"[,;\n]| and ", text) if words.strip()]
