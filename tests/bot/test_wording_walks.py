"""Wherever a job can get, all that is said there is known by then: sentences, labels, values."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.speech.gsm import segments
from bot.speech.wording import Message, Part, Unsaid, Wording, job_values
from flows.book import APART, PROGRAMS, build_engine
from flows.effects import Alert, Ask, MailOffice, Say
from flows.engine import Engine, Turn
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
from flows.facts import HOUR, MINUTE, Facts, Instant
from flows.talk import Talk
from tests.bot.samples import CONTACTS, ELEVEN, JOB, MANAGER, TECHNICIAN

FACTS = Facts(
    window_start=ELEVEN,
    window_end=ELEVEN + 3 * HOUR,
    planned_arrival=ELEVEN + 45 * MINUTE,
    day_start=ELEVEN - 4 * HOUR,
    day_end=ELEVEN + 8 * HOUR,
)
TOLD = {"text": "refuses", "price": "$45, 1.5 units", "photos": "1"}
BESIDES = {"code": "7", "since": "11:05", "told_time": "2:45", "due": "11:05", **TOLD}
"""What every alert of a job brings."""
DECISIONS = (
    "late_go", "late_stop", "wait_on", "leave_open", "go_on", "moved", "cancelled", "confirmed",
)  # fmt: skip
ENDS = ("closed_by_office", "cancelled", "moved", "reassigned")


def happenings(engine: Engine, talk: Talk, now: Instant, facts: Facts) -> Iterator[Happening]:
    """Everything that can happen to a job that stands there."""
    us = (now, now, "Tina", "sms")
    words = {*engine.choices(talk).values(), *engine.callable_here(talk), "there"}
    yield from (Said(*us, word) for word in sorted(words))
    yield ToldTime(*us, ELEVEN + 20 * MINUTE)
    yield ToldTime(*us, ELEVEN + 5 * HOUR)
    yield ToldText(*us, "they refuse to sign")
    yield SentPhoto(*us, 1)
    yield WentBack(*us)
    yield from (ConfirmedUpTo(*us, number) for number in (4, 7, 10))
    yield from (Decided(*us, word) for word in DECISIONS)
    yield from (Ended(*us, state) for state in ENDS)
    for name, standing in engine.standing(talk, facts).items():
        yield TimerFired(standing.due, now, "clock", "", name, standing.due)


def turns(facts: Facts, program: str) -> Iterator[tuple[Engine, Turn, Happening]]:
    """Turns from every place of the rules, a minute apart.

    The shortest way to a place comes first: the one on which least has been told. Marks make two
    places of one where the rules ask for them.
    """
    engine = build_engine()
    flows = [line.flow for line in engine.lines.values()]
    asked = {mark for flow in flows for step in flow.steps for mark, _ in step.variants}
    asked |= {name for flow in flows for move in flow.moves for name in move.given.split()}
    begun = engine.begin(program, facts, ELEVEN - 5 * HOUR)
    waiting, seen = deque([(begun.talk, ELEVEN)]), set[object]()
    while waiting:
        talk, now = waiting.popleft()
        for event in happenings(engine, talk, now, facts):
            turn = engine.advance(talk, event, facts)
            if not turn.heard:
                continue
            yield engine, turn, event
            after = turn.talk
            here = {flow for flow, _ in after.frames}
            marks = {mark for mark in asked & set(after.marks) if _concerns(mark, here)}
            place = (*after.frames, *sorted(marks), *after.untold[:1])
            if not engine.is_over(after) and place not in seen:
                seen.add(place)
                waiting.append((after, now + MINUTE))


def _concerns(mark: str, flows: set[str]) -> bool:
    """Whether a mark may decide anything in these flows: it is the line's, or one of theirs."""
    flow, _, name = mark.rpartition(".")
    return bool(name) and (not flow or flow in flows)


