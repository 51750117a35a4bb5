"""What the pages call things: states, events, alerts, times on the wall."""

import json
import re
from collections.abc import Mapping

from markupsafe import Markup

from bot import days
from bot.operator.views import iso
from bot.overview import span
from bot.speech.called import event_words as event
from bot.speech.called import plain_name as plain
from bot.speech.called import state_words as state
from bot.speech.called import timer_words as timer
from bot.speech.naming import clock as wall_clock
from bot.speech.naming import day_words, window_words
from bot.speech.phones import phone_words as phone
from bot.speech.wording import Wording
from bot.turns.alert_cards import answers_of
from flows.facts import Instant
from storage.db import Row

__all__ = ["day_words", "event", "iso", "phone", "plain", "span", "state", "timer"]
PAGES = (
    ("board", "/desk/", "Today"), ("people", "/desk/people", "People"),
    ("ledger", "/desk/ledger", "Ledger"), ("manifest", "/desk/manifest", "Manifest"),
    ("figures", "/desk/figures", "Figures"), ("exports", "/desk/exports", "Exports"),
)  # fmt: skip
"""(route, path, label) of what the header leads to."""
ALERTS: Mapping[str, str] = {
    "eta_missing": "No ETA sent", "not_arrived": "Not there yet", "arrived_late": "Arrived late",
    "step_missed": "A step was not done", "late_outside": "Late, outside the window",
    "no_show": "Nobody home", "no_show_over": "No-show is over",
    "no_show_uncalled": "No-show, office not called", "not_delivered": "Not all delivered",
    "damaged": "Damaged", "missing_parts": "Parts missing", "damaged_during": "Damaged in assembly",
    "more_work": "More work than scoped", "app_issue": "Amazon app fails", "pos": "Paper form",
    "other": "Something else", "silent": "Silent", "not_started": "Arrived, not started",
    "unreported": "Not reported", "told_late": "Told late", "out": "Technician is out",
    "out_over": "Technician is back",
    "message": "Message", "opted_out": "Said STOP", "unreachable": "Cannot be reached",
    "day_flag": "Jobs still open", "day_end": "Day over, jobs open", "send_eta": "Send the ETA",
    "no_manifest": "No manifest for tomorrow", "mail_waiting": "Mail waits",
    "photo_reused": "Photo seen before", "price": "Price to decide", "fee": "Fee to decide",
    "skipped_rows": "Rows were left out", "manifest_missing_rows": "Rows are missing",
    "no_one": "No one could be told", "channel_down": "Channel is down",
    "no_answer": "No one has answered", "coming_over": "Still nobody there",
    "damaged_left": "Damaged, left open", "missing_parts_left": "Parts missing, left open",
    "not_delivered_left": "Not delivered, left open",
    "damaged_during_waiting": "Waits for the office’s decision",
    "damaged_during_left": "Damaged in assembly, left", "other_waiting": "Half an hour undecided",
    "no_show_unseen": "Nobody home, no photo", "no_show_appeared": "No-show solved",
    "office_silent": "Office does not pick up", "no_form": "No paper form at hand",
    "manual_pos": "Paper form sent", "photo_missing": "No photo possible",
    "more_work_built": "The extra is built", "take": "Wants to lead a job",
    "fee_disputed": "Fee disputed", "untold": "May not have been told",
    "opted_in": "Gets texts again", "opted_out_here": "Said STOP to texts",
    "switched": "Reached by another channel", "support": "Asks support",
    "rescheduled": "New appointment", "no_word": "No word from them", "proof": "Proof by form",
    "declined": "Request declined", "not_accepted": "Not accepted yet",
}  # fmt: skip
_SEVERITIES = {1: "severe", 2: "normal", 3: "can wait"}
_FEES = {
    "failed_visit": "failed visit", "trip_charge": "trip charge", "extra_work": "extra work",
    "owed": "owed", "to_check": "to check",
}  # fmt: skip
_EMOJI = re.compile(r"^\W+")
"""What opens a button's label in a chat."""
_AN_INSTANT = 10**12
"""A number above it is milliseconds since the epoch."""
_TITLE = re.compile(r"^<b>\{code\} · [^<]*</b>[:.]?\s*")
_BESIDE = re.compile(r"^(?:WO \{order\}.*|\{technician_phone\})$", re.MULTILINE)
"""What of an alert's message stands beside it on a page: its title; the order and the phone."""
_OURS = frozenset({"fee", "units", "reason", "was", "photo", "as", "job"})
"""What a line of the timeline keeps for us: it is said otherwise, or a number of the database."""
_CHANNELS = {
    "sms": "SMS", "telegram": "Telegram", "email": "mail", "command": "by the operator",
    "desk": "at the desk",
}  # fmt: skip
_BROWSERS = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def alert(kind: str) -> str:
    """What an alert is about."""
    return ALERTS.get(kind) or plain(kind).capitalize()


