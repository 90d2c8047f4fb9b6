"""Scoring a table of 20 numbers a row: forge_score against two ways of doing it in a client.

forge_score as it chooses (SQL, for a linear model), and by the model host; the compiled function in a query. Boosted
trees besides, which forge_score leaves to the model host unasked: an average over all rows by their compiled function
stands beside one by forge_score.

The usual way: fetchall with psycopg, scikit-learn, COPY of the rows back. The best one: binary COPY out into numpy,
onnxruntime, binary COPY back. Each leaves its scores in a table; the first run of each warms up.
"""

import math
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import psycopg

from harness import Database
from tabular_models import TabularModel, boosted_classifier, linear_classifier, store, with_native

WIDTH = 20
NAMES = [f"x{i + 1}" for i in range(WIDTH)]
COLUMNS = ", ".join(NAMES)
QUERY = f"select id, {COLUMNS} from public.bench_rows"
RUNS = 3
_OUT = np.dtype([("count", ">i2"), *[(f"{p}{i}", ">i4" if p == "l" else ">i8" if i == 0 else ">f8")
                                     for i in range(WIDTH + 1) for p in ("l", "v")]])  # fmt: skip
_BACK = np.dtype([("count", ">i2"), ("l0", ">i4"), ("id", ">i8"), ("l1", ">i4"), ("label", ">i2"), ("l2", ">i4"),
                  ("probability", ">f8")])  # fmt: skip
_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"


def prepare(connection: psycopg.Connection[Any], rows: int) -> None:
    """Make the table, and the one that scores go to."""
    connection.execute("drop table if exists public.bench_rows, public.bench_scores")
    numbers = ", ".join(f"random() * 2 - 1 as {name}" for name in NAMES)
    connection.execute(
        f"create table public.bench_rows as select g::bigint as id, {numbers} from generate_series(1, {rows}) as g"
    )
    connection.execute("create table public.bench_scores (id bigint, label smallint, probability float8)")
    connection.execute("vacuum (analyze) public.bench_rows")


def usual(connection: psycopg.Connection[Any], model: TabularModel) -> None:
    """Everything through Python objects."""
    fetched = connection.execute(QUERY).fetchall()
    rows = np.array([row[1:] for row in fetched], dtype=np.float64)
    probabilities = model.pipeline.predict_proba(rows)
    labels = probabilities.argmax(axis=1)
    with connection.cursor() as cursor, cursor.copy("copy public.bench_scores from stdin") as copy:
        for row, label, probability in zip(fetched, labels.tolist(), probabilities.max(axis=1).tolist(), strict=True):
            copy.write_row((row[0], label, probability))


