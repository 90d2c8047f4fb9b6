import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.identity import Occurrences, content_hash
from datapunk.lake.record import Context, Record, Rejected
from datapunk.lake.registry import by_name, classify
from datapunk.lake.stream import MemberStream


def event(second: int, duration: float = 1.5, **data: Any) -> dict[str, Any]:
    return {"id": second, "timestamp": f"2026-01-01T10:00:{second:02}.5+00:00", "duration": duration, "data": data}


EXPORT = {
    "buckets": {
        "events": {
            "id": "aw-watcher-window_host", "type": "currentwindow", "client": "aw-watcher-window", "hostname": "host",
            "data": {"hostname": "wrong", "k": [1]},
            "events": [event(0, app="Editor", title="a.py"), event(1, app="Editor", title="b.py")],
        },
        "aw-watcher-web-firefox": {
            "id": "aw-watcher-web-firefox", "client": "aw-client-web", "hostname": "unknown",
            "events": [event(2, url="https://a.example/", title="A", audible=False)],
        },
        "aw-watcher-afk_host": {"client": "aw-watcher-afk", "events": [event(3, 60, status="afk")]},
    }
}  # fmt: skip
CONTENT = json.dumps(EXPORT).encode()


def test_windows_pages_and_absence_are_uses(found: Any) -> None:
    first, second, page, away = found(CONTENT)
    assert (first.kind, first.title) == ("app_use", "a.py")
    assert first.occurred_at == datetime(2026, 1, 1, 10, 0, 0, 500000, tzinfo=UTC)
    assert first.ended_at == datetime(2026, 1, 1, 10, 0, 2, tzinfo=UTC)
    assert first.attributes == {"app": "Editor", "action": "use", "duration_seconds": 1.5, "device": "host"}
    assert second.title == "b.py"
    assert (page.title, page.url, page.attributes["app"]) == ("A", "https://a.example/", "aw-client-web")
    assert (away.title, away.attributes["action"], away.attributes["duration_seconds"]) == ("afk", "afk", 60)
    assert "device" not in away.attributes


def test_an_event_that_grew_until_the_next_export_is_the_same(found: Any) -> None:
    later = found(CONTENT.replace(b'"duration": 1.5', b'"duration": 9.5'))
    assert [content_hash(one, Occurrences()) for one in later] == [
        content_hash(one, Occurrences()) for one in found(CONTENT)
    ]


def test_an_event_that_is_none_is_rejected_alone(found: Any) -> None:
    for bad in (b'"duration": -1', b'"duration": "x"', b'"timestamp": 1, "duration": 1.5'):
        results = found(CONTENT.replace(b'"duration": 1.5', bad, 1))
        assert [type(one) for one in results] == [Rejected, Record, Record, Record]


def test_a_broken_spot_costs_its_event_only(found: Any) -> None:
    results = found(CONTENT.replace(b'"b.py"', b"NaN"))
    assert [one.title for one in results if isinstance(one, Record)] == ["a.py", "A", "afk"]
    assert sum(isinstance(one, Rejected) for one in results) == 1


def test_a_cut_file_keeps_its_good_head(found: Any) -> None:
    results = found(CONTENT[: CONTENT.index(b'"b.py"')])
    assert [type(one) for one in results] == [Record, Rejected]


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, len(CONTENT) - 1), bytes_=st.binary(min_size=1, max_size=4))
def test_changed_bytes_never_raise(at: int, bytes_: bytes) -> None:
    content = CONTENT[:at] + bytes_ + CONTENT[at + len(bytes_) :]
    for one in by_name("activitywatch").parse(MemberStream(io.BytesIO(content)), Context(member="m")):
        assert isinstance(one, Record | Rejected)


def test_peer_export(found: Any, peers: Path) -> None:
    (use,) = found(peers / "appusage/aw-buckets-export.json")
    assert (use.title, use.attributes["app"], use.attributes["device"]) == ("Firefox", "Firefox", "my_phone")
    assert use.occurred_at == datetime(2026, 9, 3, 10, 0, tzinfo=UTC)
    assert use.attributes["duration_seconds"] == 600
    assert use.ended_at == datetime(2026, 9, 3, 10, 10, tzinfo=UTC)
    adapter = classify("x", (peers / "appusage/aw-buckets-export.json").read_bytes())
    assert adapter is not None
    assert adapter.NAME == "activitywatch"
