"""The reckoning after kills: the carriers' own record against the database."""

import hashlib
import html
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from storage.db import Row, Store
from tests.promises.load import Crowd, words

MAIN_LINE = (
    "there", "started", "signed_in", "built", "completed", "signed", "gone", "signed_out",
    "reported",
)  # fmt: skip
_Left = tuple[str, str, str]
"""A message as its carrier knows it: channel, address, the provider's id."""


class Books:
    """All rows of the database, and all that the carriers took, in their order."""

    def __init__(self, crowd: Crowd) -> None:
        self.running = running = crowd.running
        with Store(running.env["DATABASE_URL"]).reading() as tx:
            self.inbox = tx.all("SELECT * FROM inbox ORDER BY id")
            self.outbox = tx.all("SELECT * FROM outbox ORDER BY id")
            self.timeline = tx.all("SELECT * FROM timeline WHERE job_id IS NOT NULL ORDER BY id")
            self.photos = tx.all("SELECT * FROM photos")
            self.jobs = tx.all("SELECT * FROM jobs")
            self.timers = tx.all("SELECT * FROM timers")
        self.left: dict[_Left, str] = {}
        """What they took, and its letters and digits."""
        phones = [each.phone for each in crowd.technicians if hasattr(each.phone, "id")]
        for phone in (*phones, *crowd.managers):
            for message in phone.inbox:
                left = ("telegram", str(phone.id), str(message.message_id))
                self.left[left] = _bare(words(message))
        for text in running.twilio.messages:
            if text.direction != "inbound":
                self.left["sms", text.to, text.sid] = _bare(text.body)
        self.mails = Counter(mail.message_id for mail in running.mail.mails)
        self.texts = {m.sid: m for m in running.twilio.messages if m.direction == "inbound"}

    def keys(self, channel: str) -> list[str]:
        """The provider's ids of all that came in on a channel."""
        return [row["key"] for row in self.inbox if row["channel"] == channel]

    def settled(self) -> bool:
        """Whether all that was said is in, and nothing is on its way out or to be fetched."""
        on_its_way = any(row["status"] in ("pending", "sending") for row in self.outbox)
        coming = any(row["status"] == "announced" for row in self.photos)
        unread = self.running.telegram.undelivered or self.texts.keys() - set(self.keys("sms"))
        return not (on_its_way or coming or unread)

    def open(self) -> list[str]:
        """Where each job stands that has not come to its end."""
        return [str(job["state"]) for job in self.jobs if job["is_open"]]


def reckon(crowd: Crowd, books: Books) -> dict[str, int]:
    """Count what must not be, 0 if all is well; what only informs begins with a dash."""
    running = crowd.running
    came = {"telegram": [str(n) for n in running.telegram.update_ids], "sms": [*books.texts]}
    keys = {channel: books.keys(channel) for channel in came}
    main = Counter(
        (row["job_id"], row["event"]) for row in books.timeline if row["event"] in MAIN_LINE
    )
    sent = [row for row in books.outbox if row["status"] in ("sent", "delivered")]
    chats = [row for row in sent if row["channel"] != "email"]
    never = [row for row in chats if _key(row) not in books.left]
    never += [r for r in sent if r["channel"] == "email" and r["provider_id"] not in books.mails]
    stored = [row for row in books.photos if row["status"] == "stored"]
    again = len(books.left) + books.mails.total() - len(sent) + len(never)
    return {
        "lost": sum(len(set(came[each]) - set(keys[each])) for each in came),
        "stored twice": sum(len(each) - len(set(each)) for each in keys.values()),
        "not to be read": sum(row["status"] in ("waiting", "quarantined") for row in books.inbox),
        "applied twice": sum(count - 1 for count in main.values()),
        "jobs without an end": len(books.open()),
        "said to be sent and never was": len(never),
        "out of order": _out_of_order(chats, books.left),
        "sent again without cause": _without_cause(books),
        "money sent again": _money(books),
        "photos without their bytes": sum(not _whole(running.folder, row) for row in stored),
        "- updates": sum(map(len, came.values())),
        "- messages": len(books.left),
        "- mails": books.mails.total(),
        "- photos": len(stored),
        "- reminders rung": sum(row["by"] == "clock" for row in books.timeline),
        "- of unknown outcome": sum("outcome unknown" in row["error"] for row in books.outbox),
        "- sent again after that": again,
    }


def faults(found: Mapping[str, int]) -> dict[str, int]:
    """What of it must not be."""
    return {what: n for what, n in found.items() if n and not what.startswith("-")}


def _key(row: Row) -> _Left:
    return row["channel"], row["address"], row["provider_id"]


def _bare(text: str) -> str:
    """Letters and digits: signs and formatting are the carriers' to change."""
    return "".join(sign for sign in text if sign.isalnum())


def _out_of_order(sent: Sequence[Row], left: Mapping[_Left, str]) -> int:
    """Messages to one address and lane that a later row overtook, however often each was tried."""
    places = {each: place for place, each in enumerate(left)}
    last: dict[Any, int] = {}
    wrong = 0
    for row in sent:
        place = places.get(_key(row))
        if place is not None:
            queue = row["channel"], row["address"], row["lane"]
            wrong += place < last.get(queue, -1)
            last[queue] = place
    return wrong


def _without_cause(books: Books) -> int:
    """Messages beyond the attempts of the rows that say the same to the same address.

    A row is attempted again only where the outcome of the attempt before was unknown, or was
    surely none.
    """
    tries = Counter[tuple[str, str]]()
    for row in books.outbox:
        if row["channel"] != "email":
            tries[row["address"], _said(row)] += row["attempts"]
    taken = Counter((address, text) for (_, address, _), text in books.left.items())
    mails = {row["provider_id"]: row["attempts"] for row in books.outbox if row["provider_id"]}
    too_many = sum(max(0, count - tries[each]) for each, count in taken.items())
    return too_many + sum(max(0, n - int(mails.get(mail, 1))) for mail, n in books.mails.items())


def _money(books: Books) -> int:
    """Texts about money that left more than once by themselves."""
    once = Counter((r["address"], _said(r)) for r in books.outbox if r["kind"] == "money")
    taken = Counter((address, text) for (_, address, _), text in books.left.items())
    return sum(max(0, taken[each] - count) for each, count in once.items())


def _said(row: Row) -> str:
    return _bare(_plain(str(json.loads(row["payload"]).get("text", ""))))


def _plain(markup: str) -> str:
    return html.unescape(re.sub(r"</?[a-z][^>]*>", "", markup))


def _whole(folder: Path, photo: Row) -> bool:
    file = folder / "photos" / photo["path"]
    return file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == str(photo["sha256"])
