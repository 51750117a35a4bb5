"""No smartphone at the door: the paper form instead of the app's steps, signed, photographed, mailed (A30-A32)."""

from flows.effects import Alert, KeepPhoto, MailOffice, Note, Say
from flows.shape import Flow, Move, Step

POS = Flow(
    name="pos",
    steps=(
        Step("form", choices={"1": "filled", "4": "no_form"}),
        Step("form_photo", asks="photo", photo="form", choices={"6": "not_signed"}, offers={"5": "use_photo"}),
        Step("done", ends="done"),
    ),
    moves=(
        Move("filled", "form", "form_photo"),
        Move("no_form", "form", None, (Alert("no_form", 1), Say("app_issue.no_form", must=True))),
        Move("not_signed", "form_photo", "form"),
        Move("photo", "form_photo", "done",
             (KeepPhoto("form"), MailOffice("manual_pos", ("form",)), Alert("manual_pos", 3), Note("paper"), Note("done"))),
    ),
)
