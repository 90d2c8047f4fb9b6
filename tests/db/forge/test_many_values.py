"""Categories with many values, in SQL."""

import json

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


def test_trees_list_the_values_of_a_category_once(database: Database) -> None:
    inputs = [{"column": 0, "slope": 1, "offset": 0, "table": [[n, 0.5] for n in range(20_000)], "default": 0}]
    tree = {
        "input": [0, 0, 0], "threshold": [0.5, 0, 0], "left": [1, -1, -1], "right": [2, -1, -1],
        "missing_left": [True, False, False], "cover": [2, 1, 1], "value": [[0], [1], [2]],
    }  # fmt: skip
    lengths = []
    with database.connect("postgres", owner="local") as root:
        for count in (1, 20):
            native = {
                "kind": "trees", "inputs": inputs, "intercepts": [0], "coefficients": [], "trees": [tree] * count,
                "link": "identity",
            }  # fmt: skip
            row = root.execute("select length(forge.compiled_body(%s, array['$1']))", (json.dumps(native),)).fetchone()
            assert row is not None
            lengths.append(row[0])
    assert lengths[0] > 20_000
    assert lengths[1] - lengths[0] < 19 * 200
