"""The simulated phones of everybody whom Doorstep knows, and what their screens show."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.clock import Clock
from bot.rehearsal.carriers.botapi import BotApi
from bot.rehearsal.carriers.mailbox import Mailbox
from bot.rehearsal.carriers.telegram_phone import Phone
from bot.rehearsal.carriers.telegram_world import Message
from bot.rehearsal.carriers.twilio import TwilioApi
from bot.rehearsal.carriers.twilio_phone import SmsPhone
from bot.rehearsal.samples import TELEGRAM_IDS
from storage import people
from storage.db import Row, Tx

MOST_PHONES = 24
"""So many people have phones here: more would make the page slow."""


class _Carriers(Protocol):
    telegram: BotApi | None
    twilio: TwilioApi | None
    mailbox: Mailbox | None


Cast = list[tuple[Row, list[Row]]]
"""People, each with their addresses."""


@dataclass(frozen=True, slots=True)
class Device:
    """One person's chat on one channel; `address` is a phone number or a Telegram user id."""

    id: str
    person: int
    name: str
    roles: str
    channel: str
    address: str
    bound: bool
    zone: str = ""
    """The time zone that its clock shows."""

    @property
    def first_name(self) -> str:
        """What the page calls them."""
        return self.name.partition(" ")[0]

    @property
    def works(self) -> bool:
        """Whether this is a technician's phone."""
        return "technician" in self.roles.split(";")


@dataclass(slots=True)
class Text:
    """One SMS or MMS on a phone's screen; `carrier`: the phone company's own words."""

    key: str
    mine: bool
    text: str
    at: datetime
    segments: int
    pictures: tuple[bytes, ...] = ()
    carrier: bool = False


@dataclass(slots=True)
class Toast:
    """What the bot answered a button press with; `number` tells one from the next."""

    number: int
    text: str
    alert: bool


@dataclass(slots=True)
class _Screen:
    texts: list[Text] = field(default_factory=list)
    version: int = 0
    toast: Toast | None = None


