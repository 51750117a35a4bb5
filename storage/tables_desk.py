"""The tables of the desk: sign-in links, sessions, and files that wait to be confirmed."""

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from storage.columns import instant


class DeskLink(SQLModel, table=True):
    """A way in that works once and for minutes; only its token's hash is kept (S4)."""

    __tablename__ = "desk_links"
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="people.id", index=True)
    token_hash: str = Field(unique=True)
    created_at: int = Field(sa_column=instant(nullable=False))
    expires_at: int = Field(sa_column=instant(nullable=False))
    used_at: int | None = Field(default=None, sa_column=instant())


class DeskSession(SQLModel, table=True):
    """A browser that is signed in; only its key's hash is kept (S4)."""

    __tablename__ = "desk_sessions"
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="people.id", index=True)
    key_hash: str = Field(unique=True)
    agent: str = ""
    """The browser as it names itself, so that a person knows which session is which."""
    started_at: int = Field(sa_column=instant(nullable=False))
    seen_at: int = Field(sa_column=instant(nullable=False))
    ended_at: int | None = Field(default=None, sa_column=instant())


class DeskFile(SQLModel, table=True):
    """A manifest that was shown and not yet taken in; swept after an hour."""

    __tablename__ = "desk_files"
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="people.id", index=True)
    name: str
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: int = Field(sa_column=instant(nullable=False))
