"""A phone number as its reader would write it."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flows.book import PROGRAMS

_NORTH_AMERICA = 1
_Person = Mapping[str, Any] | None


@lru_cache(maxsize=4096)
def phone_words(number: str, zone: str) -> str:
    """An E.164 number as people of that zone write it: "212-555-0102", "07400 123456".

    One from another country has its country in front: "+44 7400 123456".
    """
    import phonenumbers  # noqa: PLC0415 - large, and not every start needs it

    try:
        read = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    abroad = phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    if phonenumbers.country_code_for_region(_region(zone)) != read.country_code:
        return abroad
    if read.country_code == _NORTH_AMERICA:
        return abroad.partition(" ")[2]
    return phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.NATIONAL)


def phone_of(person: _Person, none: str = "", *, reader: _Person = None) -> str:
    """A person's phone (a row of people) as `reader`, or they themselves, write it; `none` without
    one."""
    if person is None or not person["phone"]:
        return none
    return phone_words(person["phone"], (reader or person)["timezone"])


def phone_forms(number: str) -> list[str]:
    """Each way in which a text may have written that number."""
    zones = [program.zone for program in PROGRAMS.values()]
    return list(dict.fromkeys(phone_words(number, zone) for zone in zones)) if number else []


@lru_cache(maxsize=256)
def _region(zone: str) -> str:
    """The country of a time zone: a program's only one, else the first program's."""
    regions = [(each.region, each.one_zone and each.zone) for each in PROGRAMS.values()]
    return next((region for region, own in regions if own == zone), regions[0][0])
