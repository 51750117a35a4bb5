"""What managers and operators are told: to whom it goes, once, and what becomes of the answers."""

import json
import re

import pytest

from bot.speech.phones import phone_of
from bot.turns import alerts as telling
from bot.turns import pay
from bot.wires import outcomes
from storage import alerts, fees, jobs, outbox, people
from storage.db import Row, Tx
from tests.stage import Stage

NO_SHOW = ("07:50 1", "08:05 2", "08:05 2", "08:06 [photo]", "08:08 1")


@pytest.fixture(params=["sms", "telegram"])
def stage(database_url: str, request: pytest.FixtureRequest) -> Stage:
    """Tina on either channel; her managers Dana and Carl on a flip phone."""
    return Stage(database_url, request.param).usual()


def tell_about(stage: Stage, who: str, kind: str, severity: int = 2, **values: str) -> list[int]:
    """Raise an alert about a person with no job in hand."""

    def work(tx: Tx) -> list[int]:
        person: Row = people.get(tx, stage.people[who]) or {}
        return telling.tell_about(
            tx, stage.context.wording, stage.clock.now(), kind=kind, severity=severity,
            person=person, values=values,
        )  # fmt: skip

    raised = stage.store.transact(work)
    stage._deliver()
    return raised


def test_an_alert_about_a_person_goes_to_the_manager_once(stage: Stage) -> None:
    phone = phone_of(stage.row(lambda tx: people.get(tx, stage.people["tina"])))
    first = tell_about(stage, "tina", "unreachable")
    second = tell_about(stage, "tina", "unreachable")

    assert (1, 0) == (len(first), len(second))
    assert f"1 UNREACHABLE Tina Abernathy ({phone}): messages fail." in stage.last("dana")


def test_an_alarm_of_the_operation_goes_to_every_operator_once(stage: Stage) -> None:
    stage.enrol("Olga Marsh", "operator", channel="sms")

    def work(tx: Tx) -> list[int]:
        return telling.tell_operators(
            tx, stage.context.wording, stage.clock.now(), kind="channel_down", severity=1,
            values={"channel": "SMS", "text": "no credit"},
        )  # fmt: skip

    first = stage.store.transact(work)
    second = stage.store.transact(work)
    stage._deliver()

    assert (1, 0) == (len(first), len(second))
    assert stage.last("olga").startswith("1 SMS: no credit")


def test_an_answer_to_what_is_over_and_of_no_job_is_answered(stage: Stage) -> None:
    """About a person, not a job: no customer and no step is named."""
    (raised,) = tell_about(stage, "tina", "unreachable")
    stage.store.transact(lambda tx: telling.end(tx, alerts.get(tx, raised) or {}))
    stage.says("dana", "1a")
    over = stage.last("dana")
    (raised,) = tell_about(stage, "tina", "unreachable")
    stage.says("dana", "2d")
    stage.says("dana", "2a")

    assert "1 is over, nothing changed. Tina Abernathy." == over
    assert stage.last("dana").startswith("2 was decided by Dana Cole at 6:40: settled.")
    assert "WO" not in stage.last("dana")


# ------------------------------------------------------------------------------- a case's own clock


def test_a41_whoever_took_a_no_show_is_not_asked_before_its_thirty_minutes_are_over(
    stage: Stage,
) -> None:
    stage.plays(*NO_SHOW)
    stage.says("dana", "2a")
    stage.forward("08:35")

    assert not [text for name, text in stage.heard if "Still open" in text]


def test_a_manager_reads_till_when_a_technician_waits(stage: Stage) -> None:
    stage.plays(*NO_SHOW)
    stage.says("dana", "today")

    assert "A 8-11 no-show, wait till 8:36" in stage.last("dana")


# ------------------------------------------------------------------------------- money (S5)


@pytest.fixture
def nobody_home(stage: Stage) -> Stage:
    """A no-show that is over at 08:36: 1.2 units are owed, and Dana is asked about them."""
    stage.plays(*NO_SHOW)
    stage.forward("08:37")
    return stage


