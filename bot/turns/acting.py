"""Whom a technician is to call or ask today: their DM, or who acts while the DM is away."""

from bot import days
from bot.turns import alerts
from flows.facts import Instant
from storage import people
from storage.db import Row, Tx


def manager_of(tx: Tx, technician: Row | None, now: Instant) -> Row | None:
    """The DM; where there is none today, whoever is told in their place (contract section 1).

    None where nobody is. A name that a text shows is always somebody who can do something now.
    """
    if technician is None:
        return None
    manager = people.get(tx, technician["dm"]) if technician["dm"] else None
    if manager is not None and manager["id"] != technician["id"] and not _is_away(manager, now):
        return manager
    return next(iter(alerts.managers_of(tx, technician, now)), None)


def _is_away(person: Row, now: Instant) -> bool:
    return days.is_absent(person, now) or person["erased_at"] is not None
