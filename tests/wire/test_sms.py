"""Texts over the Twilio wire: sending, statuses, the Messages list, signed webhooks and media."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from bot.channels.base import FetchError, SendError
from bot.channels.sms import Sms
from bot.pictures.photo_store import Folder
from bot.rehearsal.carriers.serving import serve
from bot.rehearsal.carriers.twilio import TwilioApi
from bot.wires.delivery import Delivery
from bot.wires.fetching import Fetching
from bot.wires.forgetting import Forgetting
from bot.wires.limits import Budget
from bot.wires.polling import TwilioPolling
from bot.wires.receiving import Health, Receiver
from bot.wires.web import TwilioHook, build_web
from storage.db import StorageDown, Tx
from tests.wire.world import ACCOUNT, AUTH, World, until

OURS, TINA, TOM = "+18885550100", "+12125550101", "+12125550102"
MINUTE = 60_000


@pytest.fixture
async def web(world: World) -> AsyncIterator[str]:
    """The web side at a public address that is not the one it is called by."""
    hook = TwilioHook(AUTH, "", world.door)
    receiver = Receiver(world.writer, world.door, world.clock)
    app: Any = None

    async def late(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)

    async with serve(late) as url:
        hook = TwilioHook(AUTH, url, world.door)
        app = build_web(world.writer, receiver, twilio=hook)
        yield url


@pytest.fixture
async def sms(twilio: TwilioApi, web: str) -> AsyncIterator[Sms]:
    channel = Sms(
        ACCOUNT,
        AUTH,
        twilio.base_url,
        senders={"": OURS},
        status_url=f"{web}/twilio/status",
        timeout=1.0,
    )
    yield channel
    await channel.close()


@pytest.fixture
async def silent(twilio: TwilioApi) -> AsyncIterator[Sms]:
    """A channel that Twilio cannot call back."""
    channel = Sms(ACCOUNT, AUTH, twilio.base_url, senders={"": OURS}, timeout=1.0)
    yield channel
    await channel.close()


def delivery_of(world: World, sms: Sms, tmp_path: Path, budget: Budget | None = None) -> Delivery:
    read = Folder(tmp_path / "photos").get
    return Delivery(
        world.store, world.writer, world.door, world.clock, [sms], read=read, budget=budget
    )


@pytest.fixture
def delivery(world: World, sms: Sms, tmp_path: Path) -> Delivery:
    return delivery_of(world, sms, tmp_path)


def polling_of(world: World, sms: Sms, *, sweep: bool = False) -> TwilioPolling:
    receiver = Receiver(world.writer, world.door, world.clock)
    return TwilioPolling(
        world.store, world.writer, receiver, sms, world.door, Health(), sweep=sweep
    )


def queue(
    world: World, to: str = TINA, text: str = "B 3/11 Go. 1 Done 2 Problem", **more: object
) -> int:
    payload = json.dumps({"text": text, "program": "apollo"})
    return world.queue("sms", to, payload, **more)


def texts(twilio: TwilioApi, number: str = TINA) -> list[str]:
    return [received.text for received in twilio.phone(number).inbox if received.sid]


async def test_a_text_arrives_and_its_delivery_is_reported(
    world: World, delivery: Delivery, twilio: TwilioApi
) -> None:
    row = queue(world, kind="prompt")

    await delivery.attempt_all_due()
    await twilio.settle()

    assert texts(twilio) == ["B 3/11 Go. 1 Done 2 Problem"]
    assert world.row(row)["status"] == "delivered"
    (message,) = twilio.messages
    assert world.row(row)["provider_id"] == message.sid
    assert message.validity == 900


async def test_trap_29_late_repeated_and_reversed_callbacks_never_go_backwards(
    world: World, delivery: Delivery, twilio: TwilioApi
) -> None:
    twilio.callbacks.copies = 2
    twilio.callbacks.reverse = True
    twilio.callbacks.before_response = True
    row = queue(world)

    await delivery.attempt_all_due()
    await twilio.settle()

    assert world.row(row)["status"] == "delivered"


async def test_trap_12_a_lost_answer_is_resolved_by_the_callback(
    world: World, delivery: Delivery, twilio: TwilioApi
) -> None:
    twilio.faults.add("POST Messages.json", drop="after")
    row = queue(world, kind="prompt")

    await delivery.attempt_all_due()
    await twilio.settle()
    world.advance(MINUTE)
    await delivery.attempt_all_due()

    assert len(texts(twilio)) == 1
    assert world.row(row)["status"] == "delivered"


async def test_trap_12_a_lost_answer_is_resolved_by_looking_the_text_up(
    world: World, silent: Sms, twilio: TwilioApi, tmp_path: Path
) -> None:
    delivery = delivery_of(world, silent, tmp_path)
    earlier = queue(world, text="Same words", kind="prompt")
    await delivery.attempt_all_due()
    twilio.faults.add("POST Messages.json", drop="after")
    row = queue(world, text="Same words", kind="prompt")

    await delivery.attempt_all_due()
    world.advance(MINUTE)
    await delivery.attempt_all_due()

    assert len(texts(twilio)) == 2
    assert world.row(row)["status"] == "sent"
    assert world.row(row)["provider_id"] not in ("", world.row(earlier)["provider_id"])


async def test_a_text_that_never_left_is_sent_after_the_look_up(
    world: World, silent: Sms, twilio: TwilioApi, tmp_path: Path
) -> None:
    delivery = delivery_of(world, silent, tmp_path)
    twilio.faults.add("POST Messages.json", drop="before")
    row = queue(world, kind="prompt")

    await delivery.attempt_all_due()
    world.advance(MINUTE)
    await delivery.attempt_all_due()

    assert len(texts(twilio)) == 1
    assert world.row(row)["status"] == "sent"


async def test_a_text_about_money_is_looked_up_and_then_left_to_a_person(
    world: World, silent: Sms, twilio: TwilioApi, tmp_path: Path
) -> None:
    delivery = delivery_of(world, silent, tmp_path)
    twilio.faults.add("POST Messages.json", drop="before")
    row = queue(world, kind="money")

    await delivery.attempt_all_due()
    world.advance(MINUTE)
    await delivery.attempt_all_due()

    assert texts(twilio) == []
    assert world.door.failed == [(row, "other")]


async def test_trap_13_a_503_is_one_request_and_later_one_text(
    world: World, delivery: Delivery, twilio: TwilioApi
) -> None:
    fault = twilio.faults.add("POST Messages.json", status=503)
    queue(world)

    await delivery.attempt_all_due()
    assert fault.fired == 1
    assert texts(twilio) == []
    world.advance(MINUTE)
    await delivery.attempt_all_due()
    await twilio.settle()

    assert len(texts(twilio)) == 1


async def test_trap_4_an_opt_out_is_told_and_no_text_leaves_again(
    world: World, delivery: Delivery, twilio: TwilioApi
) -> None:
    twilio.phone(TINA).says("STOP")
    row = queue(world)

    await delivery.attempt_all_due()

    assert world.door.failed == [(row, "opted_out")]
    assert world.row(row)["status"] == "failed"


async def test_s9_a_number_known_to_have_opted_out_is_not_even_tried(
    world: World, delivery: Delivery, twilio: TwilioApi
) -> None:
    person = world.person()
    world.store.transact(
        lambda tx: tx.put(
            "addresses", person_id=person, channel="sms", address=TINA, state="opted_out"
        )
    )
    row = queue(world)

    await delivery.attempt_all_due()

    assert [e for e in twilio.exchanges if e.verb == "POST"] == []
    assert world.door.failed == [(row, "opted_out")]


async def test_an_invalid_number_is_told(
    world: World, delivery: Delivery, twilio: TwilioApi
) -> None:
    row = queue(world, to="+12")

    await delivery.attempt_all_due()

    assert world.door.failed == [(row, "invalid")]


@pytest.mark.parametrize(
    ("code", "why", "sent"),
    [
        (30003, "unreachable", 2), (30005, "unreachable", 1), (30006, "invalid", 1),
        (30007, "filtered", 1), (30008, "undelivered", 2), (21610, "opted_out", 1),
    ],
)  # fmt: skip
async def test_p5_undelivered_is_a_failure_and_told_once(
    world: World, delivery: Delivery, twilio: TwilioApi, code: int, why: str, sent: int
) -> None:
    twilio.phone(TINA).behaves("sending", ("undelivered", code))
    twilio.callbacks.copies = 2
    row = queue(world)

    for _ in range(3):
        await delivery.attempt_all_due()
        await twilio.settle()
        world.advance(6 * MINUTE)

    assert world.door.failed == [(row, why)]
    assert len(twilio.messages) == sent


@pytest.mark.parametrize(("code", "why"), [(30034, "configuration"), (30007, "filtered")])
async def test_trap_38_an_unregistered_or_filtered_sender_pages_the_operator_once(
    world: World, delivery: Delivery, twilio: TwilioApi, code: int, why: str
) -> None:
    for number in (TINA, TOM):
        twilio.phone(number).behaves("sending", ("undelivered", code))
        queue(world, to=number)

    await delivery.attempt_all_due()
    await twilio.settle()

    assert world.door.stopped == [("sms", why)]
    assert [why] * 2 == [why for _, why in world.door.failed]


async def test_wrong_credentials_halt_and_lose_nothing(
    world: World, twilio: TwilioApi, tmp_path: Path
) -> None:
    wrong = Sms(ACCOUNT, "f" * 32, twilio.base_url, senders={"": OURS})
    row = queue(world)

    await delivery_of(world, wrong, tmp_path).attempt_all_due()
    await wrong.close()

    assert world.door.stopped == [("sms", "configuration")]
    assert world.row(row)["status"] == "pending"


async def test_s11_beyond_the_days_limit_only_alerts_leave_and_the_operator_is_told_once(
    world: World, sms: Sms, twilio: TwilioApi, tmp_path: Path
) -> None:
    delivery = delivery_of(world, sms, tmp_path, Budget(3))
    for number in range(5):
        queue(world, text=f"text {number}")
    queue(world, text="alert", kind="alert")

    await delivery.attempt_all_due()
    await twilio.settle()
    # As Twilio took them: two texts on their way at once may land in either order.
    taken = [message.body for message in twilio.messages]
    assert taken == ["text 0", "text 1", "text 2", "alert"]
    assert world.door.stopped == [("sms", "limit")]
    world.advance(24 * 60 * MINUTE + 1)
    await delivery.attempt_all_due()
    await twilio.settle()

    assert [message.body for message in twilio.messages[4:]] == ["text 3", "text 4"]


async def test_s11_one_number_never_gets_more_than_thirty_an_hour_even_after_a_restart(
    world: World, sms: Sms, twilio: TwilioApi, tmp_path: Path
) -> None:
    for number in range(32):
        queue(world, text=f"{number}")
    queue(world, to=TOM, text="other")

    for _ in range(2):
        await delivery_of(world, sms, tmp_path, Budget(2000)).attempt_all_due()
    await twilio.settle()

    assert len(texts(twilio)) == 30
    assert texts(twilio, TOM) == ["other"]
    assert world.door.stopped == [("sms", "number_limit")], "told once"


async def test_a_text_by_webhook(world: World, twilio: TwilioApi, web: str, sms: Sms) -> None:
    twilio.set_urls(f"{web}/twilio/inbound")
    twilio.phone(TINA).says("1 1015 ñ")
    await twilio.settle()

    (incoming,) = world.door.received
    (message,) = twilio.messages
    assert (incoming.text, incoming.sender, incoming.key) == ("1 1015 ñ", TINA, message.sid)
    assert (incoming.account, incoming.recovered) == (ACCOUNT, False)
    assert len(twilio.messages) == 1, "the empty reply texts nobody (trap 6)"


async def test_trap_7_a_photo_without_words(
    world: World, twilio: TwilioApi, web: str, sms: Sms, jpeg: bytes
) -> None:
    twilio.set_urls(f"{web}/twilio/inbound#rc=3&rp=all")
    twilio.phone(TINA).sends_photo([jpeg, jpeg])
    await twilio.settle()

    (incoming,) = world.door.received
    assert (incoming.kind, incoming.text, len(incoming.photos)) == ("message", "", 2)
    assert AUTH not in str(incoming)
    assert await sms.fetch(incoming.photos[0].source) == jpeg


async def test_trap_11_the_same_text_twice_has_one_effect(
    world: World, twilio: TwilioApi, web: str, sms: Sms
) -> None:
    twilio.set_urls(f"{web}/twilio/inbound")
    message = twilio.phone(TINA).says("1")
    twilio.redeliver(message)
    await twilio.settle()
    await polling_of(world, sms).once()

    assert [i.text for i in world.door.received] == ["1"]


async def test_a_database_that_is_down_is_answered_503_and_the_retry_succeeds(
    world: World, twilio: TwilioApi, web: str
) -> None:
    def down_once(tx: Tx, incoming: object) -> None:
        world.door.turn = lambda tx, incoming: None
        raise StorageDown("gone")

    world.door.turn = down_once
    twilio.set_urls(f"{web}/twilio/inbound#rc=2&rp=5xx")
    twilio.phone(TINA).says("1")
    await twilio.settle()

    assert [sent.reply.status for sent in twilio.webhook_log] == [503, 200]
    assert [i.text for i in world.door.received] == ["1"]


async def test_texts_and_statuses_without_a_public_address(
    world: World, silent: Sms, twilio: TwilioApi, tmp_path: Path, jpeg: bytes
) -> None:
    polling = polling_of(world, silent)
    row = queue(world)
    await polling.once()
    await delivery_of(world, silent, tmp_path).attempt_all_due()
    await twilio.settle()
    twilio.phone(TINA).says("first")
    twilio.phone(TINA).sends_photo(jpeg, "second")
    await polling.once()
    world.advance(10_000)
    twilio.phone(TINA).says("third")
    await polling.once()

    assert [i.text for i in world.door.received] == ["first", "second", "third"]
    assert world.row(row)["status"] == "delivered"
    assert await silent.fetch(world.door.received[1].photos[0].source) == jpeg
    assert not any(i.recovered for i in world.door.received)


async def test_trap_10_the_sweep_finds_what_no_webhook_brought_and_marks_it(
    world: World, sms: Sms, twilio: TwilioApi
) -> None:
    sweep = polling_of(world, sms, sweep=True)
    await sweep.once()
    world.clock.set(world.clock.now() + 1000)
    twilio.phone(TINA).says("lost")
    await sweep.once()
    assert world.door.received == [], "a webhook may be under way"
    world.clock.pace(1)
    world.advance(3 * MINUTE)
    await sweep.once()

    assert [(i.text, i.recovered) for i in world.door.received] == [("lost", True)]


def sign(url: str, form: dict[str, str]) -> str:
    return str(RequestValidator(AUTH).compute_signature(url, form))


FORM = {
    "MessageSid": "SM" + "1" * 32,
    "AccountSid": ACCOUNT,
    "From": TINA,
    "To": OURS,
    "Body": "hi",
}


@pytest.mark.parametrize(
    "headers", [{}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "d3Jvbmc="}]
)
@pytest.mark.parametrize("path", ["/twilio/inbound", "/twilio/status?row=1"])
async def test_s1_an_unsigned_webhook_is_refused_and_leaves_no_row(
    world: World, web: str, headers: dict[str, str], path: str
) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.post(web + path, data=FORM, headers=headers)

    assert answer.status_code == 403
    assert world.inbox() == []


async def test_trap_8_the_signature_is_of_the_public_address_not_of_the_host_header(
    world: World, web: str
) -> None:
    url = f"{web}/twilio/inbound"
    async with httpx.AsyncClient() as client:
        forged = {
            "X-Twilio-Signature": sign("http://evil.example/twilio/inbound", FORM),
            "Host": "evil.example",
        }
        refused = await client.post(url, data=FORM, headers=forged)
        proxied = {"X-Twilio-Signature": sign(url, FORM), "Host": "inner:8080"}
        accepted = await client.post(url, data=FORM, headers=proxied)

    assert (refused.status_code, accepted.status_code) == (403, 200)
    assert accepted.headers["Content-Type"].partition(";")[0] == "text/xml"


@pytest.mark.parametrize(
    ("signed", "status"),
    [
        ("https://bot.example:8443/twilio/inbound", 200),
        ("https://bot.example/twilio/inbound", 200),  # the validator tries both, as Twilio's do
        ("https://me:secret@bot.example:8443/twilio/inbound", 403),
        ("http://bot.example:8443/twilio/inbound", 403),
        ("https://bot.example:8443/twilio/inbound/", 403),
        ("https://bot.example:8443/twilio/inbound#rc=5&rp=all", 403),
        ("https://other.example:8443/twilio/inbound", 403),
    ],
)
async def test_trap_8_what_is_signed_is_the_public_address_with_its_port_and_without_its_user(
    world: World, signed: str, status: int
) -> None:
    hook = TwilioHook(AUTH, "https://me:secret@bot.example:8443", world.door)
    app = build_web(world.writer, Receiver(world.writer, world.door, world.clock), twilio=hook)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://inner:8080") as client:
        answer = await client.post(
            "/twilio/inbound", data=FORM, headers={"X-Twilio-Signature": sign(signed, FORM)}
        )

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("kind", "seconds"),
    [("prompt", 900), ("reminder", 900), ("reply", 900), ("alert", 3600), ("day_sheet", 14400)],
)
async def test_trap_31_a_text_that_waits_too_long_at_twilio_never_comes(
    world: World, delivery: Delivery, twilio: TwilioApi, kind: str, seconds: int
) -> None:
    twilio.stall()
    row = queue(world, kind=kind)
    await delivery.attempt_all_due()
    world.advance(seconds * 1000 + 1000)
    twilio.resume()
    await twilio.settle()

    assert twilio.messages[0].validity == seconds
    assert texts(twilio) == []
    assert world.row(row)["status"] == "undelivered"


async def test_trap_39_a_messaging_service_sends_and_its_texts_come_in(
    world: World, web: str, tmp_path: Path
) -> None:
    service = "MG" + "5" * 32
    api = TwilioApi(ACCOUNT, AUTH, world.clock.datetime, services={service: [OURS]})
    async with api.running() as base:
        sms = Sms(ACCOUNT, AUTH, base, senders={"": service}, status_url=f"{web}/twilio/status")
        row = queue(world)
        await delivery_of(world, sms, tmp_path).attempt_all_due()
        await api.settle()
        api.phone(TINA).says("1")
        await polling_of(world, sms).once()
        await sms.close()

    assert (world.row(row)["status"], api.messages[0].service_sid) == ("delivered", service)
    assert [incoming.text for incoming in world.door.received] == ["1"]


async def test_trap_43_a_moment_is_asked_for_in_utc(
    sms: Sms, twilio: TwilioApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    await sms.listed(1_795_438_800_000, inbound=True)
    monkeypatch.undo()
    time.tzset()

    assert dict(twilio.exchanges[-1].query)["DateSent>"] == "2026-11-23T13:00:00Z"


async def test_a_form_without_a_message_is_kept(world: World, web: str) -> None:
    url, form = f"{web}/twilio/inbound", {"AccountSid": ACCOUNT, "From": TINA}
    async with httpx.AsyncClient() as client:
        answer = await client.post(url, data=form, headers={"X-Twilio-Signature": sign(url, form)})

    assert answer.status_code == 200
    assert [row["status"] for row in world.inbox()] == ["quarantined"]


async def test_s6_an_endless_body_is_cut_off(web: str) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.post(
            f"{web}/twilio/inbound", content=b"a" * 2_000_000, headers={"X-Twilio-Signature": "x"}
        )

    assert answer.status_code == 413


async def test_s8_a_picture_is_deleted_at_twilio_once_ours_is_durable_and_not_before(
    world: World, sms: Sms, twilio: TwilioApi, tmp_path: Path, jpeg: bytes
) -> None:
    message = twilio.phone(TINA).sends_photo([jpeg, jpeg])
    incoming = await sms.read(
        (await sms.listed(0, inbound=True))[0], world.clock, world.clock.now(), recovered=False
    )
    for ref in incoming.photos:
        world.announce("sms", json.dumps(dict(ref.source)))
    store, forgetting = Folder(tmp_path / "photos"), Forgetting(world.writer, sms)
    fetching = Fetching(world.writer, world.door, world.clock, store, {"sms": sms}, tidy={"sms"})

    twilio.faults.add("storage/GET Media", status=503)
    await fetching.attempt_all_due()
    assert await forgetting.once() == 1
    assert len(message.media) == 1, "the one that is not here yet stays there"
    world.advance(MINUTE)
    await fetching.attempt_all_due()
    twilio.faults.add("DELETE *", status=503)
    with pytest.raises(SendError):
        await forgetting.once()
    assert await forgetting.once() == 1
    assert message.media == []
    assert await forgetting.once() == 0


async def test_a_picture_that_is_gone_at_twilio_already_is_no_error(
    sms: Sms, twilio: TwilioApi, jpeg: bytes
) -> None:
    message = twilio.phone(TINA).sends_photo(jpeg)
    url = f"{twilio.base_url}{twilio.account.media_path(message.media[0])}"

    for _ in range(2):
        await sms.delete_media(url)
    assert message.media == []


async def test_media_of_another_account_or_host_is_not_asked_for(
    sms: Sms, twilio: TwilioApi
) -> None:
    with pytest.raises(FetchError) as refused:
        await sms.fetch({"url": "https://evil.example/steal"})

    assert refused.value.why == "lost"
    assert list(twilio.exchanges) == []


async def test_a_region_in_the_environment_does_not_move_the_address(
    world: World, twilio: TwilioApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    sms = Sms(ACCOUNT, AUTH, twilio.base_url, senders={"": OURS})
    row = queue(world)

    await delivery_of(world, sms, tmp_path).attempt_all_due()
    await sms.close()

    assert world.row(row)["status"] == "sent"


async def test_the_loop_goes_on_after_errors(world: World, silent: Sms, twilio: TwilioApi) -> None:
    twilio.faults.add("GET Messages.json", status=500)
    running = asyncio.create_task(polling_of(world, silent).run())
    twilio.phone(TINA).says("hello")

    await until(lambda: [i.text for i in world.door.received] == ["hello"], 15)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
