"""Damaged on arrival, or parts missing: photos, mail, what the customer must know, left open (A50-A55)."""

from flows.effects import Alert, CloseAlerts, KeepPhoto, MailOffice, Note, Owe, Say
from flows.shape import Flow, Move, Step

FACTS = 3
"""What the technician tells the customer, one fact a message: order parts, the revisit, write when it is there."""


def _flow(name: str, kind: str) -> Flow:
    told = tuple(f"{name}.told_{n}" for n in range(1, FACTS))
    return Flow(
        name=name,
        steps=(
            Step("what", asks="text", choices={"0": "mistake"}),
            Step("photos", asks="photo", photo=kind, choices={"1": "enough", "4": "no_photo"}, offers={"5": "use_photo"}),
            Step("customer_wish", asks="text", choices={"6": "leave_as_is", "7": "box_it", "8": "take_apart"}),
            Step("tell_customer", choices={"1": "told"},
                 variants=tuple((mark, f"tell_{n}") for n, mark in reversed(list(enumerate(told, 2))))),
            Step("built", choices={"5": "none_built", "6": "some_built", "7": "most_built"}),
            Step("withdrawn", ends="withdrawn"),
            Step("left", ends="left"),
        ),
        moves=(
            Move("text", "what", "photos"),
            Move("mistake", "what", "withdrawn"),
            Move("photo", "photos", "photos", (KeepPhoto(kind), Note(f"{name}.pictured"))),
            Move("enough", "photos", "customer_wish", (MailOffice(name, (kind,)), Alert(name)), given=f"{name}.pictured"),
            Move("enough", "photos", None, (Say("damage.photo_first", must=True),)),
            Move("no_photo", "photos", "customer_wish", (MailOffice(name, (kind,)), Alert(name))),
            *(Move(word, "customer_wish", "tell_customer", (Note(f"{name}.{word}"),))
              for word in ("leave_as_is", "box_it", "take_apart")),
            Move("text", "customer_wish", "tell_customer"),
            Move("told", "tell_customer", "built", given=told[-1]),
            *(Move("told", "tell_customer", "tell_customer", (Note(after),), given=before)
              for before, after in zip(told, told[1:], strict=False)),
            Move("told", "tell_customer", "tell_customer", (Note(told[0]),)),
            *(Move(word, "built", "left",
                   (Note(f"{name}.{word}"), Note("unfinished"), Note("done"), CloseAlerts((name,)), Owe("trip_charge", "A54"),
                    MailOffice(f"{name}_left", (kind,)), Alert(f"{name}_left"), Say("damage.left", must=True)))
              for word in ("none_built", "some_built", "most_built")),
        ),
    )


DAMAGED = _flow("damaged", "damage")
MISSING_PARTS = _flow("missing_parts", "parts")
