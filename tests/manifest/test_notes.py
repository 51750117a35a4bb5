"""Schedule notes and customers' names as people write them (A01, A02, A03)."""

from datetime import time
from time import process_time as time_spent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.manifest.mark import nearly_marked, without_mark
from bot.manifest.notes import Bucket, read_notes

MORNING, NOON = (time(8), time(11)), (time(11), time(14))
AFTERNOON, EVENING = (time(14), time(17)), (time(17), time(20))
APOLLO = (MORNING, NOON, AFTERNOON, EVENING)

# the notes → the bucket and the product
NOTES = {
    "8-11 TV stand, 2 boxes": (MORNING, "TV stand, 2 boxes"),
    "AMZ 11AM - 2PM // IKEA Malm dresser": (NOON, "IKEA Malm dresser"),
    "bucket: 2pm to 5pm; assemble: crib": (AFTERNOON, "crib"),
    "5-8p desk": (EVENING, "desk"),
    "14:00–17:00 gaming desk": (AFTERNOON, "gaming desk"),
    "0800-1100 bookcase": (MORNING, "bookcase"),
    "800-1100 bookcase": (MORNING, "bookcase"),
    "17.00 — 20.00 bed": (EVENING, "bed"),
    "TV stand (8-11)": (MORNING, "TV stand"),
    "TV stand [8am-11am] 2 boxes": (MORNING, "TV stand, 2 boxes"),
    "“8-11” crib": (MORNING, "crib"),
    "AMZ-8-11 desk": (MORNING, "desk"),
    "8a-11a": (MORNING, ""),
    "8-11am, crib": (MORNING, "crib"),
    "11-2pm sofa": (NOON, "sofa"),
    "11:00-2:00 desk": (NOON, "desk"),
    "noon slot? no: 11 to 2 desk": (NOON, "noon slot? no, desk"),
    "2 - 5 P.M. sofa bed": (AFTERNOON, "sofa bed"),
    "8:00AM–11:00AM EST Desk": (MORNING, "Desk"),
    "Time Window: 8:00 AM - 11:00 AM Product: Malm 6-drawer": (MORNING, "Malm 6-drawer"),
    "8AM to 11AM window - 1x bunk bed": (MORNING, "1x bunk bed"),
    "Window: 8-11 Window bench": (MORNING, "Window bench"),
    "between 5 and 8 pm, wardrobe": (EVENING, "wardrobe"),
    "8 thru 11 - crib": (MORNING, "crib"),
    "crib 8–11 am 3 pcs": (MORNING, "crib, 3 pcs"),
    "2-5pm, assembly of 2 nightstands": (AFTERNOON, "2 nightstands"),
    "8-11; Amazon Basics shelf": (MORNING, "Amazon Basics shelf"),
    "8-11 desk; 8AM-11AM confirmed": (MORNING, "desk, confirmed"),
    "11AM - 2PM desk w/ 2-5 shelves": (NOON, "desk w/ 2-5 shelves"),
    "8-11 armoire": (MORNING, "armoire"),
    "2-5 people needed; 8-11 sofa": (MORNING, "2-5 people needed, sofa"),
    "8-11 cabinet 24-30\" wide": (MORNING, "cabinet 24-30\" wide"),
    "WO 114-88 11/23-11/24 8-11 sofa": (MORNING, "WO 114-88 11/23-11/24, sofa"),
    "call 212-555-0101; 8-11 sofa": (MORNING, "call 212-555-0101, sofa"),
    "８－１１ ｄｅｓｋ": (MORNING, "desk"),
    "8-11\u00a0desk": (MORNING, "desk"),
}  # fmt: skip


@pytest.mark.parametrize(("notes", "expected"), NOTES.items())
def test_a02_bucket_and_product_come_out_of_the_notes(
    notes: str, expected: tuple[Bucket, str]
) -> None:
    read = read_notes(notes, APOLLO)

    assert (read.bucket, read.product, read.trouble) == (*expected, "")


# the notes → words of what is said of them
NO_BUCKET = {
    "": "name no time bucket",
    "desk": "name no time bucket",
    "2-5 shelves": "name no time bucket",
    "TV stand 2-5 boxes": "name no time bucket",
    "24-30\" wide": "name no time bucket",
    "8-12 desk": '"8-12" is not one of the time buckets: 08:00-11:00, 11:00-14:00, 14:00-17:00',
    "noon-3 desk": '"noon-3" is not one of',
    "8-11pm sofa": '"8-11pm" is not one of',
    "9am-12pm desk, 2-5 widgets": '"9am-12pm" is not one of',
    "8-11 or 11-2 desk": 'different time buckets ("8-11", "11-2")',
    "8am-11am / 11am-2pm desk": "different time buckets",
    "25-99 desk": "is not one of",
}  # fmt: skip


@pytest.mark.parametrize(("notes", "words"), NO_BUCKET.items())
def test_a03_another_window_is_refused_with_the_four_named(notes: str, words: str) -> None:
    read = read_notes(notes, APOLLO)

    assert read.bucket is None
    assert words in read.trouble


