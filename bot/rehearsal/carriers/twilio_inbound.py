"""Texts towards the account: the carrier's opt-out words, the webhook, its fallback, its reply."""

from collections.abc import Sequence

from bot.rehearsal.carriers.sms_text import segments
from bot.rehearsal.carriers.tasks import Tasks
from bot.rehearsal.carriers.twilio_webhooks import Form, Webhooks, twiml_texts
from bot.rehearsal.carriers.twilio_world import Account, Media, Received, SmsMessage

STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START = frozenset({"START", "YES", "UNSTOP"})
HELP = frozenset({"HELP", "INFO"})
TOLL_FREE = tuple(f"+1{area}" for area in (800, 833, 844, 855, 866, 877, 888))
STOPPED = (
    "You have successfully been unsubscribed. You will not receive any more messages "
    "from this number. Reply START to resubscribe."
)
STARTED = (
    "You have successfully been re-subscribed to messages from this number. "
    "Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply."
)
HELPED = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."


class Inbound:
    """Receives texts for the account; `held` ones wait until `release`."""

    def __init__(self, account: Account, webhooks: Webhooks) -> None:
        self.account = account
        self.webhooks = webhooks
        self.withheld = False
        self._held: list[SmsMessage] = []
        self.tasks = Tasks()

    def take(
        self, phone: str, number: str, text: str, pictures: Sequence[tuple[bytes, str]]
    ) -> SmsMessage:
        """A phone sends a text (or an MMS) to one of our numbers."""
        account = self.account
        at = account.now()
        sid = account.new_sid("MM" if pictures else "SM")
        message = SmsMessage(
            sid=sid,
            sender=phone,
            to=number,
            body=text,
            segments=1 if pictures else segments(text),
            direction="inbound",
            status="received",
            created=at,
            sent=at,
            media=[Media(account.new_sid("ME"), sid, data, kind, at) for data, kind in pictures],
            media_count=len(pictures),
        )
        account.messages[sid] = message
        account.tell(phone, "sent", text=text, media=len(pictures), sid=sid)
        self._opt(phone, number, text)
        if self.withheld:
            self._held.append(message)
        else:
            self.deliver(message)
        return message

    def deliver(self, message: SmsMessage) -> None:
        """Call the webhook for a message (again, for a repeat); without one it is only listed."""
        number = self.account.numbers.get(message.to)
        if number is None or not number.settings.get("sms_url"):
            return
        urls = [number.settings["sms_url"], number.settings.get("sms_fallback_url", "")]
        self.tasks.start(self._deliver(message, urls))

    def release(self, order: str = "arrived") -> None:
        """Deliver what was withheld: in order of arrival, or `reversed`."""
        self.withheld = False
        held, self._held = self._held, []
        for message in reversed(held) if order == "reversed" else held:
            self.deliver(message)

    def _opt(self, phone: str, number: str, text: str) -> None:
        word = text.strip().upper()
        groups = self.account.sender_groups(number)
        pairs = {(phone, group) for group in groups}
        blocked = bool(pairs & self.account.blocked)
        if word in STOP:
            self.account.blocked |= pairs
            if not blocked:
                self._carrier_reply(phone, number, STOPPED)
        elif word in START and not (word == "YES" and number.startswith(TOLL_FREE)):
            self.account.blocked -= pairs
            # Whether who never opted out gets this reply is not documented: the worse case.
            self._carrier_reply(phone, number, STARTED)
        elif word in HELP and not blocked:
            self._carrier_reply(phone, number, HELPED)

    def _carrier_reply(self, phone: str, number: str, text: str) -> None:
        reply = Received(number, text, (), segments(text), self.account.now(), None)
        self.account.land(phone, reply)

    def _form(self, message: SmsMessage) -> Form:
        base = self.account.base_url
        form = {
            "AccountSid": self.account.sid,
            "ApiVersion": "2010-04-01",
            "Body": message.body,
            "From": message.sender or "",
            "FromCountry": "US",
            "MessageSid": message.sid,
            "NumMedia": str(message.media_count),
            "NumSegments": str(message.segments),
            "SmsMessageSid": message.sid,
            "SmsSid": message.sid,
            "SmsStatus": "received",
            "To": message.to,
            "ToCountry": "US",
        }
        for place, media in enumerate(message.media):
            form[f"MediaUrl{place}"] = base + self.account.media_path(media)
            form[f"MediaContentType{place}"] = media.content_type
        return form

    async def _deliver(self, message: SmsMessage, urls: list[str]) -> None:
        form = self._form(message)
        for url in urls:
            if not url:
                continue
            reply = await self.webhooks.post(url, form)
            texts, wrong = twiml_texts(reply) if reply.error is None else ([], None)
            if wrong:
                self.account.violations.append(f"reply to an inbound text: {wrong}")
            for text in texts:
                self._reply(message, text)
            if reply.error is None and not (wrong or "").startswith("12"):
                return
            code = reply.error or int((wrong or "11200")[:5])
            form = {**form, "ErrorCode": str(code), "ErrorUrl": url.partition("#")[0]}

    def _reply(self, message: SmsMessage, text: str) -> None:
        phone = message.sender or ""
        if self.account.is_blocked(phone, message.to, None):
            return
        sid = self.account.new_sid("SM")
        at = self.account.now()
        self.account.messages[sid] = SmsMessage(
            sid=sid,
            sender=message.to,
            to=phone,
            body=text,
            segments=segments(text),
            direction="outbound-reply",
            status="delivered",
            created=at,
            sent=at,
        )
        self.account.land(phone, Received(message.to, text, (), segments(text), at, sid))
