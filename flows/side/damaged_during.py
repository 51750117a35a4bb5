"""Broken, or found missing, while building: photo, call, nobody leaves before they decide (A56)."""

from flows.effects import Alert, Ask, CloseAlerts, Effect, KeepPhoto, MailOffice, Note, Say
from flows.facts import MINUTE
from flows.shape import Flow, Mark, Move, Remind, Step
from flows.side.silence import silence

_SEEN = ("damage", "parts", "other")
_TOLD = ("call_office", "hold")
"""Customer service, or a manager who has asked them, may decide at both."""
_CLOSED = CloseAlerts(("damaged_during", "damaged_during_waiting"))
_ASKED = Alert("damaged_during_waiting", 1, (("g", "go_on"), ("o", "leave_open")))


def _left(word: str) -> tuple[Effect, ...]:
    """No fee by itself: the DM decides."""
    return (
        _CLOSED,
        Note(f"damaged_during.{word}"),
        Note("unfinished"),
        Note("done", first=True),
        MailOffice("damaged_during_left", _SEEN),
        Alert("damaged_during_left"),
        Say("damaged_during.left", must=True),
    )


DAMAGED_DURING = Flow(
    name="damaged_during",
    steps=(
        Step(
            "photos", asks="photo", photo="damage",
            choices={"1": "enough", "4": "no_photo", "9": "mistake"}, offers={"5": "use_photo"},
            variants=(("damaged_during.pictured", "photos_more"),), rules=("A56",),
        ),
        Step("maker_model", asks="text", rules=("A56",)),
        Step("call_office", choices={"1": "called", "7": "no_answer"}, rules=("A56",)),
        Step(
            "hold", choices={"4": "go_on", "5": "revisit", "6": "stop_here", "7": "no_answer"},
            rules=("A56",),
        ),
        Step("withdrawn", ends="withdrawn"),
        Step("went_on", ends="went_on", rules=("A56",)),
        Step("left", ends="left", rules=("A55", "A56")),
    ),
    moves=(
        Move("photo", "photos", "photos", (KeepPhoto("damage"), Note("damaged_during.pictured"))),
        Move("enough", "photos", "maker_model", given="damaged_during.pictured"),
        Move("enough", "photos", None, (Say("damage.photo_first", must=True),)),
        Move("no_photo", "photos", "maker_model"),
        Move("mistake", "photos", "withdrawn"),
        # Maker and model are asked for before the call, so that they are at hand in it.
        Move(
            "text", "maker_model", "call_office",
            (MailOffice("damaged_during", _SEEN), Alert("damaged_during", 1)),
        ),
        Move("called", "call_office", "hold"),
        Move(
            "no_answer", "call_office", None,
            (_ASKED, Say("damaged_during.no_answer", must=True), Ask()),
        ),
        *(
            Move(
                "go_on", step, "went_on",
                (_CLOSED, MailOffice("damaged_during_on"), Say("damaged_during.go_on", must=True)),
            )
            for step in _TOLD
        ),
        *(Move("leave_open", step, "left", _left("leave_open")) for step in _TOLD),
        Move("revisit", "hold", "left", _left("revisit")),
        Move("stop_here", "hold", "left", _left("stop_here")),
        Move(
            "no_answer", "hold", None,
            (_ASKED, Note("damaged_during.asked"), Say("damaged_during.no_answer", must=True)),
        ),
        # Nobody leaves untold: the question comes back every 15 minutes, until the day is over.
        Move("ask", "hold", None, (Note("damaged_during.asked"),)),
    ),
    reminds=(
        *silence("photos", "maker_model"),
        Remind(
            "ask", ("hold",),
            Mark(("damaged_during.call_office", "damaged_during.asked"), 15 * MINUTE),
            (Ask(),), late="drop", until="day_end",
        ),
        Remind(
            "waiting", _TOLD, Mark(("damaged_during.maker_model",), 30 * MINUTE),
            (_ASKED, Say("damaged_during.half_hour", must=True), Ask()),
        ),
    ),
)  # fmt: skip
