"""Native forms as backends read them: what a model costs as an expression of SQL."""

from collections.abc import Mapping
from typing import Any

# Comparisons of trees in one row: beyond these the model host is quicker, even though rows have to get there.
_COMPARISONS = 60
# A form of few comparisons is small; a larger one is not worth reading.
NATIVE_BYTES = 200_000
_ENCODED_BY_SQL = ("number", "boolean", "category", "time")


def has_sql_form(signature: Mapping[str, Any]) -> bool:
    """Whether SQL alone makes the model's matrix of a row."""
    return signature.get("kind") == "tabular" and all(f["kind"] in _ENCODED_BY_SQL for f in signature["features"])


def is_quicker_in_sql(native: Mapping[str, Any], labels: int) -> bool:
    """Whether SQL scores rows by this form sooner than the model host does.

    Measured on a busy machine: one comparison of a tree takes some 24 ns of the processor a row. Five boosted trees (27
    comparisons) were quicker in SQL, ten (55) about as quick, 25 took more than twice as long as by the host. The
    probabilities of more than two labels are an array for each row, which takes longer than that.
    """
    return labels <= 2 and _comparisons(native) <= _COMPARISONS


def _comparisons(native: Mapping[str, Any]) -> float:
    """Return how many comparisons of trees a row takes, were all leaves alike; a category's value is found at once."""
    if native["kind"] == "parts":
        return max(map(_comparisons, (*native["parts"], native["other"])))
    return sum(map(_mean_depth, native["trees"]))


def _mean_depth(tree: Mapping[str, Any]) -> float:
    left, right = tree["left"], tree["right"]
    depths, found = [(0, 0)], []
    while depths:
        node, depth = depths.pop()
        if left[node] < 0:
            found.append(depth)
        else:
            depths += [(left[node], depth + 1), (right[node], depth + 1)]
    return sum(found) / len(found)
