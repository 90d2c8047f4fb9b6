"""Deployments beside each other, outcomes, and rollback when a bound is passed."""

import json
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from harness import Database
from tabular_models import COMPILED, TabularModel, store

Connection = psycopg.Connection[Any]
ROW = {"x1": 0.5, "x2": -1.0, "x3": 0, "x4": 2.0}
PROFILE = {"missing": 0.0, "edges": [-1.2, -0.8, -0.5, -0.2, 0, 0.2, 0.5, 0.8, 1.2], "shares": [0.1] * 10}
MIDDLES = [-1.5, -1, -0.6, -0.3, -0.1, 0.1, 0.3, 0.6, 1, 1.5]


@pytest.fixture
def person(database: Database) -> Any:
    with database.connect() as connection:
        yield connection


def two_versions(database: Database, **second: Any) -> None:
    model = COMPILED["linear_regressor"]()
    store(database, model, name="m")
    store(database, replace(model, **second), name="m", deployed=False)


def predict(connection: Connection, features: object = ROW, **options: object) -> dict[str, Any]:
    row = connection.execute(
        "select api.forge_predict('m', %s, %s)", (json.dumps(features), json.dumps(options))
    ).fetchone()
    assert row is not None
    found: dict[str, Any] = row[0]
    return found


def deploy(connection: Connection, version: int, **options: object) -> None:
    connection.execute("select api.forge_deploy('m', %s, %s)", (version, json.dumps(options)))


def outcome(connection: Connection, value: str, **options: object) -> int:
    row = connection.execute("select api.forge_outcome('m', %s, %s)", (value, json.dumps(options))).fetchone()
    assert row is not None
    return int(row[0])


def database_prediction(connection: Connection, output: dict[str, object]) -> int:
    version = "(select id from forge.version where owner_id = 'local')"
    row = connection.execute(
        f"select forge.log_prediction({version}, '{{}}', %s, null, false)", (json.dumps(output),)
    ).fetchone()
    assert row is not None
    return int(row[0])


def test_a_share_of_the_keys_meets_the_other_version_and_stays_with_it(database: Database, person: Connection) -> None:
    two_versions(database)
    deploy(person, 2, traffic=0.3)
    met = {key: predict(person, key=f"k{key}")["version"] for key in range(200)}
    assert 30 <= list(met.values()).count(2) <= 90
    assert all(predict(person, key=f"k{key}")["version"] == met[key] for key in range(0, 200, 20))
    assert person.execute("select version from api.models where model = 'm'").fetchone() == (1,)
    assert person.execute("select count(distinct version) from api.predictions").fetchone() == (2,)


def test_a_shadow_predicts_unseen(database: Database, person: Connection) -> None:
    two_versions(database)
    deploy(person, 2, shadow=True)
    assert predict(person, key="a")["version"] == 1
    rows = person.execute("select version, shadow, output ->> 'version' from api.predictions order by 1").fetchall()
    assert rows == [(1, False, "1"), (2, True, "2")]


@pytest.mark.parametrize("options", [{"shadow": True}, {"traffic": 0.5}])
def test_a_read_only_role_is_answered_and_nothing_is_kept(
    database: Database, person: Connection, options: dict[str, object]
) -> None:
    two_versions(database)
    deploy(person, 2, **options)
    person.execute("set default_transaction_read_only = on")
    answer = predict(person, key="a")
    assert (answer["version"] in (1, 2), "prediction_id" in answer) == (True, False)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        predict(person, key="a", log=True)
    assert person.execute("select count(*) from api.predictions").fetchone() == (0,)


def test_a_shadow_that_fails_does_not_harm(database: Database, person: Connection) -> None:
    model = COMPILED["linear_regressor"]()
    other = json.loads(json.dumps(model.signature))
    other["features"][0]["name"] = "y1"
    two_versions(database, signature=other)
    deploy(person, 2, shadow=True)
    assert predict(person)["version"] == 1
    row = person.execute("select output ->> 'sqlstate' from api.predictions where shadow").fetchone()
    assert row == ("22023",)


@pytest.mark.parametrize("options", [{"traffic": 0.5}, {"shadow": True}])
def test_a_rollback_ends_what_stands_beside_first(
    database: Database, person: Connection, options: dict[str, object]
) -> None:
    two_versions(database)
    deploy(person, 1, max_error=9)
    deploy(person, 2, **options)
    assert person.execute("select api.forge_rollback('m')").fetchone() == (1,)
    answering = "select version, guard from api.deployments where model = 'm' and retired_at is null"
    rows = person.execute(answering).fetchall()
    assert rows == [(1, {"max_error": 9})]
    with pytest.raises(psycopg.Error) as caught:
        person.execute("select api.forge_rollback('m')")
    assert caught.value.sqlstate == "DP020"


