"""From what a turn wants said to the text that leaves: for a phone without an app, and for a chat.

Pure: no SQL, no clock. A `Message` is statements, at most one prompt, and its choices; `Wording`
renders it with the sentences of `flows.texts`. What a sentence may name comes from `job_values`,
from `person_values`, and from whoever says it (`Sentence.values`).
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.speech.gsm import ONE, fold, septets
from bot.speech.naming import JobValues, job_values, person_values
from flows.texts import Sentence, languages, placeholders, sentences

__all__ = [
    "JobValues",
    "Message",
    "Part",
    "Spoken",
    "Unsaid",
    "Wording",
    "job_values",
    "person_values",
]

LONGEST_SMS = 10 * 153
"""Ten parts; a provider takes 1600 characters. Only lists and what somebody typed get there."""
LONGEST_CHAT = 4096
"""UTF-16 units that a chat message may have."""
LONGEST_VALUE = 1000
_FALLBACK = "en"
_NESTED = {
    "where": ("step", "at"), "reason": ("reason", "case"), "verdict": ("verdict", "choice"),
    "which": ("which", "said_which"), "wish": ("wish", "said_wish"),
    "amount": ("amount", "said_amount"), "decision": ("decision", "said_decision"),
    "office_now": ("office", "office_is"),
    "matter": ("matter", "kind"),
}  # fmt: skip
"""A placeholder that is itself a sentence: `{where}` is `step.<value of at>`."""
_TAG = re.compile(r"<[^>]+>")
_PROMPT_STANDS = frozenset({
    "not_understood", "not_understood.photo", "known", "not_here", "late.nothing",
    "stale", "recovered",
    "done_of_untold", "time.unread", "time.either", "time.future", "time.early", "edited",
    "sticker", "welcome", "contact_refused", "too_long", "practice.other", "onboarding.stale",
    "onboarding.not_understood", "onboarding.no_way_back", "photo.lost", "photo.unreadable",
    "photo.too_big", "help.photo",
})  # fmt: skip
"""What is said of an answer that came to nothing: the prompt stands on the phone just above, so a
phone without an app gets only where it stands and its choices, and pays for one text."""


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence's key and what its placeholders stand for."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """One message: statements in their order, then a prompt with its choices as (digit, word).

    `prefix` is the job's letter ("" where it is about none), `number` the prompt's place in the
    line ("2/11"), `must` the indexes of `parts` that also a phone with little room gets; `after`
    follows the prompt and may bring labels of its own.
    """

    parts: tuple[Part, ...]
    ask: Part | None = None
    choices: tuple[tuple[str, str], ...] = ()
    prefix: str = ""
    number: str = ""
    must: frozenset[int] = frozenset()
    after: Part | None = None


class Unsaid(LookupError):
    """A sentence, a label or a value is missing (only where the wording is strict)."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence, ready to be filled: each form with the names in it; labels, its parents' too."""

    sms: str
    chat: str
    in_sms: tuple[str, ...]
    in_chat: tuple[str, ...]
    choices: Mapping[str, str]
    buttons: Mapping[str, str]
    blanks: Mapping[str, str]
    strict: bool

    def fill(self, values: Mapping[str, str]) -> tuple[str, str]:
        """Both forms with their values, nothing escaped: of a mail its subject and its body."""
        return (
            self.sms.format_map({name: self.value(name, values) for name in self.in_sms}),
            self.chat.format_map({name: self.value(name, values) for name in self.in_chat}),
        )

    def value(self, name: str, values: Mapping[str, str]) -> str:
        """What `name` stands for; "?" where nobody knows. Unsaid where that is not to happen."""
        value = values.get(name)
        if value:
            return value
        if name in self.blanks:
            return self.blanks[name]
        if name in _NESTED:
            family, by = _NESTED[name]
            kind = values.get(by, "")
            told = self.blanks.get(f"{family}.{kind}") or self.blanks.get(f"{family}.other")
            if told:
                names = placeholders(told)
                return told.format_map({each: self.value(each, values) for each in names})
        if self.strict and value is None:
            raise Unsaid(name)
        return "?"


