"""Which rows of a table a version has learned from: the next one is compared with it on those that it has not."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datapunk.errors import DatasetUnusable
from datapunk.forge.features import Feature
from datapunk_forge.tabular.encoding import numbers_of, texts_of
from datapunk_forge.trained import Column, Dataset

#: The artefact of a version that keeps them.
LEARNED_ROWS = "learned.npz"
# Digests that are kept at most, 8 bytes each: of more rows those of one class in 2, 4, 8 ..., told by the last bits.
_MOST = 250_000
_STEP = np.uint64(0x9E3779B97F4A7C15)
Digests = NDArray[np.uint64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class LearnedRows:
    """Digests of rows, sorted, one for each row; of those that end in `bits` zeros alone.

    With `group`, what was learned are all rows of some values of that column, and the digests are those of the values.
    """

    digests: Digests
    bits: int = 0
    group: str | None = None

    @classmethod
    def of(cls, digests: Digests, group: str | None = None) -> "LearnedRows":
        """Return what is to be kept of the digests of learned rows, or of the groups of these."""
        found = np.sort(digests) if group is None else np.unique(digests)
        bits = max((len(found) - 1) // _MOST, 0).bit_length()
        return cls(digests=found[_in_class(found, bits)], bits=bits, group=group)

    @classmethod
    def from_bytes(cls, content: bytes) -> "LearnedRows":
        """Read the artefact."""
        with np.load(io.BytesIO(content), allow_pickle=False) as parts:
            return cls(digests=parts["digests"], bits=int(parts["bits"]), group=str(parts["group"]) or None)

    def to_bytes(self) -> bytes:
        """Return the artefact."""
        content = io.BytesIO()
        np.savez(content, digests=self.digests, bits=np.array(self.bits), group=np.array(self.group or ""))
        return content.getvalue()

    def unseen(
        self, dataset: Dataset, features: Sequence[Feature], target: Column | None, held: Numbers, *,
        labelled: bool = False,
    ) -> NDArray[np.bool_]:  # fmt: skip
        """Tell of each of the `held` rows whether it was not learned from.

        Of equal rows as many count as learned as were: which of them does not matter. A row of another class than
        those that are kept is not known to be new.
        """
        if self.group is not None:
            column = dataset.column(self.group)
            if column is None:
                return np.zeros(len(held), dtype=np.bool_)
            found = _of_texts(texts_of(column))[held]
            return _in_class(found, self.bits) & ~np.isin(found, self.digests)
        digests = row_digests(dataset, features, target, labelled=labelled)
        # In an order of their own: equal rows come as the data has them, maybe sorted by what they were held out for.
        shuffled = np.random.default_rng(0).permutation(dataset.row_count)
        ordered = shuffled[np.argsort(digests[shuffled], kind="stable")]
        found = digests[ordered]
        rank = np.arange(len(found)) - np.searchsorted(found, found)
        known = np.searchsorted(self.digests, found, side="right") - np.searchsorted(self.digests, found)
        new = np.zeros(dataset.row_count, dtype=np.bool_)
        new[ordered] = (rank >= known) & _in_class(found, self.bits)
        return np.asarray(new[held])


def learned_rows(dataset: Dataset, digests: Digests, rows: Numbers, group: str | None) -> LearnedRows:
    """Return what is kept of `rows` of a dataset that are learned from, all of their groups where `group` names one."""
    if group is not None and (column := dataset.column(group)) is not None:
        return LearnedRows.of(_of_texts(texts_of(column))[rows], group)
    return LearnedRows.of(digests[rows])


def row_digests(
    dataset: Dataset, features: Sequence[Feature], target: Column | None, *, labelled: bool = False
) -> Digests:  # fmt: skip
    """Return 64 bits for each row, over its features and its target, which is a label or a number.

    Columns as they came, and not as they are encoded: a code or an embedding is that of one version. By the finaliser
    of SplitMix64 (Steele et al. 2014) over the bits of numbers, and the first 8 bytes of BLAKE2b of texts. Raises
    DatasetUnusable for a column that lacks.
    """
    digests: Digests = np.zeros(dataset.row_count, dtype=np.uint64)
    for feature in features:
        column = dataset.column(feature.name)
        if column is None:
            raise DatasetUnusable(
                f"the dataset has no column {feature.name!r}", hint="Select every column that the model was trained on."
            )
        for words in _words(column, feature.kind in ("category", "text", "wording")):
            digests = _mixed(digests ^ words)
    for words in () if target is None else _words(target, labelled):
        digests = _mixed(digests ^ words)
    return digests


def _in_class(digests: Digests, bits: int) -> NDArray[np.bool_]:
    return np.asarray(digests & np.uint64((1 << bits) - 1) == 0)


def _words(column: Column, as_text: bool) -> Sequence[Digests]:
    if as_text:
        return [_of_texts(texts_of(column))]
    if column.kind == "vector":
        values = np.ascontiguousarray(column.values, dtype=np.float32)
        even = np.pad(values, ((0, 0), (0, values.shape[1] % 2)))
        return list(np.ascontiguousarray(even.view(np.uint64).T))
    # One zero, and one NaN.
    numbers = numbers_of(column) + 0.0
    return [np.where(np.isnan(numbers), np.nan, numbers).view(np.uint64)]


def _of_texts(texts: Sequence[str | None]) -> Digests:
    known: dict[str | None, int] = {
        text: int.from_bytes(hashlib.blake2b((text or "").encode("utf-8", "surrogatepass"), digest_size=8).digest())
        for text in set(texts)
    } | {None: 0}
    return np.fromiter((known[text] for text in texts), dtype=np.uint64, count=len(texts))


def _mixed(digests: Digests) -> Digests:
    with np.errstate(over="ignore"):
        found = digests + _STEP
        found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(found ^ (found >> np.uint64(31)))
