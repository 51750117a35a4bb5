"""The visitor's own page: the browsers in which they are signed in, and how to end that."""

from bot.desk import sessions
from bot.desk.asking import Ask, Page, Went


def me(ask: Ask) -> Page:
    """Whoever is signed in, and where else they are."""
    person = ask.visitor.person
    return Page(
        "me.html",
        {
            "here": "me", "person": person, "roles": person["roles"].split(";"),
            "sessions": sessions.open_sessions(ask.tx, person["id"], ask.now),
        },
    )  # fmt: skip


def sign_out(ask: Ask) -> Went:
    """This browser."""
    sessions.sign_out(ask.tx, ask.visitor, ask.visitor.session, ask.now)
    return Went("/desk/")


def sign_out_everywhere(ask: Ask) -> Went:
    """Every browser, and links that were not used yet."""
    sessions.sign_out_everywhere(ask.tx, ask.visitor.person, ask.visitor.name, ask.now)
    return Went("/desk/")


def end_session(ask: Ask) -> Went:
    """One of them."""
    sessions.sign_out(ask.tx, ask.visitor, ask.subject["id"], ask.now)
    return Went("/desk/me", "That browser is signed out.")
