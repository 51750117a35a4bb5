"""What is done to one job by phone: given, moved, ended, a step told; one transaction, audited."""

from collections.abc import Sequence
from datetime import date, datetime

from bot import days
from bot.clock import to_datetime, to_instant
from bot.context import Context
from bot.manifest.notes import read_notes
from bot.operator.planner import CHANNEL, Planner
from bot.operator.who import Refused
from bot.speech.naming import day_words, window_words
from bot.speech.wording import Message, Part
from bot.turns.carry_out import carry_out, values_of
from bot.turns.door import Door
from bot.turns.reply import send
from bot.turns.technician import Technician
from flows.events import ConfirmedUpTo, Happening, Said, ToldText, ToldTime, WentBack
from flows.facts import MINUTE, Instant
from flows.talk import Talk
from flows.times import At, instant_of, read_time
from flows.words import Answer, Command, Done, Prompt, hear
from storage import jobs, people, timers
from storage.db import Row, Tx

ENDS = ("closed_by_office", "cancelled", "moved")
_REOPENS = frozenset({"left_open", "moved"})


def assign(  # noqa: PLR0913, PLR0917
    tx: Tx, context: Context, job: Row, technician: Row, now: Instant, by: str,
    channel: str = CHANNEL,
) -> Row:  # fmt: skip
    """Another technician takes the job; once begun it ends as reassigned, its next visit opens."""
    _must_be_technician(technician)
    job = _locked(tx, job, technician["id"])
    if not job["is_open"]:
        end = job["state"]
        raise Refused(f"{job['number']} has ended as {end}: jobs move opens its next visit.")
    if job["technician_id"] == technician["id"]:
        raise Refused(f"{job['number']} is {technician['name']}'s already.")
    planner = Planner(tx, context, now, by, channel)
    planner.replan(job, technician=technician, event="assigned")
    planner.finish()
    return _latest(tx, job)


def helpers(  # noqa: PLR0913, PLR0917
    tx: Tx, context: Context, job: Row, found: Sequence[Row], now: Instant, by: str,
    channel: str = CHANNEL,
) -> Row:  # fmt: skip
    """These and no others help on the job; who does, and who no longer does, hears it."""
    for helper in found:
        _must_be_technician(helper)
    job = _locked(tx, job, *(helper["id"] for helper in found))
    if not job["is_open"]:
        raise Refused(f"{job['number']} has ended as {job['state']}: nobody helps there.")
    ids = list(dict.fromkeys(helper["id"] for helper in found))
    if job["technician_id"] in ids:
        lead = next(each["name"] for each in found if each["id"] == job["technician_id"])
        raise Refused(f"{lead} leads {job['number']}: name others to help.")
    planner = Planner(tx, context, now, by, channel)
    planner.change_helpers(job, ";".join(map(str, ids)))
    planner.finish()
    return jobs.get(tx, job["id"]) or job


def _must_be_technician(person: Row) -> None:
    if not people.has_role(person, "technician"):
        name = person["name"]
        raise Refused(f"{name} is no technician: give them that role with people import.")


def move(  # noqa: PLR0913, PLR0917
    tx: Tx, context: Context, job: Row, day: date | None, window: str, now: Instant, by: str,
    channel: str = CHANNEL,
) -> Row:  # fmt: skip
    """Another day or window; what has begun ends as moved, and its next visit is then."""
    if day is None and not window:
        raise Refused("Say where to: --date, --window, or both.")
    job = _locked(tx, job)
    if not job["is_open"] and job["state"] not in _REOPENS:
        end = job["state"]
        raise Refused(f"{job['number']} has ended as {end}: only a left-open one can be moved.")
    if job["visit"] != _latest(tx, job)["visit"]:
        raise Refused(f"{job['number']} has a later visit: move that one, without --visit.")
    zone = days.zone_of(job["timezone"])
    new_day = day or date.fromisoformat(job["day"])
    start, end = _window(context, job, new_day, window)
    when = (
        f"{day_words(new_day.isoformat(), zone.key)} {window_words(start, end, zone.key, sms=True)}"
    )
    if end <= now:
        raise Refused(f"{when} is over: give a time that is still to come.")
    was = (job["day"], job["window_start"], job["window_end"])
    if job["is_open"] and (new_day.isoformat(), start, end) == was:
        raise Refused(f"{job['number']} is at that time already.")
    technician = people.get(tx, job["technician_id"]) if job["technician_id"] else None
    planner = Planner(tx, context, now, by, channel)
    begun = not job["is_open"] or not context.not_begun(job)
    planner.replan(job, technician=technician, day=new_day.isoformat(), start=start, end=end)
    if not begun:
        same_day = new_day.isoformat() == job["day"]
        what = window_words(start, end, zone.key, sms=True) if same_day else when
        planner.tell_changed(job["id"], what)
    planner.finish()
    return _latest(tx, job)


