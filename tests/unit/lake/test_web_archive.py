import bz2
import gzip
import io
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.record import Context, Record, Rejected
from datapunk.lake.registry import by_name
from datapunk.lake.stream import MemberStream
from datapunk.lake.wikitext import plain


def archive(*, packed: bool = False) -> bytes:
    """Write four pages, the third not found, a picture and a text made of a page."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed)

    def write(entry: Any) -> None:
        writer.write_record(entry)
        # The writer leaves the copy open that it made for the digest.
        entry.raw_stream.close()

    write(writer.create_warcinfo_record("x.warc", {"software": "test"}))
    for number in range(4):
        status = "404 Not Found" if number == 2 else "200 OK"
        page = f"<html lang=de><head><title>T{number}</title></head><body><p>Grüße {number}</p></body></html>"
        headers = StatusAndHeaders(status, [("Content-Type", "text/html; charset=iso-8859-1")], protocol="HTTP/1.1")
        write(
            writer.create_warc_record(
                f"https://a.example/{number}", "response", payload=io.BytesIO(page.encode("latin-1")),
                http_headers=headers,
                warc_headers_dict={
                    "WARC-Date": f"2024-01-0{number + 1}T00:00:00Z", "WARC-Record-ID": f"<urn:uuid:{number}>",
                },
            )
        )  # fmt: skip
    headers = StatusAndHeaders("200 OK", [("Content-Type", "image/png")], protocol="HTTP/1.1")
    write(
        writer.create_warc_record(
            "https://a.example/p", "response", payload=io.BytesIO(b"PNG"), http_headers=headers,
        )
    )  # fmt: skip
    write(
        writer.create_warc_record(
            "https://a.example/t", "conversion", payload=io.BytesIO("Erste Zeile ü\nzweite".encode()),
            warc_content_type="text/plain",
            warc_headers_dict={"WARC-Date": "2024-02-01T00:00:00Z", "WARC-Refers-To": "<urn:uuid:of-the-page>"},
        )
    )  # fmt: skip
    return out.getvalue()


WARC = archive()


def titles(found: list[Any]) -> list[str]:
    return [one.title for one in found if isinstance(one, Record)]


@pytest.mark.parametrize("content", [WARC, archive(packed=True), gzip.compress(WARC)])
def test_pages_and_texts_of_an_archive_are_documents(found: Any, content: bytes) -> None:
    first, _, third, text = found(content)
    assert (first.kind, first.title, first.body) == ("document", "T0", "Grüße 0")
    assert (first.url, first.external_id, first.language) == ("https://a.example/0", "urn:uuid:0", "de")
    assert first.occurred_at == datetime(2024, 1, 1, tzinfo=UTC)
    assert first.attributes == {"type": "web_page", "mime_type": "text/html"}
    assert third.title == "T3"
    assert (text.title, text.body) == ("Erste Zeile ü", "Erste Zeile ü\nzweite")
    assert text.external_id == "urn:uuid:of-the-page"


def test_a_damaged_record_is_rejected_and_the_others_are_read(found: Any) -> None:
    spot = WARC.index(b"WARC/1.0", WARC.index(b"<title>T0"))
    results = found(WARC[:spot] + b"XXXX" + WARC[spot + 4 :])
    assert titles(results) == ["T0", "T3", "Erste Zeile ü"]
    assert [one.byte_offset for one in results if isinstance(one, Rejected)] == [spot]


def test_a_wrong_length_costs_no_more_than_what_it_covers(found: Any) -> None:
    spot = WARC.index(b"Content-Length: ", WARC.index(b"<urn:uuid:1>")) + len(b"Content-Length: ")
    results = found(WARC[:spot] + b"x" + WARC[spot + 1 :])
    assert titles(results) == ["T0", "T3", "Erste Zeile ü"]
    assert any(isinstance(one, Rejected) for one in results)


def test_a_cut_archive_keeps_its_good_head(found: Any) -> None:
    results = found(WARC[: WARC.index(b"zweite")])
    assert titles(results) == ["T0", "T1", "T3"]
    assert isinstance(results[-1], Rejected)


def test_a_damaged_packed_archive_keeps_its_good_head(found: Any) -> None:
    content = gzip.compress(WARC)
    results = found(content[: len(content) * 2 // 3])
    assert titles(results)[0] == "T0"
    assert "packed data" in results[-1].reason


WIKI = b"""<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="en">
<siteinfo><sitename>Wikipedia</sitename><dbname>enwiki</dbname><base>https://en.wikipedia.org/wiki/Main_Page</base>
<namespaces><namespace key="0" /></namespaces></siteinfo>
<page><title>Tea cup</title><ns>0</ns><id>5</id>
<revision><id>2</id><timestamp>2024-02-01T00:00:00Z</timestamp><contributor><username>A</username><id>1</id></contributor>
<text xml:space="preserve">{{Box|{{in}}}}'''Tea''' of a [[plant|bush]].&lt;ref&gt;n&lt;/ref&gt;</text></revision>
<revision><id>1</id><timestamp>2023-01-01T00:00:00Z</timestamp><contributor><ip>1.2.3.4</ip></contributor>
<text xml:space="preserve">old</text></revision></page>
<page><title>Cha</title><ns>0</ns><id>6</id><redirect title="Tea cup" /><revision><id>3</id>
<timestamp>2024-02-01T00:00:00Z</timestamp><text>#REDIRECT [[Tea cup]]</text></revision></page>
<page><ns>0</ns><id>x</id><revision><id>4</id><timestamp>2024-02-01T00:00:00Z</timestamp><text>bad</text></revision></page>
<page><title>Talk:Milk</title><ns>1</ns><id>7</id><revision><id>5</id><timestamp>2024-03-01T00:00:00Z</timestamp>
<text>White</text></revision></page>
</mediawiki>"""


@pytest.mark.parametrize("content", [WIKI, bz2.compress(WIKI)])
def test_pages_of_a_wiki_are_documents_in_their_latest_revision(found: Any, content: bytes) -> None:
    tea, rejected, milk = found(content)
    assert (tea.title, tea.body) == ("Tea cup", "Tea of a bush.")
    assert (tea.url, tea.external_id) == ("https://en.wikipedia.org/wiki/Tea_cup", "enwiki:5")
    assert tea.occurred_at == datetime(2024, 2, 1, tzinfo=UTC)
    assert isinstance(rejected, Rejected)
    assert (milk.title, milk.attributes["namespace"]) == ("Talk:Milk", 1)


def test_a_cut_dump_keeps_its_good_head(found: Any) -> None:
    results = found(WIKI[: WIKI.index(b"White")])
    assert [type(one) for one in results] == [Record, Rejected, Rejected]


def test_a_packed_dump_whose_packed_head_shows_nothing_is_known_by_what_it_holds(found: Any) -> None:
    """Of a block of bzip2 nothing can be unpacked before all of it is there, which is more than the first 64 KiB."""
    noise = random.Random(1).randbytes(300_000).hex().encode()
    content = bz2.compress(WIKI.replace(b"White", noise))
    assert found(content, "dump.bz2") == found(bz2.decompress(content), "dump")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("== Head ==\nA<!-- no --> B", "Head\nA B"),
        ("{| class=x\n| {{a}}\n|}\nafter {{t|{{u}}|v}}word", "after word"),
        ("[[File:x.jpg|thumb|A [[cup]] here]]text [[Category:C]]", "text"),
        ("[https://a.example label] and [[A]] and [[:Category:B|c]]", "label and A and c"),
        ("''it'' &amp; '''bold'''<br />line<ref name=a /> end", "it & boldline end"),
        ("open {{template", "open {{template"),
    ],
)
def test_markup_becomes_words(markup: str, text: str) -> None:
    assert plain(markup) == text


@settings(max_examples=60, deadline=None)
@given(
    source=st.sampled_from(["web_archive", "wikipedia"]),
    at=st.integers(0, 5_000),
    bytes_=st.binary(min_size=1, max_size=6),
)
def test_changed_bytes_never_raise(source: str, at: int, bytes_: bytes) -> None:
    for content in (WARC, gzip.compress(WARC)) if source == "web_archive" else (WIKI, bz2.compress(WIKI)):
        changed = bytearray(content)
        place = at % len(changed)
        changed[place : place + len(bytes_)] = bytes_
        for one in by_name(source).parse(MemberStream(io.BytesIO(changed)), Context(member="m")):
            assert isinstance(one, Record | Rejected)
