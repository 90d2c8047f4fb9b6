"""What explanations read once, and keep for a session."""

from datapunk.forge.explaining import Learned, keep


class Trees:
    """A model of so many nodes."""

    outputs = 1

    def __init__(self, nodes: int) -> None:
        self.nodes = nodes


def test_a_session_keeps_so_many_nodes() -> None:
    kept: dict[tuple[str, int], Learned] = {}
    for version, nodes in enumerate([150_000, 100_000, 100_000, 200_000]):
        keep(kept, ("local", version), Learned(form=Trees(nodes), background=None))  # type: ignore[arg-type]
    assert [version for _, version in kept] == [1, 2, 3]


def test_a_session_keeps_so_many_versions() -> None:
    kept: dict[tuple[str, int], Learned] = {}
    for version in range(20):
        keep(kept, ("local", version), Learned(form=None, background=None))
    assert [version for _, version in kept] == list(range(4, 20))
