"""Running late: inside the window the plan moves, outside it the managers decide (A05)."""

from flows.effects import Alert, CloseAlerts, Forget, Hush, Replan, Say
from flows.shape import Flow, Mark, Move, Remind, Step

LATE = Flow(
    name="late",
    steps=(
        Step("when", asks="time", choices={"0": "not_late"}, phase="late", rules=("A03", "A05")),
        Step("replanned", ends="replanned"),
        Step("told", ends="told"),
        Step("not_late", ends="not_late"),
    ),
    moves=(
        Move(
            "time", "when", "replanned",
            (
                Replan(), Forget(("eta",)), CloseAlerts(("late_outside",)),
                Say("late.replanned", must=True),
            ),
            given="told_inside_window",
        ),
        Move(
            "time", "when", "told",
            (
                Alert("late_outside", 1, (("y", "late_go"), ("n", "late_stop"))),
                Say("late.told", must=True),
            ),
        ),
        Move("not_late", "when", "not_late"),
        # Asked the evening before and never answered: the day begins all the same.
        Move("day", "when", "not_late", (Hush(),)),
    ),
    reminds=(Remind("day", ("when",), Mark(("day_start",)), late="send"),),
)  # fmt: skip
