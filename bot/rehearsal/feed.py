"""What the page shows besides its frame: read from the database in one go, drawn pane by pane."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot import days
from bot.clock import to_datetime
from bot.context import Context
from bot.naming import clock as wall_clock
from bot.naming import day_words, window_words
from bot.rehearsal import guide, samples
from bot.rehearsal.bubbles import bubbles
from bot.rehearsal.carriers.mailbox import Mail
from bot.rehearsal.phones import Device
from bot.rehearsal.stage import Stage
from flows.facts import Instant
from flows.talk import Talk
from storage import alerts, fees, jobs, outbox, people, photos, timeline, timers
from storage.db import Row, Tx

STEPS = (
    "eta", "arrive", "start", "ivr_in", "assemble", "complete", "signature", "selfie", "cleared", "ivr_out", "report",
)
_TIMERS = {
    "apollo.day": "The job’s day begins",
    "apollo.eta_missing": "No ETA: the manager is told",
    "apollo.where": "Where are you?",
    "apollo.not_arrived": "Not arrived: the managers are told",
    "apollo.not_started": "Arrived, not started: nudge",
    "apollo.not_started_alert": "Arrived, not started: the manager is told",
    "apollo.silent": "Silent: nudge",
    "apollo.silent_alert": "Silent: the manager is told",
    "apollo.unreported": "Not reported: reminder",
    "apollo.unreported_alert": "Not reported: the managers are told",
    "no_show.thirty": "The 30 minutes are over",
    "no_show.thirty_uncalled": "The 30 minutes are over, office not called",
    "no_show.coming_over": "The customer did not come: the manager decides",
    "sheet_evening": "Tomorrow’s day sheet",
    "sheet_morning": "Day sheet",
    "flag_before": "Two hours to the day’s end: open jobs",
    "flag_end": "The day’s end: open jobs",
    "no_manifest": "Is tomorrow’s manifest here?",
}
_EVENTS = {"said": "", "photo": "Photo", "timer": "Reminder", "decided": "Decision"}
_UNSENT = ("held", "pending", "sending", "failed", "unknown", "dropped")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the page asks for: the scenario, and the job shown (None: the scenario's)."""

    scenario: str = guide.NORMAL
    job: int | None = None


