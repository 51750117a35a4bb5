"""S3, S5: every word, code and button × every wrong person changes nothing of somebody else's job."""

import hashlib
import json
from pathlib import Path

import pytest

from bot.incoming import Incoming
from flows.words import COMMANDS
from storage import people
from storage.db import Tx
from tests.stage import Stage

CODES = (
    "1",
    "0",
    "2.",
    "9",
    "DONE 7",
    "A1",
    "A 930",
    "1 1015",
    "yes",
    "TAKE 114-7",
    "JOIN ABCDEFGHJK",
)
VERDICTS = "acyngomx"
WRONG = ("sam", "eve", "nobody", "gone", "stopped")


def staged(tmp_path: Path, channel: str) -> Stage:
    """Tina stands at a job with a no-show and an alert that asks Dana; others have teams of their
    own."""
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", channel).usual()
    eve = stage.enrol("Eve Other", "manager")
    stage.enrol("Sam Okafor", dm=eve)
    stage.order("200-1", "08:00", "11:00", who="sam", customer="S Customer")
    stage.enrol("Gone Person")
    stage.enrol("Stopped Person", dm=eve)
    stage.store.transact(lambda tx: people.change(tx, stage.people["gone"], erased_at=1))
    _, address = stage.phones["stopped"]
    stage.store.transact(lambda tx: people.set_address_state(tx, channel, address, "opted_out"))
    stage.forward("08:02")
    for said in ("1", "1", "issue", "nobody home"):
        stage.says("tina", said)
    stage.sends_photo("tina")
    stage.says("tina", "manager he shouts at me")
    return stage


def of_tina(stage: Stage) -> str:
    """All that is Tina's, and all that was asked of her managers."""

    def work(tx: Tx) -> str:
        tina = {"id": stage.people["tina"]}
        mine = "job_id IN (SELECT id FROM jobs WHERE technician_id = :id)"
        rows = [
            tx.all(sql, tina)
            for sql in (
                "SELECT * FROM jobs WHERE technician_id = :id ORDER BY id",
                f"SELECT * FROM timeline WHERE {mine} ORDER BY id",  # noqa: S608
                f"SELECT * FROM fees WHERE {mine} ORDER BY id",  # noqa: S608
                f"SELECT * FROM alerts WHERE {mine} OR about_id = :id ORDER BY id",  # noqa: S608
                f"SELECT * FROM photos WHERE {mine} OR person_id = :id ORDER BY id",  # noqa: S608
                f"SELECT * FROM timers WHERE {mine} ORDER BY id",  # noqa: S608
            )
        ]
        return hashlib.sha256(repr(rows).encode()).hexdigest()

    return stage.store.transact(work)


def attempts(stage: Stage) -> list[tuple[str, str]]:
    """(text, button): every command, code, verdict with the right number and characters, and every
    button that ever stood on Tina's and her managers' phones."""

    def work(tx: Tx) -> list[tuple[str, str]]:
        found = [(word, "") for word in (*COMMANDS, *CODES)]
        for alert in tx.all("SELECT number, token FROM alerts"):
            for verdict in VERDICTS:
                code = f"{alert['number']}{verdict}"
                found += [(code, ""), (f"{code} {alert['token']}".strip(), "")]
        for row in tx.all("SELECT payload FROM outbox WHERE person_id IS NOT NULL"):
            for line in json.loads(row["payload"]).get("buttons", []):
                found += [("", str(button[1])) for button in line]
        return sorted(set(found))

    return stage.store.transact(work)


@pytest.mark.parametrize(("who", "by"), [*((who, "telegram") for who in WRONG), ("eve", "sms")])
def test_s3_s5_no_word_code_or_button_of_a_wrong_person_touches_a_job(
    tmp_path: Path, who: str, by: str
) -> None:
    stage = staged(tmp_path, by)
    before, tried = of_tina(stage), attempts(stage)
    channel, address = stage.phones.get(who, (stage.channel, "+19995550000"))
    for number, (text, button) in enumerate(tried):
        now = stage.clock.now()
        incoming = Incoming(
            channel, "account", f"{who}{number}", address, now, now, text=text, button=button,
            kind="button" if button else "message",
        )  # fmt: skip
        stage.store.transact(lambda tx, incoming=incoming: stage.door.receive(tx, incoming))  # type: ignore[misc]
        assert before == of_tina(stage), f"{who}: {text or button}"
    print(f"{who} by {by}: {len(tried)} attempts")
    assert len(tried) > 60
