"""The recipe `sentiment`: the tone of a text, by a linear head on sentence embeddings.

With labels it learns these, beside the lexicon and the majority. Without labels (a cold start) the lexicon names the
tone of the owner's texts, and the head learns to say the same of texts whose words the lexicon does not know. What is
measured then is how often it agrees with the lexicon; whether either is right nobody has told.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from datapunk.errors import DatasetUnusable
from datapunk_forge import text_classifier
from datapunk_forge.evaluation import gain_metric, macro_f1_metric, share_metric
from datapunk_forge.lexicon import LABELS, tone_label, tones
from datapunk_forge.text_classifier import Examples
from datapunk_forge.trained import AGREEMENT, Column, Dataset, Embed, Metric, Progress, Trained

_NAMES: Mapping[str, tuple[str, ...]] = {
    "negative": ("negative", "neg", "bad", "0", "-1", "false", "1 star"),
    "neutral": ("neutral", "neu"),
    "positive": ("positive", "pos", "good", "1", "true", "5 stars"),
}


def train(dataset: Dataset, options: Mapping[str, object], progress: Progress, embed: Embed) -> Trained:
    """Train on a text column and, where there is one, a label column. Raises DatasetUnusable."""
    label = dataset.column(str(options["target"]))
    cold = label is None
    if cold:
        dataset = _with_tones(dataset, str(options["text"]))
    trained = text_classifier.train(dataset, options, progress, embed)
    if cold:
        return replace(
            trained,
            metrics=tuple(_of_agreement(m) for m in trained.metrics if m.name.startswith("accuracy")),
            primary_metric=AGREEMENT,
            parameters={**trained.parameters, "labels_from": "lexicon"},
        )
    extra = _lexicon_metrics(text_classifier.held_out(dataset, options), trained, int(str(options["seed"])))
    return replace(
        trained, metrics=(*trained.metrics, *extra), parameters={**trained.parameters, "labels_from": "dataset"}
    )


def _of_agreement(metric: Metric) -> Metric:
    return replace(metric, name=metric.name.replace("accuracy", AGREEMENT))


def _with_tones(dataset: Dataset, text_name: str) -> Dataset:
    text = dataset.column(text_name)
    if text is None or text.kind != "text":
        raise DatasetUnusable(f"column {text_name!r} is missing or holds no text", hint="Option text names the column.")
    different = list({t for t in text.values if t and t.strip()})
    named = dict(zip(different, map(tone_label, tones(different)), strict=True))
    label = Column(name="label", type="text", kind="text", values=[named.get(t) if t else None for t in text.values])
    return replace(dataset, columns=(text, label))


def _lexicon_metrics(held: tuple[Examples, NDArray[np.int64]], trained: Trained, seed: int) -> tuple[Metric, ...]:
    """Return how the lexicon does on the held-out rows, where the labels' names say which tone they are."""
    examples, rows = held
    meant = {tone: _label_of(tone, examples.labels) for tone in LABELS}
    if meant["negative"] is None or meant["positive"] is None or trained.held_out is None:
        return ()
    found = tones([examples.texts[row] for row in rows])
    # Without a label for neutral texts, the sign decides.
    said = np.array([
        meant["positive" if tone >= 0 else "negative"] if meant["neutral"] is None else meant[tone_label(tone)]
        for tone in found
    ])  # fmt: skip
    truth = examples.label[rows]
    right = (said == truth).astype(float)
    model = (trained.held_out.predicted.argmax(axis=1) == truth).astype(float)
    return (
        share_metric("accuracy", right, seed, scored="lexicon"),
        macro_f1_metric(truth, said.astype(np.int64), len(examples.labels), seed, scored="lexicon"),
        gain_metric("accuracy", model, right, seed, "lexicon"),
    )


def _label_of(tone: str, labels: tuple[str, ...]) -> int | None:
    return next((i for i, label in enumerate(labels) if label.strip().lower() in _NAMES[tone]), None)
