"""Sentences, numbers, dates and lists as a person writes them, in the language of the question.

The sentences are those of the language's data file; numbers, dates and plurals follow Unicode's CLDR, by Babel but
for English.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from datapunk.gaia.languages import ENGLISH, english, language

LONGEST_QUOTE = 300


def local(at: str, zone: ZoneInfo) -> datetime:
    """An ISO timestamp in the owner's time zone."""
    moment = datetime.fromisoformat(at)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone)


@dataclass(frozen=True, kw_only=True)
class Speech:
    """How answers are worded in one language; `locale` is CLDR's name for how it is written."""

    code: str
    locale: str
    answers: Mapping[str, Any]

    @classmethod
    def of(cls, code: str) -> "Speech":
        """Return the speech of a language of `datapunk.gaia.languages`."""
        return _speech(code)

    def say(self, key: str, **values: object) -> str:
        """Return the sentence of a key, with its values filled in. Raises KeyError."""
        return str(self._entry(key)).format_map(values)

    def has(self, key: str) -> bool:
        """Whether there is a sentence of that key."""
        try:
            self._entry(key)
        except KeyError:
            return False
        return True

    def _entry(self, key: str) -> Any:
        found: Any = self.answers
        for part in key.split("."):
            if not isinstance(found, Mapping):
                raise KeyError(key)
            found = found[part]
        return found

    def noun(self, name: str) -> Mapping[str, str]:
        """The forms of a noun (none, one, other, many, a, gender), by the name of a kind, a group or a unit."""
        nouns: Mapping[str, Mapping[str, str]] = self.answers["nouns"]
        return nouns.get(name, nouns["item"])

    def plural(self, name: str) -> str:
        """A noun in the plural, without a number."""
        return self.noun(name)["many"]

    def counted(self, value: int, name: str) -> str:
        """A number with its noun: no videos, 1 video, 2 videos."""
        noun = self.noun(name)
        if value == 0:
            return noun["none"]
        return noun["one" if _is_one(self.code, self.locale, value) else "other"].format(n=self.number(value))

    def counted_different(self, value: int, name: str) -> str:
        """A number of different ones: no different channels, 1 different channel, 2 different channels."""
        forms: Mapping[str, str] = self.answers["different"][name]
        form = "none" if value == 0 else "one" if _is_one(self.code, self.locale, value) else "other"
        return forms[form].format(n=self.number(value))

    def quoted(self, text: str) -> str:
        """A text in quotation marks, cut where it is long."""
        short = text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1].rstrip() + "…"
        return self.say("quoted", text=short)

    def inside(self, phrase: str, *, is_day: bool = False) -> str:
        """A phrase of the question inside of a sentence: small, unless a noun begins it that has a capital anywhere.

        A date that is a day alone (`is_day`) has the article or preposition of its language.
        """
        if is_day and phrase[0].isdigit() and (form := self.answers["dates"].get("on_day")):
            return str(form).format(day=phrase)
        if phrase.isdigit() and len(phrase) == 4:
            return self.say("year", year=phrase)
        leads: Sequence[str] | None = self.answers.get("leads")
        if leads is not None and phrase.split(maxsplit=1)[0].lower() not in leads:
            return phrase
        return phrase[0].lower() + phrase[1:]

    def number(self, value: float) -> str:
        """1234 as 1,234, 1.234 or 1 234."""
        return _number(self.code, self.locale, value)

    def listed(self, parts: Sequence[str], word: str = "and") -> str:
        """A list in a sentence: a, b and c; `word` is and or or."""
        if len(parts) < 2:
            return parts[0] if parts else ""
        last = parts[-1]
        joined = self.answers["lists"][word]
        for start, other in self.answers["lists"].get(f"{word}_before", {}).items():
            joined = other if last.lower().startswith(start) else joined
        return f"{', '.join(parts[:-1])} {joined} {last}"

    def day(self, at: datetime, *, weekday: bool = False) -> str:
        """3 March 2023, or Friday, 3 March 2023."""
        return self._date(at, "weekday" if weekday else "day")

    def day_of_year(self, at: datetime) -> str:
        """3 March."""
        return self._date(at, "day_and_month")

    def days(self, start: datetime, end: datetime) -> str:
        """A range of days, last day included: 3 to 9 March 2023; whole months and years by their names."""
        last = end - timedelta(microseconds=1)
        if start.day == 1 and end.day == 1 and start.hour == end.hour == 0:
            if start.month == end.month == 1:
                return (
                    str(start.year)
                    if end.year - start.year == 1
                    else self._range(str(start.year), str(last.year), "months")
                )
            if (start.year, start.month) == (last.year, last.month):
                return self._date(start, "month")
            first = self._date(start, "month" if start.year != last.year else "bare_month")
            return self._range(first, self._date(last, "month"), "months")
        if start.date() == last.date():
            return self.day(start)
        if (start.year, start.month) == (last.year, last.month):
            return self._range(self._date(start, "day_of_month"), self.day(last))
        first = self.day(start) if start.year != last.year else self._date(start, "day_and_month")
        return self._range(first, self.day(last))

    def _range(self, first: str, last: str, form: str = "range") -> str:
        return self.say(f"dates.{form}", first=first, last=last)

    def _date(self, at: datetime, pattern: str) -> str:
        dates: Mapping[str, str] = self.answers["dates"]
        pattern = f"{pattern}_first" if at.day == 1 and f"{pattern}_first" in dates else pattern
        if self.code == ENGLISH:
            return english.dated(at.date(), dates[pattern])
        from babel.dates import format_date

        return format_date(at.date(), dates[pattern], locale=self.locale)

    def period(self, value: str, unit: str) -> str:
        """A time of a ranking or a trend: 2024-03 as March 2024, 2024-W10 as its days, weekday 6 as Saturdays."""
        if unit == "weekday":
            names: Sequence[str] = self.answers.get("each_weekday") or self.answers["weekdays"]
            return names[int(value) - 1]
        if unit == "hour":
            return self._range(f"{int(value)}:00", f"{(int(value) + 1) % 24}:00")
        from datapunk.gaia.plan.outputs import period

        if (found := period(value)) is None:
            return value
        first, last = (datetime.combine(day, time(), UTC) for day in found)
        return self.days(first, last + timedelta(days=1))

    def clock(self, at: datetime) -> str:
        """18:05."""
        return f"{at.hour}:{at.minute:02d}"

    def weekdays(self, numbers: Sequence[int]) -> str:
        """Weekdays (1 for Monday) as they come again and again: on Mondays and Fridays."""
        names: Sequence[str] = self.answers["weekdays"]
        return self.listed([names[number - 1] for number in numbers])

    def duration(self, seconds: int) -> str:
        """5400 as 1 hour 30 minutes."""
        hours, minutes = divmod(round(seconds / 60), 60)
        parts = [self.counted(hours, "hour")] if hours else []
        if minutes or not hours:
            parts.append(self.counted(minutes, "minute"))
        return " ".join(parts)


@lru_cache
def _speech(code: str) -> Speech:
    spoken = language(code)
    return Speech(code=code, locale=spoken.locale, answers=spoken.answers)


def _number(code: str, locale: str, value: float) -> str:
    if code == ENGLISH:
        return english.number(value)
    from babel.numbers import format_decimal

    return format_decimal(value, "#,##0.##", locale=locale)


def _is_one(code: str, locale: str, value: int) -> bool:
    if code == ENGLISH:
        return english.is_one(value)
    from babel.core import Locale

    return str(Locale.parse(locale).plural_form(value)) == "one"
