"""Getting ready and the practice job: jobs go first, nothing of it is the office's, and its clocks
(M01)."""

from pathlib import Path
from typing import Any

import pytest

from bot.operator.planner import Planner
from bot.speech.gsm import segments
from bot.turns import onboarding
from flows.facts import HOUR
from storage import jobs, onboardings, people, timers
from storage.db import Row, Tx
from tests.stage import CODE, Stage

OFFICE = ("work_orders", "jobs", "timers", "alerts", "ladders", "fees", "timeline", "photos")
"""What lists, figures, digests, exports and the ledger are made of."""


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Nina has joined; she is at the first step of getting ready. Both channels: the scripts."""
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms").unmanned()
    stage.invites("Nina Ruiz")
    stage.plays(f"09:00 JOIN {CODE}", "09:00 1", who="nina")
    return stage


def row_of(stage: Stage, who: str = "nina", program: str = "apollo") -> Row:
    return stage.row(lambda tx: onboardings.get(tx, stage.people[who], program))


def office(stage: Stage) -> dict[str, list[dict[str, Any]]]:
    def work(tx: Tx) -> dict[str, list[dict[str, Any]]]:
        return {
            table: [dict(row) for row in tx.all(f"SELECT * FROM {table} ORDER BY 1")]  # noqa: S608 - our names
            for table in OFFICE
        }

    return stage.store.transact(work)


def mails(stage: Stage) -> list[Row]:
    return stage.store.transact(lambda tx: tx.all("SELECT * FROM outbox WHERE channel = 'email'"))


@pytest.mark.parametrize("program", ["apollo", "mila"])
def test_a_practice_job_leaves_no_trace_in_what_the_office_sees(
    program: str, tmp_path: Path
) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms", program=program).unmanned()
    stage.enrol("Tina Abernathy", dm=stage.people["dana"])
    stage.plays("10:00 PRACTICE", "10:00 EXIT", who="tina")
    before, seen = office(stage), len(stage.heard)

    stage.plays("10:01 PRACTICE", *["10:02 1"] * 11)

    heard = stage.heard[seen:]
    assert "Practice done" in heard[11 if program == "apollo" else 5][1]
    assert {"tina"} == {who for who, _ in heard}
    assert (before, []) == (office(stage), mails(stage))


def test_a_picture_in_the_practice_is_on_no_job(stage: Stage) -> None:
    stage.plays("09:10 PRACTICE", "09:10 DONE 7", "09:11 9:05", "09:11 0", who="nina")
    photo = stage.sends_photo("nina")

    kept = stage.row(lambda tx: tx.one("SELECT * FROM photos WHERE id = :id", {"id": photo}))
    assert (None, "practice", None) == (kept["job_id"], kept["step"], kept["dhash_1"])
    assert "PRACTICE" in stage.last("nina")
    assert "9/11" in stage.last("nina")


def test_a_real_job_goes_first_and_the_word_brings_it_back(stage: Stage) -> None:
    stage.enrol("Bob Baker")
    stage.order("114-7", "10:00", "13:00", who="nina")
    stage.forward("09:16")  # the sheet, the first reminder of the ETA

    stage.says("nina", "A1")
    assert "arrive" == stage.state("114-7")

    stage.says("nina", "SETUP")
    assert "SETUP" in stage.last("nina")
    stage.says("nina", "1")
    noted = stage.last("nina")
    assert ("videos", "arrive") == (row_of(stage)["state"], stage.state("114-7"))
    assert "Your job goes first" in noted
    assert "2/11" in noted
    stage.says("nina", "PRACTICE")
    assert "it goes first" in stage.last("nina")
    assert "" == row_of(stage)["practice"]


def test_a_job_that_begins_to_ask_ends_the_practice(stage: Stage) -> None:
    stage.plays("09:05 PRACTICE", "09:05 1", who="nina")
    stage.order("114-7", "10:00", "13:00", who="nina")
    stage.forward("09:16")
    practising = row_of(stage)

    stage.says("nina", "EXIT")
    assert "nothing of it is kept" in stage.last("nina")
    stage.says("nina", "PRACTICE")

    assert "" != practising["practice"]
    assert "it goes first" in stage.last("nina")
    assert "" == row_of(stage)["practice"]


def test_no_reminder_of_it_comes_while_a_job_is_on(stage: Stage) -> None:
    stage.forward("09:01")
    stage.order("114-7", "10:00", "13:00", who="nina")
    stage.forward("09:30")
    due = stage.instant("09:00") + 24 * HOUR
    seen = len(stage.heard)

    stage.forward_to(due + HOUR)

    assert [] == [text for who, text in stage.heard[seen:] if who == "nina" and "SETUP" in text]
    waits = stage.store.transact(lambda tx: timers.of_person(tx, stage.people["nina"]))
    assert ["onboarding.again apollo"] == [t["name"] for t in waits if "onboarding" in t["name"]]


def test_m01_48_hours_ask_and_silence_tells_the_manager_a_day_later(stage: Stage) -> None:
    stage.plays("09:01 1", who="nina")
    registered = stage.clock.now()

    stage.forward_to(registered + 48 * HOUR - 1)
    assert [] == [text for who, text in stage.heard if who == "nina" and "48 h" in text[:30]]
    stage.forward_to(registered + 48 * HOUR)
    assert "approved you" in stage.last("nina")
    told = len([who for who, _ in stage.heard if who == "dana"])

    stage.forward_to(registered + 72 * HOUR)
    assert told + 1 == len([who for who, _ in stage.heard if who == "dana"])
    assert "not approved by Amazon yet" in stage.last("dana")


def test_m01_no_is_told_to_the_manager_at_once_and_asked_again_a_day_later(stage: Stage) -> None:
    stage.plays("09:01 1", who="nina")
    stage.forward_to(stage.clock.now() + 48 * HOUR)
    stage.says("nina", "3")
    assert "not approved by Amazon yet" in stage.last("dana")
    told = len([who for who, _ in stage.heard if who == "dana"])

    stage.forward_to(stage.clock.now() + 24 * HOUR)
    asked = stage.last("nina")
    stage.says("nina", "1")
    stage.forward_to(stage.clock.now() + 48 * HOUR)

    assert "approved you" in asked
    assert told == len([who for who, _ in stage.heard if who == "dana"])
    assert "approval" in row_of(stage)["talk"]


def test_the_question_about_the_approval_waits_for_the_morning(stage: Stage) -> None:
    stage.forward("22:30")
    stage.says("nina", "1")
    seen = len(stage.heard)

    stage.forward_to(stage.instant("22:30") + 55 * HOUR)
    assert [] == [text for who, text in stage.heard[seen:] if "approved you" in text]
    stage.forward_to(stage.instant("06:00") + 72 * HOUR)

    assert "approved you" in stage.last("nina")


def test_a30_without_a_smartphone_only_what_applies_is_asked(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms").unmanned()
    stage.invites("Nina Ruiz")
    stage.is_set("nina", "app", "none")

    stage.plays(f"09:00 JOIN {CODE}", *["09:01 1"] * 6, who="nina")

    heard = " ".join(text for who, text in stage.heard if who == "nina")
    assert "SETUP 1/5 No smartphone" in heard
    assert "Install" not in heard
    assert "PRACTICE" in stage.last("nina")
    stage.plays(*["09:02 1"] * 12, who="nina")
    assert "ready" == row_of(stage)["state"]


def test_who_has_done_it_all_before_is_left_alone(stage: Stage) -> None:
    stage.invites("Ola Berg")
    stage.plays(f"09:05 JOIN {CODE}1", "09:05 3", who="ola")

    stage.forward_to(stage.clock.now() + 96 * HOUR)

    assert "count as ready" in stage.last("ola")
    assert ("ready", []) == (
        row_of(stage, "ola")["state"],
        stage.store.transact(lambda tx: timers.of_person(tx, stage.people["ola"])),
    )


def test_a_second_press_changes_nothing(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "telegram").unmanned()
    stage.invites("Nina Ruiz")
    stage.plays(f"09:00 JOIN {CODE}", "09:00 1", who="nina")
    button = f"setup:apollo:{row_of(stage)['since']}:registered"

    stage.presses("nina", button)
    once = row_of(stage)
    stage.presses("nina", "practice:apollo:1:sent")
    stage.presses("nina", "setup:larch:1:begin")
    stage.presses("nina", button)

    assert ("videos", once) == (once["state"], row_of(stage))
    assert "training videos" in stage.last("nina")


def test_who_joined_before_is_not_asked_at_a_second_phone(stage: Stage) -> None:
    stage.invites("Tina Abernathy")  # a helper who joined before there was any of this: no job
    joined = stage.clock.now() - HOUR
    stage.store.transact(lambda tx: people.change(tx, stage.people["tina"], heard_at=joined))

    stage.says("tina", f"JOIN {CODE}1")

    assert "Done, you are in" in stage.last("tina")
    assert "ready" not in stage.last("tina")
    found = stage.store.transact(lambda tx: onboardings.of_person(tx, stage.people["tina"]))

    assert [] == found


@pytest.mark.parametrize("program", ["apollo", "mila"])
def test_each_text_is_one_segment_with_the_longest_names(program: str, tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms", program=program)
    stage.enrol("Bartholomews Dominguez-Abernathy", "manager", channel="sms")
    stage.people["dana"] = stage.people["bartholomews"]
    stage.invites("Maximiliana Abernathy-Okonkwo")
    stage.plays(f"09:00 JOIN {CODE}", *["09:01 1"] * 25, who="maximiliana")
    stage.plays("09:02 2", "09:02 stale", "09:02 SETUP", who="maximiliana")
    stage.forward_to(stage.clock.now() + 72 * HOUR)

    texts = [t for _, t in stage.heard if t.startswith(("SETUP", "PRACTICE"))]
    long = [text for text in texts if segments(text) > 1]
    assert 9 < len(texts)
    assert ["PRACTICE Made up"] == [text[:16] for text in long]


def test_the_first_job_for_another_program_lets_somebody_get_ready_for_that_too(
    stage: Stage,
) -> None:
    person = stage.enrol("Bob Baker")
    stage.enrol("Otto Ops", "operator")

    def work(tx: Tx) -> None:
        planner = Planner(tx, stage.context, stage.clock.now(), "Otto")
        bob = people.get(tx, person)
        planner.replan(jobs.of_order(tx, "700-1")[0], technician=bob)
        planner.finish()

    stage.order("700-1", "10:00", "11:00", who="nina", program="mila")
    stage.store.transact(work)

    found = stage.store.transact(lambda tx: onboardings.of_person(tx, person))
    assert [("mila", "hello")] == [(row["program"], row["state"]) for row in found]
    assert [] == [text for who, text in stage.heard if who == "bob" and "get you ready" in text]


def test_back_at_the_beginning_claims_nothing(stage: Stage) -> None:
    stage.plays("09:05 PRACTICE", "09:05 BACK", who="nina")
    practice = stage.last("nina")
    stage.plays("09:06 EXIT", "09:06 SETUP", "09:06 2", "09:06 SETUP", "09:06 BACK", who="nina")

    assert "No step back" in practice
    assert "1/11" in practice
    assert "No step back" in stage.last("nina")
    assert "install" == row_of(stage)["state"]


def test_who_was_never_asked_practises_and_is_asked_nothing(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms").unmanned()
    stage.enrol("Tina Abernathy", dm=stage.people["dana"])
    stage.plays("10:00 PRACTICE", "10:00 EXIT", "10:01 EXIT", who="tina")
    seen = len(stage.heard)

    stage.forward_to(stage.clock.now() + 96 * HOUR)

    said = [text for who, text in stage.heard if who == "tina"]
    assert ["PRACTICE Made", "Practice left", "No practice j"] == [text[:13] for text in said]
    assert seen == len(stage.heard)


def test_p6_a_question_found_after_downtime_says_that_it_is_late(stage: Stage) -> None:
    stage.plays(
        "09:01 1", "09:02 1", "09:02 1", "09:02 1", "09:02 PRACTICE", "09:02 EXIT", who="nina"
    )
    stage.clock.set(stage.instant("09:01") + 51 * HOUR)  # nothing rang meanwhile

    stage.forward_to(stage.clock.now())

    assert "(Late, was due Wed 11/25 9:01)" in stage.last("nina")
    assert "approved you" in stage.last("nina")
    assert 1 == sum("approved you" in text for who, text in stage.heard if who == "nina")


def test_nobody_is_said_to_know_where_nobody_could_be_told(stage: Stage) -> None:
    stage.is_set("dana", "roles", "office")
    stage.is_set("dana", "absent_from", "2026-11-01")
    stage.is_set("dana", "absent_to", "2026-12-31")

    stage.plays("09:01 2", "09:01 1", who="nina")
    stuck = stage.heard[-2][1]
    stage.forward_to(stage.clock.now() + 49 * HOUR)
    stage.says("nina", "3")

    assert "knows" not in stuck + stage.last("nina")
    assert ("I know no manager", "I know no manager") == (stuck[:17], stage.last("nina")[:17])


@pytest.mark.parametrize("word", ["SETUP", "PRACTICE"])
def test_after_words_for_the_manager_what_stood_there_is_put_again(word: str, stage: Stage) -> None:
    stage.plays(f"09:01 {word}", "09:02 MANAGER", "09:02 4", "09:03 no signal", who="nina")
    passed_on = stage.last("nina")

    stage.plays("09:04 1", who="nina")

    assert "Passed on to Dana" in passed_on
    assert f"{word} " in passed_on
    assert f"{word} 2/" in stage.last("nina")


def test_a_picture_is_the_practices_only_where_that_stands_on_the_phone(stage: Stage) -> None:
    stage.plays("09:10 PRACTICE", "09:10 DONE 7", "09:11 9:05", who="nina")
    assert "PRACTICE 8/11" in stage.last("nina")
    stage.plays("09:12 MANAGER here is my van", "09:12 SETUP", who="nina")
    photo = stage.sends_photo("nina")

    kept = stage.row(lambda tx: tx.one("SELECT * FROM photos WHERE id = :id", {"id": photo}))
    assert "practice" != kept["step"]
    assert "1/6 Install" in stage.last("nina")


def test_no_reminder_is_spent_on_who_has_not_joined_yet(stage: Stage) -> None:
    stage.invites("Ola Berg")
    person = stage.row(lambda tx: people.get(tx, stage.people["ola"]))
    now = stage.clock.now()
    stage.store.transact(
        lambda tx: onboarding.open_for(tx, stage.context, person, "apollo", now) and None
    )

    stage.forward_to(now + 30 * HOUR)
    stage.says("ola", f"JOIN {CODE}1")
    seen = len(stage.heard)
    stage.forward_to(now + 80 * HOUR)

    assert 1 == sum("get you ready" in text for who, text in stage.heard[seen:] if who == "ola")


def test_m01_who_is_approved_after_a_no_is_reminded_of_the_rest_again(stage: Stage) -> None:
    stage.plays("09:01 1", who="nina")
    for hours, answer in ((48, "3"), (24, "1")):
        stage.forward_to(stage.clock.now() + hours * HOUR)
        stage.says("nina", answer)
    seen = len(stage.heard)

    stage.forward_to(stage.clock.now() + 72 * HOUR)

    assert ["SETUP 2/6"] == [text[:9] for who, text in stage.heard[seen:] if who == "nina"]


def test_m01_what_waited_together_is_asked_one_a_day_the_approval_first(stage: Stage) -> None:
    stage.plays("09:01 1", who="nina")
    stage.is_set("nina", "absent_from", "2026-11-24")
    stage.is_set("nina", "absent_to", "2026-11-26")
    seen = len(stage.heard)

    stage.forward_to(stage.clock.now() + 97 * HOUR)
    first = [text for who, text in stage.heard[seen:] if who == "nina"]
    stage.forward_to(stage.clock.now() + 24 * HOUR)
    both = [text for who, text in stage.heard[seen:] if who == "nina"]

    assert ["48 h" in text for text in first] == [True]
    assert ["48 h" in text for text in both] == [True, False]


def test_m01_the_question_that_stop_kept_back_is_asked_after_start(stage: Stage) -> None:
    stage.plays("09:01 1", "09:02 STOP", who="nina")
    stage.forward_to(stage.clock.now() + 60 * HOUR)
    stage.says("nina", "START")
    seen = len(stage.heard)

    stage.forward_to(stage.clock.now() + 24 * HOUR)

    asked = [text for who, text in stage.heard[seen:] if who == "nina"]
    assert ["48 h" in text for text in asked] == [True]
