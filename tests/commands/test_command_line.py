"""The command line as a whole: help, exit codes, one sentence an error, a process of its own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.commands import serving
from storage.migrations import head
from tests.commands.conftest import MANIFEST, PEOPLE, ROOT, Shell


def test_the_main_commands_in_processes_of_their_own(either_shell: Shell) -> None:
    either_shell.file("people.csv", PEOPLE)
    either_shell.file("m.csv", MANIFEST)
    ran = [
        either_shell.start(*words)
        for words in (
            ("people", "import", "people.csv"),
            ("manifest", "import", "m.csv", "--json"),
            ("jobs", "show", "114-7", "--json"),
            ("people", "invite", "Nobody Known"),
        )
    ]

    assert [0, 0, 0, 1] == [each.code for each in ran]
    assert ["114-7", "114-9"] == [each["work_order"] for each in json.loads(ran[1].out)["new"]]
    assert "planned" == json.loads(ran[2].out)["state"]
    assert ["", "", ""] == [each.err for each in ran[:3]]
    assert 1 == len(ran[3].err.splitlines())


def test_the_settings_are_those_of_the_current_directory(shell: Shell) -> None:
    shell.file(".env", "TIMEZONE=Mars/Olympus\nDATABASE_URL=mysql://x\n")
    shell._patch.delenv("DATABASE_URL")
    ran = shell.run("jobs", "list", code=1)

    assert [
        "DATABASE_URL must begin with sqlite:/// or postgresql://.",
        "TIMEZONE is no time zone; it is written like America/New_York.",
    ] == sorted(ran.err.splitlines())


def test_help_names_every_command_and_what_run_bot_adds(shell: Shell) -> None:
    out = shell.run("--help").out

    assert all(
        name in out
        for name in ("serve", "rehearse", "doctor", "people", "manifest", "jobs", "ledger")
    )
    assert "run_bot.py test" in out
    assert "run_bot.py check" in " ".join(out.split())
    assert "Usage: run_bot.py" in out


def test_version_says_what_a_roll_back_has_to_know(shell: Shell) -> None:
    ran = shell.run("--version")

    assert re.fullmatch(rf"Doorstep \d+\.\d+\.\d+, schema {head()}, Python 3\.\d+\.\d+\n", ran.out)
    assert not (shell.folder / "data").exists()


@pytest.mark.parametrize(
    "words", [("fly",), ("jobs", "fly"), ("jobs", "show"), ("jobs", "show", "1", "--fly")]
)
def test_a_wrong_command_is_one_sentence_and_exit_code_2(
    shell: Shell, words: tuple[str, ...]
) -> None:
    ran = shell.run(*words, code=2)

    assert ran.err.strip().endswith("See run_bot.py --help.")
    assert 1 == len(ran.err.splitlines())


def test_a_name_that_was_not_put_in_quotes_is_told_how(shell: Shell) -> None:
    said = shell.run("people", "invite", "Tina", "Abernathy", code=2).err

    assert "stand in quotes" in said
    assert 1 == len(said.splitlines())


@pytest.mark.parametrize(
    "url", ["postgresql://nobody:geheim@127.0.0.1:9/none", "sqlite:////dev/null/doorstep.db"]
)
def test_s7_a_database_that_is_not_there_is_one_sentence(shell: Shell, url: str) -> None:
    shell.set(DATABASE_URL=url)
    ran = shell.run("jobs", "list", code=1)

    assert 1 == len(ran.err.splitlines())
    assert "geheim" not in ran.err


def test_serve_says_where_its_desk_is(shell: Shell) -> None:
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "bot.commands", "serve"],
        cwd=shell.folder, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HTTP_PORT": "0"},
    ) as served:  # fmt: skip
        assert served.stderr is not None
        said = served.stderr.readline()
        served.terminate()

    assert re.fullmatch(
        r"Doorstep runs; its desk is http://127\.0\.0\.1:[1-9]\d+/desk/  \(Ctrl-C ends it\)\n", said
    )


def test_a_reader_that_hangs_up_is_no_error(shell: Shell) -> None:
    shell.usual()
    program = f"{sys.executable} -P -m bot.commands jobs export | true"
    done = subprocess.run(  # noqa: S602 - a pipe is what is tested
        program, shell=True, cwd=shell.folder, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "DATABASE_URL": shell.url},
    )  # fmt: skip

    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


@pytest.mark.parametrize(
    ("settings", "served"),
    [
        ({}, "rehearse"),
        ({"TELEGRAM_BOT_TOKEN": "4242:x"}, "serve"),
        (
            {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "x", "TWILIO_FROM": "+18885550100"},
            "serve",
        ),
        ({"SMTP_URL": "smtp://127.0.0.1:25?tls=none", "MAIL_FROM": "bot@example.org"}, "serve"),
    ],
)
def test_without_a_command_it_serves_what_is_configured_else_it_rehearses(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], served: str
) -> None:
    started: list[str] = []
    monkeypatch.delenv("CLOCK")
    monkeypatch.setattr(serving, "serve", lambda: started.append("serve"))
    monkeypatch.setattr(serving, "rehearse", lambda: started.append("rehearse"))
    shell.set(**settings)
    ran = shell.run()

    assert [served] == started
    assert ("this is the rehearsal" in ran.err) is (served == "rehearse")


def test_the_example_settings_can_be_copied_as_they_stand(shell: Shell) -> None:
    example = (Path(ROOT) / ".env.example").read_text("utf-8")
    shell.file(".env", example)
    shell._patch.delenv("DATABASE_URL")

    assert "No jobs." in shell.run("jobs", "list").out
    assert (shell.folder / "data" / "doorstep.db").exists()
