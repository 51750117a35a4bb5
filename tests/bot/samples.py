"""One job with the longest names that a manifest brings, as the rows that a turn has at hand."""

from datetime import UTC, datetime
from typing import Any

from flows.book import PROGRAMS
from flows.facts import HOUR, MINUTE

NINE = int(datetime(2026, 11, 23, 14, tzinfo=UTC).timestamp()) * 1000
"""9:00 AM at the customer, Monday, 23 November 2026."""
ELEVEN = NINE + 2 * HOUR
NOW = ELEVEN + 44 * MINUTE

JOB: dict[str, Any] = {
    "id": 7,
    "number": "114-8837265-291044312",
    "program": "apollo",
    "letter": "B",
    "visit": 1,
    "shift": "S-209311",
    "customer": "Christopher Montgomery-Hernandez",
    "street": "12345 Martin Luther King Jr Boulevard Apt 4B",
    "city": "West Palm Beach",
    "us_state": "FL",
    "zip": "33401",
    "phone": "561-555-0133",
    "product": "Sauder Palladia L-Shaped Computer Desk",
    "units": "2.5",
    "timezone": "America/New_York",
    "window_start": ELEVEN,
    "window_end": ELEVEN + 3 * HOUR,
    "planned_arrival": ELEVEN + 45 * MINUTE,
    "state": "no_show.call_office",
    "day": "2026-11-23",
}
TECHNICIAN: dict[str, Any] = {
    "name": "Temperance Abernathy-Okonkwo",
    "phone": "+15615550144",
    "timezone": "America/New_York",
}
MANAGER: dict[str, Any] = {
    "name": "Bartholomews Dominguez",
    "phone": "+15615550188",
    "timezone": "America/New_York",
}
CONTACTS = {
    **PROGRAMS["mila"].contacts,
    **PROGRAMS["apollo"].contacts,
    "office_is": "closed",
    "office_opens": "Mon 08:00",
    "office_closes": "17:00",
}
"""What any program brings, with an office that is closed."""
_MARKS = (
    "heard", "eta", "arrive", "start", "ivr_in", "assemble", "complete", "done", "signature",
    "ivr_out", "no_show.opened", "no_show.door_photo", "no_show.call_office", "no_show.told",
    "late.told", "other.photo", "unfinished", "no_show.waiting",
    "damaged_during.maker_model", "more_work.sign_price", "not_delivered.call_dm", "damaged.photos",
    "missing_parts.photos",
)  # fmt: skip
MARKS = {mark: ELEVEN + minute * MINUTE for minute, mark in enumerate(_MARKS)}
MARKS["done"] = MARKS["no_show.waiting"]
