"""A channel's circuit: after some troubles in a row nothing is tried but one row, ever more rarely
(P8)."""

from dataclasses import dataclass

from bot.channels.base import Misconfigured, SendError, TryLater
from bot.wires.outcomes import backoff, is_trouble
from flows.facts import MINUTE, Instant

AT_ONCE = 64
_STREAK = 3
"""So many troubles in a row close a channel: then one row probes it at growing intervals."""
LASTING = 10 * MINUTE
"""Business time after which a channel's trouble is told, and who can be is reached elsewhere."""


@dataclass(slots=True)
class Circuit:
    """Whether a channel is down, in memory: a restart tries at once."""

    streak: int = 0
    closed_until: Instant = 0
    since: Instant = 0
    """When the first trouble of this streak was."""

    def note(self, error: SendError | None, now: Instant) -> None:
        """An attempt ended; what was under way when the channel closed counts no more."""
        if not is_trouble(error):
            if not isinstance(error, TryLater):
                self.streak, self.closed_until = 0, 0
        elif now >= self.closed_until:
            self.since = self.since if self.streak else now
            self.streak = max(self.streak + 1, _STREAK if isinstance(error, Misconfigured) else 0)
            if self.streak >= _STREAK:
                self.closed_until = now + backoff(self.streak - _STREAK)

    @property
    def down(self) -> bool:
        """Whether nothing seems to leave."""
        return self.streak >= _STREAK

    def lasts(self, now: Instant) -> bool:
        """Whether that is so for long."""
        return self.down and now - self.since >= LASTING

    def room(self, now: Instant) -> int:
        """How many rows may be under way."""
        if not self.down:
            return AT_ONCE
        return 1 if now >= self.closed_until else 0
