"""What every channel shares: what it is given to send, and the errors that say what to do next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol

Reason = Literal[
    "blocked", "opted_out", "invalid", "unreachable", "filtered", "undelivered", "configuration",
    "other",
]  # fmt: skip
"""Why a message will never arrive, in the words of `Door.delivery_failed`."""


class SendError(Exception):
    """A message did not leave, or nobody can say.

    SendError
    ├── TryLater        it did not leave; again later, and nobody is told
    ├── UnknownOutcome  it may have left; what then depends on its kind (P5)
    ├── Refused         it never will to this address, or as it stands; `why` says who is told
    └── Misconfigured   nothing leaves until the operator mends a setting; the row waits
    """


class TryLater(SendError):
    """It did not leave.

    `after` is in real seconds where the provider named a wait, else None: the outbox backs off.
    `whole_channel` says that no other message would have fared better.
    """

    def __init__(
        self, reason: str, after: float | None = None, *, whole_channel: bool = False
    ) -> None:
        super().__init__(reason)
        self.after = after
        self.whole_channel = whole_channel


class UnknownOutcome(SendError):
    """The request left and no answer came: the provider may have it."""


class Refused(SendError):
    """The provider will not take it; the message is what it said."""

    def __init__(self, why: Reason, reason: str) -> None:
        super().__init__(reason)
        self.why = why


class Misconfigured(SendError):
    """Our own set-up is refused (token, sender, certificate); the operator is told."""


class FetchError(Exception):
    """A photo could not be had now.

    `why` is "" where another try may help, else too_big, unreadable or lost: given up for good.
    """

    def __init__(self, reason: str, why: str = "") -> None:
        super().__init__(reason)
        self.why = why


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored photo as it may leave: stripped of its metadata and re-encoded (P7)."""

    name: str
    data: bytes
    mime: str = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One outbox row, ready to send; `payload` has the channel's own form, `at` is business time.

    `siblings` are the provider's ids of other rows to this address, given with a look-up.
    """

    row: int
    address: str
    kind: str
    payload: Mapping[str, Any]
    at: datetime
    pictures: Sequence[Picture] = ()
    siblings: frozenset[str] = frozenset()


class Sent(NamedTuple):
    """It left; the provider knows it by this id. `note` is kept with the row."""

    provider_id: str
    note: str = ""


class Channel(Protocol):
    """What delivery needs of a channel."""

    name: str
    patience: float
    """Real seconds after which a send that still runs counts as of unknown outcome."""

    async def send(self, message: Outgoing) -> Sent:
        """Send it; SendError."""
        ...

    async def find(self, message: Outgoing, attempted_at: int) -> Sent | None:
        """Look whether an earlier attempt of unknown outcome left after all; SendError.

        `attempted_at` is when it was first tried, in business time (ms). None: it did not leave,
        or this provider cannot tell.
        """
        ...
