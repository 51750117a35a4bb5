"""A job's proof as a PDF, for whoever may see the job."""

from functools import partial
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from bot.desk.asking import Ask
from bot.desk.gate import Gate
from bot.papers.making import printed
from bot.papers.pictures import exhibits

if TYPE_CHECKING:
    from bot.papers.packet import Packet


class Papers:
    """Prints them beside the turns."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def packet(self, request: Request) -> Response:
        """Timeline, photos with their hashes, mails, alerts, fees."""
        from bot.papers.packet import print_packet  # noqa: PLC0415 - 16 MB that printing loads

        services = self._gate.services
        found, name = await self._gate.allowed(request, "job.packet", _gathered)
        shown = await exhibits(found.photos, services.photos.get)
        data = await printed(partial(print_packet, found, shown, services.clock.now()))
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(data, media_type="application/pdf", headers=headers)


def _gathered(ask: Ask) -> tuple["Packet", str]:
    from bot.papers.packet import gather  # noqa: PLC0415

    job = ask.subject
    plain = "".join(sign for sign in job["number"] if sign.isascii() and sign.isalnum())
    return gather(ask.tx, ask.services.context, job), f"packet-{plain}-{job['visit']}.pdf"
