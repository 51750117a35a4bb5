"""Messages as the phones draw them, and the sample pictures."""

import io

import pytest
from PIL import Image

from bot.overview import walked
from bot.rehearsal import pictures
from bot.rehearsal.bubbles import formatted, linked
from bot.rehearsal.carriers.telegram_text import found_entities, parse_html
from tests.papers.reading import context


def drawn(source: str) -> str:
    text, entities = parse_html(source)
    return str(formatted(text, found_entities(text, entities)))


@pytest.mark.parametrize(
    ("source", "markup"),
    [
        ("<b>A · 3/11</b>\nnext", "<strong>A · 3/11</strong>\nnext"),
        ("🚐 <b>x</b> &lt;y&gt;", "🚐 <strong>x</strong> &lt;y&gt;"),
        ("<b>bold <i>both</i></b>", "<strong>bold </strong><strong><em>both</em></strong>"),
        ("<code>A 930</code>", "<code>A 930</code>"),
    ],
)
def test_entities_become_markup(source: str, markup: str) -> None:
    assert markup == drawn(source)


def test_a_link_is_a_link_only_where_it_is_harmless() -> None:
    good = drawn('<a href="https://maps.example/?q=1&amp;b=2">12 Elm St</a>')
    bad = formatted(
        "press", [{"type": "text_link", "offset": 0, "length": 5, "url": "javascript:alert(1)"}]
    )

    assert 'href="https://maps.example/?q=1&amp;b=2"' in good
    assert "press" == str(bad)


def test_an_address_in_a_text_message_can_be_opened_and_nothing_else_becomes_markup() -> None:
    assert (
        'Form: <a href="http://127.0.0.1/f/a?b=1&amp;c=2" target="_blank" rel="noreferrer noopener">'
        "http://127.0.0.1/f/a?b=1&amp;c=2</a>. &lt;b&gt;"
        == str(linked("Form: http://127.0.0.1/f/a?b=1&c=2. <b>"))
    )


def test_a_command_can_be_pressed() -> None:
    assert (
        '<button type="button" class="command" data-say="/today">/today</button> your jobs'
        == drawn("/today your jobs")
    )


@pytest.mark.parametrize("name", pictures.SAMPLES)
def test_a_sample_photo_is_a_photo_and_never_the_same_twice(name: str) -> None:
    first, second = pictures.sample(name, "9:25:01"), pictures.sample(name, "9:25:02")

    assert first != second
    assert (960, 1280) == Image.open(io.BytesIO(first)).size


def test_an_upload_leaves_upright_small_and_as_jpeg() -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    Image.new("RGB", (4000, 2000), "teal").save(out, "JPEG", exif=exif)

    sent = Image.open(io.BytesIO(pictures.as_phone_sends(out.getvalue())))

    assert ("JPEG", (800, 1600)) == (sent.format, sent.size)
    assert not sent.getexif()


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"%PDF-1.7"])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(pictures.NotAPhoto):
        pictures.as_phone_sends(content)


def test_a_step_that_was_only_reminded_of_or_left_by_a_branch_does_not_look_done() -> None:
    history = [
        {"event": event, "step": step, "by": by}
        for event, step, by in (
            ("sent", "eta", "Tina"),
            ("where", "arrive", "clock"),
            ("issue", "start", "Tina"),
            ("no_show", "start", "Tina"),
        )
    ]
    job = {"is_open": True, "program": "apollo", "state": "ivr_in", "under": None}
    steps = {name: how for _, name, how in walked(context(), job, history)}

    assert ("done", "passed", "passed", "now", "ahead") == tuple(
        steps[step] for step in ("eta", "arrive", "start", "ivr_in", "assemble")
    )
