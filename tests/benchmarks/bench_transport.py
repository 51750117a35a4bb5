"""F3: a whole turn through the Telegram transport and back: raw update → door → outbox →
sendMessage (stub network).

python -m tests.benchmarks.bench_transport [technicians] [pairs]
"""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from telegram.request import BaseRequest

from bot.channels.telegram import Telegram
from bot.turns.door import Door
from bot.wires.delivery import Delivery
from bot.wires.receiving import Receiver
from storage.db import Writer
from tests.benchmarks.bench_turns import WORDS, build
from tests.benchmarks.floor import floor

SENT = json.dumps(
    {
        "ok": True,
        "result": {
            "message_id": 7,
            "date": 1763900000,
            "chat": {"id": 1, "type": "private"},
            "text": "x",
        },
    }
).encode()


class Stub(BaseRequest):
    """Answers every call at once."""

    @property
    def read_timeout(self) -> float | None:
        """None."""
        return None

    async def initialize(self) -> None:
        """Nothing to do."""

    async def shutdown(self) -> None:
        """Nothing to do."""

    async def do_request(self, *_args: Any, **_more: Any) -> tuple[int, bytes]:
        """200 and a message."""
        return 200, SENT


async def run(technicians: int, in_flight: int, folder: Path) -> float:
    """Turns per second, each counted when its answer has left."""
    store, context = build(f"sqlite:///{folder}/turns.db", technicians)
    writer, door = Writer(store), Door(context)
    telegram = Telegram("1:stub", "http://127.0.0.1:9")
    stub = Stub()
    telegram._requests = stub  # type: ignore[assignment]  # the network is what is left out
    telegram._bot._request = (stub, stub)
    delivery = Delivery(
        store, writer, door, context.clock, [telegram], read=lambda _path: asyncio.sleep(0, b"")
    )
    receiver = Receiver(writer, door, context.clock, delivery.wake)
    sending = asyncio.create_task(delivery.run())
    queue = list(range(technicians))

    async def technician() -> None:
        while queue:
            index = queue.pop()
            for step, word in enumerate(WORDS):
                raw = json.dumps(
                    {
                        "update_id": step * technicians + index + 1,
                        "callback_query": {
                            "id": "1",
                            "from": {"id": 1000 + index, "is_bot": False, "first_name": "T"},
                            "data": f"{index + 1}:{step + 1}:{word}",
                            "message": {
                                "message_id": 5,
                                "date": 1763900000,
                                "chat": {"id": 1000 + index, "type": "private"},
                            },
                        },
                    }
                )
                incoming = telegram.parse(json.loads(raw), context.clock, context.clock.now())
                assert incoming is not None
                await receiver.take(incoming)

    began = time.perf_counter()
    await asyncio.gather(*(technician() for _ in range(in_flight)))
    await delivery.attempt_all_due()
    seconds = time.perf_counter() - began
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    writer.close()
    with store.reading() as tx:
        row = tx.one("SELECT count(*) AS n FROM outbox WHERE status = 'sent' AND kind = 'reply'")
        assert row is not None
        assert row["n"] >= technicians * len(WORDS)
    return technicians * len(WORDS) / seconds


def main(technicians: int = 200, pairs: int = 5) -> None:
    """Print the figure."""
    floors, rates = [], []
    for _ in range(pairs):
        with tempfile.TemporaryDirectory() as folder:
            floors.append(floor(Path(folder) / "floor.db", technicians))
            rates.append(asyncio.run(run(technicians, 64, Path(folder))))
    ratio = median(rate / base for rate, base in zip(rates, floors, strict=True))
    print(f"raw floor: {median(floors):.0f} turns/s (median of {pairs})")
    print(
        f"F3 through the Telegram transport and back, 64 in flight: {median(rates):.0f} turns/s, {ratio:.2f} x floor"
    )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
