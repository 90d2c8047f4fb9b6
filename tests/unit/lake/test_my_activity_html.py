import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.adapters import my_activity_html
from datapunk.lake.google_activity import activity
from datapunk.lake.identity import Occurrences, content_hash
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import classify
from datapunk.lake.stream import MemberStream

Read = Callable[..., list[Found]]

PAGE = '<html><head><title>My Activity History</title></head><body><div class="mdl-grid">{}</div></body></html>'
VIDEO = "https://www.youtube.com/watch?v=abcDEF_-123"
WATCHED = f'Watched\u00a0<a href="{VIDEO}">A film</a><br><a href="https://www.youtube.com/channel/UC01">Crema</a><br>'
TIME = "Apr 1, 2025, 12:11:12\u202fPM CEST"
WATCH = {
    "header": "YouTube", "title": "Watched A film", "titleUrl": VIDEO, "products": ["YouTube"],
    "subtitles": [{"name": "Crema", "url": "https://www.youtube.com/channel/UC01"}], "time": "2025-04-01T10:11:12.345Z",
}  # fmt: skip


def card(lines: str, header: str = "YouTube", caption: str = "<b>Products:</b><br>&emsp;YouTube<br>") -> str:
    return (
        '<div class="outer-cell mdl-cell mdl-cell--12-col mdl-shadow--2dp"><div class="mdl-grid">'
        f'<div class="header-cell mdl-cell"><p class="mdl-typography--title">{header}<br></p></div>'
        f'<div class="content-cell mdl-cell mdl-cell--6-col mdl-typography--body-1">{lines}</div>'
        '<div class="content-cell mdl-cell mdl-cell--6-col mdl-typography--body-1 mdl-typography--text-right"></div>'
        f'<div class="content-cell mdl-cell mdl-cell--12-col mdl-typography--caption">{caption}</div></div></div>'
    )


def page(*cards: str) -> bytes:
    return PAGE.format("\n".join(cards)).encode()


def only(found: list[Found]) -> Record:
    assert len(found) == 1
    assert isinstance(found[0], Record), found
    return found[0]


def same(one: Record, other: Record) -> bool:
    return content_hash(one, Occurrences()) == content_hash(other, Occurrences())


@pytest.mark.parametrize("lines", [f"{WATCHED}{TIME}", f"{WATCHED}{TIME}<br>", f"\n  {WATCHED}\n {TIME}<br>\n"])
def test_a_watch_of_either_layout_is_that_of_the_json(found: Read, lines: str) -> None:
    record = only(found(page(card(lines))))
    expected = activity(WATCH)
    assert (record.kind, record.source, record.title, record.url) == ("watch", "youtube", "A film", VIDEO)
    assert record.attributes == expected.attributes
    assert record.occurred_at == datetime(2025, 4, 1, 10, 11, 12, tzinfo=UTC)
    assert (record.precision, record.zone_source) == ("s", "abbr")
    assert same(record, expected)


@pytest.mark.parametrize(
    "lines",
    [
        f"Has visto\u00a0<a href='{VIDEO}'>A film</a><br>1 abr 2025, 12:11:12 CEST",
        f"<a href='{VIDEO}'>A film</a>\u00a0angesehen<br>01.04.2025, 12:11:12 MESZ",
        f"Vous avez regardé\u00a0<a href='{VIDEO}'>A film</a><br>1 avr. 2025, 12:11:12 CEST<br>",
        f"<a href='{VIDEO}'>A film</a> adlı videoyu izlediniz<br>1 Nis 2025 13:11:12 GMT+03:00",
        f"Je hebt naar <a href='{VIDEO}'>A film</a> gekeken<br>1 apr 2025, 12:11:12 CEST",
        f"Obejrzano: <a href='{VIDEO}'>A film</a><br>1 kwi 2025, 12:11:12 CEST",
        f"تمت مشاهدة <a href='{VIDEO}'>A film</a> .<br>01\u200f/04\u200f/2025، 1:11:12 م غرينتش+3",
        f"观看了 <a href='{VIDEO}'>A film</a><br>2025年4月1日 GMT+8 18:11:12",
    ],
)
def test_a_watch_is_the_same_in_every_language(found: Read, lines: str) -> None:
    record = only(found(page(card(lines))))
    assert record.title == "A film"
    assert same(record, activity(WATCH))


SEARCH = {
    "header": "Search", "title": "Searched for café & tea", "products": ["Search"], "time": "2025-04-01T10:11:12.345Z",
    "titleUrl": "https://www.google.com/search?q=caf%C3%A9+%26+tea&hl=en",
}  # fmt: skip
VISIT = {
    "header": "Search", "title": "Visited Tea - a page", "products": ["Search"], "time": "2025-04-01T10:11:12Z",
    "titleUrl": "https://www.google.com/url?q=https://tea.example/a%3Fb&usg=xyz",
}  # fmt: skip
USE = {"header": "Android", "title": "Used Clock", "products": ["Android"], "time": "2025-04-01T10:11:12.9Z"}


