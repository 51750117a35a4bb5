"""Broken or found missing while building: photo, call, and nobody leaves before they have decided (A56)."""

from flows.effects import Alert, Ask, CloseAlerts, KeepPhoto, MailOffice, Note, Say
from flows.facts import MINUTE
from flows.shape import Flow, Mark, Move, Remind, Step

_LEAVE = (CloseAlerts(("damaged_during", "damaged_during_waiting")), Note("unfinished"), Note("done"),
          MailOffice("damaged_during_left", ("damage",)), Alert("damaged_during_left"))

DAMAGED_DURING = Flow(
    name="damaged_during",
    steps=(
        Step("photos", asks="photo", photo="damage", choices={"1": "enough", "9": "mistake"}, offers={"5": "use_photo"}),
        Step("maker_model", asks="text"),
        Step("call_office", choices={"1": "called"}),
        Step("hold", choices={"4": "go_on", "5": "revisit", "6": "stop", "7": "no_answer"}),
        Step("withdrawn", ends="withdrawn"),
        Step("went_on", ends="went_on"),
        Step("left", ends="left"),
    ),
    moves=(
        Move("photo", "photos", "photos", (KeepPhoto("damage"), Note("damaged_during.pictured"))),
        Move("enough", "photos", "maker_model", given="damaged_during.pictured"),
        Move("enough", "photos", None, (Say("damage.photo_first", must=True),)),
        Move("mistake", "photos", "withdrawn"),
        # Maker and model are asked for before the call, so that they are at hand in it.
        Move("text", "maker_model", "call_office",
             (MailOffice("damaged_during", ("damage",)), Alert("damaged_during", 1))),
        Move("called", "call_office", "hold"),
        Move("go_on", "hold", "went_on", (CloseAlerts(("damaged_during", "damaged_during_waiting")), MailOffice("damaged_during_on"))),
        Move("revisit", "hold", "left", (Note("damaged_during.revisit"), *_LEAVE)),
        Move("stop", "hold", "left", (Note("damaged_during.stop"), *_LEAVE)),
        Move("no_answer", "hold", None, (Alert("damaged_during_waiting", 1), Say("damaged_during.no_answer", must=True))),
    ),
    reminds=(
        Remind("ask", ("hold",), Mark(("damaged_during.call_office",), 15 * MINUTE), (Ask(),), late="drop"),
        Remind("waiting", ("call_office", "hold"), Mark(("damaged_during.maker_model",), 30 * MINUTE),
               (Alert("damaged_during_waiting", 1),)),
    ),
)
