"""Every escalation over the wires, half on Telegram, half by text, in one served day; the office's
mails as they arrive in a real mail server: who gets them, what hangs together, what is attached."""

import asyncio
import hashlib
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.operator.views import whole
from bot.pictures.photo_quality import ALIKE, distance, judge
from bot.rehearsal.carriers.mailbox import Mail
from bot.rehearsal.pictures import sample
from storage import jobs as visits
from storage.db import Store
from tests.carriers.judges import judge_botapi, judge_twilio
from tests.wire.running import Running, hears

pytestmark = pytest.mark.slow

OFFICE, MANAGERS = "amazon@apolloretail.com", ("dana@example.org", "carl@example.org")
SAM = "Sam Short,technician,+12125550102,sam@example.org,Dana Cole,Carl Stone,own"
BUCKETS = ("8-11", "11-2", "2-5", "5-8")
ORDER = "{number},S-9,MUST USE THE AMAZON APP Carla Montgomery,12 Elm St,Troy,NY,12180,{who},2026-11-23,{bucket} TV stand,2.0,60"
HEAD = (
    "Work Order,Shift,Customer,Address,City,State,Zip,Technician,Date,Schedule Notes,Units,Minutes"
)


def taken(name: str, stamp: str, form: str = "JPEG", side: int = 1280) -> bytes:
    """A sample as a phone's camera stores it: on its side, with the place it was taken at."""
    with Image.open(io.BytesIO(sample(name, stamp))) as upright:
        size = (side * 3 // 4, side)
        lying = upright.resize(size).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # turned back to look at it
    exif[0x010E] = "Tina's door"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (40.0, 42.0, 46.0)
    out = io.BytesIO()
    lying.save(out, form, exif=exif)
    return out.getvalue()


def night(size: tuple[int, int] = (960, 1280)) -> bytes:
    """A photo on which nothing can be seen."""
    out = io.BytesIO()
    Image.new("RGB", size).save(out, "JPEG")
    return out.getvalue()


@dataclass
class Case:
    """One work order: what is said and answered, and the mails that the office must have."""

    number: str
    at: str
    lines: Sequence[tuple[str | bytes | list[bytes], str]]
    ends: str
    mails: Sequence[tuple[str, int]]
    fees: Sequence[tuple[str, str]] = ()
    shows: str = ""
    """The sample that its pictures were taken of."""
    sent: list[bytes] = field(default_factory=list)


BEGIN = (("DONE 4", "[Ww]hen did you get"), ("now", "sign in"), ("now", "5/11"))
LEAVE = (("1", "Mars"), ("1", ""))
"""Signed out, and reported."""

ON_TELEGRAM = (
    Case(
        "201-1", "08:05",
        (
            *BEGIN, ("issue", "What is wrong"), ("5", "parts are missing"),
            ("hinge C, 2 bolts", "photos"),
            (taken("damage", "8:06", side=2400), "More"), (taken("damage", "8:07", "WEBP"), "More"),
            ("1", "Ask the customer"), ("7", "1 of 3"), ("1", "2 of 3"), ("1", "3 of 3"),
            ("1", "how much"), ("6", "10/11"), *LEAVE,
        ),
        "left_open",
        (("Missing parts: WO 201-1, shift S-9", 2),
         ("Missing parts, left open: WO 201-1, shift S-9", 2)),
        (("1.2", "trip_charge"),), "damage",
    ),
    Case(
        "201-2", "11:05",
        (
            ("DONE 6", "[Ww]hen did you get"), ("now", "sign in"), ("now", "7/11"),
            ("issue", "What is wrong"), ("1", "try once more"), ("6", "Manual POS"),
            ("1", "photo of the filled form"), (taken("form", "11:20", "PNG"), "10/11"), *LEAVE,
        ),
        "reported",
        (("App issue: WO 201-2, shift S-9", 0), ("Manual POS form: WO 201-2, shift S-9", 1)),
        shows="form",
    ),
    Case(
        "201-3", "14:05",
        (
            *BEGIN, ("issue", "What is wrong"), ("7", "on top"), ("two shelves", "855-836-3483"),
            ("1", "extra price"), ("$45, 1.5 units", "First build"), ("1", "original estimate"),
            ("2", "build the extra"), ("1", "6/11"), ("1", "7/11"), ("1", "8/11"), ("1", "9/11"),
            ("1", "10/11"), *LEAVE,
        ),
        "reported",
        (("More Work than Scoped", 0), ("More work built: WO 201-3, shift S-9", 0)),
        (("1.5", "extra_work"),),
    ),
    Case(
        "201-4", "17:05",
        (
            *BEGIN, ("issue", "What is wrong"), ("3", "What is it"), ("6", "photo"),
            (taken("damage", "17:06"), "Call Dana"), ("1", "10/11"), *LEAVE,
        ),
        "left_open",
        (("Nothing to build, product partly delivered: WO 201-4, shift S-9", 1),),
        (("1.2", "trip_charge"),), "damage",
    ),
)  # fmt: skip
BY_TEXT = (
    Case(
        "202-1", "08:05",
        (
            *BEGIN, ("issue", "What is wrong"), ("4", "What is damaged"),
            ("left door cracked", "Photos"),
            ([taken("damage", "8:11"), taken("damage", "8:12")], "Got it"),
            ("1", "Ask the customer"), ("8", "1/3"), ("1", "2/3"), ("1", "3/3"), ("1", "how much"),
            ("5", "10/11"), *LEAVE,
        ),
        "left_open",
        (("Damaged product: WO 202-1, shift S-9", 2),
         ("Damaged product, left open: WO 202-1, shift S-9", 2)),
        (("1.2", "trip_charge"),), "damage",
    ),
    Case(
        "202-2", "11:05",
        (
            ("DONE 1", "2/11"), ("2", "What is wrong"), ("2", "[Pp]hoto of the door"),
            (night(), "too dark"), (taken("door", "11:06"), "855-836-3483"), ("1", "Wait until"),
            ("11:40", "Mars"), ("1", ""),
        ),
        "left_open",
        (("No-show: WO 202-2, shift S-9", 1), ("No-show, visit failed: WO 202-2, shift S-9", 1)),
        (("1.2", "failed_visit"),), "door",
    ),
    Case(
        "202-3", "14:05",
        (
            *BEGIN, ("issue", "What is wrong"), ("6", "Stop building"),
            (taken("damage", "14:20"), "Got it"), ("1", "model"),
            ("Sauder 413815, panel cracked", "855-836-3483"), ("1", "decide"), ("5", "10/11"),
            *LEAVE,
        ),
        "left_open",
        (("Damaged during assembly: WO 202-3, shift S-9", 1),
         ("Damaged during assembly, left open: WO 202-3, shift S-9", 1)),
        shows="damage",
    ),
    Case(
        "202-4", "17:05",
        (
            *BEGIN, ("issue", "What is wrong"), ("9", "What stops you"),
            ("the customer moved", "photo"), (taken("door", "17:20"), "decides"),
            ("dana > m", "10/11"), *LEAVE,
        ),
        "moved",
        (("Stopped on site: WO 202-4, shift S-9", 1),
         ("Stopped on site, moved: WO 202-4, shift S-9", 0)),
        shows="door",
    ),
)  # fmt: skip
CASES = {case.number: case for case in (*ON_TELEGRAM, *BY_TEXT)}


@dataclass
class Day:
    """The day as it was: its mails by work order, its jobs, its folder of photos."""

    mails: dict[str, list[Mail]]
    jobs: dict[str, dict[str, Any]]
    photos: Path


async def plays(running: Running, phone: Any, dana: Any, case: Case) -> None:
    """Say it line by line, each after the answer to the one before."""
    for said, answer in case.lines:
        seen, asked = len(phone.inbox), len(dana.inbox)
        if isinstance(said, list | bytes):
            case.sent += said if isinstance(said, list) else [said]
            if isinstance(said, bytes) and hasattr(phone, "sends_file"):
                phone.sends_file(said, "IMG_1.jpg", "image/jpeg")
            else:
                phone.sends_photo(said)
        elif re.fullmatch(r"\d\d:\d\d", said):
            await running.forward(said)
        elif said.startswith("dana > "):
            code = re.search(r"(\d+) STOPPED", await hears(dana, "STOPPED", 0))
            assert code is not None, asked
            dana.says(code[1] + said.removeprefix("dana > "))
        else:
            phone.says(said)
        if answer:
            await hears(phone, answer, seen)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """All eight cases, window by window."""
    return asyncio.run(lived(tmp_path_factory.mktemp("day")))


async def lived(folder: Path) -> Day:
    """The day, from the people's file to the evening."""
    async with Running(folder).carriers() as running:
        judges = (judge_botapi(running.telegram), judge_twilio(running.twilio))
        await running.set_up()
        orders = [
            ORDER.format(number=case.number, who=who, bucket=bucket)
            for who, cases in (("Tina Abernathy", ON_TELEGRAM), ("Sam Short", BY_TEXT))
            for case, bucket in zip(cases, BUCKETS, strict=True)
        ]
        (folder / "manifest.csv").write_text("\n".join([HEAD, *orders, ""]))
        (folder / "sam.csv").write_text(f"name,role,phone,email,dm,dc,app\n{SAM}\n")
        await running.command("people", "import", "sam.csv")
        await running.start()
        tina = await running.join("Tina Abernathy", channel="telegram")
        dana = await running.join("Dana Cole", channel="sms")
        invited = json.loads(await running.command("people", "invite", "Sam Short", "--json"))
        sam = running.twilio.phone("+12125550102")
        sam.says(f"JOIN {invited['code']}")
        await hears(sam, "STOP")
        await hears(tina, "Doorstep")
        await running.command("manifest", "import", "manifest.csv")
        await running.forward("07:00")
        for mine, his in zip(ON_TELEGRAM, BY_TEXT, strict=True):
            await running.forward(mine.at)
            # The one whose clock has to run goes last: pushing it moves both.
            await plays(running, tina, dana, mine)
            await plays(running, sam, dana, his)
        await running.forward("20:00")
        with Store(running.env["DATABASE_URL"]).reading() as tx:
            jobs = {number: whole(tx, visits.of_order(tx, number)[0]) for number in CASES}
        for judged in judges:
            judged.assert_clean()
        await running.stop()
        assert "Traceback" not in running.log()
        mails: dict[str, list[Mail]] = {}
        for mail in running.mail.mails:
            if found := re.search(r"^Work order: (\S+)", mail.text, re.M):
                mails.setdefault(found[1], []).append(mail)
        return Day(mails, jobs, folder / "photos")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_case_ends_as_it_must_with_its_mails_and_its_fee(day: Day, case: Case) -> None:
    job = day.jobs[case.number]

    assert case.ends == job["state"]
    assert list(case.fees) == [(fee["units"], fee["reason"]) for fee in job["fees"]]
    assert list(case.mails) == [
        (mail.subject, len(mail.attachments)) for mail in day.mails[case.number]
    ]
    assert ["sent"] * len(case.mails) == [mail["status"] for mail in job["mails"]]


def test_a32_each_goes_to_the_office_with_the_managers_in_copy(day: Day) -> None:
    for number, mails in day.mails.items():
        for mail in mails:
            assert OFFICE == mail.to, number
            assert sorted(MANAGERS) == sorted(mail.cc.split(", "))
            assert sorted((OFFICE, *MANAGERS)) == sorted(mail.rcpts)
            assert "dana@example.org" == mail.reply_to


def test_the_mails_of_a_work_order_hang_together_and_no_others(day: Day) -> None:
    threads = set()
    for mails in day.mails.values():
        first, *later = mails
        (thread,) = first.references.split()
        threads.add(thread)
        known = [thread]
        for before, mail in zip(mails, later, strict=False):
            known.append(before.message_id)
            assert known == mail.references.split()
            assert before.message_id == mail.in_reply_to

    assert len(CASES) == len(threads)
    ids = [mail.message_id for mails in day.mails.values() for mail in mails]
    assert len(ids) == len(set(ids))


def test_a50_a_program_reads_the_body_too(day: Day) -> None:
    for number, mails in day.mails.items():
        for mail in mails:
            lines = dict(re.findall(r"^([A-Z][\w ,]+): (.+)$", mail.text.replace("\r", ""), re.M))
            assert (number, "S-9", "Tina Abernathy" if number[:3] == "201" else "Sam Short") == (
                lines["Work order"], lines["Shift"], lines["Technician"]
            )  # fmt: skip
            assert lines["Case"]
            assert "?" not in mail.text


def test_p7_what_is_attached_is_upright_bounded_and_says_no_place(day: Day) -> None:
    opened = 0
    for number, mails in day.mails.items():
        for _, kind, content in (each for mail in mails for each in mail.attachments):
            assert "image/jpeg" == kind
            assert b"Tina" not in content
            with Image.open(io.BytesIO(content)) as image:
                assert {} == dict(image.getexif())
                assert image.height > image.width
                assert max(image.size) <= 2048
            like, found = judge(sample(CASES[number].shows)), judge(content)
            assert distance(like.dhash, found.dhash) <= 2 * ALIKE
            opened += 1

    assert sum(count for case in CASES.values() for _, count in case.mails) == opened


def test_p7_the_original_is_kept_as_it_came(day: Day) -> None:
    for case in CASES.values():
        kept = {photo["sha256"] for photo in day.jobs[case.number]["photos"]}
        assert {hashlib.sha256(content).hexdigest() for content in case.sent} == kept
        for content in case.sent:
            digest = hashlib.sha256(content).hexdigest()
            (path,) = (day.photos / digest[:2]).glob(f"{digest}*")
            assert content == path.read_bytes()
