"""What every turn needs and none changes: rules, words, contacts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.clock import Clock
from bot.speech.wording import Wording
from flows.engine import Engine
from flows.shape import Program


@dataclass(frozen=True, slots=True)
class Context:
    """Built once by the wiring and handed to every turn."""

    engine: Engine
    programs: Mapping[str, Program]
    wording: Wording
    clock: Clock
    override: Callable[[str, str], str]
    """(program, contact) → the operator's own value, "" for the built-in one."""
    mail_on: bool = False
    """Whether mail can leave at all."""

    def contacts(self, program: str) -> dict[str, str]:
        """A program's phones, addresses and links, the operator's before the built-in ones."""
        built_in = self.programs[program].contacts
        return {name: self.override(program, name) or value for name, value in built_in.items()}
