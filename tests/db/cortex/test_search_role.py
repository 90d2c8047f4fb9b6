"""Searches by meaning with the rights of people who come over HTTP."""

from typing import Any

import psycopg
import pytest

ASKED = "api.cortex_embed('tide')"
UNFILTERED = "null, null, null, null, null"


@pytest.mark.parametrize("call", [
    f"cortex.semantic_ranking({ASKED}::text, 3, false, null, {UNFILTERED})",
    f"cortex.semantic_ranking({ASKED}::text, 3, false, null, array['note'], null, null, null, null)",
    f"cortex.indexed_ranking_of_many({ASKED}::public.halfvec, 1, 384, 3, {UNFILTERED})",
])  # fmt: skip
def test_an_owner_ranks_by_meaning_with_the_role_of_http(connection: psycopg.Connection[Any], call: str) -> None:
    connection.execute("set local role datapunk_user")
    assert connection.execute(f"select * from {call}").fetchall() == []
