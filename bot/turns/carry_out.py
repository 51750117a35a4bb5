"""Effects → rows: what the engine ordered, written in the turn's own transaction."""

import re
from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from bot.context import Context
from bot.documents import write
from bot.speech.naming import told_words
from bot.speech.wording import JobValues, Part
from bot.turns import alerts, by_link, growing
from bot.turns import mails as paperwork
from bot.turns.acting import manager_of
from bot.turns.reply import Reply
from bot.turns.rescheduling import rescheduled
from flows.effects import (
    Alert,
    Ask,
    CloseAlerts,
    Hush,
    KeepPhoto,
    Log,
    MailOffice,
    Menu,
    Owe,
    Say,
)
from flows.engine import Turn
from flows.events import Decided, Happening, TimerFired, ToldTime
from flows.facts import Instant
from flows.talk import Talk
from storage import fees, jobs, photos, timers
from storage.db import Row, Tx

_FOR_THE_VISIT = frozenset({"failed_visit", "trip_charge"})
_UNITS = re.compile(r"(\d{1,2}(?:[.,]\d{1,2})?)\s*units?\b", re.IGNORECASE)


def values_of(  # noqa: PLR0913 - the whole setting of a turn
    tx: Tx,
    context: Context,
    job: Mapping[str, Any],
    technician: Row | None,
    talk: Talk,
    now: Instant,
    *,
    sms: bool,
) -> JobValues:
    """What a text about this job may name; a manager is fetched where one is named."""
    manager = partial(manager_of, tx, technician, now) if technician else None
    contacts = partial(context.contacts, job["program"])
    return JobValues(job, technician, manager, contacts, talk.marks, now, sms=sms)


def carry_out(  # noqa: C901, PLR0912, PLR0913, PLR0917 - the whole setting of a turn
    tx: Tx,
    context: Context,
    job: Row,
    technician: Row | None,
    before: Talk,
    turn: Turn,
    event: Happening,
    reply: Reply | None,
) -> Row:
    """Store where the job stands now and do what the turn orders; returns the job's row anew.

    `reply` gathers what the technician is told; None where the technician is told nothing.
    """
    now = event.told_at
    talk = turn.talk
    over = context.engine.is_over(talk)
    planned = job["planned_arrival"]
    job = rescheduled(tx, context, job, turn, now)
    if turn.facts.planned_arrival != (planned or job["window_start"]):
        planned = turn.facts.planned_arrival
    version = jobs.save(
        tx,
        job,
        now,
        talk=write(talk.plain()),
        state=talk.state,
        under=talk.under,
        entered=turn.entered,
        planned_arrival=planned,
        is_open=not over,
    )
    fresh = {
        **job,
        "talk": talk,
        "state": talk.state,
        "under": talk.under,
        "version": version,
        "planned_arrival": planned,
        "since": version if turn.entered else job["since"],
        "is_open": not over,
    }
    _set_timers(tx, job["id"], turn)
    values: Mapping[str, str] | None = None
    told = told_words(talk.words, talk.marks, before.flow)
    asked = False
    log: list[dict[str, Any]] = []
    fee: int | None = None
    for effect in turn.effects:
        match effect:
            case Log():
                log.append(_line(job["id"], effect))
            case Say(key, must) if reply is not None:
                values = values or _said(tx, context, fresh, reply.person, talk, event)
                reply.say(key, values, must=must)
            case Ask() if reply is not None:
                asked = True
                ask(
                    tx,
                    context,
                    reply,
                    fresh,
                    technician,
                    talk,
                    now,
                    key=effect.key,
                    choices=effect.choices,
                )
            case Menu(name) if reply is not None:
                asked = True
                show_menu(tx, context, reply, fresh, technician, talk, now, name)
            case Hush():
                asked = True
            case Alert():
                _alert(tx, context, fresh, technician, talk, event, told, effect, fee)
                fee = None
            case CloseAlerts(kinds):
                alerts.close(tx, job["id"], kinds)
            case KeepPhoto():
                _keep(tx, job["id"], effect, before.state)
            case MailOffice():
                paperwork.mail_office(
                    tx,
                    context,
                    fresh,
                    technician,
                    talk,
                    now,
                    effect,
                    event,
                    told,
                )
            case Owe(reason, rule):
                fee = _owe(tx, context, job, reason, rule, talk, now, told) or fee
            case _:
                pass
    _finish_alerts(tx, context, fresh, technician, talk, fee, now)
    for line in log:
        tx.put("timeline", **line)
    if reply is not None and turn.entered and not asked and not over:
        ask(tx, context, reply, fresh, technician, talk, now)
    return fresh


