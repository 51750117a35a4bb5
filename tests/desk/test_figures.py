"""What the figures count, for whom, and what is taken along."""

import csv
import io

from tests.desk.visiting import House

DAYS = "from=2026-11-23&to=2026-11-23"


async def taken(house: House, who: str, figure: str, more: str = "") -> list[list[str]]:
    """A figure's rows as its CSV has them."""
    async with house.at_desk(who) as visit:
        answer = await visit.get(f"/desk/figures/export?figure={figure}&{DAYS}{more}")
        assert f"{figure}-2026-11-23-2026-11-23.csv" in answer.headers["content-disposition"]
        return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_who_came_in_the_window_and_who_after_it(house: House) -> None:
    house.stage.plays("06:45 1", "08:10 1", who="tina")
    house.stage.plays("11:20 1", "11:21 1", who="bob")

    assert [["2026-11-23", "1", "1", "0", "50 %"]] == (await taken(house, "olive", "on-time"))[1:]


async def test_s3_a_manager_counts_their_own_technicians_only(house: House) -> None:
    house.stage.plays("06:45 1", "08:10 1", who="tina")
    house.stage.plays("11:20 1", "11:21 1", who="bob")

    assert [["2026-11-23", "1", "0", "0", "100 %"]] == (await taken(house, "dana", "on-time"))[1:]
    assert [["2026-11-23", "0", "1", "0", "0 %"]] == (await taken(house, "eve", "on-time"))[1:]
    assert [] == (await taken(house, "max", "on-time"))[1:]
    assert [] == (await taken(house, "max", "messages"))[1:]


async def test_how_long_a_step_takes_is_counted_from_the_one_before(house: House) -> None:
    house.stage.plays("06:45 1", "08:00 1", "08:04 1", "08:10 1", "09:00 1", who="tina")

    rows = {row[0]: row[1:] for row in await taken(house, "dana", "step-times")}
    assert ["4", "4", "1"] == rows["Start Job"]
    assert ["50", "50", "1"] == rows["building"]


async def test_cases_are_counted_by_visit(house: House) -> None:
    house.stage.plays("06:45 1", "08:10 1", "08:11 nobody home", who="tina")

    assert [["Nobody home", "1", "100 %"]] == (await taken(house, "dana", "cases"))[1:]


async def test_what_messages_cost_follows_from_the_price_that_was_typed(house: House) -> None:
    house.stage.enrol("Sue Texts", dm=house.stage.people["dana"], channel="sms")
    house.stage.order("300-1", "11:00", "14:00", who="sue")
    house.stage.plays("06:45 A 1130", who="sue")

    rows = {row[0]: row[1:] for row in await taken(house, "dana", "messages", "&price=0,01")}
    left, failed, parts, cost = rows["SMS, reply"]
    assert ("1", "0", f"{int(parts) / 100:g}") == (left, failed, cost)


async def test_the_page_shows_every_figure_and_survives_odd_days(house: House) -> None:
    house.stage.plays("06:45 1", "08:10 1", who="tina")
    async with house.at_desk("dana") as visit:
        page = await visit.page(f"/desk/figures?{DAYS}&price=0.01")
        odd = await visit.page("/desk/figures?from=x&to=2026-11-01&price=nan")
        turned = await visit.page("/desk/figures?from=2026-11-24&to=2026-11-01&price=-1")

    assert 'class="good" x="0.0" width="100.0"' in page
    assert "100 % of the arrivals lay within the window." in page
    assert "No visits in these days." in odd
    assert 'value="2026-11-01"' in turned
