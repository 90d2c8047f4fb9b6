"""The question bank in other languages: its wordings, and what the slots of the English bank are called there."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BANKS = Path(__file__).parents[1] / "fixtures" / "gaia" / "banks"
LANGUAGES = ("de", "es", "fr")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_PERIOD = re.compile(r"(in )?(?:(\d{1,2}) )?(?:([A-Za-z]+) )?((?:19|20)\d\d)")
_PERIODS = ("period", "in_period", "day")


class Localized:
    """A bank in one language: `intents` with their wordings, and slots as they are worded there."""

    def __init__(self, language: str) -> None:
        content = tomllib.loads((BANKS / f"{language}.toml").read_text(encoding="utf-8"))
        self.intents: dict[str, dict[str, list[str]]] = content["intents"]
        self._periods: dict[str, Any] = content["periods"]
        self._slots: dict[str, dict[str, str]] = content["slots"]
        self._months = dict(zip(_MONTHS, self._periods["months"].split(), strict=True))

    def slots(self, english: Mapping[str, str]) -> dict[str, str]:
        """Return the slots of an English question in this language."""
        found = {}
        for name, value in english.items():
            if name in _PERIODS:
                found[name] = self._period(value)
            else:
                found[name] = self._slots.get(name, {}).get(value, value).removeprefix("the ")
        for name, forms in self._slots.items():
            if "from" in forms and forms["from"] in english:
                found[name] = forms[english[forms["from"]]]
        return found

    def _period(self, text: str) -> str:
        match = _PERIOD.fullmatch(text)
        if match is None:
            return text
        within, day, name, year = match.groups()
        if day:
            return str(self._periods["day"]).format(day=day, month=self._months[name], year=year)
        kind = "year" if name is None else "month" if name in self._months else "season"
        forms = {
            "year": year, "month": self._months.get(name or ""), "season": self._periods["seasons"].get(name),
            "in_season": self._periods.get("in_seasons", {}).get(name),
        }  # fmt: skip
        return str(self._periods[kind][1 if within else 0]).format(**forms)
