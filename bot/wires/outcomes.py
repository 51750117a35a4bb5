"""What becomes of an outbox row: rules for stale rows, failed and unknown sends, reports (P5).

Every function works inside the transaction that it is given and touches nothing else.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.channels import sms_errors
from bot.channels.base import Misconfigured, Refused, SendError, Sent, TryLater, UnknownOutcome
from bot.documents import read
from flows.facts import HOUR, MINUTE, Instant
from storage import dispatch, jobs, kept, outbox, people
from storage.causes import caused_by
from storage.db import Row, Tx

SECOND: Instant = 1000
FIRST_WAIT, LONGEST_WAIT = 5 * SECOND, 5 * MINUTE
FRESH = 15 * MINUTE
"""A prompt of which nobody knows whether it left is not repeated later than this."""
STALE_AFTER: Mapping[str, Instant] = {"prompt": MINUTE, "reminder": MINUTE, "reply": FRESH}
"""A row that waited longer, by kind, is dropped where its job has moved on (trap 31). A reply also
answers what somebody said; an alert, a mail or a day sheet is never stale."""
LOOK_UP_AFTER = 10 * SECOND
"""Time for a status report to come in by itself before the provider is asked."""
_ALWAYS = 1_000_000
RESENDS: Mapping[str, int] = {"alert": _ALWAYS, "mail": _ALWAYS, "money": 0}
"""How often a row of unknown outcome is sent again, by kind; any other once."""
NOT_AGAIN = "not repeated"
_UNKNOWN = re.compile(r"outcome unknown ×(\d+)")
_NOT_ARRIVED = frozenset({"undelivered", "unreachable", "filtered"})
FINAL = frozenset({"delivered", "undelivered", "failed", "dropped"})


class Door(Protocol):
    """What the sender needs of the one door."""

    def delivery_failed(self, tx: Tx, row: Row, why: str) -> None:
        """A row failed for good."""
        ...

    def channel_is_down(self, tx: Tx, channel: str) -> bool:
        """Nothing leaves by this channel; whether that is so for long enough to tell of it."""
        ...

    def channel_stopped(self, tx: Tx, channel: str, why: str, what: str = "") -> None:
        """The operator has to know of a channel: `configuration`, `limit`, `number_limit`,
        `filtered` or `outage`; `what` are the facts."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended: exactly one of the two is set. `dropped` says why it was not made."""

    row: Row
    sent: Sent | None = None
    error: SendError | None = None
    dropped: str = ""
    retry_at: Instant = 0


@dataclass(frozen=True, slots=True)
class Work:
    """A claimed row that may be sent, or (look_up) of which must be asked first whether it left."""

    row: Row
    payload: Mapping[str, Any]
    look_up: bool = False
    may_send: bool = True
    siblings: frozenset[str] = frozenset()
    photos: tuple[str, ...] = ()
    """Paths in the photo store."""
    photos_missing: int = 0


def backoff(attempts: int) -> Instant:
    """5 s doubling to 5 min, in business time."""
    return int(min(FIRST_WAIT * 2 ** min(attempts, 20), LONGEST_WAIT))


def times_unknown(row: Row) -> int:
    """How many attempts on this row ended without an answer."""
    match = _UNKNOWN.match(row["error"] or "")
    return int(match[1]) if match else 0


def stale(tx: Tx, row: Row) -> bool:
    """Whether it asks about a step that its job has left behind."""
    asks = read(row["asks"]) if row["asks"] else {}
    if not asks.get("job") or not asks.get("since"):
        return False
    job = jobs.get(tx, asks["job"])
    return job is None or job["since"] > asks["since"] or not job["is_open"]


def vet(tx: Tx, row: Row, now: Instant) -> Work | Outcome:  # noqa: PLR0911 - rules in order
    """Whether a claimed row is still to be sent, and how."""
    if row["expires_at"] is not None and row["expires_at"] <= now:
        return Outcome(row, dropped="expired before it could leave")
    if row["channel"] == "sms" and row["address_state"] == "opted_out":
        return Outcome(row, error=Refused("opted_out", "the number opted out"))
    unknown = times_unknown(row)
    patience = STALE_AFTER.get(row["kind"])
    waited = patience is not None and now - row["created_at"] > patience
    try:
        payload = read(row["payload"])
        old = bool(waited or unknown) and stale(tx, row)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        return Outcome(row, error=Refused("other", f"unreadable row: {type(error).__name__}"))
    if not unknown:
        if waited and old:
            return Outcome(row, dropped="the job has moved on")
        return Work(row, payload)
    fresh = row["kind"] in RESENDS or not (old or now - (row["claimed_at"] or now) > FRESH)
    may_send = fresh and unknown <= RESENDS.get(row["kind"], 1)
    if row["channel"] != "sms":
        return Work(row, payload) if may_send else Outcome(row, error=UnknownOutcome(NOT_AGAIN))
    siblings = frozenset(dispatch.ids_to(tx, row["channel"], row["address"], row["id"]))
    return Work(row, payload, look_up=True, may_send=may_send, siblings=siblings)


def settle(tx: Tx, door: Door, outcome: Outcome, now: Instant) -> None:
    """Record an attempt's outcome; what came first and ranks higher stays.

    What has to be said of it has the row's own cause.
    """
    with caused_by(outcome.row["cause"]):
        _settle(tx, door, outcome, now)


