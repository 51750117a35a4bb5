"""Every route of the desk: its name, its path, what answers it. Each has its row in `rights`."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.desk import account, board
from bot.desk.asking import Act, Draw, Services
from bot.desk.gate import Gate

PAGES: dict[str, tuple[str, Draw]] = {
    "board": ("/desk/", board.board),
    "board.live": ("/desk/live", board.live),
    "me": ("/desk/me", account.me),
}
ACTS: dict[str, tuple[str, Act]] = {
    "sign_out": ("/desk/sign-out", account.sign_out),
    "sign_out.everywhere": ("/desk/sign-out/everywhere", account.sign_out_everywhere),
    "session.end": ("/desk/sessions/{session:int}/end", account.end_session),
}


def desk_routes(services: Services) -> list[BaseRoute]:
    """Everything under /desk/."""
    gate = Gate(services)

    async def bare(_: Request) -> Response:
        return RedirectResponse("/desk/")

    return [
        Route("/desk", bare, methods=["GET"], name="bare"),
        Mount(
            "/desk/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static"
        ),
        Route("/desk/in/{token}", gate.sign_in, methods=["GET"], name="sign_in"),
        Route("/desk/in/{token}", gate.confirm, methods=["POST"], name="sign_in.confirm"),
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
    ]