@dataclass(slots=True)
class Snapshot:
    """What the database says; every row was read in one transaction."""

    now: Instant
    jobs: list[Row]
    names: dict[int, str]
    scene: guide.Scene
    job: Row | None
    unsent: list[Row]
    next_timer: Row | None
    samples: bool
    rows: dict[str, list[Row]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The page's panes as markup, and what its script needs to know."""

    panes: Mapping[str, str]
    facts: Mapping[str, Any]


def read(tx: Tx, stage: Stage, wish: Wish) -> Snapshot:
    """All that the panes show of the database."""
    now = stage.clock.now()
    stage.phones.cast(tx)
    names = {person["id"]: person["name"] for person in people.everybody(tx)}
    zone = days.zone_of(stage.settings.timezone)
    shown = jobs.listed(tx, days.local_day(now, zone).isoformat())[:60]
    guided = next((each["technician_id"] for each in shown if each["technician_id"]), None)
    scene = guide.read_scene(tx, wish.scenario, people.get(tx, guided) if guided else None, now)
    chosen = wish.job if wish.job is not None else scene.job["id"] if scene.job else None
    job = next((each for each in shown if each["id"] == chosen), None) or next(iter(shown), None)
    unsent = [row for each in shown for row in outbox.of_job(tx, each["id"], "email") if row["status"] in _UNSENT]
    found = Snapshot(now, shown, names, scene, job, unsent, guide.next_timer(tx, now), samples.are_here(tx))
    if job is not None:
        found.rows = {
            "timeline": timeline.of_job(tx, job["id"]), "timers": timers.of_job(tx, job["id"]),
            "fees": fees.of_job(tx, job["id"]), "alerts": alerts.of_job(tx, job["id"]),
            "photos": photos.of_job(tx, job["id"]),
        }
    return found


class Painter:
    """Draws panes; one for each page server."""

    def __init__(self, stage: Stage, context: Context) -> None:
        self.stage, self.context = stage, context
        self.templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True,
            undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        )
        self._screens: dict[str, tuple[object, str]] = {}

    def draw(self, found: Snapshot) -> Drawn:
        """Every pane, and the facts for the script."""
        suggestion = guide.suggest(found.scene, self.stage.phones, self.context.engine)
        zone = found.job["timezone"] if found.job else self.stage.settings.timezone
        panes = {
            "guide": self._paint("guide.html", scene=found.scene, stations=guide.milestones(found.scene),
                                 suggestion=suggestion, samples=found.samples),
            "next": self._paint("next.html", text=self._next(found, zone)),
            "job": self._paint("job.html", **self._job(found)),
            "mail": self._paint("mail.html", mails=self._mails(), unsent=self._unsent(found),
                                simulated=self.stage.carriers.mailbox is not None),
        }
        for device in self.stage.phones.devices:
            panes[f"screen-{device.id}"] = self._screen(device)
        facts = {
            "now": found.now, "rate": self.stage.clock.rate, "zone": zone,
            "devices": [device.id for device in self.stage.phones.devices],
            "heard": {device.id: self._heard(device) for device in self.stage.phones.devices},
            "toasts": self._toasts(), "mails": len(self._mails()) + len(found.unsent),
            "suggest": {"act": suggestion.act, "device": suggestion.device, "value": suggestion.value,
                        "message": suggestion.message},
        }
        return Drawn(panes, facts)

    def _paint(self, template: str, **values: Any) -> str:
        return self.templates.get_template(template).render(**values)

    # -- phones ---------------------------------------------------------------------------------

    def _screen(self, device: Device) -> str:
        # Painted again only when something happened on it.
        stamp = (self.stage.phones.version(device), device)
        known = self._screens.get(device.id)
        if known is None or known[0] != stamp:
            zone = days.zone_of(self.stage.settings.timezone)
            drawn = self._paint("screen.html", device=device, bubbles=bubbles(self.stage.phones, device, zone))
            known = self._screens[device.id] = (stamp, drawn)
        return known[1]

    def _heard(self, device: Device) -> int:
        phones = self.stage.phones
        if device.channel == "telegram":
            return sum(message.from_bot for message in phones.messages(device))
        return sum(not text.mine for text in phones.texts(device))

    def _toasts(self) -> dict[str, list[Any]]:
        found = {device.id: self.stage.phones.toast(device) for device in self.stage.phones.devices}
        return {name: [toast.number, toast.text, toast.alert] for name, toast in found.items() if toast}

    # -- the job --------------------------------------------------------------------------------

    def _next(self, found: Snapshot, zone: str) -> str:
        row = found.next_timer
        if row is None:
            return "Nothing is due."
        at = row["due_at"]
        today = days.local_day(found.now, days.zone_of(zone)) == days.local_day(at, days.zone_of(zone))
        day = "" if today else f"{days.local_day(at, days.zone_of(zone)):%a} "
        return f"{day}{wall_clock(at, zone, sms=False)}: {_timer_words(row['name'])}{self._whose(found, row)}"

    def _whose(self, found: Snapshot, timer: Row) -> str:
        job = next((each for each in found.jobs if each["id"] == timer["job_id"]), None)
        person = job["technician_id"] if job else timer["person_id"]
        name = found.names.get(person, "").partition(" ")[0] if person else ""
        return f", {name}{' ' + job['letter'] if job else ''}" if name else ""

    def _job(self, found: Snapshot) -> dict[str, Any]:
        job = found.job
        listed = [
            {"id": each["id"], "letter": each["letter"], "name": found.names.get(each["technician_id"], "nobody"),
             "window": window_words(each["window_start"], each["window_end"], each["timezone"], sms=False),
             "state": _words(each["state"]), "chosen": job is not None and each["id"] == job["id"],
             "open": bool(each["is_open"])}
            for each in found.jobs
        ]
        if job is None:
            return {"listed": listed, "job": None}
        zone = job["timezone"]
        main = job["under"] or job["state"]
        number = STEPS.index(main) + 1 if main in STEPS else 0
        walked = {row["step"] for row in found.rows["timeline"] if row["event"] not in ("missed", "planned")}
        over = not job["is_open"]
        steps = [
            (step, "now" if place == number else
             "done" if (place < number or (over and step in walked and step != main)) and step in walked else
             "passed" if place < number or over else "ahead")
            for place, step in enumerate(STEPS, 1)
        ]
        return {
            "listed": listed, "job": job, "steps": steps, "number": number, "words": _words,
            "technician": found.names.get(job["technician_id"], "nobody"), "state": _words(job["state"]),
            "under": _words(job["under"]) if job["under"] else "",
            "window": window_words(job["window_start"], job["window_end"], zone, sms=False),
            "planned": wall_clock(job["planned_arrival"], zone, sms=False) if job["planned_arrival"] else "",
            "day": day_words(job["day"]),
            "timeline": [self._line(row, zone) for row in reversed(found.rows["timeline"])],
            "timers": [{"key": row["id"], "at": self._at(row["due_at"], zone, found.now), "what": _timer_words(row["name"])}
                       for row in found.rows["timers"]],
            "fees": [{"units": row["units"], "reason": _words(row["reason"]), "status": _words(row["status"]),
                      "rule": row["rule"]} for row in found.rows["fees"]],
            "alerts": [{"to": row["to_name"], "kind": _words(row["kind"]), "number": row["number"],
                        "status": row["status"], "by": row["acknowledged_by"],
                        "at": wall_clock(row["created_at"], zone, sms=False)} for row in reversed(found.rows["alerts"])],
            "photos": [{"id": row["id"], "kind": row["kind"] or "photo", "bytes": row["bytes"], "sha": row["sha256"][:12]}
                       for row in found.rows["photos"]],
            "marks": Talk.from_json(job["talk"]).marks,
        }

    def _at(self, at: Instant, zone: str, now: Instant) -> str:
        local = days.zone_of(zone)
        same = days.local_day(at, local) == days.local_day(now, local)
        return ("" if same else f"{days.local_day(at, local):%a} ") + wall_clock(at, zone, sms=False)

    def _line(self, row: Row, zone: str) -> dict[str, Any]:
        detail = json.loads(row["detail"])
        told = wall_clock(row["told_at"], zone, sms=False)
        at = wall_clock(row["at"], zone, sms=False)
        channel = {"sms": "SMS", "telegram": "Telegram"}.get(row["channel"], row["channel"])
        return {
            "key": row["id"], "at": at, "told": told if told != at else "", "event": _words(row["event"]),
            "step": _words(row["step"]), "by": row["by"], "channel": channel,
            "detail": ", ".join(f"{_words(name)} {_short(value, zone)}" for name, value in detail.items()),
        }

    # -- mail -----------------------------------------------------------------------------------

    def _mails(self) -> list[Mapping[str, Any]]:
        mailbox = self.stage.carriers.mailbox
        mails: list[Mail] = list(mailbox.mails) if mailbox else []
        zone = self.stage.settings.timezone
        return [self._mail(place, mail, zone) for place, mail in reversed(list(enumerate(mails)))]

    def _mail(self, place: int, mail: Mail, zone: str) -> Mapping[str, Any]:
        local = to_datetime(round(mail.received_at.timestamp() * 1000)).astimezone(days.zone_of(zone))
        return {
            "place": place, "subject": mail.subject, "to": mail.to, "cc": mail.cc, "reply_to": mail.reply_to,
            "sender": mail.sender, "text": mail.text, "at": f"{local.hour % 12 or 12}:{local:%M %p}",
            "day": f"{local:%a %b} {local.day}",
            "attachments": [{"place": n, "name": name or "attachment", "size": f"{max(1, len(data) // 1024)} KB",
                             "picture": kind in ("image/jpeg", "image/png")}
                            for n, (name, kind, data) in enumerate(mail.attachments)],
        }

    def _unsent(self, found: Snapshot) -> list[Mapping[str, Any]]:
        made = []
        for row in found.unsent:
            payload = json.loads(row["payload"])
            made.append({"id": row["id"], "status": row["status"], "why": row["error"], "subject": payload.get("subject", ""),
                         "to": ", ".join(payload.get("to", [])), "text": payload.get("text", "")})
        return made


def digest(markup: str) -> str:
    """By which the page knows whether it has a pane already."""
    return hashlib.blake2s(markup.encode(), digest_size=6).hexdigest()


def _words(name: str) -> str:
    return name.replace("_", " ").replace(".", ": ").replace("eta", "ETA").replace("ivr", "IVR")


def _timer_words(name: str) -> str:
    known = _TIMERS.get(name) or _TIMERS.get(name.partition(" ")[0])
    if known:
        return known
    if name.startswith("apollo.eta_"):
        return f"ETA reminder, {name.rpartition('_')[2]} min before arrival"
    return _words(name.partition(" ")[0])


def _short(value: object, zone: str) -> str:
    if isinstance(value, int) and value > 10**12:
        return wall_clock(value, zone, sms=False)
    return str(value)[:120]
