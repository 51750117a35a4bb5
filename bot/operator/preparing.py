"""Getting ready as a manager or the operator sees and steers it: how far each is, what counts as
done."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.context import Context
from bot.operator.who import Refused, directory
from bot.sheets.people_file import PersonRow
from bot.turns import onboarding
from bot.turns.onboarding import READY, applies, open_for, talk_of
from bot.turns.technician import Technician
from flows.events import Passed
from flows.facts import Instant
from storage import onboardings, people, timeline, timers
from storage.db import Row, Tx

START = "start"
"""What is said to let somebody begin, or begin anew."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far somebody is for one program: each step that applies, with when it was over."""

    program: str
    state: str
    """The step at which it stands; "ready", or "" for whoever was never asked."""
    steps: tuple[tuple[str, Instant | None], ...]
    trained: bool = False
    """Whether it was said rather than shown."""

    @property
    def words(self) -> str:
        """In a few words: "ready", "not asked", "3 of 6"."""
        if self.state in ("", READY):
            return "not asked" if not self.state else "trained" if self.trained else "ready"
        done = sum(1 for _, at in self.steps if at is not None)
        return f"{done} of {len(self.steps)}"


def progress(context: Context, person: Row, rows: list[Row]) -> list[Progress]:
    """The person's, their own program's first; `rows` are theirs of `onboardings`."""
    if not people.has_role(person, "technician"):
        return []
    by_program = {row["program"]: row for row in rows}
    programs = dict.fromkeys([person["program"], *by_program])
    return [
        _of(context, person, program, by_program.get(program))
        for program in programs
        if _prepares(context, program)
    ]


def _prepares(context: Context, program: str) -> bool:
    return program in context.programs and bool(context.programs[program].prepares)


def _of(context: Context, person: Row, program: str, row: Row | None) -> Progress:
    steps = applies(context, person, program)
    if row is None:
        return Progress(program, "", tuple((step, None) for step in steps))
    marks = talk_of(row).marks
    done = tuple((step, marks.get(step)) for step in steps)
    return Progress(program, row["state"], done, "trained" in marks)


def mark(  # noqa: PLR0913
    tx: Tx, context: Context, person: Row, program: str, step: str, *, now: Instant, by: str,
    channel: str,
) -> None:  # fmt: skip
    """A step counts as done, all of them with "ready", or it begins anew with "start".

    The technician is told nothing of what counts as done; who begins is asked to, if no job is on.
    Refused where there is nothing of the kind.
    """
    _check(context, person, program, step)
    if step == START:
        _start(tx, context, person, program, now, by, channel)
    else:
        _pass(tx, context, person, program, step, now, by, channel)


def _check(context: Context, person: Row, program: str, step: str) -> None:
    name = person["name"]
    if not people.has_role(person, "technician"):
        raise Refused(f"{name} is no technician: only technicians get ready.")
    if not _prepares(context, program):
        known = [each for each in context.programs if _prepares(context, each)]
        raise Refused(f'Nobody gets ready for "{program}": name {" or ".join(known)}.')
    steps = applies(context, person, program)
    if step not in (*steps, READY, START):
        raise Refused(f'"{step}" is no step of it for {name}: {", ".join(steps)}.')


def _pass(  # noqa: PLR0913, PLR0917
    tx: Tx, context: Context, person: Row, program: str, step: str, now: Instant, by: str,
    channel: str,
) -> None:  # fmt: skip
    row = open_for(tx, context, person, program, now)
    turn = Technician(tx, context, person, now)
    if not onboarding.advance(turn, row, Passed(now, now, by, channel, step)):
        raise Refused(f"{person['name']} has that behind them already.")


def _start(  # noqa: PLR0913, PLR0917
    tx: Tx, context: Context, person: Row, program: str, now: Instant, by: str, channel: str
) -> None:
    for timer in timers.of_person(tx, person["id"]):
        if onboarding.is_timer(timer["name"]) and timer["name"].endswith(f" {program}"):
            timers.drop_for_person(tx, person["id"], timer["name"])
    onboardings.drop(tx, person["id"], program)
    row = open_for(tx, context, person, program, now)
    timeline.add(
        tx, job=None, person=person["id"], at=now, told_at=now, event=onboarding.SETUP, step="",
        by=by, channel=channel, detail={"program": program, "said": START},
    )  # fmt: skip
    turn = Technician(tx, context, person, now)
    if person["channel"] and onboarding.can_wait(turn) is None:
        onboarding.put(turn, row)
        turn.finish()


def take_in(  # noqa: PLR0913
    tx: Tx, context: Context, rows: Iterable[PersonRow], new: Collection[int], *, trained: bool,
    now: Instant, by: str,
) -> None:  # fmt: skip
    """A people file's technicians: `trained` ones are ready for all their programs; of those who
    are `new` (row numbers), who works for several is to get ready for each.

    For one program nothing is to be done: whoever joins is asked by itself.
    """
    rows = [row for row in rows if trained or (row.row in new and len(row.programs) > 1)]
    if not rows:
        return
    book = directory(tx, [each.region for each in context.programs.values()])
    for row in rows:
        found = book.find(row.phone or row.name)
        if len(found) != 1 or not people.has_role(found[0], "technician"):
            continue
        for program in row.programs or (found[0]["program"],):
            if not _prepares(context, program):
                continue
            if trained:
                _make_ready(tx, context, found[0], program, now, by)
            else:
                open_for(tx, context, found[0], program, now)


def _make_ready(
    tx: Tx, context: Context, person: Row, program: str, now: Instant, by: str
) -> None:  # fmt: skip
    row = onboardings.get(tx, person["id"], program)
    if row is None or row["state"] != READY:
        mark(tx, context, person, program, READY, now=now, by=by, channel="command")
