"""Where one job stands: a stack of (flow, step) frames with its marks, to and from plain JSON."""

import json
from dataclasses import dataclass, field

from flows.documents import compact
from flows.facts import Instant

UNDO_DEPTH = 3


@dataclass(slots=True)
class Talk:
    """The state of one job's conversation; loaded, advanced once and stored again in each turn.

    `frames` is the stack of (flow, step), the program's line first. `marks` are moments that rows
    and reminders refer to, `words` what was told in free words. `fired` are the reminders that have
    rung (or were over already) at the steps in use, each with the moment that it rang for. `untold` are timed steps that were confirmed without their time. `spare` are
    photos that nobody asked for. `past` is what BACK returns to, youngest last.
    """

    frames: list[tuple[str, str]]
    marks: dict[str, Instant] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    fired: dict[str, Instant] = field(default_factory=dict)
    untold: list[str] = field(default_factory=list)
    spare: list[int] = field(default_factory=list)
    album: str = ""
    past: list[dict[str, object]] = field(default_factory=list)

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

    def copy(self) -> "Talk":
        """An independent copy."""
        return Talk(
            list(self.frames), dict(self.marks), dict(self.words), dict(self.fired), list(self.untold),
            list(self.spare), self.album, list(self.past),
        )

    def remember(self) -> None:
        """Keep where the job stands now, so that BACK can return to it."""
        snapshot: dict[str, object] = {
            "frames": list(self.frames), "marks": dict(self.marks), "fired": dict(self.fired),
            "untold": list(self.untold),
        }
        self.past = [*self.past[1 - UNDO_DEPTH :], snapshot]

    def go_back(self) -> bool:
        """Return to where the job stood before the last move; False if nothing can be undone."""
        if not self.past:
            return False
        *self.past, last = self.past
        stored = _read({**last, "past": []})
        self.frames, self.marks = stored.frames, stored.marks
        self.fired, self.untold = stored.fired, stored.untold
        return True

    def to_json(self) -> str:
        """This talk as one JSON document; `from_json` reads it."""
        return compact(
            {
                "frames": self.frames, "marks": self.marks, "words": self.words, "fired": self.fired,
                "untold": self.untold, "spare": self.spare, "album": self.album, "past": self.past,
            }
        )

    @staticmethod
    def from_json(document: str) -> "Talk":
        """The talk that `to_json` wrote."""
        return _read(json.loads(document))


def _read(raw: dict[str, object]) -> Talk:
    known = {name: raw[name] for name in Talk.__dataclass_fields__ if name in raw}
    known["frames"] = [(flow, step) for flow, step in raw["frames"]]  # type: ignore[attr-defined]
    return Talk(**known)  # type: ignore[arg-type]
