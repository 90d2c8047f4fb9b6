"""What words that point back mean: somebody, something or a time that the question before was about or found. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_ONE = re.compile(r"\b(?:he|him|his|she|her|hers|that person|this person)\b", re.IGNORECASE)
_SOME = re.compile(r"\b(?:they|them|their|theirs)\b", re.IGNORECASE)
_ALL = re.compile(r"\b(?:all|each|any|both) of (?:them|those|these)\b", re.IGNORECASE)
_NTH = re.compile(
    r"\b(?:the )?(first|second|third|fourth|fifth|last) (?:one\b|of (?:them|those|these)\b)", re.IGNORECASE
)
_THING = re.compile(
    r"\b(?:(?:watch|watched|see|saw|visit|visited|open|opened|hear|listen to|read) it"
    r"|(?:that|this) (?:channel|site|website|page|place))\b",
    re.IGNORECASE,
)
_THEN = re.compile(
    r"\bthen\b|\bthat (?:time|period|trip|journey|event|day|week|month|year)\b"
    r"|\bduring (?:it|that|this (?:time|trip))\b"
    r"|(?<!\bwere )(?<!\bare )(?<!\bis )\bthere\b",
    re.IGNORECASE,
)
_ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1}
_FIELDS = ("person", "channel", "site", "place")
_OF_ROUTE = {"people": "person", "places": "place"}


@dataclass(frozen=True, kw_only=True)
class Pointed:
    """Parameters for what is pointed at, `time` for the days of an event that the question before found.

    `missing` is a word that points at nothing that is known.
    """

    parameters: dict[str, Any] = field(default_factory=dict)
    time: dict[str, Any] = field(default_factory=dict)
    missing: str = ""


def pointed(
    question: str, route: str, before: Mapping[str, Any], data: Mapping[str, Any], zone: ZoneInfo, phrase: str
) -> Pointed:
    """Return what a question points at: `before` are the parameters of the question before, `data` what it found.

    `phrase` words the time of an event.
    """
    rows = [str(row["value"]) for row in data.get("rows") or () if isinstance(row, Mapping) and row.get("value")]
    of = _OF_ROUTE.get(route) or str(data.get("group_by"))
    values = rows if of in _FIELDS else []
    if match := _NTH.search(question):
        place = _ORDINALS[match[1].lower()]
        known = -len(values) <= place < len(values)
        return Pointed(parameters={of: [values[place]]}) if known else Pointed(missing=match.group())
    if match := _ONE.search(question) or _SOME.search(question):
        return _person(question, match.group(), route, before, values if of == "person" else [])
    if match := _THING.search(question):
        return _thing(match.group(), before, of, values if of != "person" else [])
    if match := _THEN.search(question):
        return _time(match.group(), before, data, zone, phrase)
    return Pointed()


def _thing(word: str, before: Mapping[str, Any], of: str, things: list[str]) -> Pointed:
    if things and not before.get(of):
        return Pointed(parameters={of: things[:1]})
    known = any(before.get(name) for name in ("channel", "site", "place", "topic", "quoted"))
    return Pointed(missing="" if known else word)


def _person(question: str, word: str, route: str, before: Mapping[str, Any], people: list[str]) -> Pointed:
    if before.get("person"):
        return Pointed()
    several = _SOME.fullmatch(word) is not None
    if not people:
        # "They" may be things.
        return Pointed(missing="" if several else word)
    if several and (route == "people" or _ALL.search(question)):
        return Pointed(parameters={"person": people})
    if route == "people" and len(people) > 1:
        return Pointed(missing=word)
    return Pointed(parameters={"person": people[:1]})


def _time(word: str, before: Mapping[str, Any], data: Mapping[str, Any], zone: ZoneInfo, phrase: str) -> Pointed:
    if before.get("since") or before.get("until") or (word.lower() == "there" and before.get("place")):
        return Pointed()
    if time_of := event_time(data, zone, phrase):
        return Pointed(time=time_of)
    return Pointed(missing=word)


def event_time(data: Mapping[str, Any], zone: ZoneInfo, phrase: str) -> dict[str, Any]:
    """The days of what the question before found, as parameters; empty where it found no event."""
    if not data.get("date") or data.get("kind") != "event":
        return {}
    first = date.fromisoformat(str(data["date"]))
    last = max(first, date.fromisoformat(str(data.get("last_date") or data["date"])))
    since, until = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    return {"since": since.isoformat(), "until": until.isoformat(), "phrase": phrase}
