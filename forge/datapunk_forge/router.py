"""The recipe `router`: which subroutine a question is for, by multinomial logistic regression on meaning and wording.

What is learned has the form of Gaia's own router, weights of the embedding's dimensions and of terms, so it is served
by the same rows. With the option `tune` the embedder is tuned on the examples first (`router_tuning`), and is part of
the version.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from importlib.metadata import version

import numpy as np

from datapunk.gaia.calibration import NONE
from datapunk_forge.evaluation import gain_metric, macro_f1_metric, share_metric
from datapunk_forge.learned_texts import digest
from datapunk_forge.router_head import Head, Matrix, Numbers, Settings, spoken
from datapunk_forge.router_measured import (
    MEASURED,
    ROUTER,
    Measured,
    answers,
    as_asked,
    in_scope,
    outcomes,
    split_by_digest,
)
from datapunk_forge.router_tuning import Tuned, tune
from datapunk_forge.text_classifier import Examples, embedded, read_examples, split_examples
from datapunk_forge.trained import Dataset, Embed, HeldOut, Metric, Progress, Trained

ARTIFACT = "router.json"
_STRENGTHS = (5.0, 20.0, 60.0)
_STRENGTH = 20.0
# Rows on which the penalty is chosen, at most.
_MOST_TRIED = 4000
# The share of questions in scope that may be declined, so that as many out of scope as possible are.
_LOSS = 0.03


def train(dataset: Dataset, options: Mapping[str, object], progress: Progress, embed: Embed) -> Trained:
    """Train on the columns subroutine and text. Raises DatasetUnusable."""
    seed = int(str(options["seed"]))
    examples = read_examples(dataset, str(options["text"]), str(options["target"]))
    examples = replace(examples, texts=as_asked(examples.texts))
    learn, held = _split(examples, options, seed)
    embedder, tuned = str(options["embedder"]), None
    if float(str(options.get("tune", 0))):
        tuned = _tuned(examples, learn, options, progress)
        embedder, vectors = tuned.name, tuned.embed(examples.texts, progress).astype(np.float64)
        names = tuned.embed(spoken(examples.labels), progress).astype(np.float64)
    else:
        vectors = embedded(examples.texts, embedder, embed, progress).astype(np.float64)
        names = embed(spoken(examples.labels), embedder).astype(np.float64)
    directions = None if tuned is None else _directions(tuned, examples)
    # What was tuned on a row fits it by any penalty.
    strength, tried = (_STRENGTH, {}) if tuned else _strength(examples, vectors, names, learn, seed, progress)
    progress(0.75, "evaluating")
    head = Head.fitted(examples, vectors, names, learn, strength, directions)
    # Measured as texts come, without the masks that they may be learned from with.
    texts, asked = as_asked([examples.given[i] for i in held]), vectors[held]
    if texts != [examples.texts[i] for i in held]:
        found = tuned.embed(texts, progress) if tuned else embedded(texts, embedder, embed, progress)
        asked = found.astype(np.float64)
    settings = _settings(head, asked, texts, examples.label[held])
    said = answers(head, settings, asked, texts)
    metrics = _evaluate(said, examples, asked, vectors, learn, held, seed)
    progress(0.9, "training on all rows", **{m.name: m.value for m in metrics if m.scored == "model"})
    final = Head.fitted(examples, vectors, names, np.arange(len(examples.texts)), strength, directions)
    learned = frozenset(digest(examples.texts[i]) for i in learn)
    measured = Measured(head=head, settings=settings, embedder=embedder, learned=learned)
    artifacts = {
        ARTIFACT: final.as_json(embedder, settings, tuned=tuned is not None), MEASURED: measured.to_bytes(),
        **({} if tuned is None else tuned.files),
    }  # fmt: skip
    return Trained(
        metrics=metrics,
        primary_metric="accuracy",
        parameters={
            **options, "C": strength, "tried": tried, **asdict(settings), "rows_skipped": examples.skipped,
            "texts": len(examples.texts), "terms": len(final.idf),
            **({} if tuned is None else {"tuned": tuned.figures}),
        },
        signature={
            "kind": ROUTER, "features": ["text"], "embedder": embedder, "dimensions": vectors.shape[1],
            "labels": list(outcomes(examples.labels)),
        },
        artifacts=artifacts,
        held_out=HeldOut(rows=examples.rows[held], truth=examples.label[held].astype(np.float64), predicted=said),
        libraries={name: version(name) for name in ("scikit-learn", "scipy", "numpy")},
    )  # fmt: skip


def _tuned(examples: Examples, learn: Numbers, options: Mapping[str, object], progress: Progress) -> Tuned:
    """Tune the embedder on the rows to learn from, so that those held out judge it too."""
    inside = in_scope(examples.labels)
    number = np.full(len(examples.labels), -1)
    number[inside] = np.arange(len(inside))
    names = spoken([examples.labels[place] for place in inside])
    return tune([examples.texts[i] for i in learn], number[examples.label[learn]], names, options, progress)


def _directions(tuned: Tuned, examples: Examples) -> Matrix:
    """The directions of all labels, zero for none."""
    found = np.zeros((len(examples.labels), tuned.directions.shape[1]))
    found[in_scope(examples.labels)] = tuned.directions
    return found


def _split(examples: Examples, options: Mapping[str, object], seed: int) -> tuple[Numbers, Numbers]:
    """Return rows to learn from and rows held out; at random the same texts are held out by every training."""
    if options["split"] == "time":
        return split_examples(examples, options, seed)
    return split_by_digest(examples.texts, examples.label, float(str(options["test_size"])), seed)


def _strength(
    examples: Examples, vectors: Matrix, names: Matrix, learn: Numbers, seed: int, progress: Progress
) -> tuple[float, dict[str, float]]:
    """Return the inverse penalty with the best accuracy on a fifth of the learning rows."""
    random = np.random.default_rng(seed).permutation(learn)[:_MOST_TRIED]
    cut = max(len(random) // 5, 1)
    inner, check = np.sort(random[cut:]), np.sort(random[:cut])
    tried: dict[str, float] = {}
    texts = [examples.texts[i] for i in check]
    for number, strength in enumerate(_STRENGTHS):
        # Every label has its name among the examples, so none is missing from the inner rows.
        head = Head.fitted(examples, vectors, names, inner, strength)
        tried[f"{strength:g}"] = float(np.mean(head.logits(vectors[check], texts).argmax(1) == examples.label[check]))
        progress(0.6 + 0.15 * (number + 1) / len(_STRENGTHS), "choosing the penalty", accuracy=tried[f"{strength:g}"])
    return max(_STRENGTHS, key=lambda c: tried[f"{c:g}"]), tried


def _scale(logits: Matrix, label: Numbers) -> float:
    """The factor that makes the scores of held-out rows logits (Guo et al. 2017)."""

    def loss(factor: float) -> float:
        scaled = logits * factor
        scaled = scaled - scaled.max(1, keepdims=True)
        return float(np.mean(np.log(np.exp(scaled).sum(1)) - scaled[np.arange(len(label)), label]))

    return float(min(np.geomspace(0.1, 10.0, 60), key=loss))


def _settings(head: Head, vectors: Matrix, texts: list[str], label: Numbers) -> Settings:
    """Return the scale, and the floor that loses 3 % of the held-out questions in scope.

    Logit and cosine count as much as each other: both vary alike among the questions in scope.
    """
    logits = head.logits(vectors, texts)
    scale = _scale(logits, label)
    best, cosine = head.nearness(vectors, logits * scale)
    inside = np.isin(label, in_scope(head.labels))
    if inside.any():
        best, cosine = best[inside], cosine[inside]
    weight = float(best.std()) / max(float(cosine.std()), 1e-3)
    return Settings(scale=scale, floor=float(np.quantile(best + weight * cosine, _LOSS)), weight=weight)


def _evaluate(
    said: Matrix, examples: Examples, asked: Matrix, vectors: Matrix, learn: Numbers, held: Numbers, seed: int
) -> tuple[Metric, ...]:
    """Accuracy of what is answered and macro-F1 beside the nearest example's, with what out of scope is declined."""
    truth = examples.label[held]
    found = said.argmax(1)
    nearest = examples.label[learn][(asked @ vectors[learn].T).argmax(1)]
    right, beside = (found == truth).astype(np.float64), (nearest == truth).astype(np.float64)
    labels = outcomes(examples.labels)
    metrics = [
        share_metric("accuracy", right, seed),
        share_metric("accuracy", beside, seed, scored="nearest example"),
        gain_metric("accuracy", right, beside, seed, "nearest example"),
        # Of the labels: where none is no label, the best of them, declined or not.
        macro_f1_metric(truth, said[:, : len(examples.labels)].argmax(1), len(examples.labels), seed),
    ]
    declined = (found == labels.index(NONE)).astype(np.float64)
    outside = np.array([examples.labels[i] == NONE for i in truth])
    if (~outside).any():
        metrics.append(share_metric("in scope declined", declined[~outside], seed))
    if outside.any():
        metrics.append(share_metric("out of scope declined", declined[outside], seed))
    return tuple(metrics)
