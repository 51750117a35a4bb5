"""What the library does to the unwary, and that one shared machine a flow is safe from it."""

import threading
from dataclasses import replace

import pytest
from transitions import Machine, MachineError

from flows.conditions import holds
from flows.effects import Alert, Note
from flows.events import Said
from flows.facts import Facts
from flows.machine import Line
from flows.programs.apollo import LINE
from flows.shape import Flow, Move, Step
from flows.talk import Talk

FACTS = Facts(100, 200, 100, 0, 300)
SAID = Said(150, 150, "Tina", "sms", "go")
FLOW = Flow(
    "small",
    steps=(Step("a", choices={"1": "go"}), Step("b", choices={"1": "go"}), Step("c", ends="c")),
    moves=(
        Move("go", "a", "b", (Note("plain"),)),
        Move("go", "a", "c", (Note("both"),), given="marked after_window"),
        Move("go", "a", "c", (Note("marked"),), given="marked"),
        Move("go", "b", None, (Alert("stays"),)),
        Move("again", "b", "b"),
        Move("only_if", "b", "c", given="marked"),
    ),
)


class Model:
    state = "b"


def test_a_model_added_without_its_state_is_silently_reset() -> None:
    """Why no model is ever added: a job loaded at `b` would begin again at `a`."""
    machine = Machine(model=None, states=["a", "b"], initial="a")
    model = Model()
    machine.add_model(model)

    assert "a" == model.state


def test_the_library_accepts_a_table_that_leads_nowhere() -> None:
    """Why `check` reads the tables first: a misspelt step raises only when somebody walks there."""
    machine = Machine(model=None, states=["a"], initial="a", auto_transitions=False)
    machine.add_transition("go", "a", "nowhere")
    model = Model()
    model.state = "a"

    with pytest.raises(ValueError, match="nowhere"):
        machine.events["go"].trigger(model)


def test_the_library_has_more_than_one_kind_of_no() -> None:
    """Why a line asks its own words first."""
    machine = Machine(model=None, states=["a", "b"], initial="a", auto_transitions=False)
    machine.add_transition("go", "a", "b")

    with pytest.raises(MachineError):
        machine.events["go"].trigger(Model())
    with pytest.raises(KeyError):
        machine.events["fly"]


def test_there_is_one_kind_of_no_here() -> None:
    line = Line(FLOW)

    assert line.fire("go", Talk([("small", "c")]), SAID, FACTS) is None
    assert line.fire("fly", Talk([("small", "a")]), SAID, FACTS) is None
    assert line.fire("only_if", Talk([("small", "b")]), SAID, FACTS) is None


def test_rows_with_a_condition_come_first_and_in_their_order() -> None:
    line = Line(FLOW)
    plain, marked = Talk([("small", "a")]), Talk([("small", "a")], {"marked": 1})

    assert ("b", (Note("plain"),)) == line.fire("go", plain, SAID, FACTS)
    assert ("c", (Note("marked"),)) == line.fire("go", marked, SAID, FACTS)
    late = replace(SAID, at=201)
    assert ("c", (Note("both"),)) == line.fire("go", marked, late, FACTS)


def test_staying_is_told_apart_from_entering_anew() -> None:
    line = Line(FLOW)

    assert (None, (Alert("stays"),)) == line.fire("go", Talk([("small", "b")]), SAID, FACTS)
    assert ("b", ()) == line.fire("again", Talk([("small", "b")]), SAID, FACTS)


def test_firing_changes_neither_the_talk_nor_the_machine() -> None:
    line = Line(FLOW)
    talk = Talk([("small", "a")])
    for _ in range(3):
        assert ("b", (Note("plain"),)) == line.fire("go", talk, SAID, FACTS)

    assert Talk([("small", "a")]) == talk
    assert [] == line._machine.models


def test_no_words_but_those_of_the_tables() -> None:
    """Without `auto_transitions=False` any job could be sent to any step."""
    line = Line(LINE)

    assert {move.word for move in LINE.moves} == set(line._machine.events)


def test_who_may_say_what() -> None:
    line = Line(LINE)

    assert {"sent", "issue", "missed", "there", "late"} == line.sayable["eta"]
    assert frozenset() == line.sayable["planned"]


def test_threads_share_a_machine_without_mixing_their_jobs() -> None:
    line = Line(FLOW)
    wrong: list[object] = []

    def work(step: str, expected: object) -> None:
        talk = Talk([("small", step)])
        wrong.extend(
            fired for _ in range(2_000) if (fired := line.fire("go", talk, SAID, FACTS)) != expected
        )

    threads = [
        threading.Thread(target=work, args=args)
        for args in (("a", ("b", (Note("plain"),))), ("b", (None, (Alert("stays"),)))) * 4
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [] == wrong


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", True),
        ("marked", True),
        ("other", False),
        ("after_window", False),
        ("marked after_window", False),
        ("marked marked", True),
    ],
)
def test_all_that_is_given_must_hold(given: str, expected: bool) -> None:
    assert expected == holds(given, Talk([("small", "a")], {"marked": 1}), SAID, FACTS)
