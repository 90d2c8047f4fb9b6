"""Which models SQL scores sooner than the model host."""

from typing import Any

from datapunk.forge.native import has_sql_form, is_quicker_in_sql


def tree(depth: int) -> dict[str, Any]:
    """A balanced tree."""
    inner = 2**depth - 1
    nodes = range(2 ** (depth + 1) - 1)
    return {
        "input": [0 for _ in nodes],
        "left": [2 * n + 1 if n < inner else -1 for n in nodes],
        "right": [2 * n + 2 if n < inner else -1 for n in nodes],
    }


def trees(count: int, depth: int) -> dict[str, Any]:
    return {"kind": "trees", "trees": [tree(depth)] * count}


def test_trees_count_by_the_comparisons_that_a_row_takes() -> None:
    assert is_quicker_in_sql(trees(10, 6), 2)
    assert not is_quicker_in_sql(trees(11, 6), 2)


def test_a_linear_model_takes_none() -> None:
    assert is_quicker_in_sql({"kind": "linear", "trees": []}, 0)


def test_of_models_by_group_the_slowest_counts() -> None:
    few, many = trees(1, 3), trees(100, 5)
    assert is_quicker_in_sql({"kind": "parts", "parts": [few, few], "other": few}, 2)
    assert not is_quicker_in_sql({"kind": "parts", "parts": [few, many], "other": few}, 2)


def test_many_labels_are_left_to_the_host() -> None:
    assert not is_quicker_in_sql({"kind": "linear", "trees": []}, 3)


def test_texts_and_vectors_have_no_form_in_sql() -> None:
    assert has_sql_form({"kind": "tabular", "features": [{"kind": "number"}, {"kind": "category"}]})
    assert not has_sql_form({"kind": "tabular", "features": [{"kind": "number"}, {"kind": "text"}]})
    assert not has_sql_form({"kind": "entities"})
