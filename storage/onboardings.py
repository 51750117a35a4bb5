"""Where each technician stands in getting ready: a row for each program, and the practice job."""

from storage.db import Row, Tx


def of_person(tx: Tx, person: int) -> list[Row]:
    """The person's, in the order in which they were opened."""
    return tx.all("SELECT * FROM onboardings WHERE person_id = :id ORDER BY id", {"id": person})


def get(tx: Tx, person: int, program: str) -> Row | None:
    """The person's for this program."""
    return tx.one(
        "SELECT * FROM onboardings WHERE person_id = :id AND program = :program",
        {"id": person, "program": program},
    )


def by_person(tx: Tx) -> dict[int, list[Row]]:
    """Everybody's, by person."""
    found: dict[int, list[Row]] = {}
    for row in tx.all("SELECT * FROM onboardings ORDER BY id"):
        found.setdefault(row["person_id"], []).append(row)
    return found


def add(tx: Tx, person: int, program: str, now: int, *, talk: str, state: str) -> Row:
    """One more; a person has one for each program."""
    tx.put(
        "onboardings", person_id=person, program=program, talk=talk, state=state, opened_at=now,
        changed_at=now,
    )  # fmt: skip
    found = get(tx, person, program)
    assert found is not None
    return found


def change(tx: Tx, onboarding: int, now: int, **values: object) -> None:
    """Set columns of one of them."""
    tx.update("onboardings", onboarding, **values, changed_at=now)


def drop(tx: Tx, person: int, program: str) -> None:
    """The person was never asked about this program."""
    tx.run(
        "DELETE FROM onboardings WHERE person_id = :id AND program = :program",
        {"id": person, "program": program},
    )
