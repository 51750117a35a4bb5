"""What pages and short lists call things: states, events, reminders (flows/texts, names.toml)."""

import re
from functools import lru_cache

from flows.texts import sentences

_NUMBER = re.compile(r"_\d+$")
_OPEN = re.compile(r",? *\b(?:till|until|at|by|for)? *\{\w+\}")
"""What a state's words leave to be filled in for one job: lists say it elsewhere."""
_INITIALS = re.compile(r"\b(eta|ivr|dm)\b")


@lru_cache(maxsize=1024)
def event_words(name: str) -> str:
    """What happened, as a timeline says it: "At the door"."""
    return _called("event", name) or plain_name(name).capitalize()


@lru_cache(maxsize=1024)
def timer_words(name: str) -> str:
    """What a reminder will do (its full name, with or without its day): "alert: no ETA"."""
    full = name.partition(" ")[0]
    short = full.rpartition(".")[2]
    return _called("timer", full) or _called("timer", short) or plain_name(short)


@lru_cache(maxsize=1024)
def state_words(name: str) -> str:
    """Where a job stands, as texts say it too: "send the ETA"."""
    return _OPEN.sub("", _called("step", name)) or plain_name(name)


def _called(kind: str, name: str) -> str:
    """What names.toml calls it; reminders of one kind (`eta_75`, `eta_60`) share a name."""
    known = sentences("en")
    found = known.get(f"{kind}.{name}") or known.get(f"{kind}.{_NUMBER.sub('', name)}")
    return found.sms if found else ""


@lru_cache(maxsize=1024)
def plain_name(name: str) -> str:
    """A name of the product's as words: `no_show.call_office` is "no show: call office"."""
    said = _called("name", name) or name.replace("_", " ").replace(".", ": ")
    return _INITIALS.sub(lambda found: found[0].upper(), said)