def _alert(  # noqa: PLR0913, PLR0917 - the whole setting of a turn
    tx: Tx,
    context: Context,
    job: Row,
    technician: Row | None,
    talk: Talk,
    event: Happening,
    told: Mapping[str, str],
    order: Alert,
    fee: int | None,
) -> None:
    """Tell the managers; with a fee that this turn made, they are asked about it (A43, A47)."""
    now = event.told_at
    if order.kind == "eta_missing" and growing.not_sent(tx, context, job, now):
        return
    if order.kind == "silent" and context.engine.waits_for_one_of(
        talk, alerts.decisions_open(tx, job["id"])
    ):
        return  # the answer that is waited for is asked for, and climbs, by itself
    happened = event.when if isinstance(event, ToldTime) and not talk.under else event.at
    values = {
        **values_of(tx, context, job, technician, talk, now, sms=True),
        "since": alerts.when(happened, job["timezone"]),
        **told,
        "text": told["text"][:120],
        **_told(talk, event, job["timezone"]),
    }
    alerts.tell_managers(
        tx,
        context.wording,
        now,
        kind=order.kind,
        severity=order.severity,
        technician=technician,
        values=values,
        job=job,
        since=job["since"],
        choices=order.choices,
        fee=fee,
    )


def _said(
    tx: Tx, context: Context, job: Row, technician: Row, talk: Talk, event: Happening
) -> Mapping[str, str]:
    """What a statement may name; where somebody decided, the manager is whoever that was."""
    sms = technician["channel"] == "sms"
    values = values_of(tx, context, job, technician, talk, event.told_at, sms=sms)
    if not isinstance(event, Decided):
        return values
    return {**values, "dm": event.by.partition(" ")[0]}


def _line(job: int, log: Log) -> dict[str, Any]:
    return {
        "job_id": job,
        "at": log.at,
        "told_at": log.told_at,
        "event": log.event,
        "step": log.step,
        "by": log.by,
        "channel": log.channel,
        "detail": write(log.detail) if log.detail else "{}",
    }


def _set_timers(tx: Tx, job: int, turn: Turn) -> None:
    stood, stands = turn.stood, turn.stands
    gone = [name for name in stood if name not in stands]
    new = [
        (name, timer.due, timer.late) for name, timer in stands.items() if stood.get(name) != timer
    ]
    if gone:
        timers.drop_for_job(tx, job, gone)
    if new:
        timers.set_for_job(tx, job, new)


def ask(  # noqa: PLR0913, PLR0917 - the whole setting of a turn
    tx: Tx,
    context: Context,
    reply: Reply,
    job: Mapping[str, Any],
    technician: Row | None,
    talk: Talk,
    now: Instant,
    *,
    key: str = "",
    choices: tuple[tuple[str, str], ...] = (),
) -> None:
    """Put the job's standing prompt into the reply."""
    engine = context.engine
    waits = engine.waits_for(talk)
    offered = choices or tuple(({} if talk.untold else engine.choices(talk)).items())
    if talk.untold:
        offered = (("0", "unknown"),)
    sentence = key or engine.prompt_key(talk)
    step = engine.step(talk)
    values = values_of(
        tx, context, job, technician, talk, now, sms=reply.person["channel"] == "sms"
    )
    reply.ask = Part(sentence, values)
    reply.choices = offered
    reply.buttons = {word: f"{job['id']}:{job['since']}:{word}" for _, word in offered}
    reply.job = job["id"]
    reply.prefix = job["letter"]
    reply.number = f"{step.number}/{engine.lines[talk.flow].length}" if step.number else ""
    reply.asks = {
        "kind": "step",
        "job": job["id"],
        "since": job["since"],
        "choices": dict(offered),
        "waits": waits,
        "key": sentence,
    }
    by_link.offer(tx, context, reply, job, now)


