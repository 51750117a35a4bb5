"""A simulated mail server on the loopback: it keeps what it accepts, and fails on request."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from typing import Any, Literal, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Stage = Literal["MAIL", "RCPT", "DATA"]
Trouble = Literal["drop", "hang", "drop after"]


@dataclass(frozen=True)
class Mail:
    """One accepted mail; addresses as in the header, attachments as (name, type, bytes)."""

    envelope_from: str
    rcpts: tuple[str, ...]
    sender: str
    to: str
    cc: str
    subject: str
    message_id: str
    in_reply_to: str
    references: str
    reply_to: str
    text: str
    html: str
    attachments: tuple[tuple[str, str, bytes], ...]
    raw: bytes
    received_at: datetime

    @classmethod
    def read(cls, envelope_from: str, rcpts: list[str], raw: bytes, at: datetime) -> "Mail":
        """Take a mail apart as a mail program would."""
        parsed = message_from_bytes(raw, policy=policy.default)
        text, html = parsed.get_body(("plain",)), parsed.get_body(("html",))
        attachments = tuple(
            (part.get_filename() or "", part.get_content_type(), part.get_payload(decode=True))
            for part in parsed.iter_attachments()
        )
        return cls(
            envelope_from=envelope_from,
            rcpts=tuple(rcpts),
            sender=str(parsed["From"] or ""),
            to=str(parsed["To"] or ""),
            cc=str(parsed["Cc"] or ""),
            subject=str(parsed["Subject"] or ""),
            message_id=str(parsed["Message-ID"] or ""),
            in_reply_to=str(parsed["In-Reply-To"] or ""),
            references=str(parsed["References"] or ""),
            reply_to=str(parsed["Reply-To"] or ""),
            text=text.get_content() if text else "",
            html=html.get_content() if html else "",
            attachments=cast(tuple[tuple[str, str, bytes], ...], attachments),
            raw=raw,
            received_at=at,
        )


@dataclass
class MailFault:
    """A planned trouble at a stage of the dialogue: a reply such as `451 4.3.0 later`, or none."""

    stage: Stage
    reply: str | Trouble
    times: int | None
    recipient: str | None
    fired: int = 0


class Mailbox:
    """The server, in a thread of its own; `with mailbox.running() as url:` gives `smtp://…`.

    now: the clock behind `received_at`, UTC. tls: offers STARTTLS (and requires it).
    login: user and password that are required (with `tls`, only after STARTTLS).
    size_limit: bytes.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        tls: ssl.SSLContext | None = None,
        login: tuple[str, str] | None = None,
        size_limit: int = 33_554_432,
    ) -> None:
        self.now = now
        self.mails: list[Mail] = []
        self.listeners: list[Callable[[Mail], None]] = []
        self.faults: list[MailFault] = []
        self.host = "127.0.0.1"
        self.port = 0
        self._tls = tls
        self._login = login
        self._size_limit = size_limit

    @contextlib.contextmanager
    def running(self, port: int = 0) -> Iterator[str]:
        """Serve on 127.0.0.1 until the block ends; yields `smtp://127.0.0.1:port`."""
        controller = _Controller(
            self,
            hostname=self.host,
            port=port,
            data_size_limit=self._size_limit,
            tls_context=self._tls,
            require_starttls=self._tls is not None,
            auth_required=self._login is not None,
            auth_require_tls=self._tls is not None,
            authenticator=self._authenticate if self._login else None,
        )
        controller.start()
        try:
            self.port = controller.bound_port
            yield f"smtp://{self.host}:{self.port}"
        finally:
            controller.stop()

    def add_fault(
        self,
        reply: str | Trouble,
        *,
        stage: Stage = "DATA",
        times: int | None = 1,
        recipient: str | None = None,
    ) -> MailFault:
        """Plan a trouble: an SMTP reply, `drop`, `hang`, or (DATA) `drop after` accepting.

        times: None = until cleared. recipient: only at RCPT for this address.
        """
        fault = MailFault(stage, reply, times, recipient)
        self.faults.append(fault)
        return fault

    def clear_faults(self) -> None:
        """Behave again."""
        self.faults.clear()

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """MAIL FROM."""
        trouble = await self._trouble(server, "MAIL", None)
        if trouble is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return trouble or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """RCPT TO."""
        trouble = await self._trouble(server, "RCPT", address)
        if trouble is None:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return trouble or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """The mail itself."""
        fault = self._take("DATA", None)
        if fault is not None and fault.reply != "drop after":
            return await _play(server, fault.reply)
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        mail = Mail.read(envelope.mail_from or "", envelope.rcpt_tos, raw, self.now())
        self.mails.append(mail)
        for listener in self.listeners:
            listener(mail)
        if fault is not None:
            return await _play(server, "drop")
        return "250 OK: queued"

    async def _trouble(self, server: SMTP, stage: Stage, recipient: str | None) -> str | None:
        fault = self._take(stage, recipient)
        return None if fault is None else await _play(server, fault.reply)

    def _take(self, stage: Stage, recipient: str | None) -> MailFault | None:
        for fault in self.faults:
            spent = fault.times is not None and fault.fired >= fault.times
            elsewhere = fault.recipient is not None and fault.recipient != recipient
            if fault.stage == stage and not spent and not elsewhere:
                fault.fired += 1
                return fault
        return None

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        said = (data.login, data.password) if isinstance(data, LoginPassword) else None
        wanted = tuple(part.encode() for part in self._login or ())
        return AuthResult(success=said == wanted, handled=False)


class _Controller(Controller):
    @property
    def bound_port(self) -> int:
        """The port in use, also where 0 was asked for."""
        sockets = cast(asyncio.Server, self.server).sockets
        return int(sockets[0].getsockname()[1])

    def _trigger_server(self) -> None:
        """Look whether the server answers, at the port that it really got."""
        if self.port == 0:
            self.port = self.bound_port
        super()._trigger_server()  # type: ignore[no-untyped-call]


async def _play(server: SMTP, reply: str) -> str:
    if reply == "drop":
        cast(asyncio.Transport, server.transport).abort()
        return "421 dropped"
    if reply == "hang":
        await asyncio.sleep(3600)
    return reply
