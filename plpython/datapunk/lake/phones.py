"""Telephone numbers, however they are written, as the digits of their international form."""

import re
from functools import lru_cache

from datapunk.errors import InvalidArgument

_REMEMBERED = 16_384
_OTHER = re.compile(r"\D+")


def region(setting: str, timezone: str) -> str:
    """Return the country (ISO 3166) whose way of dialling numbers without a country code follow; empty where none.

    `setting` is datapunk.phone_region; without it the country of the time zone counts. Raises InvalidArgument.
    """
    import phonenumbers
    from babel.core import get_global

    if setting:
        if setting.upper() not in phonenumbers.SUPPORTED_REGIONS:
            raise InvalidArgument(
                f"datapunk.phone_region is {setting!r}", hint="Give a country as in ISO 3166: DE, PT, US."
            )
        return setting.upper()
    country = str(get_global("zone_territories").get(timezone, ""))
    return country if country in phonenumbers.SUPPORTED_REGIONS else ""


@lru_cache(maxsize=_REMEMBERED)
def digits(number: str, country: str) -> str:
    """Return a number's digits with its country code, where it has one or is dialled in `country`; else its own."""
    import phonenumbers

    plain = re.sub(r"^00", "", _OTHER.sub("", number))
    if number.startswith("00"):
        number = f"+{plain}"
    try:
        found = phonenumbers.parse(number, country or None)
    except phonenumbers.NumberParseException:
        return plain
    if "+" in number:
        known = phonenumbers.is_possible_number(found)
    else:
        known = phonenumbers.is_valid_number(found) and _dialled(plain, country)
    return f"{found.country_code}{phonenumbers.national_significant_number(found)}" if known else plain


def _dialled(plain: str, country: str) -> bool:
    """Tell whether a number is written as it is dialled within `country`.

    Where every such number begins with 0, one without it is rather the international one without its plus.
    """
    import phonenumbers

    return plain.startswith("0") or phonenumbers.ndd_prefix_for_region(country, True) != "0"
