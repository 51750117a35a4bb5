"""Nothing to build: not delivered, in part, built already; told at once, left open (A46-A48)."""

from flows.effects import Alert, CloseAlerts, KeepPhoto, MailOffice, Note, Owe, Say
from flows.shape import Flow, Move, Step
from flows.side.silence import silence

_TELL = (
    MailOffice("not_delivered", ("other", "damage", "parts")),
    Alert("not_delivered", 1, (("y", "confirmed"), ("g", "go_on"))),
)
_CLOSED = CloseAlerts(("not_delivered",))
_BACK = (_CLOSED, MailOffice("correction"))
_LEFT = (
    _CLOSED,
    Note("unfinished"),
    Note("done", first=True),
    Owe("trip_charge", "A47"),
)

NOT_DELIVERED = Flow(
    name="not_delivered",
    steps=(
        Step(
            "which", choices={"5": "nothing", "6": "partly", "7": "built_already", "0": "mistake"},
            rules=("A46",),
        ),
        Step(
            "photo", asks="photo", photo="other", choices={"4": "nothing_to_see", "9": "mistake"},
            offers={"2": "use_photo"}, rules=("A46",),
        ),
        Step("call_dm", choices={"1": "told", "8": "there_after_all"}, rules=("A46", "A48")),
        Step("withdrawn", ends="withdrawn"),
        Step("left", ends="left", rules=("A47", "A48")),
    ),
    moves=(
        Move("nothing", "which", "photo", (Note("not_delivered.nothing"),)),
        Move("partly", "which", "photo", (Note("not_delivered.partly"),)),
        Move("built_already", "which", "photo", (Note("not_delivered.built_already"),)),
        Move("mistake", "which", "withdrawn"),
        Move("photo", "photo", "call_dm", (KeepPhoto("other"), *_TELL)),
        Move("nothing_to_see", "photo", "call_dm", _TELL),
        Move("mistake", "photo", "withdrawn"),
        # Whoever is first: the manager confirms, or the technician has talked to them.
        Move("confirmed", "call_dm", "left", (*_LEFT, Say("not_delivered.confirmed", must=True))),
        Move(
            "told", "call_dm", "left",
            (*_LEFT, Alert("not_delivered_left"), Say("not_delivered.left", must=True)),
        ),
        Move(
            "go_on", "call_dm", "withdrawn", (*_BACK, Say("not_delivered.go_on", must=True))
        ),
        Move("there_after_all", "call_dm", "withdrawn", _BACK),
    ),
    reminds=silence("which", "photo", "call_dm"),
)  # fmt: skip