@pytest.mark.parametrize(
    ("entry", "english", "others"),
    [
        (SEARCH, "Searched for\u00a0{}", ["Has buscado\u00a0{}", "Gesucht nach:\u00a0{}", "Vous avez recherché {}"]),
        (VISIT, "Visited\u00a0{}", ["Has visitado\u00a0{}", "{} besucht", "Vous avez consulté\u00a0{}"]),
        (USE, "Used\u00a0{}", ["Has usado\u00a0{}", "{}\u00a0verwendet", "Vous avez utilisé\u00a0{}"]),
    ],
)
def test_a_search_visit_and_use_are_the_same_in_json_and_html_and_four_languages(
    found: Read, entry: dict[str, Any], english: str, others: list[str]
) -> None:
    expected = only(found(json.dumps([entry]).encode()))
    what = escape(entry["title"].split(" ", 2 if entry is SEARCH else 1)[-1])
    link = f'<a href="{escape(entry["titleUrl"])}">{what}</a>' if "titleUrl" in entry else what
    times = [TIME, "1 abr 2025, 12:11:12 CEST", "01.04.2025, 12:11:12 MESZ", "1 avr. 2025, 12:11:12 CEST"]
    for words, time in zip([english, *others], times, strict=True):
        content = page(card(f"{words.format(link)}<br>{time}", entry["header"], "<b>P:</b><br>&emsp;X<br>"))
        record = only(found(content))
        assert (record.kind, record.title, record.url) == (expected.kind, expected.title, expected.url)
        assert same(record, expected)


def test_repeats_within_a_second_are_numbered_alike_in_json_and_html(found: Read) -> None:
    twice = [WATCH, WATCH]
    in_json, in_html = Occurrences(), Occurrences()
    html = found(page(*[card(f"{WATCHED}{TIME}")] * 2))
    assert [content_hash(activity(e), in_json) for e in twice] == [
        content_hash(r, in_html) for r in html if isinstance(r, Record)
    ]


def test_a_time_without_a_zone_is_utc_and_assumed(found: Read) -> None:
    record = only(found(page(card(f"{WATCHED}Apr 1, 2025, 10:11:12 AM")), timezone="Asia/Tokyo"))
    assert record.zone_source == "assumed"
    assert same(record, activity(WATCH))


def test_an_abbreviation_of_several_zones_is_that_of_the_account(found: Read) -> None:
    content = page(card(f"{WATCHED}Apr 1, 2025, 3:41:12 PM IST"))
    assert same(only(found(content, timezone="Asia/Kolkata")), activity(WATCH))
    assert only(found(content, timezone="Europe/Paris")).zone_source == "ambiguous"


def test_what_gemini_answered_after_the_time_is_the_body(found: Read) -> None:
    lines = (
        f"Prompted\u00a0How long do I steep tea?<br>{TIME}<br><p>Three <b>minutes</b>.</p><ul><li>Green: two</li>"
        "<li>Black: four, said at 10:30 AM</li></ul><div>Enjoy</div>"
    )
    record = only(found(page(card(lines, "Gemini Apps", "<b>Products:</b><br>&emsp;Gemini Apps<br>"))))
    assert (record.kind, record.title) == ("search", "How long do I steep tea?")
    assert record.body == "Three minutes.\nGreen: two\nBlack: four, said at 10:30 AM\nEnjoy"
    entry = {
        "header": "Gemini Apps", "title": "Prompted How long do I steep tea?", "time": "2025-04-01T10:11:12.3Z",
        "products": ["Gemini Apps"], "safeHtmlItem": [{"html": "<p>Three <b>minutes</b>.</p>"}],
    }  # fmt: skip
    assert same(record, activity(entry))
    assert activity(entry).body == "Three minutes."


def test_lines_between_title_and_time_are_the_body(found: Read) -> None:
    lines = f"7 cards in your feed<br>Tea<br>Coffee<br>{TIME}"
    record = only(found(page(card(lines, "Discover", "<b>Products:</b><br>&emsp;Discover<br>"))))
    assert (record.kind, record.title, record.body) == ("app_use", "7 cards in your feed", "Tea\nCoffee")
    assert record.attributes["product"] == "Discover"


