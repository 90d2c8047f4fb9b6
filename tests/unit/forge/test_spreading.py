"""The same results here and on a Ray cluster of two nodes."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datapunk.errors import NotReady
from datapunk_forge import regressor
from datapunk_forge.spreading import Here, OnRay, Spread, spread
from datapunk_forge.trained import Trained
from unit.forge.tabular.tables import OPTIONS, dataset, embed, number, silent, text

needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")
RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=300)
SHOP = np.array(["up", "down"])[RANDOM.integers(0, 2, 300)]
Y = np.where(SHOP == "up", 2.0, -2.0) * X + 0.1 * RANDOM.normal(size=300)
GROUPED = {"group": "shop", "group_models": True, "group_rows": 50}
SEARCHED = {"trials": 4, "trials_at_once": 2, "family": "linear"}


def train(**options: Any) -> Trained:
    given = dataset(number("x", X), text("shop", SHOP.tolist()), number("y", Y))
    return regressor.train(given, {**OPTIONS, "metric": "r2", **options}, silent, embed)


def check_order_and_news(where: Spread) -> None:
    told: list[tuple[int, int, int]] = []
    pieces = [(n, 2) for n in range(5)]
    assert where.run(lambda a, b: a * b, pieces, lambda *news: told.append(news)) == [0, 2, 4, 6, 8]
    assert [done for done, _, _ in told] == [1, 2, 3, 4, 5]
    assert sorted((place, gave) for _, place, gave in told) == [(n, 2 * n) for n in range(5)]


def test_pieces_run_here_in_order() -> None:
    check_order_and_news(Here())
    assert isinstance(spread({}), Here)


def test_trials_that_are_drawn_together_are_all_tried() -> None:
    tried = train(**SEARCHED).parameters["tried"]
    assert isinstance(tried, list)
    assert [t["folds"] for t in tried] == [3, 3, 3, 3]
    assert train(**SEARCHED).parameters["tried"] == tried


def test_without_ray_the_setting_is_an_error_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(NotReady) as caught:
        spread({"DATAPUNK_RAY": "auto"})
    assert "datapunk[ray]" in (caught.value.hint or "")


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """A cluster of two nodes on this machine."""
    from ray.cluster_utils import Cluster

    root = Path(__file__).resolve().parents[3]
    kept = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(str(root / p) for p in ("plpython", "forge", "workers", "tests"))
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    memory = {"num_cpus": 1, "object_store_memory": 100 * 1024 * 1024, "include_dashboard": False}
    made = Cluster(initialize_head=True, head_node_args=memory)
    made.add_node(num_cpus=1, object_store_memory=memory["object_store_memory"])
    yield made.address
    import ray

    ray.shutdown()
    made.shutdown()
    if kept is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = kept


@needs_ray
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_of_two_nodes_gives_the_same_as_this_process(
    cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    import ray

    where = OnRay(cluster)
    assert len([n for n in ray.nodes() if n["Alive"]]) == 2
    assert where.run(lambda a, b: a * b, [(n, 2) for n in range(5)]) == [0, 2, 4, 6, 8]
    with pytest.raises(ZeroDivisionError):
        where.run(lambda a: 1 // a, [(1,), (0,)])
    for options in (GROUPED, SEARCHED, {"family": "auto", **GROUPED}):
        monkeypatch.delenv("DATAPUNK_RAY", raising=False)
        local = train(**options)
        monkeypatch.setenv("DATAPUNK_RAY", cluster)
        remote = train(**options)
        assert (remote.metrics, remote.artifacts) == (local.metrics, local.artifacts)
        assert remote.parameters == local.parameters
