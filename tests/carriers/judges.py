"""Third parties that judge the simulated carriers and whoever talks to them.

`judge_botapi(api)` holds every call, answer and update against aiogram's models;
`judge_twilio(api)` every request and answer against Twilio's own OpenAPI description.
"""

import functools
import json
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import aiogram.methods
from aiogram.methods.base import Response as AiogramResponse
from aiogram.types import Update
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from pydantic import BaseModel, ValidationError

from bot.rehearsal.carriers.botapi import BotApi, Call
from bot.rehearsal.carriers.twilio import Exchange, TwilioApi

Json = dict[str, Any]
SPEC = Path(__file__).with_name("spec")
PRODUCTS = {"2010-04-01": "api_v2010", "v1": "messaging_v1", "v2": "lookups_v2"}
"""Twilio's products by the first part of their paths; each lives on a host of its own."""
_SECONDS = range(1_000_000_000, 4_000_000_000)  # instants between 2001 and 2096; not milliseconds


class Judge:
    """Collects complaints; `assert_clean` fails when there are any."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.judged = 0

    def assert_clean(self) -> None:
        """Nothing to complain about, and something was looked at."""
        assert self.complaints == []
        assert self.judged > 0


class BotApiJudge(Judge):
    """aiogram's view of the Bot API: calls, results, updates by poll and by webhook."""

    def __init__(self, api: BotApi) -> None:
        super().__init__()
        self._api = api
        api.observers.append(self.call)
        api.webhook_observers.append(lambda body, _status: self.update(body))

    def assert_clean(self) -> None:
        """Also the server's own list of what the bot did wrong must be empty."""
        assert self._api.violations == []
        super().assert_clean()

    def call(self, call: Call) -> None:
        """Judge one call and its answer."""
        self.judged += 1
        method = getattr(aiogram.methods, call.method[0].upper() + call.method[1:], None)
        if method is None:
            self.complaints.append(f"{call.method}: aiogram knows no such method")
            return
        unknown = set(call.params) - set(method.model_fields)
        if unknown:
            self.complaints.append(f"{call.method}: unknown parameters {sorted(unknown)}")
        if call.status != 200:
            return
        known = {n: v for n, v in call.params.items() if n not in unknown}
        params = {name: _decoded(value) for name, value in known.items()}
        self._model(method, params, f"{call.method} parameters")
        if call.method == "getUpdates":
            for update in call.answer["result"]:
                self.update(update)
            return
        returning = AiogramResponse[method.__returning__]  # type: ignore[name-defined]
        self._model(returning, call.answer, f"{call.method} answer")
        self._walk(call.answer, call.method)

    def update(self, body: Json) -> None:
        """Judge one update, unless a test made it malformed on purpose."""
        self.judged += 1
        if body.get("update_id") not in self._api.raw_update_ids:
            self._model(Update, body, "update")
            self._walk(body, "update")

    def _model(self, model: type[BaseModel], value: Any, where: str) -> None:
        try:
            parsed = model.model_validate(value)
        except ValidationError as error:
            self.complaints.append(f"{where}: {error}")
            return
        for name in _extras(parsed):
            self.complaints.append(f"{where}: unknown field {name}")

    def _walk(self, value: Any, where: str) -> None:
        if isinstance(value, list):
            for item in value:
                self._walk(item, where)
        elif isinstance(value, dict):
            for name, item in value.items():
                if name.endswith("date") and isinstance(item, int) and item:
                    if item not in _SECONDS:
                        self.complaints.append(f"{where}: {name} is not in seconds: {item}")
                elif name == "inline_keyboard":
                    buttons = [button for row in item for button in row]
                    if not all(button.get("text") for button in buttons):
                        self.complaints.append(f"{where}: a button without text")
                else:
                    self._walk(item, where)


def judge_botapi(api: BotApi) -> BotApiJudge:
    """Watch everything that passes through this Bot API server from now on."""
    return BotApiJudge(api)


