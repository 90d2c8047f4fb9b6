"""How a row becomes the numbers of a model's graph: one column of a float32 matrix or several for each feature.

The signature of a version holds the features; training and serving turn rows into numbers by the same rules, so that
the graph itself takes one matrix and no text. What is missing is NaN; a category's code is -2 where it is missing and
-1 where the training did not know the value.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, Literal

from datapunk.errors import InvalidArgument
from datapunk.forge.wording import padded

FeatureKind = Literal["number", "boolean", "category", "time", "text", "vector", "wording"]
# What a time is told apart by; `days` is the part that grows.
TIME_PARTS = ("days", "hour", "weekday", "month")
UNKNOWN, MISSING = -1.0, -2.0
_DAY = 86400.0
# Days from 0000-03-01 to 1970-01-01, and days of 400 years, of the Gregorian calendar.
_EPOCH_SHIFT, _ERA = 719468, 146097
# What float32 does not hold is as good as missing, whichever way a row takes.
LARGEST = 3.4e38
_WORDS = {"true": 1.0, "t": 1.0, "yes": 1.0, "false": 0.0, "f": 0.0, "no": 0.0}
# Types whose values JSON has as they were learned.
_AS_GIVEN = {"text", "varchar", "name", "bool", "int2", "int4", "int8", "float4", "float8", "numeric"}
# As far as PostgreSQL's timestamps reach, in seconds before and after 1970.
_LONGEST_S = 1e13
_INFINITE = ("infinity", "-infinity")
EmbedTexts = Callable[[Sequence[str], str], Sequence[Sequence[float]]]


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One feature: `width` columns of the matrix from `column` on.

    `values` are a category's, by code. `buckets` are those that the terms of a wording are hashed into. `parts` name
    the columns where there are several that are not a vector's. `profile` is what the training data looked like, `mean`
    the mean of each column there.
    """

    name: str
    kind: FeatureKind
    type: str
    column: int
    width: int = 1
    parts: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    embedder: str | None = None
    buckets: int = 0
    profile: Mapping[str, Any] = field(default_factory=dict)
    mean: tuple[float, ...] = ()

    @cached_property
    def codes(self) -> dict[str, float]:
        """Code of each value of a category."""
        return {value: float(code) for code, value in enumerate(self.values)}

    def to_json(self) -> dict[str, Any]:
        """Return the entry of a signature."""
        entry: dict[str, Any] = {
            "name": self.name, "kind": self.kind, "type": self.type, "column": self.column, "width": self.width,
            "profile": dict(self.profile), "mean": list(self.mean),
        }  # fmt: skip
        for name in ("parts", "values"):
            if getattr(self, name):
                entry[name] = list(getattr(self, name))
        if self.embedder:
            entry["embedder"] = self.embedder
        if self.buckets:
            entry["buckets"] = self.buckets
        return entry


def read_features(signature: Mapping[str, Any]) -> tuple[Feature, ...]:
    """Return the features of a version's signature."""
    return tuple(
        Feature(
            name=entry["name"], kind=entry["kind"], type=entry["type"], column=entry["column"], width=entry["width"],
            parts=tuple(entry.get("parts", ())), values=tuple(entry.get("values", ())),
            embedder=entry.get("embedder"), buckets=entry.get("buckets", 0), profile=entry.get("profile", {}),
            mean=tuple(entry.get("mean", ())),
        )
        for entry in signature["features"]
    )  # fmt: skip


def encode_row(features: Sequence[Feature], given: object, embed: EmbedTexts) -> list[float]:
    """Return the numbers of one row, given as an object of values by name; one left out or given as null is missing.

    So is a number beyond LARGEST, and an infinite time. Raises InvalidArgument for an unknown name and for a value that
    does not fit.
    """
    listed = ", ".join(f"{f.name} ({f.kind})" for f in features)
    if not isinstance(given, Mapping):
        raise InvalidArgument("the features must be an object", hint=f"Give values for: {listed}.")
    known = {f.name for f in features}
    if unknown := next((name for name in given if name not in known), None):
        raise InvalidArgument(f"the model has no feature {unknown!r}", hint=f"Its features: {listed}.")
    if not given:
        raise InvalidArgument("no feature is given", hint=f"Give values for: {listed}.")
    row: list[float] = []
    for feature in features:
        row += encode_value(feature, given.get(feature.name), embed)
    return row


def to_render(features: Sequence[Feature], given: object) -> list[Feature]:
    """Return those given features that PostgreSQL has to read, by their type, before they are what was learned."""
    if not isinstance(given, Mapping):
        return []
    return [
        f
        for f in features
        if f.kind in ("number", "category", "text")
        and f.type not in _AS_GIVEN
        and given.get(f.name) is not None
        and not (f.kind == "number" and isinstance(given[f.name], (int, float)))
    ]


