import io
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
from datapunk.lake.stream import MemberStream

FIRST = 530805779645595660
FOLDER = "package/Messages/c530805775262679064"
AT = datetime(2019, 1, 4, 17, 52, 39, 762000, tzinfo=UTC)


def exported(*messages: Any, guild: str = "The Server", guild_id: str = "5") -> bytes:
    channel = {"id": "530805775262679064", "type": "GuildTextChat", "name": "general"}
    about = {"guild": {"id": guild_id, "name": guild}, "channel": channel, "dateRange": {"after": None}}
    return json.dumps(about | {"messages": messages, "messageCount": len(messages)}, indent=1).encode()


def message(number: int = 0, **fields: Any) -> dict[str, Any]:
    return {
        "id": str(FIRST + number),
        "type": "Default",
        "timestamp": "2019-01-04T17:52:39.762+00:00",
        "content": f"hi {number}",
        "author": {"id": "11", "name": "ann", "nickname": "Ann", "isBot": False},
    } | fields


def test_an_exported_message_has_its_channel_and_author(found: Any) -> None:
    record = found(exported(message()))[0]
    assert (record.kind, record.source, record.body, record.external_id) == ("message", "discord", "hi 0", str(FIRST))
    assert (record.occurred_at, record.precision) == (AT, "ms")
    assert record.attributes == {
        "conversation": "general in The Server", "conversation_id": "530805775262679064", "sender": "Ann",
        "sender_id": "11",
    }  # fmt: skip


def test_the_package_and_the_exporter_give_one_message_the_same_identity(found: Any) -> None:
    package = json.dumps([{"ID": FIRST, "Timestamp": "2019-01-04 17:52:39", "Contents": "hi 0", "Attachments": ""}])
    own, other = found(package.encode(), f"{FOLDER}/messages.json")[0], found(exported(message()))[0]
    assert (own.source, own.external_id, own.occurred_at) == (other.source, other.external_id, other.occurred_at)


def test_a_table_of_the_package_is_read(found: Any) -> None:
    url = "https://cdn.discordapp.com/attachments/1/2/cat.png?ex=1&hm=2"
    table = f'ID,Timestamp,Contents,Attachments\n{FIRST},2019-01-04 17:52:39,"two\nlines, really",{url}\n'
    record = found(table.encode(), f"{FOLDER}/messages.csv")[0]
    assert (record.body, record.occurred_at) == ("two\nlines, really", AT)
    assert record.attributes == {
        "conversation": "530805775262679064", "conversation_id": "530805775262679064", "sender": "Me", "from_me": True,
        "attachments": ["cat.png"],
    }  # fmt: skip


def test_the_index_names_channels_for_their_messages(found: Any) -> None:
    names: dict[str, str] = {}
    index = {"530805775262679064": "general in The Server", "530805775262679065": None}
    documents = found(json.dumps(index).encode(), "package/Messages/index.json", names=names)
    assert [(d.kind, d.title) for d in documents] == [
        ("document", "general in The Server"), ("document", "530805775262679065"),
    ]  # fmt: skip
    package = json.dumps([{"ID": FIRST, "Timestamp": "", "Contents": "x", "Attachments": ""}]).encode()
    record = found(package, f"{FOLDER}/messages.json", names=names)[0]
    assert record.attributes["conversation"] == "general in The Server"


def test_a_channel_file_names_its_channel(found: Any) -> None:
    names: dict[str, str] = {}
    channel = {"id": "530805775262679064", "type": 0, "name": "general", "guild": {"id": "5", "name": "The Server"}}
    document = found(json.dumps(channel).encode(), f"{FOLDER}/channel.json", names=names)[0]
    assert (document.title, names) == ("general in The Server", {"discord:530805775262679064": "general in The Server"})


def test_a_call_has_its_end(found: Any) -> None:
    record = found(exported(message(type="Call", callEndedTimestamp="2019-01-04T18:00:00+00:00")))[0]
    assert (record.attributes["type"], record.ended_at) == ("call", datetime(2019, 1, 4, 18, tzinfo=UTC))


