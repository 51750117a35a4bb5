"""`packet` and `form`: a job's proof, and the Manual POS form, as PDF files."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.opening import Opened, opened
from bot.commands.output import Stop, say
from bot.operator.who import visit_of
from bot.papers.form import COPIES, blank, filled, print_form
from bot.papers.packet import gather, print_packet
from bot.papers.pictures import exhibits
from bot.pictures.photo_store import open_store
from storage import people

Out = Annotated[Path, typer.Option("-o", "--output", help="The PDF file to write.")]
Visit = Annotated[int | None, typer.Option("--visit", help="Which visit; the latest if left out.")]


def packet(
    order: Annotated[str, typer.Argument(help="The work order's number.")],
    output: Out, visit: Visit = None,
) -> None:  # fmt: skip
    """A job's proof: timeline, photos with hash and receipt time, mails, alerts, fees."""
    office = opened()
    with office.store.reading() as tx:
        found = gather(tx, office.context, visit_of(tx, order, visit))
    store = open_store(office.settings.photo_store, office.settings.s3_endpoint_url)
    shown = asyncio.run(exhibits(found.photos, store.get))
    _write(output, print_packet(found, shown, office.now))
    doubtful = [number for number, each in shown.items() if not each.genuine]
    if doubtful:
        listed = ", ".join(f"#{number}" for number in doubtful)
        raise Stop(
            f"Photos {listed} are not as received, and the packet says so: look at PHOTO_STORE."
        )


def form(
    output: Out,
    order: Annotated[str, typer.Argument(help="The work order's number.")] = "",
    visit: Visit = None,
    empty: Annotated[bool, typer.Option("--blank", help="A pad for the vehicle.")] = False,
    copies: Annotated[
        int, typer.Option("--copies", min=1, max=100, help="Of a blank one.")
    ] = COPIES,
) -> None:
    """The Manual POS form of a job, filled in with what is known; or --blank, for the vehicle."""
    if bool(order) == empty:
        raise Stop(
            "Say for which job, run_bot.py form ORDER -o FILE.pdf, or --blank for an empty one."
        )
    office = opened()
    _write(output, _blank(office, copies) if empty else _filled(office, order, visit))


def _blank(office: Opened, copies: int) -> bytes:
    program = next(iter(office.context.programs))
    return print_form(office.context, blank(office.context, program), office.now, copies=copies)


def _filled(office: Opened, order: str, visit: int | None) -> bytes:
    with office.store.reading() as tx:
        job = visit_of(tx, order, visit)
        technician = people.get(tx, job["technician_id"]) if job["technician_id"] else None
        found = filled(office.context, job, technician)
    return print_form(office.context, found, office.now)


def _write(path: Path, data: bytes) -> None:
    """Write the file whole or not at all."""
    new = path.with_name(f".{path.name}.new")
    try:
        new.write_bytes(data)
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise Stop(
            f"{path} cannot be written ({error.strerror}): choose another place with -o."
        ) from None
    say(f"{path}: {len(data) / 1000:.0f} kB")
