"""The few questions that decide between two rows of one word: plain functions, each with a name."""

from flows.events import Happening, ToldTime
from flows.facts import Facts
from flows.shape import PREPARING, Condition, left_out
from flows.talk import Talk


def after_window(_talk: Talk, event: Happening, facts: Facts) -> bool:
    """It happened after the window's end (A13)."""
    return event.at > facts.window_end


def before_window(_talk: Talk, event: Happening, facts: Facts) -> bool:
    """It happened before the window's start (A13)."""
    return event.at < facts.window_start


def told_inside_window(_talk: Talk, event: Happening, facts: Facts) -> bool:
    """The told time lies inside the window (A03)."""
    return isinstance(event, ToldTime) and facts.window_start <= event.when <= facts.window_end


def app_can_wait(talk: Talk, _event: Happening, _facts: Facts) -> bool:
    """The app is not needed yet for the proof: the job stands before Complete Job (A30)."""
    return talk.frames[0][1] in ("eta", "arrive", "start", "ivr_in", "assemble")


def no_app(_talk: Talk, _event: Happening, facts: Facts) -> bool:
    """The technician has no smartphone: the paper form stands for the app's steps (A30)."""
    return facts.app == "none"


def without_app(talk: Talk, event: Happening, facts: Facts) -> bool:
    """No smartphone, or the app is dead for now: its steps are passed over (A30)."""
    return no_app(talk, event, facts) or "owes_form" in talk.marks


def day_begun(_talk: Talk, event: Happening, facts: Facts) -> bool:
    """We are told of it on the day of the visit, or after it."""
    return event.told_at >= facts.day_start


def _open(step: str) -> Condition:
    """This step of getting ready is not over; the app's are for who has a phone for it (A30)."""

    def still_open(talk: Talk, _event: Happening, facts: Facts) -> bool:
        return step not in left_out(facts.app) and step not in talk.marks

    return still_open


CONDITIONS: dict[str, Condition] = {
    "after_window": after_window,
    "before_window": before_window,
    "app_can_wait": app_can_wait,
    "day_begun": day_begun,
    "no_app": no_app,
    "without_app": without_app,
    "told_inside_window": told_inside_window,
    **{f"{step}_open": _open(step) for step in PREPARING},
}


def holds(given: str, talk: Talk, event: Happening, facts: Facts) -> bool:
    """Whether all that `given` names is true: conditions above, marks of the job; empty is true."""
    return all(_true(name, talk, event, facts) for name in given.split())


def _true(name: str, talk: Talk, event: Happening, facts: Facts) -> bool:
    condition = CONDITIONS.get(name)
    return condition(talk, event, facts) if condition else name in talk.marks
