from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from datapunk.lake.mail import read_message

SEPARATOR = b"From 1277085061787347926@xxx Tue Aug 05 08:00:23 +0000 2008\n"


def mbox(*messages: str) -> bytes:
    return b"\n".join(SEPARATOR + message.encode() + b"\n" for message in messages)


def test_a_body_line_that_starts_with_from_stays_in_its_message(read: Any) -> None:
    content = mbox(
        "Subject: a\nMessage-ID: <1@x>\n\nHello\n\nFrom here on it goes 2008\nnot well\n", "Subject: b\n\nx\n"
    )
    records, rejects = read("gmail", content)
    assert [r.title for r in records] == ["a", "b"]
    assert "From here on" in records[0].body
    assert rejects == []


def test_messages_are_split_wherever_the_chunks_end(read: Any) -> None:
    many = mbox(*(f"Subject: s{n}\nMessage-ID: <{n}@x>\n\n{'word ' * 900}\n" for n in range(300)))
    records, rejects = read("gmail", many)
    assert [r.title for r in records] == [f"s{n}" for n in range(300)]
    assert rejects == []


def test_crlf_gives_the_same_as_lf(read: Any) -> None:
    content = mbox("Subject: a\nMessage-ID: <1@x>\n\none\ntwo\n", "Subject: b\nMessage-ID: <2@x>\n\nthree\n")
    assert read("gmail", content)[0] == read("gmail", content.replace(b"\n", b"\r\n"))[0]


def test_the_text_of_a_multipart_is_its_plain_part() -> None:
    raw = (
        'Content-Type: multipart/mixed; boundary="o"\n\n--o\nContent-Type: multipart/alternative; boundary=i\n\n'
        "--i\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nsch=C3=B6n\n"
        "--i\nContent-Type: text/html\n\n<p>other</p>\n--i--\n"
        '--o\nContent-Type: application/pdf; name="a.pdf"\n'
        'Content-Disposition: attachment; filename="a.pdf"\n\nx\n--o--\n'
    )
    message = read_message(raw.encode())
    assert (message.text, message.attachments) == ("schön", ("a.pdf",))


def test_html_alone_becomes_its_visible_text() -> None:
    page = "<style>p{}</style><p>Dear&nbsp;Ann,</p><p>see <b>you</b></p><script>x</script>"
    assert read_message(b"Content-Type: text/html; charset=utf-8\n\n" + page.encode()).text == "Dear Ann,\nsee you"


def test_a_multipart_without_its_boundary_is_left_to_the_full_parser() -> None:
    assert read_message(b"Content-Type: multipart/mixed\n\nplain words\n").text in ("plain words", "")


def test_encoded_words_and_names_are_decoded(read: Any) -> None:
    content = mbox(
        'From: =?UTF-8?Q?=C5=82_Zieli=C5=84ski?= <Z@Example.com>\nTo: "Falk, Nora" <n@x.example>, b@x.example\n'
        "Subject: =?utf-8?B?R3LDvMOfZQ==?=\nDate: Tue, 5 Aug 2008 01:00:12 -0700 (PDT)\n\nx\n"
    )
    record = read("gmail", content)[0][0]
    assert record.title == "Grüße"
    assert record.attributes["sender"] == "ł Zieliński"
    assert record.attributes["sender_address"] == "z@example.com"
    assert record.attributes["recipients"] == ["n@x.example", "b@x.example"]
    assert record.occurred_at == datetime(2008, 8, 5, 8, 0, 12, tzinfo=UTC)


@pytest.mark.parametrize("date", ["", "Date: yesterday\n", "Date: Tue, 35 Aug 2008 01:00:12 +0000\n"])
def test_without_a_usable_date_the_separator_tells_the_time(read: Any, date: str) -> None:
    record = read("gmail", mbox(f"Subject: a\n{date}\nx\n"))[0][0]
    assert record.occurred_at == datetime(2008, 8, 5, 8, 0, 23, tzinfo=UTC)


def test_a_chat_line_is_a_message(read: Any) -> None:
    record = read("gmail", mbox("X-Gmail-Labels: Chat,Opened\nFrom: A <a@x.example>\n\nhi\n"))[0][0]
    assert (record.kind, record.body, record.attributes["labels"]) == ("message", "hi", ["Chat", "Opened"])


@pytest.mark.parametrize("name", ["small.gmail.mbox", "small.gmail.crlf.mbox"])
def test_peer_mbox(read: Any, peers: Path, name: str) -> None:
    records, rejects = read("gmail", peers / "mail" / name)
    assert rejects == []
    assert [r.external_id for r in records] == [
        "18826312.post@talk.nabble.com",
        "20080817183915.GM3992@merkur.person.loc",
        "1529555944956622147",
        "1705761119401391280",
    ]
    assert [r.occurred_at.isoformat() for r in records] == [
        "2008-08-05T08:00:12+00:00",
        "2008-08-17T18:39:15+00:00",
        "2016-03-23T01:57:00+00:00",
        "2021-07-20T00:22:49+00:00",
    ]
    assert records[3].body == "好好学习，天天向上"
    assert records[3].attributes["sender"] == "罗"
    assert [r.kind for r in records] == ["mail", "mail", "message", "message"]
