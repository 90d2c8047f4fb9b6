"""Prediction with a version's ONNX graph: features are checked against its signature, texts embedded, labels named."""

import array
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from datapunk.db import Row
from datapunk.errors import InvalidArgument


class Inference(Protocol):
    """What prediction needs of the inference client."""

    def embed(self, texts: Sequence[str], model: str) -> list[bytes]:
        """Return one unit vector a text, as little-endian float32."""
        ...

    def predict(self, model_sha: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Run an ONNX graph on rows of numbers; outputs by name."""
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

    def checked_features(self, model: str, features: object) -> dict[str, str]:
        """Return the features. Raises InvalidArgument when they don't match the signature."""
        if self.recipe != "text_classifier":
            raise InvalidArgument(
                f"the model {model!r} is a {self.recipe}, which has no prediction for features",
                hint="Use forge_recommend for a recommender, cortex_embed for an embedder.",
            )
        if not isinstance(features, dict) or set(features) != {"text"} or not isinstance(features["text"], str):
            raise InvalidArgument("the features don't match the model", hint='Give {"text": "..."}.')
        if not features["text"].strip():
            raise InvalidArgument("the text is empty", hint='Give {"text": "..."}.')
        return features


def predict_label(client: Inference, served: Served, sha256: str, features: Mapping[str, str]) -> dict[str, object]:
    """Return label, probabilities by label (largest first) and version."""
    signature = served.signature
    vector = array.array("f", client.embed([features["text"]], signature["embedder"])[0])
    if sys.byteorder == "big":
        vector.byteswap()
    outputs = client.predict(sha256, {signature["input"]: [vector.tolist()]})
    row = [float(p) for p in outputs[signature["output"]][0]]
    ranked = sorted(zip(signature["labels"], row, strict=True), key=lambda pair: -pair[1])
    return {
        "label": ranked[0][0],
        "probabilities": {label: round(p, 6) for label, p in ranked},
        "version": served.version,
    }
