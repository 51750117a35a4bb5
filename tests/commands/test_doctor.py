"""`doctor`: one line for each thing that must work, against simulated carriers."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import kept, outbox
from storage.db import Store
from storage.migrations import upgrade
from tests.commands.conftest import Shell
from tests.wire.running import OFFICE_NUMBER, Running


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    """The carriers, everything configured, and no server yet."""
    made = Running(tmp_path)
    async with made.carriers():
        yield made


def line(out: str, name: str) -> str:
    """What the doctor says of one thing."""
    (found,) = [each for each in out.splitlines() if each[5:].startswith(f"{name}: ")]
    return found


def test_nothing_configured_is_no_failure(shell: Shell) -> None:
    out = shell.run("doctor").out

    found = [(each[:4].strip(), each[5:].partition(":")[0]) for each in out.splitlines()]
    assert [
        ("ok", "Settings"), ("ok", "Database"), ("-", "Telegram"), ("-", "Twilio"), ("-", "SMTP"),
        ("ok", "Photo store"), ("-", "Contacts apollo"),
        ("-", "Contacts mila"),
    ] == found  # fmt: skip
    assert "mail to the office waits" in line(out, "SMTP")


async def test_everything_that_answers_is_ok(running: Running) -> None:
    out = await running.command("doctor")

    assert "FAIL" not in out
    assert "@doorstep_bot answers." in line(out, "Telegram")
    assert "updates are polled." in line(out, "Telegram updates")
    assert "the account is active." in line(out, "Twilio")
    url = f"{running.url}/twilio/inbound"
    assert f"better with retries: set it to {url}#rc=5&rp=all." in line(
        out, f"Twilio {OFFICE_NUMBER}"
    )
    assert "answers." in line(out, "SMTP")
    assert "can be written and read." in line(out, "Photo store")
    assert [] == [path for path in (running.folder / "photos").rglob("*") if path.is_file()]


async def test_a_webhook_that_points_elsewhere_fails(running: Running) -> None:
    running.env["PUBLIC_URL"] = "http://127.0.0.1:1"
    out = await running.command("doctor", code=1)

    advice = "set the messaging webhook to http://127.0.0.1:1/twilio/inbound#rc=5&rp=all."
    assert line(out, f"Twilio {OFFICE_NUMBER}").startswith("FAIL")
    assert advice in line(out, f"Twilio {OFFICE_NUMBER}")


async def test_polled_texts_need_no_webhook(running: Running) -> None:
    running.env["TWILIO_MODE"] = "polling"

    assert "inbound texts are polled" in line(
        await running.command("doctor"), f"Twilio {OFFICE_NUMBER}"
    )


@pytest.mark.parametrize(
    ("settings", "name", "advice"),
    [
        ({"TELEGRAM_BOT_TOKEN": "4242:" + "x" * 35}, "Telegram", "check TELEGRAM_BOT_TOKEN"),
        ({"TELEGRAM_API_URL": "http://127.0.0.1:9"}, "Telegram", "it cannot be reached"),
        ({"TWILIO_AUTH_TOKEN": "z" * 32}, "Twilio", "TWILIO_AUTH_TOKEN"),
        ({"TWILIO_API_URL": "http://127.0.0.1:9"}, "Twilio", "it cannot be reached"),
        ({"TWILIO_FROM": "+18885550199"}, "Twilio +18885550199", "check TWILIO_FROM"),
        ({"SMTP_URL": "smtp://127.0.0.1:9?tls=none"}, "SMTP", "check SMTP_URL"),
        ({"PHOTO_STORE": "file:/dev/null/photos"}, "Photo store", "check PHOTO_STORE"),
    ],
)
async def test_s7_what_does_not_work_fails_without_telling_a_secret(
    running: Running, settings: dict[str, str], name: str, advice: str
) -> None:
    running.env |= settings
    out = await running.command("doctor", code=1)

    assert line(out, name).startswith("FAIL")
    assert advice in line(out, name)
    assert running.env["TELEGRAM_BOT_TOKEN"] not in out
    assert running.env["TWILIO_AUTH_TOKEN"] not in out


async def test_a_mail_server_that_has_no_starttls_is_refused(running: Running) -> None:
    running.env["SMTP_URL"] = running.env["SMTP_URL"].removesuffix("?tls=none")

    assert line(await running.command("doctor", code=1), "SMTP").startswith("FAIL")


async def test_a_webhook_of_telegram_that_is_not_set_fails(running: Running) -> None:
    running.env |= {"TELEGRAM_MODE": "webhook", "TELEGRAM_WEBHOOK_SECRET": "s3cret"}
    out = await running.command("doctor", code=1)

    assert f"wanted is {running.url}/telegram/webhook" in line(out, "Telegram updates")


async def test_s11_confirming_the_contacts_lets_the_waiting_mail_go(running: Running) -> None:
    store = Store(running.env["DATABASE_URL"])
    upgrade(store)
    store.transact(
        lambda tx: outbox.add(
            tx, channel="email", address="amazon@apolloretail.com", kind="mail", lane=1,
            payload=json.dumps({}), created_at=0, due_at=0, status="held", error="not confirmed",
        )
    )  # fmt: skip
    before = await running.command("doctor")
    assert "amazon@apolloretail.com" in line(before, "Contacts apollo")
    assert "not confirmed, so mail waits" in line(before, "Contacts apollo")

    after = await running.command("doctor", "--confirm-contacts")

    assert "confirmed." in line(after, "Contacts apollo")
    with store.reading() as tx:
        row = outbox.get(tx, 1)
        assert row is not None
        assert "pending" == row["status"]
        assert kept.get(tx, "contacts_confirmed apollo") is not None


def test_s11_without_a_mail_server_confirmed_mail_waits_on(shell: Shell) -> None:
    shell.run("doctor")
    shell.store.transact(
        lambda tx: outbox.add(
            tx, channel="email", address="amazon@apolloretail.com", kind="mail", lane=1,
            payload="{}", created_at=0, due_at=0, status="held",
        )
    )  # fmt: skip
    shell.run("doctor", "--confirm-contacts")

    assert ["held"] == [row["status"] for row in shell.sql("SELECT status FROM outbox")]


def test_an_address_of_the_operators_own_needs_no_confirmation(shell: Shell) -> None:
    shell.set(APOLLO_OFFICE_EMAIL="office@example.org")

    assert "office@example.org" in line(shell.run("doctor").out, "Contacts apollo")
    assert line(shell.run("doctor").out, "Contacts apollo").startswith("ok")


def test_a_database_that_is_not_there_fails(shell: Shell) -> None:
    shell.set(DATABASE_URL="postgresql://nobody:geheim@127.0.0.1:9/none")
    ran = shell.run("doctor", code=1)

    assert line(ran.out, "Database").startswith("FAIL")
    assert "geheim" not in ran.out + ran.err
