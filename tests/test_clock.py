"""P6: a clock that is pushed goes on after a restart, and never behind what a killed process said."""

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from bot import clock
from bot.clock import Clock, to_datetime
from bot.clockwork.clock_routes import clock_routes
from flows.facts import Instant
from storage import kept
from tests.databases import new_store

START = "2026-11-23T08:00-05:00"
PATH = "/rehearsal/clock"


@pytest.mark.parametrize(("down", "later"), [(300, 300), (60_000, 2_000), (-5_000, 0)])
def test_p6_a_killed_process_had_gone_on_since_it_stored_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, down: int, later: int
) -> None:
    store, now = new_store(f"sqlite:///{tmp_path}/clock.db"), 1_000_000_000
    monkeypatch.setattr(clock, "real_now", lambda: now)
    before = Clock.from_setting(START)
    now += 90_000
    store.transact(before.store)
    stored = before.now()
    now += down

    after = Clock.from_setting(START)
    store.transact(lambda tx: after.resume(tx, serving=True))

    assert stored + later == after.now()
    assert store.transact(lambda tx: kept.get(tx, clock.KEY))


def test_a_clock_starts_where_it_is_set_and_runs_at_its_rate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1_000_000_000
    monkeypatch.setattr(clock, "real_now", lambda: now)
    usual, fast, real = (Clock.from_setting(each) for each in (START, f"{START}@60", ""))
    now += 60_000

    assert "2026-11-23T13:01:00+00:00" == to_datetime(usual.now()).isoformat()
    assert "2026-11-23T14:00:00+00:00" == to_datetime(fast.now()).isoformat()
    assert now == real.now()


@pytest.mark.parametrize(
    "setting", ["2026-11-23T08:00", "x", f"{START}@x", f"{START}@-1", f"{START}@nan"]
)
def test_a_clock_that_cannot_be_read_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Clock.from_setting(setting)


def asking(shown: Clock) -> httpx.AsyncClient:
    """A client of the clock's paths; pushing it only sets it."""

    async def pass_time(to: Instant) -> Instant:
        if to < shown.now():
            raise ValueError("time only goes forward")
        shown.set(to)
        return to

    app = Starlette(routes=clock_routes(shown, "America/New_York", pass_time))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot")


async def test_the_clocks_path_pushes_it_by_a_span_or_to_a_moment() -> None:
    shown = Clock.from_setting(f"{START}@0")
    async with asking(shown) as client:
        assert {"now": "2026-11-23T08:00:00.000-05:00"} == (await client.get(PATH)).json()
        for body, expected in (
            ({"advance": "30m"}, "2026-11-23T08:30:00.000-05:00"),
            ({"advance": "90s"}, "2026-11-23T08:31:30.000-05:00"),
            ({"advance": "2h"}, "2026-11-23T10:31:30.000-05:00"),
            ({"to": "2026-11-23T17:00:00+00:00"}, "2026-11-23T12:00:00.000-05:00"),
        ):
            answer = await client.post(PATH, json=body)
            assert (200, {"now": expected}) == (answer.status_code, answer.json())


@pytest.mark.parametrize(
    "body",
    ["", "x", "[]", "3", "null", '"advance"', '{"advance": "3 weeks"}', '{"to": 3}', "\\xff",
     '{"advance": "99999999999999d"}', "[" * 100_000, '{"to": "2026-11-23T07:00-05:00"}'],
)  # fmt: skip
async def test_what_the_clocks_path_cannot_do_is_a_400_with_what_to_send(body: str) -> None:
    shown = Clock.from_setting(f"{START}@0")
    async with asking(shown) as client:
        answer = await client.post(PATH, content=body)

    assert 400 == answer.status_code
    assert "Expecting" not in answer.json()["error"]
    assert Clock.from_setting(f"{START}@0").now() == shown.now()


async def test_a_clock_of_real_time_has_no_path() -> None:
    async with asking(Clock()) as client:
        assert 404 == (await client.get(PATH)).status_code
        assert 404 == (await client.post(PATH, json={"advance": "30m"})).status_code


@pytest.mark.parametrize("origin", ["null", "http://evil.test", "http://[", ""])
async def test_s4_another_page_does_not_push_the_clock(origin: str) -> None:
    shown = Clock.from_setting(f"{START}@0")
    async with asking(shown) as client:
        answer = await client.post(PATH, json={"advance": "30m"}, headers={"origin": origin})
        own = await client.post(PATH, json={"advance": "1m"}, headers={"origin": "http://bot"})

    assert (403, 200) == (answer.status_code, own.status_code)
    assert Clock.from_setting(f"{START}@0").now() + 60_000 == shown.now()
