"""Program apollo: the eleven steps of the printed cheat-sheet, in order, as rows (A01-A25)."""

from datetime import time
from decimal import Decimal

from flows.effects import (
    Alert,
    Ask,
    CloseAlerts,
    Effect,
    Forget,
    Hush,
    KeepPhoto,
    MailOffice,
    Menu,
    Note,
    Replan,
    Say,
)
from flows.facts import MINUTE
from flows.shape import (
    PREPARING,
    Call,
    Flow,
    Landing,
    Mark,
    Move,
    Program,
    Remind,
    Step,
    in_order,
)

_ORDER = (
    "eta", "arrive", "start", "ivr_in", "assemble", "complete", "signature", "selfie", "cleared",
    "ivr_out", "report",
)  # fmt: skip
_MISSABLE = tuple(step for step in _ORDER if step not in ("signature", "report"))
_AFTER_COMPLETE = ("signature", "selfie", "cleared", "ivr_out", "report")
_NOT_THERE = ("eta", "arrive")
_ON_THE_WAY = ("eta_missing", "not_arrived", "late_outside", "send_eta")
"""Alerts that are over when the technician is at the door."""
_AT_WORK = ("assemble", "complete")
_IN_THE_HOUSE = ("more_work",)
"""Branches that take as long as the work; the others have sooner clocks of their own."""
_ON_THE_WAY_STILL = ("late", "app_issue", "other")
"""Branches in which one may not have arrived."""

SEND_ETA = Alert("send_eta", choices=(("s", "sent"),))
"""A manager is asked to send the ETA in the technician's place (A10)."""

_STEPS = (
    Step("planned", phase="ahead", rules=("A01", "A02", "A03", "A06")),
    Step(
        "eta", 1, {"1": "sent", "2": "issue", "3": "missed"},
        phase="setting_out",
        variants=(("manager_sends_eta", "eta_by_manager"),),
        instead={"manager_sends_eta": {"1": "there", "2": "issue", "3": "late"}},
        rules=("A10", "A11"),
    ),
    Step(
        "arrive", 2, {"1": "there", "2": "issue", "3": "late", "4": "missed"},
        timed=True, phase="on_the_way", rules=("A05", "A12", "A13", "A25"),
    ),
    Step(
        "start", 3, {"1": "started", "2": "issue", "3": "missed"}, phase="at_work",
        rules=("A14",),
    ),
    Step(
        "ivr_in", 4, {"1": "signed_in", "2": "issue", "3": "missed"}, timed=True,
        phase="at_work", rules=("A15",),
    ),
    Step(
        "assemble", 5, {"1": "built", "2": "issue", "3": "missed"}, phase="at_work",
        rules=("A16",),
    ),
    Step(
        "complete", 6, {"1": "completed", "2": "issue", "3": "missed"}, phase="at_work",
        variants=(("owes_form", "complete_owing"),), rules=("A17", "A30"),
    ),
    Step("signature", 7, {"1": "signed", "2": "issue"}, rules=("A18", "A24")),
    Step(
        "selfie", 8, {"1": "sent", "2": "issue", "3": "missed"}, photo="selfie",
        variants=(("second_try", "selfie_again"),), rules=("A19", "A20"),
    ),
    Step(
        "cleared", 9, {"1": "gone", "2": "issue", "3": "still_there", "4": "missed"},
        rules=("A20", "A33"),
    ),
    Step(
        "ivr_out", 10, {"1": "signed_out", "2": "issue", "3": "missed"}, timed=True, rules=("A21",)
    ),
    Step(
        "report", 11, {"1": "reported", "2": "issue"},
        variants=(("unfinished", "report_unfinished"), ("paper", "report_paper")),
        rules=("A22", "A23", "A24", "A44"),
    ),
    Step("reported", ends="reported"),
    Step("left_open", ends="left_open", rules=("A45",)),
    Step("closed_by_office", ends="closed_by_office", rules=("A45",)),
    Step("cancelled", ends="cancelled"),
    Step("moved", ends="moved"),
    Step("reassigned", ends="reassigned"),
)  # fmt: skip

