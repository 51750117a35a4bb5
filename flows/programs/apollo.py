"""Program apollo: the eleven steps of the printed cheat-sheet, in their order, as rows (A01-A25)."""

from datetime import time
from decimal import Decimal

from flows.effects import Alert, Ask, Forget, Hush, KeepPhoto, Menu, Note, Replan, Say
from flows.facts import MINUTE
from flows.shape import Call, Flow, Mark, Move, Program, Remind, Step, in_order

_ORDER = (
    "eta", "arrive", "start", "ivr_in", "assemble", "complete", "signature", "selfie", "cleared",
    "ivr_out", "report",
)
_MISSABLE = tuple(step for step in _ORDER if step not in ("signature", "report"))
_AFTER_COMPLETE = ("signature", "selfie", "cleared", "ivr_out", "report")
_LEAVING = (("ivr_in", "ivr_out"), ("", "report"))
"""Left open: past the IVR if signed in, to a confirmed report (A44, A48)."""

_WHERE = Ask("apollo.where", (("1", "there"), ("2", "issue"), ("3", "late")))

LINE = Flow(
    name="apollo",
    steps=(
        Step("planned"),
        Step("eta", 1, {"1": "sent", "2": "issue", "3": "missed"}),
        Step("arrive", 2, {"1": "there", "2": "issue", "3": "late", "4": "missed"}, timed=True),
        Step("start", 3, {"1": "started", "2": "issue", "3": "missed"}),
        Step("ivr_in", 4, {"1": "signed_in", "2": "issue", "3": "missed"}, timed=True),
        Step("assemble", 5, {"1": "built", "2": "issue", "3": "missed"}),
        Step("complete", 6, {"1": "completed", "2": "issue", "3": "missed"},
             variants=(("owes_form", "complete_owing"),)),
        Step("signature", 7, {"1": "signed", "2": "issue"}),
        Step("selfie", 8, {"1": "sent", "2": "issue", "3": "missed"}, photo="selfie",
             variants=(("second_try", "selfie_again"),)),
        Step("cleared", 9, {"1": "gone", "2": "issue", "3": "still_there", "4": "missed"}),
        Step("ivr_out", 10, {"1": "signed_out", "2": "issue", "3": "missed"}, timed=True),
        Step("report", 11, {"1": "reported", "2": "issue"},
             variants=(("unfinished", "report_unfinished"), ("paper", "report_paper"))),
        Step("reported", ends="reported"),
        Step("left_open", ends="left_open"),
        Step("closed_by_office", ends="closed_by_office"),
        Step("cancelled", ends="cancelled"),
        Step("moved", ends="moved"),
        Step("reassigned", ends="reassigned"),
    ),
    moves=(
        Move("day", "planned", "eta", (Hush(),)),
        *in_order(
            (
                ("eta", "sent", ()),
                ("arrive", "there", ()),
                ("start", "started", ()),
                ("ivr_in", "signed_in", ()),
                ("assemble", "built", ()),
                ("complete", "completed", (Note("done"),)),
                ("signature", "signed", ()),
                ("selfie", "sent", ()),
                ("cleared", "gone", ()),
                ("ivr_out", "signed_out", ()),
                ("report", "reported", ()),
            ),
            end="reported",
            missable=_MISSABLE,
        ),
        *(Move("issue", step, None, (Menu("issue"),)) for step in _ORDER),
        # A13: the window is kept; a late arrival is told to the managers, never to the customer (A05).
        Move("there", "arrive", "start", (Alert("arrived_late"), Say("arrive.late", must=True)), given="after_window"),
        Move("there", "arrive", "start", (Say("arrive.early", must=True),), given="before_window"),
        # At the door although the ETA was never confirmed: it stays missed, the job goes on (A10).
        Move("there", "eta", "start",
             (Note("arrive"), Note("missed_eta"), Alert("step_missed"), Say("missed.eta", must=True))),
        Move("photo", "selfie", "cleared", (KeepPhoto("selfie"),)),
        # A20: two selfies in all, then the paper form (the call below).
        Move("still_there", "cleared", "selfie", (Note("second_try"),)),
        Move("reported", "report", "left_open", given="unfinished"),
        *(Move("late_go", step, "eta", (Replan("late.told"), Forget(("eta",)), Say("late.go", must=True)))
          for step in ("eta", "arrive")),
        *(Move("late_stop", step, None, (Say("late.stop", must=True),)) for step in ("eta", "arrive")),
    ),
    calls=(
        Call("late", "late", ("eta", "arrive"), {"replanned": "eta", "told": None, "not_late": None}),
        Call("no_show", "no_show", ("arrive", "start", "ivr_in"),
             {"gone": _LEAVING, "appeared": None, "withdrawn": None}),
        # While the app is not yet needed for the proof, the work goes on at the next step outside it.
        Call("app_issue", "app_issue", ("eta",), {"solved": None, "owing": "arrive", "done": "ivr_out"}),
        Call("app_issue", "app_issue", ("start",), {"solved": None, "owing": "ivr_in", "done": "ivr_out"}),
        Call("app_issue", "app_issue", ("arrive", "ivr_in", "assemble"),
             {"solved": None, "owing": None, "done": "ivr_out"}),
        Call("app_issue", "app_issue", ("complete", "signature", "selfie", "cleared"),
             {"solved": None, "owing": None, "done": "ivr_out"}),
        Call("still_there", "app_issue", ("cleared",),
             {"solved": None, "owing": None, "done": "ivr_out"}, given="second_try", enter="form"),
        Call("other", "other", _ORDER,
             {"withdrawn": None, "went_on": None, "left": _LEAVING, "moved": "moved", "cancelled": "cancelled"}),
    ),
    reminds=(
        Remind("day", ("planned",), Mark(("day_start",)), late="send", past="fire"),
        *(Remind(f"eta_{before}", ("eta",), Mark(("planned_arrival",), -before * MINUTE), (Ask("apollo.eta"),), late="drop")
          for before in (75, 60, 50, 40)),
        Remind("eta_missing", ("eta",), Mark(("planned_arrival",), -30 * MINUTE), (Alert("eta_missing"),), under=("late",)),
        Remind("where", ("eta", "arrive"), Mark(("planned_arrival",), 10 * MINUTE), (_WHERE,)),
        Remind("not_arrived", ("eta", "arrive"), Mark(("window_end",), -15 * MINUTE),
               (_WHERE, Alert("not_arrived", 1)), under=("late",)),
        Remind("not_started", ("start",), Mark(("arrive",), 10 * MINUTE), (Ask(),), late="drop"),
        Remind("not_started_alert", ("start",), Mark(("arrive",), 40 * MINUTE), (Alert("not_started"),), late="drop"),
        Remind("silent", ("assemble", "complete"), Mark(("heard",), minutes=True), (Ask(),), late="drop"),
        Remind("silent_alert", ("assemble", "complete"), Mark(("heard",), 30 * MINUTE, minutes=True),
               (Alert("silent"),), late="drop"),
        Remind("unreported", _AFTER_COMPLETE, Mark(("done",), 20 * MINUTE), (Say("report.on_site", must=True), Ask())),
        Remind("unreported_alert", _AFTER_COMPLETE, Mark(("done",), 60 * MINUTE),
               (Say("report.on_site", must=True), Ask(), Alert("unreported", 1)), under=("app_issue", "other")),
    ),
)

APOLLO = Program(
    name="apollo",
    line=LINE,
    menu=(
        ("1", "app_issue"), ("2", "no_show"), ("3", "not_delivered"), ("4", "damaged"),
        ("5", "missing_parts"), ("6", "damaged_during"), ("7", "more_work"), ("8", "late"), ("9", "other"),
    ),
    contacts={
        "office_name": "customer service",
        "office_email": "amazon@apolloretail.com",
        "office_phone": "855-836-3483",
        "ivr_phone": "800-484-0254",
        "videos": "https://www.youtube.com/playlist?list=PLdWfaRei9-cQwHbd1Ze2YluCbtxdEy1aN",
        "company": "Apollo Assembly",
    },
    windows=((time(8), time(11)), (time(11), time(14)), (time(14), time(17)), (time(17), time(20))),
    fees={"failed_visit": Decimal("1.2"), "trip_charge": Decimal("1.2")},
    zone="America/New_York",
    region="US",
    mark="Must Use the Amazon App",
)
