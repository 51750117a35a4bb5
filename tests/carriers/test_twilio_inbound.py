import asyncio
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from starlette.responses import PlainTextResponse, Response
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from bot.rehearsal.carriers.calling import http_client
from tests.carriers.rigs import OURS, SECRET, SID, THEIRS, Hook, hook, picture, twilio

EMPTY = "<?xml version='1.0' encoding='UTF-8'?><Response/>"


def twiml(body: str = EMPTY) -> Response:
    return Response(body, media_type="text/xml")


def forms(receiver: Hook) -> list[dict[str, str]]:
    return [
        dict(parse_qsl(body.decode(), keep_blank_values=True)) for _h, body in receiver.requests
    ]


async def test_s1_a_text_reaches_the_webhook_signed() -> None:
    async with twilio(judged=False) as rig, hook() as receiver:
        receiver.answers = [twiml()]
        url = receiver.url + "/twilio/inbound"
        rig.api.set_urls(url + "#rc=3&rp=all")

        sent = rig.api.phone(THEIRS).says("1 done é")
        await rig.api.settle()

        (form,) = forms(receiver)
        assert (form["From"], form["To"], form["Body"]) == (THEIRS, OURS, "1 done é")
        assert (form["MessageSid"], form["NumMedia"], form["NumSegments"]) == (sent.sid, "0", "1")
        headers = receiver.requests[0][0]
        assert RequestValidator(SECRET).validate(url, form, headers["x-twilio-signature"])
        assert headers["i-twilio-idempotency-token"]
        assert rig.api.violations == []


async def test_the_url_can_be_given_at_the_start() -> None:
    async with hook() as receiver:
        receiver.answers = [twiml()]
        async with twilio(judged=False, inbound_url=receiver.url) as rig:
            rig.api.phone(THEIRS).says("hello")
            await rig.api.settle()

    assert [form["Body"] for form in forms(receiver)] == ["hello"]


async def test_without_a_url_a_text_is_only_listed() -> None:
    async with twilio() as rig:
        rig.api.phone(THEIRS).says("hello")
        await rig.api.settle()

        (listed,) = await asyncio.to_thread(rig.client.messages.list, to=OURS)
        assert (listed.body, listed.status, listed.direction) == ("hello", "received", "inbound")
        assert rig.api.webhook_log == []


async def test_pictures_need_the_password_and_end_on_another_host() -> None:
    async with twilio() as rig, hook() as receiver, http_client() as client:
        receiver.answers = [twiml()]
        rig.api.set_urls(receiver.url)
        contents = [picture(), picture(100, 50)]
        sent = rig.api.phone(THEIRS).sends_photo(contents)
        await rig.api.settle()
        (form,) = forms(receiver)
        assert (form["Body"], form["NumMedia"], form["MediaContentType1"]) == (
            "",
            "2",
            "image/jpeg",
        )
        url = form["MediaUrl1"]

        assert (await client.get(url)).status_code == 401
        fetched = await client.get(url, auth=(SID, SECRET), follow_redirects=True)

        assert (fetched.status_code, fetched.content) == (200, contents[1])
        assert fetched.headers["content-type"] == "image/jpeg"
        assert fetched.url.port != httpx.URL(url).port
        listed = await asyncio.to_thread(rig.client.messages(sent.sid).media.list)
        assert len(listed) == 2
        await asyncio.to_thread(listed[1].delete)
        assert (await client.get(url, auth=(SID, SECRET))).status_code == 404


async def test_s7_credentials_that_leak_to_the_storage_are_a_violation() -> None:
    async with twilio(judged=False) as rig, http_client() as client:
        sent = rig.api.phone(THEIRS).sends_photo(picture())
        url = rig.api.base_url + rig.api.account.media_path(sent.media[0])
        signed = (await client.get(url, auth=(SID, SECRET))).headers["location"]

        leaked = await client.get(signed, auth=(SID, SECRET))
        unsigned = await client.get(signed.partition("?")[0])

        assert [leaked.status_code, unsigned.status_code] == [400, 403]
        assert rig.api.violations == ["credentials were sent to the media storage"]


@pytest.mark.parametrize(
    ("answer", "texts", "violations"),
    [
        (twiml(), [], []),
        (Response(status_code=204), [], []),
        (twiml("<Response><Message>hi</Message></Response>"), ["hi"], []),
        (
            PlainTextResponse("OK"),
            ["OK"],
            ["a text/plain reply is sent to the phone as an SMS"],
        ),
        (twiml("<Response>"), [], ["12100: the reply is no XML"]),
        (twiml("<Reply/>"), [], ["12100: the reply's root is <Reply>, not <Response>"]),
        (
            Response("{}", media_type="application/json"),
            [],
            ["12300: content type application/json"],
        ),
    ],
)
async def test_what_a_reply_does(answer: Response, texts: list[str], violations: list[str]) -> None:
    async with twilio(judged=False) as rig, hook() as receiver:
        receiver.answers = [answer]
        rig.api.set_urls(receiver.url)
        phone = rig.api.phone(THEIRS)

        phone.says("hello")
        await rig.api.settle()

        assert [text.text for text in phone.inbox] == texts
        assert len(rig.api.violations) == len(violations)
        for said, wanted in zip(rig.api.violations, violations, strict=True):
            assert said.startswith(f"reply to an inbound text: {wanted}")


