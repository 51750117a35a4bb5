"""The raw floor: one durable turn in plain sqlite3 and nothing else; every figure is a ratio to it.

A turn parses an update, refuses a known one (inbox row), loads the conversation by its chat, fires
the trigger on one shared `transitions` Machine, updates the row, puts the reply in the outbox and
commits with synchronous=FULL. A copy of what the measured peers were divided by.
"""

import json
import sqlite3
import time
from pathlib import Path

from transitions import Machine

WORDS = (
    "sent",
    "there",
    "started",
    "signed_in",
    "built",
    "completed",
    "signed",
    "selfie",
    "gone",
    "signed_out",
    "reported",
)
STATES = [f"s{i}" for i in range(len(WORDS) + 1)]
SCHEMA = """
CREATE TABLE conversation(chat_id INTEGER PRIMARY KEY, state TEXT NOT NULL, version INTEGER NOT NULL, data TEXT NOT NULL, updated_at REAL NOT NULL);
CREATE TABLE inbox(update_id INTEGER PRIMARY KEY, chat_id INTEGER NOT NULL, received_at REAL NOT NULL);
CREATE TABLE outbox(id INTEGER PRIMARY KEY, chat_id INTEGER NOT NULL, payload TEXT NOT NULL, created_at REAL NOT NULL, sent_at REAL);
CREATE INDEX outbox_unsent ON outbox(id) WHERE sent_at IS NULL;
"""
REPLY = "Sign in on the IVR: call 800-484-0254, then answer 1. Something wrong? Answer 2 and tell me what."


class _Seat:
    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


def floor(path: Path, technicians: int) -> float:
    """Turns per second, one commit each, over `technicians` conversations of eleven turns."""
    machine = Machine(model=None, states=STATES, initial="s0", auto_transitions=False)
    for index, word in enumerate(WORDS):
        machine.add_transition(word, STATES[index], STATES[index + 1])
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.executescript(SCHEMA)
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO conversation VALUES(?, 's0', 0, '{\"job\": 1}', 0)",
        [(chat,) for chat in range(technicians)],
    )
    connection.execute("COMMIT")
    updates = [
        json.dumps(
            {
                "update_id": step * technicians + chat,
                "message": {
                    "message_id": 1,
                    "date": 1760000000,
                    "chat": {"id": chat, "type": "private"},
                    "text": word,
                },
            }
        )
        for step, word in enumerate(WORDS)
        for chat in range(technicians)
    ]
    run = connection.execute
    began = time.perf_counter()
    for raw in updates:
        run("BEGIN IMMEDIATE")
        update = json.loads(raw)
        chat, word, now = update["message"]["chat"]["id"], update["message"]["text"], time.time()
        if run(
            "INSERT OR IGNORE INTO inbox VALUES(?,?,?)", (update["update_id"], chat, now)
        ).rowcount:
            state, version, data = run(
                "SELECT state, version, data FROM conversation WHERE chat_id=?", (chat,)
            ).fetchone()
            seat = _Seat(state)
            machine.events[word].trigger(seat)
            kept = json.loads(data) | {"last": word}
            run(
                "UPDATE conversation SET state=?, version=?, data=?, updated_at=? WHERE chat_id=? AND version=?",
                (seat.state, version + 1, json.dumps(kept), now, chat, version),
            )
            run(
                "INSERT INTO outbox(chat_id, payload, created_at) VALUES(?,?,?)",
                (chat, json.dumps({"chat_id": chat, "text": REPLY}), now),
            )
        run("COMMIT")
    took = time.perf_counter() - began
    connection.close()
    return len(updates) / took
