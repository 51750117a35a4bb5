"""`people`: who works here, as a file tells it; invitations and absences."""

import re
from datetime import UTC, datetime

import pytest

from bot.rehearsal.carriers.botapi import BotApi
from bot.turns.enrolment import hash_of
from tests.commands.conftest import PEOPLE, Shell

TOKEN = "4242:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"


def one(shell: Shell, name: str) -> dict[str, object]:
    """A person as `people list --json` shows them."""
    (found,) = [each for each in shell.run("people", "list", "--json").json if each["name"] == name]
    return found  # type: ignore[no-any-return]


# ----------------------------------------------------------------------------------------- import


def test_a_list_of_people_is_taken_in_managers_by_name_or_phone(either_shell: Shell) -> None:
    ran = either_shell.run("people", "import", either_shell.file("people.csv", PEOPLE))

    assert "5 new, 0 changed, 0 as before." in ran.out
    tina = one(either_shell, "Tina Abernathy")
    assert ("Dana Cole", "Carl Stone", "+12125550101", ["technician"]) == (
        tina["dm"], tina["dc"], tina["phone"], tina["roles"],
    )  # fmt: skip
    assert "Dana Cole" == one(either_shell, "Bob Okafor")["dm"]
    assert ["manager", "office"] == one(either_shell, "Carl Stone")["roles"]


def test_the_same_list_twice_changes_nothing(either_shell: Shell) -> None:
    file = either_shell.file("people.csv", PEOPLE)
    either_shell.run("people", "import", file)
    before = either_shell.sql("SELECT * FROM people ORDER BY id")
    report = either_shell.run("people", "import", file, "--json").json

    assert (5, [], []) == (report["unchanged"], report["new"], report["changed"])
    assert before == either_shell.sql("SELECT * FROM people ORDER BY id")


def test_a_known_phone_or_a_known_name_is_the_same_person(shell: Shell) -> None:
    shell.run("people", "import", shell.file("people.csv", PEOPLE))
    ran = shell.run(
        "people", "import",
        shell.file("more.csv", "name,role,phone,email\nTina Meyer,technician,2125550101,\n"
                               "BOB OKAFOR,technician,2125550199,bob@example.org\n"),
    )  # fmt: skip

    assert "Tina Abernathy has this phone and is called Tina Meyer from now on." in ran.err
    assert 5 == len(shell.run("people", "list", "--json").json)
    assert "Dana Cole" == one(shell, "Tina Meyer")["dm"]
    bob = one(shell, "BOB OKAFOR")
    assert ("+12125550199", "bob@example.org") == (bob["phone"], bob["email"])


