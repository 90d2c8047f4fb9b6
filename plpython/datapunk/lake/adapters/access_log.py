"""Google's access log: which service was reached when and from where, and the devices; columns known by their words.

Three generations are known, of 7 to 16 columns. Identity is address, service and program within a second, as rows have
no identifier and older ones lack the type of activity.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from datapunk.lake.localised_time import Reading, instant
from datapunk.lake.names import folded
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected_row
from datapunk.lake.stream import MemberStream
from datapunk.lake.tabular import Row, header_of, rows

NAME = "access_log"
VERSION = "1"

_FOLDER = re.compile(r"access log activity/[^/]+\.csv$|zugriffsprotokollaktivitäten/[^/]+\.csv$")
# A column is the first whose header has all of these words; what comes before takes its column first.
_COLUMNS: Final[Sequence[tuple[str, Sequence[str]]]] = (
    ("account", ("gaia",)),
    ("location_time", ("location", "timestamp")),
    ("first", ("first", "activity")),
    ("last", ("last", "activity")),
    ("time", ("activity", "timestamp")),
    ("proxied_ip", ("proxied",)),
    ("non_routable", ("routable",)),
    ("ip", ("ip", "address")),
    ("country", ("country",)),
    ("region", ("region",)),
    ("city", ("city",)),
    ("location", ("location",)),
    ("user_agent", ("user", "agent")),
    ("referer_sub_product", ("referer", "sub")),
    ("referer", ("referer",)),
    ("sub_product", ("sub", "product")),
    ("product", ("product",)),
    ("activity", ("activity", "type")),
    ("channel", ("channel",)),
    ("webview", ("webview",)),
    ("device_type", ("device", "type")),
    ("brand", ("brand",)),
    ("model", ("model",)),
    ("model", ("marketing",)),
    ("os_version", ("os", "version")),
    ("os", ("os",)),
)
_SHORT = 3
_PLACE = re.compile(r"Country ISO:\s*([A-Z]{2})")
_LAST = re.compile(r"Last Activity Time:\s*([^\r\n]+)")


def claims(member: str, head: bytes) -> float:
    """Claim a table with Google's identifier of the account and a time of activity or a device."""
    if not head:
        return BY_NAME if _FOLDER.search(folded(member)) else 0.0
    known = _columns(header_of(head)) if b"gaia id" in head[:2048].lower() else {}
    if "account" in known and ("time" in known or "brand" in known or "device_type" in known):
        return SURE
    return 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return (
        "Access Log Activity/Activities - A list of Google services accessed by*.csv",
        "Access Log Activity/Devices - A list of devices*.csv",
    )


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a security event for each access, and one for each device from when it was first active."""
    zone = ZoneInfo(context.timezone)
    known: dict[str, str] | None = None
    for row in rows(stream):
        if isinstance(row, Rejected):
            yield row
            continue
        if known is None:
            known = _columns(row.cells)
        cells = {column: " ".join(row.cells.get(word, "").split()) for column, word in known.items()}
        record = _access(cells, zone) if "time" in known else _device(row, known, cells, zone)
        yield record or rejected_row(f"row {row.number}: no time that can be read", row.cells, row.offset)


def _columns(header: Iterable[str]) -> dict[str, str]:
    """Return the header's own word for each column."""
    left = {word: frozenset(re.findall(r"\w+", word.casefold())) for word in header if word}
    found: dict[str, str] = {}
    for column, needed in _COLUMNS:
        if column not in found:
            word = next((word for word, parts in left.items() if all(_has(parts, n) for n in needed)), None)
            if word is not None:
                found[column] = word
                del left[word]
    return found


def _has(parts: frozenset[str], word: str) -> bool:
    """Tell whether a header has a word, be it within another, as in "Proxiedhost"."""
    return word in parts or (len(word) > _SHORT and any(word in part for part in parts))


def _access(cells: dict[str, str], zone: ZoneInfo) -> Record | None:
    at = instant(cells["time"], zone=zone)
    if at is None:
        return None
    service = cells.get("product", "")
    attributes: dict[str, object] = {"service": service} if service else {}
    for column in (
        "ip", "proxied_ip", "country", "region", "city", "user_agent", "sub_product", "referer", "referer_sub_product",
        "activity", "channel", "webview", "device_type", "model",
    ):  # fmt: skip
        if value := cells.get(column):
            attributes[column] = value
    title = ": ".join(part for part in (service, cells.get("activity", "")) if part)
    return _record(
        at, title, "access:" + "|".join(cells.get(c, "") for c in ("ip", "product", "user_agent")), attributes
    )


def _device(row: Row, known: dict[str, str], cells: dict[str, str], zone: ZoneInfo) -> Record | None:
    """Return a device; of 2021's tables, which tell place and time of the last activity in one cell, from there."""
    packed = row.cells.get(known.get("location", ""), "")
    place, last = _PLACE.search(packed), _LAST.search(packed)
    times = (cells.get("first"), cells.get("last"), last[1] if last else None, cells.get("location_time"))
    at = next((reading for time in times if time and (reading := instant(time, zone=zone))), None)
    if at is None:
        return None
    attributes: dict[str, object] = {"type": "device", "service": "Google account"}
    if country := cells.get("country") or (place[1] if place else ""):
        attributes["country"] = country
    for column in ("device_type", "brand", "model", "os", "os_version"):
        if value := cells.get(column):
            attributes[column] = value
    if seen := cells.get("last") or (last[1].strip() if last else ""):
        attributes["last_active"] = seen
    title = " ".join(cells[c] for c in ("brand", "model") if cells.get(c)) or cells.get("device_type", "")
    key = "device:" + "|".join(cells.get(c, "") for c in ("device_type", "brand", "model", "os"))
    return _record(at, title, key, attributes)


def _record(at: Reading, title: str, key: str, attributes: dict[str, object]) -> Record:
    return Record(
        kind="security_event", source=NAME, occurred_at=at.at, title=title or None, key=key, precision=at.precision,
        zone_source=at.zone_source, attributes=attributes,
    )  # fmt: skip
