"""One person, two phones: written to where it arrives, told once, and STOP means STOP (S9)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.turns import enrolment
from bot.wires.outcomes import report
from storage import alerts, outbox, people, timeline
from storage.db import Row, Tx
from tests.stage import DAY, Stage

SMS, CHAT = "+12125550103", "90001"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Tina texts, and has a chat that she agreed to; the ETA of her first job is asked for."""
    stage = Stage(f"sqlite:///{tmp_path / 'reaching.db'}", "sms").usual()
    stage.store.transact(
        lambda tx: people.bind(tx, stage.people["tina"], "telegram", CHAT, 1, "agreed")
    )
    stage.forward("06:41")
    stage.says("tina", "1")
    stage.forward("06:46")
    return stage


def one_phone(stage: Stage) -> None:
    """Tina has no chat after all."""
    stage.store.transact(lambda tx: tx.run("DELETE FROM addresses WHERE channel = 'telegram'"))


def rows(stage: Stage, sql: str, **params: Any) -> list[Row]:
    with stage.store.reading() as tx:
        return tx.all(sql, params)


def written_to(stage: Stage, address: str) -> list[Row]:
    return rows(stage, "SELECT * FROM outbox WHERE address = :a ORDER BY id", a=address)


def sent_to(stage: Stage, address: str) -> list[str]:
    """What was written to an address, oldest first."""
    return [row["payload"] for row in written_to(stage, address)]


def last_row(stage: Stage, address: str) -> Row:
    return written_to(stage, address)[-1]


def fails(stage: Stage, row: Row, why: str) -> None:
    """A row did not arrive, for good."""

    def work(tx: Tx) -> None:
        outbox.finish(tx, row["id"], "failed", stage.clock.now(), error=why)
        stage.door.delivery_failed(tx, outbox.get(tx, row["id"]) or row, why)

    stage.store.transact(work)
    stage._deliver()


def texts(stage: Stage, channel: str, address: str, words: str, **more: Any) -> None:
    stage.clock.set(stage.clock.now() + 3_000)
    stage._receive(channel, address, text=words, **more)


def tina(stage: Stage) -> Row:
    return stage.row(lambda tx: people.get(tx, stage.people["tina"]))


def heard(stage: Stage, who: str) -> list[str]:
    return [text for name, text in stage.heard if name == who]


def test_s9_a_stop_is_told_on_the_other_channel_and_to_the_manager_with_how_to_undo_it(
    stage: Stage,
) -> None:
    stage.says("tina", "Stop.")

    assert tina(stage)["channel"] == "telegram"
    assert "START" in sent_to(stage, CHAT)[0]
    assert "OPTED OUT of texts: Tina Abernathy. I write by Telegram" in heard(stage, "dana")[-1]
    assert "START" in heard(stage, "dana")[-1]


def test_s9_a_stop_on_the_phone_that_is_not_in_use_is_told_all_the_same(stage: Stage) -> None:
    texts(stage, "telegram", CHAT, "where")
    texts(stage, "sms", SMS, "STOPALL")

    assert tina(stage)["channel"] == "telegram"
    assert "START" in sent_to(stage, CHAT)[-1]
    assert "OPTED OUT of texts" in heard(stage, "dana")[-1]


def test_s9_a_stop_mid_job_without_another_phone_is_severe_and_marks_the_jobs_for_calling(
    stage: Stage,
) -> None:
    one_phone(stage)
    before = len(sent_to(stage, SMS))
    stage.says("tina", "END")

    job = rows(stage, "SELECT * FROM jobs ORDER BY id")[0]
    events = stage.store.transact(
        lambda tx: [row["event"] for row in timeline.of_job(tx, job["id"])]
    )
    (alert,) = rows(stage, "SELECT * FROM alerts WHERE kind = 'opted_out'")
    assert events[-2:] == ["opted_out", "by_phone"]
    assert (alert["severity"], alert["job_id"]) == (1, job["id"])
    assert len(sent_to(stage, SMS)) == before


def test_s9_while_nobody_can_be_texted_the_manager_is_asked_to_send_the_eta(stage: Stage) -> None:
    one_phone(stage)
    stage.says("tina", "QUIT")
    stage.forward("07:05")

    assert any("SEND ETA" in text for text in heard(stage, "dana"))


@pytest.mark.parametrize("typed", ["{code}", "{a} {b}", "{a}-{b}, thanks!", '"{code}".'])
def test_s2_a_code_that_was_parted_on_its_way_is_still_the_code(stage: Stage, typed: str) -> None:
    tina = stage.people["tina"]
    code = stage.store.transact(
        lambda tx: enrolment.invite(tx, tina, stage.clock.now())
    ).code.lower()
    stage.phones["new"] = ("sms", "+12125550199")

    stage.says("new", f"Join {typed.format(code=code, a=code[:4], b=code[4:])}")

    assert "Done, you are in" in sent_to(stage, "+12125550199")[-1]


