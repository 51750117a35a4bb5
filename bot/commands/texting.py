"""Looking at Twilio without sending: the account, who calls whom, and what a number can do."""

from collections.abc import Iterable

import httpx

from bot.commands.look import PATIENCE, Look
from bot.settings import Settings

ON_LANDLINES = frozenset({"landline", "tollFree", "premium", "sharedCost", "uan", "voicemail"})
"""Lookup's types of lines that get no texts."""


def twilio(settings: Settings) -> list[Look]:
    """The account, each sender, and where its texts are delivered to."""
    if not settings.twilio_on:
        return [Look("Twilio", None, "off (TWILIO_ACCOUNT_SID is not set)")]
    try:
        account = _account(settings, "")
        status = str(account.get("status", ""))
        looks = [Look("Twilio", status == "active", f"the account is {status or 'unknown'}.")]
        for sender in sorted(settings.senders):
            looks += _sender(settings, sender)
    except LookupError as error:
        return [Look("Twilio", False, f"{error}.")]
    return looks


def numbers(settings: Settings, doubtful: Iterable[str]) -> list[Look]:
    """Numbers that texts do not reach, and what Lookup says of them (TWILIO_LOOKUP)."""
    if not (settings.twilio_on and settings.twilio_lookup):
        return []
    looks = []
    for number in doubtful:
        try:
            said = kind_of_line(settings, number)
        except LookupError as error:
            return [Look("Lookup", False, f"{error}.")]
        able = said not in ON_LANDLINES | {"invalid"}
        text = f"texts fail there; the line is {said or 'not known'}" + (
            "." if able else ": ask for a mobile number."
        )
        looks.append(Look(f"Number {number}", able or None, text))
    return looks or [Look("Lookup", True, "no number of a person is in doubt.")]


def kind_of_line(settings: Settings, number: str) -> str:
    """What Twilio Lookup takes the line for: mobile, landline, …, invalid, "" where it does not
    know. LookupError where it cannot be asked. It costs money."""
    path = f"/v2/PhoneNumbers/{number}"
    found = _get(settings, "lookups", path, Fields="line_type_intelligence")
    line = found.get("line_type_intelligence")
    if not found.get("valid"):
        return "invalid"
    return str(line.get("type") or "") if isinstance(line, dict) else ""


def _get(settings: Settings, product: str, path: str, **query: str) -> dict[str, object]:
    """A resource of one of Twilio's products, each on its own host; LookupError says what to do."""
    base = settings.twilio_api_url.replace("://api.", f"://{product}.", 1)
    auth = (settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value())
    try:
        answer = httpx.get(f"{base}{path}", params=query, auth=auth, timeout=PATIENCE)
        document = answer.json()
    except httpx.HTTPError:
        raise LookupError("it cannot be reached: check the network, TWILIO_API_URL") from None
    except ValueError:
        raise LookupError("TWILIO_API_URL does not speak as Twilio") from None
    if answer.status_code in (401, 403):
        raise LookupError("it refuses us: check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")
    if answer.status_code == 404:
        raise LookupError(f"it knows no such {_THINGS.get(product, 'thing')}")
    if answer.is_error:
        raise LookupError(f"it answers {answer.status_code}")
    return document if isinstance(document, dict) else {}


_THINGS = {
    "api": "account: check TWILIO_ACCOUNT_SID", "messaging": "messaging service: check TWILIO_FROM",
    "lookups": "number",
}  # fmt: skip


def _account(settings: Settings, path: str, **query: str) -> dict[str, object]:
    sid = settings.twilio_account_sid
    return _get(settings, "api", f"/2010-04-01/Accounts/{sid}{path}.json", **query)


def _sender(settings: Settings, sender: str) -> list[Look]:
    name = f"Twilio {sender}"
    if sender.startswith("MG"):
        return [_service(settings, name, sender)]
    if not sender.startswith("+"):
        polled = "a short code; inbound texts are polled."
        text = f"a short code: see in Twilio's console that its webhook is {_advice(settings)}."
        return [Look(name, True, polled) if settings.twilio_polls else Look(name, None, text)]
    found = _account(settings, "/IncomingPhoneNumbers", PhoneNumber=sender)
    listed = found.get("incoming_phone_numbers")
    number = listed[0] if isinstance(listed, list) and listed else None
    if not isinstance(number, dict):
        return [Look(name, False, "this account has no such number: check TWILIO_FROM.")]
    url = str(number.get("sms_url") or "")
    if settings.twilio_polls:
        hook = f"; a webhook is set too: {url}" if url else ""
        return [Look(name, True, f"inbound texts are polled{hook}.")]
    return [_webhook(settings, name, url, str(number.get("sms_fallback_url") or ""))]


def _service(settings: Settings, name: str, sid: str) -> Look:
    """A service without an inbound address drops what people answer, unlisted (trap 39)."""
    service = _get(settings, "messaging", f"/v1/Services/{sid}")
    url = str(service.get("inbound_request_url") or "")
    by_number = bool(service.get("use_inbound_webhook_on_number"))
    if by_number:
        text = "a messaging service that leaves inbound texts to its numbers: look at each of them."
        return Look(name, None, text)
    if not url:
        wanted = (
            'set its integration to "Defer to sender\'s webhook"' if settings.twilio_polls
            else f"set its inbound URL to {_advice(settings)}"
        )  # fmt: skip
        return Look(name, False, f"the messaging service drops inbound texts: {wanted}.")
    if settings.twilio_polls:
        return Look(name, True, "a messaging service; inbound texts are polled.")
    return _webhook(settings, name, url, str(service.get("fallback_url") or ""))


def _advice(settings: Settings) -> str:
    return f"{settings.public_url}/twilio/inbound#rc=5&rp=all"


def _webhook(settings: Settings, name: str, url: str, fallback: str) -> Look:
    """Whether texts come to us, are tried again where we are slow, and once more elsewhere."""
    advice = _advice(settings)
    wanted = advice.partition("#")[0]
    bare, _, overrides = url.partition("#")
    if bare != wanted:
        text = f"texts go to {url or 'nowhere'}: set the messaging webhook to {advice}."
        return Look(name, False, text)
    if "rc=" not in overrides or "rp=" not in overrides:
        return Look(name, True, f"texts arrive; better with retries: set it to {advice}.")
    if not fallback:
        text = f"with retries; better with a second try: set the fallback URL to {wanted} as well."
        return Look(name, True, f"texts arrive at {wanted}, {text}")
    return Look(name, True, f"texts arrive at {wanted}, with retries and a fallback.")
