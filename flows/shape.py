"""A workflow as data: steps, moves, calls, reminders; what programs/ and side/ are made of."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from flows.effects import Alert, Effect, Note, Say
from flows.facts import Facts, Instant

if TYPE_CHECKING:
    from flows.events import Happening
    from flows.talk import Talk


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, and what may be answered.

    `number` is its place in the printed line (1 to 11), None in a branch. `choices` maps a digit to
    its word; in the main line 1 is forward. `offers` are choices shown only while a photo that
    nobody asked for lies ready. `asks` is "photo", "time" or "text" where the step waits for one,
    `photo` the kind that a photo is kept as; `timed` marks a step whose time Mars or a clock
    needs, so that `DONE 7` asks for it; with `any_day` the time may lie on another day. `variants`
    are other prompts for the step, each under a mark; `instead` are the choices in place of its
    own, under a mark too. `rules` are the ids of the rulebook that the step carries. `phase` says
    what the day's sheets and calls need to know of a step: "ahead" (nothing is asked before the
    day), "setting_out" (when to be there may still be planned), "on_the_way" (nothing else is
    asked), "late" (says when instead), "at_work" (silence is no alarm), "anytime" (before the door
    or at work: nobody can tell).
    """

    name: str
    number: int | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    offers: Mapping[str, str] = field(default_factory=dict)
    asks: str = ""
    photo: str = ""
    timed: bool = False
    any_day: bool = False
    ends: str = ""
    phase: str = ""
    variants: tuple[tuple[str, str], ...] = ()
    instead: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rules: tuple[str, ...] = ()


PREPARING = ("install", "paper", "videos", "card", "pad", "practice", "approval")
"""What a technician does once for a program, in this order (flows/onboarding.py)."""


def left_out(app: str) -> tuple[str, ...]:
    """The steps of `PREPARING` that are not for who has this app: the app's own without one, the
    paper in its place with one (A30)."""
    return ("install", "approval") if app == "none" else ("paper",)


Condition = Callable[["Talk", "Happening", Facts], bool]


@dataclass(frozen=True, slots=True)
class Move:
    """A row: at this step this word leads there and orders that.

    `to` None stays where it is; `to` the same step enters it anew. `given` names a condition
    (`flows.conditions`) or a mark, or several, all of which must hold; rows with one are tried in
    their order, before the row of the same word and step without.
    """

    word: str
    at: str
    to: str | None
    does: tuple[Effect, ...] = ()
    given: str = ""


Landing = str | None | tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A word that opens another flow on top of this one.

    `lands` says for each of its outcomes at which step this flow goes on; None is where it was. A
    tuple of (mark, step) pairs takes the first whose mark is set ("" always).
    """

    word: str
    flow: str
    at: tuple[str, ...]
    lands: Mapping[str, Landing]
    does: tuple[Effect, ...] = ()
    given: str = ""
    enter: str = ""
    """The step at which the called flow begins; empty: its first."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment: a span after a fact or mark of the job, the latest of those that are known."""

    names: tuple[str, ...]
    plus: Instant = 0
    minutes: bool = False
    """Add the expected minutes of the assembly (120 where the manifest is silent)."""


