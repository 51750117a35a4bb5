"""What the tests of the wires share: a database, a clock, and a door that records."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.clock import Clock
from bot.incoming import Incoming
from bot.turns.door import Receipt
from storage import inbox, outbox, photos
from storage.db import Row, Store, Tx, Writer
from tests.databases import new_store

BOT = "4839574812:AAFD39kkdpWt3ywyRZergyOLMaJhac60qcA"
START = "2026-11-23T12:00+00:00"
ACCOUNT, AUTH = "AC" + "1a" * 16, "0123456789abcdef0123456789abcdef"


class RecordingDoor:
    """Stores what comes in and remembers it; does what a test asks for, at the turn it asks for."""

    def __init__(self) -> None:
        self.turn: Callable[[Tx, Incoming], None] = lambda tx, incoming: None
        self.received: list[Incoming] = []
        self.failed: list[tuple[int, str]] = []
        self.stopped: list[tuple[str, str]] = []
        self.stored: list[dict[str, Any]] = []
        self.lost: list[tuple[int, str]] = []
        self.toast = ""

    def receive(self, tx: Tx, incoming: Incoming) -> Receipt:
        """Like the real one: known updates end here."""
        row = inbox.add(
            tx,
            channel=incoming.channel,
            account=incoming.account,
            key=incoming.key,
            person_id=None,
            received_at=incoming.received_at,
            payload=incoming.payload,
        )
        if row is None:
            return Receipt("duplicate")
        self.turn(tx, incoming)
        self.received.append(incoming)
        return Receipt("done", self.toast)

    def delivery_failed(self, tx: Tx, row: Row, why: str) -> None:
        """Remember it."""
        self.failed.append((row["id"], why))

    def channel_is_down(self, tx: Tx, channel: str) -> bool:
        """Nobody is told of a short outage."""
        return False

    def channel_stopped(self, tx: Tx, channel: str, why: str, what: str = "") -> None:
        """Remember it."""
        self.stopped.append((channel, why))

    def photo_stored(
        self,
        tx: Tx,
        photo: int,
        *,
        sha256: str,
        size: int,
        mime: str,
        path: str,
        quality: object = None,
    ) -> None:
        """Remember it."""
        photos.change(tx, photo, status="stored", sha256=sha256, bytes=size, mime=mime, path=path)
        self.stored.append({"photo": photo, "sha256": sha256, "mime": mime, "path": path})

    def photo_lost(self, tx: Tx, photo: int, why: str) -> None:
        """Remember it."""
        photos.change(tx, photo, status="lost", error=why)
        self.lost.append((photo, why))


@dataclass
class World:
    """A database with its writer, a clock that a test pushes, and the recording door."""

    store: Store
    clock: Clock
    door: RecordingDoor = field(default_factory=RecordingDoor)

    def __post_init__(self) -> None:
        self.writer = Writer(self.store)
        self._made = 0

    def queue(self, channel: str, address: str, payload: str, **more: Any) -> int:
        """Put a row into the outbox, due now; its id."""
        now = self.clock.now()
        values: dict[str, Any] = {"kind": "reply", "lane": 0, "created_at": now, "due_at": now}
        values |= {"channel": channel, "address": address, "payload": payload, **more}
        return self.store.transact(lambda tx: outbox.add(tx, **values))

    def row(self, number: int) -> Row:
        """One row of the outbox as it stands."""
        with self.store.reading() as tx:
            row = outbox.get(tx, number)
        assert row is not None
        return row

    def inbox(self) -> list[Row]:
        """All of the inbox."""
        with self.store.reading() as tx:
            return tx.all("SELECT * FROM inbox ORDER BY id")

    def advance(self, milliseconds: int) -> None:
        """Push business time on."""
        self.clock.set(self.clock.now() + milliseconds)

    def person(self, name: str = "Tina") -> int:
        """Somebody who photos can belong to."""
        return self.store.transact(lambda tx: tx.insert("people", name=name, created_at=1))

    def announce(self, channel: str, source: str) -> int:
        """A photo that is still on its way."""
        now, person = self.clock.now(), self.person()
        return self.store.transact(
            lambda tx: photos.announce(
                tx,
                person_id=person,
                channel=channel,
                source=source,
                announced_at=now,
                next_try_at=now,
            )
        )

    def photo(self, number: int) -> Row:
        """One photo's row."""
        with self.store.reading() as tx:
            row = photos.get(tx, number)
        assert row is not None
        return row


@contextmanager
def world(tmp_path: Path, start: str = START) -> Iterator[World]:
    """A world on SQLite whose clock stands still until a test pushes it."""
    made = World(new_store(f"sqlite:///{tmp_path / 'wire.db'}"), Clock.from_setting(f"{start}@0"))
    try:
        yield made
    finally:
        made.writer.close()


async def until(true: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until this is true; the test fails if it does not become so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.01)
