"""What a text costs on SMS: GSM-7 or UCS-2, and how many segments."""

from typing import Literal

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # an escape and a character: two septets
# Look-alikes that smart encoding replaces so that a text stays GSM-7.
_LOOK_ALIKES = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "‚": "'",
        "‛": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "–": "-",
        "—": "-",
        "‐": "-",
        "‑": "-",
        "−": "-",
        "…": "...",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\u200b": "",
        "\ufeff": "",
        "`": "'",
        "´": "'",
        "•": "-",
    }
)


def encoding(text: str) -> Literal["GSM-7", "UCS-2"]:
    """The encoding that the whole text needs."""
    return "GSM-7" if all(char in _BASIC or char in _EXTENDED for char in text) else "UCS-2"


def segments(text: str) -> int:
    """How many segments leave: 160 or 153 septets, 70 or 67 UTF-16 units; an empty text is one."""
    if encoding(text) == "GSM-7":
        sizes, single, multi = [2 if char in _EXTENDED else 1 for char in text], 160, 153
    else:
        sizes, single, multi = [2 if ord(char) > 0xFFFF else 1 for char in text], 70, 67
    if sum(sizes) <= single:
        return 1
    count, used = 1, 0
    for size in sizes:
        if used + size > multi:  # no character is split between segments
            count, used = count + 1, 0
        used += size
    return count


def smart_encoded(text: str) -> str:
    """The text with typographic look-alikes replaced, as SmartEncoded does."""
    return text.translate(_LOOK_ALIKES)
