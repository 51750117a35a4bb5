"""The app takes no signature: once more, then the paper form, from the property (A30-A33)."""

from flows.effects import Alert, CloseAlerts, KeepPhoto, MailOffice, Note, Say
from flows.shape import Flow, Move, Step
from flows.side.silence import AT_THE_DOOR, silence

_OWING = Say("app_issue.owing", must=True)
_MAILED = (MailOffice("app_issue"), Alert("app_issue"))
_WORKS = (CloseAlerts(("app_issue", "no_form")),)
_MAILED_WORKS = (*_WORKS, MailOffice("app_works"))
"""The office was told of a form that comes: now none does."""

APP_ISSUE = Flow(
    name="app_issue",
    steps=(
        Step("retry", choices={"6": "dead", "7": "works"}, rules=("A04", "A33")),
        Step("form", choices={"1": "filled", "8": "works"}, rules=("A30", "A31")),
        Step(
            "form_photo", asks="photo", photo="form",
            choices={"2": "no_form", "9": "works"}, offers={"5": "use_photo"},
            rules=("A31", "A32"),
        ),
        Step("solved", ends="solved"),
        Step("owing", ends="owing", rules=("A30",)),
        Step("done", ends="done", rules=("A32",)),
    ),
    moves=(
        Move("works", "retry", "solved"),
        # Before Complete Job the work goes on without the app; the form is owed at the end. The
        # office and the managers are told once.
        Move("dead", "retry", "owing", (_OWING,), given="app_can_wait owes_form"),
        Move(
            "dead", "retry", "owing", (*_MAILED, Note("owes_form"), _OWING), given="app_can_wait"
        ),
        Move("dead", "retry", "form", given="owes_form"),
        Move("dead", "retry", "form", _MAILED),
        Move("filled", "form", "form_photo"),
        Move("works", "form", "solved", _MAILED_WORKS, given="app_issue.mailed"),
        Move("works", "form", "solved", _WORKS),
        Move(
            "no_form", "form_photo", None,
            (Alert("no_form", 1), Say("app_issue.no_form", must=True)),
        ),
        Move("works", "form_photo", "solved", _MAILED_WORKS, given="app_issue.mailed"),
        Move("works", "form_photo", "solved", _WORKS),
        Move(
            "photo", "form_photo", "done",
            (
                KeepPhoto("form"),
                MailOffice("manual_pos", ("form",)),
                CloseAlerts(("app_issue", "no_form")),
                Alert("manual_pos", 3),
                Note("paper"),
                Note("done", first=True),
                Say("app_issue.sent"),
            ),
        ),
    ),
    # Whoever is done has the report's clock.
    reminds=silence("retry", "form", "form_photo", given=AT_THE_DOOR, unless="done"),
)  # fmt: skip
