"""The day sheet: it goes before what its first job asks, and asks for no plan that is known."""

from functools import partial
from pathlib import Path

import pytest

from storage import dispatch, outbox, timers
from storage.db import Tx
from tests.stage import Stage


def ring_all(stage: Stage, clock: str) -> int:
    """Let it be that time, with nothing done before and nothing sent yet; the instant."""
    stage.clock.set(stage.instant(clock))
    now = stage.clock.now()
    while found := stage.store.transact(partial(timers.due, now=now, limit=500)):
        for row in found:
            stage.store.transact(partial(stage.door.ring, timer=row["id"], now=now))
    return now


def texts_in_order(stage: Stage, clock: str) -> list[str]:
    """What Tina hears when nothing was done until then, in the order in which it leaves."""
    now = ring_all(stage, clock)
    heard = []

    def work(tx: Tx) -> bool:
        rows = dispatch.claim(tx, stage.channel, now=now, lease_until=now, limit=1)
        for row in rows:
            outbox.finish(tx, row["id"], "sent", now)
            if row["person_id"] == stage.people["tina"]:
                heard.append(row["payload"])
        return bool(rows)

    while stage.store.transact(work):
        pass
    return heard


@pytest.mark.parametrize("channel", ["sms", "telegram"])
@pytest.mark.parametrize("clock", ["07:05", "08:20", "11:30"])
def test_p8_the_day_sheet_goes_before_the_eta_that_is_due(
    tmp_path: Path, channel: str, clock: str
) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", channel, start="06:00").usual()

    heard = texts_in_order(stage, clock)

    sheets = [place for place, text in enumerate(heard) if "Good morning" in text]
    assert [0] == sheets
    assert any("1/11" in text or "Where are you" in text for text in heard[1:])


def test_f7_a_sheet_whose_jobs_ask_nothing_yet_waits_behind_reminders(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms", start="05:00")
    dana = stage.enrol("Dana Cole", "manager", channel="sms")
    stage.enrol("Tina Abernathy", dm=dana)
    stage.order("114-9", "11:00", "14:00")
    ring_all(stage, "07:00")

    lanes = stage.store.transact(
        lambda tx: tx.all("SELECT lane FROM outbox WHERE person_id = :id", {"id": dana + 1})
    )
    assert [{"lane": 3}] == lanes


def test_when_they_will_be_there_is_asked_until_it_is_known(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms", start="06:20").usual()
    stage.order("115-1", "14:00", "17:00")
    stage.plays("06:25 A 830 B 1145")
    stage.forward("07:05")
    sheet = next(text for who, text in stage.heard if who == "tina" and "Good morning" in text)

    assert "Plan 8:30" in sheet
    assert "When will you be at C?" in sheet


def test_who_planned_everything_is_not_asked_again(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms", start="06:20").usual()
    stage.plays("06:25 A 830 B 1145")
    stage.forward("07:05")

    assert "Plan 11:45" in stage.last("tina")
    assert "When will you be" not in stage.last("tina")
