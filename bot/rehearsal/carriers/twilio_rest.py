"""The REST side of the simulated Twilio: messages, media, numbers and the account."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

import phonenumbers
from starlette.responses import JSONResponse, RedirectResponse, Response

from bot.rehearsal.carriers.sms_text import segments, smart_encoded
from bot.rehearsal.carriers.twilio_calls import (
    PAGING,
    ApiError,
    Call,
    page,
    refused,
    sent_within,
)
from bot.rehearsal.carriers.twilio_delivery import Delivery
from bot.rehearsal.carriers.twilio_world import (
    API,
    FINAL,
    Account,
    PhoneNumber,
    SmsMessage,
    rfc2822,
)

E164 = re.compile(r"\+[1-9]\d{6,14}")
CREATE_NAMES = (
    "To From MessagingServiceSid Body MediaUrl StatusCallback ValidityPeriod SmartEncoded "
    "SendAsMms ProvideFeedback ShortenUrls RiskCheck"
)
CREATE = frozenset(CREATE_NAMES.split())
NUMBER_SETTINGS = {
    "SmsUrl": "sms_url",
    "SmsMethod": "sms_method",
    "SmsFallbackUrl": "sms_fallback_url",
    "SmsFallbackMethod": "sms_fallback_method",
    "StatusCallback": "status_callback",
    "FriendlyName": "friendly_name",
}
Handler = Callable[..., Awaitable[Response]]


class Rest:
    """Answers the calls below `/2010-04-01/Accounts/{sid}`."""

    def __init__(self, account: Account, delivery: Delivery, regions: frozenset[str]) -> None:
        self.account = account
        self.delivery = delivery
        self.regions = regions
        number = "IncomingPhoneNumbers"
        self._routes: list[tuple[str, re.Pattern[str], frozenset[str], Handler]] = [
            ("GET", re.compile(r"\.json"), frozenset(), self.fetch_account),
            ("POST", re.compile(r"/Messages\.json"), CREATE, self.create),
            (
                "GET",
                re.compile(r"/Messages\.json"),
                frozenset({"To", "From", "DateSent", "DateSent>", "DateSent<"}) | PAGING,
                self.list_messages,
            ),
            ("GET", re.compile(r"/Messages/(\w+)\.json"), frozenset(), self.fetch),
            ("POST", re.compile(r"/Messages/(\w+)\.json"), frozenset({"Body"}), self.redact),
            ("DELETE", re.compile(r"/Messages/(\w+)\.json"), frozenset(), self.delete),
            (
                "GET",
                re.compile(r"/Messages/(\w+)/Media\.json"),
                frozenset({"DateCreated", "DateCreated<", "DateCreated>"}) | PAGING,
                self.list_media,
            ),
            ("GET", re.compile(r"/Messages/(\w+)/Media/(\w+)\.json"), frozenset(), self.media),
            (
                "DELETE",
                re.compile(r"/Messages/(\w+)/Media/(\w+)(?:\.json)?"),
                frozenset(),
                self.drop,
            ),
            ("GET", re.compile(r"/Messages/(\w+)/Media/(\w+)"), frozenset(), self.content),
            (
                "GET",
                re.compile(rf"/{number}\.json"),
                frozenset({"PhoneNumber", "FriendlyName", "Beta", "Origin"}) | PAGING,
                self.list_numbers,
            ),
            ("GET", re.compile(rf"/{number}/(\w+)\.json"), frozenset(), self.fetch_number),
            (
                "POST",
                re.compile(rf"/{number}/(\w+)\.json"),
                frozenset(NUMBER_SETTINGS),
                self.update_number,
            ),
        ]

    async def answer(self, call: Call) -> Response:
        """Route and handle; unknown parameters are violations, unknown paths 20404."""
        wrong_verb = False
        for verb, pattern, names, handler in self._routes:
            match = pattern.fullmatch(call.path)
            if match and verb != call.verb:
                wrong_verb = True
            elif match:
                for unknown in sorted(set(call.values) - names):
                    self.account.violations.append(
                        f"{call.verb} {call.path}: unknown parameter {unknown}"
                    )
                try:
                    return await handler(call, *match.groups())
                except ApiError as error:
                    return error.response()
        if wrong_verb:
            return ApiError(405, 20004, "Method not allowed").response()
        return self._missing(call).response()

    async def fetch_account(self, call: Call) -> Response:
        """The account itself, without its token."""
        uri = f"{API}/{self.account.sid}"
        created = rfc2822(datetime(2026, 1, 1, tzinfo=UTC))
        return JSONResponse(
            {
                "auth_token": "*" * 32,
                "date_created": created,
                "date_updated": created,
                "friendly_name": "Rehearsal",
                "owner_account_sid": self.account.sid,
                "sid": self.account.sid,
                "status": "active",
                "subresource_uris": {"messages": f"{uri}/Messages.json"},
                "type": "Full",
                "uri": f"{uri}.json",
            }
        )

    async def create(self, call: Call) -> Response:
        """Send an SMS or MMS."""
        to = call.one("To")
        if not to:
            raise refused(21604, "A 'To' phone number is required.")
        sender, service = self._sender(call)
        self._check_recipient(to)
        body = call.one("Body") or ""
        media = [url for url in call.values.get("MediaUrl", []) if url]
        if not body and not media:
            raise refused(21602, "Message body is required.")
        if call.one("SmartEncoded") == "true":
            body = smart_encoded(body)
        if len(body) > 1600:
            raise refused(21617, "The concatenated message body exceeds the 1600 character limit.")
        if len(media) > 10:
            raise refused(21623, "Number of media files exceeds allowed limit.")
        if any(urlsplit(url).scheme not in ("http", "https") for url in media):
            raise refused(21620, "Invalid media URL(s)")
        callback = call.one("StatusCallback")
        if callback and not _callable(callback):
            raise refused(21609, f"The 'StatusCallback' URL {callback} is not a valid URL.")
        validity = call.one("ValidityPeriod") or "36000"
        if not validity.isdigit() or not 1 <= int(validity) <= 36_000:
            raise refused(21624, "The ValidityPeriod must be between 1 and 36000 seconds.")
        if self.account.is_blocked(to, sender, service):
            raise refused(21610, "Attempt to send to unsubscribed recipient")
        message = SmsMessage(
            sid=self.account.new_sid("MM" if media else "SM"),
            sender=sender,
            to=to,
            body=body,
            segments=1 if media else segments(body),
            direction="outbound-api",
            status="accepted" if service else "queued",
            created=self.account.now(),
            service_sid=service,
            media_count=len(media),
            status_callback=callback,
            validity=int(validity),
        )
        self.account.messages[message.sid] = message
        answer = self.account.message_json(message)
        await self.delivery.take(message, media)
        return JSONResponse(answer, 201)

    async def list_messages(self, call: Call) -> Response:
        """Newest first, filtered and paged."""
        kept = [
            message
            for message in reversed(self.account.messages.values())
            if call.one("To") in (None, "", message.to)
            and call.one("From") in (None, "", message.sender)
            and sent_within(call, message.sent)
        ]
        return page(
            call, self.account.sid, "messages", [self.account.message_json(m) for m in kept]
        )

    async def fetch(self, call: Call, sid: str) -> Response:
        """One message."""
        return JSONResponse(self.account.message_json(self._message(call, sid)))

    async def redact(self, call: Call, sid: str) -> Response:
        """Empty the body; nothing else can be changed."""
        message = self._message(call, sid)
        if call.one("Body") != "":
            raise refused(20001, "Only an empty Body can be set")
        if message.status not in FINAL:
            raise ApiError(409, 20009, "Cannot redact a message that is not final")
        message.body = ""
        message.updated = self.account.now()
        return JSONResponse(self.account.message_json(message))

    async def delete(self, call: Call, sid: str) -> Response:
        """Forget a message that is final."""
        message = self._message(call, sid)
        if message.status not in FINAL:
            raise ApiError(
                409,
                20009,
                "Cannot delete message because delivery has not been completed.",
            )
        del self.account.messages[sid]
        return Response(status_code=204)

    async def list_media(self, call: Call, sid: str) -> Response:
        """The media of one message."""
        message = self._message(call, sid)
        return page(
            call,
            self.account.sid,
            "media_list",
            [self.account.media_json(m) for m in message.media],
        )

    async def media(self, call: Call, sid: str, media_sid: str) -> Response:
        """One media's description."""
        media = self.account.media(sid, media_sid)
        if media is None:
            raise self._missing(call)
        return JSONResponse(self.account.media_json(media))

    async def drop(self, call: Call, sid: str, media_sid: str) -> Response:
        """Delete one media."""
        media = self.account.media(sid, media_sid)
        if media is None:
            raise self._missing(call)
        self._message(call, sid).media.remove(media)
        return Response(status_code=204)

    async def content(self, call: Call, sid: str, media_sid: str) -> Response:
        """Send the caller to the signed storage, which is another host."""
        media = self.account.media(sid, media_sid)
        if media is None:
            raise self._missing(call)
        path = f"/{self.account.sid}/{sid}/{media_sid}"
        signed = f"{self.account.storage_url}{path}?Signature={self.account.signature(path)}"
        return RedirectResponse(signed, 307)

    async def list_numbers(self, call: Call) -> Response:
        """The account's numbers."""
        numbers = [
            self.account.number_json(number)
            for number in self.account.numbers.values()
            if call.one("PhoneNumber") in (None, "", number.number)
        ]
        return page(call, self.account.sid, "incoming_phone_numbers", numbers)

    async def fetch_number(self, call: Call, sid: str) -> Response:
        """One number."""
        return JSONResponse(self.account.number_json(self._number(call, sid)))

    async def update_number(self, call: Call, sid: str) -> Response:
        """Set where a number's messages go."""
        number = self._number(call, sid)
        for name, setting in NUMBER_SETTINGS.items():
            value = call.one(name)
            if value is None:
                continue
            if setting.endswith(("_url", "_callback")) and value and not _callable(value):
                raise refused(21502, f"{name} is not a valid URL")
            number.settings[setting] = value
        return JSONResponse(self.account.number_json(number))

    def _sender(self, call: Call) -> tuple[str, str | None]:
        service = call.one("MessagingServiceSid") or None
        sender = call.one("From") or ""
        if service is not None:
            pool = self.account.services.get(service)
            if pool is None:
                raise refused(21701, f"The Messaging Service {service} does not exist.")
            return sender or pool[0], service
        if not sender:
            raise refused(21603, "A 'From' phone number is required.")
        if not E164.fullmatch(sender):
            raise refused(21212, f"Invalid From Number (caller ID): {sender}")
        if sender not in self.account.numbers:
            raise refused(
                21606,
                f"The 'From' phone number {sender} is not a valid, SMS-capable inbound phone "
                "number or short code for your account.",
            )
        return sender, None

    def _check_recipient(self, to: str) -> None:
        invalid = refused(21211, f"Invalid 'To' Phone Number: {to}")
        if not E164.fullmatch(to):
            raise invalid
        try:
            number = phonenumbers.parse(to)
        except phonenumbers.NumberParseException:
            raise invalid from None
        if not phonenumbers.is_valid_number(number):
            raise invalid
        if phonenumbers.region_code_for_number(number) not in self.regions:
            raise refused(
                21408,
                "Permission to send an SMS has not been enabled for the region indicated by the "
                f"'To' number: {to}.",
            )

    def _message(self, call: Call, sid: str) -> SmsMessage:
        message = self.account.messages.get(sid)
        if message is None:
            raise self._missing(call)
        return message

    def _number(self, call: Call, sid: str) -> PhoneNumber:
        for number in self.account.numbers.values():
            if number.sid == sid:
                return number
        raise self._missing(call)

    def _missing(self, call: Call) -> ApiError:
        path = f"{API}/{self.account.sid}{call.path}"
        return ApiError(404, 20404, f"The requested resource {path} was not found")


def _callable(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return urlsplit(url).scheme in ("http", "https") and bool(host) and "_" not in host
