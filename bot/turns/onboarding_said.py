"""What a technician says about getting ready and in the practice job: SETUP, PRACTICE, EXIT, BACK,
and the answers to what was put."""

import re
from typing import TYPE_CHECKING, Any

from bot.documents import read
from bot.incoming import Incoming
from bot.turns import practice
from bot.turns.onboarding import (
    READY,
    SETUP,
    STUCK,
    advance,
    busy_with,
    first_open,
    is_busy,
    key_of,
    open_for,
    put,
    talk_of,
    trained,
    values,
)
from flows.events import Passed, Said, WentBack
from flows.spellings import is_thanks
from flows.words import Answer, Case, Done, Heard, Unclear, plain
from storage import onboardings, outbox
from storage.db import Row

if TYPE_CHECKING:
    from bot.turns.technician import Technician

_BUTTON = re.compile(r"(setup|practice):(\w+):(\d+):(\w+)")


def command(turn: "Technician", program: str) -> None:
    """SETUP: the step that is still open, or that there is none."""
    tx, context, person = turn.tx, turn.context, turn.person
    row = onboardings.get(tx, person["id"], program) if program else first_open(tx, person)
    program = row["program"] if row else program or person["program"]
    if not context.programs[program].prepares:
        turn.reply.say("onboarding.nothing", values(turn, program))
        return
    row = row or open_for(tx, context, person, program, turn.now)
    if row["state"] != READY:
        put(turn, row)
        return
    key = "onboarding.counted" if "trained" in talk_of(row).marks else "onboarding.ready"
    turn.reply.say(key, values(turn, program))


def press(turn: "Technician", incoming: Incoming) -> bool:
    """A button of this; False where it is another's."""
    match = _BUTTON.fullmatch(incoming.button)
    row = onboardings.get(turn.tx, turn.person["id"], match[2]) if match else None
    if match is None or row is None:
        return False
    heard = Answer(match[4])
    turn.asked = {"kind": match[1], "program": match[2], "since": int(match[3])}
    return hear(turn, heard, incoming)


def hear(turn: "Technician", heard: Heard, incoming: Incoming) -> bool:
    """An answer to what was put; False where it is for a job after all."""
    row = _asked(turn)
    named = isinstance(heard, Answer | Case | Done) and heard.letter
    if row is None or named:
        return False
    if turn.asked.get(STUCK) and not incoming.button and _why(turn, row, heard, incoming):
        return True
    if isinstance(heard, Unclear):
        return False  # what nobody understands is answered where machines are noticed
    if turn.asked["kind"] == practice.KIND:
        if (held := busy_with(turn)) is not None:
            _job_first(turn, row, held)
        elif practice.hear(turn, row, heard, incoming):
            _practised(turn, row, incoming.channel)
        return True
    if isinstance(heard, Answer) and heard.word:
        _answer(turn, row, heard.word, incoming)
    elif is_busy(turn) or row["state"] == READY or not isinstance(heard, Answer):
        return False
    else:
        turn.reply.say("onboarding.not_understood")
        put(turn, row)
    return True


def _why(turn: "Technician", row: Row, heard: Heard, incoming: Incoming) -> bool:
    """Words after "stuck" say why, to the managers; thanks are nothing but thanks. False where it
    is an answer to the step."""
    if is_thanks(plain(incoming.text)):
        put(turn, row)
        return True
    if isinstance(heard, Done) or (isinstance(heard, Answer) and (heard.word or heard.digit)):
        return False
    from bot.turns.commands_said import tell_manager  # noqa: PLC0415 - it brings this back behind

    tell_manager(turn, incoming.text, incoming)
    return True


def _answer(turn: "Technician", row: Row, word: str, incoming: Incoming) -> None:
    who, channel = turn.person["name"], incoming.channel
    stale = turn.asked["since"] != row["since"]
    if stale or not advance(turn, row, Said(turn.now, turn.now, who, channel, word)):
        turn.reply.say("onboarding.stale")
        if row["state"] != READY:
            put(turn, row)


