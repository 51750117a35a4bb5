"""The search over what technicians ask: full-text in memory, words stemmed by SQLite (Porter).

Nothing is stored: the library is made from data at the start. A word that it does not know is taken
for its nearest neighbour, so that slips of the thumb still find. A topic counts by that phrasing of
its own which is most alike (cosine of weighted words) and by what all of them say together. Where
two topics fit alike, none is found: a wrong answer is worse than none.
"""

import difflib
import math
import re
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_MOST = 24
_ALIKE = 0.8
_LONG = 4
"""Shorter words are too alike to be guessed."""
ENOUGH = 0.5
"""How alike the best topic must be, 0 to 1."""
MARGIN = 0.06
"""By how much it must be ahead of the next, unless it is nearly the same."""
_THE_SAME = 0.9
_LITTLE = 0.15
"""What a common word weighs, as a part of the rarest that tells something."""
_NEAREST = 0.4
"""How much the most alike phrasing counts, beside all phrasings of its topic."""


@dataclass(frozen=True, slots=True)
class Speech:
    """How people of a language put things: words of one meaning, and words that say little."""

    alike: Sequence[Sequence[str]] = ()
    common: Sequence[str] = ()


class Library:
    """Phrasings by topic, ready to be searched by any thread."""

    def __init__(self, entries: Iterable[tuple[str, str]], speech: Speech | None = None) -> None:
        """`entries` are (topic, phrasing); of words of one meaning the first stands for all."""
        speech = speech or Speech()
        self._lock = threading.Lock()
        self._known: list[str] = []
        self._same = {word: group[0] for group in speech.alike for word in group}
        self._common = frozenset(speech.common)
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.execute("CREATE VIRTUAL TABLE asked USING fts5(words, tokenize = 'porter')")
        self._db.execute("CREATE VIRTUAL TABLE stems USING fts5vocab(asked, instance)")
        rows = [(topic, " ".join(self._words(text))) for topic, text in entries]
        self._db.executemany("INSERT INTO asked (words) VALUES (?)", [(text,) for _, text in rows])
        self._topic_of = {place: topic for place, (topic, _) in enumerate(rows, start=1)}
        self._rarest = math.log(1 + len(set(self._topic_of.values())))
        self._known = sorted({word for _, text in rows for word in text.split()} | {*self._same})
        self._places: dict[str, frozenset[int]] = {}
        self._lengths = self._measure()

    def find(self, text: str) -> list[tuple[str, float]]:
        """Topics that may be meant, best first, each with how alike it is (0 to 1)."""
        # Cut before they are spelled: 570 words took the one writer 2.7 s.
        words = list(dict.fromkeys(_typed(text)))[:_MOST]
        asked = list(dict.fromkeys(self._spelled(word) for word in words))
        if not any(word not in self._common for word in asked):
            return []
        with self._lock:
            ranked = self._ranked({word: self._where(word) for word in asked})
        if len(ranked) > 1 and ranked[0][1] < _THE_SAME and ranked[0][1] - ranked[1][1] < MARGIN:
            return []
        return [(topic, share) for topic, share in ranked if share >= ENOUGH]

    def _ranked(self, found: Mapping[str, frozenset[int]]) -> list[tuple[str, float]]:
        weights = {word: self._weight(word, places) for word, places in found.items()}
        whole, length = sum(weights.values()), math.hypot(*weights.values())
        alike: dict[int, float] = {}
        shared: dict[str, float] = {}
        for word, places in found.items():
            for place in places:
                alike[place] = alike.get(place, 0.0) + weights[word] ** 2
            for topic in {self._topic_of[place] for place in places}:
                shared[topic] = shared.get(topic, 0.0) + weights[word]
        nearest: dict[str, float] = {}
        for place, product in alike.items():
            topic = self._topic_of[place]
            share = product / (length * self._lengths[place])
            nearest[topic] = max(nearest.get(topic, 0.0), share)
        shares = {
            topic: _NEAREST * nearest[topic] + (1 - _NEAREST) * share / whole
            for topic, share in shared.items()
        }
        return sorted(shares.items(), key=lambda each: each[1], reverse=True)

    def _weight(self, word: str, places: frozenset[int]) -> float:
        """A word of few topics says more than one of many; one that stands nowhere, against all."""
        if word in self._common:
            return _LITTLE * self._rarest if places else 0.0
        topics = len({self._topic_of[place] for place in places})
        if not topics:
            return self._rarest
        return self._rarest - math.log(topics) * self._rarest / (self._rarest + 1)

    def _measure(self) -> dict[int, float]:
        """How long each phrasing is, as a vector of its words' weights."""
        sums: dict[int, float] = dict.fromkeys(self._topic_of, 0.0)
        where: dict[str, set[int]] = {}
        for stem, place in self._db.execute("SELECT DISTINCT term, doc FROM stems"):
            where.setdefault(stem, set()).add(place)
        for stem, places in where.items():
            weight = self._weight(stem, frozenset(places))
            for place in places:
                sums[place] += weight**2
        return {place: math.sqrt(total) or 1.0 for place, total in sums.items()}

    def _where(self, word: str) -> frozenset[int]:
        """The phrasings that have the word, in any of its forms."""
        if word in self._places:
            return self._places[word]
        rows = self._db.execute("SELECT rowid FROM asked WHERE asked MATCH ?", (f'"{word}"',))
        places = frozenset(place for (place,) in rows)
        if places:  # words that stand nowhere are without number
            self._places[word] = places
        return places

    def _spelled(self, word: str) -> str:
        known = self._known
        if known and word not in known and word not in self._common and len(word) >= _LONG:
            word = next(iter(difflib.get_close_matches(word, known, 1, _ALIKE)), word)
        return self._same.get(word, word)

    def _words(self, text: str) -> list[str]:
        return [self._spelled(word) for word in _typed(text)]


def _typed(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.casefold().replace("'", "").replace("’", ""))
