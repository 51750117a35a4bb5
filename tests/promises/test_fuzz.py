"""P10, S1: whatever is posted to the webhooks is taken, refused or set aside; the next text of a
technician is answered. Behind the real door; no socket."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from bot.incoming import Keyboard
from bot.wires.receiving import Presses, Receiver
from bot.wires.web import TelegramHook, TwilioHook, build_web
from storage.db import Writer
from tests.stage import Stage

SECRET, AUTH, PUBLIC = "a-Secret_1", "0" * 32, "https://bot.example.com"
EXAMPLES = 60
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40)
ANY_JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=12,
)  # fmt: skip
SAID = st.text(max_size=300) | st.sampled_from(
    [
        "1",
        "2.",
        "where",
        "DONE 99",
        "1 2560",
        "A" * 5000,
        "=1+1",
        "\x00",
        "\ud83d",
        "1a K7QM",
        "/start x",
    ]
)
MESSAGE = st.fixed_dictionaries(
    {"message_id": st.integers(1, 2**40), "date": st.integers(-(2**40), 2**40)},
    optional={
        "text": SAID, "caption": SAID, "photo": ANY_JSON, "location": ANY_JSON,
        "contact": ANY_JSON, "document": ANY_JSON, "media_group_id": ANY_JSON, "entities": ANY_JSON,
        "reply_to_message": ANY_JSON, "forward_origin": ANY_JSON,
    },
)  # fmt: skip


class _Buttons:
    account = "4242"

    async def acknowledge(self, callback_id: str, toast: str = "") -> None: ...

    async def remove_keyboard(self, chat: str, message_id: str, left: Keyboard = ()) -> None: ...


class Office:
    """The web side on the stage's database."""

    def __init__(self, folder: Path, channel: str) -> None:
        self.stage = Stage(f"sqlite:///{folder}/fuzz.db", channel).usual()
        self.stage.forward("06:45")
        self.writer = Writer(self.stage.store)
        self.key = 10
        self.answers: dict[int, int] = {}

    def run(self, visit: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
        """With the application for as long as `visit` takes."""

        async def work() -> None:
            presses = Presses(_Buttons())
            receiver = Receiver(self.writer, self.stage.door, self.stage.clock)
            app = build_web(
                self.writer, receiver, telegram=TelegramHook("4242", SECRET, presses),
                twilio=TwilioHook(AUTH, PUBLIC, self.stage.door),
            )  # fmt: skip
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as client:
                await visit(client)
            await presses.close()

        asyncio.run(work())

    def count(self, status: int) -> None:
        self.answers[status] = self.answers.get(status, 0) + 1


@pytest.fixture
def telegram(tmp_path: Path) -> Office:
    return Office(tmp_path, "telegram")


@pytest.fixture
def sms(tmp_path: Path) -> Office:
    return Office(tmp_path, "sms")


def _still_answers(office: Office) -> None:
    heard = len(office.stage.heard)
    office.stage._deliver()
    office.stage.says("tina", "where")
    assert any(name == "tina" for name, _ in office.stage.heard[heard:])
    print(office.answers)


def test_p10_any_update_is_taken_and_the_next_one_answered(telegram: Office, thorough: int) -> None:
    office, tina = telegram, int(telegram.stage.phones["tina"][1])

    @settings(
        max_examples=EXAMPLES * thorough, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(MESSAGE, st.sampled_from(["message", "edited_message", "callback_query"]), ANY_JSON)
    def fuzz(message: dict[str, Any], kind: str, junk: Any) -> None:
        async def visit(client: httpx.AsyncClient) -> None:
            office.key += 1
            who = {"id": tina, "is_bot": False, "first_name": "T"}
            message["chat"] = {"id": tina, "type": "private", "first_name": "T"}
            content = {**message, "from": who}
            if kind == "callback_query":
                content = {"id": "1", "from": who, "message": message, "data": str(junk)[:64]}
            for body in ({"update_id": office.key, kind: content}, junk):
                data = json.dumps(body).encode("utf-8", "replace")
                header = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
                answer = await client.post("/telegram/webhook", content=data, headers=header)
                office.count(answer.status_code)
                assert httpx.codes.OK == answer.status_code, answer.text
                refused = await client.post("/telegram/webhook", content=data)
                assert httpx.codes.FORBIDDEN == refused.status_code

        office.run(visit)

    fuzz()
    _still_answers(office)


def test_p10_any_signed_form_is_taken_and_the_next_one_answered(sms: Office, thorough: int) -> None:
    office, validator = sms, RequestValidator(AUTH)
    number = office.stage.phones["tina"][1]
    names = st.sampled_from(
        ["Body", "From", "To", "NumMedia", "MediaUrl0", "MediaContentType0", "MessageSid",
         "AccountSid", "OptOutType", "MessageStatus", "ErrorCode", "SmsStatus"]
    ) | st.text(max_size=12)  # fmt: skip

    @settings(
        max_examples=EXAMPLES * thorough, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.dictionaries(names, SAID, max_size=8), st.booleans(), st.booleans())
    def fuzz(form: dict[str, str], whole: bool, status: bool) -> None:
        async def visit(client: httpx.AsyncClient) -> None:
            office.key += 1
            sent = {
                k: v.encode("utf-8", "replace").decode() for k, v in form.items() if k.isascii()
            }
            if whole:
                sent |= {"MessageSid": f"SM{office.key:032x}", "From": number, "AccountSid": "AC1"}
            path = "/twilio/status?row=" + str(office.key) if status else "/twilio/inbound"
            signature = validator.compute_signature(PUBLIC + path, sent)
            body = urlencode(sent)
            header = {
                "X-Twilio-Signature": signature,
                "Content-Type": "application/x-www-form-urlencoded",
            }
            answer = await client.post(path, content=body, headers=header)
            office.count(answer.status_code)
            assert httpx.codes.OK == answer.status_code, answer.text
            assert "xml" in answer.headers["content-type"]
            header["X-Twilio-Signature"] = signature[::-1]
            refused = await client.post(path, content=body, headers=header)
            assert httpx.codes.FORBIDDEN == refused.status_code

        office.run(visit)

    fuzz()
    _still_answers(office)
