"""Bad input over HTTP is answered with 4xx, a message and its SQLSTATE; 500 is a defect."""

import json
from typing import Any

import pytest

from harness import Database
from http_api import Api

#: Values that a client may send in the place of any argument.
ODD_VALUES: list[Any] = [
    "", " ", "x" * 20_000, "\u0000", "\ud800", "ünïcode \U0001f600", "'; drop table lake.item; --", "%", "\\", "NaN",
    0, -1, 1, 2**31, 2**63, 1e400, -1.5, True, None, [], [None], ["a", 1], {}, {"unknown_option": 1}, {"k": {"a": [1]}},
    {"since": "yesterday-ish"}, {"item_ids": "x"}, {"kinds": 5}, {"max_tokens": -1}, {"seed": "x"}, {"timeout": "soon"},
    "00000000-0000-0000-0000-000000000000", "pg_catalog.pg_sleep", "select 1", "select 1; select 2", "/etc/passwd",
]  # fmt: skip


def arguments_of(database: Database) -> dict[str, list[tuple[str, bool]]]:
    """Names of all functions of `api` with their arguments and whether each has a default."""
    with database.connect("postgres") as connection:
        rows = connection.execute(
            """
            select p.proname, coalesce(p.proargnames[1:p.pronargs], '{}'), p.pronargs - p.pronargdefaults
            from pg_proc as p where p.pronamespace = 'api'::regnamespace order by 1
            """
        ).fetchall()
    return {
        str(name): [(str(argument), place >= int(str(required))) for place, argument in enumerate(arguments)]  # type: ignore[arg-type]
        for name, arguments, required in rows
    }


#: What makes the other arguments pass while one is odd.
SOUND: dict[str, Any] = {
    "question": "how many videos did I watch?", "query": "coffee", "input": "text", "inputs": ["text"], "k": 3,
    "model": "taste", "recipe": "recommender", "dataset": "select owner_id, url, occurred_at from api.watches",
    "content": "\\x00", "filename": "a.json", "records": [], "filter": {"source": "none"}, "item_id": 1,
    "job_id": 99_999,
    "name": "n", "handler": "gaia.run_count", "description": "d", "examples": ["e"], "rating": 1, "note": None,
    "answer_id": "00000000-0000-0000-0000-000000000000", "version": 1, "subject": "local", "features": {"a": 1},
    "horizon": 3, "path": "/nowhere", "timeout": "1 second", "options": {}, "topic": "a.b", "payload": {},
    "pattern": "#", "qrels": {}, "kind": "note", "sensitivity": "private", "format": "jsonl",
    "identifiers": ["email:a@example.org"], "person_id": 1, "person_ids": [1, 2], "subscription_id": 1,
    "dead_letter_id": 1, "generation": 99_999, "value": "v", "spec": {}, "outcome": "yes", "bytes": 10,
    "upload_id": "00000000-0000-0000-0000-000000000000", "period": "day",
}  # fmt: skip


def dumps(value: object) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")


def test_odd_values_are_answered_with_4xx(api: Api, http_database: Database) -> None:
    failures = []
    functions = arguments_of(http_database)
    for function, arguments in functions.items():
        for odd, _ in arguments:
            for value in ODD_VALUES:
                sent = {
                    name: SOUND[name]
                    for name, optional in arguments
                    if name != odd and (not optional or name == "timeout")
                }
                reply = api.call(function, dumps({**sent, odd: value}))
                if reply.status >= 500 and reply.status != 503:
                    failures.append(f"{function}({odd}={str(value)[:40]!r}): {reply.status} {reply.text[:200]}")
                elif reply.status >= 400 and not (reply.body or {}).get("message"):
                    failures.append(f"{function}({odd}={str(value)[:40]!r}): no message: {reply.text[:200]}")
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[", b"null", b"[]", b'"x"', b"\xff\xfe", b'{"a":', b'{"question": "\x00"}', b"[" * 3000]
)
def test_malformed_bodies_are_answered_with_4xx(api: Api, http_database: Database, body: bytes) -> None:
    for function in arguments_of(http_database):
        if function == "ops_health":
            continue
        reply = api.call(function, body)
        assert 400 <= reply.status < 500 or reply.status == 200, f"{function}: {reply.status} {reply.text[:300]}"


def test_missing_arguments_are_answered_with_404_and_a_hint(api: Api, http_database: Database) -> None:
    for function, arguments in arguments_of(http_database).items():
        if any(not optional for _, optional in arguments):
            reply = api.call(function, {})
            assert reply.status in (400, 404), f"{function}: {reply.status} {reply.text[:300]}"


@pytest.mark.parametrize(
    "query",
    ["?nope=eq.1", "?select=nope", "?order=nope", "?limit=-1", "?offset=99999999999999999999"],
)
def test_bad_filters_of_views_are_answered_with_4xx(api: Api, query: str) -> None:
    reply = api.get(f"/settings{query}")
    assert 400 <= reply.status < 500, reply.text


def test_views_cannot_be_written(api: Api) -> None:
    reply = api._send("/settings", api.token(), b'{"name": "x"}')
    assert 400 <= reply.status < 500


def test_wrong_argument_has_a_hint(api: Api) -> None:
    reply = api.call("cortex_search", {"query": "coffee", "options": {"unknown_option": 1}})
    assert (reply.status, reply.body["code"]) == (400, "22023")
    assert reply.body["hint"]
    assert not reply.body["message"].startswith(("plpy", "datapunk:", "spiexceptions"))


@pytest.mark.parametrize(
    ("function", "arguments", "status", "code"),
    [
        ("forge_predict", {"model": "nothing", "features": {}}, 404, "DP020"),
        ("forge_wait", {"job_id": 99999}, 404, "P0002"),
        ("gaia_trace", {"answer_id": "00000000-0000-0000-0000-000000000000"}, 404, "P0002"),
        ("gaia_ask", {"question": ""}, 400, "22023"),
        ("lake_import", {"content": "\\x00", "filename": "x.zip"}, 400, "DP010"),
        ("forge_train", {"model": "m", "recipe": "nope", "dataset": "select 1"}, 400, "22023"),
    ],
)
def test_errors_have_the_status_that_fits(api: Api, function: str, arguments: Any, status: int, code: str) -> None:
    reply = api.call(function, arguments)
    assert (reply.status, reply.body["code"]) == (status, code), reply.text
