"""The recipe `entity_recognizer`: names in texts, by a spaCy pipeline trained on labelled rows.

Each row has a text and its entities, as JSON: [{"start": 3, "end": 9, "label": "person"}, ...] with positions in
characters. The pipeline is stored as spaCy's own bytes, which hold weights and settings and no code.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import Any

import numpy as np

from datapunk.errors import DatasetUnusable
from datapunk.inference.manifest import PIPELINE
from datapunk_forge.incumbent import Incumbent
from datapunk_forge.learned_texts import LEARNED, digest, packed, unpacked
from datapunk_forge.name_pipeline import new_pipeline, open_pipeline
from datapunk_forge.trained import Dataset, Embed, Floats, Metric, Progress, SideBySide, Trained

_MIN_ROWS = 20
_MAX_CHARACTERS = 20_000
_RESAMPLES = 1000
_SMALLEST_BATCH, _LARGEST_BATCH = 4, 32
_PATIENCE = 4
Span = tuple[int, int, str]


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """A text with its entities: start and end in characters, and a label."""

    text: str
    spans: tuple[Span, ...]


def train(dataset: Dataset, options: Mapping[str, object], progress: Progress, embed: Embed) -> Trained:
    """Train on the columns text and entities. Raises DatasetUnusable."""
    del embed
    seed = int(str(options["seed"]))
    rows = read_labelled(dataset, str(options["text"]), str(options["target"]))
    held, learn = _split(rows, options, seed)
    watched = max(len(learn) // 10, 1)
    pipeline, losses = _fit(learn[watched:], learn[:watched], options, seed, progress)
    found = [_spans(doc) for doc in pipeline.pipe(r.text for r in held)]
    baseline = _dictionary(learn)
    known = [_looked_up(r.text, baseline) for r in held]
    truth = [set(r.spans) for r in held]
    labels = sorted({label for r in rows for _, _, label in r.spans})
    metrics = _metrics(truth, found, known, seed)
    content: bytes = pipeline.to_bytes()
    return Trained(
        metrics=metrics,
        primary_metric="f1",
        parameters={
            **options, "rows_learned": len(learn), "rows_held_out": len(held), "entities": sum(map(len, truth)),
            "iterations": len(losses["train"]),
        },
        signature={
            "kind": "entities", "task": "entities", "features": ["text"], "labels": labels, "language": "xx",
            "artifact": PIPELINE, "components": ["ner"],
        },
        artifacts={
            PIPELINE: content, "config.cfg": pipeline.config.to_str().encode(),
            "plots.json": json.dumps({"loss": losses}).encode(),
            LEARNED: packed(digest(r.text) for r in learn),
        },
        against=partial(_against, held, found),
        libraries={name: version(name) for name in ("spacy", "thinc", "numpy")},
    )  # fmt: skip


def _against(
    held: Sequence[Labelled], found: Sequence[set[Span]], incumbent: Incumbent, embed: Embed
) -> SideBySide | None:
    """Score another version, as `Rival`: on the held-out texts that it has not learned from."""
    del embed
    if LEARNED not in incumbent.files or PIPELINE not in incumbent.files:
        return None
    learned = unpacked(incumbent.files[LEARNED])
    new = [number for number, row in enumerate(held) if digest(row.text) not in learned]
    if not new:
        return None
    pipeline = open_pipeline(incumbent.files[PIPELINE])
    truth = [set(held[number].spans) for number in new]
    theirs = [_spans(doc) for doc in pipeline.pipe(held[number].text for number in new)]
    return SideBySide(
        ours=_counts(truth, [found[number] for number in new]), theirs=_counts(truth, theirs), unit="texts",
        score=lambda counts: float(_ratios(counts.sum(axis=0))[2]),
    )  # fmt: skip


def _split(rows: list[Labelled], options: Mapping[str, object], seed: int) -> tuple[list[Labelled], list[Labelled]]:
    """Return what is held out (random texts, or the last ones in the order of the query) and what is learned from."""
    count = max(round(len(rows) * float(str(options["test_size"]))), 1)
    order = np.random.default_rng(seed).permutation(len(rows))
    if options.get("split") == "time":
        last = np.arange(len(rows) - count, len(rows))
        order = np.concatenate([last, order[order < len(rows) - count]])
    return [rows[i] for i in order[:count]], [rows[i] for i in order[count:]]


def read_labelled(dataset: Dataset, text_name: str, entities_name: str) -> list[Labelled]:
    """Read texts with their entities; those that overlap an earlier one are left out. Raises DatasetUnusable."""
    text, entities = dataset.column(text_name), dataset.column(entities_name)
    for name, column in ((text_name, text), (entities_name, entities)):
        if column is None or column.kind != "text":
            raise DatasetUnusable(
                f"column {name!r} is missing or holds no text", hint="Options text and target name the columns."
            )
    assert text is not None
    assert entities is not None
    if text.given is not None:
        raise DatasetUnusable(
            f"column {text_name!r} has personal data, and entities are places in the text as it is",
            hint="Leave out the option pii, or set it to report or refuse.",
        )
    rows: dict[str, Labelled] = {}
    for number, (body, told) in enumerate(zip(text.values, entities.values, strict=True), 1):
        if body and body.strip() and told is not None and len(body) <= _MAX_CHARACTERS:
            rows.setdefault(body, Labelled(text=body, spans=_read_spans(body, told, entities_name, number)))
    if len(rows) < _MIN_ROWS or not any(r.spans for r in rows.values()):
        raise DatasetUnusable(
            f"there are {len(rows)} texts with {sum(len(r.spans) for r in rows.values())} entities",
            hint=f"Give at least {_MIN_ROWS} texts, with entities in some.",
        )
    return list(rows.values())


def _read_spans(body: str, told: str, name: str, number: int) -> tuple[Span, ...]:
    try:
        spans = sorted((int(e["start"]), int(e["end"]), str(e["label"])) for e in json.loads(told))
    except (ValueError, KeyError, TypeError):
        raise DatasetUnusable(
            f"column {name!r} of row {number} holds no entities",
            hint='Give JSON as in [{"start": 0, "end": 5, "label": "person"}], positions in characters.',
        ) from None
    kept: list[Span] = []
    for start, end, label in spans:
        if not 0 <= start < end <= len(body) or not label:
            raise DatasetUnusable(
                f"column {name!r} of row {number} has an entity from {start} to {end}",
                hint=f"Its text has {len(body)} characters.",
            )
        if not kept or start >= kept[-1][1]:
            kept.append((start, end, label))
    return tuple(kept)


def _fit(
    learn: Sequence[Labelled], watched: Sequence[Labelled], options: Mapping[str, object], seed: int, progress: Progress
) -> tuple[Any, dict[str, list[float]]]:
    """Train until the watched rows get no better; the best weights count."""
    import spacy
    from spacy.training import Example

    spacy.util.fix_random_seed(seed)  # type: ignore[attr-defined]
    pipeline = new_pipeline()

    def examples(rows: Sequence[Labelled]) -> list[Any]:
        return [Example.from_dict(pipeline.make_doc(r.text), {"entities": list(r.spans)}) for r in rows]

    given = examples(learn)
    optimizer = pipeline.initialize(lambda: given)
    # The mean of the weights on the way errs less than the last ones (Polyak and Juditsky 1992).
    optimizer.averages = {}
    shuffler = random.Random(seed)
    most = int(str(options["iterations"]))
    best, best_bytes, since = 0.0, pipeline.to_bytes(), 0
    # A few rows make many small steps, or nothing is learned in as many passes.
    size = min(max(len(given) // 100, _SMALLEST_BATCH), _LARGEST_BATCH)
    losses: dict[str, list[float]] = {"train": [], "validation": []}
    for number in range(most):
        shuffler.shuffle(given)
        lost: dict[str, float] = {}
        for batch in (given[start : start + size] for start in range(0, len(given), size)):
            pipeline.update(batch, sgd=optimizer, losses=lost, drop=0.2)
        with pipeline.use_params(optimizer.averages):
            found = [_spans(doc) for doc in pipeline.pipe(r.text for r in watched)]
            f1 = _f1([set(r.spans) for r in watched], found)
            if f1 > best:
                best_bytes = pipeline.to_bytes()
        losses["train"].append(round(float(lost["ner"]) / max(len(given), 1), 6))
        losses["validation"].append(round(1 - f1, 6))
        progress(0.05 + 0.8 * (number + 1) / most, f"training: iteration {number + 1}", loss=losses["train"][-1], f1=f1)
        # Before anything is found there is nothing that could get worse.
        since = 0 if f1 > best or best == 0.0 else since + 1
        best = max(best, f1)
        if since >= _PATIENCE:
            break
    pipeline.from_bytes(best_bytes)
    return pipeline, losses


def _spans(doc: Any) -> set[Span]:
    return {(e.start_char, e.end_char, e.label_) for e in doc.ents}


def _dictionary(rows: Sequence[Labelled]) -> dict[str, str]:
    """Return the baseline: what was an entity in what was learned is one again."""
    return {r.text[start:end]: label for r in rows for start, end, label in r.spans}


def _looked_up(text: str, known: Mapping[str, str]) -> set[Span]:
    words = []
    position = 0
    for part in text.split():
        start = text.index(part, position)
        position = start + len(part)
        words.append((start, position))
    found: set[Span] = set()
    index = 0
    while index < len(words):
        for width in range(min(6, len(words) - index), 0, -1):
            start, end = words[index][0], words[index + width - 1][1]
            if text[start:end] in known:
                found.add((start, end, known[text[start:end]]))
                index += width - 1
                break
        index += 1
    return found


def _counts(truth: Sequence[set[Span]], found: Sequence[set[Span]]) -> Floats:
    """Return hits, found and true entities of each text, shape (texts, 3)."""
    return np.array([[len(t & f), len(f), len(t)] for t, f in zip(truth, found, strict=True)], dtype=np.float64)


def _f1(truth: Sequence[set[Span]], found: Sequence[set[Span]]) -> float:
    return float(_ratios(_counts(truth, found).sum(axis=0))[2])


def _ratios(counts: Floats) -> Floats:
    """Return precision, recall and F1 of summed counts (..., 3)."""
    hits, found, true = counts[..., 0], counts[..., 1], counts[..., 2]
    return np.stack(
        [hits / np.maximum(found, 1), hits / np.maximum(true, 1), 2 * hits / np.maximum(found + true, 1)], axis=-1
    )


def _metrics(
    truth: Sequence[set[Span]], found: Sequence[set[Span]], known: Sequence[set[Span]], seed: int
) -> tuple[Metric, ...]:
    """Return the figures of exact spans with their labels; texts are resampled."""
    model, base = _counts(truth, found), _counts(truth, known)
    picks = np.random.default_rng(seed).integers(0, len(model), (_RESAMPLES, len(model)))
    ours, theirs = _ratios(model[picks].sum(axis=1)), _ratios(base[picks].sum(axis=1))
    metrics = []
    for index, name in enumerate(("precision", "recall", "f1")):
        for counts, draws, scored in ((model, ours, "model"), (base, theirs, "dictionary")):
            lower, upper = np.quantile(draws[:, index], (0.025, 0.975))
            value = float(_ratios(counts.sum(axis=0))[index])
            metrics.append(Metric(name=name, value=value, lower=float(lower), upper=float(upper), scored=scored))
    lower, upper = np.quantile(ours[:, 2] - theirs[:, 2], (0.025, 0.975))
    gain = float(_ratios(model.sum(axis=0))[2] - _ratios(base.sum(axis=0))[2])
    metrics.append(
        Metric(name="f1 gain", value=gain, lower=float(lower), upper=float(upper), scored="model - dictionary")
    )
    return tuple(metrics)
