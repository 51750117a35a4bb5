"""Who is signed in: links become sessions, sessions end by themselves, guesses are few (S4)."""

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

from bot import overview
from bot.desk.rights import Visitor
from bot.turns.signing_in import hash_of, may_sign_in
from flows.facts import HOUR, MINUTE, Instant
from storage import desk, people, timeline
from storage.db import Row, Tx

IDLE = 12 * HOUR
"""Business time after which a browser that was not used is signed out."""
LONGEST = 7 * 24 * HOUR
"""Business time after which it is in any case."""
_TOUCH = MINUTE
_KEPT = 30 * 24 * HOUR
_KEY = 32
_AGENT = 120
MISSES = 10
"""Wrong links that one address may try in `SPAN`."""
SPAN = 600.0
"""Real seconds."""
_REMEMBERED = 4096


class Guesses:
    """How often an address came with a link that opens nothing; in this process's memory."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._misses: OrderedDict[str, list[float]] = OrderedDict()

    def too_many(self, address: str) -> bool:
        """Whether this address has to wait before its next try is looked at."""
        since = self._clock() - SPAN
        recent = [at for at in self._misses.get(address, ()) if at > since]
        return len(recent) >= MISSES

    def missed(self, address: str) -> None:
        """One more; what was seen longest ago is forgotten, so that this never grows."""
        since = self._clock() - SPAN
        kept = [at for at in self._misses.pop(address, ()) if at > since]
        self._misses[address] = [*kept, self._clock()][-MISSES:]
        while len(self._misses) > _REMEMBERED:
            self._misses.popitem(last=False)


def whose_link(tx: Tx, token: str, now: Instant) -> Row | None:
    """Whom this link would let in; it is not used up by looking, as previews of links do."""
    link = desk.link_opens(tx, hash_of(token), now)
    person = people.get(tx, link["person_id"]) if link else None
    return person if person is not None and may_sign_in(person) else None


def sign_in(tx: Tx, token: str, agent: str, now: Instant) -> str | None:
    """The new session's key for the link's person; None where the link does not work any more."""
    number = desk.use_link(tx, hash_of(token), now)
    person = people.get(tx, number) if number is not None else None
    if person is None or not may_sign_in(person):
        return None
    key = secrets.token_urlsafe(_KEY)
    desk.sweep(tx, now - _KEPT)
    desk.begin_session(tx, person["id"], hash_of(key), agent[:_AGENT], now)
    _note(tx, person, "desk_signed_in", now)
    return key


def visitor(tx: Tx, key: str, now: Instant) -> Visitor | None:
    """Who holds this key; None for a wrong, an ended, an idle and an old one alike."""
    row = desk.session(tx, hash_of(key)) if key else None
    if row is None or row["seen_at"] <= now - IDLE or row["started_at"] <= now - LONGEST:
        return None
    person = people.get(tx, row["person_id"])
    if person is None or not may_sign_in(person):
        return None
    return Visitor(person, row["id"], overview.team_of(tx, person["id"], now), csrf_of(key))


def csrf_of(key: str) -> str:
    """What every form of a session carries; it tells nothing about the session's key."""
    return hmac.digest(key.encode(), b"desk form", "sha256").hex()


def is_stale(tx: Tx, session: int, now: Instant) -> bool:
    """Whether its use has to be noted again: once a minute is enough."""
    row = desk.get_session(tx, session)
    return row is not None and row["seen_at"] <= now - _TOUCH


def open_sessions(tx: Tx, person: int, now: Instant) -> list[Row]:
    """The browsers in which somebody is signed in, last used first."""
    return desk.sessions_of(tx, person, now - IDLE, now - LONGEST)


def sign_out(tx: Tx, who: Visitor, session: int, now: Instant) -> None:
    """One browser less."""
    desk.end_session(tx, session, now)
    _note(tx, who.person, "desk_signed_out", now)


def sign_out_everywhere(tx: Tx, person: Row, by: str, now: Instant) -> int:
    """None of the person's browsers is signed in any more, and no link of theirs opens."""
    ended = desk.end_sessions(tx, person["id"], now)
    _note(tx, person, "desk_signed_out", now, by)
    return ended


def _note(tx: Tx, person: Row, event: str, now: Instant, by: str = "") -> None:
    timeline.add(
        tx, job=None, person=person["id"], at=now, told_at=now, event=event, step="",
        by=by or person["name"], channel="desk",
    )  # fmt: skip
