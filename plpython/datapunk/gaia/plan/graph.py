"""The order of steps: strongly connected components (Tarjan 1972), each after those that it needs. Pure."""

from collections.abc import Mapping


def components(needs: Mapping[str, frozenset[str]]) -> tuple[tuple[str, ...], ...]:
    """Return the groups of steps that need each other, in an order in which each may run; ties as given."""
    places = {name: place for place, name in enumerate(needs)}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[tuple[str, ...]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for need in sorted(needs[name], key=places.__getitem__):
            if need not in index:
                visit(need)
                low[name] = min(low[name], low[need])
            elif need in stack:
                low[name] = min(low[name], index[need])
        if low[name] == index[name]:
            cut = stack.index(name)
            # Within a cycle the steps run in the order in which they are written.
            found.append(tuple(sorted(stack[cut:], key=places.__getitem__)))
            del stack[cut:]

    for name in needs:
        if name not in index:
            visit(name)
    return tuple(found)
