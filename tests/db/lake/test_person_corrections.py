from typing import Any

import psycopg
import pytest

from people_records import Connection, card, forget, mail, message, partition, person_of, persons, resolve

ANN = card("1", "Ann Lee", ["ann@a.example"], ["+15550001111"])
BOB = card("2", "Bob Ray", ["bob@b.example"])
SHARED = [
    card("3", "Cy Dow", ["cy@c.example", "office@c.example"]),
    card("4", "Di Fox", ["di@c.example", "office@c.example"]),
]


def merge(connection: Connection, *identifiers: str) -> int:
    keys = [person_of(connection, identifier) for identifier in identifiers]
    row = connection.execute("select lake_person_merge(%s::bigint[])", (keys,)).fetchone()
    assert row is not None
    return int(row[0])


def split(connection: Connection, person: int, *identifiers: str) -> int:
    row = connection.execute("select lake_person_split(%s, %s)", (person, list(identifiers))).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def two(connection: Connection) -> None:
    """Two persons."""
    resolve(connection, ANN, BOB)


@pytest.mark.usefixtures("two")
def test_merged_persons_are_one_and_the_eldest_stays(connection: Connection) -> None:
    eldest = min(person_of(connection, "email:ann@a.example"), person_of(connection, "email:bob@b.example"))
    assert merge(connection, "email:ann@a.example", "email:bob@b.example") == eldest
    assert len(partition(connection)) == 1
    assert set(connection.execute("select distinct rule from person_identifiers").fetchall()) == {("correction",)}


@pytest.mark.usefixtures("two")
def test_a_merge_survives_that_the_items_go_and_come_again(connection: Connection) -> None:
    merge(connection, "email:ann@a.example", "email:bob@b.example")
    before = partition(connection)
    forget(connection, kind="contact")
    assert partition(connection) == set()
    resolve(connection, BOB)
    resolve(connection, ANN)
    assert partition(connection) == before


def test_a_split_survives_that_the_items_go_and_come_again(connection: Connection) -> None:
    resolve(connection, ANN)
    split(connection, person_of(connection, "email:ann@a.example"), "phone:15550001111")
    before = partition(connection)
    assert before == {
        ("Ann Lee", frozenset({"contact:contacts:1", "email:ann@a.example"})),
        ("15550001111", frozenset({"phone:15550001111"})),
    }
    forget(connection, kind="contact")
    resolve(connection, ANN)
    assert partition(connection) == before


def test_whom_a_split_identifier_alone_joined_part(connection: Connection) -> None:
    resolve(connection, *SHARED)
    person = person_of(connection, "email:office@c.example")
    split(connection, person, "email:office@c.example")
    assert persons(connection) == {
        "Cy Dow": {"contact:contacts:3", "email:cy@c.example"},
        "Di Fox": {"contact:contacts:4", "email:di@c.example"},
        "office@c.example": {"email:office@c.example"},
    }


def test_no_rule_joins_again_what_was_split_off(connection: Connection) -> None:
    resolve(connection, ANN, mail("1", "ann@new.example", "Ann Lee"))
    split(connection, person_of(connection, "email:ann@new.example"), "email:ann@new.example")
    resolve(connection, card("5", "Ann Lee", ["ann@a.example", "ann@new.example"]), mail("2", "ann@new.example", "Ann"))
    ann = person_of(connection, "email:ann@a.example")
    assert person_of(connection, "contact:contacts:5") == ann
    assert person_of(connection, "email:ann@new.example") != ann


def test_identifiers_that_are_split_off_together_stay_together(connection: Connection) -> None:
    resolve(connection, *SHARED)
    person = person_of(connection, "email:office@c.example")
    split(connection, person, "email:office@c.example", "email:di@c.example", "contact:contacts:4")
    assert persons(connection) == {
        "Cy Dow": {"contact:contacts:3", "email:cy@c.example"},
        "Di Fox": {"contact:contacts:4", "email:di@c.example", "email:office@c.example"},
    }


@pytest.mark.usefixtures("two")
def test_a_later_split_overrules_a_merge(connection: Connection) -> None:
    person = merge(connection, "email:ann@a.example", "email:bob@b.example")
    split(connection, person, "email:bob@b.example", "contact:contacts:2")
    assert set(persons(connection)) == {"Ann Lee", "Bob Ray"}


def test_a_later_merge_overrules_a_split(connection: Connection) -> None:
    resolve(connection, ANN)
    before = {identifiers for _, identifiers in partition(connection)}
    split(connection, person_of(connection, "email:ann@a.example"), "phone:15550001111")
    merge(connection, "email:ann@a.example", "phone:15550001111")
    assert {identifiers for _, identifiers in partition(connection)} == before


@pytest.mark.usefixtures("two")
def test_merges_add_up(connection: Connection) -> None:
    resolve(connection, message("1", sender="Cy"))
    merge(connection, "email:ann@a.example", "email:bob@b.example")
    merge(connection, "email:bob@b.example", "name:cy")
    forget(connection, kind=["contact", "message"])
    resolve(connection, message("1", sender="Cy"), ANN)
    assert person_of(connection, "name:cy") == person_of(connection, "email:ann@a.example")


@pytest.mark.usefixtures("two")
def test_corrections_are_rows(connection: Connection) -> None:
    merge(connection, "email:ann@a.example", "email:bob@b.example")
    rows = connection.execute("select identifier, apart from person_corrections order by 1").fetchall()
    assert rows == [
        ("contact:contacts:1", False), ("contact:contacts:2", False), ("email:ann@a.example", False),
        ("email:bob@b.example", False), ("phone:15550001111", False),
    ]  # fmt: skip
    assert connection.execute("select count(distinct group_id) from person_corrections").fetchone() == (1,)


@pytest.mark.parametrize(
    "chosen", [[], ["email:nope@x.example"], ["email:bob@b.example"], ["*"], ["email:ann@a.example", "x"]]
)
@pytest.mark.usefixtures("two")
def test_a_split_of_what_is_not_there_or_of_all_is_refused(connection: Connection, chosen: list[str]) -> None:
    person = person_of(connection, "email:ann@a.example")
    if chosen == ["*"]:
        chosen = list(persons(connection)["Ann Lee"])
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        split(connection, person, *chosen)
    assert caught.value.diag.message_hint


@pytest.mark.parametrize(
    ("statement", "state"),
    [
        ("select lake_person_merge(null)", "22023"),
        ("select lake_person_merge('{1}')", "22023"),
        ("select lake_person_merge('{1, 1, null}')", "22023"),
        ("select lake_person_merge('{-1, -2}')", "P0002"),
        ("select lake_person_split(-1, '{email:a@b.example}')", "P0002"),
        ("select lake_person_split(null, '{email:a@b.example}')", "P0002"),
        ("select lake_person_split(-1, null)", "P0002"),
    ],
)
def test_unknown_persons_are_refused(connection: Connection, statement: Any, state: str) -> None:
    with pytest.raises(psycopg.Error) as caught:
        connection.execute(statement)
    assert caught.value.sqlstate == state
    assert caught.value.diag.message_hint


@pytest.mark.usefixtures("two")
def test_persons_of_others_are_unknown(connection: Connection) -> None:
    keys = [person_of(connection, f"email:{who}") for who in ("ann@a.example", "bob@b.example")]
    connection.execute("set local datapunk.owner = 'other'")
    with pytest.raises(psycopg.errors.NoDataFound):
        connection.execute("select lake_person_merge(%s::bigint[])", (keys,))
