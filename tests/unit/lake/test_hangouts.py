import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake import Record, Rejected
from datapunk.lake.record import Context
from datapunk.lake.registry import by_name
from datapunk.lake.stream import MemberStream

MEMBER = "Takeout/Hangouts/Hangouts.json"
ANN, BO = {"gaia_id": "101", "chat_id": "101"}, {"gaia_id": "102", "chat_id": "102"}


def about(identifier: str = "Ugx1", name: str = "") -> dict[str, Any]:
    people = [{"id": ANN, "fallback_name": "Ann Lee"}, {"id": BO, "fallback_name": "Bo"}]
    inner = {"id": {"id": identifier}, "type": "GROUP", "self_conversation_state": {}, "participant_data": people}
    return {"conversation_id": {"id": identifier}, "conversation": inner | ({"name": name} if name else {})}


def event(number: int = 0, **fields: Any) -> dict[str, Any]:
    return {
        "conversation_id": {"id": "Ugx1"},
        "sender_id": ANN,
        "timestamp": str(1416207420834566 + number * 1_000_000),
        "event_id": f"7-H0-{number}",
        "event_type": "REGULAR_CHAT_MESSAGE",
    } | (fields or text(f"hi {number}"))


def text(words: str) -> dict[str, Any]:
    return {"chat_message": {"message_content": {"segment": [{"type": "TEXT", "text": words}]}}}


def export(*events: Any, name: str = "") -> bytes:
    return json.dumps({"conversations": [{"conversation": about(name=name), "events": events}]}, indent=1).encode()


def messages(results: list[Any]) -> list[Record]:
    return [r for r in results if isinstance(r, Record) and r.kind == "message"]


def test_a_message_has_its_text_time_sender_and_identifier(found: Any) -> None:
    record = messages(found(export(event(), name="Climbers"), MEMBER))[0]
    assert (record.source, record.body, record.external_id) == ("hangouts", "hi 0", "7-H0-0")
    assert (record.occurred_at, record.precision) == (datetime(2014, 11, 17, 6, 57, 0, 834566, tzinfo=UTC), "us")
    assert record.attributes == {
        "conversation": "Climbers", "conversation_id": "Ugx1", "sender": "Ann Lee", "sender_id": "101",
    }  # fmt: skip


def test_participants_are_contacts_once(found: Any) -> None:
    names: dict[str, str] = {}
    conversation = {"conversation": about(), "events": [event()]}
    results = found(json.dumps({"conversations": [conversation, conversation]}).encode(), MEMBER, names=names)
    assert [(r.kind, r.title) for r in results[:3]] == [("contact", "Ann Lee"), ("contact", "Bo"), ("message", None)]
    assert len(results) == 4
    assert names == {"hangouts:101": "Ann Lee", "hangouts:102": "Bo"}


def test_a_conversation_without_a_name_is_called_after_its_people(found: Any) -> None:
    assert messages(found(export(event()), MEMBER))[0].attributes["conversation"] == "Ann Lee, Bo"


def test_lines_links_and_pictures_of_a_message_are_kept(found: Any) -> None:
    content = {
        "segment": [
            {"type": "TEXT", "text": "see "},
            {"type": "LINK", "text": "a.example", "link_data": {"link_target": "https://a.example/"}},
            {"type": "LINE_BREAK", "text": "\n"},
            {"type": "TEXT", "text": "now"},
        ],
        "attachment": [{"embed_item": {"type": ["PLUS_PHOTO"], "plus_photo": {"url": "https://p.example/1.jpg"}}}],
    }
    record = messages(found(export(event(chat_message={"message_content": content})), MEMBER))[0]
    assert (record.body, record.url) == ("see a.example\nnow", "https://a.example/")
    assert record.attributes["attachments"] == ["https://p.example/1.jpg"]


def test_a_call_with_begin_and_end_is_one_message(found: Any) -> None:
    begin = event(0, hangout_event={"event_type": "START_HANGOUT", "media_type": "AUDIO_VIDEO"})
    end = event(90, hangout_event={"event_type": "END_HANGOUT", "hangout_duration_secs": "90"})
    calls = messages(found(export(begin, end), MEMBER))
    assert len(calls) == 1
    assert calls[0].attributes["type"] == "call"
    assert (calls[0].ended_at - calls[0].occurred_at).total_seconds() == 90
    assert calls[0].external_id == "7-H0-90"


