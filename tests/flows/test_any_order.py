"""Any events in any order: nothing raises, everybody is answered, no fee twice, always a way on."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.effects import Alert, Ask, KeepPhoto, Menu, Owe, Say
from flows.engine import Turn
from flows.events import (
    ENDINGS,
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
from flows.facts import MINUTE, Instant
from flows.moving import ONE_A_VISIT
from flows.talk import UNDO_DEPTH, Talk
from tests.flows.branches import no_show, other
from tests.flows.job import ENGINE, Job, at

WORDS = sorted(
    {word for line in ENGINE.lines.values() for words in line.sayable.values() for word in words}
    | {move.word for line in ENGINE.lines.values() for move in line.flow.moves}
    | {call.word for line in ENGINE.lines.values() for call in line.flow.calls}
    | {"unknown", "use_photo", "returned", "resume", "nonsense"}
)
TIMERS = sorted(name for line in ENGINE.lines.values() for name in line.reminds)
ENDS = [*sorted(ENDINGS), "reported", "nowhere"]

Make = Callable[[Job, Instant], Happening]


def us(job: Job, told_late: Instant) -> tuple[Instant, Instant, str, str]:
    return job.now - told_late, job.now, "Tina", "sms"


def answer(choice: int, late: Instant) -> Make:
    """A choice that stands, so that walks get far."""

    def make(job: Job, _: Instant) -> Happening:
        words = sorted({*job.choices, *job.engine.callable_here(job.talk)}) or ["nonsense"]
        return Said(*us(job, late), words[choice % len(words)])

    return make


def timer(choice: int, drift: Instant) -> Make:
    """A reminder that stands, due, early or stale; or one that does not stand."""

    def make(job: Job, _: Instant) -> Happening:
        name = [*sorted(job.standing), *TIMERS][choice % (len(job.standing) + len(TIMERS))]
        due = job.standing[name].due if name in job.standing else job.now
        now = max(job.now, due)
        return TimerFired(due + drift, now, "clock", "", name, due + drift)

    return make


LATE = st.sampled_from([0, 0, 0, 10 * MINUTE, 31 * MINUTE, 400 * MINUTE])
Made = st.SearchStrategy[Make]


def says(word: str, late: Instant) -> Make:
    return lambda job, _: Said(*us(job, late), word)


def sends(album: str) -> Make:
    return lambda job, photo: SentPhoto(*us(job, 0), photo, album)


def tells(when: Instant) -> Make:
    return lambda job, _: ToldTime(*us(job, 0), when)


def writes(text: str) -> Make:
    return lambda job, _: ToldText(*us(job, 0), text)


def done(number: int) -> Make:
    return lambda job, _: ConfirmedUpTo(*us(job, 0), number)


def goes_back() -> Make:
    return lambda job, _: WentBack(*us(job, 0))


def decides(word: str) -> Make:
    return lambda job, _: Decided(job.now, job.now, "Dana", "sms", word)


def ends(state: str) -> Make:
    return lambda job, _: Ended(job.now, job.now, "system", "", state)


KINDS: list[Made] = [
    *[st.builds(answer, st.integers(0, 99), LATE)] * 14,
    *[st.builds(timer, st.integers(0, 99), st.sampled_from([0, 0, 0, -MINUTE, MINUTE]))] * 6,
    *[st.builds(sends, st.sampled_from(["", "x", "y"]))] * 5,
    *[st.builds(writes, st.text(max_size=20))] * 4,
    *[st.builds(tells, st.integers(at("5:00"), at("16:00")))] * 3,
    *[st.builds(decides, st.sampled_from(WORDS))] * 3,
    st.builds(says, st.sampled_from(WORDS), LATE),
    st.builds(goes_back),
    st.builds(done, st.integers(0, 99)),
]
ANYTHING: Made = st.integers(0, len(KINDS) - 1).flatmap(lambda kind: KINDS[kind])
RARELY_ENDED: Made = st.integers(0, 99).flatmap(
    lambda n: st.builds(ends, st.sampled_from(ENDS)) if n == 57 else ANYTHING
)
BEGINNINGS: list[Callable[[Job], object]] = [
    lambda job: job,
    lambda job: job.until("8:00"),
    Job.on_the_way,
    Job.at_the_door,
    Job.building,
    Job.to_be_signed,
    lambda job: job.on_the_way().until("8:40").says("no_show"),
    lambda job: no_show(job).says("called"),
    lambda job: no_show(job).says("called", "coming"),
    lambda job: other(job.building()),
    lambda job: other(job.at_the_door()).decides("leave_open"),
    lambda job: job.to_be_signed().says("app_issue"),
]
STEPS = st.lists(
    st.tuples(RARELY_ENDED, st.sampled_from([0, 1, 7, 20, 45])), min_size=20, max_size=40
)
APPS = st.sampled_from(["own", "own", "own", "other", "none"])
BEGUN = st.sampled_from(BEGINNINGS)


def answered(turn: Turn) -> bool:
    """Whether somebody who said something hears something; an album is answered once."""
    told = any(isinstance(effect, Say | Ask | Menu) for effect in turn.effects)
    joined = any(isinstance(effect, KeepPhoto) for effect in turn.effects)
    return told or turn.entered or joined or not turn.heard


def way_on(job: Job) -> bool:
    """Something to answer, a reminder that will move it, or a manager who was asked."""
    engine, talk = job.engine, job.talk
    line = engine.lines[talk.flow]
    rows = line.words(talk.step)
    return (
        engine.is_over(talk)
        or bool(engine.choices(talk))
        or bool(engine.waits_for(talk))
        or any(word in rows for word in WORDS)
    )


@settings(max_examples=150, deadline=None)
@given(BEGUN, STEPS, APPS)
def test_any_events_in_any_order(
    begun: Callable[[Job], object], steps: list[tuple[Make, int]], app: str
) -> None:
    job = Job(app=app)
    begun(job)
    fees = 0
    for number, (make, minutes) in enumerate(steps):
        job.now += minutes * MINUTE
        event = make(job, number)
        before, facts = job.talk.to_json(), job.facts
        job.now = max(job.now, event.told_at)
        turn = job.happens(event)

        again = job.engine.advance(Talk.from_json(before), event, facts)
        assert (turn.effects, turn.talk.to_json()) == (again.effects, again.talk.to_json())
        if not turn.heard:
            assert (before, []) == (turn.talk.to_json(), turn.effects)
        assert answered(turn) or isinstance(event, TimerFired)
        assert way_on(job)
        assert len(job.talk.frames) <= 2
        assert len(job.talk.past) <= UNDO_DEPTH
        flows = {flow for flow, _ in job.talk.frames}
        assert {name.partition(".")[0] for name in job.standing} <= flows
        here = set(job.talk.frames)
        for name in {*job.standing, *job.talk.fired}:
            flow = name.partition(".")[0]
            remind = job.engine.lines[flow].reminds[name]
            assert here & {(flow, step) for step in remind.at}
        if job.engine.is_over(job.talk):
            assert {} == job.standing
        assert "late" not in flows or job.talk.under in ("planned", "eta", "arrive")
        assert max(job.talk.marks.values(), default=0) <= max(job.now, at("16:00"))
        fees += sum(isinstance(e, Owe) and e.reason in ONE_A_VISIT for e in turn.effects)
        assert fees <= 1


@settings(max_examples=50, deadline=None)
@given(BEGUN, STEPS)
def test_ended_from_outside_ends_whatever_it_was_at(
    begun: Callable[[Job], object], steps: list[tuple[Make, int]]
) -> None:
    job = Job()
    begun(job)
    for number, (make, minutes) in enumerate(steps):
        job.now += minutes * MINUTE
        event = make(job, number)
        job.now = max(job.now, event.told_at)
        job.happens(event)
    over, state = job.engine.is_over(job.talk), job.state
    turn = job.ends("cancelled")

    assert turn.heard == (not over or state == "left_open")
    assert job.engine.is_over(job.talk)
    assert {} == job.standing


@settings(max_examples=50, deadline=None)
@given(BEGUN, STEPS)
def test_only_a_manager_moves_or_cancels(
    begun: Callable[[Job], object], steps: list[tuple[Make, int]]
) -> None:
    """Without a manager's decision no job ends as moved, cancelled or reassigned (contract 2)."""
    job = Job()
    begun(job)
    for number, (make, minutes) in enumerate(steps):
        job.now += minutes * MINUTE
        event = make(job, number)
        if isinstance(event, Decided | Ended):
            continue
        job.now = max(job.now, event.told_at)
        job.happens(event)

        assert job.state not in ENDINGS


@settings(max_examples=50, deadline=None)
@given(BEGUN, STEPS)
def test_a_step_missed_is_told_and_a_fee_has_its_mail(
    begun: Callable[[Job], object], steps: list[tuple[Make, int]]
) -> None:
    job = Job()
    begun(job)
    for number, (make, minutes) in enumerate(steps):
        job.now += minutes * MINUTE
        event = make(job, number)
        job.now = max(job.now, event.told_at)
        turn = job.happens(event)
        kinds = {effect.kind for effect in turn.effects if isinstance(effect, Alert)}
        if isinstance(event, Said) and event.word == "missed" and turn.heard:
            assert "step_missed" in kinds
        if any(isinstance(e, Owe) and e.reason in ONE_A_VISIT for e in turn.effects):
            assert "unfinished" in job.talk.marks
