import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake import Record, Rejected
from datapunk.lake.record import Context
from datapunk.lake.registry import by_name
from datapunk.lake.stream import MemberStream

MEMBER = "your_instagram_activity/messages/inbox/annlee_123/message_1.json"


def message(number: int = 0, **fields: Any) -> dict[str, Any]:
    return {"sender_name": "Ann Lee", "timestamp_ms": 1579294140000 - number, "content": f"hi {number}"} | fields


def content(*messages: Any) -> bytes:
    people = [{"name": "Ann Lee"}, {"name": "Bo"}]
    return json.dumps({"participants": people, "messages": messages, "title": "Ann Lee"}, indent=1).encode()


def test_a_message_has_its_sender_conversation_and_service(found: Any) -> None:
    record = found(content(message()), MEMBER)[0]
    assert (record.kind, record.source, record.body, record.precision) == ("message", "meta_chat", "hi 0", "ms")
    assert record.occurred_at == datetime(2020, 1, 17, 20, 49, tzinfo=UTC)
    assert record.attributes == {
        "conversation": "Ann Lee, Bo", "conversation_id": "annlee_123", "sender": "Ann Lee", "service": "Instagram",
    }  # fmt: skip


def test_text_that_was_read_as_latin_1_is_repaired(found: Any) -> None:
    record = found(
        content(message(content="sch\u00c3\u00b6n \u00f0\u009f\u0098\u0080", sender_name="J\u00c3\u00bcrgen")), MEMBER
    )[0]
    assert (record.body, record.attributes["sender"]) == ("schön 😀", "Jürgen")


def test_text_that_is_right_stays(found: Any) -> None:
    assert found(content(message(content="schön 😀")), MEMBER)[0].body == "schön 😀"


def test_media_shares_calls_and_reactions_are_kept(found: Any) -> None:
    shared = message(
        photos=[{"uri": "messages/inbox/a/photos/1.jpg"}], share={"link": "https://a.example/"},
        reactions=[{"reaction": "\u00e2\u009d\u00a4", "actor": "Bo"}],
    )  # fmt: skip
    call = message(1, call_duration=60)
    first, second = found(content(shared, call), MEMBER)
    assert (first.attributes["attachments"], first.url) == (["1.jpg"], "https://a.example/")
    assert first.attributes["reactions"] == [{"emoji": "❤", "count": 1, "by": ["Bo"]}]
    assert (second.attributes["type"], (second.ended_at - second.occurred_at).total_seconds()) == ("call", 60)


def test_a_damaged_message_is_rejected_and_the_others_survive(found: Any) -> None:
    results = found(content(message(0), {"content": "x"}, message(1, timestamp_ms=None), message(2)), MEMBER)
    assert [r.body for r in results if isinstance(r, Record)] == ["hi 0", "hi 2"]
    assert sum(isinstance(r, Rejected) for r in results) == 2


def test_a_cut_file_keeps_its_head(found: Any) -> None:
    results = found(content(*(message(n) for n in range(4)))[:-60], MEMBER)
    assert [r.body for r in results if isinstance(r, Record)] == ["hi 0", "hi 1", "hi 2"]


@given(st.binary(max_size=200), st.integers(0, 500), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_whatever_the_bytes_are_nothing_is_raised(noise: bytes, at: int, cut: int) -> None:
    good = content(message(0, share={"link": "x"}), message(1, reactions=[{"actor": "Bo"}]))
    for data in (noise, good[:at] + noise + good[at + cut :]):
        for result in by_name("meta_chat").parse(MemberStream(io.BytesIO(data)), Context(member=MEMBER)):
            assert isinstance(result, Record | Rejected)


def test_peer_instagram(found: Any, peers: Path) -> None:
    folder = peers / "chat/chat-miner/instagram"
    records = found(folder / "test_export.json")
    assert [
        {
            "timestamp": r.occurred_at.replace(tzinfo=None).isoformat(),
            "author": r.attributes["sender"],
            "message": r.body,
        }
        for r in records
    ] == json.loads((folder / "target.json").read_text())
