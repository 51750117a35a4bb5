"""A third program, made from data alone as docs/add-a-program.md says: fitting kitchens for Larch."""

from flows.effects import Ask, Hush, Menu, Say
from flows.facts import MINUTE
from flows.shape import Call, Flow, Mark, Move, Program, Remind, Step, in_order
from flows.texts import Sentence

_ORDER = ("fit", "photo_sent")
LINE = Flow(
    name="larch",
    steps=(
        Step("planned", phase="ahead"),
        Step("fit", 1, {"1": "fitted", "2": "issue", "3": "missed"}, phase="at_work"),
        Step("photo_sent", 2, {"1": "sent", "2": "issue"}),
        Step("reported", ends="reported"),
        Step("closed_by_office", ends="closed_by_office"),
        Step("cancelled", ends="cancelled"),
        Step("moved", ends="moved"),
        Step("reassigned", ends="reassigned"),
    ),
    moves=(
        Move("day", "planned", "fit", (Hush(),)),
        *in_order(
            (("fit", "fitted", ()), ("photo_sent", "sent", ())), end="reported", missable=("fit",)
        ),
        *(Move("issue", step, None, (Menu("issue"),)) for step in _ORDER),
    ),
    calls=(
        Call(
            "question", "support", _ORDER,
            {
                "went_on": None, "cancelled": "cancelled", "redistributed": "reassigned",
                "withdrawn": None,
            },
        ),
    ),
    reminds=(
        Remind("day", ("planned",), Mark(("day_start",)), late="send", past="fire"),
        Remind("go", ("fit",), Mark(("window_start",), -30 * MINUTE), (Ask(),), late="drop"),
        Remind(
            "care", ("reported",), Mark(("photo_sent",), 60 * MINUTE), (Say("larch.care"),),
            late="drop",
        ),
    ),
)  # fmt: skip

LARCH = Program(
    name="larch",
    line=LINE,
    menu=(("1", "question"),),
    contacts={
        "office_name": "Larch's desk",
        "office_email": "desk@larch.example",
        "office_phone": "01632 960123",
        "office_hours": "Mon-Sat 07:00-19:00",
        "company": "Larch Kitchens",
    },
    windows=(),
    fees={},
    zone="Europe/London",
    region="GB",
    currency="£",
    one_zone=True,
    plans=False,
)

TEXTS = {
    "larch.planned": Sentence("Nothing to do yet.", "Nothing to do yet."),
    "larch.fit": Sentence(
        "{customer}, {street}, {window}: fit the kitchen.",
        "<b>{customer}</b>, {window}: fit the kitchen.",
        {"fitted": "Fitted", "issue": "Problem", "missed": "Not done"},
    ),
    "larch.photo_sent": Sentence(
        "Send Larch a photo of it in their app.",
        "Send Larch a photo of it in their app.",
        {"sent": "Sent", "issue": "Problem"},
    ),
    "larch.care": Sentence("Leave the care leaflet.", "Leave the care leaflet."),
    "missed.fit": Sentence("Kept as not done.", "Kept as not done."),
    "step.fit": Sentence("fitting", "fitting"),
    "step.photo_sent": Sentence("photo to Larch", "photo to Larch"),
    "for.larch.answer.support": Sentence("{office_phone}, {office_hours}", "{office_phone}"),
}
