"""Papers as somebody else reads them: pypdf opens what fpdf2 wrote."""

import io
from dataclasses import dataclass
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ContentStream

from bot.clock import Clock
from bot.context import Context
from bot.speech.wording import Wording
from flows.book import PROGRAMS, build_engine
from flows.talk import Talk
from tests.bot.samples import JOB, MARKS, NOW, TECHNICIAN

MILLIMETRE = 72 / 25.4
LETTER = (612, 792)


@dataclass(frozen=True)
class Word:
    """A piece of text where it stands: millimetres from the left and from the top."""

    text: str
    x: float
    y: float


class Read:
    """A PDF as pypdf understands it."""

    def __init__(self, data: bytes) -> None:
        self.pdf = PdfReader(io.BytesIO(data), strict=True)

    @property
    def pages(self) -> list[str]:
        """The text of each page, in single spaces."""
        return [" ".join(page.extract_text().split()) for page in self.pdf.pages]

    @property
    def text(self) -> str:
        """All of the text."""
        return " ".join(self.pages)

    @property
    def sizes(self) -> set[tuple[int, int]]:
        """The pages' sizes in points."""
        return {(round(p.mediabox.width), round(p.mediabox.height)) for p in self.pdf.pages}

    def words(self, page: int = 0) -> list[Word]:
        """What is written on a page, and where."""
        found: list[Word] = []
        height = float(self.pdf.pages[page].mediabox.height)

        def see(text: str, cm: Any, tm: Any, _font: Any, _size: Any) -> None:
            if text.strip():
                at = (float(tm[4]) * cm[0] + cm[4], float(tm[5]) * cm[3] + cm[5])
                found.append(Word(text.strip(), at[0] / MILLIMETRE, (height - at[1]) / MILLIMETRE))

        self.pdf.pages[page].extract_text(visitor_text=see)
        return found

    def where(self, text: str, page: int = 0) -> Word:
        """The first piece that holds this text."""
        return next(word for word in self.words(page) if text in word.text)

    def colours(self) -> set[tuple[float, ...]]:
        """Every colour that is set anywhere, as its numbers."""
        operators = {b"rg", b"RG", b"g", b"G", b"k", b"K"}
        return {
            tuple(float(each) for each in operands)
            for page in self.pdf.pages
            for operands, operator in ContentStream(page.get_contents(), self.pdf).operations
            if operator in operators
        }


def context(at: int = NOW) -> Context:
    """Rules and words, strict, with a clock that stands."""
    clock = Clock(at)
    clock.pace(0)
    return Context(build_engine(), PROGRAMS, Wording.shipped(strict=True), clock, lambda _p, _c: "")


def job(**changes: Any) -> dict[str, Any]:
    """The longest job, at the signature, with its times."""
    return JOB | {"talk": Talk([("apollo", "signature")], dict(MARKS)).to_json()} | changes


TINA = TECHNICIAN | {"id": 1, "language": "en", "program": "apollo"}
