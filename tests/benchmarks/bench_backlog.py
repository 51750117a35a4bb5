"""F7: an urgent alert behind a backlog of reminders, and how fast the backlog drains.

python -m tests.benchmarks.bench_backlog [backlog] [seconds]
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from bot.channels.base import Outgoing, Sent
from bot.turns.door import Door
from bot.wires.delivery import Delivery
from bot.wires.limits import Pace
from storage import outbox
from storage.db import Tx, Writer
from tests.benchmarks.bench_turns import build

RATE = 25.0
"""Messages a second that the channel takes, as Telegram does."""


class Carrier:
    """Takes every message at once and notes what it was."""

    name, patience = "telegram", 5.0

    def __init__(self) -> None:
        self.sent: list[tuple[float, str]] = []

    async def send(self, message: Outgoing) -> Sent:
        """Sent."""
        self.sent.append((time.perf_counter(), message.kind))
        return Sent(str(len(self.sent)))

    async def find(self, _message: Outgoing, _attempted_at: int) -> Sent | None:
        """It cannot be asked."""
        return None


async def run(backlog: int, seconds: float, folder: Path) -> tuple[float, int, float]:
    """How long the alert waited (s), how many went before it, and what drained per second."""
    store, context = build(f"sqlite:///{folder}/backlog.db", 10)
    writer, carrier = Writer(store), Carrier()
    delivery = Delivery(
        store, writer, Door(context), context.clock, [carrier],
        read=lambda _path: asyncio.sleep(0, b""), paces={"telegram": Pace((RATE, 5))},
    )  # fmt: skip

    def put(tx: Tx, kind: str, lane: int, count: int) -> None:
        now = context.clock.now()
        for index in range(count):
            outbox.add(
                tx, channel="telegram", address=str(9000 + index), kind=kind, lane=lane,
                payload='{"text": "x"}', created_at=now, due_at=now,
            )  # fmt: skip

    await writer.do(lambda tx: put(tx, "reminder", 2, backlog))
    task = asyncio.create_task(delivery.run())
    while not carrier.sent:  # noqa: ASYNC110 - a bench may look
        await asyncio.sleep(0.01)
    began, already = time.perf_counter(), len(carrier.sent)
    await asyncio.sleep(seconds)
    drained = (len(carrier.sent) - already) / (time.perf_counter() - began)
    await writer.do(lambda tx: put(tx, "alert", 0, 1))
    raised, before = time.perf_counter(), len(carrier.sent)
    delivery.wake()
    while not (  # noqa: ASYNC110
        urgent := [at for at, kind in carrier.sent if kind == "alert"]
    ):
        await asyncio.sleep(0.001)
    place = [kind for _, kind in carrier.sent].index("alert") - before
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    writer.close()
    return urgent[0] - raised, place, drained


def main(backlog: int = 10_000, seconds: int = 5) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        waited, place, drained = asyncio.run(run(backlog, seconds, Path(folder)))
    print(
        f"F7 an urgent alert behind {backlog} reminders: left after {waited * 1000:.0f} ms, "
        f"{place} before it (a free slot comes every {1000 / RATE:.0f} ms); "
        f"the backlog drained at {drained:.1f}/s, {drained / RATE:.0%} of the limit"
    )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
