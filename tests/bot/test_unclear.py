"""Texts that nobody understands are answered, and not for ever (trap 37)."""

from pathlib import Path

import pytest

from flows.book import PROGRAMS
from flows.talk import Talk
from storage import jobs
from tests.stage import Stage

HOUR = 3_600_000


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(f"sqlite:///{tmp_path / 's.db'}", "sms").usual()
    stage.forward("06:42")
    stage.says("tina", "1")
    stage.forward("06:46")
    return stage


def answers(stage: Stage, who: str, words: str, times: int) -> list[str]:
    """What is answered to the same words, again and again."""
    before = len(stage.heard)
    for _ in range(times):
        stage.says(who, words)
    return [text for name, text in stage.heard[before:] if name == who]


def test_trap_37_an_auto_responder_that_says_the_same_is_answered_twice(stage: Stage) -> None:
    assert len(answers(stage, "tina", "Thank you for contacting Abernathy Plumbing", 9)) == 2
    assert answers(stage, "tina", "1", 1) != [], "what is understood is answered all the same"


def test_trap_37_whatever_it_says_there_is_an_end_and_another_way(stage: Stage) -> None:
    heard = [text for n in range(15) for text in answers(stage, "tina", f"qwertz {n * 'x'}", 1)]

    assert len(heard) == 12
    assert "call Dana: 212-555-" in heard[-1]


def test_after_an_hour_it_is_answered_again(stage: Stage) -> None:
    answers(stage, "tina", "qwertz", 7)
    stage.clock.set(stage.clock.now() + HOUR)

    assert len(answers(stage, "tina", "qwertz", 1)) == 1


@pytest.mark.parametrize("said", ["1", "9.99", "qwertz"])
def test_what_a_thumb_repeats_is_answered_each_time(stage: Stage, said: str) -> None:
    stage.says("tina", "late")

    assert len(answers(stage, "tina", said, 6)) == 6


@pytest.mark.parametrize("channel", ["sms", "telegram"])
def test_a_digit_where_words_are_asked_for_is_answered_with_the_whole_question(
    tmp_path: Path, channel: str
) -> None:
    """Nor is a photo waited for where one has come, and more may."""
    stage = Stage(f"sqlite:///{tmp_path / 's.db'}", channel).usual()
    stage.plays("06:42 1", "07:00 1", "08:00 1", "08:01 1", "08:02 1", "08:10 issue", "08:10 6")
    stage.says("tina", "Sauder 413815")
    first = stage.last("tina")
    stage.plays("08:11 [photo]")
    stage.says("tina", "Sauder 413815")
    after = stage.last("tina")
    stage.plays("08:12 1", "08:13 2")

    assert "I wait for the photo" in first
    assert "I wait for the photo" not in after
    assert "I need words here, not a digit" in stage.last("tina")
    assert "413815" in stage.last("tina"), "the example of the question"
    assert "damaged_during.maker_model" == stage.state("114-7")


def test_a_planned_time_that_is_over_is_named(stage: Stage) -> None:
    stage.forward("09:00")
    stage.says("tina", "A 830 B 1130")

    assert "A: 8:30 is already over." in stage.last("tina")


def test_a_stray_digit_is_not_when_something_was_done(stage: Stage) -> None:
    stage.forward("09:30")
    stage.says("tina", "done 5")
    assert "When" in stage.last("tina")
    stage.says("tina", "1")
    assert "When" in stage.last("tina")
    stage.says("tina", "8")

    job = stage.row(lambda tx: jobs.of_order(tx, "114-7")[0])
    assert stage.instant("08:00") == Talk.from_json(job["talk"]).marks["arrive"]


def test_a_time_that_never_comes_is_asked_for_twice_more(stage: Stage) -> None:
    stage.says("tina", "late")

    assert len(answers(stage, "tina", "We are closed, please hold the line", 9)) == 2


def test_a_managers_machine_is_not_answered_for_ever(stage: Stage) -> None:
    assert len(answers(stage, "dana", "Your call is important to us", 9)) == 2
    assert len(answers(stage, "dana", "alerts", 4)) == 4
    assert answers(stage, "dana", "Liked “1 NO ETA”", 1) == []


