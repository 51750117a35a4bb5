"""Mail over SMTP: builds the message, hands it over, and says what a refusal means."""

import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from bot.channels.base import (
    Misconfigured,
    Outgoing,
    Refused,
    SendError,
    Sent,
    TryLater,
    UnknownOutcome,
)
from bot.settings import is_loopback

_NO_LOGIN = (530, 534, 535, 538)
_TOO_BIG = 552


class Email:
    """One SMTP server, a connection for each mail.

    `url` is SMTP_URL of contract section 4: `smtp://` requires STARTTLS and a verified
    certificate, `smtps://` speaks TLS from the start, `?tls=none` is for the loopback alone.
    timeout: real seconds for each step.
    """

    name = "email"
    patience = 115.0

    def __init__(self, url: str, sender: str, *, timeout: float = 20.0) -> None:
        parts = urlsplit(url)
        self.account = parts.hostname or ""
        self._sender = sender
        self._timeout = timeout
        self._implicit_tls = parts.scheme == "smtps"
        self._starttls = not self._implicit_tls and parse_qs(parts.query).get("tls") != ["none"]
        if not (self._implicit_tls or self._starttls or is_loopback(url)):
            raise ValueError("mail may go without TLS only to this machine")
        self._port = parts.port or (465 if self._implicit_tls else 587)
        self._login = (unquote(parts.username or ""), unquote(parts.password or ""))
        # The default context verifies the certificate and honours SSL_CERT_FILE.
        self._tls = ssl.create_default_context()

    async def close(self) -> None:
        """Nothing stays open."""

    async def find(self, message: Outgoing, attempted_at: int) -> Sent | None:
        """A mail server cannot be asked; the fixed Message-ID makes a repeat harmless."""
        return None

    async def send(self, message: Outgoing) -> Sent:
        """Hand one mail over; SendError. Its provider id is its Message-ID."""
        mail = build(message, self._sender)
        recipients = [address for _, address in _people(message.payload, "to", "cc")]
        client = aiosmtplib.SMTP(
            hostname=self.account,
            port=self._port,
            timeout=self._timeout,
            use_tls=self._implicit_tls,
            start_tls=self._starttls,
            tls_context=self._tls,
        )
        handing_over = False
        try:
            await client.connect()
            if self._login[0]:
                await client.login(*self._login)
            await client.mail(parseaddr(self._sender)[1])
            turned_away = await _name_recipients(client, recipients)
            handing_over = True
            await client.data(mail.as_bytes(policy=SMTP))
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=5)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _translated(error, handing_over=handing_over) from error
        finally:
            client.close()
        note = f"{turned_away} of {len(recipients)} recipients refused" if turned_away else ""
        return Sent(str(message.payload["message_id"]), note)


def build(message: Outgoing, sender: str) -> EmailMessage:
    """The mail as it leaves; its Message-ID is the row's, the same at every attempt."""
    payload = message.payload
    mail = EmailMessage()
    mail["From"] = sender
    for field in ("to", "cc"):
        people = _people(payload, field)
        if people:
            mail[field.title()] = ", ".join(formataddr(person) for person in people)
    if payload.get("reply_to"):
        mail["Reply-To"] = _line(payload["reply_to"])
    mail["Subject"] = _line(payload["subject"])
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = _line(payload["message_id"])
    earlier = [_line(reference) for reference in payload.get("references", ())]
    if earlier:
        mail["In-Reply-To"] = earlier[-1]
        mail["References"] = " ".join(earlier)
    mail.set_content(str(payload["text"]))
    for picture in message.pictures:
        main, _, sub = picture.mime.partition("/")
        mail.add_attachment(picture.data, maintype=main, subtype=sub, filename=picture.name)
    return mail


def _people(payload: Mapping[str, Any], *fields: str) -> list[tuple[str, str]]:
    """(name, address) of every recipient in these fields, each address once."""
    said = [parseaddr(_line(entry)) for field in fields for entry in payload.get(field) or ()]
    return list({address: (name, address) for name, address in said if address}.values())


def _line(text: object) -> str:
    """One header line: a line break would start another header.

    The library reads "=?utf-8?q?=0d=0aBcc:…?=" as the line break that it spells, and breaks there.
    """
    plain = "".join(sign if sign.isprintable() else " " for sign in str(text))
    return " ".join(plain.split()).replace("=?", "= ?")


async def _name_recipients(client: aiosmtplib.SMTP, recipients: Sequence[str]) -> int:
    """Name them to the server; how many it turned away. The last refusal, if all were."""
    refusals = []
    for address in recipients:
        try:
            await client.rcpt(address)
        except aiosmtplib.SMTPRecipientRefused as error:
            if error.code < 500:
                raise  # later, for everybody: a mail is not sent in two parts
            refusals.append(error)
    if len(refusals) == len(recipients):
        raise refusals[-1] if refusals else Refused("invalid", "the mail has no recipient")
    return len(refusals)


def _translated(error: Exception, *, handing_over: bool) -> SendError:
    """What to do about it; `handing_over`: the mail itself was under way, it may have arrived."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Misconfigured("the mail server's certificate cannot be verified")
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return Misconfigured(f"the mail server refuses the login: {error.code}")
    if isinstance(error, aiosmtplib.SMTPResponseException) and error.code >= 400:
        return _answered(error)
    if isinstance(error, ssl.SSLError | aiosmtplib.SMTPNotSupported) or "STARTTLS" in str(error):
        return Misconfigured("the mail server offers no TLS that can be verified")
    if handing_over:
        return UnknownOutcome(type(error).__name__)
    return TryLater(type(error).__name__, whole_channel=True)


def _answered(error: aiosmtplib.SMTPResponseException) -> SendError:
    said = f"{error.code} {_line(error.message)[:200]}"
    if error.code in _NO_LOGIN:
        return Misconfigured(f"the mail server refuses the login: {said}")
    if error.code < 500:
        return TryLater(said, whole_channel=error.code == 421)
    if isinstance(error, aiosmtplib.SMTPRecipientRefused):
        return Refused("invalid", said)
    if isinstance(error, aiosmtplib.SMTPSenderRefused) and error.code != _TOO_BIG:
        return Misconfigured(f"the mail server refuses MAIL_FROM: {said}")
    return Refused("other", said)
