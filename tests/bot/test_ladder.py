"""Alerts climb, are asked about again, wait out the night and gather: by the clock, on both
channels."""

import re
from datetime import timedelta
from functools import partial

import pytest

from bot.turns import alerts as telling
from bot.turns import managers
from bot.turns.alert_cards import ALL, buttons_left
from storage import alerts, ladders, people, timers
from storage.db import Row, Tx
from tests.stage import DAY, Stage

DOOR = {"customer": "C. Montgomery", "street": "12 Elm St", "order": "114-7"}


@pytest.fixture(params=["sms", "telegram"])
def stage(database_url: str, request: pytest.FixtureRequest) -> Stage:
    """Tina and Bob; Dana (DM), Carl (DC), Olive (office) and Olga (operator), on one channel."""
    return made(database_url, request.param)


@pytest.fixture
def phones(tmp_path: object) -> Stage:
    """The same on SMS and SQLite, where neither channel nor database makes a difference."""
    return made(f"sqlite:///{tmp_path}/stage.db", "sms")


def made(url: str, channel: str) -> Stage:
    stage = Stage(url, channel)
    dana = stage.enrol("Dana Cole", "manager")
    carl = stage.enrol("Carl Stone", "manager")
    stage.enrol("Olive West", "office")
    stage.enrol("Olga Marsh", "operator")
    stage.enrol("Tina Abernathy", dm=dana, dc=carl)
    stage.enrol("Bob Okafor", dm=dana, dc=carl)
    stage.order("114-7", "08:00", "11:00")
    stage.order("114-8", "08:00", "11:00", who="bob")
    return stage


def tells(stage: Stage, kind: str = "message", severity: int = 2, who: str = "tina") -> int:
    """Raise an alert about a technician; the first alert's id."""

    def work(tx: Tx) -> list[int]:
        person = people.get(tx, stage.people[who]) or {}
        return telling.tell_about(
            tx, stage.context.wording, stage.clock.now(), kind=kind, severity=severity,
            person=person, values={"text": "gate is shut", "jobs": "A 114-7", "heard_time": "6:10"} | DOOR,
        )  # fmt: skip

    raised = stage.store.transact(work)
    stage._deliver()
    return raised[0]


def told(stage: Stage, who: str) -> list[str]:
    """What this phone was sent, without markup."""
    return [re.sub(r"<[^>]+>", "", text) for name, text in stage.heard if name == who]


def who_heard(stage: Stage, words: str) -> list[str]:
    """Who was sent these words, in order."""
    return [name for name, text in stage.heard if words in re.sub(r"<[^>]+>", "", text)]


def codes(stage: Stage, who: str) -> dict[str, Row]:
    """A manager's open alerts by kind."""
    person = stage.people[who]
    rows = stage.store.transact(lambda tx: alerts.open_of(tx, person))
    return {row["kind"]: row for row in rows}


# ------------------------------------------------------------------------------- climbing


@pytest.mark.parametrize(
    ("severity", "clocks"),
    [
        (1, ("06:44", "06:45", "06:49", "06:50")),
        (2, ("06:54", "06:55", "07:09", "07:10")),
        (3, ("07:09", "07:10", "07:39", "07:40")),
    ],
)
def test_an_alert_climbs_by_its_severity(
    phones: Stage, severity: int, clocks: tuple[str, ...]
) -> None:
    tells(phones, severity=severity)
    seen = []
    for clock in clocks:
        phones.forward(clock)
        seen.append(who_heard(phones, "gate is shut"))

    assert [["dana"], ["dana", "carl"], ["dana", "carl"], ["dana", "carl", "olive"]] == seen


def test_what_somebody_took_climbs_no_further(stage: Stage) -> None:
    tells(stage)
    stage.says("dana", "1a")
    stage.forward("07:09")

    assert ["dana"] == who_heard(stage, "gate is shut")


def test_whoever_took_it_and_is_silent_is_asked_and_then_it_climbs(stage: Stage) -> None:
    tells(stage)
    stage.says("dana", "1a")
    stage.forward("07:11")
    asked = told(stage, "dana")[-1]
    stage.forward("07:26")

    assert "Still open since 6:40" in asked
    assert "No answer from Dana Cole since 6:40" in told(stage, "carl")[-1]


