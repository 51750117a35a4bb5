"""How people say what is wrong, and which slip of the thumb of a choice or a case a text is.

Nothing is ever guessed between two meanings: a slip counts only where a single meaning is near, and
what may be two cases ("not here": the customer, or the product) keeps both, for whoever hears it to
ask. The carriers' own words are never among these.
"""

from collections.abc import Iterable, Mapping
from itertools import product

from flows.vocabulary import CHOICES, WHO

Meaning = tuple[str, ...]
"""The words of a program that something may mean."""

_NO_ONE = (
    "nobody", "nobody is", "nobodys", "no one", "no one is", "noone", "noone is", "no body",
    "customer not", "customer is not", "customer isnt", "customers not", "they are not",
    "theyre not", "they arent",
)  # fmt: skip
_ANSWERS = (
    "answers", "answers the door", "answering", "answering the door", "opens", "opens the door",
    "answered", "answered the door", "came to the door", "comes to the door", "opening",
    "opening the door", "is answering", "is answering the door", "is opening the door",
)  # fmt: skip
_PARTS = ("part", "parts", "piece", "pieces", "hardware", "screws", "a part", "some parts")
_FAILS = (
    "not working", "is not working", "isnt working", "doesnt work", "does not work", "dead",
    "is dead", "down", "is down", "crashed", "crashes", "keeps crashing", "frozen", "froze",
    "wont open", "wont load", "not loading", "issue", "problem", "error", "broken", "fails",
    "failed",
)  # fmt: skip

_OPENS = ("open", "open the door", "answer the door", "come to the door")
_WONT = ("wont", "doesnt", "dont", "does not", "do not", "will not", "didnt", "did not")
_WANTS = ("want", "wants", "wanted", "would like")
_BROKEN = (
    "cracked", "bent", "torn", "chipped", "dented", "scratched", "smashed", "ripped", "warped",
)  # fmt: skip
_WRONG = ("item", "items", "product", "model", "color", "colour", "size", "box", "furniture")

_CASES: tuple[tuple[Meaning, tuple[str, ...]], ...] = (
    (
        ("there",),
        (
            "arrived", "im here", "i am here", "at the door", "on site", "onsite", "just arrived",
            "at the customer",
        ),
    ),
    (
        ("no_show",),
        (
            "no show", "noshow", "a no show", "customer no show", "no customer", "not home",
            "nobody there", "not at home",
            *map(" ".join, product(_NO_ONE, ("here", "home", "at home", "in", "there", "around"))),
            *map(" ".join, product(
                ("nobody", "no one", "noone", "customer not", "customer is not", "customer isnt"),
                _ANSWERS,
            )),
            *map(" ".join, product(WHO, _WONT, _OPENS)),
        ),
    ),
    (("no_show", "not_delivered"), ("not here", "its not here", "isnt here", "is not here")),
    (
        ("not_delivered",),
        (
            "not delivered", "nothing delivered", "nothing was delivered", "nothing here",
            "product not here", "product not delivered", "item not here", "item not delivered",
            "items not here", "no product", "no delivery", "partly delivered", "part delivered",
            "partially delivered", "not all here", "not all delivered", "boxes missing",
            "box missing", "missing box", "missing boxes", "already assembled",
            "customer built it", "they built it already", "customer already built it",
        ),
    ),
    (("built", "not_delivered"), ("already built",)),
    (
        ("missing_parts", "damaged_during"),
        (
            *map(" ".join, product(_PARTS, ("missing", "is missing", "are missing"))),
            *map(" ".join, product(("missing",), _PARTS)),
        ),
    ),
    (
        ("damaged",),
        (
            *map(" ".join, product(
                (*_BROKEN, "broken", "damaged"),
                ("in the box", "in box", "on arrival", "when it came", "from the factory"),
            )),
        ),
    ),
    (
        ("damaged", "damaged_during"),
        (
            *map(" ".join, product(("is", "are", "was", "were", "arrived"), _BROKEN)),
            "has a crack", "has cracks", "glass broke", "broke off", "broken off",
            "damaged", "damage", "its damaged", "product damaged", "item damaged", "defective",
            "broken", "its broken", "cracked", "scratched", "dented", "smashed", "arrived damaged",
        ),
    ),
    (
        ("damaged_during",),
        ("broke", "it broke", "i broke it", "broke while building", "broke during assembly"),
    ),
    (
        ("app_issue",),
        (
            *map(" ".join, product(("app", "amazon app", "the app", "phone", "my phone"), _FAILS)),
            "phone died", "no signal", "no service", "no internet", "no reception", "cant log in",
            "cant login", "cant open app", "cant open the app", "app", "no battery",
        ),
    ),
    (
        ("app_issue", "not_there"),
        ("order not in app", "job not in app", "cant find order", "cant find job"),
    ),
    (
        ("more_work",),
        (
            "more work", "extra work", "wants more", "they want more", "customer wants more",
            "more to build", "additional work", "extra item", "extra items",
            *map(" ".join, product(_WANTS, ("more", "a second", "one more", "extra"))),
        ),
    ),
    (
        ("other", "wants_else"),
        (
            *map(" ".join, product(_WANTS, ("something else", "another one", "a different one"))),
            "something different", "a different thing", "other work wanted",
        ),
    ),
    (
        ("cannot",),
        tuple(map(" ".join, product(
            ("cant", "cannot", "can not", "i cant"), ("do it", "do this", "be done"),
        ))),
    ),
    (
        ("other",),
        (
            *map(" ".join, product(("changed",), ("their", "her", "his", "the"), ("mind",))),
            *map(" ".join, product(("dont", "doesnt", "does not", "do not"), ("want it", "fit"))),
            *map(" ".join, product(("cant", "cannot", "can not"), (
                "build it", "assemble it", "be built", "get in",
            ))),
            *(f"wrong {each}" for each in _WRONG), "changed mind", "too big", "too small",
            "too weak", "something else", "wrong address", "customer refuses", "they refuse",
            "customer refused", "refused entry", "customer moved", "customer cancelled",
            "customer canceled", "customer called it off", "wont sign", "customer wont sign",
            "refuses to sign",
        ),
    ),
)  # fmt: skip
CASES: Mapping[str, Meaning] = {
    spelling: meaning for meaning, spellings in _CASES for spelling in spellings
}
"""What is wrong, said at any step → the word that opens its branch, or the words that it may be."""

