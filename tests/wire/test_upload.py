"""A photo where texts carry none: the link, its page, and the technician's own mail."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page
from starlette.applications import Starlette

from bot.papers import links
from bot.pictures.photo_store import Folder
from bot.rehearsal.carriers.serving import serve
from bot.turns.door import Door
from bot.wires.fetching import Fetching
from bot.wires.upload import MOST_BODY, Uploads
from storage import jobs, outbox, photos
from storage.db import Row, Tx, Writer
from tests.stage import Stage

HOUR = 3_600_000


class Abroad:
    """Tina stands at the door where nobody is home; her number sends and gets no pictures."""

    def __init__(self, folder: Path) -> None:
        self.stage = Stage(f"sqlite:///{folder / 's.db'}", "sms").usual()
        self.stage.context = replace(self.stage.context, takes_photos=lambda *_: False)
        self.stage.door = Door(self.stage.context)
        self.writer = Writer(self.stage.store)
        self.photos = Folder(folder / "photos")
        self.woken = 0
        door, clock = self.stage.door, self.stage.clock
        self.fetching = Fetching(self.writer, door, clock, self.photos, {})
        self.uploads = Uploads(
            self.stage.store, self.writer, clock, self.photos, door.receive, self.wake
        )

    def wake(self) -> None:
        self.woken += 1

    def reachable_at(self, url: str) -> None:
        self.stage.store.transact(lambda tx: links.prepare(tx, url))

    def at_the_door(self) -> str:
        """She says that nobody is home; the text that asks for the photo."""
        self.stage.forward("06:42")
        self.stage.says("tina", "1")
        self.stage.forward("08:05")
        for said in ("1", "2", "2"):
            self.stage.says("tina", said)
        return self.stage.last("tina")

    async def arrived(self) -> None:
        """What the page took is fetched, and answered."""
        await self.fetching.attempt_all_due()
        self.stage._deliver()

    def kept(self) -> list[Row]:
        with self.stage.store.reading() as tx:
            return tx.all("SELECT * FROM photos ORDER BY id")


@pytest.fixture
def abroad(tmp_path: Path) -> Abroad:
    return Abroad(tmp_path)


@pytest.fixture
async def url(abroad: Abroad) -> AsyncIterator[str]:
    async with serve(Starlette(routes=abroad.uploads.routes())) as served:
        abroad.reachable_at(served)
        yield served


def link_in(text: str) -> str:
    found = re.search(r"https?://\S+/u/[a-z2-7]{24}", text)
    assert found, text
    return found[0]


async def post(link: str, data: bytes, name: str = "x.exe") -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.post(link, files={"photo": (name, data, "text/html")})


async def test_p10_a_form_that_cannot_be_read_is_asked_for_once_more(
    abroad: Abroad, url: str, jpeg: bytes
) -> None:
    link = link_in(abroad.at_the_door())
    async with httpx.AsyncClient() as client:
        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = await client.post(link, content=b"--x\r\n[\r\n--x--\r\n", headers=kind)

    assert (415, True) == (answer.status_code, "Once more, please" in answer.text)
    assert 200 == (await post(link, jpeg)).status_code


async def test_the_page_brings_a_photo_in_like_any_other(
    abroad: Abroad, url: str, jpeg: bytes
) -> None:
    asked = abroad.at_the_door()
    answer = await post(link_in(asked), jpeg)
    await abroad.arrived()

    assert (answer.status_code, abroad.woken) == (200, 1)
    assert abroad.stage.state("114-7") == "no_show.call_office"
    (photo,) = abroad.kept()
    assert (photo["status"], photo["kind"], photo["channel"]) == ("stored", "door", "sms")
    assert await abroad.photos.get(photo["path"]) == jpeg
    assert "customer service" in abroad.stage.last("tina")


async def test_a_photo_by_link_is_evidence_of_the_job_that_the_link_is_for(
    abroad: Abroad, url: str, jpeg: bytes
) -> None:
    """Both doors wait for a photo; B is in hand, and A's link is opened."""
    of_a = link_in(abroad.at_the_door())
    for said in ("B1", "B1", "B issue", "2"):
        abroad.stage.says("tina", said)
    with abroad.stage.store.reading() as tx:
        both = [row["number"] for row in jobs.of_day(tx, abroad.stage.people["tina"], "2026-11-23")]
    await post(of_a, jpeg)
    await abroad.arrived()

    assert ["no_show.call_office", "no_show.door_photo"] == [
        abroad.stage.state(number) for number in both
    ]


