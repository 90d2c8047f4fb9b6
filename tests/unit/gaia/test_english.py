from datetime import date, timedelta

import pytest
from babel.core import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from datapunk.gaia.languages import english, language

VALUES = [0, 1, 2, 11, 100, 999, 1000, 1234, 1_234_567, -5, -1234, 2.5, 0.25, 1234.5, 1e6, -0.75, 99.99]


@pytest.mark.parametrize("value", VALUES)
def test_numbers_are_written_as_babel_writes_them(value: float) -> None:
    assert english.number(value) == format_decimal(value, "#,##0.##", locale=language("en").locale)


@pytest.mark.parametrize("value", [0, 1, 2, 11, 21, 101])
def test_plurals_are_those_of_babel(value: int) -> None:
    assert english.is_one(value) == (Locale.parse(language("en").locale).plural_form(value) == "one")


@pytest.mark.parametrize("pattern", [p for p in language("en").answers["dates"].values() if "{" not in p])
def test_dates_are_written_as_babel_writes_them(pattern: str) -> None:
    for number in range(0, 800, 13):
        day = date(2023, 1, 1) + timedelta(days=number)
        assert english.dated(day, pattern) == format_date(day, pattern, locale=language("en").locale)
