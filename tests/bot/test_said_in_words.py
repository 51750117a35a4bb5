"""A problem said in the technician's own words, there where a choice has just opened the way to it."""

from pathlib import Path

import pytest

from flows.book import PROGRAMS
from tests.stage import Stage


@pytest.fixture(name="tina")
def at_start_job(tmp_path: Path) -> Stage:
    """Tina stands at a door, by text; Start Job is not pressed, and she said that there is a
    problem."""
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms").usual()
    stage.plays("07:40 A 800 B 1130", "07:40 1", "07:58 1", "07:59 2")
    return stage


@pytest.fixture(name="mia")
def at_the_service(tmp_path: Path) -> Stage:
    """Mia is at the service of a request, by text."""
    zone = PROGRAMS["mila"].zone
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms", zone=zone, program="mila").british()
    stage.plays("09:00 NEW 8841 today 16:00 4 Mill Ln, York", "09:01 1", "13:00 1", who="mia")
    return stage


@pytest.fixture(name="nina")
def about_to_install(tmp_path: Path) -> Stage:
    """Nina is to install the app, by text."""
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms").unmanned()
    stage.invites("Nina Ruiz")
    stage.plays("09:00 JOIN WELCOME234", "09:00 1", who="nina")
    return stage


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("one board is cracked", "damaged.what"),
        ("The box is torn", "damaged.what"),
        ("one of the boards has a crack", "damaged.what"),
        ("glass broke", "damaged.what"),
        ("nobody opens", "no_show.door_photo"),
        ("customer isnt opening the door", "no_show.door_photo"),
        ("they want something else", "other.photo"),
        ("the lady wants a different thing", "other.photo"),
        ("she changed her mind", "other.photo"),
        ("it doesnt fit in the room", "other.photo"),
        ("wrong address", "other.what"),
        ("never mind", "start"),
        ("all good now", "start"),
    ],
)
def test_a_problem_in_words_opens_its_case_from_the_menu(
    tina: Stage, words: str, state: str
) -> None:
    tina.says("tina", words)

    assert state == tina.state("114-7")


@pytest.mark.parametrize("asked_first", [True, False])
@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("they want something else", "support.call"),
        ("customer wants something different", "support.call"),
        ("nobody opens", "support.call"),
        ("i cant do it", "support.call"),
        ("one board is cracked", "support.call"),
        ("wrong product", "support.call"),
        ("a part is missing", "support.call"),
        ("the app is dead", "proof.form"),
    ],
)
def test_m12_what_is_wrong_at_a_service_is_understood_as_well(
    mia: Stage, words: str, state: str, *, asked_first: bool
) -> None:
    if asked_first:
        mia.says("mia", "2")
    mia.says("mia", words)

    assert state == mia.state("8841")


@pytest.mark.parametrize("channel", ["sms", "telegram"])
def test_words_that_nobody_knows_go_on_with_one_more_press(tmp_path: Path, channel: str) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", channel).usual()
    stage.plays("07:40 A 800 B 1130", "07:40 1", "07:58 1", "07:59 2")
    stage.says("tina", "a dog in the garden")
    asked = stage.last("tina")
    stage.says("tina", "9")

    assert "your words" in asked
    assert "other.photo" == stage.state("114-7")
    stage.says("tina", "4")
    assert "a dog in the garden" in stage.last("dana")


def test_a_sentence_that_opens_a_case_is_not_asked_for_again(tina: Stage) -> None:
    tina.says("tina", "the customer cancelled, she wants a refund")
    tina.says("tina", "4")

    assert "the customer cancelled, she wants a refund" in tina.last("dana")


def test_words_are_only_kept_for_the_very_next_choice(tina: Stage) -> None:
    tina.plays("08:00 a dog in the garden", "08:00 0", "08:01 2", "08:01 9")

    assert "other.what" == tina.state("114-7")


def test_who_is_stuck_getting_ready_says_why_and_the_manager_hears_it(nina: Stage) -> None:
    nina.says("nina", "2")
    nina.says("nina", "it says error 5, no signal")

    assert "it says error 5, no signal" in nina.last("dana")
    assert "Passed on to Dana" in nina.last("nina")
    assert "1/6 Install" in nina.last("nina")
    told = len(nina.heard)
    nina.says("nina", "qwertz uiop")
    assert "I don't get that" in nina.last("nina")
    assert told + 1 == len(nina.heard), "that was no word for Dana"


@pytest.mark.parametrize("words", ["ok", "Thanks!", "ok thank you"])
def test_thanks_for_the_help_are_no_step_forward(nina: Stage, words: str) -> None:
    nina.says("nina", "2")
    told = nina.last("dana")
    nina.says("nina", words)

    assert "SETUP 1/6" in nina.last("nina")
    assert told == nina.last("dana")
    nina.says("nina", "1")
    assert "SETUP 2/6" in nina.last("nina")


@pytest.mark.parametrize("channel", ["sms", "telegram"])
def test_thanks_are_answered_and_move_nothing(tmp_path: Path, channel: str) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", channel).usual()
    stage.plays("07:40 A 800 B 1130", "07:40 1", "07:58 1", "07:59 Thx so much!")

    assert "You're welcome." in stage.last("tina")
    assert "start" == stage.state("114-7")


def test_a_whole_job_in_peoples_own_words(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms").usual()
    stage.plays(
        "06:50 a 830 b 1145", "07:20 sent the eta", "08:31 im at the door", "08:32 startd",
        "08:33 signed in ivr", "09:30 done building", "09:41 complete", "09:42 she signed",
        "09:43 took the selfie", "09:44 yes its gone", "09:45 called ivr", "09:45 signed out on ivr",
        "09:46 entered in mars",
    )  # fmt: skip

    assert "reported" == stage.state("114-7")


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("3 screws are missing", "missing_parts.what"),
        ("2 boards are cracked", "damaged.what"),
        ("2 nobody home", "no_show.door_photo"),
        ("1 thanks", "ivr_in"),
        ("1 started it", "ivr_in"),
    ],
)
def test_a_number_in_a_sentence_is_no_choice(tmp_path: Path, words: str, state: str) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms").usual()
    stage.plays("07:40 A 800 B 1130", "07:40 1", "07:58 1", f"07:59 {words}")

    assert state == stage.state("114-7")


@pytest.mark.parametrize(("words", "state"), [("4 damaged", "damaged.what"), ("9", "other.what")])
def test_a_choice_and_its_own_words_are_that_choice(tina: Stage, words: str, state: str) -> None:
    tina.says("tina", words)

    assert state == tina.state("114-7")


def test_m02_a_service_in_peoples_own_words(mia: Stage) -> None:
    mia.says("mia", "new job 8842 tomorrow 9am 3 High St, Leeds")
    mia.plays("13:02 took it", "13:05 its in the app now", "15:50 im here", who="mia")
    asked = mia.last("mia")
    mia.plays("16:40 a finished", "16:41 she signed", "16:42 clsoed", who="mia")

    assert "does not fit" not in asked
    assert ("reported", "planned") == (mia.state("8841"), mia.state("8842"))


def test_m02_a_lone_digit_is_no_orders_number(mia: Stage) -> None:
    mia.plays("13:01 NEW", "13:02 1", who="mia")

    assert "order number?" in mia.last("mia")
