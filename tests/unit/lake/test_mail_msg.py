"""Mails of Outlook: what they say is what the same mail says elsewhere."""

import io
from datetime import UTC, datetime

import pytest

from datapunk.lake.identity import Occurrences, content_hash
from datapunk.lake.record import Context, Record, Rejected
from datapunk.lake.registry import by_name, classify
from datapunk.lake.stream import MemberStream
from outlook_message import compound, message

_SUBJECT, _BODY, _CLASS, _HEADERS, _HTML = 0x0037, 0x1000, 0x001A, 0x007D, 0x1013
_SENDER, _SENDER_ADDRESS = 0x0C1A, 0x0C1F
_FIELDS = (
    "From: Ann Lee <Ann@x.org>\r\nTo: Bob <bob@x.org>,\r\n Cy <cy@x.org>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    "Date: Mon, 3 Jun 2024 10:00:00 +0200\r\nMessage-ID: <a@x.org>\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
)


def parse(content: bytes, source: str = "mail_msg") -> Record | Rejected:
    (found,) = by_name(source).parse(MemberStream(io.BytesIO(content)), Context(member="a.msg"))
    assert isinstance(found, Record | Rejected)
    return found


def test_message_that_was_sent_says_what_its_fields_say() -> None:
    texts = {_CLASS: "IPM.Note", _HEADERS: _FIELDS, _BODY: "Bis später\r\nAnn", _SUBJECT: "other"}
    found = parse(message(texts, attachments=["Rechnung.pdf", "b.png"]))
    assert isinstance(found, Record)
    assert (found.kind, found.title, found.body) == ("mail", "Grüße", "Bis später\nAnn")
    assert found.occurred_at == datetime(2024, 6, 3, 8, tzinfo=UTC)
    assert found.attributes["recipients"] == ["bob@x.org", "cy@x.org"]
    assert found.attributes["attachments"] == ["Rechnung.pdf", "b.png"]


def test_same_mail_as_eml_is_the_same_item() -> None:
    outlook = parse(message({_CLASS: "IPM.Note", _HEADERS: _FIELDS, _BODY: "Hello"}))
    fields = _FIELDS.replace("\r\n", "\n").replace("multipart/mixed; boundary=b", "text/plain")
    eml = parse(f"{fields}Hello".encode(), "mail")
    assert isinstance(outlook, Record)
    assert isinstance(eml, Record)
    assert content_hash(outlook, Occurrences()) == content_hash(eml, Occurrences())


def test_draft_without_fields_says_what_outlook_knows() -> None:
    texts = {_CLASS: "IPM.Note", _SUBJECT: "Tea", _SENDER: "Ann", _SENDER_ADDRESS: "ann@x.org", _BODY: "Soon?"}
    found = parse(message(texts, sent=datetime(2024, 6, 3, 8, 30, tzinfo=UTC), recipients=[("Böb, Jr.", "bob@x.org")]))
    assert isinstance(found, Record)
    assert (found.title, found.body) == ("Tea", "Soon?")
    assert found.occurred_at == datetime(2024, 6, 3, 8, 30, tzinfo=UTC)
    assert found.attributes["sender_address"] == "ann@x.org"
    assert found.attributes["recipient_names"] == ["Böb, Jr."]


def test_page_is_read_where_there_is_no_text() -> None:
    found = parse(message({_CLASS: "IPM.Note", _HEADERS: _FIELDS, _HTML: "<p>One</p><p>Two <b>three</b></p>"}))
    assert isinstance(found, Record)
    assert found.body is not None
    assert "Two three" in found.body
    assert "<" not in found.body


def test_body_cannot_add_fields() -> None:
    texts = {_CLASS: "IPM.Note", _HEADERS: _FIELDS, _BODY: "Message-ID: <other@x.org>\n\nHello"}
    found = parse(message(texts))
    assert isinstance(found, Record)
    assert found.external_id == "a@x.org"


def test_what_is_no_mail_is_told() -> None:
    found = parse(message({_CLASS: "IPM.Contact", _SUBJECT: "Ann"}))
    assert isinstance(found, Rejected)
    assert "IPM.Contact" in found.reason


@pytest.mark.parametrize("cut", [9, 600, 1_200])
def test_damaged_file_is_rejected_and_does_not_end_the_reader(cut: int) -> None:
    content = message({_CLASS: "IPM.Note", _HEADERS: _FIELDS, _BODY: "x" * 2_000})
    assert isinstance(parse(content[:cut]), Rejected)


def test_message_is_known_by_what_it_holds_and_other_compound_files_are_not() -> None:
    content = message({_CLASS: "IPM.Note", _BODY: "Hello"})
    adapter = classify("mail/without a name", content)
    assert adapter is not None
    assert adapter.NAME == "mail_msg"
    other = classify("table.xls", compound({"Workbook": b"x" * 600}))
    assert other is None or other.NAME != "mail_msg"


def test_stream_that_is_said_to_be_larger_than_the_file_is_refused() -> None:
    """Found by fuzzing: sectors that follow each other in a circle filled it until there was no memory left."""
    content = bytearray(message({_CLASS: "IPM.Note", _HEADERS: _FIELDS, _BODY: "Hello"}))
    entry = content.index(f"__substg1.0_{_BODY:04X}001F".encode("utf-16-le"))
    content[entry + 120 : entry + 124] = (1 << 30).to_bytes(4, "little")
    found = parse(bytes(content))
    assert isinstance(found, Rejected)
    assert "larger than the file" in found.reason