def test_an_advertisement_is_flagged_and_the_reason_for_the_record_is_not_one(found: Read) -> None:
    why = (
        "<b>Why is this here?</b><br>&emsp;This was saved as Google Ads are on. You can control these settings"
        ' <a href="https://myaccount.google.com/activitycontrols">here</a>.'
    )
    products = "<b>Products:</b><br>&emsp;YouTube<br>"
    plain, ad = found(
        page(
            card(f"{WATCHED}{TIME}", caption=products + why),
            card(f"{WATCHED}{TIME}", caption=f"{products}<b>Details:</b><br>&emsp;From Google Ads<br>{why}"),
        )
    )
    assert isinstance(plain, Record)
    assert isinstance(ad, Record)
    assert "ad" not in plain.attributes
    assert ad.attributes["ad"] is True


def test_a_place_whose_link_has_no_words_is_named_by_those_around(found: Read) -> None:
    """Found by fuzzing: the rest of the page was lost."""
    caption = '<b>Products:</b><br>&emsp;Maps<br><b>Locations:</b><br>&emsp;At home<a href="/maps?q=1.5,2.5"> </a><br>'
    record = only(found(page(card(f"Searched for tea<br>{TIME}", "Maps", caption))))
    assert (record.attributes["near"], record.attributes["latitude"]) == ("At home", 1.5)


def test_a_place_is_read_from_its_link_and_named_by_the_words_around(found: Read) -> None:
    caption = (
        "<b>Produkte:</b><br>&emsp;Maps<br><b>Orte:</b><br>&emsp;In "
        '<a href="https://www.google.com/maps/@?api=1&amp;map_action=map&amp;center=48.2,-16.5&amp;zoom=11">dieser '
        "Gegend</a> - Aus deinen Orten<br>"
    )
    lines = f'Nach <a href="https://www.google.com/maps/search/tea/@48,16">tea</a> gesucht<br>{TIME}'
    record = only(found(page(card(lines, "Maps", caption))))
    assert record.kind == "search"
    assert record.attributes["near"] == "In dieser Gegend"
    assert (record.attributes["latitude"], record.attributes["longitude"]) == (48.2, -16.5)


def test_a_removed_video_of_a_page_without_captions_is_a_watch_by_its_folder(found: Read) -> None:
    content = (
        '<div class="content-cell mdl-cell mdl-typography--body-1">Watched a video that has been removed<br>'
        f"{TIME}<br></div>"
    ).encode()
    record = only(found(content, "Takeout/YouTube and YouTube Music/history/watch-history.html"))
    assert (record.kind, record.source) == ("watch", "youtube")


def test_cards_without_outer_cells_are_kept_apart(found: Read) -> None:
    cell = '<div class="content-cell mdl-cell mdl-typography--body-1">{}<br>' + TIME + "<br></div>"
    content = PAGE.format("".join(cell.format(f"Visited page {n}") for n in range(3))).encode()
    assert [r.title for r in found(content) if isinstance(r, Record)] == ["page 0", "page 1", "page 2"]


def test_a_card_without_a_time_or_title_is_rejected_where_it_stands_and_the_others_live(found: Read) -> None:
    content = page(card(f"{WATCHED}{TIME}"), card(f"{WATCHED}some day"), card(TIME), card(""), card(f"{WATCHED}{TIME}"))
    results = found(content)
    rejects = [r for r in results if isinstance(r, Rejected)]
    assert [type(r) for r in results] == [Record, Rejected, Rejected, Rejected, Record]
    assert all(content[r.byte_offset or 0 :].startswith(b'<div class="content-cell') for r in rejects)
    assert b"some day" in rejects[0].sample


def test_a_cut_page_keeps_its_whole_cards_and_rejects_the_last(found: Read) -> None:
    whole = page(*[card(f"{WATCHED}{TIME}") for _ in range(5)])
    for end in (b"12:11:12", b"12:11", b"Watched\xc2\xa0<a"):
        content = whole[: whole.rindex(end) + len(end)]
        results = found(content)
        assert [type(r) for r in results] == [Record] * 4 + [Rejected], end


def test_tags_without_end_hide_no_card(found: Read) -> None:
    cards = [card(f"{WATCHED}{TIME}").replace("</div></div>", "<div><div>") for _ in range(400)]
    results = found(page(*cards))
    assert [type(r) for r in results] == [Record] * 400


def test_two_pages_in_one_file_lose_no_card(found: Read) -> None:
    assert len(found(page(card(f"{WATCHED}{TIME}")) * 2)) == 2


def test_bytes_that_are_no_utf_8_and_nul_stop_nothing(found: Read) -> None:
    content = page(card(f"{WATCHED}{TIME}"), card(f"Visited\u00a0bad{TIME[:0]} page<br>{TIME}"), card(WATCHED + TIME))
    results = found(content.replace(b"bad", b"\xff\x00\xc3"))
    assert [r.title for r in results if isinstance(r, Record)] == ["A film", "\ufffd\ufffd\ufffd page", "A film"]


