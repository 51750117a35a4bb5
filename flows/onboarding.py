"""Getting ready for a program, as rows: what a technician does once, before the first job (M01).

It is a conversation of a person, not of a visit: its talk stands beside the jobs and never among
them. Each step that is over leaves its mark, and each way on leads to the first step that is still
open, whoever saw it done and in whatever order. Amazon's approval takes up to 48 hours: everything
else is done meanwhile, and its clock runs beneath.
"""

from flows.effects import Alert, Ask, Effect, Forget, Note, Practise, Say
from flows.facts import HOUR, Instant
from flows.shape import PREPARING, Flow, Mark, Move, Remind, Step
from flows.talk import Talk

ONBOARDING = "onboarding"
STEPS = PREPARING
"""Consent is none of them: using the invitation's code is it, kept with its wording and time."""
_WAITING = ("videos", "card", "pad", "practice", "approval")
"""Where Amazon's approval may still be awaited."""
_STUCK = (Alert("setup_stuck"), Say("onboarding.help", must=True))
_NOT_YET: tuple[Effect, ...] = (
    Note("not_yet"), Note("answered"), Alert("not_approved", 3),
    Say("onboarding.to_support", must=True),
)  # fmt: skip


def _on(
    word: str, at: str, does: tuple[Effect, ...] = (), *, done: tuple[str, ...] = ()
) -> tuple[Move, ...]:
    """From `at` to the first later step that is still open; from the last one, ready.

    `done` are steps that this very word does besides.
    """
    later = STEPS[STEPS.index(at) + 1 :] if at in STEPS else STEPS
    ready = Say("onboarding.ready", must=True)
    return (
        *(Move(word, at, to, does, given=f"{to}_open") for to in later if to not in done),
        Move(word, at, "ready", (*does, ready)),
    )


_TRAINED = (Note("trained"), Say("onboarding.counted", must=True))
_FORWARD = {
    "install": "registered", "paper": "understood", "videos": "seen", "card": "have_card",
    "pad": "have_forms", "approval": "approved",
}  # fmt: skip
_APPROVED: tuple[Effect, ...] = (Note("approval"), Note("answered"), Forget(("not_yet",)))

_STEPS = (
    Step("hello", choices={"1": "begin", "2": "not_now", "3": "trained"}),
    Step("install", choices={"1": "registered", "2": "stuck", "3": "approved"}, rules=("M01",)),
    Step("paper", choices={"1": "understood", "2": "stuck"}, rules=("A30", "A31", "M10")),
    Step("videos", choices={"1": "seen", "2": "stuck"}, rules=("A07",)),
    Step("card", choices={"1": "have_card", "2": "stuck"}, rules=("A09",)),
    Step("pad", choices={"1": "have_forms", "2": "stuck"}, rules=("A31", "M15")),
    Step("practice", choices={"1": "practise", "2": "stuck"}),
    Step("approval", choices={"1": "approved", "2": "stuck"}, rules=("M01",)),
    Step("ready", ends="ready"),
)

_MOVES = (
    *_on("begin", "hello"),
    Move("not_now", "hello", None, (Say("onboarding.not_now", must=True),)),
    *(move for step, word in _FORWARD.items() for move in _on(word, step)),
    *_on("approved", "install", _APPROVED, done=("approval",)),
    Move("practise", "practice", None, (Practise(),)),
    *(
        Move("approved", step, None, (*_APPROVED, Say("onboarding.approved"), Ask()))
        for step in _WAITING[:-1]
    ),
    *(Move("not_yet", step, None, _NOT_YET) for step in _WAITING),
    *(Move("stuck", step, None, _STUCK) for step in STEPS),
    *(move for step in STEPS for move in _on("passed", step)),
    *(Move("trained", step, "ready", _TRAINED) for step in ("hello", *STEPS)),
)

_YET = (Ask("onboarding.approval_over", (("1", "approved"), ("3", "not_yet"))),)
_REMINDS = (
    # Once for each silence, a day after it began; an open job, and the night, go before.
    Remind(
        "again", ("hello", *STEPS[:-1]), Mark(("onboarding.opened", "heard"), 24 * HOUR), (Ask(),),
        late="drop", unless="not_yet",
    ),
    Remind("approval_over", _WAITING, Mark(("install",), 48 * HOUR), _YET, unless="answered"),
    Remind("asked_again", _WAITING, Mark(("not_yet",), 24 * HOUR), _YET, unless="approval"),
    Remind(
        "not_approved", _WAITING, Mark(("install",), 72 * HOUR), (Alert("not_approved", 3),),
        unless="answered",
    ),
)  # fmt: skip

FLOW = Flow(
    name=ONBOARDING, steps=_STEPS, moves=_MOVES, reminds=_REMINDS, outside=("passed", "trained")
)


def opened(prepares: tuple[str, ...], now: Instant) -> Talk:
    """Somebody new to a program: at the greeting, with what it does not ask for over already."""
    left_out = (step for step in STEPS if step not in prepares)
    return Talk([(ONBOARDING, "hello")], {"onboarding.opened": now} | dict.fromkeys(left_out, now))