def _window(context: Context, job: Row, day: date, typed: str) -> tuple[Instant, Instant]:
    zone = days.zone_of(job["timezone"])
    if typed:
        notes = read_notes(typed, context.programs[job["program"]].windows)
        if notes.bucket is None:
            raise Refused(f'"{typed}" is no window here: {notes.trouble}')
        first, last = notes.bucket
    else:
        first, last = (
            to_datetime(job[name]).astimezone(zone).time()
            for name in ("window_start", "window_end")
        )
    return to_instant(instant_of(day, first, zone)), to_instant(instant_of(day, last, zone))


def close(  # noqa: PLR0913, PLR0917
    tx: Tx, context: Context, job: Row, state: str, now: Instant, by: str, channel: str = CHANNEL
) -> Row:  # fmt: skip
    """The job ends; its technician hears it and goes on with the next."""
    if state not in ENDS:
        raise Refused(f'"{state}" is no end that can be given by phone: use {", ".join(ENDS)}.')
    job = _locked(tx, job)
    if not job["is_open"]:
        raise Refused(f"{job['number']} has ended already: {job['state']}.")
    planner = Planner(tx, context, now, by, channel)
    planner.end(job, state)
    planner.finish()
    return jobs.get(tx, job["id"]) or job


def step(  # noqa: PLR0913, PLR0917
    tx: Tx, context: Context, job: Row, said: str, at: str, now: Instant, by: str,
    channel: str = CHANNEL,
) -> Row:  # fmt: skip
    """A step that was told by phone: a word of the step, its digit, a time, BACK or DONE n."""
    job = _begun(tx, context, _locked(tx, job), now)
    technician = people.get(tx, job["technician_id"]) if job["technician_id"] else None
    if not job["is_open"]:
        raise Refused(f"{job['number']} has ended already: {job['state']}.")
    event = _event(context, job, said, at, now, (by, channel))
    talk = Talk.from_json(job["talk"])
    app = technician["app"] if technician is not None else "own"
    if technician is None:
        turn = context.engine.advance(talk, event, days.facts_of(job, app))
        heard = turn.heard
        if heard:
            carry_out(tx, context, job, None, talk, turn, event, None)
    else:
        heard = _with_technician(tx, context, job, technician, event, now)
    if not heard:
        raise Refused(_not_understood(context, job, talk, said))
    return jobs.get(tx, job["id"]) or job


def question(tx: Tx, context: Context, job: Row, now: Instant) -> str:
    """What the job asks now, in a text's words; "" where it has ended or not begun."""
    if not job["is_open"] or context.phase(job) == "ahead":
        return ""
    technician = people.get(tx, job["technician_id"]) if job["technician_id"] else None
    talk, engine = Talk.from_json(job["talk"]), context.engine
    choices = {"0": "unknown"} if talk.untold else engine.choices(talk)
    values = values_of(tx, context, job, technician, talk, now, sms=True)
    asked = Part(engine.prompt_key(talk), values)
    return context.wording.sms(Message((), asked, tuple(choices.items())))


def _with_technician(
    tx: Tx, context: Context, job: Row, technician: Row, event: Happening, now: Instant
) -> bool:  # fmt: skip
    """The same turn as if the technician had answered: evidence, alerts, timers and next prompt."""
    seat = Technician(tx, context, technician, now, kind="prompt")
    if not seat.advance(job, event):
        return False
    fresh = jobs.get(tx, job["id"])
    if fresh is not None and fresh["is_open"]:
        if not context.not_begun(fresh):
            people.change(tx, technician["id"], in_hand=job["id"])
        else:
            held = seat.in_hand()
            seat.reply.lettered = held is not None and held["id"] != job["id"]
    send(tx, seat.reply, context.wording, now)
    return True


