"""From a time as people type it to a clock face or a span: tokens, and the table of forms.

A text is normalised to a handful of plain tokens (digits, am/pm, units), fillers such as "around"
or "pls" are dropped, and what is left must match one row of the table *as a whole*.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

LONGEST_TEXT = 100
"""Nobody writes a longer time; what is longer is not worth reading."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock face: the hours it may mean; `spare` ones only where no other fits `between`."""

    hours: tuple[int, ...]
    minute: int = 0
    spare: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes from now; `direction` is 1 (in), -1 (ago) or 0 (not said)."""

    minutes: int
    direction: int = 0


# ---------------------------------------------------------------------------------------------
# From what was typed to plain tokens

_NUMBERS = {
    word: number
    for number, word in enumerate(
        (
            "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
            "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
            "eighteen", "nineteen",
        )
    )
}  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50}

_FILLERS = {
    "about", "abt", "almost", "approx", "approximately", "around", "roughly", "circa", "ca", "say",
    "maybe", "prob", "probably", "nearly", "by", "at", "eta", "time", "sharp", "exactly", "just",
    "right", "here", "there", "be", "been", "i", "ill", "im", "will", "was", "were", "its", "it",
    "is", "the", "arrive", "arrived", "arriving", "arrival", "got", "get", "getting", "come",
    "coming", "omw", "on", "my", "way", "pls", "please", "plz", "thx", "thanks", "thank", "you",
    "ty", "ok", "okay", "k", "yes", "yeah", "yep", "yup", "sir", "mam", "maam", "hi", "hey", "like",
    "think", "should", "hopefully", "|",
}  # fmt: skip

DAY_WORDS = {
    "today": 0, "tomorrow": 1, "tomorow": 1, "tommorow": 1, "tommorrow": 1, "tmrw": 1, "tmw": 1,
    "tmr": 1, "tomo": 1, "yesterday": -1,
}  # fmt: skip

# (what to look for, what to put in its place), in this order
_REWRITES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"(?<=[a-z])['’‘ʼ`](?=[a-z])"), ""),  # o'clock, I'll
    (re.compile(r"\bi am\b"), "im"),  # or its "am" would be the morning
    (re.compile(r"(?<![a-z])o(?=\d)|(?<=\d)o(?=:)"), "0"),  # the letter typed for the digit
    (re.compile(r"(?<=[\d:])o+(?![a-z])"), lambda m: "0" * len(m[0])),
    (re.compile(r"(?<![a-z])([ap])\s?\.?\s?m(?![a-z])\.?"), r" \1m "),
    (re.compile(r"(?<=\d)\s?([ap])(?![a-z])\.?"), r" \1m "),
    (re.compile(r"-?\s?ish\b"), " "),
    (re.compile(r"\b(?:in (?:the )?|this )?(?:morning|mornin)\b"), " am "),
    (re.compile(r"\b(?:in (?:the )?|this )?(?:afternoon|aft)\b"), " pm "),
    (re.compile(r"\b(?:in (?:the )?|this )?(?:evening|eve)\b|\btonight\b|\btonite\b"), " eve "),
    (re.compile(r"(?<=\d)[;,](?=\d)"), ":"),  # slips of the thumb for a colon
    (re.compile(r"(?<!\d)[.:;,]+|[.:;,]+(?!\s?\d)"), " "),
    (re.compile(r"[~@≈*\"“”()!?]"), " | "),
    (re.compile(r"\bor so\b"), " "),
    (re.compile(r"(?<=[a-z])-(?=[a-z])"), " "),  # forty-five
    (re.compile(r"(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)"), " "),
)


def characters(text: str) -> str:
    """Full-width and other scripts' digits, odd spaces, accents and pictures become plain ones."""
    plain: list[str] = []
    for char in unicodedata.normalize("NFKD", text.replace("½", " 1/2").replace("№", "#")):
        kind = unicodedata.category(char)
        if kind == "Nd":
            plain.append(str(unicodedata.decimal(char)))
        elif kind.startswith("Z") or kind in {"Cc", "So", "Sk"}:
            plain.append("`" if char == "`" else " ")
        elif kind == "Pd":
            plain.append("-")
        elif not kind.startswith("M") and kind != "Cf":
            plain.append({"∶": ":", "⁄": "/", "。": "."}.get(char, char))
    return "".join(plain).casefold()


