"""Mail over SMTP: how it is built, how it is protected, and what each refusal brings."""

import io
import json
import ssl
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from bot.channels.base import Outgoing
from bot.channels.email import Email, build
from bot.pictures.photo_store import Folder
from bot.rehearsal.carriers.mailbox import Mailbox
from bot.wires.delivery import Delivery
from tests.wire.world import World

MINUTE = 60_000


@pytest.fixture
def mailbox(world: World) -> Iterator[Mailbox]:
    box = Mailbox(world.clock.datetime)
    with box.running():
        yield box


def channel(mailbox: Mailbox, timeout: float = 1.0) -> Email:
    url = f"smtp://127.0.0.1:{mailbox.port}?tls=none"
    return Email(url, "Doorstep <bot@example.com>", timeout=timeout)


def delivery_of(world: World, email: Email, tmp_path: Path) -> Delivery:
    store = Folder(tmp_path / "photos")
    return Delivery(world.store, world.writer, world.door, world.clock, [email], read=store.get)


@pytest.fixture
def delivery(world: World, mailbox: Mailbox, tmp_path: Path) -> Delivery:
    return delivery_of(world, channel(mailbox), tmp_path)


def queue(world: World, **more: object) -> int:
    payload: dict[str, object] = {
        "to": ["office@example.com"],
        "cc": ["dana@example.com"],
        "subject": "No show, WO 114-7\nBcc: evil@example.com",
        "text": "Nobody home.\nGarcía",
        "photos": [],
        "message_id": "<1-1-abc@doorstep>",
        "references": ["<wo-1@doorstep>"],
        "reply_to": "dana@example.com",
    }
    return world.queue("email", "office@example.com", json.dumps(payload | more), kind="mail")


@pytest.mark.parametrize(
    "words",
    [
        "=?utf-8?q?a=0d=0aBcc:_evil=40example.com?=", "=?utf-8?b?YQ0KQmNjOiBldmlsQGV4YW1wbGUuY29t?=",
        "a\r\nBcc: evil@example.com", "a\x85Bcc: e", "a\u2028Bcc: e", "\x00\x0b\ud800", "é=?" * 300,
    ],
)  # fmt: skip
def test_s6_words_in_a_subject_begin_no_other_header(words: str) -> None:
    """Customers' names and orders stand there, as a client's list has them."""
    payload = {"to": ["office@example.com"], "subject": words, "text": "Hi.", "message_id": "<1@d>"}
    message = Outgoing(1, "office@example.com", "mail", payload, datetime.now(UTC))

    raw = build(message, "Doorstep <bot@example.com>").as_bytes(policy=SMTP)

    names = {name.lower() for name in message_from_bytes(raw, policy=SMTP)}
    ours = "from to subject date message-id content-type content-transfer-encoding mime-version"
    assert names <= set(ours.split())


async def test_a_mail_as_the_office_sees_it(
    world: World, delivery: Delivery, mailbox: Mailbox
) -> None:
    row = queue(world)

    await delivery.attempt_all_due()

    (mail,) = mailbox.mails
    assert mail.sender == "Doorstep <bot@example.com>"
    assert (mail.to, mail.cc) == ("office@example.com", "dana@example.com")
    assert (mail.envelope_from, mail.rcpts) == (
        "bot@example.com",
        ("office@example.com", "dana@example.com"),
    )
    assert mail.subject == "No show, WO 114-7 Bcc: evil@example.com"
    assert mail.text.replace("\r\n", "\n") == "Nobody home.\nGarcía\n"
    assert (mail.message_id, mail.in_reply_to) == ("<1-1-abc@doorstep>", "<wo-1@doorstep>")
    assert mail.reply_to == "dana@example.com"
    assert b"\nDate: Mon, 23 Nov 2026 12:00:00 +0000" in mail.raw.replace(b"\r\n", b"\n")
    assert world.row(row)["status"] == "sent"


async def test_p7_a_photo_leaves_upright_and_without_the_place_it_was_taken_at(
    world: World, delivery: Delivery, mailbox: Mailbox, tmp_path: Path, jpeg: bytes
) -> None:
    path, _ = await Folder(tmp_path / "photos").put(jpeg, "image/jpeg")
    photo, gone = world.announce("telegram", "{}"), world.announce("telegram", "{}")
    for number, where in ((photo, path), (gone, "ab/" + "0" * 64 + ".jpg")):
        world.store.transact(
            partial(world.door.photo_stored, photo=number, sha256="", size=1, mime="", path=where)
        )
    queue(world, photos=[photo, gone])

    await delivery.attempt_all_due()

    (mail,) = mailbox.mails
    ((name, kind, data),) = mail.attachments
    with Image.open(io.BytesIO(data)) as image:
        assert (name, kind, image.size) == ("photo-1.jpg", "image/jpeg", (240, 320))
        assert dict(image.getexif()) == {}
    assert "1 of 2 photos cannot be attached" in mail.text


