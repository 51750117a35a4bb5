"""The whole graph of every program: whatever happens, in whatever order, the rulebook is kept.

Every place of each program, for technicians with and without the app, and everything that can
happen there (`walking`). One walk a program and device serves all these tests.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from bot.speech.gsm import segments
from bot.speech.naming import chosen
from bot.speech.wording import Message, Part, Wording
from flows.book import PROGRAMS, build_engine
from flows.effects import Alert, Ask, KeepPhoto, Log, MailOffice, Menu, Owe, Say
from flows.engine import Engine, Turn
from flows.events import Decided, Ended, TimerFired
from flows.facts import Facts
from flows.moving import ONE_A_VISIT
from flows.shape import Call, Flow, Move, Program, Step
from flows.texts import sentences
from tests.bot.test_wording_walks import said
from tests.flows.walking import Edge, Walk, Walked, told_by_the_clock, unreached

SIGNED_BY = ("signature", "selfie")
"""What the app has to have, as far as a program has the step; else the paper form (A24, A30)."""
CLOSING = frozenset({"complete", "signature", "selfie", "cleared", "close"})
"""Steps that close a job in the app (A45, A48, A55)."""
STAYS_OPEN = frozenset({"gone", "left", "moved", "cancelled"})
"""Outcomes of a branch after which nobody closes it there."""
NOT_WITH: dict[str, set[tuple[str, str]]] = {
    "own": {("pos", "form"), ("pos", "form_photo")},
    "none": {
        *(("apollo", step) for step in ("start", "complete", "signature", "selfie", "cleared")),
        *(("app_issue", step) for step in ("form", "form_photo")),
    },
}
"""What a technician with such a device is never asked (A30)."""
TOLD_BY_THE_TECHNICIAN = frozenset({"support", "reschedule"})
"""Mila's support is reached by chat or phone, and decides there; the date is edited in the app."""
NOTHING_THE_MATTER = frozenset({"withdrawn", "solved", "not_late", "replanned", "told"})
"""Outcomes of which the office need not know: it works, or it was nothing; late is the DM's."""
GRANTED = {
    ("no_show", "gone"): "failed_visit",
    ("not_delivered", "left"): "trip_charge",
    ("damaged", "left"): "trip_charge",
    ("missing_parts", "left"): "trip_charge",
    ("more_work", "all_built"): "extra_work",
}
"""Where the rulebook owes something (A42, A47, A54, A60); nowhere else."""


@dataclass
class Judged:
    """A walk and who judged it: what each rule found broken, with the shortest way to it."""

    name: str
    bench: "Bench"
    walked: Walked
    facts: Facts
    found: dict[str, list[str]]


