"""How a job moves: a row fires, a branch is opened, an outcome lands, a mark is kept.

What is the same for every flow stands here; what differs is a row in programs/ or side/:

* a call pushes a frame, an end lands in the caller (`open_branch`, `_land`);
* each move from a main step keeps that step's moment as a mark;
* a move that told, mailed or owed something, or that was not the technician's, cannot be undone.
"""

from dataclasses import replace

from flows.conditions import holds
from flows.effects import (
    Alert,
    CloseAlerts,
    Effect,
    Forget,
    KeepPhoto,
    MailOffice,
    Note,
    Owe,
    Replan,
    Reschedule,
)
from flows.events import Happening, SentPhoto, ToldText, ToldTime
from flows.facts import Instant
from flows.machine import Lines
from flows.shape import Call
from flows.talk import Talk
from flows.turn import FROM_THE_TECHNICIAN, Turn, binds, log_of, told_late

ONE_A_VISIT = frozenset({"failed_visit", "trip_charge"})
"""One of these a visit, whatever the cases (contract section 2)."""


def say(lines: Lines, turn: Turn, word: str, event: Happening) -> None:
    """A person's word: a row of the step on top, or the call of another flow (ISSUE)."""
    talk = turn.talk
    call = call_of(lines, turn, word, event)
    sayable = word in lines[talk.flow].sayable[talk.step]
    if call is not None and call.given and sayable and len(talk.frames) == 1:
        open_branch(lines, turn, call, event)
    elif sayable and fire(lines, turn, word, event):
        return
    elif call is not None and not call.given and call.flow != talk.flow:
        turn.heard = True
        open_branch(lines, turn, call, event)
    else:
        turn.heard = False


def call_of(lines: Lines, turn: Turn, word: str, event: Happening) -> Call | None:
    """The call that `word` makes from the main line as it stands, if any."""
    line, step = turn.talk.frames[0]
    calls = (c for c in lines[line].flow.calls if c.word == word and step in c.at)
    return next((c for c in calls if holds(c.given, turn.talk, event, turn.facts)), None)


def open_branch(lines: Lines, turn: Turn, call: Call, event: Happening) -> None:
    """Open another flow; inside a branch this changes the case: photos stay, a correction goes."""
    talk = turn.talk
    state = talk.state
    orders = [*_corrected(lines, talk), *call.does]
    _keep_the_way_back(turn, event, orders)
    talk.frames = talk.frames[:1]
    before = talk.marks.get(f"{call.flow}.opened")
    _forget_the_last_time(lines, talk, call.flow)
    talk.marks[f"{call.flow}.opened"] = event.at
    if before is not None:
        talk.marks[f"{call.flow}.before"] = before
    talk.confirmed = 0
    talk.frames.append((call.flow, call.enter or lines[call.flow].flow.first))
    _note(turn, call.does, event)
    turn.effects += [log_of(event, call.word, state), *orders]
    turn.entered = True


def _forget_the_last_time(lines: Lines, talk: Talk, flow: str) -> None:
    """A branch that is opened again begins anew; when its steps were done stays in the report."""
    steps = {f"{flow}.{step}" for step in lines[flow].steps}
    talk.marks = {
        name: at
        for name, at in talk.marks.items()
        if name in steps or not (name.startswith(f"{flow}.") or name == "unseen")
    }


def _corrected(lines: Lines, talk: Talk) -> list[Effect]:
    """What has to be taken back with the case that is changed."""
    if len(talk.frames) == 1:
        return []
    does = (effect for orders in lines[talk.flow].flow.orders() for effect in orders)
    asked = {effect.kind for effect in does if isinstance(effect, Alert)}
    mailed = f"{talk.flow}.mailed" in talk.marks
    correction = [MailOffice("correction")] if mailed else []
    return [*([CloseAlerts(tuple(sorted(asked)))] if asked else []), *correction]


