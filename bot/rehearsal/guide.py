"""The guided scenarios: where a newcomer stands in them, and the one thing to do next."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot import days
from bot.clock import to_datetime
from bot.rehearsal import guide_newcomer, guide_request
from bot.rehearsal.guide_acts import COMING, OFF_PATH, Acts, Scene, Suggestion
from bot.rehearsal.phones import Phones
from bot.turns.onboarding import READY
from flows.engine import Engine
from flows.facts import HOUR, MINUTE, Instant
from flows.talk import Talk
from storage import alerts, jobs, outbox, people, timers
from storage.db import Row, Tx

NORMAL, NO_SHOW, REQUEST, NEWCOMER = "normal", "no_show", "request", "newcomer"
SCENARIOS: Mapping[str, str] = {
    NORMAL: "A normal day", NO_SHOW: "Nobody home", REQUEST: guide_request.TITLE,
    NEWCOMER: guide_newcomer.TITLE,
}  # fmt: skip
BUILDS_FOR = 30 * MINUTE
"""So long a guided assembly takes at least."""
_WEEK = 7 * 24 * HOUR
_ENDS = {NORMAL: "reported", NO_SHOW: "left_open", REQUEST: "reported", NEWCOMER: READY}
_MILESTONES = {
    NORMAL: (
        ("Day sheet", ()),
        ("ETA", ("eta",)),
        ("Arrive", ("arrive", "start", "ivr_in")),
        ("Build", ("assemble", "complete")),
        ("Proof", ("signature", "selfie", "cleared")),
        ("Report", ("ivr_out", "report")),
        ("Reported", ("reported",)),
    ),
    REQUEST: guide_request.STATIONS,
    NEWCOMER: guide_newcomer.STATIONS,
    NO_SHOW: (
        ("Day sheet", ()),
        ("ETA", ("eta",)),
        ("Arrive", ("arrive", "start")),
        ("Door photo", ("no_show.door_photo",)),
        ("Office told", ("no_show.call_office",)),
        ("30 minutes", ("no_show.waiting", "no_show.coming")),
        ("Left open", ("ivr_out", "report", "left_open")),
    ),
}
_FORWARD = {
    "start": "started",
    "ivr_in": "signed_in",
    "assemble": "built",
    "complete": "completed",
    "signature": "signed",
    "cleared": "gone",
    "ivr_out": "signed_out",
    "report": "reported",
}
_SAYS = {
    "start": "At the door: {name} presses Start Job in the Amazon app and says so.",
    "ivr_in": "{name} calls the sign-in line. Doorstep keeps the time for the report.",
    "assemble": "Built, and only what the work order lists.",
    "complete": "Complete Job is pressed in the Amazon app.",
    "signature": "The customer signs with a finger. Without it the job is not paid.",
    "cleared": "The job has left the app’s list. One that stays there suspends all new jobs.",
    "ivr_out": "{name} signs out on the phone line.",
    "report": "{name} types the summary, ready as it stands there, into Mars before leaving.",
}


def next_timer(tx: Tx, now: Instant) -> Row | None:
    """The next reminder that is still to come, within a week."""
    return next((row for row in timers.due(tx, now + _WEEK, 1000) if row["due_at"] > now), None)


def read_scene(tx: Tx, scenario: str, technician: int | None, now: Instant) -> Scene:
    """The scenario's job: the one that came to its end today, else the first one open.

    `technician` is who is guided, where the scenario does not say whom by itself.
    """
    scenario = scenario if scenario in SCENARIOS else NORMAL
    ahead = next_timer(tx, now)
    scene = Scene(
        scenario,
        now,
        next_due=ahead["due_at"] if ahead else None,
        sending=outbox.due_count(tx, now) > 0,
    )
    who: Row | None
    job: Row | None
    day: Sequence[Row]
    if scenario == NEWCOMER:
        scene = guide_newcomer.read(tx, scene)
        who, job, day = scene.technician, None, ()
    elif scenario == REQUEST:
        who, job, day = guide_request.whose(tx)
    else:
        who = people.get(tx, technician) if technician is not None else None
        job, day = _todays(tx, who, scenario, now) if who else (None, ())
    if who is None:
        return scene
    prompt = outbox.standing_prompt(tx, who["id"], now)
    scene = replace(
        scene, technician=who, day=day, asks=json.loads(prompt["asks"]) if prompt else {}
    )
    if job is None:
        return scene
    today = days.local_day(now, days.zone_of(who["timezone"])).isoformat()
    return replace(
        scene,
        job=job,
        sheet_sent=days.sheet_was_sent(tx, who["id"], f"sheet_morning {today}"),
        timers=timers.of_job(tx, job["id"]),
        alerts=alerts.open_of_job(tx, job["id"]),
    )


def _todays(tx: Tx, who: Row, scenario: str, now: Instant) -> tuple[Row | None, list[Row]]:
    today = days.local_day(now, days.zone_of(who["timezone"])).isoformat()
    day = jobs.of_day(tx, who["id"], today)
    ended = [job for job in day if job["state"] == _ENDS[scenario]]
    return next(iter(ended), None) or next((job for job in day if job["is_open"]), None), day


def milestones(scene: Scene) -> list[tuple[str, str]]:
    """(label, done | now | ahead) of the scenario's stations."""
    stations = _MILESTONES[scene.scenario]
    state = scene.job["state"] if scene.job else guide_newcomer.state(scene)
    if scene.job is not None and (state == "planned" or (state == "eta" and _plan_missing(scene))):
        at = 0
    else:
        at = next((place for place, (_, states) in enumerate(stations) if state in states), -1)
    over = state == _ENDS[scene.scenario]
    return [
        (label, "done" if over or place < at else "now" if place == at else "ahead")
        for place, (label, _) in enumerate(stations)
    ]


