"""Retention by class with legal hold, and the erasure of a person (S8)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from bot.clock import to_datetime
from bot.operator.who import Refused
from bot.pictures.photo_store import PhotoStore
from bot.speech.phones import phone_forms
from flows.facts import HOUR, Instant
from storage import retention, timeline
from storage.db import Row, Store, Tx

DAY: Instant = 24 * HOUR
BATCH = 500
CLASSES = ("photos", "messages", "positions", "ledger")


@dataclass(frozen=True, slots=True)
class Terms:
    """For how many days each class is kept; 0 is for ever."""

    photos: int
    messages: int
    positions: int
    ledger: int


@dataclass(slots=True)
class Swept:
    """How much of each class went, and bytes of photos that could not be deleted now."""

    gone: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CLASSES, 0))
    stuck: int = 0


async def sweep(store: Store, pictures: PhotoStore, terms: Terms, now: Instant) -> Swept:
    """Delete what has been kept long enough; small transactions, so that a server works on.

    An order goes as a whole: where the ledger is kept for a shorter time, its photos are too.
    """
    swept = Swept()
    spans = [days for days in (terms.photos, terms.ledger) if days]
    photos_days = min(spans) if spans else 0
    steps: list[tuple[str, int, Callable[[int, Tx], int]]] = [
        ("photos", photos_days, lambda before, tx: retention.old_photos(tx, before, BATCH)),
        ("messages", terms.messages, lambda before, tx: retention.old_messages(tx, before, BATCH)),
        (
            "positions",
            terms.positions,
            lambda before, tx: retention.old_positions(tx, before, BATCH),
        ),
    ]
    for name, days, step in steps:
        while days and (count := store.transact(partial(step, now - days * DAY))):
            swept.gone[name] += count
    swept.stuck = await delete_bytes(store, pictures)
    before = (to_datetime(now) - timedelta(days=terms.ledger)).date().isoformat()
    while terms.ledger and (
        count := store.transact(lambda tx: retention.old_orders(tx, before, BATCH))
    ):
        swept.gone["ledger"] += count
    return swept


async def delete_bytes(store: Store, pictures: PhotoStore) -> int:
    """Delete the bytes of erased photos; how many could not be deleted now."""
    while paths := store.transact(lambda tx: retention.bytes_to_delete(tx, BATCH)):
        for done, path in enumerate(paths):
            try:
                await pictures.delete(path)
            except OSError:
                return len(paths) - done
            store.transact(partial(_forget, path))
    return 0


def _forget(path: str, tx: Tx) -> None:
    retention.bytes_deleted(tx, path)


def erase(tx: Tx, person: Row, now: Instant, by: str) -> str:
    """Forget who somebody was; the name that stays. Refused while work or a hold needs them."""
    name, number = person["name"], person["id"]
    if any(what == "person" and held == number for what, held, _ in retention.holds(tx)):
        raise Refused(f'{name} is on legal hold: run_bot.py retention release "{name}" ends it.')
    if count := retention.open_jobs(tx, number):
        raise Refused(
            f"{name} has {count} open jobs: give them to somebody else first (jobs assign)."
        )
    if team := retention.team(tx, number):
        raise Refused(f"{name} manages {', '.join(team)}: import people with another dm first.")
    called = retention.erase(tx, person, now, phone_forms(person["phone"]))
    timeline.add(
        tx, job=None, person=number, at=now, told_at=now, event="erased", step="", by=by, channel=""
    )
    return called
