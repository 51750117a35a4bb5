"""What is done at the desk: by whom, once, and not to what stands otherwise meanwhile."""

import asyncio
import json
import re
from typing import Any

import pytest

from bot.desk.words import seen_of
from bot.papers.links import prepare
from storage import timers
from storage.db import Tx
from tests.desk.visiting import House


@pytest.fixture
def page(house: House) -> str:
    """Tina's first job, at whose door she stands at 9:25."""
    house.run_until("07:05", "A 930")
    house.run_until("08:25", "1")
    house.run_until("09:25", "1")
    assert "start" == house.job("114-7")["state"]
    return f"/desk/jobs/{house.jobs['tina']}"


async def test_a_message_is_heard_in_the_managers_name(house: House, page: str) -> None:
    async with house.at_desk("dana") as dana:
        said = await dana.does(f"{page}/message", page=page, text="Use the  back door <b>")
    house.stage._deliver()

    assert "on its way to Tina" in said
    assert "Dana Cole</b>: Use the back door &lt;b&gt;" in house.stage.last("tina")
    assert ("managers_word", "Dana Cole", "desk") in house.events("114-7")
    assert house.woken == 1


async def test_p2_the_same_form_twice_acts_once(house: House, page: str) -> None:
    async with house.at_desk("dana") as dana:
        form = await dana.keys(page) | {"text": "Call me"}
        headers = {"referer": f"http://desk.test{page}"}
        sent = [dana.browser.post(f"{page}/message", data=form, headers=headers) for _ in range(3)]
        answers = await asyncio.gather(*sent)
    house.stage._deliver()

    assert {303} == {answer.status_code for answer in answers}
    assert 1 == sum("Call me" in text for who, text in house.stage.heard if who == "tina")
    assert 1 == [event for event, _, _ in house.events("114-7")].count("managers_word")


async def test_a_step_told_by_phone_moves_the_job_and_says_who_told(
    house: House, page: str
) -> None:
    async with house.at_desk("dana") as dana:
        said = await dana.does(f"{page}/step", page=page, word="started", at="9:20")
    house.stage._deliver()

    assert "now at: IVR sign-in" in said
    assert "ivr_in" == house.job("114-7")["state"]
    assert ("started", "Dana Cole", "desk") in house.events("114-7")
    assert "4/11" in house.stage.last("tina")


async def test_what_moved_on_meanwhile_is_not_acted_on(house: House, page: str) -> None:
    async with house.at_desk("dana") as dana:
        form = await dana.keys(page) | {"word": "missed"}
        house.stage.says("tina", "1")
        answer = await dana.browser.post(f"{page}/step", data=form)
        said = (await dana.browser.get(answer.headers["location"])).text

    assert "moved on while you looked, to: IVR sign-in" in said
    assert "ivr_in" == house.job("114-7")["state"]
    assert "missed" not in [event for event, _, _ in house.events("114-7")]


@pytest.mark.parametrize(
    ("act", "form"),
    [
        ("close", {"state": "closed_by_office"}),
        ("move", {"day": "2026-11-25", "window": ""}),
        ("assign", {"technician": "8"}),
    ],
)
async def test_no_order_is_given_on_an_old_view(
    house: House, page: str, act: str, form: dict[str, str]
) -> None:
    async with house.at_desk("olive") as olive:
        keys = await olive.keys(page)
        house.stage.says("tina", "1")
        before = house.job("114-7")
        await olive.browser.post(f"{page}/{act}", data=keys | form)

    assert before == house.job("114-7")


async def test_a_job_is_given_to_somebody_of_the_team_only(house: House, page: str) -> None:
    bob = str(house.stage.people["bob"])
    async with house.at_desk("dana") as dana:
        assert 404 == (await dana.send(f"{page}/assign", page=page, technician=bob)).status_code
    async with house.at_desk("carl") as carl:
        said = await carl.does(f"{page}/assign", page=page, technician=bob)

    assert "Bob Okafor" in said
    assert house.stage.people["bob"] == house.job("114-7")["technician_id"]


async def test_whoever_gave_a_job_away_sees_it_no_more(house: House, page: str) -> None:
    async with house.at_desk("olive") as olive, house.at_desk("dana") as dana:
        await olive.does(f"{page}/assign", page=page, technician=str(house.stage.people["bob"]))
        new = house.job("114-7")["id"]

        assert 404 == (await dana.get(f"/desk/jobs/{new}")).status_code


