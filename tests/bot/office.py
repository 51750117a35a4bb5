"""An operator's desk beside the stage: manifests made of rows, and what the database then holds."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bot.clock import to_datetime
from bot.manifest.rows import ManifestReading, ManifestRow
from bot.operator import actions
from bot.operator.orders import apply_manifest
from bot.operator.report import ManifestReport
from bot.operator.who import directory, visit_of
from bot.sheets.reading import Problem
from flows.talk import Talk
from storage import jobs, people, timeline, timers
from storage.db import Row, Tx
from tests.stage import DAY, ZONE, Stage

TINA, BOB = "Tina Abernathy", "Bob Okafor"


def line(number: str, window: str = "08-11", who: str = TINA, **more: Any) -> ManifestRow:
    """An order of the day: `window` in full hours at the customer, anything else by name."""
    day: date = more.pop("day", DAY)
    hours = [time(int(hour)) for hour in window.split("-")]
    start, end = (datetime.combine(day, hour, ZoneInfo(ZONE)).astimezone(UTC) for hour in hours)
    values: dict[str, Any] = {
        "row": 0, "work_order": number, "shift": "S-9", "customer": "Carla Montgomery",
        "street": "12 Elm St", "city": "Troy", "state": "NY", "zip": "12180", "phone": None,
        "technician": who, "helpers": (), "day": day, "window_start": start, "window_end": end,
        "product": "TV stand", "notes": "8-11 TV stand", "units": Decimal("2.0"), "minutes": 60,
        "timezone": ZONE, "program": "apollo", "accepted": None,
    }  # fmt: skip
    return ManifestRow(**(values | more))


class Office:
    """Tina and Bob (Telegram or SMS), their manager Dana, and the operator."""

    def __init__(self, url: str, channel: str = "telegram", start: str = "06:40") -> None:
        self.stage = Stage(url, channel, start)
        dana = self.stage.enrol("Dana Cole", "manager", channel="sms")
        self.stage.enrol(TINA, dm=dana)
        self.stage.enrol(BOB, dm=dana)

    def takes(
        self, *rows: ManifestRow, problems: tuple[Problem, ...] = (), **options: Any
    ) -> ManifestReport:
        """Import a manifest of these rows; they are numbered from 2."""
        numbered = [replace(row, row=place) for place, row in enumerate(rows, 2)]
        reading = ManifestReading(rows=numbered, problems=list(problems))
        now = self.stage.clock.now()
        report = self.stage.store.transact(
            lambda tx: apply_manifest(tx, self.stage.context, reading, now=now, **options)
        )
        self.stage._deliver()
        return report

    def job(self, number: str, visit: int | None = None) -> Row:
        """A visit as it is stored."""
        row: Row = self.read(lambda tx: visit_of(tx, number, visit))
        return row

    def read(self, work: Any) -> Any:
        """What `work(tx)` finds."""
        with self.stage.store.reading() as tx:
            return work(tx)

    def reminders(self, number: str) -> dict[str, str]:
        """The job's reminders: name → wall clock."""
        rows = self.read(lambda tx: timers.of_job(tx, visit_of(tx, number)["id"]))
        return {row["name"]: self.wall(row["due_at"]) for row in rows}

    def day_timers(self, who: str) -> list[str]:
        """The names of what stands for somebody's days."""
        person = self.stage.people[who]
        return sorted(row["name"] for row in self.read(lambda tx: timers.of_person(tx, person)))

    def wall(self, instant: int) -> str:
        """An instant on the wall at the customer."""
        return to_datetime(instant).astimezone(ZoneInfo(ZONE)).strftime("%m-%d %H:%M")

    def events(self, number: str, visit: int | None = None) -> list[tuple[str, str]]:
        """(event, by) of a visit's timeline."""
        job = self.job(number, visit)["id"]
        return [(row["event"], row["by"]) for row in self.read(lambda tx: timeline.of_job(tx, job))]

    def heard(self, who: str) -> list[str]:
        """Everything that somebody's phone showed."""
        return [text for name, text in self.stage.heard if name == who]

    def at(self, number: str, step: str) -> None:
        """Put a job to a step of the main line."""

        def work(tx: Tx) -> None:
            job = visit_of(tx, number)
            talk = Talk.from_json(job["talk"])
            talk.frames = [("apollo", step)]
            talk.marks["heard"] = self.stage.clock.now()
            over = self.stage.context.engine.is_over(talk)
            jobs.change(
                tx, job["id"], self.stage.clock.now(), talk=talk.to_json(), state=step,
                is_open=not over,
            )  # fmt: skip

        self.stage.store.transact(work)

    def in_hand(self, who: str, number: str) -> None:
        """Let a job be the one in somebody's hand."""

        def work(tx: Tx) -> None:
            people.change(tx, self.stage.people[who], in_hand=visit_of(tx, number)["id"])

        self.stage.store.transact(work)

    # -- what is done by phone ------------------------------------------------------------------

    def assigns(self, number: str, who: str, by: str = "Dana Cole") -> None:
        """`jobs assign`."""

        def work(tx: Tx) -> None:
            person = directory(tx, ["US"]).one(who)
            now = self.stage.clock.now()
            actions.assign(tx, self.stage.context, visit_of(tx, number), person, now, by)

        self._done(work)

    def moves(self, number: str, day: date | None = None, window: str = "") -> None:
        """`jobs move`."""

        def work(tx: Tx) -> None:
            now = self.stage.clock.now()
            job = visit_of(tx, number)
            actions.move(tx, self.stage.context, job, day, window, now, "Dana Cole")

        self._done(work)

    def closes(self, number: str, state: str = "closed_by_office") -> None:
        """`jobs close`."""

        def work(tx: Tx) -> None:
            now = self.stage.clock.now()
            actions.close(tx, self.stage.context, visit_of(tx, number), state, now, "Dana Cole")

        self._done(work)

    def steps(self, number: str, said: str, at: str = "") -> None:
        """`jobs step`."""

        def work(tx: Tx) -> None:
            now = self.stage.clock.now()
            actions.step(tx, self.stage.context, visit_of(tx, number), said, at, now, "Dana Cole")

        self._done(work)

    def _done(self, work: Any) -> None:
        self.stage.store.transact(work)
        self.stage._deliver()
