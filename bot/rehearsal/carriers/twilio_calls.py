"""One call to the simulated Twilio REST API: its values, its errors, and the pages of a list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from starlette.responses import JSONResponse, Response

from bot.rehearsal.carriers.twilio_world import API, Json

PAGING = frozenset({"PageSize", "Page", "PageToken"})


class ApiError(Exception):
    """The call is answered with Twilio's error body."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> Response:
        """`{code, message, more_info, status}`."""
        body = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        return JSONResponse(body, self.status)


def refused(code: int, message: str) -> ApiError:
    """A 400 with one of Twilio's error codes."""
    return ApiError(400, code, message)


@dataclass
class Call:
    """One request: verb, path below the account, and its values (each name's values in order)."""

    verb: str
    path: str
    values: Mapping[str, list[str]]

    def one(self, name: str) -> str | None:
        """The last value of a name, or None."""
        values = self.values.get(name)
        return values[-1] if values else None


def page(call: Call, account_sid: str, key: str, items: list[Json]) -> Response:
    """One page of a list, with the addresses of its neighbours."""
    size = min(max(int(call.one("PageSize") or 50), 1), 1000)
    number = max(int(call.one("Page") or 0), 0)
    first = number * size
    part = items[first : first + size]
    path = f"{API}/{account_sid}{call.path}"
    said = {name: v[-1] for name, v in call.values.items() if name not in PAGING}

    def uri(wanted: int) -> str:
        query: dict[str, Any] = {**said, "PageSize": size, "Page": wanted}
        if wanted:
            query["PageToken"] = f"PA{wanted}"
        return f"{path}?" + "&".join(f"{quote(k)}={quote(str(v))}" for k, v in query.items())

    return JSONResponse(
        {
            key: part,
            "end": first + max(len(part) - 1, 0),
            "first_page_uri": uri(0),
            "next_page_uri": uri(number + 1) if first + size < len(items) else None,
            "page": number,
            "page_size": size,
            "previous_page_uri": uri(number - 1) if number else None,
            "start": first,
            "uri": uri(number),
        }
    )


def sent_within(call: Call, sent: datetime | None) -> bool:
    """Whether the DateSent filters (day or instant, UTC, both ends included) let it through."""
    for name in ("DateSent", "DateSent>", "DateSent<"):
        value = call.one(name)
        if not value:
            continue
        if sent is None:
            return False
        first, last = _span(value)
        if name != "DateSent<" and sent < first:
            return False
        if name != "DateSent>" and sent > last:
            return False
    return True


def _span(value: str) -> tuple[datetime, datetime]:
    """First and last instant of a day `2026-11-22` or a second `2026-11-22T10:00:00Z`."""
    try:
        at = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError as error:
        raise refused(20001, f"Invalid date: {value}") from error
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    length = timedelta(days=1) if len(value) == 10 else timedelta(seconds=1)
    return at, at + length - timedelta(microseconds=1)
