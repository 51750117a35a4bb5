"""A photo that shows too little is asked for once more, on both channels; a reused one is told."""

from pathlib import Path
from typing import Any

import pytest

from bot.pictures.photo_quality import Quality
from bot.speech.gsm import segments
from bot.speech.naming import job_values
from bot.speech.wording import Message, Part, Wording
from storage import photos
from tests.bot.samples import CONTACTS, JOB, MANAGER, MARKS, NOW, TECHNICIAN
from tests.stage import Stage

HASH, DETAIL = "131b1b1b1b1b1b0b", "0f" * 32
GOOD = Quality(1200, 1600, False, False, False, HASH, DETAIL)
DARK = Quality(1200, 1600, True, False, False)
BLURRED = Quality(1200, 1600, False, True, False, "00ff" * 4, "a5" * 32)
SMALL = Quality(64, 48, False, True, True)
OTHER = Quality(1200, 1600, False, False, False, "2626262626262626", "f0" * 32)


@pytest.fixture(params=["telegram", "sms"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Stage:
    """Tina stands at the door of 114-7 and nobody is home."""
    return at_the_door(tmp_path, request.param)


def at_the_door(tmp_path: Path, channel: str) -> Stage:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", channel).usual()
    stage.forward("06:42")
    stage.says("tina", "1")
    stage.forward("07:00")
    stage.says("tina", "1")
    nobody_home(stage, "08:05")
    return stage


def nobody_home(stage: Stage, clock: str) -> None:
    stage.forward(clock)
    stage.says("tina", "2")
    stage.says("tina", "2")
    assert "photo of the door" in stage.last("tina").lower()


def photo(stage: Stage, number: int) -> dict[str, Any]:
    row = stage.store.transact(lambda tx: photos.get(tx, number))
    assert row is not None
    return dict(row)


def mails(stage: Stage) -> list[str]:
    return [text for who, text in stage.heard if who == "office"]


def told(stage: Stage, who: str, word: str) -> list[str]:
    return [text for name, text in stage.heard if name == who and word in text]


# ---------------------------------------------------------------------------- asked once more


@pytest.mark.parametrize(
    ("quality", "said"), [(DARK, "too dark"), (BLURRED, "blurred"), (SMALL, "blurred")]
)
def test_a_better_photo_is_asked_for_and_what_is_wrong_is_said(
    stage: Stage, quality: Quality, said: str
) -> None:
    number = stage.sends_photo("tina", quality=quality)

    assert said in stage.last("tina")
    assert stage.state("114-7") == "no_show.door_photo"
    assert [] == mails(stage)
    row = photo(stage, number)
    assert (row["status"], row["flaws"]) == ("stored", ";".join(quality.flaws))
    assert row["job_id"]
    assert row["asked_again"]


def test_another_picture_replaces_it(stage: Stage) -> None:
    first = stage.sends_photo("tina", quality=DARK)
    second = stage.sends_photo("tina", quality=GOOD)

    assert stage.state("114-7") == "no_show.call_office"
    assert [("", "no_show.door_photo"), ("door", "no_show.door_photo")] == [
        (photo(stage, number)["kind"], photo(stage, number)["step"]) for number in (first, second)
    ]
    assert "[1 photos]" in "".join(line for line in stage.transcript if "! mail" in line)


def test_the_second_is_taken_whatever_it_is(stage: Stage) -> None:
    stage.sends_photo("tina", quality=DARK)
    second = stage.sends_photo("tina", quality=SMALL)

    assert stage.state("114-7") == "no_show.call_office"
    assert photo(stage, second)["kind"] == "door"
    assert not photo(stage, second)["asked_again"]


@pytest.mark.parametrize("word", ["1", "keep", "Keep it", "ok", "A1"])
def test_a_word_keeps_it(stage: Stage, word: str) -> None:
    number = stage.sends_photo("tina", quality=DARK)
    stage.says("tina", word)

    assert stage.state("114-7") == "no_show.call_office"
    assert photo(stage, number)["kind"] == "door"
    assert 1 == len(mails(stage))


def test_a40_the_thirty_minutes_run_from_the_photo_that_was_kept(stage: Stage) -> None:
    stage.sends_photo("tina", quality=DARK)
    stage.forward("08:20")
    stage.says("tina", "1")

    assert "8:35" in stage.last("tina")


def test_a_kept_photo_is_not_kept_twice(stage: Stage) -> None:
    stage.sends_photo("tina", quality=DARK)
    stage.says("tina", "1")
    stage.says("tina", "keep")

    assert stage.state("114-7") == "no_show.call_office"
    assert 1 == len(mails(stage))


@pytest.mark.parametrize("said", ["where", "issue", "what?", "back"])
def test_no_dead_end_whatever_is_said_the_photo_can_still_be_kept_or_replaced(
    stage: Stage, said: str
) -> None:
    stage.sends_photo("tina", quality=DARK)
    stage.says("tina", said)
    if said == "issue":
        stage.says("tina", "0")
    if said == "back":
        assert stage.state("114-7") == "arrive"
        stage.says("tina", "2")
        stage.says("tina", "2")
        assert "too dark" not in stage.last("tina")
        stage.sends_photo("tina", quality=DARK)
    else:
        assert "too dark" in stage.last("tina")
        stage.says("tina", "1")

    assert stage.state("114-7") == "no_show.call_office"


def test_what_the_step_itself_offers_is_still_understood(stage: Stage) -> None:
    stage.sends_photo("tina", quality=DARK)
    stage.says("tina", "9")

    assert stage.state("114-7") == "arrive"


def test_an_answer_to_the_step_before_keeps_nothing(stage: Stage) -> None:
    """What was typed before the question came is no answer to it."""
    before = stage.clock.now() + 1_000
    stage.sends_photo("tina", quality=DARK)
    stage.says("tina", "ok", sent_at=before)

    assert stage.state("114-7") == "no_show.door_photo"
    assert "too dark" in stage.last("tina")


def test_an_old_button_keeps_nothing(tmp_path: Path) -> None:
    stage = at_the_door(tmp_path, "telegram")
    number = stage.sends_photo("tina", quality=DARK)
    job, since = photo(stage, number)["job_id"], photo(stage, number)["asked_again"]
    stage.sends_photo("tina", quality=GOOD)
    stage.presses("tina", f"{job}:{since}:keep")

    assert stage.state("114-7") == "no_show.call_office"
    assert photo(stage, number)["kind"] == ""
    assert 1 == len(mails(stage))


def test_an_album_is_taken_as_it_comes(stage: Stage) -> None:
    stage.sends_photo("tina", quality=DARK, album="a")

    assert stage.state("114-7") == "no_show.call_office"


@pytest.mark.parametrize("quality", [GOOD, None])
def test_a_good_photo_and_one_that_was_not_measured_are_taken(
    stage: Stage, quality: Quality | None
) -> None:
    stage.sends_photo("tina", quality=quality)

    assert stage.state("114-7") == "no_show.call_office"


def test_one_that_nobody_asked_for_is_not_asked_for_again(stage: Stage) -> None:
    stage.says("tina", "9")
    stage.sends_photo("tina", quality=DARK)

    assert "Photo kept" in stage.last("tina")


# ---------------------------------------------------------------------------- selfies


@pytest.fixture
def at_the_selfie(stage: Stage) -> Stage:
    stage.says("tina", "9")
    stage.says("tina", "done 7")
    for time in ("805", "810"):
        stage.says("tina", time)
    assert stage.state("114-7") == "selfie"
    return stage


def test_s8_a_selfie_is_neither_measured_nor_compared_nor_asked_for_again(
    at_the_selfie: Stage,
) -> None:
    stage = at_the_selfie
    number = stage.sends_photo("tina", quality=DARK)
    row = photo(stage, number)

    assert stage.state("114-7") == "cleared"
    assert row["kind"] == "selfie"
    assert (row["flaws"], row["detail"], row["asked_again"]) == ("", "", 0)
    assert [None] * 4 == [row[name] for name in photos.DHASH]


def test_s8_nothing_is_compared_with_a_selfie(at_the_selfie: Stage) -> None:
    stage = at_the_selfie
    stage.sends_photo("tina", quality=GOOD, sha256="ab")
    for word in ("1", "1", "1"):
        stage.says("tina", word)
    assert stage.state("114-7") == "reported"
    stage.forward("10:00")
    stage.says("tina", "1")
    nobody_home(stage, "11:05")
    stage.sends_photo("tina", quality=GOOD, sha256="ab")
    stage.forward("11:06")

    assert stage.state("114-9") == "no_show.call_office"
    assert [] == told(stage, "dana", "SAME PHOTO")


def test_any_other_photo_is_remembered_as_a_picture(stage: Stage) -> None:
    row = photo(stage, stage.sends_photo("tina", quality=GOOD))

    assert row["detail"] == DETAIL
    assert photos.dhash_of(row) == (0x131B, 0x1B1B, 0x1B1B, 0x1B0B)


# ---------------------------------------------------------------------------- seen before


def second_door(stage: Stage, quality: Quality | None, sha256: str = "") -> int:
    """Nobody is home at 114-9 either, three hours later."""
    stage.forward("08:07")
    stage.says("tina", "1")
    stage.forward("08:40")
    stage.says("tina", "1")
    stage.says("tina", "where")
    assert stage.state("114-7") == "left_open"
    stage.forward("10:00")
    stage.says("tina", "1")
    nobody_home(stage, "11:05")
    number = stage.sends_photo("tina", quality=quality, sha256=sha256)
    stage.forward("11:06")
    return number


def close_to(quality: Quality, coarse: int, fine: int) -> Quality:
    changed = int(quality.dhash, 16) ^ sum(1 << bit * 9 for bit in range(coarse))
    detail = int(quality.detail, 16) ^ sum(1 << bit * 11 for bit in range(fine))
    return Quality(800, 600, False, False, False, f"{changed:016x}", f"{detail:064x}")


@pytest.mark.parametrize(
    ("quality", "sha256", "is_told"),
    [
        (None, "", False),
        (OTHER, "", False),
        (OTHER, "ab", True),
        (GOOD, "", True),
        (close_to(GOOD, 6, 12), "", True),
        (close_to(GOOD, 7, 0), "", False),
        (close_to(GOOD, 0, 13), "", False),
    ],
)
def test_the_same_photo_as_an_earlier_jobs_is_taken_and_told_once(
    stage: Stage, quality: Quality | None, sha256: str, is_told: bool
) -> None:
    stage.sends_photo("tina", quality=GOOD, sha256="ab")
    number = second_door(stage, quality, sha256)

    assert stage.state("114-9") == "no_show.call_office"
    assert photo(stage, number)["kind"] == "door"
    assert is_told == len(told(stage, "dana", "SAME PHOTO"))
    assert [] == told(stage, "carl", "SAME PHOTO")
    if is_told:
        text = told(stage, "dana", "SAME PHOTO")[0]
        assert "WO 114-9: was sent for WO 114-7, Mon Nov 23" in text


def test_a_doubtful_photo_is_compared_when_it_is_kept(stage: Stage) -> None:
    stage.sends_photo("tina", quality=OTHER, sha256="ab")
    second_door(stage, DARK, "ab")
    assert [] == told(stage, "dana", "SAME PHOTO")

    stage.says("tina", "1")
    stage.forward("11:08")

    assert 1 == len(told(stage, "dana", "SAME PHOTO"))


def test_the_same_photo_twice_at_one_job_is_nothing_to_tell(stage: Stage) -> None:
    stage.sends_photo("tina", quality=DARK, sha256="ab")
    stage.sends_photo("tina", quality=DARK, sha256="ab")
    stage.forward("08:08")

    assert stage.state("114-7") == "no_show.call_office"
    assert [] == told(stage, "dana", "SAME PHOTO")


def test_a_photo_that_lay_ready_is_compared_when_it_is_used(stage: Stage) -> None:
    stage.sends_photo("tina", quality=GOOD)
    stage.forward("08:07")
    stage.says("tina", "1")
    stage.forward("08:40")
    stage.says("tina", "1")
    stage.forward("10:00")
    stage.says("tina", "1")
    stage.forward("11:04")
    stage.sends_photo("tina", quality=GOOD)
    assert [] == told(stage, "dana", "SAME PHOTO")
    nobody_home(stage, "11:05")
    stage.says("tina", "5")
    stage.forward("11:07")

    assert stage.state("114-9") == "no_show.call_office"
    assert 1 == len(told(stage, "dana", "SAME PHOTO"))


# ---------------------------------------------------------------------------- the words


@pytest.mark.parametrize("flaw", ["dark", "blurred", "small"])
@pytest.mark.parametrize("lettered", [False, True])
def test_the_question_fits_one_segment(flaw: str, lettered: bool) -> None:
    asked = Message((), Part(f"photo_again.{flaw}"), (("1", "keep"),), "B")
    text = Wording.shipped(strict=True).sms(asked, lettered=lettered)

    assert 1 == segments(text)
    assert text.endswith("B1 Keep it" if lettered else "1 Keep it")


def test_the_alert_fits_one_segment_with_the_longest_names() -> None:
    values = job_values(JOB, TECHNICIAN, MANAGER, CONTACTS, MARKS, NOW, sms=True)
    values |= {"code": "27", "what": f"{JOB['number']}, Mon Nov 23"}
    alert = Message((), Part("alert.photo_reused", values), (("27a", "a"), ("27c", "c")))

    assert 1 == segments(Wording.shipped(strict=True).sms(alert))
