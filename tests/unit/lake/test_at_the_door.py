"""What strangers wrote is read without fetching anything and without what XML lets it include."""

import io
import socket
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import by_name
from datapunk.lake.stream import MemberStream

Parse = Callable[..., list[Found]]
Address = str

GPX = (
    '<gpx xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="52.5" lon="13.5">'
    "<time>2024-01-01T00:00:00Z</time><name>{}</name></wpt></gpx>"
)
KML = (
    '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>{}</name><TimeStamp>'
    "<when>2024-01-01T00:00:00Z</when></TimeStamp><Point><coordinates>13.5,52.5</coordinates></Point>"
    "</Placemark></Document></kml>"
)
RSS = (
    '<rss version="2.0"><channel><title>F</title><item><title>A</title><link>https://a.example/</link>'
    "<description>{}</description></item></channel></rss>"
)
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><entry><id>1</id><title>A</title>'
    "<summary>{}</summary><updated>2024-01-01T00:00:00Z</updated></entry></feed>"
)
WIKI = (
    '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/"><siteinfo><sitename>W</sitename>'
    "<dbname>w</dbname><base>https://w.example/</base></siteinfo><page><title>A</title><ns>0</ns><id>5</id>"
    "<revision><id>2</id><timestamp>2024-02-01T00:00:00Z</timestamp><text>{}</text></revision></page>"
    "</mediawiki>"
)
TCX = (
    '<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities>'
    '<Activity Sport="Biking"><Id>2024-01-01T00:00:00Z</Id><Lap StartTime="2024-01-01T00:00:00Z">'
    "<TotalTimeSeconds>60</TotalTimeSeconds></Lap><Notes>{}</Notes></Activity></Activities>"
    "</TrainingCenterDatabase>"
)
FORMS = {
    "a.gpx": ("gps_tracks", GPX), "a.kml": ("gps_tracks", KML), "a.rss": ("feed", RSS), "a.atom": ("feed", ATOM),
    "w-pages-articles.xml": ("wikipedia", WIKI), "a.tcx": ("tcx", TCX),
}  # fmt: skip


def parse(name: str, declared: str, words: str) -> list[Found]:
    """What the adapter of a form makes of it, as if its owner had named the source."""
    source, form = FORMS[name]
    stream = MemberStream(io.BytesIO((declared + form.format(words)).encode()))
    try:
        return list(by_name(source).parse(stream, Context(member=name)))
    except Exception as exc:
        # As the reader does with a file that its adapter cannot read.
        return [Rejected(reason=repr(exc))]


def texts(found: list[Found]) -> str:
    """All that a file gave, as one text; what was rejected is kept as it was written, and tells its reason."""
    return "\n".join(one.reason if isinstance(one, Rejected) else repr(one) for one in found)


@pytest.fixture
def listener() -> Iterator[tuple[Address, Callable[[], bool]]]:
    """The address of a server, and whether anybody asked it for something."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)

        def asked() -> bool:
            try:
                server.accept()[0].close()
            except BlockingIOError:
                return False
            return True

        yield f"http://127.0.0.1:{server.getsockname()[1]}", asked


@pytest.mark.parametrize("name", FORMS)
def test_a_file_cannot_include_another_one(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("the-alarm-code", encoding="utf-8")
    declared = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY inner SYSTEM "file://{tmp_path}/secret">]>'
    assert "the-alarm-code" not in texts(parse(name, declared, "before &inner; after"))


@pytest.mark.parametrize("name", FORMS)
def test_entities_do_not_multiply(name: str) -> None:
    declared = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 10)
    )
    assert len(texts(parse(name, declared + "]>", "&a9;"))) < 100_000


@pytest.mark.parametrize("name", FORMS)
def test_the_same_file_without_declarations_is_read(name: str) -> None:
    assert not any(isinstance(one, Rejected) for one in parse(name, "", "words"))
    assert parse(name, "", "words")


def pages(address: Address) -> dict[str, bytes]:
    """Files of several sources that refer to a server in all the ways that they can."""
    html = (
        f'<!DOCTYPE html SYSTEM "{address}/dtd"><html><head><link rel="stylesheet" href="{address}/css">'
        f'<script src="{address}/js"></script><base href="{address}/"></head><body><img src="{address}/pixel.gif">'
        f'<iframe src="{address}/frame"></iframe><p>Words</p></body></html>'
    )
    declared = f'<?xml version="1.0"?><!DOCTYPE x SYSTEM "{address}/dtd" [<!ENTITY inner SYSTEM "{address}/inner">]>'
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            f'{declared}<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="c.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        )
        archive.writestr(
            "c.opf",
            f'{declared}<package xmlns="http://www.idpf.org/2007/opf"><metadata/><manifest><item id="a" href="a.xhtml"'
            ' media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>',
        )
        archive.writestr("a.xhtml", html)
    mail = (
        "From: a@a.example\nDate: Mon, 01 Jan 2024 00:00:00 +0000\nMessage-ID: <1@a.example>\nSubject: S\n"
        f"MIME-Version: 1.0\nContent-Type: text/html\n\n{html}\n"
    )
    return {
        "page.html": html.encode(), "mail.eml": mail.encode(), "book.epub": book.getvalue(),
    }  # fmt: skip


def test_nothing_is_fetched(found: Parse, listener: tuple[Address, Callable[[], bool]]) -> None:
    address, asked = listener
    declared = f'<?xml version="1.0"?><!DOCTYPE x SYSTEM "{address}/dtd" [<!ENTITY inner SYSTEM "{address}/inner">]>'
    for name, content in pages(address).items():
        assert any(isinstance(one, Record) for one in found(content, name)), name
        assert not asked(), name
    for name in FORMS:
        parse(name, declared, "x &inner;")
        assert not asked(), name


def test_pages_and_mails_lose_what_is_not_for_reading(found: Parse) -> None:
    body = '<p onclick="steal()">Hello <b>there</b></p><script>steal()</script><style>p{}</style><!-- steal() -->'
    page = f"<html><head><title>T</title></head><body>{body}</body></html>"
    mail = (
        "From: a@a.example\nDate: Mon, 01 Jan 2024 00:00:00 +0000\nMessage-ID: <1@a.example>\nSubject: S\n"
        f"MIME-Version: 1.0\nContent-Type: text/html\n\n{page}\n"
    )
    for name, content in (("page.html", page), ("mail.eml", mail)):
        (record,) = found(content.encode(), name)
        assert isinstance(record, Record)
        assert record.body == "Hello there"
