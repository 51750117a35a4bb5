"""How commands speak: tables and bars on a terminal, else plain lines, or one JSON document."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from bot.sheets.reading import Problem

STEP = 10
"""Per cent between two plain lines of progress."""
SHOWN = 200
"""Lines of a long list that are shown; its count says the rest."""


class Stop(Exception):
    """The command could not do it; each argument is a sentence that says what to do."""


def say(text: str) -> None:
    """A line on standard output."""
    typer.echo(text)


def note(text: str) -> None:
    """A line beside the output: progress, warnings, errors."""
    typer.echo(text, err=True)


def as_json(document: Any) -> None:
    """One JSON document, and nothing else, on standard output."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table on a terminal; elsewhere a line a row, cells by tabs."""
    shown = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in [list(headings), *shown]:
            say("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row))
        return
    made = Table(*headings, header_style="bold")
    for row in shown:
        made.add_row(*(Text(cell) for cell in row))
    Console().print(made)


def problems(found: Sequence[Problem], title: str) -> None:
    """What is wrong with a file, beside the output: row and column as a spreadsheet has them."""
    if not found:
        return
    note(title)
    for each in found[:SHOWN]:
        where = f"row {each.row}" if each.row else "file"
        note(f"  {where}{f', {each.column}' if each.column else ''}: {each.message}")
    if len(found) > SHOWN:
        note(f"  … and {len(found) - SHOWN} more")


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, plain lines elsewhere; gives what is told (done, total)."""
    if not sys.stderr.isatty():
        yield _plain(title)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
    )
    with Progress(
        *columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True
    ) as bar:
        task = bar.add_task(title, total=None, visible=False)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, visible=True)

        yield tell


def _plain(title: str) -> Callable[[int, int], None]:
    said = 0

    def tell(done: int, total: int) -> None:
        nonlocal said
        percent = done * 100 // total if total else 100
        if total >= 5_000 and percent >= said + STEP:
            said = percent - percent % STEP
            note(f"{title}: {said} %")

    return tell