def test_what_one_manager_took_is_asked_about_in_one_message(stage: Stage) -> None:
    """Three matters, taken minutes apart: one question, and each still has its own answer."""
    for number, (kind, clock) in enumerate(
        (("message", "06:40"), ("app_issue", "06:43"), ("no_form", "06:48")), 1
    ):
        stage.forward(clock)
        tells(stage, kind, who="bob" if number == 2 else "tina")
        stage.says("dana", f"{number}a")
    stage.forward("07:24")
    asked = [text for text in told(stage, "dana") if "still open" in text.lower()]
    stage.says("dana", "2d")
    stage.says("dana", "3a")
    left = {row["number"]: row["status"] for row in _open(stage, "dana")}
    stage.forward("07:26")

    assert 1 == len(asked)
    assert "3 of your alerts are still open" in asked[0]
    assert ["1 message: Tina", "2 app dead: Bob", "3 no form: Tina"] == re.findall(
        r"^\d \w+(?: \w+)?: \w+", asked[0], re.MULTILINE
    )
    assert {1: "acknowledged", 3: "acknowledged"} == left
    assert 1 == sum("No answer from Dana Cole" in text for text in told(stage, "carl"))


def test_whoever_took_it_is_not_offered_to_take_it(stage: Stage) -> None:
    tells(stage)
    stage.says("dana", "1a")
    stage.forward("07:11")
    asked = stage.transcript[-1]
    stage.says("dana", "1")
    shown = stage.transcript[-1]

    assert "take it" not in asked + shown
    assert "Still on it" in asked


def test_what_is_settled_is_asked_about_no_more(stage: Stage) -> None:
    tells(stage)
    stage.says("dana", "1a")
    stage.says("dana", "1d")
    stage.forward("09:00")

    assert 1 == len(who_heard(stage, "gate is shut"))
    assert {} == {k: v for k, v in codes(stage, "dana").items() if k == "message"}


def test_a_second_taker_is_told_who_was_first_and_when(stage: Stage) -> None:
    tells(stage)
    stage.forward("06:56")
    stage.says("carl", "1a")
    stage.says("dana", "1a")

    assert "1: Carl Stone was first, at 6:56, and has it." == told(stage, "dana")[-1]


def test_a_severe_alert_that_nobody_answers_reaches_the_operator(phones: Stage) -> None:
    tells(phones, severity=1)
    phones.forward("06:56")

    assert ["olga"] == who_heard(phones, "NO ONE ANSWERED")
    assert "Told: Dana Cole, Carl Stone, Olive West" in told(phones, "olga")[-1]


@pytest.mark.parametrize("answer", ["1a", "1d"])
def test_the_alarm_that_nobody_answered_is_over_once_somebody_does(
    phones: Stage, answer: str
) -> None:
    phones.plays("07:05 out")  # severe, and of a job
    phones.forward("07:25")
    alarmed = set(codes(phones, "olga"))
    phones.says("dana", answer)

    assert {"no_answer"} == alarmed
    assert {} == codes(phones, "olga")


def test_rungs_that_cannot_hear_are_skipped_at_once(phones: Stage) -> None:
    phones.is_set("dana", "channel", "")
    phones.is_set("carl", "absent_from", DAY.isoformat())
    phones.is_set("carl", "absent_to", DAY.isoformat())
    tells(phones)

    assert ["olive"] == who_heard(phones, "gate is shut")


def test_where_no_manager_can_hear_the_operator_is_alarmed(phones: Stage) -> None:
    for who in ("dana", "carl", "olive"):
        phones.is_set(who, "channel", "")
    tells(phones)

    assert told(phones, "olga")[-1].startswith(
        "No manager of theirs can be told: name one.\n1 Tina"
    )


def test_the_same_person_on_two_rungs_is_told_once(phones: Stage) -> None:
    phones.is_set("tina", "dc", str(phones.people["dana"]))
    tells(phones)
    phones.forward("06:55")

    assert ["dana", "olive"] == who_heard(phones, "gate is shut")


def test_the_ladder_is_that_of_the_moment_it_was_raised(phones: Stage) -> None:
    """Another DC named meanwhile does not take the place of the one who was."""
    tells(phones)
    phones.enrol("Dora Lane", "manager")
    phones.is_set("tina", "dc", str(phones.people["dora"]))
    phones.forward("06:55")

    assert ["dana", "carl"] == who_heard(phones, "gate is shut")


