"""Telegram's message text: HTML parse mode, entities the server finds, lengths in UTF-16 units."""

import re
from typing import Any

Entity = dict[str, Any]

_PLAIN_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "blockquote": "blockquote",
    "span": "spoiler",
}
_CHARACTER_REFERENCES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(#x[0-9a-fA-F]+|#\d+|[a-z]+);?")
_ATTRIBUTE = re.compile(r"""\s*([\w-]+)\s*(?:=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?""")
_FOUND = (
    ("url", re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?')\]]")),
    ("email", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("bot_command", re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/])")),
    ("phone_number", re.compile(r"(?<!\w)\+\d[\d ()-]{7,}\d(?!\w)")),
)


class BadEntities(Exception):
    """The text cannot be parsed; the message is Telegram's own wording."""


def units(text: str) -> int:
    """Length in UTF-16 code units, the unit of Telegram's offsets and limits (an emoji is 2)."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Text and entities of `source`; BadEntities as Telegram words it, offsets in UTF-8 bytes."""
    text = ""
    entities: list[Entity] = []
    stack: list[tuple[str, int, Entity]] = []
    at = 0
    while at < len(source):
        if source[at] != "<":
            following = source.find("<", at)
            following = len(source) if following < 0 else following
            text += _plain(source[at:following])
            at = following
            continue
        offset = len(source[:at].encode())
        end = source.find(">", at)
        if end < 0:
            raise BadEntities(f"Unclosed start tag at byte offset {offset}")
        inside = source[at + 1 : end]
        at = end + 1
        if inside.startswith("/"):
            _close(inside[1:].strip().lower(), offset, stack, text, entities)
            continue
        name = re.split(r"[\s/]", inside, maxsplit=1)[0].lower()
        entity = _open(name, inside[len(name) :], offset, stack)
        entity["offset"] = units(text)
        stack.append((name, len(text), entity))
    if stack:
        raise BadEntities(f'Can\'t find end tag corresponding to start tag "{stack[-1][0]}"')
    entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return trim(text, entities)


def _plain(source: str) -> str:
    """Character references replaced; those that Telegram does not know stay."""
    return _REFERENCE.sub(lambda found: _character(found[1]) or found[0], source)


def _character(reference: str) -> str | None:
    if not reference.startswith("#"):
        return _CHARACTER_REFERENCES.get(reference)
    code = int(reference[2:], 16) if reference[1] == "x" else int(reference[1:])
    return chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else None


def _open(name: str, rest: str, offset: int, stack: list[tuple[str, int, Entity]]) -> Entity:
    attributes = {
        m[1].lower(): _plain(m[2] or m[3] or m[4] or "") for m in _ATTRIBUTE.finditer(rest)
    }
    if name not in _PLAIN_TAGS:
        raise BadEntities(f'Unsupported start tag "{name}" at byte offset {offset}')
    if name == "span" and attributes.get("class") != "tg-spoiler":
        raise BadEntities(f'Tag "span" must have class "tg-spoiler" at byte offset {offset}')
    entity: Entity = {"type": _PLAIN_TAGS[name]}
    if name == "a":
        entity["url"] = attributes.get("href", "")
    if name == "blockquote" and "expandable" in attributes:
        entity["type"] = "expandable_blockquote"
    if name == "code" and stack and stack[-1][0] == "pre":
        language = attributes.get("class", "")
        if language.startswith("language-"):
            stack[-1][2]["language"] = language.removeprefix("language-")
    return entity


def _close(
    name: str,
    offset: int,
    stack: list[tuple[str, int, Entity]],
    text: str,
    entities: list[Entity],
) -> None:
    if not stack:
        raise BadEntities(f"Unexpected end tag at byte offset {offset}")
    opened, start, entity = stack.pop()
    if name and name != opened:
        raise BadEntities(
            f'Unmatched end tag at byte offset {offset}, expected "</{opened}>", found "</{name}>"'
        )
    body = text[start:]
    if not body or (opened == "code" and stack and stack[-1][0] == "pre"):
        return
    if entity["type"] == "text_link":
        entity["url"] = entity["url"] or body
        if not re.match(r"(https?|tg|tel|mailto):", entity["url"]) and "." not in entity["url"]:
            return
    entity["length"] = units(body)
    entities.append(entity)


def trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Without the white space at both ends, which Telegram removes; entities moved along."""
    kept = text.strip()
    shift = units(text[: len(text) - len(text.lstrip())])
    length = units(kept)
    moved = []
    for entity in entities:
        start = max(entity["offset"] - shift, 0)
        end = min(entity["offset"] + entity["length"] - shift, length)
        if end > start:
            moved.append({**entity, "offset": start, "length": end - start})
    return kept, moved


def found_entities(text: str, taken: list[Entity] | None = None) -> list[Entity]:
    """`taken`, and outside of them what the server finds: links, commands, phone numbers."""
    entities = list(taken or [])
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            start, length = units(text[: match.start()]), units(match[0])
            if all(
                start + length <= other["offset"] or other["offset"] + other["length"] <= start
                for other in entities
            ):
                entities.append({"type": kind, "offset": start, "length": length})
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
