"""Alerts answered at the desk: the one way that codes and buttons go, in the visitor's name."""

from markupsafe import Markup

from bot.desk.acts import CHANNEL
from bot.desk.asking import Ask, MovedOn, Went
from bot.operator.who import Refused
from bot.speech.wording import Message, Part
from bot.turns import alerts as telling
from bot.turns import managers
from storage import alerts, jobs
from storage.db import Row

_OPEN = ("open", "acknowledged")


def answer(ask: Ask) -> Went:
    """Take it, have them call, settle it, or decide what is asked; the first one counts."""
    context, visitor = ask.services.context, ask.visitor
    seen = ask.subject
    if seen["status"] not in _OPEN:
        raise MovedOn(f"{seen['acknowledged_by'] or 'Somebody'} answered this meanwhile.")
    answered = managers.decide(
        ask.tx, context, visitor.person, _own(ask, seen)["id"], ask.form.get("letter", ""),
        proof=managers.DESK, now=ask.now, channel=CHANNEL,
    )  # fmt: skip
    said, _ = context.wording.chat(
        Message((Part(answered.key, answered.values),)), visitor.person["language"]
    )
    words = Markup(said).striptags()  # noqa: S704 - the tags go, nothing is drawn from it
    if not answered.changed:
        raise Refused(words)
    job = jobs.get(ask.tx, seen["job_id"]) if seen["job_id"] else None
    on_job = job is not None and ask.form.get("page") == "job"
    return Went(f"/desk/jobs/{seen['job_id']}" if on_job else "/desk/", words)


def _own(ask: Ask, seen: Row) -> Row:
    """The visitor's own alert of this matter; whoever was not told yet gets one now, as a rung."""
    case = alerts.of_case(ask.tx, seen["case_id"]) if seen["case_id"] else [seen]
    mine = [row for row in case if row["person_id"] == ask.visitor.person["id"]]
    if mine:
        return mine[-1]
    raised = telling.raise_further(ask.tx, ask.now, ask.visitor.person, seen)
    alerts.change(
        ask.tx, raised["id"], status=seen["status"], acknowledged_by=seen["acknowledged_by"],
        acknowledged_at=seen["acknowledged_at"], case_id=seen["case_id"] or seen["id"],
    )  # fmt: skip
    return alerts.get(ask.tx, raised["id"]) or raised
