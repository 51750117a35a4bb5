"""A stage for conversations: phones, a clock that can be pushed, and the mail; the real door on a
real database.

No network: what the outbox holds is "sent" at once. `tests/wire` runs the same product over the
carriers. A script (`tests/scripts/*.script`) is played by `play`; its transcript is the golden file.
"""

import json
import re
from collections.abc import Callable
from datetime import date, datetime, time
from functools import cache, partial
from itertools import count
from typing import Any

from bot import days
from bot.clock import Clock, to_datetime, to_instant
from bot.context import Context
from bot.incoming import Incoming, PhotoRef
from bot.operator.planner import Planner
from bot.pictures.photo_quality import Quality
from bot.speech.wording import Wording
from bot.turns import enrolment
from bot.turns.door import Door
from flows.book import PROGRAMS, build_engine
from flows.engine import Engine
from flows.facts import HOUR, Facts
from storage import jobs, outbox, people, timers
from storage.db import Row, Tx
from tests.databases import new_store

ZONE = "America/New_York"
TOKEN = re.compile(r"(\b\d+[a-z]|\bAWAY|\bQUIET) ([A-Z2-9]{4})\b")
SHOWN_TOKEN = "K7QM"
"""What a transcript shows, and a script says, for the random characters of an alert."""
DAY = date(2026, 11, 23)
_DUE = """SELECT * FROM (
  SELECT * FROM outbox
  WHERE status in ('pending','sending') AND status = 'pending' AND due_at <= :now
  UNION ALL SELECT * FROM outbox WHERE id > :seen AND status = 'held' AND due_at <= :now
) AS due ORDER BY id"""
"""What leaves now: by the index that the sender uses, and what is held since the last look."""
CODE = "WELCOME234"
"""The code of whoever a script invites."""


@cache
def _built() -> tuple[Engine, Wording]:
    """The rules and the strict wording, for all stages of a process: neither keeps anything."""
    return build_engine(), Wording.shipped(strict=True)


