import pytest

from datapunk.errors import InvalidArgument
from datapunk.lake import phones


@pytest.mark.parametrize(
    ("number", "country", "digits"),
    [
        ("+49 (0)170 1234567", "", "491701234567"),
        ("0049 170 1234567", "", "491701234567"),
        ("0170 / 123 45 67", "DE", "491701234567"),
        ("0170 / 123 45 67", "", "01701234567"),
        ("491701234567", "DE", "491701234567"),
        ("15550001111", "DE", "15550001111"),
        ("(212) 555-0123", "US", "12125550123"),
        ("1 212 555 0123", "US", "12125550123"),
        ("912 345 678", "PT", "351912345678"),
        ("+", "DE", ""),
        ("11111111111111111111", "DE", "11111111111111111111"),
    ],
)
def test_digits_are_those_of_the_international_form(number: str, country: str, digits: str) -> None:
    assert phones.digits(number, country) == digits


def test_the_country_is_that_of_the_setting_else_of_the_zone() -> None:
    assert phones.region("pt", "Europe/Berlin") == "PT"
    assert phones.region("", "Europe/Berlin") == "DE"
    assert phones.region("", "UTC") == phones.region("", "Etc/UTC") == ""
    with pytest.raises(InvalidArgument):
        phones.region("Germany", "UTC")
