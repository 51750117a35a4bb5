"""Alerts at the desk: taken, decided, told; who was first counts; whoever stands in can (S3, S5)."""

import pytest

from flows.facts import HOUR
from storage import alerts, people
from storage.db import Row, Tx
from tests.desk.visiting import House


def alert(house: House, kind: str) -> Row:
    """The latest alert of that kind."""
    return house.stage.row(
        lambda tx: tx.one(
            "SELECT * FROM alerts WHERE kind = :kind ORDER BY id DESC LIMIT 1", {"kind": kind}
        )
    )


@pytest.fixture
def late(house: House) -> Row:
    """Tina needs 11:30, which is outside her window: Dana (and Carl) are asked."""
    house.run_until("07:05", "A 930")
    house.run_until("08:25", "1")
    house.run_until("09:00", "late 1130")
    return alert(house, "late_outside")


async def test_an_alert_is_decided_and_the_technician_hears_it(house: House, late: Row) -> None:
    async with house.at_desk("dana") as dana:
        board = await dana.page("/desk/")
        said = await dana.does(f"/desk/alerts/{late['id']}", page="/desk/", letter="y")
    house.stage._deliver()

    assert "Late, outside the window" in board
    assert "is told" in said
    assert house.stage.instant("11:30") == house.job("114-7")["planned_arrival"]
    assert "11:30" in house.stage.last("tina")
    assert "decided" == alert(house, "late_outside")["status"]
    assert ("late_go", "Dana Cole", "desk") in house.events("114-7")


async def test_who_comes_second_is_told_who_was_first(house: House, late: Row) -> None:
    async with house.at_desk("dana") as dana, house.at_desk("carl") as carl:
        await dana.does(f"/desk/alerts/{late['id']}", page="/desk/", letter="a")
        board = await carl.page("/desk/")
        said = await carl.does(f"/desk/alerts/{late['id']}", page="/desk/", letter="a")

    assert "Taken by Dana Cole" in board
    assert "Dana Cole was first" in said


async def test_an_answered_alert_is_not_answered_again(house: House, late: Row) -> None:
    async with house.at_desk("dana") as dana, house.at_desk("carl") as carl:
        form = await carl.keys("/desk/") | {"letter": "n"}
        await dana.does(f"/desk/alerts/{late['id']}", page="/desk/", letter="y")
        answer = await carl.browser.post(f"/desk/alerts/{late['id']}", data=form)
        said = (await carl.browser.get(answer.headers["location"])).text

    assert "Dana Cole answered this meanwhile" in said
    assert "late_stop" not in [event for event, _, _ in house.events("114-7")]


async def test_the_office_answers_what_it_was_not_told(house: House, late: Row) -> None:
    async with house.at_desk("olive") as olive:
        await olive.does(f"/desk/alerts/{late['id']}", page="/desk/", letter="y")

    assert ("late_go", "Olive Park", "desk") in house.events("114-7")
    statuses = house.stage.store.transact(
        lambda tx: tx.all(
            "SELECT status FROM alerts WHERE case_id = :case", {"case": late["case_id"]}
        )
    )
    assert {"decided"} == {row["status"] for row in statuses}


async def test_whoever_takes_it_first_keeps_it_from_the_office_too(house: House, late: Row) -> None:
    async with house.at_desk("dana") as dana, house.at_desk("olive") as olive:
        await dana.does(f"/desk/alerts/{late['id']}", page="/desk/", letter="a")
        said = await olive.does(f"/desk/alerts/{late['id']}", page="/desk/", letter="a")

    assert "Dana Cole was first" in said
    assert "Dana Cole" == alert(house, "late_outside")["acknowledged_by"]


async def test_one_matter_is_shown_once_however_many_were_told(house: House, late: Row) -> None:
    async with house.at_desk("carl") as carl:
        board = await carl.page("/desk/")

    assert 1 == board.count("Late, outside the window")
    assert "Sent to Dana Cole too" in board