def _numbers(words: list[str]) -> list[str]:
    """Number words as digits: "twenty five" is 25, "oh five" is 05."""
    out: list[str] = []
    rest = iter([*words, ""])
    word = next(rest)
    for after in rest:
        ones = _NUMBERS.get(after, 0)
        if word in _TENS and 1 <= ones <= 9:
            out.append(str(_TENS[word] + ones))
            word = ""
            continue
        if word in {"oh", "o", "zero"} and 1 <= ones <= 9:
            out.append(f"0{ones}")
            word = ""
            continue
        if word:
            out.append(str(_TENS.get(word, _NUMBERS.get(word, word))))
        word = after
    return out


def tokens_of(text: str) -> list[str]:
    """The plain tokens of a text: digits, am and pm, units; fillers are gone."""
    plain = " ".join(characters(text).split())
    for pattern, replacement in _REWRITES:
        plain = pattern.sub(replacement, plain)
    kept: list[str] = []
    apart = False
    for word in _numbers(plain.split()):
        if word in _FILLERS:
            apart = True
            continue
        said = kept[-1] if kept else ""
        if apart and said.isdigit() and word.isdigit():
            kept.append("|")  # "10 maybe 11" is not 10:11
        if word != said or word.isdigit():  # "9 am this morning" says it twice
            kept.append(word)
        apart = False
    return kept


# ---------------------------------------------------------------------------------------------
# The forms of a time: one row each, matched against the whole normalised text


def _hours(hour: int, half: str | None) -> tuple[int, ...]:
    """The hours of the day that `hour` with am, pm, evening or nothing can mean, if any."""
    if hour > 24 or (hour > 12 and half == "am") or (hour in {0, 24} and half in {"pm", "eve"}):
        return ()
    if hour > 12 or hour == 0:
        return (hour % 24,)
    if half is None:
        return (hour % 12, hour % 12 + 12)
    if half == "eve":
        return (hour + 12,) if hour < 12 else ()
    return (hour % 12,) if half == "am" else (hour % 12 + 12,)


def _face(m: re.Match[str]) -> Clock | None:
    typed, half = m["h"], m["half"]
    minute = int(m["m"] or 0)
    hours = _hours(int(typed), half)
    if minute > 59 or not hours or (typed == "24" and minute):
        return None
    if m["m"] is None and len(hours) == 1 and half is None:
        # A bare 20 is rather 20 minutes, and a bare 0 a choice, unless just that hour is asked for.
        return Clock((), spare=hours)
    if typed.startswith("0") and len(hours) == 2:
        # 0930 is the morning, unless only the evening fits where it is asked.
        return Clock(hours[:1], minute, spare=hours[1:])
    return Clock(hours, minute)


_MINUTE_WORDS = {"quarter": 15, "half": 30}


def _relative_face(m: re.Match[str]) -> Clock | None:
    """Half past 9, quarter to ten, 20 past 3, half 9."""
    minute = _MINUTE_WORDS.get(m["n"]) or int(m["n"])
    hour = int(m["h"])
    if not 1 <= minute <= 59 or not 1 <= hour <= 12:
        return None
    if m["side"] in {"to", "til", "till", "of", "before"}:
        hours = _hours(hour, m["half"])
        return Clock(tuple(sorted((each - 1) % 24 for each in hours)), 60 - minute)
    return Clock(_hours(hour, m["half"]), minute)


def _fixed(hour: int) -> Callable[[re.Match[str]], Clock]:
    return lambda _: Clock((hour,))


def _span(m: re.Match[str]) -> Span | None:
    """Minutes, hours and their fractions, with a direction where one was said."""
    groups = m.groupdict()
    number = groups.get("n") or ""
    amount = _FRACTIONS[number] if number in _FRACTIONS else _mixed(number)
    minutes = round(amount * 60) if groups.get("hours") else round(amount)
    minutes += int(groups.get("plus") or 0) + (30 if groups.get("and_half") else 0)
    if minutes > 24 * 60 or (groups.get("bare") is not None and minutes > 180):
        return None
    if groups.get("ago") and not groups.get("into"):
        return Span(minutes, -1)
    if groups.get("ago"):
        return None
    return Span(minutes, 1 if groups.get("into") or groups.get("ahead") else 0)


def _mixed(number: str) -> float:
    whole, _, fraction = number.partition(" ")
    return float(whole) + (0.5 if fraction else 0)


_FRACTIONS: dict[str, float] = {
    "": 1, "a": 1, "an": 1, "half": 0.5, "half a": 0.5, "half an": 0.5, "a half": 0.5, "1/2": 0.5,
    "1/2 a": 0.5, "1/2 an": 0.5, "quarter": 0.25, "a quarter": 0.25, "quarter of an": 0.25,
    "a quarter of an": 0.25, "3 quarters of an": 0.75, "couple": 2, "a couple": 2,
    "couple of": 2, "a couple of": 2,
}  # fmt: skip

