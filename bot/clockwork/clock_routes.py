"""GET and POST /rehearsal/clock: where a movable clock stands, and pushing it (contract section
5)."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from json import JSONDecodeError
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.clock import Clock, read_span, to_datetime, to_instant
from flows.facts import Instant

_SEND = 'send {"advance": "30m"} or {"to": "2026-11-23T09:00-05:00"}'


def clock_routes(
    clock: Clock, zone: str, pass_time: Callable[[Instant], Awaitable[Instant]]
) -> list[Route]:
    """The routes; without a movable clock there are none, and the path is not found."""
    if not clock.movable:
        return []

    def shown() -> Response:
        return JSONResponse(
            {
                "now": to_datetime(clock.now())
                .astimezone(ZoneInfo(zone))
                .isoformat(timespec="milliseconds")
            }
        )

    async def get(_request: Request) -> Response:
        return shown()

    async def post(request: Request) -> Response:
        # A page in a frame without an origin says "null", and is another page as well.
        origin, host = request.headers.get("origin"), request.headers.get("host")
        if origin not in (None, f"http://{host}", f"https://{host}"):
            return JSONResponse({"error": "another page may not push the clock"}, status_code=403)
        try:
            await pass_time(_wanted(await request.json(), clock.now(), zone))
        except (JSONDecodeError, UnicodeDecodeError, TypeError, OverflowError, RecursionError):
            return JSONResponse({"error": _SEND}, status_code=400)
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return shown()

    return [
        Route("/rehearsal/clock", get, methods=["GET"]),
        Route("/rehearsal/clock", post, methods=["POST"]),
    ]


def _wanted(body: Any, now: Instant, zone: str) -> Instant:
    """The instant that is asked for; ValueError, TypeError, OverflowError."""
    if "advance" in body:
        return now + read_span(str(body["advance"]))
    if "to" in body:
        moment = datetime.fromisoformat(str(body["to"]))
        return to_instant(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone)))
    raise ValueError(_SEND)