def fee_of(stage: Stage) -> Row:
    """The one fee of the order."""

    def work(tx: Tx) -> list[Row]:
        return fees.of_job(tx, jobs.of_order(tx, "114-7")[0]["id"])

    (fee,) = stage.store.transact(work)
    return fee


def asked(stage: Stage, who: str = "dana") -> Row:
    """The alert that asks about the fee."""
    person = stage.people[who]
    rows = stage.store.transact(lambda tx: alerts.open_of(tx, person))
    return next(row for row in rows if row["fee_id"])


def heard(stage: Stage, who: str) -> str:
    return re.sub(r"<[^>]+>", "", stage.last(who))


def test_s5_a_forged_text_does_not_decide_about_money(nobody_home: Stage) -> None:
    number = asked(nobody_home)["number"]
    said = []
    for typed in (f"{number}y", f"{number}n", f"y{number}", f"{number}y AAAA", "y"):
        nobody_home.says("dana", typed)
        said.append(heard(nobody_home, "dana"))

    assert "owed" == fee_of(nobody_home)["status"]
    assert {True} == {"is about money" in text or "no such" in text for text in said}


def test_s5_the_alerts_own_characters_decide_and_the_technician_hears(nobody_home: Stage) -> None:
    number = asked(nobody_home)["number"]
    nobody_home.says("dana", f"{number} y K7QM")

    assert ("approved", "Dana Cole") == (
        fee_of(nobody_home)["status"], fee_of(nobody_home)["decided_by"],
    )  # fmt: skip
    assert "1.2 units, WO 114-7: approved by Dana Cole" in heard(nobody_home, "tina")
    assert f"{number}: 1.2 units for Tina Abernathy, WO 114-7: approved." in heard(
        nobody_home, "dana"
    )


def test_s5_nobody_decides_about_their_own_fee(nobody_home: Stage) -> None:
    """She stands in for her manager, or is the office besides: the alert may reach her."""
    alert, tina = asked(nobody_home), nobody_home.people["tina"]
    nobody_home.is_set("tina", "roles", "technician;office")
    nobody_home.store.transact(lambda tx: alerts.change(tx, alert["id"], person_id=tina))

    nobody_home.says("tina", f"{alert['number']}y {alert['token']}")

    assert "owed" == fee_of(nobody_home)["status"]
    assert "are your own" in heard(nobody_home, "tina")


def test_who_is_alone_in_the_firm_decides_about_their_own_fee(nobody_home: Stage) -> None:
    """One person is technician, manager, office and operator."""
    alert, tina = asked(nobody_home), nobody_home.people["tina"]
    nobody_home.is_set("tina", "roles", "technician;manager;office")
    for other in ("dana", "carl"):
        nobody_home.is_set(other, "roles", "technician")
    nobody_home.store.transact(lambda tx: alerts.change(tx, alert["id"], person_id=tina))

    nobody_home.says("tina", f"{alert['number']}y {alert['token']}")

    assert "approved" == fee_of(nobody_home)["status"]


def test_s5_the_characters_of_one_alert_do_not_decide_another(nobody_home: Stage) -> None:
    mine = asked(nobody_home)
    other = nobody_home.store.transact(
        lambda tx: next(a for a in alerts.of_job(tx, mine["job_id"]) if a["id"] != mine["id"])
    )
    nobody_home.says("dana", f"{mine['number']}y {other['token']}")

    assert "owed" == fee_of(nobody_home)["status"]


def test_s5_guessing_ends_after_five(nobody_home: Stage) -> None:
    alert = asked(nobody_home)
    for guess in ("AAAA", "BBBB", "CCCC", "DDDD", "EEEE"):
        nobody_home.says("dana", f"{alert['number']}y {guess}")
    nobody_home.says("dana", f"{alert['number']}y {alert['token']}")

    assert "owed" == fee_of(nobody_home)["status"]


