"""Refuses broken tables at start-up: what `transitions` accepts silently and a technician would hit."""

from collections.abc import Iterable, Mapping

from flows.conditions import CONDITIONS
from flows.effects import Alert, Ask, Note, Say
from flows.shape import Flow, Move, Program

_FACTS = frozenset({"window_start", "window_end", "planned_arrival", "day_start", "day_end"})
_OF_THE_ENGINE = frozenset({"use_photo", "heard", "unseen"})
_ENDS_OF_THE_VISIT = frozenset({"closed_by_office", "cancelled", "moved", "reassigned"})


def broken(
    programs: Mapping[str, Program],
    sides: Mapping[str, Flow],
    sentences: Mapping[str, Iterable[str]],
) -> list[str]:
    """Every fault of the tables, one sentence each; an empty list means that they may run.

    `sentences` maps a language to the keys it has.
    """
    lines = [program.line for program in programs.values()]
    flows = (*lines, *sides.values())
    decided = {word for flow in flows for m in flow.moves for e in m.does if isinstance(e, Alert) for _, word in e.choices}
    marks = {mark for flow in flows for mark in _marks(flow)}
    faults: list[str] = []
    for flow in flows:
        faults += _steps(flow, side=flow.name in sides)
        faults += _rows(flow, decided, marks)
        faults += _reminders(flow, sides)
    for line in lines:
        faults += _calls(line, sides)
    called = {call.flow for line in lines for call in line.calls}
    faults += [f"{name}: no program calls it" for name in sides if name not in called]
    for program in programs.values():
        faults += [f"{program.name}: the menu's digit {d} stands twice" for d in _twice(d for d, _ in program.menu)]
    for language, keys in sentences.items():
        known = set(keys)
        for key in sorted(needed_sentences(programs, sides) - known):
            faults.append(f"{key}: no sentence in {language}")
    return faults


def needed_sentences(programs: Mapping[str, Program], sides: Mapping[str, Flow]) -> set[str]:
    """Every sentence key that the tables refer to."""
    keys: set[str] = set()
    for flow in (*(p.line for p in programs.values()), *sides.values()):
        for step in flow.steps:
            if step.ends or not (step.choices or step.asks):
                continue
            keys |= {f"{flow.name}.{step.name}", *(f"{flow.name}.{v}" for _, v in step.variants)}
            if step.timed:
                keys.add(f"time_of.{step.name}")
        rows = [*(m.does for m in flow.moves), *(c.does for c in flow.calls), *(r.does for r in flow.reminds)]
        for effect in (effect for does in rows for effect in does):
            if isinstance(effect, Say) or (isinstance(effect, Ask) and effect.key):
                keys.add(effect.key)
    return keys


def _twice(items: Iterable[object]) -> list[object]:
    seen: set[object] = set()
    return [item for item in items if item in seen or seen.add(item)]  # type: ignore[func-returns-value]


def _steps(flow: Flow, *, side: bool) -> list[str]:
    names = [step.name for step in flow.steps]
    faults = [f"{flow.name}.{name}: the step stands twice" for name in _twice(names)]
    reached = {flow.first} | {to for call in flow.calls for to in _landings(call.lands)}
    edges = [(m.at, m.to) for m in flow.moves if m.to]
    for _ in names:
        reached |= {to for at, to in edges if at in reached and to}
    for step in flow.steps:
        here = f"{flow.name}.{step.name}"
        if step.name not in reached and not (not side and step.ends in _ENDS_OF_THE_VISIT):
            faults.append(f"{here}: no row leads there")
        leaves = [m for m in flow.moves if m.at == step.name and m.to not in (None, step.name)]
        if step.ends and leaves:
            faults.append(f"{here}: an end with a row out of it")
        if not step.ends and not leaves:
            faults.append(f"{here}: a dead end")
        if bool(step.asks == "photo") and not step.photo:
            faults.append(f"{here}: waits for a photo of no kind")
        if side:
            faults += _digits(flow, step.name)
    return faults


def _digits(flow: Flow, name: str) -> list[str]:
    """A choice that ends or undoes a branch never has a digit that the step before used."""
    step = flow.step(name)
    ends = {s.name for s in flow.steps if s.ends}
    before = {
        digit
        for move in flow.moves
        if move.to == name and move.at != name
        for digit in flow.step(move.at).choices
    }
    return [
        f"{flow.name}.{name}: {digit} ends the branch, and the step before used it"
        for digit, word in step.choices.items()
        if digit in before and any(m.at == name and m.word == word and m.to in ends for m in flow.moves)
    ]


