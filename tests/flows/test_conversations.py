"""Every conversation, each named after its rule; together they walk every row of every table."""

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from flows.book import PROGRAMS, SIDES
from flows.engine import Engine
from flows.events import Happening
from flows.facts import Facts
from flows.machine import Fired, Line
from flows.shape import Move
from flows.talk import Talk
from tests.flows import branches, cases
from tests.flows.job import Job

HELPERS = {"no_show", "other"}
"""Ready-made beginnings beside the conversations."""


def conversations(module: ModuleType) -> Iterator[Callable[[Job], object]]:
    for name, value in vars(module).items():
        own = callable(value) and value.__module__ == module.__name__
        if own and name not in HELPERS:
            yield value


LINES = [
    importlib.import_module(f"tests.flows.{path.stem}")
    for path in sorted(Path(__file__).parent.glob("*_line.py"))
]
"""A program's line has a file of its own."""
ALL = [each for module in (*LINES, branches, cases) for each in conversations(module)]


@pytest.mark.parametrize("conversation", ALL, ids=lambda each: each.__name__)
def test_conversation(conversation: Callable[[Job], object]) -> None:
    conversation(Job())


Row = tuple[str, str, str, str]


@pytest.fixture
def walked(monkeypatch: pytest.MonkeyPatch) -> set[Row]:
    """The rows that all conversations fire, calls and reminders too."""
    fired: set[Row] = set()
    fire = Line.fire

    def spy(line: Line, word: str, talk: Talk, event: Happening, facts: Facts) -> Fired | None:
        row = fire(line, word, talk, event, facts)
        if row is not None:
            given = next(
                move.given
                for move in line.flow.moves
                if (move.word, move.at, move.to, move.does) == (word, talk.step, *row)
            )
            fired.add((line.flow.name, talk.step, word, given))
        return row

    monkeypatch.setattr(Line, "fire", spy)
    for conversation in ALL:
        conversation(Job())
    return fired


def rows() -> Iterator[Row]:
    for flow in (*(program.line for program in PROGRAMS.values()), *SIDES.values()):
        for move in flow.moves:
            yield flow.name, move.at, move.word, move.given


def test_every_row_is_walked(walked: set[Row]) -> None:
    assert [] == sorted(set(rows()) - walked)


def test_every_branch_is_opened_and_every_outcome_lands(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[tuple[str, str, str]] = set()
    advance = Engine.advance

    def spy(engine: Engine, talk: Talk, event: Happening, facts: Facts) -> object:
        turn = advance(engine, talk, event, facts)
        before, after = talk.frames, turn.talk.frames
        if len(before) < len(after):
            seen.add((before[0][0], before[0][1], after[-1][0]))
        return turn

    monkeypatch.setattr(Engine, "advance", spy)
    for conversation in ALL:
        conversation(Job())
    opened = {(line, flow) for line, _, flow in seen}

    assert {
        (program.line.name, call.flow)
        for program in PROGRAMS.values()
        for call in program.line.calls
    } == opened


def test_every_reminder_rings() -> None:
    rang: set[str] = set()

    class Listening(Job):
        def _ring(self, due: int, name: str) -> None:
            rang.add(name)
            super()._ring(due, name)

    for conversation in ALL:
        conversation(Listening())
    flows = [*(program.line for program in PROGRAMS.values()), *SIDES.values()]

    assert [] == sorted({f"{f.name}.{r.name}" for f in flows for r in f.reminds} - rang)


def test_the_spy_sees_moves() -> None:
    """A row is told apart by its step, word and condition, as the table's own check demands."""
    for program in PROGRAMS.values():
        moves: tuple[Move, ...] = program.line.moves

        assert len(moves) == len({(m.at, m.word, m.given) for m in moves})