@pytest.mark.parametrize(
    ("row", "where", "said"),
    [
        ("Ann,technician,,Dana Coal", "row 2, dm", "Did you mean Dana Cole?"),
        ("Ann,technician,,Bob Okafor", "row 2, dm", "Bob Okafor is only a technician"),
        ("Ann,boss,,", "row 2, role", '"boss" is no role'),
        ("Bob Okafor,technician,2125550101,", "row 2, phone", "is Tina Abernathy's already"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_written(
    shell: Shell, row: str, where: str, said: str
) -> None:
    shell.run("people", "import", shell.file("people.csv", PEOPLE))
    before = shell.sql("SELECT * FROM people ORDER BY id")
    good = "Good Person,technician,2125550177,Dana Cole\n"
    file = shell.file("bad.csv", f"name,role,phone,dm\n{row}\n{good}")
    ran = shell.run("people", "import", file, code=1)

    assert f"{where}: " in ran.err
    assert said in ran.err
    assert before == shell.sql("SELECT * FROM people ORDER BY id")


def test_of_two_people_with_one_name_the_phone_decides(shell: Shell) -> None:
    two = "name,role,phone\nAnn Lee,technician,2125550121\nAnn Lee,technician,2125550122\n"
    shell.run("people", "import", shell.file("two.csv", two))
    shell.run("people", "import", shell.file("two.csv", two))
    assert 2 == len(shell.run("people", "list", "--json").json)

    named = "name,role,phone\nAnn Lee,technician,\n"
    ran = shell.run("people", "import", shell.file("named.csv", named), code=1)
    assert "2 people are called Ann Lee: give the phone of this one." in ran.err
    ran = shell.run("people", "invite", "Ann Lee", code=1)
    assert "+12125550121, +12125550122" in ran.err


def test_an_empty_cell_takes_nothing_away(shell: Shell) -> None:
    shell.run("people", "import", shell.file("people.csv", PEOPLE))
    bare = "name,role\nTina Abernathy,technician\n"
    report = shell.run("people", "import", shell.file("bare.csv", bare), "--json").json

    assert 1 == report["unchanged"]
    assert "Dana Cole" == one(shell, "Tina Abernathy")["dm"]


def test_a_missing_file_is_one_sentence(shell: Shell) -> None:
    ran = shell.run("people", "import", "nowhere.csv", code=1)

    assert [
        "nowhere.csv cannot be read (No such file or directory): check its name and place."
    ] == (ran.err.splitlines())


# ----------------------------------------------------------------------------------------- invite


def test_s2_an_invitation_is_a_code_kept_as_a_hash_for_seven_days(either_shell: Shell) -> None:
    either_shell.run("people", "import", either_shell.file("people.csv", PEOPLE))
    either_shell.set(TWILIO_ACCOUNT_SID="AC1", TWILIO_AUTH_TOKEN="x", TWILIO_FROM="+18885550100")
    either_shell.set(TWILIO_API_URL="http://127.0.0.1:9")
    invited = either_shell.run("people", "invite", "212 555 0101", "--json").json

    assert {"code", "link", "expires_at"} == set(invited)
    assert invited["link"] is None
    assert datetime.fromisoformat(invited["expires_at"]) == datetime.fromisoformat(
        "2026-11-30T05:00:00-05:00"
    ).replace(second=datetime.fromisoformat(invited["expires_at"]).second)
    (row,) = either_shell.sql("SELECT * FROM invitations")
    assert hash_of(invited["code"]) == row["code_hash"]
    words = either_shell.run("people", "invite", "tina abernathy").out
    assert re.search(r"text JOIN [A-Z2-9]{10} to \+18885550100", words)


async def test_an_invitation_has_a_link_where_telegram_answers(shell: Shell) -> None:
    shell.run("people", "import", shell.file("people.csv", PEOPLE))
    api = BotApi(TOKEN, "doorstep_bot", lambda: datetime.now(UTC))
    async with api.running() as url:
        shell.set(TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_API_URL=url)
        invited = (await shell.start_async("people", "invite", "Tina Abernathy", "--json")).json
        ran = await shell.start_async("people", "invite", "Tina Abernathy")

    assert f"https://t.me/doorstep_bot?start={invited['code']}" == invited["link"]
    assert "https://t.me/doorstep_bot?start=" in ran.out


def test_s7_an_unreachable_telegram_is_said_without_the_token(shell: Shell) -> None:
    shell.run("people", "import", shell.file("people.csv", PEOPLE))
    shell.set(TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_API_URL="http://127.0.0.1:9")
    ran = shell.run("people", "invite", "Tina Abernathy")

    assert "no link now, it cannot be reached" in ran.out
    assert TOKEN not in ran.out + ran.err


def test_nobody_is_invited_who_is_not_known(shell: Shell) -> None:
    shell.run("people", "import", shell.file("people.csv", PEOPLE))
    ran = shell.run("people", "invite", "Tina Abernaty", code=1)

    assert 'Nobody is called "Tina Abernaty" or has that phone. Did you mean Tina Abernathy?' == (
        ran.err.strip()
    )


# ------------------------------------------------------------------------------------------- desk


def test_s4_a_link_to_the_desk_is_printed_only_where_that_is_asked_for(shell: Shell) -> None:
    shell.usual()

    assert "With --print" in shell.run("people", "desk", "Dana Cole", code=1).err
    ran = shell.run("people", "desk", "Dana Cole", "--print")
    assert re.fullmatch(r"http://127\.0\.0\.1:8080/desk/in/[\w-]{24}\s*", ran.out)
    (row,) = shell.sql("SELECT * FROM desk_links")
    assert row["token_hash"] not in ran.out


def test_a_technician_gets_no_link_to_the_desk(shell: Shell) -> None:
    shell.usual()
    ran = shell.run("people", "desk", "Tina Abernathy", "--print", code=1)

    assert "has no desk" in ran.err


# ----------------------------------------------------------------------------------------- absent


def test_an_absence_lists_the_jobs_that_need_somebody_else(shell: Shell) -> None:
    shell.usual()
    ran = shell.run(
        "people", "absent", "tina abernathy", "--from", "11/23/2026", "--to", "11/25/2026"
    )

    assert "Tina Abernathy is absent from 2026-11-23 to 2026-11-25." in ran.out
    assert ["114-7", "114-9"] == [row[0] for row in ran.rows[1:]]
    assert {"from": "2026-11-23", "to": "2026-11-25"} == one(shell, "Tina Abernathy")["absent"]
    shell.run("people", "absent", "tina abernathy", "--back")
    assert one(shell, "Tina Abernathy")["absent"] is None


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [("2026-11-25", "2026-11-23", "is before"), ("soonish", "2026-11-23", "is no date")],
)
def test_an_absence_needs_two_days_in_order(shell: Shell, first: str, last: str, said: str) -> None:
    shell.usual()

    assert (
        said
        in shell.run("people", "absent", "Bob Okafor", "--from", first, "--to", last, code=1).err
    )


# ------------------------------------------------------------------------------------------ setup


def test_a_crew_that_works_already_is_taken_in_as_trained_and_never_asked(shell: Shell) -> None:
    file = shell.file("people.csv", PEOPLE)
    shell.run("people", "import", file, "--trained")
    shell.run("people", "import", file, "--trained")

    assert {"ready"} == {row["state"] for row in shell.sql("SELECT state FROM onboardings")}
    assert [] == shell.sql("SELECT * FROM timers")
    (tina,) = shell.run("people", "setup", "Tina Abernathy", "--json").json
    assert ("apollo", "ready", True) == (tina["program"], tina["state"], tina["trained"])


def test_without_the_word_nobody_who_is_imported_is_asked_before_joining(shell: Shell) -> None:
    shell.run("people", "import", shell.file("people.csv", PEOPLE))

    assert [] == shell.sql("SELECT * FROM onboardings")
    assert "apollo: not asked" in shell.run("people", "setup", "Tina Abernathy").out


def test_who_works_for_two_programs_is_to_get_ready_for_each(shell: Shell) -> None:
    rows = "name,role,phone,program\nTina Abernathy,technician,2125550101,apollo;mila\n"
    shell.run("people", "import", shell.file("two.csv", rows))

    found = shell.run("people", "setup", "Tina Abernathy", "--json").json

    assert [("apollo", "hello"), ("mila", "hello")] == [(p["program"], p["state"]) for p in found]
    assert "videos" not in found[1]["steps"]


def test_a_step_counts_as_done_all_of_it_does_or_it_begins_anew(either_shell: Shell) -> None:
    either_shell.run("people", "import", either_shell.file("people.csv", PEOPLE))

    done = either_shell.run("people", "setup", "Tina Abernathy", "--done", "videos").out
    trained = either_shell.run("people", "setup", "Tina Abernathy", "--trained").out
    again = either_shell.run("people", "setup", "Tina Abernathy", "--trained", code=1).err
    anew = either_shell.run("people", "setup", "Tina Abernathy", "--start").out

    assert "apollo: 1 of 6." in done
    assert "apollo: trained." in trained
    assert "has that behind them already" in again
    assert "apollo: 0 of 6." in anew


def test_what_is_no_step_and_who_is_no_technician_is_one_sentence(shell: Shell) -> None:
    shell.run("people", "import", shell.file("people.csv", PEOPLE))

    said = shell.run("people", "setup", "Tina Abernathy", "--done", "selfie", code=1).err
    whom = shell.run("people", "setup", "Dana Cole", "--trained", code=1).err
    where = shell.run(
        "people", "setup", "Tina Abernathy", "--trained", "--program", "larch", code=1
    ).err

    assert '"selfie" is no step of it for Tina Abernathy: install, videos' in said
    assert "Dana Cole is no technician" in whom
    assert "name apollo or mila" in where


def test_s8_an_erased_persons_getting_ready_goes_too(shell: Shell) -> None:
    shell.run("people", "import", shell.file("people.csv", PEOPLE))
    shell.run("people", "setup", "Tina Abernathy", "--start")
    shell.run("erase", "Tina Abernathy", "--yes")

    assert [] == shell.sql("SELECT * FROM onboardings")
    assert [] == shell.sql("SELECT * FROM timers")
