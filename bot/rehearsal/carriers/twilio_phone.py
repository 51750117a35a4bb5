"""A simulated mobile phone that texts with the account's number."""

import io
from collections.abc import Sequence

from PIL import Image

from bot.rehearsal.carriers.twilio_inbound import Inbound
from bot.rehearsal.carriers.twilio_world import Account, Received, SmsMessage


class SmsPhone:
    """One handset; `number` and what it writes to are E.164."""

    def __init__(self, account: Account, inbound: Inbound, number: str, writes_to: str) -> None:
        self._account = account
        self._inbound = inbound
        self.number = number
        self.writes_to = writes_to

    @property
    def inbox(self) -> list[Received]:
        """Texts received, in order of arrival, the carrier's own replies too (`sid` None)."""
        return self._account.handset(self.number).inbox

    @property
    def opted_out(self) -> bool:
        """Whether this phone blocked our number."""
        return self._account.is_blocked(self.number, self.writes_to, None)

    def says(self, text: str) -> SmsMessage:
        """Send a text."""
        return self._inbound.take(self.number, self.writes_to, text, [])

    def sends_photo(
        self, pictures: bytes | Sequence[bytes], text: str = "", mime: str | None = None
    ) -> SmsMessage:
        """Send an MMS of one or more pictures; the types are looked at unless `mime` says one."""
        contents = [pictures] if isinstance(pictures, bytes) else list(pictures)
        media = [(content, mime or _mime(content)) for content in contents]
        return self._inbound.take(self.number, self.writes_to, text, media)

    def behaves(self, *steps: str | tuple[str, int]) -> None:
        """What happens to texts towards this phone, e.g. `"sent", ("undelivered", 30003)`.

        Without steps: delivered again.
        """
        self._account.handset(self.number).script = [
            (step, None) if isinstance(step, str) else step for step in steps
        ] or None


def _mime(content: bytes) -> str:
    try:
        with Image.open(io.BytesIO(content)) as image:
            return Image.MIME.get(image.format or "", "image/jpeg")
    except (OSError, Image.DecompressionBombError):
        return "application/octet-stream"
