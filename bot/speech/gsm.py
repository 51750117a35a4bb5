"""The alphabet of a cheap text message: what fits, what it costs, and how to say the rest with it.

GSM 03.38: 160 septets in one message, 153 in each part of a longer one. A single character outside
it turns the whole text into UCS-2, 70 or 67 characters a part.
"""

import re
import unicodedata

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
"""These take two septets each."""

ONE, PART = 160, 153
UCS2_ONE, UCS2_PART = 70, 67

_SAID_OTHERWISE = {
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "`": "'", "´": "'", "′": "'",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "″": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
    "…": "...", "•": "-", "·": "-", "⁄": "/", "×": "x", "→": "->", "\t": " ",
    "\u2028": "\n", "\u2029": "\n",
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th",
    "œ": "oe", "Œ": "OE", "ı": "i", "ħ": "h", "Ħ": "H", "ə": "e", "Ə": "E",
}  # fmt: skip
_UNCHANGED = re.compile(r"[\n\r !-_a-}~]*")
"""ASCII without the backtick and control characters; all of it is in the alphabet."""
_GAPS = re.compile(r" {2,}")


def fold(text: str) -> str:
    """`text` in the GSM alphabet only: García is Garcia, “–” is "-", emoji are gone.

    A letter or digit that has no likeness becomes "?", so that the reader sees that one is missing.
    """
    if _UNCHANGED.fullmatch(text):
        return text
    composed = unicodedata.normalize("NFC", text)
    return _GAPS.sub(" ", "".join(map(_folded, composed))).strip(" ")


def _folded(character: str) -> str:
    if character in BASIC or character in EXTENDED:
        return character
    if character in _SAID_OTHERWISE:
        return _SAID_OTHERWISE[character]
    likeness = ""
    for part in unicodedata.normalize("NFKD", character):
        if part in BASIC or part in EXTENDED:
            likeness += part
        elif part in _SAID_OTHERWISE:
            likeness += _SAID_OTHERWISE[part]
    if not likeness and unicodedata.category(character)[0] in "LN":
        return "?"
    return likeness


def septets(text: str) -> int:
    """What `text`, which must be in the alphabet, takes of a message's 160."""
    return len(text) + sum(map(text.count, EXTENDED))


def segments(text: str) -> int:
    """How many messages a provider bills for `text`, as it is; none for an empty one."""
    if not text:
        return 0
    if all(character in BASIC or character in EXTENDED for character in text):
        return _parts([2 if character in EXTENDED else 1 for character in text], ONE, PART)
    return _parts([2 if character > "\uffff" else 1 for character in text], UCS2_ONE, UCS2_PART)


def fits(text: str) -> bool:
    """Whether `text`, as it is, goes into one message."""
    return segments(text) <= 1


def _parts(sizes: list[int], one: int, part: int) -> int:
    """A character that takes two places is never torn between two parts."""
    if sum(sizes) <= one:
        return 1
    parts, filled = 1, 0
    for size in sizes:
        if filled + size > part:
            parts, filled = parts + 1, 0
        filled += size
    return parts
