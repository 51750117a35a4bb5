import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from starlette.responses import Response
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from tests.carriers.rigs import OURS, SECRET, SID, THEIRS, Hook, Twilio, hook, picture, twilio

SERVICE = "MG" + "b" * 32


async def create(rig: Twilio, **words: Any) -> Any:
    said = {"to": THEIRS, "from_": OURS, "body": "hello"} | words
    said = {name: value for name, value in said.items() if value is not None}
    return await asyncio.to_thread(rig.client.messages.create, **said)


def forms(receiver: Hook) -> list[dict[str, str]]:
    return [
        dict(parse_qsl(body.decode(), keep_blank_values=True)) for _h, body in receiver.requests
    ]


async def test_a_text_goes_its_way() -> None:
    async with twilio() as rig:
        sent = await create(rig, body="3/11 Done?")
        assert (sent.status, sent.num_segments, sent.date_sent) == ("queued", "1", None)
        assert sent.date_created == rig.clock.at

        await rig.api.settle()

        now = await asyncio.to_thread(sent.fetch)
        assert (now.status, now.date_sent, now.error_code) == ("delivered", rig.clock.at, None)
        (text,) = rig.api.phone(THEIRS).inbox
        assert (text.sender, text.text, text.segments) == (OURS, "3/11 Done?", 1)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"to": "garbage"}, 21211),
        ({"to": "+1212555"}, 21211),
        ({"to": "2125550101"}, 21211),
        ({"to": ""}, 21604),
        ({"from_": None}, 21603),
        ({"from_": "garbage"}, 21212),
        ({"from_": "+12125550199"}, 21606),
        ({"from_": None, "messaging_service_sid": "MG" + "c" * 32}, 21701),
        ({"body": None}, 21602),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"to": "+442071838750"}, 21408),
        ({"validity_period": 0}, 21624),
        ({"validity_period": 36001}, 21624),
        ({"status_callback": "http://under_score.example.org/x"}, 21609),
        ({"media_url": ["ftp://example.org/x"]}, 21620),
        ({"media_url": [f"https://example.org/{n}" for n in range(11)]}, 21623),
    ],
)
async def test_a_bad_text_is_refused(words: dict[str, Any], code: int) -> None:
    async with twilio() as rig:
        with pytest.raises(TwilioRestException) as caught:
            await create(rig, **words)

        assert (caught.value.status, caught.value.code) == (400, code)
        assert rig.api.messages == []


async def test_the_longest_text() -> None:
    async with twilio() as rig:
        assert (await create(rig, body="x" * 1600)).num_segments == "11"


async def test_wrong_credentials() -> None:
    async with twilio(judged=False) as rig:
        rig.client.password = "wrong"
        rig.client.auth = (SID, "wrong")

        with pytest.raises(TwilioRestException) as caught:
            await create(rig)

        assert (caught.value.status, caught.value.code) == (401, 20003)


async def test_what_is_not_there() -> None:
    async with twilio() as rig:
        with pytest.raises(TwilioRestException) as caught:
            await asyncio.to_thread(rig.client.messages("SM" + "0" * 32).fetch)

        assert (caught.value.status, caught.value.code) == (404, 20404)


async def test_an_unknown_parameter_is_a_violation() -> None:
    async with twilio(judged=False) as rig:
        await create(rig, content_retention="discard")

        (violation,) = rig.api.violations
        assert violation == "POST /Messages.json: unknown parameter ContentRetention"


async def test_statuses_are_called_back_signed() -> None:
    async with twilio() as rig, hook() as receiver:
        url = f"{receiver.url}/twilio/status?outbox=17"
        sent = await create(rig, status_callback=url + "#rc=2")

        await rig.api.settle()

        assert [form["MessageStatus"] for form in forms(receiver)] == [
            "sending",
            "sent",
            "delivered",
        ]
        assert {form["MessageSid"] for form in forms(receiver)} == {sent.sid}
        assert receiver.paths == [url] * 3
        validator = RequestValidator(SECRET)
        for (headers, _body), form in zip(receiver.requests, forms(receiver), strict=True):
            assert validator.validate(url, form, headers["x-twilio-signature"])


async def test_a_phone_that_is_off() -> None:
    async with twilio() as rig, hook() as receiver:
        phone = rig.api.phone(THEIRS)
        phone.behaves("sending", "sent", ("undelivered", 30003))
        sent = await create(rig, status_callback=receiver.url)

        await rig.api.settle()

        now = await asyncio.to_thread(sent.fetch)
        assert (now.status, now.error_code) == ("undelivered", 30003)
        assert forms(receiver)[-1]["ErrorCode"] == "30003"


async def test_what_never_left_does_not_arrive() -> None:
    async with twilio() as rig:
        phone = rig.api.phone(THEIRS)
        phone.behaves(("failed", 30034))
        await create(rig)

        await rig.api.settle()

        assert phone.inbox == []
        phone.behaves()
        await create(rig)
        await rig.api.settle()
        assert len(phone.inbox) == 1


async def test_p5_callbacks_twice_out_of_order_and_before_the_answer() -> None:
    async with twilio() as rig, hook() as receiver:
        rig.api.callbacks.copies = 2
        rig.api.callbacks.reverse = True
        rig.api.callbacks.before_response = True

        sent = await create(rig, status_callback=receiver.url)

        statuses = [form["MessageStatus"] for form in forms(receiver)]
        assert statuses == ["delivered", "delivered", "sent", "sent", "sending", "sending"]
        assert {form["MessageSid"] for form in forms(receiver)} == {sent.sid}
        assert sent.status == "queued"


