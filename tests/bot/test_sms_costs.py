"""What SMS costs, counted from the texts that ship: docs/sms-costs.md, and the budget (contract 2).

`--update-scripts` writes the document anew; it is stale where this test fails.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.speech.gsm import segments
from bot.speech.wording import Message, Part, Wording
from flows.texts import sentences
from tests.bot.samples import JOB, MANAGER, TECHNICIAN
from tests.bot.test_wording import SMS, prompts
from tests.stage import Stage, play

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "sms-costs.md"
SCRIPTS = ROOT / "tests" / "scripts"
NORMAL, BUDGET = "a_normal_day", 16
ESCALATION = 12
"""Segments that a case may cost a job beside its own, however it ends."""
AT_THE_DOOR = (NORMAL, "no_show", "something_else", "silence", "back_the_same_day", "mila")
LETTERED = ("A ", "B ")
ORDER = JOB["number"]


class LongNames(Stage):
    """Everybody and everything is called as long as it gets."""

    def enrol(self, name: str, roles: str = "technician", *, channel: str = "", **more: Any) -> int:
        sample = MANAGER["name"] if roles == "manager" else TECHNICIAN["name"]
        long = f"{name.split(maxsplit=1)[0]} {sample.split(maxsplit=1)[1]}"
        return super().enrol(long, roles, channel=channel, **more)

    def order(self, number: str, start: str, end: str, **more: Any) -> int:
        names = {name: JOB[name] for name in ("customer", "street", "product")}
        return super().order(self._long(number), start, end, **more | names)

    def state(self, number: str) -> str:
        return super().state(self._long(number))

    @staticmethod
    def _long(number: str) -> str:
        return f"{number}{ORDER[len(number) :]}"


@dataclass(frozen=True)
class Heard:
    """One text of a transcript."""

    at: str
    who: str
    text: str

    @property
    def cost(self) -> int:
        return segments(self.text)

    @property
    def of_the_day(self) -> bool:
        """A sheet, or the planning that answers it: not a job's own."""
        return bool(re.match(r"(Good morning|Tomorrow|Planned: )", self.text)) or (
            "When will you be at A, B?" in self.text
        )


MANAGERS = {"dana", "carl"}


def heard(transcript: str) -> list[Heard]:
    """What the phones heard; the lines of a text after its first are indented."""
    whole = re.sub(r"\n {14}", "\x00", transcript)
    found = re.findall(r"^(\d\d:\d\d)  (\w+) < (.*)$", whole, re.M)
    return [Heard(at, who, text.replace("\x00", "\n")) for at, who, text in found]


@pytest.fixture(scope="module")
def normal(tmp_path_factory: pytest.TempPathFactory) -> list[Heard]:
    """The normal day with the longest names."""
    stage = LongNames(f"sqlite:///{tmp_path_factory.mktemp('costs') / 's.db'}", "sms").usual()
    return heard(play(stage, (SCRIPTS / f"{NORMAL}.script").read_text("utf-8")))


def each_prompt() -> Iterator[tuple[str, str, str]]:
    """Key, text, and the text where another job is in hand and the choices carry the letter."""
    wording = Wording.shipped(strict=True)
    for key, (choices, number) in sorted(prompts().items()):
        message = Message((), Part(key, SMS), tuple(choices.items()), "B", number)
        yield key, wording.sms(message), wording.sms(message, lettered=True)


