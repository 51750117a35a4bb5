"""Twilio's other products as far as the bot asks them: messaging services, and Lookup.

Each lives on a host of its own; here they share the REST server's, told apart by their paths.
"""

import re

import phonenumbers
from starlette.responses import JSONResponse, Response

from bot.rehearsal.carriers.twilio_calls import ApiError, Call
from bot.rehearsal.carriers.twilio_world import Account

_SERVICE = re.compile(r"/v1/Services/(MG\w{32})")
_NUMBER = re.compile(r"/v2/PhoneNumbers/(\+\d+)")


def answer(account: Account, call: Call) -> Response | None:
    """The answer, or None where the path is none of these."""
    if match := _SERVICE.fullmatch(call.path):
        return _service(account, match[1])
    if match := _NUMBER.fullmatch(call.path):
        return _looked_up(account, match[1], call.one("Fields") or "")
    return None


def _service(account: Account, sid: str) -> Response:
    if sid not in account.services:
        return ApiError(
            404, 20404, f"The requested resource /Services/{sid} was not found"
        ).response()
    settings = {"inbound_request_url": None, "fallback_url": None,
                "use_inbound_webhook_on_number": False}  # fmt: skip
    return JSONResponse({
        "account_sid": account.sid, "sid": sid, "friendly_name": "Doorstep", "smart_encoding": True,
        **settings, **account.service_settings.get(sid, {}),
    })  # fmt: skip


def _looked_up(account: Account, number: str, fields: str) -> Response:
    """Without `line_type_intelligence` among the fields only the format is checked, as there."""
    try:
        read = phonenumbers.parse(number)
        valid = phonenumbers.is_valid_number(read)
        country = phonenumbers.region_code_for_number(read)
    except phonenumbers.NumberParseException:
        valid, country = False, None
    line = None
    if valid and "line_type_intelligence" in fields.split(","):
        kind = account.line_types.get(number, "mobile")
        line = {"type": kind, "carrier_name": "Rehearsal", "error_code": None}
    return JSONResponse({
        "calling_country_code": "1", "country_code": country, "phone_number": number,
        "national_format": number, "valid": valid, "validation_errors": [],
        "line_type_intelligence": line, "url": f"{account.base_url}/v2/PhoneNumbers/{number}",
    })  # fmt: skip
