"""The Manual POS form, as a third party reads it: whose half is which, what it says (A30, A31)."""

import pytest

from bot.papers.form import blank, filled, print_form
from flows.facts import MINUTE
from flows.talk import Talk
from tests.bot.samples import ELEVEN, NOW
from tests.papers.reading import LETTER, TINA, Read, context, job

KNOWN = (
    "114-8837265-291044312",
    "S-209311",
    "Christopher Montgomery-Hernandez",
    "11 AM – 2 PM",
    "12345 Martin Luther King Jr Boulevard Apt 4B, West Palm Beach, FL 33401",
    "Sauder Palladia L-Shaped Computer Desk",
    "Temperance Abernathy-Okonkwo",
    "Mon Nov 23, 2026",
)


def form(**changes: object) -> Read:
    office = context()
    return Read(print_form(office, filled(office, job(**changes), TINA), NOW))


def test_a_form_is_one_letter_page() -> None:
    read = form()

    assert 1 == len(read.pages)
    assert {LETTER} == read.sizes


def test_a30_the_top_half_is_the_service_providers_and_the_bottom_half_the_customers() -> None:
    read = form()

    top = read.where("To be completed by the service provider").y
    bottom = read.where("To be completed by the customer").y
    assert top < bottom
    assert 279 / 2 - 15 < bottom < 279 / 2 + 15, "the halves are halves"


def test_a30_both_sign_in_their_own_half() -> None:
    read = form()
    bottom = read.where("To be completed by the customer").y

    signed = [word.y for word in read.words() if word.text.startswith("Signature")]

    assert [True, False] == [y < bottom for y in signed]


def test_a31_the_name_on_the_form_is_apollo_assembly() -> None:
    read = form()

    assert "Apollo Assembly" == read.words()[0].text
    assert "Manual Proof of Service" in read.text


@pytest.mark.parametrize("value", KNOWN)
def test_what_the_job_knows_stands_in_the_providers_half(value: str) -> None:
    read = form()

    assert read.where(value).y < read.where("To be completed by the customer").y


def test_the_times_so_far_are_filled_in_and_the_others_left_to_the_pen() -> None:
    marks = {"arrive": ELEVEN, "start": ELEVEN + 2 * MINUTE}

    read = form(talk=Talk([("apollo", "ivr_in")], marks).to_json())

    assert "11:00 AM" in read.text
    assert "11:02 AM" in read.text
    assert 2 == read.text.count(":0")  # of the hour at which it was made: 11:44


def test_it_is_black_on_white() -> None:
    assert all(set(colour) == {0.0} for colour in form().colours())


def test_a_greek_a_cyrillic_and_a_vietnamese_name_are_printed_as_they_are() -> None:
    read = form(customer="Ελένη Παπαδοπούλου", street="ул. Щорса 5", product="Nguyễn ghế")

    assert "Ελένη Παπαδοπούλου" in read.text
    assert "ул. Щорса 5" in read.text
    assert "Nguyễn ghế" in read.text
    assert "cannot show" not in read.text


@pytest.mark.parametrize("name", ["王小明", "محمد", "Zoë 😀 王", "नेहा"])
def test_letters_that_the_paper_lacks_are_said_and_nothing_fails(name: str) -> None:
    read = form(customer=name)

    assert 1 == len(read.pages)
    assert "?" in read.text
    assert "cannot show" in read.text


def test_control_signs_and_marks_of_direction_are_left_out() -> None:
    read = form(customer="\u202eanna\x00 m\u00fcller\u200b")

    assert "anna müller" in read.text
    assert "cannot show" not in read.text


def test_nothing_leaves_the_page_however_long_it_is() -> None:
    read = form(customer="W" * 300, street="x" * 500, number="1" * 64, product="Ö" * 400)

    assert 1 == len(read.pages)
    assert "WWWW…" in read.text
    assert all(word.x < 203 for word in read.words())


def test_a31_a_pad_has_four_copies_with_nothing_filled_in() -> None:
    office = context()

    read = Read(print_form(office, blank(office, "apollo"), NOW, copies=4))

    assert 4 == len(read.pages)
    assert 1 == len(set(read.pages))
    assert "Apollo Assembly" in read.text
    assert "2026" not in read.text


def test_the_same_form_is_the_same_file_but_for_the_libraries_own_id() -> None:
    office = context()

    first, second = (print_form(office, filled(office, job(), TINA), NOW) for _ in range(2))

    assert Read(first).pages == Read(second).pages
    assert len(first) == len(second)
