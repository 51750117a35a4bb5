"""The wallet card: the eleven steps, and what to do if; two sides on one Letter sheet."""

from collections.abc import Sequence

from bot.context import Context
from bot.papers.paper import Paper
from flows.facts import Instant

SIDE, HIGH = 85.0, 54.0
"""A side's width and height in millimetres; the two lie side by side and are folded between."""
LEFT, TOP = 23.0, 30.0
INSET = 4.0
MARK, GAP = 6.0, 1.5
"""Length of a cut mark, and how far it stays off the card."""


def print_card(context: Context, program: str, now: Instant, language: str = "en") -> bytes:
    """The card of this program as a PDF, with its contacts as the operator has them."""
    contacts = context.contacts(program)
    words = {
        key: context.wording.sentence(f"paper.card{key}", language, program).fill(contacts)
        for key in ("", ".rule", ".issues", ".contact")
    }
    paper = Paper(words[""][0], now)
    paper.add_page()
    _marks(paper)
    paper.line_of(
        LEFT, TOP - 14, 2 * SIDE, context.wording.sentence("card.caption", language, program).sms, 9
    )
    _steps(paper, LEFT, contacts["company"], words[""], words[".rule"][0])
    _issues(paper, LEFT + SIDE, words[".issues"], words[".contact"], contacts["office_email"])
    return paper.made()


def _marks(paper: Paper) -> None:
    """Where to cut, outside the corners, and where to fold."""
    right, bottom = LEFT + 2 * SIDE, TOP + HIGH
    for x in (LEFT, right):
        paper.stroke(x, TOP - GAP - MARK, x, TOP - GAP, line=0.15)
        paper.stroke(x, bottom + GAP, x, bottom + GAP + MARK, line=0.15)
    for y in (TOP, bottom):
        paper.stroke(LEFT - GAP - MARK, y, LEFT - GAP, y, line=0.15)
        paper.stroke(right + GAP, y, right + GAP + MARK, y, line=0.15)
    paper.set_dash_pattern(dash=1.2, gap=1.2)
    for start, end in ((TOP - GAP - MARK, TOP - GAP), (bottom + GAP, bottom + GAP + MARK)):
        paper.stroke(LEFT + SIDE, start, LEFT + SIDE, end, line=0.15)
    paper.set_dash_pattern()


def _head(paper: Paper, x: float, title: str, right: str) -> None:
    paper.line_of(x + INSET, TOP + 3.4, SIDE - 2 * INSET - 26, title, 9, bold=True)
    paper.line_of(x + SIDE - INSET - 26, TOP + 3.8, 26, right, 6.5, side="R")
    paper.stroke(x + INSET, TOP + 7.2, x + SIDE - INSET, TOP + 7.2, line=0.35)


def _steps(paper: Paper, x: float, company: str, words: Sequence[str], rule: str) -> None:
    """The front: the steps by number."""
    title, lines = words
    _head(paper, x, title, company)
    steps = lines.strip().splitlines()
    for place, step in enumerate(steps):
        y = TOP + 9.1 + place * 3.55
        paper.line_of(x + INSET, y, 5, str(place + 1), 8, bold=True, side="R")
        paper.line_of(x + INSET + 7, y, SIDE - 2 * INSET - 7, step, 8)
    paper.line_of(x + INSET, TOP + HIGH - 4.2, SIDE - 2 * INSET, rule, 6.8, bold=True)


def _issues(
    paper: Paper, x: float, words: Sequence[str], contact: Sequence[str], email: str
) -> None:
    """The back: what happened, what to do, whom to reach."""
    title, lines = words
    _head(paper, x, title, "")
    for place, line in enumerate(lines.strip().splitlines()):
        case, _, todo = line.partition("|")
        y = TOP + 9.3 + place * 4.0
        paper.line_of(x + INSET, y, 20, case, 8, bold=True)
        paper.line_of(x + INSET + 21, y, SIDE - 2 * INSET - 21, todo, 8)
    mail, phone = contact
    y = TOP + HIGH - 15.2
    paper.stroke(x + INSET, y, x + SIDE - INSET, y, line=0.35)
    paper.line_of(x + INSET, y + 2, SIDE - 2 * INSET, mail, 7)
    paper.line_of(x + INSET, y + 5.2, SIDE - 2 * INSET, email, 9, bold=True)
    paper.line_of(x + INSET, y + 9.4, SIDE - 2 * INSET, phone, 9, bold=True)
