"""A wrong setting is one sentence each, all at once; a misspelt one is pointed at."""

import re
from pathlib import Path

import pytest

from bot.env_file import WrongSettings
from bot.operator.who import Directory
from bot.settings import load_settings, misspelt
from storage.db import Row


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DATABASE_URL", "TELEGRAM_BOT_TOKEN", "TWILIO_ACCOUNT_SID", "CLOCK", "SMTP_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


_NO_ADDRESS = "is no e-mail address; write it like bot@example.org or Doorstep <bot@example.org>."
_NO_PHONE = "is no phone number; write it like 855-836-3483 or +44 20 3808 4619."
_NO_TOKEN = "must look like 123456789:AAE…, as @BotFather gave it."


def said(**settings: object) -> list[str]:
    with pytest.raises(WrongSettings) as wrong:
        load_settings(**settings)
    return str(wrong.value).splitlines()


def test_several_wrong_ones_are_all_said_at_once_in_plain_words() -> None:
    lines = said(
        http_port="eighty", sms_daily_limit=0, telegram_mode="push", timezone="Mars/Olympus",
        smtp_url="smtp://u:p@mail.example.com:587",
    )  # fmt: skip

    first = [line.partition(" ")[0] for line in lines]
    assert {"HTTP_PORT", "SMS_DAILY_LIMIT", "SMTP_URL", "TELEGRAM_MODE", "TIMEZONE"} == set(first)
    assert 5 == len(lines)
    assert {
        "HTTP_PORT must be a whole number.",
        "SMS_DAILY_LIMIT must be at least 1.",
        "SMTP_URL needs MAIL_FROM.",
        "TELEGRAM_MODE must be polling or webhook.",
    } <= set(lines)


def test_what_hangs_on_a_wrong_one_is_not_said_as_well() -> None:
    lines = said(twilio_account_sid="AC1", twilio_auth_token="t", twilio_from="12125550100")

    assert 1 == len(lines)
    assert lines[0].startswith("TWILIO_FROM must be a number")


def test_a_port_beyond_all_ports() -> None:
    assert ["HTTP_PORT must be at most 65535."] == said(http_port=70_000)


@pytest.mark.parametrize("host", ["127.evil.example", "127.0.0.1.evil.example", "localhost.evil"])
def test_s11_a_name_that_begins_like_this_machine_is_not_this_machine(host: str) -> None:
    lines = said(
        clock="2026-11-23T07:00-05:00", telegram_bot_token="1:x",
        telegram_api_url=f"http://{host}", public_url=f"http://{host}",
    )  # fmt: skip

    assert {"PUBLIC_URL", "CLOCK"} == {line.partition(" ")[0] for line in lines}


