"""What is done to a job by phone: given, moved, ended, a step told; audited, technicians told."""

from datetime import timedelta

import pytest

from bot.operator.who import Refused
from storage import alerts, fees
from tests.bot.office import BOB, TINA, Office, line
from tests.stage import DAY

TOMORROW = DAY + timedelta(days=1)


@pytest.fixture
def office(database_url: str) -> Office:
    """Tina has two jobs today; the morning's sheet was sent."""
    office = Office(database_url)
    office.takes(line("114-7"), line("114-9", "11-14", customer="Ben Okafor"))
    office.stage.forward("07:05")
    return office


@pytest.fixture
def arriving(office: Office) -> Office:
    """Tina is on the way to the first job, at 7:40."""
    office.stage.forward("07:35")
    office.at("114-7", "arrive")
    office.in_hand("tina", "114-7")
    return office


# ----------------------------------------------------------------------------------------- assign


def test_a_job_that_has_not_begun_is_given_to_another_and_both_are_told(office: Office) -> None:
    office.assigns("114-9", BOB)

    job = office.job("114-9")
    assert (office.stage.people["bob"], "A", 1) == (
        job["technician_id"],
        job["letter"],
        job["visit"],
    )
    assert "Ben Okafor" in office.stage.last("tina")
    assert "somebody else takes it" in office.stage.last("tina")
    assert "New job A" in office.stage.last("bob")
    assert ("assigned", "Dana Cole") == office.events("114-9")[-1]


def test_a_begun_job_ends_as_reassigned_and_its_next_visit_is_the_others(arriving: Office) -> None:
    arriving.at("114-7", "assemble")
    arriving.assigns("114-7", BOB)

    assert "reassigned" == arriving.job("114-7", 1)["state"]
    visit = arriving.job("114-7")
    assert (2, "planned", arriving.stage.people["bob"]) == (
        visit["visit"], visit["state"], visit["technician_id"],
    )  # fmt: skip
    assert "New job" in arriving.stage.last("bob")
    assert "Ben Okafor" in arriving.stage.last("tina")
    assert ("reassigned", "Dana Cole") == arriving.events("114-7", 1)[-1]


def test_a_job_of_nobody_is_assigned(office: Office) -> None:
    office.takes(
        line("114-7"), line("114-9", "11-14", customer="Ben Okafor"), line("115-1", who="")
    )
    office.assigns("115-1", BOB)

    assert office.stage.people["bob"] == office.job("115-1")["technician_id"]


