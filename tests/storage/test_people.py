from storage import people
from storage.db import Row, Tx
from tests.storage.conftest import Rows


def names(found: list[Row]) -> list[str]:
    return [row["name"] for row in found]


def test_an_address_leads_to_its_person(tx: Tx, rows: Rows) -> None:
    tina = rows.person(tx, "Tina")
    address = people.bind(tx, tina, "sms", "+12125550101", 5, "I agree")

    found = people.by_address(tx, "sms", "+12125550101")
    assert found is not None
    assert (found["id"], found["address_id"], found["address_state"]) == (tina, address, "active")
    assert people.by_address(tx, "telegram", "+12125550101") is None


def test_a_chat_that_is_bound_again_belongs_to_the_last_one(tx: Tx, rows: Rows) -> None:
    tina, omar = rows.person(tx, "Tina"), rows.person(tx, "Omar")
    people.bind(tx, tina, "telegram", "7", 5, "yes")
    people.bind(tx, omar, "telegram", "7", 6, "yes")

    assert [] == people.addresses(tx, tina)
    assert ["7"] == [row["address"] for row in people.addresses(tx, omar)]


def test_the_address_heard_last_comes_first(tx: Tx, rows: Rows) -> None:
    tina = rows.person(tx)
    people.bind(tx, tina, "telegram", "7", 5, "")
    sms = people.bind(tx, tina, "sms", "+1", 4, "")
    assert ["telegram", "sms"] == [row["channel"] for row in people.addresses(tx, tina)]

    people.heard_from(tx, sms, 6)
    people.set_address_state(tx, "telegram", "7", "blocked")

    found = [(row["channel"], row["state"]) for row in people.addresses(tx, tina)]
    assert [("sms", "active"), ("telegram", "blocked")] == found


def test_who_was_erased_is_no_longer_found(tx: Tx, rows: Rows) -> None:
    rows.person(tx, "Omar", phone="+2")
    rows.person(tx, "Tina", phone="+1", erased_at=5)
    rows.person(tx, "Dana", roles="manager;office")

    assert ["Dana", "Omar"] == names(people.everybody(tx))
    assert [] == people.find(tx, "Tina")
    assert ["Dana"] == names(people.of_role(tx, "office"))
    assert [] == people.of_role(tx, "off")


def test_people_are_found_by_name_in_any_case_and_by_phone(tx: Tx, rows: Rows) -> None:
    rows.person(tx, "José Núñez", phone="+12125550101")
    rows.person(tx, "Jo", phone="+12125550102")

    assert ["José Núñez"] == names(people.find(tx, "JOSÉ NÚÑEZ"))
    assert ["José Núñez"] == names(people.find(tx, "+12125550101"))
    assert [] == people.find(tx, "jos")


def test_columns_of_one_person_change(tx: Tx, rows: Rows) -> None:
    tina, omar = rows.person(tx, "Tina"), rows.person(tx, "Omar")

    people.change(tx, tina, channel="sms", in_hand=3)

    found = [(row["channel"], row["in_hand"]) for row in map_get(tx, tina, omar)]
    assert [("sms", 3), ("", None)] == found
    assert people.locked(tx, tina) == people.get(tx, tina)
    assert people.get(tx, 999) is None


def map_get(tx: Tx, *ids: int) -> list[Row]:
    return [row for row in (people.get(tx, person) for person in ids) if row]


def test_s2_an_invitation_is_used_once_and_in_time(tx: Tx, rows: Rows) -> None:
    tina = rows.person(tx)
    people.invite(tx, tina, "hash", 0, expires_at=100)

    assert people.use_invitation(tx, "other", 50) is None
    assert people.use_invitation(tx, "hash", 100) is None
    assert people.use_invitation(tx, "hash", 99) == tina
    assert people.use_invitation(tx, "hash", 99) is None

    people.renew_invitation(tx, "hash")
    assert people.use_invitation(tx, "hash", 99) == tina


def test_s2_answers_to_strangers_and_their_codes_are_counted_by_the_day(tx: Tx) -> None:
    def count(address: str, day: str, **more: int) -> tuple[int, int]:
        return people.count_stranger(tx, "sms", address, day, **more)

    assert (1, 0) == count("+1", "2026-11-23", answers=1)
    assert (1, 1) == count("+1", "2026-11-23", tries=1)
    assert (2, 1) == count("+1", "2026-11-23", answers=1)
    assert (0, 1) == count("+2", "2026-11-23", tries=1)
    assert (0, 0) == count("+1", "2026-11-24")

    people.sweep_strangers(tx, "2026-11-24")
    assert [{"address": "+1"}] == tx.all("SELECT address FROM strangers")
