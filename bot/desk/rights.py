"""Who may open and do what: one row for every route, checked in one place (S3).

A role reaches ALL, the people of its TEAM (whose DM or DC it is), itself (SELF), or NOTHING. Whose
a thing is decides: a job's, a fee's, a photo's technician, an alert's addressee or technician.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from storage import alerts, desk, fees, jobs, people, photos
from storage.db import Row, Tx


class Reach(IntEnum):
    """How far a role reaches; a person with several roles reaches as far as the widest."""

    NOTHING = 0
    SELF = 1
    TEAM = 2
    ALL = 3


class NotYours(Exception):
    """There is no such thing for whoever asked: nothing tells whether there is one for others."""


@dataclass(frozen=True, slots=True)
class Right:
    """What each role reaches through a route; `about` is the kind of thing in its path, if any."""

    manager: Reach
    office: Reach
    operator: Reach
    about: str = ""


_N, _S, _T, _A = Reach
_LIST = Right(_T, _A, _A)
_OWN = Right(_S, _S, _S)
_JOB = Right(_T, _A, _A, "job")
_PERSON = Right(_T, _S, _A, "person")
"""The office sees everybody's jobs; people are the operator's, and each manager's technicians."""
PUBLIC = frozenset({"sign_in", "sign_in.confirm", "static", "nothing"})
"""Routes for people who are not signed in; `nothing` is every address that is no page."""
RIGHTS: Mapping[str, Right] = {
    "board": _LIST,
    "board.live": _LIST,
    "job": _JOB,
    "job.live": _JOB,
    "job.message": _JOB,
    "job.ask_again": _JOB,
    "job.hold": _JOB,
    "job.move": _JOB,
    "job.assign": _JOB,
    "job.step": _JOB,
    "job.close": _JOB,
    "alert.answer": Right(_T, _A, _A, "alert"),
    "fee.decide": Right(_T, _A, _A, "fee"),
    "photo": Right(_T, _A, _A, "photo"),
    "photo.small": Right(_T, _A, _A, "photo"),
    "figures": _LIST,
    "figures.export": _LIST,
    "job.packet": _JOB,
    "people": _LIST,
    "person": Right(_T, _A, _A, "person"),
    "person.invite": _PERSON,
    "person.absent": _PERSON,
    "person.quiet": _PERSON,
    "person.channel": _PERSON,
    "person.setup": _PERSON,
    "person.revoke": _PERSON,
    "ledger": _LIST,
    "ledger.csv": _LIST,
    "ledger.xlsx": _LIST,
    "search": _LIST,
    "exports": _LIST,
    "jobs.csv": _LIST,
    "new": _LIST,
    "new.take": _LIST,
    "manifest": Right(_N, _A, _A),
    "manifest.keep": Right(_N, _A, _A),
    "manifest.preview": Right(_N, _S, _S, "file"),
    "manifest.take": Right(_N, _S, _S, "file"),
    "me": _OWN,
    "sign_out": _OWN,
    "sign_out.everywhere": _OWN,
    "session.end": Right(_S, _S, _S, "session"),
}
MOST = 2**31 - 1
"""The largest id that a row can have."""
_ROLES = ("manager", "office", "operator")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is signed in: their row, their session's id, and the people of their team."""

    person: Row
    session: int
    team: frozenset[int]
    """Whose DM or DC they are, or stand in for while that manager is away."""
    csrf: str

    @property
    def name(self) -> str:
        """Who did it, for the timeline."""
        return str(self.person["name"])

    def reach(self, route: str) -> Reach:
        """How far this visitor reaches through a route."""
        if route not in RIGHTS:
            return Reach.NOTHING
        right, roles = RIGHTS[route], self.person["roles"].split(";")
        return max(
            (getattr(right, role) for role in _ROLES if role in roles), default=Reach.NOTHING
        )

    def may(self, route: str) -> bool:
        """Whether the route is for them at all: what a page offers."""
        return self.reach(route) > Reach.NOTHING

    @property
    def scope(self) -> frozenset[int] | None:
        """Whose jobs their lists show; None is everybody's."""
        return None if self.reach("board") == Reach.ALL else self.team


def _job(tx: Tx, number: int) -> tuple[Row | None, set[int | None]]:
    row = jobs.get(tx, number)
    return row, {row["technician_id"]} if row else set()


def _photo(tx: Tx, number: int) -> tuple[Row | None, set[int | None]]:
    row = photos.get(tx, number)
    if row is None or row["status"] != "stored":
        return None, set()
    job = jobs.get(tx, row["job_id"]) if row["job_id"] else None
    return row, {job["technician_id"] if job else row["person_id"]}


def _fee(tx: Tx, number: int) -> tuple[Row | None, set[int | None]]:
    row = fees.get(tx, number)
    return row, {row["technician_id"]} if row else set()


def _alert(tx: Tx, number: int) -> tuple[Row | None, set[int | None]]:
    row = alerts.get(tx, number)
    return row, {row["person_id"], row["about_id"]} if row else set()


def _person(tx: Tx, number: int) -> tuple[Row | None, set[int | None]]:
    row = people.get(tx, number)
    return (None, set()) if row is None or row["erased_at"] is not None else (row, {number})


def _session(tx: Tx, number: int) -> tuple[Row | None, set[int | None]]:
    row = desk.get_session(tx, number)
    return row, {row["person_id"]} if row else set()


def _file(tx: Tx, number: int) -> tuple[Row | None, set[int | None]]:
    row = desk.file(tx, number)
    return row, {row["person_id"]} if row else set()


_FINDERS: Mapping[str, Callable[[Tx, int], tuple[Row | None, set[int | None]]]] = {
    "job": _job, "photo": _photo, "fee": _fee, "alert": _alert, "person": _person,
    "session": _session, "file": _file,
}  # fmt: skip


def admit(tx: Tx, visitor: Visitor, route: str, path: Mapping[str, int]) -> Row | None:
    """The thing that the route is about, as stored; NotYours where it is not for this visitor.

    Of the team's people only mere technicians are theirs: whoever has another role may reach
    further than they do, and an invitation would hand them that reach.
    """
    reach, about = visitor.reach(route), RIGHTS[route].about
    if reach == Reach.NOTHING:
        raise NotYours
    if not about:
        return None
    if path[about] > MOST:
        raise NotYours
    thing, owners = _FINDERS[about](tx, path[about])
    mine = {visitor.person["id"]}
    if thing is not None and about == "person" and thing["roles"] != "technician":
        within = mine
    else:
        within = mine | (visitor.team if reach >= Reach.TEAM else set())
    if thing is None or not (reach == Reach.ALL or owners & within):
        raise NotYours
    return thing


def opens(tx: Tx, visitor: Visitor, route: str, number: int) -> bool:
    """Whether the route to this thing is the visitor's: what a page links to."""
    try:
        admit(tx, visitor, route, {RIGHTS[route].about: number})
    except NotYours:
        return False
    return True


def technicians(tx: Tx, visitor: Visitor) -> list[Row]:
    """Whom this visitor may give jobs to, by id."""
    return [row for row in people.of_role(tx, "technician") if in_team(visitor, row)]


def in_team(visitor: Visitor, person: Row) -> bool:
    """Whether this visitor may give jobs to that person."""
    return visitor.scope is None or person["id"] in visitor.scope
