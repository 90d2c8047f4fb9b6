"""Telephone numbers and cards in columns of numbers: told by the column's name, or by nearly all of the values.

Ids and amounts are numbers as well: without a name that says so a column is personal only where its values pass a check
that others do not.
"""

import re
from collections.abc import Callable
from functools import partial

import numpy as np

from datapunk_forge.trained import Column

_SAMPLE = 500
# Of fewer different numbers some set passes any check.
_FEWEST = 10
_NEARLY_ALL = 0.95
_WHOLE = {"int8", "numeric", "float8", "int4"}
_NUMBER = r"_?(?:no|nr|num|number)?$"
_PHONES = re.compile(
    r"(?:^|_)(?:(?:tele)?phone|tel|telefon|fax|mobile|handy|cell|msisdn)(?:_(?:home|work|private|mobile))?" + _NUMBER,
    re.IGNORECASE,
)
_CARDS = re.compile(r"(?:^|_)(?:credit_?)?(?:card|cc)" + _NUMBER, re.IGNORECASE)


def personal_type(column: Column) -> tuple[dict[str, int], int]:
    """Return the type of personal data in a column of numbers by how many have it, and how many were looked at."""
    if column.type not in _WHOLE:
        return {}, 0
    known = np.unique(column.values[~np.isnan(column.values)])
    whole = known[(known == np.floor(known)) & (known >= 1e6) & (known < 1e19)]
    if len(whole) < _NEARLY_ALL * len(known) or not len(known):
        return {}, len(known)
    picked = np.random.default_rng(0).permutation(whole)[:_SAMPLE]
    texts = [str(int(n)) for n in picked]
    for name, named, long, check in (
        ("PHONE_NUMBER", _PHONES, range(7, 16), _is_phone),
        ("CREDIT_CARD", _CARDS, range(13, 20), _is_card),
    ):
        passing: Callable[[str], bool] = partial(_has_length, long) if named.search(column.name) else check
        count = sum(map(passing, texts))
        if count >= _NEARLY_ALL * len(texts) and (passing is not check or len(texts) >= _FEWEST):
            return {name: count}, len(texts)
    return {}, len(texts)


def _has_length(long: range, number: str) -> bool:
    return len(number) in long


def _is_phone(number: str) -> bool:
    """Tell whether figures are a telephone number with its country's code."""
    if len(number) not in range(10, 16):
        return False
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(f"+{number}"))
    except phonenumbers.NumberParseException:
        return False


def _is_card(number: str) -> bool:
    """Tell whether figures begin and end as those of a card (ISO/IEC 7812): the last one is Luhn's."""
    if len(number) not in range(13, 20) or number[0] not in "23456":
        return False
    doubled = (int(d) * (1 + n % 2) for n, d in enumerate(reversed(number)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0
