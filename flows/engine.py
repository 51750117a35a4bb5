"""The engine: one event and where a job stands in, where it stands now and what must be done out.

Pure: no clock, no network, no disk; the same input gives the same output. Everything that decides
a move is a row in programs/ or side/, or one of the few things that hold for every flow alike:
`moving` fires rows, opens branches and lands their outcomes; `standing` knows the reminders; and
here stand BACK, DONE n, the times told afterwards, and photos that nobody asked for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from flows.chronology import done_later
from flows.effects import Alert, Ask, CloseAlerts, Effect, KeepPhoto, Log, Say
from flows.events import (
    ENDINGS,
    ConfirmedUpTo,
    Decided,
    Ended,
    Happening,
    Passed,
    Said,
    SentPhoto,
    Spoke,
    TimerFired,
    ToldText,
    ToldTime,
    WentBack,
)
from flows.facts import Facts, Instant
from flows.machine import Line
from flows.moving import call_of, fire, say
from flows.shape import NO_FLOWS, Flow, Program, Step
from flows.standing import reminders, ring, settle, skip_what_is_over, standing
from flows.talk import Talk
from flows.turn import FROM_THE_TECHNICIAN, Standing, Turn, binds, log_of, told_late

NOTHING: Mapping[str, Instant] = MappingProxyType({})
MOST_SPARE = 5
"""So many photos that nobody asked for are offered, the youngest; all are kept."""


class Engine:
    """All programs' rules, ready to advance any job; keeps nothing of any."""

    def __init__(
        self,
        programs: Mapping[str, Program],
        sides: Mapping[str, Flow],
        apart: Mapping[str, Flow] = NO_FLOWS,
    ) -> None:
        self.programs = programs
        self.lines = {program.line.name: Line(program.line) for program in programs.values()}
        self.lines |= {flow.name: Line(flow) for flow in (*sides.values(), *apart.values())}
        self._decidable = frozenset(
            word
            for line in self.lines.values()
            for does in line.flow.orders()
            for effect in does
            if isinstance(effect, Alert)
            for _, word in effect.choices
        )

    # -- asking ---------------------------------------------------------------------------------

    def step(self, talk: Talk) -> Step:
        """The step on top of the talk."""
        return self.lines[talk.flow].steps[talk.step]

    def phase(self, program: str, state: str) -> str:
        """What a state means for the day (`Step.phase`)."""
        flow, _, name = state.rpartition(".")
        step = self.lines[flow or program].steps.get(name)
        return step.phase if step else ""

    def is_over(self, talk: Talk) -> bool:
        """Whether the visit has come to an end."""
        return len(talk.frames) == 1 and bool(self.step(talk).ends)

    def choices(self, talk: Talk) -> dict[str, str]:
        """Digit → word of what may be answered at the step on top."""
        if talk.untold:
            return {"0": "unknown"}
        step = self.step(talk)
        instead = (choices for mark, choices in step.instead.items() if mark in talk.marks)
        choices = next(instead, step.choices)
        return {**choices, **(step.offers if talk.spare else {})}

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
        """The words that open another flow from here (A33: there is always one)."""
        line, step = talk.frames[0]
        return [call.word for call in self.lines[line].flow.calls if step in call.at]

    def asks_words(self, talk: Talk, word: str) -> bool:
        """Whether what `word` opens from the line begins by asking for words."""
        line, step = talk.frames[0]
        calls = (call for call in self.lines[line].flow.calls if step in call.at)
        flows = (self.lines[call.flow].flow for call in calls if call.word == word)
        return any(flow.step(flow.first).asks == "text" for flow in flows)

    def done_later(self, talk: Talk, at: Instant, now: Instant) -> tuple[str, Instant] | None:
        """What was done before this step, but later than `at` which is told for it: its state and
        moment."""
        line, branch = (self.lines[flow].flow for flow in (talk.frames[0][0], talk.flow))
        return done_later(line, branch, talk, at, now)

    def understands(self, talk: Talk, word: str) -> bool:
        """Whether a person may say `word` here: an answer of the step, or what opens a branch."""
        return (
            word in self.lines[talk.flow].sayable[talk.step]
            or (word in self.callable_here(talk) and word != talk.flow)
        ) and not talk.untold

    def waits_for_one_of(self, talk: Talk, words: Iterable[str]) -> bool:
        """Whether one of these decisions of a manager would move the job from where it stands."""
        return not self.lines[talk.flow].words(talk.step).isdisjoint(words)

    def minds_silence(self, talk: Talk) -> bool:
        """Whether a clock runs from the technician's last word where the job stands."""
        return any("heard" in remind.when.names for _, remind in reminders(self.lines, talk))

    def standing(self, talk: Talk, facts: Facts) -> dict[str, Standing]:
        """The reminders that stand now, by full name (`flow.name`)."""
        return standing(self.lines, talk, facts)

    # -- moving ---------------------------------------------------------------------------------

    def begin(
        self, program: str, facts: Facts, told_at: Instant, done: Mapping[str, Instant] = NOTHING
    ) -> Turn:
        """A new visit: it stands at the first step of its program's line that was not `done`.

        Only what its program says may be done before the visit counts (`Program.before`).
        """
        flow = self.programs[program].line
        known = {step: done[step] for step in self.programs[program].before if step in done}
        first = next(step.name for step in flow.steps if step.name not in known)
        turn = Turn(Talk([(flow.name, first)], known), facts, entered=True)
        skip_what_is_over(self.lines, turn, told_at)
        turn.stands = self.standing(turn.talk, facts)
        return turn

    def advance(self, talk: Talk, event: Happening, facts: Facts) -> Turn:
        """Where the job stands after `event`, and what must be done."""
        turn = Turn(talk.copy(), facts, stood=self.standing(talk, facts))
        if isinstance(event, TimerFired):
            ring(self.lines, turn, event, turn.stood)
        elif self.is_over(talk):
            self._after_the_end(turn, event)
        elif not isinstance(event, Spoke):
            self._hear(turn, event)
        if not turn.heard:
            return Turn(talk.copy(), facts, heard=False, stood=turn.stood)
        if isinstance(event, FROM_THE_TECHNICIAN):
            turn.talk.marks["heard"] = event.told_at
        settle(self.lines, turn, event)
        return turn

    def replan(self, talk: Talk, when: Instant, facts: Facts, event: Happening) -> Turn:
        """The planned arrival is `when`: the ETA's reminders hang on it (A10)."""
        stood = self.standing(talk, facts)
        turn = Turn(talk.copy(), replace(facts, planned_arrival=when), stood=stood)
        turn.effects.append(log_of(event, "planned", talk.state, planned=when))
        skip_what_is_over(self.lines, turn, event.told_at)
        turn.stands = self.standing(turn.talk, turn.facts)
        return turn

    def _hear(self, turn: Turn, event: Happening) -> None:
        match event:
            case Ended():
                self._end(turn, event)
            case Decided():
                self._decided(turn, event)
            case WentBack():
                _back(turn, event)
            case ConfirmedUpTo():
                self._confirm(turn, event)
            case SentPhoto():
                self._photo(turn, event)
            case ToldTime():
                self._time(turn, event)
            case Passed():
                self._passed(turn, event)
            case ToldText():
                fire(self.lines, turn, "text", event)
            case Said():
                self._word(turn, event)
            case _:
                turn.heard = False

    def _time(self, turn: Turn, event: ToldTime) -> None:
        if turn.talk.untold:
            self._tell_time(turn, event, event.when)
        else:
            fire(self.lines, turn, "time", event)

    def _word(self, turn: Turn, event: Said) -> None:
        talk = turn.talk
        if event.word == "unknown" and talk.untold:
            self._tell_time(turn, event, None)
        elif event.word == "use_photo" and talk.spare and self.step(talk).photo:
            us = (event.at, event.told_at, event.by, event.channel)
            self._photo(turn, SentPhoto(*us, talk.spare.pop()))
        elif talk.untold and event.word in self.step(talk).choices.values():
            turn.heard = False  # first the time that is asked for: Mars needs it (A22)
        else:
            say(self.lines, turn, event.word, event)
            self._go_on_confirming(turn, event)

    def _after_the_end(self, turn: Turn, event: Happening) -> None:
        """A visit that was left open may still be returned to, or closed by the office (A45)."""
        line = self.lines[turn.talk.flow]
        if isinstance(event, Said | Decided) and event.word == "returned":
            fire(self.lines, turn, event.word, event)
        elif isinstance(event, Ended) and "returned" in line.words(turn.talk.step):
            self._end(turn, event)
        else:
            turn.heard = False

    def _end(self, turn: Turn, event: Ended) -> None:
        talk = turn.talk
        line = talk.frames[0][0]
        if event.state not in ENDINGS or event.state not in self.lines[line].steps:
            turn.heard = False
            return
        turn.effects += [
            log_of(event, event.state, talk.state),
            CloseAlerts(()),
            Say(f"ended.{event.state}"),
        ]
        talk.frames = [(line, event.state)]
        talk.past, talk.times, talk.confirmed, turn.entered = [], [], 0, True

    def _decided(self, turn: Turn, event: Decided) -> None:
        """A manager's word moves what it was asked for; where that is over, it is only told."""
        if event.word not in self._decidable:
            turn.heard = False
        elif not fire(self.lines, turn, event.word, event):
            turn.heard = True
            turn.effects += [
                log_of(event, event.word, turn.talk.state),
                Say(f"decided.{event.word}", must=True),
            ]

    def _passed(self, turn: Turn, event: Passed) -> None:
        """A step is over that somebody else saw done; the one it stands at, or another one."""
        talk, line = turn.talk, self.lines[turn.talk.flow]
        if event.step not in line.steps or event.step in talk.marks:
            turn.heard = False
        elif line.steps[event.step].ends:
            fire(self.lines, turn, "trained", event)
        elif event.step == talk.step:
            fire(self.lines, turn, "passed", event)
        else:
            talk.marks[event.step] = event.at
            talk.past = []
            turn.effects.append(log_of(event, "passed", event.step))

    # -- DONE n, and what was told afterwards ---------------------------------------------------

    def _confirm(self, turn: Turn, event: ConfirmedUpTo) -> None:
        """DONE n: walk the line; times that matter and photos are asked for, one at a time."""
        talk = turn.talk
        number = self.step(talk).number
        last = self.lines[talk.flow].flow.length
        if len(talk.frames) > 1 or number is None or not number <= event.number <= last:
            turn.heard = False
            return
        undone = talk.past
        talk.remember()
        past = talk.past
        talk.confirmed = 0
        self._walk(turn, event, talk.step)
        if not turn.entered:
            talk.past = undone
            turn.effects.append(Ask())
        else:
            talk.past = [] if binds(turn.effects) else past

    def _walk(self, turn: Turn, event: ConfirmedUpTo, begun_at: str) -> None:
        talk = turn.talk
        line = self.lines[talk.flow]
        while (step := self.step(talk)).number is not None and step.number <= event.number:
            if step.photo and step.name != begun_at:
                talk.confirmed = event.number
                return
            word = step.choices["1"]
            done = Said(event.at, event.told_at, event.by, event.channel, word)
            row = line.fire(word, talk, done, turn.facts)
            if row is None or row.to in (None, step.name):
                return
            if call_of(self.lines, turn, word, done):
                return  # a branch stands in the way
            if talk.times and line.steps[row.to].ends:
                return  # the report needs the times that are still to be told (A22)
            since = len(turn.effects)
            fire(self.lines, turn, word, done)
            if step.timed:
                talk.times.append(step.name)
                turn.effects[since:] = [e for e in turn.effects[since:] if not _is_told(e)]

    def _go_on_confirming(self, turn: Turn, event: Happening) -> None:
        """The photo that DONE n had to wait for is there: walk on to n."""
        talk, number = turn.talk, turn.talk.confirmed
        if not number or not turn.heard or not turn.entered:
            return
        talk.confirmed = 0
        stands = self.step(talk).number
        if len(talk.frames) == 1 and stands is not None and not self.step(talk).photo:
            past, since = talk.past, len(turn.effects)
            us = (event.told_at, event.told_at, event.by, event.channel)
            self._walk(turn, ConfirmedUpTo(*us, number), talk.step)
            talk.past = [] if binds(turn.effects[since:]) else past

    def _tell_time(self, turn: Turn, event: Happening, when: Instant | None) -> None:
        """The time of a step that was confirmed without one; None: nobody knows it any more."""
        talk = turn.talk
        flow, step = talk.flow, talk.times[0]
        at = event.told_at if when is None else min(when, event.told_at)
        word = self.lines[flow].steps[step].choices["1"]
        said = Said(at, event.told_at, event.by, event.channel, word)
        late = told_late(said)
        detail = {"time": "unknown"} if when is None else {"told_late": late}
        alerts: list[Effect] = [Alert("told_late", 3)] if late else []
        if when is not None:
            seat = Talk([(flow, step)], dict(talk.marks))
            row = self.lines[flow].fire(word, seat, said, turn.facts)
            alerts += [e for e in (row.does if row else ()) if isinstance(e, Alert)]
        if alerts:
            talk.past = []
        else:
            talk.remember()
        talk.times = talk.times[1:]
        talk.marks[step] = at
        turn.entered = True
        turn.effects += [log_of(said, word, step, **detail), *alerts]

    # -- photos ---------------------------------------------------------------------------------

    def _photo(self, turn: Turn, event: SentPhoto) -> None:
        """A photo is evidence where one is waited for, joins its album, or is kept for later."""
        talk = turn.talk
        spare = f"spare {event.album}"
        log = log_of(event, "photo", talk.state)
        if event.album and event.album == talk.album:
            turn.effects += [KeepPhoto("", event.photo), log]
        elif self.step(talk).photo and not event.offered:
            talk.album = event.album
            fire(self.lines, turn, "photo", event)
            self._go_on_confirming(turn, event)
        else:
            told = bool(event.album) and talk.album == spare
            talk.album = spare if event.album else talk.album
            talk.spare = [*talk.spare, event.photo][-MOST_SPARE:]
            turn.effects += [KeepPhoto("other", event.photo), log]
            turn.effects += [] if told else [Say("photo.kept", must=True)]


def _back(turn: Turn, event: Happening) -> None:
    """BACK: the last step was a mistake; where somebody was told of it, only that is said."""
    talk, state = turn.talk, turn.talk.state
    if not talk.past:
        turn.effects.append(Say("back.cannot", must=True))
        return
    planned = talk.go_back()
    if planned is not None:
        turn.facts = replace(turn.facts, planned_arrival=planned)
    turn.entered = True
    turn.effects += [log_of(event, "back", state, to=talk.state), Say("back.done")]


def _is_told(effect: Effect) -> bool:
    return isinstance(effect, Log | Say | Alert)


__all__ = ["Engine", "Standing", "Turn"]
