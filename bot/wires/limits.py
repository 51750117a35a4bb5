"""How fast and how much may leave: token buckets in real time, budgets on the business clock."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from time import monotonic
from typing import Any

from bot.channels.sms_messages import TOLL_FREE
from bot.speech.gsm import segments
from flows.facts import HOUR, Instant

DAY: Instant = 24 * HOUR
NUMBER_LIMIT = 30
"""Texts to one number in an hour; beyond, a loop is running and only alerts leave (S11)."""


class Bucket:
    """`rate` tokens a second, at most `burst` at once; `rest` empties it until later."""

    def __init__(self, rate: float, burst: float, now: Callable[[], float] = monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._now = now
        self._level = burst
        self._at = now()

    def _refill(self) -> float:
        now = self._now()
        if now > self._at:
            self._level = min(self._burst, self._level + (now - self._at) * self._rate)
            self._at = now
        return self._level

    @property
    def free(self) -> int:
        """Whole tokens that can be taken now."""
        return max(0, int(self._refill() + 1e-9))

    @property
    def full(self) -> bool:
        """Whether it holds all it can: it remembers nothing then."""
        return self._refill() >= self._burst

    @property
    def wait(self) -> float:
        """Seconds until one token is there."""
        return max(0.0, (1 - self._refill()) / self._rate, self._at - self._now())

    def take(self, tokens: int = 1) -> None:
        """Take tokens, also ones that are still to come: `wait` tells how long."""
        self._level = self._refill() - tokens

    def rest(self, seconds: float) -> None:
        """The provider named a wait: nothing is left, and nothing comes before it is over."""
        self._refill()
        self._at = max(self._at, self._now() + seconds)
        self._level = min(self._level, 1.0)


class Pace:
    """A channel's own limit and one for each address; None is no limit.

    whole: (tokens a second, burst) of the channel; each: the same for one address; cost: the
    tokens that a row's payload takes.
    """

    def __init__(
        self,
        whole: tuple[float, float] | None,
        each: tuple[float, float] | None = None,
        now: Callable[[], float] = monotonic,
        cost: Callable[[Mapping[str, Any]], int] = lambda payload: 1,
    ) -> None:
        self.cost = cost
        self._whole = Bucket(*whole, now) if whole else None
        self._each = each
        self._now = now
        self._resting_until = 0.0
        self._addresses: dict[str, Bucket] = {}
        self._flooded: dict[str, float] = {}

    @property
    def room(self) -> int:
        """How many may leave now."""
        if self._now() < self._resting_until:
            return 0
        return self._whole.free if self._whole else 1_000_000

    @property
    def wait(self) -> float:
        """Seconds until the next may leave."""
        resting = self._resting_until - self._now()
        return max(0.0, resting, self._whole.wait if self._whole else 0.0)

    def take(self, count: int = 1) -> None:
        """So many leave now."""
        if self._whole:
            self._whole.take(count)

    def take_for(self, address: str) -> float:
        """One leaves to this address; seconds that it must still be held back."""
        if self._each is None and address not in self._addresses:
            return 0.0
        bucket = self._bucket(address)
        wait = bucket.wait
        bucket.take()
        return wait

    def told_to_wait(self, address: str, seconds: float) -> None:
        """The provider said so about this address; a second one within that time means the bot."""
        now = self._now()
        self._bucket(address).rest(seconds)
        self._flooded = {a: until for a, until in self._flooded.items() if until > now}
        self._flooded[address] = now + seconds
        if len(self._flooded) > 1:
            self._resting_until = max(self._resting_until, *self._flooded.values())

    def _bucket(self, address: str) -> Bucket:
        if len(self._addresses) > 10_000:
            self._addresses = {a: b for a, b in self._addresses.items() if not b.full}
        rate, burst = self._each or (1.0, 1.0)
        return self._addresses.setdefault(address, Bucket(rate, burst, self._now))


def telegram_pace() -> Pace:
    """25 a second for the bot, one a second for a chat: a prompt right after a reply may follow."""
    return Pace((25, 5), (1, 3))


SEGMENTS_A_SECOND: Mapping[str, float] = {
    "long code": 1, "toll-free": 3, "short code": 100, "service": 10,
}  # fmt: skip
"""What each kind of sender gets through, by Twilio's own figures; a service's pool is not known."""
_BURST = 10.0
"""Segments that may wait in the provider's own queue: an alert behind them is seconds late."""


def kind_of_sender(sender: str) -> str:
    """Long code, toll-free, short code or (messaging) service."""
    if sender.startswith("MG"):
        return "service"
    if not sender.startswith("+"):
        return "short code"
    return "toll-free" if sender.startswith(TOLL_FREE) else "long code"


def twilio_pace(senders: Iterable[str], a_second: float = 0.0) -> Pace:
    """Segments a second as the slowest of these senders allows, or as the operator says.

    Faster would only fill the provider's queue, where an alert can no longer overtake.
    """
    rate = a_second or min(
        (SEGMENTS_A_SECOND[kind_of_sender(each)] for each in senders if each), default=1.0
    )
    return Pace((rate, _BURST), cost=_segments)


def _segments(payload: Mapping[str, Any]) -> int:
    return max(1, segments(str(payload.get("text", ""))))


class Budget:
    """How many texts may still leave: a day's for all, an hour's for each number (S11).

    Kept in memory on the business clock and reset from the database by `load`, so that a restart
    does not start anew.
    """

    def __init__(self, a_day: int, an_hour_each: int = NUMBER_LIMIT) -> None:
        self._a_day = a_day
        self._each = an_hour_each
        self._sent: deque[tuple[Instant, str]] = deque()

    def load(self, sent: Iterable[tuple[Instant, str]]) -> None:
        """What left in the last day: (when, to whom)."""
        self._sent = deque(sorted(sent))

    def count(self, now: Instant, address: str) -> None:
        """One leaves."""
        self._sent.append((now, address))

    def take_back(self, at: Instant, address: str) -> None:
        """What was counted so did not leave after all."""
        with suppress(ValueError):  # it was counted anew since
            self._sent.remove((at, address))

    def _recent(self, now: Instant, span: Instant) -> Iterator[str]:
        while self._sent and self._sent[0][0] <= now - DAY:
            self._sent.popleft()
        return (address for at, address in self._sent if now - span < at <= now)

    def spent(self, now: Instant) -> bool:
        """Whether the day's is used up: only alerts leave."""
        return sum(1 for _ in self._recent(now, DAY)) >= self._a_day

    def too_many_to(self, now: Instant) -> list[str]:
        """Numbers that got their hour's: only alerts leave to them."""
        counts: dict[str, int] = {}
        for address in self._recent(now, HOUR):
            counts[address] = counts.get(address, 0) + 1
        return [address for address, count in counts.items() if count >= self._each]
