"""People, the ledger, search, lists that leave, and a manifest that is shown before it is taken."""

import csv
import io
import re

import pytest
from openpyxl import load_workbook

from bot.desk.ledger import XLSX
from bot.turns.enrolment import hash_of
from storage import people
from storage.db import Row
from tests.desk.visiting import House

HEAD = "Work Order,Customer,Address,City,State,Zip,Technician,Date,Schedule Notes,Units\n"
ROW = "300-1,Must use the Amazon App Ann Lee,9 Ash St,Troy,NY,12180,{who},11/24/2026,8-11 desk,2\n"


def person(house: House, who: str) -> Row:
    return house.stage.row(lambda tx: people.get(tx, house.stage.people[who]))


def path_of(house: House, who: str) -> str:
    return f"/desk/people/{house.stage.people[who]}"


async def test_s2_an_invitation_is_shown_once_and_kept_as_a_hash(house: House) -> None:
    page = path_of(house, "tina")
    async with house.at_desk("dana") as dana:
        answer = await dana.send(f"{page}/invite", page=page)
        later = await dana.page(page)

    found = re.search(r"https://t\.me/doorstep_bot\?start=([A-Z2-9]{10})", answer.text)
    assert found is not None
    assert "<svg" in answer.text
    assert found[1] not in later
    row = house.stage.row(lambda tx: tx.one("SELECT * FROM invitations"))
    assert hash_of(found[1]) == row["code_hash"]


async def test_s3_whoever_has_another_role_is_not_a_managers_to_invite(house: House) -> None:
    """An invitation would hand the manager that role's desk."""
    house.stage.is_set("tina", "roles", "technician;operator")
    page = path_of(house, "tina")
    async with house.at_desk("dana") as dana:
        assert 404 == (await dana.send(f"{page}/invite")).status_code
        assert 404 == (await dana.send(f"{page}/revoke")).status_code
        assert 404 == (await dana.get(page)).status_code


async def test_an_absence_says_which_jobs_need_somebody_else(house: House) -> None:
    page = path_of(house, "tina")
    async with house.at_desk("dana") as dana:
        said = await dana.does(f"{page}/absent", page=page, first="2026-11-23", last="2026-11-25")
        away = person(house, "tina")["absent_to"]
        back = await dana.does(f"{page}/absent", page=page, back="1")

    assert "1 open jobs of these days need somebody else: 114-7" in said
    assert "2026-11-25" == away
    assert "is here again" in back
    assert "" == person(house, "tina")["absent_from"]


@pytest.mark.parametrize("first", ["", "soon", "2026-13-01"])
async def test_an_absence_needs_a_day(house: House, first: str) -> None:
    page = path_of(house, "tina")
    async with house.at_desk("dana") as dana:
        said = await dana.does(f"{page}/absent", page=page, first=first)

    assert "Give the first day away" in said
    assert "" == person(house, "tina")["absent_from"]


async def test_a_channel_that_nobody_joined_by_cannot_be_chosen(house: House) -> None:
    page = path_of(house, "tina")
    async with house.at_desk("dana") as dana:
        said = await dana.does(f"{page}/channel", page=page, channel="sms")
        await dana.does(f"{page}/channel", page=page, channel="telegram")

    assert "has not joined by SMS" in said
    assert ("telegram", "telegram") == (
        person(house, "tina")["preferred"],
        person(house, "tina")["channel"],
    )


async def test_a_revoked_technician_is_a_stranger_until_invited_again(house: House) -> None:
    page = path_of(house, "tina")
    async with house.at_desk("dana") as dana:
        said = await dana.does(f"{page}/revoke", page=page)
    heard = len(house.stage.heard)
    house.stage.says("tina", "1")

    assert "reached nowhere now" in said
    assert "" == person(house, "tina")["channel"]
    told = [text for _, text in house.stage.heard[heard:]]
    assert [] == [text for text in told if "114-7" in text]


async def test_a_revoked_manager_is_signed_out_everywhere(house: House) -> None:
    page = path_of(house, "dana")
    async with house.at_desk("otto") as otto, house.at_desk("dana") as dana:
        link = house.link("dana")
        await otto.does(f"{page}/revoke", page=page)

        assert 401 == (await dana.get("/desk/")).status_code
        assert 404 == (await dana.browser.post(link)).status_code


def owe(house: House, *, who: str = "tina", units: str = "1.2", rule: str = "A42") -> None:
    house.stage.store.transact(
        lambda tx: tx.put(
            "fees", job_id=house.jobs[who], slot=rule, reason="failed_visit", units=units,
            status="owed", rule=rule, evidence="{}", at=house.stage.clock.now(),
        )
    )  # fmt: skip


