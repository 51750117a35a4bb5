"""Every route, every role, and the wrong person (S3). A route without a row here, or in the table of
rights, fails."""

import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.routing import BaseRoute, Mount, Route

from bot.desk.asking import Services
from bot.desk.rights import PUBLIC, RIGHTS
from bot.desk.routes import desk_routes
from storage import alerts, desk, fees, photos
from storage.db import Tx
from tests.desk.visiting import House, Visit

ROLES = ("dana", "eve", "carl", "max", "olive", "otto")
TINAS = {"dana", "carl", "olive", "otto"}
"""Who sees what is Tina's: her DM, her DC, the office, the operator."""
ALL = set(ROLES)


@dataclass(frozen=True)
class Case:
    """A route with the thing of Tina's (or Dana's own) in its path, and who gets through to it."""

    path: str
    who: set[str]


CASES: dict[str, Case] = {
    "board": Case("/desk/", ALL),
    "board.live": Case("/desk/live", ALL),
    "new": Case("/desk/new", ALL),
    "new.take": Case("/desk/new", ALL),
    "job": Case("/desk/jobs/{job}", TINAS),
    "job.live": Case("/desk/jobs/{job}/live", TINAS),
    "job.message": Case("/desk/jobs/{job}/message", TINAS),
    "job.ask_again": Case("/desk/jobs/{job}/ask-again", TINAS),
    "job.hold": Case("/desk/jobs/{job}/hold", TINAS),
    "job.move": Case("/desk/jobs/{job}/move", TINAS),
    "job.assign": Case("/desk/jobs/{job}/assign", TINAS),
    "job.step": Case("/desk/jobs/{job}/step", TINAS),
    "job.close": Case("/desk/jobs/{job}/close", TINAS),
    "alert.answer": Case("/desk/alerts/{alert}", TINAS),
    "fee.decide": Case("/desk/fees/{fee}", TINAS),
    "photo": Case("/desk/photos/{photo}", TINAS),
    "photo.small": Case("/desk/photos/{photo}/small", TINAS),
    "figures": Case("/desk/figures", ALL),
    "figures.export": Case("/desk/figures/export?figure=cases", ALL),
    "job.packet": Case("/desk/jobs/{job}/packet.pdf", TINAS),
    "people": Case("/desk/people", ALL),
    "person": Case("/desk/people/{person}", TINAS),
    "person.invite": Case("/desk/people/{person}/invite", TINAS - {"olive"}),
    "person.absent": Case("/desk/people/{person}/absent", TINAS - {"olive"}),
    "person.quiet": Case("/desk/people/{person}/quiet", TINAS - {"olive"}),
    "person.channel": Case("/desk/people/{person}/channel", TINAS - {"olive"}),
    "person.setup": Case("/desk/people/{person}/setup", TINAS - {"olive"}),
    "person.revoke": Case("/desk/people/{person}/revoke", TINAS - {"olive"}),
    "ledger": Case("/desk/ledger", ALL),
    "ledger.csv": Case("/desk/ledger.csv", ALL),
    "ledger.xlsx": Case("/desk/ledger.xlsx", ALL),
    "search": Case("/desk/search?q=114", ALL),
    "exports": Case("/desk/exports", ALL),
    "jobs.csv": Case("/desk/jobs.csv", ALL),
    "manifest": Case("/desk/manifest", {"olive", "otto"}),
    "manifest.keep": Case("/desk/manifest", {"olive", "otto"}),
    "manifest.preview": Case("/desk/manifest/{file}", {"otto"}),
    "manifest.take": Case("/desk/manifest/{file}", {"otto"}),
    "me": Case("/desk/me", ALL),
    "sign_out": Case("/desk/sign-out", ALL),
    "sign_out.everywhere": Case("/desk/sign-out/everywhere", ALL),
    "session.end": Case("/desk/sessions/{session}/end", {"dana"}),
}


@dataclass
class Everything:
    """One of each thing of Tina's; the session is Dana's, the file Otto's."""

    house: House
    ids: dict[str, int]
    keys: dict[str, str] = field(default_factory=dict)

    @contextlib.asynccontextmanager
    async def at_desk(self, who: str) -> AsyncIterator[Visit]:
        """Somebody's browser; each signs in once, and nobody here signs out."""
        async with self.house.browser() as browser:
            if who not in self.keys:
                await browser.post(self.house.link(who))
                self.keys[who] = browser.cookies["desk"]
            browser.cookies.set("desk", self.keys[who])
            yield Visit(browser)

    def path(self, case: Case) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: str(self.ids[found[1]]), case.path)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everything]:
    folder = tmp_path_factory.mktemp("rights")
    house = House(f"sqlite:///{folder}/desk.sqlite3", folder)
    people, job = house.stage.people, house.jobs["tina"]

    path = house.keep_picture()

    def work(tx: Tx) -> dict[str, int]:
        now = house.stage.clock.now()
        fees.owe(
            tx, job=job, slot="visit", reason="trip_charge", units="1.2", status="owed",
            rule="A47", at=now, evidence={},
        )  # fmt: skip
        photo = photos.announce(
            tx, person_id=people["tina"], job_id=job, channel="sms", source="{}", kind="door",
            status="stored", path=path, announced_at=now, received_at=now, next_try_at=now,
        )  # fmt: skip
        alert = alerts.add(
            tx, person_id=people["dana"], job_id=job, about_id=people["tina"], kind="silent",
            severity=2, number=1, created_at=now,
        )  # fmt: skip
        alerts.change(tx, alert, case_id=alert)
        session = desk.begin_session(tx, people["dana"], "none", "", now)
        waiting = desk.keep_file(tx, people["otto"], "m.csv", b"Work Order\n", now, 0)
        fee = tx.one("SELECT id FROM fees")
        assert fee is not None
        return {
            "job": job, "photo": photo, "alert": alert, "fee": fee["id"], "session": session,
            "file": waiting, "person": people["tina"], "dana": people["dana"],
        }  # fmt: skip

    yield Everything(house, house.stage.store.transact(work))
    house.close()


