import pytest

from bot.rehearsal.carriers.telegram_text import Entity, found_entities, parse_html, units


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("plain", "plain", []),
        ("a &lt;b&gt; &amp; &quot;c&quot; &#233; &#x1F600;", 'a <b> & "c" é 😀', []),
        ("&nbsp; stays", "&nbsp; stays", []),
        ("<b>x</b>", "x", [("bold", 0, 1)]),
        ("<strong>x</strong>", "x", [("bold", 0, 1)]),
        ("😀<i>x</i>", "😀x", [("italic", 2, 1)]),
        ("<b>a<u>b</u></b>", "ab", [("bold", 0, 2), ("underline", 1, 1)]),
        ("<s>x</s><del>y</del>", "xy", [("strikethrough", 0, 1), ("strikethrough", 1, 1)]),
        ("<tg-spoiler>x</tg-spoiler>", "x", [("spoiler", 0, 1)]),
        ('<span class="tg-spoiler">x</span>', "x", [("spoiler", 0, 1)]),
        ("<blockquote>x</blockquote>", "x", [("blockquote", 0, 1)]),
        ("<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", 0, 1)]),
        ("<code>x</code>", "x", [("code", 0, 1)]),
        ("<pre><code class='language-py'>x</code></pre>", "x", [("pre", 0, 1)]),
        ('<a href="https://example.org">x</a>', "x", [("text_link", 0, 1)]),
        ("<b> x </b>\n", "x", [("bold", 0, 1)]),
        ("<b></b>x", "x", []),
    ],
)
def test_html(source: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    parsed, found = parse_html(source)

    assert (parsed, [brief(entity) for entity in found]) == (text, entities)


def test_the_language_of_a_pre_and_the_address_of_a_link_are_kept() -> None:
    _text, (pre,) = parse_html('<pre><code class="language-py">x</code></pre>')
    _text, (link,) = parse_html("<a href='https://example.org/?a=1&amp;b=2'>x</a>")

    assert pre["language"] == "py"
    assert link["url"] == "https://example.org/?a=1&b=2"


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("/start code", [("bot_command", 0, 6)]),
        ("and/or", []),
        ("😀 /today@doorstep_bot", [("bot_command", 3, 19)]),
        ("see https://example.org/a, now", [("url", 4, 21)]),
        ("mail a.b@example.org", [("email", 5, 15)]),
        ("call +1 855-836-3483.", [("phone_number", 5, 15)]),
    ],
)
def test_what_the_server_finds_by_itself(text: str, entities: list[tuple[str, int, int]]) -> None:
    assert [brief(entity) for entity in found_entities(text)] == entities


def test_nothing_is_found_inside_what_the_bot_marked() -> None:
    link: Entity = {"type": "code", "offset": 0, "length": 6}

    assert found_entities("/start", [link]) == [link]


def test_length_is_in_utf_16_units() -> None:
    assert [units(text) for text in ("x", "é", "😀", "")] == [1, 1, 2, 0]


def brief(entity: Entity) -> tuple[str, int, int]:
    return entity["type"], entity["offset"], entity["length"]
