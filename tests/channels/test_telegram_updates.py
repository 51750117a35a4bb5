"""Reading raw updates: whatever Telegram or a forger sends, one Incoming, None or Unreadable."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram_updates import Unreadable, parse
from bot.clock import Clock
from bot.incoming import Incoming

CHAT = {"id": 42, "type": "private", "first_name": "T"}
CLOCK = Clock.from_setting("2026-11-23T12:00+00:00@0")
NAMES = [
    "update_id",
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "chat",
    "id",
    "type",
    "from",
    "date",
    "text",
    "photo",
    "document",
    "data",
    "new_chat_member",
    "status",
    "file_id",
    "width",
    "height",
    "private",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(NAMES),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
    ),
    max_leaves=25,
)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_p10_no_update_breaks_the_reader(body: object) -> None:
    try:
        incoming = parse(body, "1", CLOCK, 0)
    except Unreadable:
        return
    assert incoming is None or isinstance(incoming, Incoming)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_p10_no_message_breaks_the_reader(content: object) -> None:
    for kind in ("message", "callback_query"):
        body = {"update_id": 1, kind: {"chat": CHAT, "from": CHAT, "date": 1, "id": "9"}}
        body[kind] |= content if isinstance(content, dict) else {}  # type: ignore[operator]
        try:
            incoming = parse(body, "1", CLOCK, 0)
        except Unreadable:
            continue
        assert incoming is None or isinstance(incoming, Incoming)


def message(**content: object) -> Incoming | None:
    body = {"message_id": 1, "chat": CHAT, "from": CHAT, "date": 1795435200, **content}
    return parse({"update_id": 1, "message": body}, "1", CLOCK, CLOCK.now())


def test_p10_a_text_that_no_database_takes_is_made_fit() -> None:
    incoming = message(text="a\x00b\ud800c")

    assert incoming is not None
    assert incoming.text == "ab?c"
    assert json.loads(incoming.payload)["message"]["text"] == "a\x00b\ud800c"
    incoming.payload.encode()


def test_the_largest_size_of_a_photo_is_taken() -> None:
    sizes = [
        {"file_id": name, "width": side, "height": side}
        for name, side in [("s", 90), ("l", 1280), ("m", 320)]
    ]

    incoming = message(photo=sizes)

    assert incoming is not None
    assert incoming.photos[0].source["file_id"] == "l"


@pytest.mark.parametrize("field", ["pinned_message", "message_auto_delete_timer_changed"])
def test_a_notice_of_the_chat_is_nobodys_word(field: str) -> None:
    assert message(**{field: {}}) is None


def test_a_press_on_a_message_of_a_group_is_none_of_our_business() -> None:
    group = {"message_id": 1, "date": 1, "chat": {"id": -1, "type": "supergroup"}}
    query = {"id": "1", "from": CHAT, "data": "x", "message": group}

    assert parse({"update_id": 1, "callback_query": query}, "1", CLOCK, 0) is None