def _begun(tx: Tx, context: Context, job: Row, now: Instant) -> Row:
    """The job once what is due of its day has rung, for a step told while no server runs."""
    if context.phase(job) != "ahead":
        return job
    door = Door(context)
    for timer in timers.of_job(tx, job["id"]):
        if timer["due_at"] <= now:
            door.ring(tx, timer["id"], now)
    fresh = jobs.get(tx, job["id"]) or job
    if context.phase(fresh) == "ahead":
        begins = to_datetime(fresh["day_start"]).astimezone(days.zone_of(fresh["timezone"]))
        raise Refused(f"{job['number']} has not begun: its day starts on {_wall(begins)}.")
    return fresh


def _wall(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d at %H:%M")


def _event(
    context: Context, job: Row, said: str, at: str, now: Instant, who: tuple[str, str]
) -> Happening:
    talk = Talk.from_json(job["talk"])
    waits = context.engine.waits_for(talk)
    choices = {"0": "unknown"} if talk.untold else context.engine.choices(talk)
    labels = context.wording.sentence(context.engine.prompt_key(talk)).choices
    spellings = {label: word for word, label in labels.items() if word in choices.values()}
    prompt = Prompt("step", job["id"], job["since"], choices, waits, spellings)
    happened = _read_at(job, at, now) if at else now
    word = said.strip().lower()
    if word in (*choices.values(), *context.engine.callable_here(talk)):
        return Said(happened, now, *who, word)
    match hear(said, prompt, ()):
        case Done(number):
            return ConfirmedUpTo(happened, now, *who, number)
        case Command("BACK"):
            return WentBack(now, now, *who)
        case Answer(word=word, time=time) if word:
            if time:
                happened = _read_at(job, time, now)
            return Said(happened, now, *who, word)
        case Answer() if waits == "time":
            return ToldTime(now, now, *who, _read_time(job, said, now, past=bool(talk.untold)))
        case Answer(text=text) if waits == "text" and text:
            return ToldText(now, now, *who, text[:1000])
        case _:
            raise Refused(_not_understood(context, job, talk, said))


def _read_at(job: Row, typed: str, now: Instant) -> Instant:
    """When it happened: a time that is over, and none of the days before the job's."""
    at = _read_time(job, typed, now, past=True)
    zone = days.zone_of(job["timezone"])
    if at > now + MINUTE or days.local_day(at, zone).isoformat() < job["day"]:
        raise Refused(
            f"{typed} is no time that has passed on {day_words(job['day'], job['timezone'])}."
        )
    return min(at, now)


def _read_time(job: Row, typed: str, now: Instant, *, past: bool) -> Instant:
    zone = days.zone_of(job["timezone"])
    found = read_time(typed, now=to_datetime(now), zone=zone, past=past or None)
    if found is None:
        raise Refused(f'"{typed}" is no time: write it like 9:35.')
    return to_instant(found.at if isinstance(found, At) else found.options[0])


def _not_understood(context: Context, job: Row, talk: Talk, said: str) -> str:
    words: Sequence[str] = list(dict.fromkeys(
        [*context.engine.choices(talk).values(), *context.engine.callable_here(talk)]
    ))  # fmt: skip
    number = context.engine.step(talk).number
    done = f", or DONE {number}" if number else ""
    return f'"{said}" means nothing at {job["state"]}: say {", ".join(words)}{done}.'


def _locked(tx: Tx, job: Row, *others: int) -> Row:
    """The job as it stands once nobody else can change it: people in the order of ids (P4)."""
    for person in sorted({each for each in (job["technician_id"], *others) if each is not None}):
        people.locked(tx, person)
    return jobs.get(tx, job["id"]) or job


def _latest(tx: Tx, job: Row) -> Row:
    return jobs.of_order(tx, job["number"], job["program"])[0]
