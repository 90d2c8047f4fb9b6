"""The estimators on offer, each with its preprocessing in one pipeline, and what a search may vary.

All of them export to ONNX with agreement; k nearest neighbours (whose export holds the training rows) is not offered.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from datapunk.forge.features import Feature
from datapunk_forge.tabular.target_means import TargetMeans

#: Those that are compared unasked. A single tree, `tree`, is for who wants to read it.
FAMILIES = ("linear", "forest", "extra_trees", "boosting")
# Categories up to this many values get a column each.
_FEW = 20
# Rows of the rarest label with which the folds of what many values tell have some of each.
_FOLDS = 5
_EARLY_STOP_ROWS = 1000
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "linear": {"strength": 1.0},
    # As in rpart (Therneau and Atkinson): a leaf of fewer rows says little.
    "tree": {"min_leaf": 7},
    "forest": {"trees": 100, "min_leaf": 3, "max_features": 0.4},
    "extra_trees": {"trees": 100, "min_leaf": 3, "max_features": 0.6},
    "boosting": {"learning_rate": 0.1, "iterations": 200, "leaves": 31, "min_leaf": 20, "penalty": 0.1},
}


def suggested(trial: Any, family: str) -> dict[str, Any]:
    """Return parameters for a trial of Optuna."""
    if family == "linear":
        return {"strength": trial.suggest_float("strength", 1e-3, 1e3, log=True)}
    if family == "tree":
        return {"min_leaf": trial.suggest_int("tree_min_leaf", 1, 100, log=True)}
    if family == "boosting":
        return {
            "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.3, log=True),
            "iterations": trial.suggest_int("iterations", 50, 500, log=True),
            "leaves": trial.suggest_int("leaves", 7, 127, log=True),
            "min_leaf": trial.suggest_int("boosting_min_leaf", 5, 100, log=True),
            "penalty": trial.suggest_float("penalty", 1e-3, 10.0, log=True),
        }
    return {
        "trees": trial.suggest_int(f"{family}_trees", 50, 300, log=True),
        "min_leaf": trial.suggest_int(f"{family}_min_leaf", 1, 30, log=True),
        "max_features": trial.suggest_float(f"{family}_max_features", 0.1, 1.0),
    }


def pipeline(
    family: str, features: Sequence[Feature], *, labels: int, parameters: Mapping[str, Any], options: Mapping[str, Any],
    rows: int, rarest: int, seed: int,
) -> Pipeline:  # fmt: skip
    """Return an unfitted pipeline over the encoded matrix; `labels` is how many the rows have, 0 for a regression.

    `rarest` is how many of the rows have the rarest label: what stops early sets rows of each aside.
    """
    early = bool(options.get("early_stop", True)) and rows >= _EARLY_STOP_ROWS and rarest >= 2
    model = _estimator(family, labels, dict(parameters), options, early, seed)
    if labels and options.get("calibration") == "sigmoid":
        model = CalibratedClassifierCV(model, method="sigmoid", cv=3, ensemble=False)
    return make_pipeline(_preprocessing(family, features, labels, rarest, seed), model)


def estimator_of(fitted: Pipeline) -> Any:
    """Return the estimator at the end of a fitted pipeline, out of its calibration if it has one."""
    model = fitted[-1]
    return model.calibrated_classifiers_[0].estimator if isinstance(model, CalibratedClassifierCV) else model


def _estimator(
    family: str, labels: int, given: dict[str, Any], options: Mapping[str, Any], early: bool, seed: int
) -> Any:
    weight: dict[str, Any] = {"class_weight": "balanced" if options.get("balanced") else None} if labels else {}
    if family == "linear":
        if labels:
            return LogisticRegression(C=given["strength"], max_iter=1000, random_state=seed, **weight)
        return Ridge(alpha=1.0 / given["strength"], random_state=seed)
    if family == "boosting":
        kind = HistGradientBoostingClassifier if labels else HistGradientBoostingRegressor
        return kind(
            learning_rate=given["learning_rate"], max_iter=given["iterations"], max_leaf_nodes=given["leaves"],
            min_samples_leaf=given["min_leaf"], l2_regularization=given["penalty"], early_stopping=early,
            n_iter_no_change=10, validation_fraction=0.1, random_state=seed, **weight,
        )  # fmt: skip
    if family in ("forest", "tree"):
        forest = RandomForestClassifier if labels else RandomForestRegressor
    else:
        forest = ExtraTreesClassifier if labels else ExtraTreesRegressor
    if family == "tree":
        # A forest of one tree that sees all rows and columns.
        given, weight = {**given, "trees": 1, "max_features": 1.0}, {**weight, "bootstrap": False}
    return forest(
        n_estimators=given["trees"], min_samples_leaf=given["min_leaf"], max_features=given["max_features"],
        n_jobs=int(options.get("cpus", 1)), random_state=seed, **weight,
    )  # fmt: skip


def _preprocessing(family: str, features: Sequence[Feature], labels: int, rarest: int, seed: int) -> ColumnTransformer:
    numbers, few, many = [], [], []
    for feature in features:
        columns = list(range(feature.column, feature.column + feature.width))
        if feature.kind != "category":
            numbers += columns
        elif len(feature.values) <= _FEW:
            few += columns
        else:
            many += columns
    steps: list[tuple[str, Any, list[int]]] = []
    if numbers:
        steps.append(("number", _scaled() if family == "linear" else "passthrough", numbers))
    if few:
        steps.append(("few", OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype=np.float32), few))
    if many:
        steps.append(("many", _many(labels, rarest, seed), many))
    return ColumnTransformer(steps)


def _scaled() -> Any:
    return make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler())


def _many(labels: int, rarest: int, seed: int) -> Any:
    """Return the encoder of categories with many values: what the target is like for each value."""
    stratified = labels > 0 and rarest >= _FOLDS
    folds = (StratifiedKFold if stratified else KFold)(n_splits=_FOLDS, shuffle=True, random_state=seed)
    return TargetMeans(target_type=("binary" if labels <= 2 else "multiclass") if labels else "continuous", cv=folds)
