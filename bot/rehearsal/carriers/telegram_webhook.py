"""Sends updates to a webhook as Telegram does: in order per chat, with retries until expiry."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx

from bot.rehearsal.carriers.calling import http_client
from bot.rehearsal.carriers.telegram_updates import Queued, UpdateQueue

Json = dict[str, Any]
RETRY_AFTER_LIMIT = 3600.0  # seconds of a Retry-After that are honoured
ANSWER_TIME = 60.0  # seconds a webhook may take


@dataclass
class Webhook:
    """What setWebhook was told."""

    url: str
    secret_token: str | None
    max_connections: int
    last_error: str | None = None
    last_error_date: int | None = None


class WebhookSender:
    """One worker per lane (chat; presses have a lane of their own), strictly serial within it.

    retry_scale: real seconds per second of Telegram's waiting (tests: 0.01).
    call: runs the API call that a 2xx answer may carry. sent: told of every update delivered.
    """

    def __init__(
        self,
        queue: UpdateQueue,
        retry_scale: float,
        call: Callable[[str, Json], Awaitable[None]],
        sent: Callable[[Json, int], None],
    ) -> None:
        self.queue = queue
        self.retry_scale = retry_scale
        self.call = call
        self.sent = sent
        self.webhook: Webhook | None = None
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._client: httpx.AsyncClient | None = None
        self._places = asyncio.Semaphore(1)
        queue.on_arrival = self.start

    async def set(self, webhook: Webhook | None) -> None:
        """Point the sender at another address, or at none."""
        await self.close()
        self.webhook = webhook
        if webhook is not None:
            self._places = asyncio.Semaphore(webhook.max_connections)
            self._client = http_client(ANSWER_TIME)
            self.start()

    async def close(self) -> None:
        """Stop all workers; what was not acknowledged stays in the queue."""
        tasks = list(self._lanes.values())
        self._lanes.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def start(self) -> None:
        """A worker for every lane that has something waiting."""
        if self.webhook is None or self._client is None:
            return
        for lane in dict.fromkeys(queued.lane for queued in self.queue.waiting):
            if lane not in self._lanes:
                task = asyncio.get_running_loop().create_task(self._work(lane))
                self._lanes[lane] = task

    async def _work(self, lane: str) -> None:
        failures = 0
        while True:
            self.queue.forget_expired()
            queued = next((q for q in self.queue.waiting if q.lane == lane), None)
            if queued is None:
                break
            async with self._places:
                pause = await self._send(queued, failures)
            if pause is None:
                failures = 0
                if queued in self.queue.waiting:
                    self.queue.waiting.remove(queued)
                continue
            failures += 1
            await asyncio.sleep(pause * self.retry_scale)
        self._lanes.pop(lane, None)

    async def _send(self, queued: Queued, failures: int) -> float | None:
        """Deliver once; None when acknowledged, else the seconds to wait before the next try."""
        if self.webhook is None or self._client is None:
            return 0.0
        headers = {"Content-Type": "application/json"}
        if self.webhook.secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.webhook.secret_token
        retry_after = None
        try:
            answer = await self._client.post(
                self.webhook.url, content=json.dumps(queued.body), headers=headers
            )
        except httpx.HTTPError as error:
            self._note(f"Connection failed: {type(error).__name__}")
        else:
            self.sent(queued.body, answer.status_code)
            if answer.is_success:
                await self._obey(answer)
                return None
            self._note(f"Wrong response from the webhook: {answer.status_code}")
            if answer.headers.get("Retry-After", "").isdigit():
                retry_after = min(float(answer.headers["Retry-After"]), RETRY_AFTER_LIMIT)
        if retry_after is not None:
            return retry_after
        # At once, then 2, 4, 8 … seconds, at most a random 60 to 120.
        return 0.0 if failures == 0 else min(2.0**failures, random.uniform(60, 120))  # noqa: S311

    async def _obey(self, answer: httpx.Response) -> None:
        """A 2xx answer may carry one API call as JSON; its result goes nowhere."""
        if "json" in answer.headers.get("Content-Type", "") and answer.content:
            try:
                order = answer.json()
            except ValueError:
                return
            if isinstance(order, dict) and isinstance(order.get("method"), str):
                await self.call(order.pop("method"), order)

    def _note(self, text: str) -> None:
        if self.webhook is not None:
            self.webhook.last_error = text
            self.webhook.last_error_date = int(self.queue.now().timestamp())