async def test_s3_a_deputy_sees_the_team_while_the_manager_is_away_and_no_longer(
    house: House,
) -> None:
    page = f"/desk/people/{house.stage.people['dana']}"
    tinas = f"/desk/jobs/{house.jobs['tina']}"
    async with house.at_desk("dana") as dana, house.at_desk("eve") as eve:
        before = (await eve.get(tinas)).status_code
        said = await dana.does(
            f"{page}/absent", page=page, first="2026-11-23", last="2026-11-23",
            deputy=str(house.stage.people["eve"]),
        )  # fmt: skip
        while_away = (await eve.get(tinas)).status_code
        await dana.does(f"{page}/absent", page=page, back="1")
        after = (await eve.get(tinas)).status_code

    assert "Eve Stone stands in" in said
    assert [404, 200, 404] == [before, while_away, after]


async def test_s3_only_a_manager_or_the_office_stands_in(house: House) -> None:
    page = f"/desk/people/{house.stage.people['dana']}"
    async with house.at_desk("dana") as dana:
        said = await dana.does(
            f"{page}/absent", page=page, first="2026-11-23", last="2026-11-23",
            deputy=str(house.stage.people["bob"]),
        )  # fmt: skip

    assert "nobody else" in said
    assert (
        "" == house.stage.row(lambda tx: people.get(tx, house.stage.people["dana"]))["absent_from"]
    )


@pytest.mark.parametrize(
    ("first", "last", "kept"),
    [("22:00", "07:30", "22:00"), ("", "", ""), ("22:00", "", None), ("25:00", "06:00", None)],
)
async def test_quiet_hours_are_ones_own(
    house: House, first: str, last: str, kept: str | None
) -> None:
    page = f"/desk/people/{house.stage.people['dana']}"
    async with house.at_desk("dana") as dana:
        said = await dana.does(f"{page}/quiet", page=page, **{"from": first, "to": last})

    assert ("Give both hours" in said) == (kept is None)
    assert (kept or "") == house.stage.row(lambda tx: people.get(tx, house.stage.people["dana"]))[
        "quiet_from"
    ]


async def test_the_board_says_until_when_an_alert_is_held_and_what_nobody_was_told(
    house: House, late: Row
) -> None:
    now = house.stage.clock.now()

    def work(tx: Tx) -> None:
        tx.update("alerts", late["id"], held_until=now + HOUR)
        tx.put(
            "timeline", job_id=house.jobs["tina"], person_id=house.stage.people["tina"], at=now,
            told_at=now, event="no_one_told", by="system", detail='{"kind": "silent"}',
        )  # fmt: skip

    house.stage.store.transact(work)
    async with house.at_desk("olive") as olive, house.at_desk("eve") as eve:
        board, others = await olive.page("/desk/"), await eve.page("/desk/")

    assert "held until" in board
    assert "No one could be told" in board
    assert "No one could be told" not in others


async def test_the_board_shows_what_was_said_and_the_severe_first(house: House) -> None:
    house.run_until("07:05", "A 930")
    house.run_until("07:08", "manager a noise in the car")
    house.run_until("07:10", "out")
    house.run_until("07:11", "the car is <dead>")
    async with house.at_desk("dana") as dana:
        board = await dana.page("/desk/")
        job = await dana.page(f"/desk/jobs/{house.jobs['tina']}")

    said = "Open jobs: A 114-7 8:00. Reminders to them have stopped. “the car is &lt;dead&gt;”"
    assert (1, 1) == (board.count(said), job.count(said))
    assert board.index("<b>Technician is out</b>") < board.index("<b>Message</b>")


