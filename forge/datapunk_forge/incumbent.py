"""The version that answers now, as the training of the next one asks it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datapunk.forge.features import read_features
from datapunk_forge.export.session import open_session
from datapunk_forge.learned_rows import LEARNED_ROWS, LearnedRows
from datapunk_forge.tabular.encoding import encode
from datapunk_forge.trained import Dataset, Embed, Floats, ForecastRows, RecommenderRows

Numbers = NDArray[np.int64]
_BATCH = 20_000


@dataclass(frozen=True, kw_only=True)
class Incumbent:
    """The version that answers now; `files` are further artefacts, by name, `rows` what it is where it has no graph."""

    version_id: int
    signature: Mapping[str, Any]
    graph: bytes = b""
    files: Mapping[str, bytes] = field(default_factory=dict)
    rows: RecommenderRows | ForecastRows | None = None

    def of_rows(self, rows: Dataset, embed: Embed) -> Floats | None:
        """Return what it says of rows, (rows, outputs); None where it takes none, or columns that they lack."""
        if self.signature.get("kind") != "tabular" or not self.graph:
            return None
        features = read_features(self.signature)
        if not {f.name for f in features} <= {c.name for c in rows.columns}:
            return None
        return self.asked(encode(rows.as_given(), features, embed))

    def unseen(self, dataset: Dataset, held: Numbers) -> NDArray[np.bool_] | None:
        """Tell of each of the `held` rows of a dataset whether it has not learned from it.

        None where the dataset lacks columns. A version of before such digests were kept says that it knows none.
        """
        features = read_features(self.signature)
        if not {f.name for f in features} <= {c.name for c in dataset.columns}:
            return None
        if not self.keeps_rows:
            return np.ones(len(held), dtype=np.bool_)
        target = self.signature.get("target")
        return LearnedRows.from_bytes(self.files[LEARNED_ROWS]).unseen(
            dataset, features, dataset.column(str(target["name"])) if target else None, held,
            labelled=self.signature.get("task") == "classification",
        )  # fmt: skip

    @property
    def keeps_rows(self) -> bool:
        """Whether it says which rows it has learned from."""
        return LEARNED_ROWS in self.files

    def asked(self, matrix: NDArray[np.float32]) -> Floats:
        """Return what its graph makes of rows as that takes them."""
        session = open_session(self.graph)
        output, entry = str(self.signature["output"]), session.get_inputs()[0].name
        parts = [
            session.run([output], {entry: matrix[start : start + _BATCH]})[0] for start in range(0, len(matrix), _BATCH)
        ]
        return np.concatenate(parts).astype(np.float64)


def relabelled(predicted: Floats, labels: Sequence[str], wanted: Sequence[str]) -> Floats:
    """Return the columns in the order of other labels; one that the model does not know has probability 0."""
    place = {label: number for number, label in enumerate(labels)}
    found = np.zeros((len(predicted), len(wanted)))
    for number, label in enumerate(wanted):
        if label in place:
            found[:, number] = predicted[:, place[label]]
    return found
