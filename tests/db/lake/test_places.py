import itertools

import pytest

from people_records import Connection, Record, derived_rows, forget, resolve, visit

HOME = {"place_id": "p1", "latitude": 38.71, "longitude": -9.13}
VISITS: list[Record] = [
    visit("1", "2025-01-01T10:00:00Z", "2025-01-01T11:00:00Z", "Home", **HOME),
    visit("2", "2025-01-03T10:00:00Z", "2025-01-03T10:30:00Z", "Casa", **HOME),
    visit("3", "2025-01-05T10:00:00Z", None, None, **HOME),
    visit("4", "2025-01-02T10:00:00Z", "2025-01-02T12:00:00Z", "Cafe", latitude=38.72012, longitude=-9.14),
    visit("5", "2025-01-04T10:00:00Z", "2025-01-04T12:00:00Z", "Cafe", latitude=38.72031, longitude=-9.14),
]


def places(connection: Connection) -> list[tuple[object, ...]]:
    return connection.execute(
        "select name, visits, duration_seconds, latitude, longitude, first_at::date::text, last_at::date::text,"
        " place_id from known_places order by name"
    ).fetchall()


def test_visits_of_one_identifier_or_one_spot_are_of_one_place(connection: Connection) -> None:
    resolve(connection, *VISITS)
    assert places(connection) == [
        ("Cafe", 2, 14400.0, 38.72031, -9.14, "2025-01-02", "2025-01-04", None),
        ("Casa", 3, 5400.0, 38.71, -9.13, "2025-01-01", "2025-01-05", "p1"),
    ]


def test_a_place_without_coordinates_is_known_by_its_name(connection: Connection) -> None:
    resolve(connection, visit("1", "2025-01-01", title="The  Pub"), visit("2", "2025-01-02", title="the pub"))
    assert [row[:2] for row in places(connection)] == [("the pub", 2)]


def test_a_visit_of_nowhere_is_of_no_place(connection: Connection) -> None:
    resolve(connection, visit("1", "2025-01-01"), visit("2", "2025-01-01", latitude="north", longitude=None))
    assert places(connection) == []


def test_the_order_of_imports_makes_no_difference_to_places(connection: Connection) -> None:
    results = []
    for order in itertools.islice(itertools.permutations(VISITS), 0, 120, 7):
        with connection.transaction(force_rollback=True):
            for record in order:
                resolve(connection, record)
            results.append(places(connection))
    assert all(result == results[0] for result in results)


@pytest.mark.parametrize("number", range(len(VISITS)))
def test_a_forgotten_visit_is_as_if_it_had_never_been(connection: Connection, number: int) -> None:
    with connection.transaction(force_rollback=True):
        resolve(connection, *(record for record in VISITS if record is not VISITS[number]))
        without = places(connection)
    resolve(connection, *VISITS)
    row = connection.execute("select item_id from places where external_id = %s", (str(number + 1),)).fetchone()
    assert row is not None
    forget(connection, item_ids=[row[0]])
    assert places(connection) == without


def test_a_place_goes_with_its_last_visit(connection: Connection) -> None:
    resolve(connection, *VISITS)
    forget(connection, kind="place_visit")
    assert derived_rows(connection) == 0


def test_each_visit_is_of_the_place_where_it_was(connection: Connection) -> None:
    resolve(connection, *VISITS)
    rows = connection.execute(
        "select k.name, v.external_id from place_items join known_places as k using (known_place_id)"
        " join places as v using (item_id) order by 2"
    ).fetchall()
    assert rows == [("Casa", "1"), ("Casa", "2"), ("Casa", "3"), ("Cafe", "4"), ("Cafe", "5")]


def test_others_know_none_of_it(connection: Connection) -> None:
    resolve(connection, *VISITS)
    connection.execute("set local datapunk.owner = 'other'")
    assert places(connection) == []
    resolve(connection, visit("1", "2025-01-01", title="Elsewhere", place_id="p1"))
    assert [row[:2] for row in places(connection)] == [("Elsewhere", 1)]