def test_found_late_it_climbs_one_rung_and_waits_from_now(phones: Stage) -> None:
    tells(phones)
    phones.clock.set(phones.instant("08:30"))
    phones.forward("08:30")
    late = who_heard(phones, "gate is shut")
    phones.forward("08:45")

    assert ["dana", "carl"] == late
    assert ["dana", "carl", "olive"] == who_heard(phones, "gate is shut")


def test_p6_a_ladder_survives_a_restart_and_rings_once(stage: Stage) -> None:
    """Its next moment is a row: a second look at the same timer finds nothing."""
    case = tells(stage)
    stage.clock.set(stage.instant("06:55"))
    due = stage.store.transact(lambda tx: timers.due(tx, stage.clock.now(), 50))
    mine = [row["id"] for row in due if row["name"] == f"{ladders.TIMER} {case}"]
    for timer in (*mine, *mine):
        stage.store.transact(partial(stage._ring, timer))
    stage._deliver()

    assert 1 == len(mine)
    assert ["dana", "carl"] == who_heard(stage, "gate is shut")


def test_a_matter_that_is_over_climbs_no_further(phones: Stage) -> None:
    """The ETA comes a minute after the alarm about it: nobody above hears of it."""
    phones.forward("07:31")
    phones.says("tina", "1")
    phones.forward("07:50")
    above = [text for text in told(phones, "carl") if "Tina" in text]

    assert "not sent" not in " ".join(above)
    assert [] == above


@pytest.fixture(params=["sms", "telegram"])
def lines(tmp_path: object, request: pytest.FixtureRequest) -> Stage:
    """The four above on each channel, where the database makes no difference."""
    return made(f"sqlite:///{tmp_path}/stage.db", request.param)


def test_what_climbs_within_a_minute_comes_in_one_message(lines: Stage) -> None:
    """Three matters of two technicians, seconds apart: Carl hears once, and answers each."""
    tells(lines)
    lines.forward("06:40:20")
    tells(lines, "app_issue", who="bob")
    lines.forward("06:40:50")
    tells(lines, "no_form", who="bob")
    lines.forward("06:56")
    heard = told(lines, "carl")
    lines.says("carl", "2a")
    lines.says("carl", "1c 3d")
    left = {row["number"]: row["status"] for row in _open(lines, "carl")}

    assert 1 == len(heard)
    assert "3 alerts without an answer from Dana Cole" in heard[0]
    assert ["1 message: Tina", "2 app dead: Bob", "3 no form: Bob"] == re.findall(
        r"^\d \w+(?: \w+)?: \w+", heard[0], re.MULTILINE
    )
    assert {1: "acknowledged", 2: "acknowledged"} == left
    assert ["tina"] == who_heard(lines, "Carl Stone asks you to call")


def test_a_storm_climbs_as_a_storm(lines: Stage) -> None:
    """Nobody has sent the ETA, and Dana does not answer: one text to Carl, two codes."""
    lines.forward("07:30")
    lines.forward("07:46")
    (heard,) = [text for text in told(lines, "carl") if "no ETA" in text]

    assert "2 × no ETA without an answer from Dana Cole" in heard.replace(" x ", " × ")
    assert ["1 Tina Abernathy", "2 Bob Okafor"] == re.findall(
        r"^\d [A-Z]\w+ \w+", heard, re.MULTILINE
    )


def test_a_button_of_what_climbed_together_answers_its_own_matter(tmp_path: object) -> None:
    chats = made(f"sqlite:///{tmp_path}/stage.db", "telegram")
    tells(chats)
    tells(chats, "app_issue", who="bob")
    chats.forward("06:55")
    bundle = " ".join(chats.transcript[-1].split())
    carls = codes(chats, "carl")
    chats.presses("carl", f"a:{carls['app_issue']['id']}:a")
    status = {kind: row["status"] for kind, row in codes(chats, "carl").items()}

    assert "[1 🙋] [1 📞] [2 🙋] [2 📞]" in bundle
    assert {"message": "open", "app_issue": "acknowledged"} == status


