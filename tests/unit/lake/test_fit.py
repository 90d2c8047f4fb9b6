import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.adapters import fit, fit_data, fit_intervals, tcx
from datapunk.lake.fitness import metric
from datapunk.lake.record import Context, Measurement, Position, Record, Rejected
from datapunk.lake.registry import classify
from datapunk.lake.stream import MemberStream

DAY = "Takeout/Fit/Daily activity metrics/2026-09-01.csv"
DAILY = (
    "Date,Calories (kcal),Distance (m),Average heart rate (bpm),Step count,Sleep duration (ms),Low latitude (deg)\n"
    "2026-09-01,2480.5,6200,72,8400,25200000,52.5\n"
    "2026-09-02,0,0,0,0,0,\n"
    "2026-09-03,2000,0,0,,0,52.5\n"
)
INTERVALS = (
    "Start time,End time,Calories (kcal),Distance (m),Step count\n"
    "10:00:00.000+02:00,10:15:00.000+02:00,20.5,100.25,130\n"
    "10:15:00.000+02:00,10:30:00.000+02:00,,0,\n"
    "23:45:00.000+02:00,00:00:00.000+02:00,18,,\n"
)
NS = 1718447400000000000


def data_point(kind: str, *values: dict[str, Any], seconds: int = 60) -> dict[str, Any]:
    return {
        "fitValue": [{"value": value} for value in values],
        "startTimeNanos": NS, "endTimeNanos": NS + seconds * 10**9, "dataTypeName": f"com.google.{kind}",
        "originDataSourceId": "", "modifiedTimeMillis": 1, "rawTimestampNanos": 0,
    }  # fmt: skip


def stream_of(*points: Any, source: str = "derived:com.google.x:com.google.android.gms:merge_x") -> bytes:
    return json.dumps({"Data Source": source, "Data Points": list(points)}).encode()


def figures(everything: list[Any]) -> dict[str, float]:
    return {item.metric: item.value for item in everything if isinstance(item, Measurement)}


def test_figures_of_a_day_last_from_midnight_to_midnight_in_the_zone_of_the_import(found: Any) -> None:
    everything = found(DAILY.encode(), timezone="Europe/Berlin")
    steps = next(item for item in everything if item.metric == "steps")
    start = datetime(2026, 8, 31, 22, 0, tzinfo=UTC)
    assert steps == Measurement("steps", start, start + timedelta(days=1), 8400, "", "google_fit")


def test_a_day_of_23_hours_is_one_day(found: Any) -> None:
    everything = found(DAILY.replace("2026-09-01", "2026-03-29").encode(), timezone="Europe/Berlin")
    assert everything[0].ends_at - everything[0].starts_at == timedelta(hours=23)


def test_a_day_whose_figures_are_all_zero_has_no_data(found: Any) -> None:
    everything = found(DAILY.encode())
    assert {item.starts_at.day for item in everything} == {1, 3}


def test_zero_is_a_distance_but_no_heart_rate_and_no_sleep(found: Any) -> None:
    third = [item for item in found(DAILY.encode()) if item.starts_at.day == 3]
    assert figures(third) == {"calories_kcal": 2000, "distance_m": 0}


def test_milliseconds_become_hours_and_corners_are_left_out(found: Any) -> None:
    first = [item for item in found(DAILY.encode()) if item.starts_at.day == 1]
    assert figures(first) == {
        "calories_kcal": 2480.5, "distance_m": 6200, "heart_rate_bpm": 72, "steps": 8400, "sleep_h": 7,
    }  # fmt: skip


