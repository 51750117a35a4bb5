"""The way to the desk: a link that works once, for ten minutes, over the person's own channel."""

import hashlib
import secrets

from bot.context import Context
from bot.incoming import Incoming
from bot.papers.links import public_url
from bot.turns.reply import Reply, send
from flows.facts import MINUTE, Instant
from flows.words import clean
from storage import desk, timeline
from storage.db import Row, Tx

VALID_FOR = 10 * MINUTE
PATH = "/desk/in/"
WORD = "DESK"
KIND = "desk"
"""Of the outbox's rows that carry a link: no page ever shows them."""
ROLES = frozenset({"manager", "office", "operator"})
"""Who has a desk."""
_TOKEN = 18
"""Bytes of chance in a link: 24 letters, 144 bits."""


def hash_of(secret: str) -> str:
    """How a link's token and a session's key are kept."""
    return hashlib.sha256(f"desk:{secret}".encode()).hexdigest()


def may_sign_in(person: Row) -> bool:
    """Whether this person has a desk."""
    return person["erased_at"] is None and not ROLES.isdisjoint(person["roles"].split(";"))


def asks_for_desk(incoming: Incoming, person: Row) -> bool:
    """Whether somebody who has a desk says DESK; others' texts mean what they mean."""
    if incoming.kind != "message" or not may_sign_in(person):
        return False
    return clean(incoming.text).strip(" ./!").upper().partition("@")[0] == WORD


def new_link(tx: Tx, person: Row, base: str, now: Instant, by: str) -> str:
    """A link for this person, which voids their earlier ones; kept as a hash, told to nobody."""
    token = secrets.token_urlsafe(_TOKEN)
    desk.add_link(tx, person["id"], hash_of(token), now, now + VALID_FOR)
    timeline.add(
        tx, job=None, person=person["id"], at=now, told_at=now, event="desk_link", step="", by=by,
        channel="desk",
    )  # fmt: skip
    return f"{base}{PATH}{token}"


def send_link(tx: Tx, context: Context, person: Row, now: Instant, by: str = "") -> bool:
    """Write a link to wherever this person is reached; False if there is no way to them.

    Without PUBLIC_URL nobody but this machine could open it, and they are told so.
    """
    reply = Reply(person, kind=KIND)
    base = public_url(tx)
    if base:
        link = new_link(tx, person, base, now, by or person["name"])
        reply.say("desk.link", {"link": link})
        reply.expires_at = now + VALID_FOR
    else:
        reply.say("desk.no_address")
    return send(tx, reply, context.wording, now, lane=0) is not None and bool(base)