async def test_a_job_is_moved_to_another_day(house: House) -> None:
    page = f"/desk/jobs/{house.jobs['tina']}"
    async with house.at_desk("dana") as dana:
        said = await dana.does(f"{page}/move", page=page, day="2026-11-24", window="11-14")

    assert "114-7 is on Tue Nov 24, 11 AM – 2 PM." in said
    assert "2026-11-24" == house.job("114-7")["day"]


async def test_a_refusal_is_said_and_changes_nothing(house: House, page: str) -> None:
    before = house.job("114-7")
    async with house.at_desk("dana") as dana:
        said = await dana.does(f"{page}/move", page=page, day="2026-11-20", window="")
        nothing = await dana.does(f"{page}/message", page=page, text="   ")

    assert "is over: give a time that is still to come" in said
    assert "Write what the technician should read" in nothing
    assert before == house.job("114-7")


async def test_a_job_is_closed_by_the_office(house: House, page: str) -> None:
    async with house.at_desk("olive") as olive:
        await olive.does(f"{page}/close", page=page, state="closed_by_office")

    assert "closed_by_office" == house.job("114-7")["state"]
    assert ("closed_by_office", "Olive Park", "desk") in house.events("114-7")


async def test_the_prompt_is_sent_again(house: House, page: str) -> None:
    before = house.stage.last("tina")
    async with house.at_desk("dana") as dana:
        await dana.does(f"{page}/ask-again", page=page)
    house.stage._deliver()

    assert before.endswith(house.stage.last("tina"))
    assert ("asked_again", "Dana Cole", "desk") in house.events("114-7")


async def test_reminders_are_held_and_ring_later(house: House, page: str) -> None:
    async with house.at_desk("dana") as dana:
        said = await dana.does(f"{page}/hold", page=page, until="10:30")
    heard = len(house.stage.heard)
    house.stage.forward("10:29")
    quiet = len(house.stage.heard) - heard
    house.stage.forward("10:31")

    assert "No reminder before 10:30 AM." in said
    assert 0 == quiet
    assert len(house.stage.heard) > heard


async def test_the_clock_of_a_no_show_cannot_be_held(house: House, page: str) -> None:
    for text in ("2", "2"):
        house.stage.says("tina", text)
    house.stage.sends_photo("tina")
    house.stage.says("tina", "1")

    def due(tx: Tx) -> list[tuple[str, int]]:
        rows = timers.of_job(tx, house.jobs["tina"])
        return [(row["name"], row["due_at"]) for row in rows if row["name"].startswith("no_show")]

    before = house.stage.store.transact(due)
    async with house.at_desk("dana") as dana:
        await dana.does(f"{page}/hold", page=page, until="3 h")

    assert before
    assert before == house.stage.store.transact(due)


async def test_a_fee_is_approved_once_and_by_whoever_sees_it_as_it_is(house: House) -> None:
    page, fee = owed(house)
    async with house.at_desk("dana") as dana, house.at_desk("carl") as carl:
        late = await carl.keys(page)
        said = await dana.does(f"/desk/fees/{fee}", page=page, status="approved", was="owed")
        answer = await carl.browser.post(
            f"/desk/fees/{fee}", data=late | {"status": "refused", "was": "owed"}
        )
        told = (await carl.browser.get(answer.headers["location"])).text

    assert "approved" in said
    assert "This fee is approved meanwhile" in told
    row = house.stage.row(lambda tx: tx.one("SELECT * FROM fees"))
    assert ("approved", "Dana Cole") == (row["status"], row["decided_by"])


def owed(house: House) -> tuple[str, int]:
    """A trip charge for Tina's job: its page, its id."""
    job = house.jobs["tina"]
    fee = house.stage.store.transact(
        lambda tx: tx.insert(
            "fees", job_id=job, slot="visit", reason="trip_charge", units="1.2", status="owed",
            rule="A47", evidence="{}", at=house.stage.clock.now(),
        )
    )  # fmt: skip
    return f"/desk/jobs/{job}", fee


async def test_every_act_is_kept_with_who_when_and_what(house: House, page: str) -> None:
    async with house.at_desk("dana") as dana:
        await dana.does(f"{page}/message", page=page, text="Hello")

    row = house.stage.row(lambda tx: tx.one("SELECT * FROM inbox WHERE channel = 'desk'"))
    kept = json.loads(row["payload"])
    assert house.stage.people["dana"] == row["person_id"]
    assert house.stage.clock.now() == row["received_at"]
    assert ("job.message", f"{page}/message", "Hello") == (
        kept["route"], kept["path"], kept["form"]["text"],
    )  # fmt: skip
    assert "csrf" not in kept["form"]


