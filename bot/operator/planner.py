"""Whose a visit is and when: opened, given away, put to another time, ended; then everybody told.

A `Planner` lives for one transaction. It writes the visits, their letters and reminders, and
gathers what each technician is to be told; `finish` plans the days that it touched and puts one
message a technician into the outbox.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from bot import days
from bot.context import Context
from bot.speech.naming import day_words, window_words
from bot.speech.wording import JobValues
from bot.turns import alerts as telling
from bot.turns import helping, onboarding
from bot.turns.carry_out import carry_out, values_of
from bot.turns.planning import Planning
from bot.turns.reply import Reply, send
from bot.turns.technician import Technician
from flows.events import Ended
from flows.facts import Facts, Instant
from flows.talk import Talk
from storage import bulk, jobs, people, timeline, timers
from storage.db import Row, Tx

CHANNEL = "command"
"""How the timeline names the command line."""


@dataclass(frozen=True, slots=True)
class NewVisit:
    """A visit to be opened: whose and when, and what its manifest line says (None: as stored)."""

    program: str
    number: str
    technician: Row | None
    helpers: str
    day: str
    start: Instant
    end: Instant
    timezone: str
    minutes: int | None
    order: Mapping[str, Any] | None = None
    done: Mapping[str, Instant] = field(default_factory=dict)
    """What was done before the visit, by step (`Program.before`)."""


class Planner:
    """Changes whose visits are and when; `by` is who did it, `channel` where: for the timeline."""

    def __init__(
        self, tx: Tx, context: Context, now: Instant, by: str, channel: str = CHANNEL
    ) -> None:
        self.tx, self.context, self.now, self.by, self.channel = tx, context, now, by, channel
        self._last: dict[tuple[int, str], int] = {}  # the place of a day's last letter; -1: none
        self._touched: set[tuple[int, str]] = set()
        self._met: set[tuple[int, str]] = set()  # whom, and for which program
        self._replies: dict[int, Reply] = {}
        self._plans: dict[int, dict[str, list[int]]] = {}
        self._urgent: set[int] = set()
        self._helping: set[tuple[int, str]] = set()

    # -- opening --------------------------------------------------------------------------------

    def know_letters(self, of_days: Iterable[str]) -> None:
        """Read the letters of these days at once, where a file brings many visits."""
        for row in bulk.letters_in_use(self.tx, of_days):
            day = (row["technician_id"], row["day"])
            self._last[day] = max(self._last.get(day, -1), days.place_of(row["letter"]))

    def open_new(self, visits: Sequence[NewVisit]) -> None:
        """First visits of orders that were not there, in the order in which they get letters."""
        for program in dict.fromkeys(visit.program for visit in visits):
            mine = [visit for visit in visits if visit.program == program]
            self.tx.put_many("work_orders", [dict(visit.order or {}) for visit in mine])
            ids = bulk.order_ids(self.tx, program, [visit.number for visit in mine])
            self._open(mine, [ids[visit.number] for visit in mine], 1)

    def open_next(self, job: Row, visit: NewVisit, *, tell: bool = False) -> None:
        """The next visit of an order whose last one has an end; `tell`: its day's sheet or not."""
        self._open([visit], [job["work_order_id"]], job["visit"] + 1, tell=tell)

    def _open(
        self, visits: Sequence[NewVisit], orders: Sequence[int], number: int, *, tell: bool = False
    ) -> None:
        rows, standing = [], []
        for visit, order in zip(visits, orders, strict=True):
            self._meet(visit)
            row, stands = self._row(visit)
            rows.append({**row, "work_order_id": order, "visit": number, "created_at": self.now})
            standing.append(stands)
        self.tx.put_many("jobs", rows)
        ids = bulk.visit_ids(self.tx, orders, number)
        made = [ids[order] for order in orders]
        self.tx.put_many(
            "timers",
            [
                {"job_id": job, **timer}
                for job, stands in zip(made, standing, strict=True)
                for timer in stands
            ],
        )
        self.tx.put_many(
            "timeline",
            [
                {
                    "job_id": job,
                    "at": self.now,
                    "told_at": self.now,
                    "event": "imported" if number == 1 else "next_visit",
                    "step": "planned",
                    "by": self.by,
                    "channel": self.channel,
                }
                for job in made
            ],
        )
        for visit, job in zip(visits, made, strict=True):
            if visit.helpers:
                self._tell_helpers(None, job)
            if visit.technician is not None:
                self._touched.add((visit.technician["id"], visit.day))
                if tell or self._sheet_sent(visit.technician, visit.day):
                    self._tell_new(visit.technician, job)

    def _meet(self, visit: NewVisit) -> None:
        """A technician's first job for another program than their own."""
        who = visit.technician
        if who is None or visit.program == who["program"]:
            return
        if (who["id"], visit.program) not in self._met:
            self._met.add((who["id"], visit.program))
            onboarding.meet(self.tx, self.context, who, visit.program, self.now)

    def _row(self, visit: NewVisit) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The columns of a visit that begins, and the reminders that stand for it."""
        zone = days.zone_of(visit.timezone)
        begin, end = days.day_span(visit.start, visit.end, None, zone)
        app = visit.technician["app"] if visit.technician else "own"
        facts = Facts(visit.start, visit.end, visit.start, begin, end, visit.minutes, app)
        talk = self.context.engine.begin(visit.program, facts, self.now, visit.done).talk
        stands = self.context.engine.standing(talk, facts)
        who = visit.technician["id"] if visit.technician else None
        row = {
            "technician_id": who, "helpers": visit.helpers, "day": visit.day,
            "letter": self._letter(who, visit.day), "window_start": visit.start,
            "window_end": visit.end, "planned_arrival": None, "day_start": begin, "day_end": end,
            "state": talk.state, "under": talk.under, "talk": talk.to_json(), "is_open": True,
            "changed_at": self.now,
        }  # fmt: skip
        return row, [
            {"name": name, "due_at": each.due, "late": each.late} for name, each in stands.items()
        ]

    def _letter(self, technician: int | None, day: str) -> str:
        """The next letter of that technician's day; those that others have never change."""
        if technician is None:
            return "A"
        last = self._last.get((technician, day))
        if last is None:
            used = jobs.of_day(self.tx, technician, day)
            last = max((days.place_of(row["letter"]) for row in used), default=-1)
        self._last[technician, day] = last + 1
        return days.letter_at(last + 1)

    # -- changing -------------------------------------------------------------------------------

    def replan(
        self, job: Row, *, technician: Row | None, day: str = "", start: Instant | None = None,
        end: Instant | None = None, event: str = "rescheduled",
    ) -> None:  # fmt: skip
        """Another technician, day or window: what is not begun starts anew, all else next time."""
        old = people.get(self.tx, job["technician_id"]) if job["technician_id"] else None
        same = (old["id"] if old else None) == (technician["id"] if technician else None)
        visit = _visit(job, technician)
        visit = replace(
            visit, day=day or visit.day, start=visit.start if start is None else start,
            end=visit.end if end is None else end,
        )  # fmt: skip
        if job["is_open"] and not self.context.not_begun(job):
            self.end(job, "moved" if same else "reassigned")
        if not job["is_open"] or not self.context.not_begun(job):
            self.open_next(job, visit, tell=not same)
            return
        if not same and old is not None:
            self._reply(old).say("ended.reassigned", self._values(job, old))
        self._start_anew(job, visit, event, old, same=same)

    def _start_anew(
        self, job: Row, visit: NewVisit, event: str, old: Row | None, *, same: bool
    ) -> None:
        telling.close(self.tx, job["id"], ())  # not OUT while other jobs of that day are open
        self._meet(visit)
        row, stands = self._row(visit)
        before = jobs.get(self.tx, job["id"])
        if same and visit.day == job["day"]:
            row["letter"] = job["letter"]
        timers.drop_for_job(
            self.tx, job["id"], [t["name"] for t in timers.of_job(self.tx, job["id"])]
        )
        jobs.change(
            self.tx, job["id"], since=job["version"] + 1, **_but(row, "changed_at"), now=self.now
        )
        timers.set_for_job(
            self.tx, job["id"], [(t["name"], t["due_at"], t["late"]) for t in stands]
        )
        detail = {
            "technician": visit.technician["name"] if visit.technician else "", "day": visit.day,
            "window_start": visit.start, "window_end": visit.end,
        }  # fmt: skip
        self.log(job, event, detail)
        self._tell_helpers(before, job["id"])
        if old is not None:
            self._touched.add((old["id"], job["day"]))
            if old["in_hand"] == job["id"]:
                people.change(self.tx, old["id"], in_hand=None)
        if visit.technician is not None:
            self._touched.add((visit.technician["id"], visit.day))
            if not same:
                self._tell_new(visit.technician, job["id"])
            elif self._sheet_sent(visit.technician, visit.day):
                self._ask_plan(visit.technician, visit.day, job["id"])

    def retime(self, job: Row, before: Row) -> None:
        """The order's facts changed (expected minutes): its reminders follow."""
        talk = Talk.from_json(job["talk"])
        stood = self.context.engine.standing(talk, days.facts_of(before))
        stands = self.context.engine.standing(talk, days.facts_of(job))
        new = [(name, t.due, t.late) for name, t in stands.items() if stood.get(name) != t]
        timers.set_for_job(self.tx, job["id"], new)

    def end(self, job: Row, state: str) -> None:
        """The whole visit ends as `state`; its technician hears it, and what comes next."""
        technician = people.locked(self.tx, job["technician_id"]) if job["technician_id"] else None
        reply = self._reply(technician) if technician else None
        talk = Talk.from_json(job["talk"])
        app = technician["app"] if technician else "own"
        event = Ended(self.now, self.now, self.by, self.channel, state)
        turn = self.context.engine.advance(talk, event, days.facts_of(job, app))
        fresh = carry_out(self.tx, self.context, job, technician, talk, turn, event, reply)
        self._tell_helpers(job, job["id"])
        if technician is None or reply is None:
            return
        self._touched.add((technician["id"], job["day"]))
        if technician["in_hand"] == job["id"]:
            seat = Technician(self.tx, self.context, technician, self.now)
            seat.reply = reply
            seat.go_on_after(fresh)
            self._urgent.add(technician["id"])

    def log(self, job: Row, event: str, detail: Mapping[str, Any] | None = None) -> None:
        """A line of the job's timeline."""
        timeline.add(
            self.tx, job=job["id"], at=self.now, told_at=self.now, event=event, step=job["state"],
            by=self.by, channel=self.channel, detail=detail,
        )  # fmt: skip

    # -- telling --------------------------------------------------------------------------------

    def change_helpers(self, job: Row, helpers: str) -> None:
        """Others help on this visit now: who does, and who no longer does, hears it."""
        jobs.change(self.tx, job["id"], self.now, helpers=helpers)
        if helpers == job["helpers"]:
            return
        self._tell_helpers(job, job["id"])
        ids = [int(each) for each in helpers.split(";") if each]
        named = [row["name"] for each in ids if (row := people.get(self.tx, each)) is not None]
        self.log(job, "helpers", {"helpers": ", ".join(named)})

    def _tell_helpers(self, before: Row | None, job: int, *, what: str = "") -> None:
        """Helpers hear of a visit that is ahead: that they help, help no more, or of its change."""
        row = jobs.get(self.tx, job)
        if row is None:
            return
        old = days.helpers_of(before) if before is not None else []
        for number in dict.fromkeys([*days.helpers_of(row), *old]):
            helper = people.locked(self.tx, number)
            if helper is None:
                continue
            self._helping |= {(number, row["day"]), *([(number, before["day"])] if before else [])}
            unheard = before is None and not self._sheet_sent(helper, row["day"])
            if unheard or not self._is_ahead(row):
                continue  # the day's sheet tells it
            day = row["day"] if before is None or row["day"] != before["day"] else ""
            news = what or " ".join(filter(None, [
                day_words(day, row["timezone"]) if day else "",
                window_words(row["window_start"], row["window_end"], row["timezone"], sms=True),
            ]))  # fmt: skip
            helping.tell_change(
                self.tx, self.context, self._reply(helper), job=row, was=number in old,
                what=news, now=self.now,
            )  # fmt: skip

    def tell_changed(self, job: int, what: str) -> None:
        """The technician of this visit hears what changed about it, and so do its helpers."""
        row = jobs.get(self.tx, job)
        heard = {number for number, _ in self._helping}
        if row is not None and not heard & set(days.helpers_of(row)):
            self._tell_helpers(row, job, what=what)
        technician = people.get(self.tx, row["technician_id"]) if row else None
        if row is not None and technician is not None and self._is_ahead(row):
            values = self._values(row, technician) | {"what": what}
            self._reply(technician).say("job.changed", values)

    def _tell_new(self, technician: Row, job: int) -> None:
        row = jobs.get(self.tx, job)
        if row is None or not self._is_ahead(row):
            return
        key = "order_late" if row["window_start"] <= self.now else "job.new"
        self._reply(technician).say(key, self._values(row, technician))
        if self._sheet_sent(technician, row["day"]):
            self._ask_plan(technician, row["day"], job)

    def _is_ahead(self, job: Row) -> bool:
        today = days.local_day(self.now, days.zone_of(job["timezone"])).isoformat()
        return bool(job["day"] >= today)

    def _sheet_sent(self, technician: Row, day: str) -> bool:
        """Whether the technician was told this day's jobs; only today's and tomorrow's count."""
        today = days.local_day(self.now, days.zone_of(technician["timezone"]))
        if not today.isoformat() <= day <= (today + timedelta(days=1)).isoformat():
            return False
        return any(
            days.sheet_was_sent(self.tx, technician["id"], f"{sheet} {day}")
            for sheet in ("sheet_evening", "sheet_morning")
        )

    def _ask_plan(self, technician: Row, day: str, job: int) -> None:
        self._plans.setdefault(technician["id"], {}).setdefault(day, []).append(job)

    def _reply(self, technician: Row) -> Reply:
        return self._replies.setdefault(technician["id"], Reply(technician, kind="prompt"))

    def _values(self, job: Row, technician: Row) -> JobValues:
        sms = technician["channel"] == "sms"
        talk = Talk.from_json(job["talk"])
        return values_of(self.tx, self.context, job, technician, talk, self.now, sms=sms)

    def finish(self) -> None:
        """Plan the days that were touched, and tell each technician in one message."""
        for technician, day in sorted(self._touched | self._helping):
            mine = jobs.of_day(self.tx, technician, day)
            helps = (technician, day) in self._helping
            helped = days.helped(self.tx, technician, day) if helps else []
            days.plan_day(self.tx, technician, day, mine, self.now, helped)
        for number in sorted({*self._replies, *self._plans}):
            technician_row = people.get(self.tx, number)
            if technician_row is not None:
                self._send(technician_row)

    def _send(self, technician: Row) -> None:
        reply = self._replies.get(technician["id"]) or Reply(technician, kind="prompt")
        reply.prefix = reply.prefix if reply.ask else ""
        seat = Technician(self.tx, self.context, technician, self.now)
        seat.reply = reply
        plans = self._plans.get(technician["id"])
        on_the_way = any(self.context.phase(job) == "on_the_way" for job in seat.todays)
        if plans and reply.ask is None and not on_the_way:
            day = min(plans)
            letters = [job["letter"] for job in seat.jobs if job["id"] in plans[day]]
            if letters:
                Planning(seat).ask(day, letters)
        zone = days.zone_of(technician["timezone"])
        urgent = technician["id"] in self._urgent
        due_at = None if urgent else days.after_quiet(self.now, zone)
        send(self.tx, reply, self.context.wording, self.now, due_at=due_at)


def _visit(job: Row, technician: Row | None) -> NewVisit:
    lead = technician["id"] if technician else None
    helpers = ";".join(str(each) for each in days.helpers_of(job) if each != lead)
    return NewVisit(
        program=job["program"], number=job["number"], technician=technician,
        helpers=helpers, day=job["day"], start=job["window_start"], end=job["window_end"],
        timezone=job["timezone"], minutes=job["minutes"],
        done=Talk.from_json(job["talk"]).marks,
    )  # fmt: skip


def _but(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}