def practise(turn: "Technician", program: str) -> None:
    """PRACTICE: the made-up job, from its beginning or where it stands; a real one goes first."""
    tx, person = turn.tx, turn.person
    row = onboardings.get(tx, person["id"], program) if program else first_open(tx, person)
    program = row["program"] if row else program or person["program"]
    if (held := busy_with(turn)) is not None:
        _job_first(turn, row, held)
    elif row is not None and row["practice"]:
        practice.put_again(turn, row)
    else:
        practice.begin(turn, row or trained(turn, program))


def leave(turn: "Technician") -> None:
    """EXIT: out of the practice job."""
    rows = onboardings.of_person(turn.tx, turn.person["id"])
    row = next((each for each in rows if each["practice"]), None)
    if row is None:
        turn.asked = {}  # what stood there is over, and said to be
        turn.say_where("practice.none")
        return
    practice.leave(turn, row)


def _job_first(turn: "Technician", row: Row | None, held: Row) -> None:
    if row is not None and row["practice"]:
        practice.stop(turn, row)
    turn.reply.say("practice.job_first")
    turn.ask(held)


def _practised(turn: "Technician", row: Row, channel: str) -> None:
    """The practice came to its end: that step is over, whenever it was to come."""
    fresh = onboardings.get(turn.tx, *key_of(row))
    if fresh is not None:
        us = (turn.now, turn.now, turn.person["name"], channel)
        advance(turn, fresh, Passed(*us, "practice"))


def photo(turn: "Technician", stored: Row) -> bool:
    """A picture for the practice job that stands on the phone; False where it is for a real one."""
    if is_busy(turn):
        return False
    prompt = outbox.standing_prompt(turn.tx, turn.person["id"], stored["announced_at"])
    turn.asked = read(prompt["asks"]) if prompt is not None else {}
    row = _asked(turn)
    if row is None or not _practising(turn, row):
        return False
    over = practice.photo(turn, row, stored)
    if over:
        _practised(turn, row, stored["channel"])
    return over is not None


def explain(turn: "Technician") -> bool:
    """A word about a job where a practice job stands; False where none does."""
    row = _asked(turn)
    if row is None or not _practising(turn, row):
        return False
    practice.explain(turn, row)
    return True


def back(turn: "Technician", channel: str) -> bool:
    """BACK where this stood on the phone; False where it is for a job."""
    row = _asked(turn)
    if row is None:
        return False
    event = WentBack(turn.now, turn.now, turn.person["name"], channel)
    practising = _practising(turn, row)
    if not (practice.talk_of(row) if practising else talk_of(row)).past:
        turn.reply.say("onboarding.no_way_back")
        again(turn)
    elif practising:
        practice.move(turn, row, event)
    elif not advance(turn, row, event):
        again(turn)
    elif turn.reply.ask is None and (fresh := onboardings.get(turn.tx, *key_of(row))) is not None:
        put(turn, fresh)
    return True


def again(turn: "Technician") -> None:
    """Put what stood on the phone once more, where it was about getting ready or the practice."""
    row = _asked(turn)
    if row is None or turn.reply.ask is not None:
        return
    if turn.asked["kind"] == practice.KIND:
        practice.put_again(turn, row)
    elif row["state"] != READY:
        put(turn, row)


def standing(turn: "Technician") -> dict[str, Any]:
    """What of this stood on the phone, before words for the managers were asked for too."""
    asked = turn.asked.get("over", turn.asked)
    return asked if asked.get("kind") in (SETUP, practice.KIND) else {}


def _practising(turn: "Technician", row: Row) -> bool:
    """Whether what stood on the phone was the practice job, and it goes on."""
    return bool(turn.asked["kind"] == practice.KIND and row["practice"])


def _asked(turn: "Technician") -> Row | None:
    """What the prompt that stood was about, if it was about this."""
    if turn.asked.get("kind") not in (SETUP, practice.KIND):
        return None
    return onboardings.get(turn.tx, turn.person["id"], turn.asked["program"])
