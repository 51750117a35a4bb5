"""`doctor`: is everything that is set up able to work; one line each."""

import asyncio
import secrets
from collections.abc import Iterator
from typing import Annotated

import typer

from bot.commands import texting, wires
from bot.commands.look import Look
from bot.commands.opening import Opened, opened
from bot.commands.output import Stop, note, say
from bot.pictures.photo_store import open_store
from bot.settings import Settings, load_settings, misspelt
from bot.turns.mails import address_waiting, confirmed_key
from storage import kept, outbox, people
from storage.db import StorageError, Tx

_SIGNS = {True: "ok  ", False: "FAIL", None: "-   "}


def doctor(
    confirm_contacts: Annotated[
        bool,
        typer.Option("--confirm-contacts", help="The contacts shown are right: mail may leave."),
    ] = False,
) -> None:
    """Look at settings, database, channels, mail and photo store; exit 1 if any of them fails."""
    failed = 0
    for look in _looks(confirm_contacts):
        say(f"{_SIGNS[look.ok]} {look.name}: {look.text}")
        failed += look.ok is False
    if failed:
        raise Stop(
            f"{failed} {'thing needs' if failed == 1 else 'things need'} mending, see FAIL above."
        )


def _looks(confirm: bool) -> Iterator[Look]:
    settings = load_settings()
    doubts = misspelt()
    yield Look("Settings", not doubts, " ".join(doubts) or "every setting can be read.")
    office = None
    try:
        office = opened()
        yield Look("Database", True, f"{office.store.dialect}, newest schema.")
    except (StorageError, OSError) as error:
        yield Look("Database", False, f"{str(error) or 'it cannot be opened'}: check DATABASE_URL.")
    yield from wires.telegram(settings)
    yield from texting.twilio(settings)
    if office is not None:
        with office.store.reading() as tx:
            doubtful = people.doubtful_numbers(tx)
        yield from texting.numbers(settings, doubtful)
    yield wires.smtp(settings)
    yield photo_store(settings)
    if office is not None:
        yield from _contacts(office, confirm=confirm)


def photo_store(settings: Settings) -> Look:
    """Write something, read it, take it away again."""
    try:
        same = asyncio.run(_written_and_read(settings))
    except OSError as error:
        text = f"{settings.photo_store}: {error.strerror or error}: check PHOTO_STORE."
        return Look("Photo store", False, text)
    if not same:
        return Look("Photo store", False, f"{settings.photo_store} gives back something else.")
    return Look("Photo store", True, f"{settings.photo_store} can be written and read.")


async def _written_and_read(settings: Settings) -> bool:
    store = open_store(settings.photo_store, settings.s3_endpoint_url)
    content = secrets.token_bytes(64)
    path, _ = await store.put(content, "")
    read = await store.get(path)
    await store.delete(path)
    return read == content


def _contacts(office: Opened, *, confirm: bool) -> Iterator[Look]:
    """The addresses that mail goes to, and whether somebody said that they are right (S11)."""
    names = list(office.context.programs)
    if confirm:
        released = office.store.transact(lambda tx: _confirm(tx, office, names))
        if released:
            note(f"{released} mails that waited leave now.")
    with office.store.reading() as tx:
        confirmed = {name for name in names if kept.get(tx, confirmed_key(name))}
    for name in names:
        contacts = office.context.contacts(name)
        shown = ", ".join(
            value or f"no {name.upper()}_{each.upper()}"
            for each, value in contacts.items()
            if each.endswith(("_email", "_phone"))
        )
        if name in confirmed:
            yield Look(f"Contacts {name}", True, f"{shown}; confirmed.")
        elif office.context.override(name, "office_email"):
            yield Look(f"Contacts {name}", True, f"{shown}; the address is your own setting.")
        else:
            text = (
                f"{shown}; not confirmed, so mail waits: if right, run doctor --confirm-contacts."
            )
            yield Look(f"Contacts {name}", None, text)


def _confirm(tx: Tx, office: Opened, names: list[str]) -> int:
    for name in names:
        kept.put(tx, confirmed_key(name), str(office.now))
    address_waiting(tx, office.context)
    return outbox.release_held(tx, "email", office.now) if office.context.mail_on else 0
