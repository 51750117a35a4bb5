"""Damaged on arrival, or parts missing: photos, mail, what to tell the customer (A50-A55)."""

from itertools import pairwise

from flows.effects import Alert, CloseAlerts, KeepPhoto, MailOffice, Note, Owe, Say
from flows.shape import Flow, Move, Step
from flows.side.silence import silence

FACTS = 3
"""Read out to the customer, one a message: order parts, the revisit, write when they are there."""
_WISHES = ("leave_as_is", "box_it", "take_apart")
_AMOUNTS = ("none_built", "some_built", "most_built")
_SEEN = ("damage", "parts", "other")
"""Photos stay when the case is changed: whichever kind they were taken as."""


def _flow(name: str, kind: str) -> Flow:
    pictured = f"{name}.pictured"
    told = tuple(f"{name}.told_{n}" for n in range(1, FACTS))
    mailed = (MailOffice(name, _SEEN), Alert(name))
    left = (
        Note("unfinished"),
        Note("done", first=True),
        CloseAlerts((name,)),
        Owe("trip_charge", "A54"),
        MailOffice(f"{name}_left", _SEEN),
        Alert(f"{name}_left"),
        Say("damage.left", must=True),
    )
    return Flow(
        name=name,
        steps=(
            Step("what", asks="text", choices={"0": "mistake"}, rules=("A50", "A51")),
            Step(
                "photos", asks="photo", photo=kind, choices={"1": "enough", "4": "no_photo"},
                offers={"5": "use_photo"}, variants=((pictured, "photos_more"),), rules=("A50",),
            ),
            Step(
                "customer_wish", asks="text",
                choices={"6": "leave_as_is", "7": "box_it", "8": "take_apart"}, rules=("A52",),
            ),
            Step(
                "tell_customer", choices={"1": "told"},
                variants=tuple(
                    (mark, f"tell_{n}") for n, mark in reversed(list(enumerate(told, 2)))
                ),
                rules=("A51", "A53"),
            ),
            Step(
                "built", choices={"5": "none_built", "6": "some_built", "7": "most_built"},
                rules=("A54", "A55"),
            ),
            Step("withdrawn", ends="withdrawn"),
            Step("left", ends="left", rules=("A54", "A55")),
        ),
        moves=(
            Move("text", "what", "photos"),
            Move("mistake", "what", "withdrawn"),
            Move("photo", "photos", "photos", (KeepPhoto(kind), Note(pictured))),
            Move("enough", "photos", "customer_wish", mailed, given=pictured),
            Move("enough", "photos", None, (Say("damage.photo_first", must=True),)),
            Move("no_photo", "photos", "customer_wish", mailed),
            *(
                Move(word, "customer_wish", "tell_customer", (Note(f"{name}.{word}"),))
                for word in _WISHES
            ),
            Move("text", "customer_wish", "tell_customer"),
            Move("told", "tell_customer", "built", given=told[-1]),
            *(
                Move("told", "tell_customer", "tell_customer", (Note(after),), given=before)
                for before, after in pairwise(told)
            ),
            Move("told", "tell_customer", "tell_customer", (Note(told[0]),)),
            *(Move(word, "built", "left", (Note(f"{name}.{word}"), *left)) for word in _AMOUNTS),
        ),
        reminds=silence("what", "photos", "customer_wish", "tell_customer", "built"),
    )  # fmt: skip


DAMAGED = _flow("damaged", "damage")
MISSING_PARTS = _flow("missing_parts", "parts")