class Stage:
    """Tina (technician), Dana (DM), Carl (DC) and whoever a script names, on one database."""

    def __init__(
        self,
        url: str,
        channel: str,
        start: str = "06:40",
        *,
        zone: str = ZONE,
        program: str = "apollo",
        day: date = DAY,
    ) -> None:
        self.channel, self.zone, self.program, self.day = channel, zone, program, day
        self.store = new_store(url)
        self.clock = Clock(self.instant(start))
        self.clock.pace(0)
        self.clock.set(self.instant(start))  # not a millisecond later
        engine, wording = _built()
        self.context = Context(engine, PROGRAMS, wording, self.clock, lambda _p, _c: "", True)
        self.door = Door(self.context)
        self.people: dict[str, int] = {}
        self.phones: dict[str, tuple[str, str]] = {}
        self.transcript: list[str] = []
        self.heard: list[tuple[str, str]] = []
        self.last_incoming: Incoming | None = None
        self.pause = 3_000
        """Milliseconds that whoever says something took to type it."""
        self._keys, self._numbers = count(1), count(101)
        self._seen = self._invited = 0

    # -- setting the stage ----------------------------------------------------------------------

    def instant(self, clock: str, day: date | None = None) -> int:
        """A wall-clock time of the day as an instant."""
        day = day or self.day
        return to_instant(datetime.combine(day, time.fromisoformat(clock), days.zone_of(self.zone)))

    def enrol(self, name: str, roles: str = "technician", *, channel: str = "", **more: Any) -> int:
        """Somebody with a phone."""
        channel = channel or self.channel
        number = f"+1212555{next(self._numbers):04d}"
        address = number if channel == "sms" else str(next(self._numbers))

        def work(tx: Tx) -> int:
            now = self.clock.now()
            person = tx.insert(
                "people",
                name=name,
                roles=roles,
                phone=number,
                email=f"{name.split(maxsplit=1)[0].lower()}@example.org",
                created_at=now,
                **{"timezone": self.zone, "program": self.program, **more},
            )
            people.bind(tx, person, channel, address, now, "agreed")
            people.change(tx, person, channel=channel, address=address)
            return person

        self.people[name.split(maxsplit=1)[0].lower()] = self.store.transact(work)
        self.phones[name.split(maxsplit=1)[0].lower()] = (channel, address)
        return self.people[name.split(maxsplit=1)[0].lower()]

    def order(
        self,
        number: str,
        start: str,
        end: str,
        *,
        who: str = "tina",
        customer: str = "Carla Montgomery-Hernandez",
        street: str = "12 Elm St",
        product: str = "TV stand",
        minutes: int | None = 60,
        day: date | None = None,
        program: str = "apollo",
        helpers: tuple[str, ...] = (),
    ) -> int:
        """A job of the day."""
        day = day or self.day

        def work(tx: Tx) -> int:
            now, technician = self.clock.now(), self.people[who]
            opens, closes = self.instant(start, day), self.instant(end, day)
            begins, ends = days.day_span(opens, closes, None, days.zone_of(self.zone))
            order = tx.insert(
                "work_orders",
                number=number,
                program=program,
                shift="S-9",
                customer=customer,
                street=street,
                city="Troy",
                state="NY",
                zip="12180",
                product=product,
                units="2.0",
                minutes=minutes,
                timezone=self.zone,
                created_at=now,
            )
            turn = self.context.engine.begin(
                program,
                Facts(opens, closes, opens, begins, ends, minutes),
                now,
                dict.fromkeys(self.context.programs[program].before, now),
            )
            letter = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[len(jobs.of_day(tx, technician, day.isoformat()))]
            job = tx.insert(
                "jobs",
                work_order_id=order,
                technician_id=technician,
                helpers=";".join(str(self.people[each]) for each in helpers),
                day=day.isoformat(),
                letter=letter,
                window_start=opens,
                window_end=closes,
                day_start=begins,
                day_end=ends,
                talk=turn.talk.to_json(),
                created_at=now,
                changed_at=now,
            )
            stands = self.context.engine.standing(turn.talk, turn.facts)
            timers.set_for_job(
                tx, job, [(name, timer.due, timer.late) for name, timer in stands.items()]
            )
            days.plan_day(
                tx, technician, day.isoformat(), jobs.of_day(tx, technician, day.isoformat()), now
            )
            return job

        return self.store.transact(work)

    def usual(self) -> "Stage":
        """Tina with two jobs, Dana and Carl."""
        dana = self.enrol("Dana Cole", "manager", channel="sms")
        carl = self.enrol("Carl Stone", "manager", channel="sms")
        self.enrol("Tina Abernathy", dm=dana, dc=carl)
        self.order("114-7", "08:00", "11:00")
        self.order(
            "114-9", "11:00", "14:00", customer="Ben Okafor", street="88 Oak Ave", product="crib"
        )
        return self

    def unmanned(self) -> "Stage":
        """Dana, and nobody who works yet."""
        self.enrol("Dana Cole", "manager", channel="sms")
        return self

    def british(self) -> "Stage":
        """Mia without a job yet, and Dana; a stage of program mila."""
        dana = self.enrol("Dana Cole", "manager", channel="sms")
        self.enrol("Mia Turner", dm=dana)
        return self

    def invites(self, name: str) -> None:
        """Somebody new under Dana; the first one's code is `CODE`, the next ones' have a number."""
        number, who = f"+1212555{next(self._numbers):04d}", name.split(maxsplit=1)[0].lower()
        address = number if self.channel == "sms" else str(next(self._numbers))

        def work(tx: Tx) -> int:
            now = self.clock.now()
            person = tx.insert(
                "people",
                name=name,
                phone=number,
                dm=self.people["dana"],
                created_at=now,
                timezone=self.zone,
                program=self.program,
            )
            code = enrolment.hash_of(f"{CODE}{self._invited or ''}")
            people.invite(tx, person, code, now, now + enrolment.VALID_FOR)
            self._invited += 1
            return person

        self.people[who], self.phones[who] = self.store.transact(work), (self.channel, address)
        self.transcript.append(f"# {who}: invited")

    def is_set(self, who: str, column: str, value: str) -> None:
        """Let a person be different: `app` none, say."""
        self.store.transact(lambda tx: people.change(tx, self.people[who], **{column: value}))
        self.transcript.append(f"# {who}: {column} {value}")

    def helps(self, number: str, *names: str) -> None:
        """These help on an order from now on; who is not there yet is enrolled under Dana."""
        for name in names:
            if name not in self.people:
                dana, carl = self.people["dana"], self.people["carl"]
                self.enrol(f"{name.capitalize()} Baker", dm=dana, dc=carl)

        def work(tx: Tx) -> None:
            planner = Planner(tx, self.context, self.clock.now(), "Olga")
            job = jobs.of_order(tx, number)[0]
            planner.change_helpers(job, ";".join(str(self.people[name]) for name in names))
            planner.finish()

        self.transcript.append(f"# on {number} helps: {', '.join(names) or 'nobody'}")
        self.store.transact(work)
        self._deliver()

    # -- acting ---------------------------------------------------------------------------------

    def token(self, who: str) -> str:
        """The characters about money that this phone was shown last (S5)."""
        said = (text for name, text in reversed(self.heard) if name == who)
        return next((match[2] for text in said if (match := TOKEN.search(text))), "")

    def _note(self, line: str) -> None:
        line = TOKEN.sub(rf"\1 {SHOWN_TOKEN}", line)
        wall = to_datetime(self.clock.now()).astimezone(days.zone_of(self.zone))
        first, *rest = line.split("\n")
        self.transcript += [f"{wall:%H:%M}  {first}", *(f"       {' ' * 7}{more}" for more in rest)]

    def says(self, who: str, text: str, **more: Any) -> None:
        """A person's text; on a chat a digit that stands on a button is pressed."""
        self.clock.set(self.clock.now() + self.pause)
        channel, address = self.phones.get(who, (self.channel, who))
        self._note(f"{who} > {text}")
        if SHOWN_TOKEN in text:
            text = text.replace(SHOWN_TOKEN, self.token(who))
        button = self._button(who, text) if channel == "telegram" else ""
        self._receive(
            channel,
            address,
            text="" if button else text,
            button=button,
            kind="button" if button else "message",
            **more,
        )

    def presses(self, who: str, button: str) -> None:
        """A press of a button as it comes from the carrier, whether or not anything shows one."""
        self._receive(*self.phones[who], text="", button=button, kind="button")

    def plays(self, *lines: str, who: str = "tina") -> None:
        """Somebody says these, each at its time; `[photo]` is a picture."""
        for line in lines:
            clock, _, words = line.partition(" ")
            self.forward(clock)
            if words == "[photo]":
                self.sends_photo(who)
            else:
                self.says(who, words)

    def _button(self, who: str, digit: str) -> str:
        def work(tx: Tx) -> str:
            row = (
                outbox.standing_prompt(tx, self.people[who], self.clock.now())
                if who in self.people
                else None
            )
            asks = json.loads(row["asks"]) if row else {}
            word = asks.get("choices", {}).get(digit)
            stored = outbox.get(tx, row["id"]) if row else None
            buttons = (
                [b for line in json.loads(stored["payload"]).get("buttons", []) for b in line]
                if stored
                else []
            )
            labelled = (data for label, data in buttons if word and label == digit)
            named = (data for _, data in buttons if word and data.endswith(f":{word}"))
            return next(labelled, next(named, ""))

        return self.store.transact(work)

    def sends_photo(
        self,
        who: str,
        *,
        caption: str = "",
        album: str = "",
        quality: Quality | None = None,
        sha256: str = "",
    ) -> int:
        """A picture, and its bytes arriving; the photo's id, 0 where nobody may send there."""
        self.clock.set(self.clock.now() + self.pause)
        channel, address = self.phones[who]
        self._note(f"{who} > [photo]{' ' + caption if caption else ''}")
        self._receive(
            channel,
            address,
            text=caption,
            photos=(PhotoRef({"n": 1}, "image/jpeg", 9),),
            album=album,
        )
        announced = "SELECT max(id) AS id FROM photos WHERE status = 'announced'"
        photo = self.row(lambda tx: tx.one(announced))["id"] or 0
        self.store.transact(
            lambda tx: self.door.photo_stored(
                tx,
                photo,
                sha256=sha256 or f"{photo:064x}",
                size=9,
                mime="image/jpeg",
                path="x",
                quality=quality,
            )
        )
        self._deliver()
        return int(photo)

    def _receive(self, channel: str, address: str, **more: Any) -> None:
        now = self.clock.now()
        incoming = Incoming(
            channel,
            "account",
            f"k{next(self._keys)}",
            address,
            now,
            more.pop("sent_at", now),
            **more,
        )
        self.last_incoming = incoming
        self.store.transact(lambda tx: self.door.receive(tx, incoming))
        self._deliver()

    def forward(self, clock: str, day: date | None = None) -> None:
        """Let it be that time; everything that becomes due on the way rings in order."""
        self.forward_to(self.instant(clock, day))

    def forward_to(self, to: int) -> None:
        """The same to an instant, on whatever day."""
        while (due := self.store.transact(timers.next_due)) is not None and due <= to:
            self.clock.set(max(due, self.clock.now()))
            for row in self.store.transact(lambda tx: timers.due(tx, self.clock.now(), 500)):
                self.store.transact(partial(self._ring, row["id"]))
            self._deliver()
        self.clock.set(max(to, self.clock.now()))
        self._deliver()

    def _ring(self, timer: int, tx: Tx) -> None:
        self.door.ring(tx, timer, self.clock.now())

    def row(self, work: Callable[[Tx], Row | None]) -> Row:
        """A row that is there."""
        found = self.store.transact(work)
        assert found is not None
        return found

    # -- hearing --------------------------------------------------------------------------------

    def _deliver(self) -> None:
        def work(tx: Tx) -> None:
            now = self.clock.now()
            for row in tx.all(_DUE, {"now": now, "seen": self._seen}):
                self._seen = max(self._seen, row["id"] if row["status"] == "held" else 0)
                tx.run(
                    "UPDATE outbox SET status = 'sent', claimed_at = :now, sent_at = :now WHERE id = :id",
                    {"now": now, "id": row["id"]},
                )
                self._show(tx, row)

        self.store.transact(work)

    def _show(self, tx: Tx, row: Any) -> None:
        payload = json.loads(row["payload"])
        if row["channel"] == "email":
            copies = ", ".join(payload["cc"])
            self._note(
                f"! mail to {', '.join(payload['to'])}, copy {copies}: {payload['subject']} [{len(payload['photos'])} photos]"
            )
            self.heard.append(("office", payload["subject"]))
            return
        person = people.get(tx, row["person_id"]) if row["person_id"] else None
        who = person["name"].split()[0].lower() if person else row["address"]
        text = (
            payload.get("text")
            or f"[contact {payload['contact']['name']} {payload['contact']['phone']}]"
        )
        buttons = " ".join(f"[{label}]" for line in payload.get("buttons", []) for label, _ in line)
        self._note(f"{who} < {text}{chr(10) + buttons if buttons else ''}")
        self.heard.append((who, text))

    def last(self, who: str) -> str:
        """What this phone heard last."""
        return next(text for name, text in reversed(self.heard) if name == who)

    def state(self, number: str) -> str:
        """Where the latest visit of an order stands."""
        return str(self.store.transact(lambda tx: jobs.of_order(tx, number)[0]["state"]))


