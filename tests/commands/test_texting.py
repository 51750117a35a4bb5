"""What the doctor and an import say of Twilio's senders and lines, against a simulated account."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.commands import people, texting
from bot.commands.look import Look
from bot.rehearsal.carriers.twilio import TwilioApi
from bot.settings import Settings, load_settings
from tests.carriers.judges import judge_twilio
from tests.wire.world import ACCOUNT, AUTH

NUMBER, SERVICE, MOBILE = "+18885550100", "MG" + "5" * 32, "+12125550101"
PUBLIC = "https://bot.example"
INBOUND = f"{PUBLIC}/twilio/inbound"


@pytest.fixture
async def twilio() -> AsyncIterator[TwilioApi]:
    api = TwilioApi(ACCOUNT, AUTH, lambda: datetime.now(UTC), services={SERVICE: [NUMBER]})
    judge = judge_twilio(api)
    async with api.running():
        yield api
    assert [] == judge.complaints, "what is asked and answered is as Twilio describes it"


def settings(twilio: TwilioApi, **more: object) -> Settings:
    return load_settings(
        twilio_account_sid=ACCOUNT, twilio_auth_token=AUTH, twilio_api_url=twilio.base_url,
        **{"twilio_from": NUMBER, "public_url": PUBLIC, **more},
    )  # fmt: skip


async def sender(twilio: TwilioApi, **more: object) -> Look:
    """What is said of the sender."""
    return (await asyncio.to_thread(texting.twilio, settings(twilio, **more)))[-1]


@pytest.mark.parametrize(
    ("url", "fallback", "ok", "said"),
    [
        ("", "", False, f"set the messaging webhook to {INBOUND}#rc=5&rp=all."),
        (INBOUND, "", True, "better with retries"),
        (f"{INBOUND}#rc=5&rp=all", "", True, f"set the fallback URL to {INBOUND} as well."),
        (f"{INBOUND}#rc=5&rp=all", INBOUND, True, "with retries and a fallback."),
    ],
)
async def test_trap_10_a_number_says_where_its_texts_go_and_what_would_be_better(
    twilio: TwilioApi, url: str, fallback: str, ok: bool, said: str
) -> None:
    twilio.set_urls(url, fallback)
    look = await sender(twilio)

    assert look.ok is ok
    assert said in look.text


@pytest.mark.parametrize(
    ("service", "mode", "ok", "said"),
    [
        ({}, "webhook", False, f"drops inbound texts: set its inbound URL to {INBOUND}"),
        ({}, "polling", False, "drops inbound texts: set its integration to"),
        ({"use_inbound_webhook_on_number": True}, "webhook", None, "look at each of them"),
        ({"inbound_request_url": INBOUND}, "polling", True, "inbound texts are polled"),
        ({"inbound_request_url": f"{INBOUND}#rc=5&rp=all"}, "webhook", True, "with retries"),
    ],
)
async def test_trap_39_a_messaging_service_that_drops_answers_is_found(
    twilio: TwilioApi, service: dict[str, object], mode: str, ok: bool | None, said: str
) -> None:
    twilio.account.service_settings[SERVICE] = service
    look = await sender(twilio, twilio_from=SERVICE, twilio_mode=mode)

    assert look.ok is ok
    assert said in look.text


@pytest.mark.parametrize(
    ("kind", "ok", "said"),
    [("landline", None, "ask for a mobile number"), ("mobile", True, "the line is mobile.")],
)
async def test_the_doctor_says_what_line_a_doubtful_number_is_on(
    twilio: TwilioApi, kind: str, ok: bool | None, said: str
) -> None:
    twilio.account.line_types[MOBILE] = kind
    told = settings(twilio, twilio_lookup=True)
    (look,) = await asyncio.to_thread(texting.numbers, told, [MOBILE])

    assert (look.name, look.ok) == (f"Number {MOBILE}", ok)
    assert said in look.text


async def test_lookup_costs_money_and_is_asked_only_where_it_is_switched_on(
    twilio: TwilioApi,
) -> None:
    assert await asyncio.to_thread(texting.numbers, settings(twilio), [MOBILE]) == []
    assert list(twilio.exchanges) == []


async def test_an_import_warns_of_a_landline(
    twilio: TwilioApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    twilio.account.line_types["+12125550102"] = "landline"
    file = tmp_path / "people.csv"
    file.write_text(f"name,role,phone\nTina,technician,{MOBILE}\nTom,technician,+12125550102\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/d.db")
    for name, value in (
        ("TWILIO_ACCOUNT_SID", ACCOUNT), ("TWILIO_AUTH_TOKEN", AUTH), ("TWILIO_FROM", NUMBER),
        ("TWILIO_API_URL", twilio.base_url), ("TWILIO_LOOKUP", "true"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    await asyncio.to_thread(people.import_, file)

    said = "".join(capsys.readouterr())
    assert "+12125550102 is no mobile (landline)" in said
    assert f"{MOBILE} is no mobile" not in said
