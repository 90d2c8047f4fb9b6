"""Recipes on public data sets with the published protocols, in this process: what they learn, not how they are asked.

Run as: python tests/bench/bench_recipes.py [SET ...]. Figures beside each are those of the sets' INDEX.md. Needs the
shared data sets; without them there is nothing to measure.
"""

import csv
import gzip
import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / part) for part in ("plpython", "forge", "workers")]

from datapunk_forge import (  # noqa: E402
    anomaly_detector,
    classifier,
    entity_recognizer,
    forecaster,
    recommender,
)
from datapunk_forge.trained import Column, Dataset, Trained  # noqa: E402

PUBLIC = Path(os.environ.get("DATAPUNK_SHARED", ROOT.parent / "shared"), "data/public")
TABULAR: Mapping[str, object] = {
    "target": "y", "embedder": "", "test_size": 0.2, "folds": 3, "trials": 0, "seed": 0, "family": "auto",
    "metric": "accuracy", "leakage": "keep", "refit": False, "early_stop": True, "search_rows": 20000,
    "timeout": 3600, "cpus": 1,
}  # fmt: skip


def told(*_: object, **__: float) -> None:
    """Nobody watches."""


def no_embedding(texts: Sequence[str], model: str) -> Any:
    raise RuntimeError("these sets have no language")


def dataset(columns: Mapping[str, Any]) -> Dataset:
    made = []
    for name, values in columns.items():
        number = not isinstance(values[0], str)
        made.append(
            Column(
                name=name, type="float8" if number else "text", kind="number" if number else "text",
                values=np.asarray(values, dtype=float) if number else list(values),
            )
        )  # fmt: skip
    return Dataset(columns=tuple(made), row_count=len(made[0].values), fingerprint="", read_at="")


def figures(trained: Trained, *names: str) -> dict[str, Any]:
    return {
        f"{m.name} ({m.scored})": [None if v is None else round(v, 4) for v in (m.value, m.lower, m.upper)]
        for m in trained.metrics
        if m.name in names
    }


def ids_nslkdd() -> dict[str, Any]:
    """Attack or not: trained on KDDTrain+_20Percent, measured on KDDTest+, which has attacks of other kinds."""
    rows: list[list[str]] = []
    sizes = []
    for name in ("KDDTrain+_20Percent.txt", "KDDTest+.txt"):
        with (PUBLIC / "ids_nslkdd" / name).open() as file:
            part = list(csv.reader(file))
        sizes.append(len(part))
        rows += part
    columns: dict[str, Any] = {}
    for index in range(41):
        values = [row[index] for row in rows]
        columns[f"x{index}"] = values if index in (1, 2, 3) else [float(v) for v in values]
    columns["y"] = ["normal" if row[41] == "normal" else "attack" for row in rows]
    found = {}
    for family in ("forest", "boosting", "linear"):
        # In the order of the query, the last rows are held out.
        options = {**TABULAR, "split": "time", "test_size": sizes[1] / sum(sizes), "family": family}
        trained = classifier.train(dataset(columns), options, told, no_embedding)
        found[family] = figures(trained, "accuracy", "accuracy gain")
    return {"accuracy": found, "listed": "decision tree .797, random forest .781 here; J48 .8105, random forest .8067"}


def loc_wifi_rooms() -> dict[str, Any]:
    """The room by signal strengths; ten random tenths held out."""
    with (PUBLIC / "loc_wifi_rooms/wifi_location.csv").open() as file:
        rows = [r for r in csv.reader(file) if r and r[0].lstrip("-").isdigit()]
    columns: dict[str, Any] = {f"signal_{i}": [float(r[i]) for r in rows] for i in range(7)}
    columns["y"] = [f"room {r[7]}" for r in rows]
    scores = [
        next(
            m.value
            for m in classifier.train(
                dataset(columns),
                {**TABULAR, "test_size": 0.1, "seed": seed, "family": "extra_trees"},
                told,
                no_embedding,
            ).metrics
            if m.name == "accuracy" and m.scored == "model"
        )
        for seed in range(10)
    ]
    return {"accuracy": round(float(np.mean(scores)), 4), "listed": "5-NN .976 here"}