def test_what_a_shadow_refused_hurts_neither_drift_nor_outcomes(database: Database, person: Connection) -> None:
    model = COMPILED["linear_classifier"]()
    other = json.loads(json.dumps(model.signature))
    other["features"][0] |= {"kind": "time", "parts": ["days"], "profile": PROFILE}
    other["features"][1]["profile"] = PROFILE
    store(database, model, name="m")
    store(database, replace(model, signature=other), name="m", deployed=False)
    deploy(person, 2, shadow=True, max_error=1, min_outcomes=1)
    # Python reads them; to SQL the second is no number.
    predict(person, {"x1": 0.5, "x2": "1_000"}, key="a")
    predict(person, {"x1": "1e3", "x2": "1e400"}, key="a")
    assert outcome(person, "yes", key="a") == 4
    drift = "select feature, missing, outcomes from api.drift where version = 2"
    rows = person.execute(drift).fetchall()
    assert ("x1", 0.0, 1) in rows
    assert ("x2", 1.0, 1) in rows


def test_verdicts_of_a_detector_are_told_as_true_or_false(database: Database, person: Connection) -> None:
    model = COMPILED["linear_regressor"]()
    signature = {**model.signature, "output": "score", "threshold": 0.0}
    store(database, replace(model, signature=signature), name="m")
    number = database_prediction(person, {"score": 1.0, "is_anomaly": True})
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        outcome(person, "yes", prediction_id=number)
    assert outcome(person, "false", prediction_id=number) == 1
    error = "select outcomes, error from forge.live_error((select id from forge.version where owner_id = 'local'))"
    assert person.execute(error).fetchone() == (1, 1)


@pytest.mark.parametrize("value", ["1e999", "NaN", "infinity", "much"])
def test_an_outcome_that_no_error_can_be_told_of_is_refused(database: Database, person: Connection, value: str) -> None:
    store(database, COMPILED["linear_regressor"](), name="m")
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        outcome(person, value, key="a")


def test_a_label_that_the_model_does_not_know_is_told(database: Database, person: Connection) -> None:
    model = COMPILED["linear_classifier"]()
    store(database, model, name="m")
    predict(person, key="a", log=True)
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        outcome(person, "banana", key="a")
    assert (caught.value.diag.message_hint or "").startswith("Its labels: no, yes.")
    assert person.execute("select outcome from api.predictions").fetchone() == (None,)
    assert outcome(person, "banana", key="a", new_label=True) == 1
    error = "select outcomes, error from forge.live_error((select id from forge.version where owner_id = 'local'))"
    assert person.execute(error).fetchone() == (1, 1)
    # One that a version beside it knows is a label.
    store(database, replace(model, signature={**model.signature, "labels": ["no", "plum"]}), name="m", deployed=False)
    for label in ("plum", "yes"):
        predict(person, key="a", log=True)
        assert outcome(person, label, key="a") == 1


def test_predictions_that_were_known_are_counted_in_sql(database: Database, person: Connection) -> None:
    hits = "select coalesce(sum(value), 0) from api.metrics_now where name = 'datapunk_host_predictions_total'"
    cached = f'{hits} and labels = \'{{"cache": "hit"}}\''
    store(database, COMPILED["linear_regressor"](), name="m")
    predict(person)
    before = person.execute(cached).fetchone()
    assert before is not None
    predict(person)
    after = person.execute(cached).fetchone()
    assert after is not None
    assert after[0] > before[0]
    person.execute("set datapunk.host_socket = '/nowhere/host.sock'")
    assert person.execute(hits).fetchone() == (0,)


def test_a_full_deployment_ends_what_stood_beside(database: Database, person: Connection) -> None:
    two_versions(database)
    deploy(person, 2, traffic=0.5)
    deploy(person, 2)
    rows = person.execute("select version from api.deployments where model = 'm' and retired_at is null").fetchall()
    assert rows == [(2,)]
    assert person.execute("select api.forge_rollback('m')").fetchone() == (1,)


@pytest.mark.parametrize(
    "options",
    [{"traffic": 0}, {"traffic": 2}, {"shadow": True, "traffic": 0.5}, {"log": 2}, {"max_error": -0.1}, {"max_psi": -1},
     {"max_error": 0.1, "min_outcomes": 1.5}, {"max_error": 0.1, "min_outcomes": 0}],
)  # fmt: skip
def test_shares_that_make_no_sense_are_refused(
    database: Database, person: Connection, options: dict[str, object]
) -> None:
    two_versions(database)
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        deploy(person, 2, **options)
    assert caught.value.diag.message_hint