def routes_of(house: House) -> list[BaseRoute]:
    stage = house.stage
    services = Services(
        house.settings, stage.store, house.writer, stage.context, stage.clock, house.photos,
        lambda: None, lambda: "",
    )  # fmt: skip
    return desk_routes(services)


def test_s3_every_route_has_its_row_and_every_row_its_route(everything: Everything) -> None:
    found = {
        str(route.name): set(route.methods or ())
        for route in routes_of(everything.house)
        if isinstance(route, Route) and route.name != "bare"
    }
    mounts = {str(r.name) for r in routes_of(everything.house) if isinstance(r, Mount)}

    assert {"static"} == mounts
    assert set(RIGHTS) == set(found) - PUBLIC
    assert set(CASES) == set(found) - PUBLIC
    assert [] == [name for name, methods in found.items() if {"GET", "POST"} <= methods]


def is_change(everything: Everything, name: str) -> bool:
    return any(
        isinstance(route, Route) and route.name == name and "POST" in (route.methods or ())
        for route in routes_of(everything.house)
    )


async def status(everything: Everything, name: str, who: str) -> int:
    """What somebody gets; a form comes without its key, so that nobody changes anything."""
    path = everything.path(CASES[name])
    async with everything.at_desk(who) as visit:
        if is_change(everything, name):
            form = {"csrf": (await visit.keys())["csrf"]}
            return (await visit.browser.post(path, data=form)).status_code
        return (await visit.get(path)).status_code


@pytest.mark.parametrize("name", CASES)
async def test_s3_a_route_serves_whom_it_is_for_and_nobody_else(
    everything: Everything, name: str
) -> None:
    found = {who: await status(everything, name, who) for who in ROLES}

    assert CASES[name].who == {who for who, code in found.items() if code != 404}
    assert [] == [(who, code) for who, code in found.items() if code not in (200, 303, 404)]


@pytest.mark.parametrize("name", CASES)
async def test_s3_without_a_session_nothing_is_served(everything: Everything, name: str) -> None:
    path = everything.path(CASES[name])
    async with everything.house.browser() as stranger:
        if is_change(everything, name):
            answer = await stranger.post(path, data={"csrf": "x", "key": "k" * 20})
        else:
            answer = await stranger.get(path)

    assert answer.status_code in (401, 404)
    assert "Tina" not in answer.text


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "{" in case.path])
async def test_s3_what_is_not_yours_looks_like_what_is_not_there(
    everything: Everything, name: str
) -> None:
    path, nowhere = everything.path(CASES[name]), re.sub(r"\{\w+\}", "99999", CASES[name].path)
    async with everything.at_desk("max") as max_:
        form = {"csrf": (await max_.keys())["csrf"]}
        if is_change(everything, name):
            answers = [await max_.browser.post(each, data=form) for each in (path, nowhere)]
        else:
            answers = [await max_.get(each) for each in (path, nowhere)]

    assert {(404, answers[0].text)} == {(each.status_code, each.text) for each in answers}


async def test_s3_a_managers_board_shows_their_team_only(everything: Everything) -> None:
    seen = {}
    for who in ROLES:
        async with everything.at_desk(who) as visit:
            text = await visit.page("/desk/")
        seen[who] = {name for name in ("Tina", "Bob") if name in text}

    assert LISTS == seen


@pytest.mark.parametrize(
    "path", ["/desk/people", "/desk/ledger?status=", "/desk/search?q=a", "/desk/jobs.csv",
             "/desk/ledger.csv"],
)  # fmt: skip
async def test_s3_a_managers_lists_hold_their_team_only(everything: Everything, path: str) -> None:
    for who in ("dana", "eve", "max"):
        async with everything.at_desk(who) as visit:
            text = await visit.page(path)
        other = {"Tina", "Bob"} - LISTS[who]
        assert set() == {name for name in other if name in text}, who


LISTS = {
        "dana": {"Tina"}, "eve": {"Bob"}, "carl": {"Tina", "Bob"}, "max": set(),
    "olive": {"Tina", "Bob"}, "otto": {"Tina", "Bob"},
}  # fmt: skip
"""Whom of the two each of them sees."""


def test_the_folder_of_static_files_holds_no_secret() -> None:
    static = Path(__file__).parents[2] / "bot" / "desk" / "static"

    assert {".css", ".js", ".svg"} >= {path.suffix for path in static.iterdir()}
