"""The guided newcomer: from the invitation's link to ready, with the practice job (M01)."""

from collections.abc import Mapping
from dataclasses import replace

from bot.rehearsal.guide_acts import COMING, Acts, Scene, Suggestion
from bot.rehearsal.samples import CODE
from bot.turns.onboarding import READY, SETUP, talk_of
from bot.turns.practice import KIND
from bot.turns.practice import talk_of as practice_of
from storage import onboardings, people
from storage.db import Row, Tx

TITLE = "A newcomer"
INVITED = "invited"
STATIONS = (
    ("Joins", (INVITED,)),
    ("The app", ("hello", "install", "paper")),
    ("Videos", ("videos",)),
    ("Card, forms", ("card", "pad")),
    ("Practice", ("practice",)),
    ("Approval", ("approval",)),
    ("Ready", (READY,)),
)
_SAYS = {
    "hello": "The code bound this phone, and using it was the consent. Now a few steps, once.",
    "install": "Amazon’s app first: its approval may take 48 hours, so the rest is done meanwhile.",
    "paper": "{name} has no smartphone: what stands for the app is told instead.",
    "videos": "The training videos, best before the first job.",
    "card": "The steps of a job on one card: {name} may send CARD now to see it.",
    "pad": "Paper for when the app is dead: FORM sends it, ready to print.",
    "practice": "Now a job to practise with: the real steps, a made-up order. Nobody is told.",
    "approval": "Doorstep asks after 48 hours, and a manager hears of a no. Here Amazon was quick.",
}


def read(tx: Tx, scene: Scene) -> Scene:
    """The scene with whoever is new, and where they stand; nobody where everybody has joined."""
    for who in people.of_role(tx, "technician"):
        rows = onboardings.of_person(tx, who["id"])
        row = next((each for each in rows if each["program"] == who["program"]), None)
        if row is not None and "trained" not in talk_of(row).marks:
            return replace(scene, technician=who, ready=row)
        if not people.addresses(tx, who["id"]):
            return replace(scene, technician=who)
    return scene


def state(scene: Scene) -> str:
    """Where the newcomer stands; empty where there is none."""
    if scene.ready is not None:
        return str(scene.ready["state"])
    return INVITED if scene.technician is not None else ""


class Newcomer(Acts):
    """The scenario of whoever has just been invited."""

    def suggest(self) -> Suggestion:
        """The one thing to do next."""
        row = self.scene.ready
        if self.scene.technician is None:
            return Suggestion("Nobody here is new: start afresh.")
        if row is None:
            return self._join()
        if row["state"] == READY:
            return Suggestion(
                f"{self._name} is ready, and the managers see it on the desk. Now play on freely."
            )
        if row["practice"]:
            return self._forward(row, KIND, self._practising(row), "PRACTICE")
        said = _SAYS[row["state"]].format(name=self._name)
        return self._forward(row, SETUP, said, "SETUP")

    def _join(self) -> Suggestion:
        device = self._device()
        if device is None:
            return Suggestion(f"{self._name} has no phone here.")
        if device.channel == "telegram":
            why = f"{self._name} was invited: the link opens the chat and brings the code."
            return Suggestion(why, "Open the link", "say", device.id, f"/start {CODE}")
        return self._say(f"JOIN {CODE}", f"{self._name} was invited and texts the code.")

    def _practising(self, row: Row) -> str:
        talk = practice_of(row)
        line = self.engine.lines[talk.flow]
        place = f"Practice, step {self.engine.step(talk).number} of {line.length}"
        return f"{place}: as on a real job, but nothing of it is kept and nobody is told."

    def _forward(self, row: Row, kind: str, why: str, again: str) -> Suggestion:
        """What leads on from the prompt that stands; `again` brings it back where it does not."""
        choices, device = self._standing(row, kind), self._device()
        if device is None:
            return Suggestion(why)
        if "1" not in choices:
            return COMING if self.scene.sending else self._say(again, why)
        data = f"{kind}:{row['program']}:{row['since']}:{choices['1']}"
        return self._press(data, why) or self._say("1", why)

    def _standing(self, row: Row, kind: str) -> Mapping[str, str]:
        """Digit → word of the prompt that stands, where it is about this, as it stands now."""
        asks = self.scene.asks
        stands = (asks.get("kind"), asks.get("program"), asks.get("since"))
        choices = asks.get("choices") if stands == (kind, row["program"], row["since"]) else None
        return choices if isinstance(choices, dict) else {}
