"""A bad morning: five technicians, a dozen alerts, one manager away, one stranger; from a phone with
buttons only, from a flip phone with codes only, and from the desk."""

import contextlib
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.incoming import Keyboard
from bot.turns.alert_cards import buttons_left
from storage import alerts, fees, jobs
from storage.db import Row, Tx
from tests.desk.visiting import House, Visit

TEAM = {"tina": "114-1", "bob": "114-2", "ann": "114-3", "cy": "114-4", "eve": "114-5"}
STRANGER = ("sms", "+19145550199")

MORNING = """
06:41 carl > AWAY 1 Dana
06:42 tina > 1
06:42 bob > 1
06:42 ann > 1
06:42 cy > 1
06:42 eve > 1
07:00 tina > 1
07:00 ann > 1
07:00 eve > 1
07:31 ? eta_missing bob c
07:31 ? eta_missing cy a
07:32 bob > 1
07:40 cy > out
07:40 ? out cy a
07:45 cy > the car is dead
07:47 stranger > what is this number
07:50 eve > manager nobody told me the gate code
07:50 ? message eve c
08:00 ann > 1
08:01 ann > 1
08:02 ann > 1
08:05 tina > 2
08:05 tina > 2
08:06 tina > [photo]
08:07 ? no_show tina a
08:08 tina > 1
08:10 eve > 2
08:10 eve > 9
08:10 eve > They moved out last week
08:11 eve > [photo]
08:12 ? out cy a
08:12 ? other eve o
08:13 eve > 1
08:20 ann > 2
08:20 ann > 4
08:21 ann > 2 side panels cracked
08:21 ann > 1
08:22 ann > [photo]
08:24 ann > done
08:24 ? damaged ann a
08:26 ann > 7
08:27 ann > 1
08:28 ann > 1
08:29 ann > 1
08:31 ann > 6
08:32 ? damaged_left ann n
08:33 ann > 1
08:34 ann > 1
08:40 ? no_show_over tina y
08:41 tina > 1
08:42 ? out cy d
09:00 bob > late 1145
09:00 ? late_outside bob y
09:30 eve > STOP
09:30 ? opted_out eve a
10:00 eve > START
10:31 ? eta_missing tina a
10:32 tina > 1
"""
"""What happens; `?` is what Dana answers: the alert's kind, whom it is about, the letter."""


class Morning(House):
    """Dana with a team of five; Carl, whose two she takes over while he is away."""

    def __init__(self, url: str, folder: Path, channel: str) -> None:
        self._channel = channel
        super().__init__(url, folder)

    def _move_in(self) -> None:
        enrol = self.stage.enrol
        dana = enrol("Dana Cole", "manager", channel=self._channel)
        carl = enrol("Carl Stone", "manager", channel="sms")
        enrol("Olive West", "office", channel="sms")
        enrol("Olga Marsh", "operator", channel="sms")
        for name, manager in (
            ("Tina Abernathy", dana), ("Bob Okafor", carl), ("Ann Lee", dana), ("Cy Young", carl), ("Eve Roe", dana),
        ):  # fmt: skip
            enrol(name, channel="sms", dm=manager)
        for place, (who, number) in enumerate(TEAM.items()):
            self.stage.order(number, "08:00", "11:00", who=who, customer=f"Customer {place}")
        self.stage.order("114-6", "11:00", "14:00", customer="Ben Fox")
        self.stage.phones["stranger"] = STRANGER