async def test_the_board_says_what_is_asked_as_the_phone_does(house: House) -> None:
    """The new time, the window and the question; what stands beside it is not said twice."""
    house.run_until("07:05", "A 930")
    house.run_until("08:25", "1", "LATE 1215")
    async with house.at_desk("dana") as dana:
        board = await dana.page("/desk/")

    card = board.partition("Late, outside the window")[2].partition("</li>")[0]
    assert "at <b>12:15</b>; the window is 8:00-11:00. Shall they go?" in card
    assert 1 == card.count("114-7</a>")
    assert "WO 114-7" not in card


async def test_an_address_that_is_no_page_is_answered_by_a_page(house: House) -> None:
    async with house.at_desk("dana") as dana, house.browser() as stranger:
        mine, other = await dana.get("/desk/jbos/1"), await stranger.get("/desk/jbos/1")

    assert (404, 404) == (mine.status_code, other.status_code)
    assert "To today’s board" in mine.text
    assert "default-src" in mine.headers["content-security-policy"]


async def test_what_is_done_with_an_alert_is_in_the_jobs_timeline(house: House) -> None:
    """Taken, asked to call, settled: each with who, when and where it was done."""
    house.run_until("07:31")
    dana_id = house.stage.people["dana"]
    (raised,) = house.stage.store.transact(lambda tx: alerts.open_of(tx, dana_id))
    async with house.at_desk("dana") as dana:
        for letter in "acd":
            await dana.does(f"/desk/alerts/{raised['id']}", page="/desk/", letter=letter)
        shown = await dana.page(f"/desk/jobs/{house.jobs['tina']}")

    done = ["alert_taken", "call_asked", "alert_settled"]
    assert [(event, "Dana Cole", "desk") for event in done] == [
        each for each in house.events("114-7") if each[1] == "Dana Cole"
    ]
    for words in ("Alert taken", "Asked to call", "Alert settled"):
        assert words in shown


async def test_every_act_on_a_job_is_in_its_timeline(house: House) -> None:
    """A step told by phone, a message, the prompt again, reminders held, moved, given away, closed:
    each once, by whoever did it, at the desk."""
    house.run_until("07:20")
    path = f"/desk/jobs/{house.jobs['tina']}"
    acts: tuple[tuple[str, dict[str, str], str], ...] = (
        ("step", {"word": "sent"}, "sent"),
        ("message", {"text": "call me"}, "managers_word"),
        ("ask-again", {}, "asked_again"),
        ("hold", {"until": "9:30"}, "reminders_held"),
        ("move", {"window": "11-14"}, "rescheduled"),
        ("assign", {"technician": str(house.stage.people["bob"])}, "assigned"),
        ("close", {"state": "closed_by_office"}, "closed_by_office"),
    )
    async with house.at_desk("olive") as olive:
        for act, form, _ in acts:
            await olive.does(f"{path}/{act}", page=path, **form)

    mine = [each for each in house.events("114-7") if each[1] == "Olive Park"]
    assert [(event, "Olive Park", "desk") for _, _, event in acts] == mine


async def test_that_nobody_answered_is_shown_to_whom_it_alarms_only(house: House) -> None:
    """The others see the matter itself, once."""
    house.run_until("07:05", "out")
    house.run_until("07:25")
    async with house.at_desk("dana") as dana, house.at_desk("otto") as otto:
        hers, his = await dana.page("/desk/"), await otto.page("/desk/")

    assert (1, 0) == (hers.count("<b>Technician is out</b>"), hers.count("No one has answered"))
    assert "nobody is reminded" in hers
    assert 1 == his.count("No one has answered")


async def test_money_is_decided_at_the_desk_and_not_taken(house: House) -> None:
    house.run_until("07:31", "1")
    house.run_until("08:05", "2", "2")
    house.stage.sends_photo("tina")
    house.stage.says("tina", "1")
    house.run_until("08:40")
    over = alert(house, "no_show_over")
    async with house.at_desk("dana") as dana:
        board = await dana.page("/desk/")

    form = board.split(f'action="/desk/alerts/{over["id"]}"')[1].split("</form>")[0]
    assert "Pay it" in form
    assert "I take it" not in form
