"""Every table, one class each. Instants are integer milliseconds since the epoch, UTC.

Days are ISO dates in the job's local time. JSON documents are text. Units of pay are decimal text.
"""

from sqlalchemy import Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage import tables_alerts, tables_desk  # noqa: F401 - they belong to the same schema
from storage.columns import instant, partial


class Person(SQLModel, table=True):
    """Somebody that Doorstep knows; `roles` is technician, manager, office, operator joined by
    ";"."""

    __tablename__ = "people"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    roles: str = "technician"
    phone: str = ""
    email: str = ""
    dm: int | None = Field(default=None, foreign_key="people.id")
    dc: int | None = Field(default=None, foreign_key="people.id")
    app: str = "own"
    program: str = "apollo"
    preferred: str = ""
    """The channel that the operator named, "" for whichever was used last."""
    timezone: str = "America/New_York"
    language: str = "en"
    channel: str = ""
    """Where this person is written to now: the channel last used that works; "" for nowhere yet."""
    address: str = ""
    in_hand: int | None = None
    """The job in hand (jobs.id)."""
    out_on: str = ""
    """The day that a technician handed over with OUT."""
    absent_from: str = ""
    absent_to: str = ""
    deputy: int | None = None
    """Who is told instead while this manager is absent (people.id)."""
    quiet_from: str = ""
    """The person's own quiet hours as HH:MM on their wall; "" for the usual ones."""
    quiet_to: str = ""
    heard_at: int | None = Field(default=None, sa_column=instant())
    created_at: int = Field(sa_column=instant(nullable=False))
    erased_at: int | None = Field(default=None, sa_column=instant())


class Address(SQLModel, table=True):
    """A chat or number that belongs to a person; `state` is active, blocked, opted_out,
    invalid or unreachable."""

    __tablename__ = "addresses"
    __table_args__ = (UniqueConstraint("channel", "address"),)
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="people.id", index=True)
    channel: str
    address: str
    state: str = "active"
    consent_at: int | None = Field(default=None, sa_column=instant())
    consent_words: str = ""
    """The wording that was agreed to, kept with its time."""
    heard_at: int | None = Field(default=None, sa_column=instant())


class Invitation(SQLModel, table=True):
    """A single-use code that binds an address to one person; only its hash is kept (S2)."""

    __tablename__ = "invitations"
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="people.id")
    code_hash: str = Field(unique=True)
    created_at: int = Field(sa_column=instant(nullable=False))
    expires_at: int = Field(sa_column=instant(nullable=False))
    used_at: int | None = Field(default=None, sa_column=instant())


class Onboarding(SQLModel, table=True):
    """Where a technician stands in getting ready for a program (flows/onboarding.py).

    `talk` is that conversation's, `since` rises whenever it stands at a step anew, `practice` the
    talk of the practice job while one is played, else "". A person without a row is not asked.
    """

    __tablename__ = "onboardings"
    __table_args__ = (UniqueConstraint("person_id", "program"),)
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="people.id")
    program: str
    talk: str = Field(sa_column=Column(Text, nullable=False))
    state: str = "hello"
    since: int = 1
    practice: str = ""
    opened_at: int = Field(sa_column=instant(nullable=False))
    changed_at: int = Field(sa_column=instant(nullable=False))


class Stranger(SQLModel, table=True):
    """How often an unknown address was answered on a day; swept when the day is over (S2)."""

    __tablename__ = "strangers"
    channel: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    day: str
    answers: int = 0
    tries: int = 0


