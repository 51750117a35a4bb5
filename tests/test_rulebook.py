"""No rule of the client's documents without a place in the product and a test that shows it."""

import pytest

from flows.rules import RULES
from tests.rulebook import DOCUMENT, Carried, carried, documented, render, rules_in


@pytest.fixture(scope="module")
def now() -> dict[str, Carried]:
    return carried()


def test_every_rule_has_a_place_and_a_test(now: dict[str, Carried]) -> None:
    assert [] == [rule for rule, each in now.items() if not each.tests]
    assert [] == [r for r, each in now.items() if not (each.steps or each.texts or each.modules)]


def test_what_the_document_says_is_so(now: dict[str, Carried], pytestconfig: pytest.Config) -> None:
    """It may be older than the newest name; each line still leads to a place and to a test."""
    if pytestconfig.getoption("--update-scripts"):
        DOCUMENT.write_text(render(), "utf-8")
    listed = documented()

    assert list(RULES) == list(listed)
    for rule, names in listed.items():
        each = now[rule]
        assert names & (each.steps | each.texts | each.modules), rule
        assert names & each.tests, rule


def test_a_range_is_all_of_it() -> None:
    assert ["A40", "A41", "A42"] == list(rules_in("nobody home (A40 to A42)"))
    assert ["A50", "A51"] == list(rules_in("a50_to_a51_"))
    assert [] == list(rules_in("B12 A99 A1"))