def test_a_german_header_gives_the_same_figures(found: Any) -> None:
    german = DAILY.replace(
        "Date,Calories (kcal),Distance (m),Average heart rate (bpm),Step count,Sleep duration (ms),Low latitude (deg)",
        "Datum,Kalorien (kcal),Distanz (m),Durchschnittliche Herzfrequenz (bpm),Schrittzahl,Schlafdauer (ms),"
        "Niedrigster Breitengrad (Grad)",
    )
    assert found(german.encode()) == found(DAILY.encode())


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Max heart rate (bpm)", "heart_rate_max_bpm"),
        ("Min. Herzfrequenz (bpm)", "heart_rate_min_bpm"),
        ("Durchschnittsgewicht (kg)", "weight_kg"),
        ("Höchstgeschwindigkeit (m/s)", "speed_max_m_s"),
        ("Average speed (m/s)", "speed_m_s"),
        ("Heart Minutes", "heart_minutes"),
        ("Minuten in Bewegung", "move_minutes"),
        ("Minutes asleep", "minutes_asleep"),
        ("Biking duration (ms)", "cycling_h"),
        ("REM sleeping duration (ms)", "rem_sleeping_h"),
    ],
)
def test_columns_have_one_name_in_each_language(header: str, name: str) -> None:
    found = metric(header)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("row", ["x,1,1,1,1,1,", "2026-09-04,many,1,1,1,1,", "2026-13-01,1,1,1,1,1,"])
def test_a_row_that_is_no_day_is_rejected_alone(found: Any, row: str) -> None:
    everything = found((DAILY + row + "\n2026-09-05,1,1,1,1,1,\n").encode())
    assert len([item for item in everything if isinstance(item, Rejected)]) == 1
    assert any(isinstance(item, Measurement) and item.starts_at.day == 5 for item in everything)


def test_a_cut_table_keeps_its_good_head(found: Any) -> None:
    everything = found(DAILY.encode()[: DAILY.index("2026-09-03") + 4])
    assert len(figures(everything)) == 5
    assert isinstance(everything[-1], Rejected)


def test_intervals_take_their_day_from_the_name_and_their_zone_from_the_row(found: Any) -> None:
    everything = found(INTERVALS.encode(), member=DAY)
    start = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
    assert everything[:3] == [
        Measurement("calories_kcal", start, start + timedelta(minutes=15), 20.5, "kcal", "google_fit_intervals"),
        Measurement("distance_m", start, start + timedelta(minutes=15), 100.25, "m", "google_fit_intervals"),
        Measurement("steps", start, start + timedelta(minutes=15), 130, "", "google_fit_intervals"),
    ]
    assert (everything[3].starts_at, everything[3].ends_at) == (
        datetime(2026, 9, 1, 21, 45, tzinfo=UTC), datetime(2026, 9, 1, 22, 0, tzinfo=UTC),
    )  # fmt: skip
    assert len(everything) == 4


def test_intervals_without_a_day_are_rejected_once(found: Any) -> None:
    (rejected,) = found(INTERVALS.encode(), member="day.csv")
    assert "no day" in rejected.reason


def test_figures_of_a_day_and_of_its_first_interval_are_not_one(found: Any) -> None:
    intervals = INTERVALS.replace("10:00:00.000+02:00", "00:00:00.000Z")
    day = {item[:2] + item[5:] for item in found(DAILY.encode())}
    assert not day & {item[:2] + item[5:] for item in found(intervals.encode(), member=DAY)}


def test_data_points_have_nanoseconds(found: Any) -> None:
    everything = found(stream_of(data_point("step_count.delta", {"intVal": 12})))
    at = datetime(2024, 6, 15, 10, 30, tzinfo=UTC)
    assert everything == [Measurement("steps", at, at + timedelta(minutes=1), 12, "", "google_fit_data")]


def test_names_of_metrics_have_plain_letters_only(found: Any) -> None:
    point = data_point("nutrition.x y", {"mapVal": [{"key": "f\x00ät", "value": {"fpVal": 9.5}}]})
    assert figures(found(stream_of(point))) == {"nutrition_x_y_f_at": 9.5}


