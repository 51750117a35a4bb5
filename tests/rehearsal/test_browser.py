"""The rehearsal in Chromium: both days played by clicking, at a desk and on a phone's screen."""

import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.rehearsal.playing import Playing, bare_settings, playing

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SIZES = {"desk": (1280, 800), "phone": (390, 844)}
# Long enough for a machine that does something else as well.
expect.set_options(timeout=15_000)


@pytest.fixture
async def rehearsal(tmp_path: Path) -> AsyncIterator[Playing]:
    async with playing(bare_settings(tmp_path)) as started:
        yield started


@contextlib.asynccontextmanager
async def page_of(rehearsal: Playing, browser: Browser, size: str) -> AsyncIterator["Hands"]:
    width, height = SIZES[size]
    page = await browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(15_000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console",
        lambda line: wrong.append(line.text) if line.type in ("error", "warning") else None,
    )
    await page.goto(f"{rehearsal.url}/rehearsal/")
    yield Hands(page, small=size == "phone")
    await page.close()
    assert [] == wrong


@pytest.fixture(params=SIZES)
async def hands(
    request: pytest.FixtureRequest, rehearsal: Playing, browser: Browser
) -> AsyncIterator["Hands"]:
    """Once on a desk, once on a phone's screen."""
    async with page_of(rehearsal, browser, request.param) as somebody:
        yield somebody


@pytest.fixture
async def at_a_desk(rehearsal: Playing, browser: Browser) -> AsyncIterator["Hands"]:
    async with page_of(rehearsal, browser, "desk") as somebody:
        yield somebody


class Hands:
    """Somebody who plays on the page."""

    def __init__(self, page: Page, *, small: bool) -> None:
        self.page, self.small = page, small

    async def look_at(self, pane: str) -> Locator:
        """Go to a pane: on a small screen by its tab."""
        if self.small:
            await self.page.click(f'[data-tab="{pane}"]')
        return self.page.locator(f'[data-slot="{pane}"]')

    async def takes(self, slot: str, name: str) -> None:
        """Take somebody's phone."""
        await (await self.look_at(slot)).get_by_role("button", name=re.compile(f"^{name}")).click()

    async def types(self, slot: str, text: str) -> None:
        """Type into the phone in hand and press Enter."""
        field = (await self.look_at(slot)).locator(".phone:visible input[name=text]")
        await field.fill(text)
        await field.press("Enter")

    async def presses(self, slot: str, label: str) -> None:
        """Press the newest inline button with these words."""
        await (
            (await self.look_at(slot))
            .locator(".phone:visible [data-press]", has_text=label)
            .last.click()
        )

    async def sends_photo(self, name: str) -> None:
        """Send a sample photo from the technician's phone."""
        slot = await self.look_at("technician")
        await slot.locator(".phone:visible .attach summary").click()
        await slot.locator(".phone:visible").get_by_role("button", name=name, exact=True).click()

    async def sees(self, slot: str, text: str) -> None:
        """Wait for a message (or anything in that pane)."""
        await expect(
            (await self.look_at(slot)).get_by_text(text).filter(visible=True).last
        ).to_be_visible()

    async def pushes(self, label: str) -> None:
        """Push the clock, and wait until it has arrived."""
        button = self.page.get_by_role("button", name=label, exact=True)
        await button.click()
        await expect(button).not_to_have_attribute("aria-disabled", "true")

    async def job_stands_at(self, state: str) -> None:
        """Wait until the job's pane says so."""
        pane = await self.look_at("job")
        await expect(pane.locator(".state-big")).to_have_text(state)
        await self.look_at("technician")

    async def gets_to_the_door(self) -> None:
        """Day sheet, plan, ETA, and there at 9:25."""
        await self.sees("technician", "Good morning")
        await self.types("technician", "A 930 B 1230")
        await self.sees("technician", "I remind you of the ETA")
        await self.pushes("+1 h")
        await self.pushes("+30")
        await self.sees("technician", "1/11")
        await self.presses("technician", "ETA sent")
        await self.sees("technician", "2/11")
        await self.pushes("+1 h")
        await self.pushes("+10")
        await self.presses("technician", "At the door")
        await self.sees("technician", "3/11")


async def test_tinas_day_to_reported(hands: Hands, rehearsal: Playing) -> None:
    await hands.gets_to_the_door()
    for button, then in (("Started and accepted", "4/11"), ("Signed in", "5/11")):
        await hands.presses("technician", button)
        await hands.sees("technician", then)
    await hands.pushes("+30")
    for button, then in (
        ("Built", "6/11"),
        ("Complete Job pressed", "7/11"),
        ("Signed and submitted", "8/11"),
    ):
        await hands.presses("technician", button)
        await hands.sees("technician", then)
    await hands.sends_photo("Selfie")
    await hands.sees("technician", "9/11")
    for button, then in (
        ("Gone", "10/11"),
        ("Signed out", "11/11"),
        ("Entered in Mars", "Next is"),
    ):
        await hands.presses("technician", button)
        await hands.sees("technician", then)

    await hands.job_stands_at("reported")
    assert "reported" == rehearsal.job("114-7")["state"]
    await expect((await hands.look_at("job")).get_by_alt_text("selfie photo")).to_be_visible()


