"""A program is data: a third one starts, passes the tables' checks, and is played on both channels."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.speech.gsm import segments
from bot.speech.wording import Wording
from bot.turns.door import Door
from flows.book import PROGRAMS, SIDES
from flows.check import broken
from flows.engine import Engine
from flows.texts import Sentence, sentences
from tests.programs.larch import LARCH, TEXTS
from tests.stage import Stage, play

ALL = {**PROGRAMS, "larch": LARCH}
DAY = """
06:42 mia > who do I call?
08:35 mia > 1
08:40 mia > issue
08:41 mia > 1
= L-1 support.call
08:42 mia > 4
08:45 mia > 1
= L-1 reported
10:00
"""


def texts() -> dict[str, Sentence]:
    return {**sentences("en"), **TEXTS}


@pytest.fixture(params=["telegram", "sms"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Stage:
    """Mia with a job of the third program."""
    url = f"sqlite:///{tmp_path / 'stage.db'}"
    stage = Stage(url, request.param, zone="Europe/London", program="larch")
    stage.context = replace(
        stage.context,
        engine=Engine(ALL, SIDES),
        programs=ALL,
        wording=Wording({"en": texts()}, strict=True),
    )
    stage.door = Door(stage.context)
    stage.british().order("L-1", "09:00", "10:00", who="mia", program="larch")
    return stage


def test_the_tables_take_it() -> None:
    assert [] == broken(ALL, SIDES, {"en": texts()})


def test_a_sentence_that_is_missing_stops_the_start() -> None:
    without = {key: each for key, each in texts().items() if key != "larch.fit"}

    assert ["larch.fit: no sentence in en"] == broken(ALL, SIDES, {"en": without})


def test_its_day_is_played(stage: Stage) -> None:
    play(stage, DAY)

    heard = [text for who, text in stage.heard if who == "mia"]
    assert "Leave the care leaflet." in heard[-1]
    assert any(
        "01632 960123, Mon-Sat 07:00-19:00" in text or "01632 960123" in text for text in heard
    )
    assert stage.channel != "sms" or max(map(segments, heard)) <= 2


def test_a24_nothing_is_said_to_it_that_only_another_client_does(stage: Stage) -> None:
    stage.forward("12:05")

    heard = "\n".join(text for _, text in stage.heard)
    assert "the end" in heard
    assert [] == [each for each in ("suspend", "no new jobs", "Amazon", "Mars") if each in heard]