@pytest.mark.parametrize(
    ("reply", "stage"),
    [
        ("451 4.3.0 later", "MAIL"),
        ("450 4.2.0 busy", "RCPT"),
        ("452 4.3.1 full", "DATA"),
        ("421 4.3.2 closing", "DATA"),
        ("drop", "MAIL"),
        ("hang", "RCPT"),
    ],
)
async def test_p8_a_passing_trouble_delays(
    world: World, delivery: Delivery, mailbox: Mailbox, reply: str, stage: str
) -> None:
    mailbox.add_fault(reply, stage=stage)  # type: ignore[arg-type]
    row = queue(world)

    await delivery.attempt_all_due()
    assert (world.row(row)["status"], mailbox.mails) == ("pending", [])
    world.advance(6 * MINUTE)
    await delivery.attempt_all_due()

    assert len(mailbox.mails) == 1
    assert world.row(row)["status"] == "sent"


async def test_p5_a_lost_answer_is_repeated_under_the_same_message_id(
    world: World, delivery: Delivery, mailbox: Mailbox
) -> None:
    mailbox.add_fault("drop after")
    row = queue(world)

    await delivery.attempt_all_due()
    world.advance(MINUTE)
    await delivery.attempt_all_due()

    assert [mail.message_id for mail in mailbox.mails] == ["<1-1-abc@doorstep>"] * 2
    assert world.row(row)["status"] == "sent"


@pytest.mark.parametrize(
    ("reply", "stage", "why"),
    [("552 5.3.4 too big", "DATA", "other"), ("554 5.6.0 no", "DATA", "other")],
)
async def test_a_final_refusal_is_told(
    world: World, delivery: Delivery, mailbox: Mailbox, reply: str, stage: str, why: str
) -> None:
    mailbox.add_fault(reply, stage=stage)  # type: ignore[arg-type]
    row = queue(world)

    await delivery.attempt_all_due()

    assert world.door.failed == [(row, why)]


async def test_one_wrong_recipient_does_not_keep_the_mail_from_the_other(
    world: World, delivery: Delivery, mailbox: Mailbox
) -> None:
    mailbox.add_fault("550 5.1.1 who?", stage="RCPT", recipient="dana@example.com")
    row = queue(world)

    await delivery.attempt_all_due()

    assert [mail.rcpts for mail in mailbox.mails] == [("office@example.com",)]
    assert world.row(row)["error"] == "1 of 2 recipients refused"


async def test_all_recipients_wrong_is_told(
    world: World, delivery: Delivery, mailbox: Mailbox
) -> None:
    mailbox.add_fault("550 5.1.1 who?", stage="RCPT", times=None)
    row = queue(world)

    await delivery.attempt_all_due()

    assert world.door.failed == [(row, "invalid")]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "c.pem", folder / "k.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            str(key),
            "-out",
            str(cert),
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
        ],
        check=True,
        capture_output=True,
    )
    return cert, key


@pytest.fixture
def guarded(world: World, certificate: tuple[Path, Path]) -> Iterator[Mailbox]:
    """A server that wants STARTTLS and a login."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    box = Mailbox(world.clock.datetime, tls=context, login=("u@x", "p:w"))
    with box.running():
        yield box


async def test_starttls_and_login(
    world: World,
    guarded: Mailbox,
    certificate: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    email = Email(f"smtp://u%40x:p%3Aw@127.0.0.1:{guarded.port}", "bot@example.com")
    row = queue(world)

    await delivery_of(world, email, tmp_path).attempt_all_due()

    assert len(guarded.mails) == 1
    assert world.row(row)["status"] == "sent"


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_wrong_password_or_certificate_pages_the_operator_and_the_mail_waits(
    world: World,
    guarded: Mailbox,
    certificate: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trusted: bool,
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    email = Email(f"smtp://u%40x:wrong@127.0.0.1:{guarded.port}", "bot@example.com")
    row = queue(world)

    await delivery_of(world, email, tmp_path).attempt_all_due()

    assert world.door.stopped == [("email", "configuration")]
    assert world.row(row)["status"] == "pending"
    assert "wrong" not in world.row(row)["error"]


async def test_a_server_without_tls_gets_no_mail(
    world: World, mailbox: Mailbox, tmp_path: Path
) -> None:
    email = Email(f"smtp://127.0.0.1:{mailbox.port}", "bot@example.com", timeout=1)
    queue(world)

    await delivery_of(world, email, tmp_path).attempt_all_due()

    assert mailbox.mails == []
    assert world.door.stopped == [("email", "configuration")]


def test_no_tls_is_for_this_machine_alone() -> None:
    with pytest.raises(ValueError, match="only to this machine"):
        Email("smtp://mail.example.com:25?tls=none", "bot@example.com")


async def test_p8_mail_waits_through_hours_of_outage_and_leaves_in_order(
    world: World, delivery: Delivery, mailbox: Mailbox
) -> None:
    outage = mailbox.add_fault("drop", stage="MAIL", times=None)
    for number in range(3):
        queue(world, subject=f"{number}", message_id=f"<{number}@doorstep>")

    for _ in range(30):
        await delivery.attempt_all_due()
        world.advance(5 * MINUTE)
    mailbox.clear_faults()
    await delivery.attempt_all_due()

    assert [mail.subject for mail in mailbox.mails] == ["0", "1", "2"]
    assert outage.fired <= 33
