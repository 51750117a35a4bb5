"""The conversation with a technician, as both phones showed it; and what stands on them now."""

import json
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from markupsafe import Markup, escape

from bot.turns.signing_in import KIND
from flows.facts import Instant
from storage import desk, outbox
from storage.db import Row, Tx

_KEPT = {"b": "strong", "strong": "strong", "i": "em", "em": "em", "code": "code"}
_SAID = {
    "held": "held", "pending": "waits", "sending": "leaving", "unknown": "not known whether sent",
    "sent": "sent", "delivered": "delivered", "undelivered": "not delivered", "failed": "failed",
    "dropped": "not sent",
}  # fmt: skip
BAD = frozenset({"undelivered", "failed", "unknown"})


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message: `mine` is the technician's; `choices` are the buttons beneath it."""

    at: Instant
    channel: str
    mine: bool
    body: Markup
    note: str = ""
    bad: bool = False
    choices: tuple[str, ...] = ()


class _Plain(HTMLParser):
    """A chat's HTML with nothing left but what makes words bold; all else is escaped."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _KEPT:
            self.made.append(f"<{_KEPT[tag]}>")
            self._open.append(_KEPT[tag])

    def handle_endtag(self, tag: str) -> None:
        if tag in _KEPT and self._open and self._open[-1] == _KEPT[tag]:
            self.made.append(f"</{self._open.pop()}>")

    def handle_data(self, data: str) -> None:
        self.made.append(str(escape(data)))

    def done(self) -> Markup:
        """The whole, with every tag closed."""
        self.close()
        self.made += [f"</{tag}>" for tag in reversed(self._open)]
        return Markup("".join(self.made))  # noqa: S704 - data is escaped, tags are our own


def body_of(payload: dict[str, Any], channel: str) -> Markup:
    """A message's words as markup."""
    text = str(payload.get("text") or payload.get("caption") or "")
    if contact := payload.get("contact"):
        return escape(f"Contact: {contact.get('name', '')} {contact.get('phone', '')}")
    if not text and (payload.get("document") or payload.get("photo")):
        return escape("A document" if payload.get("document") else "A picture")
    if channel != "telegram":
        return escape(text)
    parser = _Plain()
    parser.feed(text)
    return parser.done()


def _choices(payload: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(label) for line in payload.get("buttons", ()) for label, *_ in line)


def sent(row: Row) -> Bubble | None:
    """A message of ours; None where it is a way to somebody's desk."""
    if row["kind"] == KIND:
        return None
    payload = _read(row["payload"])
    status = _SAID.get(row["status"], row["status"])
    why = f", {row['error']}" if row["error"] and row["status"] not in ("sent", "delivered") else ""
    return Bubble(
        row["sent_at"] or row["claimed_at"] or row["created_at"], row["channel"], mine=False,
        body=body_of(payload, row["channel"]), note=f"{status}{why}", bad=row["status"] in BAD,
        choices=_choices(payload),
    )  # fmt: skip


def heard(row: Row, labels: dict[str, str]) -> Bubble:
    """A message of the technician's, from the update as its provider brought it."""
    raw = _read(row["payload"])
    if row["channel"] == "sms":
        text = str(raw.get("Body", raw.get("text", "")) or "")
        media = str(raw.get("NumMedia", "0"))
        pictures = int(media) if media.isdecimal() else 0
    else:
        text, pictures = _of_update(raw, labels)
    said = escape(text)
    if pictures:
        said += escape(f"{' ' if text else ''}[{pictures} photo{'s' if pictures > 1 else ''}]")
    note = "" if row["status"] == "done" else row["status"]
    return Bubble(
        row["received_at"], row["channel"], mine=True, body=said or escape("(not kept)"), note=note
    )


def _of_update(raw: dict[str, Any], labels: dict[str, str]) -> tuple[str, int]:
    if pressed := raw.get("callback_query"):
        data = str(pressed.get("data", ""))
        return f"[{labels.get(data, data.rpartition(':')[2])}]", 0
    message = raw.get("message") or raw.get("edited_message") or raw
    text = str(message.get("text") or message.get("caption") or "")
    return text, int(bool(message.get("photo") or message.get("document")))


def _read(document: str) -> dict[str, Any]:
    try:
        found = json.loads(document) if document else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def conversation(tx: Tx, person: int, since: Instant, until: Instant) -> list[Bubble]:
    """What was said in that time on both channels, oldest first."""
    ours = desk.written(tx, person, since, until)
    labels = {
        str(data): str(label)
        for row in ours
        for line in _read(row["payload"]).get("buttons", ())
        for label, data, *_ in line
    }
    bubbles = [bubble for row in ours if (bubble := sent(row)) is not None]
    bubbles += [heard(row, labels) for row in desk.heard(tx, person, since, until)]
    return sorted(bubbles, key=lambda bubble: bubble.at)


def on_the_phone(tx: Tx, person: Row, now: Instant) -> Bubble | None:
    """The prompt that stands on the technician's phone now; None where none has left yet."""
    standing = outbox.standing_prompt(tx, person["id"], now)
    row = outbox.get(tx, standing["id"]) if standing else None
    return sent(row) if row is not None else None