class WorkOrder(SQLModel, table=True):
    """An order as its manifest line told it."""

    __tablename__ = "work_orders"
    __table_args__ = (UniqueConstraint("program", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(index=True)
    program: str
    shift: str = ""
    customer: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    phone: str = ""
    product: str = ""
    notes: str = ""
    units: str = ""
    minutes: int | None = None
    timezone: str = "America/New_York"
    content: str = ""
    """Hash of the manifest line: the same line twice changes nothing."""
    created_at: int = Field(sa_column=instant(nullable=False))


class Job(SQLModel, table=True):
    """One visit of a work order: whose it is, when, and where it stands."""

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("work_order_id", "visit"),
        partial("jobs_open", "technician_id", "day", where="is_open"),
        Index("jobs_days", "day", "technician_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    work_order_id: int = Field(foreign_key="work_orders.id", index=True)
    visit: int = 1
    technician_id: int | None = Field(default=None, foreign_key="people.id", index=True)
    helpers: str = ""
    """Ids of helping technicians, joined by ";"."""
    day: str
    letter: str = "A"
    window_start: int = Field(sa_column=instant(nullable=False))
    window_end: int = Field(sa_column=instant(nullable=False))
    planned_arrival: int | None = Field(default=None, sa_column=instant())
    """None while the technician has not said when."""
    day_start: int = Field(sa_column=instant(nullable=False))
    day_end: int = Field(sa_column=instant(nullable=False))
    state: str = "planned"
    under: str | None = None
    version: int = 1
    since: int = 1
    """The version at which the job came to stand where it stands; buttons carry it."""
    talk: str = Field(sa_column=Column(Text, nullable=False))
    is_open: bool = True
    created_at: int = Field(sa_column=instant(nullable=False))
    changed_at: int = Field(sa_column=instant(nullable=False))


class TimelineEntry(SQLModel, table=True):
    """The append-only history of jobs and people: what happened, when, and when we were told."""

    __tablename__ = "timeline"
    id: int | None = Field(default=None, primary_key=True)
    job_id: int | None = Field(default=None, index=True)
    person_id: int | None = None
    at: int = Field(sa_column=instant(nullable=False))
    told_at: int = Field(sa_column=instant(nullable=False))
    event: str
    step: str = ""
    by: str
    channel: str = ""
    detail: str = "{}"


class InboxRow(SQLModel, table=True):
    """An update as a provider brought it; `status` is done, waiting, quarantined or ignored (P1,
    P2)."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "account", "key"),
        partial("inbox_waiting", "person_id", "id", where="status = 'waiting'"),
    )
    id: int | None = Field(default=None, primary_key=True)
    channel: str
    account: str
    key: str
    person_id: int | None = None
    received_at: int = Field(sa_column=instant(nullable=False))
    payload: str = ""
    status: str = "done"
    error: str = ""


class OutboxRow(SQLModel, table=True):
    """Something to send; `status` is held, pending, sending, sent, delivered, failed, unknown or
    dropped (P5).

    `asks` is the prompt that it puts: the job, the version at which it counts, its choices.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        partial("outbox_due", "channel", "lane", "id", where="status in ('pending','sending')"),
        partial(
            "outbox_queue",
            "channel",
            "address",
            "lane",
            "id",
            where="status in ('pending','sending')",
        ),
        partial("outbox_at_provider", "channel", "provider_id", where="provider_id <> ''"),
        partial("outbox_held", "channel", where="status = 'held'"),
        partial("outbox_leaving", "channel", "address", where="status = 'sending'"),
        partial("outbox_unfinished", "sent_at", where="status = 'sent' and channel = 'sms'"),
        partial("outbox_sent", "channel", "claimed_at", where="claimed_at is not null"),
        partial("outbox_to", "channel", "address", where="provider_id <> ''"),
        partial(
            "outbox_prompts",
            "person_id",
            "claimed_at",
            where="asks <> '' and claimed_at is not null",
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    channel: str
    address: str
    person_id: int | None = None
    job_id: int | None = Field(default=None, index=True)
    kind: str
    lane: int
    asks: str = ""
    payload: str = Field(sa_column=Column(Text, nullable=False))
    created_at: int = Field(sa_column=instant(nullable=False))
    due_at: int = Field(sa_column=instant(nullable=False))
    expires_at: int | None = Field(default=None, sa_column=instant())
    status: str = "pending"
    attempts: int = 0
    claimed_at: int | None = Field(default=None, sa_column=instant())
    lease_until: int | None = Field(default=None, sa_column=instant())
    """Real time: a claim that was not finished by then may be taken over."""
    provider_id: str = ""
    error: str = ""
    sent_at: int | None = Field(default=None, sa_column=instant())
    cause: str = ""
    """What made it, an update or a reminder (`storage.causes`): its sender logs it too."""


class TimerRow(SQLModel, table=True):
    """A reminder that stands; it lives as long as the state that it belongs to (P6)."""

    __tablename__ = "timers"
    __table_args__ = (
        UniqueConstraint("job_id", "name"),
        UniqueConstraint("person_id", "name"),
        Index("timers_due", "due_at"),
        # An id is never used again: whoever remembers one means that timer and no later one.
        {"sqlite_autoincrement": True},
    )
    id: int | None = Field(default=None, primary_key=True)
    job_id: int | None = Field(default=None)
    person_id: int | None = Field(default=None)
    name: str
    due_at: int = Field(sa_column=instant(nullable=False))
    late: str = "send"


class Photo(SQLModel, table=True):
    """A photo: announced with its message, evidence once its bytes are durable (P7)."""

    __tablename__ = "photos"
    __table_args__ = (
        partial("photos_open", "person_id", where="status = 'announced'"),
        partial("photos_doubtful", "received_at", where="asked_again > 0 and kind = ''"),
    )
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="people.id")
    job_id: int | None = Field(default=None, index=True)
    inbox_id: int | None = None
    kind: str = ""
    step: str = ""
    channel: str
    source: str
    """Where the provider keeps it, as JSON; never with a token in it (S7)."""
    album: str = ""
    status: str = "announced"
    """announced, stored, lost, or mailed (by hand: somebody's word, no bytes)."""
    mime: str = ""
    sha256: str = Field(default="", index=True)
    bytes: int = 0
    path: str = ""
    announced_at: int = Field(sa_column=instant(nullable=False))
    received_at: int | None = Field(default=None, sa_column=instant())
    next_try_at: int = Field(sa_column=instant(nullable=False))
    tries: int = 0
    error: str = ""
    caption: str = ""
    said_coming: bool = False
    flaws: str = ""
    """What is wrong with the picture, joined by ";": dark, blurred, small. Never of a selfie
    (S8)."""
    asked_again: int = 0
    """At which `since` of its job a better one was asked for; 0 for never."""
    dhash_1: int | None = Field(default=None, index=True)
    """The first 16 bits of its 64-bit dHash; NULL where it is flat or a selfie (S8)."""
    dhash_2: int | None = Field(default=None, index=True)
    dhash_3: int | None = Field(default=None, index=True)
    dhash_4: int | None = Field(default=None, index=True)
    detail: str = ""
    """A finer dHash, 64 hexadecimal digits."""


class Fee(SQLModel, table=True):
    """Something owed to a technician; one of each `class_` a visit (A42, A47, A54)."""

    __tablename__ = "fees"
    __table_args__ = (UniqueConstraint("job_id", "slot"),)
    id: int | None = Field(default=None, primary_key=True)
    job_id: int = Field(foreign_key="jobs.id")
    slot: str
    """`visit` for a trip charge or a failed visit, else the reason."""
    reason: str
    units: str
    status: str
    rule: str
    evidence: str = "{}"
    at: int = Field(sa_column=instant(nullable=False))
    decided_by: str = ""
    decided_at: int | None = Field(default=None, sa_column=instant())


class Kept(SQLModel, table=True):
    """Small facts about the running whole: the poll offset, the clock, leases, confirmed
    contacts."""

    __tablename__ = "kept"
    key: str = Field(primary_key=True)
    value: str


TABLES = SQLModel.metadata
