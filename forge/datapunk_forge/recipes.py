"""The recipes by name; each is a function from a dataset to what was learned."""

import importlib
from collections.abc import Mapping
from typing import Protocol, cast

from datapunk.errors import InvalidArgument
from datapunk_forge.trained import Dataset, Embed, Progress, Trained

_MODULES = {
    "clusterer": "datapunk_forge.clusterer",
    "anomaly_detector": "datapunk_forge.anomaly_detector",
    "classifier": "datapunk_forge.classifier",
    "regressor": "datapunk_forge.regressor",
    "embedder": "datapunk_forge.embedder",
    "entity_recognizer": "datapunk_forge.entity_recognizer",
    "forecaster": "datapunk_forge.forecaster",
    "next_event": "datapunk_forge.next_event",
    "recommender": "datapunk_forge.recommender",
    "sentiment": "datapunk_forge.sentiment",
    "text_classifier": "datapunk_forge.text_classifier",
}


class Trainer(Protocol):
    """Trains on a dataset with checked options; `embed` turns texts into vectors by a model's name."""

    def __call__(self, dataset: Dataset, options: Mapping[str, object], progress: Progress, embed: Embed) -> Trained:
        """Return what was learned. Raises DatasetUnusable or TrainingFailed."""
        ...


def trainer(recipe: str) -> Trainer:
    """Return a recipe's trainer; its libraries are loaded now. Raises InvalidArgument for an unknown recipe."""
    try:
        module = importlib.import_module(_MODULES[recipe])
    except KeyError:
        raise InvalidArgument(
            f"this worker knows no recipe {recipe!r}", hint=f"It knows {', '.join(_MODULES)}; update the worker."
        ) from None
    return cast(Trainer, module.train)