class Bench:
    """The judges of one walk: each a rule, each yields what breaks it."""

    def __init__(self, engine: Engine, line: str) -> None:
        self.engine, self.line = engine, line
        self.required = [step for step in SIGNED_BY if step in engine.lines[line].steps]
        self.keys = sentences("en")
        self.said: dict[object, Turn] = {}
        """What is told at once, each way of it with one turn that tells it."""

    def __call__(self, edge: Edge) -> Iterator[str]:
        yield from self._everybody_is_answered(edge)
        if edge.turn.heard:
            self._listen(edge)
            yield from self._the_office_knows(edge)
            yield from self._fees(edge)
            yield from self._reported(edge)
            yield from self._stays_open(edge)

    def _listen(self, edge: Edge) -> None:
        """Keep what this turn tells, with whatever a sentence of it may depend on."""
        turn, talk = edge.turn, edge.after
        orders = tuple(e for e in turn.effects if isinstance(e, Say | Ask | Alert))
        if orders or turn.entered:
            told = (talk.state, talk.under, *talk.untold[:1], self.engine.prompt_key(talk), orders)
            self.said.setdefault((*told, *chosen(talk.marks).values()), turn)

    def outcomes(self, edge: Edge) -> list[tuple[str, str]]:
        """The branches that this ended, each with its outcome."""
        ended = []
        for flow, _, _, to in edge.rows:
            outcome = self.engine.lines[flow].steps[to].ends if to else ""
            if outcome and flow != self.line:
                ended.append((flow, outcome))
        return ended

    def _everybody_is_answered(self, edge: Edge) -> Iterator[str]:
        turn, talk = edge.turn, edge.after
        if not turn.heard:
            if turn.effects or talk != edge.before:
                yield f"answers: {talk.state}: what is not heard changes something"
            return
        answers = any(isinstance(e, Say | Ask | Menu | KeepPhoto) for e in turn.effects)
        by_the_clock = isinstance(edge.event, TimerFired)
        if not (answers or turn.entered or by_the_clock):
            yield f"answers: {edge.before.state}: {type(edge.event).__name__} meets silence"
        if not self.engine.is_over(talk):
            if (key := self.engine.prompt_key(talk)) not in self.keys:
                yield f"answers: {talk.state}: no sentence {key}"
            if len(talk.frames) > 2:
                yield f"answers: {talk.state}: a branch on a branch"
        if len(set(talk.times)) < len(talk.times):
            yield f"answers: {talk.state}: asks twice when {talk.times[-1]} was"

    def _the_office_knows(self, edge: Edge) -> Iterator[str]:
        """A33, A40, A46, A50, A56, A60: no case ends without its mail, and none is left wrong."""
        cases = [effect.case for effect in edge.turn.effects if isinstance(effect, MailOffice)]
        marks = edge.after.marks
        mailed = "#mailed" in edge.before.marks or any(case != "correction" for case in cases)
        for flow, outcome in self.outcomes(edge):
            once = flow == "app_issue" and "owes_form" in edge.before.marks
            by_phone = flow in TOLD_BY_THE_TECHNICIAN
            if outcome not in NOTHING_THE_MATTER and not (mailed or once or by_phone):
                yield f"mail: {flow} ends as {outcome} and the office does not know"
            refused = any(word == "refused" for _, _, word, _ in edge.rows)
            told = bool(cases) or refused  # refused by the office itself
            if outcome == "withdrawn" and "#mailed" in edge.before.marks and not told:
                yield f"mail: {flow} is withdrawn and the office is not told"
        if edge.opened or len(edge.after.frames) == 1:
            marks.pop("#mailed", None)
        elif mailed:
            marks["#mailed"] = edge.event.told_at

    def _fees(self, edge: Edge) -> Iterator[str]:
        """A42, A47, A54, A60: exactly where the rulebook grants one, and one a visit."""
        owed = [effect.reason for effect in edge.turn.effects if isinstance(effect, Owe)]
        granted = [GRANTED[each] for each in self.outcomes(edge) if each in GRANTED]
        paid = "#paid" in edge.before.marks
        due = [reason for reason in granted if not (paid and reason in ONE_A_VISIT)]
        if owed != due:
            yield f"fees: {owed} instead of {due} at {edge.before.state}"
        if any(reason in ONE_A_VISIT for reason in owed):
            edge.after.marks["#paid"] = edge.event.told_at

    def _stays_open(self, edge: Edge) -> Iterator[str]:
        """A45, A48, A55: what must stay open in the app is never asked to be closed there."""
        marks = edge.after.marks
        if any(outcome in STAYS_OPEN for _, outcome in self.outcomes(edge)):
            marks["#open"] = edge.event.told_at
        if _returned(edge):
            marks.pop("#open", None)
        if "#open" in marks:  # it can't be reported any more: what was signed counts no longer
            for step in (*self.required, "form"):
                marks.pop(f"#{step}", None)
        if "#open" in marks and edge.after.frames[0][1] in CLOSING:
            yield f"open: {edge.after.state} is asked for, and the job must stay open"

    def _reported(self, edge: Edge) -> Iterator[str]:
        """A18, A19, A24, A30: with the signature and the selfie, or with the form in the mail.

        A selfie that could not be taken is told to the manager as missed; a signature never is.
        """
        marks, effects = edge.after.marks, edge.turn.effects
        if _returned(edge):
            for step in self.required:
                marks.pop(f"#{step}", None)
            marks.pop("#form", None)
        for log in (e for e in effects if isinstance(e, Log) and e.step in self.required):
            done = {"photo", self.engine.lines[self.line].steps[log.step].choices["1"]}
            missed = log.event == "missed" and log.step == "selfie"
            if log.event in done or (missed and _alerted(edge, "step_missed")):
                marks[f"#{log.step}"] = edge.event.told_at
        kept = any(isinstance(effect, KeepPhoto) and effect.kind == "form" for effect in effects)
        if kept and any(isinstance(e, MailOffice) and "form" in e.photos for e in effects):
            marks["#form"] = edge.event.told_at
        if edge.after.state == "reported":
            missing = [step for step in self.required if f"#{step}" not in marks]
            if missing and "#form" not in marks:
                yield f"reported: without {' and '.join(missing)}, and without the form"


