import io
import json
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.adapters import youtube_comments, youtube_library
from datapunk.lake.adapters.youtube_comments import comment_text
from datapunk.lake.google_activity import activity
from datapunk.lake.identity import Occurrences, content_hash
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import classify
from datapunk.lake.stream import MemberStream

Read = Callable[..., list[Found]]

OLD = "Comment ID,Channel ID,Comment Create Timestamp,Price,Parent Comment ID,Video ID,Comment Text"
NEW = "Comment ID,Channel ID,Comment creation timestamp,Price,Parent comment ID,Post ID,Video ID,Comment text"
GERMAN = (
    "Kommentar-ID,Kanal-ID,Zeitstempel der Erstellung des Kommentars,Preis,Übergeordnete Kommentar-ID,Beitrags-ID,"
    "Video-ID,Kommentartext,Kommentar-ID der obersten Ebene"
)
CHANNEL = "UC" + "c" * 22
TIME = "2024-07-01T10:00:00.5+00:00"
LIKES = "Takeout/YouTube and YouTube Music/playlists/likes.json"


def like(video: str = "J1tF-DKKt7k", at: str = "2020-07-05T18:27:32.000Z", title: str = "A song") -> dict[str, object]:
    return {
        "contentDetails": {"videoId": video}, "kind": "youtube#playlistItem",
        "snippet": {"playlistId": "LLxyz", "publishedAt": at, "title": title, "resourceId": {"videoId": video}},
    }  # fmt: skip


def records(results: list[Found]) -> list[Record]:
    assert all(isinstance(r, Record) for r in results), results
    return [r for r in results if isinstance(r, Record)]


def hashes(results: list[Found]) -> set[bytes]:
    return {content_hash(r, Occurrences()) for r in records(results)}


def test_a_comment_is_a_message_of_ones_own(found: Read) -> None:
    text = '"{""text"":""one, ""},{""text"":""two""}"'
    (record,) = records(found(f"{NEW}\nUgx1,{CHANNEL},{TIME},0,Ugp,,abcdefghij1,{text}\n".encode()))
    assert (record.kind, record.source, record.external_id, record.body) == ("message", "youtube", "Ugx1", "one, two")
    assert record.occurred_at == datetime(2024, 7, 1, 10, 0, 0, 500_000, tzinfo=UTC)
    assert record.url == "https://www.youtube.com/watch?v=abcdefghij1&lc=Ugx1"
    assert record.attributes == {
        "type": "comment", "sender": "Me", "from_me": True, "video_id": "abcdefghij1",
        "conversation": "youtube:abcdefghij1", "channel_id": CHANNEL, "parent_id": "Ugp",
    }  # fmt: skip


def test_both_generations_and_german_words_give_the_same_comment(found: Read) -> None:
    segments = '"{""takeoutSegments"":[{""text"":""hi""}]}"'
    tables = [
        f"{OLD}\nUgx1,{CHANNEL},{TIME},0,,abcdefghij1,{segments}\n",
        f'{NEW}\nUgx1,{CHANNEL},{TIME},0,,,abcdefghij1,"{{""text"":""hi""}}"\n',
        f'{GERMAN}\nUgx1,{CHANNEL},{TIME},0,,,abcdefghij1,"{{""text"":""hi""}}",\n',
    ]
    assert {(r.external_id, r.body, r.occurred_at) for t in tables for r in records(found(t.encode()))} == {
        ("Ugx1", "hi", datetime(2024, 7, 1, 10, 0, 0, 500_000, tzinfo=UTC))
    }


def test_columns_of_an_unknown_language_are_known_by_their_cells(
    read: Callable[..., tuple[list[Record], object]],
) -> None:
    table = f'a,b,c,d,e\nUgxaaaaaaaaaaaaaaaaaaa4AaABAg,{CHANNEL},{TIME},abcdefghij1,"{{""text"":""hi""}}"\n'
    found, rejects = read("youtube_comments", table.encode())
    assert [(r.body, r.attributes["video_id"]) for r in found] == [("hi", "abcdefghij1")]
    assert rejects == []


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('{"takeoutSegments":[{"text":"a"},{"text":" b","link":{"linkUrl":"x"}}]}', "a b"),
        ('{"text":"a"},{"text":"\n"},{"text":"b"}', "a\nb"),
        ('{"text":"a\r\nb"},{"text":"@x","mention":{"channelId":"y"}}', "a\r\nb@x"),
        ('{"text":"broken "},{"text":"json"},{"text":', "broken json"),
        ('{"text":"é\\u00e9 \\"q\\""}', 'éé "q"'),
        ("plain, as typed", "plain, as typed"),
        ("{odd}", "{odd}"),
        ('{"text":5}', "5"),
        ("", ""),
    ],
)
def test_the_text_of_a_comment(cell: str, expected: str) -> None:
    assert comment_text(cell) == expected