def rec_filmtrust() -> dict[str, Any]:
    """Random 80/20, as in Ferrari Dacrema et al.; each family."""
    rows = [line.split() for line in (PUBLIC / "rec_filmtrust/ratings_filmtrust.dat").read_text().splitlines() if line]
    data = dataset({"user": [r[0] for r in rows], "item": [r[1] for r in rows]})
    data = Dataset(
        columns=tuple(
            Column(name=c.name, type="text", kind="text", values=[str(v) for v in c.values]) for c in data.columns
        ),
        row_count=len(rows), fingerprint="", read_at="",
    )  # fmt: skip
    found = {}
    for family in ("ease", "item_knn", "als"):
        options = {
            "split": "random", "test_size": 0.2, "seed": 42, "max_items": 4000, "neighbours": 200, "session": "auto",
            "family": family, "cpus": 1,
        }  # fmt: skip
        found[family] = figures(
            recommender.train(data, options, told, no_embedding), "ndcg@10", "recall@10", "ndcg@10 gain"
        )
    return {"families": found, "listed": "EASE .594 NDCG@10 (cut at 10), .644 recall@10; popularity .551, .633 here"}


def ts(step: float, horizon: int, season: int, train: Mapping[str, Any], test: Mapping[str, Any]) -> dict[str, Any]:
    """Forecasts of the training parts, compared with the test parts that the recipe never saw."""
    names = sorted(train)
    columns = {
        "series": [n for n in names for _ in train[n]], "value": [v for n in names for v in train[n]],
    }  # fmt: skip
    data = dataset(columns)
    time_column = Column(
        name="at", type="timestamptz", kind="time",
        values=np.array([1e9 + i * step for n in names for i in range(len(train[n]))]),
    )  # fmt: skip
    data = Dataset(columns=(*data.columns, time_column), row_count=data.row_count, fingerprint="", read_at="")
    options = {"seed": 0, "horizon": horizon, "season": season, "history": 1000, "folds": 3, "family": "auto"}
    started = time.process_time()
    trained = forecaster.train(data, options, told, no_embedding)
    rows = trained.forecasts
    assert rows is not None
    smape, mase, naive, inside = [], [], [], []
    for number, name in enumerate(rows.series):
        truth, known = np.array(test[name][:horizon]), np.array(train[name])
        scale = np.abs(known[season:] - known[:-season]).mean()
        again = known[-season:][np.arange(horizon) % season]
        smape.append(float(np.mean(200 * np.abs(truth - rows.value[number]) / (truth + np.abs(rows.value[number])))))
        mase.append(float(np.abs(truth - rows.value[number]).mean() / scale))
        naive.append(float(np.abs(truth - again).mean() / scale))
        inside.append(((truth[:, None] >= rows.lower[number]) & (truth[:, None] <= rows.upper[number])).mean(axis=0))
    levels = trained.signature["levels"]
    coverage = np.mean(inside, axis=0)
    return {
        "series": len(names), "smape": round(float(np.mean(smape)), 3), "mase": round(float(np.mean(mase)), 3),
        "seasonal_naive_mase": round(float(np.mean(naive)), 3),
        "coverage": {str(lv): round(float(c), 3) for lv, c in zip(levels, coverage, strict=True)},  # type: ignore[call-overload]
        "chosen": trained.parameters["chosen"], "cpu_s": round(time.process_time() - started, 1),
    }  # fmt: skip


