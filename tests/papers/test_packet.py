"""The proof packet: all that is known of a visit, photos with their hash, below 10 MB."""

import hashlib
import io
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from bot.papers.packet import gather, print_packet
from bot.papers.pictures import Exhibit, exhibits
from flows.facts import HOUR, MINUTE
from storage import alerts, fees, jobs, outbox, photos, timeline
from storage.db import Tx
from tests.papers.conftest import Staged, owe
from tests.papers.reading import LETTER, Read
from tests.stage import Stage


def jpeg(seed: int, size: tuple[int, int] = (320, 240)) -> bytes:
    """A picture of noise: the worst that can be compressed."""
    out = io.BytesIO()
    noise = random.Random(seed).randbytes(size[0] * size[1] * 3)
    Image.frombytes("RGB", size, noise).save(out, "JPEG", quality=95, exif=b"Exif\0\0GPS-SECRET")
    return out.getvalue()


class Case:
    """A visit with something of everything."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.bytes: dict[str, bytes] = {}
        self.job: int = self.do(lambda tx: jobs.of_order(tx, "114-7")[0]["id"])

    def do(self, work: Callable[[Tx], Any]) -> Any:
        """In one transaction."""
        return self.stage.store.transact(work)

    def photo(self, data: bytes, kind: str = "door", sha256: str = "", **more: Any) -> int:
        """A stored photo of the visit."""
        now, path = self.stage.clock.now(), f"{len(self.bytes):04}"
        self.bytes[path] = data
        values: dict[str, Any] = {
            "person_id": self.stage.people["tina"],
            "job_id": self.job,
            "kind": kind,
            "channel": "sms",
            "step": "no_show.door_photo",
            "source": "{}",
            "status": "stored",
            "mime": "image/jpeg",
            "sha256": sha256 or hashlib.sha256(data).hexdigest(),
            "bytes": len(data),
            "path": path,
            "announced_at": now,
            "received_at": now,
            "next_try_at": now,
        }
        return int(self.do(lambda tx: photos.announce(tx, **(values | more))))

    async def read(self, path: str) -> bytes:
        """The photo store."""
        if path not in self.bytes:
            raise FileNotFoundError(path)
        return self.bytes[path]

    async def shown(self) -> dict[int, Exhibit]:
        """The copies."""
        return await exhibits(self.do(lambda tx: photos.of_job(tx, self.job)), self.read)

    async def packet(self) -> bytes:
        """The PDF."""

        def work(tx: Tx) -> Any:
            job = jobs.get(tx, self.job)
            assert job is not None
            return gather(tx, self.stage.context, job)

        return print_packet(self.do(work), await self.shown(), self.stage.clock.now())


@pytest.fixture
def case(staged: Staged) -> Case:
    return Case(staged("sms"))


async def test_a_packet_tells_a_whole_visit(case: Case) -> None:
    now = case.stage.clock.now()
    photo = case.photo(jpeg(1))
    owe(
        case.stage,
        "114-7",
        reason="failed_visit",
        rule="A42",
        evidence={"photos": [photo], "marks": {"arrive": now}},
    )
    mail = {
        "to": ["office@example.org"],
        "cc": ["dana@example.org"],
        "subject": "No-show 114-7",
        "text": "Nobody home.",
        "photos": [photo],
        "message_id": "<1@doorstep>",
    }

    def work(tx: Tx) -> None:
        timeline.add(
            tx,
            job=case.job,
            at=now - 2 * HOUR,
            told_at=now,
            event="there",
            step="arrive",
            by="Tina Abernathy",
            channel="sms",
            detail={"planned": now},
        )
        outbox.add(
            tx,
            channel="email",
            address="office@example.org",
            job_id=case.job,
            kind="mail",
            lane=1,
            payload=json.dumps(mail),
            created_at=now,
            due_at=now,
            status="sent",
            sent_at=now,
        )
        alerts.add(
            tx,
            person_id=case.stage.people["dana"],
            job_id=case.job,
            kind="no_show",
            severity=1,
            number=4,
            status="acknowledged",
            acknowledged_by="Dana Cole",
            acknowledged_at=now,
            created_at=now,
        )

    case.do(work)

    read = Read(await case.packet())

    assert {LETTER} == read.sizes
    for needle in (
        "Proof packet, work order 114-7, visit 1",
        "Apollo Assembly",
        "Carla Montgomery-Hernandez",
        "Tina Abernathy",
        "Dana Cole, Carl Stone",
        "2026-11-23, 8 AM – 11 AM (America/New_York)",
        "2026-11-23 06:11:00 EST 2026-11-23 08:11:00 EST (told late)",
        "planned: 2026-11-23 08:11:00 EST",
        "1.2 failed_visit rule A42",
        "arrive: 2026-11-23 08:11:00 EST",
        "fee owed",
        "no_show severity 1",
        "acknowledged Dana Cole 2026-11-23 08:11:00 EST",
        "No-show 114-7",
        "dana@example.org",
        "Nobody home.",
        "<1@doorstep>",
        "sent, 2026-11-23 08:11:00 EST",
        f"#{photo} door",
        hashlib.sha256(jpeg(1)).hexdigest(),
        "The stored bytes match this hash.",
        "received 2026-11-23 08:11:00 EST by sms",
    ):
        assert needle in read.text, needle
    assert 1 == sum(len(page.images) for page in read.pdf.pages)


async def test_every_page_has_its_number_and_when_it_was_made(case: Case) -> None:
    now = case.stage.clock.now()

    def many(tx: Tx) -> None:
        for number in range(80):
            at = now + number * MINUTE
            timeline.add(
                tx,
                job=case.job,
                at=at,
                told_at=at,
                event=f"event{number}",
                step="eta",
                by="",
                channel="",
            )

    case.do(many)

    read = Read(await case.packet())

    assert len(read.pages) > 1
    for place, page in enumerate(read.pages, 1):
        assert f"page {place} of {len(read.pages)}" in page
        assert "generated at 2026-11-23 08:11:00 EST" in page
    assert all(f"event{number} " in read.text for number in range(80))
    assert sum("happened at" in page for page in read.pages) > 1, (
        "the head of the table stands on each page"
    )


async def test_twenty_large_photos_stay_below_10_mb(case: Case) -> None:
    for number in range(20):
        case.photo(jpeg(number, (1600, 1200)))

    made = await case.packet()

    assert min(len(data) for data in case.bytes.values()) > 2_000_000
    assert len(made) < 10_000_000
    read = Read(made)
    assert 20 == sum(len(page.images) for page in read.pdf.pages)
    assert all(f"#{number} " in read.text for number in range(1, 21))


async def test_p7_a_copy_in_a_packet_has_no_metadata(case: Case) -> None:
    case.photo(jpeg(1))

    made = await case.packet()

    assert b"GPS-SECRET" in jpeg(1)
    (image,) = [image for page in Read(made).pdf.pages for image in page.images]
    assert b"GPS-SECRET" not in image.data
    assert b"GPS-SECRET" not in made


async def test_bytes_that_changed_since_they_came_are_said(case: Case) -> None:
    case.photo(jpeg(1), sha256="0" * 64)

    (shown,) = (await case.shown()).values()

    assert not shown.genuine
    assert "The stored bytes DO NOT MATCH this hash." in Read(await case.packet()).text


async def test_a_photo_that_is_gone_or_broken_is_said_and_the_rest_is_there(case: Case) -> None:
    case.photo(jpeg(1), path="nowhere")
    case.photo(b"no picture at all")
    case.photo(jpeg(2))

    read = Read(await case.packet())

    assert "Photos (3)" in read.text
    assert "The stored bytes cannot be read now" in read.text
    assert "They cannot be shown as a picture." in read.text
    assert 1 == sum(len(page.images) for page in read.pdf.pages)


async def test_an_empty_visit_has_a_packet_too(case: Case) -> None:
    case.do(lambda tx: tx.run("DELETE FROM timeline"))

    text = Read(await case.packet()).text

    for section in (
        "Timeline (0) None.",
        "Fees (0) None.",
        "Alerts (1)",
        "E-mails (0) None.",
        "Photos (0) None.",
    ):
        assert section in text, section


@pytest.mark.parametrize(
    "words", ["Ελένη", "王小明 😀", "\u202e\x07 {nb} **bold** <b>x</b>", "W" * 3000]
)
async def test_p10_whatever_was_typed_a_packet_comes(case: Case, words: str) -> None:
    now = case.stage.clock.now()
    case.do(
        lambda tx: timeline.add(
            tx,
            job=case.job,
            at=now,
            told_at=now,
            event="message",
            step="",
            by=words[:60],
            channel="sms",
            detail={"text": words},
        )
    )
    case.do(lambda tx: tx.run("UPDATE work_orders SET customer = :name", {"name": words}))

    assert "message" in Read(await case.packet()).text


async def test_fees_in_a_packet_name_who_decided(case: Case) -> None:
    fee = owe(case.stage, "114-7")
    now = case.stage.clock.now()
    case.do(lambda tx: fees.decide(tx, fee, "owed", "refused", "Dana Cole", now))

    assert "refused by Dana Cole 2026-11-23 08:11:00 EST" in Read(await case.packet()).text


async def test_the_more_photos_the_smaller_their_copies(case: Case) -> None:
    data = jpeg(1, (1200, 900))
    for _ in range(40):
        case.photo(data)

    sizes = [len(each.copy or b"") for each in (await case.shown()).values()]

    assert 40 == len(sizes)
    assert 0 < sum(sizes) <= 8_000_000