@pytest.mark.parametrize("words", ["ok", "1", "sent", "yes please", "menu", "JOIN ABCDEFGHJK"])
def test_s9_nothing_but_start_undoes_a_stop(stage: Stage, words: str) -> None:
    one_phone(stage)
    stage.says("tina", "stop")
    before = len(rows(stage, "SELECT id FROM outbox"))

    stage.says("tina", words)

    assert len(rows(stage, "SELECT id FROM outbox")) == before
    assert tina(stage)["channel"] == ""


@pytest.mark.parametrize("words", ["Help!", "yes.", "INFO?", "start..."])
def test_a_carriers_word_with_a_dot_is_left_to_us_and_moves_nothing(
    stage: Stage, words: str
) -> None:
    stage.says("tina", words)

    assert "I don't get that" in heard(stage, "tina")[-1]
    assert "1/11" in heard(stage, "tina")[-1]


@pytest.mark.parametrize("words", ["start", "Yes", "help", "INFO"])
def test_what_the_carrier_answers_is_not_answered_twice(stage: Stage, words: str) -> None:
    before = len(heard(stage, "tina"))

    stage.says("tina", words)

    assert before == len(heard(stage, "tina"))


def test_s9_start_undoes_it_says_where_the_job_stands_and_tells_the_manager(stage: Stage) -> None:
    one_phone(stage)
    stage.says("tina", "stop")
    stage.says("tina", "start")

    assert (tina(stage)["channel"], tina(stage)["address"]) == ("sms", SMS)
    assert "A 1/11" in heard(stage, "tina")[-1] or "1/11" in heard(stage, "tina")[-1]
    assert "gets texts again" in heard(stage, "dana")[-1]
    assert (
        rows(
            stage,
            "SELECT DISTINCT case_id FROM alerts WHERE kind = 'opted_out' AND status = 'open'",
        )
        == []
    )


def test_s9_many_texts_refused_to_a_number_that_opted_out_are_one_alert(stage: Stage) -> None:
    one_phone(stage)
    for _ in range(3):
        fails(stage, last_row(stage, SMS), "opted_out")

    assert len(rows(stage, "SELECT DISTINCT case_id FROM alerts WHERE kind = 'opted_out'")) == 1


@pytest.mark.parametrize("why", ["unreachable", "invalid"])
def test_a_number_that_cannot_be_reached_gives_its_place_to_the_chat(
    stage: Stage, why: str
) -> None:
    fails(stage, last_row(stage, SMS), why)

    assert tina(stage)["channel"] == "telegram"
    (asked,) = sent_to(stage, CHAT)
    assert "1/11" in asked
    assert "SMS does not reach Tina Abernathy: I write by Telegram" in heard(stage, "dana")[-1]


def test_a_blocked_chat_gives_its_place_to_texts_and_back_again_by_use(stage: Stage) -> None:
    texts(stage, "telegram", CHAT, "where")
    texts(stage, "telegram", CHAT, "", kind="blocked")
    assert (tina(stage)["channel"], tina(stage)["address"]) == ("sms", SMS)
    before = len(sent_to(stage, SMS))

    texts(stage, "telegram", CHAT, "where")

    assert tina(stage)["channel"] == "telegram"
    assert len(sent_to(stage, SMS)) == before, "nothing twice on both"


def test_a_number_without_coverage_is_written_to_until_it_comes_back(stage: Stage) -> None:
    one_phone(stage)
    for _ in range(2):
        fails(stage, last_row(stage, SMS), "unreachable")
    stage.forward("07:01")

    assert len(rows(stage, "SELECT DISTINCT case_id FROM alerts WHERE kind = 'unreachable'")) == 1
    asked = last_row(stage, SMS)
    assert "1/11" in asked["payload"]

    def arrives(tx: Tx) -> None:
        outbox.finish(tx, asked["id"], "sent", 1, provider_id="SM1")
        report(
            tx, stage.door, row=asked["id"], sid="SM1", status="delivered", code=0,
            now=stage.clock.now(),
        )  # fmt: skip

    stage.store.transact(arrives)
    states = rows(stage, "SELECT state FROM addresses WHERE address = :a", a=SMS)
    assert [row["state"] for row in states] == ["active"]


