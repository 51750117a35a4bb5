"""`jobs` and `ledger`: what programs read from them, and what a manager does by phone."""

import csv
import io
import json
from datetime import datetime
from typing import Any

import pytest

from bot.clock import KEY, real_now
from storage import alerts, fees, kept, outbox, photos
from storage.db import Tx
from tests.commands.conftest import Shell

SHOWN = [
    "work_order", "visit", "program", "technician", "manager", "state", "under", "version",
    "window", "planned_arrival", "timeline", "photos", "mails", "alerts", "fees", "timers",
]  # fmt: skip


@pytest.fixture
def busy(either_shell: Shell) -> Shell:
    return either_shell.usual()


def full(shell: Shell) -> None:
    """Give the first job one of everything."""

    def work(tx: Tx) -> None:
        nine = 1_795_442_400_000
        dana = tx.one("SELECT id FROM people WHERE name = 'Dana Cole'")
        assert dana is not None
        photos.announce(
            tx, person_id=1, job_id=1, kind="door", step="no_show.door_photo", channel="sms",
            source="{}", status="stored", sha256="ab" * 32, bytes=1234, received_at=nine,
            announced_at=nine, next_try_at=nine,
        )  # fmt: skip
        mail = {
            "to": ["office@example.org"], "cc": ["dana@example.org"], "subject": "No-show",
            "text": "", "photos": [1], "kinds": ["door"], "message_id": "<1@doorstep>",
            "references": [], "reply_to": "",
        }  # fmt: skip
        outbox.add(
            tx, channel="email", address="office@example.org", job_id=1, kind="mail", lane=1,
            payload=json.dumps(mail), created_at=nine, due_at=nine, status="sent", sent_at=nine,
        )  # fmt: skip
        alerts.add(
            tx, person_id=dana["id"], job_id=1, kind="no_show", severity=1, number=7,
            created_at=nine, status="acknowledged", acknowledged_by="Dana Cole",
        )  # fmt: skip
        fees.owe(
            tx, job=1, slot="visit", reason="failed_visit", units="1.2", status="owed", rule="A42",
            at=nine, evidence={"photos": [1], "marks": {"arrive": nine}},
        )  # fmt: skip

    shell.store.transact(work)


# ------------------------------------------------------------------------------------------- show


def test_show_has_exactly_what_the_contract_names(busy: Shell) -> None:
    full(busy)
    shown: dict[str, Any] = busy.run("jobs", "show", "114-7", "--json").json

    assert SHOWN == list(shown)
    assert ("114-7", 1, "apollo", "Tina Abernathy", "Dana Cole", "planned", None, 1) == tuple(
        shown[name] for name in SHOWN[:8]
    )
    assert {"start": "2026-11-23T08:00:00-05:00", "end": "2026-11-23T11:00:00-05:00"} == shown[
        "window"
    ]
    assert "2026-11-23T08:00:00-05:00" == shown["planned_arrival"]
    first, *_ = shown["timeline"]
    assert ["at", "told_at", "event", "step", "by", "channel", "detail"] == list(first)
    assert datetime.fromisoformat(first["at"]).utcoffset() is not None
    received = "2026-11-23T09:00:00-05:00"
    assert [
        {"id": 1, "kind": "door", "step": "no_show.door_photo", "sha256": "ab" * 32,
         "bytes": 1234, "received_at": received, "channel": "sms"}
    ] == shown["photos"]  # fmt: skip
    assert [
        {"to": ["office@example.org"], "cc": ["dana@example.org"], "subject": "No-show",
         "status": "sent", "sent_at": received, "attachments": [1]}
    ] == shown["mails"]  # fmt: skip
    assert [
        {"to": "Dana Cole", "kind": "no_show", "severity": 1, "code": "7",
         "status": "acknowledged", "acknowledged_by": "Dana Cole", "at": received}
    ] == shown["alerts"]  # fmt: skip
    assert [{"units": "1.2", "reason": "failed_visit", "status": "owed"}] == shown["fees"]
    assert [{"kind": "apollo.day", "due_at": "2026-11-23T06:30:00-05:00"}] == shown["timers"]


def test_show_for_people_says_the_same(shell: Shell) -> None:
    full(shell.usual())
    out = shell.run("jobs", "show", "114-7").out

    assert "Work order 114-7, visit 1 (apollo): planned" in out
    assert "Carla Montgomery, 12 Elm St, Troy, NY, 12180. TV stand" in out
    assert all(
        f"{name}:" in out for name in ("Timeline", "Photos", "Mails", "Alerts", "Fees", "Timers")
    )