def test_a_decision_stands_until_another_and_is_never_doubled(nobody_home: Stage) -> None:
    number = asked(nobody_home)["number"]
    nobody_home.says("dana", f"{number}n K7QM")
    nobody_home.says("dana", f"{number}n K7QM")

    assert f"{number} was decided by Dana Cole at 8:37: refused." in heard(nobody_home, "dana")
    assert 1 == len(
        [
            text
            for who, text in nobody_home.heard
            if "refused</b> by" in text or "refused by" in text
        ]
    )


def test_a_technician_disputes_and_the_manager_decides_anew(nobody_home: Stage) -> None:
    nobody_home.says("dana", f"{asked(nobody_home)['number']}n K7QM")
    nobody_home.says("tina", "PAY 114-7 I waited the whole time")
    alert = asked(nobody_home)
    told = heard(nobody_home, "dana")
    nobody_home.says("dana", f"{alert['number']}y K7QM")

    assert f"{alert['number']} FEE DISPUTED Tina Abernathy, WO 114-7, no-show 1.2 refused" in told
    assert "I waited the whole time" in told
    assert "approved" == fee_of(nobody_home)["status"]


def test_s3_a_code_is_only_ever_ones_own(nobody_home: Stage) -> None:
    """Another manager with the same number, and a stranger, change nothing."""
    nobody_home.enrol("Mara Wolf", "manager", channel="sms")
    alert = asked(nobody_home)
    nobody_home.says("mara", f"{alert['number']}y {alert['token']}")
    nobody_home.says("mara", f"{alert['number']}a")
    nobody_home.phones["stranger"] = ("sms", "+12125559999")
    nobody_home.says("stranger", f"{alert['number']}y {alert['token']}")

    assert "owed" == fee_of(nobody_home)["status"]
    assert "open" == asked(nobody_home)["status"]
    assert "No open alerts." == heard(nobody_home, "mara")


def test_s3_anothers_button_is_refused(nobody_home: Stage) -> None:
    nobody_home.enrol("Mara Wolf", "manager", channel="telegram")
    alert = asked(nobody_home)
    nobody_home.presses("mara", f"a:{alert['id']}:y")

    assert "owed" == fee_of(nobody_home)["status"]


def test_s3_whoever_is_no_longer_their_manager_decides_nothing(nobody_home: Stage) -> None:
    nobody_home.enrol("Mara Wolf", "manager", channel="sms")
    number = asked(nobody_home)["number"]
    for role in ("dm", "dc"):
        nobody_home.is_set("tina", role, str(nobody_home.people["mara"]))
    nobody_home.says("dana", f"{number}y K7QM")

    assert "owed" == fee_of(nobody_home)["status"]


def test_p5_a_text_about_money_that_nobody_knows_of_is_told_by_a_person(nobody_home: Stage) -> None:
    fee = fee_of(nobody_home)

    def work(tx: Tx) -> None:
        row = fees.get(tx, fee["id"]) or {}
        pay.settle(
            tx, nobody_home.context, row, "approved", "Dana Cole", "desk", nobody_home.clock.now()
        )
        text = tx.one("SELECT id FROM outbox WHERE kind = 'money'") or {}
        outcomes.fail(
            tx, nobody_home.door, outbox.get(tx, text["id"]) or {}, "other", "outcome unknown ×1",
            nobody_home.clock.now(),
        )  # fmt: skip

    nobody_home.store.transact(work)
    nobody_home._deliver()

    assert "NOT TOLD Tina Abernathy" in heard(nobody_home, "dana")


def test_a_decision_names_whoever_took_it(stage: Stage) -> None:
    """Late outside the window: Carl, the DC, says go."""
    stage.forward("10:00")
    stage.says("tina", "late 11:45")
    number = next(
        row["number"]
        for row in stage.store.transact(lambda tx: alerts.open_of(tx, stage.people["carl"]))
        if row["kind"] == "late_outside"
    )
    stage.says("carl", f"{number}y")

    assert "Carl" in heard(stage, "tina")
    assert "Dana" not in heard(stage, "tina")


def test_words_behind_a_number_go_to_the_technician(stage: Stage) -> None:
    tell_about(stage, "tina", "message", text="which gate?")
    stage.says("dana", "1 the green gate, code 4711")

    assert "Dana Cole: the green gate, code 4711" in heard(stage, "tina")
    assert "Passed on to Tina Abernathy." == heard(stage, "dana")


