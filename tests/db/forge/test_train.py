import json
from typing import Any

import psycopg
import pytest
from psycopg import errors

Connection = psycopg.Connection[tuple[Any, ...]]
DATASET = "select 'a' as who, 'b' as what"


def train(connection: Connection, dataset: str = DATASET, recipe: str = "recommender", **options: object) -> int:
    row = connection.execute(
        "select api.forge_train('taste', %s, %s, %s)", (recipe, dataset, json.dumps(options))
    ).fetchone()
    assert row is not None
    return int(row[0])


def failure(connection: Connection, *args: Any, **options: object) -> psycopg.Error:
    with pytest.raises(psycopg.Error) as caught, connection.transaction():
        train(connection, *args, **options)
    assert caught.value.diag.message_hint
    return caught.value


def test_a_job_waits_with_its_options_and_its_callers_role(connection: Connection) -> None:
    job_id = train(connection, seed=5)
    row = connection.execute("select status, options, recipe from api.jobs where job_id = %s", (job_id,)).fetchone()
    assert row is not None
    assert row[0] == "queued"
    assert row[1]["seed"] == 5
    assert row[1]["deploy"] == "best"
    role = connection.execute("select role_name from forge.job where id = %s", (job_id,)).fetchone()
    assert role == ("datapunk",)


def test_the_role_of_a_job_is_the_one_that_was_set(connection: Connection) -> None:
    connection.execute("set local role datapunk_user")
    job_id = train(connection)
    assert connection.execute("select role_name from forge.job where id = %s", (job_id,)).fetchone() == (
        "datapunk_user",
    )


def test_a_view_can_be_a_dataset(connection: Connection) -> None:
    job_id = train(connection, "recipes")
    assert connection.execute("select query from forge.job where id = %s", (job_id,)).fetchone() == (
        "select * from api.recipes",
    )


@pytest.mark.parametrize(
    "dataset",
    [
        "select 1 as a, 2 as b; delete from forge.job",
        "select 1) as x; delete from forge.job; select * from (select 1",
        "with gone as (delete from lake.item returning id, kind) select * from gone",
        "select nothing from nowhere",
        "select 1 as a, 2 as a",
        "select 1 as a",
        "no_such_view",
    ],
)
def test_an_unusable_dataset_is_refused_at_once(connection: Connection, dataset: str) -> None:
    assert failure(connection, dataset).sqlstate == "DP021"


@pytest.mark.parametrize("dataset", ["", "delete from lake.item", "copy lake.item to stdout"])
def test_what_is_no_select_is_a_bad_argument(connection: Connection, dataset: str) -> None:
    assert failure(connection, dataset).sqlstate == "22023"


def test_what_the_caller_may_not_read_is_not_allowed(connection: Connection) -> None:
    assert failure(connection, "select rolname, rolpassword from pg_authid").sqlstate == "42501"


def test_unknown_recipes_and_options_are_refused(connection: Connection) -> None:
    assert "recommender" in (failure(connection, DATASET, "alchemy").diag.message_hint or "")
    assert "seed" in (failure(connection, sede=1).diag.message_hint or "")
    assert failure(connection, seed="x").sqlstate == "22023"


def test_the_name_of_a_built_in_model_is_taken(connection: Connection) -> None:
    for recipe in ("embedder", "recommender"):
        with pytest.raises(errors.UniqueViolation) as caught, connection.transaction():
            connection.execute("select api.forge_train('all-MiniLM-L6-v2', %s, %s)", (recipe, DATASET))
        assert "name" in (caught.value.diag.message_hint or "")


def test_a_superusers_rights_are_not_lent(shared_database: Any) -> None:
    with shared_database.connect("postgres") as root, pytest.raises(errors.InsufficientPrivilege):
        train(root)


def test_people_cannot_play_worker(connection: Connection) -> None:
    for call in ("forge.claim_job(1, 'x', 1)", "forge.hold_job(1, 1)", "forge.write_version(1, 1, '{}')"):
        with pytest.raises(errors.InsufficientPrivilege), connection.transaction():
            connection.execute(f"select {call}")


def test_a_waiting_job_is_cancelled_at_once(connection: Connection) -> None:
    job_id = train(connection)
    assert connection.execute("select api.forge_cancel(%s)", (job_id,)).fetchone() == (True,)
    assert connection.execute("select api.forge_cancel(%s)", (job_id,)).fetchone() == (False,)
    assert connection.execute("select status from api.jobs where job_id = %s", (job_id,)).fetchone() == ("cancelled",)


def test_waiting_for_a_job_of_the_same_transaction_is_refused(connection: Connection) -> None:
    job_id = train(connection)
    with pytest.raises(errors.ActiveSqlTransaction), connection.transaction():
        connection.execute("select * from api.forge_wait(%s, '5 s')", (job_id,))


def test_an_unknown_job_is_not_found(connection: Connection) -> None:
    for call in ("api.forge_wait(-1)", "api.forge_cancel(-1)"):
        with pytest.raises(errors.NoDataFound), connection.transaction():
            connection.execute(f"select {call}")


def test_models_that_are_not_there_are_named(connection: Connection) -> None:
    for call in (
        "api.forge_recommend('nix', 'me')", "api.forge_predict('nix', '{\"text\": \"x\"}')", "api.forge_card('nix')",
        "api.forge_deploy('nix', 1)", "api.forge_rollback('nix')",
    ):  # fmt: skip
        with pytest.raises(psycopg.Error) as caught, connection.transaction():
            connection.execute(f"select {call}")
        assert caught.value.sqlstate == "DP020"
    assert connection.execute("select api.forge_drop('nix')").fetchone() == (False,)


def test_the_built_in_model_has_a_card(connection: Connection) -> None:
    row = connection.execute("select api.forge_card('all-MiniLM-L6-v2')").fetchone()
    assert row is not None
    assert row[0].startswith("# all-MiniLM-L6-v2, version 1")
