"""Typed text → what it means at the prompt that stood; the same for every channel.

Nothing here knows a step by name: a prompt brings its own choices and labels. What is the same
everywhere stands here: the words that work at any step, letters of the day's jobs, `DONE 7`, a
choice with its time ("1 1015"), several at once, typing errors, and what phones add by themselves.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flows.spellings import (
    CASES,
    DIGITS,
    FORWARD,
    INSTEAD,
    PHRASES,
    Meaning,
    bare,
    denies,
    mentioned,
    near_word,
    slip,
)
from flows.times import is_span
from flows.vocabulary import CHOICES

RESERVED = frozenset(
    {
        "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "START",
        "YES", "UNSTOP", "HELP", "INFO",
    }
)  # fmt: skip
"""Never our words on SMS, alone and in any case: they belong to the carriers."""
STOPS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
HELP = "HELP"
"""A chat's usual word for what is understood there; on SMS the carriers answer it."""
STARTS = frozenset({"START", "YES", "UNSTOP"})

COMMANDS = (
    "TODAY", "WHERE", "BACK", "LATE", "OUT", "ISSUE", "NUMBERS", "CARD", "FORM", "PAY", "MANAGER",
    "TAKE", "MENU", "NEW", "SETUP", "PRACTICE",
)  # fmt: skip
_WITH_WORDS = ("LATE", "MANAGER", "NEW", "PAY", "SETUP", "PRACTICE")
"""What may be followed by more: a time, a message, a program's name."""
RETURN = "RETURN"
"""Back to a job that was left open today; said by the text that ends it, not in the menu."""
EXIT = "EXIT"
"""Out of the practice job; said by its own texts, not in the menu."""
_ALIASES = {
    "RETURN": RETURN, EXIT: EXIT, "PRACTISE": "PRACTICE", "TRAINING": "SETUP",
    "PROBLEM": "ISSUE", "PROBLEMS": "ISSUE", "ISSUES": "ISSUE", "UNDO": "BACK", "JOBS": "TODAY",
    "PHONES": "NUMBERS", "NUMBER": "NUMBERS", "BOSS": "MANAGER", "DM": "MANAGER",
    "COMMANDS": "MENU", "STATUS": "WHERE", "SICK": "OUT",
    "POS": "FORM", "FEES": "PAY", "UNITS": "PAY",
}  # fmt: skip
_REACTION = re.compile(
    r"^(liked|loved|disliked|laughed at|emphasi[sz]ed|questioned|removed an? \w+ from"
    r'|reacted .{1,12} to|[^\w\s"]{1,8}\s*to)\s*["“]',
    re.I,
)
"""What phones send for a finger on a bubble: in words, or Android's picture and "to"."""
_BY_ITSELF = re.compile(
    r"^\W*(auto(matic)?[- ]?(reply|response|responder)\b|out of office\b)"
    r"|do not disturb while driving|driving focus turned on|i'm not receiving notifications",
    re.I,
)
"""What a phone answers by itself: nobody has read our text."""
_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " "}
)
_KEYCAP = str.maketrans("", "", "\ufe0f\u20e3")
"""What makes a digit a picture of a key."""
_EDGES = re.compile(r"^[\s.!,;:'\"()*#-]+|[\s.!,;'\")*#]+$")
_DONE = re.compile(r"(?:([A-Z])\s*)?DONE\s*(?:UP\s*TO\s*)?(\d{1,2})|(\d{1,2})\s*DONE")
_SINCE = frozenset({"at", "since", "around", "about", "@", "by"})
"""What may stand between a word and its time."""
LONGEST = 1_600
_MOST_WORDS = 10
"""A choice or a case and its time have no more."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What stood on the technician's phone: the job, the version at which it counts, its choices.

    `kind` is step, issue, plan, which or manager; `labels` are other spellings of its words.
    """

    kind: str
    job: int | None = None
    since: int = 0
    choices: Mapping[str, str] = field(default_factory=dict)
    waits_for: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Command:
    """One of the words that work at any step, with a job's letter and the words after it."""

    name: str
    letter: str = ""
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A word of the prompt, or free words (`text`); `time` is what stood after the word."""

    word: str = ""
    letter: str = ""
    time: str = ""
    text: str = ""
    digit: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """`DONE 7`."""

    number: int
    letter: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """A manager's answer to an alert: `1a`, `1y K7QM`."""

    number: int
    choice: str
    token: str = ""


