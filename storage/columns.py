"""What the tables of the schema are made of, besides what their library has."""

from sqlalchemy import BigInteger, Column, Index, text


def instant(*, nullable: bool = True, **more: object) -> Column[int]:
    """Milliseconds since the epoch, UTC: more than an integer of PostgreSQL holds."""
    return Column(BigInteger, nullable=nullable, **more)  # type: ignore[arg-type]


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of those rows only of which `where` is true, on either database."""
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
