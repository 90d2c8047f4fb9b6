import io
import json
from datetime import UTC, datetime

import pytest

from datapunk.lake.record import Context, Record, Rejected
from datapunk.lake.registry import by_name, classify, listing_of
from datapunk.lake.stream import MemberStream


def parse(member: str, content: bytes) -> list[Record | Rejected]:
    adapter = classify(member, content)
    assert adapter is not None
    found = adapter.parse(MemberStream(io.BytesIO(content)), Context(member=member))
    return [one for one in found if isinstance(one, Record | Rejected)]


@pytest.mark.parametrize("folder", ["News", "Google News", "Nieuws", "Nyheter"])
def test_what_is_followed_is_a_document_a_line(folder: str) -> None:
    found = parse(f"Takeout/{folder}/followed_sources.txt", "NOS\r\n\nDie Zeit, Hamburg\nÖrebro\n".encode())
    assert [(one.title, one.source, one.attributes) for one in found if isinstance(one, Record)] == [
        ("NOS", "google_news", {"type": "news_source"}),
        ("Die Zeit, Hamburg", "google_news", {"type": "news_source"}),
        ("Örebro", "google_news", {"type": "news_source"}),
    ]


def test_article_that_is_an_address_has_it_without_its_secrets() -> None:
    (found,) = parse("Takeout/News/articles.txt", b"https://x.org/a?token=geheim&id=5\n")
    assert isinstance(found, Record)
    assert found.url == "https://x.org/a?id=5"


def test_older_names_are_the_same_thing() -> None:
    (old,) = parse("Takeout/News/sources.txt", b"NOS\n")
    (new,) = parse("Takeout/News/followed_sources.txt", b"NOS\n")
    assert isinstance(old, Record)
    assert isinstance(new, Record)
    assert old.external_id == new.external_id


@pytest.mark.parametrize("member", ["Takeout/Drive/articles.txt", "articles.txt", "Takeout/Keep/x/topics.txt"])
def test_text_of_that_name_elsewhere_is_a_text(member: str) -> None:
    adapter = classify(member, b"Some words about articles.\n")
    assert adapter is not None
    assert adapter.NAME == "document_text"


def test_each_file_lists_a_state() -> None:
    listing = listing_of(by_name("google_news"), "Takeout/News/followed_topics.txt", b"")
    assert listing == ("news:news_topic", True)


_AT = "2024-05-01T10:00:00.123Z"


@pytest.mark.parametrize(
    ("entry", "title", "body", "attributes"),
    [
        (
            {"Published": _AT, "Updated": "2024-05-02T10:00:00Z", "Search Query": "Dune", "Review Star Rating": 4,
             "Review Comment": "Long."},
            "Dune", "Long.", {"type": "review", "rating": 4},
        ),
        ({"Published": _AT, "Search Query": "Dune", "Thumbs Rating": "THUMBS_UP"}, "Dune", None,
         {"type": "rating", "thumbs": "THUMBS_UP"}),
        ({"Published": _AT, "Search Query": "Dune"}, "Dune", None, {"type": "watched"}),
        ({"Published": _AT, "Provider Name": "Filmothek"}, "Filmothek", None, {"type": "streaming_service"}),
    ],
)  # fmt: skip
def test_contribution_to_search_is_a_document(
    entry: dict[str, object], title: str, body: str | None, attributes: dict[str, object]
) -> None:
    (found,) = parse("Takeout/Search Contributions/X.json", json.dumps([entry]).encode())
    assert isinstance(found, Record)
    assert (found.source, found.kind, found.title, found.body) == ("search_contributions", "document", title, body)
    assert found.occurred_at == datetime(2024, 5, 1, 10, 0, 0, 123_000, UTC)
    assert found.attributes == attributes


def test_contribution_about_nothing_is_rejected_and_the_next_is_read() -> None:
    entries = [{"Published": _AT, "Search Query": " "}, {"Published": "x", "Search Query": "a"},
               {"Published": _AT, "Search Query": "Dune"}]  # fmt: skip
    found = parse("Takeout/Search Contributions/Watched.json", json.dumps(entries).encode())
    assert [isinstance(one, Rejected) for one in found] == [True, True, False]


def test_reviews_of_places_are_those_of_maps() -> None:
    places = {"type": "FeatureCollection", "features": [{"properties": {"google_maps_url": "https://maps.google.com"}}]}
    adapter = classify("Takeout/Maps (your places)/Reviews.json", json.dumps(places).encode())
    assert adapter is not None
    assert adapter.NAME == "google_maps"
