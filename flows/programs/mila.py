"""Program mila: from the request in the Mila app to the closed service, as rows (M01-M15)."""

from flows.effects import (
    Alert,
    Ask,
    CloseAlerts,
    Effect,
    Hush,
    Menu,
    Note,
    Say,
)
from flows.facts import HOUR, MINUTE
from flows.shape import Call, Flow, Landing, Mark, Move, Program, Remind, Step

_LINE = ("accept", "wait_app", "planned", "handle", "signature", "close")
_ASKED = tuple(step for step in _LINE if step != "planned")
_CLOSED = (CloseAlerts(("no_word",)), Note("closed"))

_STEPS = (
    Step("accept", 1, {"1": "accepted", "2": "issue", "3": "declined"}, rules=("M02", "M10")),
    Step("wait_app", 2, {"1": "visible", "2": "issue", "3": "not_there"}, rules=("M03",)),
    Step("planned", phase="ahead", rules=("M03",)),
    Step(
        "handle", 3, {"1": "handled", "2": "issue", "3": "late", "4": "missed"},
        phase="anytime", rules=("M04", "M05", "M09", "M13"),
    ),
    Step("signature", 4, {"1": "signed", "2": "issue"}, rules=("M06",)),
    Step("close", 5, {"1": "closed", "2": "issue", "3": "missed"}, rules=("M07", "M08")),
    Step("reported", ends="reported", rules=("M07", "M08")),
    Step("closed_by_office", ends="closed_by_office"),
    Step("cancelled", ends="cancelled", rules=("M12",)),
    Step("moved", ends="moved"),
    Step("reassigned", ends="reassigned", rules=("M12",)),
)  # fmt: skip


def _missed(step: str, to: str, *does: Effect) -> Move:
    told = (Note(f"missed_{step}"), Alert("step_missed"), Say(f"missed.{step}", must=True))
    return Move("missed", step, to, (*does, *told))


_MOVES = (
    Move("accepted", "accept", "wait_app", (CloseAlerts(("not_accepted",)),)),
    Move(
        "declined",
        "accept",
        "cancelled",
        (CloseAlerts(("not_accepted",)), Alert("declined", 3), Say("mila.declined", must=True)),
    ),
    Move("visible", "wait_app", "handle", given="day_begun"),
    Move("visible", "wait_app", "planned"),
    Move("day", "planned", "handle", (Hush(),)),
    Move("handled", "handle", "signature", (CloseAlerts(("no_word",)),)),
    _missed("handle", "signature", CloseAlerts(("no_word",))),
    Move("signed", "signature", "close"),
    Move("closed", "close", "reported", _CLOSED),
    _missed("close", "reported", *_CLOSED),
    *(Move("issue", step, None, (Menu("issue"),)) for step in _ASKED),
)

_SUPPORT: dict[str, Landing] = {
    "went_on": None, "cancelled": "cancelled", "redistributed": "reassigned", "withdrawn": None,
}  # fmt: skip
_ASKS_SUPPORT = (Alert("support"),)
_CALLS = (
    # M12: cannot be carried out, or the customer wants something else; M11: any other question.
    *(
        Call(word, "support", _ASKED, _SUPPORT, (Note(word), *_ASKS_SUPPORT))
        for word in ("cannot", "wants_else", "question")
    ),
    Call("not_there", "support", ("wait_app",), _SUPPORT, _ASKS_SUPPORT),
    Call(
        "app_dead", "proof", ("handle", "signature", "close"),
        {"solved": None, "done": "reported"},
    ),
    # M05: the date and time may be edited in the app; what was accepted stays accepted.
    Call("late", "reschedule", ("accept", "wait_app"), {"rescheduled": None, "kept": None}),
    Call(
        "late", "reschedule", ("planned", "handle"),
        {"rescheduled": (("day_begun", "handle"), ("", "planned")), "kept": None},
    ),
)  # fmt: skip

_THERE_NOW = (Ask("mila.wait_over", (("1", "visible"), ("3", "not_there"))),)
_REMINDS = (
    # Whoever noted it for them (M02) hears that it may stay undone.
    Remind("not_accepted", ("accept",), Mark(("window_start",), -90 * MINUTE), (Ask(),)),
    Remind(
        "not_accepted_alert", ("accept",), Mark(("window_start",), -60 * MINUTE),
        (Alert("not_accepted"),),
    ),
    Remind(
        "app_missing", ("wait_app",), Mark(("accept",), 4 * HOUR), _THERE_NOW,
        late="say", past="fire", under=("reschedule",),
    ),
    Remind("app_missing_today", ("wait_app",), Mark(("day_start",)), _THERE_NOW),
    Remind("day", ("planned",), Mark(("day_start",)), late="send", past="fire"),
    Remind(
        "before", ("handle",), Mark(("planned_arrival",), -60 * MINUTE), (Ask(),),
        late="send", until="window_end",
    ),
    Remind("no_word", ("handle",), Mark(("window_end",), 60 * MINUTE), (Ask(),), late="drop"),
    Remind(
        "no_word_alert", ("handle",), Mark(("window_end",), 120 * MINUTE), (Alert("no_word"),),
        late="drop",
    ),
    Remind(
        "unclosed", ("signature", "close"), Mark(("handle", "missed_handle"), 30 * MINUTE),
        (Ask(),), under=("proof",),
    ),
    # M08: a light check, nothing is asked.
    Remind(
        "follows", ("reported",), Mark(("closed",), 4 * HOUR), (Say("mila.follows", must=True),),
        late="drop",
    ),
)  # fmt: skip

LINE = Flow(name="mila", steps=_STEPS, moves=_MOVES, calls=_CALLS, reminds=_REMINDS)

MILA = Program(
    name="mila",
    line=LINE,
    menu=(
        ("1", "cannot"), ("2", "wants_else"), ("3", "app_dead"), ("4", "late"), ("9", "question"),
    ),
    contacts={
        "office_name": "Mila support",
        "office_email": "",
        "office_phone": "020 3808 4619",
        "office_hours": "Mon-Fri 08:00-17:00",
        "proof_email": "",
        "company": "Mila",
    },
    windows=(),
    fees={},
    zone="Europe/London",
    region="GB",
    currency="£",
    price_figures=("yours", "mila_app", "amazon_app"),
    before=("accept", "wait_app"),
    prepares=("install", "paper", "card", "pad", "practice", "approval"),
    manifest_daily=False,
    one_zone=True,
    plans=False,
    form_times={"arrived": (), "finished": ("handle",)},
    form_reasons=("why_phone", "why_network", "why_app", "why_other"),
)  # fmt: skip
