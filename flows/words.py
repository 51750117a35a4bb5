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
    {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "START", "YES",
     "UNSTOP", "HELP", "INFO"}
)
"""Never our words on SMS, alone and in any case: they belong to the carriers."""
STOPS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
STARTS = frozenset({"START", "YES", "UNSTOP"})

COMMANDS = ("TODAY", "WHERE", "BACK", "LATE", "OUT", "ISSUE", "NUMBERS", "CARD", "MANAGER", "MENU")
_ALIASES = {
    "PROBLEM": "ISSUE", "PROBLEMS": "ISSUE", "ISSUES": "ISSUE", "UNDO": "BACK", "JOBS": "TODAY", "PHONES": "NUMBERS",
    "NUMBER": "NUMBERS", "BOSS": "MANAGER", "DM": "MANAGER", "COMMANDS": "MENU", "STATUS": "WHERE", "SICK": "OUT",
}
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
    "missed": ("missed", "not done", "skip", "skipped", "forgot", "didnt", "not sent", "not pressed"),
    "called": ("called", "called them"),
    "coming": ("coming", "they come", "on the way", "they are coming"),
    "here": ("here", "they are here", "customer here", "home"),
    "late": ("late",),
    "issue": ("problem", "issue"),
    "mistake": ("mistake", "wrong"),
}
_REACTION = re.compile(r'^(liked|loved|disliked|laughed at|emphasi[sz]ed|questioned|removed an? \w+ from|reacted .{1,12} to)\s*["“]', re.I)
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " "})
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
    """A word of the prompt (`word`), or free words (`text`); `time` is what stood after the word."""

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
    text = unicodedata.normalize("NFKC", text.translate(_QUOTES))
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C")
    return " ".join(text.split())


def plain(text: str) -> str:
    """For comparing: lower case, no punctuation around words."""
    return " ".join(re.sub(r"[^\w\s:]", "", clean(text).lower()).split())


def hear(text: str, prompt: Prompt | None, letters: Sequence[str], *, sms: bool = False) -> Heard:
    """What `text` means where `prompt` stood and the day's open jobs have these `letters`.

    `sms` says that the carriers' own words are theirs, not ours.
    """
    text = clean(text)
    if not text or _REACTION.match(text):
        return Noise()
    bare = re.sub(r"^[\s.!,;:'\"()*#-]+|[\s.!,;'\")*#]+$", "", text)
    if not bare:
        return Unclear(text[:40])
    if bare.startswith("/"):
        bare = re.sub(r"^/(\w+)(@\w+)?", r"\1", bare)
    upper = bare.upper()
    if sms and upper in RESERVED:
        return Noise()
    if done := re.fullmatch(r"(?:([A-Z])\s*)?DONE\s*(?:UP\s*TO\s*)?(\d{1,2})|(\d{1,2})\s*DONE", upper):
        return Done(int(done[2] or done[3]), done[1] or "")
    free = prompt is not None and prompt.waits_for == "text"
    command = _command(bare, letters, exact=free)
    if command:
        return command
    letter, rest = _letter(bare, letters)
    answer = _answer(rest, prompt, letter)
    if answer:
        return answer
    if free or (prompt is not None and prompt.waits_for == "time"):
        return Answer(letter=letter, text=rest[:LONGEST])
    return Unclear(bare[:40])


def read_code(text: str) -> Code | None:
    """A manager's answer to an alert, `1a` or `1y K7QM`; None where the text is none."""
    bare = clean(text).strip(" .!,;'\"")
    code = re.fullmatch(r"(\d{1,4})\s*([A-Za-z])(?:\s+([A-Za-z0-9]{4}))?", bare)
    return Code(int(code[1]), code[2].lower(), (code[3] or "").upper()) if code else None


def _command(bare: str, letters: Sequence[str], *, exact: bool) -> Command | None:
    letter, rest = _letter(bare, letters)
    first, _, after = rest.partition(" ")
    name = re.sub(r"[^A-Z]", "", first.upper())
    if exact and after and name != "MANAGER":
        return None
    found = name if name in COMMANDS else _ALIASES.get(name, "")
    if not found and len(name) >= 4 and not after and not exact:  # noqa: PLR2004 - shorter words are too alike
        close = difflib.get_close_matches(name, COMMANDS, 1, 0.8)
        found = close[0] if close else ""
    if not found:
        return None
    if found not in ("LATE", "MANAGER") and after:
        other, more = _letter(after, letters)
        if more or not other:
            return None
        return Command(found, other)
    if found == "LATE" and not letter:
        letter, after = _letter(after, letters)
    return Command(found, letter, after.strip())


def _letter(text: str, letters: Sequence[str]) -> tuple[str, str]:
    """A job's letter at the beginning ("B1", "b 1 1015", "B sent"), and the rest."""
    match = re.match(r"([A-Za-z])(?:\s*[:.)-]?\s*(?=\d)|\s+|$)", text)
    if match and match[1].upper() in letters:
        return match[1].upper(), text[match.end():].strip()
    return "", text


def _answer(rest: str, prompt: Prompt | None, letter: str) -> Answer | None:
    match = re.match(r"(\d)(?:[\s.):,;-]+(.*))?$", rest, re.S)
    waits_for_time = prompt is not None and prompt.waits_for == "time"
    if match and (prompt is None or match[1] in prompt.choices or not waits_for_time):
        word = prompt.choices.get(match[1], "") if prompt else ""
        return Answer(word, letter, (match[2] or "").strip(), digit=match[1])
    if not rest and letter:
        return Answer(letter=letter)
    if prompt is None:
        return None
    said = plain(rest)
    if said.upper() in _FORWARD and "1" in prompt.choices:
        return Answer(prompt.choices["1"], letter, digit="1")
    spellings: dict[str, str] = {}
    for word in prompt.choices.values():
        for spelling in (*_SYNONYMS.get(word, ()), word.replace("_", " ")):
            spellings.setdefault(plain(spelling), word)
    spellings |= {plain(label): word for label, word in prompt.labels.items()}
    for length in (3, 2, 1):
        head = said.split()[:length]
        tail = rest.split()[length:]
        if " ".join(head) in spellings and (not tail or any(c.isdigit() for c in tail[0])):
            return Answer(spellings[" ".join(head)], letter, " ".join(tail))
    if len(said) >= 4:  # noqa: PLR2004 - shorter words are too alike
        close = difflib.get_close_matches(said, spellings, 1, 0.8)
        if close:
            return Answer(spellings[close[0]], letter)
    return None
