"""The figures of /metrics: how much waits, how long, and when each loop last succeeded."""

from collections.abc import Iterable

from bot.clock import Clock
from bot.wires.commit import commit
from bot.wires.receiving import Health
from bot.wires.web import Sample
from storage import figures
from storage.db import Writer


class Metrics:
    """Counts from the database, ages from memory."""

    def __init__(self, writer: Writer, clock: Clock, health: Health) -> None:
        self._writer, self._clock, self._health = writer, clock, health

    async def samples(self) -> Iterable[Sample]:
        """All samples now."""
        counted = await commit(self._writer, figures.counted)
        now = self._clock.now()
        samples = [
            Sample(
                f"doorstep_{table}_rows",
                f"Rows of the {table} by status.",
                "gauge",
                count,
                {"status": status},
            )
            for table, status, count in counted.rows
        ]
        samples.append(
            Sample("doorstep_jobs_open", "Visits without an end.", "gauge", counted.open_jobs, {})
        )
        for name, since in (("outbox", counted.oldest_unsent), ("timers", counted.oldest_timer)):
            age = max(0.0, (now - since) / 1000) if since is not None else 0.0
            samples.append(
                Sample(
                    f"doorstep_{name}_oldest_due_seconds",
                    f"How long the oldest due row of the {name} has waited.",
                    "gauge",
                    age,
                    {},
                )
            )
        samples += [
            Sample(
                "doorstep_poll_age_seconds",
                "Seconds since this loop last succeeded.",
                "gauge",
                self._health.age(name),
                {"loop": name},
            )
            for name in ("telegram", "twilio", "reminders")
        ]
        return samples
