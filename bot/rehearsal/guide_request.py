"""The guided request: noted, accepted, four hours of waiting, done, closed (M02-M08)."""

from collections.abc import Sequence
from datetime import timedelta

from bot import days
from bot.clock import to_datetime
from bot.rehearsal.guide_acts import OFF_PATH, Acts, Suggestion
from flows.book import PROGRAMS
from flows.facts import MINUTE, Instant
from storage import jobs, people
from storage.db import Row, Tx

PROGRAM = next(each for each in PROGRAMS.values() if each.takes_requests)
_COMPANY = PROGRAM.contacts["company"]
TITLE = f"A request from {_COMPANY}"
STATIONS = (
    ("Request", ("accept",)),
    ("In the app", ("wait_app", "planned")),
    ("Service", ("handle",)),
    ("Signature", ("signature",)),
    ("Closed", ("close",)),
    ("Done", ("reported",)),
)
ORDER, PLACE = "8850", "3 Mill Lane, Leeds"
_AHEAD, _STEP = timedelta(hours=4), timedelta(minutes=30)
"""The appointment comes after the hours that the order may take to be in the app."""
_LATEST, _TOMORROW = 19, "tomorrow 10:00"
_TAKES = 25 * MINUTE
_FORWARD = {
    "accept": ("accepted", "{name} reads the request in the {company} app and accepts it there."),
    "wait_app": ("visible", "Four hours are over and Doorstep asks. {name} finds the order there."),
    "handle": ("handled", "The service is done; its status is updated in the Amazon app."),
    "signature": ("signed", "The customer signs in the Amazon app."),
    "close": ("closed", "{name} closes the service in the Amazon app."),
}


def whose(tx: Tx) -> tuple[Row | None, Row | None, Sequence[Row]]:
    """(technician, the guided request's job if it is noted, the jobs of its day)."""
    noted = next(iter(jobs.of_order(tx, ORDER, PROGRAM.name)), None)
    if noted is not None and noted["technician_id"] is not None:
        day = jobs.of_day(tx, noted["technician_id"], noted["day"])
        return people.get(tx, noted["technician_id"]), noted, day
    able = (row for row in people.of_role(tx, "technician") if row["program"] == PROGRAM.name)
    return next(able, None), None, []


class Request(Acts):
    """The scenario of a request."""

    def suggest(self) -> Suggestion:
        """The one thing to do next."""
        job = self.scene.job
        if self.scene.technician is None:
            return Suggestion(f"Nobody here works for {_COMPANY}: start afresh.")
        if job is None:
            return self._say(
                f"NEW {ORDER} {self._when()} {PLACE}",
                f"A request came in the {_COMPANY} app. {self._name} notes it: order, time, place.",
            )
        state = job["state"]
        if state == "reported":
            return self._follow()
        if (waits := self._waits(job, state)) is not None:
            return waits
        if state not in _FORWARD:
            return Suggestion(OFF_PATH)
        word, why = _FORWARD[state]
        return self._word(word, why.format(name=self._name, company=_COMPANY))

    def _waits(self, job: Row, state: str) -> Suggestion | None:
        """What the clock has to bring first."""
        there = job["window_start"]
        if state == "planned":
            return self._time(self._next_due("day"), "Nothing to do before the day.")
        if state == "wait_app" and (due := self._next_due("app_missing")):
            why = "It may take 4 hours until the order is in the Amazon app. Let them pass."
            return self._time(due, why)
        if state == "handle" and self.scene.now < there:
            return self._time(there, f"{self._name} goes there; an hour before, Doorstep writes.")
        if state == "handle" and self.scene.now < there + _TAKES:
            return self._time(there + _TAKES, f"{self._name} works. Doorstep is silent.")
        return None

    def _follow(self) -> Suggestion:
        if due := self._next_due("follows"):
            why = f"Closed. {_COMPANY}’s overview follows within hours: one light look then."
            return self._time(due, why)
        return Suggestion("Done: every time is on the timeline. Now play on freely, or ask “?”.")

    def _next_due(self, name: str) -> Instant | None:
        """When this reminder of the job's own line rings, if that is still to come."""
        full, now = f"{PROGRAM.line.name}.{name}", self.scene.now
        due = (each["due_at"] for each in self.scene.timers if each["name"] == full)
        return next((at for at in due if at > now), None)

    def _when(self) -> str:
        zone = days.zone_of(PROGRAM.zone)
        begins = to_datetime(self.scene.now).astimezone(zone) + _AHEAD
        hour = begins.replace(minute=0, second=0, microsecond=0)
        opens = hour + (1 + (begins - hour) // _STEP) * _STEP
        today = to_datetime(self.scene.now).astimezone(zone).date()
        if opens.date() != today or opens.hour > _LATEST:
            return _TOMORROW
        return f"today {opens:%H:%M}"
