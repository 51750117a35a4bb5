"""The engine: one event and where a job stands in, where it stands now and what must be done out.

Pure: no clock, no network, no disk; the same input gives the same output. Everything that decides
a move is a row in programs/ or side/. What is not a row, and therefore stands here, is what holds
for every flow alike:

* a call pushes a frame, an end lands in the caller (`_call`, `_land`);
* each move from a main step keeps that step's moment as a mark (`_keep_moment`);
* BACK, DONE n, told-late answers, photos that nobody asked for, changing the case of a branch;
* which reminders stand is computed from where the job stands (`standing`), never ordered by rows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from flows.conditions import holds
from flows.effects import (
    Alert, Ask, CloseAlerts, Effect, Forget, KeepPhoto, Log, MailOffice, Menu, Note, Owe, Replan, Say,
)
from flows.events import (
    ConfirmedUpTo, Decided, Ended, Happening, Said, SentPhoto, TimerFired, ToldText, ToldTime, WentBack,
)
from flows.facts import MINUTE, Facts, Instant
from flows.machine import Line
from flows.shape import Call, Flow, Program, Remind, Step
from flows.talk import Talk

TOLD_LATE = 30 * MINUTE
"""Told later than this after it happened: marked in the timeline, and the DM is told."""


@dataclass(slots=True)
class Turn:
    """What one event made of a job.

    `heard` is False where the event means nothing at this step; then nothing else changed.
    `entered` says that the job stands at a step anew, so that older buttons no longer count.
    """

    talk: Talk
    facts: Facts
    effects: list[Effect] = field(default_factory=list)
    heard: bool = True
    entered: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """A reminder that stands: when it is due and what to do if it is found late."""

    due: Instant
    late: str


class Engine:
    """All programs' rules, ready to advance any job."""

    def __init__(self, programs: Mapping[str, Program], sides: Mapping[str, Flow]) -> None:
        self.programs = programs
        self.lines = {program.line.name: Line(program.line) for program in programs.values()}
        self.lines |= {flow.name: Line(flow) for flow in sides.values()}

    # -- asking ---------------------------------------------------------------------------------

    def step(self, talk: Talk) -> Step:
        """The step on top of the talk."""
        return self.lines[talk.flow].steps[talk.step]

    def is_over(self, talk: Talk) -> bool:
        """Whether the visit has come to an end."""
        return len(talk.frames) == 1 and bool(self.step(talk).ends)

    def choices(self, talk: Talk) -> dict[str, str]:
        """Digit → word of what may be answered at the step on top."""
        step = self.step(talk)
        return {**step.choices, **(step.offers if talk.spare else {})}

    def prompt_key(self, talk: Talk) -> str:
        """The key of the sentence that asks for the step on top, or for a time that is missing."""
        if talk.untold:
            return f"time_of.{talk.untold[0]}"
        step = self.step(talk)
        for mark, variant in step.variants:
            if mark in talk.marks:
                return f"{talk.flow}.{variant}"
        return f"{talk.flow}.{step.name}"

    def waits_for(self, talk: Talk) -> str:
        """What besides a choice the job waits for: "time", "text", "photo" or nothing."""
        return "time" if talk.untold else self.step(talk).asks

    def callable_here(self, talk: Talk) -> list[str]:
        """The words of the escalation menu that lead somewhere from here (A33: there is always one)."""
        line, step = talk.frames[0]
        return [call.word for call in self.lines[line].flow.calls if step in call.at]

    def standing(self, talk: Talk, facts: Facts) -> dict[str, Standing]:
        """The reminders that stand now, by full name (`flow.name`)."""
        found: dict[str, Standing] = {}
        for name, remind in self._reminds(talk):
            due = _moment(remind, talk, facts)
            if due is not None and talk.fired.get(name) != due:
                found[name] = Standing(due, remind.late)
        return found

    def _reminds(self, talk: Talk) -> Iterator[tuple[str, Remind]]:
        above = {flow for flow, _ in talk.frames[1:]}
        for depth, (flow, step) in enumerate(talk.frames):
            on_top = depth == len(talk.frames) - 1
            for remind in self.lines[flow].flow.reminds:
                if step in remind.at and (on_top or above <= set(remind.under)):
                    yield f"{flow}.{remind.name}", remind

    # -- moving ---------------------------------------------------------------------------------

    def begin(self, program: str, facts: Facts, told_at: Instant) -> Turn:
        """A new visit: it stands at the first step of its program's line."""
        flow = self.programs[program].line
        turn = Turn(Talk([(flow.name, flow.first)]), facts, entered=True)
        self._skip_what_is_over(turn, {}, told_at)
        return turn

    def advance(self, talk: Talk, event: Happening, facts: Facts) -> Turn:
        """Where the job stands after `event`, and what must be done."""
        before = self.standing(talk, facts)
        turn = Turn(talk.copy(), facts)
        if isinstance(event, TimerFired):
            self._ring(turn, event)
        elif self.is_over(talk):
            turn.heard = False
        else:
            self._hear(turn, event)
        if turn.heard:
            if event.by not in ("clock", "system"):
                turn.talk.marks["heard"] = event.told_at
            self._skip_what_is_over(turn, before, event.told_at)
            self._fire_what_is_over(turn, event)
        return turn

    def replan(self, talk: Talk, when: Instant, facts: Facts, event: Happening) -> Turn:
        """The planned arrival is `when`: the ETA's reminders hang on it (A10)."""
        before = self.standing(talk, facts)
        turn = Turn(talk.copy(), replace(facts, planned_arrival=when))
        turn.effects.append(_log(event, "planned", talk.state, planned=when))
        self._skip_what_is_over(turn, before, event.told_at)
        return turn

    def _hear(self, turn: Turn, event: Happening) -> None:
        talk = turn.talk
        match event:
            case Ended():
                talk.frames = [(talk.frames[0][0], event.state)]
                talk.past, talk.untold, turn.entered = [], [], True
                turn.effects += [_log(event, event.state, talk.state), CloseAlerts(()), Say(f"ended.{event.state}")]
            case WentBack():
                self._back(turn, event)
            case ConfirmedUpTo():
                self._confirm(turn, event)
            case SentPhoto():
                self._photo(turn, event)
            case ToldTime() if talk.untold:
                self._told(turn, event, event.when)
            case ToldTime():
                self._fire(turn, "time", event)
            case ToldText():
                talk.words[f"{talk.flow}.{talk.step}"] = event.text
                self._fire(turn, "text", event)
            case Said() if talk.untold and event.word == "unknown":
                self._told(turn, event, None)
            case Said(word="use_photo") if talk.spare and self.step(talk).photo:
                photo = talk.spare.pop()
                self._photo(turn, SentPhoto(event.at, event.told_at, event.by, event.channel, photo))
            case Said():
                self._say(turn, event.word, event)
            case Decided():
                if not self._fire(turn, event.word, event):
                    turn.heard = True
                    turn.effects += [_log(event, event.word, talk.state), Say(f"decided.{event.word}", must=True)]
            case _:
                turn.heard = False

    def _say(self, turn: Turn, word: str, event: Happening) -> None:
        talk = turn.talk
        line, step = talk.frames[0]
        calls = [c for c in self.lines[line].flow.calls if c.word == word and step in c.at]
        call = next((c for c in calls if holds(c.given, talk, event, turn.facts)), None)
        if call and call.given and len(talk.frames) == 1:
            self._call(turn, call, event)
        elif not self._fire(turn, word, event) and call and call.flow != talk.flow:
            turn.heard = True
            self._call(turn, call, event)

    def _call(self, turn: Turn, call: Call, event: Happening) -> None:
        """Open another flow; inside a branch this changes the case: photos stay, a correction goes."""
        talk = turn.talk
        reversible = not _binds(call.does)
        if reversible:
            talk.remember()
        corrected: list[Effect] = []
        if len(talk.frames) > 1:
            left = talk.flow
            talk.frames.pop()
            mailed = f"{left}.mailed" in talk.marks
            corrected = [CloseAlerts((left,)), *([MailOffice("correction")] if mailed else [])]
        if not reversible:
            talk.past = []
        turn.effects += [_log(event, call.word, talk.state), *corrected, *call.does]
        for mark in [name for name in talk.marks if name.startswith(f"{call.flow}.")]:
            del talk.marks[mark]
        talk.marks[f"{call.flow}.opened"] = event.at
        talk.frames.append((call.flow, call.enter or self.lines[call.flow].flow.first))
        self._note(turn, call.does, event)
        self._prune(talk)
        turn.entered = True

    def _fire(self, turn: Turn, word: str, event: Happening) -> bool:
        """Fire the row of `word` on top, if there is one; land where the flow ends."""
        talk = turn.talk
        flow, step = talk.frames[-1]
        fired = self.lines[flow].fire(word, talk, event, turn.facts)
        if fired is None:
            turn.heard = False
            return False
        to, does = fired
        if _binds(does):
            talk.past = []
        elif to is not None and not isinstance(event, TimerFired):
            talk.remember()
        told_late = event.told_at - event.at > TOLD_LATE and isinstance(event, Said)
        turn.effects.append(_log(event, word, talk.state, told_late=told_late))
        if told_late:
            turn.effects.append(Alert("told_late", 3))
        if to not in (None, step) and word != "missed":
            talk.marks[step if len(talk.frames) == 1 else f"{flow}.{step}"] = event.at
        self._note(turn, does, event)
        if isinstance(event, SentPhoto):
            does = tuple(KeepPhoto(e.kind, event.photo) if isinstance(e, KeepPhoto) else e for e in does)
        turn.effects += does
        if to is not None:
            talk.frames[-1] = (flow, to)
            turn.entered = True
            self._land(turn, event)
            self._prune(talk)
        return True

    def _land(self, turn: Turn, event: Happening) -> None:
        talk = turn.talk
        outcome = self.step(talk).ends
        if not outcome or len(talk.frames) == 1:
            return
        flow = talk.frames.pop()[0]
        line, step = talk.frames[0]
        call = next(c for c in self.lines[line].flow.calls if c.flow == flow and step in c.at)
        landing = call.lands[outcome]
        if isinstance(landing, tuple):
            landing = next(at for given, at in landing if holds(given, talk, event, turn.facts))
        if landing is not None:
            talk.frames[0] = (line, landing)

    def _back(self, turn: Turn, event: Happening) -> None:
        state = turn.talk.state
        if turn.talk.go_back():
            turn.entered = True
            turn.effects += [_log(event, "back", state, to=turn.talk.state), Say("back.done")]
        else:
            turn.effects.append(Say("back.cannot", must=True))

    def _confirm(self, turn: Turn, event: ConfirmedUpTo) -> None:
        """DONE n: walk the line forward; steps whose time matters are asked for one at a time."""
        talk = turn.talk
        number = self.step(talk).number
        if len(talk.frames) > 1 or number is None or event.number < number:
            turn.heard = False
            return
        untold: list[str] = []
        talk.remember()
        past, told = list(talk.past), list(talk.untold)
        while (step := self.step(talk)).number is not None and step.number <= event.number:
            done = Said(event.at, event.told_at, event.by, event.channel, step.choices["1"])
            effects = len(turn.effects)
            self._fire(turn, done.word, done)
            if step.timed:
                untold.append(step.name)
                turn.effects[effects:] = [e for e in turn.effects[effects:] if not isinstance(e, Log | Say | Alert)]
        talk.past = past
        talk.untold = told + untold

    def _told(self, turn: Turn, event: Happening, when: Instant | None) -> None:
        """The time of a step that was confirmed without one."""
        talk = turn.talk
        step = talk.untold.pop(0)
        at = event.told_at if when is None else when
        late = event.told_at - at > TOLD_LATE
        words = self.lines[talk.frames[0][0]].steps[step].choices
        talk.marks[step] = at
        turn.entered = True
        turn.effects.append(
            Log(words["1"], step, at, event.told_at, event.by, event.channel,
                {"told_late": True} if late else {"time": "unknown"} if when is None else {})
        )
        if late:
            turn.effects.append(Alert("told_late", 3))
        if step == "arrive" and at > turn.facts.window_end:
            turn.effects.append(Alert("arrived_late", 2))

    def _photo(self, turn: Turn, event: SentPhoto) -> None:
        talk = turn.talk
        kind = self.step(talk).photo
        if event.album and event.album == talk.album:
            turn.effects += [KeepPhoto("", event.photo), _log(event, "photo", talk.state, photo=event.photo)]
        elif kind:
            talk.album = event.album
            self._fire(turn, "photo", event)
        else:
            talk.spare = [*talk.spare[-4:], event.photo]
            turn.effects += [
                KeepPhoto("other", event.photo), _log(event, "photo", talk.state, photo=event.photo), Say("photo.kept", must=True)
            ]

    def _ring(self, turn: Turn, event: TimerFired) -> None:
        """A reminder came due: a lower frame is reminded, only the top one may move."""
        talk = turn.talk
        remind = dict(self._reminds(talk)).get(event.timer)
        standing = self.standing(talk, turn.facts).get(event.timer)
        if remind is None or standing is None:
            turn.heard = False
            return
        talk.fired[event.timer] = standing.due
        flow, _, word = event.timer.partition(".")
        turn.effects += remind.does
        if flow == talk.flow and word in self.lines[flow].words(talk.step):
            self._fire(turn, word, event)
        else:
            turn.effects.append(_log(event, word, talk.state))

    # -- what holds after each move -------------------------------------------------------------

    def _note(self, turn: Turn, does: tuple[Effect, ...], event: Happening) -> None:
        """Carry out the orders that only concern the talk itself."""
        for effect in does:
            match effect:
                case Note(mark):
                    turn.talk.marks[mark] = event.at
                case MailOffice():
                    turn.talk.marks[f"{turn.talk.flow}.mailed"] = event.at
                case Forget(marks):
                    for mark in marks:
                        turn.talk.marks.pop(mark, None)
                case Replan(mark):
                    when = turn.talk.marks.get(mark) if mark else getattr(event, "when", None)
                    if when is not None:
                        turn.facts = replace(turn.facts, planned_arrival=when)
                case _:
                    pass
        if isinstance(event, ToldTime):
            turn.talk.marks[f"{turn.talk.flow}.told"] = event.when

    def _prune(self, talk: Talk) -> None:
        """Forget what rang at steps that the job has left."""
        here = {f"{f}.{r.name}" for f, s in talk.frames for r in self.lines[f].flow.reminds if s in r.at}
        talk.fired = {name: due for name, due in talk.fired.items() if name in here}

    def _skip_what_is_over(self, turn: Turn, before: Mapping[str, Standing], now: Instant) -> None:
        """A reminder whose moment had passed before it could stand does not ring."""
        reminds = dict(self._reminds(turn.talk))
        for name, standing in self.standing(turn.talk, turn.facts).items():
            was = before.get(name)
            if reminds[name].past == "skip" and standing.due <= now and (was is None or was.due != standing.due):
                turn.talk.fired[name] = standing.due

    def _fire_what_is_over(self, turn: Turn, event: Happening) -> None:
        """A clock that ran out unseen (told late) rings at once, and the fee it brings is to check."""
        for name, remind in list(self._reminds(turn.talk)):
            standing = self.standing(turn.talk, turn.facts).get(name)
            if standing is None or remind.past != "fire" or standing.due > event.told_at:
                continue
            if not isinstance(event, TimerFired):
                turn.talk.marks["unseen"] = event.told_at
            self._ring(turn, TimerFired(standing.due, event.told_at, "clock", event.channel, name, standing.due))


def _moment(remind: Remind, talk: Talk, facts: Facts) -> Instant | None:
    found: list[Instant] = []
    for name in remind.when.names:
        value = talk.marks.get(name)
        if value is None:
            value = facts.instant(name)
        if value is None:
            return None
        found.append(value)
    span = remind.when.plus
    if remind.when.minutes:
        span += (facts.minutes or 120) * MINUTE
    return max(found) + span


def _binds(does: tuple[Effect, ...]) -> bool:
    """Whether a move told, mailed or owed something, so that BACK cannot take it back."""
    return any(isinstance(effect, Alert | MailOffice | Owe) for effect in does)


def _log(event: Happening, word: str, step: str, **detail: object) -> Log:
    kept = {name: value for name, value in detail.items() if value not in (False, None)}
    text = getattr(event, "text", "")
    if text:
        kept["text"] = text
    if isinstance(event, ToldTime):
        kept["when"] = event.when
    if isinstance(event, SentPhoto):
        kept["photo"] = event.photo
    return Log(word, step, event.at, event.told_at, event.by, event.channel, kept)


__all__ = ["Ask", "Engine", "Menu", "Standing", "Turn"]
