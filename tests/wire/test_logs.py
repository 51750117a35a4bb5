"""The log: for a person or as JSON, with the cause from an update to the message that answers it."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.incoming import PhotoRef
from bot.wires.logs import Documents, Lines
from bot.wires.redaction import keep_secrets
from storage.causes import cause, caused_by
from tests.stage import Stage

SECRET = "b" * 32


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(f"sqlite:///{tmp_path}/logs.db", "sms")


def causes(stage: Stage) -> list[str]:
    """Of all that was to be sent, oldest first."""
    with stage.store.reading() as tx:
        return [row["cause"] for row in tx.all("SELECT cause FROM outbox ORDER BY id")]


@pytest.fixture
def record() -> Iterator[logging.LogRecord]:
    """A line about a secret and a number, with both in its traceback and in its fields."""
    factory = logging.getLogRecordFactory()
    keep_secrets(SECRET)
    try:
        with pytest.raises(ValueError, match="with") as raised:
            int(f"+12125550101 with {SECRET}")
        what = (raised.type, raised.value, raised.tb)
        with caused_by("sms/+12125550101"):
            yield logging.getLogger("bot").makeRecord(
                "bot", logging.ERROR, "here", 1, "to %s: %s", ("+12125550101", SECRET), what,
                extra={"outbox": [7], "sent": "sms/+12125550101"},
            )  # fmt: skip
    finally:
        logging.setLogRecordFactory(factory)


@pytest.mark.parametrize("written", [Lines(), Documents()])
def test_s7_no_line_of_either_kind_has_a_secret_or_a_number(
    record: logging.LogRecord, written: logging.Formatter
) -> None:
    line = written.format(record)

    assert "Traceback" in line
    assert "+…01" in line
    assert SECRET not in line
    assert "2125550101" not in line


def test_a_json_line_is_one_document_with_its_cause_and_facts(record: logging.LogRecord) -> None:
    line = Documents().format(record)
    document = json.loads(line)

    assert "\n" not in line
    assert {"at", "level", "logger", "message", "cause", "outbox", "sent", "error"} == set(document)
    assert ("error", "bot", "to +…01: …") == tuple(
        document[name] for name in ("level", "logger", "message")
    )
    assert ("sms/+…01", [7]) == (document["cause"], document["outbox"])
    assert document["at"].endswith("+00:00")


def test_what_an_update_or_a_reminder_says_has_its_cause(stage: Stage) -> None:
    stage.usual()
    stage.says("tina", "where")
    answered = stage.last_incoming
    assert answered is not None
    stage.sends_photo("tina")
    photographed = stage.last_incoming
    assert photographed is not None
    stage.forward("07:00")

    first, second, *later = causes(stage)
    assert (answered.cause, photographed.cause) == (first, second)
    assert {"timer"} == {name.partition("/")[0] for name in later}
    assert "" == cause()


def test_what_waited_for_a_photo_is_answered_in_its_own_name(stage: Stage) -> None:
    stage.usual()
    phone = stage.phones["tina"]
    stage._receive(*phone, photos=(PhotoRef({"n": 1}, "image/jpeg", 9),))
    stage._receive(*phone, text="where")
    waited = stage.last_incoming
    assert waited is not None
    assert [] == stage.heard

    stage.store.transact(
        lambda tx: stage.door.photo_stored(
            tx, 1, sha256="0" * 64, size=9, mime="image/jpeg", path="x"
        )
    )

    assert waited.cause == causes(stage)[-1]