def suggest(scene: Scene, phones: Phones, engine: Engine) -> Suggestion:
    """The one thing to do next."""
    guided = _GUIDES.get(scene.scenario, _Guide)
    return guided(scene, phones, engine).suggest()


def _plan_missing(scene: Scene) -> list[Row]:
    return [
        job
        for job in scene.day
        if job["is_open"]
        and job["planned_arrival"] is None
        and job["state"] in ("planned", "eta")
        and job["window_start"] > scene.now
    ]


_GUIDES: Mapping[str, type[guide_request.Request | guide_newcomer.Newcomer]] = {
    REQUEST: guide_request.Request, NEWCOMER: guide_newcomer.Newcomer,
}  # fmt: skip


class _Guide(Acts):
    """The scenarios of a visit with the eleven steps."""

    def suggest(self) -> Suggestion:
        scene, job = self.scene, self.scene.job
        if scene.technician is None or job is None:
            return Suggestion(
                "No job of today is left. Start afresh for another day, or play on freely."
            )
        state = job["state"]
        if state == _ENDS[scene.scenario]:
            return Suggestion(_OVER[scene.scenario])
        if state in ("planned", "eta", "arrive"):
            return self._before_the_door(job, state)
        if scene.scenario == NO_SHOW and (state == "start" or state.startswith("no_show.")):
            return self._nobody_home(job, state)
        return self._at_work(job, state)

    def _before_the_door(self, job: Row, state: str) -> Suggestion:
        if not self.scene.sheet_sent:
            return self._time(self.scene.next_due, "The day sheet goes out in the morning.")
        if missing := _plan_missing(self.scene) if state != "arrive" else []:
            text = " ".join(f"{each['letter']} {self._example(each)}" for each in missing)
            when = "types when to expect the visits, the way people do"
            return self._say(text, f"{self._name} has the day sheet and {when}.")
        if state == "planned":
            return self._time(self.scene.next_due, "Nothing to do yet.")
        return self._on_the_way(job, state)

    def _at_work(self, job: Row, state: str) -> Suggestion:
        built = Talk.from_json(job["talk"]).marks.get("ivr_in", 0) + BUILDS_FOR
        if state == "assemble" and self.scene.now < built:
            return self._time(built, f"Now {self._name} builds. Doorstep is silent.")
        if state == "selfie":
            why = f"{self._name} takes the selfie in the Amazon app and sends a copy here."
            return self._photo("selfie", why)
        if state in _FORWARD:
            return self._word(_FORWARD[state], _SAYS[state].format(name=self._name))
        if state.startswith("no_show."):
            return Suggestion("Nobody is home: choose that scenario here to be guided through it.")
        return Suggestion(OFF_PATH)

    def _on_the_way(self, job: Row, state: str) -> Suggestion:
        planned = days.planned_arrival(job)
        there = planned - 5 * MINUTE
        if state == "eta":
            waiting = next(
                (t["due_at"] for t in self.scene.timers if t["name"].endswith("eta_75")), None
            )
            if waiting is not None and waiting > self.scene.now and not self._shown("sent"):
                return self._time(
                    waiting, "Doorstep writes by itself when the ETA is due: let time pass."
                )
            return self._word(
                "sent",
                f"The reminder is here. {self._name} sends the ETA in the app and confirms it.",
            )
        if self.scene.now < there:
            return self._time(
                there, f"{self._name} is on the way. Nothing that needs an answer is sent now."
            )
        return self._word("there", f"{self._name} is at the door.")

    def _nobody_home(self, job: Row, state: str) -> Suggestion:
        if state == "start":
            if self._shown("no_show") or "no_show" in self._choices().values():
                return self._word("no_show", "The menu lists what can go wrong at a door.")
            return self._word("issue", f"{self._name} rings and knocks: nobody. That is a problem.")
        if state == "no_show.door_photo":
            return self._photo("door", "A photo of the door, taken at once, is the evidence.")
        if state == "no_show.call_office":
            return self._manager_first() or self._word(
                "called",
                f"The office has the mail with the photo. {self._name} calls it as well.",
            )
        thirty = next(
            (t["due_at"] for t in self.scene.timers if t["name"] == "no_show.thirty"), None
        )
        if state == "no_show.waiting" and thirty is not None:
            return self._time(
                max(thirty, self.scene.now),
                f"{self._name} waits 30 minutes from the photo. Let them pass.",
            )
        return Suggestion(OFF_PATH)

    def _manager_first(self) -> Suggestion | None:
        for alert in self.scene.alerts:
            if alert["kind"] != "no_show" or alert["status"] != "open":
                continue
            for device in self.phones.devices:
                data = f"a:{alert['id']}:a"
                if device.person != alert["person_id"] or device.channel != "telegram":
                    continue
                message = self.phones.newest_button(device, data)
                if message is None and self.scene.sending:
                    return COMING
                if message is not None:
                    why = f"{device.first_name}, the manager, was told at once and takes it."
                    return Suggestion(
                        why,
                        f"{device.first_name} presses “I take it”",
                        "press",
                        device.id,
                        data,
                        message,
                    )
        return None

    def _example(self, job: Row) -> str:
        middle = (job["window_start"] + job["window_end"]) // 2
        local = to_datetime(middle).astimezone(days.zone_of(job["timezone"]))
        return f"{local.hour % 12 or 12}{local.minute:02d}"


_OVER = {
    NORMAL: "Reported, with every time kept. Look at the timeline, then try “Nobody home”.",
    NO_SHOW: "Left open: photo, mail, call and fee are on record. Now play on freely.",
}
