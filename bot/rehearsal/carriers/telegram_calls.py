"""One call to the Bot API: its parameters, whatever their encoding, and the ways to refuse it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request

from bot.rehearsal.carriers.telegram_text import (
    BadEntities,
    Entity,
    found_entities,
    parse_html,
    trim,
    units,
)

Json = dict[str, Any]
MAX_TEXT, MAX_CAPTION, MAX_BUTTONS, MAX_BUTTON_DATA = 4096, 1024, 100, 64


class Refusal(Exception):
    """The call is answered with this error: HTTP status, description, optional parameters."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad_request(description: str) -> Refusal:
    """A 400 in Telegram's wording."""
    return Refusal(400, f"Bad Request: {description}")


@dataclass(frozen=True)
class Upload:
    """A file that came with the call."""

    filename: str
    content: bytes
    mime: str


@dataclass
class Params:
    """The call's named values (strings or JSON values) and files."""

    values: Mapping[str, Any]
    files: Mapping[str, Upload] = field(default_factory=dict)

    @classmethod
    async def read(cls, request: Request) -> "Params":
        """From query, form, multipart or JSON body; Refusal when the JSON is broken."""
        values: dict[str, Any] = dict(request.query_params)
        files: dict[str, Upload] = {}
        kind = request.headers.get("Content-Type", "")
        if request.method == "POST" and kind.startswith("application/json"):
            try:
                body = json.loads(await request.body() or b"{}")
            except ValueError as error:
                raise bad_request("can't parse JSON object") from error
            if not isinstance(body, dict):
                raise bad_request("expected an Object")
            values |= body
        elif request.method == "POST":
            async with request.form() as form:
                for name, value in form.multi_items():
                    if isinstance(value, UploadFile):
                        mime = value.content_type or "application/octet-stream"
                        upload = Upload(value.filename or "file", await value.read(), mime)
                        files[name] = upload
                    else:
                        values[name] = value
        return cls(values, files)

    @property
    def names(self) -> set[str]:
        """Every name given; files that an attach:// link refers to are not parameters."""
        said = json.dumps(dict(self.values), default=str)
        return set(self.values) | {n for n in self.files if f"attach://{n}" not in said}

    def text(self, name: str) -> str:
        """A string, "" when absent."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        """An integer; `default` when absent or not a number, as Telegram reads them."""
        try:
            return int(self.values.get(name, default))
        except (TypeError, ValueError):
            return default

    def boolean(self, name: str) -> bool:
        """True for true, yes and 1, in any case."""
        return str(self.values.get(name, "")).lower() in ("true", "yes", "1")

    def json(self, name: str) -> Any:
        """A JSON value, encoded or not; None when absent or empty."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as error:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from error

    def upload(self, name: str) -> Upload | str:
        """The file under this name: uploaded, attached, or a string (file_id or address)."""
        return self.files[name] if name in self.files else self.attached(self.text(name))

    def attached(self, reference: str) -> Upload | str:
        """What `attach://name` refers to, or the reference itself."""
        name = reference.removeprefix("attach://")
        return self.files[name] if name != reference and name in self.files else reference


def written_text(p: Params) -> tuple[str, list[Entity]]:
    """The call's text and its entities; Refusal when it is empty, too long or broken."""
    mode = p.text("parse_mode")
    text, entities = _formatted(p.text("text"), mode, p.json("entities"), MAX_TEXT, "message")
    if not text:
        raise bad_request("message text is empty")
    return text, entities


def written_caption(p: Params) -> tuple[str | None, list[Entity]]:
    """The call's caption (None when empty) and its entities."""
    mode = p.text("parse_mode")
    said = p.text("caption")
    caption, entities = _formatted(
        said, mode, p.json("caption_entities"), MAX_CAPTION, "message caption"
    )
    return caption or None, entities


def _formatted(
    text: str, parse_mode: str, entities: list[Entity] | None, limit: int, what: str
) -> tuple[str, list[Entity]]:
    """Text and entities of what the bot sends, within `limit` UTF-16 units after parsing."""
    mode = parse_mode.lower()
    if mode == "html":
        try:
            text, found = parse_html(text)
        except BadEntities as error:
            raise bad_request(f"can't parse entities: {error}") from error
    elif mode in ("markdown", "markdownv2"):
        raise bad_request("can't parse entities: this simulated server knows HTML only")
    elif mode:
        raise bad_request("unsupported parse_mode")
    else:
        text, found = trim(text, entities or [])
    if units(text) > limit:
        raise bad_request(f"{what} is too long")
    return text, found_entities(text, found)


def checked_markup(markup: Any, *, inline_only: bool = False) -> Json | None:
    """The reply markup, or a Refusal for a keyboard that Telegram would not take."""
    if markup is None or markup == {}:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" not in markup:
        if inline_only:
            raise bad_request("inline keyboard expected")
        if "keyboard" in markup:
            _check_reply_keyboard(markup["keyboard"])
        elif not {"remove_keyboard", "force_reply"} & set(markup):
            raise bad_request("unknown reply markup")
        return markup
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array')
    if sum(len(row) for row in rows) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    kept = [[_checked_button(button) for button in row] for row in rows if row]
    return {"inline_keyboard": kept} if kept else None


def _check_reply_keyboard(rows: Any) -> None:
    for row in rows if isinstance(rows, list) else [None]:
        for button in row if isinstance(row, list) else [None]:
            text = button.get("text") if isinstance(button, dict) else button
            if not isinstance(text, str) or not text.strip():
                raise bad_request('can\'t parse keyboard button: field "text" must be a String')


def _checked_button(button: Any) -> Json:
    wrong = "can't parse inline keyboard button: "
    if not isinstance(button, dict):
        raise bad_request(wrong + "expected an Object")
    if "text" not in button:
        raise bad_request(wrong + 'Can\'t find field "text"')
    if not isinstance(button["text"], str) or not button["text"].strip():
        raise bad_request(wrong + 'Field "text" must be a non-empty String')
    if "url" in button:
        url = str(button["url"])
        scheme = url.split(":", 1)[0].lower()
        if scheme not in ("http", "https", "tg", "ton"):
            raise bad_request(
                f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol"
            )
        return {"text": button["text"], "url": url}
    if "callback_data" not in button:
        raise bad_request(wrong + "Text buttons are unallowed in the inline keyboard")
    data = button["callback_data"]
    if not isinstance(data, str) or not 1 <= len(data.encode()) <= MAX_BUTTON_DATA:
        raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
    return {"text": button["text"], "callback_data": data}
