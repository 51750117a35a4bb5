"""What every turn needs and none changes: rules, words, contacts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.hours import office_now
from bot.settings import Settings
from bot.speech.wording import Wording
from flows.book import PROGRAMS, build_engine
from flows.engine import Engine
from flows.shape import Program

NOT_BEGUN = frozenset({"ahead", "setting_out", "on_the_way", "late", "anytime"})
"""Before the door a visit can be given away or put to another time; after it, it is ended (A44)."""


@dataclass(frozen=True, slots=True)
class Context:
    """Built once by the wiring and handed to every turn."""

    engine: Engine
    programs: Mapping[str, Program]
    wording: Wording
    clock: Clock
    override: Callable[[str, str], str]
    """(program, contact) → the operator's own value, "" for the built-in one."""
    mail_on: bool = False
    """Whether mail can leave at all."""
    takes_photos: Callable[[str, str], bool] = lambda program, number: True
    """(program, number) → whether a photo can come from this number by text (MMS)."""

    def phase(self, job: Mapping[str, Any]) -> str:
        """What the state of a job (a row of jobs) means for the day (`Step.phase`)."""
        return self.engine.phase(job["program"], job["state"])

    def is_before(self, job: Mapping[str, Any]) -> bool:
        """Whether the job is still at what its program does before a visit."""
        return (job["under"] or job["state"]) in self.programs[job["program"]].before

    def not_begun(self, job: Mapping[str, Any]) -> bool:
        """Whether nobody is at the door yet, be it that the technician is late or that the job is
        still at what comes before a visit."""
        return self.is_before(job) or self.phase(job) in NOT_BEGUN

    def whose_words(self, programs: Iterable[str]) -> str:
        """The program in whose words jobs of these are spoken of: the only one, else one that
        suspends over a single job (A24), else none."""
        several = list(dict.fromkeys(programs))
        harsh = (name for name in several if self.programs[name].suspends)
        return several[0] if len(several) == 1 else next(harsh, "")

    def may_plan(self, job: Mapping[str, Any]) -> bool:
        """Whether the technician may still say when they will be there."""
        return self.programs[job["program"]].plans and self.phase(job) in ("ahead", "setting_out")

    def contacts(self, program: str) -> dict[str, str]:
        """A program's phones, addresses and links, the operator's before the built-in ones."""
        built_in = self.programs[program].contacts
        own = {name: self.override(program, name) or value for name, value in built_in.items()}
        if hours := own.get("office_hours"):
            zone = ZoneInfo(self.programs[program].zone)
            own |= office_now(hours, self.clock.datetime(), zone)
        return {**own, "program": program}


def build_context(settings: Settings, clock: Clock) -> Context:
    """Rules, words and contacts, as the settings have them."""
    return Context(
        engine=build_engine(),
        programs=PROGRAMS,
        wording=Wording.shipped(),
        clock=clock,
        override=settings.contact,
        mail_on=bool(settings.smtp_url.get_secret_value()),
        takes_photos=settings.takes_photos,
    )