def test_one_button_takes_all_of_a_list(tmp_path: object) -> None:
    chats = made(f"sqlite:///{tmp_path}/stage.db", "telegram")
    tells(chats)
    tells(chats, "app_issue", who="bob")
    chats.forward("06:55")
    offered = "[🙋 Take all]" in chats.transcript[-1]
    latest = max(row["id"] for row in _open(chats, "carl"))
    chats.presses("carl", f"{ALL}{latest}")
    status = {row["status"] for row in _open(chats, "carl")}
    pressed = f"{ALL}9"
    left = buttons_left(
        pressed, [[("1 🙋", "a:7:a"), ("1 📞", "a:7:c")], [("🙋 Take all", pressed)]]
    )

    assert offered
    assert {"acknowledged"} == status
    assert [[("1 📞", "a:7:c")]] == left
    assert "Yours now: 1, 2." in told(chats, "carl")[-1]
    assert "[1 ✅] [2 ✅]" in " ".join(chats.transcript[-1].split())


def test_found_late_all_that_climbs_comes_in_one_message_a_person(lines: Stage) -> None:
    """Due at 6:55, 7:02 and 7:10, found at 8:30: one rung each, and one message."""
    for clock, kind in (("06:40", "message"), ("06:47", "app_issue"), ("06:55", "no_form")):
        lines.clock.set(lines.instant(clock))
        tells(lines, kind)
    lines.clock.set(lines.instant("08:30"))
    lines.forward("08:30")
    late = [text.split("\n")[0] for text in told(lines, "carl") if "answer" in text]
    silent = who_heard(lines, "out an answer")
    lines.forward("08:46")
    above = [text for text in told(lines, "olive") if "out an answer" in text]

    assert ["3 alerts without an answer from Dana Cole"] == [each.strip(" ⬆️:") for each in late]
    assert ["carl"] == silent
    assert 1 == len(above)
    assert "alerts without an answer from Dana Cole, Carl Stone" in above[0]


def test_what_nobody_answers_reaches_the_operator_in_one_message(lines: Stage) -> None:
    """Two severe matters pass all rungs: one alarm that names both, each to be taken."""
    tells(lines, severity=1)
    tells(lines, "app_issue", severity=1, who="bob")
    lines.forward("06:56")
    (alarm,) = told(lines, "olga")
    lines.says("olga", "2a")

    assert "2 × no one answered" in alarm.replace(" x ", " × ")
    assert "1 message: Tina Abernathy" in alarm
    assert "2 app dead: Bob Okafor" in alarm
    assert ["open", "acknowledged"] == [row["status"] for row in _open(lines, "olga")]


def test_where_no_operator_is_left_those_who_were_told_are_asked_again_in_one_message(
    lines: Stage,
) -> None:
    lines.is_set("olga", "channel", "")
    tells(lines, severity=1)
    tells(lines, "app_issue", severity=1, who="bob")
    lines.forward("06:56")
    asked = told(lines, "dana")[2:]

    assert 1 == len(asked)
    assert "2 of your alerts are still open" in asked[0]


def test_found_late_what_comes_in_numbers_comes_in_one_message(lines: Stage) -> None:
    """Found at 10:50: two are not there, of which no ETA is a part, and one's next has no ETA."""
    lines.order("114-9", "11:00", "14:00")
    lines.clock.set(lines.instant("10:50"))
    lines.forward("10:50")
    late = [text for text in told(lines, "dana") if "alerts" in text.split("\n")[0]]

    assert ["3 alerts"] == [text.split("\n")[0].strip(":") for text in late]
    assert 1 == late[0].count("no ETA: ")
    assert 2 == late[0].count("not there: ")


def test_what_climbs_to_others_does_not_climb_early(phones: Stage) -> None:
    """Bob's managers are others: his matter keeps its own moment."""
    dora = phones.enrol("Dora Lane", "manager")
    cleo = phones.enrol("Cleo Hart", "manager")
    phones.is_set("bob", "dm", str(dora))
    phones.is_set("bob", "dc", str(cleo))
    tells(phones)
    phones.forward("06:40:40")
    tells(phones, who="bob")
    phones.forward("06:55")
    early = who_heard(phones, "gate is shut")
    phones.forward("06:56")

    assert ["dana", "dora", "carl"] == early
    assert ["dana", "dora", "carl", "cleo"] == who_heard(phones, "gate is shut")


