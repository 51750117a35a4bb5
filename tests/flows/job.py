"""One job in a test: what its people do, a clock that can be pushed, and what came of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from flows.book import PROGRAMS, SIDES
from flows.effects import Alert, Ask, CloseAlerts, Effect, KeepPhoto, Log, MailOffice, Owe, Say
from flows.engine import NOTHING, Engine, Standing, Turn
from flows.events import (
    ConfirmedUpTo,
    Decided,
    Ended,
    Happening,
    Said,
    SentPhoto,
    TimerFired,
    ToldText,
    ToldTime,
    WentBack,
)
from flows.facts import HOUR, Facts, Instant
from flows.talk import Talk

ENGINE = Engine(PROGRAMS, SIDES)
_MIDNIGHT = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp()) * 1000


def at(clock: str) -> Instant:
    """A time of the test's day: "8:05"."""
    hours, minutes = clock.split(":")
    return _MIDNIGHT + int(hours) * HOUR + int(minutes) * HOUR // 60


def clock(instant: Instant) -> str:
    """The inverse of `at`."""
    minutes = (instant - _MIDNIGHT) // (HOUR // 60)
    return f"{minutes // 60}:{minutes % 60:02}"


class Job:
    """A visit with the window 8:00 to 11:00, planned for 9:00; it begins at 6:00, still planned.

    Between two events its talk goes through JSON, as it does in the product.
    """

    def __init__(
        self,
        engine: Engine = ENGINE,
        *,
        planned: str = "9:00",
        app: str = "own",
        program: str = "apollo",
        done: Mapping[str, Instant] = NOTHING,
    ) -> None:
        self.engine = engine
        self.facts = Facts(
            at("8:00"), at("11:00"), at(planned), at("7:00"), at("13:00"), minutes=60, app=app
        )
        self.now = at("6:00")
        self.turn = engine.begin(program, self.facts, self.now, done)
        self.talk = self.turn.talk
        self.effects: list[Effect] = []
        self.rang: list[tuple[str, str]] = []
        self._photos = 0

    # -- what happens ---------------------------------------------------------------------------

    def happens(self, event: Happening) -> Turn:
        """Let it happen; everything that was ordered is kept in `effects`."""
        self.turn = self.engine.advance(self.talk, event, self.facts)
        self.talk = Talk.from_json(self.turn.talk.to_json())
        assert self.talk == self.turn.talk
        self.facts = self.turn.facts
        self.effects += self.turn.effects
        return self.turn

    def _us(self, when: str = "") -> tuple[Instant, Instant, str, str]:
        return at(when) if when else self.now, self.now, "Tina", "sms"

    def until(self, when: str) -> "Job":
        """Let it be that time; what becomes due on the way rings at its moment."""
        while (due := self._next_due()) is not None and due[0] <= at(when):
            self.now = max(self.now, due[0])
            self._ring(*due)
        self.now = at(when)
        return self

    def down_until(self, when: str) -> "Job":
        """The system is down until then; what became due meanwhile rings late, in order."""
        self.now = at(when)
        while (due := self._next_due()) is not None and due[0] <= self.now:
            self._ring(*due)
        return self

    def _next_due(self) -> tuple[Instant, str] | None:
        return min(((each.due, name) for name, each in self.standing.items()), default=None)

    def _ring(self, due: Instant, name: str) -> None:
        self.rang.append((clock(self.now), name))
        turn = self.happens(TimerFired(due, self.now, "clock", "", name, due))
        assert turn.heard, name

    def says(self, *words: str, when: str = "") -> Turn:
        """Choose these words, one after the other; `when` is when it happened, if told late."""
        for word in words:
            self.happens(Said(*self._us(when), word))
        return self.turn

    def sends_photo(self, album: str = "") -> Turn:
        """A photo whose bytes are durable."""
        self._photos += 1
        return self.happens(SentPhoto(*self._us(), self._photos, album))

    def tells(self, when: str) -> Turn:
        """A time, where one is asked for."""
        return self.happens(ToldTime(*self._us(), at(when)))

    def writes(self, text: str) -> Turn:
        """Free words."""
        return self.happens(ToldText(*self._us(), text))

    def done(self, number: int) -> Turn:
        """`DONE n`."""
        return self.happens(ConfirmedUpTo(*self._us(), number))

    def back(self) -> Turn:
        """BACK."""
        return self.happens(WentBack(*self._us()))

    def decides(self, word: str) -> Turn:
        """A manager's answer to an alert."""
        return self.happens(Decided(self.now, self.now, "Dana", "sms", word))

    def ends(self, state: str) -> Turn:
        """The visit is ended from outside."""
        return self.happens(Ended(self.now, self.now, "system", "", state))

    # -- ready-made beginnings ------------------------------------------------------------------

    def on_the_way(self) -> "Job":
        """The ETA is sent in time: the job stands at `arrive`, 8:00."""
        self.until("8:00").says("sent")
        return self

    def at_the_door(self) -> "Job":
        """Arrived at 9:00: the job stands at `start`."""
        self.on_the_way().until("9:00").says("there")
        return self

    def building(self) -> "Job":
        """Signed in at 9:05: the job stands at `assemble`."""
        self.at_the_door().until("9:05").says("started", "signed_in")
        return self

    def to_be_signed(self) -> "Job":
        """Complete Job pressed at 10:00: the job stands at `signature`."""
        self.building().until("10:00").says("built", "completed")
        return self

    # -- what came of it ------------------------------------------------------------------------

    @property
    def state(self) -> str:
        """Where the job stands."""
        return self.talk.state

    @property
    def standing(self) -> Mapping[str, Standing]:
        """The reminders that stand."""
        return self.engine.standing(self.talk, self.facts)

    @property
    def dues(self) -> dict[str, str]:
        """The reminders that stand, each with its time on the clock."""
        return {name: clock(each.due) for name, each in self.standing.items()}

    @property
    def choices(self) -> set[str]:
        """The words that may be answered."""
        return set(self.engine.choices(self.talk).values())

    @property
    def prompt(self) -> str:
        """The key of the prompt that stands."""
        return self.engine.prompt_key(self.talk)

    @property
    def alerts(self) -> list[str]:
        """The kinds of all alerts so far."""
        return [effect.kind for effect in self.effects if isinstance(effect, Alert)]

    @property
    def mails(self) -> list[str]:
        """The cases of all mails so far."""
        return [effect.case for effect in self.effects if isinstance(effect, MailOffice)]

    @property
    def fees(self) -> list[str]:
        """The reasons of all fees so far."""
        return [effect.reason for effect in self.effects if isinstance(effect, Owe)]

    @property
    def photos(self) -> list[tuple[str, int]]:
        """(kind, photo) of all photos kept so far."""
        return [(e.kind, e.photo) for e in self.effects if isinstance(e, KeepPhoto)]

    @property
    def logged(self) -> list[Log]:
        """The timeline."""
        return [effect for effect in self.effects if isinstance(effect, Log)]

    @property
    def closed(self) -> set[str]:
        """The alerts that the last event closed."""
        closing = (e for e in self.turn.effects if isinstance(e, CloseAlerts))
        return {kind for effect in closing for kind in effect.kinds}

    @property
    def told(self) -> list[str]:
        """What the last event told the technician besides the step's own prompt."""
        return [effect.key for effect in self.turn.effects if isinstance(effect, Say)]

    @property
    def asked(self) -> list[str]:
        """What the last event asked again; "" is the step's own prompt."""
        return [effect.key for effect in self.turn.effects if isinstance(effect, Ask)]

    def window(self, start: str, end: str) -> "Job":
        """The same job with another window."""
        self.facts = replace(self.facts, window_start=at(start), window_end=at(end))
        return self
