"""Keeps secrets and phone numbers out of every log line and traceback (S7)."""

import logging
import re
from collections.abc import Iterable
from urllib.parse import quote

from storage.causes import cause

_SIGNS = (
    (re.compile(r"(?<!\d)(\d{6,})(?::|%3A)[A-Za-z0-9_-]{30,}"), r"\1:…"),  # a bot's token
    (re.compile(r"(?:\+|%2B)\d{5,13}(\d\d)\b"), r"+…\1"),  # a phone number
    (re.compile(r"://[^/\s:@]+:[^/\s@]+@"), "://…@"),  # user and password in an address
)
TALKATIVE = ("httpx", "httpcore", "telegram", "twilio", "urllib3", "aiosmtplib")
"""Libraries that log whole addresses, with the token in them, at INFO."""


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without secrets."""
    for secret in secrets:
        text = text.replace(secret, "…")
    for pattern, instead in _SIGNS:
        text = pattern.sub(instead, text)
    return text


def keep_secrets(*secrets: str) -> None:
    """From now on no log record of this process carries these, a token or a phone number; each
    carries what caused it."""
    long_enough = [secret for secret in secrets if len(secret) > 3]
    hidden = (*long_enough, *(quote(secret, safe="") for secret in long_enough))
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    plain = logging.Formatter()

    def make(*args: object, **more: object) -> logging.LogRecord:
        record = logging.LogRecord(*args, **more)  # type: ignore[arg-type]
        record.cause = cause()
        record.msg, record.args = redacted(record.getMessage(), hidden), ()
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = redacted(plain.formatException(record.exc_info), hidden)
        return record

    logging.setLogRecordFactory(make)
