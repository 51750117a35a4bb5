"""No one home: door photo, mail, call, thirty minutes, and a failed visit that stays open (A40-A45)."""

from flows.effects import Alert, CloseAlerts, KeepPhoto, MailOffice, Note, Owe, Say
from flows.facts import MINUTE
from flows.shape import Flow, Mark, Move, Remind, Step

_OVER = (
    Note("unfinished"),
    Note("done"),
    Owe("failed_visit", "A42"),
    MailOffice("no_show_over", ("door",)),
    CloseAlerts(("no_show", "coming_over")),
    Alert("no_show_over", 2),
    Say("no_show.over", must=True),
)
_HERE = (
    CloseAlerts(("no_show", "coming_over")),
    MailOffice("no_show_appeared"),
    Alert("no_show_appeared", 3),
    Say("no_show.appeared"),
)
_MISTAKE = (CloseAlerts(("no_show", "coming_over")), MailOffice("correction"))

NO_SHOW = Flow(
    name="no_show",
    steps=(
        Step("door_photo", asks="photo", photo="door", choices={"9": "mistake"}, offers={"5": "use_photo"}),
        Step("call_office", choices={"1": "called", "6": "here"}),
        Step("waiting", choices={"7": "here", "8": "coming", "9": "mistake"}),
        Step("coming", asks="time", choices={"5": "no_time", "4": "here"},
             variants=(("no_show.expected", "expected"),)),
        Step("gone", ends="gone"),
        Step("appeared", ends="appeared"),
        Step("withdrawn", ends="withdrawn"),
    ),
    moves=(
        Move("photo", "door_photo", "call_office",
             (KeepPhoto("door"), MailOffice("no_show", ("door",)), Alert("no_show", 1))),
        Move("mistake", "door_photo", "withdrawn"),
        Move("called", "call_office", "waiting"),
        Move("here", "call_office", "appeared", _HERE),
        Move("thirty_uncalled", "call_office", None, (Say("no_show.call_first", must=True),)),
        Move("thirty", "waiting", "gone", _OVER),
        Move("here", "waiting", "appeared", _HERE),
        Move("coming", "waiting", "coming"),
        Move("mistake", "waiting", "withdrawn", _MISTAKE),
        Move("time", "coming", "coming", (Note("no_show.expected"),)),
        Move("no_time", "coming", "coming", (Note("no_show.expected"), Note("no_show.told"))),
        Move("here", "coming", "appeared", _HERE),
        Move("coming_over", "coming", None,
             (Alert("coming_over", 1, (("w", "wait_on"), ("l", "leave_open"))),)),
        Move("wait_on", "coming", "coming", (Note("no_show.told"), Say("no_show.wait_on", must=True))),
        Move("leave_open", "coming", "gone", _OVER),
    ),
    reminds=(
        Remind("thirty_uncalled", ("call_office",),
               Mark(("no_show.door_photo", "window_start"), 30 * MINUTE), late="send"),
        Remind("thirty", ("waiting",), Mark(("no_show.door_photo", "window_start"), 30 * MINUTE),
               late="send", past="fire"),
        Remind("coming_over", ("coming",), Mark(("no_show.told",), 15 * MINUTE), late="send", past="fire"),
    ),
)