def test_replies_edits_stickers_and_other_types_are_kept(found: Any) -> None:
    reply = message(
        type="Reply", reference={"messageId": "9"}, timestampEdited="2019-01-04T18:00:00+00:00",
        attachments=[{"id": "1", "url": "https://x", "fileName": "a.png"}], stickers=[{"name": "Wave"}],
    )  # fmt: skip
    pin = message(1, type="ChannelPinnedMessage", content="Pinned a message.")
    first, second = found(exported(reply, pin))
    assert (first.attributes["reply_to"], first.attributes["attachments"]) == ("9", ["a.png", "Wave"])
    assert first.attributes["edited"] == "2019-01-04T18:00:00+00:00"
    assert second.attributes["type"] == "channel_pinned_message"


def test_a_message_of_an_embed_alone_has_its_words(found: Any) -> None:
    embed = {"title": "News", "description": "All is well", "url": "https://a.example/"}
    record = found(exported(message(content="", embeds=[embed])))[0]
    assert (record.body, record.url) == ("News\nAll is well", "https://a.example/")


def test_a_damaged_message_is_rejected_and_the_others_survive(found: Any) -> None:
    bad = [message(1, timestamp="x"), {"id": "2"}, 7, message(2, author=None)]
    results = found(exported(message(0), *bad, message(3)))
    assert [r.body for r in results if isinstance(r, Record)] == ["hi 0", "hi 3"]
    assert sum(isinstance(r, Rejected) for r in results) == 4


def test_a_damaged_row_of_the_package_is_rejected_alone(found: Any) -> None:
    table = f"ID,Timestamp,Contents,Attachments\n{FIRST},,a,\nx,,b,\n100,,c,\n{FIRST + 1},,d,\n"
    results = found(table.encode(), f"{FOLDER}/messages.csv")
    assert [r.body for r in results if isinstance(r, Record)] == ["a", "d"]
    assert sum(isinstance(r, Rejected) for r in results) == 2


def test_a_cut_file_keeps_its_head(found: Any) -> None:
    results = found(exported(*(message(n) for n in range(4)))[:-90])
    assert [r.body for r in results if isinstance(r, Record)] == ["hi 0", "hi 1", "hi 2"]
    assert isinstance(results[-1], Rejected)


@pytest.mark.parametrize("name", ["messages.json", "messages.csv", "channel.json"])
def test_names_in_a_channels_folder_are_known(name: str) -> None:
    adapter = classify(f"{FOLDER}/{name}", b"")
    assert adapter is not None
    assert adapter.NAME == "discord"


@given(st.binary(max_size=200), st.integers(0, 500), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_whatever_the_bytes_are_nothing_is_raised(noise: bytes, at: int, cut: int) -> None:
    table = f"ID,Timestamp,Contents,Attachments\n{FIRST},,a,\n".encode()
    index = b'{"530805775262679064": "general", "530805775262679065": null}'
    for good in (exported(message(0), message(1)), table, index):
        for data in (noise, good[:at] + noise + good[at + cut :]):
            for result in by_name("discord").parse(MemberStream(io.BytesIO(data)), Context(member=FOLDER + "/x")):
                assert isinstance(result, Record | Rejected)


def test_peer_direct_messages(found: Any, peers: Path) -> None:
    records = found(peers / "chat/discord/DM_2A_2M.json")
    assert [(r.body, r.attributes["sender"], r.attributes.get("type")) for r in records] == [
        ("blah", "mlomb", None),
        ("something something text", "Someones nickname", None),
        ("Started a call that lasted 251 minutes.", "Someones nickname", "call"),
    ]
    assert [r.attributes.get("bot") for r in records] == [None, True, True]
    assert records[0].attributes["reactions"] == [{"emoji": "👆", "count": 42}]
    assert records[0].occurred_at == AT
    assert records[2].ended_at == datetime(2020, 7, 17, 21, 14, 52, 787000, tzinfo=UTC)
    assert {r.attributes["conversation"] for r in records} == {"Someones name"}
