"""What a manager asks from a phone: TODAY, WHERE somebody is, quiet hours; on both channels, each of
one's own technicians only (S3)."""

import json
import re
from typing import Any

import pytest

from bot.papers.making import order
from bot.speech.gsm import ONE, septets
from bot.turns.quiet import read_hours
from bot.wires.commands_menu import commands_menu
from storage import people
from storage.db import Row, Tx
from tests.stage import TOKEN, Stage


@pytest.fixture(params=["sms", "telegram"])
def stage(tmp_path: object, request: pytest.FixtureRequest) -> Stage:
    """Dana on either channel; Tina and Tim are hers, Zoe is Vera's."""
    stage = Stage(f"sqlite:///{tmp_path}/stage.db", request.param)
    dana = stage.enrol("Dana Cole", "manager")
    carl = stage.enrol("Carl Stone", "manager")
    vera = stage.enrol("Vera Poe", "manager")
    for name in ("Tina Abernathy", "Tim Okafor", "Tom Okafor"):
        stage.enrol(name, channel="sms", dm=dana, dc=carl)
    stage.enrol("Zoe Quinn", channel="sms", dm=vera)
    stage.order("114-7", "08:00", "11:00")
    stage.order("114-9", "11:00", "14:00", customer="Ben Okafor")
    stage.order("114-8", "08:00", "11:00", who="tim", customer="Ann Lee")
    stage.order("114-6", "14:00", "17:00", who="tom", customer="Eve Roe")
    stage.order("114-5", "08:00", "11:00", who="zoe", customer="Kit Fox")
    return stage


def test_help_is_the_menu_on_a_chat_and_the_carriers_word_on_sms(stage: Stage) -> None:
    stage.says("dana", "menu")
    menu = stage.last("dana")
    count = len(stage.heard)
    stage.says("dana", "/help" if stage.channel == "telegram" else "HELP")

    assert [menu] * (stage.channel == "telegram") == [text for _, text in stage.heard[count:]]


@pytest.fixture
def phones(tmp_path: object) -> Stage:
    """Tina and Dana on SMS."""
    return Stage(f"sqlite:///{tmp_path}/stage.db", "sms").usual()


def asks(stage: Stage, text: str, who: str = "dana") -> str:
    """What a manager is answered, without markup."""
    stage.says(who, text)
    return re.sub(r"<[^>]+>", "", stage.last(who))


def one(stage: Stage, who: str) -> Row:
    return stage.row(lambda tx: people.get(tx, stage.people[who]))


def presses(stage: Stage, who: str, label: str) -> None:
    """A button of the last message, by its label."""
    person = stage.people[who]

    def work(tx: Tx) -> str:
        sent = tx.all(
            "SELECT payload FROM outbox WHERE person_id = :id ORDER BY id", {"id": person}
        )
        rows = json.loads(sent[-1]["payload"])["buttons"]
        return str(next(data for row in rows for said, data in row if said == label))

    stage.presses(who, stage.store.transact(work))


# ------------------------------------------------------------------------------- WHERE


def at_work(stage: Stage) -> None:
    stage.plays("07:00 A 8 B 1130", "07:02 A1", "08:05 A1", "08:06 1")


SPELLINGS = (
    "where tina", "Where is Tina?", "WHERE abernathy", "where tnia", "/where tina", "whre tina",
    "Tina?", "today tina",
)  # fmt: skip


def test_where_somebody_stands_since_when_what_is_next_and_their_phone(stage: Stage) -> None:
    at_work(stage)
    answers = {asks(stage, text) for text in SPELLINGS}
    (said,) = answers

    assert one(stage, "tina")["phone"][-4:] in said
    assert "IVR sign-in" in said
    assert "since 8:06" in said
    assert re.search(r"11(:00| AM)", said.split("Next")[1])
    assert stage.channel != "sms" or septets(said) <= ONE


def test_where_somebody_is_names_the_open_alerts_about_them(stage: Stage) -> None:
    stage.forward("07:31")

    assert re.search(r"Alerts: \d no ETA", asks(stage, "where tina"))


def test_where_somebody_is_late(stage: Stage) -> None:
    stage.plays("07:00 A 830 B 1130")
    stage.forward("09:10")

    assert "40 min late" in asks(stage, "where tina")


def test_where_a_name_may_be_two_asks_which(stage: Stage) -> None:
    said = asks(stage, "where okafor")
    if stage.channel == "telegram":
        presses(stage, "dana", "Tim Okafor")
    else:
        stage.says("dana", "where tim okafor")

    assert "Which one" in said
    assert stage.channel == "telegram" or "Tim Okafor, Tom Okafor" in said
    assert "Ann Lee" in stage.last("dana")


