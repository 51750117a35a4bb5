"""Whatever else keeps the signature from the app: recorded, mailed, decided by somebody (A33)."""

from flows.effects import Alert, Ask, CloseAlerts, Effect, KeepPhoto, MailOffice, Note, Say
from flows.facts import MINUTE
from flows.shape import Flow, Mark, Move, Remind, Step
from flows.side.silence import AT_THE_DOOR, silence

_TELL = (
    MailOffice("other", ("other",)),
    Alert(
        "other", 1,
        (("g", "go_on"), ("o", "leave_open"), ("m", "moved"), ("x", "cancelled")),
    ),
)  # fmt: skip
_CLOSED = CloseAlerts(("other", "other_waiting"))
_STOPPED = (Note("unfinished"), Note("done", first=True))


def _decided(word: str) -> tuple[Effect, ...]:
    """The office hears how it ended, whoever decided it."""
    return (Note(f"other.{word}"), MailOffice("other_decided"))


OTHER = Flow(
    name="other",
    steps=(
        Step("what", asks="text", choices={"0": "mistake"}, rules=("A33",)),
        Step(
            "photo", asks="photo", photo="other", choices={"4": "no_photo"},
            offers={"5": "use_photo"}, rules=("A33",),
        ),
        Step("hold", rules=("A33",)),
        Step("withdrawn", ends="withdrawn"),
        Step("went_on", ends="went_on"),
        Step("left", ends="left"),
        Step("moved", ends="moved"),
        Step("cancelled", ends="cancelled"),
    ),
    moves=(
        Move("text", "what", "photo"),
        Move("mistake", "what", "withdrawn"),
        Move("photo", "photo", "hold", (KeepPhoto("other"), *_TELL)),
        Move("no_photo", "photo", "hold", _TELL),
        Move("photo_waits", "photo", "hold", (*_TELL, Ask())),
        Move(
            "go_on", "hold", "went_on",
            (_CLOSED, MailOffice("other_on"), Say("other.go_on", must=True)),
        ),
        Move(
            "leave_open", "hold", "left",
            (
                _CLOSED, *_STOPPED, *_decided("leave_open"), Say("other.leave_open", must=True)
            ),
        ),
        Move(
            "moved", "hold", "moved",
            (
                _CLOSED, *_STOPPED, Note("to_be_moved"), *_decided("moved"),
                Say("other.moved", must=True),
            ),
        ),
        Move(
            "cancelled", "hold", "cancelled",
            (
                _CLOSED, *_STOPPED, Note("to_be_cancelled"), *_decided("cancelled"),
                Say("other.cancelled", must=True),
            ),
        ),
        Move(
            "half_hour", "hold", "left",
            (
                CloseAlerts(("other",)),
                *_STOPPED,
                *_decided("half_hour"),
                Alert("other_waiting"),
                Say("other.half_hour", must=True),
            ),
        ),
    ),
    reminds=(
        *silence("what", given=AT_THE_DOOR),
        # Managers hear of it though nobody says whether there is something to see.
        Remind(
            "photo_waits", ("photo",), Mark(("other.what",), 10 * MINUTE), late="send", past="fire"
        ),
        Remind(
            "half_hour", ("hold",), Mark(("other.photo",), 30 * MINUTE), late="send", past="fire"
        ),
    ),
)  # fmt: skip
