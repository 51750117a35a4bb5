"""The way in (S4): a link over one's own channel, a session, and how both end."""

from pathlib import Path

import pytest

from bot.desk import sessions
from bot.papers.links import prepare
from flows.facts import HOUR, MINUTE
from storage.db import Tx
from tests.desk.visiting import HOST, House, Visit


def pushed(house: House, span: int) -> None:
    house.stage.clock.set(house.stage.clock.now() + span)


def with_address(house: House, url: str = f"http://{HOST}") -> None:
    """Let the product know where people reach its pages."""
    house.stage.store.transact(lambda tx: prepare(tx, url))


@pytest.mark.parametrize("word", ["DESK", "desk", "/desk", " Desk. "])
def test_s4_a_manager_who_says_desk_gets_a_link_on_their_own_phone(house: House, word: str) -> None:
    with_address(house)

    house.stage.says("dana", word)

    assert f"http://{HOST}/desk/in/" in house.stage.last("dana")


def test_s4_the_link_fits_one_text(tmp_path: Path, house: House) -> None:
    with_address(house, "https://doorstep.assembly-company.example")
    phone = house.stage.phones["dana"] = ("sms", "+12125550199")
    house.stage.store.transact(
        lambda tx: tx.put(
            "addresses", person_id=house.stage.people["dana"], channel=phone[0], address=phone[1]
        )
    )

    house.stage.says("dana", "DESK")

    said = house.stage.last("dana")
    assert "https://doorstep.assembly-company.example/desk/in/" in said
    assert len(said) <= 160


def test_a_technician_who_says_desk_gets_no_link(house: House) -> None:
    with_address(house)

    house.stage.says("tina", "DESK")

    assert "/desk/" not in house.stage.last("tina")


def test_without_a_public_address_no_link_is_sent(house: House) -> None:
    house.stage.says("dana", "DESK")

    assert "no public address" in house.stage.last("dana")


async def test_s4_looking_at_a_link_does_not_use_it_up(house: House) -> None:
    link = house.link("dana")
    async with house.browser() as preview, house.browser() as dana:
        for _ in range(3):
            assert "Sign in as Dana Cole?" in (await preview.get(link)).text
        assert 303 == (await dana.post(link)).status_code
        assert 200 == (await dana.get("/desk/")).status_code


async def test_s4_a_link_works_once(house: House) -> None:
    link = house.link("dana")
    async with house.browser() as dana, house.browser() as thief:
        await dana.post(link)
        answer = await thief.post(link)

        assert (404, "This link is over" in answer.text) == (answer.status_code, True)
        assert 401 == (await thief.get("/desk/")).status_code


async def test_s4_a_link_works_for_ten_minutes(house: House) -> None:
    link = house.link("dana")
    pushed(house, 10 * MINUTE)

    async with house.browser() as dana:
        assert 404 == (await dana.post(link)).status_code


async def test_s4_a_newer_link_voids_the_older(house: House) -> None:
    older, newer = house.link("dana"), house.link("dana")

    async with house.browser() as dana:
        assert 404 == (await dana.post(older)).status_code
        assert 303 == (await dana.post(newer)).status_code


async def test_s4_neither_a_links_token_nor_a_sessions_key_is_stored(house: House) -> None:
    link = house.link("dana")
    async with house.browser() as dana:
        await dana.post(link)
        key = dana.cookies["desk"]

    def everything(tx: Tx) -> str:
        kept = ("desk_links", "desk_sessions", "timeline", "inbox")
        return str([tx.all(f"SELECT * FROM {table}") for table in kept])  # noqa: S608

    stored = house.stage.store.transact(everything)
    assert link.rpartition("/")[2] not in stored
    assert key not in stored


async def test_s4_behind_https_the_cookie_is_of_this_host_only(tmp_path: Path) -> None:
    house = House(f"sqlite:///{tmp_path}/https.sqlite3", tmp_path, public_url=f"https://{HOST}")
    async with house.browser(f"https://{HOST}") as dana:
        answer = await dana.post(house.link("dana"))
    house.close()

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-desk=")
    assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "max-age=31536000" == answer.headers["strict-transport-security"]


async def test_s4_behind_https_what_was_done_is_not_told_in_the_open(tmp_path: Path) -> None:
    house = House(f"sqlite:///{tmp_path}/https.sqlite3", tmp_path, public_url=f"https://{HOST}")
    page = f"/desk/jobs/{house.jobs['tina']}"
    async with house.browser(f"https://{HOST}") as browser:
        await browser.post(house.link("dana"))
        form = await Visit(browser).keys(page) | {"text": "Ring twice."}
        answer = await browser.post(f"{page}/message", data=form)
    house.close()

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("desk-said=")
    assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/desk"} <= set(cookie.split("; "))


async def test_s4_without_https_the_cookie_is_not_for_scripts_and_other_sites(house: House) -> None:
    async with house.browser() as dana:
        answer = await dana.post(house.link("dana"))

    assert {"HttpOnly", "SameSite=lax"} <= set(answer.headers["set-cookie"].split("; "))


@pytest.mark.parametrize("path", ["/desk/", "/desk/me", "/desk/in/nothing", "/desk/nowhere"])
async def test_s4_every_answer_has_strict_headers(house: House, path: str) -> None:
    async with house.at_desk("dana") as dana:
        headers = (await dana.get(path)).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "nosniff" == headers["x-content-type-options"]
    assert "no-store" == headers["cache-control"]
    assert "DENY" == headers["x-frame-options"]