_HALF = r"(?: (?P<half>am|pm|eve))?"
_HOUR = r"(?P<h>\d{1,2})"
_INTO = r"(?P<into>(?:with)?in )?(?:another )?"
_AWAY = r"(?: more)?(?P<ahead> from now| away| out| more)?(?P<ago> ago| back)?"
_MINUTES = r"(?:m|min|mins|minute|minutes|minuts|mn|mns)"
_AN_HOUR = r"(?P<hours>h|hr|hrs|hour|hours)"
_FRACTION = "|".join(sorted(map(re.escape, filter(None, _FRACTIONS)), key=len, reverse=True))

_Reader: TypeAlias = Callable[[re.Match[str]], Clock | Span | None]
_FORMS: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        # now
        (r"now|asap|immediately|rn|straight away|right away", lambda _: Span(0)),
        # 9:30, 9.30, 9 30, 9:30:00, 9:30 am
        (rf"{_HOUR}(?: ?[:.]{{1,2}} ?| )(?P<m>\d\d)(?:[:.]00)?{_HALF}", _face),
        # 930, 0930, 1330 hrs
        (rf"{_HOUR}(?P<m>\d\d)(?: (?:h|hr|hrs|hours))?{_HALF}", _face),
        # 9, 9 am, nine o'clock
        (rf"{_HOUR}(?P<m>(?!))?(?: o ?clock)?{_HALF}", _face),
        # 14h30; 1h30 is a span
        (r"(?P<h>0?[6-9]|1\d|2[0-3]) h (?P<m>\d\d)(?P<half>(?!))?", _face),
        (r"(?:12 |high )?(?:noon|midday|mid day)", _fixed(12)),
        (r"(?:12 )?midnight", _fixed(0)),
        # half past nine, quarter to 10, half 9
        (rf"(?:a )?(?P<n>half|quarter) (?P<side>past|after) {_HOUR}(?: o ?clock)?{_HALF}",
         _relative_face),
        (rf"(?:a )?(?P<n>quarter) (?P<side>to|til|till|of|before) {_HOUR}(?: o ?clock)?{_HALF}",
         _relative_face),
        (rf"(?P<n>half) (?P<side>(?!))?{_HOUR}{_HALF}", _relative_face),
        # 20 past 9, 5 to 10; other figures need their "min", or 8 to 11 would be a time
        (rf"(?P<n>5|10|20|25) (?P<side>past|after|to|til|till|of|before) {_HOUR}{_HALF}",
         _relative_face),
        (rf"(?P<n>\d{{1,2}}) {_MINUTES} (?P<side>past|after|to|til|till|of|before) {_HOUR}{_HALF}",
         _relative_face),
        # in 20 min, 20 mins ago, a couple of minutes
        (rf"{_INTO}(?P<n>\d{{1,3}}|(?:a )?couple(?: of)?)(?: more)? {_MINUTES}{_AWAY}", _span),
        # in 20, 20 ago: without a unit these are minutes
        (r"(?P<into>(?:with)?in )(?P<n>\d{1,3})(?P<bare>)", _span),
        (r"(?P<n>\d{1,3})(?P<ahead> away| out)?(?P<ago>(?<!away)(?<!out) ago)?(?P<bare>(?<=[a-z]))",
         _span),
        # an hour, half an hour, 1.5 hrs, 1 1/2 hours
        (rf"{_INTO}(?:(?P<n>{_FRACTION}|\d{{1,2}}(?:\.\d{{1,2}})?(?: 1/2)?) )?{_AN_HOUR}{_AWAY}",
         _span),
        # 1 h 30, 1 hour and 20 min, 1 hr and a half, hour and half
        (rf"{_INTO}(?:(?P<n>an?|\d{{1,2}}) )?{_AN_HOUR}(?: and)?"
         rf"(?: (?P<plus>[0-5]?\d)(?: {_MINUTES})?|(?P<and_half> (?:a )?half)){_AWAY}", _span),
        # 1:30 hours
        (rf"{_INTO}(?P<n>\d{{1,2}})[:](?P<plus>[0-5]\d) {_AN_HOUR}{_AWAY}", _span),
    )
)  # fmt: skip


def parse(tokens: list[str]) -> Clock | Span | None:
    """What the tokens as a whole say; None where no form fits."""
    said = " ".join(tokens)
    for pattern, reader in _FORMS:
        if (match := pattern.fullmatch(said)) and (read := reader(match)):
            return read
    return None
