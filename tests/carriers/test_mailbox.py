import shlex
import ssl
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiosmtplib
import pytest

from bot.rehearsal.carriers.mailbox import Mail, Mailbox

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox(lambda: AT)
    with box.running():
        yield box


def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Doorstep <bot@example.org>"
    message["To"] = "office@example.org"
    message["Cc"] = "dana@example.org"
    message["Reply-To"] = "dana@example.org"
    message["Subject"] = "No show – WO 114-7"
    message["Message-ID"] = "<1@example.org>"
    message["In-Reply-To"] = "<0@example.org>"
    message["References"] = "<0@example.org>"
    message.set_content("Nobody home.\n")
    message.add_alternative("<p>Nobody home.</p>\n", subtype="html")
    message.add_attachment(b"\xff\xd8", maintype="image", subtype="jpeg", filename="door.jpg")
    return message


async def send(box: Mailbox, **options: Any) -> None:
    words: dict[str, Any] = {"start_tls": False, "timeout": 0.5} | options
    await aiosmtplib.send(mail(), hostname="127.0.0.1", port=box.port, **words)


async def test_a_mail_is_kept_as_the_office_reads_it(mailbox: Mailbox) -> None:
    heard: list[Mail] = []
    mailbox.listeners.append(heard.append)

    await send(mailbox)

    (kept,) = mailbox.mails
    assert heard == [kept]
    assert (kept.envelope_from, kept.rcpts) == (
        "bot@example.org",
        ("office@example.org", "dana@example.org"),
    )
    assert (kept.to, kept.cc, kept.reply_to) == (
        "office@example.org",
        "dana@example.org",
        "dana@example.org",
    )
    assert (kept.subject, kept.sender) == ("No show – WO 114-7", "Doorstep <bot@example.org>")
    assert (kept.message_id, kept.in_reply_to, kept.references) == (
        "<1@example.org>",
        "<0@example.org>",
        "<0@example.org>",
    )
    assert (kept.text.strip(), kept.html.strip()) == ("Nobody home.", "<p>Nobody home.</p>")
    assert kept.attachments == (("door.jpg", "image/jpeg", b"\xff\xd8"),)
    assert kept.received_at == AT


@pytest.mark.parametrize(
    ("reply", "code"), [("451 4.3.0 later", 451), ("554 5.6.0 no", 554), ("421 4.3.2 closing", 421)]
)
async def test_an_error_at_data(mailbox: Mailbox, reply: str, code: int) -> None:
    mailbox.add_fault(reply)

    with pytest.raises(aiosmtplib.SMTPDataError) as caught:
        await send(mailbox)

    assert caught.value.code == code
    assert mailbox.mails == []
    await send(mailbox)
    assert len(mailbox.mails) == 1


async def test_a_refused_sender(mailbox: Mailbox) -> None:
    mailbox.add_fault("451 4.3.0 later", stage="MAIL")

    with pytest.raises(aiosmtplib.SMTPSenderRefused):
        await send(mailbox)


async def test_one_refused_recipient(mailbox: Mailbox) -> None:
    mailbox.add_fault("550 5.1.1 unknown", stage="RCPT", recipient="dana@example.org", times=None)

    await send(mailbox)

    assert mailbox.mails[0].rcpts == ("office@example.org",)
    mailbox.clear_faults()
    await send(mailbox)
    assert len(mailbox.mails[1].rcpts) == 2


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
async def test_a_dropped_connection(mailbox: Mailbox, stage: str) -> None:
    mailbox.add_fault("drop", stage=stage)  # type: ignore[arg-type]

    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send(mailbox)

    assert mailbox.mails == []


async def test_p5_a_connection_dropped_after_the_mail_was_accepted(mailbox: Mailbox) -> None:
    mailbox.add_fault("drop after")

    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send(mailbox)

    assert len(mailbox.mails) == 1


async def test_a_server_that_hangs(mailbox: Mailbox) -> None:
    mailbox.add_fault("hang")

    with pytest.raises(aiosmtplib.SMTPReadTimeoutError):
        await send(mailbox)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for the loopback, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -days 30 "
        "-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1"
    )
    subprocess.run(
        shlex.split(command),
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder


async def test_starttls_and_a_password(certificate: Path) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate / "c.pem", certificate / "k.pem")
    client = ssl.create_default_context(cafile=str(certificate / "c.pem"))
    box = Mailbox(lambda: AT, tls=server, login=("u", "p"))
    with box.running():
        with pytest.raises(aiosmtplib.SMTPSenderRefused):
            await send(box)
        with pytest.raises(aiosmtplib.SMTPSenderRefused):
            await send(box, start_tls=True, tls_context=client)
        with pytest.raises(aiosmtplib.SMTPAuthenticationError):
            await send(box, start_tls=True, tls_context=client, username="u", password="no")
        with pytest.raises(ssl.SSLCertVerificationError):
            await send(box, start_tls=True, username="u", password="p")
        assert box.mails == []

        await send(box, start_tls=True, tls_context=client, username="u", password="p")

    assert len(box.mails) == 1


async def test_a_mail_that_is_too_big() -> None:
    box = Mailbox(lambda: AT, size_limit=100)
    with box.running(), pytest.raises(aiosmtplib.SMTPSenderRefused):
        await send(box)
