"""What one turn tells one person: gathered while the turn runs, one message at its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.documents import write
from bot.speech.wording import Message, Part, Wording
from flows.facts import MINUTE, Instant
from storage import outbox
from storage.db import Row, Tx

LANES = {"alert": 0, "reply": 0, "prompt": 1, "mail": 1, "reminder": 2, "day_sheet": 3}


@dataclass(slots=True)
class Reply:
    """One message in the making: statements, then at most one prompt.

    `asks` says what the prompt stands for, so that an answer finds it: kind, job, since, choices,
    waits. `after` follows the prompt. `buttons` maps a choice's word to the data of its button.
    """

    person: Row
    kind: str = "reply"
    parts: list[tuple[Part, bool]] = field(default_factory=list)
    ask: Part | None = None
    after: Part | None = None
    choices: tuple[tuple[str, str], ...] = ()
    buttons: dict[str, str] = field(default_factory=dict)
    asks: dict[str, Any] = field(default_factory=dict)
    prefix: str = ""
    number: str = ""
    lettered: bool = False
    job: int | None = None
    contacts: list[dict[str, str]] = field(default_factory=list)
    photo: int | None = None
    """A photo that a chat shows with it."""
    rows: list[list[list[str]]] = field(default_factory=list)
    """Rows of buttons beneath those of the choices, each (label, data)."""
    expires_at: Instant | None = None

    def say(self, key: str, values: Mapping[str, str] | None = None, *, must: bool = True) -> None:
        """Add a statement; without `must` a phone without room goes without it."""
        self.parts.append((Part(key, values or {}), must))

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not self.parts and self.ask is None and not self.contacts


def send(
    tx: Tx,
    reply: Reply,
    wording: Wording,
    now: Instant,
    *,
    due_at: Instant | None = None,
    lane: int | None = None,
) -> int | None:
    """Put the message in the outbox for wherever the person is reached; None if nowhere."""
    person = reply.person
    channel, address = person["channel"], person["address"]
    if not channel or reply.empty:
        return None
    payload = payload_of(reply, wording)
    row = None
    common = {
        "channel": channel,
        "address": address,
        "person_id": person["id"],
        "job_id": reply.job,
        "kind": reply.kind,
        "lane": LANES.get(reply.kind, 1) if lane is None else lane,
        "created_at": now,
        "due_at": now if due_at is None else due_at,
        "expires_at": reply.expires_at,
    }
    if reply.parts or reply.ask:
        row = outbox.add(
            tx,
            **common,
            asks=write(reply.asks) if reply.asks else "",
            payload=write(payload),
        )
    if channel == "telegram":
        for contact in reply.contacts:
            outbox.add(tx, **common, payload=write({"contact": contact}))
    return row


def payload_of(reply: Reply, wording: Wording) -> dict[str, Any]:
    """The message as the person's channel takes it."""
    person = reply.person
    message = Message(
        parts=tuple(part for part, _ in reply.parts),
        ask=reply.ask,
        after=reply.after,
        choices=reply.choices,
        prefix=reply.prefix,
        number=reply.number,
        must=frozenset(i for i, (_, must) in enumerate(reply.parts) if must),
    )
    if person["channel"] != "telegram":
        text = wording.sms(message, person["language"], lettered=reply.lettered)
        return {"text": text, "program": person["program"]}
    text, buttons = wording.chat(message, person["language"])
    rows = [
        [[label, reply.buttons.get(word, "")]]
        for label, _, word in buttons
        if reply.buttons.get(word)
    ]
    payload: dict[str, Any] = {"text": text, "buttons": _paired(rows) + reply.rows}
    return payload if reply.photo is None else payload | {"photo": reply.photo}


def _paired(rows: list[list[list[str]]]) -> list[list[list[str]]]:
    """Forward alone and wide; the rest two in a row where both are short."""
    shaped: list[list[list[str]]] = []
    short = 18
    for index, row in enumerate(rows):
        mate = shaped[-1] if len(shaped) > 1 else None
        if (
            index
            and mate is not None
            and len(mate) == 1
            and len(mate[0][0]) <= short
            and len(row[0][0]) <= short
        ):
            mate.append(row[0])
        else:
            shaped.append(row)
    return shaped


FRESH = 15 * MINUTE
