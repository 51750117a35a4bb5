"""The client's support decides: it cannot be done, other work is wanted, a question (M11, M12)."""

from flows.effects import Ask, CloseAlerts, Say
from flows.facts import HOUR
from flows.shape import Flow, Mark, Move, Remind, Step

_DECIDED = (CloseAlerts(("support",)),)

SUPPORT = Flow(
    name="support",
    steps=(
        Step(
            "call",
            choices={
                "4": "go_on", "5": "cancelled", "6": "redistributed", "7": "no_answer",
                "0": "mistake",
            },
            rules=("M03", "M11", "M12"),
        ),
        Step("went_on", ends="went_on"),
        Step("cancelled", ends="cancelled", rules=("M12",)),
        Step("redistributed", ends="redistributed", rules=("M12",)),
        Step("withdrawn", ends="withdrawn"),
    ),
    moves=(
        Move("go_on", "call", "went_on", _DECIDED),
        Move("cancelled", "call", "cancelled", (*_DECIDED, Say("support.cancelled", must=True))),
        Move(
            "redistributed", "call", "redistributed",
            (*_DECIDED, Say("support.redistributed", must=True)),
        ),
        Move("no_answer", "call", None, (Say("support.no_answer", must=True), Ask())),
        Move("mistake", "call", "withdrawn", _DECIDED),
    ),
    reminds=(
        Remind("again", ("call",), Mark(("support.opened",), HOUR), (Ask(),), late="drop"),
    ),
)  # fmt: skip