def document(normal: list[Heard]) -> str:
    lines = [
        "# What SMS costs",
        "",
        "Made from the texts that ship: `python -m pytest -n 0 tests/bot/test_sms_costs.py",
        "--update-scripts`. A segment is 160 characters of GSM-7; the consent, day sheets, the card",
        "and lists take more than one.",
        "",
        "## A normal job",
        "",
        f"With the longest names, ETA reminders included; at most {BUDGET}.",
        "",
        "| job | outgoing segments |",
        "|---|---|",
    ]
    lines += [f"| {letter} | {total} |" for letter, total in by_job(normal).items()]
    lines += [
        "",
        "## A day and each escalation",
        "",
        "Outgoing segments of each conversation in `tests/scripts/`, words that work at any step",
        "included; what the day itself takes (its sheet, the planning) is beside it.",
        "",
        "| conversation | texts to the technician | segments | of them the day's | to managers |",
        "|---|---|---|---|---|",
    ]
    for path in sorted(SCRIPTS.glob("*.sms.txt")):
        texts = heard(path.read_text("utf-8"))
        mine = [each for each in texts if each.who not in MANAGERS]
        total = sum(each.cost for each in mine)
        others = sum(each.cost for each in texts if each.who in MANAGERS)
        day = sum(each.cost for each in mine if each.of_the_day)
        title = path.name.removesuffix(".sms.txt").replace("_", " ")
        lines.append(f"| {title} | {len(mine)} | {total} | {day} | {others} |")
    lines += [
        "",
        "## Every prompt",
        "",
        "With the longest names (customer 16, street 24, work order whole); then with the job's",
        "letter at each choice, as where another job is in hand.",
        "",
        "| prompt | segments | with letters |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{key}` | {segments(text)} | {segments(lettered)} |"
        for key, text, lettered in each_prompt()
    ]
    return "\n".join(lines) + "\n"


def by_job(texts: list[Heard]) -> dict[str, int]:
    """The segments of each job, by the letter that opens its texts."""
    found: dict[str, int] = {}
    for each in texts:
        if each.who == "tina" and not each.of_the_day:
            found[each.text[0]] = found.get(each.text[0], 0) + each.cost
    return found


def test_the_document_is_what_the_texts_cost(
    normal: list[Heard], pytestconfig: pytest.Config
) -> None:
    made = document(normal)
    if pytestconfig.getoption("--update-scripts"):
        DOCUMENT.write_text(made, "utf-8")

    assert DOCUMENT.read_text("utf-8") == made


def test_a_normal_job_costs_at_most_sixteen_segments(normal: list[Heard]) -> None:
    costs = by_job(normal)

    assert sorted(costs) == ["A", "B"]
    assert max(costs.values()) <= BUDGET


def test_an_escalation_stays_within_its_budget() -> None:
    """What goes wrong costs a dozen segments beside the job's own; a job that ends at the door
    costs no more than a normal one. No text of a job is longer than two."""
    too_dear: dict[str, int] = {}
    too_long: list[str] = []
    for path in sorted(SCRIPTS.glob("*.sms.txt")):
        texts = [each for each in heard(path.read_text("utf-8")) if each.who == "tina"]
        script = path.name.removesuffix(".sms.txt")
        budget = BUDGET if script.startswith(AT_THE_DOOR) else BUDGET + ESCALATION
        costs = {k: cost for k, cost in by_job(texts).items() if k.isalpha()}
        too_dear |= {f"{script} {k}": cost for k, cost in costs.items() if cost > budget}
        too_long += [each.text for each in texts if each.cost > 2 and each.text[:2] in LETTERED]

    assert (too_dear, too_long) == ({}, [])


def test_the_menu_is_one_segment() -> None:
    assert segments(Wording.shipped().sms(Message((Part("menu", SMS),)))) == 1


@pytest.mark.parametrize(
    "said", ["not_understood", "stale", "recovered", "time.unread", "photo.lost", "edited"]
)
def test_an_answer_that_came_to_nothing_costs_one_segment_wherever_the_job_stands(
    said: str,
) -> None:
    wording, at = Wording.shipped(strict=True), set(sentences("en"))
    too_long = []
    menus = {key for key in prompts() if key.startswith("issue")}
    for key, (choices, number) in prompts().items():
        if key in menus and said != "not_understood":
            continue  # a menu is no step: nothing else is answered with it
        states = {key.removeprefix("apollo."), key}
        state = next(
            (each for each in states if f"step.{each}" in at), "damaged_during.maker_model"
        )
        values = SMS | {"at": state}
        message = Message(
            (Part(said, values),), Part(key, values), tuple(choices.items()), "B", number,
            frozenset({0}),
        )  # fmt: skip
        text = wording.sms(message)
        if segments(text) > 1:
            too_long.append(text)

    assert too_long == []