def show_menu(  # noqa: PLR0913, PLR0917 - the whole setting of a turn
    tx: Tx,
    context: Context,
    reply: Reply,
    job: Mapping[str, Any],
    technician: Row | None,
    talk: Talk,
    now: Instant,
    name: str,
    *,
    only: Collection[str] = (),
) -> None:
    """Put the escalation menu into the reply: what can be opened from here, and the way back
    (A33); with `only` no more than these words of it."""
    here = context.engine.callable_here(talk)
    menu = context.programs[job["program"]].menu
    offered = [
        (digit, word)
        for digit, word in menu
        if word in here and word != talk.flow and (not only or word in only)
    ]
    # To be late is no case that could turn out to be another one.
    inside = len(talk.frames) > 1 and context.engine.step(talk).phase != "late"
    values = values_of(
        tx, context, job, technician, talk, now, sms=reply.person["channel"] == "sms"
    )
    key = f"{name}.either" if only else name
    reply.ask = Part(f"{name}.inside" if inside and not only else key, values)
    reply.choices = (*offered, ("0", "resume"))
    reply.buttons = {word: f"{job['id']}:{job['since']}:{word}" for _, word in reply.choices}
    reply.job = job["id"]
    reply.prefix = job["letter"]
    reply.asks = {
        "kind": "issue",
        "job": job["id"],
        "since": job["since"],
        "choices": dict(reply.choices),
        "waits": "",
        "key": key,
    }


def _told(talk: Talk, event: Happening, zone: str) -> dict[str, str]:
    told = talk.marks.get("late.told")
    due = event.due if isinstance(event, TimerFired) else event.at
    return {"told_time": alerts.when(told, zone) if told else "", "due": alerts.when(due, zone)}


def _keep(tx: Tx, job: int, effect: KeepPhoto, step: str) -> None:
    """A photo's kind; a further one of an album is what the first was, and joins the mail that
    waits."""
    kind, photo = effect.kind, photos.get(tx, effect.photo)
    album = photo["album"] if photo else ""
    if not kind:
        first = next((p for p in photos.of_job(tx, job) if p["album"] == album and p["kind"]), None)
        kind, step = (first["kind"], first["step"]) if first else ("other", step)
    photos.change(tx, effect.photo, job_id=job, kind=kind, step=step)
    if album:
        paperwork.attach_to_waiting_mail(tx, job, effect.photo, kind)


def _owe(  # noqa: PLR0913, PLR0917 - the whole setting of a turn
    tx: Tx,
    context: Context,
    job: Row,
    reason: str,
    rule: str,
    talk: Talk,
    now: Instant,
    told: Mapping[str, str],
) -> int | None:
    """Note a fee; its id, None where there is none to decide about.

    Where the office sets its units (A60) they are what the technician was told, and to be checked;
    where no units were told nothing is noted: the managers hear of the work in any case.
    """
    fixed = context.programs[job["program"]].fees[reason]
    heard = _UNITS.search(told["price"])
    if fixed is None and heard is None:
        return None
    units = str(fixed) if heard is None or fixed is not None else heard[1].replace(",", ".")
    to_check = fixed is None or "unseen" in talk.marks
    evidence = {
        "photos": [p["id"] for p in photos.of_job(tx, job["id"])],
        "marks": {name: at for name, at in talk.marks.items() if "." in name or name == "arrive"},
        "told": {name: words for name, words in told.items() if words},
    }
    return fees.owe(
        tx,
        job=job["id"],
        slot="visit" if reason in _FOR_THE_VISIT else reason,
        reason=reason,
        units=units,
        status="to_check" if to_check else "owed",
        rule=rule,
        at=now,
        evidence=evidence,
    )


def _finish_alerts(  # noqa: PLR0913, PLR0917 - the whole setting of a turn
    tx: Tx,
    context: Context,
    job: Row,
    technician: Row | None,
    talk: Talk,
    fee: int | None,
    now: Instant,
) -> None:
    """An end ends the visit's alerts; a fee that none of them asks about is asked about here."""
    if not job["is_open"]:
        alerts.close(tx, job["id"], ())
    row = fees.get(tx, fee) if fee is not None else None
    if row is None:
        return
    values = values_of(tx, context, job, technician, talk, now, sms=True)
    what = context.wording.sentence("pay").buttons.get(row["reason"], row["reason"])
    alerts.tell_managers(
        tx, context.wording, now, kind="fee", severity=3, technician=technician, job=job,
        values=values | {"units": row["units"], "what": what}, since=job["since"], fee=fee,
    )  # fmt: skip
