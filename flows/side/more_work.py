"""The customer wants more than the work order lists: ask, build the listed, sign the price, build the rest (A60-A62)."""

from flows.effects import Alert, CloseAlerts, MailOffice, Note, Owe, Say
from flows.shape import Flow, Move, Step

MORE_WORK = Flow(
    name="more_work",
    steps=(
        Step("what", asks="text", choices={"0": "mistake"}),
        Step("call_office", choices={"1": "allowed", "5": "refused"}),
        Step("price", asks="text"),
        Step("build_listed", choices={"1": "listed_built", "6": "dropped"}),
        Step("sign_price", choices={"2": "price_signed", "5": "price_refused"}),
        Step("build_extra", choices={"1": "extra_built"}),
        Step("withdrawn", ends="withdrawn"),
        Step("listed_only", ends="listed_only"),
        Step("all_built", ends="all_built"),
    ),
    moves=(
        Move("text", "what", "call_office", (MailOffice("more_work"), Alert("more_work"))),
        Move("mistake", "what", "withdrawn"),
        Move("allowed", "call_office", "price"),
        Move("refused", "call_office", "withdrawn", (CloseAlerts(("more_work",)), Note("more_work.refused"), Say("more_work.refused", must=True))),
        Move("text", "price", "build_listed", (Note("more_work.priced"), Say("more_work.listed_first"))),
        Move("listed_built", "build_listed", "sign_price"),
        Move("dropped", "build_listed", "withdrawn", (CloseAlerts(("more_work",)), MailOffice("correction"))),
        # A61: the extra is not begun before the customer has signed the price change.
        Move("price_signed", "sign_price", "build_extra", (Note("more_work.signed"),)),
        Move("price_refused", "sign_price", "listed_only", (CloseAlerts(("more_work",)), MailOffice("more_work_declined"), Say("more_work.declined", must=True))),
        Move("extra_built", "build_extra", "all_built",
             (CloseAlerts(("more_work",)), Owe("extra_work", "A60"), MailOffice("more_work_built"))),
    ),
)
