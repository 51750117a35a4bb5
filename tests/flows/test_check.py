"""A broken table is refused at start-up, with one sentence that says what is wrong."""

from collections.abc import Callable
from dataclasses import replace
from datetime import time
from decimal import Decimal

import pytest

from flows.book import PROGRAMS, SIDES
from flows.check import broken, needed_sentences
from flows.effects import Alert, Ask, MailOffice, Note, Owe, Say
from flows.facts import MINUTE
from flows.onboarding import FLOW as ONBOARDING
from flows.shape import Call, Flow, Mark, Move, Program, Remind, Step
from flows.texts import languages, sentences

LINE = Flow(
    "line",
    steps=(
        Step("here", 1, {"1": "go", "2": "stuck"}, timed=True),
        Step("there", 2, {"1": "done"}, variants=(("marked", "there_marked"),)),
        Step("end", ends="end"),
        Step("cancelled", ends="cancelled"),
    ),
    moves=(
        Move("go", "here", "there", (Note("marked"),)),
        Move("done", "there", "end", (Say("well"),)),
        Move("ask", "there", None, (Alert("ask", 2, (("y", "said_yes"),)),)),
        Move("said_yes", "there", "end"),
    ),
    calls=(
        Call("stuck", "side", ("here",), {"back": None, "out": (("marked", "there"), ("", "end"))}),
    ),
    reminds=(
        Remind("ask", ("there",), Mark(("here", "window_start"), 5 * MINUTE)),
        Remind("again", ("there",), Mark(("marked",)), (Ask("sure", (("1", "done"),)),)),
    ),
)  # fmt: skip
SIDE = Flow(
    "side",
    steps=(
        Step("photo", asks="photo", photo="door", choices={"9": "mistake"}),
        Step("wait", choices={"8": "over"}),
        Step("back", ends="back"),
        Step("out", ends="out"),
    ),
    moves=(
        Move("photo", "photo", "wait", (MailOffice("side"),)),
        Move("mistake", "photo", "back"),
        Move("over", "wait", "out", (Owe("fee", "A42"),)),
    ),
)
PROGRAM = Program(
    "line", LINE, (("1", "stuck"),), {}, ((time(8), time(11)),), {"fee": Decimal(1)}, "UTC", "US"
)


def faults(
    line: Flow = LINE, side: Flow = SIDE, program: Program = PROGRAM, apart: Flow | None = None
) -> list[str]:
    programs = {"line": replace(program, line=line)}
    sides, own = {side.name: side}, {apart.name: apart} if apart else {}
    return broken(programs, sides, {"en": needed_sentences(programs, sides, own)}, own)


def with_step(flow: Flow, name: str, **changes: object) -> Flow:
    steps = tuple(replace(s, **changes) if s.name == name else s for s in flow.steps)  # type: ignore[arg-type]
    return replace(flow, steps=steps)


def with_move(flow: Flow, word: str, **changes: object) -> Flow:
    moves = tuple(replace(m, **changes) if m.word == word else m for m in flow.moves)  # type: ignore[arg-type]
    return replace(flow, moves=moves)


def with_call(**changes: object) -> Flow:
    return replace(LINE, calls=(replace(LINE.calls[0], **changes),))  # type: ignore[arg-type]


def with_remind(**changes: object) -> Flow:
    return replace(LINE, reminds=(replace(LINE.reminds[0], **changes), *LINE.reminds[1:]))  # type: ignore[arg-type]


def more(flow: Flow, *rows: Move) -> Flow:
    return replace(flow, moves=(*flow.moves, *rows))


