"""Datasets leave out what is secret unless they name its view."""

import json
from typing import Any

import pytest

from datapunk_forge.dataset import read_dataset
from harness import Database

RECORDS = [
    {"kind": "security_event", "source": "log", "title": "Sign-in", "attributes": {"ip": "192.0.2.7"}},
    {"kind": "note", "source": "pad", "title": "Lisbon"},
]


@pytest.fixture
def told(database: Database) -> Database:
    with database.connect() as person:
        person.execute("select lake_append(%s)", (json.dumps(RECORDS),))
    return database


def titles(database: Database, query: str) -> list[str]:
    """What a training reads of a dataset."""
    with database.connect("datapunk_worker", owner="local") as worker:
        read = read_dataset(worker, query, role="datapunk", timeout_s=30, memory_mb=100, progress=lambda *_: None)
    return list(read.columns[0].values)


def test_the_view_of_all_items_has_no_secrets_in_a_dataset(told: Database) -> None:
    assert titles(told, "select title from items") == ["Lisbon"]


def test_the_view_of_the_secret_kind_has_them(told: Database) -> None:
    assert titles(told, "select title from security_events") == ["Sign-in"]


def test_the_view_of_all_items_has_them_elsewhere(told: Database) -> None:
    with told.connect() as person:
        rows: list[Any] = person.execute("select title from items order by 1").fetchall()
    assert rows == [("Lisbon",), ("Sign-in",)]