async def test_a_job_is_seen_with_all_that_happened(any_house: House) -> None:
    house = any_house
    house.stage.forward("07:05")
    house.stage.says("tina", "A 930", payload=json.dumps({"message": {"text": "A 930"}}))
    house.run_until("08:25", "1")
    async with house.at_desk("dana") as dana:
        text = await dana.page(f"/desk/jobs/{house.jobs['tina']}")

    for said in ("Carla Montgomery-Hernandez", "on the way", "ETA sent", "due 9:30 AM", "A 930"):
        assert said in text, said


async def test_s4_a_link_to_somebodys_desk_is_never_shown(house: House) -> None:
    house.stage.store.transact(lambda tx: prepare(tx, "http://desk.test"))
    house.stage.is_set("tina", "roles", "technician;manager")
    house.stage.says("tina", "DESK")
    assert "/desk/in/" in house.stage.last("tina")
    async with house.at_desk("dana") as dana:
        text = await dana.page(f"/desk/jobs/{house.jobs['tina']}")

    assert "/desk/in/" not in text


async def test_what_a_technician_writes_is_shown_as_text(house: House) -> None:
    house.stage.says(
        "tina",
        "<script>alert(1)</script>",
        payload=json.dumps({"message": {"text": "<script>alert(1)</script>"}}),
    )
    async with house.at_desk("dana") as dana:
        text = await dana.page(f"/desk/jobs/{house.jobs['tina']}")

    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


async def test_p7_a_photo_is_shown_without_what_the_camera_wrote(house: House) -> None:
    path = await asyncio.to_thread(house.keep_picture)

    def work(tx: Tx) -> int:
        now: Any = house.stage.clock.now()
        return tx.insert(
            "photos", person_id=house.stage.people["tina"], job_id=house.jobs["tina"], kind="door",
            channel="sms", source="{}", status="stored", path=path, announced_at=now,
            received_at=now, next_try_at=now,
        )  # fmt: skip

    photo = house.stage.store.transact(work)
    async with house.at_desk("dana") as dana:
        large, small = [await dana.get(f"/desk/photos/{photo}{end}") for end in ("", "/small")]

    for answer in (large, small):
        assert "image/jpeg" == answer.headers["content-type"]
        assert "nosniff" == answer.headers["x-content-type-options"]
        assert b"42.7284" not in answer.content
    assert len(small.content) < len(large.content)


async def test_s3_a_browser_asks_whether_it_may_show_a_photo_still(house: House) -> None:
    """Two people may share it, and a right may be taken away."""
    path = await asyncio.to_thread(house.keep_picture)
    photo = house.stage.store.transact(
        lambda tx: tx.insert(
            "photos", person_id=house.stage.people["tina"], job_id=house.jobs["tina"], kind="door",
            channel="sms", source="{}", status="stored", path=path, announced_at=1,
            received_at=1, next_try_at=1,
        )
    )  # fmt: skip
    async with house.at_desk("dana") as dana, house.at_desk("eve") as eve:
        for page in (f"/desk/photos/{photo}", f"/desk/photos/{photo}/small"):
            first = await dana.get(page)
            known = {"if-none-match": first.headers["etag"]}
            again = await dana.browser.get(page, headers=known)
            others = await eve.browser.get(page, headers=known)

            assert "private, no-cache" == first.headers["cache-control"]
            assert (304, b"") == (again.status_code, again.content)
            assert 404 == others.status_code


def test_a_form_sees_where_whose_and_when() -> None:
    job = {"since": 4, "technician_id": None, "window_start": 5, "is_open": True}

    assert len({seen_of(job | change) for change in (
        {}, {"since": 5}, {"technician_id": 2}, {"window_start": 6}, {"is_open": False},
    )}) == 5  # fmt: skip


async def test_a_step_that_a_case_left_undone_does_not_look_done(house: House, page: str) -> None:
    for text in ("2", "2"):
        house.stage.says("tina", text)
    house.stage.sends_photo("tina")
    house.stage.says("tina", "1")
    house.stage.forward("10:00")
    async with house.at_desk("dana") as dana:
        text = await dana.page(page)

    done = re.findall(r'<li class="done"[^>]*>.*?</span> ([^<]+)', text)
    assert ["send the ETA", "on the way"] == done
    assert "{" not in text
