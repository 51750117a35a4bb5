"""No one home: door photo, mail, call, thirty minutes, a failed visit that stays open (A40-A45).

Where no picture can be sent, the reason takes its place: the managers hear it, and the fee is to
be checked. Where customer service does not answer, a manager may call in the technician's place.
"""

from flows.effects import (
    Alert,
    Ask,
    CloseAlerts,
    Effect,
    Forget,
    KeepPhoto,
    MailOffice,
    Note,
    Owe,
    Say,
)
from flows.facts import MINUTE
from flows.shape import Flow, Mark, Move, Remind, Step
from flows.side.silence import silence

_CLOSED = CloseAlerts(("no_show", "no_show_unseen", "office_silent", "coming_over"))
_OVER = (
    Note("unfinished"),
    Note("done", first=True),
    Owe("failed_visit", "A42"),
    MailOffice("no_show_over", ("door",)),
    _CLOSED,
    Alert("no_show_over", 2),
    Say("no_show.over", must=True),
)
NO_ANSWER: tuple[Effect, ...] = (
    Alert("office_silent", 1, (("y", "called"),)),
    Say("office.no_answer", must=True),
    Ask(),
)
"""Customer service does not pick up: a manager may reach them in the technician's place (A40)."""
_HERE = (
    _CLOSED,
    MailOffice("no_show_appeared"),
    Alert("no_show_appeared", 3),
    Say("no_show.appeared"),
)
_MISTAKE = (_CLOSED, MailOffice("correction"))
_THIRTY = Mark(("no_show.door_photo", "window_start"), 30 * MINUTE)
"""From the door photo, or from the window's start if that is later."""

NO_SHOW = Flow(
    name="no_show",
    steps=(
        Step(
            "door_photo", asks="photo", photo="door",
            choices={"4": "no_photo", "8": "here", "9": "mistake"},
            offers={"5": "use_photo"}, rules=("A11", "A40"),
        ),
        Step(
            "why", asks="text", photo="door", choices={"7": "here", "0": "mistake"},
            rules=("A40", "A43"),
        ),
        Step(
            "call_office", choices={"1": "called", "4": "no_answer", "6": "here"},
            variants=(("no_show.no_photo", "call_office_unseen"),), rules=("A40", "A42"),
        ),
        Step(
            "waiting", choices={"7": "here", "8": "coming", "9": "mistake"}, rules=("A41", "A42")
        ),
        Step(
            "coming", asks="time", choices={"5": "no_time", "4": "here"},
            variants=(("no_show.expected", "expected"),), rules=("A41",),
        ),
        Step("gone", ends="gone", rules=("A42", "A43", "A44", "A45")),
        Step("appeared", ends="appeared", rules=("A41",)),
        Step("withdrawn", ends="withdrawn"),
    ),
    moves=(
        Move(
            "photo", "door_photo", "call_office",
            (KeepPhoto("door"), MailOffice("no_show", ("door",)), Alert("no_show", 1)),
        ),
        Move("no_photo", "door_photo", "why", (Note("no_show.no_photo"), Note("unseen"))),
        Move("here", "door_photo", "withdrawn"),
        Move("mistake", "door_photo", "withdrawn"),
        Move(
            "text", "why", "call_office",
            (MailOffice("no_show_unseen"), Alert("no_show_unseen", 1)),
        ),
        Move(
            "photo", "why", "call_office",
            (
                Forget(("no_show.no_photo", "unseen")), KeepPhoto("door"),
                MailOffice("no_show", ("door",)), Alert("no_show", 1),
            ),
        ),
        Move("here", "why", "withdrawn"),
        Move("mistake", "why", "withdrawn"),
        Move("called", "call_office", "waiting", (CloseAlerts(("office_silent",)),)),
        Move("no_answer", "call_office", None, NO_ANSWER),
        Move("here", "call_office", "appeared", _HERE),
        Move("thirty_uncalled", "call_office", None, (Say("no_show.call_first", must=True), Ask())),
        Move("thirty", "waiting", "gone", _OVER),
        Move("here", "waiting", "appeared", _HERE),
        # Until a time is told, the 15 minutes run from now.
        Move("coming", "waiting", "coming", (Note("no_show.told"),)),
        Move("mistake", "waiting", "withdrawn", _MISTAKE),
        Move("time", "coming", "coming", (Note("no_show.expected"),)),
        Move("no_time", "coming", "coming", (Note("no_show.expected"), Note("no_show.told"))),
        Move("here", "coming", "appeared", _HERE),
        Move(
            "coming_over", "coming", None,
            (Alert("coming_over", 1, (("w", "wait_on"), ("l", "leave_open"))),),
        ),
        Move(
            "wait_on", "coming", "coming",
            (Note("no_show.told"), Say("no_show.wait_on", must=True)),
        ),
        Move("leave_open", "coming", "gone", _OVER),
    ),
    reminds=(
        *silence("door_photo", "why", "call_office"),
        Remind("thirty_uncalled", ("call_office",), _THIRTY, late="send"),
        Remind("thirty", ("waiting",), _THIRTY, late="send", past="fire"),
        Remind(
            "coming_over", ("coming",), Mark(("no_show.told",), 15 * MINUTE),
            late="send", past="fire",
        ),
    ),
)  # fmt: skip
