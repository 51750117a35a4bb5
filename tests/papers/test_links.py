"""Links to a form: one form for a day; everything else is the same "not found" (S3, S7)."""

from base64 import b32decode, b32encode
from collections.abc import Callable

import httpx
import pytest
from starlette.applications import Starlette

from bot.papers import links
from bot.papers.links import Grant
from bot.wires.web import SecurityHeaders
from flows.facts import HOUR, MINUTE
from storage import jobs, kept, people
from storage.db import Tx
from tests.papers.conftest import PUBLIC, Staged
from tests.papers.reading import Read
from tests.stage import Stage

Open = Callable[[str], "httpx.Response"]


@pytest.fixture
def stage(staged: Staged) -> Stage:
    return staged("sms")


def token(stage: Stage, number: str = "114-7", who: str = "tina", *, ago: int = 0) -> str:
    """The last part of a link that was made `ago` ms before now."""

    def work(tx: Tx) -> str:
        job = jobs.of_order(tx, number)[0]["id"] if number else 0
        return links.link(tx, Grant(job, stage.people[who]), stage.clock.now() - ago)

    return stage.store.transact(work).removeprefix(f"{PUBLIC}/f/")


async def opened(stage: Stage, last: str, method: str = "GET") -> httpx.Response:
    """What a browser gets."""
    routes = links.form_routes(stage.store, stage.context, stage.clock)
    transport = httpx.ASGITransport(SecurityHeaders(Starlette(routes=routes), secure=True))
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as client:
        return await client.request(method, f"/f/{last}")


async def test_a_link_opens_the_form_of_its_job(stage: Stage) -> None:
    answer = await opened(stage, token(stage))

    assert 200 == answer.status_code
    assert "application/pdf" == answer.headers["Content-Type"]
    assert "no-store" == answer.headers["Cache-Control"]
    assert "noindex" == answer.headers["X-Robots-Tag"]
    text = Read(answer.content).text
    assert "114-7" in text
    assert "Carla Montgomery-Hernandez" in text


async def test_a_link_without_a_job_opens_the_blank_pad(stage: Stage) -> None:
    read = Read((await opened(stage, token(stage, ""))).content)

    assert 4 == len(read.pages)
    assert "114-" not in read.text


async def test_s7_there_is_nothing_personal_in_a_link(stage: Stage) -> None:
    raw = b32decode(token(stage).upper())

    assert 20 == len(raw)
    assert b"114" not in raw
    assert all(each.encode() not in raw.lower() for each in ("tina", "carla", "elm"))


async def test_a_link_opens_again_until_its_day_is_over(stage: Stage) -> None:
    assert 200 == (await opened(stage, token(stage, ago=HOUR))).status_code
    assert 200 == (await opened(stage, token(stage, ago=23 * HOUR + 45 * MINUTE))).status_code
    assert 404 == (await opened(stage, token(stage, ago=24 * HOUR))).status_code


def altered(real: str, place: int) -> str:
    raw = bytearray(b32decode(real.upper()))
    raw[place] ^= 1
    return b32encode(raw).decode().lower()


async def test_s3_every_wrong_link_gets_one_and_the_same_answer(stage: Stage) -> None:
    real = token(stage)
    gone = token(stage, "115-1", "tina")  # Bob's job, signed for Tina
    bad = [
        *(altered(real, place) for place in range(20)),
        token(stage, ago=25 * HOUR),
        gone,
        "a" * 32,
        real[:-1],
        real + "a",
        real[::-1],
        "x",
        "..%2f..%2fetc",
        "ä" * 32,
        "0" * 32,
        "=" * 32,
        "a" * 5000,
    ]

    answers = [await opened(stage, each) for each in bad]

    assert {404} == {answer.status_code for answer in answers}
    assert {b"Not Found"} == {answer.content for answer in answers}
    kinds = [sorted((name, value) for name, value in answer.headers.items()) for answer in answers]
    assert all(kinds[0] == each for each in kinds)


async def test_s3_a_job_that_was_given_away_is_closed_to_its_old_link(stage: Stage) -> None:
    real = token(stage)
    bob = stage.people["bob"]
    stage.store.transact(
        lambda tx: tx.run("UPDATE jobs SET technician_id = :bob WHERE letter = 'A'", {"bob": bob})
    )

    assert 404 == (await opened(stage, real)).status_code


async def test_s8_an_erased_persons_link_is_closed(stage: Stage) -> None:
    real = token(stage)
    stage.store.transact(lambda tx: people.change(tx, stage.people["tina"], erased_at=1))

    assert 404 == (await opened(stage, real)).status_code


async def test_a_link_of_another_installation_is_closed(stage: Stage) -> None:
    real = token(stage)
    stage.store.transact(lambda tx: kept.drop(tx, "form_links"))
    assert 404 == (await opened(stage, real)).status_code, "before there is a secret"

    stage.store.transact(lambda tx: links.prepare(tx, PUBLIC))

    assert 404 == (await opened(stage, real)).status_code, "with another secret"


async def test_a_restart_with_another_address_keeps_the_links_good(stage: Stage) -> None:
    real = token(stage)

    stage.store.transact(lambda tx: links.prepare(tx, "https://elsewhere.example.com"))

    assert 200 == (await opened(stage, real)).status_code


async def test_a_link_changes_nothing(stage: Stage) -> None:
    assert 405 == (await opened(stage, token(stage), "POST")).status_code
