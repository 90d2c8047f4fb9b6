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


def message(number: int = 0, **fields: Any) -> dict[str, Any]:
    return {
        "id": 1000 + number,
        "type": "message",
        "date": "2023-01-01T10:00:00",
        "date_unixtime": str(1672574400 + number),
        "from": "Ann",
        "from_id": "user11",
        "text": f"hi {number}",
    } | fields


def chat(*messages: Any, name: str | None = "Climbers", identifier: int = 7) -> dict[str, Any]:
    return {"name": name, "type": "private_group", "id": identifier, "messages": list(messages)}


def account(*chats: Any) -> bytes:
    start = {"about": "Export", "personal_information": {"user_id": 1}}
    return json.dumps(start | {"chats": {"about": "", "list": list(chats)}}, indent=1).encode()


def one(found: Any, **fields: Any) -> Record:
    record = found(json.dumps(chat(message(**fields))).encode())[0]
    assert isinstance(record, Record)
    return record


def test_a_single_chat_is_read(found: Any) -> None:
    record = one(found)
    assert (record.kind, record.source, record.body, record.external_id) == ("message", "telegram", "hi 0", "7/1000")
    assert record.attributes == {
        "conversation": "Climbers", "conversation_id": "7", "sender": "Ann", "sender_id": "user11",
    }  # fmt: skip


def test_the_seconds_since_1970_win_over_the_local_date(found: Any) -> None:
    record = one(found)
    assert (record.occurred_at, record.zone_source) == (datetime(2023, 1, 1, 12, tzinfo=UTC), "utc")


def test_an_old_export_has_local_dates_only(found: Any) -> None:
    old = message()
    del old["date_unixtime"]
    record = found(json.dumps(chat(old)).encode(), timezone="Europe/Berlin")[0]
    assert (record.occurred_at, record.zone_source) == (datetime(2023, 1, 1, 9, tzinfo=UTC), "floating")


def test_each_message_belongs_to_its_chat(found: Any) -> None:
    records = found(account(chat(message(0)), chat(message(1), name="Bo", identifier=8)))
    assert [(r.attributes["conversation"], r.external_id) for r in records] == [
        ("Climbers", "7/1000"),
        ("Bo", "8/1001"),
    ]


def test_styled_text_is_put_together_and_gives_its_link(found: Any) -> None:
    parts = ["see ", {"type": "text_link", "text": "this", "href": "https://a.example/?token=1"}, " now"]
    record = one(found, text=parts)
    assert (record.body, record.url) == ("see this now", "https://a.example/")


def test_a_phone_call_has_its_end(found: Any) -> None:
    service = {"type": "service", "actor": "Bo", "actor_id": "user12", "action": "phone_call", "duration_seconds": 120}
    record = one(found, **service, discard_reason="hangup", text="")
    assert (record.attributes["type"], record.attributes["outcome"]) == ("call", "hangup")
    assert record.ended_at == datetime(2023, 1, 1, 12, 2, tzinfo=UTC)


def test_other_notices_bear_their_action(found: Any) -> None:
    record = one(found, type="service", action="edit_group_title", title="Hikers", text="")
    assert (record.attributes["type"], record.title) == ("edit_group_title", "Hikers")


def test_files_replies_edits_and_reactions_are_kept(found: Any) -> None:
    record = one(
        found, file="files/a.pdf", photo="(File not included.)", reply_to_message_id=999, edited_unixtime="1672574460",
        reactions=[{"type": "emoji", "count": 2, "emoji": "👍", "recent": [{"from": "Bo"}]}], forwarded_from="Cy",
    )  # fmt: skip
    assert record.attributes["attachments"] == ["photo", "files/a.pdf"]
    assert (record.attributes["reply_to"], record.attributes["forwarded_from"]) == ("999", "Cy")
    assert record.attributes["edited"] == "2023-01-01T12:01:00+00:00"
    assert record.attributes["reactions"] == [{"emoji": "👍", "count": 2, "by": ["Bo"]}]


def test_a_place_and_a_poll_are_kept(found: Any) -> None:
    place = one(found, text="", location_information={"latitude": 52.5, "longitude": 13.4})
    assert (place.attributes["latitude"], place.attributes["longitude"]) == (52.5, 13.4)
    poll = {"question": "When?", "answers": [{"text": "Now", "voters": 1}, {"text": "Later", "voters": 0}]}
    assert one(found, text="", poll=poll).body == "When?\nNow\nLater"