def _longest(message: Message) -> Message:
    """With every time of the day as long as one gets: 9:05 is a digit shorter than 10:05."""

    def longest(part: Part) -> Part:
        longer = {k: f"1{v}" if re.fullmatch(r"\d:\d\d", v) else v for k, v in part.values.items()}
        return Part(part.key, longer)

    parts = tuple(longest(part) for part in message.parts)
    return replace(message, parts=parts, ask=message.ask and longest(message.ask))


def _returned(edge: Edge) -> bool:
    return any(word == "returned" for _, _, word, _ in edge.rows)


def _alerted(edge: Edge, kind: str) -> bool:
    return any(isinstance(e, Alert) and e.kind == kind for e in edge.turn.effects)


@pytest.fixture(
    scope="module",
    params=[(program, app) for program in PROGRAMS for app in ("own", "none")],
    ids="-".join,
)
def walk(request: pytest.FixtureRequest) -> Judged:
    name, app = request.param
    begun = time.process_time()
    judged = judge(build_engine(), PROGRAMS[name], app)
    walked, took = judged.walked, time.process_time() - begun
    counts = f"{len(walked.numbers)} places, {len(walked.ways)} ways, {walked.happened} tried"
    print(f"\n{name}, app {app}: {counts}, {took:.0f} s")  # noqa: T201 - seen with -s
    return judged


def judge(engine: Engine, program: Program, app: str = "own") -> Judged:
    """Walk the program and sort what the judges found by rule."""
    bench = Bench(engine, program.line.name)
    walk = Walk(engine, program, app, (bench,))
    walked = walk.run()
    found: dict[str, list[str]] = {}
    for fault, way in walked.faults.items():
        rule, _, what = fault.partition(": ")
        found.setdefault(rule, []).append(f"{what} ({way})")
    return Judged(f"{program.name}-{app}", bench, walked, walk.facts, found)


def test_every_place_answers_everything(walk: Judged) -> None:
    assert [] == walk.found.get("answers", [])


def test_no_dead_end_even_if_no_manager_ever_answers(walk: Judged) -> None:
    assert [] == unreached(walk.walked)
    assert [] == unreached(walk.walked, without=(Decided, Ended))


def test_whoever_falls_silent_is_heard_of_by_the_managers(walk: Judged) -> None:
    """At every place of the day; where orders come one by one it is checked lightly (M08): what is
    open there the day's end says."""
    engine, facts = walk.bench.engine, walk.facts
    mute = {
        " / ".join(f"{flow}.{step}" for flow, step in talk.frames)
        for talk in walk.walked.talks
        if not (engine.is_over(talk) or told_by_the_clock(engine, talk, facts))
    }

    light = tuple(f"{each.line.name}." for each in PROGRAMS.values() if each.takes_requests)

    assert set() == {place for place in mute if not place.startswith(light)}


def test_no_case_ends_without_its_mail_to_the_office(walk: Judged) -> None:
    assert [] == walk.found.get("mail", [])


def test_a_fee_exactly_where_the_rulebook_grants_it_and_one_a_visit(walk: Judged) -> None:
    assert [] == walk.found.get("fees", [])


def test_what_must_stay_open_is_never_asked_to_be_closed(walk: Judged) -> None:
    assert [] == walk.found.get("open", [])


def test_reported_has_signature_and_selfie_or_the_form(walk: Judged) -> None:
    assert [] == walk.found.get("reported", [])


def test_the_walk_is_everywhere(walk: Judged) -> None:
    seen = {frame for talk in walk.walked.talks for frame in talk.frames}
    line = walk.bench.engine.lines[walk.bench.line].flow
    steps = {(line.name, step.name) for step in line.steps}
    for call in line.calls:
        side = walk.bench.engine.lines[call.flow].flow
        steps |= {(side.name, step.name) for step in side.steps if not step.ends}
    device = walk.name.rpartition("-")[2]

    assert steps - seen == NOT_WITH[device] & steps


