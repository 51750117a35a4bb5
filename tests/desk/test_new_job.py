"""NEW at the desk: a manager notes a request for a technician, through NEW's own door (M02)."""

from typing import Any

import pytest

from tests.desk.visiting import House

FORM = {
    "program": "mila", "order": "8841", "day": "2026-11-24", "time": "14:00",
    "place": "12 High St, Leeds",
}  # fmt: skip


@pytest.fixture
def mia(house: House) -> str:
    """Dana's technician for mila, who lives in the UK; her id as a form has it."""
    dana = house.stage.people["dana"]
    return str(house.stage.enrol("Mia Turner", dm=dana, program="mila", timezone="Europe/London"))


async def give(house: House, who: str, technician: str, **form: Any) -> str:
    async with house.at_desk(who) as visit:
        said = await visit.does(
            "/desk/new", page="/desk/new", **FORM | {"technician": technician} | form
        )
    house.stage._deliver()
    return said


async def test_m02_a_request_noted_at_the_desk_is_the_technicians_job(
    house: House, mia: str
) -> None:
    said = await give(house, "dana", mia)

    job = house.job("8841")
    assert "8841 is noted; Mia Turner is told." in said
    assert ("accept", int(mia), "2026-11-24") == (job["state"], job["technician_id"], job["day"])
    assert 14 * 3_600_000 == job["window_start"] % 86_400_000  # two o'clock in the UK
    assert [("new", "Dana Cole", "desk")] == house.events("8841")
    heard = house.stage.last("mia")
    assert heard.index("Dana Cole") < heard.index("8841")
    assert "Tue 24 Nov" in heard
    assert "accept it there" in heard


async def test_m02_the_technician_goes_on_with_it(house: House, mia: str) -> None:
    await give(house, "dana", mia)
    house.stage.says("mia", "1")

    assert "wait_app" == house.job("8841")["state"]


async def test_m02_what_was_accepted_already_is_not_asked_again(house: House, mia: str) -> None:
    await give(house, "dana", mia, accepted="1", customer="Harriet Cole", phone="0113 496 0141")

    job = house.job("8841")
    assert ("wait_app", "Harriet Cole", "+441134960141") == (
        job["state"], job["customer"], job["phone"],
    )  # fmt: skip
    assert "I ask then" in house.stage.last("mia")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"order": "none"}, "one word with a digit"),
        ({"order": "88 41"}, "one word with a digit"),
        ({"day": "2026-11-20"}, "That is over"),
        ({"day": "2031-01-01"}, "more than a year ahead"),
        ({"time": "soon"}, "Give its day and its time"),
        ({"place": "  "}, "Write where it is"),
        ({"program": "apollo"}, "Choose whose request it is"),
        ({"technician": ""}, "Choose who takes it"),
        ({"phone": "12"}, "no such number"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_stays(
    house: House, mia: str, wrong: dict[str, str], why: str
) -> None:
    form = FORM | {"technician": mia, "product": "TV wall mount"} | wrong
    async with house.at_desk("dana") as dana:
        answer = await dana.send("/desk/new", page="/desk/new", **form)

    assert 422 == answer.status_code
    assert why in answer.text
    assert 'value="TV wall mount"' in answer.text
    assert not house.stage.store.transact(lambda tx: tx.all("SELECT 1 AS x FROM timeline WHERE event = 'new'"))  # fmt: skip


async def test_a_known_order_is_not_noted_twice(house: House, mia: str) -> None:
    await give(house, "dana", mia)
    async with house.at_desk("olive") as olive:
        answer = await olive.send("/desk/new", page="/desk/new", **FORM | {"technician": mia})

    assert "8841 is known already" in answer.text


async def test_s3_a_job_is_noted_for_the_own_team_only(house: House, mia: str) -> None:
    async with house.at_desk("eve") as eve:
        page = await eve.page("/desk/new")
        answer = await eve.send("/desk/new", page="/desk/new", **FORM | {"technician": mia})

    assert "Mia Turner" not in page
    assert 404 == answer.status_code


async def test_a_job_without_a_customers_name_is_called_by_its_street(
    house: House, mia: str
) -> None:
    await give(house, "dana", mia)
    async with house.at_desk("dana") as dana:
        board = await dana.page("/desk/?day=2026-11-24")
        page = await dana.page(f"/desk/jobs/{house.job('8841')['id']}")

    assert "<b>12 High St, Leeds</b>" in board
    assert "no time told yet" not in board  # nobody is asked when they will be there
    assert "<h1>12 High St, Leeds <small>8841</small></h1>" in page


async def test_the_board_offers_it_where_somebody_takes_requests(house: House, mia: str) -> None:
    found = {}
    for who in ("dana", "eve", "olive"):
        async with house.at_desk(who) as visit:
            found[who] = 'href="/desk/new"' in await visit.page("/desk/")

    assert {"dana": True, "eve": False, "olive": True} == found


async def test_m02_whoever_gave_it_hears_that_it_is_not_accepted_or_declined(
    house: House, mia: str
) -> None:
    await give(house, "dana", mia, day="2026-11-23", time="16:00")  # eleven in New York
    house.stage.forward("10:01")
    assert "Not accepted yet" in house.stage.last("dana")

    house.stage.says("mia", "3")
    assert "cancelled" == house.job("8841")["state"]
    assert "Declined" in house.stage.last("dana")
