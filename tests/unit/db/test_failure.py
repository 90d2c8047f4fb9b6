import json
from typing import Any

import pytest

from datapunk.db.failure import Failure, unpack_sqlstate


class FakePlpy:
    class Error(Exception):
        pass


def reported(error: Exception) -> str:
    """What PL/Python reports for an exception of a built-in module."""
    return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize(
    "message", ["plain", 'has "message": and: colons', "line\nbreak", "ünïcode \U0001f600", "{}", "%s %d", "a" * 5000]
)
def test_http_failure_is_reported_as_the_json_that_postgrest_reads(message: str) -> None:
    failure = Failure(sqlstate="P0002", message=message, hint='hint "message": x', detail=None)
    error: Any = failure.as_exception(FakePlpy, 404)
    assert json.loads(reported(error)) == {
        "code": "P0002",
        "message": message,
        "hint": 'hint "message": x',
        "details": None,
    }
    assert error.sqlstate == "PGRST"
    assert json.loads(error.detail) == {"status": 404, "headers": {}}


def test_sql_failure_keeps_sqlstate_hint_and_detail() -> None:
    failure = Failure(sqlstate="DP020", message="no such model", hint="look", detail="more")
    error: Any = failure.as_exception(FakePlpy, None)
    assert reported(error) == "datapunk: no such model"
    assert (error.sqlstate, error.hint, error.detail) == ("DP020", "look", "more")


def test_sqlstate_is_decoded_from_postgresqls_integer() -> None:
    def pack(state: str) -> int:
        return sum((ord(letter) - ord("0") & 0x3F) << 6 * place for place, letter in enumerate(state))

    for state in ("22023", "P0002", "DP030", "42P01"):
        assert unpack_sqlstate(pack(state)) == state


def test_statement_error_made_for_postgrest_is_taken_apart_again() -> None:
    inner = json.dumps({"code": "P0002", "message": "mm", "details": None, "hint": "hh"})
    error = Exception(inner)
    error.spidata = (sum((ord(c) - 48 & 63) << 6 * i for i, c in enumerate("PGRST")), '{"status":404}', None)  # type: ignore[attr-defined]
    assert Failure.of_statement(error) == Failure(sqlstate="P0002", message="mm", hint="hh", detail=None)