async def test_the_ledger_shows_what_waits_and_its_sum(house: House) -> None:
    owe(house)
    owe(house, units="0.8", rule="A47")
    async with house.at_desk("dana") as dana:
        waiting = await dana.page("/desk/ledger")
        approved = await dana.page("/desk/ledger?status=approved")

    assert "2 fees, 2.0 units" in waiting
    assert "No such fees" in approved


async def test_a_fee_is_decided_in_the_ledger(house: House) -> None:
    owe(house)
    async with house.at_desk("dana") as dana:
        said = await dana.does("/desk/fees/1", page="/desk/ledger", status="refused", was="owed")

    assert "1.2 units for 114-7: refused." in said


async def test_s6_lists_that_leave_hold_no_formula(house: House) -> None:
    owe(house, rule='=HYPERLINK("x")')
    house.stage.store.transact(
        lambda tx: tx.run("UPDATE work_orders SET customer = '=1+1' WHERE number = '114-7'")
    )
    async with house.at_desk("dana") as dana:
        listed, book, jobs = [
            await dana.get(f"/desk/{name}") for name in ("ledger.csv", "ledger.xlsx", "jobs.csv")
        ]

    for answer in (listed, jobs):
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert len(rows) == 2
        assert [] == [cell for row in rows for cell in row if cell.startswith("=")]
        assert "attachment" in answer.headers["content-disposition"]
    assert XLSX == book.headers["content-type"]
    sheet = load_workbook(io.BytesIO(book.content)).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    assert '\'=HYPERLINK("x")' in {cell.value for cell in cells}


async def test_a_job_is_found_by_what_people_know_of_it(any_house: House) -> None:
    phone = person(any_house, "tina")["phone"]
    known = (
        "114-7",
        "s-9",
        "montgomery",
        "ELM",
        "tina",
        "4-7",
        phone[2:],
        f"({phone[-7:-4]}) {phone[-4:]}",
    )
    async with any_house.at_desk("dana") as dana:
        pages = {typed: await dana.page(f"/desk/search?q={typed}") for typed in known}

    link = f"/desk/jobs/{any_house.jobs['tina']}"
    assert [] == [typed for typed, text in pages.items() if link not in text]


@pytest.mark.parametrize("typed", ["%", "_", "'; DROP TABLE jobs", "<i>", "", "\x00"])
async def test_odd_searches_find_nothing_and_break_nothing(house: House, typed: str) -> None:
    async with house.at_desk("dana") as dana:
        answer = await dana.browser.get("/desk/search", params={"q": typed})

    assert 200 == answer.status_code
    assert "<i>" not in answer.text
    assert "/desk/jobs/1" not in answer.text


async def test_a_manifest_is_shown_first_and_written_only_when_confirmed(house: House) -> None:
    async with house.at_desk("otto") as otto:
        file = {"file": ("monday.csv", (HEAD + ROW.format(who="Tina Abernathy")).encode())}
        answer = await otto.send("/desk/manifest", page="/desk/manifest", files=file)
        preview = answer.headers["location"]
        shown = await otto.page(preview)
        before = orders(house)
        print_ = re.findall('name="print" value="([^"]+)"', shown)[0]
        said = await otto.does(preview, page=preview, print=print_)

    assert "<b>1</b> new" in shown
    assert [] == before
    assert "The manifest is in: 1 new" in said
    assert ["300-1"] == orders(house)
    assert 0 == house.stage.row(lambda tx: tx.one("SELECT count(*) AS n FROM desk_files"))["n"]


def orders(house: House) -> list[str]:
    rows = house.stage.store.transact(
        lambda tx: tx.all("SELECT number FROM work_orders WHERE number LIKE '300%'")
    )
    return [row["number"] for row in rows]


async def test_a_manifest_with_a_fault_says_where_and_writes_nothing(house: House) -> None:
    async with house.at_desk("otto") as otto:
        file = {"file": ("bad.csv", (HEAD + ROW.format(who="Nobody Known")).encode())}
        answer = await otto.send("/desk/manifest", page="/desk/manifest", files=file)
        shown = await otto.page(answer.headers["location"])
        await otto.send(answer.headers["location"], page="/desk/manifest", print="x")

    assert "Row 2" in shown
    assert "Nothing would be imported" in shown
    assert [] == orders(house)


async def test_a_manifest_with_a_fault_shows_what_would_come_in_without_it(house: House) -> None:
    rows = ROW.format(who="Nobody Known") + ROW.format(who="Tina Abernathy").replace(
        "300-1", "300-2"
    )
    async with house.at_desk("otto") as otto:
        file = {"file": ("mixed.csv", (HEAD + rows).encode())}
        answer = await otto.send("/desk/manifest", page="/desk/manifest", files=file)
        shown = await otto.page(answer.headers["location"])

    assert "<b>1</b> new" in shown
    assert "<b>1</b> to mend" in shown
    assert "Counted without the 1 to mend, which stops the whole file" in shown
    assert "take only its good rows" in shown
    assert [] == orders(house)


