"""Getting ready for a program: its prompts, what its rules order, its clocks (M01).

What happens is decided by flows/onboarding.py; here its talk is loaded, advanced and stored as a
job's is. Jobs go first: while one is on nothing is put unasked, SETUP brings it back.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot import days
from bot.context import Context
from bot.documents import read, write
from bot.speech.naming import clock, day_figures, person_values
from bot.speech.wording import Part
from bot.turns import alerts, practice
from bot.turns.acting import manager_of
from flows.effects import Alert, Ask, Log, Practise, Say
from flows.engine import Turn
from flows.events import Happening, Said, TimerFired
from flows.facts import HOUR, Facts, Instant
from flows.onboarding import opened
from flows.shape import PREPARING, left_out
from flows.talk import Talk
from storage import jobs, onboardings, people, timeline, timers
from storage.db import Row, Tx

if TYPE_CHECKING:
    from bot.turns.technician import Technician

SETUP = "setup"
READY = "ready"
STUCK = "stuck"
_AGAIN = "onboarding.again"
_APPROVAL = ("onboarding.approval_over", "onboarding.asked_again")
_POLL = HOUR
"""How long a reminder is put off while a job is on."""


def applies(context: Context, person: Row, program: str) -> tuple[str, ...]:
    """The steps that this person is led through for a program: the app's only with a phone for it
    (A30)."""
    without, asked = left_out(person["app"]), context.programs[program].prepares
    return tuple(step for step in PREPARING if step in asked and step not in without)


def open_for(tx: Tx, context: Context, person: Row, program: str, now: Instant) -> Row:
    """The person's row for a program, opened where there is none."""
    row = onboardings.get(tx, person["id"], program)
    return row if row is not None else _store_new(tx, context, person, program, now)


def _store_new(tx: Tx, context: Context, person: Row, program: str, now: Instant) -> Row:
    talk = opened(context.programs[program].prepares, now)
    row = onboardings.add(
        tx, person["id"], program, now, talk=write(talk.plain()), state=talk.step
    )  # fmt: skip
    for name, stands in context.engine.standing(talk, _facts(person)).items():
        timers.set_for_person(tx, person["id"], f"{name} {program}", stands.due, stands.late)
    return row


def trained(turn: "Technician", program: str) -> Row:
    """The row of who was never asked to get ready and practises all the same: nothing is asked."""
    tx, person = turn.tx, turn.person
    found = onboardings.get(tx, person["id"], program)
    if found is not None:
        return found
    talk = opened(turn.context.programs[program].prepares, turn.now)
    talk.frames = [(talk.flow, READY)]
    talk.marks["trained"] = turn.now
    stored = write(talk.plain())
    return onboardings.add(tx, person["id"], program, turn.now, talk=stored, state=READY)


def meet(tx: Tx, context: Context, person: Row, program: str, now: Instant) -> None:
    """The first job for a program beside the person's own: they get ready for it as well, once no
    job is on."""
    asked = people.has_role(person, "technician") and context.programs[program].prepares
    if asked and not jobs.any_of(tx, person["id"], program):
        open_for(tx, context, person, program, now)


def first_open(tx: Tx, person: Row) -> Row | None:
    """What the person is still to get ready for."""
    rows = onboardings.of_person(tx, person["id"])
    return next((row for row in rows if row["state"] != READY), None)


def _facts(person: Row) -> Facts:
    """What the rules may know: it is about no visit."""
    return Facts(0, 0, 0, 0, 0, None, person["app"])


def talk_of(row: Row) -> Talk:
    """Where it stands."""
    return Talk.of(read(row["talk"]))


# -- putting it -----------------------------------------------------------------------------------


def greet(turn: "Technician", *, new: bool) -> None:
    """Somebody has just joined: a newcomer is asked to begin. Who had joined before, has worked for
    the program, or counts as trained, is not."""
    tx, person = turn.tx, turn.person
    if not people.has_role(person, "technician"):
        return
    program = person["program"]
    asked = new and turn.context.programs[program].prepares
    if asked and not jobs.any_of(tx, person["id"], program):
        open_for(tx, turn.context, person, program, turn.now)
    row = first_open(tx, person)
    if row is not None and not is_busy(turn):
        put(turn, row)


