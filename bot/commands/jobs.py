"""`jobs`: list, show, export; and what a manager does by phone: assign, helpers, move, close,
step."""

import sys
from typing import Annotated, Any

import typer

from bot.commands.opening import opened
from bot.commands.output import as_json, say, table
from bot.commands.people import Json, read_day_option
from bot.days import helpers_of
from bot.operator import actions
from bot.operator.views import EXPORTED, brief, exported, whole
from bot.operator.who import directory, visit_of
from bot.sheets.writing import write_csv
from bot.turns.alerts import when
from storage import bulk, people
from storage import jobs as stored
from storage.db import Row, Tx

app = typer.Typer(
    help="The jobs: what there is, and what is changed by phone.", no_args_is_help=True
)
Order = Annotated[str, typer.Argument(help="The work order's number.")]
Visit = Annotated[int | None, typer.Option("--visit", help="Which visit; the latest if left out.")]
By = Annotated[str, typer.Option("--by", help="Who does this, for the timeline.")]
Day = Annotated[str, typer.Option("--date", help="Only jobs of this day.")]


@app.command("list")
def list_(date: Day = "", json: Json = False) -> None:
    """Every job, or those of one day."""
    office = opened()
    day = read_day_option(office, date).isoformat() if date else ""
    with office.store.reading() as tx:
        rows = stored.listed(tx, day)
        who = {row["id"]: row for row in people.everybody(tx)}
    if json:
        as_json([brief(row, who) for row in rows])
        return
    if not rows:
        say("No jobs." if not day else f"No jobs on {day}.")
        return
    table(
        ("work order", "visit", "day", "", "window", "technician", "customer", "state"),
        [_line(row, who) for row in rows],
    )


def _line(row: Row, who: dict[int, Row]) -> tuple[object, ...]:
    technician = who.get(row["technician_id"])
    state = row["state"] + (f" (at {row['under']})" if row["under"] else "")
    name = technician["name"] if technician is not None else "nobody"
    where = (row["number"], row["visit"], row["day"], row["letter"], _window(row))
    return (*where, name, row["customer"], state)


def _window(job: Row) -> str:
    return "-".join(when(job[each], job["timezone"]) for each in ("window_start", "window_end"))


@app.command("show")
def show(order: Order, visit: Visit = None, json: Json = False) -> None:
    """One job with its timeline, photos, mails, alerts, fees and timers."""
    office = opened()
    with office.store.reading() as tx:
        job = visit_of(tx, order, visit)
        document = whole(tx, job)
        helping = [row["name"] for each in helpers_of(job) if (row := people.get(tx, each))]
    if json:
        as_json(document)
        return
    say(f"Work order {job['number']}, visit {job['visit']} ({job['program']}): {job['state']}")
    place = (job["street"], job["city"], job["us_state"], job["zip"])
    say(f"{job['customer']}, {', '.join(each for each in place if each)}. {job['product']}")
    window = document["window"]
    say(f"Window {window['start']} to {window['end']}, planned {document['planned_arrival']}")
    technician, manager = (document[name] or "nobody" for name in ("technician", "manager"))
    helped = f", helped by {', '.join(helping)}" if helping else ""
    say(f"Technician {technician}{helped}, manager {manager}")
    for name in ("timeline", "photos", "mails", "alerts", "fees", "timers"):
        _section(name, document[name])


def _section(name: str, entries: list[dict[str, Any]]) -> None:
    if not entries:
        return
    say("")
    say(f"{name.capitalize()}:")
    table(list(entries[0]), [[_cell(value) for value in entry.values()] for entry in entries])


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {each}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return "" if value is None else str(value)


@app.command("export")
def export(date: Day = "") -> None:
    """Every job as CSV on standard output; no cell is a formula."""
    office = opened()
    day = read_day_option(office, date).isoformat() if date else ""
    with office.store.reading() as tx:
        who = {row["id"]: row for row in people.everybody(tx)}
        sys.stdout.reconfigure(newline="")  # type: ignore[union-attr]
        write_csv(sys.stdout, EXPORTED, (exported(row, who) for row in bulk.each_job(tx, day)))


# ------------------------------------------------------------------- what is done by phone


@app.command("assign")
def assign(
    order: Order, technician: Annotated[str, typer.Argument(help="A name or a phone.")],
    visit: Visit = None, by: By = "system",
) -> None:  # fmt: skip
    """Give a job to another technician; both are told."""
    office = opened()

    def work(tx: Tx) -> Row:
        person = directory(tx, office.regions).one(technician)
        return actions.assign(
            tx, office.context, visit_of(tx, order, visit), person, office.now, by
        )

    _done(office.store.transact(work), f"is {technician}'s")


@app.command("helpers")
def helpers(
    order: Order,
    helper: Annotated[
        list[str] | None, typer.Argument(help="Names or phones; nobody helps if left out.")
    ] = None,
    visit: Visit = None, by: By = "system",
) -> None:  # fmt: skip
    """Say who helps on a job, all of them; who does, and who no longer does, is told."""
    office = opened()

    def work(tx: Tx) -> tuple[Row, str]:
        known = directory(tx, office.regions)
        found = [known.one(name) for name in helper or ()]
        job = visit_of(tx, order, visit)
        names = ", ".join(each["name"] for each in found) or "nobody"
        return actions.helpers(tx, office.context, job, found, office.now, by), names

    job, names = office.store.transact(work)
    _done(job, f"has {names} to help")


@app.command("move")
def move(
    order: Order,
    date: Annotated[str, typer.Option("--date", help="The new day; the same if left out.")] = "",
    window: Annotated[str, typer.Option("--window", help="The new window, like 11-14.")] = "",
    visit: Visit = None, by: By = "system",
) -> None:  # fmt: skip
    """Put a job to another day or window; its technician is told."""
    office = opened()
    day = read_day_option(office, date) if date else None

    def work(tx: Tx) -> Row:
        job = visit_of(tx, order, visit)
        return actions.move(tx, office.context, job, day, window, office.now, by)

    _done(office.store.transact(work), "is put to its new time")


@app.command("close")
def close(
    order: Order,
    state: Annotated[
        str, typer.Option("--as", help=f"How it ends: {', '.join(actions.ENDS)}.")
    ] = "closed_by_office",
    visit: Visit = None, by: By = "system",
) -> None:  # fmt: skip
    """End a job; its technician is told, and goes on with the next."""
    office = opened()

    def work(tx: Tx) -> Row:
        return actions.close(tx, office.context, visit_of(tx, order, visit), state, office.now, by)

    _done(office.store.transact(work), "has ended")


@app.command("step")
def step(
    order: Order,
    word: Annotated[
        list[str], typer.Argument(help="What was done: a word of its step, its digit, or DONE 7.")
    ],
    at: Annotated[str, typer.Option("--at", help="When it was done, like 9:35 (else now).")] = "",
    visit: Visit = None, by: By = "system",
) -> None:  # fmt: skip
    """Note a step that was told by phone; the technician gets the next prompt, shown here too."""
    office = opened()

    def work(tx: Tx) -> tuple[Row, str]:
        job = visit_of(tx, order, visit)
        noted = actions.step(tx, office.context, job, " ".join(word), at, office.now, by)
        return noted, actions.question(tx, office.context, noted, office.now)

    noted, asked = office.store.transact(work)
    _done(noted, "noted")
    if asked:
        say(f"It asks: {asked}")


def _done(job: Row, what: str) -> None:
    where = f"visit {job['visit']}, {job['day']} {_window(job)}, now at {job['state']}"
    say(f"{job['number']} {what}: {where}.")
