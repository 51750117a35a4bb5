"""Stages for papers: Tina on either channel, Bob beside her, and a public address or none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.papers import links
from storage import fees, jobs
from storage.db import Tx
from tests.stage import Stage

PUBLIC = "https://doorstep.example.com"
Staged = Callable[..., Stage]


@pytest.fixture
def staged(tmp_path: Path) -> Staged:
    """Makes a stage: `staged("sms")`, `staged("sms", public="")`."""

    def make(channel: str, public: str = PUBLIC) -> Stage:
        stage = Stage(f"sqlite:///{tmp_path / channel}.db", channel, "08:10").usual()
        stage.enrol("Bob Okafor", dm=stage.people["dana"])
        stage.order("115-1", "08:00", "11:00", who="bob")
        stage.store.transact(lambda tx: links.prepare(tx, public))
        stage.forward("08:11")
        return stage

    return make


def owe(stage: Stage, number: str, units: str = "1.2", status: str = "owed", **more: Any) -> int:
    """A fee for the latest visit of an order; its id."""

    def work(tx: Tx) -> int:
        job = jobs.of_order(tx, number)[0]
        values: dict[str, Any] = {
            "slot": "visit",
            "reason": "trip_charge",
            "rule": "A47",
            "at": stage.clock.now(),
            "evidence": {},
        }
        assert fees.owe(tx, job=job["id"], units=units, status=status, **(values | more))
        return int(fees.of_job(tx, job["id"])[-1]["id"])

    return stage.store.transact(work)
