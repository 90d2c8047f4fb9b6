"""Categories with many values, in SQL."""

import json

import psycopg
import pytest

from harness import Database


def test_a_value_of_many_is_found_as_one_of_few(database: Database) -> None:
    values = [f"v{n}" for n in range(300)] + ["l'été", 'a "b" \\\\ c', "%s $1"]
    asked = ["v0", "v299", "l'été", 'a "b" \\\\ c', "%s $1", "V0", "", None]
    found = []
    with database.connect("postgres", owner="local") as root:
        for known in (values, values[:1] + values[299:]):
            row = root.execute(
                "select forge.matrix_expressions(%s, 'v.x', 'text')",
                (json.dumps({"kind": "category", "values": known}),),
            ).fetchone()
            assert row is not None
            statement = (
                f"select array_agg({row[0][0]} order by v.n) from unnest(%s::text[]) with ordinality as v (x, n)"
            )
            codes = root.execute(statement.replace("%s $1", "%%s $1").encode(), (asked,)).fetchone()
            assert codes is not None
            found.append([known[int(code)] if code >= 0 else code for code in codes[0]])
    assert found[0] == found[1] == [*asked[:5], -1, -1, -2]


def test_trees_that_would_list_too_many_values_have_no_expression(database: Database) -> None:
    inputs = [{"column": 0, "slope": 1, "offset": 0, "table": [[n, 0.5] for n in range(20_000)], "default": 0}]
    tree = {
        "input": [0, 0, 0], "threshold": [0.5, 0, 0], "left": [1, -1, -1], "right": [2, -1, -1],
        "missing_left": [True, False, False], "cover": [2, 1, 1], "value": [[0], [1], [2]],
    }  # fmt: skip
    native = {
        "kind": "trees", "inputs": inputs, "intercepts": [0], "coefficients": [], "trees": [tree] * 20,
        "link": "identity",
    }  # fmt: skip
    with database.connect("postgres", owner="local") as root:
        with pytest.raises(psycopg.errors.InvalidParameterValue, match="800000 values") as caught:
            root.execute("select forge.native_sql(%s, array['1'])", (json.dumps(native),))
        assert "forge_score" in (caught.value.diag.message_hint or "")
