"""Where a job stands goes to JSON and comes back the same; BACK has a bottom."""

import json

from flows.talk import UNDO_DEPTH, Talk

TALK = Talk(
    frames=[("apollo", "start"), ("no_show", "waiting")],
    marks={"arrive": 5},
    words={"other.what": "they refuse"},
    fired={"apollo.where": 7},
    times=["arrive"],
    confirmed=9,
    spare=[1, 2],
    album="x",
)


def test_it_comes_back_the_same() -> None:
    talk = TALK.copy()
    talk.remember(planned=11)

    assert talk == Talk.from_json(talk.to_json())
    assert talk.to_json() == Talk.from_json(talk.to_json()).to_json()


def test_a_document_of_an_older_version_is_read() -> None:
    """Fields that it lacks are empty, fields that are gone are passed over."""
    old = json.dumps({"frames": [["apollo", "eta"]], "marks": {}, "gone": 1})

    assert Talk([("apollo", "eta")]) == Talk.from_json(old)


def test_names_of_a_state() -> None:
    assert ("no_show.waiting", "start") == (TALK.state, TALK.under)
    assert ("start", None) == (Talk(TALK.frames[:1]).state, Talk(TALK.frames[:1]).under)


def test_a_missing_time_is_asked_for_in_the_main_line_only() -> None:
    assert [] == TALK.untold
    assert ["arrive"] == Talk(TALK.frames[:1], times=["arrive"]).untold


def test_a_copy_is_independent() -> None:
    talk = TALK.copy()
    talk.marks["new"] = 1
    talk.frames.append(("late", "when"))
    talk.spare.append(3)
    talk.words["x"] = "y"
    talk.fired["x"] = 1
    talk.times.append("ivr_in")

    assert {"arrive": 5} == TALK.marks
    assert 2 == len(TALK.frames)
    assert ([1, 2], ["arrive"]) == (TALK.spare, TALK.times)


def test_going_back_restores_all_but_what_was_kept() -> None:
    talk = TALK.copy()
    talk.remember()
    talk.frames, talk.marks, talk.confirmed, talk.spare = [("apollo", "report")], {"x": 1}, 0, [9]

    assert talk.go_back() is None
    assert (TALK.frames, TALK.marks, 9) == (talk.frames, talk.marks, talk.confirmed)
    assert [9] == talk.spare


def test_only_the_youngest_moves_can_be_undone() -> None:
    talk = Talk([("apollo", "eta")])
    for number in range(UNDO_DEPTH + 2):
        talk.marks["n"] = number
        talk.remember(planned=number)

    assert UNDO_DEPTH == len(talk.past)
    assert [4, 3, 2] == [talk.go_back() for _ in range(UNDO_DEPTH)]
    assert [] == talk.past
