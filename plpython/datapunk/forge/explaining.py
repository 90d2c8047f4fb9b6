"""Why a model gives what it gives for one row: contributions of the features, in the unit of the model's raw output."""

import itertools
import json
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datapunk.errors import InvalidArgument
from datapunk.forge.features import Feature, encode_value
from datapunk.forge.predict import Inference, Served, unpacked
from datapunk.forge.shap import Explained, Form, Linear, Matrix, checked_rows, sampled_shap

BASE = "(base)"
# A word with the space behind it, so that all of them together are the text.
_WORD = re.compile(r"\S+\s*")
# A longer text is explained by so many runs of words.
_MOST_RUNS = 40
# With fewer rows of a group than this, all groups' rows are what a row is compared with.
_FEW_ROWS = 10
# What a session keeps: versions, and nodes of their trees, of some 60 bytes each.
_KEPT_VERSIONS, _KEPT_NODES = 16, 400_000
Contribution = tuple[str, str | None, float]


@dataclass(frozen=True, kw_only=True)
class Explainer:
    """What an explanation needs: the version, how it is asked, and what training left for it."""

    client: Inference
    served: Served
    sha256: str
    learned: "Learned"
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
        form = self.learned.form_of(row)
        found = self._sampled(features, row, output) if form is None else self._exact(form, row, output)
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

    def _exact(self, form: Form, row: Sequence[float], output: int | None) -> Explained:
        if form.outputs == 1 and self.served.signature.get("labels"):
            # One raw output stands for two labels: the log-odds of the second.
            (found,) = form.explain(row, [0])
            total = found.base + sum(found.contributions)
            sign = 1.0 if (output == 1 or (output is None and total > 0)) else -1.0
            return Explained(base=sign * found.base, contributions=[sign * c for c in found.contributions])
        every = form.explain(row, range(form.outputs) if output is None else [output])
        return max(every, key=lambda e: e.base + sum(e.contributions))

    def _sampled(self, features: Sequence[Feature], row: Sequence[float], output: int | None) -> Explained:
        background = checked_rows(self.learned.background)
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
        """Words, or runs of them, are the features of a text; without any the text is empty, and its vector zero."""
        features = self.served.features
        runs = word_runs(text)

        def embedded(texts: Sequence[str]) -> list[list[float]]:
            present = list(dict.fromkeys(t for t in texts if t))
            vectors: dict[str, Sequence[float]] = {}

            def embed(given: Sequence[str], _: str) -> list[Sequence[float]]:
                return [vectors[t] for t in given]

            model = next((str(f.embedder) for f in features if f.kind == "text"), None)
            if model is not None:
                vectors.update(zip(present, unpacked(self.client.embed(present, model)), strict=True))
            return [[number for f in features for number in encode_value(f, t, embed)] for t in texts]

        chosen = self._predicted(embedded([text])) if output is None else output

        def value_of(masks: Sequence[Sequence[bool]]) -> list[float]:
            texts = ["".join(r.text for r, known in zip(runs, mask, strict=True) if known) for mask in masks]
            distinct = list(dict.fromkeys(texts))
            values = dict(zip(distinct, self._values(embedded(distinct), chosen), strict=True))
            return [values[t] for t in texts]

        found = sampled_shap(len(runs), value_of, max(self.samples // 4, 1), self.seed)
        yield BASE, None, found.base
        for run, contribution in sorted(zip(runs, found.contributions, strict=True), key=lambda pair: -abs(pair[1])):
            yield f"{features[0].name}[{run.place}]", run.text.strip(), contribution

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


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Models for one group each, told by a code in a column of the matrix; `other` answers for the rest."""

    column: int
    codes: Sequence[float]
    parts: Sequence[Form]
    other: Form


@dataclass(frozen=True, kw_only=True)
class Learned:
    """What a training left for explanations, read once for any number of rows.

    `form` is None where the model has no native form, `background` some rows of its matrix, None where none were kept.
    """

    form: Form | Parts | None
    background: Matrix | None

    @classmethod
    def read(cls, native: bytes | None, background: bytes | None, width: int) -> "Learned":
        """Read the artefacts native.json and background.f4; rows of the matrix have `width` columns."""
        rows = None if background is None else background_rows(background, width)
        return cls(form=None if native is None else _form(json.loads(native), rows), background=rows)

    @property
    def nodes(self) -> int:
        """How many nodes of trees there are."""
        if isinstance(self.form, Parts):
            return sum(form.nodes for form in (*self.form.parts, self.form.other))
        return self.form.nodes if self.form else 0

    def form_of(self, row: Sequence[float]) -> Form | None:
        """Return the model that answers for a row, None where it has no native form."""
        if not isinstance(self.form, Parts):
            return self.form
        code = row[self.form.column]
        return self.form.parts[self.form.codes.index(code)] if code in self.form.codes else self.form.other


def keep(kept: dict[tuple[str, int], Learned], identity: tuple[str, int], learned: Learned) -> None:
    """Add what was read of a version to what a session keeps; what came first goes where that is too much."""
    while kept and (len(kept) >= _KEPT_VERSIONS or sum(k.nodes for k in kept.values()) + learned.nodes > _KEPT_NODES):
        del kept[next(iter(kept))]
    kept[identity] = learned


def _form(native: Mapping[str, Any], rows: Matrix | None) -> Form | Parts:
    if native["kind"] == "parts":
        column, codes = native["column"], native["codes"]
        return Parts(
            column=column,
            codes=codes,
            parts=[_plain_form(p, _of_group(rows, column, c)) for c, p in zip(codes, native["parts"], strict=True)],
            other=_plain_form(native["other"], rows),
        )
    return _plain_form(native, rows)


def _plain_form(native: Mapping[str, Any], rows: Matrix | None) -> Form:
    if native["kind"] == "trees":
        # Loads numpy.
        from datapunk.forge.forest import Forest

        return Forest(native)
    return Linear(native, rows)


def _of_group(rows: Matrix | None, column: int, code: float) -> Matrix | None:
    """Return the rows that a group is compared with."""
    own = [row for row in rows or () if row[column] == code]
    return rows if len(own) < _FEW_ROWS else own


@dataclass(frozen=True, kw_only=True)
class Run:
    """Words of a text that stand together; `place` is the number of the word, or those of the first and the last."""

    place: str
    text: str


def word_runs(text: str) -> list[Run]:
    """Return the words of a text one by one, or as runs of nearly the same length where there are too many."""
    words = _WORD.findall(text)
    count = min(len(words), _MOST_RUNS)
    ends = [len(words) * (number + 1) // count for number in range(count)]
    return [
        Run(place=str(end) if end - start == 1 else f"{start + 1}:{end}", text="".join(words[start:end]))
        for start, end in itertools.pairwise([0, *ends])
    ]


def background_rows(content: bytes, width: int) -> list[list[float]]:
    """Return the rows of the artefact background.f4."""
    numbers = struct.unpack(f"<{len(content) // 4}f", content)
    return [list(numbers[start : start + width]) for start in range(0, len(numbers), width)]


def _shown(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)