async def test_s6_the_link_works_once_and_looking_at_it_uses_nothing_up(
    abroad: Abroad, url: str, jpeg: bytes
) -> None:
    link = link_in(abroad.at_the_door())
    async with httpx.AsyncClient() as client:
        looks = [(await client.get(link)).status_code for _ in range(2)]
    first = await post(link, jpeg)
    second = await post(link, jpeg)

    assert looks == [200, 200]
    assert (first.status_code, second.status_code) == (200, 404)
    assert len(abroad.kept()) == 1


async def test_s3_a_link_is_for_its_step_and_for_four_hours(
    abroad: Abroad, url: str, jpeg: bytes
) -> None:
    old = link_in(abroad.at_the_door())
    abroad.stage.says("tina", "9")
    left = await post(old, jpeg)
    abroad.stage.says("tina", "issue")
    abroad.stage.says("tina", "2")
    fresh = link_in(abroad.stage.last("tina"))
    abroad.stage.clock.set(abroad.stage.clock.now() + 4 * HOUR)
    late = await post(fresh, jpeg)
    guessed = await post(f"{url}/u/{'a' * 24}", jpeg)

    assert [answer.status_code for answer in (left, late, guessed)] == [404, 404, 404]
    assert abroad.kept() == []


async def test_s7_a_link_is_kept_as_a_hash_only(abroad: Abroad, url: str) -> None:
    token = link_in(abroad.at_the_door()).rpartition("/")[2]

    with abroad.stage.store.reading() as tx:
        rows = tx.all("SELECT key, value FROM kept")
    assert not any(token in row["key"] + row["value"] for row in rows)


@pytest.mark.parametrize(
    ("data", "status"),
    [(b"", 415), (b"no picture", 415), (b"\xff\xd8\xff\xe0broken", 415), (b"a" * MOST_BODY, 413)],
)
async def test_s6_what_is_no_photo_is_refused_and_the_link_stays_good(
    abroad: Abroad, url: str, jpeg: bytes, data: bytes, status: int
) -> None:
    link = link_in(abroad.at_the_door())

    assert (await post(link, data)).status_code == status
    assert abroad.kept() == []
    assert (await post(link, jpeg)).status_code == 200


async def test_s3_a_link_for_a_job_that_was_given_to_another_is_over(
    abroad: Abroad, url: str, jpeg: bytes
) -> None:
    link, stage = link_in(abroad.at_the_door()), abroad.stage
    rita = stage.enrol("Rita Vale")
    job = stage.row(lambda tx: jobs.of_order(tx, "114-7")[0])["id"]
    stage.store.transact(lambda tx: jobs.change(tx, job, stage.clock.now(), technician_id=rita))

    answer = await post(link, jpeg)

    assert (404, []) == (answer.status_code, abroad.kept())


async def test_a_photo_mailed_by_hand_is_a_word_and_no_evidence_and_the_office_is_told(
    abroad: Abroad,
) -> None:
    asked = abroad.at_the_door()
    abroad.stage.says("tina", "1")

    assert "mail it to amazon@apolloretail.com, then 1" in asked
    assert "http" not in asked, "nobody can open a page where there is no public address"
    assert "1 Mailed" in asked
    assert abroad.stage.state("114-7") == "no_show.call_office"
    (photo,) = abroad.kept()
    assert (photo["status"], photo["sha256"]) == ("mailed", "")

    def work(tx: Tx) -> tuple[list[Row], str]:
        mail = outbox.of_job(tx, photo["job_id"], "email")[0]
        return photos.of_job(tx, photo["job_id"]), json.loads(mail["payload"])["text"]

    evidence, mail = abroad.stage.store.transact(work)
    assert evidence == []
    assert mail.startswith("The photo is not attached")


async def test_several_photos_mailed_by_hand_are_said_with_the_word_that_ends_them(
    abroad: Abroad,
) -> None:
    abroad.at_the_door()
    for said in ("9", "1", "1", "1", "issue", "4", "side panel cracked"):
        abroad.stage.says("tina", said)
    assert abroad.stage.state("114-7") == "damaged.photos"

    abroad.stage.says("tina", "1")

    assert abroad.stage.state("114-7") == "damaged.customer_wish"
    assert [photo["status"] for photo in abroad.kept()] == ["mailed"]


async def test_the_page_works_without_a_script_and_keeps_to_its_own_policy(
    abroad: Abroad, url: str, browser_page: Page, tmp_path: Path, jpeg: bytes
) -> None:
    complaints: list[str] = []
    browser_page.on("console", lambda message: complaints.append(message.text))
    picture = tmp_path / "door.jpg"
    picture.write_bytes(jpeg)
    await browser_page.goto(link_in(abroad.at_the_door()))
    await browser_page.set_input_files("input[type=file]", picture)
    await browser_page.click("button")

    assert await browser_page.inner_text("h1") == "Thank you"
    assert await browser_page.evaluate("document.scripts.length") == 0
    assert complaints == []
