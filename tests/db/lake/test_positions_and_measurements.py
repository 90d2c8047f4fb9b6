"""Dense samples: where a device was, and figures of intervals."""

import json
from itertools import permutations
from typing import Any

import psycopg
import pytest

from lake_archives import zipped

POINT = {"latitudeE7": 387223000, "longitudeE7": -91393000, "accuracy": 12, "timestamp": "2025-05-01T08:00:00.250Z"}
DAILY = "Date,Calories (kcal),Distance (m),Step count\n2025-05-01,2100.5,6400.0,8800\n2025-05-02,0,0,0\n"
RECORDS = "Takeout/Location History/Records.json"


def locations(*points: dict[str, Any]) -> bytes:
    return json.dumps({"locations": points}).encode()


def test_points_become_positions(import_file: Any, one: Any) -> None:
    row = import_file(zipped({RECORDS: locations(POINT, POINT | {"timestamp": "2025-05-01T08:01:00Z"})}))
    assert (row["items_new"], row["by_kind"]) == (2, {"position": 2})
    found = one("select occurred_at, latitude, longitude, accuracy_m from positions order by occurred_at limit 1")
    assert found["occurred_at"].isoformat().endswith("08:00:00.250000+00:00")
    assert (found["latitude"], found["longitude"], found["accuracy_m"]) == (38.7223, -9.1393, 12)


def test_points_again_add_nothing(import_file: Any) -> None:
    content = zipped({RECORDS: locations(POINT)})
    assert import_file(content)["items_new"] == 1
    again = import_file(content)
    assert (again["items_new"], again["items_seen"]) == (0, 1)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_exports_does_not_matter(import_file: Any, one: Any, order: tuple[int, ...]) -> None:
    told = [POINT, POINT | {"deviceTag": 17}, {k: v for k, v in POINT.items() if k != "accuracy"} | {"deviceTag": 9}]
    for number in order:
        import_file(zipped({RECORDS: locations(told[number])}))
    row = one("select device, accuracy_m from positions")
    assert row == {"device": "9", "accuracy_m": 12}


def test_figures_of_a_day_become_measurements(import_file: Any, connection: psycopg.Connection[Any], one: Any) -> None:
    row = import_file(zipped({"Takeout/Fit/Daily activity metrics/Daily activity metrics.csv": DAILY.encode()}))
    assert row["by_kind"] == {"measurement": 3}
    found = connection.execute("select metric, value, unit from measurements order by metric").fetchall()
    assert [(metric.removesuffix("_kcal"), value) for metric, value, _ in found] == [
        ("calories", 2100.5), ("distance_m", 6400.0), ("steps", 8800.0),
    ]  # fmt: skip


def test_forgetting_takes_them_too(import_file: Any, one: Any) -> None:
    import_id = import_file(zipped({RECORDS: locations(POINT)}))["import_id"]
    assert one("select items from lake_forget(%s::jsonb)", json.dumps({"import_id": str(import_id)}))["items"] == 1
    assert one("select count(*)::int from positions")["count"] == 0
