"""What was done before what: whether a time told for a step can be its time.

A visit runs in order (A09), and Mars is told its times (A22): a sign-out before the sign-in is a
slip, or somebody who knows better. Which of the two is asked once; here only stands what it lies
before.
"""

from flows.facts import MINUTE, Instant
from flows.shape import Flow
from flows.talk import Talk

ROUNDED = 5 * MINUTE
"""People say full five minutes: so much earlier is no other order."""
CATCHING_UP = 15 * MINUTE
"""What was only pressed so shortly ago tells when it was told, not when it was done."""


def done_later(
    line: Flow, branch: Flow, talk: Talk, at: Instant, now: Instant
) -> tuple[str, Instant] | None:
    """The last thing done before the step whose time is told, if `at` lies before it: its state as
    everybody outside names it, and when it was done."""
    here = talk.untold[0] if talk.untold else talk.frames[0][1]
    number = line.step(here).number or 0
    before = [step for step in line.steps if (step.number or number) < number]
    names = {step.name: step.timed for step in before if step.name not in talk.untold}
    if len(talk.frames) > 1:
        names |= {f"{branch.name}.{step.name}": False for step in branch.steps}
    told_last = talk.marks.get("heard", now)
    done = [
        (moment, name)
        for name, timed in names.items()
        if (moment := talk.marks.get(name)) is not None
        and (now - moment > CATCHING_UP or (timed and moment != told_last))
    ]
    together = {moment for moment, _ in done if sum(moment == each for each, _ in done) > 1}
    known = [(moment, name) for moment, name in done if moment not in together or names[name]]
    if not known or at >= max(known)[0] - ROUNDED:
        return None
    moment, name = max(known)
    return name, moment
