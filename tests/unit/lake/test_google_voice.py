import io
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake import Record, Rejected
from datapunk.lake.record import Context
from datapunk.lake.registry import by_name
from datapunk.lake.stream import MemberStream

HEAD = '<?xml version="1.0" ?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>'
ME = '<cite class="sender vcard"><a class="tel" href="tel:+15550000"><abbr class="fn" title="">Me</abbr></a></cite>'
ANN = '<cite class="sender vcard"><a class="tel" href="tel:+15551111"><span class="fn">Ann Lee</span></a></cite>'
MEMBER = "Takeout/Voice/Calls/Ann Lee - Text - 2021-01-22T01_33_43Z.html"


def message(words: str, sender: str = ANN, time: str = "2021-01-21T17:33:43.242-08:00", more: str = "") -> str:
    shown = "Jan 21, 2021, 5:33:43&#8239;PM\nPacific Time"
    stamp = f'<abbr class="dt" title="{time}">{shown}</abbr>'
    return f'<div class="message">{stamp}:\n{sender}:\n<q>{words}</q>{more}</div>'


def texts(*messages: str, people: str = "") -> bytes:
    log = f'<body><div class="hChatLog hfeed">{people}{" ".join(messages)}</div>'
    tags = '<div class="tags"><a rel="tag" href="http://www.google.com/voice#sms">Text</a></div></body></html>'
    return (HEAD + log + tags).encode()


def call(kind: str, heading: str, more: str = "", time: str = "2016-11-22T09:57:49.000-08:00") -> bytes:
    who = '<a class="tel" href="tel:+15551111"><span class="fn">Ann Lee</span></a>'
    card = f'<div class="contributor vcard">{heading} {who}</div>'
    log = f'<div class="haudio"><span class="album">Call Log for</span><span class="fn">{heading} Ann Lee</span>{card}'
    stamp = f'<abbr class="published" title="{time}">Nov 22</abbr>{more}'
    tag = f'<div class="tags"><a rel="tag" href="http://www.google.com/voice#{kind}">K</a></div></div></body></html>'
    return (HEAD + "<body>" + log + stamp + tag).encode()


def test_a_text_has_its_words_sender_and_the_instant_of_the_title(found: Any) -> None:
    record = found(texts(message("it&#39;s me &amp; you<br>now")), MEMBER)[0]
    assert (record.kind, record.body) == ("message", "it's me & you\nnow")
    assert record.occurred_at == datetime(2021, 1, 22, 1, 33, 43, 242000, tzinfo=UTC)
    assert (record.precision, record.zone_source) == ("ms", "offset")
    assert record.attributes == {
        "conversation": "Ann Lee", "conversation_id": "+15551111", "sender": "Ann Lee", "sender_address": "+15551111",
        "labels": ["sms"],
    }  # fmt: skip


def test_own_texts_are_told_from_the_others(found: Any) -> None:
    records = found(texts(message("one", ME), message("two")), MEMBER)
    assert [r.attributes.get("from_me") for r in records] == [True, None]
    assert {r.attributes["conversation"] for r in records} == {"Ann Lee"}


def test_a_text_to_one_who_never_answered_is_in_the_conversation_of_the_file(found: Any) -> None:
    assert found(texts(message("one", ME)), MEMBER)[0].attributes["conversation"] == "Ann Lee"


def test_the_same_text_to_two_people_in_one_second_is_two_messages(found: Any) -> None:
    first = found(texts(message("hello", ME)), MEMBER)[0]
    second = found(texts(message("hello", ME)), MEMBER.replace("Ann Lee", "Bo"))[0]
    assert first.key != second.key


def test_a_group_is_called_after_its_people(found: Any) -> None:
    bo = ANN.replace("Ann Lee", "Bo").replace("1111", "2222")
    people = f'<div class="participants">Group conversation with:\n{ANN}, {bo}</div>'
    record = found(texts(message("hi", ME), people=people), MEMBER)[0]
    assert record.attributes["conversation"] == "Ann Lee, Bo"
    assert record.attributes["conversation_id"] == "+15551111,+15552222"


def test_attachments_are_named(found: Any) -> None:
    more = '<div><img src="Ann - 1-1" alt="Image" /><a class="vcard" href="Ann - 1-2">Contact card</a></div>'
    assert found(texts(message("", more=more)), MEMBER)[0].attributes["attachments"] == ["Ann - 1-1", "Ann - 1-2"]