def fee(name: str) -> str:
    """A fee's reason or status."""
    return _FEES.get(name, plain(name))


def severity(number: int) -> str:
    """How much an alert presses."""
    return _SEVERITIES.get(number, "")


def channel(name: str) -> str:
    """How something came."""
    return _CHANNELS.get(name, name)


def clock(at: Instant | None, zone: str) -> str:
    """The wall clock: 9:05 AM; "" for never."""
    return "" if at is None else wall_clock(at, zone, sms=False)


def moment(at: Instant | None, zone: str, now: Instant) -> str:
    """The wall clock, with the day where it is not today's."""
    if at is None:
        return ""
    day, today = (days.local_day(each, days.zone_of(zone)) for each in (at, now))
    return (
        clock(at, zone)
        if day == today
        else f"{day_words(day.isoformat(), zone)}, {clock(at, zone)}"
    )


def window(job: Row) -> str:
    """A job's window: 8 AM – 11 AM."""
    return window_words(job["window_start"], job["window_end"], job["timezone"], sms=False)


def detail(document: str, zone: str) -> str:
    """What a line of the timeline keeps besides, in a few words."""
    kept, found = json.loads(document), []
    if "units" in kept and "reason" in kept:
        found.append(f"{kept['units']} units, {fee(str(kept['reason']))}")
    for name, value in kept.items():
        again = name == "when" and value == kept.get("planned")
        if isinstance(value, dict | list) or name in _OURS or again:
            continue
        if name == "kind":
            found.append(alert(str(value)))
            continue
        shown = clock(value, zone) if isinstance(value, int) and value > _AN_INSTANT else str(value)
        said = plain(shown) if name in ("status", "to") else shown
        found.append(said if name in ("text", "status") else f"{plain(name)} {said}")
    return ", ".join(found)


def browser(agent: str) -> str:
    """A browser as a person knows it: "Chrome on Android"; never more of what it says of itself."""
    name = next((said for sign, said in _BROWSERS if sign in agent), "A browser")
    system = next((said for sign, said in _SYSTEMS if sign in agent), "")
    return f"{name} on {system}" if system else name


def answers(wording: Wording, alert: Row, visitor: str) -> list[tuple[str, str]]:
    """What an alert may be answered with at the desk, as on a phone: (letter, what the button
    says)."""
    labels = wording.sentence(f"alert.{alert['kind']}").buttons
    return [
        ("a" if word == "k" else word, label(labels.get(word, word)))
        for _, word in answers_of(alert, visitor)
    ]


def told(wording: Wording, alert: Row) -> Markup:
    """What the alert's own message says besides what stands beside it; "" where that is all."""
    kept = json.loads(alert["raised_with"] or "{}")
    if not kept:
        return Markup()
    key = f"alert.{alert['kind']}"
    spoken = wording.sentence(key, program=kept.get("program", ""))
    text = _BESIDE.sub("", _TITLE.sub("", spoken.chat)).strip()
    names = {name: spoken.value(name, kept) for name in spoken.in_chat if f"{{{name}}}" in text}
    said = Markup(text).format_map(names)  # noqa: S704 - our own text; what it names is escaped
    said = said[:1].upper() + said[1:]
    grown = kept.get("text") if wording.has(f"{key}.words") else ""
    return said + Markup(" “{}”").format(grown) if grown else said


def label(button: str) -> str:
    """What a chat's button says, without its picture."""
    return _EMOJI.sub("", button)


def seen_of(job: Row) -> str:
    """What a form saw of a job: where it stands, whose and when it is."""
    return f"{job['since']}.{job['technician_id'] or 0}.{job['window_start']}.{int(job['is_open'])}"
