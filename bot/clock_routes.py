"""GET and POST /rehearsal/clock: where a movable clock stands, and pushing it (contract section 5)."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.clock import Clock, read_span, to_datetime, to_instant
from flows.facts import Instant

def clock_routes(clock: Clock, zone: str, pass_time: Callable[[Instant], Awaitable[Instant]]) -> list[Route]:
    """The routes; without a movable clock there are none, and the path is not found."""
    if not clock.movable:
        return []

    def shown() -> Response:
        return JSONResponse({"now": to_datetime(clock.now()).astimezone(ZoneInfo(zone)).isoformat(timespec="milliseconds")})

    async def get(_request: Request) -> Response:
        return shown()

    async def post(request: Request) -> Response:
        try:
            body = await request.json()
            if "advance" in body:
                to = clock.now() + read_span(str(body["advance"]))
            elif "to" in body:
                moment = datetime.fromisoformat(str(body["to"]))
                to = to_instant(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone)))
            else:
                raise ValueError('send {"advance": "30m"} or {"to": "2026-11-23T09:00-05:00"}')
            await pass_time(to)
        except (ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return shown()

    return [Route("/rehearsal/clock", get, methods=["GET"]), Route("/rehearsal/clock", post, methods=["POST"])]
