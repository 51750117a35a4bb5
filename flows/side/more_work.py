"""More than the work order lists: ask, build the listed, have the price signed, build (A60-A62)."""

from flows.effects import Alert, CloseAlerts, MailOffice, Note, Owe, Say
from flows.shape import Flow, Move, Step

_CLOSED = CloseAlerts(("more_work",))
_NOT_BUILT = (_CLOSED, MailOffice("more_work_declined"), Say("more_work.declined", must=True))

MORE_WORK = Flow(
    name="more_work",
    steps=(
        Step("what", asks="text", choices={"0": "mistake"}, rules=("A60",)),
        Step(
            "call_office", choices={"1": "allowed", "5": "refused", "6": "dropped"},
            rules=("A60",),
        ),
        Step("price", asks="text", rules=("A60",)),
        Step("build_listed", choices={"1": "listed_built", "6": "dropped"}, rules=("A61",)),
        Step(
            "sign_price", choices={"2": "price_signed", "5": "price_refused"},
            variants=(("manager_sends_eta", "sign_on_form"),),
            rules=("A61", "A62"),
        ),
        Step("build_extra", choices={"1": "extra_built"}, rules=("A61", "A62")),
        Step("withdrawn", ends="withdrawn"),
        Step("listed_only", ends="listed_only", rules=("A62",)),
        Step("all_built", ends="all_built", rules=("A60", "A62")),
    ),
    moves=(
        Move("text", "what", "call_office", (MailOffice("more_work"), Alert("more_work"))),
        Move("mistake", "what", "withdrawn"),
        Move("allowed", "call_office", "price"),
        Move(
            "refused", "call_office", "withdrawn",
            (_CLOSED, Say("more_work.refused", must=True)),
        ),
        Move("dropped", "call_office", "withdrawn", _NOT_BUILT),
        Move("text", "price", "build_listed"),
        Move("listed_built", "build_listed", "sign_price"),
        Move("dropped", "build_listed", "withdrawn", _NOT_BUILT),
        # A61: the extra is not begun before the customer has signed the price change.
        Move("price_signed", "sign_price", "build_extra", (Note("more_work.signed"),)),
        Move("price_refused", "sign_price", "listed_only", _NOT_BUILT),
        Move(
            "extra_built", "build_extra", "all_built",
            (
                _CLOSED,
                Owe("extra_work", "A60"),
                MailOffice("more_work_built"),
                Alert("more_work_built", 3),
                Say("more_work.built"),
            ),
        ),
    ),
)  # fmt: skip
