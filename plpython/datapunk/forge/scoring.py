"""Scoring of many rows: packed by SQL, joined into batches here, scored by the model host."""

import array
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datapunk.errors import DatasetUnusable, InvalidArgument
from datapunk.forge.dataset import Column
from datapunk.forge.features import Feature
from datapunk.forge.wording import padded
from datapunk.inference import KEY_WIDTH, ScoreForm, ScoreResult

_BATCH_BYTES = 2_000_000
_BATCH_ROWS = 10_000
_RESULTS: dict[str, ScoreResult] = {"probabilities": "label", "distances": "nearest"}
_WHOLE_NUMBERS = ("smallint", "integer", "bigint")
Batch = tuple[list[str | None] | None, bytes]
EmbedPacked = Callable[[Sequence[str], str], Sequence[bytes]]


@dataclass(frozen=True, kw_only=True)
class Packing:
    """How rows of a query become bytes: a part is a packed bytea (None) or the text of a feature."""

    parts: tuple[Feature | None, ...]
    form: ScoreForm

    @property
    def batch_rows(self) -> int:
        """Rows that make a batch."""
        width = sum(4 * count for _, count in self.form.parts)
        return max(min(_BATCH_BYTES // width, _BATCH_ROWS), 1)


def packing_of(features: Sequence[Feature], signature: Mapping[str, Any], key_type: str) -> Packing:
    """Return how rows of these features are packed, the key with them where it is a whole number and there is no text.

    Raises InvalidArgument for a model without a row-wise output.
    """
    if signature.get("output") not in ("probabilities", "value", "score", "distances"):
        raise InvalidArgument(
            "this model gives no value or label for a row", hint="forge_score takes classifiers and regressors."
        )
    parts: list[Feature | None] = []
    layout: list[list[Any]] = []
    for feature in features:
        if feature.kind in ("text", "vector", "wording"):
            parts.append(feature)
            layout.append(["f4", feature.width])
        elif parts and parts[-1] is None:
            layout[-1][1] += feature.width
        else:
            parts.append(None)
            layout.append(["v4", feature.width])
    keyed = parts == [None] and key_type in _WHOLE_NUMBERS
    if keyed:
        layout[0][1] += KEY_WIDTH
    return Packing(
        parts=tuple(parts),
        form=ScoreForm(
            layout=",".join(f"{kind}:{count}" for kind, count in layout),
            output=str(signature["output"]),
            result=_RESULTS.get(str(signature["output"]), "value"),
            keyed=keyed,
        ),
    )


def check_query(features: Sequence[Feature], columns: Sequence[Column]) -> None:
    """Check that the query has a key and every feature. Raises DatasetUnusable, which names what is missing."""
    names = [c.name for c in columns]
    wanted = ", ".join(f"{f.name} ({f.kind})" for f in features)
    if len(set(names)) != len(names):
        raise DatasetUnusable("two columns have the same name", hint="Name each column: ... as name.")
    if missing := [f.name for f in features if f.name not in names]:
        raise DatasetUnusable(
            f"the query has no column {missing[0]!r}",
            hint=f"The first column is the key; the model's features: {wanted}.",
        )


def batches(rows: Iterator[Sequence[Mapping[str, Any]]], packing: Packing, embed: EmbedPacked) -> Iterator[Batch]:
    """Yield keys (None where they are packed) and packed rows; `rows` gives those of forge.scoring_query in batches."""
    for fetched in rows:
        if packing.form.keyed:
            yield None, b"".join([row["p1"] for row in fetched])
            continue
        keys = [row["p0"] for row in fetched]
        if packing.parts == (None,):
            yield keys, b"".join([row["p1"] for row in fetched])
            continue
        columns = [
            [row[f"p{number}"] for row in fetched]
            if feature is None
            else _packed_texts(feature, [row[f"p{number}"] for row in fetched], embed)
            for number, feature in enumerate(packing.parts, 1)
        ]
        yield keys, b"".join([part for row in zip(*columns, strict=True) for part in row])


def _packed_texts(feature: Feature, texts: Sequence[str | None], embed: EmbedPacked) -> list[bytes]:
    """Return the little-endian float32 of each text's embedding or terms, or of each vector."""
    if feature.kind == "vector":
        return [_packed_vector(feature, text) for text in texts]
    if feature.kind == "wording":
        return [_little(padded(text or "", feature.buckets, feature.width)) for text in texts]
    distinct = list(dict.fromkeys(text for text in texts if text is not None and text.strip()))
    vectors = dict(zip(distinct, embed(distinct, str(feature.embedder)), strict=True)) if distinct else {}
    empty = bytes(4 * feature.width)
    return [vectors.get(text or "", empty) for text in texts]


def _packed_vector(feature: Feature, text: str | None) -> bytes:
    if text is None:
        return _little([math.nan] * feature.width)
    inner = text.strip("[]{}").replace("NULL", "null")
    numbers = [math.nan if n is None else float(n) for n in json.loads(f"[{inner}]")]
    if len(numbers) != feature.width:
        raise InvalidArgument(
            f"feature {feature.name!r} has {len(numbers)} numbers", hint=f"Select vectors of {feature.width} numbers."
        )
    return _little(numbers)


def _little(numbers: Sequence[float]) -> bytes:
    packed = array.array("f", numbers)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()
