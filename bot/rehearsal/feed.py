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
from bot.rehearsal import guide, job_view, samples
from bot.rehearsal.bubbles import bubbles
from bot.rehearsal.carriers.mailbox import Mail
from bot.rehearsal.guide_acts import Scene
from bot.rehearsal.phones import Cast, Device, Phones
from bot.rehearsal.stage import Stage
from bot.speech.called import timer_words
from flows.facts import Instant
from storage import alerts, fees, jobs, outbox, people, photos, timeline, timers
from storage.db import Row, Tx

_UNSENT = ("held", "pending", "sending", "failed", "unknown", "dropped")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the page asks for: the scenario, and the job shown (None: the scenario's)."""

    scenario: str = guide.NORMAL
    job: int | None = None


@dataclass(slots=True)
class Snapshot:
    """What the database says; every row was read in one transaction."""

    cast: Cast
    now: Instant
    jobs: list[Row]
    names: dict[int, str]
    scene: Scene
    job: Row | None
    unsent: list[Row]
    next_timer: Row | None
    samples: bool
    chosen: int | None
    """The job that was wished for, or that the scenario is about; None where it is just any."""
    rows: dict[str, list[Row]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The page's panes as markup, and what its script needs to know."""

    panes: Mapping[str, str]
    facts: Mapping[str, Any]


def read(tx: Tx, stage: Stage, wish: Wish) -> Snapshot:
    """All that the panes show of the database."""
    now = stage.clock.now()
    cast = Phones.read(tx)
    names = {person["id"]: person["name"] for person in people.everybody(tx)}
    zone = days.zone_of(stage.settings.timezone)
    shown = jobs.listed(tx, days.local_day(now, zone).isoformat())[:60]
    guided = next((each["technician_id"] for each in shown if each["technician_id"]), None)
    scene = guide.read_scene(tx, wish.scenario, guided, now)
    chosen = wish.job if wish.job is not None else scene.job["id"] if scene.job else None
    job = next((each for each in shown if each["id"] == chosen), None) or next(iter(shown), None)
    unsent = [
        row
        for each in shown
        for row in outbox.of_job(tx, each["id"], "email")
        if row["status"] in _UNSENT
    ]
    found = Snapshot(
        cast, now, shown, names, scene, job, unsent, guide.next_timer(tx, now),
        samples.are_here(tx), chosen,
    )  # fmt: skip
    if job is not None:
        found.rows = {
            "timeline": timeline.of_job(tx, job["id"]),
            "timers": timers.of_job(tx, job["id"]),
            "fees": fees.of_job(tx, job["id"]),
            "alerts": alerts.of_job(tx, job["id"]),
            "photos": photos.of_job(tx, job["id"]),
        }
    return found


class Painter:
    """Draws panes; one for each page server."""

    def __init__(self, stage: Stage, context: Context) -> None:
        self.stage, self.context = stage, context
        self.templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._screens: dict[str, tuple[object, str]] = {}

    def draw(self, found: Snapshot) -> Drawn:
        """Every pane, and the facts for the script."""
        self.stage.phones.cast(found.cast)
        suggestion = guide.suggest(found.scene, self.stage.phones, self.context.engine)
        zone = found.job["timezone"] if found.job else self.stage.settings.timezone
        panes = {
            "guide": self._paint(
                "guide.html",
                scene=found.scene,
                stations=guide.milestones(found.scene),
                suggestion=suggestion,
                samples=found.samples,
            ),
            "next": self._paint("next.html", text=self._next(found, zone)),
            "job": self._paint("job.html", **self._job(found)),
            "mail": self._paint(
                "mail.html",
                mails=self._mails(),
                unsent=self._unsent(found),
                simulated=self.stage.carriers.mailbox is not None,
            ),
        }
        for device in self.stage.phones.devices:
            panes[f"screen-{device.id}"] = self._screen(device)
        facts = {
            "now": found.now,
            "job": found.chosen,
            "rate": self.stage.clock.rate,
            "zone": zone,
            "devices": [device.id for device in self.stage.phones.devices],
            "heard": {device.id: self._heard(device) for device in self.stage.phones.devices},
            "toasts": self._toasts(),
            "mails": len(self._mails()) + len(found.unsent),
            "suggest": {
                "act": suggestion.act,
                "device": suggestion.device,
                "value": suggestion.value,
                "message": suggestion.message,
            },
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
            zone = days.zone_of(device.zone or self.stage.settings.timezone)
            drawn = self._paint(
                "screen.html", device=device, bubbles=bubbles(self.stage.phones, device, zone)
            )
            known = self._screens[device.id] = (stamp, drawn)
        return known[1]

    def _heard(self, device: Device) -> int:
        phones = self.stage.phones
        if device.channel == "telegram":
            return sum(message.from_bot for message in phones.messages(device))
        return sum(not text.mine for text in phones.texts(device))

    def _toasts(self) -> dict[str, list[Any]]:
        found = {device.id: self.stage.phones.toast(device) for device in self.stage.phones.devices}
        return {
            name: [toast.number, toast.text, toast.alert] for name, toast in found.items() if toast
        }

    # -- the job --------------------------------------------------------------------------------

    def _next(self, found: Snapshot, zone: str) -> str:
        row = found.next_timer
        if row is None:
            return "Nothing is due."
        job = next((each for each in found.jobs if each["id"] == row["job_id"]), None)
        person = job["technician_id"] if job else row["person_id"]
        name = found.names.get(person, "").partition(" ")[0] if person else ""
        whose = f", {name}{' ' + job['letter'] if job else ''}" if name else ""
        at = job_view.clock_and_day(row["due_at"], zone, found.now)
        return f"{at}: {timer_words(row['name'])}{whose}"

    def _job(self, found: Snapshot) -> dict[str, Any]:
        listed = job_view.listed(found.jobs, found.names, found.job)
        if found.job is None:
            return {"listed": listed, "job": None}
        return {"listed": listed} | job_view.job_values(
            self.context, found.job, found.rows, found.names, found.now
        )

    # -- mail -----------------------------------------------------------------------------------

    def _mails(self) -> list[Mapping[str, Any]]:
        mailbox = self.stage.carriers.mailbox
        mails: list[Mail] = list(mailbox.mails) if mailbox else []
        zone = self.stage.settings.timezone
        return [self._mail(place, mail, zone) for place, mail in reversed(list(enumerate(mails)))]

    def _mail(self, place: int, mail: Mail, zone: str) -> Mapping[str, Any]:
        local = to_datetime(round(mail.received_at.timestamp() * 1000)).astimezone(
            days.zone_of(zone)
        )
        return {
            "place": place,
            "subject": mail.subject,
            "to": mail.to,
            "cc": mail.cc,
            "reply_to": mail.reply_to,
            "sender": mail.sender,
            "text": mail.text,
            "at": f"{local.hour % 12 or 12}:{local:%M %p}",
            "day": f"{local:%a %b} {local.day}",
            "attachments": [
                {
                    "place": n,
                    "name": name or "attachment",
                    "size": f"{max(1, len(data) // 1024)} KB",
                    "picture": kind in ("image/jpeg", "image/png"),
                }
                for n, (name, kind, data) in enumerate(mail.attachments)
            ],
        }

    def _unsent(self, found: Snapshot) -> list[Mapping[str, Any]]:
        made: list[Mapping[str, Any]] = []
        for row in found.unsent:
            payload = json.loads(row["payload"])
            made.append(
                {
                    "id": row["id"],
                    "status": row["status"],
                    "why": row["error"],
                    "subject": payload.get("subject", ""),
                    "to": ", ".join(payload.get("to", [])),
                    "text": payload.get("text", ""),
                }
            )
        return made


def digest(markup: str) -> str:
    """By which the page knows whether it has a pane already."""
    return hashlib.blake2s(markup.encode(), digest_size=6).hexdigest()
