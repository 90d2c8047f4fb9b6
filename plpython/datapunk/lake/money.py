"""Amounts of money as exports write them for people: "USD 15.87", "1.234,56 €", "$0.00"."""

import re
from typing import Final, NamedTuple

from datapunk.lake.text import fold

# Signs that stand for one currency; a bare $, ¥ or kr stands for several, of which the country tells.
_SIGNS: Final = {
    "US$": "USD", "CA$": "CAD", "C$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "HK$": "HKD", "NT$": "TWD",
    "S$": "SGD", "MX$": "MXN", "R$": "BRL", "€": "EUR", "£": "GBP", "₹": "INR", "₺": "TRY", "TL": "TRY", "zł": "PLN",
    "₩": "KRW", "₽": "RUB", "₪": "ILS", "₴": "UAH", "Kč": "CZK", "Ft": "HUF", "฿": "THB", "₫": "VND", "₱": "PHP",
    "CN¥": "CNY", "JP¥": "JPY", "Rp": "IDR", "RM": "MYR",
}  # fmt: skip
_OF_COUNTRY: Final = {
    "$": {
        "US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "MX": "MXN", "SG": "SGD", "HK": "HKD", "AR": "ARS",
        "CL": "CLP", "CO": "COP",
    },
    "¥": {"JP": "JPY", "CN": "CNY"},
    "kr": {"SE": "SEK", "NO": "NOK", "DK": "DKK"},
}  # fmt: skip
_NUMBER = re.compile(r"\d[\d.,' ]*")
_GROUP = 3
_ISO = re.compile(r"[A-Z]{3}")


class Money(NamedTuple):
    """An amount and its ISO 4217 code; None where the sign stands for several currencies."""

    amount: float
    currency: str | None


def money(text: str, country: str = "") -> Money | None:
    """Return the amount that a text is; None where it is none. `country` (ISO 3166) tells a dollar from another."""
    text = fold(text).replace("\u2212", "-").replace("\u2019", "'").strip()
    match = _NUMBER.search(text)
    if not match or len(text) > 40:
        return None
    amount = _number(match[0].strip(" '"))
    before, after = text[: match.start()].strip(), text[match.end() :].strip()
    sign = (before + after).strip("-+() ")
    if amount is None or any(character.isdecimal() for character in sign):
        return None
    negative = "-" in before or after == "-" or (before.startswith("(") and after.endswith(")"))
    return Money(-amount if negative else amount, _currency(sign, country.upper()))


def _number(text: str) -> float | None:
    """Return a number; a separator before three digits, or one that recurs, groups them, any other begins decimals."""
    parts = re.split(r"[.,' ]", text)
    separators = re.findall(r"[.,' ]", text)
    last = separators[-1] if separators else ""
    decimals = ""
    if last in (".", ",") and separators.count(last) == 1 and (len(parts[-1]) != _GROUP or len(set(separators)) > 1):
        decimals = parts.pop()
    if any(len(part) not in (_GROUP - 1, _GROUP) for part in parts[1:]):
        return None
    return float(f"{''.join(parts)}.{decimals or '0'}")


def _currency(sign: str, country: str) -> str | None:
    if _ISO.fullmatch(sign):
        return sign
    return _SIGNS.get(sign) or _OF_COUNTRY.get(sign, {}).get(country)