def with_rendered(features: Sequence[Feature], given: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is given with what `forge.rendered` made of some of it. Raises InvalidArgument for what is not there.

    A string that is given for JSON may be meant as one, or be the text of an object: it is what the training knew.
    """
    result = dict(given)
    for feature in features:
        value = given[feature.name]
        if feature.name not in found:
            raise InvalidArgument(
                f"feature {feature.name!r} is {value!r}",
                hint=f"Give a value of type {feature.type}, as to_jsonb makes it or as its text in SQL.",
            )
        if found[feature.name] not in feature.codes:
            if value in feature.values:
                continue
            if feature.type in ("json", "jsonb") and isinstance(value, str) and _is_structure(value):
                raise InvalidArgument(
                    f"feature {feature.name!r} is the text {value!r}", hint="Give the JSON itself, not in a string."
                )
        result[feature.name] = found[feature.name]
    return result


def _is_structure(text: str) -> bool:
    """Tell whether a text is that of a JSON object or array."""
    try:
        return isinstance(json.loads(text), (dict, list))
    except ValueError:
        return False


def encode_value(feature: Feature, value: object, embed: EmbedTexts) -> list[float]:
    """Return the `width` numbers of one value. Raises InvalidArgument when it does not fit the feature."""
    if feature.kind != "vector" and isinstance(value, (Mapping, list)):
        raise InvalidArgument(f"feature {feature.name!r} is {value!r}", hint=f"Give a {feature.kind}: a single value.")
    match feature.kind:
        case "number" | "boolean":
            number = _number(feature, value)
            return [number, float(math.isnan(number))] if feature.width == 2 else [number]
        case "category":
            return [MISSING if value is None else feature.codes.get(category_name(value), UNKNOWN)]
        case "time":
            parts = time_parts(math.nan if value is None else seconds_of(feature, value))
            return [parts[TIME_PARTS.index(name)] for name in feature.parts]
        case "text":
            text = "" if value is None else str(value)
            return list(embed([text], str(feature.embedder))[0]) if text.strip() else [0.0] * feature.width
        case "wording":
            return padded("" if value is None else str(value), feature.buckets, feature.width)
        case "vector":
            return _vector(feature, value)


def category_name(value: object) -> str:
    """Return a category's value as text; 3.0 and 3 are the same, as are true and True."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.17g}"
    return str(value)


def time_parts(seconds: float) -> list[float]:
    """Return days since 1970, hour of the day, weekday (Monday 0) and month (1 to 12) of a UTC instant."""
    if math.isnan(seconds):
        return [math.nan] * len(TIME_PARTS)
    days = math.floor(seconds / _DAY)
    return [seconds / _DAY, (seconds - days * _DAY) / 3600.0, float((days + 3) % 7), float(_month(days))]


def _month(days: int) -> int:
    """Return the month of a day since 1970 (Hinnant, days from civil)."""
    of_era = (days + _EPOCH_SHIFT) % _ERA
    year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    return month + 3 if month < 10 else month - 9


def _number(feature: Feature, value: object) -> float:
    if value is None:
        return math.nan
    if isinstance(value, str) and value.strip().lower() in _WORDS and feature.kind == "boolean":
        return _WORDS[value.strip().lower()]
    number: float | None
    try:
        number = float(value)  # type: ignore[arg-type]
    except OverflowError:
        number = math.inf
    except (TypeError, ValueError):
        number = None
    if number is None or (feature.kind == "boolean" and math.isfinite(number) and number not in (0.0, 1.0)):
        raise InvalidArgument(
            f"feature {feature.name!r} is {value!r}", hint=f"Give a {feature.kind}, or null where it is not known."
        )
    return held(number)


def held(number: float) -> float:
    """Return a number as float32 holds it, but for its rounding: NaN where it is too large."""
    return number if abs(number) <= LARGEST else math.nan


def seconds_of(feature: Feature, value: object) -> float:
    """Return seconds since 1970; what has no zone is UTC, and a bare number is seconds already.

    NaN for an infinite time.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value) if abs(value) <= _LONGEST_S else math.nan
    if isinstance(value, str) and value.strip().lower() in _INFINITE:
        return math.nan
    try:
        at = value if isinstance(value, (datetime, date)) else datetime.fromisoformat(str(value).strip())
    except ValueError:
        raise InvalidArgument(
            f"feature {feature.name!r} is {value!r}", hint="Give an instant as in 2026-03-01T08:30:00+01:00."
        ) from None
    if not isinstance(at, datetime):
        at = datetime(at.year, at.month, at.day, tzinfo=UTC)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _vector(feature: Feature, value: object) -> list[float]:
    if value is None:
        return [math.nan] * feature.width
    try:
        numbers: Any = json.loads(value) if isinstance(value, str) else value
        vector = [math.nan if n is None else held(float(n)) for n in numbers]
    except (TypeError, ValueError, OverflowError):
        vector = []
    if len(vector) != feature.width:
        raise InvalidArgument(
            f"feature {feature.name!r} has {len(vector)} numbers", hint=f"Give an array of {feature.width} numbers."
        )
    return vector