class Wording:
    """Every sentence in every language, ready to be said.

    With `strict` a key, label or value that is missing raises `Unsaid`, for tests; a technician
    gets a text with a "?" in it rather than none. A language that nobody has written is English.
    """

    def __init__(
        self, texts: Mapping[str, Mapping[str, Sentence]], *, strict: bool = False
    ) -> None:
        self.strict = strict
        self._spoken = {
            language: _spoken(known, strict=strict) for language, known in texts.items()
        }
        self._special = frozenset(
            key.split(".", 2)[2]
            for known in texts.values()
            for key in known
            if key.startswith("for.") and key.count(".") > 1
        )

    @classmethod
    def shipped(cls, *, strict: bool = False) -> "Wording":
        """The wording of all languages that come with the product."""
        return cls({language: sentences(language) for language in languages()}, strict=strict)

    def sentence(self, key: str, language: str = _FALLBACK, program: str = "") -> Spoken:
        """The sentence of that key; a program's own, `for.<program>.<key>`, before the common."""
        known = self._spoken.get(language) or self._spoken[_FALLBACK]
        if key in self._special and (own := f"for.{program}.{key}") in known:
            return known[own]
        found = known.get(key) or self._spoken[_FALLBACK].get(key)
        if found is not None:
            return found
        if self.strict:
            raise Unsaid(key)
        return _unknown(key)

    def has(self, key: str) -> bool:
        """Whether there is a sentence of that key."""
        return key in self._spoken[_FALLBACK]

    def sms(self, message: Message, language: str = _FALLBACK, *, lettered: bool = False) -> str:
        """The text for a phone: GSM-7, one segment where what must be said leaves room for that.

        Statements that need not be said are left out, last first, while the whole is longer. With
        `lettered` the choices carry the job's letter: "B1 Sent B2 Problem".
        """
        said = [self._text(part, language) for part in message.parts]
        end: list[str] = []
        if message.ask:
            asked = self._text(message.ask, language)
            end.append(f"{message.number} {asked}" if message.number else asked)
        if message.after:
            end.append(self._text(message.after, language))
        if labels := self._labels(message, language, message.prefix if lettered else ""):
            end.append(labels)
        left = list(range(len(said)))
        enough = message.ask or message.must
        spare = [index for index in left if index not in message.must] if enough else []
        text = _joined(message.prefix, [*said, *end])
        while spare and septets(text) > ONE:
            left.remove(spare.pop())
            text = _joined(message.prefix, [*(said[index] for index in left), *end])
        if septets(text) > ONE and message.ask and _stands(message):
            short = [] if self._names_where(message, language) else [self._at(message, language)]
            after = [self._text(message.after, language)] if message.after else []
            end = [*short, *after, *([labels] if labels else [])]
            text = _joined(message.prefix, [*said, *end])
            if septets(text) > ONE and _answers(message.parts[0]):
                text = _joined(message.prefix, said)
            elif septets(text) > ONE:  # a menu: its choices say where one is
                text = _joined(message.prefix, [re.split(r"(?<=\.) ", said[0])[0], *end[-1:]])
        return text if len(text) <= LONGEST_SMS else f"{text[: LONGEST_SMS - 3]}..."

    def chat(
        self, message: Message, language: str = _FALLBACK
    ) -> tuple[str, list[tuple[str, str, str]]]:
        """The HTML for a chat, and its buttons as (label, digit, word)."""
        blocks = [self._html(part, language) for part in message.parts]
        if message.ask:
            blocks.append(self._html(message.ask, language))
        head = " · ".join(each for each in (message.prefix, message.number) if each)
        text = "\n\n".join(blocks)
        if head:
            text = f"<b>{html.escape(head)}</b>\n{text}"
        if not message.choices:
            return _short_enough(text), []
        asked = self._asker(message, language)
        more = self._of(message.after, language).buttons if message.after else {}
        buttons = [
            (more.get(word) or asked.buttons.get(word) or self._label(asked, word), digit, word)
            for digit, word in message.choices
        ]
        return _short_enough(text), buttons

    def _text(self, part: Part, language: str) -> str:
        spoken = self._of(part, language)
        value, values = spoken.value, part.values
        filled = {name: value(name, values) for name in spoken.in_sms}
        return _capital(spoken.sms, fold(spoken.sms.format_map(filled)))

    def _names_where(self, message: Message, language: str) -> bool:
        return any("where" in self._of(part, language).in_sms for part in message.parts)

    def _at(self, message: Message, language: str) -> str:
        """A prompt in two or three words: its place in the line, and the step."""
        assert message.ask is not None
        where = self._of(message.ask, language).value("where", message.ask.values)
        return fold(f"{message.number} {where}".strip())

    def _html(self, part: Part, language: str) -> str:
        spoken = self._of(part, language)
        value, values = spoken.value, part.values
        filled = {name: html.escape(value(name, values)[:LONGEST_VALUE]) for name in spoken.in_chat}
        return _capital(spoken.chat, spoken.chat.format_map(filled))

    def _asker(self, message: Message, language: str) -> Spoken:
        part = message.ask or (message.parts[-1] if message.parts else Part(""))
        return self._of(part, language)

    def _of(self, part: Part, language: str) -> Spoken:
        return self.sentence(part.key, language, part.values.get("program", ""))

    def _labels(self, message: Message, language: str, letter: str) -> str:
        if not message.choices:
            return ""
        asked = self._asker(message, language)
        more = self._of(message.after, language).choices if message.after else {}
        labelled = [
            (digit, fold(more.get(word) or self._label(asked, word)))
            for digit, word in message.choices
        ]
        # A choice that is its own label stands in the sentence already.
        return " ".join(f"{letter}{digit} {label}" for digit, label in labelled if label != digit)

    def _label(self, asked: Spoken, word: str) -> str:
        label = asked.choices.get(word)
        if label:
            return label
        if self.strict and word.islower():
            raise Unsaid(word)
        return word.replace("_", " ").capitalize()


