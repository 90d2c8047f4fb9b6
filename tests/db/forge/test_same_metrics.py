"""The same data, seed and version give the same metrics, asked for through SQL, whatever the recipe.

The embedder is left out: its training takes half a minute on torch (tests/unit/forge/test_embedder.py has its parts).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from harness import Database, Server, clone
from worker_process import WorkerProcess

ROWS = "from generate_series(1, 120) as g"
NUMBERS = "(g % 7)::float8 as a, sin(g)::float8 as b, cos(g * g)::float8 as c"
WORDS = "(array['kettle','grinder','filter','rain','cloud','storm'])[1 + (g % 2) * 3 + (g / 2) % 3]"
TEXT = f"'the ' || {WORDS} || ' of day ' || g as text"
TONE = "case when g % 2 = 0 then 'positive' else 'negative' end"
DATASETS: dict[str, tuple[str, dict[str, object]]] = {
    "classifier": (f"select {NUMBERS}, case when sin(g) + g % 7 > 3 then 'yes' else 'no' end as label {ROWS}", {}),
    "regressor": (f"select {NUMBERS}, g % 7 + 3 * sin(g) as target {ROWS}", {}),
    "anomaly_detector": (f"select {NUMBERS} {ROWS}", {"family": "isolation_forest"}),
    "clusterer": (f"select {NUMBERS} {ROWS}", {"k": 3}),
    "recommender": (f"select 'u' || g % 20 as who, 'i' || abs(hashint8(g)) % 12 as what {ROWS}", {"split": "random"}),
    "next_event": (
        f"select timestamptz '2024-01-01 08:00Z' + (7 * g + g % 3) * interval '1 hour' as at, 'e' || g % 3 as what"
        f" {ROWS}",
        {"family": "forest"},
    ),
    "text_classifier": (f"select {TEXT}, {TONE} as label from generate_series(1, 40) as g", {}),
    "sentiment": (f"select {TEXT}, {TONE} as label from generate_series(1, 40) as g", {}),
    "router": (f"select {TEXT}, {TONE} as subroutine from generate_series(1, 40) as g", {}),
    "entity_recognizer": (
        f'select {TEXT}, format(\'[{{"start": 4, "end": %s, "label": "thing"}}]\', 4 + length({WORDS})) as entities'
        " from generate_series(1, 40) as g",
        {"iterations": 2},
    ),
    "forecaster": (
        "select timestamptz '2024-01-01Z' + g * interval '1 day' as at, 10 + g % 7 + sin(g)::float8 as value"
        " from generate_series(1, 60) as g",
        {"horizon": 7, "folds": 2, "family": "theta"},
    ),
}
for name in ("classifier", "regressor"):
    DATASETS[name][1]["family"] = "forest"
Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture(scope="module")
def trained_database(server: Server, template: str) -> Iterator[Database]:
    yield from clone(server, template)


@pytest.fixture(scope="module")
def session(trained_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    log: Path = tmp_path_factory.mktemp("worker") / "worker.log"
    worker = WorkerProcess(database=trained_database, log=log).start()
    with trained_database.connect() as connection:
        yield connection
    worker.stop()


def metrics_of_a_training(session: Connection, recipe: str) -> list[tuple[object, ...]]:
    dataset, options = DATASETS[recipe]
    given = json.dumps({"seed": 5, "deploy": "never", **options})
    job = session.execute("select forge_train(%s, %s, %s, %s)", (f"same_{recipe}", recipe, dataset, given)).fetchone()
    ended = session.execute("select status, version, error from forge_wait(%s, '2 minutes')", job).fetchone()
    assert ended is not None
    assert ended[0] == "succeeded", ended[2]
    return session.execute(
        "select metric, scored, value, lower, upper from metrics where model = %s and version = %s"
        " order by metric, scored",
        (f"same_{recipe}", ended[1]),
    ).fetchall()


def deployed(session: Connection, recipe: str) -> str:
    """Train with what is to be the same, and have it answer."""
    if not session.execute("select from models where model = %s", (f"same_{recipe}",)).fetchone():
        metrics_of_a_training(session, recipe)
    session.execute("select forge_deploy(%s, 1)", (f"same_{recipe}",))
    return f"same_{recipe}"


def test_the_next_event_comes_with_its_time(session: Connection) -> None:
    row = session.execute("select forge_predict(%s, '{}')", (deployed(session, "next_event"),)).fetchone()
    assert row is not None
    answer: Any = row[0]
    assert answer["label"] in ("e0", "e1", "e2")
    # An hour more after the first and the second of three, two less after the third.
    assert answer["hours"] == pytest.approx(5.0 if answer["label"] == "e0" else 8.0, abs=0.5)
    assert answer["when"] > "2024-01-01"


def test_entities_are_found_by_the_host_alone(session: Connection) -> None:
    model = deployed(session, "entity_recognizer")
    session.execute("set datapunk.inference = 'in_process'")
    with pytest.raises(psycopg.Error) as caught:
        session.execute("select forge_predict(%s, %s)", (model, json.dumps({"text": "a thing"})))
    session.execute("reset datapunk.inference")
    assert caught.value.sqlstate == "DP001"


@pytest.mark.parametrize("recipe", ["entity_recognizer", "recommender", "forecaster"])
def test_what_predicts_nothing_from_a_row_cannot_be_explained(session: Connection, recipe: str) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        session.execute('select * from forge_explain(%s, \'{"text": "a"}\')', (deployed(session, recipe),))
    assert caught.value.diag.message_hint


@pytest.mark.parametrize("recipe", DATASETS)
def test_the_same_data_and_seed_give_the_same_metrics(session: Connection, recipe: str) -> None:
    first = metrics_of_a_training(session, recipe)
    assert first
    assert metrics_of_a_training(session, recipe) == first
