"""The figures of /metrics: how much waits, how long, and when each loop last succeeded."""

import asyncio
from collections.abc import Iterable

from bot.clock import Clock
from bot.wires.receiving import Health
from bot.wires.web import Sample
from storage import figures
from storage.db import Store


class Metrics:
    """Counts from the database, ages from memory.

    They read all that there is: beside the turns, which wait for nobody's count, and one at a time.
    """

    def __init__(self, store: Store, clock: Clock, health: Health) -> None:
        self._store, self._clock, self._health = store, clock, health
        self._one = asyncio.Lock()

    async def samples(self) -> Iterable[Sample]:
        """All samples now."""
        async with self._one:
            counted = await asyncio.to_thread(self._counted)
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

    def _counted(self) -> figures.Counted:
        with self._store.reading() as tx:
            return figures.counted(tx)
