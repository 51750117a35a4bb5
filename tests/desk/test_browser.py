"""The desk in Chromium: WCAG AA by axe, a phone's width, the keyboard, news by themselves."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Browser, Page, expect

from bot.operator.preparing import mark
from bot.wires.serving import Server, listen
from storage import people
from tests.desk.visiting import House

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = [(390, "light"), (1280, "dark")]
expect.set_options(timeout=15_000)


@pytest.fixture
async def url(house: House) -> AsyncIterator[str]:
    """The house's desk on a port of its own."""
    sock = listen("127.0.0.1", 0)
    config = uvicorn.Config(house.app, access_log=False, log_config=None, lifespan="off", ws="none")
    server = Server(config)
    running = asyncio.create_task(server.serve(sockets=[sock]))
    yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    server.should_exit = True
    await running
    sock.close()


@contextlib.asynccontextmanager
async def signed_in(
    house: House, browser: Browser, url: str, who: str, width: int = 1280, scheme: Any = "light",
    *, loses: str = "nothing at all",
) -> AsyncIterator[Page]:  # fmt: skip
    """Somebody's browser after the button behind the link; what it complains of fails the test,
    but for what a test lets it lose."""
    context = await browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme
    )
    page = await context.new_page()
    page.set_default_timeout(15_000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    await page.goto(url + house.link(who))
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/desk/")
    yield page
    await context.close()
    assert [] == [line for line in wrong if loses not in line]


def a_bad_morning(house: House) -> None:
    """Tina waits at a door, with a photo, a mail, an alert and a fee."""
    house.run_until("07:05", "A 930")
    house.run_until("08:25", "1")
    house.run_until("09:25", "1", "2", "2")
    path = house.keep_picture()
    photo = house.stage.sends_photo("tina")
    house.stage.store.transact(lambda tx: tx.update("photos", photo, path=path))
    house.stage.says("tina", "1")
    house.stage.store.transact(
        lambda tx: tx.put(
            "fees", job_id=house.jobs["tina"], slot="visit", reason="failed_visit", units="1.2",
            status="owed", rule="A42", evidence="{}", at=house.stage.clock.now(),
        )
    )  # fmt: skip
    house.stage.store.transact(
        lambda tx: mark(
            tx, house.stage.context, people.get(tx, house.stage.people["tina"]) or {}, "apollo",
            "videos", now=house.stage.clock.now(), by="Dana", channel="desk",
        )
    )  # fmt: skip


async def judged(page: Page) -> list[str]:
    """What axe finds wrong, and whether the page is wider than the screen."""
    await page.evaluate(AXE)
    found = await page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", RULES
    )
    wrong = [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
    if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        wrong.append("wider than the screen")
    return [f"{page.url}: {each}" for each in wrong]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
async def test_every_page_is_wcag_aa_and_fits(
    house: House, browser: Browser, url: str, width: int, scheme: str
) -> None:
    await asyncio.to_thread(a_bad_morning, house)
    job, tina = house.jobs["tina"], house.stage.people["tina"]
    paths = [
        "/desk/", f"/desk/jobs/{job}", "/desk/people", f"/desk/people/{tina}", "/desk/ledger",
        "/desk/search?q=elm", "/desk/exports", "/desk/manifest", "/desk/new", "/desk/figures", "/desk/me",
        "/desk/?day=2027-01-01",
    ]  # fmt: skip
    wrong: list[str] = []
    async with signed_in(house, browser, url, "otto", width, scheme) as page:
        for path in paths:
            await page.goto(url + path)
            wrong += await judged(page)
        await page.goto(f"{url}/desk/people/{tina}")
        await page.get_by_role("button", name="Invite another phone").click()
        await expect(page.get_by_role("img", name="QR code")).to_be_visible()
        wrong += await judged(page)
    context = await browser.new_context(viewport={"width": width, "height": 844})
    page = await context.new_page()
    for path in ("/desk/", house.link("dana"), "/desk/in/nothing"):
        await page.goto(url + path)
        wrong += await judged(page)
    await context.close()

    assert [] == wrong, "\n".join(wrong)


async def test_it_is_worked_by_keyboard(house: House, browser: Browser, url: str) -> None:
    async with signed_in(house, browser, url, "dana") as page:
        await page.keyboard.press("Tab")
        await expect(page.get_by_text("Skip to the page")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await expect(page.get_by_label("The day before")).to_be_focused()
        await page.get_by_role("link", name="Carla Montgomery").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/desk/jobs/*")
        await page.get_by_text("Move to another time").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Window", exact=True)).to_be_visible()


async def test_news_come_by_themselves_and_typing_is_left_alone(
    house: House, browser: Browser, url: str
) -> None:
    house.run_until("07:05", "A 930")
    async with signed_in(house, browser, url, "dana") as page:
        await page.get_by_role("link", name="Carla Montgomery").click()
        await page.get_by_label("What Tina reads, in your name").fill("Half a sen")
        house.run_until("08:25", "1")
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

        await expect(page.locator(".standing .state")).to_have_text("on the way")
        await expect(page.get_by_label("What Tina reads")).to_have_value("Half a sen")
        seen = await page.locator("aside input[name=seen]").first.input_value()
    assert seen.startswith(f"{house.job('114-7')['since']}.")


async def test_a_pointer_that_rests_on_a_button_stops_no_news(
    house: House, browser: Browser, url: str
) -> None:
    """Only one that moved just now is about to press: after each press it rests on a button."""
    look = "document.dispatchEvent(new Event('visibilitychange'))"
    later = "(n => performance.now = () => n() + 11000)(performance.now.bind(performance))"
    house.run_until("07:05", "A 930", "MANAGER the gate code is wrong")
    async with signed_in(house, browser, url, "dana") as page:
        await page.get_by_role("button", name="I take it").hover()
        house.run_until("07:10", "OUT")
        await page.evaluate(look)
        assert 1 == await page.locator(".alert").count()
        async with page.expect_response("**/desk/live*"):
            await page.evaluate(f"{later}; {look}")
        await expect(page.locator(".alert")).to_have_count(2)


async def test_two_clicks_send_one_message_and_the_photo_opens_in_large(
    house: House, browser: Browser, url: str
) -> None:
    await asyncio.to_thread(a_bad_morning, house)
    async with signed_in(house, browser, url, "dana", 390) as page:
        await expect(page.locator(".alert a.proof img")).to_be_visible()
        await page.goto(f"{url}/desk/jobs/{house.jobs['tina']}")
        await page.get_by_role("link", name="door photo").click()
        await expect(page.locator("dialog.photo img")).to_be_visible()
        await page.get_by_role("button", name="Nearer, or whole").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("dialog.photo.near")).to_be_visible()
        await page.keyboard.press("Escape")
        await page.get_by_label("What Tina reads, in your name").fill("Look behind the house")
        await page.get_by_role("button", name="Send", exact=True).dblclick()
        await expect(page.get_by_text("Your message is on its way to Tina")).to_be_visible()

    assert 1 == [event for event, _, _ in house.events("114-7")].count("managers_word")


async def test_a_jobs_row_on_a_phone_is_not_squeezed_into_letters(
    house: House, browser: Browser, url: str
) -> None:
    house.run_until("07:05", "A 930")
    house.run_until("08:25", "1")
    house.run_until("09:25", "1", "1", "1", "2", "4", "2 side panels cracked")
    house.stage.sends_photo("tina")
    house.stage.says("tina", "1")
    lost = "Failed to load"  # the photo has no bytes
    async with signed_in(house, browser, url, "dana", 390, loses=lost) as page:
        clock = page.locator(".line .clock").filter(has_text="there since")
        box = await clock.bounding_box()

    assert "damaged.customer_wish" == house.job("114-7")["state"]
    assert box is not None
    assert box["width"] > 90


async def test_a_board_without_news_costs_nothing_and_a_lost_connection_is_said(
    house: House, browser: Browser, url: str
) -> None:
    """What is asked for again is answered 304; in the background nothing is asked."""
    async with signed_in(house, browser, url, "dana", loses="Failed to load") as page:
        answers: list[int] = []
        page.on(
            "response",
            lambda answer: answers.append(answer.status) if "/desk/live" in answer.url else None,
        )
        look = "document.dispatchEvent(new Event('visibilitychange'))"
        async with page.expect_response("**/desk/live*"):
            await page.evaluate(look)
        await page.evaluate(
            "Object.defineProperty(document, 'hidden', {value: true, writable: true})"
        )
        async with page.expect_event("console", lambda line: line.text == "looked"):
            await page.evaluate(f"{look}; console.log('looked')")
        await page.evaluate("document.hidden = false")
        unchanged = list(answers)
        await page.route("**/desk/live*", lambda route: route.fulfill(status=503))
        await page.evaluate(look)
        await expect(page.get_by_text("No connection since")).to_be_visible()
        await page.unroute("**/desk/live*")
        house.run_until("07:05", "A 930")
        await page.evaluate(look)

        await expect(page.get_by_text("No connection since")).to_be_hidden()
        await expect(page.locator(".line .clock")).to_have_text("due 9:30 AM")
    assert [304] == unchanged


async def test_the_button_that_has_the_focus_keeps_it_when_a_worse_alert_comes_before_it(
    house: House, browser: Browser, url: str
) -> None:
    """Enter answers what it was meant for."""
    house.run_until("07:05", "A 930", "MANAGER the gate code is wrong")
    async with signed_in(house, browser, url, "dana") as page:
        take = page.get_by_role("button", name="I take it")
        await take.focus()
        mild = await take.evaluate("button => button.form.getAttribute('action')")
        house.run_until("07:10", "OUT")
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await expect(page.locator(".alert")).to_have_count(2)
        held = await page.evaluate("document.activeElement.form.getAttribute('action')")
        first = await page.locator(".alert form").first.get_attribute("action")

    assert mild == held
    assert first != held


async def test_an_alert_is_answered_by_keyboard_alone_and_the_focus_is_always_seen(
    house: House, browser: Browser, url: str
) -> None:
    """Four keys from the top of the page to an answer's button; every stop has its ring."""
    house.run_until("07:05", "A 930", "MANAGER the gate code is wrong")
    ring = (
        "() => { const at = document.activeElement, box = at.getBoundingClientRect();"
        " return at === document.body || (getComputedStyle(at).outlineStyle !== 'none'"
        " && box.bottom > 0 && box.top < innerHeight && box.width > 0) }"
    )
    unseen: list[str] = []
    at = "document.activeElement.textContent.trim()"
    async with signed_in(house, browser, url, "dana") as page:
        for label in ("I take it", "It is settled"):
            for key in ("Tab", "Tab", "Enter", "Tab", "Tab", "Tab"):
                await page.keyboard.press(key)
            assert label == await page.evaluate(at)
            async with page.expect_navigation():
                await page.keyboard.press("Enter")
        while await page.evaluate("document.activeElement !== document.body") or not unseen:
            await page.keyboard.press("Tab")
            unseen.append(await page.evaluate(f"({ring})() ? '' : {at}"))

    assert set(unseen) == {""}
    assert ("alert_settled", "Dana Cole", "desk") in house.events("114-7")


async def test_without_scripts_a_link_looks_again_and_alerts_are_answered(
    house: House, browser: Browser, url: str
) -> None:
    house.run_until("07:05", "A 930")
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(url + house.link("dana"))
    await page.get_by_role("button", name="Sign in").click()
    house.run_until("07:08", "MANAGER the gate code is wrong")
    await page.get_by_role("link", name="Look again").click()
    await expect(page.get_by_text("the gate code is wrong")).to_be_visible()
    await page.get_by_role("button", name="I take it").click()
    await expect(page.get_by_text("Taken by Dana Cole")).to_be_visible()
    await context.close()
