"""Two on one job: who helps sees it and moves nothing; TAKE is answered by the lead or the manager,
and by nobody else (S3)."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.speech.gsm import segments
from bot.turns import managers
from storage import alerts, jobs, people, photos, timeline, timers
from storage.db import Row, Tx
from tests.stage import DAY, Stage


@pytest.fixture(params=["telegram", "sms"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Stage:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", request.param).usual()
    stage.helps("114-7", "bob")
    stage.forward("06:41")
    stage.says("tina", "1")
    stage.forward("06:46")
    return stage


def job_of(stage: Stage, number: str = "114-7") -> Row:
    return stage.store.transact(lambda tx: jobs.of_order(tx, number)[0])


def asked(stage: Stage, who: str) -> Row:
    person = stage.people[who]
    return stage.store.transact(
        lambda tx: next(each for each in alerts.open_of(tx, person) if each["kind"] == "take")
    )


def test_a_helper_moves_nothing_by_text_or_press(stage: Stage) -> None:
    job = job_of(stage)
    for text in ("1", "done", "DONE 7", "A1", "nobody home", "back", "late 1000", "issue"):
        stage.says("bob", text)
        assert "" != stage.last("bob")
    stage.presses("bob", f"{job['id']}:{job['since']}:sent")

    assert (job["state"], job["version"]) == (job_of(stage)["state"], job_of(stage)["version"])
    assert "You help" in stage.last("bob")


def test_p7_a_helpers_photo_is_kept_on_the_job_and_moves_nothing(stage: Stage) -> None:
    stage.plays("07:50 1", "07:55 1", "08:05 1", "08:06 1")
    before = len(stage.heard)
    stage.sends_photo("bob")

    job = job_of(stage)
    (photo,) = stage.store.transact(lambda tx: photos.of_job(tx, job["id"]))
    assert ("other", "assemble", stage.people["bob"]) == (
        photo["kind"], photo["step"], photo["person_id"],
    )  # fmt: skip
    assert ["bob"] == [who for who, _ in stage.heard[before:]]
    assert "Photo kept" in stage.last("bob")
    assert "assemble" == job["state"]
    history = stage.store.transact(lambda tx: timeline.of_job(tx, job["id"]))
    assert ("photo", "Bob Baker") == (history[-1]["event"], history[-1]["by"])


def test_p7_a_helpers_photo_is_offered_to_the_lead_where_one_is_waited_for(stage: Stage) -> None:
    stage.plays("07:50 1", "08:05 2", "08:05 2")
    stage.sends_photo("bob")

    assert "no_show.door_photo" == stage.state("114-7")
    assert "sent a photo: use it, or send yours" in stage.last("tina")
    assert segments(stage.last("tina")) == 1 or stage.channel == "telegram"
    stage.says("tina", "5")
    assert "no_show.call_office" == stage.state("114-7")
    job = job_of(stage)
    (photo,) = stage.store.transact(lambda tx: photos.of_job(tx, job["id"]))
    assert "door" == photo["kind"]


def test_a_helper_at_work_on_a_job_of_their_own_sends_photos_of_that(stage: Stage) -> None:
    stage.order("114-8", "08:00", "11:00", who="bob")
    stage.plays("07:50 1", "07:55 1", "08:05 1")
    stage.says("bob", "im here")
    stage.sends_photo("bob")

    own, helped = job_of(stage, "114-8"), job_of(stage)
    assert [1, 0] == [
        len(stage.store.transact(partial(photos.of_job, job=job["id"]))) for job in (own, helped)
    ]


def test_who_leads_is_told_apart_from_who_helps_on_the_sheet(stage: Stage) -> None:
    sheets = [text for who, text in stage.heard if who == "bob" and "Good morning" in text]

    assert 1 == len(sheets)
    assert "With Tina Abernathy" in sheets[0]


def test_with_a_yes_the_taker_leads_and_the_lead_helps_and_it_is_audited(stage: Stage) -> None:
    stage.says("bob", "take")
    stage.presses("tina", f"a:{asked(stage, 'tina')['id']}:y")
    job = job_of(stage)

    assert (stage.people["bob"], str(stage.people["tina"])) == (
        job["technician_id"], job["helpers"],
    )  # fmt: skip
    assert "leads" in stage.last("tina")
    history = stage.store.transact(lambda tx: timeline.of_job(tx, job["id"]))
    assert {"take_asked", "took_over", "helpers"} <= {row["event"] for row in history}
    assert "Tina Abernathy" == next(r["by"] for r in history if r["event"] == "took_over")
    stage.says("bob", "im here")
    assert "start" == stage.state("114-7")


def test_the_letter_is_of_the_takers_own_day(stage: Stage) -> None:
    stage.order("114-8", "08:00", "11:00", who="bob")
    stage.says("bob", "take")
    stage.presses("dana", f"a:{asked(stage, 'dana')['id']}:y")

    assert ["A", "B"] == sorted([job_of(stage)["letter"], job_of(stage, "114-8")["letter"]])


@pytest.mark.parametrize("who", ["bob", "eve", "mona"])
def test_nobody_else_can_answer(stage: Stage, who: str) -> None:
    stage.enrol("Eve Other", dm=stage.people["dana"])
    stage.enrol("Mona Elsewhere", "manager", channel="sms")
    stage.says("bob", "take")
    alert = asked(stage, "tina")

    stage.presses(who, f"a:{alert['id']}:y")
    stage.says(who, f"{alert['number']}y")

    assert stage.people["tina"] == job_of(stage)["technician_id"]
    assert "open" == asked(stage, "tina")["status"]


def test_who_helps_no_more_cannot_be_let_in(stage: Stage) -> None:
    stage.says("bob", "take")
    alert = asked(stage, "tina")
    stage.helps("114-7")

    stage.presses("tina", f"a:{alert['id']}:y")

    assert stage.people["tina"] == job_of(stage)["technician_id"]
    assert "don't help there any more" in "".join(t for w, t in stage.heard if w == "bob")


def test_take_without_a_job_to_take(stage: Stage) -> None:
    stage.enrol("Eve Other", dm=stage.people["dana"])
    stage.says("eve", "TAKE")

    assert "no job today" in stage.last("eve")


def test_which_of_two(stage: Stage) -> None:
    stage.helps("114-9", "bob")
    stage.says("bob", "take")
    assert "1 " in stage.last("bob")
    stage.says("bob", "2")
    stage.presses("tina", f"a:{asked(stage, 'tina')['id']}:y")

    assert stage.people["bob"] == job_of(stage, "114-9")["technician_id"]
    assert stage.people["tina"] == job_of(stage)["technician_id"]
    stage.says("tina", "sent")
    assert "arrive" == stage.state("114-7")


def test_without_an_app_the_manager_sends_the_eta_from_now_on(stage: Stage) -> None:
    stage.is_set("bob", "app", "none")
    stage.says("bob", "take")
    stage.presses("tina", f"a:{asked(stage, 'tina')['id']}:y")
    stage.forward("06:47")

    assert "manager_sends_eta" in job_of(stage)["talk"]
    assert "SEND ETA" in "".join(text for who, text in stage.heard if who == "dana")


def test_a_helpers_morning_sheet_comes_in_time_for_the_job_they_help_on(stage: Stage) -> None:
    morrow = DAY + timedelta(days=1)
    stage.order("300-1", "08:00", "11:00", day=morrow)
    stage.order("300-2", "14:00", "17:00", who="bob", day=morrow)
    stage.helps("300-1", "bob")
    stage.forward("18:00")
    stage.says("bob", "1430")

    def work(tx: Tx) -> list[int]:
        rows = timers.of_person(tx, stage.people["bob"])
        return [row["due_at"] for row in rows if row["name"] == f"sheet_morning {morrow}"]

    assert [stage.instant("06:30", morrow)] == stage.store.transact(work)


def test_a_request_that_is_over_is_not_said_to_change_anything(stage: Stage) -> None:
    """At the desk, whoever answers what nobody asks any more is told so, not thanked."""
    stage.says("bob", "take")
    request = asked(stage, "dana")
    stage.helps("114-7")

    def decides(tx: Tx) -> managers.Answered:
        dana = people.get(tx, stage.people["dana"]) or {}
        now = stage.clock.now()
        return managers.decide(
            tx, stage.context, dana, request["id"], "y", proof=managers.DESK, now=now
        )

    said = stage.store.transact(decides)

    assert ("take.over", False) == (said.key, said.changed)


def _lettered(tx: Tx, job: int, letter: str) -> None:
    tx.update("jobs", job, letter=letter)


def test_a_taken_job_past_z_has_a_letter_of_its_own(stage: Stage) -> None:
    day, bob = job_of(stage)["day"], stage.people["bob"]
    for place, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        number = stage.order(f"200-{place}", "17:00", "20:00", who="bob")
        stage.store.transact(partial(_lettered, job=number, letter=letter))
    stage.says("bob", "take")
    stage.says("tina", f"{asked(stage, 'tina')['number']}y")
    letters = [row["letter"] for row in stage.store.transact(lambda tx: jobs.of_day(tx, bob, day))]

    assert (27, "AA") == (len(set(letters)), job_of(stage)["letter"])
