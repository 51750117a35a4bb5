"""Whatever comes in gets a clear answer or a chosen silence, loses nothing, and the next one works
(P2, P10, S2, S3, S9)."""

from pathlib import Path

import pytest

from bot.incoming import Incoming
from bot.operator.planner import Planner
from bot.turns import enrolment
from storage import jobs, people
from storage.db import Tx
from tests.stage import Stage


@pytest.fixture(params=["telegram", "sms"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Stage:
    return Stage(f"sqlite:///{tmp_path / 'stage.db'}", request.param).usual()


def received(stage: Stage, channel: str, sender: str, key: str, **more: object) -> str:
    now = stage.clock.now()
    incoming = Incoming(channel, "account", key, sender, now, now, **more)  # type: ignore[arg-type]
    receipt = stage.store.transact(lambda tx: stage.door.receive(tx, incoming))
    stage._deliver()
    return receipt.status


def count(stage: Stage, table: str) -> int:
    return int(stage.row(lambda tx: tx.one(f"SELECT count(*) AS n FROM {table}"))["n"])  # noqa: S608


def at_eta(stage: Stage) -> Stage:
    stage.forward("06:41")
    stage.says("tina", "1")
    stage.says("tina", "where")
    return stage


def test_a_stranger_on_sms_gets_silence_and_leaves_no_row_in_the_inbox(stage: Stage) -> None:
    before = len(stage.heard), count(stage, "inbox")

    assert "ignored" == received(stage, "sms", "+19995550000", "s1", text="what is this?")

    assert before == (len(stage.heard), count(stage, "inbox"))


def test_a_stranger_on_telegram_gets_one_neutral_line_a_day(stage: Stage) -> None:
    for n in range(5):
        received(stage, "telegram", "999", f"t{n}", text="hello")

    said = [text for who, text in stage.heard if who == "999"]
    assert 1 == len(said)
    assert "job" not in said[0].lower()


def test_guessing_codes_is_answered_three_times_a_day_at_most(stage: Stage) -> None:
    for n in range(6):
        received(stage, "sms", "+19995550000", f"g{n}", text=f"JOIN ABCDEFGH{n}2")

    said = [text for who, text in stage.heard if who == "+19995550000"]
    assert ["Code not valid, ask your manager."] * 3 == said


def test_a_code_works_once_and_only_for_whom_it_was_made(stage: Stage) -> None:
    now = stage.clock.now()
    code = stage.store.transact(lambda tx: enrolment.invite(tx, stage.people["tina"], now)).code

    received(stage, "sms", "+13335550000", "j1", text=f"join {code.lower()}.")
    received(stage, "sms", "+14445550000", "j2", text=f"JOIN {code}")

    assert (
        stage.people["tina"]
        == stage.row(lambda tx: people.by_address(tx, "sms", "+13335550000"))["id"]
    )
    assert None is stage.store.transact(lambda tx: people.by_address(tx, "sms", "+14445550000"))
    assert "not valid" in stage.last("+14445550000")


def test_a_code_expires_after_seven_days(stage: Stage) -> None:
    now = stage.clock.now()
    code = stage.store.transact(lambda tx: enrolment.invite(tx, stage.people["tina"], now)).code
    stage.clock.set(now + enrolment.VALID_FOR + 1)

    received(stage, "sms", "+13335550000", "j1", text=f"JOIN {code}")

    assert "not valid" in stage.last("+13335550000")


def test_somebody_elses_code_does_not_take_over_a_phone(stage: Stage) -> None:
    code = stage.store.transact(
        lambda tx: enrolment.invite(tx, stage.people["dana"], stage.clock.now())
    ).code

    stage.says("tina", f"JOIN {code}" if stage.channel == "sms" else f"/start {code}")

    assert "somebody else" in stage.last("tina")
    channel, address = stage.phones["tina"]
    assert (
        stage.people["tina"] == stage.row(lambda tx: people.by_address(tx, channel, address))["id"]
    )


def test_the_same_update_twice_has_one_effect(stage: Stage) -> None:
    at_eta(stage)
    channel, address = stage.phones["tina"]
    version = stage.store.transact(lambda tx: jobs.of_order(tx, "114-7")[0]["version"])

    first = received(stage, channel, address, "same", text="1")
    second = received(stage, channel, address, "same", text="1")

    assert ("done", "duplicate") == (first, second)
    assert "arrive" == stage.state("114-7")
    assert version + 1 == stage.store.transact(lambda tx: jobs.of_order(tx, "114-7")[0]["version"])


def test_a_button_of_somebody_elses_job_changes_nothing(stage: Stage) -> None:
    stage.enrol("Eve Other", dm=stage.people["dana"])
    at_eta(stage)
    job = stage.store.transact(lambda tx: jobs.of_order(tx, "114-7")[0])
    channel, address = stage.phones["eve"]

    received(
        stage, channel, address, "forged", kind="button", button=f"{job['id']}:{job['since']}:sent"
    )

    assert "eta" == stage.state("114-7")


def test_a_stale_press_says_where_the_job_stands(stage: Stage) -> None:
    at_eta(stage)
    job = stage.store.transact(lambda tx: jobs.of_order(tx, "114-7")[0])
    channel, address = stage.phones["tina"]
    stage.says("tina", "1")

    received(
        stage, channel, address, "again", kind="button", button=f"{job['id']}:{job['since']}:sent"
    )

    assert "arrive" == stage.state("114-7")
    assert "on the way" in stage.last("tina") or "2/11" in stage.last("tina")


def test_an_answer_that_was_sent_before_its_prompt_left_moves_nothing(stage: Stage) -> None:
    at_eta(stage)
    then = stage.clock.now()
    stage.says("tina", "1")
    stage.clock.set(stage.clock.now() + 2_000)
    channel, address = stage.phones["tina"]
    now = stage.clock.now()
    late = Incoming(channel, "account", "early", address, now, then, text="1")

    stage.store.transact(lambda tx: stage.door.receive(tx, late))

    assert "arrive" == stage.state("114-7")


def test_a_recovered_text_never_moves_a_job(stage: Stage) -> None:
    at_eta(stage)
    channel, address = stage.phones["tina"]

    received(stage, channel, address, "swept", text="1", recovered=True)

    assert "eta" == stage.state("114-7")
    assert "send the ETA" in stage.last("tina")


@pytest.mark.parametrize(
    "text",
    ["", "   ", "😀", "x" * 10_000, "' OR 1=1 --", "<b>&", "\x00\x01", "1" * 50, "½", "0", "99"],
)
def test_any_text_is_answered_and_the_next_one_works(stage: Stage, text: str) -> None:
    at_eta(stage)

    stage.says("tina", text)
    stage.says("tina", "1")

    assert "arrive" == stage.state("114-7")


@pytest.mark.parametrize("kind", ["edited", "unsupported", "contact"])
def test_what_a_manager_sends_and_nobody_can_read_is_explained(stage: Stage, kind: str) -> None:
    before = len(stage.heard)

    assert "done" == received(stage, *stage.phones["dana"], "odd", kind=kind, text="1a")

    assert ["dana"] == [name for name, _ in stage.heard[before:]]


@pytest.mark.parametrize("kind", ["edited", "unsupported", "contact", "blocked", "unblocked"])
def test_s2_a_strangers_odd_message_leaves_no_row_and_at_most_one_answer(
    stage: Stage, kind: str
) -> None:
    before = len(stage.heard), count(stage, "inbox")

    for key in ("x1", "x2"):
        assert "ignored" == received(stage, "telegram", "777", key, kind=kind, text="1")

    assert before[1] == count(stage, "inbox")
    assert len(stage.heard) - before[0] <= 1


@pytest.mark.parametrize("kind", ["edited", "unsupported", "contact"])
def test_what_is_no_answer_is_explained(stage: Stage, kind: str) -> None:
    at_eta(stage)
    channel, address = stage.phones["tina"]
    before = len(stage.heard)

    received(stage, channel, address, "odd", kind=kind, text="1")

    assert "eta" == stage.state("114-7")
    assert before < len(stage.heard)


def test_stop_mid_job_is_obeyed_and_told_to_the_manager(tmp_path: Path) -> None:
    stage = at_eta(Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms").usual())
    before = [who for who, _ in stage.heard].count("tina")

    stage.says("tina", "stop")
    stage.forward("08:30")

    assert before == [who for who, _ in stage.heard].count("tina")
    assert any(
        "STOP" in text or "opted" in text.lower() for who, text in stage.heard if who == "dana"
    )


def test_ok_does_not_undo_stop_but_start_does(tmp_path: Path) -> None:
    stage = at_eta(Stage(f"sqlite:///{tmp_path / 'stage.db'}", "sms").usual())
    stage.says("tina", "STOP")
    before = len(stage.heard)

    stage.says("tina", "ok")
    silent = before == len(stage.heard)
    stage.says("tina", "START")
    stage.says("tina", "where")

    assert silent
    assert "1/11" in stage.last("tina")


def test_a_blocked_bot_is_told_and_the_other_phone_takes_over(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'stage.db'}", "telegram").usual()
    stage.store.transact(
        lambda tx: people.bind(
            tx, stage.people["tina"], "sms", "+12125559999", stage.clock.now(), "agreed"
        )
    )
    at_eta(stage)
    channel, address = stage.phones["tina"]

    received(stage, channel, address, "block", kind="blocked")

    assert "+12125559999" == stage.row(lambda tx: people.get(tx, stage.people["tina"]))["address"]
    assert any(who == "dana" for who, _ in stage.heard)


def test_one_person_on_two_phones_switches_in_the_middle_of_a_step(stage: Stage) -> None:
    other = "sms" if stage.channel == "telegram" else "telegram"
    address = "+12125558888" if other == "sms" else "8888"
    stage.store.transact(
        lambda tx: people.bind(
            tx, stage.people["tina"], other, address, stage.clock.now(), "agreed"
        )
    )
    at_eta(stage)

    received(stage, other, address, "there", text="1")

    assert "arrive" == stage.state("114-7")
    assert "2/11" in stage.last("tina")
    assert other == stage.row(lambda tx: people.get(tx, stage.people["tina"]))["channel"]


def test_a_digit_that_the_other_job_does_not_know_is_answered(stage: Stage) -> None:
    """The other job's prompt was the last one sent, but it has no such choice."""
    at_eta(stage).says("tina", "1")
    stage.forward("08:05")
    stage.says("tina", "1")
    stage.says("tina", "issue")
    stage.says("tina", "damaged")
    assert "damaged.what" == stage.state("114-7")
    stage.says("tina", "B where")
    heard = len(stage.heard)

    stage.says("tina", "0")

    assert ["tina"] == [who for who, _ in stage.heard[heard:]]


def test_late_said_twice_asks_again(stage: Stage) -> None:
    at_eta(stage).says("tina", "late")
    asked = stage.last("tina")
    heard = len(stage.heard)

    stage.says("tina", "late")

    assert [("tina", asked)] == stage.heard[heard:]


def at_door(stage: Stage) -> Stage:
    """The job is planned for 8:00 and its ETA is asked for."""
    stage.forward("06:41")
    stage.says("tina", "1")
    stage.forward("06:46")
    return stage


def versions(stage: Stage) -> list[int]:
    """How often each of the two jobs was changed."""

    def work(tx: Tx) -> list[int]:
        return [jobs.of_order(tx, number)[0]["version"] for number in ("114-7", "114-9")]

    return stage.store.transact(work)


FORWARD = [
    "1...", "1…", "\uff11", "“1”", "‘sent’", "SENT", "SENT!!!", "sent\u00a0it", "\u202e1\u202c",
    "A\uff11", "\uff21\uff11", "1\ufe0f\u20e3", "ok done.", "  sent  ", "#1", "1)", "Sent.\n", "eta snet",
]  # fmt: skip


@pytest.mark.parametrize("text", FORWARD)
def test_however_it_is_dressed_it_is_that_answer(stage: Stage, text: str) -> None:
    at_door(stage)

    received(stage, *stage.phones["tina"], "dressed", text=text)

    assert "arrive" == stage.state("114-7")


NOT_CLEAR = [
    "1 1", "1 2", "1,2", "1.5", "11", "1?", "sent?", "1/2", "1 or 2", "B1", "DONE 99", "DONE 0",
    "1 yesterday 1015", "1 2359", "1 25:99", "א", "🙂", "<b>1</b>", "null", "sent sent", "99999999999",
    "http://example.org/1", "1\n2\n3",
]  # fmt: skip


@pytest.mark.parametrize("text", NOT_CLEAR)
def test_what_may_mean_two_things_or_none_moves_and_plans_nothing(stage: Stage, text: str) -> None:
    at_door(stage)
    before = versions(stage)
    heard = len(stage.heard)

    received(stage, *stage.phones["tina"], "unclear", text=text)

    assert before == versions(stage)
    assert ["tina"] == [who for who, _ in stage.heard[heard:]]
    received(stage, *stage.phones["tina"], "next", text="A1")
    assert "arrive" == stage.state("114-7")


def test_two_presses_in_one_second_move_one_step(stage: Stage) -> None:
    at_door(stage)
    job = stage.store.transact(lambda tx: jobs.of_order(tx, "114-7")[0])
    button = f"{job['id']}:{job['since']}:sent"

    for key in ("first", "second"):
        received(stage, *stage.phones["tina"], key, kind="button", button=button)

    assert "arrive" == stage.state("114-7")


@pytest.mark.parametrize(
    "button", ["", "x", "1:1", "1:1:", "0:0:sent", "99999:1:sent", "1:1:drop", "a:1:y", "plan:x",
               "take:1", "take:99999", "1:1:" + "y" * 60],
)  # fmt: skip
def test_a_forged_or_broken_button_changes_nothing(stage: Stage, button: str) -> None:
    at_door(stage)
    before = stage.store.transact(lambda tx: jobs.of_order(tx, "114-7")[0]["version"])

    received(stage, *stage.phones["tina"], "forged", kind="button", button=button)

    assert before == stage.store.transact(lambda tx: jobs.of_order(tx, "114-7")[0]["version"])
    received(stage, *stage.phones["tina"], "next", text="1")
    assert "arrive" == stage.state("114-7")


def test_a_press_after_the_job_was_closed_says_so(stage: Stage) -> None:
    at_door(stage)
    job = stage.store.transact(lambda tx: jobs.of_order(tx, "114-7")[0])

    def close(tx: Tx) -> None:
        planner = Planner(tx, stage.context, stage.clock.now(), "Olga")
        planner.end(job, "cancelled")
        planner.finish()

    stage.store.transact(close)
    stage._deliver()
    button = f"{job['id']}:{job['since']}:sent"
    heard = len(stage.heard)
    received(stage, *stage.phones["tina"], "late", kind="button", button=button)

    assert "cancelled" == stage.state("114-7")
    assert ["tina"] == [who for who, _ in stage.heard[heard:]]


def test_an_album_of_ten_is_kept_and_answered_once(stage: Stage) -> None:
    at_door(stage)
    heard = len(stage.heard)
    for _ in range(10):
        stage.sends_photo("tina", album="ten")

    assert 10 == count(stage, "photos")
    assert 1 == len([text for who, text in stage.heard[heard:] if who == "tina"])
    received(stage, *stage.phones["tina"], "next", text="1")
    assert "arrive" == stage.state("114-7")


def test_who_is_asked_for_is_named(stage: Stage) -> None:
    at_door(stage)
    stage.says("tina", "manager")

    assert "Dana" in stage.last("tina")
