"""The tables of what managers are told: alerts, and how far each matter has climbed."""

from sqlalchemy import Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import instant, partial


class AlertRow(SQLModel, table=True):
    """What a manager is told and may be asked; `number` is its short code for that manager.

    `status` is open, acknowledged, decided or closed; `told` where nothing is asked.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        UniqueConstraint("person_id", "number", "id"),
        partial("alerts_open", "person_id", "number", where="status in ('open','acknowledged')"),
        Index("alerts_lately", "person_id", "created_at"),
        Index("alerts_message", "outbox_id"),
        partial("alerts_held", "person_id", "held_until", where="held_until is not null"),
    )
    id: int | None = Field(default=None, primary_key=True)
    person_id: int | None = Field(default=None, foreign_key="people.id")
    job_id: int | None = Field(default=None, index=True)
    about_id: int | None = None
    """The technician it is about."""
    case_id: int | None = Field(default=None, index=True)
    """The first alert of the same matter: an answer to one answers all."""
    kind: str
    severity: int
    number: int
    token: str = ""
    choices: str = "[]"
    since: int = 0
    status: str = "open"
    acknowledged_by: str = ""
    acknowledged_at: int | None = Field(default=None, sa_column=instant())
    decision: str = ""
    created_at: int = Field(sa_column=instant(nullable=False))
    fee_id: int | None = None
    """The fee that it asks to approve or refuse."""
    outbox_id: int | None = None
    """The message that carried it; several alerts of a storm share one."""
    held_until: int | None = Field(default=None, sa_column=instant())
    """When it leaves: it waits for the end of quiet hours, or for more of its kind."""
    guesses: int = 0
    """How often wrong characters were typed for a decision about money (S5)."""


class Ladder(SQLModel, table=True):
    """How far up a matter has climbed: who is on which rung was settled when it was raised."""

    __tablename__ = "ladders"
    __table_args__ = (partial("ladders_due", "next_at", where="next_at is not null"),)
    case_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """The matter's first alert."""
    rungs: str
    """Ids of people, one list a rung: DM, DC, office."""
    rung: int = 0
    next_at: int | None = Field(default=None, sa_column=instant())
    """When it is looked at next; None once there is no one left to tell."""
    seen: int = 0
    """The job's `since` when the matter was last looked at: another one is progress."""
    asked_again: int = 0
    photo_id: int | None = None
    detail: str = Field(default="{}", sa_column=Column(Text, nullable=False, server_default="{}"))
    """What its texts name."""
