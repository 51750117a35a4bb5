"""The wallet card: eleven steps in order, every issue, sides of a bank card, cut marks."""

from bot.papers.card import HIGH, SIDE, print_card
from tests.bot.samples import NOW
from tests.papers.reading import LETTER, Read, context

LEFT, TOP = 23.0, 30.0


def card() -> Read:
    return Read(print_card(context(), "apollo", NOW))


def test_it_is_one_letter_sheet() -> None:
    read = card()

    assert 1 == len(read.pages)
    assert {LETTER} == read.sizes


def test_the_eleven_steps_stand_in_the_printed_cheat_sheets_order() -> None:
    text = card().text
    steps = (
        "ETA in",
        "Arrive",
        "Start Job",
        "Sign in on the IVR",
        "Assemble",
        "Complete Job",
        "Customer signs",
        "Selfie",
        "Gone from",
        "Sign out on the IVR",
        "Report in Mars",
    )

    places = [text.index(step) for step in steps]

    assert sorted(places) == places
    assert [str(n) for n in range(1, 12)] == [w.text for w in card().words() if w.text.isdecimal()]


def test_every_issue_and_every_number_of_the_cheat_sheet_is_on_it() -> None:
    text = card().text

    for needle in (
        "App dead",
        "Nobody home",
        "30 min",
        "No product",
        "Damaged",
        "Parts missing",
        "Broke now",
        "More work",
        "amazon@apolloretail.com",
        "855-836-3483",
        "800-484-0254",
        "same day",
        "driveway",
        "Manual POS",
    ):
        assert needle in text, needle


def test_all_of_it_lies_within_two_sides_of_a_bank_card() -> None:
    inside = [word for word in card().words() if "Wallet card" not in word.text]

    assert (85, 54) == (SIDE, HIGH)
    assert inside
    assert all(LEFT < w.x < LEFT + 2 * SIDE and TOP < w.y < TOP + HIGH for w in inside)


def test_the_operators_own_contacts_are_on_it() -> None:
    office = context()
    own = {"office_phone": "212-555-0199"}
    changed = type(office)(
        office.engine,
        office.programs,
        office.wording,
        office.clock,
        lambda _p, name: own.get(name, ""),
    )

    text = Read(print_card(changed, "apollo", NOW)).text

    assert "212-555-0199" in text
    assert "855-836-3483" not in text