def test_an_alert_that_a_manager_never_got_goes_by_the_other_phone_as_it_was(stage: Stage) -> None:
    dana = stage.people["dana"]
    stage.store.transact(lambda tx: people.bind(tx, dana, "telegram", "90002", 1, "agreed"))
    stage.says("tina", "manager the van is dead")
    alert = rows(stage, "SELECT * FROM outbox WHERE kind = 'alert' ORDER BY id DESC LIMIT 1")[0]

    fails(stage, alert, "invalid")

    carried = last_row(stage, "90002")
    assert (carried["kind"], carried["lane"]) == ("alert", alert["lane"])
    assert "the van is dead" in carried["payload"]
    open_alert = stage.store.transact(lambda tx: alerts.open_of(tx, dana))[-1]
    assert open_alert["outbox_id"] == carried["id"]
    number = open_alert["number"]
    texts(stage, "telegram", "90002", f"{number}a")
    assert "is yours" in heard(stage, "dana")[-1]


def test_an_alert_on_buttons_becomes_a_text_with_what_to_type(stage: Stage) -> None:
    dana = stage.people["dana"]
    stage.store.transact(lambda tx: people.bind(tx, dana, "telegram", "90002", 1, "agreed"))
    texts(stage, "telegram", "90002", "alerts")
    stage.says("tina", "manager the van is dead")
    alert = rows(stage, "SELECT * FROM outbox WHERE kind = 'alert' ORDER BY id DESC LIMIT 1")[0]
    assert alert["channel"] == "telegram"

    fails(stage, alert, "blocked")

    said = last_row(stage, "+12125550101")["payload"]
    assert "<b>" not in said
    assert "1a I take it" in said


def test_s5_a_question_about_money_keeps_its_characters_on_the_other_phone(stage: Stage) -> None:
    dana = stage.people["dana"]
    stage.store.transact(lambda tx: people.bind(tx, dana, "telegram", "90002", 1, "agreed"))
    texts(stage, "telegram", "90002", "alerts")
    stage.plays("07:50 1", "08:05 2", "08:05 2", "08:06 [photo]", "08:08 1")
    stage.forward("08:37")
    (asked,) = rows(stage, "SELECT * FROM alerts WHERE fee_id IS NOT NULL")
    row = rows(stage, "SELECT * FROM outbox WHERE id = :id", id=asked["outbox_id"])[0]
    assert row["channel"] == "telegram"

    fails(stage, row, "blocked")

    said = last_row(stage, "+12125550101")["payload"]
    code = f"{asked['number']}y {asked['token']}"
    assert code in said
    assert f"{asked['number']}n {asked['token']}" in said
    texts(stage, "sms", "+12125550101", code)
    assert "approved" in rows(stage, "SELECT status FROM fees")[0]["status"]


def test_a_list_of_alerts_says_each_code_once_on_the_other_phone(stage: Stage) -> None:
    dana = stage.people["dana"]
    stage.store.transact(lambda tx: people.bind(tx, dana, "telegram", "90002", 1, "agreed"))
    stage.says("tina", "manager the van is dead")
    stage.says("tina", "manager and so am I")
    texts(stage, "telegram", "90002", "alerts")

    fails(stage, last_row(stage, "90002"), "blocked")

    said = last_row(stage, "+12125550101")["payload"]
    assert "1a I take it 1c Have them call me 2a I take it 2c" in said


def test_p5_what_waited_leaves_by_the_other_phone_at_once_and_by_that_alone(stage: Stage) -> None:
    texts(stage, "telegram", CHAT, "where")
    texts(stage, "telegram", CHAT, "pay")
    waits = last_row(stage, CHAT)

    def tried_then_blocked(tx: Tx) -> None:
        tx.run(
            "UPDATE outbox SET status = 'pending', attempts = 1, claimed_at = NULL, due_at = :due"
            " WHERE id = :id",
            {"due": stage.clock.now() + 60_000, "id": waits["id"]},
        )

    stage.store.transact(tried_then_blocked)
    texts(stage, "telegram", CHAT, "", kind="blocked")

    carried = last_row(stage, SMS)
    assert carried["due_at"] == carried["created_at"]
    (there,) = rows(stage, "SELECT status FROM outbox WHERE id = :id", id=waits["id"])
    assert "dropped" == there["status"]


def test_a_text_that_failed_on_both_phones_does_not_go_to_and_fro(stage: Stage) -> None:
    stage.says("dana", "hello")
    dana = stage.people["dana"]
    stage.store.transact(lambda tx: people.bind(tx, dana, "telegram", "90002", 1, "agreed"))
    stage.says("tina", "manager the van is dead")
    alert = rows(stage, "SELECT * FROM outbox WHERE kind = 'alert' ORDER BY id DESC LIMIT 1")[0]
    fails(stage, alert, "undelivered")
    before = len(rows(stage, "SELECT id FROM outbox"))

    fails(stage, last_row(stage, "90002"), "other")

    assert len(rows(stage, "SELECT id FROM outbox")) == before


