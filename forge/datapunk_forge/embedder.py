"""The recipe `embedder`: the default embedding model, tuned on pairs of texts that belong together.

Pairs with a score learn that score as their cosine; pairs without one learn to find each other among the other pairs
of a batch (multiple negatives ranking, Henderson et al. 2017). What is measured is the int8 graph that is served,
beside the model it started from, on pairs held out. It answers searches only once cortex_switch makes a generation of
it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from datapunk.errors import DatasetUnusable
from datapunk_forge.evaluation import gain_metric, mean_metric
from datapunk_forge.incumbent import Incumbent
from datapunk_forge.learned_texts import LEARNED, digest, packed, unpacked
from datapunk_forge.tabular.encoding import numbers_of, texts_of
from datapunk_forge.trained import Dataset, Embed, Floats, Metric, Progress, SideBySide, Trained

_MIN_PAIRS = 50
_RESAMPLES = 500
_SCALE = 20.0
_TOP = 10
GRAPH, TOKENIZER = "model.onnx", "tokenizer.json"
Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Texts that belong together; `scores` (0 to 1) say how much, where the dataset does."""

    left: list[str]
    right: list[str]
    scores: Floats | None

    def joined(self) -> list[str]:
        """Return a text for each pair."""
        return [f"{a}\n{b}" for a, b in zip(self.left, self.right, strict=True)]

    def take(self, rows: Sequence[int]) -> "Pairs":
        """Return some of them."""
        chosen = list(rows)
        return Pairs(
            left=[self.left[i] for i in chosen], right=[self.right[i] for i in chosen],
            scores=None if self.scores is None else self.scores[chosen],
        )  # fmt: skip


def train(dataset: Dataset, options: Mapping[str, object], progress: Progress, embed: Embed) -> Trained:
    """Train on two columns of texts and an optional score. Raises DatasetUnusable."""
    from datapunk_forge.export.default_model import LICENCE, NAME, source_folder
    from datapunk_forge.export.sentence_transformer import config_bytes, export_sentence_transformer

    seed = int(str(options["seed"]))
    pairs = read_pairs(dataset, options)
    count = max(round(len(pairs.left) * float(str(options["test_size"]))), 10)
    order = np.random.default_rng(seed).permutation(len(pairs.left)).tolist()
    if options.get("split") == "time":
        cut = len(order) - count
        order = [*range(cut, len(order)), *(i for i in order if i < cut)]
    # Measured as texts come, without the masks that they may be learned from with.
    held, learn = read_pairs(dataset.as_given(), options).take(order[:count]), pairs.take(order[count:])
    with TemporaryDirectory() as folder:
        losses = _tune(source_folder(), Path(folder), learn, options, seed, progress)
        progress(0.8, "exporting")
        exported = export_sentence_transformer(folder, licence=LICENCE, base_model=f"sentence-transformers/{NAME}")
    progress(0.9, "evaluating")
    tuned = encoder(exported.files)
    metrics = evaluate(held, tuned, lambda texts: embed(texts, NAME), seed)
    return Trained(
        metrics=metrics,
        primary_metric=metrics[0].name,
        parameters={**options, "pairs_learned": len(learn.left), "pairs_held_out": len(held.left), "loss": losses},
        signature={"features": ["text"], "output": "vector", "dimensions": exported.config["dimensions"]},
        artifacts={
            **exported.files,
            "config.json": config_bytes({"base": NAME, **exported.config}),
            "plots.json": json.dumps({"loss": {"train": losses}}).encode(),
            LEARNED: packed(map(digest, learn.joined())),
        },
        against=partial(_against, held, tuned),
        libraries={name: version(name) for name in ("sentence-transformers", "torch", "onnx", "onnxruntime")},
    )


def _against(held: Pairs, tuned: Encode, incumbent: Incumbent, embed: Embed) -> SideBySide | None:
    """Score another version, as `Rival`: on the held-out pairs that it has not learned from."""
    del embed
    if LEARNED not in incumbent.files or TOKENIZER not in incumbent.files:
        return None
    learned = unpacked(incumbent.files[LEARNED])
    new = [row for row, text in enumerate(held.joined()) if digest(text) not in learned]
    if not new:
        return None
    pairs = held.take(new)
    theirs = encoder({GRAPH: incumbent.graph, TOKENIZER: incumbent.files[TOKENIZER]})
    if pairs.scores is None:
        one, other = (_reciprocal(encode(pairs.left), encode(pairs.right)) for encode in (tuned, theirs))
        return SideBySide(ours=one, theirs=other, unit="pairs")
    one, other = (
        np.stack([(encode(pairs.left) * encode(pairs.right)).sum(axis=1), pairs.scores], axis=1)
        for encode in (tuned, theirs)
    )
    return SideBySide(ours=one, theirs=other, unit="pairs", score=_rank_correlation)


def _rank_correlation(rows: Floats) -> float:
    """Of (pairs, 2): cosine and score. What is all the same tells nothing."""
    return float(spearmanr(rows[:, 0], rows[:, 1]).statistic) if np.ptp(rows, axis=0).all() else 0.0


