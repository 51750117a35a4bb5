"""The only file that fires `transitions`: one shared flat Machine per flow, and one way to fire it.

Built once at start-up, never given a model: a kept model costs 20 kB and makes every later one
slower, and a model added without its state is silently reset. Instead each move takes a throw-away
seat made from the stored step. Effects ride on the rows: a Transition with one extra keyword.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from transitions import Machine, Transition

from flows.conditions import holds
from flows.effects import Ask, Effect
from flows.events import Happening
from flows.facts import Facts
from flows.shape import Flow, Move
from flows.talk import Talk


class Fired(NamedTuple):
    """What a row did: the step that it leads to (None: it stays) and its effects."""

    to: str | None
    does: tuple[Effect, ...]


class _Row(Transition):
    """A row: its conditions decide, its effects are handed to the seat.

    No step has callbacks of its own and the seat is thrown away, so that nothing is entered or left
    (which would cost more than twice the rest: 11 µs against 4).
    """

    def __init__(self, *args: Any, does: tuple[Effect, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fired = Fired(self.dest, does)

    def execute(self, event_data: Any) -> bool:
        """Fire, if the conditions hold."""
        if self.conditions and not self._eval_conditions(event_data):
            return False
        event_data.model.fired = self.fired
        return True


class _Machine(Machine):
    transition_cls = _Row


class _Seat:
    __slots__ = ("event", "facts", "fired", "state", "talk")

    def __init__(self, talk: Talk, event: Happening, facts: Facts) -> None:
        self.state, self.talk, self.event, self.facts = talk.step, talk, event, facts
        self.fired = Fired(None, ())


class Line:
    """One flow, ready to fire."""

    def __init__(self, flow: Flow) -> None:
        self.flow, self.length = flow, flow.length
        self.steps = {step.name: step for step in flow.steps}
        self.reminds = {f"{flow.name}.{remind.name}": remind for remind in flow.reminds}
        self.reminds_at = {
            step: [(name, remind) for name, remind in self.reminds.items() if step in remind.at]
            for step in self.steps
        }
        self.sayable = {name: frozenset(_sayable(flow, name)) for name in self.steps}
        """What a person may say at each step; every other row is the clock's or a manager's."""
        self._machine = _Machine(
            model=None,
            states=list(self.steps),
            initial=flow.first,
            auto_transitions=False,
            send_event=True,
            name=flow.name,
        )
        self._words: dict[str, set[str]] = {name: set() for name in self.steps}
        for move in _by_given(flow.moves):
            self._machine.add_transition(
                move.word, move.at, move.to, conditions=_guard(move.given), does=move.does
            )
            self._words[move.at].add(move.word)

    def words(self, step: str) -> set[str]:
        """The words that have a row at this step."""
        return self._words[step]

    def fire(self, word: str, talk: Talk, event: Happening, facts: Facts) -> Fired | None:
        """What the row of `word` does at the top of `talk`; None where there is no such row."""
        if word not in self._words[talk.step]:
            return None
        seat = _Seat(talk, event, facts)
        return seat.fired if self._machine.events[word].trigger(seat) else None


def _by_given(moves: Iterable[Move]) -> list[Move]:
    return sorted(moves, key=lambda row: not row.given)


def _guard(given: str) -> list[Any]:
    if not given:
        return []
    return [lambda data: holds(given, data.model.talk, data.model.event, data.model.facts)]


def _sayable(flow: Flow, name: str) -> set[str]:
    step = flow.step(name)
    words = {*step.choices.values(), *step.offers.values()}
    words |= {word for choices in step.instead.values() for word in choices.values()}
    for remind in flow.reminds:
        if name in remind.at:
            asks = (effect for effect in remind.does if isinstance(effect, Ask))
            words |= {word for ask in asks for _, word in ask.choices}
    return words


Lines = Mapping[str, Line]
