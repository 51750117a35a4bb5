"""A digit that could answer two jobs is asked back."""

from typing import TYPE_CHECKING

from bot.speech.wording import Part
from flows.talk import Talk
from storage.db import Row

if TYPE_CHECKING:
    from bot.turns.technician import Technician


def which(turn: "Technician", held: Row, other: Row, digit: str) -> None:
    """The digit could be for two jobs: ask."""
    choices: dict[str, str] = {"digit": digit}
    options, buttons = [], {}
    for job in (held, other):
        talk = Talk.from_json(job["talk"])
        word = turn.context.engine.choices(talk)[digit]
        key = turn.context.engine.prompt_key(talk)
        label = turn.context.wording.sentence(key, turn.person["language"]).choices.get(word, word)
        options.append(f"{job['letter']} {label}")
        buttons[f"{job['letter']}"] = f"{job['id']}:{job['since']}:{word}"
    turn.reply.ask = Part("which", {"options": " or ".join(options), "digit": digit})
    turn.reply.asks = {"kind": "which", "choices": choices}
    turn.reply.choices = tuple((letter, letter) for letter in buttons)
    turn.reply.buttons = buttons
