"""Another date or time, where the technician may agree on one with the customer (M05)."""

from flows.effects import Alert, Reschedule, Say
from flows.shape import Flow, Move, Step

RESCHEDULE = Flow(
    name="reschedule",
    steps=(
        Step(
            "when", asks="time", any_day=True, choices={"0": "kept"}, phase="late", rules=("M05",)
        ),
        Step("rescheduled", ends="rescheduled", rules=("M05",)),
        Step("kept", ends="kept"),
    ),
    moves=(
        Move(
            "time", "when", "rescheduled",
            (Reschedule(), Alert("rescheduled", 3), Say("reschedule.noted", must=True)),
        ),
        Move("kept", "when", "kept"),
    ),
)  # fmt: skip
