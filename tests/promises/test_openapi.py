"""P10, S1: docs/openapi.yaml is true, and nothing that is sent to a route of it brings the product
out of step. Schemathesis makes the requests, right ones and wrong ones, and judges the answers."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks as judged
from starlette.routing import Route
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from bot.clockwork.clock_routes import clock_routes
from bot.papers import links
from bot.pictures.photo_store import Folder
from bot.turns import by_link
from bot.wires.metrics import Metrics
from bot.wires.readiness import checks
from bot.wires.receiving import Health, Presses, Receiver
from bot.wires.upload import Uploads
from bot.wires.web import TelegramHook, TwilioHook, build_web
from storage import jobs
from storage.db import Tx, Writer
from tests.promises.test_fuzz import AUTH, PUBLIC, SECRET, _Buttons
from tests.stage import Stage

DESCRIPTION = schemathesis.openapi.from_path(
    Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
)
OPERATIONS = [
    (path, verb)
    for path, item in DESCRIPTION.raw_schema["paths"].items()
    for verb in item
    if verb in ("get", "post")
]
EXAMPLES = 8
JUDGES = [
    not_a_server_error,
    judged.status_code_conformance,
    judged.content_type_conformance,
    judged.response_headers_conformance,
    judged.response_schema_conformance,
]


class Served:
    """The web side of a running product, without a socket."""

    def __init__(self, folder: Path) -> None:
        self.stage = Stage(f"sqlite:///{folder}/open.db", "sms").usual()
        self.stage.plays("06:42 1", "08:05 1", "08:05 2", "08:05 2")  # she is to send a photo
        stage, self.writer, self.health = self.stage, Writer(self.stage.store), Health()
        photos, clock, door = Folder(folder / "photos"), stage.clock, stage.door
        stage.store.transact(lambda tx: links.prepare(tx, PUBLIC))

        async def pass_time(to: int) -> int:
            clock.set(max(to, clock.now()))
            return clock.now()

        uploads = Uploads(stage.store, self.writer, clock, photos, door.receive, lambda: None)
        self.routes = [
            *clock_routes(clock, stage.zone, pass_time),
            *links.form_routes(stage.store, stage.context, clock),
            *uploads.routes(),
        ]
        self.web: Any = build_web(
            self.writer,
            Receiver(self.writer, door, clock),
            telegram=TelegramHook("4242", SECRET, Presses(_Buttons())),
            twilio=TwilioHook(AUTH, PUBLIC, door),
            checks=checks(self.writer, clock, self.health, polls=True),
            metrics=Metrics(stage.store, clock, self.health).samples,
            routes=self.routes,
        )

    def token(self, path: str) -> str:
        """One that opens this path now."""
        stage, now = self.stage, self.stage.clock.now()
        job = stage.row(lambda tx: jobs.of_order(tx, "114-7")[0])
        grant = by_link.Grant(stage.people["tina"], job["id"], job["since"])

        def made(tx: Tx) -> str:
            if path.startswith(by_link.PATH):
                return by_link._issue(tx, grant, now)
            return links.link(tx, links.Grant(job["id"], stage.people["tina"]), now)

        return stage.store.transact(made).rpartition("/")[2]


def signature(case: Case[Any]) -> str:
    """Twilio's, where the body is a form at all."""
    form = case.body if isinstance(case.body, dict) else {}
    texts = {str(name): str(value) for name, value in form.items()}
    return str(RequestValidator(AUTH).compute_signature(PUBLIC + case.formatted_path, texts))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    return Served(tmp_path_factory.mktemp("served"))


def test_every_route_is_described_and_nothing_else(served: Served) -> None:
    routes = [route for route in served.web._app.routes if isinstance(route, Route)]
    there = {
        (route.path, verb.lower())
        for route in routes
        for verb in set(route.methods or ()) - {"HEAD"}
    }

    assert set(OPERATIONS) == there


@pytest.mark.parametrize(("path", "verb"), OPERATIONS)
def test_p10_whatever_is_sent_the_answer_is_a_described_one(
    served: Served, path: str, verb: str, thorough: int
) -> None:
    operation = DESCRIPTION[path][verb.upper()]
    answers = Counter[int]()

    @settings(
        max_examples=EXAMPLES * thorough, deadline=None, database=None, derandomize=True,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
        st.booleans(),
    )
    def fuzz(case: Case[Any], known: bool) -> None:
        if known:
            case.headers["X-Telegram-Bot-Api-Secret-Token"] = SECRET
            case.headers["X-Twilio-Signature"] = signature(case)
            if "token" in path:
                case.path_parameters["token"] = served.token(path)
        answer = case.call(app=served.web)
        case.validate_response(answer, checks=JUDGES)
        answers[answer.status_code] += 1

    fuzz()
    print(verb, path, dict(answers))
