from datetime import UTC, datetime

import pytest

from datapunk.lake.google_activity import activity, split_verb
from datapunk.lake.identity import Occurrences, content_hash

AT = "2025-04-01T10:11:12.345Z"
WATCH = {
    "header": "YouTube",
    "title": "Watched Dialling in a light roast",
    "titleUrl": "https://www.youtube.com/watch?v=abcDEF_-123",
    "subtitles": [{"name": "Crema Lab", "url": "https://www.youtube.com/channel/UC0123456789"}],
    "time": AT,
    "products": ["YouTube"],
}


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Watched A film", ("watch", "A film")),
        ("A film angesehen", ("watch", "A film")),
        ("Has visto A film", ("watch", "A film")),
        ("Searched for tea", ("search", "tea")),
        ("Nach „tea“ gesucht", ("search", "tea")),
        ("Visited A page", ("visit", "A page")),
        ("7 cards in your feed", ("", "7 cards in your feed")),
        ("Je hebt naar A film gekeken", ("watch", "A film")),
        ("A film adlı videoyu izlediniz", ("watch", "A film")),
        ("Obejrzano: A film", ("watch", "A film")),
        ("تمت مشاهدة A film .", ("watch", "A film")),
        ("Prompted how long to steep", ("search", "how long to steep")),
        ("Vous avez aimé A film", ("like", "A film")),
    ],
)
def test_a_title_is_split_into_action_and_object_in_several_languages(title: str, expected: tuple[str, str]) -> None:
    assert split_verb(title) == expected


def test_a_watch_knows_its_video_and_channel() -> None:
    record = activity(WATCH)
    assert (record.kind, record.source, record.title) == ("watch", "youtube", "Dialling in a light roast")
    assert record.occurred_at == datetime(2025, 4, 1, 10, 11, 12, 345000, tzinfo=UTC)
    assert record.attributes["video_id"] == "abcDEF_-123"
    assert record.attributes["channel"] == "Crema Lab"
    assert record.attributes["channel_id"] == "UC0123456789"


def test_a_watch_is_the_same_in_another_language() -> None:
    german = WATCH | {"title": "Dialling in a light roast angesehen"}
    assert content_hash(activity(WATCH), Occurrences()) == content_hash(activity(german), Occurrences())


def test_an_advertisement_is_flagged() -> None:
    assert activity(WATCH | {"details": [{"name": "From Google Ads"}]}).attributes["ad"] is True
    assert "ad" not in activity(WATCH).attributes


def test_a_removed_video_is_a_watch_without_address() -> None:
    entry = {"header": "YouTube", "title": "Watched a video that has been removed", "time": AT, "products": ["YouTube"]}
    record = activity(entry)
    assert (record.kind, record.url, record.key) == ("watch", None, None)


def test_empty_subtitles_are_passed_over() -> None:
    assert "channel" not in activity(WATCH | {"subtitles": [{}]}).attributes


def test_a_liked_video_is_no_watch() -> None:
    assert activity(WATCH | {"title": "Liked Dialling in a light roast"}).kind == "app_use"


def test_a_like_is_the_same_under_another_title() -> None:
    french = WATCH | {"title": "Vous avez aimé Dialling in"}
    assert activity(WATCH | {"title": "Liked x"}).key == activity(french).key == "youtube:like:abcDEF_-123"


def test_where_the_zone_comes_from_is_told() -> None:
    assert activity(WATCH).zone_source == "utc"
    assert activity(WATCH, zone_source="abbr").zone_source == "abbr"
    assert activity(WATCH | {"time": "2025-04-01T10:11:12"}).zone_source == "assumed"
    assert activity(WATCH | {"time": "2025-04-01T12:11:12+02:00"}).zone_source == "offset"


def test_a_search_at_youtube_takes_its_query_from_the_address() -> None:
    entry = WATCH | {
        "title": "Gesucht nach: grinder",
        "titleUrl": "https://www.youtube.com/results?search_query=grinder+settings",
    }
    record = activity(entry)
    assert (record.kind, record.title) == ("search", "grinder settings")


def test_a_search_in_an_unknown_language_is_known_by_its_address() -> None:
    entry = {
        "header": "Search",
        "title": "Keresés: tea",
        "titleUrl": "https://www.google.com/search?q=t%C3%A9a",
        "time": AT,
        "products": ["Search"],
    }
    record = activity(entry)
    assert (record.kind, record.title) == ("search", "téa")


def test_a_visited_result_is_a_visit_of_its_target() -> None:
    entry = {
        "header": "Search",
        "title": "Visited\u00a0Tea - a page",
        "titleUrl": "https://www.google.com/url?q=https://tea.example/a%3Fb&usg=xyz",
        "time": AT,
        "products": ["Search"],
    }
    record = activity(entry)
    assert (record.kind, record.title, record.url) == ("visit", "Tea - a page", "https://tea.example/a?b")


def test_a_place_is_read_from_its_map_link() -> None:
    entry = {
        "header": "Maps",
        "title": "Searched for a lake",
        "time": AT,
        "products": ["Maps"],
        "locationInfos": [{"name": "Home", "url": "https://www.google.com/maps?q=25.800819,-80.186310"}],
    }
    record = activity(entry)
    assert record.attributes["latitude"] == 25.800819
    assert record.attributes["longitude"] == -80.18631


@pytest.mark.parametrize("missing", ["title", "time"])
def test_an_entry_without_title_or_time_is_an_error(missing: str) -> None:
    with pytest.raises(KeyError):
        activity({k: v for k, v in WATCH.items() if k != missing})
