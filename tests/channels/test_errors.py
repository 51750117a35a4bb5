"""What providers answer, class by class: again, unknown, refused, or a matter for the operator."""

from time import process_time

import httpx
import pytest
from telegram import error as tg

from bot.channels import sms_errors
from bot.channels.base import Misconfigured, Refused, SendError, TryLater, UnknownOutcome
from bot.channels.telegram import _translated
from bot.wires.redaction import redacted


def network(cause: Exception, kind: type[tg.NetworkError] = tg.NetworkError) -> tg.NetworkError:
    """As the library raises it."""
    made = kind("it went wrong")
    made.__cause__ = cause
    return made


TELEGRAM: list[tuple[tg.TelegramError, type[SendError]]] = [
    (tg.RetryAfter(7), TryLater),
    (tg.Forbidden("Forbidden: bot was blocked by the user"), Refused),
    (tg.BadRequest("Chat not found"), Refused),
    (tg.ChatMigrated(-100), Refused),
    (tg.InvalidToken("Unauthorized"), Misconfigured),
    (tg.NetworkError("Bad Gateway (502)"), TryLater),
    (network(httpx.ConnectError("refused")), TryLater),
    (network(httpx.ConnectTimeout("slow"), tg.TimedOut), TryLater),
    (network(httpx.PoolTimeout("busy"), tg.TimedOut), TryLater),
    (network(httpx.ReadTimeout("slow"), tg.TimedOut), UnknownOutcome),
    (network(httpx.WriteTimeout("slow"), tg.TimedOut), UnknownOutcome),
    (network(httpx.RemoteProtocolError("gone")), UnknownOutcome),
    (tg.TelegramError("Invalid server response"), UnknownOutcome),
]


@pytest.mark.parametrize(("error", "kind"), TELEGRAM, ids=lambda value: type(value).__name__)
def test_trap_26_an_error_of_telegram(error: tg.TelegramError, kind: type[SendError]) -> None:
    assert type(_translated(error)) is kind


def test_trap_25_the_wait_that_telegram_names_is_kept() -> None:
    error = _translated(tg.RetryAfter(7))

    assert isinstance(error, TryLater)
    assert (error.after, error.whole_channel) == (7, False)


@pytest.mark.parametrize(
    ("status", "code", "kind", "why"),
    [
        (400, 21610, Refused, "opted_out"),
        (400, 21211, Refused, "invalid"),
        (400, 21614, Refused, "invalid"),
        (400, 21408, Refused, "invalid"),
        (400, 21617, Refused, "other"),
        (429, 20429, TryLater, ""),
        (400, 21611, TryLater, ""),
        (400, 14107, TryLater, ""),
        (503, 503, TryLater, ""),
        (401, 20003, Misconfigured, ""),
        (400, 21606, Misconfigured, ""),
        (400, 21608, Misconfigured, ""),
        (403, 403, Misconfigured, ""),
    ],
)
def test_an_error_of_twilio(status: int, code: int, kind: type[SendError], why: str) -> None:
    error = sms_errors.refused(status, code, "said")

    assert type(error) is kind
    assert (error.why if isinstance(error, Refused) else "") == why


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (30003, "unreachable"),
        (30005, "unreachable"),
        (30006, "invalid"),
        (30004, "filtered"),
        (30007, "filtered"),
        (30034, "configuration"),
        (21610, "opted_out"),
        (99999, "undelivered"),
    ],
)
def test_a_text_that_did_not_arrive(code: int, why: str) -> None:
    assert sms_errors.why(code) == why


@pytest.mark.parametrize(
    "text",
    [
        "POST https://api.telegram.org/bot4839574812:AAFD39kkdpWt3ywyRZergyOLMaJhac60qcA/getMe",
        "GET /bot4839574812%3AAAFD39kkdpWt3ywyRZergyOLMaJhac60qcA/getMe",
        "?To=%2B12125550101&From=x",
        "Invalid 'To' Phone Number: +12125550101",
        "smtp://user:AAFD39kkdp@mail.example.com",
    ],
)
def test_s7_what_identifies_or_opens_is_cut_out(text: str) -> None:
    assert "AAFD39kkdp" not in redacted(text)
    assert "12125550101" not in redacted(text)
    assert redacted(text) != text


def test_s7_a_line_of_digits_is_looked_through_in_no_time() -> None:
    began = process_time()

    assert redacted("1" * 30_000) == "1" * 30_000
    assert process_time() - began < 1  # eight seconds it was
