import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.adapters import access_log
from datapunk.lake.identity import Occurrences, content_hash
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import classify
from datapunk.lake.stream import MemberStream

Read = Callable[..., list[Found]]

SHORT = (
    "Gaia ID,Activity Timestamp,IP Address,Proxiedhost IP Address,Is Non-routable IP Address,User Agent String,"
    "Product Name\n1,{time},192.0.2.7,198.51.100.9,No,App : X.,Gmail\n"
)
LONG = (
    "Gaia ID,Activity Timestamp,IP Address,Proxied Host IP Address,Is Non-routable IP Address,Activity Country,"
    "Activity Region,Activity City,User Agent String,Product Name,Sub-Product Name,Referer Product Name,"
    "Referer Sub-Product Name,Activity Type,Gmail Access Channel,Android Webview Package Name\n"
    "1,{time},192.0.2.7,,No,AT,Vienna,Vienna,App : X.,Gmail,Inbox,Search,Web,Sign in,Web,com.app\n"
)
MIDDLE = (
    "Gaia ID,Activity Timestamp,IP Address,Country Code,City,Device Type,Device Model,User Agent String,Product Name,"
    "Activity Type\n1,{time},192.0.2.7,AT,Vienna,Phone,Pixel 8,App : X.,Gmail,Sign in\n"
)
TIMES = ["2026-10-01 06:59:59 UTC", '"Oct 1, 2026, 6:59:59\u202fAM UTC"', "2026-10-01T06:59:59Z"]


def only(found: list[Found]) -> Record:
    assert len(found) == 1
    assert isinstance(found[0], Record), found
    return found[0]


@pytest.mark.parametrize("table", [SHORT, MIDDLE, LONG])
@pytest.mark.parametrize("time", TIMES)
def test_every_generation_gives_the_same_access(found: Read, table: str, time: str) -> None:
    record = only(found(table.format(time=time).encode()))
    assert record.kind == "security_event"
    assert record.occurred_at == datetime(2026, 10, 1, 6, 59, 59, tzinfo=UTC)
    assert (record.attributes["service"], record.attributes["ip"]) == ("Gmail", "192.0.2.7")
    assert record.attributes["user_agent"] == "App : X."
    first = only(found(SHORT.format(time=TIMES[0]).encode()))
    assert content_hash(record, Occurrences()) == content_hash(first, Occurrences())


def test_the_longest_table_tells_all(found: Read) -> None:
    record = only(found(LONG.format(time=TIMES[0]).encode()))
    assert record.title == "Gmail: Sign in"
    assert record.attributes == {
        "service": "Gmail", "ip": "192.0.2.7", "country": "AT", "region": "Vienna", "city": "Vienna",
        "user_agent": "App : X.", "sub_product": "Inbox", "referer": "Search", "referer_sub_product": "Web",
        "activity": "Sign in", "channel": "Web", "webview": "com.app",
    }  # fmt: skip


def test_columns_are_found_in_any_order(found: Read) -> None:
    table = f"Product Name,IP Address,Activity Timestamp,Gaia ID\nDrive,192.0.2.1,{TIMES[0]},1\n"
    record = only(found(table.encode()))
    assert (record.attributes["service"], record.attributes["ip"]) == ("Drive", "192.0.2.1")
    assert only(found(MIDDLE.format(time=TIMES[0]).encode())).attributes["device_type"] == "Phone"


def test_a_device_is_told_from_when_it_was_first_active(found: Read) -> None:
    table = (
        "Gaia ID,Device Type,Brand Name,Marketing Name,OS,Device Last Country,Device Last Location Timestamp,"
        "Device First Activity Timestamp,Device Last Activity Timestamp\n"
        "1,Phone,Google,Pixel 8,Android,AT,2026-09-01T00:00:00Z,2026-08-01 10:00:00 UTC,2026-09-02 10:00:00 UTC\n"
    )
    record = only(found(table.encode()))
    assert (record.kind, record.title) == ("security_event", "Google Pixel 8")
    assert record.occurred_at == datetime(2026, 8, 1, 10, tzinfo=UTC)
    assert record.attributes == {
        "type": "device", "service": "Google account", "country": "AT", "device_type": "Phone", "brand": "Google",
        "model": "Pixel 8", "os": "Android", "last_active": "2026-09-02 10:00:00 UTC",
    }  # fmt: skip


def test_a_device_of_2021_has_place_and_time_in_one_cell(found: Read) -> None:
    table = (
        "Device Type,Brand Name,x,OS,OS Version,Marketing Name,y,Device Last Location,Gaia ID\n"
        'Phone,Google,,Android,11,Pixel 5,,"Country ISO: AT\nLast Activity Time: 2021-08-01 10:00:00 UTC\n",1\n'
    )
    record = only(found(table.encode()))
    assert record.occurred_at == datetime(2021, 8, 1, 10, tzinfo=UTC)
    assert (record.attributes["country"], record.attributes["os_version"]) == ("AT", "11")


def test_equal_accesses_in_a_second_are_both_kept(found: Read) -> None:
    table = SHORT.format(time=TIMES[0])
    results = found((table + table.splitlines()[1] + "\n").encode())
    occurrences = Occurrences()
    assert len({content_hash(r, occurrences) for r in results if isinstance(r, Record)}) == 2


def test_a_damaged_row_is_rejected_alone_and_a_cut_table_keeps_its_head(found: Read) -> None:
    head, row = SHORT.format(time=TIMES[0]).splitlines()
    table = "\n".join([head, row, "1,some day,,,,,", row, row[:8]])
    assert [type(r) for r in found(table.encode())] == [Record, Rejected, Record, Rejected]


def test_names_are_claimed_without_content() -> None:
    for member in (
        "Takeout/Access Log Activity/Activities - A list of Google services accessed by.csv",
        "Access Log Activity/Devices - A list of devices (i.e. Nest, Pixel, iPh.csv",
        "Zugriffsprotokollaktivitäten/Aktivitäten - eine Liste.csv",
    ):
        assert classify(member, b"") is access_log
    assert access_log.claims("a.csv", b"IP Address,Activity Timestamp\n1,2\n") == 0


def test_peer_access_log(found: Read, peers: Path) -> None:
    (file,) = (peers / "takeout/Access Log Activity").glob("Activities*.csv")
    results = [r for r in found(file) if isinstance(r, Record)]
    assert [(r.occurred_at, r.attributes["service"], r.attributes["ip"]) for r in results] == [
        (datetime(2026, 3, 11, 2, 49, 39, tzinfo=UTC), "YouTube", "2001:db8:85c1:b496:81e9:9e8e:a396:d027"),
        (datetime(2026, 3, 11, 2, 33, 59, tzinfo=UTC), "Gmail", "198.51.100.14"),
    ]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_tables_never_raise(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([SHORT, MIDDLE, LONG])).format(time=TIMES[0]).encode())
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=10))
    access_log.claims("a.csv", bytes(content))
    results = list(access_log.parse(MemberStream(io.BytesIO(bytes(content))), Context(member="m")))
    assert all(isinstance(r, Record | Rejected) for r in results)
