"""The search over what technicians ask: full-text in memory, ranked by SQLite's own BM25.

Nothing is stored: the library is made from data at the start. Words are stemmed (Porter); one that
the library does not know is taken for its nearest neighbour, so that typing errors still find.
"""

import difflib
import re
import sqlite3
import threading
from collections.abc import Iterable, Sequence

_COMMON = frozenset({
    "a", "am", "an", "and", "any", "are", "arent", "as", "at", "be", "been", "by", "can", "cant",
    "couldnt", "did", "didnt", "do", "does", "doesnt", "dont", "dosnt", "for", "from", "get",
    "go", "going", "gonna", "got", "had", "has", "have", "he", "hello", "her", "here", "hi",
    "him", "his", "how", "i", "if", "im", "in", "is", "isnt", "it", "ive", "just", "many", "may",
    "me", "much", "my", "need", "no", "not", "now", "of", "on", "one", "or", "out", "please",
    "pls", "s", "she", "should", "so", "some", "still", "t", "that", "thats", "the", "their",
    "them", "there", "theres", "they", "this", "to", "up", "want", "wants", "was", "we", "what",
    "whats", "when", "where", "which", "who", "whos", "why", "will", "with", "wont", "would",
    "you", "your",
})  # fmt: skip
"""Words that say little: they rank, but find nothing by themselves."""
_MOST = 24
_ALIKE = 0.8
_LONG = 4
"""Shorter words are too alike to be guessed."""
ENOUGH = 0.45
"""The share of a question's weight that must be found again in a phrasing."""


class Library:
    """Phrasings by topic, ready to be searched by any thread."""

    def __init__(
        self, entries: Iterable[tuple[str, str]], alike: Iterable[Sequence[str]] = ()
    ) -> None:
        """`entries` are (topic, phrasing); `alike` are words of one meaning, the first stands."""
        self._lock = threading.Lock()
        self._known: list[str] = []
        self._same = {word: group[0] for group in alike for word in group}
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.execute(
            "CREATE VIRTUAL TABLE asked USING fts5(topic UNINDEXED, words, tokenize = 'porter')"
        )
        rows = [(topic, " ".join(self._words(text))) for topic, text in entries]
        self._db.executemany("INSERT INTO asked VALUES (?, ?)", rows)
        self._known = sorted({word for _, text in rows for word in text.split()} | {*self._same})

    def find(self, text: str) -> list[tuple[str, float]]:
        """Topics that may be meant, best first, each with its share of the question (0 to 1)."""
        asked = list(dict.fromkeys(self._words(text)))[:_MOST]
        telling = [word for word in asked if word not in _COMMON]
        with self._lock:
            return self._ranked(telling, asked)

    def _ranked(self, telling: list[str], asked: list[str]) -> list[tuple[str, float]]:
        if not telling:
            return []
        weights = {word: self._weight(word) for word in telling}
        found = self._db.execute(
            "SELECT rowid, topic, bm25(asked) AS rank FROM asked WHERE asked MATCH ?"
            " ORDER BY rank LIMIT 20",
            (" OR ".join(f'"{word}"' for word in dict.fromkeys([*telling, *asked])),),
        ).fetchall()
        best: dict[str, tuple[float, float]] = {}
        for row, topic, rank in found:
            share = sum(weights[word] for word in telling if self._has(row, word))
            share /= sum(weights.values()) or 1.0
            best[topic] = max(best.get(topic, (0.0, 0.0)), (share, -rank))
        ranked = sorted(best.items(), key=lambda each: each[1], reverse=True)
        return [(topic, share) for topic, (share, _) in ranked if share >= ENOUGH]

    def _has(self, row: int, word: str) -> bool:
        query = "SELECT 1 FROM asked WHERE asked MATCH ? AND rowid = ?"
        return self._db.execute(query, (f'"{word}"', row)).fetchone() is not None

    def _weight(self, word: str) -> float:
        """A word in few phrasings says more; one in none counts as well, against the find."""
        query = "SELECT count(DISTINCT topic) FROM asked WHERE asked MATCH ?"
        seen = int(self._db.execute(query, (f'"{word}"',)).fetchone()[0])
        return 1.0 / (1 + seen / 4) if seen else 1.0

    def _spelled(self, word: str) -> str:
        known = self._known
        if known and word not in known and word not in _COMMON and len(word) >= _LONG:
            word = next(iter(difflib.get_close_matches(word, known, 1, _ALIKE)), word)
        return self._same.get(word, word)

    def _words(self, text: str) -> list[str]:
        found = re.findall(r"[a-z0-9]+", text.casefold().replace("'", ""))
        return [self._spelled(word) for word in found]