def test_s3_where_nobody_of_ones_own_is_meant(stage: Stage) -> None:
    assert "Zoe" not in asks(stage, "where zoe").replace("no one zoe", "")
    assert "Kit Fox" not in asks(stage, "where zoe quinn")
    assert "Kit Fox" in asks(stage, "where zoe", "vera")


def test_where_somebody_is_who_is_out(stage: Stage) -> None:
    stage.plays("07:05 out")

    assert "Tina Abernathy is out today" in asks(stage, "where tina").replace("OUT", "out")


def test_where_somebody_is_who_has_no_job(stage: Stage) -> None:
    stage.enrol("Ned Vance", channel="sms", dm=stage.people["dana"])

    assert "no open job" in asks(stage, "where ned")


def test_where_somebody_is_whose_job_of_yesterday_is_open(stage: Stage) -> None:
    stage.clock.set(stage.clock.now() + 86_400_000)

    assert "Ann Lee" in asks(stage, "where tim")


def test_a_manager_who_is_a_technician_too_asks_for_others_and_for_themselves(
    phones: Stage,
) -> None:
    phones.is_set("dana", "roles", "manager;technician")
    phones.order("114-2", "08:00", "11:00", who="dana", customer="Own Job")

    assert "Tina Abernathy" in asks(phones, "where tina")
    assert "Own Job" in asks(phones, "where")


# ------------------------------------------------------------------------------- TODAY


def test_today_is_by_need_and_time_with_windows_and_lateness(stage: Stage) -> None:
    at_work(stage)
    stage.forward("08:30")
    said = asks(stage, "today")
    names = re.findall(r"Tina|Tim|Tom", said)

    assert "Mon 11/23 8:30" in said
    assert "jobs 4, done 0, late 1" in said
    assert ["Tim", "Tina", "Tom"] == list(dict.fromkeys(names))  # late, at work, this afternoon
    assert re.search(r"A 8-11\b.*30 min late", said.replace("LATE", "late"))
    assert re.search(r"B 11-2\b", said)
    assert "Zoe" not in said
    assert stage.channel != "sms" or septets(said) <= 2 * 153


def test_today_of_a_large_team_stays_short(phones: Stage) -> None:
    for place in range(20):
        phones.enrol(f"{chr(65 + place)}nn Bartholomew", dm=phones.people["dana"])
        phones.order(f"200-{place}", "08:00", "11:00", who=f"{chr(97 + place)}nn")
    said = asks(phones, "today")

    assert septets(said) <= 3 * 153
    assert "more" in said


def test_today_without_a_job(phones: Stage) -> None:
    phones.enrol("Vera Poe", "manager")

    assert "Mon 11/23: no jobs" in asks(phones, "today", "vera")


# ------------------------------------------------------------------------------- QUIET


def test_quiet_hours_are_shown_set_and_cleared_by_message(stage: Stage) -> None:
    shown = asks(stage, "quiet")
    said = asks(stage, "quiet 10pm-7")
    if stage.channel == "sms":
        assert ("", "") == (one(stage, "dana")["quiet_from"], one(stage, "dana")["quiet_to"])
        assert TOKEN.search(said)  # a text's sender can be forged (S5)
        said = asks(stage, "QUIET K7QM")
    hours = (one(stage, "dana")["quiet_from"], one(stage, "dana")["quiet_to"])
    again = asks(stage, "QUIET")
    off = asks(stage, "quiet off")
    never = one(stage, "dana")

    assert "9 pm - 6 am" in shown
    assert ("22:00", "07:00") == hours
    assert ("10 pm - 7 am" in said, "10 pm - 7 am" in again) == (True, True)
    assert never["quiet_from"] == never["quiet_to"] != ""
    assert "at once" in off


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("22-6", ("22:00", "06:00")), ("10-6", ("22:00", "06:00")), ("9:30 pm to 6:30 am", ("21:30", "06:30")),
        ("2200-0600", ("22:00", "06:00")), ("from 23 to 5", ("23:00", "05:00")), ("12-6", ("00:00", "06:00")),
        ("1pm-3pm", ("13:00", "15:00")),
    ],
)  # fmt: skip
def test_quiet_hours_are_read_as_people_type_them(typed: str, hours: tuple[str, str]) -> None:
    assert hours == read_hours(typed)


def test_quiet_words_that_are_no_hours_change_nothing(phones: Stage) -> None:
    said = asks(phones, "quiet please")

    assert "QUIET 22-6" in said
    assert "" == one(phones, "dana")["quiet_from"]


