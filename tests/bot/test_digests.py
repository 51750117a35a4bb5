"""What managers are told of the whole day: at seven, two hours before it ends, and at its end."""

import json
from typing import Any

import pytest

from bot.overview import read_day
from storage import jobs, people, timers
from storage.db import Tx
from tests.stage import DAY, Stage


@pytest.fixture
def stage(database_url: str) -> Stage:
    return Stage(database_url, "sms").usual()


def heard(stage: Stage, who: str) -> list[str]:
    """What the person's phone heard of the digests."""
    return [text for name, text in stage.heard if name == who and text.startswith("Mon 11/23")]


def test_the_outlook_comes_at_seven_in_two_lines(stage: Stage) -> None:
    stage.forward("06:59")
    assert [] == heard(stage, "dana")

    stage.forward("07:00")
    assert [
        "Mon 11/23: jobs 2, technicians 1, first at 8:00.\nJobs without a planned arrival: 2."
    ] == heard(stage, "dana")
    assert heard(stage, "dana") == heard(stage, "carl")


def test_a24_two_hours_before_the_end_what_is_open_stands_first(stage: Stage) -> None:
    stage.says("tina", "A 830 B 1130")
    stage.forward("14:00")  # the last window ends at 14:00, the day two hours later

    assert (
        "Mon 11/23, 2 h to the end: 2 of 2 open, 2 late.\nTina A: send the ETA; Tina B: send the ETA."
        " One unreported = no new jobs.\nAlerts unanswered: " in heard(stage, "dana")[-1]
    )


def test_at_the_end_the_day_is_summed_up(stage: Stage) -> None:
    stage.forward("16:00")

    assert heard(stage, "carl")[-1].startswith(
        "Mon 11/23 is over: 0 of 2 reported."
        "\nNOT REPORTED: Tina A: send the ETA; Tina B: send the ETA. New jobs may be suspended."
    )


def test_the_end_waits_where_the_day_became_longer(stage: Stage) -> None:
    stage.forward("07:00")
    stage.order("114-12", "17:00", "20:00")
    stage.forward("21:59")
    assert not any("is over" in text for text in heard(stage, "dana"))

    for who in ("dana", "carl"):
        stage.is_set(who, "quiet_from", "23:00")
    stage.forward("22:00")
    assert any("is over: 0 of 3" in text for text in heard(stage, "dana"))


def test_a_digest_waits_for_the_end_of_quiet_hours(stage: Stage) -> None:
    """The day ends at 16:00, in Dana's quiet hours: the severe alert comes then, the sum later."""
    stage.is_set("dana", "quiet_from", "15:00")
    stage.is_set("dana", "quiet_to", "18:00")
    stage.forward("17:59")
    alerted = any("DAY OVER" in text for name, text in stage.heard if name == "dana")
    in_quiet_hours = [text for text in heard(stage, "dana") if "is over: " in text]
    stage.forward("18:00")

    assert alerted
    assert [] == in_quiet_hours
    assert any("is over: 0 of 2" in text for text in heard(stage, "dana"))


def test_a_day_without_jobs_is_not_spoken_of(stage: Stage) -> None:
    def take_off(tx: Tx) -> None:
        for row in jobs.of_day(tx, stage.people["tina"], DAY.isoformat()):
            jobs.change(tx, row["id"], stage.clock.now(), day="2026-11-30")

    stage.store.transact(take_off)
    stage.forward("20:00")

    assert [] == heard(stage, "dana")


def test_s3_a_manager_sees_their_own_technicians_and_the_office_sees_all(stage: Stage) -> None:
    eve = stage.enrol("Eve Marsh", "manager", channel="sms")
    stage.enrol("Olive Park", "office", channel="sms")
    stage.enrol("Sam Okafor", dm=eve)
    stage.order("115-1", "17:00", "20:00", who="sam")

    def numbers(who: str) -> list[str]:
        def work(tx: Tx) -> list[str]:
            person = people.get(tx, stage.people[who])
            assert person is not None
            seen = read_day(tx, stage.context, person, DAY.isoformat(), stage.clock.now())
            return [f"{visit.technician} {visit.letter}" for visit in seen.visits]

        return stage.store.transact(work)

    tinas, sams = ["Tina Abernathy A", "Tina Abernathy B"], ["Sam Okafor A"]
    assert (tinas, sams, sams + tinas) == (numbers("dana"), numbers("eve"), numbers("olive"))
    stage.forward("07:00")
    assert heard(stage, "eve")[0].startswith("Mon 11/23: jobs 1,")
    assert heard(stage, "olive")[0].startswith("Mon 11/23: jobs 3,")


def test_on_a_chat_the_words_stand_under_a_picture(database_url: str) -> None:
    stage = Stage(database_url, "telegram")
    dana = stage.enrol("Dana Cole", "manager", channel="telegram")
    stage.enrol("Tina Abernathy", dm=dana)
    stage.order("114-7", "08:00", "11:00")
    stage.forward("07:00")

    def work(tx: Tx) -> list[dict[str, Any]]:
        rows = tx.all("SELECT payload FROM outbox WHERE person_id = :id", {"id": dana})
        return [json.loads(row["payload"]) for row in rows]

    assert [
        {"paper": "board", "person": dana, "day": "2026-11-23", "name": "day-2026-11-23.png"}
    ] == [payload["document"] for payload in stage.store.transact(work)]
    assert stage.last("dana").startswith("<b>Mon 11/23</b>")


def test_nothing_of_the_digests_stands_for_a_day_that_is_over(stage: Stage) -> None:
    stage.forward("16:01")

    def work(tx: Tx) -> list[str]:
        return [row["name"] for row in timers.of_person(tx, stage.people["dana"])]

    assert [] == stage.store.transact(work)


def away(stage: Stage, who: str, deputy: str) -> None:
    """A manager is away today, and somebody stands in."""
    for column, value in (("absent_from", DAY.isoformat()), ("absent_to", DAY.isoformat())):
        stage.is_set(who, column, value)
    stage.is_set(who, "deputy", str(stage.people[deputy]))


def test_whoever_stands_in_has_the_day_of_both_teams_and_the_absent_one_none(stage: Stage) -> None:
    stage.enrol("Eve Stone", "manager")
    stage.enrol("Bob Okafor", dm=stage.people["eve"])
    stage.order("114-8", "08:00", "11:00", who="bob")
    away(stage, "dana", "eve")
    stage.forward("07:00")

    assert [] == heard(stage, "dana")
    assert [text for text in heard(stage, "eve") if "jobs 3, technicians 2" in text]
    assert 1 == len(heard(stage, "eve"))


def test_whoever_stands_in_without_a_team_has_the_absent_ones_day(stage: Stage) -> None:
    stage.enrol("Eve Stone", "manager")
    away(stage, "dana", "eve")
    stage.forward("07:00")

    assert ["Mon 11/23: jobs 2, technicians 1, first at 8:00."] == [
        text.partition("\n")[0] for text in heard(stage, "eve")
    ]