IN_A_LINE: list[tuple[Callable[[], Flow], str]] = [
    (lambda: replace(LINE, steps=(*LINE.steps, LINE.steps[2])), "line.end: the step stands twice"),
    (lambda: with_step(LINE, "there", number=3), "line: the steps' numbers are not 1 to 2"),
    (lambda: with_step(LINE, "there", choices={"2": "done"}), "line.there: 1 is not forward"),
    (lambda: with_step(LINE, "there", offers={"1": "use_photo"}),
     "line.there: the digit 1 stands twice"),
    (lambda: more(LINE, Move("done", "there", "nowhere", given="marked")),
     "line.there 'done': unknown step nowhere"),
    (lambda: more(LINE, Move("done", "nowhere", "end")),
     "line.nowhere 'done': unknown step nowhere"),
    (lambda: with_move(LINE, "go", given="moon"), "line.here 'go': unknown condition moon"),
    (lambda: more(LINE, Move("go", "here", "end")), "line.here 'go': the row stands twice"),
    (lambda: with_step(LINE, "here", choices={"1": "go", "2": "stuck", "3": "fly"}),
     "line.here: the word 'fly' has no row"),
    (lambda: more(LINE, Move("fly", "here", "end")), "line.here: nothing says the word 'fly'"),
    (lambda: with_step(LINE, "here", asks="time"), "line.here: asks for a time that no row takes"),
    (lambda: with_step(LINE, "here", asks="photo", photo="door"),
     "line.here: asks for a photo that no row takes"),
    (lambda: more(LINE, Move("said_yes", "end", "there")), "line.end: an end with a row out of it"),
    (lambda: replace(LINE, steps=(*LINE.steps, Step("island", ends="island"))),
     "line.island: no row leads there"),
    (lambda: with_call(at=("here", "moon")), "line calls side: unknown step moon"),
    (lambda: with_call(lands={"back": None}), "line calls side: the outcome 'out' has no landing"),
    (lambda: with_call(lands={"back": None, "out": None, "lost": None}),
     "line calls side: 'lost' is no outcome of it"),
    (lambda: with_call(lands={"back": "moon", "out": None}),
     "line calls side: lands at unknown step moon"),
    (lambda: with_call(lands={"back": None, "out": (("marked", "there"),)}),
     "line calls side: a landing with no way for the rest"),
    (lambda: with_call(lands={"back": None, "out": (("moon", "there"), ("", "end"))}),
     "line calls side: unknown condition moon"),
    (lambda: with_call(given="moon"), "line calls side: unknown condition moon"),
    (lambda: with_call(enter="moon"), "line calls side: enters at unknown step moon"),
    (lambda: replace(LINE, calls=LINE.calls * 2), "line.here 'stuck': calls twice"),
    (lambda: with_remind(at=("there", "moon")), "line.ask: unknown step moon"),
    (lambda: with_remind(when=Mark(("moon",))), "line.ask: unknown moment moon"),
    (lambda: with_remind(until="moon"), "line.ask: unknown moment moon"),
    (lambda: with_remind(under=("moon",)), "line.ask: unknown flow moon"),
    (lambda: with_remind(late="maybe"), "line.ask: late is 'maybe'"),
    (lambda: with_remind(past="maybe"), "line.ask: past is 'maybe'"),
    (lambda: replace(LINE, reminds=(*LINE.reminds, Remind("idle", ("there",), Mark(("marked",))))),
     "line.idle: does nothing"),
    (lambda: replace(LINE, reminds=(*LINE.reminds, LINE.reminds[1])),
     "line: the reminder again stands twice"),
]  # fmt: skip
IN_A_BRANCH: list[tuple[Callable[[], Flow], str]] = [
    (lambda: with_step(SIDE, "photo", photo=""), "side.photo: waits for a photo of no kind"),
    (lambda: with_step(SIDE, "wait", choices={"9": "over"}),
     "side.wait: 9 ends the branch, and the step before used it"),
    (lambda: with_step(SIDE, "photo", choices={"1": "mistake"}),
     "side.photo: 1 ends the branch, and opened it"),
    (lambda: replace(SIDE, calls=(Call("over", "side", (), {"back": None, "out": None}),)),
     "line calls side: an escalation may not call another"),
    (lambda: with_move(SIDE, "over", does=(Owe("bonus", "A42"),)), "line: no fee for bonus"),
]  # fmt: skip