def test_a_stream_that_was_not_merged_is_told_apart(found: Any) -> None:
    everything = found(stream_of(data_point("weight", {"fpVal": 78.5}), source="raw:com.google.weight:scale"))
    assert [(item.metric, item.unit) for item in everything] == [("weight_kg_unmerged", "kg")]


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        (data_point("sleep.segment", {"intVal": 5}, seconds=5400), {"sleep_deep_h": 1.5}),
        (data_point("activity.segment", {"intVal": 7}, seconds=1800), {"walking_h": 0.5}),
        (data_point("activity.segment", {"intVal": 99}, seconds=3600), {"activity_99_h": 1}),
        (data_point("blood_pressure", {"fpVal": 120.0}, {"fpVal": 80.0}),
         {"blood_pressure": 120, "blood_pressure_1": 80}),
        (data_point("nutrition", {"mapVal": [{"key": "fat", "value": {"fpVal": 9.5}}]}), {"nutrition_fat": 9.5}),
    ],
)  # fmt: skip
def test_data_types_are_known_or_keep_their_name(found: Any, point: Any, expected: dict[str, float]) -> None:
    assert figures(found(stream_of(point))) == expected


def test_location_samples_are_positions(found: Any) -> None:
    point = data_point("location.sample", {"fpVal": 52.5}, {"fpVal": 13.5}, {"fpVal": 9.0}, {"fpVal": 34.0})
    (position,) = found(stream_of(point))
    assert position == Position(datetime(2024, 6, 15, 10, 30, tzinfo=UTC), 52.5, 13.5, "google_fit_data", "", 9, 34)


@pytest.mark.parametrize(
    "bad", [7, {}, data_point("weight"), data_point("x", {"stringVal": "y"}), data_point("sleep.segment", {})]
)
def test_what_is_no_data_point_is_rejected_alone(found: Any, bad: Any) -> None:
    good = data_point("step_count.delta", {"intVal": 12})
    assert [type(item) for item in found(stream_of(good, bad, good))] == [Measurement, Rejected, Measurement]


def test_a_cut_stream_keeps_its_good_head(found: Any) -> None:
    content = stream_of(*[data_point("step_count.delta", {"intVal": n}) for n in range(10)])[:-30]
    assert [type(item) for item in found(content)] == [Measurement] * 9 + [Rejected]


SESSION = {
    "fitnessActivity": "biking", "startTime": "2024-06-15T10:30:00.500Z", "endTime": "2024-06-15T11:00:00.500Z",
    "aggregate": [
        {"metricName": "com.google.distance.delta", "floatValue": 5000.5},
        {"metricName": "com.google.step_count.delta", "intValue": 20}, {"metricName": "com.google.other"},
    ],
}  # fmt: skip


def test_a_session_is_a_movement(found: Any) -> None:
    (record,) = found(json.dumps(SESSION).encode())
    assert (record.kind, record.title) == ("movement", "Cycling")
    assert record.attributes == {"mode": "cycling", "distance_m": 5000.5, "steps": 20}


def test_a_session_of_sleep_is_a_measurement(found: Any) -> None:
    (measurement,) = found(json.dumps({**SESSION, "fitnessActivity": "sleep"}).encode())
    assert (measurement.metric, measurement.value) == ("sleep_session_h", 0.5)


TCX = """<?xml version="1.0"?>
<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities>
<Activity Sport="Biking"><Id>2024-06-15T10:30:00.000Z</Id>
<Lap StartTime="2024-06-15T10:30:00.000Z"><TotalTimeSeconds>60.5</TotalTimeSeconds>
<DistanceMeters>500.5</DistanceMeters><Calories>10</Calories><Track>
<Trackpoint><Time>2024-06-15T10:30:01Z</Time><Position><LatitudeDegrees>52.5</LatitudeDegrees>
<LongitudeDegrees>13.5</LongitudeDegrees></Position><AltitudeMeters>34.5</AltitudeMeters>
<HeartRateBpm><Value>90</Value></HeartRateBpm></Trackpoint>
<Trackpoint><Time>2024-06-15T10:30:02Z</Time></Trackpoint>
<Trackpoint><Time>soon</Time></Trackpoint>
<Trackpoint><Time>2024-06-15T10:30:03Z</Time><Position><LatitudeDegrees>95</LatitudeDegrees>
<LongitudeDegrees>13.5</LongitudeDegrees></Position></Trackpoint>
</Track></Lap>
<Lap StartTime="2024-06-15T10:31:00.500Z"><TotalTimeSeconds>30</TotalTimeSeconds>
<DistanceMeters>100</DistanceMeters></Lap><Notes>To work</Notes></Activity></Activities></TrainingCenterDatabase>
"""


