"""`people`: import, list, invite, setup, absent."""

import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import segno
import typer

from bot import days
from bot.clock import to_datetime
from bot.commands import texting
from bot.commands.opening import Opened, opened
from bot.commands.output import Stop, as_json, note, problems, say, table
from bot.commands.wires import bot_username
from bot.operator.preparing import START, Progress, mark, progress, take_in
from bot.operator.roster import RosterReport, import_people, mark_absent
from bot.operator.who import directory
from bot.settings import load_settings
from bot.sheets.people_file import PersonRow, read_people
from bot.sheets.reading import LARGEST_FILE, Problem
from bot.speech.naming import european
from bot.turns import signing_in
from bot.turns.enrolment import Invitation, invite
from bot.turns.onboarding import READY
from flows.dates import read_date
from storage import bulk, onboardings, people
from storage.db import Row, Tx

app = typer.Typer(help="Who works here, and how they are reached.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Person = Annotated[str, typer.Argument(help="A name or a phone.")]


def file_bytes(path: Path) -> bytes:
    """A file's content; Stop where it cannot be read or is too large."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise Stop(f"{path} is larger than {LARGEST_FILE >> 20} MB: split it.")
        return path.read_bytes()
    except OSError as error:
        raise Stop(f"{path} cannot be read ({error.strerror}): check its name and place.") from None


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX.")],
    trained: Annotated[
        bool,
        typer.Option("--trained", help="A crew that works already: nobody is asked to set up."),
    ] = False,
    json: Json = False,
) -> None:
    """Take in a list of people: name, role, phone, email, dm, dc, app, channel, timezone, …"""
    data = file_bytes(file)
    office = opened()
    programs = office.context.programs
    reading = read_people(
        data, file.name, default_zone=office.zone, default_region=office.regions[0],
        regions={name: program.region for name, program in programs.items()},
        zones={name: program.zone for name, program in programs.items() if program.one_zone},
    )  # fmt: skip

    def work(tx: Tx) -> RosterReport:
        report = import_people(tx, reading, programs, now=office.now)
        if report.applied:
            new = {each.row for each in report.new}
            take_in(
                tx, office.context, reading.rows, new, trained=trained, now=office.now,
                by="operator",
            )  # fmt: skip
        return report

    report = office.store.transact(work)
    if report.applied:
        fresh = {each.row for each in (*report.new, *report.changed)}
        report.warnings += _lines(row for row in reading.rows if row.row in fresh)
    if json:
        as_json(report.as_json())
    else:
        problems(report.warnings, "Please look at these:")
        problems(report.problems, "These must be mended first:")
        if report.unknown_columns:
            note(f"Left out, no such column here: {', '.join(report.unknown_columns)}.")
        rows = [(each.row, each.name, "new") for each in report.new]
        rows += [(each.row, each.name, each.what) for each in report.changed]
        if rows:
            table(("row", "name", "change"), rows)
        if report.applied:
            say(
                f"{len(report.new)} new, {len(report.changed)} changed,"
                f" {report.unchanged} as before."
            )
            if report.new:
                say('Invite each with: run_bot.py people invite "NAME"')
    if not report.applied:
        raise Stop("Nothing was imported: mend the file and import it again.")


def _lines(rows: Iterable[PersonRow]) -> list[Problem]:
    """Which of these numbers are on lines that get no texts, by Twilio Lookup where it is on."""
    settings = load_settings()
    if not (settings.twilio_on and settings.twilio_lookup):
        return []
    found = []
    for row in rows:
        if not row.phone or row.channel == "telegram":
            continue
        try:
            kind = texting.kind_of_line(settings, row.phone)
        except LookupError as error:
            found.append(Problem(row.row, "phone", f"Lookup could not be asked: {error}."))
            break
        if kind in texting.ON_LANDLINES | {"invalid"}:
            why = f"{row.phone} is no mobile ({kind}): texts will not arrive there."
            found.append(Problem(row.row, "phone", why))
    return found


@app.command("list")
def list_(json: Json = False) -> None:
    """Everybody, with their roles, managers and phones."""
    office = opened()
    with office.store.reading() as tx:
        everybody = people.everybody(tx)
        addresses = bulk.addresses_by_person(tx)
    names = {row["id"]: row["name"] for row in everybody}
    documents = [_document(row, addresses.get(row["id"], []), names) for row in everybody]
    if json:
        as_json(documents)
        return
    table(
        ("name", "role", "phone", "dm", "dc", "reached by", "absent"),
        [
            (each["name"], ";".join(each["roles"]), each["phone"], each["dm"], each["dc"],
             ", ".join(f"{a['channel']} ({a['state']})" if a["state"] != "active" else a["channel"]
                       for a in each["addresses"]) or "not invited yet",
             f"{each['absent']['from']} to {each['absent']['to']}" if each["absent"] else "")
            for each in documents
        ],
    )  # fmt: skip


def _document(row: Row, addresses: list[Row], names: dict[int, str]) -> dict[str, Any]:
    zone = row["timezone"]
    absent = {"from": row["absent_from"], "to": row["absent_to"]} if row["absent_from"] else None
    return {
        "name": row["name"], "roles": row["roles"].split(";"), "phone": row["phone"] or None,
        "email": row["email"] or None, "dm": names.get(row["dm"]), "dc": names.get(row["dc"]),
        "app": row["app"], "channel": row["preferred"] or None, "timezone": zone,
        "language": row["language"], "program": row["program"], "absent": absent,
        "addresses": [
            {"channel": a["channel"], "address": a["address"], "state": a["state"],
             "consent_at": a["consent_at"] and iso(a["consent_at"], zone)}
            for a in addresses
        ],
    }  # fmt: skip


def iso(instant: int, zone: str) -> str:
    """An instant as ISO 8601 with the zone's offset."""
    return to_datetime(instant).astimezone(days.zone_of(zone)).isoformat(timespec="seconds")


@app.command("invite")
def invite_(person: Person, json: Json = False) -> None:
    """A single-use code that binds a phone or a chat to a person; it expires after 7 days."""
    office = opened()
    username, why = bot_username(office.settings)

    def work(tx: Tx) -> tuple[Row, Invitation]:
        found = directory(tx, office.regions).one(person)
        return found, invite(tx, found["id"], office.now)

    found, invitation = office.store.transact(work)
    link = f"https://t.me/{username}?start={invitation.code}" if username else None
    expires = iso(invitation.expires_at, found["timezone"])
    if json:
        as_json({"code": invitation.code, "link": link, "expires_at": expires})
        return
    say(f"Invitation for {found['name']}, to be used once, until {expires}.")
    say(f"Code:     {invitation.code}")
    say(f"Telegram: {link or why}")
    say(f"SMS:      {_text_words(office, found, invitation.code)}")
    if link and sys.stdout.isatty():
        segno.make(link, micro=False).terminal(compact=True)


def _text_words(office: Opened, person: Row, code: str) -> str:
    sender = office.settings.sender(person["program"])
    if not office.settings.twilio_on:
        return "off: TWILIO_ACCOUNT_SID is not set"
    return (
        f"text JOIN {code} to {sender if sender.startswith('+') else 'the number that texts you'}"
    )


@app.command("setup")
def setup_(
    person: Person,
    program: Annotated[str, typer.Option("--program", help="Their own if left out.")] = "",
    done: Annotated[str, typer.Option("--done", help="This step counts as done.")] = "",
    trained: Annotated[
        bool, typer.Option("--trained", help="All of it does: they are not asked.")
    ] = False,
    start: Annotated[bool, typer.Option("--start", help="They begin, or begin anew.")] = False,
    json: Json = False,
) -> None:
    """How far a technician is in getting ready, for each program; what counts as done."""
    office = opened()
    wanted = [*([done] if done else []), *([READY] if trained else []), *([START] if start else [])]
    if len(wanted) > 1:
        raise Stop("Give one of --done, --trained and --start.")

    def work(tx: Tx) -> tuple[Row, list[Progress]]:
        found = directory(tx, office.regions).one(person)
        if wanted:
            mark(
                tx, office.context, found, program or found["program"], wanted[0], now=office.now,
                by="operator", channel="command",
            )  # fmt: skip
        return found, progress(office.context, found, onboardings.of_person(tx, found["id"]))

    found, shown = office.store.transact(work)
    zone = found["timezone"]
    if json:
        as_json([
            {"program": each.program, "state": each.state or None, "trained": each.trained,
             "steps": {step: at and iso(at, zone) for step, at in each.steps}}
            for each in shown
        ])  # fmt: skip
        return
    for each in shown:
        say(f"{found['name']}, {each.program}: {each.words}.")
    table(
        ("program", "step", "done"),
        [(each.program, step, iso(at, zone) if at else "here" if step == each.state else "")
         for each in shown for step, at in each.steps],
    )  # fmt: skip


@app.command("desk")
def desk_(
    person: Person,
    show: Annotated[
        bool, typer.Option("--print", help="Print the link here instead of sending it.")
    ] = False,
) -> None:
    """A link to the desk in a browser: works once, for ten minutes, sent to the person's phone."""
    office = opened()
    settings = office.settings
    here = settings.public_url or f"http://{settings.http_host}:{settings.http_port}"

    def work(tx: Tx) -> tuple[Row, str]:
        found = directory(tx, office.regions).one(person)
        if not signing_in.may_sign_in(found):
            raise Stop(f"{found['name']} has no desk: it is for managers, office and operators.")
        if show:
            return found, signing_in.new_link(tx, found, here, office.now, "command")
        if not signing_in.send_link(tx, office.context, found, office.now, "command"):
            raise Stop(
                f"No link can be sent to {found['name']}: they need a phone that joined, and serve"
                " needs PUBLIC_URL. With --print the link is shown here."
            )
        return found, ""

    found, link = office.store.transact(work)
    say(link or f"A link is on its way to {found['name']}. It works once, for ten minutes.")


@app.command("absent")
def absent_(
    person: Person,
    first: Annotated[str, typer.Option("--from", help="First day away; today if left out.")] = "",
    last: Annotated[str, typer.Option("--to", help="Last day away; the first if left out.")] = "",
    back: Annotated[bool, typer.Option("--back", help="Here again: no absence.")] = False,
) -> None:
    """Somebody is away: alerts go to the next rung, and their jobs of these days are listed."""
    office = opened()
    begin = _day(office, first) if first else office.today
    end = _day(office, last) if last else begin

    def work(tx: Tx) -> tuple[Row, list[Row]]:
        found = directory(tx, office.regions).one(person)
        if back:
            mark_absent(tx, found, "", "")
            return found, []
        mark_absent(tx, found, begin.isoformat(), end.isoformat())
        return found, bulk.open_between(tx, found["id"], begin.isoformat(), end.isoformat())

    found, left = office.store.transact(work)
    if back:
        say(f"{found['name']} is here again.")
        return
    say(f"{found['name']} is absent from {begin} to {end}.")
    if left:
        say("These jobs need somebody else (run_bot.py jobs assign ORDER TECHNICIAN):")
        table(
            ("work order", "day", "customer"),
            [(j["number"], j["day"], j["customer"]) for j in left],
        )


def _day(office: Opened, typed: str) -> date:
    day = read_date(typed, office.today, day_first=european(office.zone.key))
    if day is None:
        raise Stop(f'"{typed}" is no date: write it like 2026-11-23.')
    return day


def read_day_option(office: Opened, typed: str) -> date:
    """A day as typed on the command line; Stop where it is none."""
    return _day(office, typed)
