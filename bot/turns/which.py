"""Which prompt an answer belongs to, and what is asked back: a digit for two jobs, words for two
cases, a word that no menu knows."""

from typing import TYPE_CHECKING, Any

from bot.documents import read
from bot.incoming import Incoming
from bot.speech.wording import Part
from bot.turns import taking
from bot.turns.carry_out import show_menu
from flows.spellings import INSTEAD, mentioned
from flows.words import Answer, Case, Prompt, plain
from storage import jobs, outbox
from storage.db import Row

if TYPE_CHECKING:
    from bot.turns.technician import Technician


def prompt_of(turn: "Technician", incoming: Incoming) -> tuple[Prompt | None, dict[str, Any]]:
    """The prompt that stood when this was sent."""
    row = outbox.standing_prompt(turn.tx, turn.person["id"], incoming.sent_at)
    if row is None:
        return None, {}
    asks: dict[str, Any] = read(row["asks"])
    labels: dict[str, str] = {}
    if asks.get("key"):
        sentence = turn.context.wording.sentence(asks["key"], turn.person["language"])
        labels = {
            label: word
            for word, label in sentence.choices.items()
            if word in asks["choices"].values()
        }
    return Prompt(
        asks["kind"],
        asks.get("job"),
        asks.get("since", 0),
        asks["choices"],
        asks.get("waits", ""),
        labels,
    ), asks


_DESCRIBES = 3
"""So many words at the menu tell what is wrong, though nobody knows them."""
Meant = list[tuple[Row, str]]
"""What an answer would mean: the job, and the word of it."""


def fitting(turn: "Technician", heard: Answer, *both: Row) -> Meant:
    """What an answer means at each of these jobs; empty unless it fits all of them."""
    meant: Meant = []
    for job in both:
        offered = turn.context.engine.choices(turn.talk(job))
        by_digit = offered.get(heard.digit, "") if heard.digit else ""
        word = by_digit or (heard.word if heard.word in offered.values() else "")
        if not word or (heard.digit and not by_digit):
            return []
        meant.append((job, word))
    return meant


def which(turn: "Technician", meant: Meant, said: str, time: str = "") -> None:
    """What was said, with its time, could be for either job: ask for which."""
    choices: dict[str, str] = {}
    options, buttons = [], {}
    menu = turn.context.wording.sentence("issue", turn.person["language"]).choices
    for job, word in meant:
        key = turn.context.engine.prompt_key(turn.talk(job))
        labels = turn.context.wording.sentence(key, turn.person["language"]).choices
        label = labels.get(word) or menu.get(word, word)
        choices[job["letter"]] = word
        options.append(f"{job['letter']} {label}")
        buttons[f"{job['letter']}"] = f"{job['id']}:{job['since']}:{word} {time[:20]}".strip()
    turn.reply.ask = Part("which", {"options": " or ".join(options), "digit": said})
    turn.reply.asks = {"kind": "which", "choices": choices, "time": time}
    turn.reply.choices = tuple((letter, letter) for letter in buttons)
    turn.reply.buttons = buttons


def chosen(turn: "Technician", heard: Answer, prompt: Prompt, incoming: Incoming) -> None:
    """The letter that we asked for where an answer fitted two jobs, or a word that only one has."""
    if prompt.kind == "take" and heard.word:
        taking.take(turn, incoming, int(heard.word))
        return
    said = [letter for letter, word in prompt.choices.items() if word == heard.word]
    letter = heard.letter or (said[0] if len(said) == 1 else "")
    job = turn.by_letter(letter) if letter else None
    if job is not None and letter in prompt.choices:
        turn.with_time(job, prompt.choices[letter], turn.asked.get("time", ""), incoming)
    elif prompt.kind != "which" or not _which_again(turn, prompt):
        turn.say_where("not_understood", {"text": incoming.text[:40]})


def _which_again(turn: "Technician", prompt: Prompt) -> bool:
    """Ask for the letter once more; False where no two of these jobs are open any longer."""
    named = ((turn.by_letter(letter), word) for letter, word in prompt.choices.items())
    meant = [(job, word) for job, word in named if job is not None]
    if len(meant) < 2:
        return False
    job, word = meant[0]
    offered = turn.context.engine.choices(turn.talk(job))
    said = next((digit for digit, each in offered.items() if each == word), word)
    which(turn, meant, said, turn.asked.get("time", ""))
    return True


