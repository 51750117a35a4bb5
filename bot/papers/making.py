"""Papers are made anew whenever one is sent or opened: no old one goes to the wrong person."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from bot.context import Context
from bot.overview import read_day
from flows.facts import Instant
from storage import jobs, people
from storage.db import Tx

T = TypeVar("T")
_thread = ThreadPoolExecutor(1, thread_name_prefix="papers")


def order(
    tx: Tx, context: Context, document: Mapping[str, Any], now: Instant
) -> Callable[[], bytes] | None:
    """What prints a paper, for outside the transaction; None where it is not this person's (S3).

    `document` names the paper (form, pad, card, or board: the picture of a manager's day), the
    person that it is for and, of a form, the job: a visit's form is for the technician whose visit
    it is now.
    """
    # Printing takes 0.15 s to load, which the commands that print nothing need not wait for.
    from bot.papers.board import draw_board  # noqa: PLC0415
    from bot.papers.card import print_card  # noqa: PLC0415
    from bot.papers.form import COPIES, blank, filled, print_form  # noqa: PLC0415

    person = people.get(tx, document["person"])
    if person is None or person["erased_at"] is not None:
        return None
    match document["paper"]:
        case "board":
            seen = read_day(tx, context, person, document["day"], now)
            return partial(draw_board, seen, now) if seen.visits else None
        case "form":
            job = jobs.get(tx, document["job"])
            if job is not None and job["technician_id"] == person["id"]:
                return partial(print_form, context, filled(context, job, person), now)
        case "pad":
            pad = blank(context, person["program"], person["language"])
            return partial(print_form, context, pad, now, copies=COPIES)
        case "card":
            return partial(print_card, context, person["program"], now, person["language"])
    return None


async def printed(work: Callable[[], T]) -> T:
    """What prints a paper, done beside the loop and one at a time: six at once take 50 MB more."""
    return await asyncio.get_running_loop().run_in_executor(_thread, work)
