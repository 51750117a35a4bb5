"""F5b: our turn against the very statements that it issued, replayed in plain `sqlite3`.

What is left is what our own Python costs. Both commit 64 turns at once, synchronous=FULL.

python -m tests.benchmarks.bench_replay [technicians] [pairs]
"""

import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from bot.context import Context
from bot.turns.door import Door
from storage.db import GROUP, Store, Tx
from tests.benchmarks.bench_turns import build, presses

Statement = tuple[str, Any, bool]
"""The SQL, its parameters, and whether they are many rows of them."""


class Recorder:
    """A connection that also writes down what it is asked, turn by turn."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.turns: list[list[Statement]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str, params: Any = ()) -> Any:
        """One statement."""
        self.turns[-1].append((sql, params, False))
        return self._connection.execute(sql, params)

    def executemany(self, sql: str, rows: Any) -> Any:
        """One statement for each row."""
        self.turns[-1].append((sql, rows, True))
        return self._connection.executemany(sql, rows)


def in_groups(connection: Any, turns: list[Callable[[], None]]) -> tuple[float, float]:
    """Turns per second, 64 to a commit; and the microseconds of a turn that nothing disturbed."""
    took: list[float] = []
    began = time.perf_counter()
    for place in range(0, len(turns), GROUP):
        connection.execute("BEGIN IMMEDIATE")
        for turn in turns[place : place + GROUP]:
            then = time.perf_counter()
            turn()
            took.append(time.perf_counter() - then)
        connection.execute("COMMIT")
    seconds = time.perf_counter() - began
    return len(turns) / seconds, sorted(took)[len(took) // 5] * 1e6


def ours(
    store: Store, context: Context, technicians: int, recorder: Recorder | None
) -> tuple[float, float]:
    """Our turns; with a recorder its statements are written down and the time means nothing."""
    door, connection = Door(context), store.connect()
    if recorder is not None:
        recorder._connection = connection
    tx = Tx(recorder or connection, store.dialect)

    def turn(incoming: Any) -> None:
        if recorder is not None:
            recorder.turns.append([])
        door.receive(tx, incoming)

    mine = presses(technicians, context.clock)
    order = [each[step] for step in range(len(mine[0])) for each in mine]
    rate = in_groups(connection, [lambda each=each: turn(each) for each in order])  # type: ignore[misc]
    connection.close()
    return rate


def replayed(path: Path, turns: list[list[Statement]]) -> tuple[float, float]:
    """The same statements with the same parameters, their rows fetched and thrown away."""
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=512)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")

    def turn(statements: list[Statement]) -> None:
        for sql, params, many in statements:
            if many:
                connection.executemany(sql, params)
            else:
                connection.execute(sql, params).fetchall()

    rate = in_groups(connection, [lambda each=each: turn(each) for each in turns])  # type: ignore[misc]
    connection.close()
    return rate


def main(technicians: int = 300, pairs: int = 5) -> None:
    """Print the figure."""
    mine, plain, count = [], [], 0
    for _ in range(pairs):
        with tempfile.TemporaryDirectory() as folder:
            store, context = build(f"sqlite:///{folder}/0.db", technicians)
            for copy in "12":
                shutil.copy(f"{folder}/0.db", f"{folder}/{copy}.db")
            recorder = Recorder(None)
            ours(store, context, technicians, recorder)
            mine.append(ours(Store(f"sqlite:///{folder}/1.db"), context, technicians, None))
            plain.append(replayed(Path(folder) / "2.db", recorder.turns))
            count = sum(map(len, recorder.turns)) // len(recorder.turns)
    ratio = median(a / b for (a, _), (b, _) in zip(mine, plain, strict=True))
    print(
        f"F5b our turn, 64 to a commit, against its own {count} statements in plain sqlite3: "
        f"{median(a for a, _ in mine):.0f} against {median(b for b, _ in plain):.0f} turns/s, "
        f"{ratio:.2f}; undisturbed (20th percentile, no commit) "
        f"{median(a for _, a in mine):.0f} against {median(b for _, b in plain):.0f} us"
    )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
