"""What technicians ask, by topic, and what `?` alone means at a step; data, a file a language.

The answers are sentences: `answer.<topic>`, or `for.<program>.answer.<topic>` where it is a
program's own. A program answers the topics that it has a sentence for, and invents none.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

_NO_TOPICS = ("alike", "common")


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing that is asked: how people put it, and the steps at which `?` alone means it."""

    asked: tuple[str, ...]
    steps: tuple[str, ...] = ()


@cache
def topics(language: str) -> Mapping[str, Topic]:
    """Every topic by name; none in a language that nobody has written."""
    return {
        name: Topic(tuple(each["asked"]), tuple(each.get("steps", ())))
        for name, each in _file(language).items()
        if name not in _NO_TOPICS
    }


def speech(language: str) -> Mapping[str, Sequence[Any]]:
    """How people of that language put things: `alike`, groups of words of one meaning, and
    `common`, words that say little."""
    return {name: _file(language).get(name, {}).get("words", ()) for name in _NO_TOPICS}


@cache
def _file(language: str) -> Mapping[str, Any]:
    file = resources.files(__name__) / f"{language}.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}


def own_key(program: str, topic: str) -> str:
    """The key of a program's own answer."""
    return f"for.{program}.answer.{topic}"
