"""What deletions do to models that learned from what goes, each time."""

import json
from typing import Any

import psycopg
import pytest

from harness import Database
from tabular_models import COMPILED, store

Connection = psycopg.Connection[Any]
ROW = {"x1": 0.5, "x2": -1.0, "x3": 2.0}
QUERY = "select 1 as key, 0.5 as x1, -1.0 as x2, 2.0 as x3"
NOTES, VISITS = '{"kind": "note"}', '{"kind": "visit"}'
EVERYTHING = '{"owner_all": true}'


@pytest.fixture
def person(database: Database) -> Any:
    with database.connect() as connection:
        append(connection, "note", "visit")
        yield connection


def append(connection: Connection, *kinds: str) -> None:
    records = [
        {"kind": kind, "source": "pad", "title": f"{kind} {n}", "occurred_at": f"2025-01-0{n}T00:00:00Z"}
        for kind in kinds
        for n in (1, 2)
    ]
    connection.execute("select lake_append(%s)", (json.dumps(records),))


def trained(database: Database, person: Connection, *kinds: str) -> int:
    """The next version of "m", deployed, with its native form; it learned from items of these kinds."""
    version = store(database, COMPILED["linear_regressor"](), name="m")
    row = person.execute(
        "select api.forge_train(%s, 'regressor', %s, '{\"target\": \"x3\"}')", (f"m{version}", QUERY)
    ).fetchone()
    assert row is not None
    with database.connect("postgres", owner="local") as root:
        root.execute("update forge.job set model = 'm', status = 'succeeded' where id = %s", row)
        (version_id,) = root.execute(
            "update forge.version set job_id = %s where owner_id = 'local' and version = %s returning id",
            (row[0], version),
        ).fetchone()  # type: ignore[misc]
        for ordinal, kind in enumerate(kinds, 1):
            root.execute(
                "insert into forge.lineage (owner_id, version_id, ordinal, relation, source_owner, kind, row_count,"
                " basis) values ('local', %s, %s, 'lake.item', 'local', %s, 2, 'plan')",
                (version_id, ordinal, kind),
            )
    return version


def on_forget(person: Connection, what: str) -> None:
    person.execute("select api.forge_policy(%s)", (json.dumps({"on_forget": what}),))


def forget(person: Connection, what: str) -> int:
    row = person.execute("select models_marked from lake_forget(%s)", (what,)).fetchone()
    assert row is not None
    return int(row[0])


def deployed(person: Connection) -> list[int]:
    found = person.execute("select version from api.deployments where model = 'm' and retired_at is null").fetchall()
    return [version for (version,) in found]


def queued(person: Connection) -> int:
    row = person.execute("select count(*) from forge.job where status = 'queued' and trigger = 'forget'").fetchone()
    assert row is not None
    return int(row[0])


def test_a_version_that_was_only_marked_is_retired_by_the_next_deletion(database: Database, person: Connection) -> None:
    trained(database, person, "note", "visit")
    assert (forget(person, VISITS), deployed(person)) == (1, [1])
    on_forget(person, "retire")
    assert (forget(person, NOTES), deployed(person)) == (0, [])


def test_a_deletion_of_what_it_did_not_learn_from_leaves_a_marked_version(
    database: Database, person: Connection
) -> None:
    trained(database, person, "note")
    forget(person, NOTES)
    on_forget(person, "retire")
    assert (forget(person, VISITS), deployed(person)) == (0, [1])


def test_each_deletion_trains_again_and_one_job_waits_at_a_time(database: Database, person: Connection) -> None:
    on_forget(person, "retrain")
    append(person, "watch")
    trained(database, person, "note", "visit", "watch")
    assert (forget(person, VISITS), queued(person)) == (1, 1)
    assert (forget(person, '{"kind": "note", "until": "2025-01-02"}'), queued(person)) == (0, 1)
    # Once it runs it may have read what goes now.
    with database.connect("postgres") as root:
        root.execute("update forge.job set status = 'running' where status = 'queued'")
    assert (forget(person, NOTES), queued(person)) == (0, 1)
    assert deployed(person) == [1]


def test_a_job_of_ones_own_does_not_stand_for_the_one_that_a_deletion_asks_for(
    database: Database, person: Connection
) -> None:
    on_forget(person, "retrain")
    trained(database, person, "note", "visit")
    options = {"target": "x3", "deploy": "never"}
    person.execute("select api.forge_train('m', 'regressor', %s, %s)", (QUERY, json.dumps(options)))
    forget(person, NOTES)
    assert queued(person) == 1


def test_where_nothing_is_left_to_learn_from_it_is_retired(database: Database, person: Connection) -> None:
    on_forget(person, "retrain")
    trained(database, person, "note")
    assert (forget(person, NOTES), deployed(person), queued(person)) == (1, [], 0)


