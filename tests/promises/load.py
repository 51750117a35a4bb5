"""A crowd at work on both wires, and the reckoning: the carriers' record against the database."""

import asyncio
import hashlib
import random
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from storage import people
from storage.db import Store, Tx
from storage.migrations import upgrade
from tests.carriers.rigs import picture
from tests.wire.running import Running, said

MAIN_LINE = (
    "there", "started", "signed_in", "built", "completed", "signed", "gone", "signed_out",
    "reported",
)  # fmt: skip
_Left = tuple[str, str, str]
NOBODY_HOME = ("1", "where", "1", "2", "2.", "[photo]", "1", "where")


class Crowd:
    """Technicians with a job each, half of them on Telegram, half on SMS; some find nobody home."""

    def __init__(self, running: Running, size: int, seed: int) -> None:
        self.running, self.size = running, size
        self.chance = random.Random(seed)
        self.over = asyncio.Event()
        self.phones: list[Any] = []

    def number(self, n: int) -> str:
        return f"+1212556{n:04d}"

    async def set_up(self) -> None:
        """People, jobs, and phones that have consented."""
        folder = self.running.folder
        people_ = ["name,role,phone,email,dm,dc,app", "Dana Cole,manager,+12125550110,,,,"]
        jobs = ["Work Order,Shift,Customer,Address,City,State,Zip,Technician,Date,Schedule Notes"]
        for n in range(self.size):
            people_.append(f"Tech {n},technician,{self.number(n)},,Dana Cole,,own")
            where = f"Must Use the Amazon App C{n},{n} Elm St,Troy,NY,12180"
            jobs.append(f"200-{n},S,{where},Tech {n},2026-11-23,8-11 desk")
        (folder / "people.csv").write_text("\n".join(people_) + "\n")
        (folder / "manifest.csv").write_text("\n".join(jobs) + "\n")
        await self.running.command("people", "import", "people.csv")
        await self.running.command("doctor", "--confirm-contacts")
        await self.running.command("manifest", "import", "manifest.csv")
        store = Store(self.running.env["DATABASE_URL"])
        upgrade(store)
        store.transact(self._bind)

    def _bind(self, tx: Tx) -> None:
        for n in range(self.size):
            person = people.find(tx, f"Tech {n}")[0]["id"]
            if n % 2:
                phone: Any = self.running.twilio.phone(self.number(n))
                channel, address = "sms", self.number(n)
            else:
                phone = self.running.telegram.user(f"Tech {n}")
                channel, address = "telegram", str(phone.id)
            self.phones.append(phone)
            people.bind(tx, person, channel, address, 1, "agreed")
            people.change(tx, person, channel=channel, address=address)

    async def work(self) -> None:
        """Everybody, until it is over."""
        await asyncio.gather(*(self._one(n) for n in range(self.size)))

    async def _one(self, n: int) -> None:
        phone, step = self.phones[n], 0
        most = 22 if n % 2 else 1_000_000  # a number gets no more than 30 texts an hour
        while not self.over.is_set() and step < most:
            shown = len(said(phone))
            if n % 4 >= 2 and step < len(NOBODY_HOME):
                words = NOBODY_HOME[step]
            else:
                words = "1" if step < 14 else self.chance.choice(["where", "today", "[photo]"])
            if words == "[photo]":
                phone.sends_photo(picture(64 + n, 48 + step))
            else:
                phone.says(words)
            step += 1
            for _ in range(300):
                if len(said(phone)) > shown or self.over.is_set():
                    break
                await asyncio.sleep(0.02)
            await asyncio.sleep(self.chance.uniform(0, 0.1))

    # -- the reckoning --------------------------------------------------------------------------

    def settled(self) -> bool:
        """Whether the server has taken in and sent off all there is."""
        known = self._keys("sms")
        with _rows(self.running.folder) as rows:
            (open_,) = rows.execute(
                "SELECT count(*) FROM outbox WHERE status IN ('sending', 'pending')"
            ).fetchone()
            (coming,) = rows.execute(
                "SELECT count(*) FROM photos WHERE status = 'announced'"
            ).fetchone()
        inbound = {m.sid for m in self.running.twilio.messages if m.direction == "inbound"}
        return not (open_ or coming or self.running.telegram.undelivered or inbound - known)

    def _keys(self, channel: str) -> set[str]:
        with _rows(self.running.folder) as rows:
            found = rows.execute("SELECT key FROM inbox WHERE channel = ?", (channel,)).fetchall()
        return {key for (key,) in found}

    def reckon(self) -> dict[str, int]:
        """Count what was lost, doubled, out of order; the first words are faults, 0 if all is
        well."""
        running = self.running
        telegram = {str(number) for number in running.telegram.update_ids}
        sms = {m.sid for m in running.twilio.messages if m.direction == "inbound"}
        lost = len(telegram - self._keys("telegram")) + len(sms - self._keys("sms"))
        with _rows(running.folder) as rows:
            events = rows.execute(
                "SELECT job_id, event, step FROM timeline WHERE job_id IS NOT NULL"
            ).fetchall()
            sent = rows.execute(
                "SELECT channel, address, lane, provider_id FROM outbox"
                " WHERE status IN ('sent', 'delivered') ORDER BY id"
            ).fetchall()
            tries = rows.execute(
                "SELECT sum(attempts - 1) FROM outbox WHERE attempts > 1"
            ).fetchone()
            photos = rows.execute(
                "SELECT path, sha256 FROM photos WHERE status = 'stored'"
            ).fetchall()
            stuck = rows.execute(
                "SELECT count(*) FROM inbox WHERE status IN ('waiting', 'quarantined')"
            ).fetchone()[0]
        doubled = sum(
            count - 1 for (_, event, _), count in Counter(events).items() if event in MAIN_LINE
        )
        left = self._left()
        said_sent = {_key(row) for row in sent}
        again = len(left.keys() - said_sent)
        return {
            "lost": lost,
            "doubled": doubled,
            "said to be sent but never was": len(said_sent - left.keys()),
            "out of order": _out_of_order(sent, left),
            "photos without their bytes": sum(not self._whole(*photo) for photo in photos),
            "stuck": stuck,
            "sent again without cause": max(0, again - (tries[0] or 0)),
            "- updates": len(telegram) + len(sms),
            "- messages": len(left),
            "- sent again after an unknown outcome": again,
            "- photos": len(photos),
            "- mails": len(running.mail.mails),
        }

    def _left(self) -> dict[_Left, int]:
        """All that the carriers took, in their order: channel, address, the provider's id."""
        taken: list[_Left] = []
        for phone in self.phones[::2]:
            taken += [("telegram", str(phone.id), str(m.message_id)) for m in phone.inbox]
        ours = [m for m in self.running.twilio.messages if m.direction != "inbound"]
        taken += [("sms", m.to, m.sid) for m in ours]
        taken += [("email", "", mail.message_id) for mail in self.running.mail.mails]
        return {each: place for place, each in enumerate(taken)}

    def _whole(self, path: str, digest: str) -> bool:
        file = self.running.folder / "photos" / path
        return file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == digest


def _rows(folder: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(folder / "doorstep.db"))


def _key(row: Any) -> _Left:
    channel, address, _, provider_id = row
    return channel, "" if channel == "email" else address, provider_id


def _out_of_order(sent: list[Any], left: dict[_Left, int]) -> int:
    """Messages to one address and lane that a later row overtook, however often each was tried."""
    last: dict[Any, int] = {}
    wrong = 0
    for row in sent:
        channel, address, lane, _ = row
        place = left.get(_key(row))
        if place is None or channel == "email":
            continue
        before = last.get((channel, address, lane), -1)
        wrong += place < before
        last[channel, address, lane] = place
    return wrong
