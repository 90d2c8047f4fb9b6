"""The recipe `text_classifier`: logistic regression on meaning and wording of texts, served as an ONNX graph.

Meaning is a sentence embedding, wording the TF-IDF of words, pairs of words and runs of characters.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from datapunk.errors import DatasetUnusable
from datapunk_forge.evaluation import gain_metric, macro_f1, macro_f1_gain, macro_f1_metric, share_metric
from datapunk_forge.export.estimator import INPUT, OUTPUT
from datapunk_forge.export.texts import check_text_graph
from datapunk_forge.learned_texts import LEARNED, digest, packed
from datapunk_forge.tabular.measures import calibration_bins
from datapunk_forge.text_head import Head, Wording
from datapunk_forge.trained import Dataset, Embed, Floats, HeldOut, Metric, Progress, Trained

_BATCH = 256
_MIN_ROWS = 20
_CHECKED = 2000
_MAX_LABELS = 200
_STRENGTHS = (1.0, 3.0, 10.0, 30.0)
Numbers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Examples:
    """Texts with the number of their label and of the row where each is first.

    Duplicates of a text are merged, so that none is on both sides; of those that have several labels (`conflicting`
    texts) the first counts. `given` has them without masks.
    """

    texts: list[str]
    labels: tuple[str, ...]
    label: Numbers
    rows: Numbers
    skipped: int
    given: list[str]
    conflicting: int


def train(dataset: Dataset, options: Mapping[str, object], progress: Progress, embed: Embed) -> Trained:
    """Train on the columns text and label. Raises DatasetUnusable."""
    seed = int(str(options["seed"]))
    examples = read_examples(dataset, str(options["text"]), str(options["target"]))
    learn, held = split_examples(examples, options, seed)
    # What is measured is what is served: held-out texts are judged without their masks, and learned from with them.
    masked = np.array([row for row in held.tolist() if examples.given[row] != examples.texts[row]], dtype=np.int64)
    served = held.copy()
    served[np.searchsorted(held, masked)] = len(examples.texts) + np.arange(len(masked))
    texts = [*examples.texts, *(examples.given[row] for row in masked.tolist())]
    vectors = embedded(texts, str(options["embedder"]), embed, progress)
    balanced = bool(options.get("balanced"))
    labels = len(examples.labels)
    wording = Wording.of(texts if options.get("wording", True) else [""] * len(texts), labels)

    def fitted(rows: Numbers, strength: float) -> Head:
        return Head.fitted(vectors, wording, examples.label, rows, strength, balanced=balanced, seed=seed)

    def probabilities(head: Head, rows: Numbers) -> Floats:
        return head.probabilities(vectors, wording, rows, labels)

    judged = "macro_f1" if balanced else "accuracy"
    strength, tried = _strength(fitted, probabilities, examples.label, learn, judged, seed, progress)
    progress(0.8, "evaluating")
    predicted = probabilities(fitted(learn, strength), served)
    metrics = _evaluate(predicted.argmax(axis=1), examples, learn, held, seed)
    progress(0.9, "training on all rows", **{m.name: m.value for m in metrics if m.scored == "model"})
    everything = fitted(np.arange(len(examples.texts)), strength)
    graph = everything.graph(wording)
    checked = served[:_CHECKED]
    given = np.hstack([vectors[checked], wording.padded(checked)])
    difference = check_text_graph(graph, probabilities(everything, checked), given)
    return Trained(
        metrics=metrics,
        primary_metric=judged,
        parameters={
            **options, "C": strength, "tried": tried, "rows_skipped": examples.skipped,
            "texts_with_several_labels": examples.conflicting, "texts": len(examples.texts),
            "onnx_difference": difference,
        },
        signature={
            "features": ["text"], "embedder": options["embedder"], "input": INPUT, "output": OUTPUT,
            "dimensions": vectors.shape[1], "wording": {"buckets": wording.buckets, "terms": wording.terms},
            "labels": list(examples.labels),
        },
        artifacts={
            "model.onnx": graph, "plots.json": json.dumps(_plots(predicted, examples, held, tried)).encode(),
            LEARNED: packed(map(digest, examples.texts)),
        },
        held_out=HeldOut(rows=examples.rows[held], truth=examples.label[held].astype(np.float64), predicted=predicted),
        libraries={name: version(name) for name in ("scikit-learn", "scipy", "onnx", "onnxruntime", "numpy")},
    )  # fmt: skip


def _plots(predicted: Floats, examples: Examples, held: Numbers, tried: Mapping[str, float]) -> dict[str, object]:
    truth, count = examples.label[held], len(examples.labels)
    confusion = np.bincount(truth * count + predicted.argmax(axis=1), minlength=count**2).reshape(count, count)
    return {"calibration": calibration_bins(truth, predicted), "confusion": confusion.tolist(), "search": tried}


def held_out(dataset: Dataset, options: Mapping[str, object]) -> tuple[Examples, Numbers]:
    """Return the examples and the numbers of those that a training with these options holds out."""
    examples = read_examples(dataset, str(options["text"]), str(options["target"]))
    return examples, split_examples(examples, options, int(str(options["seed"])))[1]


def read_examples(dataset: Dataset, text_name: str, label_name: str) -> Examples:
    """Read texts and labels. Raises DatasetUnusable, which names the column and why."""
    text, label = dataset.column(text_name), dataset.column(label_name)
    if text is None or text.kind != "text":
        raise DatasetUnusable(f"column {text_name!r} is missing or holds no text", hint="Option text names the column.")
    if label is None:
        raise DatasetUnusable(f"column {label_name!r} is missing", hint="Option target names the column.")
    given = text.as_given().values
    seen: dict[str, str] = {}
    rows: list[int] = []
    conflicting: set[str] = set()
    for row, (body, value) in enumerate(zip(text.values, label.values, strict=True)):
        if body is None or not body.strip() or not (name := _label_name(value)):
            continue
        if body not in seen:
            seen[body] = name
            rows.append(row)
        elif seen[body] != name:
            conflicting.add(body)
    labels = tuple(sorted(set(seen.values())))
    if len(labels) < 2 and conflicting:
        raise DatasetUnusable(
            f"{len(conflicting)} of {len(seen)} different texts have different labels in {label_name!r},"
            " and the first of each are all the same",
            hint="Give each text one label; the text must tell the labels apart.",
        )
    if len(labels) < 2 or len(labels) > _MAX_LABELS:
        raise DatasetUnusable(
            f"column {label_name!r} has {len(labels)} distinct values",
            hint=f"A classifier needs 2 to {_MAX_LABELS} labels.",
        )
    number = {name: i for i, name in enumerate(labels)}
    coded = np.array([number[value] for value in seen.values()], dtype=np.int64)
    rare = labels[int(np.bincount(coded).argmin())]
    if len(seen) < _MIN_ROWS or np.bincount(coded).min() < 2:
        raise DatasetUnusable(
            f"there are {len(seen)} different texts, and {int(np.bincount(coded).min())} of the label {rare!r}",
            hint=f"Give at least {_MIN_ROWS} texts, and 2 of each label.",
        )
    return Examples(
        texts=list(seen), labels=labels, label=coded, rows=np.array(rows), skipped=dataset.row_count - len(seen),
        given=[given[row] for row in rows], conflicting=len(conflicting),
    )  # fmt: skip


def _label_name(value: object) -> str | None:
    if isinstance(value, float):
        return None if np.isnan(value) else f"{value:.17g}"
    return str(value) if value is not None else None


def embedded(texts: list[str], embedder: str, embed: Embed, progress: Progress) -> NDArray[np.float32]:
    """Return the vectors of texts, embedded in batches."""
    parts = []
    for start in range(0, len(texts), _BATCH):
        parts.append(embed(texts[start : start + _BATCH], embedder))
        progress(0.05 + 0.6 * min(start + _BATCH, len(texts)) / len(texts), "embedding")
    return np.concatenate(parts)


def split_examples(examples: Examples, options: Mapping[str, object], seed: int) -> tuple[Numbers, Numbers]:
    """Return rows to learn from and rows held out: the last ones (`time`: in the query's order), or stratified."""
    rows = np.arange(len(examples.texts))
    share = float(str(options["test_size"]))
    if options["split"] == "time":
        cut = max(int(len(rows) * (1 - share)), 1)
        if len(np.unique(examples.label[:cut])) < len(examples.labels):
            raise DatasetUnusable(
                "a label occurs in the held-out rows only", hint="Order the query by time, or set split to random."
            )
        return rows[:cut], rows[cut:]
    size = max(round(len(rows) * share), len(examples.labels))
    learn, held = train_test_split(rows, test_size=size, random_state=seed, stratify=examples.label)
    return np.sort(learn), np.sort(held)


def _strength(
    fitted: Callable[[Numbers, float], Head],
    probabilities: Callable[[Head, Numbers], Floats],
    label: Numbers,
    learn: Numbers,
    judged: str,
    seed: int,
    progress: Progress,
) -> tuple[float, dict[str, float]]:
    """Return the inverse penalty C that is best by the metric `judged` on a fifth of the learning rows."""
    random = np.random.default_rng(seed).permutation(learn)
    cut = max(len(random) // 5, 1)
    inner, check = np.sort(random[cut:]), np.sort(random[:cut])
    if len(np.unique(label[inner])) < 2:
        return 1.0, {}
    tried: dict[str, float] = {}
    for number, strength in enumerate(_STRENGTHS):
        model = fitted(inner, strength)
        said = probabilities(model, check).argmax(axis=1)
        found = float(np.mean(said == label[check]))
        if judged == "macro_f1":
            found = macro_f1(label[check], said, int(label.max()) + 1)
        tried[f"{strength:g}"] = found
        progress(0.65 + 0.15 * (number + 1) / len(_STRENGTHS), "choosing the penalty", **{judged: found})
    return max(_STRENGTHS, key=lambda c: tried[f"{c:g}"]), tried


def _evaluate(predicted: Numbers, examples: Examples, learn: Numbers, held: Numbers, seed: int) -> tuple[Metric, ...]:
    truth = examples.label[held]
    count = len(examples.labels)
    majority = np.full(len(held), np.bincount(examples.label[learn]).argmax())
    right, base = (predicted == truth).astype(float), (majority == truth).astype(float)
    return (
        share_metric("accuracy", right, seed),
        macro_f1_metric(truth, predicted, count, seed),
        share_metric("accuracy", base, seed, scored="majority"),
        macro_f1_metric(truth, majority, count, seed, scored="majority"),
        gain_metric("accuracy", right, base, seed, "majority"),
        macro_f1_gain(truth, predicted, majority, count, seed, "majority"),
    )
