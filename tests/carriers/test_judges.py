"""The judges find what they are there for."""

import json
from typing import Any

import pytest

from bot.rehearsal.carriers.botapi import BotApi, Call
from bot.rehearsal.carriers.twilio import Exchange, TwilioApi
from tests.carriers.judges import judge_botapi, judge_twilio
from tests.carriers.rigs import OURS, SECRET, SID, THEIRS, TOKEN, Clock

CHAT = {"id": 1, "type": "private", "first_name": "Tina"}
GOOD = {"message_id": 1, "date": 1_795_000_000, "chat": CHAT, "text": "x"}
DONE = {"inline_keyboard": [[{"text": "", "callback_data": "x"}]]}


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        (GOOD, None),
        (GOOD | {"date": 1_795_000_000_000}, "date"),
        (GOOD | {"chat": {"id": 1}}, "chat.type"),
        (GOOD | {"colour": "red"}, "unknown field Message.colour"),
        (GOOD | {"reply_markup": DONE}, "a button without text"),
    ],
)
def test_a_message_is_judged(message: dict[str, Any], complaint: str | None) -> None:
    judge = judge_botapi(BotApi(TOKEN, "doorstep_bot", Clock()))

    judge.update({"update_id": 1, "message": message})
    judge.call(
        Call("sendMessage", {"chat_id": 1, "text": "x"}, 200, {"ok": True, "result": message})
    )

    assert len(judge.complaints) == (2 if complaint else 0)
    assert all(complaint in said for said in judge.complaints if complaint)


@pytest.mark.parametrize(
    ("method", "params", "complaint"),
    [
        ("sendMessage", {"chat_id": 1}, "text"),
        ("sendMessage", {"chat_id": 1, "text": "x", "colour": "red"}, "unknown parameters"),
        ("sendFax", {}, "no such method"),
    ],
)
def test_a_call_is_judged(method: str, params: dict[str, Any], complaint: str) -> None:
    judge = judge_botapi(BotApi(TOKEN, "doorstep_bot", Clock()))

    judge.call(Call(method, params, 200, {"ok": True, "result": GOOD}))

    assert len(judge.complaints) == 1
    assert complaint in judge.complaints[0]


@pytest.mark.parametrize(
    ("change", "complaints"),
    [
        ({}, 0),
        ({"num_media": 0}, 1),
        ({"status": "lost"}, 1),
        ({"sid": "SM1"}, 3),
        ({"date_created": "2026-11-23T12:00:00Z"}, 1),
        ({"error_code": "30003"}, 1),
    ],
)
def test_a_twilio_answer_is_judged(change: dict[str, Any], complaints: int) -> None:
    api = TwilioApi(SID, SECRET, Clock(), numbers=(OURS,))
    judge = judge_twilio(api)
    message = api.phone(THEIRS).says("x")
    body = api.account.message_json(message) | change

    judge.exchange(exchange("POST", (("To", THEIRS), ("From", OURS), ("Body", "x")), 201, body))

    assert len(judge.complaints) == (1 if complaints else 0), judge.complaints


@pytest.mark.parametrize(
    ("form", "complaint"),
    [
        ((("From", OURS), ("Body", "x")), "To"),
        ((("To", THEIRS), ("Colour", "red")), "unknown parameters ['Colour']"),
        ((("To", THEIRS), ("ValidityPeriod", "soon")), "integer type: soon"),
    ],
)
def test_a_twilio_request_is_judged(form: tuple[tuple[str, str], ...], complaint: str) -> None:
    judge = judge_twilio(TwilioApi(SID, SECRET, Clock(), numbers=(OURS,)))

    judge.exchange(exchange("POST", form, 0, {}))
    judge.exchange(exchange("POST", form, 201, {}))

    assert any(complaint in said for said in judge.complaints), judge.complaints


def test_lists_are_repeated_fields() -> None:
    judge = judge_twilio(TwilioApi(SID, SECRET, Clock(), numbers=(OURS,)))
    media = (("MediaUrl", "https://example.org/1"), ("MediaUrl", "https://example.org/2"))

    judge.exchange(exchange("POST", (("To", THEIRS), *media), 201, {}))

    judge.assert_clean()


def exchange(verb: str, form: tuple[tuple[str, str], ...], status: int, body: object) -> Exchange:
    path = f"/2010-04-01/Accounts/{SID}/Messages.json"
    return Exchange(verb, path, (), form, status, "application/json", json.dumps(body).encode())
