"""A manager's answers as they are typed on phones of any kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.codes import read_codes, read_words, takes_all
from flows.words import Code


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("1a", [Code(1, "a")]),
        ("1 a", [Code(1, "a")]),
        ("A1", [Code(1, "a")]),
        ("a 1", [Code(1, "a")]),
        ("1A.", [Code(1, "a")]),
        ("1-a", [Code(1, "a")]),
        ("#12 y!", [Code(12, "y")]),
        ("1 ok", [Code(1, "a")]),
        ("1y K7QM", [Code(1, "y", "K7QM")]),
        ("1 y k7qm", [Code(1, "y", "K7QM")]),
        ("1a 2a 3c", [Code(1, "a"), Code(2, "a"), Code(3, "c")]),
        ("1a, 2a and 3c", [Code(1, "a"), Code(2, "a"), Code(3, "c")]),
        ("1a2a3c", [Code(1, "a"), Code(2, "a"), Code(3, "c")]),
        ("1y K7QM 2a", [Code(1, "y", "K7QM"), Code(2, "a")]),
        ("take 8", [Code(8, "a")]),
        ("take 3, 5 and 8", [Code(3, "a"), Code(5, "a"), Code(8, "a")]),
        ("done 7 call 9", [Code(7, "d"), Code(9, "c")]),
        ("a 1 2", []),
        ("4", [Code(4, "")]),
        ("a", [Code(0, "a")]),
        ("ok", [Code(0, "a")]),
        ("a b", []),
        ("1 2", []),
        ("done 114-7", []),
        ("take 3-5", []),
        ("done 3/5", [Code(3, "d"), Code(5, "d")]),
        ("who is that", []),
        ("", []),
    ],
)
def test_answers_are_read_as_thumbs_write_them(typed: str, codes: list[Code]) -> None:
    assert codes == read_codes(typed)


@pytest.mark.parametrize(
    ("typed", "all_of_them"),
    [("take all", True), ("Take all.", True), ("I take them all", True), ("all mine", True),
     ("all", False), ("take all day", False), ("all done", False), ("4 take all", False)],
)  # fmt: skip
def test_all_are_taken_where_just_that_is_said(typed: str, all_of_them: bool) -> None:
    assert all_of_them == takes_all(typed)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("4 gate code is 1234", (4, "gate code is 1234")),
        ("4: go round the back", (4, "go round the back")),
        ("4 a", None),
        ("4 1015", None),
        ("4", None),
        ("gate code", None),
    ],
)
def test_a_number_and_words_are_words_for_the_technician(
    typed: str, words: tuple[int, str] | None
) -> None:
    assert words == read_words(typed)


@given(st.text(max_size=40))
def test_any_text_is_read_without_fail(typed: str) -> None:
    assert read_codes(typed) is not None
    read_words(typed)