@dataclass(frozen=True, slots=True)
class Noise:
    """Nothing that asks for an answer: a phone's own reaction message, an empty text."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """No meaning found; `text` is what was typed, shortened."""

    text: str


@dataclass(frozen=True, slots=True)
class Case:
    """What is wrong, said in words at any step; `words` open its branch, or are what it may be."""

    words: Meaning
    letter: str = ""
    time: str = ""


Heard = Command | Answer | Case | Done | Noise | Unclear


def clean(text: str) -> str:
    """The text as typed, without what keyboards add: odd spaces, smart quotes, invisible signs."""
    text = unicodedata.normalize("NFKC", text.translate(_QUOTES)).translate(_KEYCAP)
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C")
    text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    return " ".join(text.split())


def plain(text: str) -> str:
    """For comparing: lower case, no punctuation around words."""
    return " ".join(re.sub(r"[^\w\s:]", "", clean(text).lower()).split())


def is_no_answer(text: str) -> bool:
    """Whether a phone sent this cleaned text by itself: a reaction, or an automatic answer."""
    return bool(_REACTION.match(text) or _BY_ITSELF.search(text))


def hear(text: str, prompt: Prompt | None, letters: Sequence[str], *, sms: bool = False) -> Heard:
    """What `text` means where `prompt` stood and the day's open jobs have these `letters`.

    `sms` says that the carriers' own words are theirs, and never an answer to us.
    """
    text = clean(text)
    bare = _EDGES.sub("", text)
    if bare.startswith("/"):
        bare = re.sub(r"^/(\w+)(@\w+)?", r"\1", bare)
    if not text or is_no_answer(text):
        return Noise()
    if not bare or (sms and bare.upper() in RESERVED):
        return Unclear(text[:40])
    if not sms and bare.upper() == HELP:
        return Command("MENU")
    if done := _DONE.fullmatch(bare.upper()):
        return Done(int(done[2] or done[3]), done[1] or "")
    return _meant(bare, prompt, letters) or Unclear(bare[:40])


def _meant(bare: str, prompt: Prompt | None, letters: Sequence[str]) -> Heard | None:
    """A word that works anywhere, an answer to the prompt, a case, free words, or a slip."""
    waits_for = prompt.waits_for if prompt else ""
    free = waits_for == "text"
    if command := _command(bare, letters, exact=free):
        return command
    letter, rest = _letter(bare, letters)
    if free and letter and not re.fullmatch(r"\d?", rest):
        letter, rest = "", bare  # "A lady refuses", not job A
    if answer := _answer(rest, prompt, letter):
        return answer
    if not free and (said := _told(rest, CASES)):
        return Case(said[0], letter, said[1])
    if slip := _slipped(rest, prompt, letter, free=free):
        return slip
    if waits_for in ("time", "text"):
        return Answer(letter=letter, text=rest[:LONGEST])
    name = near_word(re.sub(r"[^A-Z]", "", rest.upper()), COMMANDS)
    return Command(name, letter) if name and " " not in rest else None


def read_code(text: str) -> Code | None:
    """A manager's answer to an alert, `1a` or `1y K7QM`; None where the text is none."""
    bare = clean(text).strip(" .!,;'\"")
    code = re.fullmatch(r"(\d{1,4})\s*([A-Za-z])(?:\s+([A-Za-z0-9]{4}))?", bare)
    return Code(int(code[1]), code[2].lower(), (code[3] or "").upper()) if code else None


def _command(bare: str, letters: Sequence[str], *, exact: bool) -> Command | None:
    letter, rest = _letter(bare, letters)
    if phrase := "" if exact else PHRASES.get(plain(rest), ""):
        return Command(phrase, letter)
    first, _, after = rest.partition(" ")
    name = re.sub(r"[^A-Z]", "", first.upper())
    found = name if name in COMMANDS else _ALIASES.get(name, "")
    if not found or (exact and after and name != "MANAGER"):
        return None
    if found not in _WITH_WORDS and after:
        other, more = _letter(after, letters)
        return Command(found, other) if other and not more else None
    if found == "LATE" and not letter:
        letter, after = _letter(after, letters)
    return Command(found, letter, after.strip())


