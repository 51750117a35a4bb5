"""Paces in real time and budgets on the business clock, with clocks that the test pushes."""

import pytest

from bot.wires.limits import DAY, Bucket, Budget, Pace, twilio_pace
from flows.facts import HOUR, MINUTE


class Ticks:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_bucket_gives_a_burst_and_then_its_rate() -> None:
    now = Ticks()
    bucket = Bucket(10, 3, now)
    bucket.take(3)
    assert (bucket.free, round(bucket.wait, 3)) == (0, 0.1)
    now.at = 0.1
    assert bucket.free == 1
    now.at = 99
    assert bucket.free == 3


def test_trap_25_a_chat_gets_a_burst_of_three_and_then_one_a_second() -> None:
    now = Ticks()
    pace = Pace((25, 5), (1, 3), now)

    assert [round(pace.take_for("tina"), 3) for _ in range(5)] == [0, 0, 0, 1, 2]
    assert pace.take_for("tom") == 0


def test_a_named_wait_holds_one_address_and_two_hold_the_channel() -> None:
    now = Ticks()
    pace = Pace((25, 5), (1, 3), now)
    pace.told_to_wait("tina", 10)
    assert pace.room == 5
    assert pace.take_for("tina") == 10
    pace.told_to_wait("tom", 3)
    assert (pace.room, pace.wait) == (0, 10)
    now.at = 10

    assert pace.room == 5


def test_no_limit_is_no_limit() -> None:
    pace = Pace(None)
    pace.take(10**6)

    assert (pace.room > 1000, pace.wait, pace.take_for("tina")) == (True, 0, 0)


def test_s11_the_days_budget_frees_itself_a_day_later() -> None:
    budget = Budget(2)
    budget.count(0, "a")
    budget.count(1000, "b")
    assert budget.spent(DAY - 1)

    assert not budget.spent(DAY)


def test_s11_a_number_has_thirty_an_hour() -> None:
    budget = Budget(2000)
    for minute in range(30):
        budget.count(minute * MINUTE, "a")
    assert budget.too_many_to(30 * MINUTE) == ["a"]

    assert budget.too_many_to(HOUR) == []


def test_a_budget_goes_on_from_what_the_database_says() -> None:
    budget = Budget(2)
    budget.load([(5, "b"), (1, "a")])

    assert budget.spent(10)


@pytest.mark.parametrize(
    ("senders", "a_second", "rate"),
    [
        (["+12125550100"], 0, 1),
        (["+18885550100"], 0, 3),
        (["12345"], 0, 100),
        (["MG" + "0" * 32], 0, 10),
        (["+18885550100", "+12125550100"], 0, 1),
        (["+12125550100"], 7, 7),
        ([], 0, 1),
    ],
)
def test_texts_leave_as_fast_as_their_sender_may(
    senders: list[str], a_second: float, rate: float
) -> None:
    pace = twilio_pace(senders, a_second)
    pace.take(pace.room)

    assert pace.wait == pytest.approx(1 / rate, rel=0.05)


def test_a_long_text_takes_as_many_places_as_it_has_segments() -> None:
    pace = twilio_pace(["+18885550100"])

    assert [pace.cost({"text": "a" * length}) for length in (1, 160, 161, 459)] == [1, 1, 2, 3]