def is_busy(turn: "Technician") -> bool:
    """Whether a job of today has begun to ask: it goes first."""
    return any(turn.context.phase(job) != "ahead" for job in turn.todays)


def busy_with(turn: "Technician") -> Row | None:
    """The job in hand, where a job of today has begun to ask."""
    return turn.in_hand() if is_busy(turn) else None


def put(
    turn: "Technician", row: Row, key: str = "", choices: tuple[tuple[str, str], ...] = ()
) -> None:
    """Put the step at which it stands into the reply."""
    talk, program = talk_of(row), row["program"]
    engine = turn.context.engine
    offered = choices or tuple(engine.choices(talk).items())
    sentence = key or engine.prompt_key(talk)
    steps = applies(turn.context, turn.person, program)
    part = Part(sentence, values(turn, program) | {"at": f"onboarding.{talk.step}"})
    counted = talk.step in steps
    number = f"{steps.index(talk.step) + 1}/{len(steps)}" if counted else ""
    practice.stand(turn.reply, SETUP, row, part, offered, "SETUP" if counted else "", number)


def _ask_why(turn: "Technician", row: Row) -> None:
    """What is written next is for the managers; the step's own answers go on."""
    put(turn, row)
    reply = turn.reply
    reply.ask, reply.choices, reply.buttons, reply.prefix, reply.number = None, (), {}, "", ""
    reply.asks[STUCK] = True


def values(turn: "Technician", program: str) -> dict[str, str]:
    """What a sentence about getting ready may name."""
    manager = manager_of(turn.tx, turn.person, turn.now)
    contacts = turn.context.contacts(program)
    return person_values(turn.person, manager, contacts, sms=turn.sms)


def remind(turn: "Technician") -> None:
    """The day's jobs are over: say in passing that there is something left to get ready."""
    row = first_open(turn.tx, turn.person)
    if row is not None:
        turn.reply.say("onboarding.open", values(turn, row["program"]), must=False)


def key_of(row: Row) -> tuple[int, str]:
    """Whose it is, and which program's."""
    return row["person_id"], row["program"]


# -- what happens ---------------------------------------------------------------------------------


def advance(turn: "Technician", row: Row, event: Happening) -> bool:
    """Let the event happen; False if it means nothing where it stands."""
    result = turn.context.engine.advance(talk_of(row), event, _facts(turn.person))
    if result.heard:
        _store(turn, row, result, event)
    return result.heard


def _store(turn: "Technician", row: Row, result: Turn, event: Happening) -> None:
    """Write where it stands now and do what the rules order; then the next step is put."""
    talk, program = result.talk, row["program"]
    kept = {
        "talk": write(talk.plain()), "state": talk.step,
        "since": row["since"] + 1 if result.entered else row["since"],
    }  # fmt: skip
    onboardings.change(turn.tx, row["id"], turn.now, **kept)
    fresh = {**row, **kept}
    _set_timers(turn.tx, row, result)
    known, told = values(turn, program), True
    for effect in result.effects:
        match effect:
            case Say(key, must):
                # What is said after an alert says who knows: nobody, where nobody could be told.
                turn.reply.say(key if told else "manager.nobody", known, must=must)
            case Ask(key, choices):
                put(turn, fresh, key, choices)
            case Practise():
                practice.begin(turn, fresh)
            case Alert(kind, severity):
                told = _alert(turn, talk, kind, severity, known)
                if told and isinstance(event, Said) and event.word == STUCK:
                    _ask_why(turn, fresh)
            case Log():
                _log(turn, program, effect)
            case _:
                pass
    if result.entered and turn.reply.ask is None:
        _go_on(turn, fresh, event)


def _go_on(turn: "Technician", row: Row, event: Happening) -> None:
    """The next step, or the next program's; the job in hand goes before both."""
    following: Row | None = row if row["state"] != READY else first_open(turn.tx, turn.person)
    if (held := busy_with(turn)) is not None:
        if isinstance(event, Said):
            turn.reply.say("onboarding.noted")
            turn.ask(held)
    elif following is not None:
        put(turn, following)


