"""Refuses broken tables at start-up: what `transitions` accepts and a technician would meet."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

from flows.conditions import CONDITIONS
from flows.effects import Alert, Ask, Effect, MailOffice, Note, Owe, Say
from flows.events import ENDINGS
from flows.facts import Facts
from flows.rules import RULES
from flows.shape import NO_FLOWS, PREPARING, Flow, Move, Program, Step

T = TypeVar("T", bound=Hashable)
FACTS = frozenset({"window_start", "window_end", "planned_arrival", "day_start", "day_end"})
_FIELDS = frozenset(Facts.__dataclass_fields__)
_OF_THE_ENGINE = frozenset({"use_photo"})
"""Words that no row takes because the engine does."""
_AFTER_THE_END = "returned"
"""The one word that may lead out of an end: a left-open job is returned to."""


def broken(
    programs: Mapping[str, Program],
    sides: Mapping[str, Flow],
    sentences: Mapping[str, Iterable[str]],
    apart: Mapping[str, Flow] = NO_FLOWS,
) -> list[str]:
    """Every fault of the tables, one sentence each; an empty list means that they may run.

    `sentences` maps a language to the keys it has; `apart` are a person's own flows.
    """
    lines = [program.line for program in programs.values()]
    flows = [*lines, *sides.values(), *apart.values()]
    decided = {word for flow in flows for each in _alerts(flow) for _, word in each.choices}
    marks = {mark for flow in flows for mark in _marks(flow)}
    faults: list[str] = []
    for flow in flows:
        side = flow.name in sides
        faults += _steps(flow, side=side or flow.name in apart)
        faults += _ways(flow, lines, side=side)
        faults += _rows(flow, marks)
        faults += _words(flow, decided)
        faults += _reminders(flow, sides, marks)
    for line in lines:
        faults += _calls(line, sides, marks)
    called = {call.flow for line in lines for call in line.calls}
    faults += [f"{name}: no program calls it" for name in sides if name not in called]
    for program in programs.values():
        faults += _program(program, sides)
    needed = needed_sentences(programs, sides, apart)
    for language, keys in sentences.items():
        faults += [f"{key}: no sentence in {language}" for key in sorted(needed - set(keys))]
    return faults


# -- what the tables refer to -------------------------------------------------------------------


def needed_sentences(
    programs: Mapping[str, Program],
    sides: Mapping[str, Flow],
    apart: Mapping[str, Flow] = NO_FLOWS,
) -> set[str]:
    """Every sentence key that the tables, and the engine by itself, refer to."""
    keys = {"back.done", "back.cannot", "photo.kept", "issue", "issue.inside", "mail.correction"}
    lines = [program.line for program in programs.values()]
    keys |= {f"ended.{step.ends}" for line in lines for step in line.steps if step.ends in ENDINGS}
    for flow in (*lines, *sides.values(), *apart.values()):
        for step in flow.steps:
            keys |= _prompts(flow, step)
        for effect in _effects(flow):
            keys |= _said(effect)
    return keys


def _prompts(flow: Flow, step: Step) -> set[str]:
    if step.ends:
        return set()
    keys = {f"{flow.name}.{step.name}", *(f"{flow.name}.{variant}" for _, variant in step.variants)}
    return keys | ({f"time_of.{step.name}"} if step.timed else set())


def _said(effect: Effect) -> set[str]:
    match effect:
        case Say(key):
            return {key}
        case Ask(key) if key:
            return {key}
        case Alert(kind, _, choices):
            return {f"alert.{kind}", *(f"decided.{word}" for _, word in choices)}
        case MailOffice(case):
            return {f"mail.{case}"}
        case _:
            return set()


def _effects(flow: Flow) -> Iterator[Effect]:
    return (effect for does in flow.orders() for effect in does)


def _alerts(flow: Flow) -> Iterator[Alert]:
    return (effect for effect in _effects(flow) if isinstance(effect, Alert))


def _marks(flow: Flow) -> set[str]:
    """The marks that this flow may set."""
    noted = {effect.mark for effect in _effects(flow) if isinstance(effect, Note)}
    kept = {step.name for step in flow.steps} | {f"{flow.name}.{step.name}" for step in flow.steps}
    of_the_engine = {f"{flow.name}.{name}" for name in ("told", "opened", "mailed")}
    return noted | kept | of_the_engine | {"heard", "landed", "unseen", "owed"}


def _twice(items: Iterable[T]) -> list[T]:
    return [item for item, times in Counter(items).items() if times > 1]


def _unknown(given: str, marks: set[str]) -> list[str]:
    return [name for name in given.split() if name not in CONDITIONS and name not in marks]


# -- steps --------------------------------------------------------------------------------------


def _steps(flow: Flow, *, side: bool) -> list[str]:
    faults = [
        f"{flow.name}.{name}: the step stands twice" for name in _twice(s.name for s in flow.steps)
    ]
    for step in flow.steps:
        here = f"{flow.name}.{step.name}"
        if step.asks == "photo" and not step.photo:
            faults.append(f"{here}: waits for a photo of no kind")
        if step.number is not None and "1" not in step.choices:
            faults.append(f"{here}: 1 is not forward")
        faults += [
            f"{here}: 1 is not forward while {mark}"
            for mark, choices in step.instead.items()
            if step.number is not None and "1" not in choices
        ]
        if step.name in _FIELDS:
            faults.append(f"{here}: is called as a fact is, and its mark would be taken for it")
        faults += [f"{here}: unknown rule {rule}" for rule in step.rules if rule not in RULES]
        for digit in sorted(set(step.choices) & set(step.offers)):
            faults.append(f"{here}: the digit {digit} stands twice")
    numbers = [step.number for step in flow.steps if step.number is not None]
    if numbers != list(range(1, len(numbers) + 1)):
        faults.append(f"{flow.name}: the steps' numbers are not 1 to {len(numbers)}")
    if side and not any(step.ends for step in flow.steps):
        faults.append(f"{flow.name}: has no outcome")
    return faults


def _ways(flow: Flow, lines: list[Flow], *, side: bool) -> list[str]:
    """Every step can be reached and left, and no hasty second press ends a branch."""
    opening = [call for line in lines for call in line.calls if call.flow == flow.name]
    reached = {flow.first, *(call.enter for call in opening)}
    reached |= {to for call in flow.calls for to in _landings(call.lands)}
    edges = [(move.at, move.to) for move in flow.moves if move.to]
    for _ in flow.steps:
        reached |= {to for at, to in edges if at in reached}
    faults = []
    for step in flow.steps:
        here = f"{flow.name}.{step.name}"
        leaves = {m.word for m in flow.moves if m.at == step.name and m.to not in (None, step.name)}
        if step.name not in reached and not (not side and step.ends in ENDINGS):
            faults.append(f"{here}: no row leads there")
        if step.ends and leaves - {_AFTER_THE_END}:
            faults.append(f"{here}: an end with a row out of it")
        if not step.ends and not leaves:
            faults.append(f"{here}: a dead end")
        if side:
            faults += _digits(flow, step)
    return faults


def _digits(flow: Flow, step: Step) -> list[str]:
    """A choice that ends or undoes a branch never has a digit that the step before used."""
    order = [each.name for each in flow.steps]
    ends = {each.name for each in flow.steps if each.ends}
    before = {
        digit
        for move in flow.moves
        if move.to == step.name and move.at != step.name
        for digit in flow.step(move.at).choices
        if move.at in order
    }
    leaving = {
        move.word
        for move in flow.moves
        if move.at == step.name and move.to in order
        and (move.to in ends or order.index(move.to) < order.index(step.name))
    }  # fmt: skip
    return [
        f"{flow.name}.{step.name}: {digit} ends the branch, and the step before used it"
        for digit, word in step.choices.items()
        if digit in before and word in leaving
    ]


# -- rows ---------------------------------------------------------------------------------------


def _rows(flow: Flow, marks: set[str]) -> list[str]:
    names = {step.name for step in flow.steps}
    faults = []
    for move in flow.moves:
        here = f"{flow.name}.{move.at} {move.word!r}"
        steps = (move.at, *([move.to] if move.to else []))
        faults += [f"{here}: unknown step {step}" for step in steps if step not in names]
        faults += [f"{here}: unknown condition {name}" for name in _unknown(move.given, marks)]
    rows = ((move.at, move.word, move.given) for move in flow.moves)
    return faults + [
        f"{flow.name}.{at} {word!r}: the row stands twice" for at, word, _ in _twice(rows)
    ]


def _words(flow: Flow, decided: set[str]) -> list[str]:
    """Each word that can be said has a row, and each row has somebody to say its word."""
    faults = []
    clocks = {remind.name for remind in flow.reminds}
    for step in flow.steps:
        here = f"{flow.name}.{step.name}"
        rows = {move.word for move in flow.moves if move.at == step.name}
        calls = {call.word for call in flow.calls if step.name in call.at}
        asked = set(_asked(flow, step))
        spoken = {*step.choices.values(), *step.offers.values(), *asked}
        spoken |= {word for choices in step.instead.values() for word in choices.values()}
        faults += [
            f"{here}: the word {word!r} has no row"
            for word in sorted(spoken - rows - calls - _OF_THE_ENGINE)
        ]
        if step.asks and step.asks not in rows:
            faults.append(f"{here}: asks for a {step.asks} that no row takes")
        given = {step.asks, "photo" if step.photo else ""}
        known = (
            spoken
            | given
            | clocks
            | decided
            | set(flow.outside)
            | ({_AFTER_THE_END} if step.ends else set())
        )
        faults += [f"{here}: nothing says the word {word!r}" for word in sorted(rows - known)]
    return faults


def _asked(flow: Flow, step: Step) -> Iterator[str]:
    """The words that a reminder asks for at this step."""
    for remind in flow.reminds:
        if step.name in remind.at:
            asks = (effect for effect in remind.does if isinstance(effect, Ask))
            yield from (word for ask in asks for _, word in ask.choices)


# -- reminders, calls, the program --------------------------------------------------------------


def _reminders(flow: Flow, sides: Mapping[str, Flow], marks: set[str]) -> list[str]:
    names = {step.name for step in flow.steps}
    faults = []
    for remind in flow.reminds:
        here = f"{flow.name}.{remind.name}"
        moments = (*remind.when.names, *([remind.until] if remind.until else []))
        faults += [f"{here}: unknown step {step}" for step in remind.at if step not in names]
        faults += [
            f"{here}: unknown moment {name}" for name in moments if name not in FACTS | marks
        ]
        faults += [f"{here}: unknown flow {name}" for name in remind.under if name not in sides]
        if remind.given and remind.given not in marks:
            faults.append(f"{here}: unknown mark {remind.given}")
        if remind.late not in ("send", "say", "drop"):
            faults.append(f"{here}: late is {remind.late!r}")
        if remind.past not in ("skip", "fire"):
            faults.append(f"{here}: past is {remind.past!r}")
        if not remind.does and not any(_rings(remind.name, remind.at, m) for m in flow.moves):
            faults.append(f"{here}: does nothing")
    names_of_reminders = (remind.name for remind in flow.reminds)
    return faults + [
        f"{flow.name}: the reminder {name} stands twice" for name in _twice(names_of_reminders)
    ]


def _rings(name: str, at: tuple[str, ...], move: Move) -> bool:
    return move.word == name and move.at in at


def _calls(line: Flow, sides: Mapping[str, Flow], marks: set[str]) -> list[str]:
    names = {step.name for step in line.steps}
    faults = []
    for call in line.calls:
        here = f"{line.name} calls {call.flow}"
        faults += [f"{here}: unknown step {step}" for step in call.at if step not in names]
        faults += [f"{here}: unknown condition {name}" for name in _unknown(call.given, marks)]
        faults += [
            f"{here}: lands at unknown step {to}" for to in sorted(_landings(call.lands) - names)
        ]
        for landing in call.lands.values():
            if isinstance(landing, tuple):
                faults += _landing(here, landing, marks)
        side = sides.get(call.flow)
        if side is None:
            faults.append(f"{here}: there is no such flow")
            continue
        outcomes = {step.ends for step in side.steps if step.ends}
        lands = set(call.lands)
        faults += [f"{here}: the outcome {o!r} has no landing" for o in sorted(outcomes - lands)]
        faults += [f"{here}: {o!r} is no outcome of it" for o in sorted(lands - outcomes)]
        if call.enter and call.enter not in {step.name for step in side.steps}:
            faults.append(f"{here}: enters at unknown step {call.enter}")
        if side.calls:
            faults.append(f"{here}: an escalation may not call another")
    rows = ((call.word, step, call.given) for call in line.calls for step in call.at)
    return faults + [f"{line.name}.{at} {word!r}: calls twice" for word, at, _ in _twice(rows)]


def _landing(here: str, landing: tuple[tuple[str, str], ...], marks: set[str]) -> list[str]:
    faults = [
        f"{here}: unknown condition {name}"
        for given, _ in landing
        for name in _unknown(given, marks)
    ]
    if not landing or landing[-1][0]:
        faults.append(f"{here}: a landing with no way for the rest")
    return faults


def _landings(lands: Mapping[str, object]) -> set[str]:
    found: set[str] = set()
    for landing in lands.values():
        if isinstance(landing, tuple):
            found |= {step for _, step in landing}
        elif isinstance(landing, str):
            found.add(landing)
    return found


def _program(program: Program, sides: Mapping[str, Flow]) -> list[str]:
    """Its menu and its fees; `transitions` knows neither."""
    here, line = program.name, program.line
    digits = _twice(digit for digit, _ in program.menu)
    faults = [f"{here}: the menu's digit {digit} stands twice" for digit in digits]
    faults += [
        f"{here}: nobody prepares {step!r}" for step in program.prepares if step not in PREPARING
    ]
    called = [sides[call.flow] for call in line.calls if call.flow in sides]
    owed = {e.reason for f in (line, *called) for e in _effects(f) if isinstance(e, Owe)}
    faults += [f"{here}: no fee for {reason}" for reason in sorted(owed - set(program.fees))]
    opens = {word: digit for digit, word in program.menu}
    for call in line.calls:
        digit, side = opens.get(call.word), sides.get(call.flow)
        if digit and side and not call.enter and _ends_at_once(side, digit):
            faults.append(f"{side.name}.{side.first}: {digit} ends the branch, and opened it")
    return faults


def _ends_at_once(side: Flow, digit: str) -> bool:
    word = side.step(side.first).choices.get(digit)
    ends = {step.name for step in side.steps if step.ends}
    return any(m.at == side.first and m.word == word and m.to in ends for m in side.moves)
