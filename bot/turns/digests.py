"""The day as a manager sees it: an outlook at seven, what is open before it ends, what became of
it.

Two lines on SMS; on Telegram the same words under a picture of the day (`bot.papers.board`).
"""

from bot import days
from bot.context import Context
from bot.overview import Day, read_day
from bot.speech.naming import clock, cut, day_figures
from bot.turns.reply import LANES, Reply, payload_of, send
from flows.documents import compact
from flows.facts import Instant
from storage import alerts, desk, fees, outbox, timers
from storage.db import Row, Tx

MORNING, BEFORE, END = days.DIGESTS
_NAMED = 3
"""So many open jobs are named on SMS; a chat has room for more."""
_NAMED_IN_A_CHAT = 8


def ring(tx: Tx, context: Context, person: Row, kind: str, day: str, now: Instant) -> None:
    """A digest is due; where the day lasts longer by now, it waits for the new end.

    Quiet hours are quiet (contract section 6): it waits for their end, and what is severe has an
    alert of its own. What was to be said before the day's end is not said after it.
    """
    if days.is_absent(person, now):
        _to_deputy(tx, person, kind, day, now)
        return
    seen = read_day(tx, context, person, day, now)
    if not seen.visits or not person["channel"]:
        return
    later = {MORNING: now, BEFORE: seen.end - days.BEFORE_END, END: seen.end}[kind]
    if later <= now:
        later = days.quiet_until(person, now) or now
    if kind == BEFORE and later >= seen.end:
        return
    if later > now:
        timers.set_for_person(tx, person["id"], f"{kind} {day}", later)
        return
    told = Reply(person, kind="day_sheet")
    _say(tx, context, told, seen, kind, now)
    told.expires_at = seen.end if kind == MORNING else None
    if person["channel"] == "telegram":
        send_board(tx, context, told, day, now)
    else:
        send(tx, told, context.wording, now)


def _to_deputy(tx: Tx, person: Row, kind: str, day: str, now: Instant) -> None:
    """Whoever stands in sees these visits in a digest of their own; where they have none, in one
    for this."""
    if person["deputy"] and not desk.jobs_on(tx, day, desk.team_of(tx, [person["deputy"]])):
        timers.set_for_person(tx, person["deputy"], f"{kind} {day}", now)


def _say(tx: Tx, context: Context, told: Reply, seen: Day, kind: str, now: Instant) -> None:
    sms = told.person["channel"] != "telegram"
    zone = told.person["timezone"]
    left = [visit for visit in seen.visits if visit.look in ("late", "working", "ahead")]
    room = _NAMED if sms else _NAMED_IN_A_CHAT
    named = [
        f"{cut(visit.technician.split(' ')[0], 10) if sms else visit.technician} {visit.letter}:"
        f" {cut(visit.where, 14) if sms else visit.where}"
        for visit in sorted(left, key=lambda visit: visit.look != "late")
    ]
    values = {
        "program": context.whose_words(visit.program for visit in left),
        "day": day_figures(seen.day, zone),
        "count": str(len(seen.visits)),
        "people": str(len({visit.technician for visit in seen.visits})),
        "first": clock(min(visit.due for visit in seen.visits), zone, sms=sms),
        "unplanned": str(sum(visit.unplanned for visit in seen.visits)),
        "reported": str(seen.counted("done")),
        "left_open": str(seen.counted("left_open")),
        "off": str(seen.counted("off")),
        "open": str(len(left)),
        "late": str(seen.counted("late")),
        "jobs": ("; " if sms else "\n• ").join(named[:room])
        + (f" +{len(named) - room}" if len(named) > room else ""),
        "alerts": str(len(alerts.open_of(tx, told.person["id"]))),
        "fees": str(fees.undecided_of(tx, [visit.job for visit in seen.visits])),
    }
    values["summary"] = ", ".join(
        context.wording.sentence(f"digest.summary.{what}").fill(values)[0]
        for what in ("reported", "left_open", "off")
        if what == "reported" or values[what] != "0"
    )
    if kind == BEFORE and not left:
        told.say("digest.nothing_open", values)
        return
    told.say({MORNING: "digest.morning", BEFORE: "digest.before", END: "digest.end"}[kind], values)
    if kind == MORNING and values["unplanned"] != "0":
        told.say("digest.unplanned", values)
    if kind == END and left:
        told.say("digest.unreported", values)
    if kind != MORNING and values["alerts"] != "0":
        told.say("digest.alerts", values, must=False)
    if kind == END and values["fees"] != "0":
        told.say("digest.fees", values, must=False)


def send_board(tx: Tx, context: Context, told: Reply, day: str, now: Instant) -> None:
    """The words as the caption of a picture of the day, which is drawn when it is sent."""
    person = told.person
    board = {
        "paper": "board", "person": person["id"], "day": day, "name": f"day-{day}.png",
    }  # fmt: skip
    outbox.add(
        tx, channel="telegram", address=person["address"], person_id=person["id"], job_id=None,
        kind=told.kind, lane=LANES[told.kind], created_at=now, due_at=now,
        expires_at=told.expires_at,
        payload=compact(payload_of(told, context.wording) | {"document": board}),
    )  # fmt: skip