def test_a_call_that_never_ends_is_kept(found: Any) -> None:
    begin = event(0, hangout_event={"event_type": "START_HANGOUT", "media_type": "AUDIO_ONLY"})
    call = messages(found(export(begin), MEMBER))[0]
    assert (call.ended_at, call.attributes["media"]) == (None, "audio")


def test_who_joins_and_new_names_are_messages_of_their_type(found: Any) -> None:
    joined = event(0, membership_change={"type": "JOIN", "participant_id": [BO]})
    renamed = event(1, conversation_rename={"old_name": "A", "new_name": "B"})
    records = messages(found(export(joined, renamed), MEMBER))
    assert [(r.attributes["type"], r.body) for r in records] == [
        ("membership_change", "joined: Bo"),
        ("conversation_rename", "A → B"),
    ]


def test_the_form_of_before_2017_is_read(found: Any) -> None:
    state = {"conversation_id": {"id": "Ugx1"}, "conversation": about()["conversation"], "event": [event()]}
    old = {"conversation_state": [{"conversation_id": {"id": "Ugx1"}, "conversation_state": state}]}
    record = messages(found(json.dumps(old).encode(), MEMBER))[0]
    assert (record.body, record.attributes["sender"], record.attributes["conversation_id"]) == (
        "hi 0",
        "Ann Lee",
        "Ugx1",
    )


def test_a_damaged_event_is_rejected_and_the_others_survive(found: Any) -> None:
    bad = [event(1) | {"timestamp": "x"}, event(2) | {"sender_id": 5, "timestamp": None}, {"event_id": "1"}, 7]
    results = found(export(event(0), *bad, event(3)), MEMBER)
    assert [m.body for m in messages(results)] == ["hi 0", "hi 3"]
    assert sum(isinstance(r, Rejected) for r in results) == 4


def test_a_cut_file_keeps_its_head(found: Any) -> None:
    results = found(export(*(event(n) for n in range(5)))[:-80], MEMBER)
    assert [m.body for m in messages(results)] == ["hi 0", "hi 1", "hi 2", "hi 3"]
    assert isinstance(results[-1], Rejected)


def test_a_broken_spot_costs_one_event_and_later_conversations_keep_their_names(found: Any) -> None:
    first = {"conversation": about("Ugx1", "One"), "events": [event(n) for n in range(4)]}
    second = {"conversation": about("Ugx2", "Two"), "events": [event(n) for n in range(4, 8)]}
    content = json.dumps({"conversations": [first, second]}).encode()
    spot = content.index(b'"hi 1"')
    results = found(content[:spot] + b"NaN" + content[spot + 6 :], MEMBER)
    assert [(m.body, m.attributes["conversation"]) for m in messages(results)] == [
        ("hi 0", "One"), ("hi 2", "One"), ("hi 3", "One"),
        ("hi 4", "Two"), ("hi 5", "Two"), ("hi 6", "Two"), ("hi 7", "Two"),
    ]  # fmt: skip
    assert sum(isinstance(r, Rejected) for r in results) == 1


def test_memory_stays_small_for_a_long_conversation(found: Any) -> None:
    import tracemalloc

    one = json.dumps(event()).encode()

    class Long(io.RawIOBase):
        sent = 0

        def read(self, size: int = -1, /) -> bytes:
            self.sent += 1
            if self.sent == 1:
                return b'{"conversations": [{"conversation": ' + json.dumps(about()).encode() + b', "events": [' + one
            return b"," + b",".join([one] * 200) if self.sent <= 40 else b"]}]}" if self.sent == 41 else b""

    found(export(event()), MEMBER)  # What is imported on the way is not counted.
    tracemalloc.start()
    results = by_name("hangouts").parse(MemberStream(Long()), Context(member=MEMBER))
    count = sum(1 for r in results if isinstance(r, Record))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 2 + 1 + 39 * 200
    assert peak < 4 << 20


@pytest.mark.parametrize("name", [MEMBER, "anything.json"])
def test_content_is_claimed_whatever_its_name(found: Any, name: str) -> None:
    assert messages(found(export(event()), name))[0].source == "hangouts"


@given(st.binary(max_size=300), st.integers(0, 1_000), st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_whatever_the_bytes_are_nothing_is_raised(noise: bytes, at: int, cut: int) -> None:
    good = export(event(0), event(1))
    for data in (noise, good[:at] + noise + good[at + cut :]):
        for result in by_name("hangouts").parse(MemberStream(io.BytesIO(data)), Context(member=MEMBER)):
            assert isinstance(result, Record | Rejected)
