"""Typed text → what it means at the prompt that stood; the same for every channel.

Nothing here knows a step by name: a prompt brings its own choices and labels. What is the same
everywhere stands here: the words that work at any step, letters of the day's jobs, `DONE 7`, a
choice with its time ("1 1015"), several at once, typing errors, and what phones add by themselves.
"""

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

RESERVED = frozenset(
    {
        "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "START",
        "YES", "UNSTOP", "HELP", "INFO",
    }
)  # fmt: skip
"""Never our words on SMS, alone and in any case: they belong to the carriers."""
STOPS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
STARTS = frozenset({"START", "YES", "UNSTOP"})

COMMANDS = (
    "TODAY", "WHERE", "BACK", "LATE", "OUT", "ISSUE", "NUMBERS", "CARD", "FORM", "PAY", "MANAGER",
    "MENU",
)  # fmt: skip
RETURN = "RETURN"
"""Back to a job that was left open today; said by the text that ends it, not in the menu."""
_ALIASES = {
    "RETURN": RETURN,
    "PROBLEM": "ISSUE", "PROBLEMS": "ISSUE", "ISSUES": "ISSUE", "UNDO": "BACK", "JOBS": "TODAY",
    "PHONES": "NUMBERS", "NUMBER": "NUMBERS", "BOSS": "MANAGER", "DM": "MANAGER",
    "COMMANDS": "MENU", "STATUS": "WHERE", "SICK": "OUT",
    "POS": "FORM", "FEES": "PAY", "UNITS": "PAY",
}  # fmt: skip
_FORWARD = frozenset({"OK", "OKAY", "K", "DONE", "YEP", "YEAH", "YES", "NEXT", "READY"})
_SYNONYMS = {
    "sent": ("sent", "send", "eta sent", "sent it"),
    "there": ("there", "here", "arrived", "at the door", "im here", "onsite", "on site"),
    "started": ("started", "job started", "pressed"),
    "signed_in": ("signed in", "in", "ivr in", "called in"),
    "built": ("built", "assembled", "finished", "all built"),
    "completed": ("completed", "complete"),
    "signed": ("signed", "signature"),
    "gone": ("gone", "cleared", "its gone"),
    "still_there": ("still there", "still listed", "not gone"),
    "signed_out": ("signed out", "ivr out", "called out"),
    "reported": ("reported", "entered", "report done"),
    "missed": (
        "missed",
        "not done",
        "skip",
        "skipped",
        "forgot",
        "didnt",
        "not sent",
        "not pressed",
    ),
    "called": ("called", "called them"),
    "coming": ("coming", "they come", "on the way", "they are coming"),
    "here": ("here", "they are here", "customer here", "home"),
    "late": ("late",),
    "issue": ("problem", "issue"),
    "mistake": ("mistake", "wrong"),
}
_REACTION = re.compile(
    r"^(liked|loved|disliked|laughed at|emphasi[sz]ed|questioned|removed an? \w+ from"
    r'|reacted .{1,12} to)\s*["“]',
    re.I,
)
_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " "}
)
_KEYCAP = str.maketrans("", "", "\ufe0f\u20e3")
"""What makes a digit a picture of a key."""
_EDGES = re.compile(r"^[\s.!,;:'\"()*#-]+|[\s.!,;'\")*#]+$")
_DONE = re.compile(r"(?:([A-Z])\s*)?DONE\s*(?:UP\s*TO\s*)?(\d{1,2})|(\d{1,2})\s*DONE")
_DENIAL = re.compile(r"(not?\b|un|never\b|isnt|didnt|wasnt|cant|couldnt|wont)")
_ALIKE = 4
"""Words shorter than this are too alike to be guessed."""
LONGEST = 1_600


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


Heard = Command | Answer | Done | Noise | Unclear


def clean(text: str) -> str:
    """The text as typed, without what keyboards add: odd spaces, smart quotes, invisible signs."""
    text = unicodedata.normalize("NFKC", text.translate(_QUOTES)).translate(_KEYCAP)
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C")
    text = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    return " ".join(text.split())


def plain(text: str) -> str:
    """For comparing: lower case, no punctuation around words."""
    return " ".join(re.sub(r"[^\w\s:]", "", clean(text).lower()).split())


def hear(text: str, prompt: Prompt | None, letters: Sequence[str], *, sms: bool = False) -> Heard:
    """What `text` means where `prompt` stood and the day's open jobs have these `letters`.

    `sms` says that the carriers' own words are theirs, not ours.
    """
    text = clean(text)
    bare = _EDGES.sub("", text)
    if bare.startswith("/"):
        bare = re.sub(r"^/(\w+)(@\w+)?", r"\1", bare)
    if not text or _REACTION.match(text) or (sms and bare.upper() in RESERVED):
        return Noise()
    if not bare:
        return Unclear(text[:40])
    if done := _DONE.fullmatch(bare.upper()):
        return Done(int(done[2] or done[3]), done[1] or "")
    return _meant(bare, prompt, letters) or Unclear(bare[:40])