def test_every_text_of_the_walk_fits(walk: Judged) -> None:
    """A prompt fits one segment with the longest names, a whole turn two, an alert one."""
    wording, longer = Wording.shipped(strict=True), []
    for turn in walk.bench.said.values():
        for message in map(_longest, said(walk.bench.engine, turn, (True,))):
            whole = segments(wording.sms(message))
            alone = replace(message, parts=(), must=frozenset())
            prompt = segments(wording.sms(alone)) if message.ask else 1
            if prompt > 1 or whole > (2 if message.prefix else 1):
                longer.append(wording.sms(message))

    assert [] == longer


# -- the judges themselves: each broken table is found out --------------------------------------

_NOTHING_HERE = Flow(
    "not_delivered",
    steps=(
        Step("which", choices={"5": "nothing", "0": "mistake"}),
        Step("withdrawn", ends="withdrawn"),
        Step("left", ends="left"),
    ),
    moves=(
        Move("nothing", "which", "left", (MailOffice("x"), Owe("trip_charge", "A47"))),
        Move("mistake", "which", "withdrawn"),
    ),
)
_LINE = Flow(
    "apollo",
    steps=(
        Step("arrive", 1, {"1": "there"}),
        Step("signature", 2, {"1": "signed"}),
        Step("report", 3, {"1": "reported"}),
        Step("reported", ends="reported"),
        Step("left_open", ends="left_open"),
    ),
    moves=(
        Move("there", "arrive", "signature"),
        Move("signed", "signature", "report"),
        Move("reported", "report", "left_open", given="not_delivered.opened"),
        Move("reported", "report", "reported"),
    ),
    calls=(
        Call("not_delivered", "not_delivered", ("arrive",), {"withdrawn": None, "left": "report"}),
    ),
)


def _with(flow: Flow, *moves: Move) -> Flow:
    """The flow with these rows in place of those of the same word and step."""
    mine = {(move.word, move.at) for move in moves}
    kept = tuple(move for move in flow.moves if (move.word, move.at) not in mine)
    return replace(flow, moves=(*moves, *kept))


_OWE = Owe("trip_charge", "A47")
_TELLING = MailOffice("x")
BROKEN = {
    "nothing": (_LINE, _NOTHING_HERE, ""),
    "no mail": (_LINE, _with(_NOTHING_HERE, Move("nothing", "which", "left", (_OWE,))), "mail"),
    "no fee": (_LINE, _with(_NOTHING_HERE, Move("nothing", "which", "left", (_TELLING,))), "fees"),
    "a fee for a mistake": (
        _LINE, _with(_NOTHING_HERE, Move("mistake", "which", "withdrawn", (_OWE,))), "fees",
    ),
    "two fees": (
        _LINE,
        _with(_NOTHING_HERE, Move("nothing", "which", "left", (_TELLING, _OWE, _OWE))), "fees",
    ),
    "closed after all": (
        replace(
            _LINE,
            calls=(replace(_LINE.calls[0], lands={"withdrawn": None, "left": "signature"}),),
        ),
        _NOTHING_HERE, "open",
    ),
    "not signed": (_with(_LINE, Move("there", "arrive", "report")), _NOTHING_HERE, "reported"),
    "silence": (
        _with(_LINE, Move("there", "arrive", None, (Alert("quiet"),))), _NOTHING_HERE, "answers",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("line", "side", "found"), BROKEN.values(), ids=BROKEN)
def test_each_judge_finds_its_own_fault(line: Flow, side: Flow, found: str) -> None:
    program = replace(PROGRAMS["apollo"], line=line)
    judged = judge(Engine({"apollo": program}, {"not_delivered": side}), program)

    # This little program has sentences for few of its steps: only what is asked for counts.
    said = {rule for rule, what in judged.found.items() if any("sentence" not in w for w in what)}
    assert said == ({found} if found else set())


def test_a_dead_end_is_found_out() -> None:
    line = replace(_LINE, moves=(*_LINE.moves[:1], Move("signed", "signature", "signature")))
    line = replace(line, calls=())
    program = replace(PROGRAMS["apollo"], line=line)
    engine = Engine({"apollo": program}, {})

    assert ["arrive", "signature"] == unreached(judge(engine, program).walked)
