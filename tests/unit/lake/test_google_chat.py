import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake import Record, Rejected
from datapunk.lake.record import Context
from datapunk.lake.registry import by_name, classify

MEMBER = "Takeout/Google Chat/Groups/Space AAAAdvGdRgs/messages.json"
CREATOR = {"name": "Ann Lee", "email": "Ann@x.example", "user_type": "Human"}


def message(number: int = 0, **fields: Any) -> dict[str, Any]:
    return {
        "creator": CREATOR,
        "created_date": f"Wednesday, April 15, 2015 at 12:51:{number:02}\u202fAM UTC",
        "text": f"hi {number}",
        "topic_id": "t1",
        "message_id": f"AAAAdvGdRgs/t1/m{number}",
    } | fields


def content(*messages: Any) -> bytes:
    return json.dumps({"messages": messages}, ensure_ascii=False, indent=2).encode()


def one(found: Any, **fields: Any) -> Record:
    record = found(content(message(**fields)), MEMBER)[0]
    assert isinstance(record, Record)
    return record


def test_a_message_has_its_text_sender_thread_and_identifier(found: Any) -> None:
    record = one(found)
    assert (record.kind, record.source, record.body) == ("message", "google_chat", "hi 0")
    assert record.external_id == "AAAAdvGdRgs/t1/m0"
    assert record.attributes == {
        "conversation": "AAAAdvGdRgs", "conversation_id": "AAAAdvGdRgs", "sender": "Ann Lee",
        "sender_address": "ann@x.example", "thread_id": "t1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Wednesday, April 15, 2015 at 12:51:08\u202fAM UTC", datetime(2015, 4, 15, 0, 51, 8, tzinfo=UTC)),
        ("Tuesday, 7 February 2021 at 17:13:43 UTC", datetime(2021, 2, 7, 17, 13, 43, tzinfo=UTC)),
    ],
)
def test_both_ways_to_write_a_time_are_read(found: Any, text: str, at: datetime) -> None:
    record = one(found, created_date=text)
    assert (record.occurred_at, record.precision, record.zone_source) == (at, "s", "utc")


def test_the_conversation_has_the_name_of_its_group_info(found: Any) -> None:
    names: dict[str, str] = {}
    info = json.dumps({"name": "Book Club", "members": [CREATOR]}).encode()
    people = found(info, "Google Chat/Groups/Space AAAAdvGdRgs/group_info.json", names=names)
    assert [(p.kind, p.title, p.attributes["emails"]) for p in people] == [("contact", "Ann Lee", ["ann@x.example"])]
    record = found(content(message()), MEMBER, names=names)[0]
    assert record.attributes["conversation"] == "Book Club"


def test_a_conversation_without_a_name_is_called_after_its_members(found: Any) -> None:
    names: dict[str, str] = {}
    info = json.dumps({"members": [CREATOR, CREATOR | {"name": "Bo", "email": "bo@x.example"}]}).encode()
    found(info, "Google Chat/Groups/DM 2k64eoAAAAE/group_info.json", names=names)
    assert names["google_chat:2k64eoAAAAE"] == "Ann Lee, Bo"


def test_user_info_is_a_contact_and_names_the_conversations(found: Any) -> None:
    names: dict[str, str] = {}
    info = {"user": CREATOR, "membership_info": [{"group_name": "Book Club", "group_id": "Space/AAAAdvGdRgs"}]}
    people = found(json.dumps(info).encode(), "Google Chat/Users/User 1/user_info.json", names=names)
    assert [p.external_id for p in people] == ["person/ann@x.example"]
    assert names["google_chat:AAAAdvGdRgs"] == "Book Club"


def test_addresses_of_annotations_are_unwrapped(found: Any) -> None:
    url = {"private_do_not_access_or_else_safe_url_wrapped_value": "https://a.example/?token=1&x=2"}
    record = one(
        found,
        annotations=[
            {"url_metadata": {"title": "A", "url": url}},
            {"youtube_metadata": {"id": "dQw4w9WgXcQ"}},
            {"format_metadata": {"format_type": "BOLD"}},
        ],
    )
    assert record.url == "https://a.example/?x=2"
    assert record.attributes["links"] == ["https://www.youtube.com/watch?v=dQw4w9WgXcQ"]


