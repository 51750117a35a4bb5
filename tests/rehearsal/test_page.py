"""The page's routes without a browser: who may use them, and what they refuse."""

import asyncio
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from tests.rehearsal.playing import Playing, bare_settings, playing


@pytest.fixture
async def rehearsal(tmp_path: Path) -> AsyncIterator[Playing]:
    async with playing(bare_settings(tmp_path)) as started:
        yield started


async def test_s4_a_change_needs_the_pages_token_and_its_own_origin(rehearsal: Playing) -> None:
    form = {"device": "t3", "text": "today"}
    without = await rehearsal.client.post("/rehearsal/say", data=form)
    guessed = await rehearsal.post("say", {"X-Rehearsal-Token": "x"}, data=form)
    foreign = await rehearsal.post("say", {"Origin": "http://evil.example"}, data=form)
    own = await rehearsal.post("say", {"Origin": rehearsal.url}, data=form)

    assert [403, 403, 403, 200] == [
        answer.status_code for answer in (without, guessed, foreign, own)
    ]


async def test_s4_it_answers_to_this_machine_only(rehearsal: Playing) -> None:
    """A foreign name that is made to point here (DNS rebinding) gets nothing."""
    for path in ("/rehearsal/", "/rehearsal/feed"):
        answer = await rehearsal.client.get(path, headers={"Host": "evil.example"})
        assert 403 == answer.status_code
        assert rehearsal.stage.token not in answer.text
    assert "127.0.0.1" == rehearsal.stage.settings.http_host


async def test_s4_strict_headers_and_no_inline_script(rehearsal: Playing) -> None:
    answer = await rehearsal.client.get("/rehearsal/")

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
    assert "http://" not in answer.text.replace(rehearsal.url, "")


async def test_what_people_write_is_shown_as_they_wrote_it(rehearsal: Playing) -> None:
    words = "<script>alert(1)</script> & \"quotes\" 'too'"
    await rehearsal.act("say", device="s3", text=words)

    answer = await rehearsal.client.get("/rehearsal/feed", params={"wait": "0"})
    assert "<script>alert" not in answer.json()["panes"]["screen-s3"]["html"]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.json()["panes"]["screen-s3"]["html"]


@pytest.mark.parametrize(
    ("path", "form", "words"),
    [
        ("say", {"device": "t999", "text": "hi"}, "That phone is not here"),
        ("say", {"device": "t3", "text": "  "}, "Type something"),
        ("press", {"device": "t3", "data": "1:1:sent", "message": "7"}, "button is gone"),
        ("press", {"device": "s3", "data": "1:1:sent", "message": "x"}, "no Telegram"),
        ("time", {"minutes": "-5"}, "1 minute to 24 hours"),
        ("time", {"minutes": "99999"}, "1 minute to 24 hours"),
        ("time", {"rate": "1e9"}, "clock runs at"),
        ("guide", {"act": "say", "device": "t3", "value": "rm"}, "something else comes next"),
    ],
)
async def test_a_bad_request_is_one_sentence(
    rehearsal: Playing, path: str, form: dict[str, str], words: str
) -> None:
    answer = await rehearsal.post(path, data=form)

    assert 400 == answer.status_code
    assert words in answer.json()["error"]


async def test_s6_uploads_are_looked_at_before_they_are_believed(rehearsal: Playing) -> None:
    wide = io.BytesIO()
    Image.new("1", (9000, 9000)).save(wide, "PNG")
    for content, words in (
        (b"MZ not a picture", "no picture"),
        (wide.getvalue(), "too many pixels"),
        (b"x" * 13_000_000, "too large"),
    ):
        answer = await rehearsal.post(
            "send-photo", data={"device": "t3"}, files={"file": ("a.jpg", content, "image/jpeg")}
        )
        assert 400 == answer.status_code
        assert words in answer.json()["error"]


async def test_news_come_at_once_and_only_what_changed(rehearsal: Playing) -> None:
    await rehearsal.shows("screen-t3", "Good morning")
    first = (await rehearsal.client.get("/rehearsal/feed", params={"wait": "0"})).json()
    seen = str({name: pane["hash"] for name, pane in first["panes"].items()}).replace("'", '"')
    waiting = asyncio.create_task(rehearsal.client.get("/rehearsal/feed", params={"seen": seen}))
    await asyncio.sleep(0.1)
    await rehearsal.act("say", device="s4", text="today")
    news = (await waiting).json()

    assert ["screen-s4"] == [name for name in news["panes"] if name.startswith("screen-")]


async def test_the_clock_stops_runs_and_goes_to_the_next_event(rehearsal: Playing) -> None:
    await rehearsal.act("time", rate="0")
    assert "Mon 06:45" == rehearsal.wall_clock()
    await rehearsal.act("time", next="1")
    assert "Mon 07:00" == rehearsal.wall_clock()
    await rehearsal.shows("screen-s4", "Good morning")
    await rehearsal.act("time", minutes="30")
    assert "Mon 07:30" == rehearsal.wall_clock()
    await rehearsal.act("time", rate="60")
    assert 60 == rehearsal.app.clock.rate


async def test_every_picture_on_the_page_is_served_here(rehearsal: Playing) -> None:
    await rehearsal.shows("screen-t3", "Good morning")
    sent = await rehearsal.post("send-photo", data={"device": "s3", "sample": "door"})
    page = (await rehearsal.client.get("/rehearsal/feed", params={"wait": "0"})).json()["panes"][
        "screen-s3"
    ]["html"]
    shown = page.split('src="')[1].split('"')[0]

    for path in (shown, "/rehearsal/sample/selfie", "/rehearsal/static/mark.svg"):
        assert 200 == (await rehearsal.client.get(path)).status_code
    for path in (
        "/rehearsal/sample/../../secret",
        "/rehearsal/picture/s3/none/0",
        "/rehearsal/photo/99",
        "/rehearsal/mail/0/0",
    ):
        assert 404 == (await rehearsal.client.get(path)).status_code
    assert sent.is_success


async def test_a_document_on_a_phone_can_be_saved(rehearsal: Playing) -> None:
    await rehearsal.shows("screen-t3", "Good morning")
    await rehearsal.act("say", device="t3", text="FORM")
    await rehearsal.shows("screen-t3", ".pdf")

    answer = await rehearsal.client.get("/rehearsal/feed", params={"wait": "0"})
    (address,) = re.findall(r"/rehearsal/file/t3/\d+", answer.json()["panes"]["screen-t3"]["html"])
    saved = await rehearsal.client.get(address)
    assert (b"%PDF", True) == (
        saved.content[:4],
        saved.headers["Content-Disposition"].endswith(".pdf"),
    )
    assert 404 == (await rehearsal.client.get(address + "0")).status_code


async def test_a_manager_gets_from_the_rehearsal_to_their_desk(rehearsal: Playing) -> None:
    """By a link like any other, and with the clock of the rehearsal."""
    link = (await rehearsal.client.get("/rehearsal/desk")).headers["location"]
    asked = (await rehearsal.client.get(link)).text
    signed_in = await rehearsal.client.post(link)
    board = (await rehearsal.client.get("/desk/")).text

    assert "Sign in as Dana Cole?" in asked
    assert ("/desk/", 303) == (signed_in.headers["location"], signed_in.status_code)
    assert "Tina Abernathy" in board
    assert "Mon Nov 23" in board
