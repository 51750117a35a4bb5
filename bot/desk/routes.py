"""Every route of the desk: its name, its path, what answers it. Each has its row in `rights`."""

from pathlib import Path

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.desk import (
    account,
    acts,
    board,
    deciding,
    figures,
    finding,
    job,
    ledger,
    manifests,
    new_job,
    people,
)
from bot.desk.asking import Act, Draw, Services
from bot.desk.gate import Gate
from bot.desk.papers import Papers
from bot.desk.pictures import Pictures
from bot.desk.rights import NotYours


class _Id(IntegerConvertor):
    """A row's number in a path. Longer ones are none of ours, and Python refuses to read the
    longest: any stranger would get a fault, and a traceback in our log, for one line (P10)."""

    regex = "[0-9]{1,99}"


register_url_convertor("id", _Id())

PAGES: dict[str, tuple[str, Draw]] = {
    "board": ("/desk/", board.board),
    "board.live": ("/desk/live", board.live),
    "job": ("/desk/jobs/{job:id}", job.show),
    "job.live": ("/desk/jobs/{job:id}/live", job.live),
    "figures": ("/desk/figures", figures.figures),
    "figures.export": ("/desk/figures/export", figures.export),
    "people": ("/desk/people", people.everybody),
    "person": ("/desk/people/{person:id}", people.show),
    "ledger": ("/desk/ledger", ledger.show),
    "ledger.csv": ("/desk/ledger.csv", ledger.as_csv),
    "ledger.xlsx": ("/desk/ledger.xlsx", ledger.as_workbook),
    "search": ("/desk/search", finding.search),
    "exports": ("/desk/exports", finding.exports),
    "jobs.csv": ("/desk/jobs.csv", finding.jobs_csv),
    "new": ("/desk/new", new_job.ask_for),
    "manifest": ("/desk/manifest", manifests.ask_for),
    "me": ("/desk/me", account.me),
}
ACTS: dict[str, tuple[str, Act]] = {
    "new.take": ("/desk/new", new_job.take),
    "job.message": ("/desk/jobs/{job:id}/message", acts.message),
    "job.ask_again": ("/desk/jobs/{job:id}/ask-again", acts.ask_again),
    "job.hold": ("/desk/jobs/{job:id}/hold", acts.hold),
    "job.move": ("/desk/jobs/{job:id}/move", acts.move),
    "job.assign": ("/desk/jobs/{job:id}/assign", acts.assign),
    "job.step": ("/desk/jobs/{job:id}/step", acts.step),
    "job.close": ("/desk/jobs/{job:id}/close", acts.close),
    "alert.answer": ("/desk/alerts/{alert:id}", deciding.answer),
    "fee.decide": ("/desk/fees/{fee:id}", acts.fee),
    "person.invite": ("/desk/people/{person:id}/invite", people.invite),
    "person.absent": ("/desk/people/{person:id}/absent", people.absent),
    "person.quiet": ("/desk/people/{person:id}/quiet", people.quiet),
    "person.channel": ("/desk/people/{person:id}/channel", people.channel),
    "person.setup": ("/desk/people/{person:id}/setup", people.setup),
    "person.revoke": ("/desk/people/{person:id}/revoke", people.revoke),
    "sign_out": ("/desk/sign-out", account.sign_out),
    "sign_out.everywhere": ("/desk/sign-out/everywhere", account.sign_out_everywhere),
    "session.end": ("/desk/sessions/{session:id}/end", account.end_session),
}


def desk_routes(services: Services) -> list[BaseRoute]:
    """Everything under /desk/."""
    gate = Gate(services)
    pictures, papers, previews = Pictures(gate), Papers(gate), manifests.Previews(gate)
    file = "/desk/manifest/{file:id}"
    slow = {
        "job.packet": ("/desk/jobs/{job:id}/packet.pdf", papers.packet),
        "manifest.preview": (file, previews.show),
        "photo": ("/desk/photos/{photo:id}", pictures.large),
        "photo.small": ("/desk/photos/{photo:id}/small", pictures.small),
    }

    async def bare(_: Request) -> Response:
        return RedirectResponse("/desk/")

    async def nothing(_: Request) -> Response:
        raise NotYours

    keep = gate.act("manifest.keep", manifests.keep, most=manifests.LARGEST)
    take = gate.act("manifest.take", manifests.take, before=manifests.read)
    return [
        Route("/desk/manifest", keep, methods=["POST"], name="manifest.keep"),
        Route(file, take, methods=["POST"], name="manifest.take"),
        Route("/desk", bare, methods=["GET"], name="bare"),
        Mount(
            "/desk/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static"
        ),
        Route("/desk/in/{token}", gate.sign_in, methods=["GET"], name="sign_in"),
        Route("/desk/in/{token}", gate.confirm, methods=["POST"], name="sign_in.confirm"),
        *(
            Route(path, gate.slow(answer), methods=["GET"], name=name)
            for name, (path, answer) in slow.items()
        ),
        *(
            Route(
                path, gate.page(name, draw, live=name.endswith(".live")), methods=["GET"], name=name
            )
            for name, (path, draw) in PAGES.items()
        ),
        *(
            Route(path, gate.act(name, act), methods=["POST"], name=name)
            for name, (path, act) in ACTS.items()
        ),
        Route("/desk/{nothing:path}", gate.slow(nothing), methods=["GET"], name="nothing"),
    ]
