"""What can happen to a job: facts of the past, each with when it happened and when we were told."""

from dataclasses import dataclass

from flows.facts import Instant

ENDINGS = frozenset({"closed_by_office", "cancelled", "moved", "reassigned"})
"""How a visit may be ended from outside, whatever it is at."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something happened.

    `at` is when it happened, `told_at` when we learnt of it: they differ where a technician tells
    late ("1 1015"). `by` is a person's name, `clock` or `system`; `channel` is where it came in.
    """

    at: Instant
    told_at: Instant
    by: str
    channel: str


@dataclass(frozen=True, slots=True)
class Said(Happening):
    """Somebody chose a word of the step ("sent", "there", "no_show")."""

    word: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class ToldTime(Happening):
    """A time was given where one was asked for; `when` is the time itself."""

    when: Instant


@dataclass(frozen=True, slots=True)
class ToldText(Happening):
    """Free words where the step asks for words."""

    text: str


@dataclass(frozen=True, slots=True)
class SentPhoto(Happening):
    """A photo's bytes are durable here: from now on it is evidence (P7)."""

    photo: int
    album: str = ""
    offered: bool = False
    """A helper's: kept for whoever leads, it moves nothing."""


@dataclass(frozen=True, slots=True)
class TimerFired(Happening):
    """A reminder of this job came due; `timer` is its full name, `flow.name`."""

    timer: str
    due: Instant


@dataclass(frozen=True, slots=True)
class Decided(Happening):
    """A manager decided what an alert had asked: `word` is what the answer stands for."""

    word: str


@dataclass(frozen=True, slots=True)
class ConfirmedUpTo(Happening):
    """`DONE 7`: everything up to the step with this number is done."""

    number: int


@dataclass(frozen=True, slots=True)
class Spoke(Happening):
    """The technician said something that moves no job: silence is broken all the same."""


@dataclass(frozen=True, slots=True)
class WentBack(Happening):
    """`BACK`: the last step was a mistake."""


@dataclass(frozen=True, slots=True)
class Passed(Happening):
    """Somebody else saw a step of one's getting ready done; an end: all of it."""

    step: str


@dataclass(frozen=True, slots=True)
class Ended(Happening):
    """The office, a manager or the manifest ended the visit; `state` is one of `ENDINGS`."""

    state: str
