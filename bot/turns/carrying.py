"""A message that was written for one channel, put into the form of another: the same words."""

import html
import re
from typing import Any

from bot.speech.gsm import fold
from bot.speech.wording import Wording
from bot.turns.alert_cards import answers_of
from storage import alerts
from storage.db import Row, Tx

_TAG = re.compile(r"<[^>]+>")
_ALERT = re.compile(r"a:(\d+):(\w+)")


def payload_for(
    tx: Tx,
    wording: Wording,
    person: Row,
    payload: dict[str, Any],
    asks: dict[str, Any],
    written_for: str,
) -> dict[str, Any] | None:
    """The content for `person["channel"]`; None where only the other channel can carry it.

    What stood on buttons stands in a text with what is typed for it: the digit that `asks` knows,
    or the alert's number, letter and, about money, characters (S5).
    """
    text = payload.get("text")
    if not isinstance(text, str):
        return None
    if person["channel"] == written_for:
        return payload
    if person["channel"] == "telegram":
        return {"text": html.escape(text), "buttons": []}
    typed = [
        _decides(tx, wording, person, label, match)
        if (match := _ALERT.fullmatch(data))
        else _answers(label, data, asks)
        for line in payload.get("buttons", [])
        for label, data in line
    ]
    words = html.unescape(_TAG.sub("", text))
    blocks = [fold(line) for line in (*words.splitlines(), " ".join(filter(None, typed)))]
    said = "\n".join(block for block in blocks if block)
    return {"text": said, "program": person["program"]}


def _decides(tx: Tx, wording: Wording, person: Row, label: str, button: re.Match[str]) -> str:
    """What is typed instead of an alert's button; in a list that may show an icon only."""
    alert = alerts.get(tx, int(button[1]))
    if alert is None:
        return ""
    letter = button[2]
    code = next((code for code, each in answers_of(alert) if each == letter), "")
    spoken = wording.sentence(f"alert.{alert['kind']}", person["language"]).buttons
    return f"{code or str(alert['number']) + letter} {fold(spoken.get(letter, label))}"


def _answers(label: str, data: str, asks: dict[str, Any]) -> str:
    """What is typed instead of a prompt's button; nothing where that is what the text names."""
    choices: dict[str, str] = asks.get("choices", {})
    if label in choices:
        return ""
    word = data.rpartition(":")[2]
    digit = next((digit for digit, each in choices.items() if each == word), "")
    if data.startswith("plan:"):
        digit = next(iter(choices), "")
    return f"{digit} {fold(label)}" if digit else ""
