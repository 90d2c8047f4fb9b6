"""The archive, read back with the standard library alone, agrees with its truth."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from datapunk.sample import write

if TYPE_CHECKING:
    from unit.sample.reading import Sample

WATCH_HISTORY = "YouTube and YouTube Music/history/watch-history.json"
SEARCH_HISTORY = "YouTube and YouTube Music/history/search-history.json"
ACTIVITY = [
    f"My Activity/{product}/MyActivity.json"
    for product in ("Android", "Google Play Store", "Maps", "Search", "YouTube")
]


def time_of(entry: dict[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(entry["time"])
    except (KeyError, ValueError):
        return None


def test_equal_seeds_give_equal_bytes(tmp_path: Path) -> None:
    first = write(tmp_path / "a", records=1500)
    second = write(tmp_path / "b", records=1500)
    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.truth_path.read_bytes() == second.truth_path.read_bytes()


def test_another_seed_gives_another_archive(tmp_path: Path) -> None:
    first = write(tmp_path / "a.zip", records=1500, years=1)
    second = write(tmp_path / "b.zip", records=1500, years=1, seed=8)
    assert first.path.read_bytes() != second.path.read_bytes()


@pytest.mark.parametrize(("seed", "years", "records"), [(1, 1, 1000), (2, 2, 3000), (3, 3, 5000)])
def test_the_number_of_records_is_exactly_as_asked(tmp_path: Path, seed: int, years: int, records: int) -> None:
    assert write(tmp_path, seed=seed, years=years, records=records).facts["records"] == records


def test_names_are_those_of_a_genuine_export(sample: Sample) -> None:
    assert sample.truth.path.name == "takeout-20260105T091500Z-001.zip"
    assert sample.truth.truth_path.name == "takeout-20260105T091500Z-001.truth.json"
    with zipfile.ZipFile(sample.truth.path) as archive:
        names = set(archive.namelist())
        assert archive.testzip() is None
    assert all(name.startswith("Takeout/") for name in names)
    assert {f"Takeout/{name}" for name in (WATCH_HISTORY, SEARCH_HISTORY, *ACTIVITY, "Chrome/History.json")} <= names
    assert names == {*sample.facts["members"], *sample.facts["ignored"], "Takeout/archive_browser.html"}


def test_members_hold_as_many_records_as_the_truth_says(sample: Sample) -> None:
    members = {name.removeprefix("Takeout/"): count for name, count in sample.facts["members"].items()}
    for name in (WATCH_HISTORY, SEARCH_HISTORY, *ACTIVITY):
        entries = sample.entries(name)
        assert len(entries) == members[name]["records"]
        assert sum(time_of(entry) is None for entry in entries) == members[name]["broken"]
    assert len(sample.visits) == members["Chrome/History.json"]["records"]
    assert sum("time_usec" not in visit for visit in sample.visits) == 1
    assert len(sample.letters) == members["Mail/All mail Including Spam and Trash.mbox"]["records"]
    for name, count in members.items():
        if name.endswith(".ics"):
            assert sample.raw(name).count(b"BEGIN:VEVENT\r\n") == count["records"]


def test_items_are_counted_after_the_rules_of_identity(sample: Sample) -> None:
    keys: Counter[tuple[str, ...]] = Counter()
    for name in (WATCH_HISTORY, SEARCH_HISTORY, *ACTIVITY):
        alike: Counter[tuple[str, ...]] = Counter()
        for entry in sample.entries(name):
            at = time_of(entry)
            if at:
                verb = entry["title"].split()[0]
                kind = {"Watched": "watch", "Searched": "search", "Visited": "visit"}.get(verb, "app_use")
                alike[kind, str(int(at.timestamp())), entry["title"], entry.get("titleUrl", "")] += 1
        keys |= alike
    found = Counter(key[0] for key in keys.elements())
    expected = sample.facts["items"]
    assert found["watch"] == expected["watch"]
    assert found["search"] == expected["search"]
    assert found["app_use"] == expected["app_use"]
    assert found["visit"] + len(sample.visits) - 1 == expected["visit"]
    assert sum(expected[kind] for kind in expected if kind != "total") == expected["total"]


def test_no_click_falls_into_the_second_of_the_browsers_visit(sample: Sample) -> None:
    seen = {(visit["time_usec"] // 1_000_000, visit["title"]) for visit in sample.visits if "time_usec" in visit}
    for entry in sample.entries("My Activity/Search/MyActivity.json"):
        at = time_of(entry)
        if at and entry["title"].startswith("Visited "):
            assert (int(at.timestamp()), entry["title"].removeprefix("Visited ")) not in seen


def test_dates_are_the_same_in_all_home_zones(sample: Sample) -> None:
    zones = [ZoneInfo(zone) for zone in sample.facts["dates_hold_in_zones"]]
    moments = [
        datetime.fromtimestamp(visit["time_usec"] / 1e6, zones[0]) for visit in sample.visits if "time_usec" in visit
    ]
    for name in (WATCH_HISTORY, SEARCH_HISTORY, *ACTIVITY):
        moments += [at for entry in sample.entries(name) if (at := time_of(entry))]
    for moment in moments:
        assert len({moment.astimezone(zone).date() for zone in zones}) == 1


def test_counts_by_month_are_those_of_the_files(sample: Sample) -> None:
    months = Counter(entry["time"][:7] for entry in sample.entries(WATCH_HISTORY) if "time" in entry)
    assert dict(months) == sample.facts["items_by_month"]["watch"]


def test_every_odd_title_is_there_as_it_was_planted(sample: Sample) -> None:
    quirks = sample.facts["quirks"]
    titles = Counter(visit["title"] for visit in sample.visits)
    assert "\0" in quirks["nul_title"]
    assert titles[quirks["nul_title"]] == 1
    assert titles[quirks["right_to_left_title"]] == 1
    searches = {entry["title"] for entry in sample.entries("My Activity/Search/MyActivity.json")}
    assert f"Searched for {quirks['narrow_no_break_space_query']}" in searches
    watched = [entry for entry in sample.entries(WATCH_HISTORY) if entry["title"] == f"Watched {quirks['emoji_title']}"]
    assert len(watched) == 1


def test_twins_lie_within_one_second(sample: Sample) -> None:
    twins = [
        visit for visit in sample.visits if visit["title"] == sample.facts["quirks"]["twins_within_one_second"]["title"]
    ]
    assert len(twins) == 2
    assert len({visit["time_usec"] // 1_000_000 for visit in twins}) == 1
    assert len({visit["time_usec"] for visit in twins}) == 2


def test_adverts_and_removed_videos_are_counted(sample: Sample) -> None:
    entries = [entry for entry in sample.entries(WATCH_HISTORY) if "time" in entry]
    assert sum("titleUrl" not in entry for entry in entries) == sample.facts["quirks"]["removed_videos"] > 0
    adverts = [entry for entry in entries if {"name": "From Google Ads"} in entry.get("details", ())]
    assert len(adverts) == sample.facts["quirks"]["adverts"] > 0


def test_my_activity_repeats_the_last_year_of_the_watch_history(sample: Sample) -> None:
    once = {(entry["time"], entry["title"]) for entry in sample.entries(WATCH_HISTORY) if "time" in entry}
    again = [
        entry
        for entry in sample.entries("My Activity/YouTube/MyActivity.json")
        if entry["title"].startswith("Watched ")
    ]
    assert all((entry["time"], entry["title"]) in once for entry in again)
    assert len(again) == sample.facts["quirks"]["watches_in_both_files"]


def test_addresses_are_escaped_as_in_genuine_files(sample: Sample) -> None:
    raw = sample.raw(WATCH_HISTORY)
    assert b"watch?v\\u003d" in raw
    assert b"watch?v=" not in raw


def test_calendars_know_every_zone_that_they_name(sample: Sample) -> None:
    named = set(re.findall(r";TZID=([^:;]+):", sample.calendars))
    assert named == set(re.findall(r"^TZID:(.+)\r$", sample.calendars, re.MULTILINE))
    assert {"Europe/Berlin", "Europe/Lisbon", "Asia/Tokyo"} <= named


def test_calendar_lines_are_folded_at_75_octets(sample: Sample) -> None:
    lines = sample.raw("Calendar/Work.ics").split(b"\r\n")
    assert max(map(len, lines)) <= 75


def test_a_series_has_exceptions_and_a_moved_instance(sample: Sample) -> None:
    assert "RRULE:FREQ=WEEKLY;UNTIL=" in sample.calendars
    assert "EXDATE;TZID=Europe/Lisbon:" in sample.calendars
    assert sample.calendars.count("RECURRENCE-ID;TZID=") == 4
    assert sample.calendars.count("STATUS:CANCELLED") == 1