def test_the_address_book_becomes_contacts(found: Any) -> None:
    entry = {"user_id": 11, "first_name": "Ann", "last_name": "Lee", "phone_number": "+1555"}
    start = {"about": "", "personal_information": {}, "contacts": {"about": "", "list": [entry]}}
    content = json.dumps(start | {"chats": {"list": [chat(message())]}}).encode()
    person, said = found(content)
    assert (person.kind, person.title, person.attributes["phones"]) == ("contact", "Ann Lee", ["+1555"])
    assert said.body == "hi 0"


def test_a_damaged_message_is_rejected_and_the_others_survive(found: Any) -> None:
    bad = [message(1, date_unixtime="x"), {"id": 2, "type": "message"}, 7]
    results = found(account(chat(message(0), *bad, message(3))))
    assert [r.body for r in results if isinstance(r, Record)] == ["hi 0", "hi 3"]
    assert sum(isinstance(r, Rejected) for r in results) == 3


def test_a_cut_file_keeps_its_head(found: Any) -> None:
    results = found(account(chat(*(message(n) for n in range(4))))[:-60])
    assert [r.body for r in results if isinstance(r, Record)] == ["hi 0", "hi 1", "hi 2"]
    assert isinstance(results[-1], Rejected)


def test_behind_a_broken_spot_the_next_chat_has_its_name(found: Any) -> None:
    content = account(chat(*(message(n) for n in range(3))), chat(message(3), message(4), name="Bo", identifier=8))
    spot = content.index(b'"hi 1"')
    results = found(content[:spot] + b"NaN" + content[spot + 6 :])
    assert [(r.body, r.attributes["conversation"]) for r in results if isinstance(r, Record)] == [
        ("hi 0", "Climbers"), ("hi 2", "Climbers"), ("hi 3", "Bo"), ("hi 4", "Bo"),
    ]  # fmt: skip
    assert sum(isinstance(r, Rejected) for r in results) == 1


def test_a_number_that_python_does_not_hold_ends_nothing(found: Any) -> None:
    content = account(chat(*(message(n, text="x" * 500) for n in range(40))))
    results = found(content.replace(b'"id": 1005', b'"id": 1e40099999999999999999999'))
    ids = [r.external_id for r in results if isinstance(r, Record)]
    assert ids[:5] == [f"7/{1000 + n}" for n in range(5)]
    assert ids[-1] == "7/1039"
    assert sum(isinstance(r, Rejected) for r in results) == 1


def test_the_name_alone_says_little() -> None:
    claims = by_name("telegram").claims
    assert 0 < claims("Telegram/result.json", b"") < 0.5
    assert claims("result.json", b'{"results": [1]}') == 0


@given(st.binary(max_size=200), st.integers(0, 700), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_whatever_the_bytes_are_nothing_is_raised(noise: bytes, at: int, cut: int) -> None:
    good = account(chat(message(0, text=["a", {"type": "link", "text": "b"}]), message(1, reactions=[{"count": 1}])))
    for data in (noise, good[:at] + noise + good[at + cut :]):
        for result in by_name("telegram").parse(MemberStream(io.BytesIO(data)), Context(member="result.json")):
            assert isinstance(result, Record | Rejected)


def test_peer_chats(found: Any, peers: Path) -> None:
    records = found(peers / "chat/telegram/MultiChat_2C_6M.json")
    assert {r.attributes["conversation"] for r in records} == {"Chat One", "Chat Two"}
    calls = [r for r in records if r.attributes.get("type") == "call"]
    assert (len(records), len(calls)) == (6, 1)
    assert (calls[0].ended_at - calls[0].occurred_at).total_seconds() == 120
    assert (records[0].occurred_at, records[0].body) == (datetime(2023, 1, 1, 12, tzinfo=UTC), "Hello from chat one!")
    assert records[5].attributes["attachments"] == ["photo"]


def test_peer_chat_miner(found: Any, peers: Path) -> None:
    folder = peers / "chat/chat-miner/telegram"
    records = found(folder / "test_single_export.json")
    target = json.loads((folder / "target.json").read_text())
    # The peer puts a space between the parts of a styled text, which Telegram's own parts do not have.
    assert sorted((r.attributes["sender"], r.body.replace(" ", "")) for r in records) == sorted(
        (t["author"], t["message"].replace(" ", "")) for t in target
    )
    assert [r.occurred_at.replace(tzinfo=None).isoformat() for r in records] == sorted(t["timestamp"] for t in target)
