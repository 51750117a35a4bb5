"""`backup`, `restore`, `move`, `retention` and `erase`: what keeps the memory whole and no longer
than allowed."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import typer

from bot.commands.opening import Opened, opened
from bot.commands.output import Stop, as_json, note, progress, say, table
from bot.commands.people import Json, iso
from bot.operator import backing_up, keeping
from bot.operator.who import Refused, directory, visit_of
from bot.pictures.photo_store import open_store
from bot.settings import load_settings
from storage import copying, retention
from storage.db import StorageError, Store, Tx

Tell = Callable[[int, int], None]
T = TypeVar("T")
app = typer.Typer(help="What is kept how long, and what is on legal hold.", no_args_is_help=True)
Replace = Annotated[
    bool, typer.Option("--replace", help="Overwrite a database that holds something.")
]
By = Annotated[str, typer.Option("--by", help="Who decided it.")]


def _pictures(office: Opened) -> Any:
    return open_store(office.settings.photo_store, office.settings.s3_endpoint_url)


def _run(title: str, work: Callable[[Tell], T]) -> T:
    """Do it with a bar; what the disk, the database or the file refuse is one sentence."""
    with progress(title) as tell:
        try:
            return work(tell)
        except copying.InUse as error:
            raise Stop(_in_use(error)) from error
        except backing_up.BadBackup as error:
            raise Stop(str(error)) from error
        except OSError as error:
            where = f" ({error.filename})" if error.filename else ""
            raise Stop(f"It cannot be done: {error.strerror or error}{where}.") from error


def _in_use(error: copying.InUse) -> str:
    said = str(error)
    if "serving" in said:
        return f"{said[:1].upper()}{said[1:]}, then try again; nothing was changed."
    return f"{said[:1].upper()}{said[1:]}: --replace overwrites it; nothing was changed."


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write (a .zip).")], json: Json = False
) -> None:
    """Everything, as of one moment, into one file: database and photos; while serving."""
    if not file.parent.is_dir():  # perhaps a disk that is not mounted: not to be filled instead
        raise Stop(f"There is no folder {file.parent}: make it, or mount its disk, then try again.")
    office = opened()
    held = _run(
        "Backup",
        lambda tell: backing_up.make(office.store, _pictures(office), file, office.now, tell),
    )
    if json:
        as_json(_listed(office.zone, held))
    else:
        rows, size = sum(held.rows.values()), held.bytes / 1e6
        say(f"{file}: {rows} rows and {held.photos} photos, {size:.1f} MB, checked.")
    if held.missing:
        raise Stop(
            f"The backup is whole but for {len(held.missing)} photos whose bytes are gone:"
            " look at PHOTO_STORE."
        )


def _listed(zone: ZoneInfo, held: backing_up.Held) -> dict[str, Any]:
    """What a backup holds, with its moment as every other document has it (ISO 8601)."""
    return held.as_json() | {"made_at": iso(held.made_at, zone.key)}


def restore(
    file: Annotated[Path, typer.Argument(help="What backup wrote.")],
    replace: Replace = False, json: Json = False,
) -> None:  # fmt: skip
    """Bring a backup back, into SQLite or PostgreSQL; not while anything serves."""
    if not file.is_file():
        raise Stop(f"{file} is no file: name what backup wrote.")
    settings = load_settings()
    store = Store(settings.database_url.get_secret_value())
    pictures = open_store(settings.photo_store, settings.s3_endpoint_url)
    held = _run(
        "Restore",
        lambda tell: backing_up.restore(file, store, pictures, tell, replace=replace),
    )
    if held.aside:
        note(f"What the newer program wrote is kept in {held.aside}: delete it when all is well.")
    if json:
        as_json(_listed(ZoneInfo(settings.timezone), held))
        return
    say(f"{sum(held.rows.values())} rows and {held.photos} photos are back.")
    say("What came in after the backup was made is not in it; what it had not sent yet leaves now.")
    if held.missing:
        note(f"{len(held.missing)} photos were already missing when it was made.")


def move(
    url: Annotated[str, typer.Argument(help="postgresql://user:password@host/name, or sqlite:///…")],
    replace: Replace = False, json: Json = False,
) -> None:  # fmt: skip
    """Copy everything into another database, from SQLite to PostgreSQL or back."""
    office = opened()
    try:
        target = Store(url)
    except ValueError:
        raise Stop(
            "The new database is written like postgresql://user:password@host/name."
        ) from None
    if target.url == office.store.url:
        raise Stop("That is the database in use: name another one.")
    if copying.others(office.store):
        raise Stop("Something is serving this database: stop it first, or its work stays behind.")

    try:
        rows = _run("Move", lambda tell: copying.copy(office.store, target, tell, replace=replace))
    except StorageError as error:
        raise Stop(
            f"The new database cannot take it ({error}): check the address given to move;"
            " the one in use is as it was."
        ) from error
    if json:
        as_json({"rows": rows})
        return
    say(f"{sum(rows.values())} rows are there. Set DATABASE_URL to the new address, then serve.")


# -- retention ------------------------------------------------------------------------------------


@app.command("run")
def run(
    json: Json = False,
    photos: Annotated[int | None, typer.Option(min=0, help="Days; 0 is for ever.")] = None,
    messages: Annotated[int | None, typer.Option(min=0, help="Days; 0 is for ever.")] = None,
    positions: Annotated[int | None, typer.Option(min=0, help="Days; 0 is for ever.")] = None,
    ledger: Annotated[int | None, typer.Option(min=0, help="Days; 0 is for ever.")] = None,
) -> None:
    """Delete what was kept long enough (RETENTION_…_DAYS), and nothing on legal hold."""
    office = opened()
    settings = office.settings
    terms = keeping.Terms(
        settings.retention_photos_days if photos is None else photos,
        settings.retention_messages_days if messages is None else messages,
        settings.retention_positions_days if positions is None else positions,
        settings.retention_ledger_days if ledger is None else ledger,
    )

    swept = _run(
        "Retention",
        lambda _: asyncio.run(keeping.sweep(office.store, _pictures(office), terms, office.now)),
    )
    if json:
        as_json({"gone": swept.gone, "not_deleted_now": swept.stuck})
    else:
        spans = {name: getattr(terms, name) for name in keeping.CLASSES}
        table(
            ("class", "kept for", "gone now"),
            [(n, f"{spans[n]} days" if spans[n] else "ever", swept.gone[n]) for n in spans],
        )
    if swept.stuck:
        raise Stop(
            f"{swept.stuck} photos cannot be deleted now: look at PHOTO_STORE, run it again."
        )


@app.command("hold")
def hold(
    what: Annotated[str, typer.Argument(metavar="ORDER-or-PERSON")],
    why: Annotated[str, typer.Option("--why", help="The case, for whoever asks later.")] = "",
    by: By = "operator",
) -> None:
    """Legal hold: nothing about this order or person is deleted until release."""
    office = opened()

    def work(tx: Tx) -> str:
        kind, row, name = _meant(tx, office, what)
        retention.hold(tx, kind, row, f"{_day(office)} {by}: {why or 'no reason given'}")
        return name

    say(f"{office.store.transact(work)} is on hold: nothing about it is deleted.")


@app.command("release")
def release(what: Annotated[str, typer.Argument(metavar="ORDER-or-PERSON")]) -> None:
    """End a legal hold."""
    office = opened()

    def work(tx: Tx) -> tuple[str, bool]:
        kind, row, name = _meant(tx, office, what)
        return name, retention.release(tx, kind, row)

    name, was = office.store.transact(work)
    if not was:
        raise Stop(f"{name} was not on hold.")
    say(f"{name} is no longer on hold.")


@app.command("holds")
def holds(json: Json = False) -> None:
    """What is on legal hold, since when and why."""
    office = opened()
    with office.store.reading() as tx:
        found = [
            {"what": what, "name": retention.name_of(tx, what, row), "said": said}
            for what, row, said in retention.holds(tx)
        ]
    if json:
        as_json(found)
    elif found:
        table(("what", "name", "said"), [list(each.values()) for each in found])
    else:
        say("Nothing is on hold.")


def _day(office: Opened) -> str:
    return office.today.isoformat()


def _meant(tx: Tx, office: Opened, what: str) -> tuple[str, int, str]:
    """(order or person, id, name) of what was typed; Refused."""
    try:
        job = visit_of(tx, what)
    except Refused:
        person = directory(tx, office.regions).one(what)
        return "person", person["id"], person["name"]
    return "order", job["work_order_id"], f"Work order {job['number']}"


def erase(
    person: Annotated[str, typer.Argument(help="A name or a phone.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    by: By = "operator",
) -> None:
    """Forget a person for good: chats, phone, address, selfies; what the ledger proves stays."""
    office = opened()
    with office.store.reading() as tx:
        found = directory(tx, office.regions).one(person)
    if not yes:
        typer.confirm(
            f"Forget {found['name']} for good? This cannot be undone.", abort=True, err=True
        )
    name = found["name"]
    called = office.store.transact(lambda tx: keeping.erase(tx, found, office.now, by))
    stuck = asyncio.run(keeping.delete_bytes(office.store, _pictures(office)))
    say(f"{name} is forgotten; what they did stays under “{called}”.")
    say("Backups made before still know them: let them expire, or make new ones.")
    if stuck:
        raise Stop(f"{stuck} pictures cannot be deleted now: retention run tries again.")