CALLS = {
    "predict": f"select api.forge_predict('m', '{json.dumps(ROW)}', '{{\"version\": 1}}')",
    "score": f"select * from api.forge_score('m', '{QUERY}', '{{\"version\": 1}}')",
    "explain": f"select * from api.forge_explain('m', '{json.dumps(ROW)}', '{{\"version\": 1}}')",
    "compile": "select api.forge_compile('m', 1)",
    "export": "select api.forge_export('m', 1)",
    "deploy": "select api.forge_deploy('m', 1)",
    "shadow": "select api.forge_deploy('m', 1, '{\"shadow\": true}')",
    "plot": "select api.forge_plot('m', 'residuals', 1)",
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_retired_version_is_refused(database: Database, person: Connection, call: str) -> None:
    on_forget(person, "retire")
    trained(database, person, "note")
    forget(person, NOTES)
    with pytest.raises(psycopg.Error) as caught:
        person.execute(call)
    assert caught.value.sqlstate == "DP020"
    assert "retired" in str(caught.value)
    assert "forge_deploy" in (caught.value.diag.message_hint or "")


def test_view_and_card_of_a_retired_version_say_so(database: Database, person: Connection) -> None:
    on_forget(person, "retire")
    trained(database, person, "note")
    forget(person, NOTES)
    query = "select retired_at is not null, stale_reason from api.model_versions where model = 'm'"
    row = person.execute(query).fetchone()
    assert row == (True, "lake_forget removed 2 items")
    (card,) = person.execute("select api.forge_card('m', 1)").fetchone()  # type: ignore[misc]
    assert "lake_forget removed 2 items; it answers no more" in card


def compiled(person: Connection) -> str:
    (function,) = person.execute("select api.forge_compile('m')").fetchone()  # type: ignore[misc]
    return str(function)


def test_what_was_compiled_from_it_goes(database: Database, person: Connection) -> None:
    on_forget(person, "retire")
    trained(database, person, "note")
    function = compiled(person)
    assert person.execute("select to_regproc(%s) is null", (function,)).fetchone() == (False,)
    forget(person, NOTES)
    assert person.execute("select to_regproc(%s) is null", (function,)).fetchone() == (True,)


def test_what_a_view_calls_fails_and_data_goes_all_the_same(database: Database, person: Connection) -> None:
    on_forget(person, "retire")
    trained(database, person, "note")
    function = compiled(person)
    with database.connect("postgres") as root:
        arguments = ", ".join(["0.5::float8"] * 4)
        root.execute(f"create view public.told as select {function}({arguments}) as value")
        root.execute("grant select on public.told to datapunk")
    before = person.execute("select value from public.told").fetchone()
    forget(person, NOTES)
    assert person.execute("select count(*) from notes").fetchone() == (0,)
    with pytest.raises(psycopg.Error) as caught:
        person.execute("select value from public.told")
    assert caught.value.sqlstate == "DP020"
    person.execute("select api.forge_deploy('m', 1, '{\"retired\": true}')")
    assert person.execute("select value from public.told").fetchone() == before


def test_it_answers_again_where_that_is_said(database: Database, person: Connection) -> None:
    on_forget(person, "retire")
    trained(database, person, "note")
    forget(person, NOTES)
    assert person.execute("select api.forge_deploy('m', 1, '{\"retired\": true}')").fetchone() == (1,)
    (answer,) = person.execute("select api.forge_predict('m', %s)", (json.dumps(ROW),)).fetchone()  # type: ignore[misc]
    assert answer["version"] == 1
    append(person, "note")
    forget(person, NOTES)
    assert deployed(person) == []


def test_a_rollback_passes_over_retired_versions(database: Database, person: Connection) -> None:
    on_forget(person, "retire")
    for kind in ("visit", "note", "visit"):
        trained(database, person, kind)
    forget(person, NOTES)
    assert person.execute("select api.forge_rollback('m')").fetchone() == (1,)


def test_everything_takes_kept_predictions_and_a_part_does_not(database: Database, person: Connection) -> None:
    trained(database, person, "note")
    with database.connect(owner="other") as other:
        store(database, COMPILED["linear_regressor"](), name="m", owner="other")
        for connection in (person, other):
            connection.execute("select api.forge_predict('m', %s, '{\"log\": true}')", (json.dumps(ROW),))
        forget(person, NOTES)
        assert person.execute("select count(*) from predictions").fetchone() == (1,)
        (tables,) = person.execute("select by_table from lake_forget(%s)", (EVERYTHING,)).fetchone()  # type: ignore[misc]
        assert tables["forge.prediction"] == 1
        assert person.execute("select count(*) from predictions").fetchone() == (0,)
        assert other.execute("select count(*) from predictions").fetchone() == (1,)


@pytest.mark.parametrize(("policy", "serving"), [("mark", [1]), ("retire", []), ("retrain", [])])
def test_everything_does_to_models_what_the_policy_says(
    database: Database, person: Connection, policy: str, serving: list[int]
) -> None:
    trained(database, person, "note")
    forget(person, NOTES)
    forget(person, VISITS)
    on_forget(person, policy)
    # No item is left that could go, and yet everything is to.
    forget(person, EVERYTHING)
    assert (deployed(person), queued(person)) == (serving, 0)
