"""What a guided scenario can suggest: a sentence and one act, as the phones stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.rehearsal.phones import Device, Phones
from bot.speech.naming import clock as wall_clock
from flows.engine import Engine
from flows.facts import Instant
from flows.talk import Talk
from storage.db import Row

OFF_PATH = "This is off the guided path: play on freely, or send BACK to return."


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to do next: `why` in a sentence, `label` of the button, and the act itself.

    `act` is say, press, photo, time or "" (nothing to do); `device` whose phone; `value` the text,
    the button's data, the picture's name, or the instant.
    """

    why: str
    label: str = ""
    act: str = ""
    device: str = ""
    value: str = ""
    message: int = 0


COMING = Suggestion("The message is on its way.")


@dataclass(frozen=True, slots=True)
class Scene:
    """What the database says about a scenario, read in one go."""

    scenario: str
    now: Instant
    technician: Row | None = None
    job: Row | None = None
    ready: Row | None = None
    """Where a newcomer stands in getting ready."""
    day: Sequence[Row] = ()
    sheet_sent: bool = False
    timers: Sequence[Row] = ()
    alerts: Sequence[Row] = ()
    asks: dict[str, object] = field(default_factory=dict)
    next_due: Instant | None = None
    sending: bool = False
    """Whether a message is still on its way to somebody."""


class Acts:
    """One scene's acts, for whoever guides through it."""

    def __init__(self, scene: Scene, phones: Phones, engine: Engine) -> None:
        self.scene, self.phones, self.engine = scene, phones, engine

    @property
    def _name(self) -> str:
        return str(self.scene.technician["name"]).partition(" ")[0] if self.scene.technician else ""

    def _device(self) -> Device | None:
        who = self.scene.technician
        if who is None:
            return None
        mine = [device for device in self.phones.devices if device.person == who["id"]]
        used = [
            device
            for device in mine
            if (device.channel, device.address) == (who["channel"], who["address"])
        ]
        return next(iter(used or mine), None)

    def _say(self, text: str, why: str) -> Suggestion:
        device = self._device()
        return (
            Suggestion(why, f"Send “{text}”", "say", device.id, text) if device else Suggestion(why)
        )

    def _photo(self, name: str, why: str) -> Suggestion:
        device = self._device()
        return (
            Suggestion(why, f"Send the {name} photo", "photo", device.id, name)
            if device
            else Suggestion(why)
        )

    def _time(self, to: Instant | None, why: str) -> Suggestion:
        job = self.scene.job
        if to is None or job is None:
            return Suggestion(why)
        return Suggestion(
            why, f"Let it be {wall_clock(to, job['timezone'], sms=False)}", "time", "", str(to)
        )

    def _word(self, word: str, why: str) -> Suggestion:
        """A word of the job's step: the button where the phone shows it, else its digit."""
        device, job = self._device(), self.scene.job
        if device is None or job is None:
            return Suggestion(why)
        if (pressed := self._press(f"{job['id']}:{job['since']}:{word}", why)) is not None:
            return pressed
        if device.channel == "telegram" and self.scene.sending:
            return COMING
        digit = next((digit for digit, each in self._choices().items() if each == word), None)
        if digit is None:
            digit = next(
                (
                    d
                    for d, each in self.engine.choices(Talk.from_json(job["talk"])).items()
                    if each == word
                ),
                None,
            )
            digit = f"{job['letter']}{digit}" if digit else None
        return self._say(digit, why) if digit else self._say("WHERE", why)

    def _press(self, data: str, why: str) -> Suggestion | None:
        """The newest button with this data; None where the phone shows none."""
        device = self._device()
        message = self.phones.newest_button(device, data) if device is not None else None
        if device is None or message is None:
            return None
        shown = next(m for m in self.phones.messages(device) if m.message_id == message)
        label = next(b.text for row in shown.buttons for b in row if b.data == data)
        return Suggestion(why, f"Press “{label}”", "press", device.id, data, message)

    def _shown(self, word: str) -> bool:
        device, job = self._device(), self.scene.job
        if device is None or job is None:
            return False
        return self.phones.newest_button(device, f"{job['id']}:{job['since']}:{word}") is not None

    def _choices(self) -> dict[str, str]:
        """Digit → word of the prompt that stands, where it is this job's."""
        job, asks = self.scene.job, self.scene.asks
        if job is None or asks.get("job") != job["id"] or asks.get("since") != job["since"]:
            return {}
        choices = asks.get("choices")
        return dict(choices) if isinstance(choices, dict) else {}
