"""FORM, CARD and PAY as conversations, on both channels; with the wrong person too."""

import json
import re
from typing import Any

import pytest

from bot.speech.gsm import segments
from flows.facts import HOUR
from tests.papers.conftest import PUBLIC, Staged, owe
from tests.stage import Stage


def documents(stage: Stage) -> list[dict[str, Any]]:
    """What is to be sent as a document."""
    with stage.store.reading() as tx:
        rows = tx.all("SELECT payload FROM outbox WHERE payload LIKE '%document%' ORDER BY id")
    return [json.loads(row["payload"])["document"] for row in rows]


def fresh(stage: Stage, who: str, said: str) -> list[str]:
    """What somebody hears upon saying this."""
    before = len(stage.heard)
    stage.says(who, said)
    return [text for name, text in stage.heard[before:] if name == who]


# ------------------------------------------------------------------------------------------- FORM


def test_a31_form_on_a_chat_is_a_document_of_the_job_in_hand(staged: Staged) -> None:
    stage = staged("telegram")

    caption, said = fresh(stage, "tina", "FORM")

    assert "114-7 follows as a PDF" in said
    assert "Manual POS form, 114-7" == caption
    assert [("form", "manual-pos-114-7.pdf")] == [(d["paper"], d["name"]) for d in documents(stage)]


def test_form_by_text_is_one_segment_with_a_link_that_names_nobody(staged: Staged) -> None:
    stage = staged("sms")

    (said,) = fresh(stage, "tina", "form")

    assert said.startswith("A Form for 114-7: ")
    assert 1 == segments(said)
    (link,) = re.findall(rf"{PUBLIC}/f/([a-z2-7]+) \(24 h\)", said)
    assert 32 == len(link)
    assert [] == documents(stage)


def test_form_by_text_without_a_public_address_says_where_forms_are(staged: Staged) -> None:
    (said,) = fresh(staged("sms", public=""), "tina", "FORM")

    assert "http" not in said
    assert "from the car" in said
    assert "Apollo Assembly" in said


def test_a_letter_names_another_job(staged: Staged) -> None:
    (said,) = fresh(staged("sms"), "tina", "FORM B")

    assert said.startswith("B Form for 114-9: ")


@pytest.mark.parametrize(
    ("channel", "words"), [("sms", "Blank forms"), ("telegram", "four copies")]
)
def test_a31_without_a_job_in_hand_form_is_a_pad_for_the_car(
    staged: Staged, channel: str, words: str
) -> None:
    stage = staged(channel)
    stage.store.transact(lambda tx: tx.run("UPDATE jobs SET is_open = :no", {"no": False}))

    assert words in fresh(stage, "tina", "FORM")[-1]
    assert (["pad"] if channel == "telegram" else []) == [d["paper"] for d in documents(stage)]


def test_form_moves_no_job_and_leaves_its_prompt_standing(staged: Staged) -> None:
    stage = staged("sms")
    stage.says("tina", "WHERE")
    before = stage.state("114-7")

    fresh(stage, "tina", "FORM")

    assert before == stage.state("114-7")
    fresh(stage, "tina", "1")
    assert before != stage.state("114-7")


def test_the_longest_form_text_is_one_segment(staged: Staged) -> None:
    stage = staged("sms", public="https://doorstep-apollo.example.com")
    number = "114-8837265-291044312"
    stage.store.transact(
        lambda tx: tx.run(
            "UPDATE work_orders SET number = :n WHERE number = '114-7'", {"n": number}
        )
    )

    (said,) = fresh(stage, "tina", "FORM")

    assert number in said
    assert 1 == segments(said)


# ------------------------------------------------------------------------------------------- CARD


def test_card_on_a_chat_also_sends_the_printable_card(staged: Staged) -> None:
    stage = staged("telegram")

    caption, said = fresh(stage, "tina", "CARD")

    assert "Every job, in this order" in said
    assert caption.startswith("Wallet card")
    assert [("card", "wallet-card.pdf")] == [(d["paper"], d["name"]) for d in documents(stage)]


def test_card_by_text_stays_a_text(staged: Staged) -> None:
    stage = staged("sms")

    assert 1 == len(fresh(stage, "tina", "CARD"))
    assert [] == documents(stage)


# -------------------------------------------------------------------------------------------- PAY


