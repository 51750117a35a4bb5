"""A script of tests/scripts played by hand in the rehearsal: real carriers, real mail, its page."""

import asyncio
import re
from pathlib import Path
from typing import Any

from bot.wires.commit import commit
from storage import alerts, people
from storage.db import Tx
from tests.rehearsal.playing import Playing

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
DAY = "2026-11-23"
_PHOTOS = {"selfie": "selfie", "form": "form", "damage": "damage", "parts": "damage"}


class Actor:
    """Plays scripts on one channel: whoever speaks types on that phone."""

    def __init__(self, rehearsal: Playing, channel: str) -> None:
        self.rehearsal, self.channel = rehearsal, channel

    async def play(self, script: str) -> None:
        """Play it; AssertionError where an order does not stand where the script has it."""
        for raw in script.splitlines():
            line = raw.strip()
            if not line or line.startswith("#"):
                continue
            if match := re.fullmatch(r"! (\S+) (\S+) (\S+)", line):
                await self._is_set(*match.groups())
                continue
            if match := re.match(r"(\d\d:\d\d)\s*(.*)", line):
                await self._forward(match[1])
                line = match[2]
            if match := re.fullmatch(r"(\S+) > \[photo\]\s*(.*)", line):
                await self._acts(match[1], "send-photo", sample=self._sample(), caption=match[2])
            elif match := re.fullmatch(r"(\S+) > (.*)", line):
                await self._acts(match[1], "say", text=self._own_code(match[1], match[2]))
            elif match := re.fullmatch(r"= (\S+) (\S+)", line):
                state = self.rehearsal.job(match[1])["state"]
                assert match[2] == state, f"{raw}: {state}"

    async def _is_set(self, who: str, column: str, value: str) -> None:
        def work(tx: Tx) -> None:
            (person,) = [
                each for each in people.everybody(tx) if each["name"].lower().startswith(who)
            ]
            people.change(tx, person["id"], **{column: value})

        await commit(self.rehearsal.app.writer, work)

    async def _forward(self, clock: str) -> None:
        to = {"to": f"{DAY}T{clock}:00-05:00"}
        answer = await self.rehearsal.client.post("/rehearsal/clock", json=to)
        assert answer.status_code in (200, 400), answer.text  # 400: it is a little later already
        await self._settled()

    async def _acts(self, who: str, path: str, **form: str) -> None:
        before = self._count("SELECT count(*) AS n FROM inbox")
        device = self._device(who)
        await self.rehearsal.act(path, device=device, **form)
        await self._settled(lambda: self._count("SELECT count(*) AS n FROM inbox") > before)

    def _own_code(self, who: str, text: str) -> str:
        """A manager's code under the number that the alert has here: others raise some too."""
        code = re.fullmatch(r"\d+([a-z])( \w+)?", text)
        if code is None or who == "tina":
            return text
        with self.rehearsal.app.store.reading() as tx:
            (person,) = [p for p in people.everybody(tx) if p["name"].lower().startswith(who)]
            technician = next(p for p in people.everybody(tx) if p["name"].startswith("Tina"))
            mine = [
                a for a in alerts.open_of(tx, person["id"]) if a["about_id"] == technician["id"]
            ]
        asks = [a for a in mine if code[1] in "acd" or f'"{code[1]}"' in a["choices"]]
        if not asks:
            return text
        latest = asks[-1]
        return f"{latest['number']}{code[1]}" + (f" {latest['token']}" if code[2] else "")

    def _device(self, who: str) -> str:
        devices = self.rehearsal.stage.phones.devices
        mine = [d for d in devices if d.first_name.lower() == who]
        return next((d for d in mine if d.channel == self.channel), mine[0]).id

    def _sample(self) -> str:
        state = str(self.rehearsal.job("114-7")["state"])
        return next((name for word, name in _PHOTOS.items() if word in state), "door")

    async def _settled(self, more: Any = lambda: True) -> None:
        """Until the update is in, its photo durable, and nothing is left to send."""
        for _ in range(600):
            if (
                more()
                and not self._count("SELECT count(*) AS n FROM inbox WHERE status = 'waiting'")
                and not self._count(
                    "SELECT count(*) AS n FROM photos WHERE status IN ('announced', 'fetching')"
                )
                and not self._count(
                    "SELECT count(*) AS n FROM outbox WHERE status IN ('pending', 'sending')"
                    " AND due_at <= :now"
                )
            ):
                return
            await asyncio.sleep(0.05)
        raise AssertionError("the rehearsal never came to rest")

    def _count(self, sql: str) -> int:
        with self.rehearsal.app.store.reading() as tx:
            row = tx.one(sql, {"now": self.rehearsal.app.clock.now()} if ":now" in sql else {})
        return int(row["n"]) if row else 0
