"""Which reminders of a job stand, and what their ringing makes of it (contract section 6).

Computed from where the job stands, never ordered by rows: a reminder stands while the job is at one
of its steps and has not rung for its moment, so that one whose moment changes may ring again.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from flows.effects import Ask, Effect
from flows.events import Happening, TimerFired
from flows.facts import MINUTE, Facts, Instant
from flows.machine import Lines
from flows.moving import fire
from flows.shape import Remind
from flows.talk import Talk
from flows.turn import Standing, Turn, log_of

USUAL_MINUTES = 120
"""Expected length of an assembly where the manifest is silent."""
_AT_ONCE = 8
"""More reminders than this never ring within one turn, whatever the tables say."""


class _Due(NamedTuple):
    """A reminder whose moment is known and for which it has not rung."""

    at: Instant
    name: str
    remind: Remind


def standing(lines: Lines, talk: Talk, facts: Facts) -> dict[str, Standing]:
    """The reminders that stand now, by full name (`flow.name`)."""
    return _stand(talk, _known(lines, talk, facts))


def _stand(talk: Talk, known: list[_Due]) -> dict[str, Standing]:
    marks, fired = talk.marks, talk.fired
    return {
        name: Standing(at, remind.late)
        for at, name, remind in known
        if remind.unless not in marks and fired.get(name) != at
    }


def reminders(lines: Lines, talk: Talk) -> Iterator[tuple[str, Remind]]:
    """The rows of reminders that belong to where the job stands, lower frames first."""
    if len(talk.frames) == 1:
        flow, step = talk.frames[0]
        yield from lines[flow].reminds_at[step]
        return
    above = {flow for flow, _ in talk.frames[1:]}
    for depth, (flow, step) in enumerate(talk.frames):
        on_top = depth == len(talk.frames) - 1
        for name, remind in lines[flow].reminds_at[step]:
            if on_top or above.issubset(remind.under):
                yield name, remind


def _known(lines: Lines, talk: Talk, facts: Facts) -> list[_Due]:
    known = []
    for name, remind in reminders(lines, talk):
        if remind.given and remind.given not in talk.marks:
            continue
        at = _moment(remind, talk, facts)
        if at is not None and talk.fired.get(name) != at:
            known.append(_Due(at, name, remind))
    return known


def _moment(remind: Remind, talk: Talk, facts: Facts) -> Instant | None:
    latest: Instant | None = None
    for name in remind.when.names:
        value = talk.marks.get(name)
        if value is None:
            value = facts.instant(name)
        if value is not None and (latest is None or value > latest):
            latest = value
    if latest is None:
        return None
    expected = (facts.minutes or USUAL_MINUTES) * MINUTE if remind.when.minutes else 0
    return latest + remind.when.plus + expected


def ring(lines: Lines, turn: Turn, event: TimerFired, stands: Mapping[str, Standing]) -> None:
    """A reminder came due: a lower frame is reminded, only the top one may move.

    A timer of a state that is left, or of a moment that has since moved on, means nothing.
    """
    talk, name = turn.talk, event.timer
    mine = stands.get(name)
    if mine is None or event.due < mine.due:
        turn.heard = False
        return
    flow, _, word = name.partition(".")
    remind = lines[flow].reminds[name]
    talk.fired[name] = mine.due
    until = turn.facts.instant(remind.until) if remind.until else None
    gone = until is not None and event.told_at > until
    moves = flow == talk.flow and word in lines[flow].words(talk.step)
    if gone or (not moves and _repeated(lines, name, stands, event.told_at)):
        return
    if flow == talk.flow:
        turn.effects += remind.does
        if fire(lines, turn, word, event):
            return
        turn.heard = True
    else:
        turn.effects += [Ask() if isinstance(effect, Ask) else effect for effect in remind.does]
    turn.effects.append(log_of(event, word, talk.state))


def _repeated(lines: Lines, name: str, stands: Mapping[str, Standing], now: Instant) -> bool:
    """Whether another reminder that is due as well, later than this one, says all that it says.

    For one that only speaks: what moves the job has to happen, whoever speaks after it.
    """
    reminds = lines[name.partition(".")[0]].reminds
    return any(
        stands[name].due < stands[other].due <= now and _within(reminds[name].does, remind.does)
        for other, remind in reminds.items()
        if other in stands and remind.does
    )


def _within(does: Sequence[Effect], more: Sequence[Effect]) -> bool:
    return all(effect in more for effect in does)


def settle(lines: Lines, turn: Turn, event: Happening) -> None:
    """After a move: what was over before it could stand is skipped, or rings at once.

    A clock that ran out unseen (told late) brings a fee that is to be checked. What stands then is
    kept in the turn.
    """
    # A state that a late timer brings about began at its moment: what came after it still rings.
    began = event.due if isinstance(event, TimerFired) else event.told_at
    known = skip_what_is_over(lines, turn, began)
    for _ in range(_AT_ONCE):
        over = [
            (at, name)
            for at, name, remind in known
            if remind.past == "fire" and at <= event.told_at
        ]
        if not over:
            break
        due, name = min(over)
        flow, _, word = name.partition(".")
        if not isinstance(event, TimerFired) and word in lines[flow].words(turn.talk.step):
            turn.talk.marks["unseen"] = event.told_at
        # Not before what the technician had to do first: nobody leaves before the call (A42).
        at = max(due, event.at)
        rings = TimerFired(at, event.told_at, "clock", event.channel, name, due)
        ring(lines, turn, rings, _stand(turn.talk, known))
        known = skip_what_is_over(lines, turn, began)
    _forget_the_rest(lines, turn.talk)
    turn.stands = _stand(turn.talk, known)


def skip_what_is_over(lines: Lines, turn: Turn, now: Instant) -> list[_Due]:
    """A reminder whose moment had passed before it could stand does not ring; returns the rest."""
    left = []
    for due in _known(lines, turn.talk, turn.facts):
        if due.at <= now and due.remind.past == "skip":
            was = turn.stood.get(due.name)
            if was is None or was.due != due.at:
                turn.talk.fired[due.name] = due.at
                continue
        left.append(due)
    return left


def _forget_the_rest(lines: Lines, talk: Talk) -> None:
    """Forget what rang at steps that the job has left, beneath a branch too."""
    if talk.fired:
        here = {name for flow, step in talk.frames for name, _ in lines[flow].reminds_at[step]}
        talk.fired = {name: due for name, due in talk.fired.items() if name in here}
