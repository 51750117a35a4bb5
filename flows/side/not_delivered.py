"""Nothing to build: not delivered, partly delivered, or built already; told at once, left open (A46-A48)."""

from flows.effects import Alert, CloseAlerts, KeepPhoto, MailOffice, Note, Owe, Say
from flows.shape import Flow, Move, Step

_TELL = (
    MailOffice("not_delivered", ("other",)),
    Alert("not_delivered", 1, (("y", "confirmed"), ("g", "go_on"))),
)
_BACK = (CloseAlerts(("not_delivered",)), MailOffice("correction"))

NOT_DELIVERED = Flow(
    name="not_delivered",
    steps=(
        Step("which", choices={"5": "nothing", "6": "partly", "7": "built_already", "0": "mistake"}),
        Step("photo", asks="photo", photo="other", choices={"4": "nothing_to_see", "9": "mistake"}, offers={"2": "use_photo"}),
        Step("call_dm", choices={"1": "told", "8": "there_after_all"}),
        Step("withdrawn", ends="withdrawn"),
        Step("left", ends="left"),
    ),
    moves=(
        Move("nothing", "which", "photo", (Note("not_delivered.nothing"),)),
        Move("partly", "which", "photo", (Note("not_delivered.partly"),)),
        Move("built_already", "which", "photo", (Note("not_delivered.built"),)),
        Move("mistake", "which", "withdrawn"),
        Move("photo", "photo", "call_dm", (KeepPhoto("other"), *_TELL)),
        Move("nothing_to_see", "photo", "call_dm", _TELL),
        Move("mistake", "photo", "withdrawn"),
        Move("confirmed", "call_dm", None, (Say("not_delivered.confirmed", must=True),)),
        Move("go_on", "call_dm", "withdrawn", (*_BACK, Say("not_delivered.go_on", must=True))),
        Move("there_after_all", "call_dm", "withdrawn", _BACK),
        Move("told", "call_dm", "left",
             (Note("unfinished"), Note("done"), Owe("trip_charge", "A47"), Say("not_delivered.left", must=True))),
    ),
)
