"""What a step gives to others, by the types of a plan: people, places, channels, sites, and stretches of time. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from datapunk.gaia.material import Cited
from datapunk.gaia.speech import local

#: Of which kind the values of a ranking are.
_RANKED = {"person": "people", "place": "places", "channel": "channels", "site": "sites"}
_SINGULAR = {"people": "person", "places": "place", "channels": "channel", "sites": "site"}


def output_of(
    subroutine: str, given: Mapping[str, Any], data: Mapping[str, Any], cited: Sequence[Cited], said: str | None,
    zone: ZoneInfo,
) -> dict[str, Any]:  # fmt: skip
    """Return the outputs of a step, those of model.OUTPUTS: what its figures rank, else what its input names."""
    output: dict[str, Any] = {
        "found": has_found(data, cited, said), "data": dict(data), "citations": [c.item_id for c in cited],
        "answer": said,
        **{many: _listed(given.get(one)) for many, one in _SINGULAR.items()},
    }  # fmt: skip
    rows = data.get("rows")
    group = {"people": "person", "places": "place"}.get(subroutine) or str(data.get("group_by") or "")
    if isinstance(rows, list) and group in _RANKED:
        output[_RANKED[group]] = [str(row["value"]) for row in rows if isinstance(row, dict) and row.get("value")]
    output |= {one: output[many][:1] for many, one in _SINGULAR.items()}
    output["title"] = _title(data, cited, group)
    moment = _moment(data, cited, zone)
    if moment:
        day, last = moment
        output |= {name: _stretch(first, end, zone) for name, first, end in _around(day, last)}
    since, until = given.get("since"), given.get("until")
    # A date or peak tells the time better than the question did; so do items where it set no bounds.
    span = moment if "date" in data or _peak(data) else None if since and until else _span(data, cited, zone)
    if "date" in data and not moment:
        since = until = None
    elif span:
        stretch = _stretch(span[0], span[1] + timedelta(days=1), zone)
        since, until = stretch["since"], stretch["until"]
    return {**output, "since": since, "until": until}


def has_found(data: Mapping[str, Any], cited: Sequence[Cited], said: str | None) -> bool:
    """Whether a result says anything: cites something, or has a figure, rows or a sentence."""
    if cited or said:
        return True
    if "found" in data or "rows" in data or "date" in data:
        rows = data.get("rows")
        filled = (
            any((r.get("count", 1) if isinstance(r, dict) else 1) for r in rows) if isinstance(rows, list) else False
        )
        return bool(data.get("found")) or filled or bool(data.get("date"))
    if "count" in data:
        return bool(data["count"])
    return any(value not in (None, "", [], {}, 0) for value in data.values())


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value] if isinstance(value, str) and value else []


def _title(data: Mapping[str, Any], cited: Sequence[Cited], group: str) -> str | None:
    rows = data.get("rows")
    if group in ("title", "query") and isinstance(rows, list) and rows:
        return str(rows[0].get("value"))
    return data.get("title") or (cited[0].title if cited else None)


def _day(cited: Cited, zone: ZoneInfo) -> date | None:
    if not cited.occurred_at:
        return None
    return local(cited.occurred_at, ZoneInfo("UTC") if cited.whole_day else zone).date()


def _moment(data: Mapping[str, Any], cited: Sequence[Cited], zone: ZoneInfo) -> tuple[date, date] | None:
    """First and last day of what a result is about in the first place: its date, its peak, else its first citation."""
    if data.get("date"):
        day = date.fromisoformat(str(data["date"]))
        last = date.fromisoformat(str(data.get("last_date") or day))
        return day, max(last, day)
    if peak := _peak(data):
        return peak
    day_ = _day(cited[0], zone) if cited else None
    return (day_, day_) if day_ else None


def _peak(data: Mapping[str, Any]) -> tuple[date, date] | None:
    """First and last day of the period with the most, of the rows of a trend; the earliest of several."""
    rows = [row for row in data.get("rows") or () if isinstance(row, dict) and row.get("period")]
    if not rows or not any(row.get("count") for row in rows):
        return None
    best = max(rows, key=lambda row: float(row.get("count") or 0))
    return period(str(best["period"]))


def period(text: str) -> tuple[date, date] | None:
    """First and last day of 2024, 2024-Q1, 2024-03, 2024-W10 or 2024-03-09; None for anything else."""
    try:
        if len(text) == 10:
            return date.fromisoformat(text), date.fromisoformat(text)
        year = int(text[:4])
        if "W" in text:
            monday = date.fromisocalendar(year, int(text[6:]), 1)
            return monday, monday + timedelta(days=6)
        first, months = (int(text[6:]) * 3 - 2, 3) if "Q" in text else (int(text[5:7]), 1) if len(text) > 4 else (1, 12)
        end = year * 12 + first - 1 + months
        return date(year, first, 1), date(end // 12, end % 12 + 1, 1) - timedelta(days=1)
    except ValueError:
        return None


def _span(data: Mapping[str, Any], cited: Sequence[Cited], zone: ZoneInfo) -> tuple[date, date] | None:
    days = [day for entry in cited if (day := _day(entry, zone))]
    for name in ("first", "last"):
        if data.get(name):
            days.append(local(str(data[name]), zone).date())
    return (min(days), max(days)) if days else None


def _around(day: date, last: date) -> list[tuple[str, date, date]]:
    monday = day - timedelta(days=day.weekday())
    month = day.replace(day=1)
    year = day.replace(month=1, day=1)
    return [
        ("day", day, last + timedelta(days=1)),
        ("week", monday, monday + timedelta(days=7)),
        ("month", month, (month + timedelta(days=31)).replace(day=1)),
        ("year", year, year.replace(year=year.year + 1)),
    ]


def _stretch(first: date, end: date, zone: ZoneInfo) -> dict[str, str]:
    return {"since": _instant(first, zone), "until": _instant(end, zone)}


def _instant(day: date, zone: ZoneInfo) -> str:
    return datetime.combine(day, time(), zone).isoformat()
