"""What one Twilio account and the phones around it hold: messages, media, numbers, blocks."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any

Json = dict[str, Any]
Listener = Callable[[str, Json], None]
API = "/2010-04-01/Accounts"
FINAL = frozenset({"delivered", "undelivered", "failed", "received", "canceled", "read"})


@dataclass(frozen=True)
class Media:
    """One picture or file of a message, kept until it is deleted."""

    sid: str
    parent_sid: str
    content: bytes
    content_type: str
    created: datetime


@dataclass
class SmsMessage:
    """One SMS or MMS of the account; instants are UTC."""

    sid: str
    sender: str | None
    to: str
    body: str
    segments: int
    direction: str
    status: str
    created: datetime
    service_sid: str | None = None
    updated: datetime | None = None
    sent: datetime | None = None
    error_code: int | None = None
    error_message: str | None = None
    media: list[Media] = field(default_factory=list)
    media_count: int = 0
    status_callback: str | None = None
    validity: int = 36_000


@dataclass
class PhoneNumber:
    """A number of the account and where its messages go."""

    sid: str
    number: str
    created: datetime
    settings: dict[str, str] = field(default_factory=dict)  # sms_url, sms_fallback_url …


@dataclass(frozen=True)
class Received:
    """A text as it lands on a phone."""

    sender: str
    text: str
    media: tuple[bytes, ...]
    segments: int
    at: datetime
    sid: str | None  # None: the carrier's own reply


@dataclass
class Handset:
    """One phone number outside the account: what it received, and how it behaves."""

    number: str
    inbox: list[Received] = field(default_factory=list)
    script: list[tuple[str, int | None]] | None = None


@dataclass
class Account:
    """Everything the parts of the simulated Twilio share; ids come from counters."""

    sid: str
    token: str
    now: Callable[[], datetime]
    start: int = 1
    base_url: str = ""
    storage_url: str = ""
    numbers: dict[str, PhoneNumber] = field(default_factory=dict)
    services: dict[str, list[str]] = field(default_factory=dict)
    service_settings: dict[str, Json] = field(default_factory=dict)
    line_types: dict[str, str] = field(default_factory=dict)  # number → what Lookup says, if known
    messages: dict[str, SmsMessage] = field(default_factory=dict)
    handsets: dict[str, Handset] = field(default_factory=dict)
    blocked: set[tuple[str, str]] = field(default_factory=set)  # (phone, our number or service)
    listeners: list[Listener] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._next = self.start

    def new_sid(self, prefix: str) -> str:
        """The next id of this kind: two letters and 32 hexadecimal digits."""
        number, self._next = self._next, self._next + 1
        return f"{prefix}{number:032x}"

    def handset(self, number: str) -> Handset:
        """The phone with this number, known or not."""
        return self.handsets.setdefault(number, Handset(number))

    def tell(self, number: str, kind: str, **details: Any) -> None:
        """Pass an event of this phone to every listener."""
        for listener in self.listeners:
            listener(number, {"type": kind, **details})

    def land(self, number: str, text: Received) -> None:
        """Put a text on a phone."""
        self.handset(number).inbox.append(text)
        self.tell(
            number,
            "message",
            text=text.text,
            sender=text.sender,
            segments=text.segments,
            media=len(text.media),
        )

    def sender_groups(self, number: str) -> list[str]:
        """What an opt-out towards this number covers: the number and its messaging services."""
        return [number, *(sid for sid, pool in self.services.items() if number in pool)]

    def is_blocked(self, phone: str, sender: str, service_sid: str | None) -> bool:
        """Whether this phone opted out of this sender."""
        return any((phone, group) in self.blocked for group in (sender, service_sid or sender))

    def media(self, message_sid: str, sid: str) -> Media | None:
        """One media of one message."""
        message = self.messages.get(message_sid)
        return next((m for m in message.media if m.sid == sid), None) if message else None

    def media_path(self, media: Media) -> str:
        """The path of the content, as in MediaUrl0 and the media's uri without .json."""
        return f"{API}/{self.sid}/Messages/{media.parent_sid}/Media/{media.sid}"

    def signature(self, path: str) -> str:
        """What the storage's signed addresses carry."""
        return hmac.new(self.token.encode(), path.encode(), hashlib.sha256).hexdigest()

    def message_json(self, message: SmsMessage) -> Json:
        """The Message resource."""
        uri = f"{API}/{self.sid}/Messages/{message.sid}"
        return {
            "account_sid": self.sid,
            "api_version": "2010-04-01",
            "body": message.body,
            "date_created": rfc2822(message.created),
            "date_sent": rfc2822(message.sent),
            "date_updated": rfc2822(message.updated or message.created),
            "direction": message.direction,
            "error_code": message.error_code,
            "error_message": message.error_message,
            "from": message.sender,
            "messaging_service_sid": message.service_sid,
            "num_media": str(message.media_count),
            "num_segments": "0" if message.status == "accepted" else str(message.segments),
            "price": None,
            "price_unit": "USD",
            "sid": message.sid,
            "status": message.status,
            "subresource_uris": {"media": f"{uri}/Media.json", "feedback": f"{uri}/Feedback.json"},
            "to": message.to,
            "uri": f"{uri}.json",
        }

    def media_json(self, media: Media) -> Json:
        """The Media resource."""
        return {
            "account_sid": self.sid,
            "content_type": media.content_type,
            "date_created": rfc2822(media.created),
            "date_updated": rfc2822(media.created),
            "parent_sid": media.parent_sid,
            "sid": media.sid,
            "uri": f"{self.media_path(media)}.json",
        }

    def number_json(self, number: PhoneNumber) -> Json:
        """The IncomingPhoneNumber resource."""
        voice = ("voice_url", "voice_fallback_url", "status_callback")
        return {
            "account_sid": self.sid,
            "address_requirements": "none",
            "address_sid": None,
            "api_version": "2010-04-01",
            "beta": False,
            "bundle_sid": None,
            "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
            "date_created": rfc2822(number.created),
            "date_updated": rfc2822(number.created),
            "emergency_address_sid": None,
            "emergency_address_status": "unregistered",
            "emergency_status": "Active",
            "friendly_name": number.settings.get("friendly_name", number.number),
            "identity_sid": None,
            "origin": "twilio",
            "phone_number": number.number,
            "sid": number.sid,
            "sms_application_sid": None,
            "sms_fallback_method": number.settings.get("sms_fallback_method", "POST"),
            "sms_fallback_url": number.settings.get("sms_fallback_url", ""),
            "sms_method": number.settings.get("sms_method", "POST"),
            "sms_url": number.settings.get("sms_url", ""),
            "status": "in-use",
            "status_callback_method": "POST",
            "trunk_sid": None,
            "uri": f"{API}/{self.sid}/IncomingPhoneNumbers/{number.sid}.json",
            "voice_application_sid": None,
            "voice_caller_id_lookup": False,
            "voice_fallback_method": "POST",
            "voice_method": "POST",
            "voice_receive_mode": "voice",
            **{name: number.settings.get(name, "") for name in voice},
        }


def rfc2822(at: datetime | None) -> str | None:
    """`Sun, 22 Nov 2026 01:48:57 +0000`, to the second, or None."""
    return None if at is None else format_datetime(at)
