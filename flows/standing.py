"""Which reminders of a job stand, and what their ringing makes of it (contract section 6).

Computed from where the job stands, never ordered by rows: a reminder stands while the job is at one
of its steps and has not rung for its moment, so that one whose moment changes may ring again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flows.effects import Ask
from flows.events import Happening, TimerFired
from flows.facts import MINUTE, Facts, Instant
from flows.machine import Lines
from flows.moving import fire
from flows.shape import Remind
from flows.talk import Talk
from flows.turn import Turn, log_of

USUAL_MINUTES = 120
"""Expected length of an assembly where the manifest is silent."""
_AT_ONCE = 8
"""More reminders than this never ring within one turn, whatever the tables say."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A reminder that stands: when it is due and what to do if it is found late."""

    due: Instant
    late: str


def standing(lines: Lines, talk: Talk, facts: Facts) -> dict[str, Standing]:
    """The reminders that stand now, by full name (`flow.name`)."""
    found: dict[str, Standing] = {}
    for name, remind in reminders(lines, talk):
        if remind.unless in talk.marks:
            continue
        due = _moment(remind, talk, facts)
        if due is not None and talk.fired.get(name) != due:
            found[name] = Standing(due, remind.late)
    return found


def reminders(lines: Lines, talk: Talk) -> Iterator[tuple[str, Remind]]:
    """The rows of reminders that belong to where the job stands, lower frames first."""
    above = {flow for flow, _ in talk.frames[1:]}
    for depth, (flow, step) in enumerate(talk.frames):
        on_top = depth == len(talk.frames) - 1
        for name, remind in lines[flow].reminds_at[step]:
            if on_top or above.issubset(remind.under):
                yield name, remind


def _moment(remind: Remind, talk: Talk, facts: Facts) -> Instant | None:
    values = (talk.marks.get(name, facts.instant(name)) for name in remind.when.names)
    known = [value for value in values if value is not None]
    if not known:
        return None
    expected = (facts.minutes or USUAL_MINUTES) * MINUTE if remind.when.minutes else 0
    return max(known) + remind.when.plus + expected


def ring(lines: Lines, turn: Turn, event: TimerFired) -> None:
    """A reminder came due: a lower frame is reminded, only the top one may move.

    A timer of a state that is left, or of a moment that has since moved on, means nothing.
    """
    talk, name = turn.talk, event.timer
    stands = standing(lines, talk, turn.facts)
    mine = stands.get(name)
    if mine is None or event.due < mine.due:
        turn.heard = False
        return
    flow, _, word = name.partition(".")
    remind = lines[flow].reminds[name]
    talk.fired[name] = mine.due
    until = turn.facts.instant(remind.until) if remind.until else None
    gone = until is not None and event.told_at > until
    if gone or _repeated(lines, name, stands, event.told_at):
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
    """Whether another reminder that is due as well, later than this one, says the very same."""
    reminds = lines[name.partition(".")[0]].reminds
    return any(
        stands[name].due < stands[other].due <= now and remind.does == reminds[name].does
        for other, remind in reminds.items()
        if other in stands and remind.does
    )


def settle(lines: Lines, turn: Turn, before: Mapping[str, Standing], event: Happening) -> None:
    """After a move: what was over before it could stand is skipped, or rings at once.

    A clock that ran out unseen (told late) brings a fee that is to be checked.
    """
    # A state that a late timer brings about began at its moment: what came after it still rings.
    began = event.due if isinstance(event, TimerFired) else event.told_at
    skip_what_is_over(lines, turn, before, began)
    for _ in range(_AT_ONCE):
        over = _over(lines, turn, event.told_at, "fire")
        if not over:
            break
        due, name = min(over)
        if not isinstance(event, TimerFired):
            turn.talk.marks["unseen"] = event.told_at
        ring(lines, turn, TimerFired(due, event.told_at, "clock", event.channel, name, due))
        skip_what_is_over(lines, turn, before, began)
    _forget_the_rest(lines, turn.talk)


def skip_what_is_over(
    lines: Lines, turn: Turn, before: Mapping[str, Standing], now: Instant
) -> None:
    """A reminder whose moment had passed before it could stand does not ring."""
    for due, name in _over(lines, turn, now, "skip"):
        was = before.get(name)
        if was is None or was.due != due:
            turn.talk.fired[name] = due


def _over(lines: Lines, turn: Turn, now: Instant, past: str) -> list[tuple[Instant, str]]:
    """The reminders of that kind whose moment is over and that have not rung for it."""
    talk, facts = turn.talk, turn.facts
    return [
        (due, name)
        for name, remind in reminders(lines, talk)
        if remind.past == past
        and (due := _moment(remind, talk, facts)) is not None
        and due <= now
        and talk.fired.get(name) != due
    ]


def _forget_the_rest(lines: Lines, talk: Talk) -> None:
    """Forget what rang at steps that the job has left, beneath a branch too."""
    here = {name for flow, step in talk.frames for name, _ in lines[flow].reminds_at[step]}
    talk.fired = {name: due for name, due in talk.fired.items() if name in here}