@pytest.mark.parametrize(
    ("who", "said"), [(TINA, "already"), ("Dana Cole", "no technician"), ("Bob", "Bob Okafor?")]
)
def test_whom_a_job_cannot_be_given_to(office: Office, who: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        office.assigns("114-7", who)


# ------------------------------------------------------------------------------------------- move


def test_a_job_is_put_to_another_day_with_its_window(office: Office) -> None:
    office.moves("114-9", TOMORROW)
    job = office.job("114-9")

    assert ("2026-11-24", "11-24 11:00") == (job["day"], office.wall(job["window_start"]))
    assert "Tue Nov 24 11:00-2:00" in office.stage.last("tina")
    assert ("rescheduled", "Dana Cole") == office.events("114-9")[-1]
    assert "sheet_evening 2026-11-24" in office.day_timers("tina")


def test_a_job_is_put_to_another_window_and_its_plan_is_asked(office: Office) -> None:
    office.moves("114-9", window="2-5pm")
    job = office.job("114-9")

    assert "11-23 14:00" == office.wall(job["window_start"])
    assert "2:00-5:00" in office.stage.last("tina")
    assert "When will you be at <b>B</b>?" in office.stage.last("tina")
    office.stage.says("tina", "B 1430")
    assert "11-23 14:30" == office.wall(office.job("114-9")["planned_arrival"])


def test_a_begun_job_ends_as_moved_and_its_next_visit_is_then(arriving: Office) -> None:
    arriving.at("114-7", "start")
    arriving.moves("114-7", TOMORROW)

    assert "moved" == arriving.job("114-7", 1)["state"]
    assert (2, "2026-11-24") == (arriving.job("114-7")["visit"], arriving.job("114-7")["day"])
    assert "moved to another day" in arriving.stage.last("tina")


def test_a_left_open_job_gets_its_next_visit(office: Office) -> None:
    office.at("114-7", "left_open")
    office.moves("114-7", TOMORROW)

    assert (2, "planned") == (office.job("114-7")["visit"], office.job("114-7")["state"])


@pytest.mark.parametrize(
    ("days", "window", "said"),
    [
        (None, "", "Say where to"),
        (None, "8-11", "at that time already"),
        (None, "9-12", "is no window here"),
        (-1, "", "is over"),
    ],
)
def test_where_a_job_cannot_be_moved_to(
    office: Office, days: int | None, window: str, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        office.moves("114-7", DAY + timedelta(days=days) if days else None, window)


def test_a_reported_job_is_not_moved(office: Office) -> None:
    office.at("114-7", "reported")

    with pytest.raises(Refused, match="only a left-open one"):
        office.moves("114-7", TOMORROW)


# ------------------------------------------------------------------------------------------ close


def test_a_job_that_the_office_closes_is_over_and_the_next_one_follows(arriving: Office) -> None:
    arriving.closes("114-7")

    assert "closed_by_office" == arriving.stage.state("114-7")
    assert {} == arriving.reminders("114-7")
    told = arriving.stage.last("tina")
    assert "the office has closed it" in told
    assert "Next is <b>B</b>" in told
    assert ("closed_by_office", "Dana Cole") == arriving.events("114-7")[-1]


def test_a_later_job_is_called_off_without_a_word_about_the_next(arriving: Office) -> None:
    arriving.closes("114-9", "cancelled")
    told = arriving.stage.last("tina")

    assert "called off" in told
    assert "Next is" not in told
    assert (
        arriving.job("114-7")["id"]
        == arriving.read(
            lambda tx: tx.one("SELECT in_hand FROM people WHERE name = :n", {"n": TINA})
        )["in_hand"]
    )


@pytest.mark.parametrize("state", ["left_open", "reported", "nonsense"])
def test_a_job_ends_by_phone_only_as_what_the_office_decides(office: Office, state: str) -> None:
    with pytest.raises(Refused, match="closed_by_office, cancelled, moved"):
        office.closes("114-7", state)


def test_a_job_is_closed_once(office: Office) -> None:
    office.closes("114-7")

    with pytest.raises(Refused, match="has ended already"):
        office.closes("114-7")


# ------------------------------------------------------------------------------------------- step


def test_a_step_told_by_phone_moves_the_job_and_prompts_the_technician(arriving: Office) -> None:
    arriving.stage.forward("08:20")
    arriving.steps("114-7", "there", at="8:15")

    assert "start" == arriving.stage.state("114-7")
    assert "3/11" in arriving.stage.last("tina")
    job = arriving.job("114-7")["id"]
    (entry,) = arriving.read(
        lambda tx: tx.all(
            "SELECT * FROM timeline WHERE job_id = :j AND event = 'there'", {"j": job}
        )
    )
    assert ("11-23 08:15", "11-23 08:20", "Dana Cole", "command") == (
        arriving.wall(entry["at"]), arriving.wall(entry["told_at"]), entry["by"], entry["channel"],
    )  # fmt: skip
    assert "11-23 08:25" == arriving.reminders("114-7")["apollo.not_started"]


def test_a_step_told_more_than_half_an_hour_late_is_told_to_the_manager(arriving: Office) -> None:
    arriving.stage.forward("09:00")
    arriving.steps("114-7", "there", at="8:15")

    job = arriving.job("114-7")["id"]
    assert "told_late" in [a["kind"] for a in arriving.read(lambda tx: alerts.of_job(tx, job))]


@pytest.mark.parametrize("said", ["1", "there", "At the door", "THERE"])
def test_a_step_may_be_said_by_digit_word_or_label(arriving: Office, said: str) -> None:
    arriving.steps("114-7", said)

    assert "start" == arriving.stage.state("114-7")


def test_done_7_confirms_every_step_up_to_it_and_asks_for_the_times(arriving: Office) -> None:
    arriving.stage.forward("10:00")
    arriving.steps("114-7", "DONE 7")

    assert "selfie" == arriving.stage.state("114-7")
    arriving.steps("114-7", "8:05")
    arriving.steps("114-7", "8:20")
    job = arriving.job("114-7")["id"]
    rows = arriving.read(
        lambda tx: tx.all("SELECT * FROM timeline WHERE job_id = :j ORDER BY id", {"j": job})
    )
    assert {"arrive": "11-23 08:05", "ivr_in": "11-23 08:20"} == {
        row["step"]: arriving.wall(row["at"]) for row in rows if row["step"] in ("arrive", "ivr_in")
    }
    assert "8/11" in arriving.stage.last("tina")


def test_an_escalation_is_opened_by_its_word_and_taken_back(arriving: Office) -> None:
    arriving.steps("114-7", "there")
    arriving.steps("114-7", "no_show")
    assert "no_show.door_photo" == arriving.stage.state("114-7")
    assert "oor" in arriving.stage.last("tina")

    arriving.steps("114-7", "back")
    assert "start" == arriving.stage.state("114-7")
    assert [] == arriving.read(lambda tx: fees.of_job(tx, arriving.job("114-7")["id"]))


def test_a_new_time_is_told_where_one_is_asked_for(arriving: Office) -> None:
    arriving.steps("114-7", "late")
    arriving.steps("114-7", "10:15")

    assert "11-23 10:15" == arriving.wall(arriving.job("114-7")["planned_arrival"])
    assert "eta" == arriving.stage.state("114-7")


@pytest.mark.parametrize(
    ("said", "at", "sentence"),
    [
        ("fly", "", "say there, issue, late, missed"),
        ("9", "", "means nothing at arrive"),
        ("DONE 1", "", "or DONE 2"),
        ("there", "11:45pm", "no time that has passed on Mon Nov 23"),
        ("there", "soon", "is no time"),
    ],
)
def test_what_a_step_does_not_understand_changes_nothing(
    arriving: Office, said: str, at: str, sentence: str
) -> None:
    before = arriving.job("114-7")

    with pytest.raises(Refused, match=sentence):
        arriving.steps("114-7", said, at)
    assert before == arriving.job("114-7")


def test_a_job_whose_day_has_not_begun_takes_no_step(office: Office) -> None:
    office.moves("114-9", TOMORROW)

    with pytest.raises(Refused, match="has not begun: its day starts on 2026-11-24 at 07:00"):
        office.steps("114-9", "sent")


def test_a_step_is_taken_while_no_server_rings_the_days_beginning(database_url: str) -> None:
    office = Office(database_url)
    office.takes(line("114-7"))
    office.steps("114-7", "sent")

    assert "arrive" == office.stage.state("114-7")


def test_a_job_of_nobody_takes_steps_too(office: Office) -> None:
    office.takes(
        line("114-7"), line("114-9", "11-14", customer="Ben Okafor"), line("115-1", who="")
    )
    office.steps("115-1", "sent")

    assert "arrive" == office.stage.state("115-1")


def test_a_technician_whom_nobody_can_reach_is_no_obstacle(database_url: str) -> None:
    office = Office(database_url)
    office.stage.store.transact(lambda tx: tx.run("UPDATE people SET channel = '', address = ''"))
    office.takes(line("114-7"))
    office.steps("114-7", "sent")
    office.moves("114-7", TOMORROW)
    office.assigns("114-7", BOB)
    office.closes("114-7", "cancelled")

    assert "cancelled" == office.stage.state("114-7")
    assert [] == office.stage.heard


@pytest.mark.parametrize("channel", ["sms", "telegram"])
def test_every_sentence_is_said_on_both_channels(tmp_path: object, channel: str) -> None:
    office = Office(f"sqlite:///{tmp_path}/both.db", channel)
    office.takes(line("114-7"), line("114-9", "11-14"))
    office.stage.forward("07:05")
    office.moves("114-9", window="14-17")
    office.assigns("114-9", BOB)
    office.closes("114-7", "cancelled")

    assert ["changed", "somebody else takes it", "called off"] == [
        said
        for text in office.heard("tina")
        for said in ("changed", "somebody else takes it", "called off")
        if said in text
    ]
    assert "Carla" in office.stage.last("bob")
