"""What the rules may know of a job: its window and its plan; handed in, never fetched."""

from dataclasses import dataclass, replace

Instant = int
"""Milliseconds since the epoch, UTC: the one form in which rules and storage keep a moment."""

MINUTE: Instant = 60_000
HOUR: Instant = 60 * MINUTE


@dataclass(frozen=True, slots=True)
class Facts:
    """One visit of one work order, as far as a rule depends on it (all instants UTC)."""

    window_start: Instant
    window_end: Instant
    planned_arrival: Instant
    """When the technician means to be there; the window's start while nobody said otherwise."""
    day_start: Instant
    """When the day's work begins for this job: its morning day sheet."""
    day_end: Instant
    """Last window's end + 2 h, at most 23:00 local: reports after it are too late (A23, A24)."""
    minutes: int | None = None
    """Expected length of the assembly, from the manifest."""
    app: str = "own"
    """The technician's device for the Amazon app: own, other, none."""

    def at_another_time(self, when: Instant) -> "Facts":
        """The same visit with an appointment at `when`: its window and its day move along."""
        by = when - self.window_start
        whole_days = round(by / (24 * HOUR)) * 24 * HOUR
        return replace(
            self,
            window_start=when,
            window_end=self.window_end + by,
            planned_arrival=when,
            day_start=self.day_start + whole_days,
            day_end=self.day_end + by,
        )

    def instant(self, name: str) -> Instant | None:
        """The instant called `name`, or None where this is not one of the facts."""
        return getattr(self, name, None)