def test_a_live_chat_is_a_message_with_its_price(found: Read) -> None:
    head = "Live Chat ID,Channel ID,Live Chat Create Timestamp,Price,Currency code,Video ID,Live Chat Text"
    table = f'{head}\nL1,{CHANNEL},{TIME},990000,USD,abcdefghij1,"{{""text"":""paid""}}"\n'
    (record,) = records(found(table.encode()))
    assert (record.attributes["type"], record.body, record.external_id) == ("live_chat", "paid", "L1")
    assert (record.attributes["price"], record.attributes["currency"]) == ("990000", "USD")


def test_a_damaged_comment_is_rejected_alone_and_a_cut_table_keeps_its_head(found: Read) -> None:
    row = f'Ugx{{}},{CHANNEL},{TIME},0,,,abcdefghij1,"{{{{""text"":""hi""}}}}"\n'
    table = f"{NEW}\n{row.format(1)}Ugx2,{CHANNEL},no time,0,,,v,x\n{row.format(3)}Ugx4,{CHANNEL},2024-"
    assert [type(r) for r in found(table.encode())] == [Record, Rejected, Record, Rejected]


def test_a_like_is_a_use_of_youtube_and_the_same_in_json_table_and_my_activity(found: Read) -> None:
    in_json = found(json.dumps([like()]).encode(), LIKES)
    in_table = found(
        b"Video ID,Playlist Video Creation Timestamp\nJ1tF-DKKt7k,2020-07-05T18:27:32+00:00\n",
        "Takeout/YouTube and YouTube Music/playlists/Liked videos.csv",
    )
    in_activity = activity(
        {
            "header": "YouTube", "title": "Liked A song", "titleUrl": "https://www.youtube.com/watch?v=J1tF-DKKt7k",
            "time": "2020-07-05T18:27:32.4Z", "products": ["YouTube"],
        }
    )  # fmt: skip
    (record,) = records(in_json)
    assert (record.kind, record.title, record.attributes["action"]) == ("app_use", "A song", "like")
    assert hashes(in_json) == hashes(in_table) == hashes([in_activity])


def test_a_video_of_a_playlist_is_a_document_of_its_list(found: Read) -> None:
    table = b"Video ID,Playlist Video Creation Timestamp\nabcdefghij1,2024-03-01T10:00:00+00:00\nbad,2024\n"
    results = found(table, "Takeout/YouTube and YouTube Music/playlists/Recipes-videos.csv")
    assert [type(r) for r in results] == [Record, Rejected]
    assert isinstance(results[0], Record)
    assert (results[0].kind, results[0].url) == ("document", "https://www.youtube.com/watch?v=abcdefghij1")
    assert results[0].attributes["list"] == "Recipes"
    assert results[0].attributes["type"] == "playlist_item"


def test_the_table_of_before_2023_tells_the_playlist_first(found: Read) -> None:
    table = (
        "Playlist ID,Channel ID,Time Created,Time Updated,Title,Description,Visibility\n"
        f"PL1,{CHANNEL},2020-01-01 10:00:00 UTC,2020-01-02 10:00:00 UTC,Recipes,Good ones,Private\n\n"
        "Video ID,Time Added\n abcdefghij1,2020-01-01 11:00:00 UTC\nabcdefghij2,2020-01-01 12:00:00 UTC\n"
    )
    playlist, first, second = records(found(table.encode()))
    assert (playlist.external_id, playlist.title, playlist.body) == ("playlist:PL1", "Recipes", "Good ones")
    assert playlist.occurred_at == datetime(2020, 1, 1, 10, tzinfo=UTC)
    assert (first.attributes["video_id"], first.attributes["list"]) == ("abcdefghij1", "Recipes")
    assert second.occurred_at == datetime(2020, 1, 1, 12, tzinfo=UTC)


def test_playlists_are_documents(found: Read) -> None:
    table = (
        "Playlist ID,Add new videos to top,Playlist Title (Original),Playlist Create Timestamp,Playlist Visibility\n"
        "PL1,False,Recipes,2020-01-01T10:00:00+00:00,Private\n"
    )
    (record,) = records(found(table.encode()))
    assert (record.title, record.url) == ("Recipes", "https://www.youtube.com/playlist?list=PL1")
    assert record.attributes == {"type": "playlist", "visibility": "Private"}


@pytest.mark.parametrize(
    "header",
    [
        "Channel Id,Channel Url,Channel Title",
        "Kanal-ID,Kanal-URL,Kanaltitel",
        "チャンネル ID,チャンネル URL,名前",
        "a,b,c",
    ],
)
def test_a_subscription_is_a_document_whatever_the_header_says(found: Read, header: str) -> None:
    table = f'{header}\n{CHANNEL},http://www.youtube.com/channel/{CHANNEL},"Sub, With Comma"\n'
    (record,) = records(found(table.encode()))
    assert (record.external_id, record.title) == (f"subscription:{CHANNEL}", "Sub, With Comma")
    assert record.url == f"https://www.youtube.com/channel/{CHANNEL}"
    assert (record.occurred_at, record.attributes["type"]) == (None, "subscription")


