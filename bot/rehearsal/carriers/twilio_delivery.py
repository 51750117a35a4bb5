"""The way of a text after Twilio took it: queued, sending, sent, delivered, and the callbacks."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import httpx

from bot.rehearsal.carriers.tasks import Tasks
from bot.rehearsal.carriers.twilio_webhooks import Form, Webhooks
from bot.rehearsal.carriers.twilio_world import FINAL, Account, Received, SmsMessage

Step = tuple[str, int | None]
NORMAL: tuple[Step, ...] = (("sending", None), ("sent", None), ("delivered", None))
ERRORS = {
    11200: "HTTP retrieval failure",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
    30036: "Validity period expired",
    30034: "Message from an unregistered number",
}


@dataclass
class Callbacks:
    """How status callbacks misbehave; change it at any time.

    delay: seconds before each. copies: how often each is sent. reverse: last status first.
    before_response: all of them before the create call is answered. lost: none are sent.
    """

    delay: float = 0.0
    copies: int = 1
    reverse: bool = False
    before_response: bool = False
    lost: bool = False


class Delivery:
    """Walks messages through their statuses; `pace` is real seconds between two of them."""

    def __init__(self, account: Account, webhooks: Webhooks, pace: float) -> None:
        self.account = account
        self.webhooks = webhooks
        self.pace = pace
        self.callbacks = Callbacks()
        self.going = asyncio.Event()
        self.going.set()
        self.tasks = Tasks()

    async def take(self, message: SmsMessage, media_urls: list[str]) -> None:
        """Start the walk of a message; with `before_response`, finish it first."""
        walk = self.tasks.start(self._walk(message, media_urls))
        if self.callbacks.before_response:
            await walk

    async def _walk(self, message: SmsMessage, media_urls: list[str]) -> None:
        script = self.account.handset(message.to).script
        steps = list(NORMAL if script is None else script)
        if message.status == "accepted":
            steps.insert(0, ("queued", None))
        await self.going.wait()
        media = await self._fetch(media_urls)
        if self.account.now() - message.created > timedelta(seconds=message.validity):
            steps = [("failed", 30036)]
        elif media is None:
            steps = [("sending", None), ("failed", 11200)]
        arrives = all(status != "undelivered" for status, _ in steps)
        posts: list[Form] = []
        for status, code in steps:
            await asyncio.sleep(self.pace)
            self._move(message, status, code)
            if arrives and status in ("sent", "delivered") and not self._landed(message):
                self._land(message, media or [])
            posts.append(self._form(message, status, code))
            if not self.callbacks.reverse:
                await self._call_back(message, posts.pop())
        for form in reversed(posts):
            await self._call_back(message, form)

    def _move(self, message: SmsMessage, status: str, code: int | None) -> None:
        message.status = status
        message.updated = self.account.now()
        message.error_code = code
        message.error_message = None if code is None else ERRORS.get(code, "Error")
        if status in ("sent", "undelivered", "failed") and message.sent is None:
            message.sent = message.updated
        self.account.tell(message.to, "status", sid=message.sid, status=status, error_code=code)

    def _landed(self, message: SmsMessage) -> bool:
        return any(text.sid == message.sid for text in self.account.handset(message.to).inbox)

    def _land(self, message: SmsMessage, media: list[bytes]) -> None:
        text = Received(
            sender=message.sender or "",
            text=message.body,
            media=tuple(media),
            segments=message.segments,
            at=self.account.now(),
            sid=message.sid,
        )
        self.account.land(message.to, text)

    async def _fetch(self, urls: list[str]) -> list[bytes] | None:
        """The media, by GET and without credentials; None when one cannot be had."""
        contents = []
        for url in urls:
            try:
                answer = await self.webhooks.client.get(
                    url, timeout=10 * self.webhooks.time_scale, follow_redirects=True
                )
            except httpx.HTTPError:
                return None
            if not answer.is_success:
                return None
            contents.append(answer.content)
        return contents

    def _form(self, message: SmsMessage, status: str, code: int | None) -> Form:
        form = {
            "AccountSid": self.account.sid,
            "ApiVersion": "2010-04-01",
            "From": message.sender or "",
            "MessageSid": message.sid,
            "MessageStatus": status,
            "SmsSid": message.sid,
            "SmsStatus": status,
            "To": message.to,
        }
        if message.service_sid:
            form["MessagingServiceSid"] = message.service_sid
        if code is not None:
            form["ErrorCode"] = str(code)
            form["ErrorMessage"] = ERRORS.get(code, "Error")
        if status in FINAL:
            form["RawDlrDoneDate"] = self.account.now().strftime("%y%m%d%H%M")
        return form

    async def _call_back(self, message: SmsMessage, form: Form) -> None:
        url = message.status_callback
        if not url or self.callbacks.lost:
            return
        if self.callbacks.delay:
            await asyncio.sleep(self.callbacks.delay)
        for _copy in range(self.callbacks.copies):
            reply = await self.webhooks.post(url, form)
            if reply.status and reply.status not in (200, 204):
                self.account.violations.append(f"a status callback was answered {reply.status}")
