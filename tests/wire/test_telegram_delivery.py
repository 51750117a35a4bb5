"""What leaves over the Bot API: formatting, buttons, order, pace and every kind of failure."""

import asyncio
import json
import time
from pathlib import Path

import pytest

from bot.channels.telegram import Telegram
from bot.pictures.photo_store import Folder
from bot.rehearsal.carriers.botapi import BotApi
from bot.rehearsal.carriers.telegram_phone import Phone
from bot.wires import sending
from bot.wires.delivery import Delivery
from bot.wires.limits import Pace, telegram_pace
from tests.wire.world import World, until

MINUTE = 60_000


@pytest.fixture
def delivery(world: World, telegram: Telegram, tmp_path: Path) -> Delivery:
    return make_delivery(world, telegram, tmp_path)


def make_delivery(
    world: World, telegram: Telegram, tmp_path: Path, pace: Pace | None = None
) -> Delivery:
    return Delivery(
        world.store,
        world.writer,
        world.door,
        world.clock,
        [telegram],
        read=Folder(tmp_path / "photos").get,
        paces={"telegram": pace or Pace(None)},
    )


@pytest.fixture
def tina(botapi: BotApi) -> Phone:
    phone = botapi.user("Tina")
    phone.starts()
    return phone


def queue(world: World, phone: Phone, text: str = "Hello", **more: object) -> int:
    payload = json.dumps({"text": text})
    return world.queue("telegram", str(phone.id), payload, **more)


def texts(phone: Phone) -> list[str | None]:
    return [message.text for message in phone.inbox]


async def test_a_text_with_buttons_arrives_as_it_was_written(
    world: World, delivery: Delivery, tina: Phone
) -> None:
    payload = {"text": "<b>3/11</b> R&amp;D &lt;Tom&gt;", "buttons": [[["Done", "1:2:done"]]]}
    row = world.queue("telegram", str(tina.id), json.dumps(payload))

    await delivery.attempt_all_due()

    (message,) = tina.inbox
    assert message.text == "3/11 R&D <Tom>"
    assert [[button.data for button in line] for line in message.buttons] == [["1:2:done"]]
    assert world.row(row)["status"] == "sent"
    assert world.row(row)["provider_id"] == str(message.message_id)


async def test_trap_33_a_text_that_cannot_be_formatted_leaves_as_plain_text(
    world: World, delivery: Delivery, tina: Phone
) -> None:
    row = queue(world, tina, "R&D <Tom> <b>now")

    await delivery.attempt_all_due()

    assert texts(tina) == ["R&D <Tom> now"]
    assert world.row(row)["error"] == "sent as plain text"


async def test_a_text_that_is_too_long_is_cut_and_not_lost(
    world: World, delivery: Delivery, tina: Phone
) -> None:
    queue(world, tina, "\N{HAMMER}\N{VARIATION SELECTOR-16}" * 3000)

    await delivery.attempt_all_due()

    (text,) = texts(tina)
    assert text is not None
    assert text.endswith("…")


async def test_a_contact_card_a_picture_and_a_file(
    world: World, delivery: Delivery, tina: Phone, tmp_path: Path, jpeg: bytes
) -> None:
    path, _ = await Folder(tmp_path / "photos").put(jpeg, "image/jpeg")
    photo = world.announce("telegram", "{}")
    world.store.transact(
        lambda tx: world.door.photo_stored(
            tx, photo, sha256="", size=len(jpeg), mime="image/jpeg", path=path
        )
    )
    form = tmp_path / "form.pdf"
    form.write_bytes(b"%PDF-1.4 form")
    chat = str(tina.id)
    world.queue(
        "telegram", chat, json.dumps({"contact": {"name": "Office", "phone": "+18558363483"}})
    )
    world.queue("telegram", chat, json.dumps({"photo": photo, "text": "<i>The door</i>"}))
    document = {"path": str(form), "name": "Manual form.pdf"}
    world.queue("telegram", chat, json.dumps({"document": document, "text": "The form"}))

    await delivery.attempt_all_due()

    contact, picture, file = tina.inbox
    assert contact.extra["contact"]["phone_number"] == "+18558363483"
    assert picture.caption == "The door"
    assert picture.photo
    assert (file.filename, file.document) == ("Manual form.pdf", b"%PDF-1.4 form")


async def test_p3_messages_to_one_chat_keep_their_order_urgent_first(
    world: World, delivery: Delivery, tina: Phone
) -> None:
    for number in range(5):
        queue(world, tina, f"bulk {number}", lane=3)
    queue(world, tina, "alert", kind="alert", lane=0)

    await delivery.attempt_all_due()

    assert texts(tina) == ["alert", *(f"bulk {number}" for number in range(5))]


