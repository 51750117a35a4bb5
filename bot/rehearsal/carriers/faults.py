"""Scripted misbehaviour of the simulated HTTP carriers: errors, lost replies, slowness, silence."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

from starlette.responses import Response

from bot.rehearsal.carriers.serving import Cut

Drop = Literal["before", "after"]


@dataclass(eq=False)
class Fault:
    """One scripted fault; see `Faults.add` for the fields. `fired` counts how often it struck."""

    call: str
    target: str | None
    times: int | None
    status: int | None
    body: str | None
    retry_after: int | None
    drop: Drop | None
    slow: float
    hang: bool
    fired: int = 0

    def strikes(self, carrier: str, call: str, target: str | None) -> bool:
        """True when this call (to this chat or number) is one that the fault waits for."""
        if self.times is not None and self.fired >= self.times:
            return False
        if self.target is not None and self.target != target:
            return False
        return fnmatchcase(call, self.call) or fnmatchcase(f"{carrier}/{call}", self.call)


@dataclass(frozen=True)
class Struck:
    """A log line of `Faults`: which call of which carrier met which fault."""

    carrier: str
    call: str
    target: str | None
    fault: Fault


@dataclass
class Faults:
    """The faults in force; one registry may serve several carriers.

    A call is named by carrier and name: `telegram/sendMessage`, `twilio/POST Messages.json`,
    `telegram/file`, `twilio/GET Media`, `storage/GET Media`.
    """

    planned: list[Fault] = field(default_factory=list)
    log: list[Struck] = field(default_factory=list)

    def add(  # noqa: PLR0913 - by name only, each with a default
        self,
        call: str = "*",
        *,
        target: str | int | None = None,
        times: int | None = 1,
        status: int | None = None,
        body: str | None = None,
        retry_after: int | None = None,
        drop: Drop | None = None,
        slow: float = 0.0,
        hang: bool = False,
    ) -> Fault:
        """Plan a fault for calls that match the shell pattern `call` (with or without `carrier/`).

        target: only this chat id or phone number. times: None = until cleared.
        status, body: answer so instead of handling (no body: the carrier's own JSON for 429 and
        other 4xx, an HTML page for 5xx). retry_after: seconds, with 429.
        drop: cut the connection before handling, or after handling (the reply is lost).
        slow: seconds before anything else. hang: never answer.
        """
        fault = Fault(
            call=call,
            target=None if target is None else str(target),
            times=times,
            status=429 if status is None and retry_after is not None else status,
            body=body,
            retry_after=retry_after,
            drop=drop,
            slow=slow,
            hang=hang,
        )
        self.planned.append(fault)
        return fault

    def clear(self, fault: Fault | None = None) -> None:
        """Forget this fault, or all of them; the log stays."""
        if fault is None:
            self.planned.clear()
        elif fault in self.planned:
            self.planned.remove(fault)

    def take(self, carrier: str, call: str, target: str | None = None) -> Fault | None:
        """The first planned fault that strikes this call, counted and logged."""
        for fault in self.planned:
            if fault.strikes(carrier, call, target):
                fault.fired += 1
                self.log.append(Struck(carrier, call, target, fault))
                return fault
        return None


async def play(
    fault: Fault | None,
    handle: Callable[[], Awaitable[Response]],
    refuse: Callable[[Fault], Response],
) -> Response:
    """Handle a call under a fault: `refuse` words the carrier's error for `fault.status`."""
    if fault is None:
        return await handle()
    if fault.slow:
        await asyncio.sleep(fault.slow)
    if fault.hang:
        return Cut(hang=True)
    if fault.drop == "before":
        return Cut()
    if fault.status is not None:
        if fault.body is not None:
            return Response(fault.body, fault.status, media_type="text/html")
        return refuse(fault)
    response = await handle()
    return Cut() if fault.drop == "after" else response


def gateway_page(status: int) -> Response:
    """What a balancer answers in front of a carrier that is down: HTML, not JSON."""
    return Response(
        f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>",
        status,
        media_type="text/html",
    )