async def test_p5_callbacks_late_or_lost() -> None:
    async with twilio() as rig, hook() as receiver:
        rig.api.callbacks.delay = 0.2
        await create(rig, status_callback=receiver.url)
        assert receiver.requests == []
        await rig.api.settle()
        assert len(receiver.requests) == 3

        rig.api.callbacks.lost = True
        await create(rig, status_callback=receiver.url)
        await rig.api.settle()
        assert len(receiver.requests) == 3


async def test_a_callback_answered_with_anything_but_200_or_204_is_a_violation() -> None:
    async with twilio(judged=False) as rig, hook() as receiver:
        receiver.answers = [Response(status_code=403)]
        await create(rig, status_callback=receiver.url)

        await rig.api.settle()

        assert rig.api.violations == ["a status callback was answered 403"] * 3


async def test_a_stalled_text_outlives_its_validity() -> None:
    async with twilio() as rig:
        rig.api.stall()
        old = await create(rig, validity_period=900)
        rig.clock.push(seconds=901)
        new = await create(rig, validity_period=900)
        assert rig.api.phone(THEIRS).inbox == []

        rig.api.resume()
        await rig.api.settle()

        old, new = [await asyncio.to_thread(text.fetch) for text in (old, new)]
        assert [(m.status, m.error_code) for m in (old, new)] == [
            ("failed", 30036),
            ("delivered", None),
        ]


async def test_a_messaging_service_accepts_first() -> None:
    async with twilio(services={SERVICE: [OURS]}) as rig, hook() as receiver:
        sent = await create(
            rig, from_=None, messaging_service_sid=SERVICE, status_callback=receiver.url
        )
        assert (sent.status, sent.num_segments, sent.messaging_service_sid) == (
            "accepted",
            "0",
            SERVICE,
        )

        await rig.api.settle()

        statuses = [form["MessageStatus"] for form in forms(receiver)]
        assert statuses == ["queued", "sending", "sent", "delivered"]


async def test_smart_encoding() -> None:
    async with twilio() as rig:
        await create(rig, body="it’s", smart_encoded=True)
        await rig.api.settle()

        assert rig.api.phone(THEIRS).inbox[0].text == "it's"


async def test_pictures_are_fetched_without_credentials() -> None:
    async with twilio() as rig, hook() as receiver:
        content = picture()
        receiver.answers = [Response(content, media_type="image/jpeg")]
        sent = await create(rig, body=None, media_url=[receiver.url + "/1", receiver.url + "/2"])
        assert (sent.sid[:2], sent.num_media) == ("MM", "2")

        await rig.api.settle()

        assert rig.api.phone(THEIRS).inbox[0].media == (content, content)
        assert "authorization" not in receiver.requests[0][0]


async def test_a_picture_that_cannot_be_fetched() -> None:
    async with twilio() as rig, hook() as receiver:
        receiver.answers = [Response(status_code=404)]
        sent = await create(rig, media_url=[receiver.url])

        await rig.api.settle()

        now = await asyncio.to_thread(sent.fetch)
        assert (now.status, now.error_code) == ("failed", 11200)


async def test_the_list_is_filtered_and_paged() -> None:
    async with twilio() as rig:
        phone = rig.api.phone(THEIRS)
        for number in range(5):
            phone.says(f"in {number}")
            rig.clock.push(minutes=1)
        await create(rig)
        await rig.api.settle()
        start = rig.clock.at - timedelta(minutes=3)

        async def bodies(**words: Any) -> list[str]:
            found = await asyncio.to_thread(rig.client.messages.list, **words)
            return [message.body for message in found]

        assert await bodies() == ["hello", "in 4", "in 3", "in 2", "in 1", "in 0"]
        assert await bodies(to=OURS, page_size=2) == ["in 4", "in 3", "in 2", "in 1", "in 0"]
        assert await bodies(from_=OURS) == ["hello"]
        assert await bodies(to=OURS, date_sent_after=start) == ["in 4", "in 3", "in 2"]
        assert await bodies(to=OURS, date_sent_before=start) == ["in 2", "in 1", "in 0"]
        assert await bodies(to=OURS, date_sent=start) == ["in 2"]
        assert await bodies(to=OURS, date_sent=start.date()) == []  # the client cuts to midnight
        pages = [exchange for exchange in rig.api.exchanges if exchange.verb == "GET"]
        assert len(pages) == 9  # three of them for the list in twos


async def test_redaction_and_deletion() -> None:
    async with twilio() as rig:
        rig.api.stall()
        sent = await create(rig)
        for act in (sent.delete, lambda: sent.update(body="")):
            with pytest.raises(TwilioRestException) as caught:
                await asyncio.to_thread(act)
            assert (caught.value.status, caught.value.code) == (409, 20009)
        rig.api.resume()
        await rig.api.settle()

        assert (await asyncio.to_thread(lambda: sent.update(body=""))).body == ""
        await asyncio.to_thread(sent.delete)

        assert rig.api.messages == []


async def test_numbers_and_the_account() -> None:
    async with twilio() as rig:
        (number,) = await asyncio.to_thread(rig.client.incoming_phone_numbers.list)
        assert (number.phone_number, number.sms_url) == (OURS, "")

        changed = await asyncio.to_thread(
            lambda: number.update(
                sms_url="https://example.org/in",
                sms_fallback_url="https://example.org/again",
                status_callback="https://example.org/status",
            )
        )

        assert changed.sms_url == "https://example.org/in"
        assert (
            await asyncio.to_thread(number.fetch)
        ).sms_fallback_url == "https://example.org/again"
        account = await asyncio.to_thread(rig.client.api.accounts(SID).fetch)
        assert account.status == "active"