def test_the_small_tables_are_clean() -> None:
    assert [] == faults()


@pytest.mark.parametrize(("flow", "sentence"), IN_A_LINE, ids=[s for _, s in IN_A_LINE])
def test_a_fault_of_a_line_is_the_only_one(flow: Callable[[], Flow], sentence: str) -> None:
    assert [sentence] == faults(line=flow())


@pytest.mark.parametrize(("flow", "sentence"), IN_A_BRANCH, ids=[s for _, s in IN_A_BRANCH])
def test_a_fault_of_a_branch_is_the_only_one(flow: Callable[[], Flow], sentence: str) -> None:
    assert [sentence] == faults(side=flow())


def test_a_call_of_nothing() -> None:
    assert ["line calls nobody: there is no such flow", "side: no program calls it"] == faults(
        line=with_call(flow="nobody")
    )


def test_a_digit_that_undoes_a_branch_is_not_one_of_the_step_before() -> None:
    choices = {"8": "over", "9": "again"}
    back = more(with_step(SIDE, "wait", choices=choices), Move("again", "wait", "photo"))

    assert "side.wait: 9 ends the branch, and the step before used it" in faults(side=back)


def test_a_step_without_a_way_on_is_a_dead_end() -> None:
    dead = replace(SIDE, moves=SIDE.moves[:2])

    assert {"side.wait: a dead end", "side.out: no row leads there"} <= set(faults(side=dead))


def test_a_branch_without_an_outcome() -> None:
    steps = tuple(replace(step, ends="") for step in SIDE.steps)

    assert "side: has no outcome" in faults(side=replace(SIDE, steps=steps))


def test_a_branch_that_nobody_opens() -> None:
    assert "side: no program calls it" in faults(line=replace(LINE, calls=()))


def test_a_step_is_not_called_as_a_fact_is() -> None:
    """A mark that is missing would be read from the facts instead."""
    steps = (*LINE.steps, Step("minutes", ends="minutes"))
    line = more(replace(LINE, steps=steps), Move("ask", "there", "minutes", given="marked"))

    assert ["line.minutes: is called as a fact is, and its mark would be taken for it"] == faults(
        line=line
    )


def test_what_a_person_gets_ready_with_has_an_end_and_known_steps() -> None:
    ready = replace(ONBOARDING, steps=tuple(replace(s, ends="") for s in ONBOARDING.steps))
    odd = replace(PROGRAM, prepares=("card", "dance"))

    assert [] == faults(apart=ONBOARDING)
    assert "onboarding: has no outcome" in faults(apart=ready)
    assert ["line: nobody prepares 'dance'"] == faults(program=odd, apart=ONBOARDING)


def test_a_word_from_outside_is_named() -> None:
    silent = replace(ONBOARDING, outside=("trained",))

    assert "onboarding.card: nothing says the word 'passed'" in faults(apart=silent)


def test_a_menus_digit_stands_once() -> None:
    twice = replace(PROGRAM, menu=(("3", "stuck"), ("3", "late")))

    assert ["line: the menu's digit 3 stands twice"] == faults(program=twice)


@pytest.mark.parametrize(
    "key",
    [
        "line.here", "line.there", "line.there_marked", "time_of.here", "well", "sure", "alert.ask",
        "decided.said_yes", "mail.side", "side.photo", "side.wait", "ended.cancelled", "back.done",
        "back.cannot", "photo.kept", "issue", "mail.correction",
    ],
)  # fmt: skip
def test_a_sentence_that_a_language_lacks(key: str) -> None:
    programs, sides = {"line": PROGRAM}, {"side": SIDE}
    known = needed_sentences(programs, sides)

    assert [f"{key}: no sentence in nl"] == broken(
        programs, sides, {"en": known, "nl": known - {key}}
    )


def test_the_shipped_tables_are_clean_in_every_language() -> None:
    assert [] == broken(PROGRAMS, SIDES, {each: sentences(each) for each in languages()})
