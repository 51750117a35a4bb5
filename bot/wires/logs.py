"""How the log is written: lines for a person, or one JSON document a line (`LOG_FORMAT=json`).

Either way a line carries what caused it (`storage.causes`), from a person's update to the message
that answers it. The standard library's own logging: what libraries say goes through it in any case,
and its record factory is where secrets are cut out of all of it (S7).
"""

import json
import logging
import sys
from datetime import UTC, datetime

from bot.wires.redaction import redacted

_TALKATIVE = ("transitions", "alembic", "uvicorn")
FACTS = ("outbox", "status", "sent")
"""What a line may say beside its sentence, in fields of their own (`extra` of the logging call)."""


class Lines(logging.Formatter):
    """For a person: time, level, who says it, what; at the end its cause."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line before a traceback."""
        said, cause = super().formatMessage(record), getattr(record, "cause", "")
        return f"{said} [{redacted(cause)}]" if cause else said


class Documents(logging.Formatter):
    """For a program: `at` (UTC), `level`, `logger`, `message`, and where there is one `cause`,
    `error` (the traceback), `outbox` (row ids), `status` and `sent` (the provider's id)."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        document: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        for name in ("cause", *FACTS):
            if value := getattr(record, name, None):
                document[name] = redacted(value) if isinstance(value, str) else value
        if record.exc_info and record.exc_info[0] is not None:
            document["error"] = record.exc_text or self.formatException(record.exc_info)
        return json.dumps(document, default=str, ensure_ascii=False)


def write_log(kind: str) -> None:
    """From now on this process writes its log to standard error; `kind` is text or json."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Documents() if kind == "json" else Lines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.captureWarnings(capture=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns of each second in which the last look at the reminders is not over yet.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    # It prints each page of a server that is down, with a traceback; our line says what it means.
    logging.getLogger("telegram.request").setLevel(logging.CRITICAL)
