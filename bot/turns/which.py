"""What is asked back: a digit for two jobs, words for two cases, a word that no menu knows."""

from typing import TYPE_CHECKING

from bot.incoming import Incoming
from bot.speech.wording import Part
from bot.turns.carry_out import show_menu
from flows.talk import Talk
from flows.words import Case, Prompt
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


def case(turn: "Technician", job: Row, said: Case, incoming: Incoming) -> None:
    """What is wrong, said in words: its branch opens, or we ask which of two cases it is."""
    talk = Talk.from_json(job["talk"])
    fits = [word for word in said.words if turn.context.engine.understands(talk, word)]
    if len(fits) == 1:
        turn.with_time(job, fits[0], said.time, incoming)
        return
    listed = {word for _, word in turn.context.programs[job["program"]].menu}
    if len(fits) > 1 and listed.issuperset(fits):
        show_menu(
            turn.tx, turn.context, turn.reply, job, turn.person, talk, turn.now, "issue", only=fits
        )
        return
    turn.reply.say("not_here", turn.values(job))
    turn.ask(job)


def menu_again(turn: "Technician", prompt: Prompt | None, text: str) -> bool:
    """Show the escalation menu again where it is open; False where it is not."""
    if prompt is None or prompt.kind != "issue":
        return False
    asked = (prompt.job, prompt.since)
    job = next((job for job in turn.jobs if (job["id"], job["since"]) == asked), None)
    if job is None:
        return False
    turn.reply.say("not_understood", {"text": text})
    talk = Talk.from_json(job["talk"])
    show_menu(turn.tx, turn.context, turn.reply, job, turn.person, talk, turn.now, "issue")
    return True