async def test_a_manifest_is_not_taken_if_it_would_do_something_else_meanwhile(
    house: House,
) -> None:
    async with house.at_desk("otto") as otto:
        file = {"file": ("monday.csv", (HEAD + ROW.format(who="Tina Abernathy")).encode())}
        answer = await otto.send("/desk/manifest", page="/desk/manifest", files=file)
        preview = answer.headers["location"]
        said = await otto.does(preview, page="/desk/manifest", print="something else")

    assert "would change something else" in said
    assert [] == orders(house)


async def test_s6_an_upload_that_is_too_large_is_not_read(house: House) -> None:
    async with house.at_desk("otto") as otto:
        file = {"file": ("big.csv", b"x" * (9 * 1024 * 1024))}
        answer = await otto.send("/desk/manifest", page="/desk/manifest", files=file)

    assert 404 == answer.status_code
    assert 0 == house.stage.row(lambda tx: tx.one("SELECT count(*) AS n FROM desk_files"))["n"]


async def test_every_list_is_drawn_on_either_database(any_house: House) -> None:
    owe(any_house)
    async with any_house.at_desk("otto") as otto:
        for path in ("", "people", "ledger?status=", "ledger.csv", "exports", "jobs.csv", "me",
                     "figures", f"people/{any_house.stage.people['tina']}"):  # fmt: skip
            assert 200 == (await otto.get(f"/desk/{path}")).status_code, path


@pytest.mark.parametrize("mail_on", [True, False])
async def test_the_board_says_why_mails_wait(house: House, mail_on: bool) -> None:
    house.stage.store.transact(
        lambda tx: tx.put(
            "outbox", channel="email", address="office", job_id=house.jobs["tina"], kind="mail",
            lane=1, payload='{"to": [], "cc": [], "photos": []}', status="held",
            created_at=house.stage.clock.now(), due_at=house.stage.clock.now(),
        )
    )  # fmt: skip
    house.let_mail(on=mail_on)
    async with house.at_desk("dana") as dana, house.at_desk("eve") as eve:
        mine, others = await dana.page("/desk/"), await eve.page("/desk/")

    assert "1 mail waits" in mine
    assert ("doctor --confirm-contacts" in mine, "SMTP_URL" in mine) == (mail_on, not mail_on)
    assert "1 mail waits" not in others


async def test_a_manager_sees_how_far_somebody_is_and_says_what_is_done(house: House) -> None:
    page = path_of(house, "tina")
    house.stage.plays("11:59 SETUP", "11:59 1")
    async with house.at_desk("dana") as dana:
        before, listed = await dana.page(page), await dana.page("/desk/people")
        said = await dana.does(f"{page}/setup", page=page, program="apollo", do="videos")
        trained = await dana.does(f"{page}/setup", page=page, program="apollo", do="ready")
        listed_then = await dana.page("/desk/people")

    assert "Getting ready for apollo" in before
    assert "getting ready, apollo: 0 of 6" in listed
    assert "Let them begin with mila" in before
    assert "1 of 6" in said
    assert "trained" in trained
    assert "apollo: " not in listed_then
    found = house.stage.store.transact(
        lambda tx: tx.all("SELECT by, channel, detail FROM timeline WHERE event = 'setup'")
    )
    assert [("Dana Cole", "desk")] * 2 == [(r["by"], r["channel"]) for r in found][-2:]


async def test_who_is_to_begin_at_the_desks_word_is_asked_on_the_phone(house: House) -> None:
    house.stage.enrol("Nina Ruiz", dm=house.stage.people["dana"])
    page = path_of(house, "nina")
    async with house.at_desk("dana") as dana:
        said = await dana.does(f"{page}/setup", page=page, program="apollo", do="start")
    house.stage.forward("12:30")

    assert "Nina begins" in said
    assert "Let's get you ready" in house.stage.last("nina")


@pytest.mark.parametrize("who", ["tina", "olive"])
async def test_s5_nobody_decides_about_their_own_fee(house: House, who: str) -> None:
    roles = "technician;manager" if who == "tina" else "technician;office"
    house.stage.is_set(who, "roles", roles)
    number = house.stage.order("300-1", "14:00", "17:00", who=who)
    house.jobs[who] = number
    owe(house, who=who)
    async with house.at_desk(who) as own, house.at_desk("otto") as otto:
        send = {"status": "approved", "was": "owed"}
        refused = await own.does("/desk/fees/1", **send)
        approved = await otto.does("/desk/fees/1", page="/desk/ledger", **send)

    assert "This fee is your own" in refused
    assert "1.2 units for 300-1: approved" in approved
