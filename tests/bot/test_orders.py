"""A manifest becomes jobs: new, changed, moved, given away, missing; and who is told (A01-A03)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.sheets.reading import Problem
from storage import alerts
from tests.bot.office import BOB, TINA, Office, line
from tests.stage import DAY

TOMORROW = DAY + timedelta(days=1)
TUESDAY = TOMORROW.isoformat()


@pytest.fixture
def office(database_url: str) -> Office:
    return Office(database_url)


@pytest.fixture
def sent_sheets(office: Office) -> Office:
    """Tina has one job, and its sheet was sent in the morning."""
    office.takes(line("114-7"))
    office.stage.forward("07:05")
    assert "114-7" not in office.stage.last("tina")
    return office


# ------------------------------------------------------------------------------------- new orders


def test_a02_a_new_order_is_a_planned_job_with_its_reminders(office: Office) -> None:
    report = office.takes(line("114-7", units=Decimal("2.5")), by="Olga Ops")
    job = office.job("114-7")

    assert report.applied
    assert ["114-7"] == [each.work_order for each in report.new]
    assert ("planned", "A", "2026-11-23", 1) == (
        job["state"], job["letter"], job["day"], job["visit"],
    )  # fmt: skip
    assert ("2.5", "TV stand") == (job["units"], job["product"])
    assert {"apollo.day": "11-23 06:30"} == office.reminders("114-7")
    assert [("imported", "Olga Ops")] == office.events("114-7")
    assert {"flag_before 2026-11-23", "flag_end 2026-11-23", "sheet_morning 2026-11-23"} == set(
        office.day_timers("tina")
    )


def test_letters_follow_the_windows_and_never_change(office: Office) -> None:
    office.takes(line("1", "14-17"), line("2", "11-14"), line("3", who=BOB))
    office.takes(line("1", "14-17"), line("2", "11-14"), line("3", who=BOB), line("4", "08-11"))

    letters = {number: office.job(number)["letter"] for number in "1234"}
    assert {"2": "A", "1": "B", "3": "A", "4": "C"} == letters


def test_the_same_file_twice_changes_nothing(office: Office) -> None:
    rows = (line("114-7"), line("114-9", "11-14"))
    office.takes(*rows)
    before = [office.job("114-7"), office.job("114-9")]

    report = office.takes(*rows)

    assert (2, [], []) == (report.unchanged, report.new, report.changed)
    assert before == [office.job("114-7"), office.job("114-9")]


def test_an_order_for_nobody_waits_to_be_assigned(office: Office) -> None:
    office.takes(line("114-7", who=""))

    assert office.job("114-7")["technician_id"] is None


def test_a_technician_may_be_named_by_phone_and_in_any_case(office: Office) -> None:
    phone = office.stage.phones["bob"][1]
    if not phone.startswith("+"):
        bob = office.stage.people["bob"]
        phone = office.read(
            lambda tx: tx.one("SELECT phone FROM people WHERE id = :id", {"id": bob})
        )["phone"]

    office.takes(line("1", who=phone), line("2", who="tina  ABERNATHY"), line("3", helpers=(BOB,)))

    assert office.stage.people["bob"] == office.job("1")["technician_id"]
    assert office.stage.people["tina"] == office.job("2")["technician_id"]
    assert str(office.stage.people["bob"]) == office.job("3")["helpers"]


def test_a_changed_helper_is_told_and_the_same_file_again_tells_nothing(office: Office) -> None:
    office.takes(line("3"))
    heard = len(office.stage.heard)
    office.takes(line("3", helpers=(BOB,)))
    office.stage._deliver()
    assert 1 == len([text for who, text in office.stage.heard[heard:] if who == "bob"])
    assert "you help" in office.stage.last("bob").lower()
    office.takes(line("3", helpers=(BOB,)))
    office.takes(line("3"))
    office.stage._deliver()

    said = [text for who, text in office.stage.heard[heard:] if who == "bob"]
    assert 2 == len(said)
    assert "help there any more" in said[1]


def test_a_new_order_after_the_days_sheet_is_told_with_the_plan_question(
    sent_sheets: Office,
) -> None:
    sent_sheets.takes(line("114-7"), line("114-9", "11-14", customer="Ben Okafor"))
    told = sent_sheets.stage.last("tina")

    assert "New job B" in told
    assert "Ben Okafor" in told
    assert "When will you be at <b>B</b>?" in told
    sent_sheets.stage.says("tina", "B 1130")
    planned = sent_sheets.job("114-9")["planned_arrival"]
    assert "11-23 11:30" == sent_sheets.wall(planned)


def test_a_new_order_before_the_days_sheet_waits_for_it(office: Office) -> None:
    office.takes(line("114-7"))

    assert [] == office.heard("tina")


def test_a_new_order_whose_window_runs_already_says_so(sent_sheets: Office) -> None:
    sent_sheets.stage.forward("09:00")
    sent_sheets.takes(line("114-7"), line("114-9", customer="Ben Okafor"))

    assert "came in late" in sent_sheets.stage.last("tina")


def test_at_night_the_technician_is_told_in_the_morning(database_url: str) -> None:
    office = Office(database_url, start="18:10")
    office.takes(line("114-7", day=TOMORROW))
    office.stage.forward("18:15")
    office.stage.forward("22:00")
    heard = len(office.heard("tina"))

    office.takes(line("114-7", day=TOMORROW), line("114-9", "11-14", day=TOMORROW))

    assert heard == len(office.heard("tina"))
    (row,) = office.read(lambda tx: tx.all("SELECT * FROM outbox WHERE status = 'pending'"))
    assert "11-24 06:00" == office.wall(row["due_at"])


# ---------------------------------------------------------------------------------- changed orders


def test_a_changed_window_starts_the_job_anew_and_is_told(office: Office) -> None:
    office.takes(line("114-7"))
    report = office.takes(line("114-7", "14-17"), by="Olga Ops")

    assert "<b>A</b> Carla Montgomery has changed: <b>2:00-5:00</b>." in office.stage.last("tina")
    assert ["2:00-5:00"] == [each.what for each in report.changed]
    assert {"apollo.day": "11-23 07:00"} == office.reminders("114-7")
    assert ("changed", "Olga Ops") == office.events("114-7")[-1]
    assert 2 == office.job("114-7")["version"]


def test_a_changed_window_before_the_door_asks_for_the_eta_again(office: Office) -> None:
    office.takes(line("114-7"))
    office.stage.forward("07:05")
    office.at("114-7", "arrive")
    office.takes(line("114-7", "11-14"))

    assert "planned" == office.stage.state("114-7")
    office.stage.forward("09:31")
    assert "eta" == office.stage.state("114-7")
    assert "11-23 10:00" == office.reminders("114-7")["apollo.eta_60"]


def test_what_nobody_sees_is_stored_and_not_told(office: Office) -> None:
    office.takes(line("114-7"))
    report = office.takes(line("114-7", notes="8-11 TV stand, ring twice", units=Decimal(3)))

    assert [] == office.heard("tina")
    assert ["details"] == [each.what for each in report.changed]
    assert ("8-11 TV stand, ring twice", "3", 2) == tuple(
        office.job("114-7")[name] for name in ("notes", "units", "version")
    )


def test_a_new_address_and_product_are_told_while_the_job_runs(office: Office) -> None:
    office.takes(line("114-7"))
    office.at("114-7", "arrive")
    office.takes(line("114-7", street="14 Elm St", product="desk"))

    assert "desk, 14 Elm St, Troy, NY, 12180" in office.stage.last("tina")
    assert "arrive" == office.stage.state("114-7")


def test_a_changed_date_moves_a_planned_job_to_the_other_day(office: Office) -> None:
    office.takes(line("114-7"))
    office.takes(line("114-7", day=TOMORROW))

    assert TUESDAY == office.job("114-7")["day"]
    assert "Tue Nov 24 8:00-11:00" in office.stage.last("tina")
    assert {TUESDAY} == {name.split()[1] for name in office.day_timers("tina")}


def test_a_changed_technician_takes_the_job_over_and_both_are_told(office: Office) -> None:
    office.takes(line("114-7"), line("114-8", who=BOB))
    office.takes(line("114-7", who=BOB), line("114-8", who=BOB))

    assert "somebody else takes it" in office.stage.last("tina")
    assert "New job B" in office.stage.last("bob")
    assert [] == office.day_timers("tina")
    assert [("imported", "system"), ("changed", "system")] == office.events("114-7")


def test_more_minutes_move_the_reminders_of_a_job_that_is_being_built(office: Office) -> None:
    office.takes(line("114-7"))
    office.at("114-7", "assemble")
    version = office.job("114-7")["version"]
    office.takes(line("114-7", minutes=180))

    assert version + 1 == office.job("114-7")["version"]
    assert "11-23 09:40" == office.reminders("114-7")["apollo.silent"]
    assert [] == office.heard("tina")


def test_what_was_changed_by_hand_stays_where_the_file_says_the_same_as_before(
    office: Office,
) -> None:
    office.takes(line("114-7"))
    office.assigns("114-7", BOB)
    office.moves("114-7", window="14-17")
    office.takes(line("114-7", street="14 Elm St"))
    job = office.job("114-7")

    assert (office.stage.people["bob"], "11-23 14:00", "14 Elm St") == (
        job["technician_id"], office.wall(job["window_start"]), job["street"],
    )  # fmt: skip


def test_a_job_that_has_begun_is_not_put_elsewhere_by_a_file(office: Office) -> None:
    office.takes(line("114-7"))
    office.at("114-7", "assemble")
    before = office.job("114-7")

    for _ in range(2):
        report = office.takes(line("114-7", "14-17"))

        assert ["it has begun (assemble): jobs move ends this visit and opens the next"] == [
            each.why for each in report.left
        ]
        assert [] == report.changed
    assert before == office.job("114-7")


# ------------------------------------------------------------------------------------ ended orders


def test_a_later_date_for_a_left_open_order_opens_its_next_visit(office: Office) -> None:
    office.takes(line("114-7"))
    office.at("114-7", "left_open")
    report = office.takes(line("114-7", day=TOMORROW, who=BOB))
    visit = office.job("114-7")

    assert ["visit 2"] == [each.what for each in report.next_visits]
    assert (2, "planned", TUESDAY, office.stage.people["bob"]) == (
        visit["visit"], visit["state"], visit["day"], visit["technician_id"],
    )  # fmt: skip
    assert "left_open" == office.job("114-7", 1)["state"]
    assert [("next_visit", "system")] == office.events("114-7", 2)


@pytest.mark.parametrize("window", ["08-11", "14-17"])
def test_a_left_open_order_with_the_same_date_is_listed(office: Office, window: str) -> None:
    office.takes(line("114-7"))
    office.at("114-7", "left_open")
    report = office.takes(line("114-7", window))

    assert [2] == [each.row for each in report.left]
    assert 1 == office.job("114-7")["visit"]


def test_an_order_that_has_ended_is_listed_and_untouched(office: Office) -> None:
    office.takes(line("114-7"))
    office.at("114-7", "reported")
    before = office.job("114-7")
    report = office.takes(line("114-7", day=TOMORROW))

    assert ["it has ended: reported"] == [each.why for each in report.left]
    assert before == office.job("114-7")


# ------------------------------------------------------------------------------------ missing rows


def test_orders_that_a_newer_file_lacks_are_listed_and_stay(office: Office) -> None:
    office.takes(line("114-7"), line("114-9", "11-14"), line("115-1", day=TOMORROW))
    report = office.takes(line("114-7"))

    assert [("114-9", TINA, "planned")] == [
        (each.work_order, each.technician, each.state) for each in report.missing
    ]
    assert "planned" == office.stage.state("114-9")
    assert [] == office.heard("tina")


def test_with_whole_day_they_are_cancelled_and_told_but_not_at_the_door(office: Office) -> None:
    office.takes(
        line("114-7"), line("114-8", "11-14"), line("114-9", "14-17", customer="Ben Okafor")
    )
    office.at("114-8", "start")
    report = office.takes(line("114-7"), whole_day=DAY, by="Olga Ops")

    assert ["114-9"] == [each.work_order for each in report.cancelled]
    assert ["114-8"] == [each.work_order for each in report.missing]
    assert "cancelled" == office.stage.state("114-9")
    assert "start" == office.stage.state("114-8")
    assert "Ben Okafor" in office.stage.last("tina")
    assert ("cancelled", "Olga Ops") == office.events("114-9")[-1]
    assert {} == office.reminders("114-9")


def test_whole_day_needs_that_day_in_the_file(office: Office) -> None:
    office.takes(line("114-7"))
    report = office.takes(line("114-9", day=TOMORROW), whole_day=DAY)

    assert not report.applied
    assert ["The file has no order on 2026-11-23: nothing can be cancelled by it."] == [
        problem.message for problem in report.problems
    ]
    assert "planned" == office.stage.state("114-7")


def test_whole_day_needs_a_file_without_bad_rows_even_with_skip_bad(office: Office) -> None:
    office.takes(line("114-7"), line("114-9", "11-14"))
    bad = (Problem(9, "notes", "The notes name no time bucket."),)
    report = office.takes(line("114-7"), problems=bad, whole_day=DAY, skip_bad=True)

    assert not report.applied
    assert "planned" == office.stage.state("114-9")


# ---------------------------------------------------------------------------------------- bad rows


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("Tina Abernaty", "Did you mean Tina Abernathy?"),
        ("Dana Cole", "Dana Cole is no technician"),
        ("+12125559999", "Nobody is called"),
    ],
)
def test_an_unknown_technician_is_a_problem_and_nothing_is_written(
    office: Office, who: str, said: str
) -> None:
    report = office.takes(line("114-7"), line("114-9", who=who))

    assert not report.applied
    ((row, column, message),) = [(p.row, p.column, p.message) for p in report.problems]
    assert (3, "technician") == (row, column)
    assert said in message
    assert [] == office.read(lambda tx: tx.all("SELECT * FROM jobs"))


def test_of_two_technicians_with_one_name_the_phone_decides(office: Office) -> None:
    office.stage.enrol("Bob Okafor")
    report = office.takes(line("114-7", who=BOB))

    assert ['2 technicians are called "Bob Okafor": name this one by phone.'] == [
        problem.message for problem in report.problems
    ]


def test_skip_bad_takes_the_good_rows_and_tells_the_manager_once(office: Office) -> None:
    rows = (line("114-7"), line("114-9", who="Nobody Known"))
    report = office.takes(*rows, skip_bad=True)
    office.takes(*rows, skip_bad=True)

    assert report.applied
    assert ["114-7"] == [each.work_order for each in report.new]
    (told,) = office.heard("dana")
    assert "rows left out: 1" in told
    assert "row 3" in told
    dana = office.stage.people["dana"]
    assert ["skipped_rows"] == [a["kind"] for a in office.read(lambda tx: alerts.open_of(tx, dana))]


def test_many_rows_are_taken_in_portions(office: Office) -> None:
    rows = [replace(line(str(number)), product=f"desk {number}") for number in range(1200)]
    told: list[tuple[int, int]] = []
    report = office.takes(*rows, progress=lambda done, total: told.append((done, total)))

    assert 1200 == len(report.new)
    assert (1200, 1200) == told[-1]
    assert 1200 == office.takes(*rows).unchanged
    assert ("A", "Z", "AA") == tuple(office.job(each)["letter"] for each in ("0", "25", "26"))


def test_out_stays_a_severe_matter_until_every_job_of_the_day_has_somebody(office: Office) -> None:
    office.takes(line("114-7"), line("114-8", "11-14"))
    office.stage.forward("07:05")
    office.stage.says("tina", "OUT")

    def open_kinds() -> list[str]:
        dana = office.stage.people["dana"]
        return [row["kind"] for row in office.read(lambda tx: alerts.open_of(tx, dana))]

    office.assigns("114-7", BOB)
    one_left = open_kinds()
    office.assigns("114-8", BOB)
    office.stage.forward("07:11")  # its ladder looks again

    assert ["out"] == one_left
    assert [] == open_kinds()
