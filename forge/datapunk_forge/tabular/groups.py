"""A model for each group beside one for all rows, which answers for groups that are small or were never seen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from datapunk.errors import DatasetUnusable
from datapunk.forge.features import Feature
from datapunk_forge.export.estimator import OUTPUT, VALUE, pipeline_to_onnx
from datapunk_forge.export.parts import as_one
from datapunk_forge.spreading import Spread
from datapunk_forge.tabular.encoding import Matrix
from datapunk_forge.tabular.search import Found
from datapunk_forge.trained import Floats, GraphParts

Numbers = NDArray[np.int64]
# The commonest ones; each costs a training, and a moment at each prediction.
_MOST_GROUPS = 200
_MIN_OF_A_LABEL = 5
Search = Callable[[Numbers, float], Found]
Fit = Callable[[Found, Numbers], Pipeline]
Predict = Callable[[Pipeline, Matrix], Floats]


@dataclass(frozen=True, kw_only=True)
class Part:
    """A group's model; `rows` is how many it learned from."""

    group: str
    code: float
    found: Found
    fitted: Pipeline
    rows: int


@dataclass(frozen=True, kw_only=True)
class GroupModels:
    """The models of all groups that have one; `column` of the matrix holds the group's code."""

    column: int
    parts: tuple[Part, ...]

    def predict(self, other: Pipeline, matrix: Matrix, predict: Predict) -> Floats:
        """Return what each row's own model says, and for the rest what `other` does."""
        codes = matrix[:, self.column]
        found = predict(other, matrix)
        for part in self.parts:
            rows = np.flatnonzero(codes == part.code)
            if len(rows):
                found[rows] = predict(part.fitted, matrix[rows])
        return found

    def graphs(self, other: bytes, width: int, labels: int) -> tuple[bytes, GraphParts]:
        """Return one graph of all models, and the graphs that it is made of."""
        made = GraphParts(
            column=self.column, codes=tuple(p.code for p in self.parts),
            graphs=tuple(pipeline_to_onnx(p.fitted, width, labels=labels) for p in self.parts), other=other,
        )  # fmt: skip
        return as_one(made, OUTPUT if labels else VALUE, width, max(labels, 1)), made

    def parameters(self) -> dict[str, Any]:
        """Return how each part was made."""
        return {
            p.group: {"family": p.found.family, "family_parameters": dict(p.found.parameters), "rows_learned": p.rows}
            for p in self.parts
        }


def fit_groups(
    features: tuple[Feature, ...], matrix: Matrix, truth: NDArray[Any], rows: Numbers, labels: int,
    options: Mapping[str, object], search: Search, fit: Fit, progress: Callable[[int, int], None], where: Spread,
    seconds: float,
) -> GroupModels:  # fmt: skip
    """Return a model for each group with enough of `rows`, of each label too. Raises DatasetUnusable.

    `seconds` is what the searches of all groups may take, one after the other.
    """
    feature = next((f for f in features if f.name == options["group"]), None)
    if feature is None:
        raise DatasetUnusable(
            f"column {options['group']!r} tells no groups apart: it has one value, or another one in each row",
            hint="Name another column as group, or leave group_models out.",
        )
    codes = matrix[:, feature.column]
    least = int(str(options["group_rows"]))
    chosen = []
    for place, name in enumerate(feature.values[:_MOST_GROUPS]):
        own = rows[codes[rows] == place]
        rarest = int(np.bincount(truth[own], minlength=labels).min()) if labels else len(own)
        if len(own) >= least and rarest >= (_MIN_OF_A_LABEL if labels else least):
            chosen.append((name, float(place), own))
    if not chosen:
        raise DatasetUnusable(
            f"no group of {options['group']!r} has {least} rows to learn from"
            + (", some of each label" if labels else ""),
            hint="Lower group_rows, or leave group_models out.",
        )
    each = seconds / len(chosen)

    def learned(name: str, code: float, own: Numbers) -> Part:
        found = search(own, each)
        return Part(group=name, code=code, found=found, fitted=fit(found, own), rows=len(own))

    parts = where.run(learned, chosen, lambda done, *_: progress(done, len(chosen)))
    return GroupModels(column=feature.column, parts=tuple(parts))
