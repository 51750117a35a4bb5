"""What a channel hands to the one door: a provider's update, checked and parsed, the same for every
channel."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from flows.facts import Instant


@dataclass(frozen=True, slots=True)
class PhotoRef:
    """A picture that still lies with the provider.

    `source` is what the channel's fetcher needs, without any secret (S7); `size` is in bytes, 0
    where it is not known; `mime` is the sender's claim and not to be trusted (S6).
    """

    source: Mapping[str, object]
    mime: str = ""
    size: int = 0


Keyboard = Sequence[Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update from a person.

    `key` is the provider's id, unique per `channel` and `account` (P2). `sent_at` is when it was
    sent, in business time. `kind` is message, button, edited, blocked, unblocked, contact or
    unsupported. `recovered` marks what no webhook brought: it never moves a job.
    """

    channel: str
    account: str
    key: str
    sender: str
    received_at: Instant
    sent_at: Instant
    kind: str = "message"
    text: str = ""
    photos: tuple[PhotoRef, ...] = ()
    album: str = ""
    button: str = ""
    message_id: str = ""
    callback_id: str = ""
    recovered: bool = False
    payload: str = ""
    keyboard: Keyboard = ()
    """The rows of buttons, each (label, data), under the message of which one was pressed."""
    to: str = ""
    """Which number of ours a text was sent to."""

    @property
    def cause(self) -> str:
        """Its name in the log, and of what it sets going."""
        return f"{self.channel}/{self.key}"

    def packed(self) -> str:
        """All of it as JSON, for an update that has to wait."""
        return json.dumps(asdict(self))

    @staticmethod
    def unpacked(document: str) -> "Incoming":
        """What `packed` wrote."""
        raw = json.loads(document)
        raw["photos"] = tuple(PhotoRef(**ref) for ref in raw["photos"])
        return Incoming(**raw)