@pytest.mark.parametrize("channel", ["sms", "telegram"])
def test_pay_without_fees_says_so(staged: Staged, channel: str) -> None:
    assert fresh(staged(channel), "tina", "PAY")[0].startswith("No fees so far.")


def test_pay_by_text_is_one_segment_with_sums_and_entries(staged: Staged) -> None:
    stage = staged("sms")
    owe(stage, "114-7", reason="failed_visit", rule="A42")
    owe(stage, "114-9", status="to_check")
    owe(stage, "114-9", units="0.75", slot="extra_work", reason="extra_work", status="approved")

    (said,) = fresh(stage, "tina", "PAY")

    assert said == (
        "Units: open 1.2, to check 1.2, approved 0.75 (30 d).\n"
        "114-9 extra 0.75 approved\n114-9 trip 1.2 to check\n114-7 no-show 1.2 open\n"
        "Wrong? PAY, order, why"
    )
    assert 1 == segments(said)


def test_pay_by_text_lists_what_one_segment_takes_and_counts_the_rest(staged: Staged) -> None:
    stage = staged("sms")
    numbers = [f"114-8837265-29104431{n}" for n in range(6)]
    for number in numbers:
        stage.order(number, "08:00", "11:00")
        owe(stage, number)

    (said,) = fresh(stage, "tina", "PAY")

    assert 1 == segments(said)
    assert "open 7.2" in said
    assert numbers[-1] in said
    assert f"\n+{6 - said.count('trip')}\n" in said


def test_pay_on_a_chat_lists_the_last_five(staged: Staged) -> None:
    stage = staged("telegram")
    for number in range(6):
        stage.order(f"116-{number}", "08:00", "11:00")
        owe(stage, f"116-{number}", at=stage.clock.now() + number)

    (said,) = fresh(stage, "tina", "PAY")

    assert ["116-5", "116-4", "116-3", "116-2", "116-1"] == re.findall(r"116-\d", said)
    assert "Open: <b>7.2</b>" in said
    assert "• 116-5, Mon Nov 23: trip charge 1.2, open" in said
    assert "\n+1\n" in said


def test_an_approved_fee_leaves_the_sum_after_a_month(staged: Staged) -> None:
    stage = staged("sms")
    owe(stage, "114-7", status="approved", at=stage.clock.now() - 31 * 24 * HOUR)

    (said,) = fresh(stage, "tina", "PAY")

    assert "approved 0 (30 d)" in said
    assert "114-7 trip 1.2 approved" in said


@pytest.mark.parametrize("channel", ["sms", "telegram"])
def test_s3_pay_shows_nobody_elses_fees(staged: Staged, channel: str) -> None:
    stage = staged(channel)
    owe(stage, "114-7", units="9.9")

    assert "9.9" not in fresh(stage, "bob", "PAY")[0]
    assert "114-7" not in fresh(stage, "bob", "PAY B")[0]
    assert "9.9" in fresh(stage, "tina", "PAY")[0]


@pytest.mark.parametrize("word", ["PAY", "FORM", "CARD"])
def test_s3_a_manager_who_is_no_technician_gets_neither_fees_nor_forms(
    staged: Staged, word: str
) -> None:
    stage = staged("telegram")
    owe(stage, "114-7", units="9.9")

    said = fresh(stage, "dana", word)

    assert [] == documents(stage)
    assert not any("9.9" in text or "/f/" in text for text in said)


@pytest.mark.parametrize("channel", ["sms", "telegram"])
@pytest.mark.parametrize("word", ["PAY", "FORM", "CARD"])
def test_s2_a_stranger_gets_neither(staged: Staged, channel: str, word: str) -> None:
    stage = staged(channel)
    address = "+12125559999" if channel == "sms" else "999"

    stage.says(address, word)

    assert [] == documents(stage)
    said = [text for name, text in stage.heard if name == address]
    assert not any(needle in text for text in said for needle in ("/f/", "nits", "form", "114-"))


@pytest.mark.parametrize("word", ["FORM", "CARD"])
def test_the_words_leave_before_the_document(staged: Staged, word: str) -> None:
    stage = staged("telegram")
    stage.says("tina", word)

    with stage.store.reading() as tx:
        rows = tx.all("SELECT lane, payload FROM outbox ORDER BY lane, id")

    last = [row for row in rows if "document" in row["payload"]][-1]
    assert last["lane"] > min(row["lane"] for row in rows)
