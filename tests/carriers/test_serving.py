import asyncio
import logging

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.rehearsal.carriers.calling import http_client
from bot.rehearsal.carriers.serving import Cut, serve


async def answer(request: Request) -> Response:
    match request.path_params["word"]:
        case "cut":
            return Cut()
        case "hang":
            return Cut(hang=True)
        case "wait":
            await asyncio.sleep(60)
        case "crash":
            raise RuntimeError("the carrier crashed")
    return PlainTextResponse("hello")


APP = Starlette(routes=[Route("/{word}", answer)])


async def test_it_serves_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "uvicorn")
    async with serve(APP) as url, http_client() as client:
        assert (await client.get(url + "/hi")).text == "hello"
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(url + "/cut")
        with pytest.raises(httpx.ReadTimeout):
            await client.get(url + "/hang", timeout=0.1)

    assert [record for record in caplog.records if record.name.startswith("uvicorn")] == []


async def test_a_crash_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with serve(APP) as url, http_client() as client:
        assert (await client.get(url + "/crash")).status_code == 500

    assert "the carrier crashed" in caplog.text


async def test_leaving_cuts_what_is_open_and_frees_the_port() -> None:
    before = asyncio.all_tasks()
    async with http_client() as client:
        async with serve(APP) as url:
            waiting = asyncio.create_task(client.get(url + "/wait"))
            await asyncio.sleep(0.05)
        with pytest.raises(httpx.TransportError):
            await waiting

        async with serve(APP, port=int(url.rpartition(":")[2])) as again:
            assert again == url
            assert (await client.get(url + "/hi")).text == "hello"
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


async def test_a_port_in_use_is_an_error() -> None:
    async with serve(APP) as url:
        with pytest.raises(OSError, match="in use"):
            async with serve(APP, port=int(url.rpartition(":")[2])):
                pass