def ts_m3() -> dict[str, Any]:
    """Every sixth yearly and every fourteenth monthly series: about a hundred of each, for the processor's sake."""
    parts: dict[str, dict[str, dict[str, list[float]]]] = {}
    with gzip.open(PUBLIC / "ts_m3/m3_yqm.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            series = parts.setdefault(row["frequency"], {}).setdefault(row["split"], {})
            series[row["series"]] = [float(v) for v in row["values"].split()]
    found: dict[str, Any] = {"listed": "sMAPE Y/M: Naive2 17.88/16.77, sNaive 17.88/17.24, simple Theta 16.74/13.91"}
    for frequency, horizon, season, every in (("Yearly", 6, 1, 6), ("Monthly", 18, 12, 14)):
        names = sorted(parts[frequency]["train"])[::every]
        train = {n: parts[frequency]["train"][n] for n in names}
        found[frequency] = ts(86400.0, horizon, season, train, parts[frequency]["test"])
    return found


def ts_m4_hourly() -> dict[str, Any]:
    """Every seventh hourly series, for the processor's sake."""

    def read(name: str) -> dict[str, list[float]]:
        with (PUBLIC / "ts_m4_hourly_weekly" / name).open() as file:
            return {r[0]: [float(v) for v in r[1:] if v] for r in list(csv.reader(file))[1:]}

    train = read("Hourly-train.csv")
    names = sorted(train)[::7]
    found = ts(3600.0, 48, 24, {n: train[n] for n in names}, read("Hourly-test.csv"))
    return {**found, "listed": "sMAPE/MASE: sNaive 13.912/1.193, Theta 18.138/2.455 over all 414"}


def anom_adbench() -> dict[str, Any]:
    """Fitted on 60 %, measured on the other 40 %, mean of three splits."""
    listed = {"cardio": 0.924, "musk": 0.999, "pendigits": 0.943, "pima": 0.668, "letter": 0.619, "glass": 0.702}
    found: dict[str, Any] = {"listed": f"isolation forest {listed}"}
    for path in sorted((PUBLIC / "anom_adbench/npz").glob("*.npz")):
        name = path.stem.split("_")[-1].lower()
        if name not in listed:
            continue
        with np.load(path) as arrays:
            x, y = arrays["X"], arrays["y"]
        columns: dict[str, Any] = {f"x{i}": x[:, i] for i in range(x.shape[1])}
        columns["y"] = ["odd" if v else "normal" for v in y]
        for family in ("isolation_forest", "ecod"):
            scores = []
            for seed in range(3):
                options = {
                    "target": "y", "embedder": "", "test_size": 0.4, "seed": seed, "family": family,
                    "contamination": 0.05,
                }  # fmt: skip
                trained = anomaly_detector.train(dataset(columns), options, told, no_embedding)
                scores.append(next(m.value for m in trained.metrics if m.name == "roc_auc" and m.scored == "model"))
            found[f"{name} {family}"] = round(float(np.mean(scores)), 3)
    return found


def ner_wnut17() -> dict[str, Any]:
    """Trained on train and dev, measured on test; no pretrained vectors."""
    texts, entities, sizes = [], [], []
    for name in ("train.conll", "dev.conll", "test.conll"):
        before = len(texts)
        for block in (PUBLIC / "ner_wnut17" / name).read_text(encoding="utf-8").split("\n\n"):
            pairs = [line.split("\t")[:2] for line in block.splitlines() if "\t" in line]
            if pairs:
                text, spans = _joined(pairs)
                texts.append(text)
                entities.append(json.dumps(spans))
        sizes.append(len(texts) - before)
    options = {
        "text": "text", "target": "entities", "split": "time", "test_size": sizes[2] / sum(sizes), "seed": 0,
        "iterations": 30,
    }  # fmt: skip
    trained = entity_recognizer.train(dataset({"text": texts, "entities": entities}), options, told, no_embedding)
    return {**figures(trained, "f1", "f1 gain"), "listed": "winner .4186 with gazetteers and pretrained vectors"}


def _joined(pairs: Sequence[Sequence[str]]) -> tuple[str, list[dict[str, object]]]:
    text, spans = "", list[dict[str, object]]()
    for token, tag in pairs:
        start = len(text)
        text += token + " "
        if tag.startswith("B-"):
            spans.append({"start": start, "end": start + len(token), "label": tag[2:]})
        elif tag.startswith("I-") and spans:
            spans[-1]["end"] = start + len(token)
    return text.rstrip(), spans


SETS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "ids_nslkdd": ids_nslkdd, "loc_wifi_rooms": loc_wifi_rooms, "rec_filmtrust": rec_filmtrust, "ts_m3": ts_m3,
    "ts_m4_hourly": ts_m4_hourly, "anom_adbench": anom_adbench, "ner_wnut17": ner_wnut17,
}  # fmt: skip


def main(wanted: Sequence[str]) -> dict[str, Any]:
    """Return the figures of the sets that are there."""
    if not PUBLIC.is_dir():
        return {"missing": "no shared data sets beside the checkout"}
    warnings.simplefilter("ignore")
    return {name: measure() for name, measure in SETS.items() if not wanted or name in wanted}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
