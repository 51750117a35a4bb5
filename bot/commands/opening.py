"""What every command opens: settings, the database, the clock of the server beside it."""

import json
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from bot import days
from bot.clock import KEY, Clock, real_now
from bot.context import Context, build_context
from bot.settings import Settings, load_settings
from flows.facts import Instant
from storage import kept
from storage.db import Store, Tx
from storage.migrations import upgrade

LIVE = 15_000
"""A stored clock that was written within this real span (ms) belongs to a server that runs."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Settings, database and rules, ready for one command."""

    settings: Settings
    store: Store
    context: Context

    @property
    def now(self) -> Instant:
        """Business time."""
        return self.context.clock.now()

    @property
    def zone(self) -> ZoneInfo:
        """The zone where a row names none."""
        return ZoneInfo(self.settings.timezone)

    @property
    def today(self) -> date:
        """The date on the wall in that zone."""
        return days.local_day(self.now, self.zone)

    @property
    def regions(self) -> list[str]:
        """The countries of the programs' phone numbers."""
        return [program.region for program in self.context.programs.values()]


def opened() -> Opened:
    """Open it all: pending migrations run first, and the clock is that of a server beside us."""
    settings = load_settings()
    store = Store(settings.database_url.get_secret_value())
    upgrade(store)
    clock = Clock.from_setting(settings.clock)
    with store.reading() as tx:
        clock = _beside(tx, clock)
    return Opened(settings, store, build_context(settings, clock))


def _beside(tx: Tx, clock: Clock) -> Clock:
    """Our clock, or that of a rehearsal that runs now on the same database."""
    stored = json.loads(kept.get(tx, KEY) or "{}")
    if not clock.movable and stored and 0 <= real_now() - stored["real"] < LIVE:
        clock = Clock(stored["now"], stored["rate"])
    clock.resume(tx, serving=False)
    return clock