@dataclass(frozen=True, slots=True)
class Remind:
    """A reminder that stands while the job is at one of these steps.

    `late` says what to do when it is found after downtime: send, say (that it is late) or drop;
    after the fact `until` it is dropped in any case. `past` says what to do with a moment that is
    already over when the step is entered: skip or fire. `under` names the flows on top of which it
    goes on. It rings once for each moment: if the moment changes, it may ring again.
    """

    name: str
    at: tuple[str, ...]
    when: Mark
    does: tuple[Effect, ...] = ()
    late: str = "say"
    past: str = "skip"
    under: tuple[str, ...] = ()
    unless: str = ""
    """A mark that silences it."""
    given: str = ""
    """A mark without which it does not stand."""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """A workflow: its steps in order, the rows between them, its calls, its reminders."""

    name: str
    steps: tuple[Step, ...]
    moves: tuple[Move, ...]
    calls: tuple[Call, ...] = ()
    reminds: tuple[Remind, ...] = ()
    outside: tuple[str, ...] = ()
    """Words of rows that come from elsewhere: a manager, the practice job."""

    @property
    def first(self) -> str:
        """The step where it begins."""
        return self.steps[0].name

    def step(self, name: str) -> Step:
        """The step of that name; KeyError where there is none."""
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(f"{self.name}.{name}")

    @property
    def length(self) -> int:
        """How many numbered steps its printed line has; 0 in a branch."""
        return max((step.number or 0 for step in self.steps), default=0)

    def orders(self) -> Iterator[tuple[Effect, ...]]:
        """What each row, call and reminder orders."""
        yield from (move.does for move in self.moves)
        yield from (call.does for call in self.calls)
        yield from (remind.does for remind in self.reminds)


NO_FLOWS: Mapping[str, Flow] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Program:
    """One client company's work as data: its line, menu, contacts, windows and fees."""

    name: str
    line: Flow
    menu: tuple[tuple[str, str], ...]
    """The escalation menu: (digit, word that calls the flow)."""
    contacts: Mapping[str, str]
    """Built-in phones, addresses and links; the operator may override each one."""
    windows: tuple[tuple[time, time], ...]
    fees: Mapping[str, Decimal | None]
    """Units by reason; None where the office sets them for each case (A60)."""
    zone: str
    region: str
    """Where its phone numbers are from, as phonenumbers names it (US, GB)."""
    mark: str = ""
    """What precedes the customer's name in the manifest of this program (A01)."""
    before: tuple[str, ...] = ()
    """The first steps of its line that are done before the visit: accepting it, say. Who imports
    an order has done the first of them, and another day or technician undoes none."""
    prepares: tuple[str, ...] = ()
    """Which steps of `PREPARING` its technicians are led through once; empty: none."""
    manifest_daily: bool = True
    """Whether its orders come in a manifest every day, so that one which did not come alarms."""
    currency: str = "$"
    suspends: bool = False
    """Whether one job that is not reported costs all new ones (A24)."""
    price_figures: tuple[str, ...] = ()
    """The figures of a price that its apps show, the lowest first (M14): `? 65 52 32.50` is told
    what lies between them, by `<name>_part`."""
    one_zone: bool = False
    """Whether its whole country lies in `zone`; else a row without one is in the operator's."""
    form_times: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The clock times on its paper form, each with the marks that fill it, the first known one."""
    form_reasons: tuple[str, ...] = ()
    """The boxes on its paper form that say why it is used."""
    plans: bool = True
    """Whether the day sheet asks when the technician will be there."""

    @property
    def takes_requests(self) -> bool:
        """Whether its orders come one by one, noted by technicians or at the desk (NEW)."""
        return bool(self.before)

    @property
    def day_first(self) -> bool:
        """Whether people there write 3/12 for the third of December."""
        return self.region != "US"


def in_order(
    line: Iterable[tuple[str, str, tuple[Effect, ...]]], end: str, missable: Iterable[str]
) -> tuple[Move, ...]:
    """The strict line (A09): each (step, word, effects) leads to the next step, the last to `end`.

    A step in `missable` also has the word `missed`, which leads the same way with the same effects,
    keeps the mark `missed_<step>` and tells the manager.
    """
    rows = tuple(line)
    skippable = frozenset(missable)
    nexts = [*(row[0] for row in rows[1:]), end]
    moves: list[Move] = []
    for (step, word, does), after in zip(rows, nexts, strict=True):
        moves.append(Move(word, step, after, does))
        if step in skippable:
            told = (Note(f"missed_{step}"), Alert("step_missed"), Say(f"missed.{step}", must=True))
            moves.append(Move("missed", step, after, (*does, *told)))
    return tuple(moves)
