"""Why a model gives what it gives for one row: contributions of the features, in the unit of the model's raw output."""

import json
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from datapunk.errors import InvalidArgument
from datapunk.forge.features import Feature, encode_value
from datapunk.forge.predict import Inference, Served, unpacked
from datapunk.forge.shap import Explained, linear_shap, sampled_shap, tree_shap

BASE = "(base)"
_WORD = re.compile(r"\S+")
_MOST_WORDS = 40
# With fewer rows of a group than this, all groups' rows are what a row is compared with.
_FEW_ROWS = 10
Contribution = tuple[str, str | None, float]


@dataclass(frozen=True, kw_only=True)
class Explainer:
    """What an explanation needs: the version, how it is asked, and what training left for it.

    `native` is its native form and `background` some rows of its matrix, None where there is no such artefact.
    """

    client: Inference
    served: Served
    sha256: str
    native: Mapping[str, Any] | None
    background: Sequence[Sequence[float]] | None
    samples: int
    seed: int

    def explain(self, given: Mapping[str, Any], label: str | None) -> Iterator[Contribution]:
        """Yield the base and then each feature with its value, the largest contribution first.

        They sum to the raw output: log-odds where the model has a logistic or softmax link, else probability or value.
        Raises InvalidArgument for features that don't fit and an unknown label.
        """
        features = self.served.features
        row = self.served.checked_row(self.client, given)
        given = dict(self.served.assumed(given))
        output = self._output(label)
        if {f.kind for f in features} <= {"text", "wording"} and len({f.name for f in features}) == 1:
            yield from self._by_word(str(given[features[0].name]), output)
            return
        found = self._exact(row, output) if self.native is not None else self._sampled(features, row, output)
        yield BASE, None, found.base
        rows = [(f.name, _shown(given.get(f.name)), sum(found.contributions[f.column : f.column + f.width]))
                for f in features]  # fmt: skip
        yield from sorted(rows, key=lambda entry: -abs(entry[2]))

    def _output(self, label: str | None) -> int | None:
        """Return the number of the label, None for the predicted one."""
        labels = self.served.signature.get("labels")
        if label is None:
            return None if labels else 0
        if not labels or label not in labels:
            raise InvalidArgument(f"the model has no label {label!r}", hint=f"Labels: {', '.join(labels or ['none'])}.")
        return int(labels.index(label))

    def _exact(self, row: Sequence[float], output: int | None) -> Explained:
        assert self.native is not None
        if self.native["kind"] == "parts":
            return self._part(row)._exact(row, output)
        outputs = len(self.native["intercepts"])
        if outputs == 1 and self.served.signature.get("labels"):
            # One raw output stands for two labels: the log-odds of the second.
            found = self._exact_output(row, 0)
            total = found.base + sum(found.contributions)
            sign = 1.0 if (output == 1 or (output is None and total > 0)) else -1.0
            return Explained(base=sign * found.base, contributions=[sign * c for c in found.contributions])
        if output is not None:
            return self._exact_output(row, output)
        every = [self._exact_output(row, number) for number in range(outputs)]
        return max(every, key=lambda e: e.base + sum(e.contributions))

    def _part(self, row: Sequence[float]) -> "Explainer":
        """Return an explainer of the model that answers for the row's group, compared with rows of that group."""
        assert self.native is not None
        column, codes = self.native["column"], self.native["codes"]
        number = codes.index(row[column]) if row[column] in codes else None
        if number is None:
            return replace(self, native=self.native["other"])
        own = [other for other in self._rows() if other[column] == row[column]]
        few = len(own) < _FEW_ROWS
        return replace(self, native=self.native["parts"][number], background=self.background if few else own)

    def _exact_output(self, row: Sequence[float], output: int) -> Explained:
        assert self.native is not None
        if self.native["kind"] == "trees":
            return tree_shap(self.native, output, row)
        return linear_shap(self.native, output, row, self._rows())

    def _rows(self) -> Sequence[Sequence[float]]:
        if not self.background:
            raise InvalidArgument(
                "the version has no background rows to compare with",
                hint="Train it again with this version of Datapunk.",
            )
        return self.background

    def _sampled(self, features: Sequence[Feature], row: Sequence[float], output: int | None) -> Explained:
        background = self._rows()
        chosen = self._predicted([row]) if output is None else output
        owner = [number for number, f in enumerate(features) for _ in range(f.width)]

        def value_of(masks: Sequence[Sequence[bool]]) -> list[float]:
            steps = len(features) + 1
            rows = []
            for number, mask in enumerate(masks):
                other = background[number // steps % len(background)]
                rows.append([row[c] if mask[o] else other[c] for c, o in enumerate(owner)])
            return self._values(rows, chosen)

        found = sampled_shap(len(features), value_of, self.samples, self.seed)
        by_column = [0.0] * len(row)
        for feature, contribution in zip(features, found.contributions, strict=True):
            by_column[feature.column] = contribution
        return Explained(base=found.base, contributions=by_column)

    def _by_word(self, text: str, output: int | None) -> Iterator[Contribution]:
        """Words are the features of a text; without any the text is empty, and its vector zero."""
        features = self.served.features
        words = _WORD.findall(text)[:_MOST_WORDS]

        def embedded(texts: Sequence[str]) -> list[list[float]]:
            present = list(dict.fromkeys(t for t in texts if t))
            vectors: dict[str, Sequence[float]] = {}

            def embed(given: Sequence[str], _: str) -> list[Sequence[float]]:
                return [vectors[t] for t in given]

            model = next((str(f.embedder) for f in features if f.kind == "text"), None)
            if model is not None:
                vectors.update(zip(present, unpacked(self.client.embed(present, model)), strict=True))
            return [[number for f in features for number in encode_value(f, t, embed)] for t in texts]

        chosen = self._predicted(embedded([" ".join(words)])) if output is None else output

        def value_of(masks: Sequence[Sequence[bool]]) -> list[float]:
            texts = [" ".join(w for w, known in zip(words, mask, strict=True) if known) for mask in masks]
            distinct = list(dict.fromkeys(texts))
            values = dict(zip(distinct, self._values(embedded(distinct), chosen), strict=True))
            return [values[t] for t in texts]

        found = sampled_shap(len(words), value_of, max(self.samples // 4, 1), self.seed)
        yield BASE, None, found.base
        rows = list(zip(range(1, len(words) + 1), words, found.contributions, strict=True))
        for number, word, contribution in sorted(rows, key=lambda entry: -abs(entry[2])):
            yield f"{features[0].name}[{number}]", word, contribution

    def _values(self, rows: Sequence[Sequence[float]], output: int) -> list[float]:
        signature = self.served.signature
        found = self.client.predict(self.sha256, {signature["input"]: rows})[signature["output"]]
        return [float(entry[output]) for entry in found]

    def _predicted(self, rows: Sequence[Sequence[float]]) -> int:
        signature = self.served.signature
        (found,) = self.client.predict(self.sha256, {signature["input"]: rows})[signature["output"]]
        # Of clusters the nearest is predicted.
        best = min if signature["output"] == "distances" else max
        return best(range(len(found)), key=lambda number: found[number])


def background_rows(content: bytes, width: int) -> list[list[float]]:
    """Return the rows of the artefact background.f4."""
    numbers = struct.unpack(f"<{len(content) // 4}f", content)
    return [list(numbers[start : start + width]) for start in range(0, len(numbers), width)]


def _shown(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)