def _meant(bare: str, prompt: Prompt | None, letters: Sequence[str]) -> Heard | None:
    """A word that works anywhere, an answer to the prompt, nearly such a word, or free words."""
    free = prompt is not None and prompt.waits_for == "text"
    if command := _command(bare, letters, exact=free):
        return command
    letter, rest = _letter(bare, letters)
    if free and letter and not re.fullmatch(r"\d?", rest):
        letter, rest = "", bare  # "A lady refuses", not job A
    if answer := _answer(rest, prompt, letter):
        return answer
    if free or (prompt is not None and prompt.waits_for == "time"):
        return Answer(letter=letter, text=rest[:LONGEST])
    return _nearly_command(bare, letters)


def read_code(text: str) -> Code | None:
    """A manager's answer to an alert, `1a` or `1y K7QM`; None where the text is none."""
    bare = clean(text).strip(" .!,;'\"")
    code = re.fullmatch(r"(\d{1,4})\s*([A-Za-z])(?:\s+([A-Za-z0-9]{4}))?", bare)
    return Code(int(code[1]), code[2].lower(), (code[3] or "").upper()) if code else None


def _command(bare: str, letters: Sequence[str], *, exact: bool) -> Command | None:
    letter, rest = _letter(bare, letters)
    first, _, after = rest.partition(" ")
    name = re.sub(r"[^A-Z]", "", first.upper())
    found = name if name in COMMANDS else _ALIASES.get(name, "")
    if not found or (exact and after and name != "MANAGER"):
        return None
    if found not in ("LATE", "MANAGER") and after:
        other, more = _letter(after, letters)
        return Command(found, other) if other and not more else None
    if found == "LATE" and not letter:
        letter, after = _letter(after, letters)
    return Command(found, letter, after.strip())


def _nearly_command(bare: str, letters: Sequence[str]) -> Command | None:
    """One of the words that work anywhere, mistyped."""
    letter, rest = _letter(bare, letters)
    name = re.sub(r"[^A-Z]", "", rest.upper())
    if " " in rest or len(name) < _ALIKE:
        return None
    close = difflib.get_close_matches(name, COMMANDS, 1, 0.8)
    return Command(close[0], letter) if close else None


def _letter(text: str, letters: Sequence[str]) -> tuple[str, str]:
    """A job's letter at the beginning ("B1", "b 1 1015", "B sent"), and the rest."""
    match = re.match(r"([A-Za-z])(?:\s*[:.)-]?\s*(?=\d)|\s+|$)", text)
    if match and match[1].upper() in letters:
        return match[1].upper(), text[match.end() :].strip()
    return "", text


def _answer(rest: str, prompt: Prompt | None, letter: str) -> Answer | None:
    if not rest and letter:
        return Answer(letter=letter)
    return _digit(rest, prompt, letter) or (_spelled(rest, prompt, letter) if prompt else None)


def _digit(rest: str, prompt: Prompt | None, letter: str) -> Answer | None:
    """A digit of the prompt, with what stands after it; "5 pm" is a time where one is asked for."""
    match = re.match(r"(\d)(?:[\s.):,;-]+(.*))?$", rest, re.S)
    if match is None:
        return None
    digit, after = match[1], (match[2] or "").strip()
    waits_for = prompt.waits_for if prompt else ""
    word = prompt.choices.get(digit, "") if prompt else ""
    if waits_for in ("time", "text") and (after or not word):
        return None
    return Answer(word, letter, after, digit=digit)


def _spelled(rest: str, prompt: Prompt, letter: str) -> Answer | None:
    """A choice in words, in one of its spellings, with a time after it, or mistyped."""
    said = plain(rest)
    if said.upper() in _FORWARD and "1" in prompt.choices:
        return Answer(prompt.choices["1"], letter, digit="1")
    spellings = _spellings(prompt)
    for length in (3, 2, 1):
        head, tail = said.split()[:length], rest.split()[length:]
        if " ".join(head) in spellings and (not tail or any(c.isdigit() for c in tail[0])):
            return Answer(spellings[" ".join(head)], letter, " ".join(tail))
    guess = len(said) >= _ALIKE and not _DENIAL.match(said)  # "unsigned" is close to "signed"
    close = difflib.get_close_matches(said, spellings, 1, 0.8) if guess else []
    return Answer(spellings[close[0]], letter) if close else None


def _spellings(prompt: Prompt) -> dict[str, str]:
    """Spelling → word: our own label first, then what people say for it."""
    spellings: dict[str, str] = {}
    for word in prompt.choices.values():
        for spelling in (*_SYNONYMS.get(word, ()), word.replace("_", " ")):
            spellings.setdefault(plain(spelling), word)
    return spellings | {plain(label): word for label, word in prompt.labels.items()}