def _spoken(known: Mapping[str, Sentence], *, strict: bool) -> dict[str, Spoken]:
    families = ("blank.", *(f"{family}." for family, _ in _NESTED.values()))
    blanks = {
        key.removeprefix("blank."): each.sms
        for key, each in known.items()
        if key.startswith(families)
    }
    found: dict[str, Spoken] = {}
    for key, each in known.items():
        choices, buttons = dict(each.choices), dict(each.buttons)
        for parent in filter(None, map(known.get, _above(key))):
            choices = {**parent.choices, **choices}
            buttons = {**parent.buttons, **buttons}
        sms, chat = each.sms.strip(), each.chat.strip()
        found[key] = Spoken(
            sms, chat, placeholders(sms), placeholders(chat), choices, buttons, blanks, strict
        )
    return found


def _stands(message: Message) -> bool:
    return "at" in (message.ask.values if message.ask else ()) and any(
        part.key in _PROMPT_STANDS or _answers(part) for part in message.parts
    )


def _answers(part: Part) -> bool:
    """Whether it answers a question: whole, before the step is put again."""
    return part.key.startswith("answer.")


def _above(key: str) -> Iterator[str]:
    """The keys whose labels a sentence has as well, nearest first; a program's own: the common."""
    if key.startswith("for."):
        key = key.split(".", 2)[-1]
        yield key
    while "." in key:
        key = key.rpartition(".")[0]
        yield key


def _unknown(key: str) -> Spoken:
    text = f"({key})"
    return Spoken(text, text, (), (), {}, {}, {}, strict=False)


def _joined(prefix: str, blocks: list[str]) -> str:
    text = "\n".join(blocks)
    return f"{prefix} {text}" if prefix else text


def _capital(template: str, text: str) -> str:
    """A sentence that opens with a name which is not known opens with a capital all the same."""
    return text[:1].upper() + text[1:] if template.startswith(("{dm}", "{customer}")) else text


def _short_enough(text: str) -> str:
    """Within what a chat takes: a longer one loses its formatting and its end."""
    if len(text) <= LONGEST_CHAT // 2 or _units(_plain(text)) <= LONGEST_CHAT:
        return text
    plain = _plain(text)
    kept = plain.encode("utf-16-le")[: 2 * (LONGEST_CHAT - 2)].decode("utf-16-le", "ignore")
    return f"{html.escape(kept)} …"


def _plain(text: str) -> str:
    return html.unescape(_TAG.sub("", text))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
