"""Golden conversations: each script is played on Telegram and on SMS, and its transcript
compared."""

import logging
from pathlib import Path

import pytest

from flows.book import PROGRAMS
from tests.stage import Stage, play

SCRIPTS = sorted(Path(__file__).parent.joinpath("scripts").glob("*.script"))


@pytest.mark.parametrize("channel", ["telegram", "sms"])
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_conversation(
    script: Path,
    channel: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    pytestconfig: pytest.Config,
) -> None:
    golden = script.with_suffix(f".{channel}.txt")
    url = f"sqlite:///{tmp_path / 'stage.db'}"
    program = PROGRAMS.get(script.stem.partition("_")[0])
    if program is not None:
        stage = Stage(url, channel, zone=program.zone, program=program.name).british()
    elif script.stem.startswith("getting_ready"):
        stage = Stage(url, channel).unmanned()
    else:
        stage = Stage(url, channel).usual()

    transcript = play(stage, script.read_text("utf-8"))

    if pytestconfig.getoption("--update-scripts"):
        golden.write_text(transcript, "utf-8")
    assert golden.read_text("utf-8") == transcript
    assert [] == [record for record in caplog.records if record.levelno >= logging.ERROR]
