"""What people type, and what it means: on a keypad, in a hurry, in any script."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.book import build_engine
from flows.spellings import CASES, INSTEAD, PHRASES, mentioned
from flows.vocabulary import CHOICES
from flows.words import (
    COMMANDS,
    RESERVED,
    STARTS,
    STOPS,
    Answer,
    Case,
    Code,
    Command,
    Done,
    Heard,
    Noise,
    Prompt,
    Unclear,
    clean,
    hear,
    plain,
    read_code,
)

ARRIVE = Prompt("step", 1, 1, {"1": "there", "2": "issue", "3": "late", "4": "missed"})
ETA = Prompt("step", 1, 1, {"1": "sent", "2": "issue", "3": "missed"}, "", {"Sent": "sent"})
BUILD = Prompt("step", 1, 1, {"1": "built", "2": "issue", "3": "missed"})
SIGNATURE = Prompt("step", 1, 1, {"1": "signed", "2": "issue"})
CLEARED = Prompt("step", 1, 1, {"1": "gone", "2": "issue", "3": "still_there", "4": "missed"})
WAITING = Prompt("step", 1, 1, {"7": "here", "8": "coming", "9": "mistake"})
COMING = Prompt("step", 1, 1, {"5": "no_time", "4": "here"}, "time")
LATE = Prompt("step", 1, 1, {"0": "not_late"}, "time")
WHAT = Prompt("step", 1, 1, {"0": "mistake"}, "text")
DOOR = Prompt("step", 1, 1, {"9": "mistake"}, "photo", {"Opened by mistake": "mistake"})
LETTERS = ["A", "B", "C"]
LONG = "x" * 10_000


def word(word: str, digit: str = "", *, time: str = "", letter: str = "") -> Answer:
    return Answer(word, letter, time, "", digit)


def digit(value: str, *, time: str = "", letter: str = "") -> Answer:
    return Answer("", letter, time, "", value)


def text(words: str, *, letter: str = "") -> Answer:
    return Answer("", letter, "", words)


TYPED: list[tuple[Prompt | None, str, Heard]] = [
    # a digit, however it is decorated
    (ARRIVE, "1", word("there", "1")),
    (ARRIVE, " 1 ", word("there", "1")),
    (ARRIVE, "1.", word("there", "1")),
    (ARRIVE, "1)", word("there", "1")),
    (ARRIVE, "(1)", word("there", "1")),
    (ARRIVE, "#1", word("there", "1")),
    (ARRIVE, "*1*", word("there", "1")),
    (ARRIVE, "1!!", word("there", "1")),
    (ARRIVE, '"1"', word("there", "1")),
    (ARRIVE, "“1”", word("there", "1")),
    (ARRIVE, "1\n", word("there", "1")),
    (ARRIVE, "\u200b1\u200d", word("there", "1")),
    (ARRIVE, "1\u00a0", word("there", "1")),
    (ARRIVE, "1\ufe0f\u20e3", word("there", "1")),
    (ARRIVE, "１", word("there", "1")),  # full width
    (ARRIVE, "①", word("there", "1")),
    (ARRIVE, "¹", word("there", "1")),
    (ARRIVE, "١", word("there", "1")),  # Arabic
    (ARRIVE, "२", word("issue", "2")),  # Devanagari
    (ARRIVE, "3", word("late", "3")),
    (ARRIVE, "7", digit("7")),
    (None, "1", digit("1")),
    (ARRIVE, "11", Unclear("11")),
    (ARRIVE, "12", Unclear("12")),
    (ARRIVE, "1a", Unclear("1a")),
    # with its time
    (ARRIVE, "1 1015", word("there", "1", time="1015")),
    (ARRIVE, "1, 10:15", word("there", "1", time="10:15")),
    (ARRIVE, "1. 10.15", word("there", "1", time="10.15")),
    (ARRIVE, "1 at 10:15 am", word("there", "1", time="at 10:15 am")),
    (ARRIVE, "1-1015", word("there", "1", time="1015")),
    (ARRIVE, "1: 20 min ago", word("there", "1", time="20 min ago")),
    (ARRIVE, "1 thanks", word("there", "1", time="thanks")),
    (ARRIVE, "there 1015", word("there", time="1015")),
    (ARRIVE, "at the door 10:15", word("there", time="10:15")),
    (ARRIVE, "arrived 9:05am", word("there", time="9:05am")),
    # with the job's letter
    (ARRIVE, "B1", word("there", "1", letter="B")),
    (ARRIVE, "b1", word("there", "1", letter="B")),
    (ARRIVE, "B 1", word("there", "1", letter="B")),
    (ARRIVE, "b: 1", word("there", "1", letter="B")),
    (ARRIVE, "B.1", word("there", "1", letter="B")),
    (ARRIVE, "B-1", word("there", "1", letter="B")),
    (ARRIVE, "B) 1", word("there", "1", letter="B")),
    (ARRIVE, "B1 1015", word("there", "1", time="1015", letter="B")),
    (ETA, "b sent", word("sent", letter="B")),
    (ETA, "B Sent.", word("sent", letter="B")),
    (ARRIVE, "B", Answer(letter="B")),
    (ARRIVE, "b.", Answer(letter="B")),
    (ARRIVE, "D1", Unclear("D1")),
    (None, "B1", digit("1", letter="B")),
    # in words
    (ETA, "sent", word("sent")),
    (ETA, "SENT", word("sent")),
    (ETA, "Sent!", word("sent")),
    (ETA, "eta sent", word("sent")),
    (ETA, "sent it", word("sent")),
    (ETA, "sennt", word("sent")),
    (ETA, "not sent", word("missed")),
    (ETA, "forgot", word("missed")),
    (ETA, "skip", word("missed")),
    (ARRIVE, "there", word("there")),
    (ARRIVE, "here", word("there")),
    (ARRIVE, "Im here", word("there")),
    (ARRIVE, "I'm here", word("there")),
    (ARRIVE, "I’m here", word("there")),
    (ARRIVE, "arrived", word("there")),
    (ARRIVE, "arived", word("there")),
    (ARRIVE, "on site", word("there")),
    (ARRIVE, "missed", word("missed")),
    (ARRIVE, "misssed", word("missed")),
    (CLEARED, "gone", word("gone")),
    (CLEARED, "its gone", word("gone")),
    (CLEARED, "it's gone", word("gone")),
    (CLEARED, "not gone", word("still_there")),
    (CLEARED, "still there", word("still_there")),
    (CLEARED, "Still  there", word("still_there")),
    (CLEARED, "stil there", word("still_there")),
    (SIGNATURE, "signed", word("signed")),
    (SIGNATURE, "singed", word("signed")),
    (SIGNATURE, "unsigned", Unclear("unsigned")),
    (SIGNATURE, "not signed", Unclear("not signed")),
    (SIGNATURE, "isnt signed", Unclear("isnt signed")),
    (WAITING, "here", word("here")),
    (WAITING, "they are here", word("here")),
    (WAITING, "They come", word("coming")),
    (WAITING, "on the way", word("coming")),
    (WAITING, "mistake", word("mistake")),
    (WAITING, "7", word("here", "7")),
    (WAITING, "1", digit("1")),
    (DOOR, "opened by mistake", word("mistake")),
    # forward
    (ARRIVE, "ok", word("there", "1")),
    (ARRIVE, "OK.", word("there", "1")),
    (ARRIVE, "okay", word("there", "1")),
    (ARRIVE, "k", word("there", "1")),
    (ARRIVE, "done", word("there", "1")),
    (ARRIVE, "Done!", word("there", "1")),
    (ARRIVE, "yep", word("there", "1")),
    (ARRIVE, "yes", word("there", "1")),
    (ARRIVE, "b ok", word("there", "1", letter="B")),
    (WAITING, "ok", Unclear("ok")),
    # up to n
    (ARRIVE, "DONE 7", Done(7)),
    (ARRIVE, "done 7", Done(7)),
    (ARRIVE, "Done7.", Done(7)),
    (ARRIVE, "7 done", Done(7)),
    (ARRIVE, "done up to 11", Done(11)),
    (ARRIVE, "B done 7", Done(7, "B")),
    (ARRIVE, "bdone7", Done(7, "B")),
    (None, "DONE 3", Done(3)),
    (WHAT, "DONE 3", Done(3)),
    (ARRIVE, "DONE ٧", Done(7)),
    # words that work anywhere
    (ARRIVE, "TODAY", Command("TODAY")),
    (ARRIVE, "today", Command("TODAY")),
    (ARRIVE, "Today.", Command("TODAY")),
    (ARRIVE, "/today", Command("TODAY")),
    (ARRIVE, "/today@doorstep_bot", Command("TODAY")),
    (ARRIVE, "jobs", Command("TODAY")),
    (ARRIVE, "tody", Command("TODAY")),
    (ARRIVE, "WHERE", Command("WHERE")),
    (ARRIVE, "where?", Command("WHERE")),
    (ARRIVE, "wher", Command("WHERE")),
    (ARRIVE, "status", Command("WHERE")),
    (ARRIVE, "back", Command("BACK")),
    (ARRIVE, "undo", Command("BACK")),
    (ARRIVE, "b back", Command("BACK", "B")),
    (ARRIVE, "back b", Command("BACK", "B")),
    (ARRIVE, "back door is locked", Unclear("back door is locked")),
    (ARRIVE, "late", Command("LATE")),
    (ARRIVE, "LATE 1015", Command("LATE", "", "1015")),
    (ARRIVE, "late 20 min", Command("LATE", "", "20 min")),
    (ARRIVE, "b late 1015", Command("LATE", "B", "1015")),
    (ARRIVE, "late b 1015", Command("LATE", "B", "1015")),
    (ARRIVE, "issue", Command("ISSUE")),
    (ARRIVE, "problem", Command("ISSUE")),
    (ARRIVE, "Problem!", Command("ISSUE")),
    (ARRIVE, "out", Command("OUT")),
    (ARRIVE, "sick", Command("OUT")),
    (ARRIVE, "numbers", Command("NUMBERS")),
    (ARRIVE, "number", Command("NUMBERS")),
    (ARRIVE, "nubmers", Command("NUMBERS")),
    (ARRIVE, "card", Command("CARD")),
    (ARRIVE, "menu", Command("MENU")),
    (ARRIVE, "mneu", Command("MENU")),
    (ARRIVE, "manager", Command("MANAGER")),
    (ARRIVE, "MANAGER the van is dead", Command("MANAGER", "", "the van is dead")),
    (ARRIVE, "dm call me", Command("MANAGER", "", "call me")),
    (ARRIVE, "boss", Command("MANAGER")),
    (None, "menu", Command("MENU")),
    # a time where one is asked for
    (LATE, "1015", text("1015")),
    (LATE, "10:15", text("10:15")),
    (LATE, "20 min", text("20 min")),
    (LATE, "9", text("9")),
    (LATE, "5 pm", text("5 pm")),
    (LATE, "half past ten", text("half past ten")),
    (LATE, "0", word("not_late", "0")),
    (LATE, "not late", word("not_late")),
    (LATE, "b 1015", text("1015", letter="B")),
    (COMING, "4", word("here", "4")),
    (COMING, "4 30", text("4 30")),
    (COMING, "4 pm", text("4 pm")),
    (COMING, "5 min", text("5 min")),
    (COMING, "5", word("no_time", "5")),
    (COMING, "8:50", text("8:50")),
    (COMING, "where", Command("WHERE")),
    # free words where they are asked for
    (WHAT, "they refuse to sign", text("they refuse to sign")),
    (WHAT, "wrong address", text("wrong address")),
    (WHAT, "A lady refuses", text("A lady refuses")),
    (WHAT, "2 doors are locked", text("2 doors are locked")),
    (WHAT, "0 people home", text("0 people home")),
    (WHAT, "0", word("mistake", "0")),
    (WHAT, "back door is locked", text("back door is locked")),
    (WHAT, "back", Command("BACK")),
    (WHAT, "issue with the stairs", text("issue with the stairs")),
    (WHAT, "MANAGER help", Command("MANAGER", "", "help")),
    (WHAT, "они переехали", text("они переехали")),
    (WHAT, LONG, text(LONG[:1_600])),
    # nobody can tell
    (ARRIVE, "asdf qwer", Unclear("asdf qwer")),
    (ARRIVE, "👍", Unclear("👍")),
    (ARRIVE, "...", Unclear("...")),
    (ARRIVE, "?", Unclear("?")),
    (ARRIVE, "no", Unclear("no")),
    (ARRIVE, "да", Unclear("да")),
    (ARRIVE, "我到了", Unclear("我到了")),
    (ARRIVE, "أنا هنا", Unclear("أنا هنا")),
    (ARRIVE, "1015", Unclear("1015")),
    (ARRIVE, LONG, Unclear(LONG[:40])),
    (None, "sent", Unclear("sent")),
    (ARRIVE, "arrived?", Unclear("arrived?")),
    (SIGNATURE, "is it signed?", Unclear("is it signed?")),
    # in words, with what surrounds them
    (ARRIVE, "ok im here", word("there")),
    (ARRIVE, "hi I just arrived", word("there")),
    (ARRIVE, "arrived at 10:15", word("there", time="10:15")),
    (ARRIVE, "ive arrived since 1015", word("there", time="1015")),
    (ARRIVE, "ok done thanks", word("there", "1")),
    (ARRIVE, "one", word("there", "1")),
    (ARRIVE, "Three", word("late", "3")),
    (BUILD, "finished", word("built")),
    (BUILD, "all done", word("built")),
    (BUILD, "All done!!", word("built")),
    (ETA, "finished", Unclear("finished")),
    # slips of the thumb: only where nothing else is near
    (ETA, "snet", word("sent")),
    (ETA, "eta snet", word("sent")),
    (ETA, "bent", Unclear("bent")),
    (ARRIVE, "arrvied", word("there")),
    (ARRIVE, "tehre", word("there")),
    (ARRIVE, "lte", word("late")),
    (WAITING, "there", Unclear("there")),
    (WAITING, "hre", word("here")),
    (CLEARED, "stlil there", word("still_there")),
    (BUILD, "bulit", word("built")),
    # what is wrong, at any step
    (ARRIVE, "nobody here", Case(("no_show",))),
    (ARRIVE, "Nobody's home", Case(("no_show",))),
    (ARRIVE, "no one home", Case(("no_show",))),
    (ARRIVE, "NO SHOW.", Case(("no_show",))),
    (ARRIVE, "customer isn’t home", Case(("no_show",))),
    (ARRIVE, "b no show 1015", Case(("no_show",), "B", "1015")),
    (ARRIVE, "nobdy home", Case(("no_show",))),
    (None, "no show", Case(("no_show",))),
    (ARRIVE, "not here", Case(("no_show", "not_delivered"))),
    (BUILD, "missing parts", Case(("missing_parts", "damaged_during"))),
    (BUILD, "parts mising", Case(("missing_parts", "damaged_during"))),
    (BUILD, "damaged", Case(("damaged", "damaged_during"))),
    (BUILD, "demaged", Case(("damaged", "damaged_during"))),
    (BUILD, "app not working", Case(("app_issue",))),
    (BUILD, "the app is now working", Unclear("the app is now working")),
    (BUILD, "amazon app crashed", Case(("app_issue",))),
    (BUILD, "already built", Case(("built", "not_delivered"))),
    (BUILD, "wrong address", Case(("other",))),
    (WHAT, "nobody home", text("nobody home")),
    (WHAT, "damaged", text("damaged")),
    (WHAT, "I need help", text("I need help")),
    (LATE, "no show", Case(("no_show",))),
    (ARRIVE, "running late", Command("LATE")),
    (ARRIVE, "b: im late", Command("LATE", "B")),
    (ARRIVE, "help me", Command("ISSUE")),
    (ARRIVE, "whats next?", Command("WHERE")),
    # nothing that asks for an answer
    (ARRIVE, "", Noise()),
    (ARRIVE, "   \n", Noise()),
    (ARRIVE, "\u200b", Noise()),
    (ARRIVE, "Liked “1 At the door 2 Problem”", Noise()),
    (ARRIVE, "Removed a like from “1 At the door”", Noise()),
    (ARRIVE, "Reacted 👍 to “1 At the door”", Noise()),
    (ARRIVE, "👍 to “1 At the door 2 Problem”", Noise()),
    (ARRIVE, "I’m driving with Driving Focus turned on. I’ll see your message later.", Noise()),
    (ARRIVE, "Auto-reply: I am out until Monday", Noise()),
    (ARRIVE, 'Loved "B 3/11 You are there"', Noise()),
    (ARRIVE, "Laughed at “Where are you?”", Noise()),
    (ARRIVE, "Emphasized “Where are you?”", Noise()),
    (ARRIVE, "Emphasised “Where are you?”", Noise()),
    (ARRIVE, "Questioned “Where are you?”", Noise()),
    (ARRIVE, "Disliked “Where are you?”", Noise()),
    (ARRIVE, "Removed a like from “Where are you?”", Noise()),
    (ARRIVE, "Reacted 👍 to “Where are you?”", Noise()),
    (ARRIVE, "liked the stairs", Unclear("liked the stairs")),
]  # fmt: skip


def test_there_are_enough_of_them() -> None:
    assert len(TYPED) >= 150


@pytest.mark.parametrize(("prompt", "typed", "meant"), TYPED, ids=[t[1][:30] for t in TYPED])
def test_typed(prompt: Prompt | None, typed: str, meant: Heard) -> None:
    assert meant == hear(typed, prompt, LETTERS)


@pytest.mark.parametrize("word", sorted(RESERVED))
@pytest.mark.parametrize("spelt", [str.upper, str.lower, str.title, "{}.".format, " {} ".format])
def test_the_carriers_words_are_theirs_on_sms(word: str, spelt: Callable[[str], str]) -> None:
    assert isinstance(hear(spelt(word), ARRIVE, LETTERS, sms=True), Unclear)


@pytest.mark.parametrize("typed", ["/help", "help", "HELP!", "/help@doorstep_bot"])
def test_a_chats_usual_word_for_help_is_ours(typed: str) -> None:
    assert Command("MENU") == hear(typed, ARRIVE, LETTERS)


def test_a_carriers_word_among_others_is_ours() -> None:
    assert text("please stop by") == hear("please stop by", WHAT, LETTERS, sms=True)


def test_which_words_stop_and_which_undo_it() -> None:
    assert set() == (STOPS & STARTS) | (STOPS | STARTS) - RESERVED
    assert set() == RESERVED & set(COMMANDS)


def test_a_label_is_a_spelling() -> None:
    prompt = Prompt("step", 1, 1, {"6": "dead"}, "", {"Noch kaputt": "dead"})

    assert word("dead") == hear("noch kaputt", prompt, [])
    assert word("dead") == hear("Noch kapput", prompt, [])


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("1a", Code(1, "a")),
        ("1A", Code(1, "a")),
        ("1 a", Code(1, "a")),
        (" 12y. ", Code(12, "y")),
        ("1y K7QM", Code(1, "y", "K7QM")),
        ("1y k7qm", Code(1, "y", "K7QM")),
        ("“1a”", Code(1, "a")),
        ("1", None),
        ("a1", None),
        ("1a b", None),
        ("1y K7QMX", None),
        ("", None),
        ("12345a", None),
    ],
)
def test_a_managers_code(typed: str, code: Code | None) -> None:
    assert code == read_code(typed)


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("one board is cracked", ("damaged", "damaged_during")),
        ("i rang twice and nobody is home", ("no_show",)),
        ("hi the app is not working again", ("app_issue",)),
        ("the side panel was already broken in the box", ("damaged",)),
        ("the side panel was already broken", ("damaged", "damaged_during")),
        ("nothing is cracked", None),
        ("it is not damaged", None),
        ("ok i arrived at the door now", None),
        ("my phone is nearly dead", None),
        ("what a day", None),
    ],
)
def test_what_is_wrong_is_found_within_a_sentence(said: str, meaning: tuple[str, ...]) -> None:
    assert meaning == mentioned(said)


def test_no_spelling_is_a_carriers_word() -> None:
    spelt = {*CASES, *PHRASES, *(each for spellings in CHOICES.values() for each in spellings)}

    assert set() == {each.upper() for each in spelt} & RESERVED


def test_every_spelling_is_as_compared() -> None:
    spelt = {*CASES, *PHRASES, *(each for spellings in CHOICES.values() for each in spellings)}

    assert [] == sorted(each for each in spelt if each != plain(each))


def test_every_word_with_spellings_is_a_word_of_some_step() -> None:
    lines = build_engine().lines.values()
    words = {
        word for line in lines for step in line.steps.values() for word in step.choices.values()
    }
    calls = {call.word for line in lines for call in line.flow.calls}

    assert {"resume"} == CHOICES.keys() - words, "the menu's own"
    assert set() == {word for meaning in CASES.values() for word in meaning} - words - calls
    assert set() == {*INSTEAD, *INSTEAD.values()} - words - calls


ANYTHING = st.text(max_size=60) | st.sampled_from([t[1] for t in TYPED])
PROMPTS = st.sampled_from(
    [None, ARRIVE, ETA, SIGNATURE, CLEARED, WAITING, COMING, LATE, WHAT, DOOR]
)


@given(ANYTHING, PROMPTS, st.lists(st.sampled_from("ABCDEFGHIJ"), unique=True), st.booleans())
def test_hearing_never_fails_and_never_answers_what_was_not_asked(
    typed: str, prompt: Prompt | None, letters: list[str], sms: bool
) -> None:
    heard = hear(typed, prompt, letters, sms=sms)

    assert heard == hear(typed, prompt, letters, sms=sms)
    if isinstance(heard, Answer):
        assert heard.word in {"", *(prompt.choices.values() if prompt else ())}
        assert heard.letter in {"", *letters}
    read_code(typed)
    plain(typed)


@given(st.text())
def test_cleaning_twice_is_cleaning_once(typed: str) -> None:
    assert clean(typed) == clean(clean(typed))