def test_the_version_that_answers_cannot_stand_beside_itself(database: Database, person: Connection) -> None:
    two_versions(database)
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        deploy(person, 1, traffic=0.5)


def test_outcomes_join_predictions_by_key_and_number(database: Database, person: Connection) -> None:
    two_versions(database)
    first = predict(person, key="a", log=True)["prediction_id"]
    second = predict(person, log=True)["prediction_id"]
    assert outcome(person, "1.5", key="a") == 1
    assert outcome(person, "2", prediction_id=second) == 1
    assert outcome(person, "2", key="nobody") == 0
    rows = person.execute("select prediction_id, outcome from api.predictions order by 1").fetchall()
    assert rows == [(first, "1.5"), (second, "2")]
    for value, options in (("much", {"key": "a"}), ("1", {}), ("", {"key": "a"})):
        with pytest.raises(psycopg.errors.InvalidParameterValue):
            outcome(person, value, **options)


def test_live_error_beyond_its_bound_rolls_back(database: Database, person: Connection) -> None:
    two_versions(database)
    deploy(person, 2, max_error=0.5, min_outcomes=3, log=1)
    person.execute("listen datapunk_alert")
    values = [predict(person, key=f"k{i}")["value"] for i in range(3)]
    outcome(person, str(values[0]), key="k0")
    outcome(person, str(values[1] + 1), key="k1")
    assert person.execute("select version from api.models where model = 'm'").fetchone() == (2,)
    outcome(person, str(values[2] + 2), key="k2")
    assert person.execute("select version from api.models where model = 'm'").fetchone() == (1,)
    rows = person.execute("select kind, value, bound, action from api.alerts").fetchall()
    assert rows == [("error", pytest.approx(1.0), 0.5, "rollback")]
    assert [n.channel for n in person.notifies(timeout=1, stop_after=1)] == ["datapunk_alert"]


def test_a_version_that_is_deployed_again_is_not_judged_by_what_came_before(
    database: Database, person: Connection
) -> None:
    model = COMPILED["linear_regressor"]()
    signature = json.loads(json.dumps(model.signature))
    signature["features"][0]["profile"] = PROFILE
    two_versions(database, signature=signature)
    guard = {"max_error": 0.5, "min_outcomes": 2, "max_psi": 0.5, "log": 1}
    deploy(person, 2, **guard)
    for number in range(3):
        predict(person, {"x1": 5}, key=f"k{number}")
        outcome(person, "1000", key=f"k{number}")
    assert person.execute("select version from api.models where model = 'm'").fetchone() == (1,)
    deploy(person, 2, **guard)
    value = predict(person, key="new")["value"]
    outcome(person, str(value), key="new")
    assert person.execute("select version from api.models where model = 'm'").fetchone() == (2,)
    figures = "select predictions, outcomes, live_error from api.drift where feature = 'x1'"
    assert person.execute(figures).fetchall() == [(1, 1, pytest.approx(0.0))]


def test_an_outcome_belongs_to_the_predictions_of_its_key_that_have_none(
    database: Database, person: Connection
) -> None:
    two_versions(database)
    deploy(person, 2, shadow=True)
    for _ in range(2):
        predict(person, key="a")
    assert outcome(person, "0.1", key="a") == 4
    predict(person, key="a")
    assert outcome(person, "10", key="a") == 2
    rows = person.execute("select version, outcome from api.predictions order by prediction_id").fetchall()
    assert rows == [(1, "0.1"), (2, "0.1")] * 2 + [(1, "10"), (2, "10")]
    assert outcome(person, "11", key="a") == 0


def test_an_outcome_counts_once_for_a_key(database: Database, person: Connection) -> None:
    two_versions(database)
    deploy(person, 2, max_error=0.5, min_outcomes=3, log=1)
    for key in ("a", "a", "a", "b"):
        predict(person, key=key)
    outcome(person, "1000", key="a")
    outcome(person, "1000", key="b")
    assert person.execute("select version from api.models where model = 'm'").fetchone() == (2,)
    predict(person, key="a")
    outcome(person, "1000", key="a")
    assert person.execute("select version from api.models where model = 'm'").fetchone() == (1,)


