"""Where one job stands: a stack of (flow, step) frames with its marks, to and from plain JSON."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flows.documents import compact
from flows.facts import Instant

UNDO_DEPTH = 3
_IN_A_SNAPSHOT = ("frames", "marks", "fired", "times", "confirmed")


@dataclass(slots=True)
class Talk:
    """The state of one job's conversation; loaded, advanced once and stored again in each turn.

    `frames` is the stack of (flow, step), the program's line first. `marks` are moments that rows
    and reminders refer to, `words` what was told in free words, by step. `fired` are the reminders
    that have rung (or were already over) at the steps in use, each with the moment that it rang
    for. `times` are timed steps that were confirmed without their time, `confirmed` is how far
    `DONE n` goes once the photo that it waits for is there. `spare` are photos that nobody asked
    for, `album` the one that the last photo came in. `past` is what BACK returns to, youngest last.
    """

    frames: list[tuple[str, str]]
    marks: dict[str, Instant] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    fired: dict[str, Instant] = field(default_factory=dict)
    times: list[str] = field(default_factory=list)
    confirmed: int = 0
    spare: list[int] = field(default_factory=list)
    album: str = ""
    past: list[dict[str, Any]] = field(default_factory=list)

    @property
    def flow(self) -> str:
        """The flow on top."""
        return self.frames[-1][0]

    @property
    def step(self) -> str:
        """The step on top."""
        return self.frames[-1][1]

    @property
    def state(self) -> str:
        """The state as everybody outside names it: `arrive`, or `no_show.waiting` in a branch."""
        flow, step = self.frames[-1]
        return step if len(self.frames) == 1 else f"{flow}.{step}"

    @property
    def under(self) -> str | None:
        """The main step beneath a branch, None in the main line."""
        return self.frames[0][1] if len(self.frames) > 1 else None

    @property
    def untold(self) -> list[str]:
        """The steps whose time is asked for now, in order; a branch on top goes first."""
        return self.times if len(self.frames) == 1 else []

    def copy(self) -> "Talk":
        """An independent copy."""
        return Talk(
            list(self.frames),
            dict(self.marks),
            dict(self.words),
            dict(self.fired),
            list(self.times),
            self.confirmed,
            list(self.spare),
            self.album,
            list(self.past),
        )

    def remember(self, planned: Instant | None = None) -> None:
        """Keep where the job stands now, so that BACK can return to it.

        `planned` is the planned arrival, where the move that follows changes it.
        """
        snapshot = _set(self.copy(), _IN_A_SNAPSHOT)
        snapshot["frames"] = [list(frame) for frame in self.frames]
        if planned is not None:
            snapshot["planned"] = planned
        self.past = [*self.past[1 - UNDO_DEPTH :], snapshot]

    def go_back(self) -> Instant | None:
        """Return to where the job stood before the last move, which `past` must hold.

        Returns the planned arrival of then, where the move had changed it.
        """
        *self.past, last = self.past
        planned: Instant | None = last.get("planned")
        stored = _read(last)
        for name in _IN_A_SNAPSHOT:
            setattr(self, name, getattr(stored, name))
        return planned

    def to_json(self) -> str:
        """This talk as one JSON document; `from_json` reads it."""
        return compact(self.plain())

    def plain(self) -> dict[str, Any]:
        """The same as dicts, lists, texts and numbers; `of` reads it."""
        return _set(self, _FIELDS)

    @staticmethod
    def from_json(document: str) -> "Talk":
        """The talk that `to_json` wrote."""
        return _read(json.loads(document))

    @staticmethod
    def of(plain: dict[str, Any]) -> "Talk":
        """The talk that `plain` gave."""
        return _read(plain)


_FIELDS = Talk.__dataclass_fields__.keys()


def _set(talk: Talk, names: Iterable[str]) -> dict[str, Any]:
    """What of it is set: most of a talk is empty most of the time."""
    return {name: value for name in names if (value := getattr(talk, name))}


def _read(raw: dict[str, Any]) -> Talk:
    known = {name: value for name, value in raw.items() if name in _FIELDS}
    known["frames"] = [(flow, step) for flow, step in raw["frames"]]
    return Talk(**known)
