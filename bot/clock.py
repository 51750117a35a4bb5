"""The one place that asks what time it is: business time, which a test or rehearsal may push, and
real time.

Business time moves windows, reminders, quiet hours, retries and expiry; leases, rate limits and
network time-outs stay real. Instants are integer milliseconds since the epoch, UTC.
"""

import json
import re
import time
from datetime import UTC, datetime, timedelta

from flows.facts import Instant
from storage import kept
from storage.db import Tx

KEY = "clock"
_LIVE = 15_000
"""A stored clock that was written within this real span belongs to a process that still runs."""

_UNSTORED = 2_000
"""A running clock is stored at least this often (ms, real)."""
_FASTEST = 100_000


def real_now() -> Instant:
    """Real time."""
    return time.time_ns() // 1_000_000


def to_datetime(instant: Instant) -> datetime:
    """The instant as an aware datetime, UTC."""
    return datetime.fromtimestamp(instant / 1000, UTC)


def to_instant(moment: datetime) -> Instant:
    """An aware datetime as milliseconds."""
    return round(moment.timestamp() * 1000)


class Clock:
    """Real time, until a `CLOCK` setting makes it start elsewhere or run at another rate."""

    def __init__(self, start: Instant | None = None, rate: float = 1.0) -> None:
        self.movable = start is not None
        self.rate = rate
        self._base = start if start is not None else 0
        self._since = real_now()

    @staticmethod
    def from_setting(setting: str) -> "Clock":
        """`2026-11-23T07:00-05:00`, `…@60` for 60 times as fast, empty for real time;
        ValueError."""
        if not setting:
            return Clock()
        moment, _, rate = setting.partition("@")
        start = datetime.fromisoformat(moment)
        if start.tzinfo is None:
            raise ValueError("CLOCK needs an offset, as in 2026-11-23T07:00-05:00")
        pace = float(rate or 1)
        if not 0 <= pace <= _FASTEST:
            raise ValueError(f"its rate, behind the @, is 0 to {_FASTEST}")
        return Clock(to_instant(start), pace)

    def now(self) -> Instant:
        """Business time."""
        if not self.movable:
            return real_now()
        return self._base + round((real_now() - self._since) * self.rate)

    def datetime(self) -> datetime:
        """Business time as an aware datetime, UTC."""
        return to_datetime(self.now())

    def set(self, instant: Instant) -> None:
        """Let business time be this instant now; it runs on from there."""
        self._base, self._since = instant, real_now()

    def pace(self, rate: float) -> None:
        """Run at another rate from now on; 0 stops it."""
        self.set(self.now())
        self.rate = rate

    def store(self, tx: Tx) -> None:
        """Keep where the clock stands, for a restart and for commands beside the server."""
        if self.movable:
            kept.put(
                tx, KEY, json.dumps({"now": self.now(), "real": real_now(), "rate": self.rate})
            )

    def resume(self, tx: Tx, *, serving: bool) -> None:
        """Go on from the later of the stored time and our own; beside a live server, its time."""
        stored = kept.get(tx, KEY)
        if not self.movable or stored is None:
            return
        was = json.loads(stored)
        passed = real_now() - was["real"]
        alive = 0 <= passed < _LIVE and not serving
        # A process that was killed had gone on since it last stored its time: never back behind it.
        since = passed if alive else min(max(passed, 0), _UNSTORED)
        then = was["now"] + round(since * was["rate"])
        if then > self.now():
            self.set(then)


def sent_at(clock: Clock, stamped: Instant, received_at: Instant) -> Instant:
    """When a provider's message was sent, in business time.

    `stamped` is the provider's stamp in whole seconds, by real time or, where the provider is
    simulated, by business time: the nearer of the two is meant. Never later than its receipt.
    """
    lags = [lag for lag in (real_now() - stamped, clock.now() - stamped) if lag > -60_000]
    lag = min(lags, default=0)
    scaled = round(max(0, lag - 999) * (clock.rate if clock.movable else 1))
    return received_at - scaled


def read_span(text: str) -> int:
    """`30m`, `90s`, `2h` in milliseconds; ValueError."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhd])\s*", text)
    if not match:
        raise ValueError("a span is a number and s, m, h or d, as in 30m")
    unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[match[2]]
    return round(timedelta(**{unit: float(match[1])}).total_seconds() * 1000)
