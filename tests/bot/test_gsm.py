"""The alphabet of a text message: what it costs and how the rest is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.speech.gsm import BASIC, EXTENDED, fits, fold, segments, septets


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("José García", "José Garcia"),
        ("Jose\u0301", "José"),
        ("Łukasz Ðorđević", "Lukasz Dordevic"),
        ("“9–12” … don’t", '"9-12" ... don\'t'),
        ("9\u00a0AM\u202fto\u200b go", "9 AM to go"),
        ("👍 Done ✅", "Done"),
        ("5×6 ½ №3", "5x6 1/2 No3"),
        ("`code`", "'code'"),
        ("李 Smith", "? Smith"),
        ("Müller @ 5€ [2nd]", "Müller @ 5€ [2nd]"),
        ("tab\tand\r\nline", "tab and\r\nline"),
        ("", ""),
    ],
)
def test_what_the_alphabet_lacks_is_said_otherwise(written: str, said: str) -> None:
    assert said == fold(written)


@given(st.text())
def test_a_folded_text_is_in_the_alphabet_and_folding_it_again_changes_nothing(text: str) -> None:
    folded = fold(text)

    assert set() == set(folded) - BASIC - EXTENDED
    assert folded == fold(folded)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 0),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("í" * 70, 1),
        ("í" * 71, 2),
        ("👍" * 35, 1),
        ("👍" * 36, 2),
        ("👍" * 67, 3),
    ],
)
def test_segments_are_counted_as_a_provider_bills_them(text: str, parts: int) -> None:
    assert parts == segments(text)
    assert fits(text) is (parts <= 1)


def test_the_extended_characters_take_two_places() -> None:
    assert 160 == septets("a" * 150 + "[€]~^")
