"""Personal data in the columns of a dataset: found by form and check digits, and hidden where that is asked for.

Mail addresses, telephone numbers (by the rules of each country), payment cards and bank accounts (by their check
digits) and network addresses have a form that tells them; names of people have none, and are not looked for here.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import phonenumbers

from datapunk_forge.trained import Column, Dataset

_SAMPLE = 1000
# A column counts as personal when this share of the values looked at holds something.
_SHARE = 0.02
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_CARD = re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_NETWORK = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:]{6,39})(?![\w.:])")
_PHONE = re.compile(r"\+\d[\d ()./-]{6,18}\d")
# Columns that tell rows or people apart are needed as they are.
_ROLES = ("subject", "item", "key", "group", "time", "target")


def protect(dataset: Dataset, options: Mapping[str, object]) -> tuple[Dataset, dict[str, list[str]]]:
    """Return the dataset with the option `pii` applied, and the kinds of personal data found in each column."""
    how = str(options.get("pii", "keep"))
    exempt = {str(options[role]) for role in _ROLES if options.get(role)}
    found: dict[str, list[str]] = {}
    columns: list[Column] = []
    for column in dataset.columns:
        kinds = personal_kinds(column)
        if kinds:
            found[column.name] = kinds
        if not kinds or how == "keep" or column.name in exempt:
            columns.append(column)
        elif how == "mask":
            hidden = {t: masked(t) for t in set(column.values) if t is not None}
            columns.append(replace(column, values=[None if t is None else hidden[t] for t in column.values]))
    return replace(dataset, columns=tuple(columns)), found


def personal_kinds(column: Column) -> list[str]:
    """Return the kinds of personal data in a column of text, by a sample of its values."""
    if column.kind != "text":
        return []
    present: Sequence[str] = [t for t in column.values if t]
    if not present:
        return []
    picked = np.random.default_rng(0).permutation(len(present))[:_SAMPLE]
    counts: dict[str, int] = {}
    for index in picked:
        for kind, _ in _matches(present[index]):
            counts[kind] = counts.get(kind, 0) + 1
    return sorted(kind for kind, count in counts.items() if count >= _SHARE * len(picked))


def masked(text: str) -> str:
    """Return the text with what is personal replaced by its kind, as in <email>."""
    for kind, value in sorted(_matches(text), key=lambda match: -len(match[1])):
        text = text.replace(value, f"<{kind}>")
    return text


def _matches(text: str) -> list[tuple[str, str]]:
    return [
        (kind, match.group())
        for kind, pattern, holds in _KINDS
        for match in pattern.finditer(text)
        if holds(match.group())
    ]


def _luhn(text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    doubled = [d * 2 - 9 if d > 4 else d * 2 for d in digits[-2::-2]]
    return len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _iban(text: str) -> bool:
    compact = text.replace(" ", "")
    return 15 <= len(compact) <= 34 and int("".join(str(int(c, 36)) for c in compact[4:] + compact[:4])) % 97 == 1


def _network(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _phone(text: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, None))
    except phonenumbers.NumberParseException:
        return False


def _any(text: str) -> bool:
    return bool(text)


_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("email", _MAIL, _any),
    ("card", _CARD, _luhn),
    ("iban", _IBAN, _iban),
    ("ip", _NETWORK, _network),
    ("phone", _PHONE, _phone),
)