def best_client(connection: psycopg.Connection[Any], session: Any) -> None:
    """Bytes straight into numpy and back."""
    content = bytearray()
    with connection.cursor() as cursor:
        with cursor.copy(f"copy ({QUERY}) to stdout (format binary)") as copy:
            for part in copy:
                content += part
        rows = np.frombuffer(content, _OUT, offset=19, count=(len(content) - 21) // _OUT.itemsize)
        matrix = np.stack([rows[f"v{i + 1}"].astype(np.float32) for i in range(WIDTH)], axis=1)
        probabilities = session.run(["probabilities"], {"features": matrix})[0]
        back = np.zeros(len(rows), _BACK)
        back["count"], back["l0"], back["l1"], back["l2"] = 3, 8, 2, 8
        back["id"], back["label"] = rows["v0"], probabilities.argmax(axis=1)
        back["probability"] = probabilities.max(axis=1)
        with cursor.copy("copy public.bench_scores from stdin (format binary)") as copy:
            copy.write(_HEAD + back.tobytes() + _END)


def in_database(connection: psycopg.Connection[Any], given: tuple[str, str]) -> None:
    """By one statement; `given` are the model's name and options."""
    model, options = given
    connection.execute(
        "insert into public.bench_scores select key::bigint, (label = 'yes')::integer, probability"
        " from api.forge_score(%s, %s, %s)",
        (model, QUERY, options),
    )


def compiled(connection: psycopg.Connection[Any], function: str) -> None:
    """As a BI tool would: the function in a SELECT."""
    connection.execute(
        "insert into public.bench_scores select id, (p > 0.5)::integer, greatest(p, 1 - p)"
        f" from (select id, {function}({COLUMNS}) as p from public.bench_rows offset 0) as s"
    )


def only_computed(connection: psycopg.Connection[Any], function: str) -> None:
    """As a BI tool would for a figure over all rows."""
    connection.execute(f"select avg({function}({COLUMNS})) from public.bench_rows").fetchone()


def averaged_by_host(connection: psycopg.Connection[Any], model: str) -> None:
    """The same figure by forge_score and the model host."""
    connection.execute(
        """select avg(probability) from api.forge_score(%s, %s, '{"engine": "host"}')""", (model, QUERY)
    ).fetchone()


def _median_s(connection: psycopg.Connection[Any], way: Callable[[Any, Any], None], given: Any) -> float:
    seconds = []
    for _ in range(RUNS):
        connection.execute("truncate public.bench_scores")
        started = time.perf_counter()
        way(connection, given)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def _sum(connection: psycopg.Connection[Any]) -> float:
    row = connection.execute("select sum(probability) + sum(label) from public.bench_scores").fetchone()
    assert row is not None
    return float(row[0])


def main(database: Database, rows: int) -> dict[str, Any]:
    """Return seconds of each way and how many times as fast forge_score is. Raises when the scores differ."""
    from onnxruntime import InferenceSession

    model = with_native(linear_classifier(WIDTH))
    store(database, model, name="bench_linear")
    boosted = with_native(boosted_classifier(WIDTH))
    store(database, boosted, name="bench_boosted")
    session = InferenceSession(model.graph, providers=["CPUExecutionProvider"])
    figures: dict[str, Any] = {"rows": rows, "columns": WIDTH}
    with database.connect() as connection:
        prepare(connection, rows)
        sums = []
        ways: list[tuple[str, Callable[[Any, Any], None], Any]] = [
            ("usual", usual, model), ("best_client", best_client, session),
            ("forge_score", in_database, ("bench_linear", "{}")),
            ("forge_score_host", in_database, ("bench_linear", '{"engine": "host"}')),
        ]  # fmt: skip
        for name, way, given in ways:
            figures[f"{name}_s"] = round(_median_s(connection, way, given), 3)
            sums.append(_sum(connection))
        row = connection.execute("select forge_compile('bench_linear')").fetchone()
        function = str(row[0]) if row else ""
        figures["compiled_s"] = round(_median_s(connection, compiled, function), 3)
        sums.append(_sum(connection))
        figures["compiled_average_s"] = round(_median_s(connection, only_computed, function), 3)
        trees = []
        for name, way, given in (
            ("boosted_usual", usual, boosted),
            ("boosted_best_client", best_client, InferenceSession(boosted.graph, providers=["CPUExecutionProvider"])),
            ("boosted_forge_score", in_database, ("bench_boosted", "{}")),
        ):
            figures[f"{name}_s"] = round(_median_s(connection, way, given), 3)
            trees.append(_sum(connection))
        row = connection.execute("select forge_compile('bench_boosted')").fetchone()
        function = str(row[0]) if row else ""
        figures["boosted_compiled_s"] = round(_median_s(connection, compiled, function), 3)
        trees.append(_sum(connection))
        figures["boosted_average_host_s"] = round(_median_s(connection, averaged_by_host, "bench_boosted"), 3)
        figures["boosted_compiled_average_s"] = round(_median_s(connection, only_computed, function), 3)
        for found, tolerance in ((sums, 1e-5), (trees, 1e-4)):
            # A number of eight bytes near a threshold is on its other side when it has four.
            if not all(math.isclose(s, found[0], rel_tol=tolerance) for s in found):
                raise RuntimeError(f"the ways do not agree: {found}")
        connection.execute("drop table public.bench_rows, public.bench_scores")
        connection.execute("select forge_drop('bench_linear'), forge_drop('bench_boosted')")
    for name, prefix in (("forge_score", ""), ("forge_score_host", "host_"), ("boosted_forge_score", "boosted_")):
        for peer in ("usual", "best_client"):
            own = f"boosted_{peer}" if prefix == "boosted_" else peer
            figures[f"{prefix}times_{peer}"] = round(figures[f"{own}_s"] / figures[f"{name}_s"], 2)
    figures["compiled_average_times_usual"] = round(figures["usual_s"] / figures["compiled_average_s"], 2)
    for peer, seconds in (("usual", "boosted_usual_s"), ("host", "boosted_average_host_s")):
        figures[f"boosted_compiled_average_times_{peer}"] = round(
            figures[seconds] / figures["boosted_compiled_average_s"], 2
        )
    return figures