def test_what_climbs_by_night_wakes_only_for_what_is_severe(lines: Stage) -> None:
    """Carl sleeps: the severe one rings, the other waits for six o'clock."""
    lines.clock.set(lines.instant("22:00", DAY - timedelta(days=1)))
    lines.is_set("dana", "quiet_from", "00:00")
    lines.is_set("dana", "quiet_to", "00:00")
    tells(lines, "app_issue")
    lines.forward("22:10", DAY - timedelta(days=1))
    tells(lines, severity=1)
    lines.forward("22:16", DAY - timedelta(days=1))
    night = told(lines, "carl")
    lines.forward("06:00")

    assert 1 == len(night)
    assert "gate is shut" in night[0]
    assert 2 == len(told(lines, "carl"))
    assert "app" in told(lines, "carl")[1].lower()


def test_a_long_list_names_the_urgent_ones_and_counts_the_rest(lines: Stage) -> None:
    """Within ten segments, and a hundred buttons: thirty alerts climb at once."""
    dana, carl = lines.people["dana"], lines.people["carl"]
    for place in range(30):
        lines.enrol(f"T{place} Montgomery-Hernandez", dm=dana, dc=carl)
        tells(lines, "no_form", who=f"t{place}")
    tells(lines, severity=1)
    lines.clock.set(lines.instant("07:00"))
    lines.forward("07:00")
    (heard,) = [text for text in told(lines, "carl") if "31 alerts" in text]
    room = 12 if lines.channel == "sms" else 20

    assert "1 message: Tina Abernathy" in " ".join(heard.split("\n")[:3])
    assert f"{31 - room} more: {room + 1} " in heard
    assert len(heard) < 10 * 153


def test_a_matter_somebody_took_does_not_climb_with_the_others(phones: Stage) -> None:
    tells(phones)
    tells(phones, "app_issue", who="bob")
    phones.says("dana", "2a")
    phones.forward("06:56")

    assert ["message"] == list(codes(phones, "carl"))


# ------------------------------------------------------------------------------- away


def test_away_on_a_chat_is_at_once_and_what_waits_climbs(database_url: str) -> None:
    stage = made(database_url, "telegram")
    tells(stage)
    stage.says("dana", "AWAY 2")
    stage.forward("06:41")

    assert "Away until Tue Nov 24" in told(stage, "dana")[-1]
    assert ["dana", "carl"] == who_heard(stage, "gate is shut")


def test_s5_away_by_text_needs_the_characters_of_the_answer(phones: Stage) -> None:
    phones.says("dana", "away 2")
    phones.says("dana", "AWAY XXXX")
    tells(phones)
    unconfirmed = who_heard(phones, "gate is shut")
    phones.says("dana", "away 2")
    phones.says("dana", "AWAY K7QM")

    assert ["dana"] == unconfirmed
    assert (
        "Away until Tue Nov 24: alerts go to the next in line. Back earlier? AWAY 0"
        == told(phones, "dana")[-1]
    )


def test_a_deputy_is_told_instead_and_may_answer(phones: Stage) -> None:
    phones.enrol("Dora Lane", "manager")
    phones.says("dana", "AWAY 1 Dora")
    phones.says("dana", "AWAY K7QM")
    tells(phones)
    phones.says("dora", "1c")

    assert ["dora"] == who_heard(phones, "gate is shut")
    assert ["tina"] == who_heard(phones, "Dora Lane asks you to call")


def test_s3_a_deputy_answers_no_more_once_the_manager_is_back(phones: Stage) -> None:
    phones.enrol("Dora Lane", "manager")
    phones.says("dana", "AWAY 1 Dora")
    phones.says("dana", "AWAY K7QM")
    tells(phones)
    phones.says("dana", "AWAY 0")
    phones.says("dora", "1c")

    assert [] == who_heard(phones, "Dora Lane asks you to call")


def test_back_again(phones: Stage) -> None:
    phones.says("dana", "AWAY 3")
    phones.says("dana", "AWAY K7QM")
    phones.says("dana", "AWAY 0")
    tells(phones)

    assert ["dana"] == who_heard(phones, "gate is shut")


# ------------------------------------------------------------------------------- the night


def test_what_can_wait_is_held_through_the_night_and_gathered(stage: Stage) -> None:
    stage.clock.set(stage.instant("22:00", DAY - timedelta(days=1)))
    tells(stage, "message")
    tells(stage, "message", who="bob")
    held = codes(stage, "dana")["message"]["held_until"]
    silent = told(stage, "dana")
    stage.forward("06:00")

    assert [] == silent
    assert stage.instant("06:00") == held
    assert "2 × message" in told(stage, "dana")[-1].replace(" x ", " × ")