def test_a_workout_gives_points_heart_rates_and_a_movement(found: Any) -> None:
    position, rate, no_time, no_place, movement = found(TCX.encode())
    at = datetime(2024, 6, 15, 10, 30, 1, tzinfo=UTC)
    assert position == Position(at, 52.5, 13.5, "tcx", "", None, 34.5)
    assert rate == Measurement("heart_rate_bpm", at, None, 90, "bpm", "tcx")
    assert isinstance(no_time, Rejected)
    assert isinstance(no_place, Rejected)
    assert (movement.kind, movement.title, movement.body) == ("movement", "Cycling", "To work")
    assert movement.occurred_at == datetime(2024, 6, 15, 10, 30, tzinfo=UTC)
    assert movement.ended_at == datetime(2024, 6, 15, 10, 31, 30, 500000, tzinfo=UTC)
    assert movement.attributes == {"mode": "cycling", "distance_m": 600.5, "calories_kcal": 10}


def test_a_cut_workout_keeps_its_good_head(found: Any) -> None:
    everything = found(TCX.encode()[: TCX.index("<Trackpoint><Time>soon")])
    assert [type(item) for item in everything] == [Position, Measurement, Rejected]


def test_entities_of_a_workout_are_not_resolved(found: Any) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    content = TCX.replace('<?xml version="1.0"?>', bomb).replace("To work", "&b;&c;")
    assert found(content.encode())[-1].body is None


def test_peer_daily_summaries(found: Any, peers: Path) -> None:
    everything = found(peers / "takeout/Fit/Daily activity metrics/Daily Summaries.csv")
    assert {item.starts_at for item in everything} == {
        datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 9, 2, tzinfo=UTC),
    }  # fmt: skip
    first = figures([item for item in everything if item.starts_at.day == 1])
    assert (first["steps"], first["calories_kcal"], first["sleep_h"]) == (8400, 2480.5, 7.0)
    assert (first["weight_kg"], first["heart_rate_bpm"], first["move_minutes"]) == (78.4, 72, 64)


@pytest.mark.parametrize(
    ("member", "source"),
    [
        ("Takeout/Fit/Daily activity metrics/Daily Summaries.csv", "google_fit"),
        ("Takeout/Google Fit/Tägliche Aktivitätswerte/2019-08-10.csv", "google_fit_intervals"),
        ("Google Fit/Alle Daten/derived_com.google.active_minutes_com.google.a.json", "google_fit_data"),
        ("Google Fit/Alle Sitzungen/2019-08-12T07_14_08.709+02_00_WALKING.json", "google_fit_data"),
        ("Google Fit/Aktivitäten/2019-08-12T07_14_08.709+02_00_PT14M3.063S_Gehen.tcx", "tcx"),
    ],
)
def test_names_are_known(member: str, source: str) -> None:
    adapter = classify(member, b"")
    assert (adapter.NAME if adapter else None) == source


def test_other_tables_are_not_claimed() -> None:
    head = b"Date,Description,Amount (EUR)\n2026-09-01,Tea,3.50\n"
    assert fit.claims("x.csv", head) == fit_intervals.claims("x.csv", head) == 0


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_bytes_raise_nothing(data: st.DataObject) -> None:
    samples = [
        (fit, DAILY.encode()), (fit_intervals, INTERVALS.encode()), (tcx, TCX.encode()),
        (fit_data, stream_of(data_point("step_count.delta", {"intVal": 12}), data_point("weight", {"fpVal": 1.5}))),
        (fit_data, json.dumps(SESSION).encode()),
    ]  # fmt: skip
    adapter, valid = data.draw(st.sampled_from(samples))
    content = bytearray(valid)
    for _ in range(data.draw(st.integers(0, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=6))
    content = content[: data.draw(st.integers(0, len(content)))] or bytearray(data.draw(st.binary()))
    for item in adapter.parse(MemberStream(io.BytesIO(bytes(content))), Context(member=DAY)):
        assert isinstance(item, Record | Position | Measurement | Rejected)
