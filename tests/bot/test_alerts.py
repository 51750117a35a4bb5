"""What managers and operators are told: to whom it goes, once, and what becomes of the answers."""

import pytest

from bot.turns import alerts as telling
from storage import people
from storage.db import Row, Tx
from tests.stage import Stage


@pytest.fixture(params=["sms", "telegram"])
def stage(database_url: str, request: pytest.FixtureRequest) -> Stage:
    """Tina on either channel; her managers Dana and Carl on a flip phone."""
    return Stage(database_url, request.param).usual()


def tell_about(stage: Stage, who: str, kind: str, severity: int = 2, **values: str) -> list[int]:
    """Raise an alert about a person with no job in hand."""

    def work(tx: Tx) -> list[int]:
        person: Row = people.get(tx, stage.people[who]) or {}
        return telling.tell_about(
            tx, stage.context.wording, stage.clock.now(), kind=kind, severity=severity,
            person=person, values=values,
        )  # fmt: skip

    raised = stage.store.transact(work)
    stage._deliver()
    return raised


def test_an_alert_about_a_person_goes_to_the_manager_once(stage: Stage) -> None:
    phone = stage.store.transact(lambda tx: people.get(tx, stage.people["tina"]) or {})["phone"]
    first = tell_about(stage, "tina", "unreachable")
    second = tell_about(stage, "tina", "unreachable")

    assert (1, 0) == (len(first), len(second))
    assert f"1 UNREACHABLE Tina Abernathy ({phone}): messages fail." in stage.last("dana")


def test_an_alarm_of_the_operation_goes_to_every_operator_once(stage: Stage) -> None:
    stage.enrol("Olga Marsh", "operator", channel="sms")

    def work(tx: Tx) -> list[int]:
        return telling.tell_operators(
            tx, stage.context.wording, stage.clock.now(), kind="channel_down", severity=1,
            values={"channel": "SMS", "text": "no credit"},
        )  # fmt: skip

    first = stage.store.transact(work)
    second = stage.store.transact(work)
    stage._deliver()

    assert (1, 0) == (len(first), len(second))
    assert stage.last("olga").startswith("1 SMS: no credit")
