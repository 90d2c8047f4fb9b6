"""Every metric that a recipe gives is explained in docs/metrics.md."""

import ast
import re
from collections.abc import Iterator

import numpy as np
import pytest

from datapunk_forge import anomaly_detector, embedder, entity_recognizer, next_event
from datapunk_forge.embedder import Pairs
from datapunk_forge.trained import Metric
from harness import ROOT
from unit.forge.tabular.tables import dataset, embed, number, silent

MAKERS = {
    "Metric", "mean_metric", "share_metric", "gain_metric", "macro_f1_metric", "interval", "share", "_calibration",
}  # fmt: skip
DOCUMENTED = set(re.findall(r"`([^`]+)`", (ROOT / "docs" / "metrics.md").read_text()))


def explained(name: str) -> bool:
    return name in DOCUMENTED or name.removesuffix(" gain") in DOCUMENTED


def named_in_code() -> Iterator[str]:
    """Yield the names that are written where metrics are made; what is filled in stands as one or more letters."""
    for path in sorted((ROOT / "forge" / "datapunk_forge").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in MAKERS:
                continue
            given = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "name")]
            for name in given:
                if isinstance(name, ast.Constant) and isinstance(name.value, str):
                    yield re.escape(name.value)
                elif isinstance(name, ast.JoinedStr):
                    yield "".join(
                        re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+" for part in name.values
                    )


def test_names_in_the_code_are_explained() -> None:
    found = set(named_in_code())
    assert len(found) > 20
    known = DOCUMENTED | {f"{name} gain" for name in DOCUMENTED}
    unknown = [pattern for pattern in found if not any(re.fullmatch(pattern, name) for name in known)]
    assert unknown == []


def given() -> Iterator[Metric]:
    """Yield metrics whose names are put together."""
    for scores in (None, np.arange(10) / 9):
        pairs = Pairs(left=["a" * n for n in range(10)], right=["b" * n for n in range(10)], scores=scores)
        yield from embedder.evaluate(pairs, lambda t: embed(t, ""), lambda t: embed(t, ""), 0)
    spans = [{(0, 4, "person")}, set()]
    yield from entity_recognizer._metrics(spans, spans, spans, 0)
    yield from next_event.when_metrics(np.ones(3), np.ones(3), 1.0, 0)
    options = {"embedder": "letters", "test_size": 0.25, "seed": 0, "family": "ecod", "contamination": 0.06}
    values = number("x", np.random.default_rng(0).normal(size=80))
    yield from anomaly_detector.train(dataset(values), options, silent, embed).metrics
    odd = number("odd", np.arange(80) % 4 == 0, "bool")
    yield from anomaly_detector.train(dataset(values, odd), {**options, "target": "odd"}, silent, embed).metrics


def test_names_that_are_put_together_are_explained() -> None:
    found = {metric.name for metric in given()}
    assert {"spearman", "mrr@10", "f1", "when mae", "roc_auc", "roc_auc_shuffled"} <= found
    assert [name for name in sorted(found) if not explained(name)] == []


@pytest.mark.parametrize("name", ["selection_rate", "true_positive_rate", "false_positive_rate", "mean_error"])
def test_figures_of_parts_are_explained(name: str) -> None:
    assert explained(name)
