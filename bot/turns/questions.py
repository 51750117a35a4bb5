"""`?` and whatever is asked at any step: a short answer from the program's own facts (M11, M14).

No facts are invented: what no program's answers say is said to be unknown, with a way to a person.
The step is put again behind the answer.
"""

import re
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from bot.speech.naming import fees_of
from bot.speech.wording import Wording, person_values
from bot.turns import unclear
from flows.answers import own_key, speech, topics
from flows.shape import Program
from flows.words import Answer, Heard, Prompt, Unclear, clean
from storage import people
from storage.answers import Library, Speech

if TYPE_CHECKING:
    from bot.turns.technician import Technician

_ASKS = frozenset({
    "who", "what", "whats", "when", "where", "which", "why", "how", "may", "can", "could", "do",
    "does", "did", "is", "are", "am", "should", "must", "shall", "will",
})  # fmt: skip
_PUT_AGAIN = frozenset({"step", "setup", "practice"})
_SENTENCE = 3
_FIGURE = re.compile(r"(?<![\d.,])\d{1,5}(?:[.,]\d{1,2})?(?![\d.,]*\d)")


def asked(turn: "Technician", text: str, prompt: Prompt | None, heard: Heard) -> bool:
    """Whether `text` is a question; then it is answered. An answer to the prompt never is one."""
    if not isinstance(heard, Unclear) and not (isinstance(heard, Answer) and not heard.word):
        return False
    bare = clean(text)
    words = bare.casefold().split()
    opens = bool(words) and words[0] in _ASKS
    marked = bare.startswith("?") or ("?" in bare and (opens or len(words) >= _SENTENCE))
    if not marked and not (opens and len(words) >= _SENTENCE):
        return False  # "arrived?" asks nothing
    free = prompt is not None and prompt.waits_for == "text"
    own_words = prompt is not None and prompt.kind in ("manager", "new")
    if (free or own_words) and not bare.startswith("?") and (own_words or not bare.endswith("?")):
        return False
    key, values = _found(turn, bare)
    unsure = free or not marked or len(words) < _SENTENCE
    if not key and unsure and not bare.startswith("?"):
        return False
    if unclear.may_answer(turn.tx, turn.person, text, turn.now):
        _say(
            turn, key or "answer.unknown", values, again=prompt is None or prompt.kind in _PUT_AGAIN
        )
    return True


def _say(turn: "Technician", key: str, values: dict[str, str], *, again: bool) -> None:
    manager = people.get(turn.tx, turn.person["dm"]) if turn.person["dm"] else None
    contacts = turn.context.contacts(_program(turn))
    fees = fees_of(_program(turn))
    known = person_values(turn.person, manager, contacts, sms=turn.sms) | fees | values
    job = turn.in_hand()
    if again:
        turn.say_where(key, known)
    else:
        turn.reply.say(key, (dict(turn.values(job)) if job else {}) | known)


def _program(turn: "Technician") -> str:
    job = turn.in_hand()
    return str(job["program"] if job else turn.person["program"])


def _found(turn: "Technician", bare: str) -> tuple[str, dict[str, str]]:
    """The key of the answer and what it names; "" where none is known."""
    program, language = _program(turn), turn.person["language"]
    wording = turn.context.wording
    question = bare.strip(" ?!.")
    if not question:
        job = turn.in_hand()
        step = turn.talk(job).step if job else ""
        topic = next((n for n in known(wording, program) if step in topics("en")[n].steps), "")
        return (f"answer.{topic}" if topic else "answer.ask"), {}
    topic = _topic(wording, program, language, question)
    figures = [Decimal(each.replace(",", ".")) for each in _FIGURE.findall(question)]
    if shared := _shares(turn.context.programs[program], figures):
        return "answer.price_sum", shared
    return (f"answer.{topic}" if topic else ""), {}


def _topic(wording: Wording, program: str, language: str, question: str) -> str:
    found = _library(wording, program, language if topics(language) else "en").find(question)
    return found[0][0] if found else ""


def known(wording: Wording, program: str) -> tuple[str, ...]:
    """The topics that a program answers, in their order: its own, and those of all."""
    return tuple(
        name
        for name in topics("en")
        if wording.has(own_key(program, name)) or wording.has(f"answer.{name}")
    )


@cache
def _library(wording: Wording, program: str, language: str) -> Library:
    entries = (
        (name, phrase)
        for name in known(wording, program)
        for phrase in topics(language)[name].asked
    )
    return Library(entries, Speech(**speech(language)))


def _shares(program: Program, figures: list[Decimal]) -> dict[str, str]:
    """The figures of a price that the client's apps show, by name, and as `<name>_part` what each
    has more than the one before (M14); empty where not just these were given."""
    if not figures or len(figures) != len(program.price_figures):
        return {}
    named = dict(zip(program.price_figures, sorted(figures), strict=True))
    pairs = pairwise(named.items())
    amounts = named | {f"{name}_part": more - less for (_, less), (name, more) in pairs}
    return {
        name: f"{program.currency}{amount:.2f}".removesuffix(".00")
        for name, amount in amounts.items()
    }
