import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.documents import BODY_CHARACTERS
from datapunk.lake.identity import Occurrences, content_hash
from datapunk.lake.packages import UnsafeDocument
from datapunk.lake.record import Context, Record, Rejected
from datapunk.lake.registry import by_name, classify
from datapunk.lake.request import Limits
from datapunk.lake.stream import MemberStream


def source_of(member: str, head: bytes) -> str | None:
    adapter = classify(member, head)
    return adapter.NAME if adapter else None


def package(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return out.getvalue()


def pdf(*, text: bytes = b"", password: str = "") -> bytes:
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    for content in (text, b""):
        page = writer.add_blank_page(200, 200)
        if content:
            stream = DecodedStreamObject()
            stream.set_data(b"BT /F1 12 Tf 10 100 Td (" + content + b") Tj ET")
            font = DictionaryObject({
                NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            })  # fmt: skip
            page[NameObject("/Contents")] = stream
            page[NameObject("/Resources")] = DictionaryObject(
                {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
            )
    writer.add_metadata({"/Title": "A title", "/Author": "An author", "/CreationDate": "D:20240102030405+01'00'"})
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def docx() -> bytes:
    from docx import Document

    word = Document()
    word.core_properties.created = datetime(2024, 1, 2)
    word.core_properties.title = ""
    word.add_paragraph("First")
    table = word.add_table(rows=2, cols=2)
    for at, text in enumerate(("a", "b", "c", "d")):
        table.cell(at // 2, at % 2).text = text
    word.add_paragraph("Last")
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


def test_a_text_is_decoded_whatever_its_encoding(found: Any) -> None:
    text = "Grüße aus Köln, schöne Straße über den Fluß\nund noch ein Satz für die Erkennung der Umlaute äöü"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "latin-1"):
        (record,) = found(text.encode(encoding), "a/Notes.txt")
        assert record.body == text
        assert (record.kind, record.title, record.attributes) == ("document", "Notes", {"mime_type": "text/plain"})


@pytest.mark.parametrize(
    "text", ["Intro\n\n# The title #\n\ntext", '---\ntitle: "The title"\ntags: [a]\n---\n# Other\n']
)
def test_markdown_is_called_by_its_heading(found: Any, text: str) -> None:
    (record,) = found(text.encode(), "x.md")
    assert (record.title, record.body) == ("The title", text)


def test_a_copy_under_another_name_is_the_same_document(found: Any) -> None:
    one, other = found(b"Some text.\n", "a.txt")[0], found(b"Some  text.", "folder/b.txt")[0]
    assert content_hash(one, Occurrences()) == content_hash(other, Occurrences())


def test_an_empty_text_is_refused_and_no_silence(found: Any) -> None:
    assert isinstance(found(b" \n", "a.txt")[0], Rejected)


def test_a_long_text_is_cut_and_says_so(found: Any) -> None:
    (record,) = found(b"a " * BODY_CHARACTERS, "a.txt")
    assert len(record.body) == BODY_CHARACTERS
    assert record.attributes["truncated"] is True


def test_bytes_that_are_no_text_are_not_claimed() -> None:
    assert source_of("a.txt", b"MZ\x00\x01") is None


@pytest.mark.parametrize(
    ("member", "head"),
    [
        ("Takeout/archive_browser.html", b'<!DOCTYPE html><html><h1 data-english-name="MAIL">'),
        ("Takeout/Keep/Note.html", b'<html><body><div class="note RED"><div class="heading">'),
        ("Takeout/Google Account/a.SubscriberInfo.html", b"<html><body>Google Account ID: 1"),
        ("archive_browser.html", b"<!doctype html><html><head><title>Google Takeout</title>"),
    ],
)
def test_pages_of_an_export_are_no_documents(member: str, head: bytes) -> None:
    assert source_of(member, head) != "document_html"


@pytest.mark.parametrize(
    ("member", "head"),
    [
        ("chat.txt", b"1/1/21, 12:00 - A: Hi\n1/1/21, 12:01 - B: Ho\n"),
        ("My Clippings.txt", b"Book (A)\n- Your Highlight at location 9 | Added on x\n\nText\n==========\n"),
        ("Takeout/My Activity/Ads/MyActivity.html", b'<html><div class="content-cell mdl-typography--body-1">'),
        ("Voice/Calls/a.html", b'<html><div class="hChatLog hfeed"><abbr class="dt" title="x">'),
    ],
)
def test_what_another_source_knows_is_no_document(member: str, head: bytes) -> None:
    assert not str(source_of(member, head)).startswith("document")


PAGE = """<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE html><html lang="de-DE"><head><title>Ein  Titel</title>
<meta name="author" content="Jörg"><meta property="article:published_time" content="2024-01-02T03:04:05+01:00">
<link rel="canonical" href="https://a.example/x?token=secret"><script>var x = 1;</script></head>
<body><p>Schöner Text</p><table><tr><td>a</td><td>b</td></tr></table></body></html>""".encode("latin-1")


def test_a_page_has_its_text_and_what_its_head_says(found: Any) -> None:
    (record,) = found(PAGE, "x.html")
    assert (record.title, record.body) == ("Ein Titel", "Schöner Text\na b")
    assert (record.url, record.language) == ("https://a.example/x", "de")
    assert record.occurred_at == datetime(2024, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert record.attributes == {"mime_type": "text/html", "author": "Jörg"}


def test_a_page_with_control_characters_is_read(found: Any) -> None:
    (record,) = found(b"<html><body><p>a</p>b&#1;c<script>x</script>\x01d</body></html>", "x.html")
    assert record.body == "a\nb\ufffdc\ufffdd"


def test_a_cut_page_keeps_its_text(found: Any) -> None:
    assert found(PAGE[: PAGE.index(b"<table>") + 20], "x.html")[0].body == "Schöner Text\na"


def test_pages_of_a_pdf_without_a_text_layer_are_told(found: Any) -> None:
    (record,) = found(pdf(text=b"Words"), "x.pdf")
    assert (record.title, record.body.strip()) == ("A title", "Words")
    assert record.occurred_at == datetime(2024, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert record.attributes == {
        "mime_type": "application/pdf", "pages": 2, "pages_without_text": [2], "author": "An author",
    }  # fmt: skip


def test_a_pdf_of_pictures_is_kept_without_a_text(found: Any) -> None:
    (record,) = found(pdf(), "x.pdf")
    assert (record.body, record.attributes["pages_without_text"]) == (None, [1, 2])


def test_an_encrypted_pdf_is_refused(found: Any) -> None:
    (rejected,) = found(pdf(text=b"Words", password="secret"), "x.pdf")
    assert isinstance(rejected, Rejected)
    assert "encrypted" in rejected.reason


@pytest.mark.parametrize("content", [b"%PDF-1.7\n", b"%PDF-1.7\n" + b"x" * 3_000])
def test_a_damaged_pdf_is_refused(found: Any, content: bytes) -> None:
    (rejected,) = found(content, "x.pdf")
    assert isinstance(rejected, Rejected)


def test_paragraphs_and_tables_of_word_keep_their_order(found: Any) -> None:
    (record,) = found(docx(), "x.docx")
    assert record.body == "First\na | b\nc | d\nLast"
    assert record.title == "First"
    assert record.occurred_at == datetime(2024, 1, 2, tzinfo=UTC)
    assert (record.attributes["paragraphs"], record.attributes["tables"]) == (2, 1)


@pytest.mark.parametrize("keep", [0.3, 0.9, 0.999])
def test_a_cut_package_is_refused(found: Any, keep: float) -> None:
    content = docx()
    (rejected,) = found(content[: int(len(content) * keep)], "x.docx")
    assert isinstance(rejected, Rejected)


BOOK: dict[str, str | bytes] = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": '<container xmlns="urn:c"><rootfiles><rootfile full-path="O/b.opf"/></rootfiles>'
    "</container>",
    "O/b.opf": '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
    "<dc:title>T</dc:title><dc:creator>A</dc:creator><dc:language>fr</dc:language><dc:date>2020-01-02</dc:date>"
    '</metadata><manifest><item id="one" href="c%201.xhtml"/><item id="two" href="c2.xhtml"/></manifest>'
    '<spine><itemref idref="two"/><itemref idref="one"/></spine></package>',
    "O/c 1.xhtml": "<html><body><p>Second é</p></body></html>",
    "O/c2.xhtml": "<html><body><p>First</p></body></html>",
}


def test_a_book_is_read_in_its_order(found: Any) -> None:
    (record,) = found(package(BOOK), "x.epub")
    assert (record.title, record.body, record.language) == ("T", "First\n\nSecond é", "fr")
    assert record.occurred_at == datetime(2020, 1, 2, tzinfo=UTC)
    assert (record.attributes["author"], record.attributes["chapters"]) == ("A", 2)


def test_a_book_without_a_chapter_says_so(found: Any) -> None:
    (record,) = found(package({name: part for name, part in BOOK.items() if name != "O/c2.xhtml"}), "x.epub")
    assert record.body == "Second é"
    assert "c2.xhtml" in record.attributes["errors"][0]


def test_an_encrypted_book_is_refused(found: Any) -> None:
    lock = '<encryption><EncryptedData><CipherReference URI="O/c2.xhtml"/></EncryptedData></encryption>'
    (rejected,) = found(package({**BOOK, "META-INF/encryption.xml": lock}), "x.epub")
    assert isinstance(rejected, Rejected)
    assert "encrypted" in rejected.reason


def test_entities_of_a_package_are_not_resolved(found: Any) -> None:
    entity = '<!DOCTYPE package [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    secret = entity + str(BOOK["O/b.opf"]).replace(">T<", ">T&x;<")
    (record,) = found(package({**BOOK, "O/b.opf": secret}), "x.epub")
    assert record.title == "T"


def test_a_package_that_unpacks_to_too_much_is_refused(found: Any) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        for number in range(9):
            packed.writestr(str(number), bytes(32 << 20))
    with pytest.raises(UnsafeDocument, match=r"more than 256 MiB, reached at 'x.epub/7'"):
        found(out.getvalue(), "x.epub", limits=Limits(max_ratio=10**9))
    with pytest.raises(UnsafeDocument, match=r"'x.epub/0' unpacks to more than 200 times"):
        found(out.getvalue(), "x.epub")


MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEETS: dict[str, str | bytes] = {
    "xl/workbook.xml": f'<workbook {MAIN}><sheets><sheet name="S" sheetId="1"/></sheets></workbook>',
    "xl/sharedStrings.xml": f"<sst {MAIN}><si><t>Day</t></si><si><r><t>A</t></r><r><t>mount</t></r></si></sst>",
    "xl/styles.xml": f'<styleSheet {MAIN}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
    "xl/worksheets/sheet1.xml": f'<worksheet {MAIN}><sheetData><row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>'
    '<row><c s="1"><v>45293</v></c><c><v>2.5</v></c></row>'
    '<row><c s="1"><v>45293.5</v></c><c t="b"><v>1</v></c></row>'
    '<row><c t="inlineStr"><is><t>in</t></is></c></row></sheetData></worksheet>',
}


def test_sheets_show_texts_numbers_and_dates(found: Any) -> None:
    (record,) = found(package(SHEETS), "x.xlsx")
    assert record.body == "S\nDay\tAmount\n2024-01-02\t2.5\n2024-01-02 12:00:00\ttrue\nin"
    assert record.attributes["sheets"] == ["S"]


def test_notebooks_of_both_forms_have_code_and_output(found: Any) -> None:
    old = [
        {"cell_type": "markdown", "source": ["# Title\n", "text"]},
        {"cell_type": "code", "input": "print(1)", "outputs": [{"text": ["1\n"]}]},
    ]
    new = [
        {"cell_type": "markdown", "source": "# Title\ntext"},
        {"cell_type": "code", "source": "print(1)", "outputs": [{"data": {"text/plain": "1"}}]},
    ]
    for notebook in ({"cells": new, "nbformat": 4}, {"worksheets": [{"cells": old}], "nbformat": 3}):
        (record,) = found(json.dumps(notebook).encode(), "x.ipynb")
        assert (record.title, record.body) == ("Title", "# Title\ntext\n\nprint(1)\n1")


ATOM = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>F</title>
<entry><id>urn:1</id><title>A</title><link rel="self" href="https://s.example/"/><link href="https://a.example/"/>
<published>2024-01-02T03:04:05Z</published><author><name>N</name></author><category term="c"/>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Hello <b>you</b></p></div></content></entry>
<entry></entry><entry><id>urn:2</id><title>B</title><summary>&lt;p&gt;Two&lt;/p&gt;</summary></entry></feed>"""


def test_entries_of_a_feed_are_documents(found: Any) -> None:
    first, rejected, last = found(ATOM, "x.xml")
    assert (first.title, first.url, first.external_id) == ("A", "https://a.example/", "urn:1")
    assert (first.body, first.occurred_at) == ("Hello you", datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert (first.attributes["author"], first.attributes["labels"]) == ("N", ["c"])
    assert isinstance(rejected, Rejected)
    assert (last.body, last.occurred_at) == ("Two", None)


def test_a_cut_feed_keeps_its_good_head(found: Any) -> None:
    assert [type(one) for one in found(ATOM[:-40], "x.xml")] == [Record, Rejected, Rejected]


SAMPLES = {
    "document_text": "Grüße\n".encode(),
    "document_html": PAGE,
    "document_pdf": pdf(text=b"Words"),
    "document_docx": docx(),
    "document_epub": package(BOOK),
    "document_xlsx": package(SHEETS),
    "document_notebook": json.dumps({"cells": [{"cell_type": "code", "source": "a", "outputs": []}]}).encode(),
    "feed": ATOM,
}


@settings(max_examples=60, deadline=None)
@given(
    source=st.sampled_from(sorted(SAMPLES)),
    at=st.integers(0, 1 << 20),
    bytes_=st.binary(min_size=1, max_size=8),
    cut=st.integers(0, 400),
)
def test_changed_bytes_never_raise(source: str, at: int, bytes_: bytes, cut: int) -> None:
    content = bytearray(SAMPLES[source])
    at %= len(content)
    content[at : at + len(bytes_)] = bytes_
    if cut > 200:
        del content[-cut:]
    for one in by_name(source).parse(MemberStream(io.BytesIO(content)), Context(member="m")):
        assert isinstance(one, Record | Rejected)


def words(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text).split()


@pytest.mark.parametrize(
    ("name", "pages", "characters"),
    [
        ("RECEIPT-2024-TXN-98765_retail_purchase", 1, 1475),
        ("SPARSE-2024-INV-1234_borderless_table", 2, None),
        ("masterformat_partial_numbering", 1, 512),
        ("test", 1, None),
    ],
)
def test_peer_pdf(found: Any, peers: Path, name: str, pages: int, characters: int | None) -> None:
    folder = peers / "docs/markitdown"
    (record,) = found(folder / f"{name}.pdf")
    assert record.attributes["pages"] == pages
    if characters:
        assert len(record.body) == characters
    expected = folder / "expected_outputs" / f"{name}.md"
    if expected.exists():
        theirs, ours = set(words(expected.read_text())), set(words(record.body))
        assert len(theirs & ours) > 0.9 * len(theirs)


def test_peer_docx(found: Any, peers: Path) -> None:
    (record,) = found(peers / "docs/markitdown/test.docx")
    assert record.body.startswith("AutoGen: Enabling Next-Gen LLM Applications")
    assert (record.attributes["paragraphs"], record.attributes["tables"]) == (15, 1)


@pytest.mark.parametrize(
    ("name", "source", "count"),
    [
        ("test_rss.xml", "feed", 10), ("test_notebook.ipynb", "document_notebook", 1),
        ("test.epub", "document_epub", 1), ("test.xlsx", "document_xlsx", 1), ("test_blog.html", "document_html", 1),
        ("test.docx", "document_docx", 1), ("test.pdf", "document_pdf", 1),
    ],
)  # fmt: skip
def test_peer_formats_are_never_silently_empty(found: Any, peers: Path, name: str, source: str, count: int) -> None:
    records = found(peers / "docs/markitdown" / name)
    assert [(r.source, bool(r.body)) for r in records] == [(source, True)] * count


def test_peer_pages(found: Any, peers: Path) -> None:
    (tables,) = found(peers / "docs/obsidian/tables.html")
    assert "Kyoto 3 nights\nOsaka 2 nights" in tables.body
    (links,) = found(peers / "docs/obsidian/links.html")
    assert links.title == "links.html"
