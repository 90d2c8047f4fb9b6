import io
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake import Record, Rejected
from datapunk.lake.mail import read_message
from datapunk.lake.mbox import messages
from datapunk.lake.record import Context
from datapunk.lake.registry import by_name
from datapunk.lake.stream import MemberStream

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


def test_a_word_that_cannot_be_decoded_stays_as_it_is(read: Any) -> None:
    (record,), rejects = read("gmail", mbox("From: a@x.example\nSubject: =?utf-8?b?V\x07Vl?=\nDate: 5 Aug 2008\n\nx\n"))
    assert record.title == "=?utf-8?b?V\x07Vl?="
    assert rejects == []


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


EML = (
    b"Return-Path: <a@x.example>\r\nDate: Tue, 5 Aug 2008 01:00:12 -0700\r\nFrom: Ann Lee <A@x.example>\r\n"
    b"To: Bo <b@x.example>\r\nSubject: Lunch\r\nMessage-ID: <1@x.example>\r\n\r\nAt noon?\r\nAnn\r\n"
)


def test_a_mail_in_a_file_of_its_own_is_a_mail(found: Any) -> None:
    (record,) = found(EML, "saved/lunch.eml")
    assert (record.kind, record.source, record.title, record.body) == ("mail", "mail", "Lunch", "At noon?\nAnn")
    assert (record.external_id, record.occurred_at) == ("1@x.example", datetime(2008, 8, 5, 8, 0, 12, tzinfo=UTC))
    assert (record.attributes["sender"], record.attributes["recipients"]) == ("Ann Lee", ["b@x.example"])


def test_a_mail_is_known_by_its_fields_whatever_its_name(found: Any) -> None:
    assert found(EML, "saved/lunch")[0].source == "mail"


def test_the_length_and_properties_of_apple_mail_are_left_out(found: Any) -> None:
    emlx = b"%d\n" % len(EML) + EML + b'<?xml version="1.0"?><plist><dict></dict></plist>\n'
    assert found(emlx, "Messages/1.emlx")[0].body == "At noon?\nAnn"


@pytest.mark.parametrize(
    ("member", "head"),
    [
        (
            "page.mhtml",
            b"From: <Saved by Blink>\nSnapshot-Content-Location: https://a\nSubject: a\nDate: x\nMIME-Version: 1",
        ),
        ("notes.txt", b"Subject: a talk\n\nwords"),
        ("a.ics", b"BEGIN:VCALENDAR\nVERSION:2.0\n"),
        ("a.mbox", SEPARATOR + EML),
        ("a.csv", b"Date,Subject\n"),
    ],
)
def test_other_texts_are_no_mail(member: str, head: bytes) -> None:
    assert by_name("mail").claims(member, head) == 0


def test_a_mail_that_was_cut_keeps_its_beginning(found: Any) -> None:
    (record,) = found(EML[:-8], "lunch.eml")
    assert (record.title, record.body) == ("Lunch", "At noon")


def test_what_is_no_message_is_rejected() -> None:
    (result,) = by_name("mail").parse(MemberStream(io.BytesIO(b"\n\nwords")), Context(member="x.eml"))
    assert isinstance(result, Rejected)


def test_a_mail_inside_a_mail_gives_its_text_where_there_is_no_other() -> None:
    inner = b"Content-Type: message/rfc822\n\nSubject: in\n\ninner\n"
    raw = b"Content-Type: multipart/mixed; boundary=o\n\n--o\n" + inner + b"--o--\n"
    assert read_message(raw).text == "inner"


def test_a_boundary_counts_as_a_whole_line_only() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=o\n\nbefore\n--o \n\none\n--other\nx--o\n--o--\nbehind\n--o\n\ntwo\n"
    )
    assert read_message(raw).text == "one\n--other\nx--o"


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        (b'application/pdf; name="a b.pdf"', "a b.pdf"),
        (b"application/pdf;\n name*0=a;\n name*1=b.pdf", "ab.pdf"),
        (b"application/pdf; name*=utf-8''gr%C3%BCn.pdf", "grün.pdf"),
        (b"application/pdf; name==?utf-8?Q?gr=C3=BCn.pdf?=", "grün.pdf"),
    ],
)
def test_names_of_attachments_are_read_in_each_way_that_they_are_written(content_type: bytes, name: str) -> None:
    raw = b"Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: " + content_type + b"\n\nx\n--o--\n"
    assert read_message(raw).attachments == (name,)


@pytest.mark.parametrize("encoding", ["7bit", "quoted-printable", "base64", "8bit"])
@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1"])
def test_texts_are_decoded_as_their_part_says(encoding: str, charset: str) -> None:
    message = EmailMessage()
    words = "plain words" if encoding == "7bit" else "grün und schön"
    message.set_content(words, charset=charset, cte=encoding)
    message.add_alternative("<p>other</p>", subtype="html")
    message.add_attachment(b"x", maintype="application", subtype="pdf", filename="ü.pdf")
    read = read_message(message.as_bytes())
    assert (read.text, read.attachments) == (words, ("ü.pdf",))


def test_the_fields_are_those_that_the_standard_library_reads(peers: Path) -> None:
    for _, _, raw in messages(MemberStream(io.BytesIO((peers / "mail/small.gmail.mbox").read_bytes()))):
        read, known = read_message(raw).headers, message_from_bytes(raw)
        for name in ("Subject", "Message-ID", "Date", "X-GM-THRID"):
            assert read.get(name.lower()) == known[name]


@given(st.binary(max_size=200), st.integers(0, 300), st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_whatever_the_bytes_are_nothing_is_raised(noise: bytes, at: int, cut: int) -> None:
    part = b"--o\nContent-Type: text/html\n\n<p>x\n"
    page = b"Content-Type: multipart/mixed; boundary=o\nSubject: =?utf-8?B?R3I=?=\n\n" + part
    for good in (EML, page):
        for data in (noise, good[:at] + noise + good[at + cut :]):
            for source, content in (("mail", data), ("gmail", SEPARATOR + data)):
                for result in by_name(source).parse(MemberStream(io.BytesIO(content)), Context(member="x")):
                    assert isinstance(result, Record | Rejected)


def test_peer_messages_as_files_of_their_own(found: Any, peers: Path) -> None:
    mails = list(messages(MemberStream(io.BytesIO((peers / "mail/small.gmail.mbox").read_bytes()))))
    records = [found(raw, "x.eml")[0] for _, _, raw in mails[:2]]
    assert [(r.external_id, r.occurred_at.isoformat()) for r in records] == [
        ("18826312.post@talk.nabble.com", "2008-08-05T08:00:12+00:00"),
        ("20080817183915.GM3992@merkur.person.loc", "2008-08-17T18:39:15+00:00"),
    ]


def test_a_boundary_that_a_broken_mail_shows_keeps_its_name() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=00000000000012345678\n\n--00000000000012345678--\n"
    nested = b"Subject: x\nContent-Type: text/plain\n\nThe header said boundary=00000000000012345678 here.\n"
    assert read_message(raw).text == ""
    assert read_message(nested).text == "The header said boundary=00000000000012345678 here."
