"""A message that was written for one channel, put into the form of another: the same words."""

import html
import re
from typing import Any

from bot.speech.gsm import fold
from storage import alerts
from storage.db import Row, Tx

_TAG = re.compile(r"<[^>]+>")
_ALERT = re.compile(r"a:(\d+):(\w+)")


def payload_for(
    tx: Tx, person: Row, payload: dict[str, Any], asks: dict[str, Any], written_for: str
) -> dict[str, Any] | None:
    """The content for `person["channel"]`; None where only the other channel can carry it.

    What stood on buttons stands in a text with what is typed for it: the digit that `asks` knows,
    or the alert's number and letter.
    """
    text = payload.get("text")
    if not isinstance(text, str):
        return None
    if person["channel"] == written_for:
        return payload
    if person["channel"] == "telegram":
        return {"text": html.escape(text), "buttons": []}
    buttons = [button for line in payload.get("buttons", []) for button in line]
    labels = [typed for label, data in buttons if (typed := _typed(tx, label, data, asks))]
    words = html.unescape(_TAG.sub("", text))
    blocks = [fold(line) for line in (*words.splitlines(), " ".join(labels))]
    said = "\n".join(block for block in blocks if block)
    return {"text": said, "program": person["program"]}


def _typed(tx: Tx, label: str, data: str, asks: dict[str, Any]) -> str:
    if match := _ALERT.fullmatch(data):
        alert = alerts.get(tx, int(match[1]))
        return f"{alert['number']}{match[2]} {fold(label)}" if alert else ""
    choices: dict[str, str] = asks.get("choices", {})
    word = data.rpartition(":")[2]
    digit = next((digit for digit, each in choices.items() if each == word), "")
    if data.startswith("plan:"):
        digit = next(iter(choices), "")
    return f"{digit} {fold(label)}" if digit else ""
