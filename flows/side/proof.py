"""The app cannot close the service: a paper that the customer signs stands for it (M15)."""

from flows.effects import Alert, KeepPhoto, MailOffice, Note, Say
from flows.shape import Flow, Move, Step

PROOF = Flow(
    name="proof",
    steps=(
        Step("form", choices={"5": "filled", "8": "works"}, rules=("M15",)),
        Step(
            "form_photo", asks="photo", photo="form", choices={"6": "not_signed", "9": "works"},
            offers={"7": "use_photo"}, rules=("M15",),
        ),
        Step("solved", ends="solved"),
        Step("done", ends="done", rules=("M15",)),
    ),
    moves=(
        Move("filled", "form", "form_photo"),
        Move("works", "form", "solved"),
        Move("not_signed", "form_photo", "form"),
        Move("works", "form_photo", "solved"),
        Move(
            "photo", "form_photo", "done",
            (
                KeepPhoto("form"),
                MailOffice("proof", ("form",), "proof_email"),
                Alert("proof", 3),
                Note("paper"),
                Note("closed"),
                Say("proof.sent", must=True),
            ),
        ),
    ),
)  # fmt: skip