def said(engine: Engine, turn: Turn, forms: tuple[bool, ...] = (True, False)) -> Iterator[Message]:
    """What this turn says: to the technician, then to the managers; as texts, then in a chat."""
    number = engine.step(turn.talk).number
    values = {sms: values_of(turn, sms=sms) for sms in forms}
    parts = [effect for effect in turn.effects if isinstance(effect, Say)]
    asks = [effect for effect in turn.effects if isinstance(effect, Ask)]
    ask = asks[0] if asks else Ask() if turn.entered and not engine.is_over(turn.talk) else None
    for known in values.values():
        prompt = Part(ask.key or engine.prompt_key(turn.talk), known) if ask else None
        choices = tuple(engine.choices(turn.talk).items())
        if ask and ask.choices:
            choices = ask.choices
        if turn.talk.untold:
            choices = (("0", "unknown"),)
        yield Message(
            tuple(Part(each.key, known) for each in parts),
            prompt,
            choices if prompt else (),
            "B",
            f"{number}/11" if number and prompt else "",
            frozenset(index for index, each in enumerate(parts) if each.must),
        )
        for effect in turn.effects:
            if isinstance(effect, Alert):
                letters = (*(letter for letter, _ in effect.choices), "a", "c")
                yield Message(
                    (),
                    Part(f"alert.{effect.kind}", known | BESIDES),
                    tuple((f"7{letter}", letter) for letter in letters),
                )


def values_of(turn: Turn, *, sms: bool) -> dict[str, str]:
    job = JOB | {"state": turn.talk.state}
    marks, now = turn.talk.marks, ELEVEN + 40 * MINUTE
    return job_values(job, TECHNICIAN, MANAGER, CONTACTS, marks, now, sms=sms)


@pytest.fixture(scope="module")
def walked() -> list[tuple[Engine, Turn, Happening]]:
    return [
        turn
        for app in ("own", "none")
        for program in PROGRAMS
        for turn in turns(replace(FACTS, app=app), program)
    ]


def test_a_walk_gets_everywhere(walked: list[tuple[Engine, Turn, Happening]]) -> None:
    engine = build_engine()
    states = {
        step.name if name in PROGRAMS else f"{name}.{step.name}"
        for name, line in engine.lines.items()
        for step in line.flow.steps
        if name in PROGRAMS or not (step.ends or name in APART)
    }

    assert set() == states - {turn.talk.state for _, turn, _ in walked} - {"planned"}


def test_nothing_that_a_job_says_is_unknown_by_then(
    walked: list[tuple[Engine, Turn, Happening]],
) -> None:
    wording = Wording.shipped(strict=True)
    unsaid: set[str] = set()
    heard: set[object] = set()
    for engine, turn, event in walked:
        orders = tuple(each for each in turn.effects if isinstance(each, Say | Ask | Alert))
        telling = (turn.talk.state, *orders, *sorted(turn.talk.marks), turn.talk.under)
        if telling in heard:
            continue
        heard.add(telling)
        for message in said(engine, turn):
            try:
                text = wording.sms(message)
                wording.chat(message)
            except Unsaid as missing:
                unsaid.add(f"{event} at {turn.talk.state}: {missing}")
                continue
            if segments(text) > 2 or "?." in text:
                unsaid.add(text)

    assert set() == unsaid


def test_no_mail_of_a_job_names_what_is_unknown_by_then(
    walked: list[tuple[Engine, Turn, Happening]],
) -> None:
    wording = Wording.shipped(strict=True)
    mailed: set[str] = set()
    for _, turn, _ in walked:
        for effect in turn.effects:
            if isinstance(effect, MailOffice):
                values = values_of(turn, sms=False) | TOLD
                _, body = wording.sentence(f"mail.{effect.case}").fill(values)
                assert "?" not in body
                mailed.add(effect.case)

    assert mailed >= {"no_show", "no_show_over", "no_show_appeared", "correction", "app_issue"}