def case(turn: "Technician", said: Case, prompt: Prompt | None, incoming: Incoming) -> None:
    """What is wrong, said in words: its branch opens, or we ask which of two cases or jobs it
    is."""
    held = turn.in_hand()
    asked = next((job for job in turn.todays if prompt and job["id"] == prompt.job), held)
    named = turn.by_letter(said.letter) if said.letter else None
    wanted = [named] if said.letter else [asked, held]
    fits = {job["id"]: (job, _words(turn, job, said)) for job in wanted if job is not None}
    may_be = [(job, words) for job, words in fits.values() if words]
    if not fits:
        turn.say_where("nothing_open")
    elif len(may_be) > 1 and all(len(words) == 1 for _, words in may_be):
        which(turn, [(job, words[0]) for job, words in may_be], incoming.text.strip()[:20])
    else:
        job, words = (may_be or list(fits.values()))[0]
        _open(turn, job, words, said, incoming)


def case_within(turn: "Technician", prompt: Prompt | None, incoming: Incoming) -> bool:
    """The same for what is wrong somewhere in a sentence that nobody understood; False where
    nothing is."""
    meaning = mentioned(plain(incoming.text)) if turn.in_hand() is not None else None
    if meaning is not None:
        case(turn, Case(meaning), prompt, incoming)
    return meaning is not None


def _words(turn: "Technician", job: Row, said: Case) -> list[str]:
    talk, engine = turn.talk(job), turn.context.engine
    understood = [word for word in said.words if engine.understands(talk, word)]
    instead = dict.fromkeys(INSTEAD[word] for word in said.words if word in INSTEAD)
    return understood or [word for word in instead if engine.understands(talk, word)]


def _open(turn: "Technician", job: Row, words: list[str], said: Case, incoming: Incoming) -> None:
    listed = {word for _, word in turn.context.programs[job["program"]].menu}
    if len(words) == 1:
        turn.with_time(job, words[0], said.time, incoming)
        _take_words(turn, job, words[0], incoming)
    elif words and listed.issuperset(words):
        talk = turn.talk(job)
        show_menu(
            turn.tx, turn.context, turn.reply, job, turn.person, talk, turn.now, "issue",
            only=words,
        )  # fmt: skip
    else:
        if "there" not in said.words:  # to be there is no step of every line, and never wrong
            open_already = turn.talk(job).flow in said.words
            turn.reply.say("known" if open_already else "not_here", turn.values(job))
        turn.ask(job)


def _take_words(turn: "Technician", job: Row, word: str, incoming: Incoming) -> None:
    """A sentence that opened what a menu ends with says already what that asks for in words."""
    rest = turn.context.programs[job["program"]].menu[-1][1]
    fresh = jobs.get(turn.tx, job["id"])
    if word != rest or fresh is None or fresh["since"] == job["since"]:
        return
    waits = turn.context.engine.waits_for(turn.talk(fresh))
    if waits == "text" and len(plain(incoming.text).split()) >= _DESCRIBES:
        turn.told(fresh, incoming.text, incoming)


def menu_again(turn: "Technician", prompt: Prompt | None, text: str) -> bool:
    """Show the escalation menu again where it is open, which may take the words with its last
    choice; False where it is not."""
    if prompt is None or prompt.kind != "issue":
        return False
    asked = (prompt.job, prompt.since)
    job = next((job for job in turn.jobs if (job["id"], job["since"]) == asked), None)
    if job is None:
        return False
    talk = turn.talk(job)
    show_menu(turn.tx, turn.context, turn.reply, job, turn.person, talk, turn.now, "issue")
    digit, rest = turn.context.programs[job["program"]].menu[-1]
    if (
        len(plain(text).split()) >= _DESCRIBES
        and rest in turn.reply.buttons
        and turn.context.engine.asks_words(talk, rest)
    ):
        turn.reply.ask = Part("issue.words", turn.values(job) | {"digit": digit})
        turn.reply.asks["said"] = {"word": rest, "text": text}
    else:
        turn.reply.say("not_understood", {"text": text})
    return True


def said_before(turn: "Technician", job: Row, word: str, incoming: Incoming) -> str:
    """What was written at the menu before this word of it was chosen, and is meant by it."""
    if word != turn.context.programs[job["program"]].menu[-1][1]:
        return ""
    asked = turn.asked or prompt_of(turn, incoming)[1]
    said = asked.get("said", {})
    meant = (asked.get("job"), asked.get("since"), said.get("word")) == (
        job["id"], job["since"], word,
    )  # fmt: skip
    return str(said["text"]) if meant else ""
