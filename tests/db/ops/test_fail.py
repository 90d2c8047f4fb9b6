from typing import Any

import psycopg
import pytest

from harness import Database

CASES = [
    ("P0002", 404), ("DP020", 404), ("DP030", 404), ("42501", 403), ("23505", 409), ("DP011", 413), ("DP001", 503),
    ("DP002", 503), ("57014", 503), ("22023", 400), ("DP010", 400), ("DP021", 400), ("DP022", 400),
]  # fmt: skip


@pytest.fixture
def opened(shared_database: Database) -> Any:
    with shared_database.connect() as connection:
        yield connection


def test_error_reaches_sql_clients_with_its_sqlstate(opened: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.Error) as caught:
        opened.execute("select ops.fail('DP020', 'no model \"x\"', 'make one', 'detail')")
    assert caught.value.sqlstate == "DP020"
    diag = caught.value.diag
    assert (diag.message_primary, diag.message_hint, diag.message_detail) == ('no model "x"', "make one", "detail")


@pytest.mark.parametrize(("sqlstate", "status"), CASES)
def test_error_in_a_request_carries_its_status(opened: psycopg.Connection[Any], sqlstate: str, status: int) -> None:
    opened.execute("set request.method = 'POST'")
    with pytest.raises(psycopg.Error) as caught:
        opened.execute("select ops.fail(%s, 'm', 'h')", (sqlstate,))
    assert caught.value.sqlstate == "PGRST"
    assert f'"status" : {status}' in str(caught.value.diag.message_detail)
    assert f'"code" : "{sqlstate}"' in str(caught.value.diag.message_primary)


def test_no_status_outside_of_a_request(opened: psycopg.Connection[Any]) -> None:
    assert opened.execute("select ops.http_status('P0002')").fetchone() == (None,)