INSTEAD: Mapping[str, str] = {
    "no_show": "cannot", "not_delivered": "cannot", "missing_parts": "cannot", "damaged": "cannot",
    "damaged_during": "cannot", "other": "cannot", "more_work": "wants_else",
    "app_issue": "app_dead",
}  # fmt: skip
"""A case → the word for it where a program knows fewer of them."""

_OTHERWISE = ("there", "built")
"""What people tell with the same words that is no trouble."""
_ALONE = 6
"""So long a single word says what is wrong in any sentence; "dead" or "down" may say anything."""


def mentioned(said: str) -> Meaning | None:
    """What is wrong by the longest spelling within a sentence (in lower case, without signs);
    None where it is denied or nothing is."""
    padded = f" {said} "
    found = [
        (len(spelling), meaning)
        for spelling, meaning in CASES.items()
        if f" {spelling} " in padded
        and (" " in spelling or len(spelling) >= _ALONE)
        and _denials(said) == _denials(spelling)
        and not set(meaning) & set(_OTHERWISE)
    ]
    return max(found)[1] if found else None


PHRASES: Mapping[str, str] = {
    "running late": "LATE", "im late": "LATE", "i am late": "LATE", "im running late": "LATE",
    "going to be late": "LATE", "gonna be late": "LATE", "will be late": "LATE",
    "late again": "LATE", "im late again": "LATE", "i am late again": "LATE", "still late": "LATE",
    "running late again": "LATE", "im gonna be late": "LATE", "i will be late": "LATE",
    "im sick": "OUT", "i am sick": "OUT", "calling in sick": "OUT",
    "need help": "ISSUE", "help me": "ISSUE", "i need help": "ISSUE", "what now": "WHERE",
    "now what": "WHERE", "what do i do": "WHERE", "what do i do now": "WHERE",
    "what should i do": "WHERE", "what next": "WHERE",
    "can i leave": "WHERE", "can i leave now": "WHERE", "can i go": "WHERE",
    "can i go now": "WHERE",
    "may i leave": "WHERE", "when can i leave": "WHERE", "when can i go": "WHERE",
    "how long": "WHERE", "how much longer": "WHERE", "how long do i wait": "WHERE",
    "where am i": "WHERE", "whats next": "WHERE", "what is next": "WHERE", "my jobs": "TODAY",
    "new job": "NEW", "a new job": "NEW", "i have a new job": "NEW", "i got a new job": "NEW",
    "go back": "BACK", "one back": "BACK", "my pay": "PAY",
}  # fmt: skip
"""Whole texts → the word that works at any step."""