async def test_nobody_home_to_left_open(hands: Hands, rehearsal: Playing) -> None:
    await hands.gets_to_the_door()
    await hands.presses("technician", "Problem")
    await hands.presses("technician", "Nobody home")
    await hands.sees("technician", "Take a photo of the door now")
    await hands.sends_photo("Front door")
    await hands.sees("technician", "Now call customer service")
    await hands.sees("manager", "No-show")
    await hands.presses("manager", "I take it")
    await hands.sees("manager", "1 is yours")
    await hands.takes("manager", "Carl")
    await hands.sees("manager", "NO-SHOW")
    await hands.presses("technician", "I called them")
    await hands.sees("technician", "Wait until")
    await hands.pushes("+30")
    await hands.pushes("+1 min")
    await hands.sees("technician", "you may leave")
    await hands.presses("technician", "Entered in Mars")

    await hands.job_stands_at("left open")
    assert "left_open" == rehearsal.job("114-7")["state"]
    job = await hands.look_at("job")
    await expect(job.get_by_text("1.2 units")).to_be_visible()
    mail = await hands.look_at("mail")
    await expect(mail.locator(".letter h3")).to_have_text(
        [re.compile("No-show, visit failed: WO 114-7"), re.compile("No-show: WO 114-7")]
    )
    await expect(mail.locator(".attachments img")).to_have_count(2)


async def test_the_guide_plays_by_its_button(hands: Hands, rehearsal: Playing) -> None:
    """Somebody joins meanwhile: the page comes anew with the phones that there are now."""
    await hands.page.get_by_role("button", name="A newcomer", exact=True).click()
    guide = hands.page.locator("[data-pane=guide]")
    words = guide.locator(".suggestion p")
    for _ in range(4):
        do = guide.locator(".do:not([aria-disabled])")
        await do.first.wait_for()
        before = await words.inner_text()
        await do.click()
        await expect(words).not_to_have_text(before)

    await hands.sees("technician", "The wallet card")
    whose = hands.page.get_by_role("button", name="Noah Telegram")
    await expect(whose).to_have_attribute("aria-pressed", "true")
    await expect(whose).to_be_in_viewport(ratio=0.9)


async def test_one_conversation_whichever_phone_is_used(
    at_a_desk: Hands, rehearsal: Playing
) -> None:
    await at_a_desk.sees("technician", "Good morning")
    await at_a_desk.takes("technician", "Tina SMS")
    await at_a_desk.types("technician", "A 930 B 1230")

    await at_a_desk.sees("technician", "Planned: A 9:30, B 12:30")
    await at_a_desk.sees("technician", "1 segment")

    await at_a_desk.page.reload()  # as it does by itself when somebody joins
    await at_a_desk.sees("technician", "1 segment")


async def test_the_page_fits_and_never_jumps(hands: Hands) -> None:
    await hands.sees("technician", "Good morning")
    top = "document.querySelector(part).getBoundingClientRect().top"
    places = f"['.composer', '.guide', '.chat'].map(part => {top})"
    before = await hands.page.evaluate(places)
    await hands.types("technician", "today")
    await hands.sees("technician", "Walter Lindqvist, 408 River Rd:")

    assert before == await hands.page.evaluate(places)
    assert await hands.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_it_is_played_by_keyboard(at_a_desk: Hands) -> None:
    await at_a_desk.page.keyboard.press("Tab")
    await expect(at_a_desk.page.get_by_text("Skip to the phones")).to_be_focused()
    await at_a_desk.sees("technician", "Good morning")
    planned = at_a_desk.page.locator("[data-press]", has_text="As planned")
    await planned.focus()
    await at_a_desk.page.keyboard.press("Enter")

    await at_a_desk.sees("technician", "I remind you of the ETA")
    focused = await at_a_desk.page.evaluate(
        "document.activeElement.closest('[data-device]') !== null"
    )
    assert focused, "the focus stays on the phone when the pressed button goes away"


async def test_a_photo_of_ones_own_and_what_is_none(at_a_desk: Hands) -> None:
    await at_a_desk.sees("technician", "Good morning")
    slot = await at_a_desk.look_at("technician")
    picture = await at_a_desk.page.screenshot(type="png")
    await slot.locator(".phone:visible input[type=file]").set_input_files(
        {"name": "mine.png", "mimeType": "image/png", "buffer": picture}
    )
    await expect(slot.locator(".mine .shot")).to_be_visible()
    await slot.locator(".phone:visible input[name=text]").fill("<b>not bold</b>")
    await slot.locator(".phone:visible input[name=text]").press("Enter")

    await at_a_desk.sees("technician", "<b>not bold</b>")
