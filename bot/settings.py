"""Every setting, read once from the environment and `.env`; a wrong one stops the start with one
sentence, a misspelt one is pointed at."""

import difflib
import os
import re
from email.utils import getaddresses
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    create_model,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.clock import Clock
from bot.env_file import WrongSettings, refuse_unreadable
from bot.hours import read_hours
from flows.book import PROGRAMS
from storage.db import Store

TELEGRAM = "https://api.telegram.org"
TWILIO = "https://api.twilio.com"


_OVERRIDABLE = ("email", "phone", "hours")
"""The kinds of a program's contacts that an operator may name (`APOLLO_OFFICE_EMAIL`)."""
_SENDERS = tuple(f"twilio_from_{program}" for program in PROGRAMS)
_CONTACTS = tuple(
    f"{program.name}_{name}"
    for program in PROGRAMS.values()
    for name in program.contacts
    if name.rpartition("_")[2] in _OVERRIDABLE
)
_HOURS = tuple(name for name in _CONTACTS if name.endswith("_hours"))
_EMAILS = tuple(name for name in _CONTACTS if name.endswith("_email"))
_PHONES = tuple(name for name in _CONTACTS if name.endswith("_phone"))
_TOKEN = re.compile(r"\d+:[\w-]+", re.ASCII)
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")
_CHOICES = {
    "telegram_mode": ("polling", "webhook"),
    "twilio_mode": ("", "polling", "webhook"),
    "sms_photos": ("mms", "link"),
    "log_format": ("text", "json"),
}
if TYPE_CHECKING:
    _OfPrograms = BaseSettings
else:
    _OfPrograms = create_model(
        "_OfPrograms", __base__=BaseSettings, **dict.fromkeys((*_SENDERS, *_CONTACTS), (str, ""))
    )


