"""The app does not take the signature: once more, then the paper form, sent from the property (A30-A33)."""

from flows.effects import Alert, KeepPhoto, MailOffice, Note, Say
from flows.shape import Flow, Move, Step

APP_ISSUE = Flow(
    name="app_issue",
    steps=(
        Step("retry", choices={"6": "dead", "7": "works"}),
        Step("form", choices={"1": "filled", "8": "works"}),
        Step(
            "form_photo", asks="photo", photo="form",
            choices={"2": "no_form", "9": "works"}, offers={"5": "use_photo"},
        ),
        Step("solved", ends="solved"),
        Step("owing", ends="owing"),
        Step("done", ends="done"),
    ),
    moves=(
        Move("works", "retry", "solved"),
        # Before Complete Job the work goes on without the app; the form is owed at the end.
        Move(
            "dead", "retry", "owing",
            (MailOffice("app_issue"), Alert("app_issue"), Note("owes_form"), Say("app_issue.owing", must=True)),
            given="app_can_wait",
        ),
        Move("dead", "retry", "form", (MailOffice("app_issue"), Alert("app_issue"))),
        Move("filled", "form", "form_photo"),
        Move("works", "form", "solved"),
        Move("no_form", "form_photo", None, (Alert("no_form", 1), Say("app_issue.no_form", must=True))),
        Move("works", "form_photo", "solved"),
        Move(
            "photo", "form_photo", "done",
            (KeepPhoto("form"), MailOffice("manual_pos", ("form",)), Alert("manual_pos", 3), Note("paper"),
             Say("app_issue.sent")),
        ),
    ),
)