def test_a_secret_never_stands_in_the_sentence() -> None:
    assert "hunter2" not in " ".join(said(smtp_url="ftp://u:hunter2@mail", http_port="x"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("TELEGRAM_BOT_TOKKEN", "TELEGRAM_BOT_TOKEN"), ("TELEGRAM_TOKEN", "TELEGRAM_BOT_TOKEN"),
        ("TWILIO_ACOUNT_SID", "TWILIO_ACCOUNT_SID"), ("TWILIO_TOKEN", "TWILIO_AUTH_TOKEN"),
        ("DATABASE_URI", "DATABASE_URL"), ("TWILIO_FROM_APPOLO", "TWILIO_FROM_APOLLO"),
    ],
)  # fmt: skip
def test_a_misspelt_name_is_pointed_at(
    typed: str, meant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = tmp_path / ".env"
    env.write_text(f"# mine\n{typed}=x\nAWS_REGION=eu\nhttp_port=80\n", "utf-8")
    assert f"{typed} is not read: did you mean {meant}?" in misspelt(env)
    env.write_text("", "utf-8")
    monkeypatch.setenv(typed, "x")

    assert f"{typed} is not read: did you mean {meant}?" in misspelt(env)


def test_a_file_that_an_editor_marked_as_utf8_is_read_from_its_first_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HTTP_PORT=8099\n", "utf-8-sig")

    assert 8099 == load_settings().http_port


def test_a_line_that_is_no_setting_stops_the_start_and_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# mine\n\nHTTP_PORT=80\nsmtp mail.example.com\n", "utf-8")

    assert [".env, line 4: this is no setting; write NAME=value, or # before a remark."] == said()


def test_a_quote_that_is_never_closed_is_named_without_its_secret(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("TIMEZONE=UTC\nTWILIO_AUTH_TOKEN='hunter2\n", "utf-8")

    assert [".env, line 2: this is no setting; write NAME=value, or # before a remark."] == said()


def test_a_file_in_another_encoding_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("MAIL_FROM=José\n".encode("utf-16"))

    assert [".env is not saved as UTF-8: save it again as UTF-8 text."] == said()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("apollo_office_email", "office", "APOLLO_OFFICE_EMAIL is no e-mail address."),
        ("mila_proof_email", "a@b@c", "MILA_PROOF_EMAIL is no e-mail address."),
        ("heartbeat_url", "nope", "HEARTBEAT_URL must begin with https:// or http://."),
        (
            "telegram_api_url",
            "localhost:8081",
            "TELEGRAM_API_URL must begin with https:// or http://.",
        ),
        ("mail_from", "Doorstep", f"MAIL_FROM {_NO_ADDRESS}"),
        ("mail_from", "bot@example.org, b@example.org", f"MAIL_FROM {_NO_ADDRESS}"),
        ("apollo_office_phone", "the office", f"APOLLO_OFFICE_PHONE {_NO_PHONE}"),
        ("apollo_ivr_phone", "911", f"APOLLO_IVR_PHONE {_NO_PHONE}"),
        ("telegram_bot_token", "AAExyz", f"TELEGRAM_BOT_TOKEN {_NO_TOKEN}"),
        ("telegram_bot_token", "12:AA E", f"TELEGRAM_BOT_TOKEN {_NO_TOKEN}"),
    ],
)
def test_an_address_that_nothing_could_reach(name: str, value: str, sentence: str) -> None:
    assert [sentence] == said(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mail_from", "Dana's bot <bot@example.org>"), ("mail_from", "doorstep@localhost"),
        ("mila_office_phone", "020 3808 4619"), ("apollo_ivr_phone", "+1 (800) 484-0254, 77"),
        ("telegram_bot_token", "123456789:AAE_x-y"),
    ],
)  # fmt: skip
def test_an_address_as_people_write_it(name: str, value: str) -> None:
    load_settings(**{name: value})


def test_an_account_that_twilio_would_refuse_is_named() -> None:
    sender = {"twilio_auth_token": "t", "twilio_from": "+12125550100"}

    lines = said(twilio_account_sid="SK1", **sender)

    assert ["TWILIO_ACCOUNT_SID must begin with AC, not with SK."] == lines
    load_settings(twilio_account_sid="test", twilio_api_url="http://127.0.0.1:9", **sender)


def test_the_example_shows_the_settings_as_they_are_when_nothing_is_set(tmp_path: Path) -> None:
    example = (Path(__file__).parents[1] / ".env.example").read_text("utf-8")
    usual = load_settings()
    filled = re.sub(r"^# ?(?=[A-Z0-9_]+=)", "", example, flags=re.M)
    (tmp_path / ".env").write_text(filled, "utf-8")

    assert "\nTIMEZONE=America/New_York\n" in filled
    assert usual == load_settings()


def test_a_setting_left_empty_is_not_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also over a value in the file: the environment wins."""
    (tmp_path / ".env").write_text("TIMEZONE=\nHTTP_PORT=\nTELEGRAM_API_URL=\nCLOCK=x\n", "utf-8")
    monkeypatch.setenv("CLOCK", "")

    settings = load_settings()

    assert ("America/New_York", 8080, "https://api.telegram.org", "") == (
        settings.timezone, settings.http_port, settings.telegram_api_url, settings.clock,
    )  # fmt: skip


def test_other_peoples_names_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "TZ", "PATH", "AWS_ACCESS_KEY_ID", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, "x")

    assert [] == [each for each in misspelt(tmp_path / "none") if each.split()[0] in {
        "HTTP_PROXY", "HTTPS_PROXY", "TZ", "PATH", "AWS_ACCESS_KEY_ID", "SSL_CERT_FILE",
    }]  # fmt: skip


def _named(*names: str) -> Directory:
    rows: list[Row] = [{"id": n, "name": name, "phone": ""} for n, name in enumerate(names, 1)]
    return Directory.of(rows, ["US"])


@pytest.mark.parametrize(
    "typed",
    ["José García", "Jose Garcia", "JOSE  GARCIA", "jose\u00a0garci\u0301a", "José\u200b García"],
)
def test_a_name_is_found_with_or_without_its_accents_and_spaces(typed: str) -> None:
    assert [1] == [row["id"] for row in _named("José García", "Josef Garland").find(typed)]


def test_where_only_accents_tell_two_apart_they_do() -> None:
    both = _named("José García", "Jose Garcia")

    assert [1] == [row["id"] for row in both.find("José García")]
    assert 2 == len(both.find("JOSE GARCIA"))
