"""The truth beside the archive."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from datapunk.errors import InvalidArgument
from datapunk.sample import recommender_rows, write

if TYPE_CHECKING:
    from unit.sample.reading import Sample

WATCH_HISTORY = "YouTube and YouTube Music/history/watch-history.json"


def test_the_file_holds_the_facts(sample: Sample) -> None:
    assert json.loads(sample.truth.truth_path.read_text("utf-8")) == sample.facts


def test_there_are_at_least_25_questions_of_five_kinds(sample: Sample) -> None:
    kinds = Counter(question["kind"] for question in sample.facts["questions"])
    assert sum(kinds.values()) >= 25
    assert set(kinds) == {"count", "top", "when", "search", "recommend"}


def test_the_demo_has_one_question_of_each_kind(sample: Sample) -> None:
    kinds = {question["id"]: question["kind"] for question in sample.facts["questions"]}
    assert [kinds[name] for name in sample.facts["demo"]] == ["count", "top", "when", "search", "recommend"]


@pytest.mark.parametrize("years", [1, 2])
def test_a_shorter_life_asks_only_what_it_can_answer(tmp_path: Path, years: int) -> None:
    facts = write(tmp_path, years=years, records=2000).facts
    first = str(2026 - years)
    assert len(facts["demo"]) == 5
    assert all(trip["start"] >= first for trip in facts["trips"])
    assert min(facts["items_by_month"]["watch"]) >= first


def test_top_channels_are_those_of_the_watch_history(sample: Sample) -> None:
    entries = [entry for entry in sample.entries(WATCH_HISTORY) if "time" in entry and "subtitles" in entry]
    for year, ranking in sample.facts["top_channels"].items():
        counts = Counter(entry["subtitles"][0]["name"] for entry in entries if entry["time"].startswith(year))
        assert [count for _, count in ranking] == [count for _, count in counts.most_common(10)]
        assert all(counts[name] == count for name, count in ranking)


def test_first_and_last_watch_of_a_channel_are_those_of_the_history(sample: Sample) -> None:
    times = [
        entry["time"]
        for entry in sample.entries(WATCH_HISTORY)
        if entry.get("subtitles", [{}])[0].get("name") == "Crema Lab"
    ]
    channel = sample.facts["channels"]["Crema Lab"]
    assert (channel["first"], channel["last"], channel["watches"]) == (min(times), max(times), len(times))


def test_taste_moves_from_synthesizers_to_espresso_to_running(sample: Sample) -> None:
    favourite = {year: ranking[0][0] for year, ranking in sample.facts["top_channels"].items()}
    assert favourite == {"2023": "Patch Weather", "2024": "Crema Lab", "2025": "Second Wind"}


def test_meetings_are_counted_as_in_the_calendars(sample: Sample) -> None:
    for email, person in sample.facts["meetings"].items():
        events = sample.calendars.split("BEGIN:VEVENT")
        assert (
            sum("ATTENDEE;" in event and f"X-NUM-GUESTS=0:mailto:{email}" in event for event in events)
            == person["events"]
        )


def test_videos_of_one_day_share_topics(sample: Sample) -> None:
    rows = recommender_rows(sample.facts)
    topics: dict[str, list[str]] = {}
    for row in rows:
        topics.setdefault(row.subject, []).append(row.topic)
    pairs = [(a, b) for day in topics.values() for a, b in pairwise(day)]
    assert sum(a == b for a, b in pairs) / len(pairs) > 0.5


def test_neighbours_of_a_video_beat_popularity(sample: Sample) -> None:
    days: dict[str, list[str]] = {}
    for row in recommender_rows(sample.facts):
        days.setdefault(row.subject, []).append(row.item)
    sittings = [list(dict.fromkeys(day)) for day in days.values()]
    tests, train = sittings[::5], [day for n, day in enumerate(sittings) if n % 5]
    popular = Counter(item for day in train for item in day)
    near: dict[str, Counter[str]] = {}
    for day in train:
        for item in day:
            near.setdefault(item, Counter()).update(other for other in day if other != item)
    hits = Counter[str]()
    for *known, wanted in (day for day in tests if len(day) > 2):
        votes = sum((near.get(item, Counter()) for item in known), Counter[str]())
        hits["neighbours"] += wanted in [item for item, _ in votes.most_common(40) if item not in known][:10]
        hits["popularity"] += wanted in [item for item, _ in popular.most_common(40) if item not in known][:10]
    assert hits["neighbours"] > 1.5 * hits["popularity"]


@pytest.mark.parametrize("options", [{"years": 0}, {"years": 4}, {"records": 999}, {"language": "xx"}])
def test_an_argument_out_of_range_is_refused_with_a_hint(tmp_path: Path, options: dict[str, object]) -> None:
    with pytest.raises(InvalidArgument) as caught:
        write(tmp_path, **options)  # type: ignore[arg-type]
    assert caught.value.hint