def test_a_subscription_as_json_has_its_time_and_the_same_identity(found: Read) -> None:
    entry = {
        "kind": "youtube#subscription",
        "snippet": {
            "publishedAt": "2015-01-02T03:04:05Z", "title": "Sub", "resourceId": {"channelId": CHANNEL},
        },
    }  # fmt: skip
    results = found(json.dumps([entry]).encode())
    table = found(f"Channel Id,Channel Url,Channel Title\n{CHANNEL},,Sub\n".encode())
    assert records(results)[0].occurred_at == datetime(2015, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert hashes(results) == hashes(table)


def test_a_song_of_the_library_has_album_and_artist(found: Read) -> None:
    (record,) = records(
        found(b"Video ID,Song Title,Album Title,Artist Name 1\nabcdefghij1,So What,Kind of Blue,Miles\n")
    )
    assert (record.title, record.attributes["album"], record.attributes["author"]) == (
        "So What",
        "Kind of Blue",
        "Miles",
    )


def test_a_damaged_like_is_rejected_alone_and_a_cut_file_keeps_its_head(found: Read) -> None:
    whole = [like(), {"kind": "youtube#playlistItem", "snippet": {}}, like("abcdefghij1"), like("abcdefghij2")]
    content = json.dumps(whole).encode()[:-40]
    results = found(content, LIKES)
    assert [type(r) for r in results] == [Record, Rejected, Record, Rejected]
    assert results[-1].byte_offset == len(content)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ("YouTube und YouTube Music/Kommentare/Kommentare.csv", "youtube_comments"),
        ("YouTube und YouTube Music/Livechats/Livechats.csv", "youtube_comments"),
        ("YouTube and YouTube Music/comments/comments(1).csv", "youtube_comments"),
        ("YouTube und YouTube Music/Abos/Abos.csv", "youtube_library"),
        ("YouTube and YouTube Music/subscriptions/subscriptions.csv", "youtube_library"),
        ("YouTube and YouTube Music/playlists/Recipes-videos.csv", "youtube_library"),
        ("YouTube und YouTube Music/musik-mediathek-songs/musik-mediathek-songs.csv", "youtube_library"),
    ],
)
def test_names_are_claimed_without_content(member: str, name: str) -> None:
    adapter = classify(member, b"")
    assert adapter is not None
    assert name == adapter.NAME


@pytest.mark.parametrize(
    "head",
    [b"Video ID,Approx Duration (ms),Video Title\nabcdefghij1,5,x\n", b"id,text\n1,x\n", b"[]", b"\x89PNG\x00\x00"],
)
def test_other_tables_are_not_claimed(head: bytes) -> None:
    assert youtube_comments.claims("a.csv", head) == 0
    assert youtube_library.claims("a.csv", head) == 0


def test_peer_comments(found: Read, peers: Path) -> None:
    first, second = records(found(peers / "takeout/YouTube and YouTube Music/comments/comments.csv"))
    assert (first.external_id, first.body) == ("UgxtiXQkY7gqHbldJ1F4AaABAg", "coalowl the legend")
    assert first.occurred_at == datetime(2023, 9, 19, 17, 42, 53, 434647, tzinfo=UTC)
    assert first.attributes["video_id"] == "WtOskFeLmr4"
    assert "parent_id" not in first.attributes
    assert second.occurred_at == datetime(2023, 8, 30, 1, 54, 46, 801024, tzinfo=UTC)
    assert second.attributes["parent_id"] == "UgwDN8UeMxW4NDFbvY54AaABAg"


def test_peer_likes(found: Read, peers: Path) -> None:
    (record,) = records(found(peers / "takeout/YouTube and YouTube Music/playlists/likes.json"))
    assert (record.kind, record.attributes["video_id"]) == ("app_use", "J1tF-DKKt7k")
    assert record.occurred_at == datetime(2020, 7, 5, 18, 27, 32, tzinfo=UTC)
    assert record.body is not None
    assert record.body.startswith("シュガーソングとビターステップ \nSugar Song and Bitter Step\n")
    assert len(record.body.splitlines()) == 11


SAMPLES = [
    f'{NEW}\nUgx1,{CHANNEL},{TIME},0,,,abcdefghij1,"{{""text"":""hi""}}"\n'.encode(),
    json.dumps([like(), like("abcdefghij1")]).encode(),
    b"Playlist ID,Time Created,Title\nPL1,2020-01-01 10:00:00 UTC,R\n\nVideo ID,Time Added\nabcdefghij1,2020-01-01\n",
    b"",
]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_files_never_raise(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(SAMPLES)))
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=10))
    for adapter in (youtube_comments, youtube_library):
        adapter.claims("a.csv", bytes(content))
        results = list(adapter.parse(MemberStream(io.BytesIO(bytes(content))), Context(member="m")))
        assert all(isinstance(r, Record | Rejected) for r in results)


def test_the_text_of_a_comment_that_never_ends_takes_no_memory() -> None:
    """Found by fuzzing: four megabytes took all of it."""
    cell = '{"takeoutSegments":[{"text":"Ah, ' + "[" * 1_000_000
    tracemalloc.start()
    try:
        assert comment_text(cell) == cell
        assert tracemalloc.get_traced_memory()[1] < 50 << 20
    finally:
        tracemalloc.stop()
    assert comment_text('{"takeoutSegments":[{"text":"one \\"two\\""},{"text":" three"}') == 'one "two" three'
