"""Reading trees out of the attributes of a tree ensemble's node."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from datapunk_forge.export.native import NotNative, Tree

_LARGEST = float(np.finfo(np.float32).max)


def read_trees(a: Mapping[str, Any], leaf: Sequence[Any], targets: int) -> tuple[Tree, ...]:
    """Return the trees; `leaf` holds tree, node, output and weight of each leaf. Raises NotNative."""
    count = len(a["nodes_treeids"])
    if set(a["nodes_modes"]) - {b"BRANCH_LEQ", b"LEAF"}:
        raise NotNative("a branch that is not <=")
    place: dict[tuple[int, int], int] = {}
    members: dict[int, list[int]] = {}
    for number in range(count):
        tree = a["nodes_treeids"][number]
        place[tree, a["nodes_nodeids"][number]] = len(members.setdefault(tree, []))
        members[tree].append(number)
    weights: dict[tuple[int, int], list[float]] = {}
    for tree, node, target, weight in zip(*leaf, strict=True):
        weights.setdefault((tree, node), [0.0] * targets)[target] += weight
    tracks = a.get("nodes_missing_value_tracks_true") or [0] * count
    covers = a.get("nodes_hitrates") or [0.0] * count
    found = []
    for tree, nodes in members.items():
        inner = [a["nodes_modes"][n] != b"LEAF" for n in nodes]
        found.append(
            Tree(
                input=[int(a["nodes_featureids"][n]) for n in nodes],
                # A split of what is missing from the rest has an infinite threshold.
                threshold=[max(min(float(a["nodes_values"][n]), _LARGEST), -_LARGEST) for n in nodes],
                left=[place[tree, a["nodes_truenodeids"][n]] if i else -1 for n, i in zip(nodes, inner, strict=True)],
                right=[place[tree, a["nodes_falsenodeids"][n]] if i else -1 for n, i in zip(nodes, inner, strict=True)],
                missing_left=[bool(tracks[n]) for n in nodes],
                cover=[float(covers[n]) for n in nodes],
                value=[weights.get((tree, a["nodes_nodeids"][n]), [0.0] * targets) for n in nodes],
            )
        )
    return tuple(found)