_LINE = in_order(
    (
        ("eta", "sent", (CloseAlerts(("eta_missing", "send_eta")),)),
        ("arrive", "there", (CloseAlerts(_ON_THE_WAY), Note("arrive"))),
        ("start", "started", (CloseAlerts(("not_started",)),)),
        ("ivr_in", "signed_in", ()),
        ("assemble", "built", (CloseAlerts(("silent",)),)),
        ("complete", "completed", (CloseAlerts(("silent",)), Note("done"))),
        ("signature", "signed", ()),
        ("selfie", "sent", ()),
        ("cleared", "gone", ()),
        ("ivr_out", "signed_out", ()),
        ("report", "reported", (CloseAlerts(("unreported",)),)),
    ),
    end="reported",
    missable=_MISSABLE,
)


def _at_the_door() -> tuple[Move, ...]:
    """Arriving: late and early (A05, A13), without an ETA (A10), without the app (A30).

    A late arrival is told to the managers, never to the customer. An ETA that was never confirmed
    stays missed. Where the app is dead or there is none, Start Job is passed over: the app is tried
    again at Complete Job, or the paper form stands for it.
    """
    arrived = CloseAlerts(_ON_THE_WAY)
    late = (arrived, Alert("arrived_late"), Say("arrive.late", must=True))
    early = (arrived, Say("arrive.early", must=True))
    no_eta = (
        Note("arrive"),
        Forget(("eta",)),
        Note("missed_eta"),
        Alert("step_missed"),
        Say("missed.eta", must=True),
    )
    by_manager = no_eta[:-1]  # whose matter it was has heard of it
    moves: list[Move] = []
    for without, to in (("without_app ", "ivr_in"), ("", "start")):
        cases: tuple[tuple[str, tuple[Effect, ...]], ...]
        cases = (("after_window", late), ("before_window", early), ("", (arrived,)))
        for when, does in cases:
            given = f"{without}{when}".strip()
            if without:
                sender = f"manager_sends_eta {when}".strip()
                moves.append(Move("there", "eta", to, (*does, *by_manager), given=sender))
            moves.append(Move("there", "eta", to, (*does, *no_eta), given=given))
            if given:  # the plain row stands in the line
                moves.append(Move("there", "arrive", to, does, given=given))
    return tuple(moves)


_AGAIN = (
    Note("arrive"),
    Forget((
        "unfinished", "to_be_moved", "to_be_cancelled", "done", "paper", "owes_form",
        "second_try", "ivr_in", "ivr_out", "missed_ivr_in", "missed_ivr_out",
    )),
)  # fmt: skip
"""The same visit begins anew at the door; what it is owed stays."""

_BRANCHING = (
    Move("day", "planned", "eta", (Hush(),)),
    Move(
        "sent", "eta", "arrive",
        (CloseAlerts(("eta_missing", "send_eta")), Say("eta.is_sent", must=True)),
        given="manager_sends_eta",
    ),
    # Without a smartphone the manager is asked to send the ETA.
    Move("day", "planned", "eta", (Hush(), Note("manager_sends_eta")), given="no_app"),
    Move(
        "missed", "arrive", "ivr_in",
        (
            CloseAlerts(_ON_THE_WAY), Note("arrive"), Note("missed_arrive"), Alert("step_missed"),
            Say("missed.arrive", must=True),
        ),
        given="without_app",
    ),
    *(Move("issue", step, None, (Menu("issue"),)) for step in _ORDER),
    # The app works again at Complete Job: no form is owed any more.
    Move(
        "completed", "complete", "signature",
        (
            CloseAlerts(("silent", "app_issue")), Note("done"), Forget(("owes_form",)),
            MailOffice("app_works"),
        ),
        given="owes_form",
    ),
    Move("photo", "selfie", "cleared", (KeepPhoto("selfie"),)),
    # A20: two selfies in all, then the paper form (the call below).
    Move("still_there", "cleared", "selfie", (Note("second_try"),)),
    Move("reported", "report", "moved", (CloseAlerts(("unreported",)),), given="to_be_moved"),
    Move(
        "reported", "report", "cancelled", (CloseAlerts(("unreported",)),), given="to_be_cancelled"
    ),
    Move("reported", "report", "left_open", (CloseAlerts(("unreported",)),), given="unfinished"),
    # A same-day return; a later date opens the next visit.
    Move("returned", "left_open", "ivr_in", _AGAIN, given="no_app"),
    Move("returned", "left_open", "start", _AGAIN),
    # A05: what the managers answered to a time outside the window.
    Move(
        "late_go", "planned", "planned", (Replan("late.told"), Say("late.go", must=True))
    ),
    *(
        Move(
            "late_go", step, "eta",
            (Replan("late.told"), Note("late_approved"), Forget(("eta",)),
             Say("late.go", must=True)),
        )
        for step in _NOT_THERE
    ),
    *(
        Move("late_stop", step, None, (Say("late.stop", must=True),))
        for step in ("planned", *_NOT_THERE)
    ),
)  # fmt: skip