def test_a_severe_alert_pierces_the_night(stage: Stage) -> None:
    stage.clock.set(stage.instant("22:00", DAY - timedelta(days=1)))
    tells(stage, severity=1)

    assert ["dana"] == who_heard(stage, "gate is shut")


def test_a_severe_alert_does_not_wait_with_a_mild_one_of_its_kind(stage: Stage) -> None:
    """Tina, who has no work, texts STOP at night; so does Bob, who stands at a door."""
    stage.clock.set(stage.instant("22:00", DAY - timedelta(days=1)))
    tells(stage, "unreachable", severity=2)
    tells(stage, "unreachable", severity=1, who="bob")

    assert ["dana"] == who_heard(stage, "Bob Okafor")


def test_what_is_over_by_morning_is_not_said(phones: Stage) -> None:
    phones.clock.set(phones.instant("22:00", DAY - timedelta(days=1)))
    alert = tells(phones)
    phones.store.transact(lambda tx: telling.end(tx, alerts.get(tx, alert) or {}))
    phones.forward("06:00")

    assert [] == who_heard(phones, "gate is shut")


def test_quiet_hours_are_each_persons_own(phones: Stage) -> None:
    phones.is_set("dana", "quiet_from", "06:00")
    phones.is_set("dana", "quiet_to", "07:00")
    tells(phones)
    silent = who_heard(phones, "gate is shut")
    phones.forward("07:00")

    assert ([], ["dana"]) == (silent, who_heard(phones, "gate is shut"))


@pytest.mark.parametrize(("day", "hours"), [("2026-10-31", 9), ("2027-03-13", 7)])
def test_p6_the_night_of_a_clock_change_ends_at_six(phones: Stage, day: str, hours: int) -> None:
    """22:00 to 06:00 is nine hours in autumn and seven in spring."""
    at = phones.instant("22:00", DAY.fromisoformat(day))
    phones.clock.set(at)
    tells(phones)

    assert hours * 3_600_000 == codes(phones, "dana")["message"]["held_until"] - at


# ------------------------------------------------------------------------------- storms


def test_a_storm_is_one_message_and_is_answered_one_by_one(stage: Stage) -> None:
    """Nobody has sent the ETA at 07:30: one text, two codes."""
    stage.forward("07:30")
    storm = told(stage, "dana")[-1]
    stage.says("dana", "2a")
    taken = {row["number"]: row["status"] for row in _open(stage, "dana")}

    assert "2 × no ETA" in storm.replace(" x ", " × ")
    assert "1 Tina Abernathy" in storm
    assert "2 Bob Okafor" in storm
    assert {1: "open", 2: "acknowledged"} == taken


def test_more_of_a_kind_waits_a_minute_for_the_rest(phones: Stage) -> None:
    tells(phones, "silent")
    phones.enrol("Cora Lind", dm=phones.people["dana"])
    tells(phones, "silent", who="bob")
    tells(phones, "silent", who="cora")
    at_once = who_heard(phones, "SILENT")
    phones.forward("06:42")

    assert ["dana"] == at_once
    assert told(phones, "dana")[-1].startswith("2 x silent:\n2 Bob Okafor")


def _open(stage: Stage, who: str) -> list[Row]:
    person = stage.people[who]
    return stage.store.transact(lambda tx: alerts.open_of(tx, person))


def test_the_desk_reads_what_is_next(phones: Stage) -> None:
    tells(phones)
    (row,) = phones.store.transact(lambda tx: ladders.standing(tx, phones.people["dana"]))

    assert ("Dana Cole", "Tina Abernathy", phones.instant("06:55")) == (
        row["to_name"], row["about_name"], row["next_at"],
    )  # fmt: skip


def test_the_desk_decides_by_the_same_way(phones: Stage) -> None:
    alert = tells(phones)

    def work(tx: Tx) -> managers.Answered:
        dana = people.get(tx, phones.people["dana"]) or {}
        return managers.decide(
            tx, phones.context, dana, alert, "a", proof=managers.DESK, now=phones.clock.now()
        )

    first, second = phones.store.transact(work), phones.store.transact(work)

    assert ("alert.taken", True) == (first.key, first.changed)
    assert "alert.taken" == second.key
