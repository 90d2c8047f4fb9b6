"""Cards that are read without a tree are those that the tree has."""

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake import activity_cards
from datapunk.lake.activity_lines import Card
from datapunk.lake.activity_scan import scan
from datapunk.lake.record import Rejected
from datapunk.lake.stream import MemberStream

CELL = "content-cell mdl-cell mdl-cell--6-col mdl-typography--body-1"
LINES = (
    'Watched\u00a0<a href="https://www.youtube.com/watch?v=a1&amp;t=3">Tea &amp; “Coffee”</a><br>'
    '<a href="https://www.youtube.com/channel/UC1">A  channel</a><br>Jun 15, 2024, 10:30:00\u202fAM UTC<br>'
)
CAPTION = (
    "<b>Products:</b><br>&emsp;YouTube<br><b>Locations:</b><br>&emsp;At "
    '<a href="https://www.google.com/maps/@?api=1&amp;center=38.7,-9.1">this general area</a> - From your device<br>'
)


def card(lines: str = LINES, header: str = "YouTube", caption: str = CAPTION) -> str:
    return (
        '<div class="outer-cell mdl-cell mdl-cell--12-col mdl-shadow--2dp"><div class="mdl-grid">'
        '<div class="header-cell mdl-cell mdl-cell--12-col">'
        f'<p class="mdl-typography--title">{header}<br></p></div><div class="{CELL}">{lines}</div>'
        f'<div class="{CELL} mdl-typography--text-right"></div>'
        f'<div class="content-cell mdl-cell mdl-cell--12-col mdl-typography--caption">{caption}</div></div></div>'
    )


def fail(page: str) -> list[Card]:
    raise AssertionError("a tree was built")


def both(page: str | bytes) -> tuple[list[Card | Rejected], list[Card | Rejected]]:
    """Return the cards of a page as they are read, and as they are read with trees alone."""
    raw = page.encode() if isinstance(page, str) else page
    with pytest.MonkeyPatch.context() as patch:
        read = list(activity_cards.cards(MemberStream(io.BytesIO(raw))))
        patch.setattr(activity_cards, "scan", lambda page, parse: None)
        return read, list(activity_cards.cards(MemberStream(io.BytesIO(raw))))


@pytest.mark.parametrize("end", ["", "</div></body></html>", "\n"])
def test_cards_of_the_known_form_need_no_tree_and_are_the_same(end: str) -> None:
    page = card() + card("Searched for tea<br>Jun 15, 2024, 10:31:00 AM UTC", "Search", "") + card() + end
    assert len(scan(page, fail) or ()) == 3
    read, parsed = both(page)
    assert read == parsed


@pytest.mark.parametrize(
    "odd",
    [
        card("Asked <p>Why?</p><br>Jun 15, 2024, 10:30:00 AM UTC<br><ul><li>Because</li></ul>"),
        card("Watched caf&eacute;<br>Jun 15, 2024, 10:30:00 AM UTC"),
        card("Watched a &copy<br>&#8239;b &#x41; &amp &notit; &;"),
        card('Watched <a href=\'https://a.example\'>one</a> and <a href="https://b.example">two</a><br>x'),
        card('<A HREF="https://a.example">one</A><BR/>x<br/>y'),
        card("a > b <br>1 < 2<br>"),
        card("a\tb\nc\r\nd<br>\u0085e\u200ef"),
        card("<b>bold</b> and <i>not</i><br><!-- hidden --><br>x"),
        card(header="A &amp; B <i>C</i>"),
        card(caption="<p>Products:</p><span>YouTube</span><br>"),
        card(caption="<b>Products:<br>&emsp;YouTube"),
        card(caption="<b>Products:</b><br><b></b>&emsp;<a href=\"\">x</a><a href=\"y\">z</a>"),
        card().replace("text-right", "text-left"),
        card().replace("outer-cell", "outer-cell header-cell"),
        card().replace('<div class="mdl-grid">', '<div class="mdl-grid"><div>more</div>'),
    ],
)  # fmt: skip
def test_cards_of_other_forms_are_the_same_among_those_of_the_known_one(odd: str) -> None:
    read, parsed = both(card() + odd + card("Visited a<br>Jun 15, 2024, 10:31:00 AM UTC") + "</div></body></html>")
    assert read == parsed


@pytest.mark.parametrize("odd", ["<div>", "<!-- ", "<script>", "<textarea>", "<table><tr>"])
def test_a_page_with_what_does_not_end_is_left_to_the_tree(odd: str) -> None:
    page = card() + card(f"Watched {odd} x<br>Jun 15, 2024, 10:30:00 AM UTC") + card()
    assert scan(page, fail) is None


_PARTS = st.sampled_from(
    (
        "<br>", "<b>", "</b>", "<div>", "</div>", "<p>", "</p>", "<a>", '<a href="x&y=1">', "</a>", "&", "&amp;",
        "&nbsp;", "&#0;", "&#128;", "<", ">", '"', "'", "\u00a0", "\x01", "\ufeff", "\ufffd", "\U0001f375",
        "<!--", "-->", "&lt", "<?x", "<br/>", "</", "<table>", "]]>", ' class="outer-cell',
        ' class="header-cell"', "\r", "\n", "\x00", "",
    )
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_changed_pages_give_the_same_cards(data: st.DataObject) -> None:
    page = card() + card("Visited a<br>Jun 15, 2024, 10:31:00 AM UTC") + card() + "</div></body></html>"
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(page)))
        end = min(len(page), start + data.draw(st.sampled_from((0, 0, 1, 6, 40))))
        page = page[:start] + data.draw(_PARTS) + page[end:]
    read, parsed = both(page)
    assert read == parsed


def test_the_pages_of_peers_give_the_same_cards(peers: Path) -> None:
    pages = [path for path in peers.rglob("*.html") if b"content-cell" in path.read_bytes()]
    assert pages
    for path in pages:
        read, parsed = both(path.read_bytes())
        assert read == parsed
