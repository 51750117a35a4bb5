"""The stage: what is simulated, whom it knows, what was left from earlier, starting afresh."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.clock import Clock
from bot.context import build_context
from bot.env_file import WrongSettings
from bot.rehearsal import samples
from bot.rehearsal.stage import Stage
from bot.settings import is_loopback
from storage import jobs, onboardings, people
from storage.db import Store, Tx
from storage.migrations import upgrade
from storage.tables import TABLES
from tests.rehearsal.playing import MORNING, bare_settings, playing


async def test_every_channel_that_is_not_configured_is_simulated_on_this_machine(
    tmp_path: Path,
) -> None:
    async with Stage(
        bare_settings(tmp_path, http_host="192.0.2.7"), Clock.from_setting(MORNING)
    ) as stage:
        made = stage.settings

        assert made.telegram_on
        assert made.twilio_on
        assert [True] * 4 == [
            is_loopback(url)
            for url in (
                made.telegram_api_url,
                made.twilio_api_url,
                made.smtp_url.get_secret_value(),
                made.public_url,
            )
        ]
        assert "127.0.0.1" == made.http_host


async def test_a_configured_channel_is_used_as_configured(tmp_path: Path) -> None:
    given = bare_settings(
        tmp_path, telegram_bot_token=SecretStr("1:x"), telegram_api_url="http://127.0.0.1:9"
    )
    async with Stage(given, Clock.from_setting(MORNING)) as stage:
        assert ("1:x", "http://127.0.0.1:9") == (
            stage.settings.telegram_bot_token.get_secret_value(),
            stage.settings.telegram_api_url,
        )
        assert stage.carriers.telegram is None
        assert stage.carriers.twilio is not None


@pytest.mark.parametrize(
    "real",
    [
        {"telegram_bot_token": SecretStr("1:x")},
        {"twilio_account_sid": "AC1", "twilio_auth_token": SecretStr("x")},
        {"smtp_url": SecretStr("smtps://mail.example.com")},
        {"public_url": "https://example.com"},
    ],
)
async def test_s11_a_rehearsal_never_reaches_a_real_provider(
    tmp_path: Path, real: dict[str, object]
) -> None:
    with pytest.raises(WrongSettings, match="stays on this machine"):
        async with Stage(bare_settings(tmp_path, **real), Clock.from_setting(MORNING)):
            pass


def _database(url: str) -> Store:
    store = Store(url)
    upgrade(store)
    return store


async def test_samples_are_added_once_and_only_to_an_empty_database(
    tmp_path: Path, database_url: str
) -> None:
    store, clock = _database(database_url), Clock.from_setting(MORNING)
    async with Stage(bare_settings(tmp_path), clock) as stage:
        context = build_context(stage.settings, clock)
        store.transact(lambda tx: stage.seed(tx, context))
        store.transact(lambda tx: stage.seed(tx, context))

        names = store.transact(lambda tx: [person["name"] for person in people.everybody(tx)])
        assert [
            "Carl Weber", "Dana Cole", "Mia Turner", "Noah Reyes", "Olive Park", "Sam Okafor",
            "Tina Abernathy",
        ] == names  # fmt: skip
        assert ["t3", "s3", "s4", "t6", "s6", "t7", "s7", "t1", "s1", "s2", "s5"] == [
            device.id for device in stage.phones.devices
        ]


async def test_with_a_channel_configured_there_are_no_samples(tmp_path: Path) -> None:
    given = bare_settings(
        tmp_path, telegram_bot_token=SecretStr("1:x"), telegram_api_url="http://127.0.0.1:9"
    )
    store, clock = _database(given.database_url.get_secret_value()), Clock.from_setting(MORNING)
    async with Stage(given, clock) as stage:
        context = build_context(stage.settings, clock)
        store.transact(lambda tx: stage.seed(tx, context))

        assert [] == store.transact(people.everybody)


async def test_a_later_rehearsal_goes_on_where_the_first_stopped(tmp_path: Path) -> None:
    async with playing(bare_settings(tmp_path)) as first:
        await first.shows("screen-t3", "Good morning")
        await first.act("say", device="t3", text="A 930 B 1230")
        await first.shows("screen-t3", "I remind you")
    async with playing(bare_settings(tmp_path)) as second:
        await second.act("say", device="t3", text="today")
        await second.shows("screen-t3", "Walter Lindqvist")

        assert second.job("114-7")["planned_arrival"] is not None


async def test_samples_of_a_day_that_is_over_make_room_for_new_ones(tmp_path: Path) -> None:
    given, clock = bare_settings(tmp_path), Clock.from_setting(MORNING)
    store = _database(given.database_url.get_secret_value())
    async with Stage(given, clock) as stage:
        context = build_context(stage.settings, clock)
        store.transact(lambda tx: stage.seed(tx, context))
        clock.set(clock.now() + 30 * 3_600_000)
        store.transact(lambda tx: stage.seed(tx, context))

        visits = store.transact(lambda tx: [job["day"] for job in jobs.listed(tx)])
        assert ["2026-11-25"] * 4 == visits


async def test_start_afresh_leaves_nothing_of_the_day_before(tmp_path: Path) -> None:
    async with playing(bare_settings(tmp_path)) as rehearsal:
        await rehearsal.shows("screen-t3", "Good morning")
        await rehearsal.act("say", device="t3", text="A 930 B 1230")
        await rehearsal.post("send-photo", data={"device": "t3", "sample": "door"})
        await rehearsal.shows("screen-t3", "I remind you")
        await rehearsal.act("afresh")

        shown = await rehearsal.shows("screen-t3", "Good morning")
        assert "I remind you" not in shown
        assert "Tue 06:45" == rehearsal.wall_clock()
        assert ("2026-11-24", None) == (
            rehearsal.job("114-7")["day"],
            rehearsal.job("114-7")["planned_arrival"],
        )


async def test_afresh_takes_out_every_row_of_the_samples_and_no_other(
    tmp_path: Path, database_url: str
) -> None:
    store, clock = _database(database_url), Clock.from_setting(MORNING)
    async with Stage(bare_settings(tmp_path), clock) as stage:
        context = build_context(stage.settings, clock)
        store.transact(lambda tx: stage.seed(tx, context))
        other = store.transact(lambda tx: tx.insert("people", name="Real Person", created_at=1))
        new = store.transact(lambda tx: people.find(tx, "Noah Reyes")[0]["id"])
        store.transact(lambda tx: onboardings.add(tx, new, "apollo", 1, talk="", state="hello"))

        def left(tx: Tx) -> dict[str, int]:
            counts = {name: tx.one(f"SELECT count(*) AS n FROM {name}") for name in TABLES.tables}  # noqa: S608
            return {name: row["n"] for name, row in counts.items() if row and row["n"]}

        assert store.transact(samples.remove)
        assert {"people": 1} == store.transact(left)
        assert store.transact(lambda tx: people.get(tx, other)) is not None
        assert not store.transact(samples.remove)
        assert [] == store.transact(jobs.listed)
