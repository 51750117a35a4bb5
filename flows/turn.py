"""What one event makes of a job, in the making: where it stands now and what must be done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from flows.effects import Alert, Effect, Log, MailOffice, Owe
from flows.events import (
    ConfirmedUpTo,
    Happening,
    Said,
    SentPhoto,
    Spoke,
    ToldText,
    ToldTime,
    WentBack,
)
from flows.facts import MINUTE, Facts, Instant
from flows.talk import Talk

TOLD_LATE = 30 * MINUTE
"""Told later than this after it happened: marked in the timeline, and the DM is told."""
FROM_THE_TECHNICIAN = (Said, ToldTime, ToldText, SentPhoto, ConfirmedUpTo, Spoke, WentBack)
"""The events that break a technician's silence, and that BACK may take back."""
_BINDING = (Alert, MailOffice, Owe)


class Standing(NamedTuple):
    """A reminder that stands: when it is due and what to do if it is found late."""

    due: Instant
    late: str


@dataclass(slots=True)
class Turn:
    """What one event made of a job.

    `heard` is False where the event means nothing at this step; then nothing else changed.
    `entered` says that the job stands at a step anew, so that older buttons no longer count.
    `stood` are the reminders that stood before, `stands` those that stand now, by full name.
    """

    talk: Talk
    facts: Facts
    effects: list[Effect] = field(default_factory=list)
    heard: bool = True
    entered: bool = False
    stood: Mapping[str, Standing] = field(default_factory=dict)
    stands: Mapping[str, Standing] = field(default_factory=dict)


def binds(does: Iterable[Effect]) -> bool:
    """Whether a move told, mailed or owed something, so that BACK cannot take it back."""
    return any(isinstance(effect, _BINDING) for effect in does)


def told_late(event: Happening) -> bool:
    """Whether a technician told so late that it is marked."""
    return event.told_at - event.at > TOLD_LATE and isinstance(event, FROM_THE_TECHNICIAN)


def log_of(event: Happening, word: str, step: str, **detail: object) -> Log:
    """The timeline's line of an event; details that are empty are left out."""
    kept = {name: value for name, value in detail.items() if value not in (False, None)}
    if text := getattr(event, "text", ""):
        kept["text"] = text
    if isinstance(event, ToldTime):
        kept["when"] = event.when
    if isinstance(event, SentPhoto):
        kept["photo"] = event.photo
    return Log(word, step, event.at, event.told_at, event.by, event.channel, kept)