def play(stage: Stage, script: str) -> str:
    """Play a script on the stage; returns its transcript.

    A line is `! who column value` (a person is set so), `* Name Surname` (somebody new is invited, by `JOIN WELCOME234`), `+ order who` (who helps there now), `HH:MM` (forward), `+48h` (forward), `who > words`, `who > [photo]`, both with a time before them, `= order state`
    (where an order must stand now) or a comment.
    """
    for raw in script.splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            stage.transcript += [raw] if line else []
            continue
        if _set(stage, line):
            continue
        if match := re.match(r"(\d\d:\d\d)\s*(.*)", line):
            stage.forward(match[1])
            line = match[2]
        if match := re.fullmatch(r"(\S+) > \[photo\]\s*(.*)", line):
            stage.sends_photo(match[1], caption=match[2])
        elif match := re.fullmatch(r"(\S+) > (.*)", line):
            stage.says(match[1], match[2])
        elif match := re.fullmatch(r"= (\S+) (\S+)", line):
            assert match[2] == stage.state(match[1]), f"{raw}: {stage.state(match[1])}"
            stage.transcript.append(f"       {line}")
    return "\n".join(stage.transcript) + "\n"


def _set(stage: Stage, line: str) -> bool:
    """Whether this line of a script sets the stage: somebody, a helper, hours that pass."""
    if match := re.fullmatch(r"\+(\d+)h", line):
        stage.transcript.append(f"# {match[1]} hours later")
        stage.forward_to(stage.clock.now() + int(match[1]) * HOUR)
        return True
    if match := re.fullmatch(r"\* (.+)", line):
        stage.invites(match[1])
        return True
    if match := re.fullmatch(r"! (\S+) (\S+) (\S+)", line):
        stage.is_set(*match.groups())
        return True
    if match := re.fullmatch(r"\+ (\S+)\s*(.*)", line):
        stage.helps(match[1], *match[2].split())
        return True
    return False
