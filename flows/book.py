"""The one list of everything that can run: programs and escalations."""

from flows.engine import Engine
from flows.onboarding import FLOW as ONBOARDING
from flows.programs.apollo import APOLLO
from flows.programs.mila import MILA
from flows.side.app_issue import APP_ISSUE
from flows.side.damage import DAMAGED, MISSING_PARTS
from flows.side.damaged_during import DAMAGED_DURING
from flows.side.late import LATE
from flows.side.more_work import MORE_WORK
from flows.side.no_show import NO_SHOW
from flows.side.not_delivered import NOT_DELIVERED
from flows.side.other import OTHER
from flows.side.pos import POS
from flows.side.proof import PROOF
from flows.side.reschedule import RESCHEDULE
from flows.side.support import SUPPORT

PROGRAMS = {program.name: program for program in (APOLLO, MILA)}
_SIDES = (
    NO_SHOW, LATE, APP_ISSUE, NOT_DELIVERED, DAMAGED, MISSING_PARTS, DAMAGED_DURING, MORE_WORK,
    OTHER, POS, SUPPORT, PROOF, RESCHEDULE,
)  # fmt: skip
SIDES = {flow.name: flow for flow in _SIDES}
APART = {ONBOARDING.name: ONBOARDING}
"""What is a person's and no visit's."""


def build_engine() -> Engine:
    """The engine over all of it; build it once, it keeps nothing of any job."""
    return Engine(PROGRAMS, SIDES, APART)
