"""Looking at the wires without using them: is the token good, who are we, who calls whom."""

import asyncio
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import aiosmtplib

from bot.settings import Settings

PATIENCE = 10.0
"""Real seconds for one look."""


@dataclass(frozen=True, slots=True)
class Look:
    """One line of the doctor: `ok` None is for information only."""

    name: str
    ok: bool | None
    text: str


def telegram_call(settings: Settings, method: str) -> dict[str, object]:
    """A method of the Bot API without arguments; LookupError with what to do, never the token."""
    import httpx  # noqa: PLC0415 - 0.1 s that only a look at a provider needs

    token = settings.telegram_bot_token.get_secret_value()
    try:
        answer = httpx.get(f"{settings.telegram_api_url}/bot{token}/{method}", timeout=PATIENCE)
        document = answer.json()
    except httpx.HTTPError:
        raise LookupError("it cannot be reached: check the network, TELEGRAM_API_URL") from None
    except ValueError:
        raise LookupError("TELEGRAM_API_URL is no Bot API server") from None
    if answer.status_code in (401, 404):
        raise LookupError("it refuses the token: check TELEGRAM_BOT_TOKEN")
    if not document.get("ok"):
        raise LookupError(f"it says: {document.get('description', answer.status_code)}")
    result = document["result"]
    return result if isinstance(result, dict) else {}


def bot_username(settings: Settings) -> tuple[str, str]:
    """The bot's name for links, or "" and why there is none."""
    if not settings.telegram_on:
        return "", "off: TELEGRAM_BOT_TOKEN is not set"
    try:
        return str(telegram_call(settings, "getMe").get("username", "")), ""
    except LookupError as error:
        return "", f"no link now, {error}"


def telegram(settings: Settings) -> list[Look]:
    """The token, and that updates come the way that is set."""
    if not settings.telegram_on:
        return [Look("Telegram", None, "off (TELEGRAM_BOT_TOKEN is not set)")]
    try:
        me = telegram_call(settings, "getMe")
        hook = telegram_call(settings, "getWebhookInfo")
    except LookupError as error:
        return [Look("Telegram", False, f"{error}.")]
    looks = [Look("Telegram", True, f"@{me.get('username')} answers.")]
    url = str(hook.get("url") or "")
    wanted = f"{settings.public_url}/telegram/webhook"
    if settings.telegram_mode == "polling":
        text = "updates are polled" + (
            "; a webhook is set and is taken away when the bot starts." if url else "."
        )
        return [*looks, Look("Telegram updates", True, text)]
    if url != wanted:
        text = f"the webhook is {url or 'not set'}, wanted is {wanted}: starting the bot sets it."
        return [*looks, Look("Telegram updates", False, text)]
    if hook.get("last_error_message"):
        text = f"the webhook's last error: {hook['last_error_message']}."
        return [*looks, Look("Telegram updates", False, text)]
    waiting = hook.get("pending_update_count", 0)
    return [*looks, Look("Telegram updates", True, f"webhook {wanted}, {waiting} waiting.")]


def _twilio_get(settings: Settings, path: str, **query: str) -> dict[str, object]:
    import httpx  # noqa: PLC0415

    sid, token = settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value()
    try:
        answer = httpx.get(
            f"{settings.twilio_api_url}/2010-04-01/Accounts/{sid}{path}.json",
            params=query, auth=(sid, token), timeout=PATIENCE,
        )  # fmt: skip
        document = answer.json()
    except httpx.HTTPError:
        raise LookupError("it cannot be reached: check the network, TWILIO_API_URL") from None
    except ValueError:
        raise LookupError("TWILIO_API_URL does not speak as Twilio") from None
    if answer.status_code in (401, 403):
        raise LookupError("it refuses us: check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")
    if answer.status_code == 404:
        raise LookupError("it knows no such account: check TWILIO_ACCOUNT_SID")
    if answer.is_error:
        raise LookupError(f"it answers {answer.status_code}")
    return document if isinstance(document, dict) else {}


def twilio(settings: Settings) -> list[Look]:
    """The account, each sender, and where its texts are delivered to."""
    if not settings.twilio_on:
        return [Look("Twilio", None, "off (TWILIO_ACCOUNT_SID is not set)")]
    try:
        account = _twilio_get(settings, "")
        status = str(account.get("status", ""))
        looks = [Look("Twilio", status == "active", f"the account is {status or 'unknown'}.")]
        for sender in sorted(settings.senders):
            looks += _sender(settings, sender)
    except LookupError as error:
        return [Look("Twilio", False, f"{error}.")]
    return looks


def _sender(settings: Settings, sender: str) -> list[Look]:
    name = f"Twilio {sender}"
    advice = f"{settings.public_url}/twilio/inbound#rc=5&rp=all"
    if not sender.startswith("+"):
        kind = "a messaging service" if sender.startswith("MG") else "a short code"
        if settings.twilio_polls:
            return [Look(name, True, f"{kind}; inbound texts are polled.")]
        text = f"{kind}: see in Twilio's console that its inbound URL is {advice}."
        return [Look(name, None, text)]
    found = _twilio_get(settings, "/IncomingPhoneNumbers", PhoneNumber=sender)
    numbers = found.get("incoming_phone_numbers")
    number = numbers[0] if isinstance(numbers, list) and numbers else None
    if not isinstance(number, dict):
        return [Look(name, False, "this account has no such number: check TWILIO_FROM.")]
    url = str(number.get("sms_url") or "")
    if settings.twilio_polls:
        hook = f"; a webhook is set too: {url}" if url else ""
        return [Look(name, True, f"inbound texts are polled{hook}.")]
    return [_webhook(name, url, advice)]


def _webhook(name: str, url: str, advice: str) -> Look:
    """Whether a number's texts come to us, and are tried again where we are slow."""
    wanted = advice.partition("#")[0]
    bare, _, overrides = url.partition("#")
    if bare != wanted:
        text = f"texts go to {url or 'nowhere'}: set the number's messaging webhook to {advice}."
        return Look(name, False, text)
    if "rc=" not in overrides or "rp=" not in overrides:
        return Look(name, True, f"texts arrive; better with retries: set it to {advice}.")
    return Look(name, True, f"texts arrive at {wanted}, with retries.")


def smtp(settings: Settings) -> Look:
    """Connect, say hello, secure, sign in; no mail is sent."""
    if not settings.smtp_url.get_secret_value():
        return Look("SMTP", None, "off (SMTP_URL is not set): mail to the office waits.")
    return asyncio.run(_smtp(settings))


async def _smtp(settings: Settings) -> Look:
    parts = urlsplit(settings.smtp_url.get_secret_value())
    secure, plain = parts.scheme == "smtps", "tls=none" in parts.query
    client = aiosmtplib.SMTP(
        hostname=parts.hostname, port=parts.port or (465 if secure else 587), use_tls=secure,
        start_tls=not (plain or secure), timeout=PATIENCE,
    )  # fmt: skip
    where = f"{parts.hostname}:{client.port}"
    try:
        await client.connect()
        if parts.username:
            await client.login(unquote(parts.username), unquote(parts.password or ""))
        await client.quit()
    except aiosmtplib.SMTPAuthenticationError:
        return Look("SMTP", False, f"{where} refuses user or password: check SMTP_URL.")
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        return Look(
            "SMTP", False, f"{where} does not work ({type(error).__name__}): check SMTP_URL."
        )
    signed_in = ", signed in" if parts.username else ""
    return Look("SMTP", True, f"{where} answers{'' if plain else ', secured'}{signed_in}.")
