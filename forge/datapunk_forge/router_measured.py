"""The router that was measured: the same as the one that answers, but for the examples that were held out.

A version keeps it, so that the next one can be compared with it on examples that neither has learned from. The one
that answers has learned from all of its time, and would seem right about them.
"""

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from datapunk.errors import UnsupportedFile
from datapunk.gaia.calibration import NONE
from datapunk.gaia.languages import ENGLISH
from datapunk.gaia.languages.detection import language_of
from datapunk.gaia.languages.reading import readings
from datapunk_forge.learned_texts import packed, unpacked
from datapunk_forge.router_head import Head, Matrix, Numbers, Settings
from datapunk_forge.trained import Embed

MEASURED = "measured.npz"
# What the signature of a router's version calls it.
ROUTER = "router"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A head with its settings and its embedder's name; `learned` are digests of the texts that it learned from."""

    head: Head
    settings: Settings
    embedder: str
    learned: frozenset[bytes]

    def to_bytes(self) -> bytes:
        """Return it as an npz without pickles; weights in half precision."""
        about = {
            "labels": self.head.labels, "terms": list(self.head.idf), "settings": asdict(self.settings),
            "embedder": self.embedder,
        }  # fmt: skip
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer, allow_pickle=False, about=np.frombuffer(json.dumps(about).encode(), dtype=np.uint8),
            weights=self.head.weights.astype(np.float16), bias=self.head.bias,
            idf=np.array(list(self.head.idf.values())), directions=self.head.directions.astype(np.float16),
            learned=np.frombuffer(packed(self.learned), dtype=np.uint8),
        )  # fmt: skip
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Measured":
        """Read what `to_bytes` wrote. Raises UnsupportedFile."""
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                about = json.loads(arrays["about"].tobytes())
                idf = dict(zip(about["terms"], arrays["idf"].tolist(), strict=True))
                weights, directions = (arrays[name].astype(np.float64) for name in ("weights", "directions"))
                head = Head(tuple(about["labels"]), idf, weights, arrays["bias"], directions)
                raw = arrays["learned"].tobytes()
        except (OSError, ValueError, KeyError) as exc:
            raise UnsupportedFile(f"{MEASURED} cannot be read: {exc}", hint="Train the router again.") from exc
        return cls(head=head, settings=Settings(**about["settings"]), embedder=about["embedder"], learned=unpacked(raw))

    def answers(self, texts: list[str], embed: Embed) -> Matrix:
        """Return probabilities of the labels and, last or among them, of none: shape (texts, `outcomes`)."""
        return answers(self.head, self.settings, embed(texts, self.embedder).astype(np.float64), texts)


def answers(head: Head, settings: Settings, vectors: Matrix, texts: list[str]) -> Matrix:
    """Return what Gaia makes of questions with these vectors: probabilities, shape (texts, `outcomes`)."""
    logits = head.logits(vectors, texts) * settings.scale
    best, cosine = head.nearness(vectors, logits)
    return decided(logits, settings.floor - best - settings.weight * cosine, head.labels)


def as_asked(texts: Sequence[str]) -> list[str]:
    """The texts as Gaia reads questions of their languages, which is what a router is asked."""
    read = readings(texts, [language_of(text, ENGLISH) for text in texts])
    return [found if found.strip() else text for found, text in zip(read, texts, strict=True)]


def outcomes(labels: Sequence[str]) -> tuple[str, ...]:
    """What a router with these labels can say: each of them, and none."""
    return (*labels, *(() if NONE in labels else (NONE,)))


def in_scope(labels: Sequence[str]) -> list[int]:
    """The numbers of the labels that name a subroutine."""
    return [number for number, name in enumerate(labels) if name != NONE]


def probabilities(logits: Matrix) -> Matrix:
    """Softmax over the classes."""
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(shifted / shifted.sum(1, keepdims=True))


def decided(logits: Matrix, missing: Matrix, labels: Sequence[str]) -> Matrix:
    """Return probabilities of `outcomes(labels)`; none wins where so much likeness is `missing` to the floor."""
    found = probabilities(logits)
    if NONE not in labels:
        found = np.hstack([found, np.zeros((len(found), 1))])
    none = outcomes(labels).index(NONE)
    below = missing > 0
    most = np.minimum(found[:, in_scope(labels)].max(1), 0.5 / (1.0 + np.exp(np.clip(missing, 0.0, 50.0))))
    # Those that are held down to the same probability stay in their order.
    found[below] = np.minimum(found[below], most[below, None]) * (1.0 - 1e-9 * (1.0 - found[below]))
    found[below, none] = 1.0 - most[below]
    return found


def rank_by_digest(texts: Sequence[str], seed: int) -> NDArray[np.uint64]:
    """A number for each text that depends on it and the seed alone, so that the same ones are held out every time."""
    return np.array(
        [int.from_bytes(hashlib.sha256(f"{seed}:{text}".encode()).digest()[:8], "big") for text in texts],
        dtype=np.uint64,
    )


def split_by_digest(texts: Sequence[str], label: Numbers, share: float, seed: int) -> tuple[Numbers, Numbers]:
    """Return rows to learn from and rows held out: a share of each label, the same texts whatever else there is."""
    rank = rank_by_digest(texts, seed)
    held: list[int] = []
    for number in np.unique(label).tolist():
        rows = np.flatnonzero(label == number)
        count = min(round(len(rows) * share), len(rows) - 1)
        held += rows[np.argsort(rank[rows])][:count].tolist()
    if not held:
        held = [int(np.argmin(rank))]
    kept = np.ones(len(texts), dtype=bool)
    kept[held] = False
    return np.flatnonzero(kept), np.array(sorted(held))