class Phones:
    """All phones; `changed` is called whenever a screen changes."""

    def __init__(self, carriers: _Carriers, clock: Clock, changed: Callable[[], None]) -> None:
        self.devices: list[Device] = []
        self._carriers = carriers
        self._clock = clock
        self._changed = changed
        self._screens: dict[tuple[str, str], _Screen] = {}
        self._toasts = 0

    # -- who has a phone ------------------------------------------------------------------------

    @staticmethod
    def read(tx: Tx) -> Cast:
        """Everybody with their addresses, technicians first."""
        everybody = sorted(people.everybody(tx), key=_rank)[:MOST_PHONES]
        return [(person, people.addresses(tx, person["id"])) for person in everybody]

    def cast(self, everybody: Cast) -> None:
        """A phone for everybody; also those who have yet to join have one."""
        self.devices = [
            device
            for person, addresses in everybody
            for device in self._devices_of(person, addresses)
        ]

    def _devices_of(self, person: Row, addresses: list[Row]) -> list[Device]:
        devices = []
        for channel in ("telegram", "sms"):
            simulated = self._carriers.telegram if channel == "telegram" else self._carriers.twilio
            if simulated is None:
                continue
            bound = [row["address"] for row in addresses if row["channel"] == channel]
            spare = (
                [str(TELEGRAM_IDS + person["id"])] if channel == "telegram" else [person["phone"]]
            )
            for place, address in enumerate(bound or ([] if addresses else spare)):
                if not address or (channel == "telegram" and not address.isdecimal()):
                    continue
                number = f"{channel[0]}{person['id']}" + (f"-{place}" if place else "")
                device = Device(
                    number,
                    person["id"],
                    person["name"],
                    person["roles"],
                    channel,
                    address,
                    bool(bound),
                    person["timezone"],
                )
                if channel == "telegram":
                    self._account(device, person)
                devices.append(device)
        return devices

    def _account(self, device: Device, person: Row) -> None:
        api = self._carriers.telegram
        if api is None:
            return
        known = api.world.people.get(int(device.address))
        if known is None:
            first, _, last = device.name.partition(" ")
            api.user(
                first,
                last_name=last or None,
                user_id=int(device.address),
                language_code=person["language"] or "en",
            )
            known = api.world.people[int(device.address)]
        known.started = known.started or device.bound

    def device(self, number: str) -> Device | None:
        """The device with this id."""
        return next((device for device in self.devices if device.id == number), None)

    # -- what the carriers tell -----------------------------------------------------------------

    def listen_to_telegram(self, api: BotApi) -> None:
        """Follow this server's events."""
        api.listeners.append(self._telegram_event)

    def listen_to_twilio(self, api: TwilioApi) -> None:
        """Follow this server's events."""
        api.listeners.append(self._twilio_event)

    def _screen(self, channel: str, address: str) -> _Screen:
        return self._screens.setdefault((channel, address), _Screen())

    def _telegram_event(self, chat: str, event: dict[str, Any]) -> None:
        screen = self._screen("telegram", chat)
        screen.version += 1
        if event["type"] == "answer" and event["text"]:
            self._toasts += 1
            screen.toast = Toast(self._toasts, event["text"], bool(event["alert"]))
        self._changed()

    def _twilio_event(self, number: str, event: dict[str, Any]) -> None:
        api = self._carriers.twilio
        screen = self._screen("sms", number)
        if api is None or event["type"] not in ("sent", "message"):
            return
        screen.version += 1
        key = f"{number}-{screen.version}"
        if event["type"] == "sent":
            sent = api.account.messages[event["sid"]]
            pictures = tuple(media.content for media in sent.media)
            screen.texts.append(Text(key, True, sent.body, sent.created, sent.segments, pictures))
        else:
            got = api.account.handset(number).inbox[-1]
            screen.texts.append(
                Text(key, False, got.text, got.at, got.segments, got.media, carrier=got.sid is None)
            )
        self._changed()

    # -- what a screen shows --------------------------------------------------------------------

    def version(self, device: Device) -> int:
        """Rises with every change of this screen."""
        return self._screen(device.channel, device.address).version

    def toast(self, device: Device) -> Toast | None:
        """The last answer to a press."""
        return self._screen(device.channel, device.address).toast

    def texts(self, device: Device) -> list[Text]:
        """An SMS phone's texts, oldest first."""
        return self._screen("sms", device.address).texts

    def messages(self, device: Device) -> list[Message]:
        """A Telegram chat as it stands now, oldest first."""
        return self.telegram(device).messages

    def commands(self, device: Device) -> list[tuple[str, str]]:
        """The menu of commands that this chat shows: (command, description)."""
        api = self._carriers.telegram
        if api is None or device.channel != "telegram":
            return []
        known = api.settings.commands
        scopes = (
            f'{{"chat_id": {device.address}, "type": "chat"}}',
            '{"type": "all_private_chats"}',
            '{"type": "default"}',
        )
        language = api.world.people[int(device.address)].language_code or ""
        for scope in scopes:
            for spoken in (language, ""):
                found = known.get((scope, spoken))
                if found:
                    return [(each["command"], each["description"]) for each in found]
        return []

    # -- what a thumb does ----------------------------------------------------------------------

    def telegram(self, device: Device) -> Phone:
        """The Telegram account behind a device; LookupError without one."""
        api = self._carriers.telegram
        if api is None or device.channel != "telegram":
            raise LookupError("this phone has no Telegram")
        return api.phone(int(device.address))

    def sms(self, device: Device) -> SmsPhone:
        """The handset behind a device; LookupError without one."""
        api = self._carriers.twilio
        if api is None or device.channel != "sms":
            raise LookupError("this phone has no SMS")
        return api.phone(device.address)

    def say(self, device: Device, text: str) -> None:
        """Send a text."""
        if device.channel == "telegram":
            self.telegram(device).says(text)
        else:
            self.sms(device).says(text)

    def send_photo(self, device: Device, picture: bytes, caption: str = "") -> None:
        """Send a picture (JPEG): as a Telegram photo, or as an MMS."""
        if device.channel == "telegram":
            self.telegram(device).sends_photo(picture, caption or None)
        else:
            self.sms(device).sends_photo(picture, caption)

    def press(self, device: Device, data: str, message: int) -> None:
        """Press an inline button as it is on that message; LookupError where there is none."""
        phone = self.telegram(device)
        shown = next((each for each in phone.messages if each.message_id == message), None)
        if shown is None or not any(data == button.data for row in shown.buttons for button in row):
            raise LookupError("that button is gone")
        phone.presses_data(data, shown)

    def newest_button(self, device: Device, data: str) -> int | None:
        """The newest message that shows a button with this data."""
        if device.channel != "telegram":
            return None
        for message in reversed(self.messages(device)):
            if any(button.data == data for row in message.buttons for button in row):
                return message.message_id
        return None

    def clear(self) -> None:
        """Empty every screen."""
        for screen in self._screens.values():
            screen.texts.clear()
            screen.toast = None
            screen.version += 1
        if self._carriers.telegram is not None:
            for person in self._carriers.telegram.world.people.values():
                person.messages.clear()
                person.inbox.clear()
                person.presses.clear()
                person.keyboard = []
        if self._carriers.twilio is not None:
            for handset in self._carriers.twilio.account.handsets.values():
                handset.inbox.clear()
            self._carriers.twilio.account.blocked.clear()


def _rank(person: Row) -> tuple[int, int]:
    roles = person["roles"].split(";")
    order = ("technician", "manager", "operator", "office")
    return min((order.index(role) for role in roles if role in order), default=9), person["id"]
