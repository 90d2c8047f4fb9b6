"""Feature views: what was known about an entity before each row's event time, as one SELECT.

A view has a spine (rows with an entity and a time) and features, each an aggregate over an entity's earlier events in
a source. Rows of the spine and events are put in one order per entity, so that a window ending just before the row
gives what was known then, in one pass over both.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datapunk.errors import DatasetUnusable, InvalidArgument
from datapunk.forge.options import duration_seconds

AGGREGATES = ("count", "sum", "avg", "min", "max", "last", "age")
_SPEC = ("spine", "entity", "time", "features", "description", "ttl")
_FEATURE = ("name", "from", "entity", "time", "column", "aggregate", "window")
_HINT = (
    'Give {"spine": SELECT or view, "entity": column, "time": column, "features": [{"name": ..., "from": SELECT or '
    'view, "entity": ..., "time": ..., "column": ..., "aggregate": '
    + " or ".join(AGGREGATES)
    + ', "window": "7 days"}]}.'
)
_MAX_FEATURES = 100
Columns = Callable[[str], Mapping[str, str]]
Statement = Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class WindowFeature:
    """An aggregate over the events of the row's entity before the row's time, at most `window_s` seconds before."""

    name: str
    source: str
    entity: str
    time: str
    aggregate: str
    column: str | None = None
    window_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class FeatureView:
    """A spine with its features."""

    spine: str
    entity: str
    time: str
    features: tuple[WindowFeature, ...]
    description: str = ""
    ttl_s: int = 0


def parse_view(spec: object) -> FeatureView:
    """Read a spec. Raises InvalidArgument, which says what is wrong with it."""
    given = _checked(spec, _SPEC, "the feature view")
    listed = given.get("features")
    if not isinstance(listed, list) or not 1 <= len(listed) <= _MAX_FEATURES:
        raise InvalidArgument(f"a feature view has 1 to {_MAX_FEATURES} features", hint=_HINT)
    entity, time = _text(given, "entity"), _text(given, "time")
    features = tuple(_feature(entry, entity, time) for entry in listed)
    names = [f.name for f in features]
    if len(set(names)) < len(names):
        raise InvalidArgument("two features have the same name", hint="Name each feature once.")
    ttl = given.get("ttl")
    seconds = duration_seconds(str(ttl)) if ttl is not None else 0.0
    if seconds is None:
        raise InvalidArgument(f"ttl is {ttl!r}", hint="Give a duration as in 1 hour, 7 days.")
    return FeatureView(
        spine=_text(given, "spine"), entity=entity, time=time, features=features,
        description=str(given.get("description", "")), ttl_s=int(seconds),
    )  # fmt: skip


def view_query(view: FeatureView, statement: Statement, columns: Columns) -> str:
    """Return the SELECT: the spine's columns and one more for each feature.

    `statement` turns the name of a view or a SELECT into a checked SELECT; `columns` tells its columns with their
    types. Raises DatasetUnusable for a column that is not there.
    """
    spine = statement(view.spine)
    have = columns(spine)
    _need(have, (view.entity, view.time), "the spine")
    for feature in view.features:
        if feature.name in have:
            raise DatasetUnusable(
                f"the spine has a column {feature.name!r} already", hint="Name the feature otherwise."
            )
    entity, time = quoted(view.entity), quoted(view.time)
    parts = [
        f"spine as materialized (\nselect row_number() over () as _row, s.*\nfrom (\n{spine}\n) as s\n)",
    ]
    joins = []
    for number, feature in enumerate(view.features):
        source = statement(feature.source)
        known = columns(source)
        _need(
            known, [c for c in (feature.entity, feature.time, feature.column) if c], f"the source of {feature.name!r}"
        )
        value = f"e.{quoted(feature.column)}" if feature.column else "true"
        null = f"null::{known[feature.column]}" if feature.column else "null::boolean"
        preceding = (
            f"interval '{feature.window_s:.3f} seconds' preceding" if feature.window_s else "unbounded preceding"
        )
        parts.append(
            f"feature_{number} as (\n"
            # Nothing is known to be before a row without a time, whose window would hold every event.
            f"select o._row, case when o.at is not null then {_aggregate(feature, known)} end as value\n"
            f"from (\n"
            f"select null::bigint as _row, e.{quoted(feature.entity)}::text as entity,\n"
            f"  e.{quoted(feature.time)}::timestamptz as at, {value} as value\n"
            f"from (\n{source}\n) as e\n"
            f"where e.{quoted(feature.entity)} is not null and e.{quoted(feature.time)} is not null\n"
            f"union all\n"
            f"select s._row, s.{entity}::text, s.{time}::timestamptz, {null}\nfrom spine as s\n"
            f") as o\n"
            f"window w as (partition by o.entity order by o.at "
            f"range between {preceding} and interval '1 microsecond' preceding)\n)"
        )
        joins.append(f"join feature_{number} as f{number} on f{number}._row = s._row")
    kept = ", ".join(f"s.{quoted(name)}" for name in have)
    made = ", ".join(f"f{number}.value as {quoted(f.name)}" for number, f in enumerate(view.features))
    return f"with {', '.join(parts)}\nselect {kept}, {made}\nfrom spine as s\n" + "\n".join(joins) + "\norder by s._row"


def quoted(name: str) -> str:
    """Return an identifier in SQL. Raises InvalidArgument for what cannot be one."""
    if not name or "\0" in name or len(name.encode()) > 63:
        raise InvalidArgument(f"{name!r} is no column name", hint="Names have 1 to 63 bytes.")
    return '"' + name.replace('"', '""') + '"'


def _aggregate(feature: WindowFeature, types: Mapping[str, str]) -> str:
    at = "extract(epoch from o.at)"
    match feature.aggregate:
        case "count":
            return "count(o.value) over w"
        case "age":
            # Seconds since the latest earlier event; the events alone have a value.
            return f"{at} - max({at}) filter (where o._row is null) over w"
        case "last":
            # The greatest array is that of the latest event; times of equal length sort as text.
            stamp = "to_char(o.at at time zone 'utc', 'YYYYMMDDHH24MISSUS')"
            latest = f"(max(array[{stamp}, o.value::text]) filter (where o._row is null) over w)[2]"
            return f"({latest})::{types[str(feature.column)]}"
        case _:
            return f"{feature.aggregate}(o.value) over w"


def _feature(entry: object, entity: str, time: str) -> WindowFeature:
    given = _checked(entry, _FEATURE, "a feature")
    name, aggregate = _text(given, "name"), str(given.get("aggregate", "count"))
    if aggregate not in AGGREGATES:
        raise InvalidArgument(f"aggregate is {aggregate!r}", hint=f"Aggregates: {', '.join(AGGREGATES)}.")
    column = str(given["column"]) if given.get("column") else None
    if column is None and aggregate not in ("count", "age"):
        raise InvalidArgument(f"feature {name!r} has no column", hint=f"{aggregate} needs the column that it is of.")
    window = given.get("window")
    seconds = duration_seconds(str(window)) if window is not None else None
    if window is not None and not seconds:
        raise InvalidArgument(f"window of {name!r} is {window!r}", hint="Give a duration as in 12 hours, 7 days.")
    return WindowFeature(
        name=name, source=_text(given, "from"), entity=str(given.get("entity") or entity),
        time=str(given.get("time") or time), aggregate=aggregate, column=column, window_s=seconds,
    )  # fmt: skip


def _checked(spec: object, names: Sequence[str], what: str) -> dict[str, Any]:
    if not isinstance(spec, dict):
        raise InvalidArgument(f"{what} is no object", hint=_HINT)
    if unknown := next((n for n in spec if n not in names), None):
        raise InvalidArgument(f"{what} has an unknown field {unknown!r}", hint=_HINT)
    return spec


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value.strip():
        raise InvalidArgument(f"{name!r} is missing or no text", hint=_HINT)
    return value


def _need(have: Mapping[str, str], wanted: Sequence[str], where: str) -> None:
    for name in wanted:
        if name not in have:
            raise DatasetUnusable(f"{where} has no column {name!r}", hint=f"Its columns: {', '.join(have)}.")
