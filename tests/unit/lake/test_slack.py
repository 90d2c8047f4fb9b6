import io
import json
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake import Record, Rejected
from datapunk.lake.record import Context, Found
from datapunk.lake.registry import by_name, classify
from datapunk.lake.slack_text import block_text, readable
from datapunk.lake.stream import MemberStream
from datapunk.lake.text import clean_url

DAY = "general/2016-01-14.json"


def message(number: int = 0, **fields: Any) -> dict[str, Any]:
    return {"type": "message", "user": "U1", "text": f"hi {number}", "ts": f"1452837318.{number:06}"} | fields


def content(*entries: Any) -> bytes:
    return json.dumps(entries, indent=1).encode()


def one(found: Any, names: dict[str, str] | None = None, **fields: Any) -> Record:
    record = found(content(message(**fields)), DAY, names=names or {})[0]
    assert isinstance(record, Record)
    return record


def test_a_message_has_its_text_time_and_identity(found: Any) -> None:
    record = one(found)
    assert (record.kind, record.source, record.body) == ("message", "slack", "hi 0")
    assert record.occurred_at == datetime(2016, 1, 15, 5, 55, 18, tzinfo=UTC)
    assert (record.external_id, record.precision) == ("general/1452837318.000000", "us")
    assert record.attributes == {
        "conversation": "general", "conversation_id": "general", "sender": "U1", "sender_id": "U1",
    }  # fmt: skip


def test_users_are_contacts_and_give_messages_their_names(found: Any) -> None:
    names: dict[str, str] = {}
    profile = {"real_name": "Ann Lee", "display_name": "ann", "email": "ann@x.example", "title": "Pilot"}
    user = {"id": "U1", "team_id": "T1", "name": "annl", "profile": profile, "is_bot": False}
    person = found(content(user), "users.json", names=names)[0]
    assert (person.kind, person.title, person.body) == ("contact", "Ann Lee", "Pilot")
    assert (person.external_id, person.attributes["emails"]) == ("user/U1", ["ann@x.example"])
    record = one(found, names, text="ask <@U1> or <@U2>")
    assert (record.attributes["sender"], record.body) == ("ann", "ask @ann or @U2")


def test_a_channel_is_a_document_and_its_id_the_identity_of_its_messages(found: Any) -> None:
    names: dict[str, str] = {}
    channel = {"id": "C1", "name": "general", "created": 1452837318, "members": ["U1"], "purpose": {"value": "All"}}
    document = found(content(channel), "channels.json", names=names)[0]
    assert (document.kind, document.title, document.body) == ("document", "general", "All")
    record = one(found, names)
    assert (record.external_id, record.attributes["conversation"]) == ("C1/1452837318.000000", "general")


def test_a_direct_talk_is_called_after_its_people_whenever_they_are_read(found: Any) -> None:
    names: dict[str, str] = {}
    found(content({"id": "D1", "created": 1452837318, "members": ["U1", "U2"]}), "dms.json", names=names)
    names |= {"slack:U1": "Ann", "slack:U2": "Bo"}
    record = found(content(message()), "D1/2016-01-14.json", names=names)[0]
    assert record.attributes["conversation"] == "Ann, Bo"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("<https://a.example/x|the page>", "the page (https://a.example/x)"),
        ("<https://a.example/>", "https://a.example/"),
        ("<http://a.example|a.example>", "http://a.example"),
        ("<mailto:a@x.example|a@x.example>", "a@x.example"),
        ("<!here> and <!subteam^S1|@pilots>", "@here and @pilots"),
        ("<#C1|general> <#C2>", "#general #C2"),
        ("<!date^1392734382^{date}|Feb 18, 2014>", "Feb 18, 2014"),
    ],
)
def test_markup_becomes_readable(text: str, shown: str) -> None:
    assert readable(text, {}) == shown


def test_links_lose_the_token_of_the_export() -> None:
    assert clean_url("https://files.slack.com/a.js?t=xoxe-1173-32-f") == "https://files.slack.com/a.js"
    assert clean_url("https://files.slack.com/a.js?token=xoxe-1&x=2") == "https://files.slack.com/a.js?x=2"


def test_threads_edits_reactions_and_files_are_kept(found: Any) -> None:
    record = one(
        found,
        {"slack:U2": "Bo"},
        thread_ts="1452837000.000001",
        edited={"user": "U1", "ts": "1452837400.000000"},
        reactions=[{"name": "tada", "users": ["U2"], "count": 1}],
        files=[{"name": "a.pdf", "permalink": "https://x.slack.com/a?t=xoxe-1", "url_private": "https://x?t=xoxe-1"}],
    )
    assert record.attributes["thread_id"] == record.attributes["reply_to"] == "1452837000.000001"
    assert record.attributes["edited"] == "2016-01-15T05:56:40+00:00"
    assert record.attributes["reactions"] == [{"emoji": ":tada:", "count": 1, "by": ["Bo"]}]
    assert (record.attributes["attachments"], record.attributes["files"]) == (["a.pdf"], ["https://x.slack.com/a"])


