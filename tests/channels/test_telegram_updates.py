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


CREW = {"id": -100123, "type": "supergroup", "title": "Crew"}
NEWS = {"id": -100124, "type": "channel", "title": "News"}
TINA = {"id": 42, "is_bot": False, "first_name": "T"}
SAID = {"message_id": 1, "date": 1, "text": "1"}
ADDED = {"old_chat_member": {"status": "left"}, "new_chat_member": {"status": "member"}}


@pytest.mark.parametrize(
    "update",
    [
        {"message": SAID | {"chat": CREW, "from": TINA}},
        {"message": {"message_id": 1, "date": 1, "chat": CREW, "from": TINA, "new_chat_members": []}},
        {"message": SAID | {"chat": CREW | {"type": "group"}, "sender_chat": CREW}},
        {"message": SAID | {"chat": NEWS}},
        {"message": SAID | {"chat": CHAT, "from": TINA | {"is_bot": True}}},
        {"edited_message": SAID | {"chat": CREW, "from": TINA, "edit_date": 2}},
        {"my_chat_member": {"chat": CREW, "from": TINA, "date": 1, **ADDED}},
        {"my_chat_member": {"chat": NEWS, "from": TINA, "date": 1, **ADDED}},
        {"channel_post": SAID | {"chat": NEWS}},
        {"edited_channel_post": SAID | {"chat": NEWS}},
        {"message_reaction": {"chat": CHAT, "user": TINA, "message_id": 1, "date": 1}},
        {"message_reaction_count": {"chat": NEWS, "message_id": 1, "date": 1, "reactions": []}},
        {"poll": {"id": "1", "question": "1?", "options": []}},
        {"poll_answer": {"poll_id": "1", "user": TINA, "option_ids": [0]}},
        {"inline_query": {"id": "1", "from": TINA, "query": "1", "offset": ""}},
        {"chat_member": {"chat": CREW, "from": TINA, "date": 1, **ADDED}},
        {"chat_join_request": {"chat": CREW, "from": TINA, "date": 1}},
        {"business_message": SAID | {"chat": CHAT, "from": TINA}},
        {"of_tomorrow": {}},
    ],
    ids=" ".join,
)  # fmt: skip
def test_s2_what_is_not_said_to_us_alone_is_none_of_our_business(update: dict[str, object]) -> None:
    assert parse({"update_id": 1, **update}, "1", CLOCK, 0) is None


@pytest.mark.parametrize(
    "content",
    [
        "sticker", "voice", "video", "video_note", "animation", "audio", "location", "venue",
        "dice", "game", "poll", "story", "document", "paid_media", "checklist", "of_tomorrow",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_to_whoever_sent_it(content: str) -> None:
    message = {"message_id": 1, "date": 1, "chat": CHAT, "from": TINA, content: {"file_id": "x"}}
    incoming = parse({"update_id": 1, "message": message}, "1", CLOCK, 0)

    assert incoming is not None
    assert (incoming.kind, incoming.sender) == ("unsupported", "42")


def test_an_answer_by_quoting_or_forwarding_is_read_as_typed() -> None:
    quoted = {"reply_to_message": SAID | {"chat": CHAT}, "forward_origin": {"type": "user"}}
    message = SAID | {"chat": CHAT, "from": TINA} | quoted
    incoming = parse({"update_id": 1, "message": message}, "1", CLOCK, 0)

    assert incoming is not None
    assert (incoming.kind, incoming.text) == ("message", "1")
