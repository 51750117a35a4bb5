"""No smartphone at the door: the paper form stands for the app, signed and mailed (A30-A32)."""

from flows.effects import Alert, CloseAlerts, KeepPhoto, MailOffice, Note, Say
from flows.shape import Flow, Move, Step
from flows.side.silence import silence

POS = Flow(
    name="pos",
    steps=(
        Step("form", choices={"1": "filled", "4": "no_form"}, rules=("A30", "A31")),
        Step(
            "form_photo", asks="photo", photo="form",
            choices={"6": "not_signed", "7": "no_photo"}, offers={"5": "use_photo"},
            rules=("A32",),
        ),
        Step("done", ends="done", rules=("A32",)),
    ),
    moves=(
        Move("filled", "form", "form_photo"),
        Move("no_form", "form", None, (Alert("no_form", 1), Say("app_issue.no_form", must=True))),
        Move("not_signed", "form_photo", "form"),
        Move(
            "no_photo", "form_photo", None,
            (Alert("photo_missing", 1), Say("pos.no_photo", must=True)),
        ),
        Move(
            "photo", "form_photo", "done",
            (
                KeepPhoto("form"),
                MailOffice("manual_pos", ("form",)),
                CloseAlerts(("no_form", "photo_missing")),
                Alert("manual_pos", 3),
                Note("paper"),
                Note("done", first=True),
                Say("app_issue.sent"),
            ),
        ),
    ),
    reminds=silence("form", "form_photo"),
)  # fmt: skip
