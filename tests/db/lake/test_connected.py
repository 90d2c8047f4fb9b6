import random

import pytest

from people_records import Connection


def components(nodes: range, edges: list[tuple[int, int]]) -> dict[int, int]:
    """The least node of each node's component, by union and find."""
    parent = list(nodes)

    def find(node: int) -> int:
        while parent[node] != node:
            node = parent[node]
        return node

    for left, right in edges:
        low, high = sorted((find(left), find(right)))
        parent[high] = low
    return {node: find(node) for node in nodes}


@pytest.mark.parametrize("edges", [0, 40, 90, 200])
def test_connected_components_are_those_of_the_graph(connection: Connection, edges: int) -> None:
    chance = random.Random(edges)
    nodes = range(150)
    pairs = [(chance.choice(nodes), chance.choice(nodes)) for _ in range(edges)]
    rows = connection.execute(
        "select node, component from lake.connected(%s::bigint[], %s::bigint[], %s::bigint[])",
        (list(nodes), [a for a, _ in pairs], [b for _, b in pairs]),
    ).fetchall()
    assert dict(rows) == components(nodes, pairs)


def test_a_long_path_in_any_order_is_one_component(connection: Connection) -> None:
    nodes = list(range(1, 2001))
    random.Random(1).shuffle(nodes)
    rows = connection.execute(
        "select count(distinct component), min(component), count(*)"
        " from lake.connected(%s::bigint[], %s::bigint[], %s::bigint[])",
        (nodes, nodes[:-1], nodes[1:]),
    ).fetchone()
    assert rows == (1, 1, 2000)
