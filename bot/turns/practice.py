"""The practice job: the program's real line with a made-up order, in the chat and nowhere else.

It is no job. Its talk lives in the technician's row of `onboardings`, and of what the rules order
only the words to the technician are carried out: there is no order, no visit, no timer, mail,
alert or fee, so that no figure, list or export can know of it.
"""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from bot import days
from bot.documents import read, write
from bot.incoming import Incoming
from bot.speech.wording import JobValues, Part
from bot.turns.acting import manager_of
from bot.turns.reply import Reply
from flows.effects import Say
from flows.events import ConfirmedUpTo, Happening, Said, SentPhoto, ToldTime
from flows.facts import HOUR, Facts
from flows.shape import Program
from flows.talk import Talk
from flows.words import Answer, Done, Heard
from storage import onboardings, photos
from storage.db import Row

if TYPE_CHECKING:
    from bot.turns.technician import Technician

KIND = "practice"
PREFIX = "PRACTICE"
_BEGUN = "practice.begun"
_PRETEND = "pretend"
"""The word for a photo that is only acted: nobody has to be in a picture to practise."""
_LEAVE = "leave"
_MADE_UP: Mapping[str, Any] = {
    "id": 0, "number": "P-1", "visit": 1, "letter": "P", "shift": "", "customer": "Pat Sample",
    "street": "1 Sample St", "city": "Sampletown", "us_state": "", "zip": "", "phone": "",
    "product": "a chair", "notes": "", "units": "1.0", "minutes": 20, "helpers": "",
    "is_open": True, "version": 1, "since": 1, "work_order_id": 0,
}  # fmt: skip


def begin(turn: "Technician", row: Row) -> None:
    """A made-up job stands at the first step of the program's line, whatever stood before."""
    line = turn.context.programs[row["program"]].line
    first = next(step.name for step in line.steps if step.number == 1)
    turn.reply.say("practice.begin")
    _keep(turn, row, Talk([(line.name, first)], {_BEGUN: turn.now}))


def put_again(turn: "Technician", row: Row) -> None:
    """The practice's prompt once more; that none is open where it is over."""
    if row["practice"]:
        _put(turn, row, talk_of(row))
    else:
        turn.reply.say("practice.none")


def stop(turn: "Technician", row: Row) -> None:
    """Nothing of it is kept."""
    onboardings.change(turn.tx, row["id"], turn.now, practice="", since=row["since"] + 1)


def leave(turn: "Technician", row: Row) -> None:
    """Out of it, by EXIT or 0."""
    stop(turn, row)
    turn.reply.say("practice.left")


def hear(turn: "Technician", row: Row, heard: Heard, incoming: Incoming) -> bool:
    """An answer to its prompt; whether the practice came to its end with it."""
    if not row["practice"]:
        turn.reply.say("practice.none")
        return False
    if turn.asked["since"] != row["since"]:
        turn.reply.say("onboarding.stale")
        _put(turn, row, talk_of(row))
        return False
    word = heard.word if isinstance(heard, Answer) else ""
    if word == _LEAVE:
        leave(turn, row)
        return False
    event = _event(turn, row, heard, incoming.channel)
    if event is not None and move(turn, row, event):
        return True
    if turn.reply.ask is None:
        explain(turn, row)
    return False


def move(turn: "Technician", row: Row, event: Happening) -> bool:
    """Let the event happen to the made-up job; whether the practice came to its end with it."""
    engine, talk = turn.context.engine, talk_of(row)
    result = engine.advance(talk, event, _facts(turn, talk))
    if not result.heard:
        return False
    known = _values(turn, row, result.talk)
    for effect in result.effects:
        if isinstance(effect, Say):
            turn.reply.say(effect.key, known, must=effect.must)
    if engine.is_over(result.talk):
        stop(turn, row)
        turn.reply.say("practice.done")
        return True
    _keep(turn, row, result.talk)
    return False


def photo(turn: "Technician", row: Row, stored: Row) -> bool | None:
    """A picture that came meanwhile is the practice's; None where it waits for none, else whether
    the practice came to its end with it."""
    talk = talk_of(row)
    if not turn.context.engine.step(talk).photo:
        return None
    photos.change(turn.tx, stored["id"], step=KIND, kind="other")
    turn.reply.say("practice.picture")
    us = (turn.now, turn.now, turn.person["name"], stored["channel"])
    return move(turn, row, SentPhoto(*us, stored["id"], ""))


def explain(turn: "Technician", row: Row) -> None:
    """What would open a case, or means nothing here, is only explained."""
    turn.reply.say("practice.other")
    _put(turn, row, talk_of(row))