def test_several_answers_in_one_text(stage: Stage) -> None:
    tell_about(stage, "tina", "message", text="which gate?")
    stage.forward("06:45")
    tell_about(stage, "tina", "untold", text="fee")
    stage.says("dana", "1a 2a")
    rows = stage.store.transact(lambda tx: alerts.open_of(tx, stage.people["dana"]))

    assert ["acknowledged", "acknowledged"] == [row["status"] for row in rows]


def test_a_manager_takes_all_and_what_is_about_money_stays_to_decide(nobody_home: Stage) -> None:
    nobody_home.forward("08:41")
    tell_about(nobody_home, "tina", "message", text="gate is shut")
    tell_about(nobody_home, "tina", "untold", text="fee")
    money = asked(nobody_home)["number"]
    nobody_home.says("dana", "take all")
    taken = heard(nobody_home, "dana")
    mine = nobody_home.people["dana"]
    rows = nobody_home.store.transact(lambda tx: alerts.open_of(tx, mine))
    left = {row["number"]: row["status"] for row in rows}
    nobody_home.says("dana", "Take all!")

    assert str(money) not in re.findall(r"\d+", taken)
    assert "open" == left.pop(money)
    assert {"acknowledged"} == set(left.values())
    assert "Nothing left to take" in heard(nobody_home, "dana")


def test_a_letter_alone_among_several_alerts_asks_which(stage: Stage) -> None:
    tell_about(stage, "tina", "message", text="gate is shut")
    tell_about(stage, "tina", "opted_out", severity=1)
    stage.says("dana", "ok")

    assert "Which one? Number and letter, like 1a." in heard(stage, "dana")


def test_a_number_alone_shows_that_alert_again(stage: Stage) -> None:
    tell_about(stage, "tina", "message", text="which gate?")
    stage.says("dana", "alerts")
    listed = heard(stage, "dana")
    stage.says("dana", "1")

    assert listed.startswith("1 open:\n1 message: Tina Abernathy, which gate?")
    assert heard(stage, "dana").startswith("1 Tina Abernathy: which gate?")


def test_whoever_writes_to_the_technician_has_the_matter(stage: Stage) -> None:
    tell_about(stage, "tina", "message", text="which gate?")
    stage.says("dana", "1 the green gate")
    (row,) = stage.store.transact(lambda tx: alerts.open_of(tx, stage.people["dana"]))

    assert ("acknowledged", "Dana Cole") == (row["status"], row["acknowledged_by"])


def test_a_number_of_something_over_says_what_became_of_it(nobody_home: Stage) -> None:
    number = asked(nobody_home)["number"]
    nobody_home.says("dana", f"{number}y K7QM")
    nobody_home.says("dana", f"{number}")

    assert f"{number} was decided by Dana Cole at 8:37: approved." in heard(nobody_home, "dana")


def test_the_list_says_what_can_be_decided(stage: Stage) -> None:
    stage.forward("10:00")
    stage.says("tina", "late 11:45")
    stage.says("carl", "ALERTS")
    said = heard(stage, "carl")
    number = next(line.split()[0] for line in said.splitlines() if " late: Tina" in line)

    assert f"({number}y {number}n; {number} explains)" in said


def test_a40_the_card_of_a_chat_shows_the_door(tmp_path: object) -> None:
    stage = Stage(f"sqlite:///{tmp_path}/stage.db", "sms")
    stage.enrol("Dana Cole", "manager", channel="telegram")
    stage.enrol("Tina Abernathy", dm=stage.people["dana"])
    stage.order("114-7", "08:00", "11:00")
    stage.forward("07:50")
    for words in ("1", "2", "2"):
        stage.says("tina", words)
    photo = stage.sends_photo("tina")
    payloads = stage.store.transact(
        lambda tx: [json.loads(row["payload"]) for row in tx.all("SELECT payload FROM outbox")]
    )

    assert [photo] == [each["photo"] for each in payloads if "photo" in each]