def _set_timers(tx: Tx, row: Row, result: Turn) -> None:
    person, program = key_of(row)
    for name, stood in result.stood.items():
        if result.stands.get(name) != stood:
            timers.drop_for_person(tx, person, f"{name} {program}")
    for name, stands in result.stands.items():
        if result.stood.get(name) != stands:
            timers.set_for_person(tx, person, f"{name} {program}", stands.due, stands.late)


def _alert(
    turn: "Technician", talk: Talk, kind: str, severity: int, known: Mapping[str, str]
) -> bool:
    """Tell the managers; False where there is none who could be told."""
    wording = turn.context.wording
    raised = alerts.tell_managers(
        turn.tx, wording, turn.now, kind=kind, severity=severity, technician=turn.person,
        values={
            **known, "what": wording.sentence(f"step.onboarding.{talk.step}").sms,
            "since": _day_and_clock(turn, talk.marks.get("install", turn.now)),
        },
    )  # fmt: skip
    return bool(raised)


def _day_and_clock(turn: "Technician", at: Instant) -> str:
    """Hours may lie days back here: "Mon 11/23 9:00" on the person's wall."""
    zone = turn.person["timezone"]
    day = days.local_day(at, days.zone_of(zone)).isoformat()
    return f"{day_figures(day, zone)} {clock(at, zone, sms=True)}"


def _log(turn: "Technician", program: str, log: Log) -> None:
    timeline.add(
        turn.tx, job=None, person=turn.person["id"], at=log.at, told_at=log.told_at, event=SETUP,
        step=log.step, by=log.by, channel=log.channel,
        detail={**log.detail, "program": program, "said": log.event},
    )  # fmt: skip


# -- time -----------------------------------------------------------------------------------------


def ring(turn: "Technician", timer: Row) -> None:
    """A reminder of getting ready is due; it waits for jobs, for the night, and while away."""
    name, _, program = timer["name"].partition(" ")
    row = onboardings.get(turn.tx, turn.person["id"], program)
    if row is None:
        return
    due = timer["due_at"]
    event = TimerFired(max(due, 0), turn.now, "clock", "", name, due)
    result = turn.context.engine.advance(talk_of(row), event, _facts(turn.person))
    stands = result.stood.get(name)
    if stands is None or not (result.heard or stands.due > turn.now):
        return
    talks = any(isinstance(effect, Ask | Say) for effect in result.effects)
    later = stands.due if stands.due > turn.now else can_wait(turn) if talks else None
    later = later or _after_the_approval(turn, name, program)
    if later is not None:
        timers.set_for_person(turn.tx, turn.person["id"], timer["name"], later, timer["late"])
        return
    late = turn.now - due > days.LATE
    if late and timer["late"] == "say" and talks:
        turn.reply.say("late_notice", {"due": _day_and_clock(turn, due)})
    _store(turn, row, result, event)
    if not (late and timer["late"] == "drop"):
        turn.finish()


def _after_the_approval(turn: "Technician", name: str, program: str) -> Instant | None:
    """What waited for the same morning is not asked at once: the approval goes first (M01), the
    open step is asked a day after; None where this may be asked now."""
    for other in timers.of_person(turn.tx, turn.person["id"]):
        if other["due_at"] > turn.now:
            continue
        if name == _AGAIN and other["name"] in {f"{each} {program}" for each in _APPROVAL}:
            return turn.now + 24 * HOUR
        if name in _APPROVAL and other["name"] == f"{_AGAIN} {program}":
            later = turn.now + 24 * HOUR
            timers.set_for_person(turn.tx, turn.person["id"], other["name"], later, other["late"])
    return None


def can_wait(turn: "Technician") -> Instant | None:
    """Until when nothing is asked; None where it may be now. Who has not joined yet, or said STOP,
    would not hear it."""
    if not turn.person["channel"]:
        return turn.now + 24 * HOUR
    if days.is_absent(turn.person, turn.now) or turn.person["out_on"] == turn.today:
        return turn.now + 24 * HOUR
    if is_busy(turn):
        return turn.now + _POLL
    return days.after_quiet(turn.now, turn.zone)


def is_timer(name: str) -> bool:
    """Whether a person's timer of that name is one of these."""
    return name.startswith("onboarding.")