def fire(lines: Lines, turn: Turn, word: str, event: Happening) -> bool:
    """Fire the row of `word` on top, if there is one, and land where the flow ends."""
    talk = turn.talk
    flow, step = talk.frames[-1]
    fired = lines[flow].fire(word, talk, event, turn.facts)
    if fired is None:
        turn.heard = False
        return False
    late = told_late(event)
    does = _filled(fired.does, talk, event)
    orders: list[Effect] = [*([Alert("told_late", 3)] if late else []), *does]
    if fired.to is not None or binds(orders):
        _keep_the_way_back(turn, event, orders)
    turn.effects += [log_of(event, word, talk.state, told_late=late), *orders]
    if fired.to not in (None, step) and word != "missed":
        talk.marks[step if len(talk.frames) == 1 else f"{flow}.{step}"] = event.at
    if isinstance(event, ToldText):
        talk.words[f"{flow}.{step}"] = event.text
    _note(turn, does, event)
    if fired.to is not None:
        talk.frames[-1] = (flow, fired.to)
        turn.entered = True
        _land(lines, turn, event)
    return True


def _filled(does: tuple[Effect, ...], talk: Talk, event: Happening) -> tuple[Effect, ...]:
    """The row's orders for this very event: its photo, and no second fee for the visit."""
    orders: list[Effect] = []
    for effect in does:
        match effect:
            case KeepPhoto(kind) if isinstance(event, SentPhoto):
                orders.append(KeepPhoto(kind, event.photo))
            case Owe(reason) if reason in ONE_A_VISIT and "owed" in talk.marks:
                continue
            case _:
                orders.append(effect)
    return tuple(orders)


def _keep_the_way_back(turn: Turn, event: Happening, orders: list[Effect]) -> None:
    """BACK undoes the technician's own last moves, unless somebody was told of one."""
    if binds(orders) or not isinstance(event, FROM_THE_TECHNICIAN):
        turn.talk.past = []
        return
    replans = any(isinstance(effect, Replan) for effect in orders)
    turn.talk.remember(turn.facts.planned_arrival if replans else None)


def _land(lines: Lines, turn: Turn, event: Happening) -> None:
    """The branch on top has ended: go on in the main line where its outcome lands."""
    talk = turn.talk
    flow, step = talk.frames[-1]
    outcome = lines[flow].steps[step].ends
    if not outcome or len(talk.frames) == 1:
        return
    talk.frames.pop()
    line, under = talk.frames[0]
    call = next(c for c in lines[line].flow.calls if c.flow == flow and under in c.at)
    landing = call.lands[outcome]
    if isinstance(landing, tuple):
        landing = next(at for given, at in landing if holds(given, talk, event, turn.facts))
    before = talk.marks.pop(f"{flow}.before", None)
    if landing is not None:
        talk.frames[0] = (line, landing)
    elif before is not None:
        # Back to where it was: why the job was left stays the time before.
        talk.marks[f"{flow}.opened"] = before
    else:
        talk.marks.pop(f"{flow}.opened", None)
    talk.marks["landed"] = event.at


def _note(turn: Turn, does: tuple[Effect, ...], event: Happening) -> None:
    """Carry out the orders that only concern the talk itself."""
    talk = turn.talk
    for effect in does:
        match effect:
            case Note(mark, first):
                talk.marks[mark] = talk.marks.get(mark, event.at) if first else event.at
            case Forget(marks):
                talk.marks = {name: at for name, at in talk.marks.items() if name not in marks}
            case MailOffice():
                talk.marks[f"{talk.flow}.mailed"] = event.at
            case Owe(reason) if reason in ONE_A_VISIT:
                talk.marks["owed"] = event.at
            case Replan(mark):
                _replan(turn, talk.marks.get(mark) if mark else getattr(event, "when", None))
            case Reschedule() if isinstance(event, ToldTime):
                turn.facts = turn.facts.at_another_time(event.when)
            case _:
                pass
    if isinstance(event, ToldTime):
        talk.marks[f"{talk.flow}.told"] = event.when


def _replan(turn: Turn, when: Instant | None) -> None:
    if when is not None:
        turn.facts = replace(turn.facts, planned_arrival=when)