def test_p8_after_ten_minutes_of_outage_the_other_phone_gets_what_surely_did_not_leave(
    stage: Stage,
) -> None:
    texts(stage, "telegram", CHAT, "where")

    def waits(tx: Tx) -> None:
        now = stage.clock.now()
        values = {"channel": "telegram", "address": CHAT, "person_id": stage.people["tina"],
                  "kind": "reply", "lane": 0, "created_at": now, "due_at": now}  # fmt: skip
        outbox.add(tx, payload='{"text":"<b>Dana</b>: call me","buttons":[]}', **values)
        maybe = outbox.add(tx, payload='{"text":"perhaps","buttons":[]}', **values)
        tx.run("UPDATE outbox SET claimed_at = 1 WHERE id = :id", {"id": maybe})

    stage.store.transact(waits)

    def down(minutes: int) -> bool:
        stage.clock.set(stage.clock.now() + minutes * 60_000)
        return stage.store.transact(lambda tx: stage.door.channel_is_down(tx, "telegram"))

    assert down(9) is False
    assert down(2) is True
    assert tina(stage)["channel"] == "sms"
    assert '"Dana: call me"' in last_row(stage, SMS)["payload"]
    assert not any("perhaps" in each for each in sent_to(stage, SMS))


def test_a_day_begins_on_the_channel_that_the_operator_named(stage: Stage) -> None:
    stage.is_set("tina", "preferred", "telegram")
    assert tina(stage)["channel"] == "sms"
    stage.order("114-8", "08:00", "11:00", day=DAY + timedelta(days=1))

    stage.forward("18:00")

    assert tina(stage)["channel"] == "telegram"
    assert "Tomorrow" in sent_to(stage, CHAT)[-1]


def test_a_spare_phone_that_joins_does_not_take_over_from_the_preferred_one(stage: Stage) -> None:
    stage.is_set("tina", "preferred", "sms")
    code = stage.store.transact(
        lambda tx: enrolment.invite(tx, stage.people["tina"], stage.clock.now())
    ).code
    texts(stage, "telegram", "90009", f"/start {code}")

    assert tina(stage)["channel"] == "sms"
    assert "you are in" in sent_to(stage, "90009")[0]


@pytest.mark.parametrize("channel", ["sms", "telegram"])
def test_s2_slips_before_the_code_use_up_no_try(stage: Stage, channel: str) -> None:
    code = _invited(stage)
    stage.phones["new"] = (channel, "+12125550199")

    for said in ("hi", "join?", "JOIN", "join my code", "JOIN abc", f"join {code[:-1]}"):
        stage.says("new", said)
    answered = len(sent_to(stage, "+12125550199"))
    stage.says("new", f"JOIN {code}")

    assert answered <= enrolment.ANSWERS_A_DAY
    assert "you are in" in sent_to(stage, "+12125550199")[-1]


@pytest.mark.parametrize("channel", ["sms", "telegram"])
def test_s2_a_third_wrong_code_is_the_last_that_is_looked_at(stage: Stage, channel: str) -> None:
    code = _invited(stage)
    stage.phones["new"] = (channel, "+12125550199")

    for guess in ("ABCDEFGHJK", "ABCDEFGHJL", "ABCDEFGHJM", code):
        stage.says("new", f"JOIN {guess}")

    heard = sent_to(stage, "+12125550199")
    assert 3 == len(heard)
    assert all("Code not valid" in text for text in heard)


def test_s2_s11_a_crowd_of_strangers_does_not_use_up_the_days_texts(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrolment, "TEXTS_A_DAY", 5)
    for number in range(8):
        texts(stage, "sms", f"+1212555{number:04d}", "JOIN ABCDEFGHJK")
    texts(stage, "telegram", "90010", "hello?")
    texts(stage, "sms", "+12125550199", f"JOIN {_invited(stage)}")

    answered = [len(sent_to(stage, f"+1212555{number:04d}")) for number in range(8)]
    assert [1, 1, 1, 1, 1, 0, 0, 0] == answered
    assert 1 == len(sent_to(stage, "90010"))
    assert "you are in" in sent_to(stage, "+12125550199")[-1]


def _invited(stage: Stage) -> str:
    tina = stage.people["tina"]
    return stage.store.transact(lambda tx: enrolment.invite(tx, tina, stage.clock.now())).code