def test_memory_stays_small_for_a_long_page() -> None:
    import tracemalloc

    class Endless(io.RawIOBase):
        def __init__(self) -> None:
            self.sent = 0

        def read(self, size: int = -1, /) -> bytes:
            self.sent += 1
            return b"" if self.sent > 120 else b"".join([card(f"{WATCHED}{TIME}").encode()] * 50)

    tracemalloc.start()
    count = sum(1 for _ in my_activity_html.parse(MemberStream(Endless()), Context(member="m")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 6_000
    assert peak < 5 << 20


@pytest.mark.parametrize(
    "member",
    [
        "Takeout/My Activity/Search/MyActivity.html", "Takeout/My Activity/Search/My Activity.html",
        "Meine Aktivitäten/Chrome/MeineAktivitäten.html", "Takeout/Mi actividad/Maps/MiActividad.html",
        "YouTube und YouTube Music/Verlauf/Wiedergabeverlauf.html", "نشاطي/Search/نشاطي.html",
    ],
)  # fmt: skip
def test_names_are_claimed_without_content_and_with_nothing_but_style(member: str) -> None:
    for head in (b"", b"<html><head><title>x</title><style>.mdl-cell {" + b" " * 65_000):
        adapter = classify(member, head)
        assert adapter is my_activity_html


def test_page_of_a_language_without_a_table_of_names_is_claimed_by_its_style() -> None:
    style = b"<html><head><title>x</title><style>.mdl-cell {" + b" " * 65_000
    assert classify("Takeout/Oma toiminta/Haku/OmaToiminta.html", style) is my_activity_html
    # The index of the archive has the same style.
    assert classify("Takeout/selain.html", style) is not my_activity_html
    assert classify("page.html", b"<html><head><style>.mdl-cell {}</style><body>Tea and cake</body>") is not (
        my_activity_html
    )


def test_other_pages_are_not_claimed(peers: Path) -> None:
    assert my_activity_html.claims("archive_browser.html", b'<html><div class="mdl-cell extracted-content">') == 0
    assert my_activity_html.claims("YouTube/my-comments/my-comments.html", b"") == 0
    for file in (peers / "takeout_wjcarpenter").rglob("*.html"):
        assert my_activity_html.claims(file.as_posix(), file.read_bytes()) == 0


def test_peer_old_layout(found: Read, peers: Path) -> None:
    results = found(peers / "takeout/html_old/My Activity/Chrome/MyActivity.html")
    records = [r for r in results if isinstance(r, Record)]
    assert len(results) == len(records) == 3
    assert [(r.kind, r.title, r.url, r.occurred_at) for r in records] == [
        ("visit", "https://productforums.google.com/forum/", "https://productforums.google.com/forum/",
         datetime(2018, 1, 31, 22, 54, 50, tzinfo=UTC)),
        ("visit", "http://www.adobe.com/creativecloud.html", "http://www.adobe.com/creativecloud.html",
         datetime(2017, 2, 8, 0, 32, 39, tzinfo=UTC)),
        ("search", "adobe creative cloud", "https://www.google.com/search?q=adobe+creative+cloud",
         datetime(2017, 2, 8, 0, 32, 36, tzinfo=UTC)),
    ]  # fmt: skip
    assert {r.attributes["product"] for r in records} == {"Search"}
    assert records[2].attributes["latitude"] == 25.800819
    assert records[2].attributes["longitude"] == -80.186310
    assert records[2].attributes["near"] == "From your home"
    assert all("latitude" not in r.attributes for r in records[:2])


def test_peer_french_layout_of_2026(found: Read, peers: Path) -> None:
    folder = peers / "takeout_localized/fr/YouTube et YouTube Music/historique"
    record = only(found(folder / "watch-history.html"))
    assert (record.kind, record.source, record.attributes["video_id"]) == ("watch", "youtube", "dQw4w9WgXcQ")
    assert record.attributes["channel_id"] == "UC38IQsAvIsxxjztdMZQtwHA"
    assert record.occurred_at == datetime(2026, 4, 26, 13, 21, 15, tzinfo=UTC)


WHOLE = page(card(f"{WATCHED}{TIME}"), card(f"Visited\u00a0x<br>{TIME}<br><p>y</p>"), card(f"{WATCHED}{TIME}"))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_pages_never_raise(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([WHOLE, b""])))
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 60))] = data.draw(st.binary(max_size=40))
    results = list(my_activity_html.parse(MemberStream(io.BytesIO(bytes(content))), Context(member="m")))
    assert all(isinstance(r, Record | Rejected) for r in results)
