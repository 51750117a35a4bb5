"""A day of many technicians from one seed: who does what when, every slip and every fault.

Nothing in it but the seed decides: business time is virtual, and what the product itself draws
(codes of alerts) comes from the same chance. So the same seed gives the same journal.
"""

import hashlib
import random
import secrets
import sqlite3
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
import pytest

from storage import timers
from storage.db import StorageError, Store, Tx, Writer
from storage.tables import TABLES
from tests.promises.faults import Calls, _Connection
from tests.stage import Stage

T = TypeVar("T")
FORWARD = 12
"""How much likelier the next step is than any other move."""
TEAM = 25
"""Technicians of one manager."""
WORDS = (
    "2", "3", "4", "9", "0", "2.", "1 1015", "DONE 7", "where", "today", "back", "late", "issue",
    "1 called", "10:30", "out", "numbers", "card", "form", "manager help me", "pay", "menu", "help",
    "ok", "B1", "A2", "B where", "1", "yes", "no", "zzz", "TAKE 400-1", "she is not home", "\U0001f44d",
    "1a", "STOP", "START", "15 min", "hello?", "broken leg on box", "half", "none", "5", "6", "7",
    "8", "nobody home", "app not working", "it is damaged", "parts missing", "new", "customer asks 3pm",
)  # fmt: skip
ANSWERS = ("a", "c", "y", "n", "g", "o", "m", "x")


