"""Looking at the wires without using them: is the token good, who are we, who calls whom."""

import asyncio
from urllib.parse import unquote, urlsplit

import aiosmtplib

from bot.commands.look import PATIENCE, Look
from bot.settings import Settings


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
