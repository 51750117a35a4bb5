"""Every place that a job of a program can come to, and everything that can happen to it there.

Breadth first over the engine itself, one representative a place. A place is where the job stands
(frames), the marks that some row, landing or variant asks for there, and the reminders that stand
and have a row to fire. Left out is what decides nothing, and it is tried at every place all the
same: reminders that only speak (each rings wherever it could), a photo that lies ready, what BACK
returns to (where the job was before is a place that was walked). Times that are still to be told
belong to the place in the main line alone: no row of a branch knows of them.

What has happened on the way is kept in marks of our own ("#signed"): BACK takes them back with the
rest, and they are part of the place, so that each place has one past as far as a rule asks for it.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from flows.effects import Alert, Forget
from flows.engine import Engine, Turn
from flows.events import (
    ENDINGS,
    ConfirmedUpTo,
    Decided,
    Ended,
    Happening,
    Said,
    SentPhoto,
    TimerFired,
    ToldText,
    ToldTime,
    WentBack,
)
from flows.facts import HOUR, MINUTE, Facts, Instant
from flows.machine import Fired, Line
from flows.shape import Call, Flow, Program
from flows.talk import Talk
from tests.flows.job import at

LATE = 3 * HOUR
"""A technician who tells it so much later: every clock of a branch has run out by then."""
Place = tuple[object, ...]
FiredRow = tuple[str, str, str, str | None]
"""(flow, step, word, where it leads): what the tables made of an event."""


@dataclass(slots=True)
class Edge:
    """One thing that happened at a place, what came of it, and the rows that fired."""

    before: Talk
    event: Happening
    turn: Turn
    rows: tuple[FiredRow, ...]

    @property
    def after(self) -> Talk:
        """Where the job stands now; judges keep here what they want to know later."""
        return self.turn.talk

    @property
    def opened(self) -> bool:
        """Whether a branch was opened."""
        return len(self.after.frames) > 1 and self.after.flow != self.before.flow


@dataclass(slots=True)
class Walked:
    """What a walk saw: each place with its number, edges as numbers, and what was wrong."""

    numbers: dict[Place, int] = field(default_factory=dict)
    talks: list[Talk] = field(default_factory=list)
    ways: list[tuple[int, int, type[Happening]]] = field(default_factory=list)
    happened: int = 0
    """Everything that was tried, also where it meant nothing."""
    faults: dict[str, str] = field(default_factory=dict)
    """What is broken, each with the shortest way to it."""
    ends: set[int] = field(default_factory=set)


Judge = Callable[[Edge], Iterator[str]]
"""Says what is wrong with an edge; keeps what it needs to know in `after.marks`, under "#"."""


class Walk:
    """The walk of one program for technicians with one kind of device."""

    def __init__(self, engine: Engine, program: Program, app: str, judges: tuple[Judge, ...]):
        self.engine, self.program, self.judges = engine, program, judges
        self.facts = Facts(
            at("8:00"), at("11:00"), at("9:00"), at("7:00"), at("13:00"), minutes=60, app=app
        )
        self.flows = [line.flow for line in engine.lines.values()]
        self.words = sorted({word for line in engine.lines.values() for word in _said(line)})
        alerts = (e for flow in self.flows for does in flow.orders() for e in does)
        self.decisions = sorted({word for e in alerts for _, word in getattr(e, "choices", ())})
        self.asked = _asked(engine, program)
        self.moving = frozenset(
            f"{flow.name}.{remind.name}"
            for flow in self.flows
            for remind in flow.reminds
            if any(move.word == remind.name for move in flow.moves)
        )
        self.walked = Walked()
        self._last = max(step.number or 0 for step in program.line.steps)
        self._tried: set[tuple[tuple[str, str], ...]] = set()
        self._parents: dict[int, tuple[int, str]] = {}
        self._rows: list[FiredRow] = []

    def run(self) -> Walked:
        """Walk until nothing new is found."""
        for line in self.engine.lines.values():
            self._listen(line)
        begun = self.engine.begin(self.program.name, self.facts, at("6:00"))
        waiting = deque([(self._number(begun.talk), begun.talk, at("6:00"))])
        while waiting:
            number, talk, now = waiting.popleft()
            for event, before in self._happenings(talk, now):
                edge = self._happens(before, event)
                for judge in self.judges:
                    for fault in judge(edge):
                        self.walked.faults.setdefault(fault, self._way(number, event))
                if not edge.turn.heard:
                    continue
                known = len(self.walked.numbers)
                to = self._number(edge.after)
                self.walked.ways.append((number, to, type(event)))
                if to == known:
                    self._parents[to] = (number, _named(event))
                    waiting.append((to, edge.after, event.told_at))
        return self.walked

    def _happens(self, before: Talk, event: Happening) -> Edge:
        self.walked.happened += 1
        self._rows.clear()
        turn = self.engine.advance(before, event, self.facts)
        return Edge(before, event, turn, tuple(self._rows))

    def _listen(self, line: Line) -> None:
        fire = type(line).fire

        def heard(word: str, talk: Talk, event: Happening, facts: Facts) -> Fired | None:
            fired = fire(line, word, talk, event, facts)
            if fired is not None:
                self._rows.append((line.flow.name, talk.step, word, fired.to))
            return fired

        vars(line)["fire"] = heard

    def _number(self, talk: Talk) -> int:
        place = self._place(talk)
        number = self.walked.numbers.get(place)
        if number is None:
            number = self.walked.numbers[place] = len(self.walked.numbers)
            self.walked.talks.append(talk)
            if self.engine.is_over(talk):
                self.walked.ends.add(number)
        return number

    def _place(self, talk: Talk) -> Place:
        if self.engine.is_over(talk) and "returned" not in self._words_at(talk):
            return (talk.state,)
        here, asked = {flow for flow, _ in talk.frames}, self.asked[talk.frames[0][1]]
        marks = (m for m in talk.marks if m[0] == "#" or (m in asked and _concerns(m, here)))
        stands = (name for name in self.engine.standing(talk, self.facts) if name in self.moving)
        untold = (*talk.times, talk.confirmed) if len(talk.frames) == 1 else ()
        return (*talk.frames, *sorted(marks), *sorted(stands), *untold)

    def _words_at(self, talk: Talk) -> set[str]:
        return self.engine.lines[talk.flow].words(talk.step)

    def _happenings(self, talk: Talk, now: Instant) -> Iterator[tuple[Happening, Talk]]:
        """Everything that can happen here; people tell late as well, timers come in any order."""
        now += MINUTE
        yield from self._words(talk, now)
        yield from self._told(talk, now)
        for word in self.decisions:
            yield Decided(now, now, "Dana", "sms", word), talk
        for state in sorted(ENDINGS):
            yield Ended(now, now, "Dana", "sms", state), talk
        fresh = talk.copy()
        fresh.fired = {name: due for name, due in talk.fired.items() if name in self.moving}
        for name, timer in self.engine.standing(fresh, self.facts).items():
            moment = max(now, timer.due)
            yield TimerFired(timer.due, moment, "clock", "", name, timer.due), fresh

    def _words(self, talk: Talk, now: Instant) -> Iterator[tuple[Happening, Talk]]:
        us, told_late = (now, now, "Tina", "sms"), (now, now + LATE, "Tina", "sms")
        engine = self.engine
        sayable = {*engine.choices(talk).values(), *engine.callable_here(talk), "there", "returned"}
        sayable |= engine.lines[talk.flow].sayable[talk.step]
        for word in sorted(sayable):
            yield Said(*us, word), talk
            if len(talk.frames) > 1:
                yield Said(*told_late, word), talk
        for when in (self.facts.window_start - HOUR, self.facts.window_end + HOUR):
            yield Said(when, max(now, when), "Tina", "sms", "there"), talk
        if (stands := tuple(talk.frames)) not in self._tried:
            # A word that means nothing here means nothing whatever the marks say.
            self._tried.add(stands)
            for word in self.words:
                yield Said(*us, word), talk
        ready = talk.copy()
        ready.spare = [1]
        yield Said(*us, "use_photo"), ready

    def _told(self, talk: Talk, now: Instant) -> Iterator[tuple[Happening, Talk]]:
        us = (now, now, "Tina", "sms")
        for when in (self.facts.window_start + HOUR, self.facts.window_end + HOUR):
            yield ToldTime(*us, when), talk
        yield ToldText(*us, "they refuse to sign"), talk
        yield SentPhoto(*us, 1), talk
        yield SentPhoto(now, now + LATE, "Tina", "sms", 1), talk
        yield WentBack(*us), talk
        for number in range(self.engine.step(talk).number or self._last, self._last + 2):
            yield ConfirmedUpTo(*us, number), talk

    def _way(self, number: int, event: Happening) -> str:
        said = [_named(event)]
        while number in self._parents:
            number, word = self._parents[number]
            said.append(word)
        return " > ".join(reversed(said))


def told_by_the_clock(engine: Engine, talk: Talk, facts: Facts) -> bool:
    """Whether the managers hear of this job, or it ends, if from now on only the clock goes on."""
    now = max(talk.marks.values(), default=facts.day_start)
    talk = talk.copy()
    talk.fired = {}
    while not engine.is_over(talk):
        stands = engine.standing(talk, facts)
        if not stands:
            return False
        due, name = min((timer.due, name) for name, timer in stands.items())
        now = max(now, due)
        turn = engine.advance(talk, TimerFired(due, now, "clock", "", name, due), facts)
        if any(isinstance(effect, Alert) for effect in turn.effects):
            return True
        if turn.talk == talk:
            return False
        talk = turn.talk
    return True


def _named(event: Happening) -> str:
    word = getattr(event, "word", None) or getattr(event, "timer", None)
    name = word or getattr(event, "state", None) or type(event).__name__
    number = getattr(event, "number", None)
    return f"{name}{'' if number is None else f' {number}'}"


def _said(line: Line) -> Iterator[str]:
    yield from (word for words in line.sayable.values() for word in words)
    yield from (call.word for call in line.flow.calls)
    yield from ("unknown", "use_photo", "returned", "resume")


def _asked(engine: Engine, program: Program) -> dict[str, frozenset[str]]:
    """The marks that may still decide something, by the main step at or beneath which a job is.

    A mark counts where a variant, row, call or landing of the step asks for it, or of a step that
    comes after, unless the row that leads there forgets it.
    """
    line = program.line
    uses = {step.name: {"owed", *(mark for mark, _ in step.variants)} for step in line.steps}
    ways: list[tuple[str, str, frozenset[str]]] = []
    for move in line.moves:
        uses[move.at] |= set(move.given.split())
        if move.to:
            forgot = (effect.marks for effect in move.does if isinstance(effect, Forget))
            ways.append((move.at, move.to, frozenset(mark for marks in forgot for mark in marks)))
    for call in line.calls:
        asked, to = _called(call, engine.lines[call.flow].flow)
        for begun in call.at:
            uses[begun] |= asked
            ways += [(begun, landing, frozenset()) for landing in to]
    for _ in line.steps:
        for start, end, forgotten in ways:
            uses[start] |= uses[end] - forgotten
    return {step: frozenset(marks) for step, marks in uses.items()}


def _called(call: Call, side: Flow) -> tuple[set[str], set[str]]:
    """What a branch and its landings ask for, and where it may land."""
    asked = {f"{side.name}.mailed", *call.given.split()}
    asked |= {mark for step in side.steps for mark, _ in step.variants}
    asked |= {name for move in side.moves for name in move.given.split()}
    to: set[str] = set()
    for landing in call.lands.values():
        if isinstance(landing, tuple):
            asked |= {name for given, _ in landing for name in given.split()}
            to |= {step for _, step in landing}
        elif landing is not None:
            to.add(landing)
    return asked, to


def _concerns(mark: str, flows: set[str]) -> bool:
    """Whether a mark may decide anything in these flows: it is the line's, or one of theirs."""
    flow, _, _ = mark.rpartition(".")
    return not flow or flow in flows


def unreached(walked: Walked, *, without: tuple[type[Happening], ...] = ()) -> list[str]:
    """The places from which no end can be reached, though nothing of `without` happens."""
    back: dict[int, list[int]] = {}
    for start, to, kind in walked.ways:
        if kind not in without:
            back.setdefault(to, []).append(start)
    reached, waiting = set(walked.ends), list(walked.ends)
    while waiting:
        for start in back.get(waiting.pop(), ()):
            if start not in reached:
                reached.add(start)
                waiting.append(start)
    return sorted({walked.talks[n].state for n in set(walked.numbers.values()) - reached})