def test_back_to_the_usual_quiet_hours(phones: Stage) -> None:
    phones.is_set("dana", "quiet_from", "22:00")
    phones.is_set("dana", "quiet_to", "07:00")
    asks(phones, "quiet usual")

    assert ("", "") == (one(phones, "dana")["quiet_from"], one(phones, "dana")["quiet_to"])


def test_what_is_held_leaves_when_quiet_hours_end_by_message(stage: Stage) -> None:
    """Dana clears them at night: what waited for the morning comes with the answer."""
    stage.is_set("dana", "quiet_from", "06:00")
    stage.is_set("dana", "quiet_to", "09:00")
    stage.plays("06:45 manager gate is shut")
    held = [text for name, text in stage.heard if name == "dana" and "gate is shut" in text]
    asks(stage, "quiet off")
    stage.forward("06:50")

    assert [] == held
    assert [text for name, text in stage.heard if name == "dana" and "gate is shut" in text]


# ------------------------------------------------------------------------------- MENU


def test_the_menu_explains_each_word_in_a_line(stage: Stage) -> None:
    lines = [line.removeprefix("/") for line in asks(stage, "menu").splitlines()]

    for word in ("ALERTS", "TODAY", "WHERE TINA", "AWAY 2", "QUIET 22-6", "DESK", "3a"):
        assert [line for line in lines if line.upper().startswith(word.upper())], word
    assert stage.channel != "sms" or septets("\n".join(lines)) <= 3 * 153


def last_payload(stage: Stage, who: str) -> dict[str, Any]:
    person = stage.people[who]
    row = stage.row(
        lambda tx: tx.one(
            "SELECT payload FROM outbox WHERE person_id = :id ORDER BY id DESC LIMIT 1",
            {"id": person},
        )
    )
    payload: dict[str, Any] = json.loads(row["payload"])
    return payload


def test_today_on_telegram_is_a_picture_with_a_button_for_each_technician(tmp_path: object) -> None:
    """Whoever may ask gets the picture: the operator too."""
    stage = Stage(f"sqlite:///{tmp_path}/stage.db", "telegram").usual()
    stage.enrol("Olga Marsh", "operator")
    said = asks(stage, "today", "olga")
    payload = last_payload(stage, "olga")
    picture = stage.store.transact(
        lambda tx: order(tx, stage.context, payload["document"], stage.clock.now())
    )
    presses(stage, "olga", "📍 Tina Abernathy")

    assert "Tina Abernathy" in said
    assert picture is not None
    assert "12 Elm St" in stage.last("olga")


def test_today_of_what_an_earlier_day_left_open_comes_without_a_picture(tmp_path: object) -> None:
    stage = Stage(f"sqlite:///{tmp_path}/stage.db", "telegram").usual()
    stage.clock.set(stage.clock.now() + 86_400_000)
    stage.enrol("Olive West", "office")

    assert "open since Mon 11/23" in asks(stage, "today", "olive")
    assert "document" not in last_payload(stage, "olive")


def test_on_telegram_the_words_are_in_reach_of_a_thumb(tmp_path: object) -> None:
    stage = Stage(f"sqlite:///{tmp_path}/stage.db", "telegram")
    stage.enrol("Dana Cole", "manager")
    menu = stage.store.transact(lambda tx: commands_menu(tx, stage.context.wording))
    (words,) = [words for scope, _, words in menu if scope == stage.phones["dana"][1]]

    assert ["alerts", "today", "desk", "quiet", "menu"] == [word for word, _ in words]
    assert "late" in dict(words)["today"]


def test_s3_whoever_stands_in_sees_that_team_while_the_manager_is_away(stage: Stage) -> None:
    before = asks(stage, "where zoe")
    for column in ("absent_from", "absent_to"):
        stage.is_set("vera", column, "2026-11-23")
    stage.is_set("vera", "deputy", str(stage.people["dana"]))

    assert "Kit Fox" not in before
    assert "Kit Fox" in asks(stage, "where zoe")
    assert "Zoe" in asks(stage, "today")


@pytest.mark.parametrize("who", ["dana", "tim"])
def test_s3_a_forged_press_shows_nobody_elses_technician(stage: Stage, who: str) -> None:
    """Zoe is Vera's: neither Dana nor a technician learns where she is."""
    stage.presses(who, f"w:{stage.people['zoe']}")

    assert "Kit Fox" not in stage.last(who)
    assert "Zoe" not in stage.last(who)


def test_s3_a_technician_has_no_words_of_a_manager(stage: Stage) -> None:
    for text in ("where zoe", "quiet off", "zoe quinn", "alerts"):
        said = asks(stage, text, "tim")
        assert "Kit Fox" not in said

    assert "" == one(stage, "tim")["quiet_from"]
