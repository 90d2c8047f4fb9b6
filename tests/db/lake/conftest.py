"""The sample archive, written once, and ways to import."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from datapunk import sample

Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def life(tmp_path_factory: pytest.TempPathFactory) -> sample.Truth:
    """A small sample archive with its truth."""
    return sample.write(tmp_path_factory.mktemp("life"), seed=7, years=2, records=3_000)


@pytest.fixture
def one(connection: psycopg.Connection[Any]) -> Run:
    """Run a statement that returns one row, as a dictionary."""

    def run(statement: str, *args: object) -> dict[str, Any]:
        with connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(statement, args).fetchall()
        assert len(rows) == 1
        return rows[0]

    return run


@pytest.fixture
def import_file(one: Run) -> Run:
    """Import bytes under a name."""

    def run(content: bytes | Path, name: str = "takeout.zip", options: dict[str, Any] | None = None) -> dict[str, Any]:
        data = content.read_bytes() if isinstance(content, Path) else content
        return one("select * from lake_import(%s, %s, %s::jsonb)", data, name, json.dumps(options or {}))

    return run