def test_a_call_has_its_length_and_direction(found: Any) -> None:
    duration = '<br /><abbr class="duration" title="PT1H2M3S">(01:02:03)</abbr>'
    record = found(call("placed", "Placed call to", duration))[0]
    assert record.ended_at - record.occurred_at == timedelta(hours=1, minutes=2, seconds=3)
    assert (record.title, record.attributes["type"], record.attributes["call"]) == (
        "Placed call to Ann Lee", "call", "placed",
    )  # fmt: skip
    assert (record.attributes["sender"], record.attributes["recipients"]) == ("Me", ["+15551111"])


def test_a_voicemail_has_its_transcript_and_sound(found: Any) -> None:
    words = (
        '<span class="description"><span class="full-text">Hi, it&#39;s me.</span><span class="word">Hi,</span></span>'
    )
    record = found(call("voicemail", "Voicemail from", words + '<audio src="a.mp3"><a href="a.mp3">Audio</a></audio>'))[
        0
    ]
    assert (record.attributes["type"], record.body) == ("voicemail", "Hi, it's me.")
    assert (record.attributes["sender"], record.attributes["attachments"]) == ("Ann Lee", ["a.mp3"])


def test_a_damaged_message_is_rejected_and_the_others_survive(found: Any) -> None:
    page = texts(message("one"), message("two", time="yesterday"), '<div class="message">three</div>', message("four"))
    results = found(page, MEMBER)
    assert [r.body for r in results if isinstance(r, Record)] == ["one", "four"]
    assert sum(isinstance(r, Rejected) for r in results) == 2


def test_a_cut_page_keeps_its_head(found: Any) -> None:
    page = texts(message("one"), message("two"), message("three"))
    results = found(page[: page.index(b"three") - 20], MEMBER)
    assert [r.body for r in results if isinstance(r, Record)] == ["one", "two"]


def test_other_pages_are_not_claimed() -> None:
    page = b"<html><body><div class='outer-cell'></div></body></html>"
    assert by_name("google_voice").claims("Voice/Calls/x.html", page) == 0


@given(st.binary(max_size=200), st.integers(0, 900), st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_whatever_the_bytes_are_nothing_is_raised(noise: bytes, at: int, cut: int) -> None:
    for good in (texts(message("one"), message("two", ME)), call("placed", "Placed call to")):
        for data in (noise, good[:at] + noise + good[at + cut :]):
            for result in by_name("google_voice").parse(MemberStream(io.BytesIO(data)), Context(member=MEMBER)):
                assert isinstance(result, Record | Rejected)


def test_peer_files(found: Any, peers: Path) -> None:
    folder = peers / "takeout_wjcarpenter/Voice/Calls"
    by_file = {path.name: found(path) for path in sorted(folder.glob("*.html"))}
    assert len(by_file) == 13
    assert not [r for results in by_file.values() for r in results if not isinstance(r, Record)]
    texts_of = {name: [r for r in results if "type" not in r.attributes] for name, results in by_file.items()}
    assert {name: len(found) for name, found in texts_of.items() if found} == {
        "+17323217777 - Text - 2021-01-22T01_33_43Z.html": 5,
        "Alan A Milne - Text - 2023-09-29T23_40_59Z.html": 3,
        "Edson Arantes do Nascimento - Text - 2023-09-20T00_54_54Z.html": 2,
        "Group Conversation - 2023-10-01T15_30_41Z.html": 8,
        "Group Conversation - 2023-10-01T19_34_50Z.html": 20,
    }
    first = by_file["+17323217777 - Text - 2021-01-22T01_33_43Z.html"][0]
    assert first.occurred_at == datetime(2021, 1, 22, 1, 33, 43, 242000, tzinfo=UTC)
    calls = [r for results in by_file.values() for r in results if "type" in r.attributes]
    assert Counter(r.attributes["call"] for r in calls) == {
        "placed": 3, "missed": 1, "received": 1, "recorded": 1, "voicemail": 2,
    }  # fmt: skip


def test_peer_files_have_the_day_that_their_names_tell(found: Any, peers: Path) -> None:
    for path in (peers / "takeout_wjcarpenter/Voice/Calls").glob("*.html"):
        assert found(path)[0].occurred_at.strftime("%Y-%m-%dT%H_%M_%SZ") in path.name