class Answers:
    """Dana's own means of answering."""

    def __init__(self, house: Morning, way: str, desk: Visit | None) -> None:
        self.house, self.stage, self.way, self.desk = house, house.stage, way, desk
        self.count = 0
        self.keyboards: dict[int, Keyboard] = {}

    async def give(self, kind: str, who: str, letter: str) -> None:
        """Answer the alert as Dana can see it."""
        dana, about = self.stage.people["dana"], self.stage.people[who]
        mine = self.stage.store.transact(lambda tx: alerts.open_of(tx, dana))
        (row,) = [row for row in mine if (row["kind"], row["about_id"]) == (kind, about)]
        self.count += 1
        if self.desk is not None:
            await self.desk.does(f"/desk/alerts/{row['id']}", page="/desk/", letter=letter)
            self.stage._deliver()
        elif self.way == "buttons":
            self._press(row, letter)
        else:
            self._type(row, letter)

    def _press(self, row: Row, letter: str) -> None:
        """A button that stands under one of her messages still."""
        button = f"a:{row['id']}:{letter}"
        dana = self.stage.people["dana"]
        sent = self.stage.store.transact(
            lambda tx: tx.all("SELECT id, payload FROM outbox WHERE person_id = :id", {"id": dana})
        )
        for each in sent:
            self.keyboards.setdefault(each["id"], json.loads(each["payload"]).get("buttons", ()))
        under = [
            message
            for message, rows in self.keyboards.items()
            if any(button == data for line in rows for _, data in line)
        ]
        assert under
        self.keyboards[under[-1]] = buttons_left(button, self.keyboards[under[-1]])
        self.stage.presses("dana", button)

    def _type(self, row: Row, letter: str) -> None:
        """A code that she was shown, with the characters where it is about money."""
        texts = [text for name, text in self.stage.heard if name == "dana"]
        shown = [re.search(rf"\b{row['number']}{letter}(?: ([A-Z2-9]{{4}}))?\b", t) for t in texts]
        found = [match for match in shown if match]
        listed = [text for text in texts if re.search(rf"^{row['number']} ", text, re.MULTILINE)]
        assert found or listed
        token = (found[-1][1] or "") if found else ""
        self.stage.says("dana", f"{row['number']}{letter} {token}".strip())


@contextlib.asynccontextmanager
async def dana(house: Morning, way: str) -> AsyncIterator[Answers]:
    if way == "desk":
        async with house.at_desk("dana") as visit:
            yield Answers(house, way, visit)
    else:
        yield Answers(house, way, None)


async def play(house: Morning, way: str) -> int:
    """The morning; how many alerts Dana answered."""
    stage = house.stage
    async with dana(house, way) as answers:
        for line in MORNING.strip().splitlines():
            clock, who, rest = line.split(" ", 2)
            if who == "?":
                stage.forward(clock)
                await answers.give(*rest.split())
                continue
            words = rest.removeprefix("> ")
            stage.plays(f"{clock} {words}", who=who)
            if words.startswith("AWAY"):
                stage.says(who, f"AWAY {stage.token(who)}")
        stage.forward("10:40")
    return answers.count


def heard(house: Morning, who: str) -> str:
    return "\n".join(text for name, text in house.stage.heard if name == who)


@pytest.mark.parametrize(
    ("way", "channel"), [("buttons", "telegram"), ("codes", "sms"), ("desk", "telegram")]
)
async def test_a_bad_morning_is_run_to_its_end(tmp_path: Path, way: str, channel: str) -> None:
    house = Morning(f"sqlite:///{tmp_path}/house.db", tmp_path, channel)
    answered = await play(house, way)
    stage = house.stage
    mine = stage.people["dana"]

    def read(tx: Tx) -> tuple[list[Row], dict[str, str], list[tuple[str, str]]]:
        owed = [
            fee
            for order in TEAM.values()
            for fee in fees.of_job(tx, jobs.of_order(tx, order)[0]["id"])
        ]
        return (
            alerts.open_of(tx, mine),
            {who: jobs.of_order(tx, order)[0]["state"] for who, order in TEAM.items()},
            [(fee["status"], fee["decided_by"]) for fee in owed],
        )

    left, states, money = stage.store.transact(read)
    house.close()

    assert 14 == answered
    assert [] == [(row["number"], row["kind"]) for row in left]
    assert {
        "tina": "left_open", "bob": "eta", "ann": "left_open", "cy": "eta", "eve": "left_open",
    } == states  # fmt: skip
    assert [("approved", "Dana Cole"), ("refused", "Dana Cole")] == money
    assert "Dana Cole asks you to call" in heard(house, "bob")
    assert "refused by Dana Cole" in heard(house, "ann")
    assert "" == heard(house, STRANGER[1])
    assert [] == [t for n, t in stage.heard if n in ("carl", "olive") and "No answer from" in t]
    assert "Cy Young" not in heard(house, "carl")
