"""The one list of everything that can run: programs and escalations."""

from flows.engine import Engine
from flows.programs.apollo import APOLLO
from flows.side.app_issue import APP_ISSUE
from flows.side.late import LATE
from flows.side.no_show import NO_SHOW
from flows.side.other import OTHER

PROGRAMS = {program.name: program for program in (APOLLO,)}
SIDES = {flow.name: flow for flow in (NO_SHOW, LATE, APP_ISSUE, OTHER)}


def build_engine() -> Engine:
    """The engine over all of it; build it once, it keeps nothing of any job."""
    return Engine(PROGRAMS, SIDES)