_LEAVING = (
    ("ivr_out", "report"),
    ("missed_ivr_out", "report"),
    ("ivr_in", "ivr_out"),
    ("", "report"),
)
"""Not completed: past the IVR if signed in, to a confirmed report (A44, A48)."""
_BEEN_THERE = (*_LEAVING[:-1], ("arrive", "report"))
"""Who was at the door has times to report, also of what is moved or called off."""
_ON_PAPER: dict[str, Landing] = {"solved": None, "owing": None, "done": "ivr_out"}
_TO_BE_SIGNED = (("no_app", "assemble"), ("", "complete"))
_NEVER_STARTED: dict[str, Landing] = {"gone": _LEAVING, "appeared": None, "withdrawn": None}
_BACK_OR_LEFT: dict[str, Landing] = {"withdrawn": None, "left": _LEAVING}
_ARRIVES = (Note("arrive"), CloseAlerts(_ON_THE_WAY))
"""Who sees what is wrong has arrived, even if that was never said."""
_CALLS = (
    Call("late", "late", ("planned",), {"replanned": None, "told": None, "not_late": None}),
    Call("late", "late", _NOT_THERE, {"replanned": "eta", "told": None, "not_late": None}),
    Call(
        "no_show", "no_show", ("arrive",),
        {
            **_NEVER_STARTED,
            "appeared": (("without_app", "ivr_in"), ("", "start")),
        },
        _ARRIVES,
    ),
    Call("no_show", "no_show", ("start", "ivr_in"), _NEVER_STARTED),
    # While the app is not yet needed for the proof, the work goes on at the next step outside it.
    Call("app_issue", "app_issue", ("eta",), {**_ON_PAPER, "owing": "arrive"}),
    Call("app_issue", "app_issue", ("start",), {**_ON_PAPER, "owing": "ivr_in"}),
    Call("app_issue", "app_issue", ("arrive", "ivr_in", "assemble"), _ON_PAPER),
    Call("app_issue", "app_issue", ("complete", "signature", "selfie", "cleared"), _ON_PAPER),
    Call(
        "still_there", "app_issue", ("cleared",), _ON_PAPER, given="second_try", enter="form"
    ),
    # No smartphone: the paper form in place of the app's last steps.
    Call("built", "pos", ("assemble",), {"done": "ivr_out"}, given="no_app"),
    Call(
        "missed", "pos", ("assemble",), {"done": "ivr_out"},
        (Note("missed_assemble"), Alert("step_missed"), Say("missed.assemble", must=True)),
        given="no_app",
    ),
    *(
        Call(case, case, at, _BACK_OR_LEFT, does)
        for case in ("not_delivered", "damaged", "missing_parts")
        for at, does in ((("arrive",), _ARRIVES), (("start", "ivr_in", "assemble"), ()))
    ),
    *(Call(case, case, ("complete",), _BACK_OR_LEFT) for case in ("damaged", "missing_parts")),
    Call("damaged_during", "damaged_during", _AT_WORK, {**_BACK_OR_LEFT, "went_on": None}),
    # The listed and the extra are built within the branch: Complete Job is next, or the form.
    Call(
        "more_work", "more_work", ("assemble",),
        {"withdrawn": None, "listed_only": _TO_BE_SIGNED, "all_built": _TO_BE_SIGNED},
    ),
    Call(
        "more_work", "more_work", ("complete",),
        {"withdrawn": None, "listed_only": None, "all_built": None},
    ),
    Call(
        "other", "other", _ORDER,
        {
            "withdrawn": None,
            "went_on": None,
            "left": _LEAVING,
            "moved": (*_BEEN_THERE, ("", "moved")),
            "cancelled": (*_BEEN_THERE, ("", "cancelled")),
        },
    ),
)  # fmt: skip

