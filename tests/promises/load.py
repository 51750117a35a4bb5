"""A crowd at work on both wires: technicians with a job each, and their managers.

What they do is spread over the kills by a seed, not by time, so that a slow machine has the same
day. They read what they are asked, as people do: a prompt that came twice is answered twice."""

import random
import re
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from storage import people
from storage.db import Store, Tx
from tests.carriers.rigs import picture
from tests.wire.running import Running

RATE = 20
"""Business time runs so many times as fast, also while nobody serves."""
START = "2026-11-23T08:00-05:00"
MANAGERS = 3
_PATIENT, _WHERES = 4, 8
"""How often they look in vain before they ask where they stand, and how often they ask."""
_ACTS, _NOBODY_HOME_ACTS = 30, 24
"""Moments at which a technician looks at the phone; a main line needs twelve answers."""
_ASKED = (
    ("Photo of the door|photo of the door", "[photo]"),
    ("[Ss]elfie", "[photo]"),
    ("[Aa]pp dead", "7"),  # it works again
    ("What is wrong", "Nobody home"),
    ("2/11", "Problem"),
    (r"1\d?/11|\d/11|/11|When will you be|call customer service|Mars", "1"),
)
"""What a text asks, and what whoever finds nobody home does; whoever is let in answers 1 to it
all but the selfie."""


@dataclass
class Technician:
    """One of the crowd, with a phone."""

    phone: Any
    chance: random.Random
    nobody_home: bool
    acts: list[int] = field(default_factory=list)
    """After which kills they look at their phone."""
    answered: int = 0
    """How many of the messages on the phone were looked at."""
    looked: int = 0
    said: int = 0
    wheres: int = 0

    def act(self) -> None:
        """Answer what was asked last, if anything new was; where nothing comes, ask."""
        inbox = self.phone.inbox
        fresh, self.answered = inbox[self.answered :], len(inbox)
        for message in reversed(fresh):
            text = words(message)
            for asks, answer in _ASKED:
                if re.search(asks, text):
                    self.looked = 0
                    self._answer(message, answer)
                    return
        self.looked += 1
        if self.looked % _PATIENT == 0 and self.wheres < _WHERES:
            self.wheres += 1
            self._say("where")

    def _answer(self, message: Any, answer: str) -> None:
        if answer == "[photo]":
            self.said += 1
            self.phone.sends_photo(picture(64 + self.chance.randrange(50), 48 + self.said))
        elif answer == "7":
            self._say(answer)
        elif not self.nobody_home or answer == "1":
            self._first(message)
        elif getattr(message, "buttons", None) and self.chance.random() < 0.7:
            self.phone.presses(_button(message, answer), message)
        else:
            self._say("2")

    def _first(self, message: Any) -> None:
        """The first of what can be answered: a thumb on the button, or its number."""
        buttons = getattr(message, "buttons", None)
        if buttons and self.chance.random() < 0.7:
            self.phone.presses_data(buttons[0][0].data, message)
        else:
            self._say("1")

    def _say(self, text: str) -> None:
        self.said += 1
        self.phone.says(text)


def words(message: Any) -> str:
    """What a message on a phone says, under a picture too."""
    said = getattr(message, "text", None) or getattr(message, "caption", None)
    return str(said or getattr(message, "body", "") or "")


def _button(message: Any, named: str) -> str:
    return next(str(b.text) for row in message.buttons for b in row if named in b.text)


class Crowd:
    """Half on Telegram, half on SMS; every other one finds nobody home at first."""

    def __init__(self, running: Running, size: int, seed: int) -> None:
        self.running, self.size = running, size
        self.chance = random.Random(seed)
        self.technicians: list[Technician] = []
        self.managers: list[Any] = []
        self._answered = [0] * MANAGERS
        self._began, self._start = time.monotonic(), datetime.fromisoformat(START)

    def env(self) -> dict[str, str]:
        """The environment of a process that starts now: the clock went on without anybody."""
        return {**self.running.env, "CLOCK": f"{self.now().isoformat()}@{RATE}"}

    def now(self) -> datetime:
        """Business time."""
        return self._start + timedelta(seconds=(time.monotonic() - self._began) * RATE)

    def files(self) -> None:
        """The people file and the manifest."""
        people_ = ["name,role,phone,email,dm,dc,app"]
        people_ += [
            f"Mana {m},manager,+1212555011{m},mana{m}@example.org,,," for m in range(MANAGERS)
        ]
        jobs = ["Work Order,Shift,Customer,Address,City,State,Zip,Technician,Date,Schedule Notes"]
        for n in range(self.size):
            people_.append(f"Tech {n},technician,{number(n)},,Mana {n % MANAGERS},,own")
            where = f"Must Use the Amazon App C{n},{n} Elm St,Troy,NY,12180"
            jobs.append(f"200-{n},S,{where},Tech {n},2026-11-23,8-11 desk")
        (self.running.folder / "people.csv").write_text("\n".join(people_) + "\n")
        (self.running.folder / "manifest.csv").write_text("\n".join(jobs) + "\n")

    def bind(self, kills: int) -> None:
        """Give everybody a phone that has consented, and technicians their moments."""
        Store(self.running.env["DATABASE_URL"]).transact(lambda tx: self._bind(tx, kills))
        self._began = time.monotonic()

    def _bind(self, tx: Tx, kills: int) -> None:
        for m in range(MANAGERS):
            manager = self.running.telegram.user(f"Mana {m}")
            self.managers.append(manager)
            manager.says("today")  # nobody can be written to who never wrote
            _give(tx, f"Mana {m}", "telegram", str(manager.id))
        for n in range(self.size):
            chance = random.Random(self.chance.random())
            nobody = n % 4 >= 2
            phone: Any
            if n % 2:
                phone = self.running.twilio.phone(number(n))
                _give(tx, f"Tech {n}", "sms", number(n))
            else:
                phone = self.running.telegram.user(f"Tech {n}")
                phone.says("today")
                _give(tx, f"Tech {n}", "telegram", str(phone.id))
            # Who finds nobody home has half an hour to wait, and does the rest before.
            last = kills * (0.5 if nobody else 0.95)
            acts = sorted(int(chance.uniform(0, last)) for _ in range(_ACTS))
            late = [
                int(chance.uniform(last, kills)) for _ in range(_NOBODY_HOME_ACTS if nobody else 3)
            ]
            self.technicians.append(Technician(phone, chance, nobody, sorted(acts + late)))

    def act(self, killed: int | None = None) -> None:
        """Everybody whose moment it is after so many kills, or everybody, does what they do."""
        for technician in self.technicians:
            if killed is None:
                technician.act()
            while killed is not None and technician.acts and technician.acts[0] <= killed:
                technician.acts.pop(0)
                technician.act()
        for m, phone in enumerate(self.managers):
            inbox = phone.inbox
            for message in inbox[self._answered[m] :]:
                if message.buttons and message.buttons[0][0].data and self.chance.random() < 0.5:
                    phone.presses_data(message.buttons[0][0].data, message)
            self._answered[m] = len(inbox)


def number(n: int) -> str:
    """A technician's phone."""
    return f"+1212556{n:04d}"


def _give(tx: Tx, name: str, channel: str, address: str) -> None:
    person = people.find(tx, name)[0]["id"]
    people.bind(tx, person, channel, address, 1, "agreed")
    people.change(tx, person, channel=channel, address=address)