def test_the_first_of_a_thread_answers_nothing(found: Any) -> None:
    assert "reply_to" not in one(found, thread_ts="1452837318.000000").attributes


def test_a_bot_without_user_has_its_own_name_and_its_attachments_text(found: Any) -> None:
    entry = message(subtype="bot_message", bot_id="B1", username="github", text="")
    del entry["user"]
    entry["attachments"] = [{"fallback": "f", "pretext": "1 commit:", "text": "<https://a.example|abc>"}]
    record = found(content(entry), DAY)[0]
    assert (record.attributes["sender"], record.attributes["sender_id"]) == ("github", "B1")
    assert (record.attributes["type"], record.body) == ("bot_message", "1 commit:\nabc (https://a.example)")


def test_blocks_tell_the_text_of_a_message_that_has_no_other(found: Any) -> None:
    elements = [{"type": "text", "text": "see "}, {"type": "user", "user_id": "U1"}, {"type": "emoji", "name": "wave"}]
    section = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}
    assert one(found, {"slack:U1": "ann"}, text="", blocks=[section]).body == "see @ann:wave:"
    assert block_text({"text": {"text": "x"}}) == "x"


def test_a_damaged_message_is_rejected_and_the_others_survive(found: Any) -> None:
    bad = [message(1, ts="soon"), {"type": "message"}, 7, message(2, ts=None)]
    results = found(content(message(0), *bad, message(3)), DAY)
    assert [r.body for r in results if isinstance(r, Record)] == ["hi 0", "hi 3"]
    assert sum(isinstance(r, Rejected) for r in results) == 4


def test_a_cut_file_keeps_its_head(found: Any) -> None:
    results = found(content(*(message(n) for n in range(5)))[:-20], DAY)
    assert [r.body for r in results if isinstance(r, Record)] == ["hi 0", "hi 1", "hi 2", "hi 3"]
    assert isinstance(results[-1], Rejected)


def test_logs_of_integrations_are_not_messages() -> None:
    log = b'[{"user_id": "U1", "date": "1458969700", "channel": "C1"}]'
    assert by_name("slack").claims("integration_logs.json", log) == 0


def test_a_day_without_messages_gives_nothing(found: Any) -> None:
    assert found(b"[]", DAY) == []


@given(st.binary(max_size=200), st.integers(0, 300), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_whatever_the_bytes_are_nothing_is_raised(noise: bytes, at: int, cut: int) -> None:
    good = content(message(0, reactions=[{"name": "x"}], files=[{"id": "F"}]), message(1, edited={"ts": "1.0"}))
    for data in (noise, good[:at] + noise + good[at + cut :]):
        for member in (DAY, "users.json", "channels.json", "dms.json"):
            for result in by_name("slack").parse(MemberStream(io.BytesIO(data)), Context(member=member)):
                assert isinstance(result, Record | Rejected)


@pytest.fixture
def archive(peers: Path) -> dict[str, list[Found]]:
    names: dict[str, str] = {}
    found = {}
    with zipfile.ZipFile(peers / "chat/slack/testarchive.zip") as packed:
        for name in sorted(packed.namelist(), key=lambda name: ("/" in name, name)):
            data = packed.read(name)
            stream = MemberStream(io.BytesIO(data))
            adapter = classify(name, stream.head) if data else None
            if adapter is not None and adapter.NAME == "slack":
                found[name] = list(adapter.parse(stream, Context(member=name, names=names)))
    return found


def test_peer_counts(archive: dict[str, list[Any]]) -> None:
    assert "integration_logs.json" not in archive
    assert (len(archive["users.json"]), len(archive["channels.json"])) == (4, 2)
    messages = [r for name, results in archive.items() if "/" in name for r in results]
    assert all(isinstance(r, Record) for r in messages)
    assert Counter(r.attributes["conversation"] for r in messages) == {"enrique": 102, "traveling-sailor": 56}
    assert Counter(r.attributes.get("type") for r in messages) == {
        None: 49, "bot_message": 94, "channel_join": 8, "bot_add": 3, "file_share": 3, "file_comment": 1,
    }  # fmt: skip
    assert len({r.external_id.partition("/")[2] for r in messages}) == 158


def test_peer_times_and_names(archive: dict[str, list[Any]]) -> None:
    messages = [r for name, results in archive.items() if "/" in name for r in results]
    assert min(r.occurred_at for r in messages) == datetime(2016, 1, 15, 5, 55, 18, 2, tzinfo=UTC)
    assert max(r.occurred_at for r in messages).replace(microsecond=0) == datetime(2016, 3, 29, 12, 33, 6, tzinfo=UTC)
    first = archive["enrique/2016-01-14.json"][0]
    assert (first.external_id, first.body) == ("C0JGLMMNX/1452837318.000002", "@hamza has joined the channel")
    bots = [r for r in messages if r.attributes.get("type") == "bot_message"]
    assert len(bots) == 94
    assert all(r.attributes["sender_id"].startswith("B") and r.body for r in bots)


def test_peer_keeps_no_token(archive: dict[str, list[Any]]) -> None:
    assert "xoxe" not in repr(archive)