def read_pairs(dataset: Dataset, options: Mapping[str, object]) -> Pairs:
    """Read pairs and scores, which are scaled to 0 to 1. Raises DatasetUnusable."""
    texts = [c for c in dataset.columns if c.kind == "text"]
    if len(texts) < 2:
        raise DatasetUnusable("an embedder learns from two columns of texts", hint="Select text, matching text, score.")
    left, right = texts_of(texts[0]), texts_of(texts[1])
    name = options.get("target")
    score = dataset.column(str(name)) if name else next((c for c in dataset.columns if c.kind == "number"), None)
    values = numbers_of(score) if score is not None else None
    rows = [
        i
        for i, (a, b) in enumerate(zip(left, right, strict=True))
        if a and b and a.strip() and b.strip() and (values is None or np.isfinite(values[i]))
    ]
    if len(rows) < _MIN_PAIRS:
        raise DatasetUnusable(f"there are {len(rows)} pairs of texts", hint=f"Give at least {_MIN_PAIRS}.")
    scores = None
    if values is not None:
        low, high = float(values[rows].min()), float(values[rows].max())
        if low == high:
            raise DatasetUnusable(
                f"column {score.name!r} has one value throughout" if score else "", hint="Leave it out."
            )
        scores = (values[rows] - min(low, 0.0)) / (high - min(low, 0.0))
    return Pairs(left=[str(left[i]) for i in rows], right=[str(right[i]) for i in rows], scores=scores)


def _tune(
    source: Path, target: Path, pairs: Pairs, options: Mapping[str, object], seed: int, progress: Progress
) -> list[float]:
    """Tune the model of `source`, save it in `target`; return the mean loss of each part of the way."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.manual_seed(seed)
    torch.set_num_threads(int(str(options.get("cpus", 1))))
    model: Any = SentenceTransformer(str(source), device="cpu", model_kwargs={"attn_implementation": "eager"})
    model.max_seq_length = min(int(model.max_seq_length), 128)
    size, epochs = int(str(options["batch"])), int(str(options["epochs"]))
    optimizer = torch.optim.AdamW(model.parameters(), lr=float(str(options["learning_rate"])), weight_decay=0.01)
    batches = max(len(pairs.left) // size, 1) * epochs
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / max(0.1 * batches, 1), max((batches - step) / (0.9 * batches), 0.0))
    )
    losses: list[float] = []
    random = np.random.default_rng(seed)
    done = 0

    def vectors(texts: list[str]) -> Any:
        features = model.tokenize(texts)
        return torch.nn.functional.normalize(model(features)["sentence_embedding"], dim=1)

    model.train()
    for _ in range(epochs):
        order = random.permutation(len(pairs.left))
        for start in range(0, max(len(order) - size + 1, 1), size):
            batch = pairs.take(order[start : start + size].tolist())
            left, right = vectors(batch.left), vectors(batch.right)
            if batch.scores is not None:
                wanted = torch.tensor(batch.scores, dtype=torch.float32)
                loss = torch.nn.functional.mse_loss((left * right).sum(dim=1), wanted)
            else:
                loss = torch.nn.functional.cross_entropy(left @ right.T * _SCALE, torch.arange(len(batch.left)))
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            done += 1
            losses.append(float(loss.detach()))
            progress(0.05 + 0.7 * min(done / batches, 1.0), f"training: batch {done} of {batches}", loss=losses[-1])
    model.eval()
    model.max_seq_length = 256
    model.save(str(target))
    part = max(len(losses) // 20, 1)
    return [round(float(np.mean(losses[i : i + part])), 5) for i in range(0, len(losses), part)]


def encoder(files: Mapping[str, bytes]) -> Encode:
    """Return what embeds texts by the served graph of these files, on one thread."""
    from datapunk.inference.onnx_models import Embedder

    served = Embedder(files, threads=1)

    def encode(texts: Sequence[str]) -> Vectors:
        return np.frombuffer(b"".join(served.embed(texts)), dtype="<f4").reshape(len(texts), -1)

    return encode


def evaluate(pairs: Pairs, tuned: Encode, base: Encode, seed: int) -> tuple[Metric, ...]:
    """Return Spearman's correlation with the scores, or how soon a text's match is found; beside the base model."""
    ours, theirs = ((encode(pairs.left), encode(pairs.right)) for encode in (tuned, base))
    if pairs.scores is None:
        found = [_reciprocal(a, b) for a, b in (ours, theirs)]
        return (
            mean_metric(f"mrr@{_TOP}", found[0], seed),
            mean_metric(f"mrr@{_TOP}", found[1], seed, scored="base model"),
            gain_metric(f"mrr@{_TOP}", found[0], found[1], seed, "base model"),
        )
    cosines = [(a * b).sum(axis=1) for a, b in (ours, theirs)]
    draws = np.array([
        [_rank_correlation(np.stack([c[rows], pairs.scores[rows]], axis=1)) for c in cosines]
        for rows in np.random.default_rng(seed).integers(0, len(pairs.scores), (_RESAMPLES, len(pairs.scores)))
    ])  # fmt: skip
    values = [_rank_correlation(np.stack([c, pairs.scores], axis=1)) for c in cosines]
    told = [("spearman", "model", values[0], draws[:, 0]), ("spearman", "base model", values[1], draws[:, 1]),
            ("spearman gain", "model - base model", values[0] - values[1], draws[:, 0] - draws[:, 1])]  # fmt: skip
    return tuple(
        Metric(name=n, value=v, lower=float(np.quantile(d, 0.025)), upper=float(np.quantile(d, 0.975)), scored=s)
        for n, s, v, d in told
    )


def _reciprocal(left: Vectors, right: Vectors) -> Floats:
    """Return for each left text one over the rank of its own right text, 0 beyond the tenth."""
    similar = left @ right.T
    own = np.diagonal(similar)[:, None]
    rank = 1 + (similar > own).sum(axis=1)
    return np.where(rank <= _TOP, 1.0 / rank, 0.0)