def is_loopback(url: str) -> bool:
    """Whether this address is on this machine only."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class Settings(_OfPrograms):
    """The settings of contract section 4, by their names in lower case; frozen.

    Each program brings a sender and its contacts: `twilio_from_apollo`, `apollo_office_email`.
    """

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8-sig", extra="ignore", frozen=True
    )

    telegram_bot_token: SecretStr = SecretStr("")
    telegram_api_url: str = TELEGRAM
    telegram_mode: str = "polling"
    telegram_webhook_secret: SecretStr = SecretStr("")
    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_from: str = ""
    twilio_api_url: str = TWILIO
    twilio_mode: str = ""
    public_url: str = ""
    http_host: str = "127.0.0.1"
    http_port: int = Field(8080, ge=0, le=65535)
    database_url: SecretStr = SecretStr("sqlite:///data/doorstep.db")
    photo_store: str = "file:data/photos"
    s3_endpoint_url: str = ""
    smtp_url: SecretStr = SecretStr("")
    mail_from: str = ""
    timezone: str = "America/New_York"
    sms_photos: str = "mms"
    sms_per_second: float = Field(0, ge=0, le=1000)
    twilio_delete_media: bool = False
    twilio_lookup: bool = False
    sms_daily_limit: int = Field(2000, ge=1)
    heartbeat_url: str = ""
    log_format: str = "text"
    retention_photos_days: int = Field(400, ge=0)
    retention_messages_days: int = Field(180, ge=0)
    retention_positions_days: int = Field(30, ge=0)
    retention_ledger_days: int = Field(2555, ge=0)
    clock: str = ""

    @model_validator(mode="before")
    @classmethod
    def _empty_is_unset(cls, values: dict[str, Any]) -> dict[str, Any]:
        """`TIMEZONE=` is how people leave a setting out."""
        return {name: value for name, value in values.items() if value != ""}

    @field_validator("telegram_api_url", "twilio_api_url", "public_url", "s3_endpoint_url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator(*_CHOICES)
    @classmethod
    def _one_of(cls, value: str, info: ValidationInfo) -> str:
        choices = _CHOICES[info.field_name or ""]
        if value not in choices:
            raise ValueError(f"must be {' or '.join(filter(None, choices))}")
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("is no time zone; it is written like America/New_York") from None
        return value

    @field_validator("public_url")
    @classmethod
    def _https(cls, value: str) -> str:
        if value and not (
            value.startswith("https://") or (value.startswith("http://") and is_loopback(value))
        ):
            raise ValueError("must begin with https:// (http:// only on this machine)")
        return value

    @field_validator("clock")
    @classmethod
    def _clock(cls, value: str) -> str:
        try:
            Clock.from_setting(value)
        except ValueError as error:
            raise ValueError(f"cannot be read: {error}") from None
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: SecretStr) -> SecretStr:
        Store(value.get_secret_value())
        return value

    @field_validator("twilio_from", *_SENDERS, check_fields=False)
    @classmethod
    def _sender(cls, value: str) -> str:
        if value and not re.fullmatch(r"\+[1-9]\d{6,14}|\d{5,6}|MG[0-9a-fA-F]{32}", value):
            raise ValueError(
                "must be a number like +12125550100, a short code or a messaging service (MG…)"
            )
        return value

    @field_validator(*_HOURS, check_fields=False)
    @classmethod
    def _hours(cls, value: str) -> str:
        if value:
            try:
                read_hours(value)
            except ValueError:
                raise ValueError("must be written like Mon-Fri 08:00-17:00") from None
        return value

    @field_validator(*_EMAILS, check_fields=False)
    @classmethod
    def _email(cls, value: str) -> str:
        if value and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
            raise ValueError("is no e-mail address")
        return value

    @field_validator(*_PHONES, check_fields=False)
    @classmethod
    def _phone(cls, value: str) -> str:
        digits = sum(each.isdecimal() for each in value)
        if value and not (re.fullmatch(r"\+?[\d\s().,/x-]+", value) and 7 <= digits <= 20):
            raise ValueError("is no phone number; write it like 855-836-3483 or +44 20 3808 4619")
        return value

    @field_validator("mail_from")
    @classmethod
    def _mail_from(cls, value: str) -> str:
        found = getaddresses([value])
        if value and not (len(found) == 1 and _ADDRESS.fullmatch(found[0][1])):
            raise ValueError(
                "is no e-mail address; write it like bot@example.org or Doorstep <bot@example.org>"
            )
        return value

    @field_validator("telegram_api_url", "twilio_api_url", "s3_endpoint_url", "heartbeat_url")
    @classmethod
    def _fetched(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError("must begin with https:// or http://")
        return value

    @field_validator("photo_store")
    @classmethod
    def _photos(cls, value: str) -> str:
        if not value.startswith(("file:", "s3://")):
            raise ValueError("must begin with file: or s3://")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _smtp(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        if not url:
            return value
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("must look like smtp://user:password@host:587 or smtps://…")
        if "tls=none" in parts.query and not is_loopback(url):
            raise ValueError("may go without TLS only to this machine")
        return value

    @model_validator(mode="after")
    def _together(self) -> "Settings":
        wrong = self._misshapen()
        if self.telegram_mode == "webhook" and self.telegram_on:
            if not self.public_url:
                wrong.append("TELEGRAM_MODE=webhook needs PUBLIC_URL")
            if not re.fullmatch(
                r"[A-Za-z0-9_-]{1,256}", self.telegram_webhook_secret.get_secret_value()
            ):
                wrong.append(
                    "TELEGRAM_MODE=webhook needs TELEGRAM_WEBHOOK_SECRET (letters, digits, _ and -)"
                )
        if self.twilio_account_sid and not self.twilio_auth_token.get_secret_value():
            wrong.append("TWILIO_ACCOUNT_SID needs TWILIO_AUTH_TOKEN")
        if self.twilio_on and not self.senders:
            wrong.append("TWILIO_FROM is missing: the number or messaging service that sends")
        if self.twilio_mode == "webhook" and self.twilio_on and not self.public_url:
            wrong.append("TWILIO_MODE=webhook needs PUBLIC_URL")
        if self.smtp_url.get_secret_value() and not self.mail_from:
            wrong.append("SMTP_URL needs MAIL_FROM")
        if self.clock:
            providers = {
                "TELEGRAM_API_URL": self.telegram_api_url if self.telegram_on else "",
                "TWILIO_API_URL": self.twilio_api_url if self.twilio_on else "",
                "SMTP_URL": self.smtp_url.get_secret_value(),
                "S3_ENDPOINT_URL": (self.s3_endpoint_url or "https://s3")
                if self.photo_store.startswith("s3:")
                else "",
            }
            wrong += [
                f"CLOCK is only for rehearsal: {name} is not on this machine"
                for name, url in providers.items()
                if url and not is_loopback(url)
            ]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def _misshapen(self) -> list[str]:
        """What the two providers give out has a shape; other servers may have tokens of any."""
        wrong = []
        token = self.telegram_bot_token.get_secret_value()
        if token and self.telegram_api_url == TELEGRAM and not _TOKEN.fullmatch(token):
            wrong.append("TELEGRAM_BOT_TOKEN must look like 123456789:AAE…, as @BotFather gave it")
        account = self.twilio_account_sid
        if account and self.twilio_api_url == TWILIO and not account.startswith("AC"):
            wrong.append("TWILIO_ACCOUNT_SID must begin with AC, not with SK")
        return wrong

    @property
    def telegram_on(self) -> bool:
        """Whether the Telegram channel is configured."""
        return bool(self.telegram_bot_token.get_secret_value())

    @property
    def twilio_on(self) -> bool:
        """Whether the SMS channel is configured."""
        return bool(self.twilio_account_sid)

    @property
    def twilio_polls(self) -> bool:
        """Whether inbound texts come from the Messages list instead of webhooks."""
        return self.twilio_mode == "polling" or not self.public_url

    @property
    def senders(self) -> tuple[str, ...]:
        """Every number or messaging service that texts, each once; TWILIO_FROM first."""
        named = (str(getattr(self, name, "")) for name in ("twilio_from", *_SENDERS))
        return tuple(dict.fromkeys(filter(None, named)))

    def takes_photos(self, program: str, number: str) -> bool:
        """Whether a photo can come from this number by text: MMS is for the US and Canada only."""
        sender = self.sender(program)
        abroad = not number.startswith("+1") or (sender.startswith("+") and sender[1] != "1")
        return self.sms_photos == "mms" and not abroad

    def contact(self, program: str, name: str) -> str:
        """The operator's own value for a program's contact, "" for the built-in one."""
        return str(getattr(self, f"{program}_{name}", ""))

    def sender(self, program: str) -> str:
        """The number or messaging service that texts for this program."""
        own = str(getattr(self, f"twilio_from_{program}", ""))
        return own or next(iter(self.senders), "")


def load_settings(**overrides: Any) -> Settings:
    """The settings of the current directory's `.env` and the environment; WrongSettings."""
    refuse_unreadable(Path(".env"))
    try:
        return Settings(**overrides)
    except ValidationError as error:
        wrong = _wrong(error)
        # What does not go together is only looked at where each can be read: look without these.
        usual = {name: Settings.model_fields[name].get_default() for name in wrong if name}
        if usual:
            try:
                Settings(**{**overrides, **usual})
            except ValidationError as further:
                names = [name.upper() for name in usual]
                together = _wrong(further).get("", [])
                wrong[""] = [s for s in together if not any(name in s for name in names)]
        sentences = [sentence for each in wrong.values() for sentence in each]
        raise WrongSettings("\n".join(sentences)) from None