class TwilioJudge(Judge):
    """Twilio's OpenAPI description: requests received, answers given."""

    def __init__(self, api: TwilioApi) -> None:
        super().__init__()
        self._api = api
        api.observers.append(self.exchange)

    def assert_clean(self) -> None:
        """Also the server's own list of what the bot did wrong must be empty."""
        assert self._api.violations == []
        super().assert_clean()

    def exchange(self, exchange: Exchange) -> None:
        """Judge one request and its answer."""
        if "/Media/" in exchange.path and not exchange.path.endswith(".json"):
            return  # the content itself has no description
        product = PRODUCTS[exchange.path.split("/")[1]]
        spec, openapi = _twilio_description(product)
        self.judged += 1
        query: dict[str, Any] = dict(exchange.query)
        request = MockRequest(
            f"https://{product.partition('_')[0]}.twilio.com",
            exchange.verb,
            exchange.path,
            args=query,
            headers={"Authorization": "Basic eDp5"},
            data=urlencode(exchange.form).encode(),
            content_type="application/x-www-form-urlencoded",
        )
        where = f"{exchange.verb} {exchange.path}"
        for error in openapi.iter_request_errors(request):
            # A fault may leave a call unhandled and unanswered: then only 2xx calls are judged.
            if exchange.status < 300:
                self.complaints.append(f"{where}: {error}: {error.__cause__ or ''}")
        self._known_names(exchange, where, spec)
        if exchange.status in (0, 204) or "json" not in exchange.content_type:
            return
        if exchange.status >= 400:
            self._error_body(exchange, where)
            return
        response = MockResponse(exchange.body, exchange.status)
        for error in openapi.iter_response_errors(request, response):
            self.complaints.append(f"{where} {exchange.status}: {error}: {error.__cause__ or ''}")

    def _known_names(self, exchange: Exchange, where: str, spec: Json) -> None:
        operation = self._operation(exchange, spec)
        if operation is None:
            self.complaints.append(f"{where}: no such operation")
            return
        body = operation.get("requestBody", {}).get("content", {})
        schema = body.get("application/x-www-form-urlencoded", {}).get("schema", {})
        known = set(schema.get("properties", {}))
        known |= {parameter["name"] for parameter in operation.get("parameters", [])}
        unknown = {name for name, _value in exchange.form + exchange.query} - known
        if unknown:
            self.complaints.append(f"{where}: unknown parameters {sorted(unknown)}")

    def _operation(self, exchange: Exchange, spec: Json) -> Json | None:
        parts = exchange.path.removesuffix(".json").split("/")
        for path, operations in spec["paths"].items():
            pattern = path.removesuffix(".json").split("/")
            fits = len(pattern) == len(parts) and all(
                wanted == said or wanted.startswith("{")
                for wanted, said in zip(pattern, parts, strict=True)
            )
            if fits and exchange.verb.lower() in operations:
                return cast(Json, operations[exchange.verb.lower()])
        return None

    def _error_body(self, exchange: Exchange, where: str) -> None:
        body = json.loads(exchange.body)
        kinds = {name: type(value) for name, value in body.items()}
        wanted = {"code": int, "message": str, "more_info": str, "status": int}
        if kinds != wanted or body["status"] != exchange.status:
            self.complaints.append(f"{where}: {body} is no error of Twilio's")


def judge_twilio(api: TwilioApi) -> TwilioJudge:
    """Watch everything that passes through this Twilio server from now on."""
    return TwilioJudge(api)


@functools.cache
def _twilio_description(product: str) -> tuple[Json, OpenAPI]:
    """A product's description as JSON and as a validator; read once, it takes half a second."""
    spec: Json = json.loads((SPEC / f"twilio_{product}.json").read_text())
    for operations in spec["paths"].values():
        # The published description forgets that lists are sent as repeated fields.
        content = operations.get("post", {}).get("requestBody", {}).get("content", {})
        form = content.get("application/x-www-form-urlencoded")
        if form is not None:
            fields = form["schema"].get("properties", {})
            lists = [name for name, field in fields.items() if field.get("type") == "array"]
            form["encoding"] = {name: {"style": "form", "explode": True} for name in lists}
    config = Config(extra_format_validators={"date-time-rfc-2822": _is_rfc2822})
    return spec, OpenAPI.from_dict(spec, config=config)


def _is_rfc2822(value: object) -> bool:
    try:
        return parsedate_to_datetime(str(value)).tzinfo is not None
    except ValueError:
        return False


def _decoded(value: Any) -> Any:
    """A form value as the JSON value that it stands for."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _extras(value: Any) -> Iterator[str]:
    """Names of fields, at any depth, that the models do not know."""
    if isinstance(value, BaseModel):
        yield from (f"{type(value).__name__}.{name}" for name in value.model_extra or {})
        for name in type(value).model_fields:
            yield from _extras(getattr(value, name))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _extras(item)