def test_what_is_wrong_is_understood_within_a_sentence(stage: Stage) -> None:
    stage.plays("06:50 1", "08:05 1", "08:06 1", "08:07 1")
    stage.says("tina", "one board of it is cracked")

    assert "Which is it?" in stage.last("tina")
    assert "4 Came damaged 6 Broke/missing while building" in stage.last("tina")


def test_a_step_that_waits_for_a_photo_says_so(stage: Stage) -> None:
    stage.says("tina", "1")
    stage.forward("08:05")
    for said in ("1", "nobody home", "i took a photo"):
        stage.says("tina", said)

    assert "wait for the photo" in stage.last("tina")
    stage.says("tina", "no body home")
    assert "I know: no-show, door photo" in stage.last("tina")


@pytest.mark.parametrize("words", ["can i leave", "How long?", "when can I go"])
def test_whoever_asks_how_long_to_wait_is_told(stage: Stage, words: str) -> None:
    stage.says("tina", "1")
    stage.forward("08:05")
    for said in ("1", "nobody home"):
        stage.says("tina", said)
    stage.sends_photo("tina")
    stage.says("tina", "called")
    stage.says("tina", words)

    assert "wait till 8:35" in stage.last("tina")


def test_in_a_chat_everything_is_answered(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'chat.db'}", "telegram").usual()
    stage.forward("06:46")

    assert len(answers(stage, "tina", "qwertz", 7)) == 7


@pytest.mark.parametrize("channel", ["sms", "telegram"])
@pytest.mark.parametrize("said", ["1", "qwertz"])
def test_where_somebody_else_decides_no_digit_is_asked_for(
    tmp_path: Path, channel: str, said: str
) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 's.db'}", channel).usual()
    stage.plays("06:42 1", "07:00 1", "08:00 1", "08:01 issue", "08:01 9", "08:02 refuses entry")
    stage.plays("08:03 4")
    assert "other.hold" == stage.state("114-7")
    stage.says("tina", said)

    assert "igit" not in stage.last("tina")
    assert "Dana" in stage.last("tina"), "who decides, and how they are reached"
    assert "8:33" in stage.last("tina"), "until when nobody leaves"


@pytest.mark.parametrize("channel", ["sms", "telegram"])
def test_where_a_letter_is_asked_for_a_digit_is_answered_with_that_question(
    tmp_path: Path, channel: str
) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 's.db'}", channel).usual()
    stage.plays("06:42 1", "07:00 1", "08:00 1", "08:01 1", "08:02 1")
    stage.forward("09:46")
    stage._receive(*stage.phones["tina"], text="1", kind="message")
    asked = stage.last("tina")
    stage._receive(*stage.phones["tina"], text="2", kind="message")
    again = stage.last("tina")
    stage._receive(*stage.phones["tina"], text="B", kind="message")

    assert "Which job is" in asked
    assert asked == again
    assert ("assemble", "arrive") == (stage.state("114-7"), stage.state("114-9"))


def test_what_is_done_before_the_day_of_a_visit_is_in_hand_where_nothing_else_is(
    tmp_path: Path,
) -> None:
    mila = PROGRAMS["mila"]
    url = f"sqlite:///{tmp_path / 'mila.db'}"
    stage = Stage(url, "sms", zone=mila.zone, program=mila.name).british()
    stage.plays(
        "08:00 new 8841 tomorrow 14:00 12 High St, Leeds", "08:01 1", "08:02 which way is up",
        who="mia",
    )  # fmt: skip

    assert "I don't get that" in stage.last("mia")
    assert "1 It's there 2 Problem" in stage.last("mia")
    stage.says("mia", "what do i do")
    assert "wait till the Amazon app shows it" in stage.last("mia")


@pytest.mark.parametrize(
    ("said", "then"), [("20 min", "11:20"), ("in 20 min", "10:52"), ("1120", "11:20")]
)
def test_a05_late_by_twenty_minutes_is_later_than_planned(
    stage: Stage, said: str, then: str
) -> None:
    stage.forward("10:32")
    stage.says("tina", "B late")
    stage.says("tina", said)

    assert then in stage.last("tina")
    assert ("is outside" in stage.last("tina")) == (then == "10:52")