def _event(turn: "Technician", row: Row, heard: Heard, channel: str) -> Happening | None:
    """What was said, if the practice takes it: forward, a time, DONE n, a picture as if sent."""
    talk = talk_of(row)
    now, by = turn.now, turn.person["name"]
    if isinstance(heard, Done):
        return ConfirmedUpTo(now, now, by, channel, heard.number)
    if not isinstance(heard, Answer):
        return None
    waits = turn.context.engine.waits_for(talk)
    job = made_up(turn, row, talk)
    if waits == "time" and not heard.word:
        when = turn.read(heard.text or f"{heard.digit} {heard.time}".strip(), job, past=True)
        return ToldTime(now, now, by, channel, when) if when is not None else None
    if heard.word == _PRETEND:
        return SentPhoto(now, now, by, channel, 0)
    if heard.word not in {word for digit, word in _offered(turn, talk) if digit in "01"}:
        return None
    at = turn.read(heard.time, job, past=True) if heard.time else None
    return Said(min(at or now, now), now, by, channel, heard.word)


def _offered(turn: "Technician", talk: Talk) -> tuple[tuple[str, str], ...]:
    """Forward, what is wrong, and the way out."""
    engine = turn.context.engine
    choices = engine.choices(talk)
    if talk.untold:
        return tuple(choices.items())
    forward = choices.get("1") or (_PRETEND if engine.step(talk).photo else "")
    return (
        *([("1", forward)] if forward else []),
        *([("2", "issue")] if choices.get("2") == "issue" else []),
        ("0", _LEAVE),
    )


def _keep(turn: "Technician", row: Row, talk: Talk) -> None:
    kept = {"practice": write(talk.plain()), "since": row["since"] + 1}
    onboardings.change(turn.tx, row["id"], turn.now, **kept)
    _put(turn, {**row, **kept}, talk)


def _put(turn: "Technician", row: Row, talk: Talk) -> None:
    """Its standing prompt: the real one, marked as practice."""
    engine, reply = turn.context.engine, turn.reply
    sentence, step = engine.prompt_key(talk), engine.step(talk)
    offered = _offered(turn, talk)
    known = _values(turn, row, talk)
    number = f"{step.number}/{engine.lines[talk.flow].length}" if step.number else ""
    waits = "time" if talk.untold else ""
    stand(reply, KIND, row, Part(sentence, known), offered, PREFIX, number, waits)
    reply.after = None if talk.untold else Part("practice.labels", known)


def stand(  # noqa: PLR0913, PLR0917 - all that an answer is later held against
    reply: Reply, kind: str, row: Row, part: Part, offered: tuple[tuple[str, str], ...],
    prefix: str, number: str, waits: str = "",
) -> None:  # fmt: skip
    """A question about getting ready, or of the practice: about no job, bound to its version."""
    program, since = row["program"], row["since"]
    reply.ask, reply.choices = part, offered
    reply.buttons = {word: f"{kind}:{program}:{since}:{word}" for _, word in offered}
    reply.job, reply.prefix, reply.number = None, prefix, number
    reply.asks = {
        "kind": kind, "program": program, "since": since, "choices": dict(offered),
        "waits": waits, "key": part.key,
    }  # fmt: skip


def talk_of(row: Row) -> Talk:
    """Where the made-up job stands."""
    return Talk.of(read(row["practice"]))


def _facts(turn: "Technician", talk: Talk) -> Facts:
    """A window that is open all the while, so that nobody is early or late."""
    begun = talk.marks[_BEGUN]
    return Facts(
        begun - HOUR, begun + 24 * HOUR, begun + HOUR, begun - 2 * HOUR, begun + 24 * HOUR,
        _MADE_UP["minutes"], turn.person["app"],
    )  # fmt: skip


def made_up(turn: "Technician", row: Row, talk: Talk) -> Row:
    """The made-up visit, as a row of jobs would tell it."""
    facts = _facts(turn, talk)
    program: Program = turn.context.programs[row["program"]]
    zone = program.zone if program.one_zone else turn.person["timezone"]
    begins = talk.marks[_BEGUN] // HOUR * HOUR
    day = days.local_day(facts.planned_arrival, days.zone_of(zone)).isoformat()
    return {
        **_MADE_UP, "program": program.name, "timezone": zone, "day": day,
        "technician_id": turn.person["id"], "planned_arrival": facts.planned_arrival,
        "window_start": begins, "window_end": begins + 3 * HOUR,
        "day_start": facts.day_start, "day_end": facts.day_end, "state": talk.state,
        "under": talk.under, "talk": talk,
    }  # fmt: skip


def _values(turn: "Technician", row: Row, talk: Talk) -> JobValues:
    contacts = partial(turn.context.contacts, row["program"])
    manager = partial(manager_of, turn.tx, turn.person, turn.now)
    marks = {name: at for name, at in talk.marks.items() if name != _BEGUN}
    job = made_up(turn, row, talk)
    return JobValues(job, turn.person, manager, contacts, marks, turn.now, sms=turn.sms)
