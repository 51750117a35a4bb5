"""Questions as technicians type them find their answer, or are said to be unknown (M11, M14)."""

from pathlib import Path

import pytest

from bot.speech.gsm import segments
from bot.speech.wording import Message, Part, Wording
from bot.turns.questions import known
from flows.answers import alike, topics
from flows.book import PROGRAMS
from storage.answers import Library
from tests.bot.samples import CONTACTS, JOB, MANAGER, MARKS, NOW, TECHNICIAN

WORDING = Wording.shipped(strict=True)
UNKNOWN = "-"
Table = list[tuple[str, str, str]]


def table(name: str) -> Table:
    """(program, topic, question); the topic "-" is one that no program answers."""
    lines = Path(__file__).with_name(f"{name}.txt").read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in line.split("|", 2)] for line in lines if line.strip()]
    return [(program, topic, question) for program, topic, question in rows]


@pytest.fixture(scope="module")
def libraries() -> dict[str, Library]:
    return {
        program: Library(
            (
                (topic, phrase)
                for topic in known(WORDING, program)
                for phrase in topics("en")[topic].asked
            ),
            alike("en"),
        )
        for program in PROGRAMS
    }


def accuracy(rows: Table, libraries: dict[str, Library]) -> tuple[float, float]:
    """The shares of right and of wrong answers; the rest is said to be unknown."""
    right = wrong = 0
    for program, topic, question in rows:
        found = libraries[program].find(question)
        said = found[0][0] if found else UNKNOWN
        right += said == topic
        wrong += said not in (topic, UNKNOWN)
    return right / len(rows), wrong / len(rows)


def test_there_are_questions_enough() -> None:
    assert len(table("tuned")) + len(table("held_out")) >= 120
    assert {program for program, _, _ in table("tuned")} == set(PROGRAMS)


@pytest.mark.parametrize(("name", "at_least", "at_most"), [("tuned", 0.95, 0.05), ("held_out", 0.7, 0.12)])  # fmt: skip
def test_questions_find_their_answer(
    name: str, at_least: float, at_most: float, libraries: dict[str, Library]
) -> None:
    """The library's phrasings were written beside `tuned`; nothing was ever fitted to `held_out`."""
    right, wrong = accuracy(table(name), libraries)
    print(f"{name}: {right:.0%} right, {wrong:.0%} wrong, the rest said to be unknown")  # noqa: T201 - the figures

    assert right >= at_least
    assert wrong <= at_most


def test_every_topic_is_answered_by_some_program() -> None:
    answered = {topic for program in PROGRAMS for topic in known(WORDING, program)}

    assert set(topics("en")) == answered


def test_every_question_of_the_tables_is_a_topic() -> None:
    asked = {topic for name in ("tuned", "held_out") for _, topic, _ in table(name)}

    assert set() == asked - {UNKNOWN} - set(topics("en"))


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_answer_fits_one_text(program: str) -> None:
    from bot.speech.wording import job_values  # noqa: PLC0415 - only here

    values = dict(job_values(JOB, TECHNICIAN, MANAGER, CONTACTS, MARKS, NOW, sms=True))
    for topic in known(WORDING, program):
        text = WORDING.sms(Message((Part(f"answer.{topic}", values | {"program": program}),)))
        if topic != "videos":
            assert 1 == segments(text), f"{topic}: {text}"