def _letter(text: str, letters: Sequence[str]) -> tuple[str, str]:
    """A job's letter at the beginning ("B1", "b 1 1015", "B sent"), and the rest."""
    match = re.match(r"([A-Za-z])(?:\s*[:.)-]?\s*(?=\d)|\s*[:.)-]\s+|\s+|$)", text)
    if match and match[1].upper() in letters:
        return match[1].upper(), text[match.end() :].strip()
    return "", text


def _answer(rest: str, prompt: Prompt | None, letter: str) -> Answer | None:
    if not rest and letter:
        return Answer(letter=letter)
    return _digit(rest, prompt, letter) or (_spelled(rest, prompt, letter) if prompt else None)


def _digit(rest: str, prompt: Prompt | None, letter: str) -> Answer | None:
    """A digit of the prompt, with what stands after it; "5 pm" is a time where one is asked for."""
    rest = DIGITS.get(rest.lower(), rest)
    match = re.match(r"(\d)(?:[\s.):,;-]+(.*))?$", rest, re.S)
    if match is None:
        return None
    digit, after = match[1], (match[2] or "").strip()
    waits_for = prompt.waits_for if prompt else ""
    word = prompt.choices.get(digit, "") if prompt else ""
    if waits_for in ("time", "text") and (after or not word):
        return None
    if word and prompt and (after in prompt.choices or re.fullmatch(r"\d[.,]\d", rest)):
        return None  # "1 2" is two answers, "1.5" a figure: no times
    if digit == "1" and not re.search(r"\d", after) and denies(plain(after)):
        return None  # "1 not yet"
    said = mentioned(plain(after)) if after else None
    if said and word not in {*said, *(INSTEAD.get(each, "") for each in said)}:
        return None  # "3 screws are missing" is no third choice
    return Answer(word, letter, after, digit=digit)


def _spelled(rest: str, prompt: Prompt, letter: str) -> Answer | None:
    """A choice in words, in one of its spellings, with a time after it; no question is one."""
    if "?" in rest:
        return None
    forward = _told(rest, {word.lower(): (word,) for word in FORWARD})
    if forward and "1" in prompt.choices and not _will_be(forward[1]):
        return Answer(prompt.choices["1"], letter, forward[1], digit="1")
    told = _told(rest, _spellings(prompt))
    return Answer(told[0][0], letter, told[1]) if told else None


def _will_be(time: str) -> bool:
    """Whether a time after "ok" says when something will be, or nothing clear: "20 min", "5"."""
    return is_span(time) or re.fullmatch(r"\d", time) is not None


def _told(rest: str, spellings: Mapping[str, Meaning]) -> tuple[Meaning, str] | None:
    """What `rest` says in one of these spellings, and the time after it, "" if there is none."""
    words = rest.split()
    if "?" in rest or len(words) > _MOST_WORDS:
        return None
    for length in range(len(words), 0, -1):
        said, tail = plain(" ".join(words[:length])), words[length:]
        if tail and tail[0].lower() in _SINCE:
            tail = tail[1:]
        if tail and not any(sign.isdigit() for sign in tail[0]):
            continue
        for each in (said, bare(said)):
            if each in spellings:
                return spellings[each], " ".join(tail)
    return None


def _slipped(rest: str, prompt: Prompt | None, letter: str, *, free: bool) -> Heard | None:
    """A choice or a case with a slip of the thumb in it, where it can only be that one."""
    said = bare(plain(rest))
    if "?" in rest:
        return None
    choices = _spellings(prompt) if prompt else {}
    meaning = slip(said, choices if free else {**CASES, **choices})
    if meaning is None:
        return None
    offered = prompt.choices.values() if prompt else ()
    if len(meaning) == 1 and meaning[0] in offered:
        return Answer(meaning[0], letter)
    return Case(meaning, letter)


def _spellings(prompt: Prompt) -> dict[str, Meaning]:
    """Spelling → word: our own label first, then what people say for it."""
    spellings: dict[str, Meaning] = {}
    for word in prompt.choices.values():
        for spelling in (*CHOICES.get(word, ()), word.replace("_", " ")):
            spellings.setdefault(plain(spelling), (word,))
    labels = [(plain(label), word) for label, word in prompt.labels.items()]
    short = {bare(label): (word,) for label, word in labels}
    return short | spellings | {label: (word,) for label, word in labels}