FORWARD = frozenset({
    "OK", "OKAY", "K", "DONE", "YEP", "YEAH", "YES", "NEXT", "READY", "IM DONE", "I AM DONE",
    "DID IT", "DONE IT",
})  # fmt: skip
DIGITS = {
    "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip

_BEFORE = frozenset({
    "ok", "okay", "yes", "yep", "yeah", "i", "ive", "im", "am", "have", "we", "weve", "just", "now",
    "hi", "hey", "hello", "so", "and", "its", "it", "is", "was", "has", "the",
})  # fmt: skip
_AFTER = frozenset({
    "now", "thanks", "thank", "you", "thx", "ty", "pls", "please", "sir", "already", "again", "yet",
    "it", "ok", "too", "bro", "man", "boss",
})  # fmt: skip
_THANKS = frozenset({"thanks", "thank", "thx", "ty", "tks", "cheers"})
_POLITE = _BEFORE | _AFTER | _THANKS | {"so", "much", "a", "lot", "very", "great", "good", "cool"}
_KNOWN = frozenset(spelling for spellings in CHOICES.values() for spelling in spellings)
_DENIALS = frozenset({
    "no", "not", "never", "none", "isnt", "arent", "didnt", "wasnt", "cant", "couldnt", "wont",
    "doesnt", "dont", "nothing", "neither",
})  # fmt: skip
_SHORTEST, _LONGEST = 3, 40


def bare(said: str) -> str:
    """`said` (in lower case, without signs) without the words that only surround what it says."""
    words = said.split()
    while len(words) > 1 and words[0] in _BEFORE:
        words.pop(0)
    while len(words) > 1 and words[-1] in _AFTER:
        words.pop()
    return " ".join(words)


def is_thanks(said: str) -> bool:
    """Whether `said` is nothing but politeness: "ok thanks"."""
    words = set(said.split())
    return bool(words) and words <= _POLITE


def says_thanks(said: str) -> bool:
    """Whether it is, and thanks are in it: a lone "ok" may mean the step."""
    return is_thanks(said) and not _THANKS.isdisjoint(said.split())


def slip(said: str, spellings: Mapping[str, Meaning]) -> Meaning | None:
    """The only meaning that `said` is a slip of the thumb away from; None for none or several.

    One slip (a letter too many, too few, wrong, or two exchanged), two in nine letters and more.
    The first letter has to be right, and what is a word of its own here is none.
    """
    if not _SHORTEST <= len(said) <= _LONGEST or said in _KNOWN or said in CASES:
        return None
    near = {meaning for spelling, meaning in spellings.items() if _is_near(said, spelling)}
    return near.pop() if len(near) == 1 else None


def near_word(said: str, words: Iterable[str]) -> str:
    """The only one of `words` that `said` is a slip away from; "" for none or several."""
    found = slip(said, {word: (word,) for word in words})
    return found[0] if found else ""


def _is_near(said: str, spelling: str) -> bool:
    if len(spelling) <= _SHORTEST or said[0] != spelling[0]:
        return False
    if len(said) == _SHORTEST and len(spelling) == _SHORTEST:
        return False
    most = 2 if min(len(said), len(spelling)) > 8 else 1
    if abs(len(said) - len(spelling)) > most or _denials(said) != _denials(spelling):
        return False  # "app is now working" is no slip of "app is not working"
    return _slips(said, spelling) <= most


def denies(said: str) -> bool:
    """Whether these words say that something is not so."""
    return bool(_denials(said))


def _denials(said: str) -> list[str]:
    return [word for word in said.split() if word in _DENIALS]


def _slips(one: str, other: str) -> int:
    """Letters added, left out, changed, or exchanged with their neighbour (restricted Damerau)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