_WHERE = Ask("apollo.where", (("1", "there"), ("2", "issue"), ("3", "late")))
_ARRIVED = ("arrive", "landed")
_REMINDS = (
    Remind("day", ("planned",), Mark(("day_start",)), late="send", past="fire"),
    *(
        Remind(
            f"eta_{before}", ("eta",), Mark(("planned_arrival",), -before * MINUTE),
            (Ask(),), late="send", until="planned_arrival",
            unless="manager_sends_eta",
        )
        for before in (75, 60, 50, 40)
    ),
    # Where a manager sends it the manager is asked, the technician told; again for a new plan.
    Remind(
        "send_eta", ("eta",), Mark(("planned_arrival",), -75 * MINUTE),
        (CloseAlerts(("send_eta",)), SEND_ETA, Ask()), late="send", past="fire",
        until="planned_arrival", given="manager_sends_eta",
    ),
    Remind(
        "eta_missing", ("eta",), Mark(("planned_arrival",), -30 * MINUTE),
        (Alert("eta_missing"),), under=_ON_THE_WAY_STILL,
    ),
    Remind("where", _NOT_THERE, Mark(("planned_arrival",), 10 * MINUTE), (_WHERE,)),
    Remind(
        "not_arrived", _NOT_THERE, Mark(("window_end",), -15 * MINUTE),
        # One matter: who is not there has no ETA to send any more.
        (_WHERE, CloseAlerts(("eta_missing",)), Alert("not_arrived", 1)),
        under=_ON_THE_WAY_STILL, unless="late_approved",
    ),
    Remind("not_started", ("start",), Mark(_ARRIVED, 10 * MINUTE), (Ask(),), late="drop"),
    Remind(
        "not_started_alert", ("start",), Mark(_ARRIVED, 40 * MINUTE),
        (Alert("not_started"),), late="drop",
    ),
    Remind("not_signed_in", ("ivr_in",), Mark(("heard",), 10 * MINUTE), (Ask(),), late="drop"),
    Remind(
        "not_signed_in_alert", ("ivr_in",), Mark(("heard",), 40 * MINUTE), (Alert("silent"),),
        late="drop",
    ),
    Remind(
        "silent", _AT_WORK, Mark(("heard",), minutes=True), (Ask(),), late="drop",
        under=_IN_THE_HOUSE,
    ),
    Remind(
        "silent_alert", _AT_WORK, Mark(("heard",), 30 * MINUTE, minutes=True),
        (Alert("silent"),), late="drop", under=_IN_THE_HOUSE,
    ),
    Remind(
        "unreported", _AFTER_COMPLETE, Mark(("done",), 20 * MINUTE),
        (Say("report.on_site", must=True), Ask()), under=("app_issue", "other"),
    ),
    Remind(
        "unreported_alert", _AFTER_COMPLETE, Mark(("done",), 60 * MINUTE),
        (Say("report.on_site", must=True), Ask(), Alert("unreported", 1)),
        under=("app_issue", "other"),
    ),
)  # fmt: skip

LINE = Flow(
    name="apollo",
    steps=_STEPS,
    moves=(*_LINE, *_at_the_door(), *_BRANCHING),
    calls=_CALLS,
    reminds=_REMINDS,
)

APOLLO = Program(
    name="apollo",
    line=LINE,
    menu=(
        ("1", "app_issue"), ("2", "no_show"), ("3", "not_delivered"), ("4", "damaged"),
        ("5", "missing_parts"), ("6", "damaged_during"), ("7", "more_work"), ("8", "late"),
        ("9", "other"),
    ),
    contacts={
        "office_name": "customer service",
        "office_email": "amazon@apolloretail.com",
        "office_phone": "855-836-3483",
        "ivr_phone": "800-484-0254",
        "videos": "https://www.youtube.com/playlist?list=PLdWfaRei9-cQwHbd1Ze2YluCbtxdEy1aN",
        "company": "Apollo Assembly",
    },
    windows=(
        (time(8), time(11)), (time(11), time(14)), (time(14), time(17)), (time(17), time(20)),
    ),
    fees={"failed_visit": Decimal("1.2"), "trip_charge": Decimal("1.2"), "extra_work": None},
    zone="America/New_York",
    region="US",
    prepares=PREPARING,
    mark="Must Use the Amazon App",
    suspends=True,
    form_times={
        "arrived": ("arrive",), "started": ("start",), "ivr_in": ("ivr_in",),
        "finished": ("complete", "assemble"), "ivr_out": ("ivr_out",),
    },
    form_reasons=("why_phone", "why_network", "why_app", "why_stuck", "why_other"),
)  # fmt: skip
