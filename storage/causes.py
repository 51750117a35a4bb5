"""What set the present work going, as one name from an update to the messages that answer it.

`telegram/915` is an update as its provider counts it, `timer/77` a reminder, `photo/12` a picture
that no update names, `desk/3/…` a form of the desk; "" is nobody outside. It stands in every log
line meanwhile and in the outbox rows that the work writes, so that the sender, in whichever process
and hour, goes on with it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_CAUSE: ContextVar[str] = ContextVar("cause", default="")
cause = _CAUSE.get
"""The cause of what is done now."""


@contextmanager
def caused_by(name: str) -> Iterator[None]:
    """Whatever is written or logged in here has this cause."""
    before = _CAUSE.set(name)
    try:
        yield
    finally:
        _CAUSE.reset(before)
