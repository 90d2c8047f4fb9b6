"""The owner's deployed models, and which of them a question is about."""

import json
from collections.abc import Sequence
from typing import Any

from datapunk.db import Db, Row
from datapunk.gaia.model_fit import Trained, about, fitting
from datapunk.gaia.router import Q, unpacked
from datapunk.inference import InferenceClient

# Models that read a text alone can be asked about one that a question quotes.
_OF_ROWS = ("classifier", "regressor", "clusterer")
_MOST_NAMED = 20


def fitting_model(
    db: Db, inference: InferenceClient, parameters: dict[str, Any], recipes: Sequence[str]
) -> dict[str, Any]:
    """Return the model that fits (None for none), its series that are asked for, and the models that there are."""
    rows = db.rows(Q.trained_models, list(recipes))
    models = [_trained(row) for row in rows]
    named = [{"name": model.name, "of": about(model)} for model in models[:_MOST_NAMED]]
    if wanted := parameters.get("model"):
        name = next((model.name for model in models if model.name == wanted), None)
        return {"model": name, "series": [], "trained": named}

    def likeness(words: Sequence[str], others: Sequence[str]) -> float:
        model = str(db.rows(Q.context)[0]["model"])
        vectors = unpacked(inference.embed([*words, *others], model))
        return max(
            sum(a * b for a, b in zip(one, other, strict=True))
            for one in vectors[: len(words)]
            for other in vectors[len(words) :]
        )

    asked = [model for model, row in zip(models, rows, strict=True) if _can_be_asked(row)]
    # Of a question in another language what it says in English.
    question = str(parameters.get("reading") or parameters.get("question") or "")
    fit = fitting(question, parameters, asked, likeness)
    return {"model": fit and fit.name, "series": list(fit.series) if fit else [], "trained": named}


def _can_be_asked(row: Row) -> bool:
    return row["recipe"] not in _OF_ROWS or json.loads(row["features"]) == ["text"]


def _trained(row: Row) -> Trained:
    return Trained(
        name=str(row["name"]), recipe=str(row["recipe"]), query=str(row["query"] or ""),
        columns=tuple(json.loads(row["columns"])), target=str(row["target"]),
        labels=tuple(str(label) for label in json.loads(row["labels"])), series=tuple(json.loads(row["series"])),
    )  # fmt: skip
