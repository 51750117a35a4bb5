"""What happened over a stretch of days: visits, cases, messages.

`first` and `last` are ISO dates, both within; `team` limits it to these technicians' visits (S3).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from storage.db import Row, Tx
from storage.desk import Team, among
from storage.jobs import FROM

MOST_MESSAGES = 200_000
"""More are not counted one by one: `Stretch` and its page say so."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Which days, and whose."""

    first: str
    last: str
    team: Team = None

    def where(self) -> str:
        """The condition on `jobs j`."""
        return f"j.day >= :first AND j.day <= :last AND {among('j.technician_id', self.team)}"

    def days(self) -> dict[str, str]:
        """Its values."""
        return {"first": self.first, "last": self.last}


def visits(tx: Tx, stretch: Stretch) -> list[Row]:
    """Each visit's day, window, program and talk, by day."""
    return tx.all(
        "SELECT j.day, j.window_start, j.window_end, j.talk, w.program"
        f" {FROM}WHERE {stretch.where()} ORDER BY j.day, j.id",
        stretch.days(),
    )


def cases(tx: Tx, stretch: Stretch, kinds: Collection[str]) -> list[Row]:
    """How many visits had a case of each of these kinds: kind, visits; most first."""
    return tx.all(
        "SELECT t.event AS kind, count(DISTINCT t.job_id) AS visits"  # noqa: S608 - our own names and numbers
        " FROM timeline t JOIN jobs j ON j.id = t.job_id"
        f" WHERE {stretch.where()} AND t.event IN ({_names(kinds)})"
        " GROUP BY t.event ORDER BY visits DESC, kind",
        stretch.days(),
    )


def messages(tx: Tx, since: int, until: int, team: Team) -> Iterable[Row]:
    """What left for people between two instants: channel, kind, status, payload."""
    return tx.all(
        "SELECT channel, kind, status, payload FROM outbox"  # noqa: S608 - our own names and numbers
        " WHERE channel IN ('sms', 'telegram') AND status IN ('sent', 'delivered', 'failed')"
        f" AND created_at >= :since AND created_at < :until AND {among('person_id', team)}"
        " LIMIT :most",
        {"since": since, "until": until, "most": MOST_MESSAGES},
    )


def _names(words: Collection[str]) -> str:
    """Our own names as SQL texts."""
    return ", ".join(f"'{word}'" for word in sorted(words) if word.isidentifier()) or "NULL"