async def test_trap_27_a_blocked_bot_is_told_once_and_not_tried_again(
    world: World, delivery: Delivery, tina: Phone, botapi: BotApi
) -> None:
    tina.blocks_bot()
    row = queue(world, tina)

    await delivery.attempt_all_due()
    world.advance(60 * MINUTE)
    await delivery.attempt_all_due()

    assert world.door.failed == [(row, "blocked")]
    assert world.row(row)["status"] == "failed"
    assert len([call for call in botapi.calls if call.method == "sendMessage"]) == 1


async def test_trap_26_a_400_is_final_though_it_is_a_network_error_to_the_library(
    world: World, delivery: Delivery, botapi: BotApi, tina: Phone
) -> None:
    row = world.queue("telegram", "987654321", json.dumps({"text": "Who is there?"}))

    await delivery.attempt_all_due()

    assert world.door.failed == [(row, "invalid")]
    assert world.row(row)["status"] == "failed"


async def test_trap_25_a_429_holds_its_chat_and_no_other(
    world: World, delivery: Delivery, botapi: BotApi, tina: Phone
) -> None:
    other = botapi.user("Tom")
    other.starts()
    botapi.faults.add("sendMessage", target=tina.id, retry_after=2)
    row = queue(world, tina, "first")
    queue(world, tina, "second")
    queue(world, other, "other")

    await delivery.attempt_all_due()
    assert texts(tina) == []
    assert texts(other) == ["other"]
    assert world.row(row)["status"] == "pending"
    began = time.monotonic()
    world.advance(3000)  # business time may jump: the provider's wait is real
    await delivery.attempt_all_due()

    assert texts(tina) == ["first", "second"]
    assert time.monotonic() - began > 1.5


@pytest.mark.parametrize("status", [500, 502])
async def test_p8_an_outage_of_hours_delays_and_loses_nothing(
    world: World, delivery: Delivery, botapi: BotApi, tina: Phone, status: int
) -> None:
    outage = botapi.faults.add("sendMessage", status=status, times=None)
    others = [botapi.user(f"T{number}") for number in range(20)]
    for other in others:
        other.starts()
        queue(world, other, "hello")
    for number in range(3):
        queue(world, tina, f"{number}", kind="prompt")

    for _ in range(40):
        await delivery.attempt_all_due()
        world.advance(5 * MINUTE)
    assert texts(tina) == []
    botapi.faults.clear(outage)
    await delivery.attempt_all_due()

    assert texts(tina) == ["0", "1", "2"]
    assert [texts(other) for other in others] == [["hello"]] * 20
    assert outage.fired <= 65, "an outage is probed with growing pauses, not hammered"


async def test_p8_a_server_that_is_gone_is_found_again(
    world: World, tmp_path: Path, botapi: BotApi, tina: Phone
) -> None:
    telegram = Telegram("4839574812:AAFD39kkdpWt3ywyRZergyOLMaJhac60qcA", "http://127.0.0.1:9")
    row = queue(world, tina)

    await make_delivery(world, telegram, tmp_path).attempt_all_due()
    await telegram.close()

    assert (world.row(row)["status"], world.row(row)["attempts"]) == ("pending", 1)
    assert world.row(row)["claimed_at"] is None, "nobody can have answered a prompt that never left"


async def test_trap_12_a_prompt_whose_answer_was_lost_is_sent_once_more_and_no_more(
    world: World, delivery: Delivery, botapi: BotApi, tina: Phone
) -> None:
    botapi.faults.add("sendMessage", drop="after", times=None)
    row = queue(world, tina, "Arrived?", kind="prompt")

    for _ in range(5):
        await delivery.attempt_all_due()
        world.advance(MINUTE)

    assert texts(tina) == ["Arrived?", "Arrived?"]
    assert world.row(row)["status"] == "unknown"


async def test_p5_an_alert_whose_answer_was_lost_is_sent_until_it_is_known_to_have_left(
    world: World, delivery: Delivery, botapi: BotApi, tina: Phone
) -> None:
    botapi.faults.add("sendMessage", drop="after", times=3)
    row = queue(world, tina, "No-show", kind="alert")

    for _ in range(6):
        await delivery.attempt_all_due()
        world.advance(5 * MINUTE)

    assert len(texts(tina)) == 4
    assert world.row(row)["status"] == "sent"


async def test_p5_a_prompt_of_unknown_outcome_is_not_repeated_after_fifteen_minutes(
    world: World, delivery: Delivery, botapi: BotApi, tina: Phone
) -> None:
    botapi.faults.add("sendMessage", drop="after")
    row = queue(world, tina, kind="prompt")

    await delivery.attempt_all_due()
    world.advance(16 * MINUTE)
    await delivery.attempt_all_due()

    assert len(texts(tina)) == 1
    assert world.row(row)["status"] == "unknown"


