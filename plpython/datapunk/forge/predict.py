"""Prediction with a version's ONNX graph: a row is encoded by its signature, and what comes out gets its names."""

import array
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Protocol

from datapunk.db import Row
from datapunk.errors import InvalidArgument
from datapunk.forge.features import Feature, encode_row, read_features, seconds_of

# Graphs of a next_event beside that of what comes next.
WHERE, WHEN = "where.onnx", "when.onnx"
# The first and the last second that a datetime holds.
_FIRST, _LAST = -62135596800, 253402300799
_OTHER_WAYS = {
    "recommender": "forge_recommend answers for it",
    "embedder": "cortex_embed answers for it",
    "entity_recognizer": "forge_predict finds the entities of one text",
    "forecaster": "forge_forecast answers for it",
}


class Inference(Protocol):
    """What prediction needs of the inference client."""

    def embed(self, texts: Sequence[str], model: str) -> list[bytes]:
        """Return one unit vector a text, as little-endian float32."""
        ...

    def predict(self, model_sha: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Run an ONNX graph on rows of numbers; outputs by name."""
        ...

    def entities(self, pipeline_sha: str, texts: Sequence[str]) -> list[list[dict[str, Any]]]:
        """Find the entities of each text."""
        ...


@dataclass(frozen=True, kw_only=True)
class Served:
    """The version that answers, as far as prediction needs it."""

    owner_id: str
    version_id: int
    version: int
    recipe: str
    signature: Mapping[str, Any]

    @classmethod
    def from_row(cls, row: Row) -> "Served":
        """Build from a row of the query `version`."""
        return cls(
            owner_id=row["owner_id"],
            version_id=int(row["id"]),
            version=int(row["version"]),
            recipe=row["recipe"],
            signature=json.loads(row["signature"]),
        )

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """What the graph's matrix is made of. Raises InvalidArgument for a model that predicts nothing from a row."""
        if self.signature.get("kind") == "tabular":
            return read_features(self.signature)
        if self.recipe in ("text_classifier", "sentiment"):
            dimensions = int(self.signature["dimensions"])
            meaning = Feature(
                name="text", kind="text", type="text", column=0, width=dimensions,
                embedder=str(self.signature["embedder"]),
            )  # fmt: skip
            if (wording := self.signature.get("wording")) is None:
                return (meaning,)
            return meaning, Feature(
                name="text", kind="wording", type="text", column=dimensions, width=int(wording["terms"]),
                buckets=int(wording["buckets"]),
            )  # fmt: skip
        raise InvalidArgument(
            f"the recipe {self.recipe} predicts nothing from features",
            hint=f"{_OTHER_WAYS.get(self.recipe, 'Use a classifier or regressor')}.",
        )

    def check_features(self) -> None:
        """Raise InvalidArgument for a model that predicts nothing from a row."""
        _ = self.features

    def assumed(self, given: Any) -> Any:
        """Return what is given, with what the newest event of the training says of the features that are left out.

        A feature that is given as null is missing.
        """
        last = self.signature.get("last")
        if not isinstance(last, Mapping) or not isinstance(given, Mapping):
            return given
        known = {feature.name for feature in self.features}
        return {**{name: value for name, value in last.items() if name in known}, **given}

    def checked_row(self, client: Inference, given: object) -> list[float]:
        """Return the row of the matrix. Raises InvalidArgument when the features don't match the signature."""
        features = self.features
        given = self.assumed(given)
        if {f.kind for f in features} <= {"text", "wording"} and len({f.name for f in features}) == 1:
            name = features[0].name
            text = given.get(name) if isinstance(given, dict) else None
            if not isinstance(text, str) or not text.strip():
                raise InvalidArgument("the text is empty or missing", hint=f'Give {{"{name}": "..."}}.')
        return encode_row(features, given, lambda texts, model: unpacked(client.embed(texts, model)))


def unpacked(vectors: Sequence[bytes]) -> list[list[float]]:
    """Return the numbers of packed little-endian float32 vectors."""
    found = []
    for packed in vectors:
        vector = array.array("f", packed)
        if sys.byteorder == "big":
            vector.byteswap()
        found.append(vector.tolist())
    return found


def predict_row(client: Inference, served: Served, sha256: str, row: Sequence[float]) -> dict[str, object]:
    """Return label and probabilities by label (largest first), or value, or score; and the version.

    Raises InvalidArgument where they are not finite, which JSON has no words for.
    """
    signature = served.signature
    outputs = client.predict(sha256, {signature["input"]: [row]})
    answer = [float(p) for p in outputs[signature["output"]][0]]
    if not all(map(math.isfinite, answer)):
        raise InvalidArgument("the model gives no finite number for this row", hint="A number in it is too large.")
    if signature["output"] == "probabilities":
        return {**_ranked(signature["labels"], answer), "version": served.version}
    if signature["output"] == "distances":
        nearest = min(range(len(answer)), key=lambda number: answer[number])
        return {
            "label": signature["labels"][nearest],
            "distances": dict(zip(signature["labels"], answer, strict=True)),
            "version": served.version,
        }
    if signature["output"] == "score":
        return {"score": answer[0], "is_anomaly": answer[0] > float(signature["threshold"]), "version": served.version}
    return {"value": answer[0], "version": served.version}


def _ranked(labels: Sequence[str], answer: Sequence[float]) -> dict[str, object]:
    ranked = sorted(zip(labels, answer, strict=True), key=lambda pair: -pair[1])
    return {"label": ranked[0][0], "probabilities": {label: round(p, 6) for label, p in ranked}}


def recognised(client: Inference, served: Served, sha256: str, given: object) -> dict[str, object]:
    """Return the entities of a text. Raises InvalidArgument without one."""
    text = given.get("text") if isinstance(given, Mapping) else None
    if not isinstance(text, str) or not text.strip() or not isinstance(given, Mapping) or len(given) > 1:
        raise InvalidArgument("the text is empty or missing, or not alone", hint='Give {"text": "..."}.')
    return {"entities": client.entities(sha256, [text])[0], "version": served.version}


def predict_more(
    client: Inference, served: Served, graphs: Mapping[str, str], given: object, row: Sequence[float]
) -> dict[str, object]:
    """Return where the next event is and when, of a next_event that learned it; `graphs` has the SHA-256 by name."""
    found: dict[str, object] = {}
    inputs = {served.signature["input"]: [row]}
    if sha256 := graphs.get(WHERE):
        places = client.predict(sha256, inputs)["probabilities"][0]
        found["where"] = _ranked(served.signature["where_labels"], [float(p) for p in places])
    if sha256 := graphs.get(WHEN):
        hours = max(math.expm1(float(client.predict(sha256, inputs)["value"][0][0])), 0.0)
        found["hours"] = round(hours, 4)
        at = next(f for f in served.features if f.name == "at")
        assumed = served.assumed(given)
        now = assumed.get("at")
        if now is not None and _FIRST <= (seconds := seconds_of(at, now) + 3600 * hours) <= _LAST:
            found["when"] = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    return found