def _settle(tx: Tx, door: Door, outcome: Outcome, now: Instant) -> None:
    row, error = outcome.row, outcome.error
    if outcome.sent is None and not dispatch.still_claimed(tx, row):
        return  # this process was away, and another took the row over: it says what becomes of it
    if outcome.dropped:
        outbox.drop(tx, row["id"], outcome.dropped)
    elif outcome.sent is not None:
        sent = outcome.sent
        outbox.finish(tx, row["id"], "sent", now, provider_id=sent.provider_id, error=sent.note)
    elif isinstance(error, UnknownOutcome):
        _settle_unknown(tx, door, row, error, now)
    elif isinstance(error, Refused):
        fail(tx, door, row, error.why, str(error), now)
    else:
        due = max(outcome.retry_at, now + 1)
        mark = _UNKNOWN.match(row["error"] or "")
        said = f"{mark[0]}; {error}" if mark else str(error)
        dispatch.put_back(tx, row, due, said, may_have_left=bool(mark))
        if isinstance(error, Misconfigured):
            tell_once(tx, door, row["channel"], "configuration", now, str(error)[:60])


def _settle_unknown(tx: Tx, door: Door, row: Row, error: SendError, now: Instant) -> None:
    """Contract section 6: prompts once more, alerts and mails until they leave, money never."""
    times = times_unknown(row) + 1
    said = f"outcome unknown ×{times}: {error}"
    if row["channel"] == "sms":
        dispatch.put_back(tx, row, now + LOOK_UP_AFTER, said, may_have_left=True)
    elif times <= RESENDS.get(row["kind"], 1) and str(error) != NOT_AGAIN:
        dispatch.put_back(tx, row, now + backoff(times - 1), said, may_have_left=True)
    else:
        outbox.finish(tx, row["id"], "unknown", now, error=said)
        if row["kind"] == "money":
            door.delivery_failed(tx, row, "other")


def fail(tx: Tx, door: Door, row: Row, why: str, said: str, now: Instant) -> None:
    """It will never arrive: recorded once, and told."""
    current = outbox.get(tx, row["id"])
    if current is None or current["status"] in FINAL:
        return
    status = "undelivered" if why in _NOT_ARRIVED else "failed"
    outbox.finish(tx, row["id"], status, now, error=said)
    door.delivery_failed(tx, outbox.get(tx, row["id"]) or row, why)


def give_up(tx: Tx, row: Row, said: str, now: Instant) -> None:
    """A row that breaks whoever handles it is set aside, visible; nobody can be told about it."""
    current = outbox.get(tx, row["id"])
    if current is not None and current["status"] not in FINAL:
        outbox.finish(tx, row["id"], "failed", now, error=said)


def tell_once(tx: Tx, door: Door, channel: str, why: str, now: Instant, what: str = "") -> None:
    """Tell the operator what is wrong, once a day for each channel and reason."""
    key = f"told:{channel}:{why}"
    told = kept.get(tx, key)
    if told is None or not 0 <= now - int(told) < 24 * HOUR:
        kept.put(tx, key, str(now))
        door.channel_stopped(tx, channel, why, what)


def report(  # noqa: PLR0913 - by name
    tx: Tx, door: Door, *, row: int | None, sid: str, status: str, code: int, now: Instant
) -> None:
    """What Twilio reports about a text: by callback, late, twice or out of order, or by its list.

    `row` is the outbox id that the callback's address carried: it finds the row even where the
    answer to the send was lost. Never backwards (trap 29), and a failure is told once.
    """
    found = outbox.get(tx, row) if row is not None else None
    found = found or outbox.by_provider_id(tx, "sms", sid)
    if found is None or found["channel"] != "sms":
        return
    known = found["provider_id"]
    waiting = found["status"] in ("pending", "sending", "held")
    if known and (known == sid) is waiting:
        return  # about an earlier attempt: this one has another id, or none yet
    if status == "delivered":
        outbox.finish(tx, found["id"], "delivered", now, provider_id=sid)
        people.was_reached(tx, "sms", found["address"])
    elif status in ("undelivered", "failed"):
        _not_delivered(tx, door, found, sid, code, now)
    elif status in ("accepted", "queued", "sending", "sent"):
        outbox.finish(tx, found["id"], "sent", now, provider_id=sid)


def _not_delivered(tx: Tx, door: Door, row: Row, sid: str, code: int, now: Instant) -> None:
    said = f"{code}: the carrier reports that it did not arrive"
    outbox.finish(tx, row["id"], "sent", now, provider_id=sid, error=said)
    again = sms_errors.AGAIN.get(code)
    if again is not None and row["attempts"] <= 1:
        outbox.again(tx, row["id"], now + again, said)
        return
    why = sms_errors.why(code)
    if why in ("configuration", "filtered"):
        tell_once(tx, door, "sms", why, now, f"{code} {sid}")
    fail(tx, door, row, why, said, now)


def is_trouble(error: SendError | None) -> bool:
    """Whether the channel itself, not this row, seems to be down."""
    if isinstance(error, TryLater):
        return error.whole_channel
    return isinstance(error, UnknownOutcome | Misconfigured) and str(error) != NOT_AGAIN
