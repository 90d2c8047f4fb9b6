"""The default embedding model, tuned until the examples of a subroutine lie around its name and far from the others.

Of few examples the upper layers alone learn: for questions the lower ones are good as they are, are run once and not
learned by heart. Many examples move all layers.
Each subroutine has a direction, at first the mean of its examples and its name (linear probing before fine-tuning,
Kumar et al. 2022), and a softmax over the cosines with all directions is what examples and directions are moved by
(NormFace, Wang et al. 2017). What is out of scope is to be like all of them alike (outlier exposure, Hendrycks et al.
2019). A text is embedded by the int8 graph of what came out, as it is when it is served.
"""

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datapunk.errors import InvalidArgument
from datapunk_forge.trained import Progress

GRAPH, TOKENIZER = "embedder.onnx", "tokenizer.json"
# Up to so many examples move the upper two layers, at a rate of their own; more move all.
_FEW, _UPPER, _UPPER_RATE, _RATE = 3_000, 2, 1e-4, 5e-5
# Rounds over the examples; examples a step; learning rate of directions.
_ROUNDS, _BATCH, _DIRECTION_RATE = 4, 48, 2e-3
# Batches among which examples are sorted by length; tokens, padding included, that are learned from at once.
_SORTED_BATCHES, _TOKENS = 20, 1024
_SHARPNESS = 20.0
_WARM_UP, _DECAY, _MOST_NORM = 0.1, 0.01, 1.0
# More examples of one subroutine add time and little else.
_PER_LABEL = 200
_LONGEST = 64
Numbers = NDArray[np.int64]
Vectors = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """An embedder of a version's own: its artefacts, a direction for each label, and how it came about."""

    files: Mapping[str, bytes]
    directions: NDArray[np.float64]
    figures: Mapping[str, object]

    @property
    def name(self) -> str:
        """What it is asked by: the SHA-256 of its graph."""
        return hashlib.sha256(self.files[GRAPH]).hexdigest()

    def embed(self, texts: Sequence[str], progress: Progress) -> Vectors:
        """Return the vectors of texts by the graph that is served."""
        from datapunk.inference.onnx_models import Embedder

        served = Embedder({"model.onnx": self.files[GRAPH], TOKENIZER: self.files[TOKENIZER]}, threads=1)
        parts = []
        for start in range(0, len(texts), 256):
            parts += served.embed(texts[start : start + 256])
            progress(0.5 + 0.1 * start / len(texts), "embedding by the tuned model")
        return np.frombuffer(b"".join(parts), dtype="<f4").reshape(len(texts), -1)


def tune(
    texts: Sequence[str], label: Numbers, names: Sequence[str], options: Mapping[str, object], progress: Progress
) -> Tuned:
    """Tune on texts with the number of their label, -1 for out of scope, for `tune` seconds at most.

    `names` are those of the labels, as a person would say them. Raises InvalidArgument.
    """
    from datapunk_forge.export.default_model import LICENCE, NAME, source_folder
    from datapunk_forge.export.sentence_transformer import export_sentence_transformer

    if options["embedder"] != NAME:
        raise InvalidArgument(f"only {NAME} can be tuned", hint=f"Leave out tune, or set embedder to {NAME}.")
    import torch
    from sentence_transformers import SentenceTransformer

    started = time.monotonic()
    seed, limit_s = int(str(options["seed"])), float(str(options["tune"]))
    torch.manual_seed(seed)
    torch.set_num_threads(int(str(options.get("cpus", 1))))
    model: Any = SentenceTransformer(str(source_folder()), device="cpu", model_kwargs={"attn_implementation": "eager"})
    longest, model.max_seq_length = model.max_seq_length, _LONGEST
    rows = _chosen(label, seed)
    learned = [*(texts[row] for row in rows), *names]
    numbers = torch.tensor([*label[rows].tolist(), *range(len(names))])
    wanted = torch.full((len(numbers), len(names)), 1.0 / len(names))
    wanted[numbers >= 0] = torch.nn.functional.one_hot(numbers[numbers >= 0], len(names)).float()
    layers = Layers(model, is_whole=len(rows) > _FEW)
    states = layers.lower(learned, progress)
    directions, figures = _learn(layers, states, wanted, limit_s - (time.monotonic() - started), seed, progress)
    model.max_seq_length = longest
    progress(0.45, "exporting")
    with TemporaryDirectory() as folder:
        model.eval().save(folder)
        exported = export_sentence_transformer(
            Path(folder), licence=LICENCE, base_model=f"sentence-transformers/{NAME}"
        )
    return Tuned(
        files={GRAPH: exported.files["model.onnx"], TOKENIZER: exported.files[TOKENIZER]},
        directions=directions,
        figures={"base": NAME, "layers": len(layers.upper), "examples": len(rows), **figures},
    )


def _chosen(label: Numbers, seed: int) -> Numbers:
    """Return the rows of so many examples of each label, at random."""
    order = np.random.default_rng(seed).permutation(len(label))
    rows = [order[label[order] == number][:_PER_LABEL] for number in np.unique(label)]
    return np.sort(np.concatenate(rows))


