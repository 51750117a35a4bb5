"""What people type as a time or a date, row by row, and what must hold for any text."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.dates import read_date
from flows.times import Ambiguous, At, clock_words, instant_of, read_time

NEW_YORK = ZoneInfo("America/New_York")
LONDON = ZoneInfo("Europe/London")
MONDAY = date(2026, 11, 23)


def local(clock: str, day: date = MONDAY, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=zone).astimezone(UTC)


def window(start: str, end: str, day: date = MONDAY) -> tuple[datetime, datetime]:
    return local(start, day), local(end, day)


SEVEN = local("07:00")

# typed at 07:00 in New York where a plan is asked → the clock on that day's wall
PLANS = {
    # bare, with and without separator
    "9": "09:00", "10": "10:00", "12": "12:00", "1": "13:00", "930": "09:30", "0930": "09:30",
    "9:30": "09:30", "9.30": "09:30", "9 30": "09:30", "9;30": "09:30", "9,30": "09:30",
    "9 : 30": "09:30", "9..30": "09:30", "9:30:00": "09:30", "09:30": "09:30", "1 30": "13:30",
    "10 10": "10:10", "1130": "11:30", "1:05": "13:05", "105": "13:05", "1200": "12:00",
    # 24 hours
    "13:30": "13:30", "1330": "13:30", "1330 hrs": "13:30", "0930 hours": "09:30",
    "14h30": "14:30", "9h30": "09:30", "23:59": "23:59", "17.45": "17:45", "1330h": "13:30",
    # am and pm, however they are written
    "9a": "09:00", "9 a": "09:00", "9am": "09:00", "9 AM": "09:00", "9 a.m.": "09:00",
    "930am": "09:30", "930a": "09:30", "9:30a": "09:30", "9:30 A.M.": "09:30", "9:30 a m": "09:30",
    "9:30AM.": "09:30", "1p": "13:00", "1pm": "13:00", "1 PM": "13:00", "130p": "13:30",
    "1:30 p.m": "13:30", "9pm": "21:00", "9:30 P.M..": "21:30", "12pm": "12:00", "12:15p": "12:15",
    "13:30 pm": "13:30", "9 am am": "09:00",
    # parts of the day
    "9 in the morning": "09:00", "9:30 this morning": "09:30", "9 am this morning": "09:00",
    "2 in the afternoon": "14:00", "6 this evening": "18:00", "8 tonight": "20:00",
    # words
    "nine": "09:00", "Nine AM": "09:00", "ten thirty": "10:30", "TEN THIRTY": "10:30",
    "nine oh five": "09:05", "nine fifteen": "09:15", "ten forty five": "10:45",
    "ten forty-five": "10:45", "eleven twenty-two am": "11:22", "ten ten": "10:10",
    "9 o'clock": "09:00", "nine o’clock": "09:00", "9oclock": "09:00", "noon": "12:00",
    "midday": "12:00", "12 noon": "12:00", "high noon": "12:00",
    # halves and quarters
    "half past 9": "09:30", "half past nine": "09:30", "half 9": "09:30", "Half nine": "09:30",
    "half past 9 am": "09:30", "quarter to 10": "09:45", "a quarter to ten": "09:45",
    "quarter til 10": "09:45", "quarter of 10": "09:45", "quarter past nine": "09:15",
    "quarter after 9": "09:15", "quarter to 1": "12:45", "10 to 10": "09:50",
    "ten to ten": "09:50", "20 past 9": "09:20", "twenty five to ten": "09:35",
    "5 till 12": "11:55", "7 min past 10": "10:07", "quarter past 2 pm": "14:15",
    # spans
    "now": "07:00", "NOW!": "07:00", "asap": "07:00", "right now": "07:00", "in 20 min": "07:20",
    "in 20": "07:20", "in 5": "07:05", "20 min": "07:20", "20min": "07:20", "20 mins": "07:20",
    "20m": "07:20", "20 minutes": "07:20", "twenty minutes": "07:20", "in twenty": "07:20",
    "within 20 min": "07:20", "20 min away": "07:20", "20 out": "07:20", "20 away": "07:20",
    "another 20 min": "07:20", "20 more min": "07:20", "20 mins from now": "07:20",
    "a couple of minutes": "07:02", "90 min": "08:30", "1 hr": "08:00", "1hr": "08:00",
    "1 hour": "08:00", "an hour": "08:00", "in an hour": "08:00", "in one hour": "08:00",
    "2 hrs": "09:00", "1h30": "08:30", "1h30m": "08:30", "1 h 30": "08:30",
    "1 hr 20 min": "08:20", "1 hour and 20 minutes": "08:20", "1:30 hours": "08:30",
    "1.5 hrs": "08:30", "1 1/2 hours": "08:30", "1½ hours": "08:30", "½ hour": "07:30",
    "half an hour": "07:30", "half hour": "07:30", "in half an hour": "07:30",
    "an hour and a half": "08:30", "hour and a half": "08:30", "quarter of an hour": "07:15",
    "three quarters of an hour": "07:45", "20 mins ago": "06:40", "20 min ago": "06:40",
    "an hour ago": "06:00", "10 ago": "06:50",
    # with words around them
    "around 9:30ish": "09:30", "930ish": "09:30", "9-ish": "09:00", "nineish": "09:00",
    "~930": "09:30", "~ 9:30": "09:30", "by 10": "10:00", "@ 9:45": "09:45", "@9": "09:00",
    "at 9": "09:00", "9:30 pls": "09:30", "about 9:30 thanks": "09:30", "ETA 9:30": "09:30",
    "eta: 9:30": "09:30", "I will be there at 9:30": "09:30", "I'll be there at 9": "09:00",
    "at 9 I am there": "09:00", "omw 20 min": "07:20", "on my way, 20 min": "07:20",
    "be there in about 20": "07:20", "in 20 or so": "07:20", "yes 9:30": "09:30",
    "9:30 sharp": "09:30", "today at 9": "09:00", "(9:30)": "09:30", '"930"': "09:30",
    "9:30.": "09:30", "930!!!": "09:30", "  9:30  ": "09:30", "9:30\n": "09:30", "9:30?": "09:30",
    # odd characters
    "９：３０": "09:30", "９３０ＡＭ": "09:30", "9:30\u00a0am": "09:30", "9\u200b:30": "09:30",
    "9\u202f:\u202f30": "09:30", "٩:٣٠": "09:30", "9\ufe0f\u20e3:30": "09:30", "9∶30": "09:30",
    "9:30 👍": "09:30", "9:3o": "09:30", "1o:30": "10:30", "o930": "09:30", "9:oo": "09:00",
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), PLANS.items())
def test_a_plan_is_read_however_it_is_typed(text: str, expected: str) -> None:
    assert read_time(text, now=SEVEN, zone=NEW_YORK, past=False) == At(local(expected))


NO_TIMES = [
    "", " ", "ok", "thanks", "yes", "?", "9 boxes", "wo 114", "WO 114-8837265", "apt 930", "#9",
    "$9", "$9.30", "9%", "-20", "+1 212 555 0101", "8-11", "11 to 2", "8am - 11am", "9/30",
    "9 or 10", "10 maybe 11", "10? 11?", "10 to 11 to 12", "9, 30", "9:3", "9:60", "960", "25:00",
    "24:30", "13 am", "0 pm", "0", "00", "13", "20", "25", "30", "45", "twenty", "thirty", "100000",
    "1 930", "9 9", "in 930", "in 25 hours", "3000 min", "half", "half past", "quarter", "half 13",
    "to 9", "past 9", "ago", "in", "in 9:30 ago", "in 20 min ago", "am", "pm", "a", "an", "o'clock",
    "9 days", "9 am 10 am", "9:30 PM AM", "12 tonight", "not 9", "after 9", "before 10", "soon",
    "in a bit", "B1", "1 1015", "done 7", "STOP", "british 9", "9:30 EST", "2026-11-23",
    "tomorrow", "tomorrow yesterday 9", "tomorrow 20 min", "☃", "\u0000", "9" * 400,
]  # fmt: skip


@pytest.mark.parametrize("text", NO_TIMES)
@pytest.mark.parametrize("past", [True, False, None])
def test_what_is_not_wholly_a_time_is_none(text: str, past: bool | None) -> None:
    assert read_time(text, now=SEVEN, zone=NEW_YORK, past=past) is None


# what was typed, the window it was asked for → the clock of that day
IN_WINDOWS = [
    ("2", "14:00", "17:00", "14:00"),
    ("230", "14:00", "17:00", "14:30"),
    ("0230", "14:00", "17:00", "14:30"),
    ("5", "14:00", "17:00", "17:00"),
    ("5:30", "17:00", "20:00", "17:30"),
    ("half 6", "17:00", "20:00", "18:30"),
    ("quarter to 8", "17:00", "20:00", "19:45"),
    ("20", "17:00", "20:00", "20:00"),
    ("12", "11:00", "14:00", "12:00"),
    ("1", "11:00", "14:00", "13:00"),
    ("9", "08:00", "11:00", "09:00"),
    ("8", "08:00", "11:00", "08:00"),
    # outside: an explicit time stays what it is, a bare one is the nearest by day
    ("9pm", "14:00", "17:00", "21:00"),
    ("13:30", "08:00", "11:00", "13:30"),
    ("6", "14:00", "17:00", "18:00"),
    ("1:30", "14:00", "17:00", "13:30"),
    ("4", "08:00", "11:00", "16:00"),
    ("7", "08:00", "11:00", "07:00"),
    # "5 to 8" is a time where it does not name the window itself
    ("5 to 8", "08:00", "11:00", "07:55"),
    # the whole day
    ("9", "00:00", "23:59", "09:00"),
    ("2", "00:00", "23:59", "14:00"),
    ("11", "00:00", "23:59", "11:00"),
]


@pytest.mark.parametrize(("text", "start", "end", "expected"), IN_WINDOWS)
@pytest.mark.parametrize("now", [local("07:00"), local("18:00", MONDAY - timedelta(days=1))])
def test_the_window_tells_morning_from_evening(
    text: str, start: str, end: str, expected: str, now: datetime
) -> None:
    asked = window(start, end)

    assert read_time(text, now=now, zone=NEW_YORK, between=asked, past=False) == At(local(expected))


def test_the_name_of_the_window_is_not_a_time_in_it() -> None:
    asked = window("17:00", "20:00")

    assert read_time("5 to 8", now=SEVEN, zone=NEW_YORK, between=asked) is None
    assert read_time("5 to 8 pm", now=SEVEN, zone=NEW_YORK, between=asked) is None


def test_the_window_wins_over_the_time_of_telling() -> None:
    asked = window("14:00", "17:00")

    told = read_time("2", now=local("13:50"), zone=NEW_YORK, between=asked, past=True)

    assert told == At(local("14:00"))


def test_a_late_technicians_span_counts_forward_out_of_the_window() -> None:
    asked = window("14:00", "17:00")

    told = read_time("20 min", now=local("17:10"), zone=NEW_YORK, between=asked, past=False)

    assert told == At(local("17:30"))


SUNDAY = MONDAY - timedelta(days=1)
TUESDAY = MONDAY + timedelta(days=1)
# typed, the clock when it was typed, did it happen → when
TOLD = [
    ("930", "10:15", True, local("09:30")),
    ("930", "09:30", True, local("09:30")),
    ("930", "09:27", True, local("09:27")),  # rounded up: it is now
    ("1130", "14:00", True, local("11:30")),
    ("2", "15:00", True, local("14:00")),
    ("12", "12:40", True, local("12:00")),
    ("1230", "13:00", True, local("12:30")),
    ("1115pm", "01:00", True, local("23:15", SUNDAY)),
    ("11", "00:30", True, local("23:00", SUNDAY)),
    ("5pm", "16:00", True, local("17:00", SUNDAY)),
    ("yesterday 5pm", "16:00", True, local("17:00", SUNDAY)),
    ("yesterday at 5:15 pm", "18:00", True, local("17:15", SUNDAY)),
    ("20 min", "10:15", True, local("09:55")),
    ("half an hour", "10:15", True, local("09:45")),
    ("in 20 min", "10:15", True, local("10:35")),
    ("now", "10:15", True, local("10:15")),
    ("930", "09:20", False, local("09:30")),
    ("915", "09:20", False, local("09:15")),  # just over, rather than tonight
    ("1", "20:00", False, local("01:00", TUESDAY)),
    ("5", "15:00", False, local("17:00")),
    ("9am", "10:00", False, local("09:00", TUESDAY)),
    ("tomorrow at 9", "07:00", False, local("09:00", TUESDAY)),
    ("tmrw 9pm", "07:00", False, local("21:00", TUESDAY)),
    ("midnight", "20:00", False, local("00:00", TUESDAY)),
    ("2400", "20:00", False, local("00:00", TUESDAY)),
    ("12:30 am", "20:00", False, local("00:30", TUESDAY)),
    ("9", "10:00", None, local("09:00")),
    ("9", "08:00", None, local("09:00")),
    ("9", "20:00", None, local("21:00")),
    ("20 min", "10:15", None, local("10:35")),
]


@pytest.mark.parametrize(("text", "clock", "past", "expected"), TOLD)
def test_without_a_window_it_is_the_sensible_time_near_now(
    text: str, clock: str, past: bool | None, expected: datetime
) -> None:
    assert read_time(text, now=local(clock), zone=NEW_YORK, past=past) == At(expected)


# typed, when, did it happen → the two it can be
DOUBTFUL = [
    ("1130", "09:10", True, (local("23:30", SUNDAY), local("11:30"))),
    ("2", "15:00", False, (local("14:00"), local("02:00", TUESDAY))),
    ("9", "15:00", None, (local("09:00"), local("21:00"))),
    ("9am", "21:00", None, (local("09:00"), local("09:00", TUESDAY))),
]


@pytest.mark.parametrize(("text", "clock", "past", "expected"), DOUBTFUL)
def test_a_time_with_two_likely_readings_is_asked_again(
    text: str, clock: str, past: bool | None, expected: tuple[datetime, datetime]
) -> None:
    assert read_time(text, now=local(clock), zone=NEW_YORK, past=past) == Ambiguous(expected)


def test_as_far_before_the_window_as_after_it_is_asked_again() -> None:
    asked = window("14:00", "17:00")

    told = read_time("9", now=SEVEN, zone=NEW_YORK, between=asked)

    assert told == Ambiguous((local("09:00"), local("21:00")))


def test_the_hour_that_the_clocks_skip_is_the_first_instant_after_it() -> None:
    spring = date(2026, 3, 8)
    now = datetime(2026, 3, 8, 5, 0, tzinfo=UTC)

    told = read_time("2:30 am", now=now, zone=NEW_YORK, past=False)

    assert told == At(datetime(2026, 3, 8, 7, 0, tzinfo=UTC))
    assert instant_of(spring, time(2, 0), NEW_YORK) == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)
    assert instant_of(spring, time(3, 0), NEW_YORK) == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)


def test_the_hour_that_the_clocks_show_twice_is_the_first() -> None:
    now = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)

    told = read_time("1:30 am", now=now, zone=NEW_YORK, past=False)

    assert told == At(datetime(2026, 11, 1, 5, 30, tzinfo=UTC))


def test_a_plan_after_the_change_of_the_clocks_is_right_on_the_wall() -> None:
    eve = datetime(2026, 3, 7, 23, 0, tzinfo=UTC)

    told = read_time("tomorrow 9am", now=eve, zone=NEW_YORK, past=False)

    assert told == At(datetime(2026, 3, 8, 13, 0, tzinfo=UTC))


# ---------------------------------------------------------------------------------------------
# Dates

DATES = {
    "today": MONDAY, "tomorrow": date(2026, 11, 24), "tmrw": date(2026, 11, 24),
    "yesterday": date(2026, 11, 22), "mon": MONDAY, "Monday": MONDAY, "tue": date(2026, 11, 24),
    "thurs": date(2026, 11, 26), "this fri": date(2026, 11, 27), "on Sunday": date(2026, 11, 29),
    "next mon": date(2026, 11, 30), "next wed": date(2026, 11, 25), "last mon": date(2026, 11, 16),
    "last fri": date(2026, 11, 20), "12/3": date(2026, 12, 3), "12-3": date(2026, 12, 3),
    "12/03": date(2026, 12, 3), "12.3.": date(2026, 12, 3), "12/3/26": date(2026, 12, 3),
    "12/3/2026": date(2026, 12, 3), "12-03-2026": date(2026, 12, 3), "3 Dec": date(2026, 12, 3),
    "3 dec.": date(2026, 12, 3), "Dec 3": date(2026, 12, 3), "Dec 3rd": date(2026, 12, 3),
    "dec3": date(2026, 12, 3), "3rd of December": date(2026, 12, 3),
    "December 3, 2026": date(2026, 12, 3), "3-Dec-26": date(2026, 12, 3),
    "2026-12-03": date(2026, 12, 3), "2026/12/3": date(2026, 12, 3), "20261203": date(2026, 12, 3),
    "Mon Nov 23": MONDAY, "Mon, Nov. 23rd, 2026": MONDAY, "Monday 23 November": MONDAY,
    "11/23 Mon": MONDAY, "1/2": date(2027, 1, 2), "10/30": date(2026, 10, 30),
    "Feb 29": date(2028, 2, 29), "１２/３": date(2026, 12, 3), "12–3": date(2026, 12, 3),
    " 12/3 pls": date(2026, 12, 3),
    "": None, "23/11": None, "13/13": None, "0/0": None, "Feb 30": None, "2/29/2026": None,
    "Tue Nov 23": None, "mon tue": None, "soon": None, "12": None, "12/3/2": None,
    "12/3/1926": None,
    "Movember 3": None, "next": None, "9:30": None, "8-11 desk": None, "9" * 400: None,
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DATES.items())
def test_a_date_is_read_however_it_is_typed(text: str, expected: date | None) -> None:
    assert read_date(text, MONDAY) == expected


def test_the_day_comes_first_where_that_is_the_custom() -> None:
    assert read_date("3/12", MONDAY, day_first=True) == date(2026, 12, 3)
    assert read_date("23/11", MONDAY, day_first=True) == MONDAY
    assert read_date("11/23", MONDAY, day_first=True) is None


# ---------------------------------------------------------------------------------------------
# The clock in words


@pytest.mark.parametrize(
    ("clock", "us", "short", "uk"),
    [
        ("09:30", "9:30 AM", "9:30a", "09:30"),
        ("14:00", "2:00 PM", "2:00p", "14:00"),
        ("00:05", "12:05 AM", "12:05a", "00:05"),
        ("12:00", "12:00 PM", "12:00p", "12:00"),
        ("23:59", "11:59 PM", "11:59p", "23:59"),
    ],
)
def test_the_clock_is_said_as_the_country_says_it(clock: str, us: str, short: str, uk: str) -> None:
    at = local(clock)

    assert clock_words(at, NEW_YORK) == us
    assert clock_words(at, NEW_YORK, "us_short") == short
    assert clock_words(at, NEW_YORK, "uk") == uk


def test_the_clock_is_said_in_the_jobs_zone() -> None:
    assert clock_words(local("09:30"), LONDON, "uk") == "14:30"


# ---------------------------------------------------------------------------------------------
# Whatever is typed

ZONES = st.sampled_from(
    [NEW_YORK, LONDON, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kathmandu"), ZoneInfo("UTC")]
)
NOWS = st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
PASTS = st.sampled_from([True, False, None])
PIECES = st.sampled_from(
    [*" :.,;'-~@/#|½\n", *"0123456789", "9", "30", "930", "am", "p.m.", "a", "half", "quarter",
     "past", "to", "in", "ago", "min", "h", "hour", "an", "and", "or so", "noon", "tomorrow",
     "o'clock", "ish", "oh", "twenty", "five", "tonight", "today", "mon", "dec", "rd", "next", "③"]
)  # fmt: skip
TEXTS = st.text() | st.lists(PIECES, max_size=8).map("".join) | st.lists(PIECES).map(" ".join)


@given(TEXTS, NOWS, ZONES, PASTS, st.none() | st.tuples(NOWS, NOWS))
def test_any_text_is_an_instant_in_utc_or_two_or_none(
    text: str,
    now: datetime,
    zone: ZoneInfo,
    past: bool | None,
    between: tuple[datetime, datetime] | None,
) -> None:
    told = read_time(text, now=now, zone=zone, between=between, past=past)

    if isinstance(told, At):
        assert told.at.tzinfo is UTC
    elif isinstance(told, Ambiguous):
        assert told.options[0] < told.options[1]
    else:
        assert told is None


@given(TEXTS, st.dates(date(2001, 1, 1), date(2095, 1, 1)), st.booleans())
def test_any_text_is_a_date_of_this_century_or_none(
    text: str, today: date, day_first: bool
) -> None:
    read = read_date(text, today, day_first=day_first)

    assert read is None or 2000 <= read.year <= 2099


BARE = st.tuples(st.integers(1, 12), st.integers(0, 59)).map(lambda t: f"{t[0]}:{t[1]:02}")


@given(
    BARE, NOWS, ZONES, PASTS, st.dates(date(2021, 1, 1), date(2089, 1, 1)),
    st.tuples(st.integers(0, 20), st.integers(1, 11)),
)  # fmt: skip
def test_a_reading_in_the_window_is_taken_if_there_is_one(
    text: str,
    now: datetime,
    zone: ZoneInfo,
    past: bool | None,
    day: date,
    asked: tuple[int, int],
) -> None:
    first = instant_of(day, time(asked[0]), zone)
    between = (first, first + timedelta(hours=asked[1]))
    hour, minute = (int(part) for part in text.split(":"))
    days = [day, day + timedelta(days=1)]
    readings = {
        instant_of(each, time(hour % 12 + half, minute), zone) for each in days for half in (0, 12)
    }
    inside = {each for each in readings if between[0] <= each <= between[1]}

    told = read_time(text, now=now, zone=zone, between=between, past=past)

    if inside:
        assert isinstance(told, At)
        assert told.at in inside


@given(BARE, NOWS, ZONES)
def test_what_happened_is_never_after_now(text: str, now: datetime, zone: ZoneInfo) -> None:
    told = read_time(text, now=now, zone=zone, past=True)

    assert isinstance(told, Ambiguous) or (isinstance(told, At) and told.at <= now)


@given(st.times(), NOWS, ZONES, st.sampled_from(["us", "us_short", "uk"]))
def test_what_we_write_is_read_back(clock: time, now: datetime, zone: ZoneInfo, style: str) -> None:
    day = now.astimezone(zone).date()
    at = instant_of(day, clock.replace(second=0, microsecond=0), zone)
    words = clock_words(at, zone, style)  # type: ignore[arg-type]
    span = (instant_of(day, time(0), zone), instant_of(day, time(23, 59), zone))

    told = read_time(words, now=at, zone=zone, between=span)

    assert words.isascii()
    assert told == At(at)


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.times(), ZONES)
def test_an_instant_shows_its_clock_or_lies_just_after_a_gap(
    day: date, clock: time, zone: ZoneInfo
) -> None:
    clock = clock.replace(second=0, microsecond=0)

    shown = instant_of(day, clock, zone).astimezone(zone)

    if shown.time() != clock:
        before = (shown.astimezone(UTC) - timedelta(seconds=1)).astimezone(zone)
        assert shown.utcoffset() != before.utcoffset()
        assert (before.date(), before.time()) < (day, clock) < (shown.date(), shown.time())
