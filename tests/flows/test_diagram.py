"""The document of the flows is what the tables say."""

from pathlib import Path

import pytest

from flows.book import APART, PROGRAMS, SIDES
from flows.diagram import render

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "flows.md"


def test_the_document_is_what_the_tables_say(pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--update-scripts"):
        DOCUMENT.write_text(render(PROGRAMS, SIDES, APART), "utf-8")

    assert render(PROGRAMS, SIDES, APART) == DOCUMENT.read_text("utf-8")


def test_it_shows_every_step_row_branch_and_reminder() -> None:
    document = render(PROGRAMS, SIDES, APART)
    for flow in (
        *(program.line for program in PROGRAMS.values()),
        *SIDES.values(),
        *APART.values(),
    ):
        for step in flow.steps:
            assert f"| `{step.name}` |" in document
        for move in flow.moves:
            assert f"| `{move.at}` | `{move.word}` |" in document
        for remind in flow.reminds:
            assert f"| `{remind.name}` |" in document
        for call in flow.calls:
            assert f": {call.word}\n" in document


def test_a_step_shows_its_number_what_one_means_and_its_rules() -> None:
    document = render(PROGRAMS, SIDES, APART)

    assert "| 1 | `eta` | `sent` | 2 `issue` 3 `missed` |  | A10 A11 |" in document