class Layers:
    """A transformer of the BERT family in two parts: what is run once, and what learns.

    Where all layers learn nothing is run: its tokens stand for a text, a thousandth of what layers make of it.
    """

    def __init__(self, model: Any, *, is_whole: bool) -> None:
        self.model, transformer = model, model[0].auto_model
        split = 0 if is_whole else -_UPPER
        self._embeddings = transformer.embeddings.requires_grad_(False)
        self._lower, self.upper = transformer.encoder.layer[:split], transformer.encoder.layer[split:]
        self.parameters = list(self.upper.parameters())
        self.rate = _RATE if is_whole else _UPPER_RATE

    def lower(self, texts: Sequence[str], progress: Progress) -> list[Any]:
        """Return what the lower layers make of each text, (tokens, dimensions); without any, its token ids."""
        import torch

        self.model.eval()
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        states: list[Any] = [None] * len(texts)
        with torch.no_grad():
            for start in range(0, len(order), 64):
                rows = order[start : start + 64]
                features = self.model.tokenize([texts[i] for i in rows])
                mask, hidden = features["attention_mask"], features["input_ids"]
                if self._lower:
                    hidden = _through(self._lower, self._embeddings(hidden), mask)
                for place, row in enumerate(rows):
                    states[row] = hidden[place, : int(mask[place].sum())].clone()
                progress(0.05 + 0.1 * start / len(order), "reading examples")
        return states

    def vectors(self, states: Sequence[Any]) -> Any:
        """Return unit vectors, the mean over the tokens of what the upper layers make of the states."""
        import torch

        hidden = torch.nn.utils.rnn.pad_sequence(list(states), batch_first=True)
        sizes = torch.tensor([len(state) for state in states])
        mask = (torch.arange(hidden.shape[1])[None] < sizes[:, None]).float()
        hidden = hidden if self._lower else self._embeddings(hidden)
        hidden = _through(self.upper, hidden, mask)
        return torch.nn.functional.normalize((hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True), dim=1)


def _through(layers: Any, hidden: Any, mask: Any) -> Any:
    bias = (1.0 - mask[:, None, None, :].to(hidden.dtype)) * -1e9
    for layer in layers:
        given = layer(hidden, bias)
        hidden = given[0] if isinstance(given, tuple) else given
    return hidden


def _learn(
    layers: Layers, states: list[Any], wanted: Any, limit_s: float, seed: int, progress: Progress
) -> tuple[NDArray[np.float64], dict[str, object]]:
    """Move the layers that learn until `wanted`, (texts, labels), is what the cosines say.

    The rate falls to zero with the last step, or with the time where that ends sooner."""
    import torch

    directions = _directions(layers, states, wanted)
    groups = [
        {"params": layers.parameters, "lr": layers.rate, "weight_decay": _DECAY},
        {"params": [directions], "lr": _DIRECTION_RATE, "weight_decay": 0.0},
    ]
    optimizer: Any = torch.optim.AdamW(groups)
    rates = [group["lr"] for group in optimizer.param_groups]
    size = min(_BATCH, len(states))
    steps = _ROUNDS * (len(states) // size)
    batches = _batches([len(state) for state in states], size, seed)
    losses: list[float] = []
    started = time.monotonic()
    layers.model.train()
    for step in range(steps):
        done = max(step / steps, (time.monotonic() - started) / max(limit_s, 1e-3))
        if done >= 1.0:
            break
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * min((step + 1) / (_WARM_UP * steps), (1.0 - done) / (1.0 - _WARM_UP), 1.0)
        optimizer.zero_grad()
        losses.append(_pull(layers, directions, states, wanted, next(batches)))
        torch.nn.utils.clip_grad_norm_(layers.parameters, _MOST_NORM)
        optimizer.step()
        progress(0.15 + 0.3 * done, f"tuning: step {step + 1} of {steps}", loss=losses[-1])
    layers.model.eval()
    part = max(len(losses) // 20, 1)
    with torch.no_grad():
        found = torch.nn.functional.normalize(directions, dim=1).numpy().astype(np.float64)
    return found, {
        "steps": len(losses), "steps_planned": steps, "seconds": round(time.monotonic() - started, 1),
        "loss": [round(float(np.mean(losses[i : i + part])), 4) for i in range(0, len(losses), part)],
        "torch": version("torch"),
    }  # fmt: skip


def _pull(layers: Layers, directions: Any, states: list[Any], wanted: Any, rows: list[int]) -> float:
    """Add the gradients of a batch and return its loss.

    It is worked off in parts, so that long texts take no more memory than short ones."""
    import torch

    loss = 0.0
    size = max(_TOKENS // max(len(states[row]) for row in rows), 1)
    for part in (rows[start : start + size] for start in range(0, len(rows), size)):
        cosines = layers.vectors([states[row] for row in part]) @ torch.nn.functional.normalize(directions, dim=1).T
        pulled = torch.nn.functional.cross_entropy(_SHARPNESS * cosines, wanted[part], reduction="sum") / len(rows)
        torch.autograd.backward(pulled)
        loss += float(pulled.detach())
    return loss


def _batches(lengths: list[int], size: int, seed: int) -> Iterator[list[int]]:
    """Yield batches of rows without end: at random, but of like lengths, so that little of them is padding."""
    random = np.random.default_rng(seed)
    while True:
        order = random.permutation(len(lengths)).tolist()
        batches: list[list[int]] = []
        for start in range(0, len(order), size * _SORTED_BATCHES):
            near = sorted(order[start : start + size * _SORTED_BATCHES], key=lengths.__getitem__)
            batches += [near[at : at + size] for at in range(0, len(near) - size + 1, size)]
        for number in random.permutation(len(batches)).tolist():
            yield batches[number]


def _directions(layers: Layers, states: list[Any], wanted: Any) -> Any:
    """The mean of each label's examples, its name among them, as what is learned."""
    import torch

    layers.model.eval()
    with torch.no_grad():
        vectors = torch.cat([layers.vectors(states[start : start + 64]) for start in range(0, len(states), 64)])
        return torch.nn.Parameter(torch.nn.functional.normalize((wanted == 1.0).float().T @ vectors, dim=1))
