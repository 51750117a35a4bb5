"""A manager's word by text that hides things from them counts only with the characters of our
answer: a text's sender can be forged (S5)."""

import json
import secrets
from typing import Any

from flows.facts import MINUTE, Instant
from storage import kept
from storage.db import Tx

WITHIN = 30 * MINUTE
_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def ask(tx: Tx, word: str, person: int, what: dict[str, Any], now: Instant) -> str:
    """Keep what was asked for until it is confirmed; the four characters that do."""
    token = "".join(secrets.choice(_SIGNS) for _ in range(4))
    kept.put(tx, _key(word, person), json.dumps(what | {"token": token, "until": now + WITHIN}))
    return token


def confirmed(tx: Tx, word: str, person: int, typed: str, now: Instant) -> dict[str, Any] | None:
    """What these characters confirm, once; None where they confirm nothing."""
    asked: dict[str, Any] = json.loads(kept.get(tx, _key(word, person)) or "{}")
    if not asked or typed.upper() != asked["token"] or now >= asked["until"]:
        return None
    kept.drop(tx, _key(word, person))
    return asked


def _key(word: str, person: int) -> str:
    return f"{word} {person}"