def test_show_takes_the_latest_visit_or_the_one_that_is_named(busy: Shell) -> None:
    busy.store.transact(lambda tx: tx.run("UPDATE jobs SET state = 'left_open', is_open = false"))
    busy.run("jobs", "move", "114-7", "--date", "2026-11-24")

    assert 2 == busy.run("jobs", "show", "114-7", "--json").json["visit"]
    assert "left_open" == busy.run("jobs", "show", "114-7", "--visit", "1", "--json").json["state"]
    assert (
        "has no visit 3: its latest is 2."
        in busy.run("jobs", "show", "114-7", "--visit", "3", code=1).err
    )


@pytest.mark.parametrize("typed", ["114", "114-70", "#115"])
def test_an_unknown_order_is_one_sentence_with_near_matches(shell: Shell, typed: str) -> None:
    ran = shell.usual().run("jobs", "show", typed, "--json", code=1)

    assert "" == ran.out
    assert "There is no work order" in ran.err
    assert typed == "#115" or "Did you mean 114-" in ran.err


# ------------------------------------------------------------------------------------ list, export


def test_list_has_the_first_eight_of_show(busy: Shell) -> None:
    listed = busy.run("jobs", "list", "--json").json

    assert [SHOWN[:8]] * 2 == [list(job) for job in listed]
    assert ["114-7", "114-9"] == [job["work_order"] for job in listed]


def test_list_of_a_day(shell: Shell) -> None:
    shell.usual()
    shell.run("jobs", "move", "114-9", "--date", "2026-11-24")

    assert ["114-9"] == [
        j["work_order"] for j in shell.run("jobs", "list", "--date", "tomorrow", "--json").json
    ]
    assert [] == shell.run("jobs", "list", "--date", "2026-12-24", "--json").json
    assert "No jobs on 2026-12-24." in shell.run("jobs", "list", "--date", "2026-12-24").out
    assert "is no date" in shell.run("jobs", "list", "--date", "whenever", code=1).err


def test_s6_an_export_holds_no_formula(busy: Shell) -> None:
    busy.store.transact(
        lambda tx: tx.run("UPDATE work_orders SET customer = '=cmd|calc', product = '+1 é'")
    )
    out = busy.run("jobs", "export").out
    rows = list(csv.DictReader(io.StringIO(out)))

    assert [("114-7", "'=cmd|calc", "'+1 é")] * 1 == [
        (row["work_order"], row["customer"], row["product"]) for row in rows[:1]
    ]
    assert "2026-11-23T08:00:00-05:00" == rows[0]["window_start"]
    assert 2 == len(rows)


def test_the_ledger_lists_and_exports_fees_with_their_evidence(busy: Shell) -> None:
    assert [] == busy.run("ledger", "list", "--json").json
    assert "No fees." in busy.run("ledger", "list").out
    full(busy)
    (fee,) = busy.run("ledger", "list", "--json").json

    assert ("114-7", "Tina Abernathy", "1.2", "failed_visit", "owed", "A42") == tuple(
        fee[name] for name in ("work_order", "technician", "units", "reason", "status", "rule")
    )
    assert {"photos": [1], "marks": {"arrive": "2026-11-23T09:00:00-05:00"}} == fee["evidence"]
    (row,) = csv.DictReader(io.StringIO(busy.run("ledger", "export").out))
    assert ("114-7", "1.2", fee["evidence"]) == (
        row["work_order"],
        row["units"],
        json.loads(row["evidence"]),
    )


def test_a_workbook_that_cannot_be_written_is_one_sentence(busy: Shell) -> None:
    ran = busy.start("ledger", "export", "--xlsx", "no/x.xlsx")

    said = "no/x.xlsx cannot be written (No such file or directory): choose another place."
    assert (1, "", said) == (ran.code, ran.out, ran.err.strip())


# ---------------------------------------------------------------------------------------- by phone


