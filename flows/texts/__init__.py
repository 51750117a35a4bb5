"""Every sentence that Doorstep says, by language and key (`<flow>.<step>`): a folder a language.

A table with `sms` and `chat` is a sentence; one with `text` says the same in both forms; one with
`subject` and `body` is a mail, and these are its two forms. A table with nothing but labels gives
them to the sentences beneath it. Tables inside a table are further keys: `[where]` and
`[where.thirty]` are both sentences. Placeholders are `{name}`.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from string import Formatter
from typing import Any

_OWN: Mapping[str, type] = {
    "sms": str, "chat": str, "text": str, "subject": str, "body": str,
    "choices": dict, "buttons": dict, "values": list,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence in its two forms.

    `sms` is plain GSM-7, `chat` is Telegram HTML (of a mail: its subject and its body, plain text).
    `choices` maps a word of the step to its label, `buttons` to a longer label for a chat. `values`
    are what whoever says the sentence hands in, besides those of a job or person (`bot.speech`).
    """

    sms: str
    chat: str
    choices: Mapping[str, str] = field(default_factory=dict)
    buttons: Mapping[str, str] = field(default_factory=dict)
    values: tuple[str, ...] = ()


def placeholders(template: str) -> tuple[str, ...]:
    """The names in a template, each once, in order; ValueError where a brace stands alone."""
    names = (name for _, name, _, _ in Formatter().parse(template) if name is not None)
    return tuple(dict.fromkeys(names))


def languages() -> tuple[str, ...]:
    """The languages that there are, as two letters, sorted."""
    return tuple(sorted(folder.name for folder in _root().iterdir() if any(_files(folder))))


@cache
def sentences(language: str) -> Mapping[str, Sentence]:
    """Key → sentence in `language`; KeyError where nobody has written that language."""
    return {
        key: Sentence(
            table.get("sms") or table.get("text") or table.get("subject") or "",
            table.get("chat") or table.get("text") or table.get("body") or "",
            table.get("choices", {}),
            table.get("buttons", {}),
            tuple(table.get("values", ())),
        )
        for key, table in _tables(language).items()
    }


def _root() -> Traversable:
    return resources.files(__name__)


def _files(folder: Traversable) -> Iterator[Traversable]:
    if folder.is_dir():
        yield from (file for file in folder.iterdir() if file.name.endswith(".toml"))


@cache
def _tables(language: str) -> dict[str, dict[str, Any]]:
    if language not in languages():
        raise KeyError(language)
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(_files(_root() / language), key=lambda each: each.name):
        for key, table in _flat(tomllib.loads(file.read_text("utf-8"))):
            if key in found:
                raise ValueError(f"{file.name}: {key} stands in two files; keep one of them")
            found[key] = table
    return found


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    own = {name: value for name, value in table.items() if isinstance(value, _OWN.get(name, ()))}
    if own:
        yield above, own
    for name, value in table.items():
        if name not in own:
            if not isinstance(value, dict):
                raise TypeError(f"{above}: {name} is no part of a sentence")
            yield from _flat(value, f"{above}.{name}" if above else name)