def test_drift_is_measured_and_rolls_back(database: Database, person: Connection) -> None:
    model = COMPILED["linear_regressor"]()
    signature = json.loads(json.dumps(model.signature))
    signature["features"][0]["profile"] = PROFILE
    two_versions(database, signature=signature)
    deploy(person, 2, max_psi=0.5, log=1)
    for number in range(100):
        predict(person, {"x1": MIDDLES[number % 10], "x2": 1})
    row = person.execute("select psi, predictions, missing from api.drift where feature = 'x1'").fetchone()
    assert row is not None
    assert row[0] < 0.5
    assert row[1:] == (100, 0.0)
    for _ in range(200):
        predict(person, {"x1": 5, "x2": 1})
    assert person.execute("select version from api.models where model = 'm'").fetchone() == (1,)
    assert ("psi", "x1", "rollback") in person.execute("select kind, feature, action from api.alerts").fetchall()


def test_what_nobody_has_asked_has_no_drift(database: Database, person: Connection) -> None:
    model = COMPILED["linear_regressor"]()
    model.signature["features"][0]["profile"] = PROFILE
    store(database, model, name="m")
    assert person.execute("select predictions, psi, missing from api.drift").fetchall() == [(0, None, None)]


def test_an_unchanged_distribution_has_no_drift(database: Database, person: Connection) -> None:
    model = COMPILED["linear_regressor"]()
    model.signature["features"][0]["profile"] = PROFILE
    store(database, model, name="m")
    for value in MIDDLES * 10:
        predict(person, {"x1": value, "x2": 0}, log=True)
    assert person.execute("select psi from api.drift").fetchone() == (pytest.approx(0.0),)


def test_what_is_predicted_drifts_too_and_is_told_beside_the_training(database: Database, person: Connection) -> None:
    model = COMPILED["linear_classifier"]()
    model.signature["prediction"] = {"missing": 0.0, "shares": {"no": 0.5, "yes": 0.5}, "other": 0.0}
    store(database, model, name="m")
    with database.connect("postgres", owner="local") as root:
        root.execute(
            "insert into forge.metric (version_id, name, value, scored)"
            " select id, 'accuracy', 0.9, 'model' from forge.version where owner_id = 'local'"
        )
    rows = ({"x4": 3}, {"x4": -3})
    labels = {predict(person, row)["label"]: row for row in rows}
    assert set(labels) == {"no", "yes"}
    for number in range(98):
        predict(person, rows[number % 2], log=True)
    for label, row in labels.items():
        predict(person, row, log=True, key=label)
    drift = "select feature, psi, live_error, error_in_training from api.drift"
    assert person.execute(drift).fetchall() == [("(prediction)", pytest.approx(0.0), None, pytest.approx(0.1))]
    for _ in range(100):
        predict(person, labels["yes"], log=True)
    outcome(person, "yes", key="yes")
    outcome(person, "yes", key="no")
    row = person.execute(drift).fetchone()
    # A quarter instead of a half, and three quarters.
    assert row == ("(prediction)", pytest.approx(0.2747, abs=1e-4), 0.5, pytest.approx(0.1))
    figures = person.execute(
        "select name, value from api.metrics_now where name ~ 'model_(psi|live|missing)' order by 1"
    ).fetchall()
    assert figures == [
        ("datapunk_model_live_error", 0.5), ("datapunk_model_missing", 0.0), ("datapunk_model_psi", row[1]),
    ]  # fmt: skip


def test_drift_trains_a_model_again(database: Database, person: Connection) -> None:
    model = COMPILED["linear_regressor"]()
    model.signature["features"][0]["profile"] = PROFILE
    store(database, model, name="m")
    options = {"retrain": {"drift": 0.25}, "target": "y"}
    row = person.execute(
        "select api.forge_train('m', 'regressor', 'select 1.0 as x1, 2.0 as y', %s)", (json.dumps(options),)
    ).fetchone()
    assert row is not None
    person.execute("select api.forge_cancel(%s)", row)
    assert person.execute("select model, psi from api.schedules").fetchall() == [("m", 0.25)]
    with database.connect("datapunk_worker") as worker:
        for value in MIDDLES * 10:
            predict(person, {"x1": value, "x2": 0}, log=True)
        assert worker.execute("select forge.run_schedule('m')").fetchone() == (None,)
        for _ in range(99):
            predict(person, {"x1": 5, "x2": 0}, log=True)
        found = worker.execute("select forge.run_schedule('m')").fetchone()
    assert found is not None
    assert person.execute("select trigger from api.jobs where job_id = %s", found).fetchone() == ("drift",)


def test_a_predicted_row_names_what_is_wrong(database: Database, person: Connection) -> None:
    model: TabularModel = COMPILED["linear_classifier"]()
    store(database, model, name="m")
    answer = predict(person)
    assert answer["label"] in ("no", "yes")
    assert sum(answer["probabilities"].values()) == pytest.approx(1.0, abs=1e-5)
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        predict(person, {"x1": "much"})
    assert "number" in (caught.value.diag.message_hint or "")