async def fails(rig: Any, receiver: Hook, fragment: str) -> int:
    """How often a webhook is called that always answers 500."""
    receiver.answers = [Response(status_code=500)]
    rig.api.set_urls(receiver.url + fragment)
    rig.api.phone(THEIRS).says("hello")
    await rig.api.settle()
    return len(receiver.requests)


@pytest.mark.parametrize(
    ("fragment", "calls"),
    [("", 1), ("#rc=3", 1), ("#rc=3&rp=5xx", 4), ("#rc=2&rp=4xx", 1), ("#rc=9&rp=all", 6)],
)
async def test_an_error_is_retried_only_when_the_address_says_so(fragment: str, calls: int) -> None:
    async with twilio(judged=False) as rig, hook() as receiver:
        assert await fails(rig, receiver, fragment) == calls
        tokens = {headers["i-twilio-idempotency-token"] for headers, _body in receiver.requests}
        assert len(tokens) == 1


async def test_the_fallback_is_one_more_hop() -> None:
    async with twilio(judged=False) as rig, hook() as receiver, hook() as fallback:
        receiver.answers = [Response(status_code=500)]
        fallback.answers = [twiml()]
        rig.api.set_urls(receiver.url, fallback.url)

        sent = rig.api.phone(THEIRS).says("hello")
        await rig.api.settle()

        (form,) = forms(fallback)
        assert (form["MessageSid"], form["ErrorCode"]) == (sent.sid, "11200")
        assert form["ErrorUrl"].startswith(receiver.url)


async def test_nobody_listens() -> None:
    async with twilio(judged=False) as rig:
        rig.api.set_urls("http://127.0.0.1:9/")  # the discard port: nothing is served there

        rig.api.phone(THEIRS).says("hello")
        await rig.api.settle()

        assert [sent.reply.error for sent in rig.api.webhook_log] == [11205, 11205]


async def test_p2_the_same_text_twice_and_held_texts_reversed() -> None:
    async with twilio(judged=False) as rig, hook() as receiver:
        receiver.answers = [twiml()]
        rig.api.set_urls(receiver.url)
        phone = rig.api.phone(THEIRS)
        rig.api.hold()
        first, _second = phone.says("1"), phone.says("2")
        await rig.api.settle()
        assert receiver.requests == []

        rig.api.release("reversed")
        await rig.api.settle()
        rig.api.redeliver(first)
        await rig.api.settle()

        bodies = [form["Body"] for form in forms(receiver)]
        assert sorted(bodies) == ["1", "1", "2"]
        assert bodies[-1] == "1"


@pytest.mark.parametrize(
    "word", ["STOP", "stopall", " Unsubscribe ", "CANCEL", "end", "QUIT", "REVOKE", "OPTOUT"]
)
async def test_s9_stop_words_block_reply_and_are_forwarded(word: str) -> None:
    async with twilio() as rig, hook() as receiver:
        receiver.answers = [twiml()]
        rig.api.set_urls(receiver.url)
        phone = rig.api.phone(THEIRS)

        phone.says(word)
        phone.says(word)
        await rig.api.settle()

        assert phone.opted_out
        assert [text.sid for text in phone.inbox] == [None]  # told once, by the carrier
        assert "unsubscribed" in phone.inbox[0].text
        assert len(receiver.requests) == 2
        with pytest.raises(TwilioRestException) as caught:
            await asyncio.to_thread(rig.client.messages.create, to=THEIRS, from_=OURS, body="hello")
        assert (caught.value.status, caught.value.code) == (400, 21610)


@pytest.mark.parametrize("word", ["STOP PLEASE", "please stop", "STOP.", "1"])
async def test_only_the_single_word_stops(word: str) -> None:
    async with twilio(judged=False) as rig:
        phone = rig.api.phone(THEIRS)
        phone.says(word)

        assert not phone.opted_out
        assert phone.inbox == []


@pytest.mark.parametrize(("word", "back"), [("START", True), ("unstop", True), ("YES", False)])
async def test_a_toll_free_number_takes_start_but_not_yes(word: str, back: bool) -> None:
    async with twilio(judged=False) as rig:
        phone = rig.api.phone(THEIRS)
        phone.says("STOP")

        phone.says(word)

        assert phone.opted_out is not back


async def test_help_is_answered_by_the_carrier_unless_opted_out() -> None:
    async with twilio(judged=False) as rig:
        phone = rig.api.phone(THEIRS)
        phone.says("HELP")
        assert [text.text for text in phone.inbox] == [
            "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
        ]

        phone.says("STOP")
        phone.says("INFO")

        assert len(phone.inbox) == 2


async def test_an_opt_out_covers_the_whole_service() -> None:
    service, other = "MG" + "b" * 32, "+18885550101"
    async with twilio(services={service: [OURS, other]}) as rig:
        rig.api.phone(THEIRS).says("STOP")

        with pytest.raises(TwilioRestException) as caught:
            await asyncio.to_thread(
                rig.client.messages.create, to=THEIRS, messaging_service_sid=service, body="x"
            )

        assert caught.value.code == 21610


async def test_listeners_hear_both_directions() -> None:
    async with twilio() as rig:
        heard: list[tuple[str, str]] = []
        rig.api.listeners.append(lambda number, event: heard.append((number, event["type"])))

        rig.api.phone(THEIRS).says("hello")
        await asyncio.to_thread(rig.client.messages.create, to=THEIRS, from_=OURS, body="x")
        await rig.api.settle()

        kinds = ["sent", "status", "status", "message", "status"]
        assert heard == [(THEIRS, kind) for kind in kinds]