def test_a_day_by_phone_is_audited(busy: Shell) -> None:
    busy.run("jobs", "assign", "114-9", "Bob Okafor", "--by", "Dana Cole")
    busy.run("jobs", "move", "114-9", "--window", "14-17", "--by", "Dana Cole")
    busy.set(CLOCK="2026-11-23T08:20-05:00")
    busy.run("jobs", "step", "114-7", "sent", "--by", "Dana Cole")
    done = busy.run("jobs", "step", "114-7", "there", "--at", "8:15", "--by", "Dana Cole")
    busy.run("jobs", "step", "114-7", "DONE", "3")
    busy.run("jobs", "close", "114-9", "--as", "cancelled", "--by", "Dana Cole")

    assert "114-7 noted: visit 1, 2026-11-23 8:00-11:00, now at start." in done.out
    first = busy.run("jobs", "show", "114-7", "--json").json
    assert "ivr_in" == first["state"]
    there = next(line for line in first["timeline"] if line["event"] == "there")
    assert ("2026-11-23T08:15:00-05:00", "Dana Cole", "command") == (
        there["at"], there["by"], there["channel"],
    )  # fmt: skip
    assert "system" == first["timeline"][-1]["by"]
    second = busy.run("jobs", "show", "114-9", "--json").json
    assert ("cancelled", "Bob Okafor") == (second["state"], second["technician"])
    assert ["imported", "assigned", "rescheduled", "cancelled"] == [
        line["event"] for line in second["timeline"]
    ]
    assert "2026-11-23T14:00:00-05:00" == second["timeline"][2]["detail"]["window_start"]


def test_who_helps_on_a_job_is_said_by_phone_and_audited(busy: Shell) -> None:
    helped = busy.run("jobs", "helpers", "114-7", "Bob Okafor", "--by", "Dana Cole").out
    shown = busy.run("jobs", "show", "114-7").out
    alone = busy.run("jobs", "helpers", "114-7", "--by", "Dana Cole").out

    assert "114-7 has Bob Okafor to help: visit 1, 2026-11-23 8:00-11:00" in helped
    assert "Technician Tina Abernathy, helped by Bob Okafor, manager Dana Cole" in shown
    assert "114-7 has nobody to help" in alone
    timeline = busy.run("jobs", "show", "114-7", "--json").json["timeline"]
    assert [("helpers", "Bob Okafor"), ("helpers", "")] == [
        (line["event"], line["detail"]["helpers"]) for line in timeline[-2:]
    ]


def test_a_step_by_phone_prints_the_question_which_then_stands(shell: Shell) -> None:
    """Whoever holds the telephone asks it in the same breath: DONE 7 leaves times to be told."""
    shell.usual()
    shell.set(CLOCK="2026-11-23T10:20-05:00")

    asked = shell.run("jobs", "step", "114-7", "DONE", "7").out.splitlines()
    then = shell.run("jobs", "step", "114-7", "8:05").out.splitlines()
    over = shell.run("jobs", "close", "114-7").out.splitlines()

    where = "114-7 noted: visit 1, 2026-11-23 8:00-11:00, now at selfie."
    assert [where, "It asks: When did you get to Carla Montgomery? E.g. 1015, or now."] == asked[:2]
    assert [where, "It asks: When did you sign in on the IVR? E.g. 1015, or now."] == then[:2]
    assert "0 Don't know" == asked[2]
    assert 1 == len(over)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("step", "114-7", "there"), "has not begun"),
        (("close", "114-7", "--as", "left_open"), "use closed_by_office, cancelled, moved"),
        (("move", "114-7"), "Say where to"),
        (("assign", "114-7", "Bob"), "Did you mean Bob Okafor?"),
        (("close", "114-77"), "Did you mean 114-7"),
        (("helpers", "114-7", "Tina Abernathy"), "leads 114-7"),
        (("helpers", "114-7", "Dana Cole"), "is no technician"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    shell: Shell, words: tuple[str, ...], said: str
) -> None:
    shell.usual()
    before = shell.sql("SELECT * FROM jobs")
    ran = shell.run("jobs", *words, code=1)

    assert said in ran.err
    assert 1 == len(ran.err.splitlines())
    assert before == shell.sql("SELECT * FROM jobs")


def test_commands_beside_a_server_use_its_clock(shell: Shell) -> None:
    shell.usual()
    moved = 1_795_442_400_000
    shell.store.transact(
        lambda tx: kept.put(tx, KEY, json.dumps({"now": moved, "real": real_now(), "rate": 0.0}))
    )
    shell.run("jobs", "close", "114-7")
    shown = shell.run("jobs", "show", "114-7", "--json").json

    assert shown["timeline"][-1]["at"].startswith("2026-11-23T09:00:0")