_KINDS = {
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
}


def _wrong(error: ValidationError) -> dict[str, list[str]]:
    """One sentence for each wrong setting, by its name; "" for what does not go together."""
    found: dict[str, list[str]] = {}
    for fault in error.errors(include_input=False, include_url=False):
        name = "_".join(str(part) for part in fault["loc"])
        kind = _KINDS.get(fault["type"], "").format(**fault.get("ctx", {}))
        said = kind or fault["msg"].removeprefix("Value error, ")
        parts = [f"{name.upper()} {said}."] if name else [f"{each}." for each in said.split("; ")]
        found.setdefault(name, []).extend(parts)
    return found


def misspelt(env_file: Path = Path(".env")) -> list[str]:
    """A sentence for each name in `.env` or the environment that is nearly that of a setting."""
    known = {name.upper() for name in Settings.model_fields}
    typed = set(os.environ)
    if env_file.is_file():
        lines = env_file.read_text("utf-8-sig", "replace")
        typed |= set(re.findall(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=", lines, re.M))
    said = []
    for name in sorted(each for each in typed if each.upper() not in known):
        words = set(name.upper().split("_"))
        inside = [each for each in known if len(words) > 1 and words < set(each.split("_"))]
        near = difflib.get_close_matches(name.upper(), known, 1, 0.85) or (
            inside if len(inside) == 1 else []
        )
        said += [f"{name} is not read: did you mean {near[0]}?" for _ in near]
    return said
