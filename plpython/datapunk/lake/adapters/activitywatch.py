"""ActivityWatch: which window, page or editor was in front, from its export of buckets."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any

import ijson

from datapunk.lake.epochs import count
from datapunk.lake.json_damage import Place, Shallow, recovering
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import SURE
from datapunk.lake.samples import rejected
from datapunk.lake.stream import JSON_BYTES, MemberStream

NAME = "activitywatch"
VERSION = "1"

_ABOUT = ("id", "type", "client", "hostname")
_KEYS = frozenset(("timestamp", "duration", "data"))


def claims(member: str, head: bytes) -> float:
    """Claim an object of buckets that have events."""
    found = head.lstrip()[:1] == b"{" and b'"buckets"' in head[:1024] and b'"events"' in head
    return SURE if found and (b'"duration"' in head or b'"hostname"' in head) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("aw-buckets-export.json", "aw-bucket-export_*.json")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a use of an app per event, from its beginning to its end."""
    buckets = _Buckets(stream)
    for found in recovering(stream, buckets.events(), buckets.pick, identity=itemgetter(1), opened=buckets.open):
        if isinstance(found, Rejected):
            yield found
            continue
        bucket, event = found
        try:
            yield _record(event, bucket)
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as exc:
            within = "buckets.bucket.events.item"
            yield rejected(f"an event needs timestamp, duration and data: {exc!r}", event, within, bucket)


class _Buckets:
    """The events of one text with what their bucket says of itself; the keys of buckets are any names."""

    def __init__(self, stream: MemberStream) -> None:
        self._stream = stream
        self._about: dict[str, str] = {}

    def events(self) -> Iterator[tuple[dict[str, str], Any]]:
        """Yield each event."""
        shallow = Shallow(self._stream)
        events = ijson.parse(shallow, buf_size=JSON_BYTES)
        # buckets, a bucket, its events: the objects and lists that are open.
        path: list[str] = []
        key = ""
        for _, name, value in events:
            if name == "map_key":
                key = str(value)
            elif len(path) == 4 and path[3] == "events" and name != "end_array":
                yield self._about, _whole(events, name, value)
                shallow.ended()
            elif name.startswith("start_"):
                path.append(key)
                if len(path) == 3:
                    self._about = {}
            elif name.startswith("end_"):
                path.pop()
            elif len(path) == 3 and key in _ABOUT:
                self._about[key] = str(value)

    def pick(self, value: dict[str, Any], place: Place) -> list[tuple[dict[str, str], Any]] | None:
        """Return the events that a whole object behind a break is or holds."""
        if isinstance(events := value.get("events"), list):
            self.open(value, "events")
            return [(self._about, event) for event in events]
        return [(self._about, value)] if place is not Place.OF_KEY and value.keys() >= _KEYS else None

    def open(self, begin: dict[str, Any], key: str) -> bool:
        """Take what a bucket says of itself before its events."""
        if key != "events":
            return False
        self._about = {name: str(begin[name]) for name in _ABOUT if name in begin}
        return True


def _whole(events: Iterator[tuple[str, str, Any]], name: str, value: Any) -> Any:
    """Return the value that begins with an event, taking the events up to its end."""
    if not name.startswith("start_"):
        return value
    builder = ijson.ObjectBuilder()
    builder.event(name, value)
    depth = 1
    while depth:
        _, name, value = next(events)
        builder.event(name, value)
        depth += name.startswith("start_") - name.startswith("end_")
    return builder.value


def _record(event: Any, bucket: dict[str, str]) -> Record:
    at = datetime.fromisoformat(event["timestamp"])
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    lasted = timedelta(microseconds=count(event["duration"] * 1_000_000))
    if lasted < timedelta():
        raise ValueError(f"a duration below zero: {event['duration']}")
    data = event["data"]
    status = str(data.get("status") or "")
    # Of a browser or an editor the watcher itself tells which one it is.
    app = str(data.get("app") or bucket.get("client") or bucket.get("id") or "")
    url, file = str(data.get("url") or ""), str(data.get("file") or "")
    title = str(data.get("title") or file or status or app)
    seconds = lasted.total_seconds()
    attributes: dict[str, object] = {
        "app": app,
        "action": status or "use",
        "duration_seconds": int(seconds) if seconds.is_integer() else seconds,
    }
    for key in ("project", "language", "file", "audible", "incognito"):
        if value := data.get(key):
            attributes[key] = value
    if host := bucket.get("hostname"):
        attributes["device"] = host
    return Record(
        kind="app_use",
        source=NAME,
        occurred_at=at,
        ended_at=at + lasted,
        precision="us" if at.microsecond % 1_000 else "ms" if at.microsecond else "s",
        title=title or None,
        url=url or None,
        key="\x1f".join((str(data.get("app") or ""), title, url)),
        attributes=attributes,
    )