async def test_a_server_that_hangs_counts_as_unknown(
    world: World, delivery: Delivery, botapi: BotApi, tina: Phone
) -> None:
    botapi.faults.add("sendMessage", hang=True)
    row = queue(world, tina, kind="prompt")

    await delivery.attempt_all_due()

    assert world.row(row)["error"].startswith("outcome unknown ×1")


async def test_a_row_that_expired_does_not_leave(
    world: World, delivery: Delivery, tina: Phone
) -> None:
    row = queue(world, tina, expires_at=world.clock.now())

    await delivery.attempt_all_due()

    assert texts(tina) == []
    assert world.row(row)["status"] == "dropped"


async def test_a_wrong_token_is_told_once_and_everything_waits(
    world: World, tmp_path: Path, botapi: BotApi, tina: Phone, delivery: Delivery
) -> None:
    telegram = Telegram("4839574812:AAwrongwrongwrongwrongwrongwrongwron", botapi.base_url)
    rows = [queue(world, tina, f"{number}") for number in range(2)]

    broken = make_delivery(world, telegram, tmp_path)
    await broken.attempt_all_due()
    world.advance(6 * MINUTE)
    await broken.attempt_all_due()
    await telegram.close()
    assert world.door.stopped == [("telegram", "configuration")]
    assert world.door.failed == []
    assert [world.row(row)["status"] for row in rows] == ["pending", "pending"]
    world.advance(6 * MINUTE)
    await delivery.attempt_all_due()

    assert texts(tina) == ["0", "1"]


async def test_p5_the_lease_of_a_sender_that_died_is_taken_over(
    world: World, delivery: Delivery, tina: Phone
) -> None:
    row = queue(world, tina, kind="alert", status="sending", attempts=1, lease_until=1)

    await delivery.attempt_all_due()
    world.advance(MINUTE)
    await delivery.attempt_all_due()

    assert texts(tina) == ["Hello"]
    assert world.row(row)["status"] == "sent"


async def test_p5_what_was_claimed_too_long_ago_does_not_leave_any_more(
    world: World, telegram: Telegram, tmp_path: Path, tina: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to the claim came late (a stopped process, a cut line): another may send it now."""
    row = queue(world, tina)
    monkeypatch.setattr(sending, "GRACE", -60_000)
    away = make_delivery(world, telegram, tmp_path)
    monkeypatch.undo()

    await away.attempt_all_due()
    assert texts(tina) == []
    assert world.row(row)["status"] == "pending"
    world.advance(MINUTE)
    await make_delivery(world, telegram, tmp_path).attempt_all_due()

    assert texts(tina) == ["Hello"]


async def test_f7_an_urgent_row_takes_the_next_free_slot_before_a_backlog(
    world: World, telegram: Telegram, tmp_path: Path, botapi: BotApi, tina: Phone
) -> None:
    delivery = make_delivery(world, telegram, tmp_path, telegram_pace())
    others = [botapi.user(f"T{number}") for number in range(60)]
    for other in others:
        other.starts()
        queue(world, other, "day sheet", kind="day_sheet", lane=3)
    running = asyncio.create_task(delivery.run())
    await until(lambda: sum(len(other.inbox) for other in others) > 5)

    before = sum(len(other.inbox) for other in others)
    queue(world, tina, "alert", kind="alert", lane=0)
    delivery.wake()
    await until(lambda: tina.inbox)
    after = sum(len(other.inbox) for other in others)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert after - before <= 6
    assert after < 60


async def test_p10_a_row_that_nobody_can_read_harms_itself_only(
    world: World, delivery: Delivery, tina: Phone
) -> None:
    broken = world.queue("telegram", str(tina.id), "no json")
    strange = world.queue("telegram", str(tina.id), json.dumps({"photo": {"no": "number"}}))
    queue(world, tina, "fine")

    await delivery.attempt_all_due()
    await delivery.attempt_all_due()

    assert texts(tina) == ["fine"]
    assert [world.row(row)["status"] for row in (broken, strange)] == ["failed", "failed"]


async def test_p10_a_door_that_fails_does_not_stop_the_others(
    world: World, delivery: Delivery, botapi: BotApi, tina: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(world.door, "delivery_failed", broken)
    bad = world.queue("telegram", "987654321", json.dumps({"text": "nobody"}))
    good = queue(world, tina)

    await delivery.attempt_all_due()

    assert (world.row(bad)["status"], world.row(good)["status"]) == ("failed", "sent")
