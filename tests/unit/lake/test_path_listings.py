"""Names of two exports' files, without content: each that is told to belong to a source is put to it."""

from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from datapunk.lake.registry import classify

Listed = Callable[[str], dict[str, str | None]]


@pytest.fixture
def listed(peers: Path) -> Listed:
    """Return the source that each name of a listing is put to."""

    def read(name: str) -> dict[str, str | None]:
        lines = (peers / f"takeout/path_listings/{name}").read_text(encoding="utf-8").splitlines()
        return {line: adapter.NAME if (adapter := classify(line, b"")) else None for line in lines}

    return read


ENGLISH = [
    ("My Activity/*/MyActivity.json", 26, "my_activity"),
    ("Chrome/BrowserHistory.json", 1, "chrome"),
    ("YouTube and YouTube Music/history/watch-history.json", 1, "youtube"),
    ("YouTube and YouTube Music/history/search-history.json", 1, "youtube"),
    ("YouTube and YouTube Music/subscriptions/subscriptions.csv", 1, "youtube_library"),
    ("Google Play Store/Installs.json", 1, "play_store"),
    ("Google Play Store/Library.json", 1, "play_store"),
    ("Google Play Store/Purchase History.json", 1, "play_store"),
    ("Google Play Store/Reviews.json", 1, "play_store"),
    ("Google Play Store/Subscriptions.json", 1, "play_store"),
    ("Google Play Store/Devices.json", 1, "play_store"),
]
GERMAN = [
    ("Chrome/Verlauf.json", 1, "chrome"),
    ("YouTube und YouTube Music/Verlauf/Wiedergabeverlauf.html", 1, "my_activity_html"),
    ("YouTube und YouTube Music/Verlauf/Suchverlauf.html", 1, "my_activity_html"),
    ("YouTube und YouTube Music/Kommentare/Kommentare.csv", 1, "youtube_comments"),
    ("YouTube und YouTube Music/Livechats/Livechats.csv", 1, "youtube_comments"),
    ("YouTube und YouTube Music/Abos/Abos.csv", 1, "youtube_library"),
    ("Gmail/Alle E-Mails einschlie*.mbox", 1, "gmail"),
    ("Kalender/EMAIL.ics", 1, "calendar"),
    ("Google Pay/Transaktionen bei Google Play/transactions_XYZ.csv", 1, "google_pay"),
    ("Google Play Store/Order History.json", 1, "play_store"),
]
# Of these only that some source takes them is told here: their own tests say which.
ANY_ENGLISH = [
    ("Location History/Records.json", 1),
    ("Location History/Semantic Location History/*/*.json", 3),
    ("Chrome/Bookmarks.html", 1),
]
ANY_GERMAN = [
    ("Google Kontakte/*.vcf", 4),
    ("Tasks/Tasks.json", 1),
    ("Location History (Timeline)/Records.json", 1),
    ("Location History (Timeline)/Semantic Location History/*.json", 15),
    ("Google Chat/Users/*/user_info.json", 1),
]


@pytest.mark.parametrize(
    ("listing", "pattern", "count", "source"),
    [("paths_en_recent.txt", *row) for row in ENGLISH] + [("paths_de_2024.txt", *row) for row in GERMAN],
)
def test_a_name_is_put_to_its_source(listed: Listed, listing: str, pattern: str, count: int, source: str) -> None:
    found = [taken for name, taken in listed(listing).items() if fnmatchcase(name, pattern)]
    assert found == [source] * count


@pytest.mark.parametrize(
    ("listing", "pattern", "count"),
    [("paths_en_recent.txt", *row) for row in ANY_ENGLISH] + [("paths_de_2024.txt", *row) for row in ANY_GERMAN],
)
def test_a_name_is_put_to_some_source(listed: Listed, listing: str, pattern: str, count: int) -> None:
    found = [taken for name, taken in listed(listing).items() if fnmatchcase(name, pattern)]
    assert len(found) == count
    assert None not in found


@pytest.mark.parametrize(
    "name", ["archive_browser.html", "Chrome/SearchEngines.json", "Google Play Store/Play Settings.json"]
)
def test_a_name_that_tells_of_no_source_is_put_to_none(listed: Listed, name: str) -> None:
    assert listed("paths_en_recent.txt")[name] is None


def test_the_listings_are_complete(listed: Listed) -> None:
    assert (len(listed("paths_en_recent.txt")), len(listed("paths_de_2024.txt"))) == (53, 148)
