"""The tables as a document: Mermaid diagrams and lists of steps, rows, branches and reminders."""

from collections.abc import Iterable, Mapping

from flows.effects import (
    Alert,
    Ask,
    CloseAlerts,
    Effect,
    Forget,
    KeepPhoto,
    MailOffice,
    Note,
    Owe,
    Practise,
    Replan,
    Reschedule,
    Say,
)
from flows.facts import MINUTE
from flows.shape import Call, Flow, Landing, Program, Remind, Step

_HEAD = """# Flows

Made from the tables in `flows/programs` and `flows/side`; do not edit it by hand. After a change of
the tables: `pytest tests/flows/test_diagram.py --update-scripts`.
"""
_CALLED = "    classDef called stroke-dasharray: 5 5"


def render(
    programs: Mapping[str, Program], sides: Mapping[str, Flow], apart: Mapping[str, Flow]
) -> str:
    """All flows as one Markdown document; the same tables give the same document."""
    parts = [_HEAD]
    for name, program in programs.items():
        parts.append(f"## Program {name}\n")
        parts += _flow(program.line)
        parts += _branches(program.line, {word: digit for digit, word in program.menu})
    for name, flow in sides.items():
        parts.append(f"## Branch {name}\n")
        parts += _flow(flow)
    for name, flow in apart.items():
        asked = "; ".join(
            f"{program.name}: {_names(program.prepares)}"
            for program in programs.values()
            if program.prepares
        )
        parts.append(f"## Of a person: {name}\n\nSteps by program: {asked}.\n")
        parts += _flow(flow)
    return "\n".join(parts)


def _flow(flow: Flow) -> list[str]:
    return [_diagram(flow), _steps(flow), _rows(flow), *_reminders(flow)]


def _diagram(flow: Flow) -> str:
    """The steps and the ways between them; rows that stay where they are stand in the list only."""
    ways: dict[tuple[str, str], list[str]] = {}
    for move in flow.moves:
        if move.to is not None:
            ways.setdefault((move.at, move.to), []).append(move.word)
    edges = [f"    {at} --> {to}: {_joined(words)}" for (at, to), words in ways.items()]
    ends = [f"    {step.name} --> [*]" for step in flow.steps if step.ends]
    return _mermaid([f"    [*] --> {flow.first}", *edges, *ends])


def _steps(flow: Flow) -> str:
    rows = []
    for step in flow.steps:
        if step.ends:
            rows.append(("", f"`{step.name}`", "ends", f"as `{step.ends}`", "", _rules(step)))
            continue
        choices = {digit: word for digit, word in step.choices.items() if digit != "1"}
        choices |= step.offers
        other = " ".join(f"{digit} `{word}`" for digit, word in choices.items())
        first = f"`{step.choices['1']}`" if "1" in step.choices else ""
        waits = ", ".join([*filter(None, [step.asks or step.photo]), *(["time"] * step.timed)])
        rows.append((str(step.number or ""), f"`{step.name}`", first, other, waits, _rules(step)))
    return _table(("No.", "step", "1 means", "other answers", "waits for", "rules"), rows)


def _rules(step: Step) -> str:
    return " ".join(step.rules)


def _rows(flow: Flow) -> str:
    rows = [
        (
            f"`{move.at}`",
            f"`{move.word}`",
            " and ".join(f"`{name}`" for name in move.given.split()),
            f"`{move.to}`" if move.to else "stays",
            _orders(move.does),
        )
        for move in flow.moves
    ]
    return _table(("at", "word", "if", "leads to", "orders"), rows)


def _branches(line: Flow, digits: Mapping[str, str]) -> list[str]:
    """Which flow is called from where, and at which step the line goes on."""
    edges, rows = [], []
    for number, call in enumerate(line.calls, 1):
        at, called = f"at{number}", f"{call.flow}{number}"
        edges += [
            f'    state "{", ".join(call.at)}" as {at}',
            f'    state "{call.flow}" as {called}',
            f"    {at} --> {called}: {call.word}",
            f"    class {called} called",
        ]
        for outcome, landing in call.lands.items():
            targets = [to for _, to in landing] if isinstance(landing, tuple) else [landing or at]
            edges += [f"    {called} --> {to}: {outcome}" for to in dict.fromkeys(targets)]
        lands = "; ".join(f"{outcome}: {_landing(to)}" for outcome, to in call.lands.items())
        rows.append(
            (digits.get(call.word, ""), _word(call), _names(call.at), f"`{call.flow}`", lands)
        )
    table = _table(("menu", "word", "at", "opens", "its outcomes lead to"), rows)
    return ["### Branches\n", _mermaid([_CALLED, *edges]), table]


def _word(call: Call) -> str:
    return f"`{call.word}`" + (f" if `{call.given}`" if call.given else "")


def _landing(landing: Landing) -> str:
    if isinstance(landing, tuple):
        ways = (f"`{to}`" + (f" if `{given}`" if given else "") for given, to in landing)
        return ", else ".join(ways)
    return f"`{landing}`" if landing else "where it was"


def _reminders(flow: Flow) -> list[str]:
    if not flow.reminds:
        return []
    rows = [
        (
            f"`{remind.name}`",
            _names(remind.at),
            _moment(remind),
            _orders(remind.does) or f"the row `{remind.name}`",
            remind.late + (f", dropped after `{remind.until}`" if remind.until else ""),
            _names(remind.under),
        )
        for remind in flow.reminds
    ]
    head = ("reminder", "at", "when", "orders", "if late", "under")
    return ["Reminders:\n", _table(head, rows)]


def _moment(remind: Remind) -> str:
    names = " or ".join(f"`{name}`" for name in remind.when.names)
    minutes = remind.when.plus // MINUTE
    span = f" {'+' if minutes > 0 else '−'} {abs(minutes)} min" if minutes else ""
    return names + (" + the expected minutes" if remind.when.minutes else "") + span


def _orders(does: Iterable[Effect]) -> str:
    return "; ".join(filter(None, map(_order, does)))


def _order(effect: Effect) -> str:  # noqa: PLR0911 - one line an order
    match effect:
        case Alert(kind, severity):
            return f"alert `{kind}` ({severity})"
        case MailOffice(case):
            return f"mail `{case}`"
        case Say(key):
            return f"say `{key}`"
        case Ask(key):
            return f"ask `{key}`" if key else "ask again"
        case Owe(reason, rule):
            return f"owe `{reason}` ({rule})"
        case KeepPhoto(kind):
            return f"keep the photo as {kind}"
        case _:
            return _note(effect)


def _note(effect: Effect) -> str:  # noqa: PLR0911 - one line an order
    match effect:
        case Note(mark):
            return f"mark `{mark}`"
        case Forget(marks):
            return f"forget {_names(marks)}"
        case Replan():
            return "plan anew"
        case Reschedule():
            return "another appointment"
        case Practise():
            return "the practice job"
        case CloseAlerts(kinds):
            return f"close {_names(kinds)}"
        case _:
            return type(effect).__name__.lower()


def _names(names: Iterable[str]) -> str:
    return " ".join(f"`{name}`" for name in names)


def _joined(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))


def _mermaid(lines: Iterable[str]) -> str:
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```", ""])


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join([*(f"| {' | '.join(cells)} |" for cells in lines), ""])
