"""A paper put behind a reply: named in the outbox, made when it is sent."""

import re

from bot.speech.wording import Message, Part
from bot.turns.reply import LANES
from bot.turns.technician import Technician
from flows.documents import compact
from storage import outbox
from storage.db import Row


def enclose(turn: Technician, paper: str, caption: str, job: Row | None = None) -> None:
    """Put a paper into the outbox behind the reply; a phone without an app gets none."""
    person = turn.person
    if person["channel"] != "telegram":
        return
    values = turn.values(job) if job is not None else {}
    words, _ = turn.context.wording.chat(Message((Part(caption, values),)), person["language"])
    number = re.sub(r"[^A-Za-z0-9-]+", "-", job["number"]).strip("-") if job is not None else ""
    file = {"form": f"manual-pos-{number}", "pad": "manual-pos-blank", "card": "wallet-card"}[paper]
    document = {
        "paper": paper, "person": person["id"], "job": job["id"] if job else 0,
        "name": f"{file}.pdf",
    }  # fmt: skip
    outbox.add(
        turn.tx, channel="telegram", address=person["address"], person_id=person["id"],
        job_id=job["id"] if job else None, kind="reply", lane=LANES["prompt"],
        payload=compact({"text": words, "document": document}),
        created_at=turn.now, due_at=turn.now,
    )  # fmt: skip
