import pytest

from storage import inbox
from storage.db import Tx

NOW = 1_800_000_000_000


def add(
    tx: Tx, key: str, at: int = NOW, *, channel: str = "telegram", account: str = "bot",
    person: int | None = None, status: str = "done",
) -> int | None:  # fmt: skip
    return inbox.add(
        tx,
        channel=channel,
        account=account,
        key=key,
        person_id=person,
        received_at=at,
        payload="{}",
        status=status,
    )


def test_p2_an_update_is_stored_once(tx: Tx) -> None:
    assert add(tx, "100") is not None
    assert add(tx, "100") is None
    assert add(tx, "100", NOW + inbox.WINDOW) is None
    assert len(tx.all("SELECT * FROM inbox")) == 1


def test_p2_other_accounts_and_channels_have_keys_of_their_own(tx: Tx) -> None:
    ids = {add(tx, "100"), add(tx, "100", account="other"), add(tx, "100", channel="sms")}

    assert None not in ids
    assert len(ids) == 3


def test_p2_telegram_may_use_an_id_again_after_two_days(tx: Tx) -> None:
    first = add(tx, "100")
    second = add(tx, "100", NOW + inbox.WINDOW + 1)

    assert second not in (None, first)
    assert add(tx, "100", NOW + inbox.WINDOW + 2) is None
    assert inbox.newest_key(tx, "telegram", "bot") == "100"


def test_p2_twilio_never_uses_an_id_again(tx: Tx) -> None:
    assert add(tx, "SM1", channel="sms") is not None
    assert add(tx, "SM1", NOW + 10 * inbox.WINDOW, channel="sms") is None


def test_what_waits_keeps_its_order(tx: Tx) -> None:
    first = add(tx, "1", person=5, status="waiting")
    add(tx, "2", person=5)
    third = add(tx, "3", person=5, status="waiting")
    add(tx, "4", person=6, status="waiting")

    assert [first, third] == [row["id"] for row in inbox.waiting_of(tx, 5)]
    assert [5, 6] == sorted(inbox.people_waiting(tx))

    assert first is not None
    inbox.set_status(tx, first, "done")
    assert [third] == [row["id"] for row in inbox.waiting_of(tx, 5)]


def test_p10_what_could_not_be_applied_is_visible(tx: Tx) -> None:
    row = add(tx, "1")
    assert row is not None
    inbox.set_status(tx, row, "quarantined", "KeyError: 'text'")

    found = [(row["key"], row["error"]) for row in inbox.quarantined(tx)]
    assert [("1", "KeyError: 'text'")] == found


@pytest.mark.parametrize(("key", "known"), [("1", True), ("2", False)])
def test_whether_an_update_is_known(tx: Tx, key: str, known: bool) -> None:
    add(tx, "1")

    assert inbox.known(tx, "telegram", "bot", key) is known


def test_the_newest_key_is_that_of_its_account(tx: Tx) -> None:
    assert inbox.newest_key(tx, "telegram", "bot") is None

    for key, account in (("9", "bot"), ("10", "bot"), ("99", "other")):
        add(tx, key, account=account)

    assert inbox.newest_key(tx, "telegram", "bot") == "10"
