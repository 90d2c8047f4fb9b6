import json
from typing import Any

import psycopg
import pytest

from harness import Database

SIGN_IN = {"kind": "security_event", "source": "log", "title": "Sign-in from Lisbon", "attributes": {"ip": "192.0.2.7"}}
NOTE = {"kind": "note", "source": "pad", "title": "Lisbon in May", "body": "Pack light."}
VISIT = {"kind": "visit", "source": "chrome", "title": "Trains to Lisbon", "url": "https://trains.example/"}

Connection = psycopg.Connection[Any]


def append(connection: Connection, *records: dict[str, Any]) -> None:
    connection.execute("select lake_append(%s)", (json.dumps(records),))


def levels(connection: Connection) -> dict[str, str]:
    return dict(connection.execute("select distinct kind, sensitivity from items").fetchall())


def classify(connection: Connection, kind: str, sensitivity: str | None) -> int:
    row = connection.execute("select lake_classify(%s, %s)", (kind, sensitivity)).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def told(connection: Connection) -> Connection:
    append(connection, SIGN_IN, NOTE, VISIT)
    return connection


def test_an_item_has_the_sensitivity_of_its_kind(told: Connection) -> None:
    assert levels(told) == {"security_event": "secret", "note": "private", "visit": "personal"}


def test_an_imported_item_has_the_sensitivity_of_its_kind(connection: Connection) -> None:
    page = (
        b'[{"header": "Chrome", "title": "Visited A", "titleUrl": "https://a.example/",'
        b' "time": "2024-01-01T10:00:00Z"}]'
    )
    classify(connection, "visit", "public")
    connection.execute("select lake_import(%s, 'MyActivity.json')", (page,))
    assert levels(connection) == {"visit": "public"}


def test_classifying_a_kind_changes_what_is_there_and_what_comes(told: Connection) -> None:
    assert classify(told, "note", "secret") == 1
    append(told, NOTE | {"title": "Another"})
    assert levels(told)["note"] == "secret"


def test_null_goes_back_to_what_comes_with_the_installation(told: Connection) -> None:
    classify(told, "note", "public")
    assert classify(told, "note", None) == 1
    assert levels(told)["note"] == "private"


def test_a_rule_is_its_owners(told: Connection) -> None:
    classify(told, "note", "public")
    told.execute("select set_config('datapunk.owner', 'bob', true)")
    append(told, NOTE)
    assert levels(told) == {"note": "private"}
    assert told.execute("select sensitivity from sensitivities where kind = 'note'").fetchone() == ("private",)


def test_the_view_shows_the_rule_and_what_it_was(told: Connection) -> None:
    classify(told, "note", "public")
    rows = told.execute('select kind, sensitivity, "default" from sensitivities').fetchall()
    assert ("note", "public", "private") in rows
    assert ("security_event", "secret", "secret") in rows
    assert {"position", "measurement"} < {row[0] for row in rows}


def test_classifying_is_audited(told: Connection) -> None:
    classify(told, "note", "public")
    row = told.execute("select detail from audit where action = 'lake.classify'").fetchone()
    assert row == ({"kind": "note", "sensitivity": "public", "items": 1},)


@pytest.mark.parametrize(("kind", "level"), [("nothing", "secret"), (None, "secret"), ("note", "hidden")])
def test_what_there_is_not_is_refused_with_a_hint(connection: Connection, kind: Any, level: str) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        classify(connection, kind, level)
    assert "Allowed" in str(caught.value.diag.message_hint)


def test_classifying_waits_for_whoever_is_adding_items(database: Database) -> None:
    with database.connect() as importing, database.connect() as person:
        with importing.transaction():
            append(importing, NOTE)
            person.execute("set lock_timeout = '50ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                classify(person, "note", "secret")
        assert classify(person, "note", "secret") == 1


def found(connection: Connection, **options: Any) -> set[str]:
    rows = connection.execute(
        "select kind from cortex_search('Lisbon', 10, %s)", (json.dumps({"mode": "lexical", **options}),)
    )
    return {row[0] for row in rows.fetchall()}


def test_a_search_leaves_secrets_out(told: Connection) -> None:
    assert found(told) == {"note", "visit"}


def test_a_search_by_source_leaves_secrets_out(told: Connection) -> None:
    assert found(told, sources=["log", "pad"]) == {"note"}


def test_a_search_that_names_the_kind_finds_secrets(told: Connection) -> None:
    assert found(told, kinds=["security_event"]) == {"security_event"}
    assert found(told, kinds=["security_event", "visit"]) == {"security_event", "visit"}


def test_a_kind_that_became_secret_is_found_no_more(told: Connection) -> None:
    classify(told, "note", "secret")
    assert found(told) == {"visit"}


def test_many_secrets_do_not_crowd_the_rest_out(connection: Connection) -> None:
    append(connection, *(SIGN_IN | {"title": f"Lisbon Lisbon {n}"} for n in range(300)), NOTE)
    assert found(connection) == {"note"}


def test_a_context_leaves_secrets_out(told: Connection) -> None:
    row = told.execute("select context from cortex_context('Lisbon sign-in')").fetchone()
    assert row is not None
    assert "Pack light." in row[0]
    assert "Sign-in" not in row[0]
