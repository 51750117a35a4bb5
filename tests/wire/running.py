"""The product as it is run: a process of `serve` between simulated carriers, with a clock that can
be pushed."""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from bot.rehearsal.carriers.botapi import BotApi
from bot.rehearsal.carriers.mailbox import Mailbox
from bot.rehearsal.carriers.twilio import TwilioApi

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "4242:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"
SID, SECRET = "AC" + "a" * 32, "b" * 32
OFFICE_NUMBER = "+18885550100"
PEOPLE = """name,role,phone,email,dm,dc,app
Dana Cole,manager,+12125550110,dana@example.org,,,
Carl Stone,manager,+12125550111,carl@example.org,,,
Tina Abernathy,technician,+12125550101,tina@example.org,Dana Cole,Carl Stone,own
Olga Ops,operator,+12125550112,olga@example.org,,,
"""
MANIFEST = """Work Order,Shift,Customer,Address,City,State,Zip,Technician,Date,Schedule Notes,Units,Minutes
114-7,S-9,MUST USE THE AMAZON APP Carla Montgomery,12 Elm St,Troy,NY,12180,Tina Abernathy,2026-11-23,8-11 TV stand,2.0,60
114-9,S-9,"Must use the Amazon App: Ben Okafor",88 Oak Ave,Troy,NY,12180,Tina Abernathy,2026-11-23,11AM - 2PM // crib,1.5,45
"""


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Running:
    """One `serve` process, its carriers, and the commands beside it."""

    def __init__(
        self,
        folder: Path,
        *,
        database: str = "",
        clock: str = "2026-11-23T06:30-05:00",
        twilio_mode: str = "",
    ) -> None:
        self.folder, self.port, self.clock = folder, free_port(), clock
        self.url = f"http://127.0.0.1:{self.port}"
        self.now: Callable[[], datetime] = lambda: datetime.now().astimezone()
        self.telegram = BotApi(TOKEN, "doorstep_bot", self.now)
        polls = twilio_mode == "polling"
        self.twilio = TwilioApi(
            SID,
            SECRET,
            self.now,
            numbers=(OFFICE_NUMBER,),
            regions=("US", "GB"),
            inbound_url="" if polls else f"{self.url}/twilio/inbound",
        )
        self.mail = Mailbox(self.now)
        self.process: asyncio.subprocess.Process | None = None
        self.env = {
            **{
                name: value
                for name, value in os.environ.items()
                if name
                in ("PATH", "HOME", "LANG", "COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")
            },
            "PYTHONPATH": str(ROOT),
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TWILIO_ACCOUNT_SID": SID,
            "TWILIO_AUTH_TOKEN": SECRET,
            "TWILIO_FROM": OFFICE_NUMBER,
            "PUBLIC_URL": self.url,
            "HTTP_PORT": str(self.port),
            "MAIL_FROM": "bot@example.org",
            "DATABASE_URL": database or f"sqlite:///{folder}/doorstep.db",
            "PHOTO_STORE": f"file:{folder}/photos",
            "CLOCK": clock,
            "TWILIO_MODE": twilio_mode,
            "SMS_PER_SECOND": "100",
        }

    @contextlib.asynccontextmanager
    async def carriers(self) -> AsyncIterator["Running"]:
        """The carriers, and no process yet."""
        async with self.telegram.running() as telegram, self.twilio.running() as twilio:
            with self.mail.running() as smtp:
                self.env |= {
                    "TELEGRAM_API_URL": telegram,
                    "TWILIO_API_URL": twilio,
                    "SMTP_URL": f"{smtp}?tls=none",
                }
                try:
                    yield self
                finally:
                    await self.stop()

    async def start(self) -> None:
        """Start `serve` and wait until it is ready."""
        with (self.folder / "serve.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot.commands",
                "serve",
                cwd=self.folder,
                env=self.env,
                stdout=log,
                stderr=log,
            )
        async with httpx.AsyncClient() as client:
            for _ in range(400):
                if self.process.returncode is not None:
                    raise AssertionError(self.log())
                with contextlib.suppress(httpx.HTTPError):
                    if (await client.get(f"{self.url}/readyz")).status_code == httpx.codes.OK:
                        return
                await asyncio.sleep(0.05)
        raise AssertionError(f"not ready: {self.log()}")

    def kill(self) -> None:
        """SIGKILL, at this very moment."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)

    async def stop(self) -> int | None:
        """SIGTERM, and its exit code."""
        if self.process is None:
            return None
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        code = await asyncio.wait_for(self.process.wait(), 20)
        self.process = None
        return code

    async def command(self, *words: str, code: int = 0) -> str:
        """Run a command beside the server; its standard output."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot.commands",
            *words,
            cwd=self.folder,
            env=self.env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert code == process.returncode, (
            f"{words}: {process.returncode}\n{out.decode()}\n{err.decode()}"
        )
        return out.decode()

    async def job(self, order: str) -> dict[str, Any]:
        """`jobs show ORDER --json`."""
        document: dict[str, Any] = json.loads(await self.command("jobs", "show", order, "--json"))
        return document

    async def forward(self, to: str, day: str = "2026-11-23") -> None:
        """Push the clock to a wall-clock time of the day."""
        async with httpx.AsyncClient(timeout=120) as client:
            answer = await client.post(
                f"{self.url}/rehearsal/clock", json={"to": f"{day}T{to}-05:00"}
            )
            assert answer.status_code == httpx.codes.OK, answer.text

    async def set_up(self) -> None:
        """People, their phones and the day's manifest, as an operator brings them."""
        (self.folder / "people.csv").write_text(PEOPLE)
        (self.folder / "manifest.csv").write_text(MANIFEST)
        await self.command("people", "import", "people.csv")
        await self.command("doctor", "--confirm-contacts")

    async def join(self, person: str, *, channel: str) -> Any:
        """Invite somebody and let them use the code on their phone; the phone."""
        code = json.loads(await self.command("people", "invite", person, "--json"))["code"]
        phone: Any
        if channel == "telegram":
            phone = self.telegram.user(person)
            phone.starts(code)
        else:
            rows = (self.folder / "people.csv").read_text().splitlines()
            number = next(line.split(",")[2] for line in rows if line.startswith(person))
            phone = self.twilio.phone(number)
            phone.says(f"JOIN {code}")
        return phone

    def leaks(self, shown: str = "") -> list[str]:
        """Secrets, phone numbers and addresses in the server's log, and in what it `shown` (S7)."""
        telegram, found = TOKEN.partition(":")[2], self.log() + shown
        known = [telegram, SECRET, "@example.org", *re.findall(r"\+1\d{10}", PEOPLE)]
        return [each for each in known if each in found]

    async def shown(self) -> str:
        """What the server shows to whoever asks, without a sign-in."""
        async with httpx.AsyncClient() as client:
            pages = [await client.get(f"{self.url}/{page}") for page in ("readyz", "metrics")]
        assert all(page.is_success for page in pages)
        return "".join(page.text for page in pages)

    def log(self) -> str:
        """What the server wrote."""
        return (self.folder / "serve.log").read_text(errors="replace")


async def until(found: Callable[[], Any], seconds: float = 45.0) -> Any:
    """What `found` gives as soon as it is true; a real socket is polled, business time does not
    pass."""
    for _ in range(int(seconds / 0.02)):
        if value := found():
            return value
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come")


def said(phone: Any) -> list[str]:
    """What a phone shows, oldest first."""
    return [
        getattr(message, "text", None) or getattr(message, "body", "") or ""
        for message in phone.inbox
    ]


async def more(phone: Any, seen: int, seconds: float = 45.0) -> None:
    """Wait until a phone has heard more than `seen` messages."""
    await until(lambda: len(phone.inbox) > seen, seconds)


async def hears(phone: Any, pattern: str, after: int = 0) -> str:
    """The first text from `after` on that matches; waits for it."""
    return str(
        await until(
            lambda: next((text for text in said(phone)[after:] if re.search(pattern, text)), None)
        )
    )
