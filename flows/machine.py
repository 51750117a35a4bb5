"""The only file that fires `transitions`: one shared flat Machine per flow, and one way to fire it.

Built once at start-up, never given a model: a kept model costs 20 kB and makes every later one
slower, and a model added without its state is silently reset. Instead each move takes a throw-away
seat made from the stored step. Effects ride on the rows through a Transition with one extra keyword.
"""

from collections.abc import Mapping
from typing import Any

from transitions import Machine, Transition

from flows.conditions import holds
from flows.effects import Effect
from flows.events import Happening
from flows.facts import Facts
from flows.shape import Flow
from flows.talk import Talk

class _Row(Transition):  # type: ignore[misc]  # the library's stubs leave it untyped
    def __init__(self, *args: Any, does: tuple[Effect, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.does = does


class _Machine(Machine):  # type: ignore[misc]
    transition_cls = _Row


class _Seat:
    __slots__ = ("does", "event", "facts", "stays", "state", "talk")

    def __init__(self, state: str, talk: Talk, event: Happening, facts: Facts) -> None:
        self.state, self.talk, self.event, self.facts = state, talk, event, facts
        self.does: tuple[Effect, ...] = ()
        self.stays = True


def _collect(event_data: Any) -> None:
    event_data.model.does = event_data.transition.does
    event_data.model.stays = event_data.transition.dest is None


class Line:
    """One flow, ready to fire."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.steps = {step.name: step for step in flow.steps}
        self._machine = _Machine(
            model=None, states=list(self.steps), initial=flow.first, auto_transitions=False,
            send_event=True, after_state_change=_collect, name=flow.name,
        )
        self._words: dict[str, set[str]] = {name: set() for name in self.steps}
        for move in sorted(flow.moves, key=lambda row: not row.given):
            self._machine.add_transition(
                move.word, move.at, move.to, conditions=_guard(move.given), does=move.does
            )
            self._words[move.at].add(move.word)

    def words(self, step: str) -> set[str]:
        """The words that have a row at this step."""
        return self._words[step]

    def fire(
        self, word: str, talk: Talk, event: Happening, facts: Facts
    ) -> tuple[str | None, tuple[Effect, ...]] | None:
        """Where `word` leads from the top of `talk` (None: it stays), and its effects; None: no such row."""
        step = talk.step
        if word not in self._words[step]:
            return None
        seat = _Seat(step, talk, event, facts)
        moved = self._machine.events[word].trigger(seat)
        return (None if seat.stays else seat.state, seat.does) if moved else None


def _guard(given: str) -> list[Any]:
    if not given:
        return []
    return [lambda data: holds(given, data.model.talk, data.model.event, data.model.facts)]


Lines = Mapping[str, Line]
