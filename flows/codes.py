"""A manager's typed answers to alerts, as thumbs write them: `1a`, "1 A.", "a1", `1a 2c`, "take 3".

Where nothing else can be meant, a letter alone or a number alone is understood too; a number and
words are words for the technician. Money keeps its random characters: `1y K7QM`.
"""

import re
from itertools import takewhile

from flows.words import Code, clean

_SAID = {
    "OK": "a", "OKAY": "a", "TAKE": "a", "TAKEN": "a", "MINE": "a", "GOT": "a",
    "CALL": "c", "DONE": "d", "SETTLED": "d", "SOLVED": "d", "SENT": "s", "NO": "n", "REFUSE": "n",
    "APPROVE": "y", "APPROVED": "y",
}  # fmt: skip
"""Words for letters; YES is none, it is the carriers'."""
_BETWEEN = re.compile(r"[\s.,;:!?'\"()&+*#/-]+|\bAND\b")
_ORDER = re.compile(r"\d-\d")
"""In an order's number, or between the ends of a span: neither names alerts."""
_CODE = re.compile(r"(\d{1,4})([A-Z])")
_TURNED = re.compile(r"([A-Z])(\d{1,4})")
_GLUED = re.compile(r"(?:\d{1,3}[A-Z]){2,}")
_ALL = re.compile(r"(?:(?:I )?TAKE|OK|OKAY|A) (?:THEM )?ALL|ALL (?:MINE|TAKEN|A|OK)|ALL OF THEM")
_TOKEN = re.compile(r"[A-Z0-9]{4}")


def read_codes(text: str) -> list[Code]:
    """Every answer in a text, in order; empty where any of it is something else.

    A number of 0 stands for a letter that names no alert, an empty choice for a number that names
    no letter.
    """
    if _ORDER.search(text):
        return []  # "done 114-7" settled the alert 7
    left = [word for word in _BETWEEN.split(clean(text).upper()) if word]
    found: list[Code] = []
    while left:
        taken = _first(left)
        if taken is None:
            return []
        codes, count = taken
        left = left[count:]
        if codes[-1].choice and codes[-1].number and _is_token(left):
            codes[-1] = Code(codes[-1].number, codes[-1].choice, left.pop(0))
        found += codes
    return found if len(found) == 1 or all(code.number and code.choice for code in found) else []


def _is_token(left: list[str]) -> bool:
    """Whether an alert's characters come next, and not a word with a number of its own."""
    if not left or not _TOKEN.fullmatch(left[0]):
        return False
    return not (_letter(left[0]) and left[1:] and re.fullmatch(r"\d{1,4}", left[1]))


def takes_all(text: str) -> bool:
    """Whether a manager takes all that is open: "take all"."""
    return bool(_ALL.fullmatch(" ".join(_BETWEEN.sub(" ", clean(text).upper()).split())))


def _first(words: list[str]) -> tuple[list[Code], int] | None:
    """The first answer of the words, and how many words it is."""
    word, after = words[0], words[1] if len(words) > 1 else ""
    if match := _CODE.fullmatch(word):
        return [Code(int(match[1]), match[2].lower())], 1
    if match := _TURNED.fullmatch(word):
        return [Code(int(match[2]), match[1].lower())], 1
    if _GLUED.fullmatch(word):
        return [Code(int(number), letter.lower()) for number, letter in _CODE.findall(word)], 1
    letter = _letter(after)
    if re.fullmatch(r"\d{1,4}", word):
        return ([Code(int(word), letter)], 2) if letter else ([Code(int(word), "")], 1)
    letter = _letter(word)
    numbers = list(takewhile(re.compile(r"\d{1,4}").fullmatch, words[1:])) if letter else []
    if numbers:
        numbers = numbers[:1] if len(word) == 1 else numbers
        return [Code(int(number), letter) for number in numbers], 1 + len(numbers)
    return ([Code(0, letter)], 1) if letter else None


def _letter(word: str) -> str:
    return word.lower() if re.fullmatch(r"[A-Z]", word) else _SAID.get(word, "")


def read_words(text: str) -> tuple[int, str] | None:
    """A number of an alert and words for its technician, `4 gate code is 12`; None for others."""
    match = re.fullmatch(r"#?(\d{1,4})[\s.:,)-]+(.*[^\W\d_]{2}.*)", clean(text), re.S)
    return (int(match[1]), match[2].strip()) if match and not read_codes(text) else None