def test_another_time_in_the_notes_is_remarked() -> None:
    read = read_notes("8am-11am desk; store open 9am-9pm", APOLLO)

    assert read.bucket == MORNING
    assert "(9am-9pm): 08:00-11:00 was taken" in read.remark


FREE = {
    "9-12 desk": ((time(9), time(12)), "desk"),
    "2-5 sofa": ((time(14), time(17)), "sofa"),
    "9-1 sofa": ((time(9), time(13)), "sofa"),
    "8-5 sofa": ((time(8), time(17)), "sofa"),
    "14:00-16:30 bed": ((time(14), time(16, 30)), "bed"),
    "9 to 12pm bed": ((time(9), time(12)), "bed"),
    "size 30-40 desk, 10:30": ((time(10, 30), time(11, 30)), "size 30-40 desk"),
    "10:30 desk": ((time(10, 30), time(11, 30)), "desk"),
    "at 10 wardrobe": ((time(10), time(11)), "wardrobe"),
    "@14 crib": ((time(14), time(15)), "crib"),
    "2pm crib": ((time(14), time(15)), "crib"),
    "noon crib": ((time(12), time(13)), "crib"),
}


@pytest.mark.parametrize(("notes", "expected"), FREE.items())
def test_without_buckets_any_window_counts_and_an_exact_time_opens_an_hour(
    notes: str, expected: tuple[Bucket, str]
) -> None:
    read = read_notes(notes, ())

    assert (read.bucket, read.product) == expected


@pytest.mark.parametrize("notes", ["desk", "assemble 2 chairs", "desk 120x60", "23:30 bed"])
def test_without_a_time_there_is_no_free_window(notes: str) -> None:
    assert read_notes(notes, ()).bucket is None


def test_two_exact_times_are_two_buckets() -> None:
    assert "different" in read_notes("10am and 2pm desk", ()).trouble


MARKED = {
    "Must Use the Amazon App - Jane Doe": "Jane Doe",
    "MUST USE THE AMAZON APP: Doe, Jane": "Doe, Jane",
    "must use the amazon app Jane": "Jane",
    "*Must-Use the AMAZON app* Jane": "Jane",
    "(must use amazon app) Jane": "Jane",
    "[Must Use The Amazon App!] Jane": "Jane",
    "MustUseTheAmazonAppJane Doe": "Jane Doe",
    "Must Use the Amazon Application / Jane": "Jane",
    "Must_Use_the_Amazon_App_Jane": "Jane",
    "Jane (MUST USE THE AMAZON APP) Doe Jr.": "Jane Doe Jr.",
    "Jane Doe – must use the amazon app": "Jane Doe",
    "Ｍｕｓｔ Use the Amazon App Jane": "Jane",
    "Must\u00a0Use\nthe  Amazon App — José": "José",
    "Must Use the Amazon App": "",
}


@pytest.mark.parametrize(("customer", "expected"), MARKED.items())
def test_a01_the_mark_counts_in_any_case_punctuation_and_spacing(
    customer: str, expected: str
) -> None:
    assert without_mark(customer) == expected


@pytest.mark.parametrize("customer", ["Jane Doe", "", "Amazon Fresh #12", "Must Use the Mars App"])
def test_a01_without_the_mark_it_is_no_amazon_order(customer: str) -> None:
    assert without_mark(customer) is None


def test_a_mistyped_mark_is_noticed() -> None:
    assert nearly_marked("Must Use the Amzn App Jane")
    assert not nearly_marked("Jane Doe")


PIECES = st.sampled_from(
    [*"0123456789-–:./()[]\"' ", "8-11", "am", "pm", "noon", " to ", " and ", "between ", "at ",
     "bucket", "AMZ", "assemble", " desk", "h", "2-5", "11AM", "\n", "１", "½"]
)  # fmt: skip


@given(st.text() | st.lists(PIECES).map("".join), st.sampled_from([APOLLO, ()]))
def test_p10_any_notes_give_a_bucket_or_a_sentence(notes: str, windows: tuple[Bucket, ...]) -> None:
    read = read_notes(notes, windows)

    assert (read.bucket is None) == bool(read.trouble)
    if read.bucket:
        assert read.bucket[0] < read.bucket[1]
        assert read.bucket in windows or not windows


@given(st.text(alphabet="mustehazonp AMUSE-_* \u00a0") | st.text())
def test_p10_any_name_is_marked_or_not(customer: str) -> None:
    bare = without_mark(customer)

    assert bare is None or bare == " ".join(bare.split())


@pytest.mark.parametrize(
    "piece", ["amz ", "1 ", "1-", "8-11 ", "at ", "-", "12:30 ", "( ", "must "]
)
def test_p10_long_notes_are_read_in_no_time(piece: str) -> None:
    start = time_spent()
    read_notes(piece * 10_000, APOLLO)
    read_notes(piece * 10_000, ())
    without_mark(piece * 10_000)

    assert time_spent() - start < 1
