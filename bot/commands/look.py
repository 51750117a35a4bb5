"""One line of the doctor."""

from dataclasses import dataclass

PATIENCE = 10.0
"""Real seconds for one look."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was looked at and found: `ok` None is for information only."""

    name: str
    ok: bool | None
    text: str
