"""docs/guarantees.md is true: every promise has its row, every test that it names is there."""

import ast
import re
from pathlib import Path

from bot.commands.__main__ import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "guarantees.md").read_text("utf-8")
PROMISES = [*(f"P{n}" for n in range(1, 11)), *(f"S{n}" for n in range(1, 12))]


def rows() -> dict[str, str]:
    """The row of each promise."""
    found = re.findall(r"^\| ([PS]\d+) \|(.*)\|$", PAGE, re.MULTILINE)
    assert len(found) == len(dict(found)), "a promise has two rows"
    return dict(found)


def all_tests() -> set[str]:
    """Every test's name."""
    return {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }


def test_every_promise_has_its_row() -> None:
    assert PROMISES == list(rows())


def test_every_row_names_tests_that_exist() -> None:
    known = all_tests()
    named = {promise: re.findall(r"`(test_\w+)`", row) for promise, row in rows().items()}

    assert [] == [promise for promise, names in named.items() if not names]
    assert {} == {promise: gone for promise, names in named.items() if (gone := set(names) - known)}


def test_every_command_in_the_handbook_is_one() -> None:
    """A recipe for a bad day must not fail for a word."""
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    said = set(re.findall(r"run_bot\.py ([a-z]+)", text))
    assert said <= {*COMMANDS, "test", "check"}
