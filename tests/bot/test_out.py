"""OUT is one matter: it names all that waits, grows with each ETA that is due, and ends with BACK;
so is an ETA that a manager is to send (A10)."""

import re

import pytest

from bot.operator import actions
from storage import alerts, jobs, people, timeline
from storage.db import Row, Tx
from tests.stage import Stage


@pytest.fixture(params=["sms", "telegram"])
def stage(tmp_path: object, request: pytest.FixtureRequest) -> Stage:
    """Tina with two jobs and Bob with one on which she helps; Dana and Carl."""
    stage = Stage(f"sqlite:///{tmp_path}/stage.db", request.param).usual()
    stage.enrol("Bob Okafor", dm=stage.people["dana"], dc=stage.people["carl"])
    stage.order("114-3", "08:00", "11:00", who="bob", customer="Ann Lee", helpers=("tina",))
    return stage


def heard(stage: Stage, who: str, words: str = "") -> list[str]:
    """What this phone was sent with these words in it, without markup."""
    said = (re.sub(r"<[^>]+>", "", text) for name, text in stage.heard if name == who)
    return [text for text in said if words in text]


def waiting(stage: Stage, who: str) -> list[Row]:
    person = stage.people[who]
    return stage.store.transact(lambda tx: alerts.open_of(tx, person))


def job_of(stage: Stage, number: str) -> Row:
    return stage.store.transact(lambda tx: jobs.of_order(tx, number)[0])


def gives(stage: Stage, number: str, who: str) -> None:
    """`jobs assign`, by Dana."""

    def work(tx: Tx) -> None:
        job, person = jobs.of_order(tx, number)[0], people.get(tx, stage.people[who]) or {}
        actions.assign(tx, stage.context, job, person, stage.clock.now(), "Dana Cole")

    stage.store.transact(work)


def test_out_names_the_jobs_on_which_one_helps_and_tells_their_lead(stage: Stage) -> None:
    stage.plays("07:05 out")
    told = heard(stage, "dana", "114-7")[-1]
    lead = heard(stage, "bob")[-1]
    helped = job_of(stage, "114-3")["id"]
    bobs = stage.store.transact(lambda tx: timeline.of_job(tx, helped))
    stage.plays("07:07 back")

    assert "A 114-7 8:00; B 114-9 11:00; helps Bob on 114-3 8:00" in told
    assert "Tina Abernathy, who helps you at Ann Lee, is out today" in lead
    assert ["out"] == [row["event"] for row in bobs if row["by"] == "Tina Abernathy"]
    assert "Tina Abernathy is back and helps you at Ann Lee" in heard(stage, "bob")[-1]


def test_whoever_only_helps_can_be_out_too(stage: Stage) -> None:
    stage.enrol("Lea Kim", dm=stage.people["dana"], dc=stage.people["carl"])
    stage.helps("114-3", "lea")
    stage.plays("07:05 out", who="lea")
    told = heard(stage, "dana", "Lea Kim")[-1]
    stage.plays("07:07 back", who="lea")

    assert "helps Bob on 114-3 8:00" in told
    assert [] == [row for row in waiting(stage, "dana") if row["kind"] == "out"]


def test_a10_the_etas_of_who_is_out_are_one_matter_with_being_out(stage: Stage) -> None:
    """Each is said once, when it is due, under the code that Dana knows, to who has taken it."""
    stage.plays("06:42 1", "06:43 out")
    (out,) = waiting(stage, "dana")
    stage.says("dana", f"{out['number']}a")
    stage.forward("06:50")
    both = heard(stage, "carl", "ETA")
    stage.forward("10:30")
    due = heard(stage, "dana", "An ETA is due") + heard(stage, "dana", "ETA DUE")

    assert ["A 114-7, there", "B 114-9, there"] == re.findall(r"\w 114-\d, there", " ".join(due))
    assert all(text.startswith(str(out["number"])) for text in due)
    assert {"out"} == {
        row["kind"] for row in waiting(stage, "dana") if row["about_id"] == stage.people["tina"]
    }
    assert [] == both


def test_a10_an_eta_that_a_manager_was_to_send_and_has_not_is_the_same_alert(stage: Stage) -> None:
    stage.is_set("tina", "app", "none")
    stage.forward("06:46")
    (asked,) = waiting(stage, "dana")
    stage.says("dana", f"{asked['number']}a")
    stage.forward("07:31")
    (again,) = heard(stage, "dana", "ETA NOT SENT YET for Tina")
    kinds = [
        row["kind"] for row in waiting(stage, "dana") if row["about_id"] == stage.people["tina"]
    ]
    stage.says("dana", f"{asked['number']}s")

    assert ["send_eta"] == kinds
    assert again.startswith(f"{asked['number']} ")
    assert "arrive" == stage.state("114-7")
    assert [] == heard(stage, "dana", "NO ETA Tina") + heard(stage, "dana", "No ETA sent\nTina")


def test_a_digit_after_out_is_no_message_to_the_managers(stage: Stage) -> None:
    stage.plays("07:05 out")
    before = len(heard(stage, "dana"))
    stage.says("tina", "1")
    answer = heard(stage, "tina")[-1]
    stage.says("tina", "the van does not start")

    assert "BACK" in answer.upper()
    assert 1 == len(heard(stage, "dana")) - before


def test_a_digit_is_no_message_where_one_is_asked_for(stage: Stage) -> None:
    stage.plays("07:05 manager", "07:06 1")

    assert "What should Dana know?" in heard(stage, "tina")[-1]
    assert [] == [row for row in waiting(stage, "dana") if row["kind"] == "message"]


def test_out_passes_from_a_job_that_ends_to_the_next_one(stage: Stage) -> None:
    """What hangs on the whole day is not shown with a job that is somebody else's by now."""
    stage.plays("07:05 out")
    first, second = (job_of(stage, order)["id"] for order in ("114-7", "114-9"))
    hung = {row["job_id"] for row in waiting(stage, "dana") if row["kind"] == "out"}
    gives(stage, "114-7", "bob")
    then = {row["job_id"] for row in waiting(stage, "dana") if row["kind"] == "out"}
    stage.plays("07:07 back")

    assert ({first}, {second}) == (hung, then)
    assert [] == [row for row in waiting(stage, "dana") if row["kind"] == "out"]


def test_two_who_are_out_are_two_matters(stage: Stage) -> None:
    """Bob leads a job, Tina helps there: her words and her BACK are not about him."""
    stage.plays("07:03 out", who="bob")
    stage.plays("07:05 out", "07:06 a flat tyre")
    words = heard(stage, "dana", "a flat tyre")
    stage.plays("07:07 back")
    left = [row["about_id"] for row in waiting(stage, "dana") if row["kind"] == "out"]

    assert 1 == len(words)
    assert "Tina Abernathy" in words[0]
    assert [stage.people["bob"]] == left