class _Store(Store):
    """Each transaction may meet a fault at one of its calls; it is then tried again."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.calls = Calls()

    def connect(self) -> Any:
        return _Connection(super().connect(), self.calls, postgres=self.dialect == "postgresql")


class Day:
    """Lives through it; `faults` is what went wrong on the way, `unanswered` whom nobody heard."""

    def __init__(self, url: str, patch: pytest.MonkeyPatch, seed: int, size: int) -> None:
        self.chance = random.Random(seed)
        patch.setattr(secrets, "choice", self.chance.choice)
        self.stage = Stage(url, "sms")
        self.stage.pause = 3_000 // size  # many type at once
        self.faults: Counter[str] = Counter()
        self.unanswered: list[str] = []
        self.technicians = [f"t{n}" for n in range(size)]
        self._set_up()
        self._store = _Store(url)
        self._writer = Writer(self._store)
        self.stage.store = self  # type: ignore[assignment]

    def _set_up(self) -> None:
        stage = self.stage
        dc = stage.enrol("M0 Stone", "manager;office", channel="telegram")
        dms = [
            stage.enrol(f"M{1 + n} Cole", "manager", channel="telegram" if n % 2 else "sms")
            for n in range(1 + len(self.technicians) // TEAM)
        ]
        self.managers = {row: name for name, row in stage.people.items()}
        stage.enrol("Op Ops", "operator", channel="sms")
        for n, who in enumerate(self.technicians):
            program = "mila" if n % 5 == 4 else "apollo"
            stage.enrol(
                f"{who.upper()} Tech", channel="telegram" if n % 2 else "sms",
                dm=dms[n // TEAM], dc=dc, app="none" if n % 7 == 6 else "own", program=program,
            )  # fmt: skip
            for letter, (opens, closes) in enumerate((("08:00", "11:00"), ("11:00", "14:00"))):
                stage.order(
                    f"400-{n}{letter}", opens, closes, who=who, customer=f"C{n} Smith",
                    program=program,
                )  # fmt: skip

    # -- the store of the stage, with faults ----------------------------------------------------

    def transact(self, work: Callable[[Tx], T]) -> T:
        """As the server does it; a turn that fails is tried again, as a provider would."""
        shows = "_deliver" in getattr(work, "__qualname__", "")  # what a phone shows, it shows once
        fault = self.chance.randrange(1, 40) if self.chance.random() < 0.03 and not shows else 0
        self._store.calls.arm(fault, after=False)
        try:
            return self._writer.submit(work).result(60)
        except (StorageError, sqlite3.OperationalError, psycopg.OperationalError):
            assert self._store.calls.fired
            self.faults["database"] += 1
            self._store.calls.arm(0, after=False)
            return self._writer.submit(work).result(60)
        finally:
            self._store.calls.arm(0, after=False)

    def reading(self) -> Any:
        return Store.reading(self._store)

    # -- living ---------------------------------------------------------------------------------

    def live(self, moves: int) -> str:
        """All of it until midnight; the journal's digest."""
        starts = self.stage.instant("06:45")
        span = self.stage.instant("15:50") - starts
        between = max(1, len(self.technicians) // TEAM)
        for move, at in enumerate(sorted(self.chance.randrange(span) for _ in range(moves))):
            self._until(starts + at)
            self._move()
            if move % between == 0:
                self._check()
        self._check()
        heard = len(self.stage.heard)
        (last,) = self._rows(  # LATE may have moved a window's end to midnight
            f"SELECT max(day_end) AS at FROM jobs WHERE is_open AND day = '{self.stage.day}'"  # noqa: S608
        )
        self._until(max(self.stage.instant("23:59"), (last["at"] or 0) + 60_000))
        managers = set(self.managers.values())
        told = " ".join(text for name, text in self.stage.heard[heard:] if name in managers)
        left = self._rows(
            "SELECT w.number, j.technician_id FROM jobs j"  # noqa: S608
            " JOIN work_orders w ON w.id = j.work_order_id"
            f" WHERE j.is_open AND j.day = '{self.stage.day}'"
        )
        flagged = self._rows(  # a storm's message names technicians, not each order
            "SELECT a.about_id FROM alerts a JOIN outbox o ON o.id = a.outbox_id"
            " WHERE a.kind = 'day_end' AND o.status = 'sent'"
        )
        known = {row["about_id"] for row in flagged}
        assert [] == [
            row["number"]
            for row in left
            if row["number"] not in told and row["technician_id"] not in known
        ]
        self._writer.close()
        return self.digest()

    def _until(self, to: int) -> None:
        """Let it be that time; what becomes due on the way rings."""
        stage = self.stage
        while (due := self.transact(timers.next_due)) is not None and due <= to:
            stage.clock.set(max(due, stage.clock.now()))
            for row in self.transact(lambda tx: timers.due(tx, stage.clock.now(), 500)):
                self.transact(lambda tx, row=row: stage._ring(row["id"], tx))  # type: ignore[misc]
            stage._deliver()
        stage.clock.set(max(to, stage.clock.now()))
        stage._deliver()

    def _move(self) -> None:
        chance = self.chance
        if chance.random() < 0.15:
            self._manage()
            return
        who = chance.choice(self.technicians)
        said = chance.choice(("1",) * FORWARD + ("[photo]",) * 4 + WORDS)
        heard = len(self.stage.heard)
        if said == "[photo]":
            self.stage.sends_photo(who)
            return
        self.stage.says(who, said)
        if chance.random() < 0.1:
            self.faults["the same update twice"] += 1
            self._twice()
        mine = [text for name, text in self.stage.heard[heard:] if name == who]
        if not mine and not self._silent(who, said):
            self.unanswered.append(f"{who} > {said} at {self.stage.transcript[-1][:5]}")

    def _twice(self) -> None:
        """A provider that did not hear our answer brings it again."""
        before = self._rows("SELECT max(id) AS last FROM outbox")
        last = self.stage.last_incoming
        assert last is not None
        self.transact(lambda tx: self.stage.door.receive(tx, last))
        assert before == self._rows("SELECT max(id) AS last FROM outbox")

    def _silent(self, who: str, said: str) -> bool:
        """STOP is obeyed in silence, START and HELP are the carrier's to answer; whoever was told
        that texts nobody understands get no answer for an hour gets none (a machine may be there)."""
        channel, address = self.stage.phones[who]
        state = self._rows(
            f"SELECT state FROM addresses WHERE channel = '{channel}' AND address = '{address}'"  # noqa: S608
        )[0]["state"]
        carrier = channel == "sms" and said in ("STOP", "START", "help", "yes")
        waiting = self._rows("SELECT count(*) AS n FROM inbox WHERE status = 'waiting'")[0]["n"]
        told = any(name == who and "stay silent" in text for name, text in self.stage.heard)
        return state != "active" or carrier or waiting > 0 or told

    def _manage(self) -> None:
        """A manager answers an alert that stands, rightly or not."""
        rows = self._rows(
            "SELECT person_id, number, token FROM alerts WHERE status = 'open'"
            " ORDER BY id DESC LIMIT 5"
        )
        if not rows:
            return
        alert = self.chance.choice(rows)
        who = self.managers.get(alert["person_id"])
        if who is None or self.chance.random() < 0.3:
            who = self.chance.choice([*self.managers.values()])
        word = f"{alert['number']}{self.chance.choice(ANSWERS)}"
        self.stage.says(who, f"{word} {alert['token']}".strip())

    def _rows(self, sql: str) -> list[dict[str, Any]]:
        with self.reading() as tx:
            return [dict(row) for row in tx.all(sql)]

    # -- what must always hold ------------------------------------------------------------------

    def _check(self) -> None:
        now = self.stage.clock.now()
        self._until(now)
        overdue = self._rows(f"SELECT * FROM timers WHERE due_at < {now}")  # noqa: S608
        assert [] == overdue, f"timers are overdue: {overdue[:9]}"
        assert [] == self._rows("SELECT * FROM inbox WHERE status = 'quarantined'")
        (ahead,) = self._rows(f"SELECT count(*) AS n FROM timeline WHERE told_at > {now}")  # noqa: S608
        assert 0 == ahead["n"], "told in the future"
        open_ = self._rows(
            f"SELECT j.id, j.state FROM jobs j WHERE j.is_open AND j.day_end > {now}"  # noqa: S608
            " AND NOT EXISTS (SELECT 1 FROM timers t WHERE t.job_id = j.id)"
            " AND NOT EXISTS (SELECT 1 FROM timers t WHERE t.person_id = j.technician_id)"
            " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.asks <> '' AND o.job_id = j.id)"
        )
        assert [] == open_, f"nothing will ever move these: {open_[:9]}"

    def digest(self) -> str:
        """Of the journal and of every row."""
        digest = hashlib.sha256("\n".join(self.stage.transcript).encode())
        for table in TABLES.sorted_tables:
            digest.update(repr(self._rows(f"SELECT * FROM {table.name} ORDER BY 1, 2")).encode())  # noqa: S608
        return digest.hexdigest()
