"""The mark before a customer's name by which an Amazon order is known (A01)."""

import re
import unicodedata

MARK = "Must Use the Amazon App"

_MARK = re.compile(r"must[\W_]*use[\W_]*(?:the[\W_]*)?amazon[\W_]*app(?:lication)?", re.IGNORECASE)
# What people put between the mark and the name; a dot may belong to "Jr."
_EDGES = " -–—:;,*/|_~#!=+<>«»\"'“”‘’.()[]{}"


def without_mark(customer: str) -> str | None:
    """The customer's name without the mark, or None where the mark is not there.

    The mark counts in any case, with any punctuation and spacing, before or in the name.
    """
    plain = unicodedata.normalize("NFKC", customer)
    bare, marks = _MARK.subn("\x00", plain)
    if not marks:
        return None
    parts = (part.lstrip(_EDGES).rstrip(_EDGES.replace(".", "")) for part in bare.split("\x00"))
    return " ".join(" ".join(part for part in parts if part).split())


def nearly_marked(customer: str) -> bool:
    """Whether an unmarked name speaks of Amazon: somebody may have mistyped the mark."""
    return re.search(r"amazon|amzn|must[\W_]*use", customer, re.IGNORECASE) is not None
