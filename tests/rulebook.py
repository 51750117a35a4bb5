"""Who carries each rule of the rulebook: steps, sentences, modules and tests, read from the code.

A step names its rules in its table, a sentence behind its heading (`[apollo.eta] # A10`), a module
in its comments. A test claims a rule by its name (`test_a10_…`, `a50_to_a55_…`), in a table of
facts (`"A12"`), a script in its opening comment (`(A40 to A45)`).
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flows.book import APART, PROGRAMS, SIDES
from flows.rules import RULES

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "rulebook.md"
SHOWN = 8
"""So many sentences and tests are listed of a rule; the rest is counted."""
_NAMED = re.compile(r"^(?:test_)?((?:[am]\d\d(?:_to)?_)+)")
_SENTENCE = re.compile(r"^\[([\w.]+)\]\s*#(.*)$", re.MULTILINE)
_RANGE = re.compile(r"\b([AM])(\d\d)(?: to [AM](\d\d))?\b")
_HEAD = """# Rulebook

Every rule of the client companies' documents, in our words, and what carries it: the step at which
it is asked for, the sentences that say it, the tests that show it. Made from the code by
`pytest tests/test_rulebook.py --update-scripts`; do not edit it by hand. A test fails when a rule has
no place or no test, and when a line here leads to none any more.
"""


@dataclass
class Carried:
    """What carries one rule; each sorted."""

    steps: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    tests: set[str] = field(default_factory=set)


def rules_in(text: str) -> Iterator[str]:
    """The ids in a text; `A40 to A45` and `a50_to_a55` are all from the one to the other."""
    for letter, first, last in _RANGE.findall(text.upper().replace("_", " ").replace("TO", "to")):
        numbers = range(int(first), int(last or first) + 1)
        yield from (rule for n in numbers if (rule := f"{letter}{n:02}") in RULES)


def carried() -> dict[str, Carried]:
    """Rule → what carries it now."""
    found = {rule: Carried() for rule in RULES}
    lines = (program.line for program in PROGRAMS.values())
    for flow in (*lines, *SIDES.values(), *APART.values()):
        for step in flow.steps:
            for rule in step.rules:
                found[rule].steps.add(f"{flow.name}.{step.name}")
    for rule, key in _sentences():
        found[rule].texts.add(key)
    for rule, module in _modules():
        found[rule].modules.add(module)
    for rule, test in _claims():
        found[rule].tests.add(test)
    return found


def _sentences() -> Iterator[tuple[str, str]]:
    """(rule, key) of every sentence that names one."""
    for path in sorted((ROOT / "flows" / "texts" / "en").glob("*.toml")):
        for key, comment in _SENTENCE.findall(path.read_text("utf-8")):
            yield from ((rule, key) for rule in rules_in(comment))


def _modules() -> Iterator[tuple[str, str]]:
    """(rule, module) of every module of the product that names one."""
    for room in ("flows", "storage", "bot"):
        for path in (ROOT / room).rglob("*.py"):
            if path.name != "rules.py":
                name = str(path.relative_to(ROOT))
                yield from ((rule, name) for rule in rules_in(path.read_text("utf-8")))


def _claims() -> Iterator[tuple[str, str]]:
    """(rule, test) as tests and scripts claim them."""
    tests = ROOT / "tests"
    for script in tests.glob("scripts/*.script"):
        opening = script.read_text("utf-8").partition("\n")[0]
        yield from ((rule, f"scripts/{script.name}") for rule in rules_in(opening))
    for path in tests.rglob("*.py"):
        if path.name not in ("rulebook.py", "test_rulebook.py"):
            name = str(path.relative_to(tests))
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                yield from _claimed(node, name)


def _claimed(node: ast.AST, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        if named := _NAMED.match(node.name):
            yield from ((rule, f"{name}::{node.name}") for rule in rules_in(named[1]))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in RULES:
        yield node.value, name


def render() -> str:
    """The document."""
    parts, now = [_HEAD], carried()
    for letter, program in (("A", "apollo"), ("M", "mila")):
        parts += [
            f"## {program}\n",
            "| rule | | steps, sentences | shown by |",
            "|---|---|---|---|",
        ]
        for rule, what in RULES.items():
            if rule[0] == letter:
                each = now[rule]
                places = _listed(each.steps) or _listed(each.modules)
                said = _listed(each.texts)
                where = "; ".join(part for part in (places, said) if part)
                parts.append(f"| {rule} | {what} | {where} | {_listed(each.tests)} |")
        parts.append("")
    return "\n".join(parts)


def _listed(names: set[str]) -> str:
    shown = sorted(names)[:SHOWN]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(f"`{name}`" for name in shown) + more


def documented() -> dict[str, set[str]]:
    """Rule → everything that the document says carries it."""
    rows = re.findall(r"^\| ([AM]\d\d) \| (.*)$", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    return {rule: set(re.findall(r"`([^`]+)`", row)) for rule, row in rows}