async def test_no_page_has_a_script_or_a_style_of_its_own(house: House) -> None:
    async with house.at_desk("dana") as dana:
        text = await dana.page("/desk/")

    assert [] == [bad for bad in (" style=", "<style", "<script>", " onclick=") if bad in text]


async def test_an_unused_browser_is_signed_out(house: House) -> None:
    async with house.at_desk("dana") as dana:
        pushed(house, sessions.IDLE - MINUTE)
        assert 200 == (await dana.get("/desk/")).status_code
        pushed(house, sessions.IDLE - MINUTE)
        assert 200 == (await dana.get("/desk/")).status_code
        pushed(house, sessions.IDLE)
        assert 401 == (await dana.get("/desk/")).status_code


async def test_a_page_that_only_asks_for_news_does_not_keep_a_browser_signed_in(
    house: House,
) -> None:
    async with house.at_desk("dana") as dana:
        pushed(house, sessions.IDLE - MINUTE)
        assert 200 == (await dana.get("/desk/live")).status_code
        pushed(house, MINUTE)
        assert 401 == (await dana.get("/desk/live")).status_code


async def test_no_session_lasts_longer_than_a_week(house: House) -> None:
    async with house.at_desk("dana") as dana:
        for _ in range(sessions.LONGEST // (11 * HOUR)):
            pushed(house, 11 * HOUR)
            assert 200 == (await dana.get("/desk/")).status_code
        pushed(house, 11 * HOUR)
        assert 401 == (await dana.get("/desk/")).status_code


async def test_signing_out_ends_this_browser_and_no_other(house: House) -> None:
    async with house.at_desk("dana") as here, house.at_desk("dana") as there:
        await here.send("/desk/sign-out")

        assert 401 == (await here.get("/desk/")).status_code
        assert 200 == (await there.get("/desk/")).status_code


async def test_signing_out_everywhere_ends_all_and_voids_links(house: House) -> None:
    async with house.at_desk("dana") as here, house.at_desk("dana") as there:
        link = house.link("dana")
        await here.send("/desk/sign-out/everywhere")

        assert 401 == (await here.get("/desk/")).status_code
        assert 401 == (await there.get("/desk/")).status_code
        assert 404 == (await here.browser.post(link)).status_code


async def test_another_browser_of_ones_own_can_be_signed_out(house: House) -> None:
    async with house.at_desk("dana") as there, house.at_desk("dana") as here:
        first = house.stage.row(lambda tx: tx.one("SELECT min(id) AS id FROM desk_sessions"))["id"]
        assert "signed out" in await here.does(f"/desk/sessions/{first}/end")

        assert 401 == (await there.get("/desk/")).status_code
        assert 200 == (await here.get("/desk/")).status_code


async def test_whoever_loses_their_role_loses_the_desk(house: House) -> None:
    async with house.at_desk("dana") as dana:
        house.stage.is_set("dana", "roles", "technician")
        assert 401 == (await dana.get("/desk/")).status_code


async def test_s4_a_form_without_its_token_changes_nothing(house: House) -> None:
    async with house.at_desk("dana") as dana:
        answer = await dana.send("/desk/sign-out/everywhere", csrf="0" * 64)

        assert 303 == answer.status_code
        assert 200 == (await dana.get("/desk/")).status_code


async def test_s4_a_form_of_another_site_changes_nothing(house: House) -> None:
    async with house.at_desk("dana") as dana:
        keys = await dana.keys()
        for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
            answer = await dana.browser.post("/desk/sign-out", data=keys, headers=headers)
            assert 404 == answer.status_code

        assert 200 == (await dana.get("/desk/")).status_code


async def test_nobody_is_signed_in_by_another_site(house: House) -> None:
    async with house.browser() as dana:
        answer = await dana.post(house.link("eve"), headers={"origin": "https://evil.example"})

        assert 404 == answer.status_code
        assert 401 == (await dana.get("/desk/")).status_code


async def test_s4_whoever_guesses_links_has_to_wait(house: House) -> None:
    async with house.browser() as stranger:
        codes = [
            (await stranger.post(f"/desk/in/guess{n}")).status_code
            for n in range(sessions.MISSES + 2)
        ]
        waits = (await stranger.post(house.link("dana"))).status_code

    assert [404] * sessions.MISSES + [429, 429] == codes
    assert 429 == waits


def test_misses_are_forgotten_in_time_and_never_pile_up() -> None:
    now = [0.0]
    guesses = sessions.Guesses(lambda: now[0])
    for n in range(6000):
        guesses.missed(f"10.0.0.{n}")
    for _ in range(sessions.MISSES):
        guesses.missed("10.1.1.1")

    assert guesses.too_many("10.1.1.1")
    assert not guesses.too_many("10.1.1.2")
    now[0] = sessions.SPAN + 1
    assert not guesses.too_many("10.1.1.1")
    assert len(guesses._misses) < 5000


def test_a_link_that_could_not_leave_in_time_does_not_leave(house: House) -> None:
    with_address(house)
    house.stage.says("dana", "DESK")

    rows = house.stage.store.transact(lambda tx: tx.all("SELECT * FROM outbox WHERE kind = 'desk'"))
    assert [row["created_at"] + 10 * MINUTE for row in rows] == [row["expires_at"] for row in rows]
    assert rows
