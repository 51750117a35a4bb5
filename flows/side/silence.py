"""Silence in the middle of a branch: it is asked once more, then the managers hear."""

from flows.effects import Alert, Ask
from flows.facts import MINUTE
from flows.shape import Mark, Remind

AT_THE_DOOR = "arrive"
"""The mark of whoever has arrived; on the way nothing is asked that wants an answer."""


def silence(*steps: str, given: str = "", unless: str = "") -> tuple[Remind, Remind]:
    """The reminders of these steps, from the technician's last word: for steps of minutes only.

    What has to wait longer by its nature (a customer's thirty minutes, an answer of the office) has
    a clock of its own.
    """
    return (
        Remind(
            "silent", steps, Mark(("heard",), 15 * MINUTE), (Ask(),), late="drop", given=given,
            unless=unless,
        ),
        Remind(
            "silent_alert", steps, Mark(("heard",), 45 * MINUTE), (Alert("silent"),), late="drop",
            given=given, unless=unless,
        ),
    )  # fmt: skip
