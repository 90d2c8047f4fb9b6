"""Versions of tabular models for tests of serving: fitted on made-up rows, stored as a worker would store them."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from datapunk.forge.features import encode_row, read_features
from datapunk_forge.export.native_reader import native_form
from datapunk_forge.export.trees import register
from harness import Database

register()


@dataclass(frozen=True, kw_only=True)
class TabularModel:
    """A fitted pipeline, its graph and its signature."""

    recipe: str
    pipeline: Any
    graph: bytes
    signature: dict[str, Any]
    artifacts: dict[str, bytes] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)


def number(name: str, column: int, **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": "number", "type": "float8", "column": column, "width": 1, **more}


def numeric_rows(count: int, width: int, seed: int = 0) -> tuple[Any, Any]:
    """Rows of normal numbers, a few of them missing, and a value that depends on all of them."""
    random = np.random.default_rng(seed)
    rows = random.normal(size=(count, width)).astype(np.float32)
    value = rows @ np.linspace(-1, 1, width) + 0.3 * random.normal(size=count)
    rows[random.random(rows.shape) < 0.02] = np.nan
    return rows, value


def to_graph(estimator: Any, width: int) -> bytes:
    options = {id(estimator): {"zipmap": False}} if hasattr(estimator, "predict_proba") else None
    model = convert_sklearn(
        estimator, initial_types=[("features", FloatTensorType([None, width]))], options=options, target_opset=17
    )
    for node in model.graph.output:
        if node.name == "variable":
            for part in model.graph.node:
                part.output[:] = ["value" if name == "variable" else name for name in part.output]
            node.name = "value"
    content: bytes = model.SerializeToString()
    return content


def linear_classifier(width: int = 20, features: list[dict[str, Any]] | None = None) -> TabularModel:
    rows, value = numeric_rows(2000, width)
    pipeline = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression()).fit(rows, value > 0)
    return TabularModel(
        recipe="classifier", pipeline=pipeline, graph=to_graph(pipeline, width),
        signature={
            "kind": "tabular", "task": "classification", "input": "features", "output": "probabilities",
            "width": width, "labels": ["no", "yes"],
            "features": features or [number(f"x{i + 1}", i) for i in range(width)],
        },
    )  # fmt: skip


def boosted_classifier(width: int = 20, trees: int = 100) -> TabularModel:
    """Trees in numbers that the recipe has: too many comparisons for SQL to be the quicker way."""
    rows, value = numeric_rows(20_000, width)
    pipeline = make_pipeline(
        make_column_transformer(("passthrough", list(range(width)))),
        HistGradientBoostingClassifier(max_iter=trees, early_stopping=False, random_state=0),
    ).fit(rows, value > 0)
    return replace(linear_classifier(width), pipeline=pipeline, graph=to_graph(pipeline, width))


def linear_regressor(width: int = 3) -> TabularModel:
    rows, value = numeric_rows(2000, width)
    pipeline = make_pipeline(SimpleImputer(), StandardScaler(), LinearRegression()).fit(rows, value)
    return TabularModel(
        recipe="regressor", pipeline=pipeline, graph=to_graph(pipeline, width),
        signature={
            "kind": "tabular", "task": "regression", "input": "features", "output": "value", "width": width,
            "features": [number(f"x{i + 1}", i) for i in range(width)],
        },
    )  # fmt: skip


def with_native(model: TabularModel) -> TabularModel:
    """The model with its native form beside its graph."""
    return _native(model, numeric_rows(500, model.signature["width"], seed=9)[0])


def _native(model: TabularModel, rows: Any) -> TabularModel:
    native = native_form(model.graph, model.signature["output"], rows)
    return replace(model, artifacts={**model.artifacts, "native.json": native.to_json()})


def _fitted(estimator: Any, target: str) -> TabularModel:
    """An estimator over four numbers; the target is a value, two labels or three."""
    rows, value = numeric_rows(600, 4)
    goal = {"value": value, "two": value > 0, "three": np.digitize(value, [-0.5, 0.5])}[target]
    estimator.fit(rows, goal)
    labels = {"value": None, "two": ["no", "yes"], "three": ["low", "middle", "high"]}[target]
    signature = {
        "kind": "tabular", "input": "features", "output": "probabilities" if labels else "value", "width": 4,
        "features": [number(f"x{i + 1}", i) for i in range(4)], **({"labels": labels} if labels else {}),
    }  # fmt: skip
    recipe = "classifier" if labels else "regressor"
    model = TabularModel(recipe=recipe, pipeline=estimator, graph=to_graph(estimator, 4), signature=signature)
    return _native(model, rows)


def _linear(model: Any) -> Any:
    return make_pipeline(SimpleImputer(), StandardScaler(), model)


#: Models of every form that SQL is made of, over four numbers x1 to x4.
COMPILED: dict[str, Callable[[], TabularModel]] = {
    "linear_classifier": lambda: _fitted(_linear(LogisticRegression()), "two"),
    "linear_three_labels": lambda: _fitted(_linear(LogisticRegression()), "three"),
    "linear_regressor": lambda: _fitted(_linear(LinearRegression()), "value"),
    "trees": lambda: _fitted(HistGradientBoostingClassifier(max_iter=20), "two"),
    "trees_three_labels": lambda: _fitted(RandomForestClassifier(10, max_depth=5, random_state=0), "three"),
    "trees_regressor": lambda: _fitted(HistGradientBoostingRegressor(max_iter=20), "value"),
    "forest_classifier": lambda: _fitted(RandomForestClassifier(10, max_depth=5, random_state=0), "two"),
}


def mixed_rows(estimator: Any = None, numbers: Any = None) -> tuple[TabularModel, list[tuple[Any, ...]], Any]:
    """A model over a number, a boolean, a category (one-hot) and a time; rows of values, and their matrix.

    It is linear unless given, and `numbers`, which comes before it, imputes and scales.
    """
    entries = [
        number("size", 0), {"name": "paid", "kind": "boolean", "type": "bool", "column": 1, "width": 1},
        {"name": "city", "kind": "category", "type": "text", "column": 2, "width": 1, "values": ["Bern", "L'Aquila"]},
        {"name": "at", "kind": "time", "type": "timestamptz", "column": 3, "width": 4,
         "parts": ["days", "hour", "weekday", "month"]},
    ]  # fmt: skip
    given: list[tuple[Any, ...]] = [
        (1.5, True, "L'Aquila", "2024-02-29T23:30:00+02:00"), (None, None, None, None), (-2, False, "Rome", None),
        (0.25, True, "Bern", "1969-12-30T01:00:00+00:00"), (3, None, "Bern", "2025-07-01T12:00:00+00:00"),
    ]  # fmt: skip
    features = read_features({"features": entries})
    names = [f.name for f in features]
    matrix = np.array(
        [encode_row(features, dict(zip(names, row, strict=True)) | ({} if any(row) else {"size": "nan"}), lambda *_: [])
         for row in given],
        dtype=np.float32,
    )  # fmt: skip
    random = np.random.default_rng(0)
    rows = np.column_stack(
        [random.normal(size=(200, 2)), random.integers(-1, 2, 200), random.uniform(0, 20000, 200),
         random.uniform(0, 24, 200), random.integers(0, 7, 200), random.integers(1, 13, 200)]
    ).astype(np.float32)  # fmt: skip
    columns = make_column_transformer(
        (numbers or make_pipeline(SimpleImputer(), StandardScaler()), [0, 1, 3, 4, 5, 6]),
        (make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")), [2]),
    )
    rows[::7, :2] = np.nan
    goal = np.nan_to_num(rows[:, 0]) + rows[:, 2] + np.sin(rows[:, 3] + rows[:, 4]) > 0
    pipeline = make_pipeline(columns, LogisticRegression() if estimator is None else estimator).fit(rows, goal)
    signature = {
        "kind": "tabular", "input": "features", "output": "probabilities", "width": 7, "labels": ["no", "yes"],
        "features": entries,
    }  # fmt: skip
    model = TabularModel(recipe="classifier", pipeline=pipeline, graph=to_graph(pipeline, 7), signature=signature)
    return _native(model, rows), given, matrix


def store(database: Database, model: TabularModel, *, name: str, owner: str = "local", deployed: bool = True) -> int:
    """Write the model as the next version of `name`; returns its number. Written by a superuser, for speed."""
    with database.connect("postgres", owner=owner) as root:
        row = root.execute(
            """
            with m as (
              insert into forge.model (owner_id, name, recipe) values (%(owner)s, %(name)s, %(recipe)s)
              on conflict on constraint model_name_uq do update set name = excluded.name
              returning id
            )
            insert into forge.version (
              owner_id, model_id, version, recipe, primary_metric, signature, code_version, sha256, parameters
            )
            select %(owner)s, m.id, coalesce(max(v.version), 0) + 1, %(recipe)s, 'accuracy', %(signature)s, 'test',
              %(sha)s, %(parameters)s
            from m
            left join forge.version as v on v.owner_id = %(owner)s and v.model_id = m.id
            group by m.id
            returning id, version
            """,
            {
                "owner": owner, "name": name, "recipe": model.recipe, "signature": json.dumps(model.signature),
                "sha": hashlib.sha256(model.graph).hexdigest(), "parameters": json.dumps(model.parameters),
            },
        ).fetchone()  # fmt: skip
        assert row is not None
        graph = {"model.onnx": model.graph} if model.graph else {}
        for file, content in {**graph, **model.artifacts}.items():
            root.execute(
                "insert into forge.artifact (owner_id, version_id, name, media_type, sha256, content)"
                " values (%s, %s, %s, 'application/octet-stream', encode(sha256(%s), 'hex'), %s)",
                (owner, row[0], file, content, content),
            )
        if deployed:
            root.execute("select forge.deploy_version(%s, 'test')", (row[0],))
        version = row[1]
    assert isinstance(version, int)
    return version
