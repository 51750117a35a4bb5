"""Reads Twilio's inbound texts, by webhook or from the Messages list, into an Incoming."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.channels.text import clean
from bot.clock import Clock, sent_at
from bot.incoming import Incoming, PhotoRef
from flows.facts import Instant
from flows.words import STARTS

MOST_MEDIA = 10
TOLL_FREE = tuple(f"+1{area}" for area in (800, 833, 844, 855, 866, 877, 888))
"""How a toll-free number of North America begins."""
_ANSWERED = STARTS | {"HELP", "INFO"}
_MESSAGE_SID = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")


def parse_webhook(params: Mapping[str, str], received_at: Instant) -> Incoming | None:
    """The form that Twilio posts; None if it is no message. `received_at` is business time.

    A webhook says no time of its own: it counts as sent when it came.
    """
    sid, sender = params.get("MessageSid", ""), clean(params.get("From"), 100)
    if not _MESSAGE_SID.fullmatch(sid) or not sender:
        return None
    count = params.get("NumMedia", "0")
    media = [
        PhotoRef({"url": url}, clean(params.get(f"MediaContentType{place}"), 100))
        for place in range(min(int(count), MOST_MEDIA) if count.isdecimal() else 0)
        if (url := params.get(f"MediaUrl{place}", ""))
    ]
    return Incoming(
        channel="sms",
        account=clean(params.get("AccountSid"), 100),
        key=sid,
        sender=sender,
        received_at=received_at,
        sent_at=received_at,
        text=clean(params.get("Body")),
        photos=_pictures(media),
        kind=_kind(media),
        message_id=sid,
        to=clean(params.get("To"), 100),
        payload=json.dumps(dict(params), separators=(",", ":")),
    )


def is_answered_by_carrier(incoming: Incoming) -> bool:
    """Whether the carrier answers this text: START, HELP and the like, alone and without a dot.

    The network behind a toll-free number takes START and UNSTOP, and leaves YES alone.
    """
    word = incoming.text.strip().upper()
    return word in _ANSWERED and not (word == "YES" and incoming.to.startswith(TOLL_FREE))


def parse_listed(
    message: Any, media: Sequence[PhotoRef], clock: Clock, received_at: Instant, *, recovered: bool
) -> Incoming:
    """A message of the Messages list with its media; `recovered` where no webhook brought it."""
    stamp = message.date_sent or message.date_created
    at = sent_at(clock, round(stamp.timestamp() * 1000), received_at) if stamp else received_at
    facts = {"MessageSid": message.sid, "From": message.from_, "To": message.to}
    return Incoming(
        channel="sms",
        account=str(message.account_sid),
        key=str(message.sid),
        sender=clean(message.from_, 100),
        received_at=received_at,
        sent_at=at,
        text=clean(message.body),
        photos=_pictures(media),
        kind=_kind(media),
        message_id=str(message.sid),
        to=clean(message.to, 100),
        recovered=recovered,
        payload=json.dumps({**facts, "Body": message.body, "listed": True}, separators=(",", ":")),
    )


def _pictures(media: Sequence[PhotoRef]) -> tuple[PhotoRef, ...]:
    """What may be a picture: carriers mislabel types, so only what is surely none is left out."""
    return tuple(ref for ref in media if not ref.mime.startswith(("text/", "audio/", "video/")))


def _kind(media: Sequence[PhotoRef]) -> str:
    return "unsupported" if media and not _pictures(media) else "message"