def _rows(flow: Flow, decided: set[str], marks: set[str]) -> list[str]:
    names = {step.name for step in flow.steps}
    faults = []
    for move in flow.moves:
        here = f"{flow.name}.{move.at} {move.word!r}"
        faults += [f"{here}: unknown step {s}" for s in (move.at, move.to) if s is not None and s not in names]
        if move.given and move.given not in CONDITIONS and move.given not in marks:
            faults.append(f"{here}: unknown condition {move.given}")
    faults += [f"{flow.name}.{at} {word!r}: the row stands twice" for word, at, _ in _twice(  # type: ignore[misc]
        (m.word, m.at, m.given) for m in flow.moves)]
    for step in flow.steps:
        heard = {m.word for m in flow.moves if m.at == step.name} | {c.word for c in flow.calls if step.name in c.at}
        spoken = {**step.choices, **step.offers}
        faults += [f"{flow.name}.{step.name}: the word {w!r} has no row" for w in spoken.values()
                   if w not in heard | _OF_THE_ENGINE]
        if step.asks and step.asks not in heard:
            faults.append(f"{flow.name}.{step.name}: asks for a {step.asks} that no row takes")
        known = set(spoken.values()) | {step.asks, "photo" if step.photo else ""} | {r.name for r in flow.reminds} | decided
        faults += [f"{flow.name}.{step.name}: nothing says the word {m.word!r}" for m in flow.moves
                   if m.at == step.name and m.word not in known and not _asked_elsewhere(flow, m)]
    return faults


def _asked_elsewhere(flow: Flow, move: Move) -> bool:
    asked = {w for r in flow.reminds if move.at in r.at for e in r.does if isinstance(e, Ask) for _, w in e.choices}
    return move.word in asked


def _marks(flow: Flow) -> set[str]:
    noted = {e.mark for m in flow.moves for e in m.does if isinstance(e, Note)}
    kept = {step.name for step in flow.steps} | {f"{flow.name}.{step.name}" for step in flow.steps}
    return noted | kept | {f"{flow.name}.told", f"{flow.name}.opened", "heard"}


def _reminders(flow: Flow, sides: Mapping[str, Flow]) -> list[str]:
    names = {step.name for step in flow.steps}
    faults = []
    for remind in flow.reminds:
        here = f"{flow.name}.{remind.name}"
        faults += [f"{here}: unknown step {step}" for step in remind.at if step not in names]
        faults += [f"{here}: unknown moment {n}" for n in remind.when.names
                   if n not in _FACTS and n not in _marks(flow)]
        faults += [f"{here}: unknown flow {name}" for name in remind.under if name not in sides]
        faults += [f"{here}: late is {remind.late!r}"] if remind.late not in ("send", "say", "drop") else []
        if not remind.does and not any(m.word == remind.name for m in flow.moves):
            faults.append(f"{here}: does nothing")
    faults += [f"{flow.name}: the reminder {n} stands twice" for n in _twice(r.name for r in flow.reminds)]
    return faults


def _calls(line: Flow, sides: Mapping[str, Flow]) -> list[str]:
    names = {step.name for step in line.steps}
    faults = []
    for call in line.calls:
        here = f"{line.name} calls {call.flow}"
        faults += [f"{here}: unknown step {step}" for step in call.at if step not in names]
        side = sides.get(call.flow)
        if side is None:
            faults.append(f"{here}: there is no such flow")
            continue
        outcomes = {step.ends for step in side.steps if step.ends}
        faults += [f"{here}: the outcome {o!r} has no landing" for o in sorted(outcomes - set(call.lands))]
        faults += [f"{here}: {o!r} is no outcome of it" for o in sorted(set(call.lands) - outcomes)]
        faults += [f"{here}: lands at unknown step {to}" for to in _landings(call.lands) if to not in names]
        if call.enter and call.enter not in {step.name for step in side.steps}:
            faults.append(f"{here}: enters at unknown step {call.enter}")
        if side.calls:
            faults.append(f"{here}: an escalation may not call another")
    return faults


def _landings(lands: Mapping[str, object]) -> set[str]:
    found: set[str] = set()
    for landing in lands.values():
        if isinstance(landing, tuple):
            found |= {step for _, step in landing}
        elif isinstance(landing, str):
            found.add(landing)
    return found