def test_reactions_edits_quotes_and_attachments_are_kept(found: Any) -> None:
    record = one(
        found,
        reactions=[{"emoji": {"unicode": "👍"}, "reactor_emails": ["bo@x.example"]}],
        updated_date="Wednesday, April 15, 2015 at 1:00:00\u202fAM UTC",
        quoted_message_metadata={"text": "before", "message_id": "AAAAdvGdRgs/t1/m9"},
        attached_files=[{"original_name": "what?.png", "export_name": "File-what_.png"}],
    )
    assert record.attributes["reactions"] == [{"emoji": "👍", "count": 1, "by": ["bo@x.example"]}]
    assert record.attributes["edited"] == "2015-04-15T01:00:00+00:00"
    assert record.attributes["reply_to"] == "AAAAdvGdRgs/t1/m9"
    assert record.attributes["attachments"] == ["what?.png"]


def test_a_deleted_message_stays_as_one(found: Any) -> None:
    deleted = message(message_state="DELETED")
    del deleted["text"]
    record = found(content(deleted), MEMBER)[0]
    assert (record.body, record.attributes["deleted"]) == (None, True)


def test_a_damaged_message_is_rejected_and_the_others_survive(found: Any) -> None:
    results = found(content(message(0), message(1, created_date="yesterday"), {"text": "x"}, 7, message(2)), MEMBER)
    assert [r.body for r in results if isinstance(r, Record)] == ["hi 0", "hi 2"]
    assert sum(isinstance(r, Rejected) for r in results) == 3


def test_a_cut_file_keeps_its_head(found: Any) -> None:
    results = found(content(*(message(n) for n in range(5)))[:-60], MEMBER)
    assert [r.body for r in results if isinstance(r, Record)] == ["hi 0", "hi 1", "hi 2", "hi 3"]
    assert isinstance(results[-1], Rejected)


def test_names_alone_are_known_in_its_folder() -> None:
    adapter = classify("Takeout/Google Chat/Users/User 1/user_info.json", b"")
    assert adapter is not None
    assert adapter.NAME == "google_chat"
    assert by_name("google_chat").claims("Discord/messages.json", b"") == 0


@given(st.binary(max_size=300), st.integers(0, 700), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_whatever_the_bytes_are_nothing_is_raised(noise: bytes, at: int, cut: int) -> None:
    from io import BytesIO

    from datapunk.lake.stream import MemberStream

    good = content(message(0), message(1))
    for data in (noise, good[:at] + noise + good[at + cut :]):
        for member in (MEMBER, "Users/User 1/user_info.json", "Groups/DM 1/group_info.json"):
            stream = MemberStream(BytesIO(data))
            for result in by_name("google_chat").parse(stream, Context(member=member)):
                assert isinstance(result, Record | Rejected)


def test_peer_direct_messages(found: Any, peers: Path) -> None:
    folder = peers / "takeout_wjcarpenter/Google Chat/Groups/DM 2k64eoAAAAE"
    names: dict[str, str] = {}
    members = found(folder / "group_info.json", names=names)
    assert [m.title for m in members] == ["Albert Einstein", "Maria S Curie"]
    messages = found(folder / "messages.json", names=names)
    assert [m.occurred_at.isoformat() for m in messages] == ["2014-08-25T17:29:21+00:00", "2014-08-27T05:55:31+00:00"]
    assert {m.attributes["conversation"] for m in messages} == {"Albert Einstein, Maria S Curie"}


def test_peer_space(found: Any, peers: Path) -> None:
    folder = peers / "takeout_wjcarpenter/Google Chat/Groups/Space AAAAdvGdRgs"
    names: dict[str, str] = {}
    assert len(found(folder / "group_info.json", names=names)) == 3
    messages = found(folder / "messages.json", names=names)
    assert len(messages) == 5
    assert messages[0].occurred_at == datetime(2019, 1, 7, 19, 25, 8, tzinfo=UTC)
    assert messages[-1].occurred_at == datetime(2019, 1, 10, 20, 25, 48, tzinfo=UTC)
    assert {m.attributes["conversation"] for m in messages} == {"Group Chat"}
    assert [m.attributes["attachments"] for m in messages if "attachments" in m.attributes] == [["Cat_Hilarious.png"]]
    assert sum(m.body is None for m in messages) == 1
