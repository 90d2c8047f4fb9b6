"""Pipelines of an owner: kept, checked, run, routed to, dropped; their steps' failures, retries and kept results."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from harness import Database

SPEC: dict[str, Any] = {
    "description": "Who was met in a year, and how many mails they sent.",
    "examples": ["who are my people and their mail load?", "mail load of my people", "my people report"],
    "input": {"since": {"type": "string", "default": "2024-01-01"}},
    "steps": [
        {"id": "met", "subroutine": "top", "input": {"kind": "event", "group_by": "person",
         "since": {"from": "input.since"}}},
        {"id": "mails", "subroutine": "count", "question": "How many mails did they send?",
         "input": {"kind": "mail", "direction": "received", "person": {"from": "met.person"}}},
    ],
    "output": {"who": {"from": "met.people.0"}, "mails": {"from": "mails.data.count"}},
    "answer": "{who} sent you {mails} mails.",
}  # fmt: skip
ITEMS = [
    {"kind": "event", "occurred_at": "2024-06-07T19:00:00Z", "title": "Party",
     "attributes": {"attendees": ["Karin Lund"]}},
    *({"kind": "mail", "occurred_at": f"2024-06-{day:02d}T08:00:00Z", "title": "Letter", "body": "Hello.",
       "attributes": {"sender": "Karin Lund", "recipient_names": ["Me"], "labels": ["Inbox"]}} for day in (1, 2)),
]  # fmt: skip
Connection = psycopg.Connection[Any]


@pytest.fixture
def owning(connection: Connection) -> Connection:
    """A connection whose owner has the items, on a fixed day."""
    connection.execute("select set_config('datapunk.now', '2024-07-01T12:00:00Z', true)")
    connection.execute("select * from api.lake_append(%s)", (json.dumps([{"source": "test", **i} for i in ITEMS]),))
    return connection


@pytest.fixture
def with_functions(owning: Connection) -> Connection:
    """Beside them two functions: one that divides by what it is given, one that tells how often it was called."""
    owning.execute("create schema mine")
    owning.execute(
        "create function mine.ratio(p jsonb) returns jsonb language sql stable as"
        " $$ select jsonb_build_object('ratio', 10 / (p ->> 'by')::integer) $$"
    )
    owning.execute("create sequence mine.calls")
    owning.execute(
        "create function mine.called(p jsonb) returns jsonb language sql stable as"
        " $$ select jsonb_build_object('calls', nextval('mine.calls')) $$"
    )
    owning.execute(
        "create function mine.writes(p jsonb) returns jsonb language sql volatile as $$ select '{}'::jsonb $$"
    )
    return owning


def keep(connection: Connection, spec: dict[str, Any], name: str = "people_report", **options: Any) -> Any:
    row = connection.execute(
        "select api.gaia_pipeline(%s, %s, %s)", (name, json.dumps(spec), json.dumps(options))
    ).fetchone()
    assert row
    return row[0]


def run(connection: Connection, name: str = "people_report", **inputs: Any) -> dict[str, Any]:
    cursor = connection.execute("select * from api.gaia_run(%s, %s)", (name, json.dumps(inputs)))
    assert cursor.description
    (row,) = cursor.fetchall()
    return dict(zip([column.name for column in cursor.description], row, strict=True))


def steps(*listed: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"steps": list(listed), **more}


def test_a_run_gives_output_and_sentence(owning: Connection) -> None:
    assert keep(owning, SPEC) == 1
    row = run(owning)
    assert (row["data"], row["answer"]) == ({"who": "Karin Lund", "mails": 2}, "Karin Lund sent you 2 mails.")
    assert row["route"] == "people_report"


def test_the_same_spec_again_is_the_same_version(owning: Connection) -> None:
    assert [keep(owning, SPEC), keep(owning, SPEC), keep(owning, {**SPEC, "answer": "{who}"})] == [1, 1, 2]
    assert owning.execute("select version, steps, examples from api.pipelines").fetchall() == [(2, 2, 3)]


def test_a_dry_run_checks_and_keeps_nothing(owning: Connection) -> None:
    assert keep(owning, SPEC, dry_run=True) is None
    assert owning.execute("select count(*) from api.pipelines").fetchone() == (0,)


def test_a_question_is_routed_to_it_at_once(owning: Connection) -> None:
    keep(owning, SPEC)
    row = owning.execute("select route, answer from api.gaia_answer('what is the mail load of my people?')").fetchone()
    assert row == ("people_report", "Karin Lund sent you 2 mails.")


def test_dropped_it_is_gone_with_its_route(owning: Connection) -> None:
    keep(owning, SPEC)
    assert owning.execute("select api.gaia_pipeline_drop('people_report')").fetchone() == (True,)
    assert owning.execute("select api.gaia_pipeline_drop('people_report')").fetchone() == (False,)
    assert owning.execute("select count(*) from api.subroutines where source = 'user'").fetchone() == (0,)
    assert owning.execute("select count(*) from api.examples where source = 'user'").fetchone() == (0,)


def test_runs_are_traced_and_replayed(owning: Connection) -> None:
    keep(owning, SPEC)
    row = run(owning, since="2024-01-01")
    spans = owning.execute(
        "select detail ->> 'step' from api.gaia_trace(%s) where name = 'step'", (row["answer_id"],)
    ).fetchall()
    assert spans == [("met",), ("mails",)]
    assert owning.execute("select same from api.gaia_replay(%s)", (row["answer_id"],)).fetchone() == (True,)


def test_another_owner_has_none_of_it(owning: Connection) -> None:
    keep(owning, SPEC)
    owning.execute("select set_config('datapunk.owner', 'somebody', true)")
    assert owning.execute("select count(*) from api.pipelines").fetchone() == (0,)
    with pytest.raises(psycopg.errors.NoDataFound):
        run(owning)


def test_a_subroutine_can_be_run_by_its_name_too(owning: Connection) -> None:
    assert run(owning, "count", kind="mail")["data"]["count"] == 2


@pytest.mark.parametrize(
    ("inputs", "hint"), [({"sinc": "2024"}, "since (string)"), ({"since": 2024}, "since (string)")]
)
def test_a_wrong_input_is_refused(owning: Connection, inputs: dict[str, Any], hint: str) -> None:
    keep(owning, SPEC)
    with pytest.raises(psycopg.errors.InvalidParameterValue) as refused:
        run(owning, **inputs)
    assert hint in str(refused.value.diag.message_hint)


@pytest.mark.parametrize(("spec", "said"), [
    (steps({"id": "a", "subroutine": "count", "input": {"persn": ["x"]}}), "persn"),
    (steps({"id": "a", "subroutine": "count", "when": {"exists": "a"}}), "need each other"),
    (steps({"id": "a", "handler": "mine.writes", "cache": {"ttl": 5}}), "volatile"),
    (steps({"id": "a", "subroutine": "remember", "input": {"note": "x"}, "cache": {"ttl": 5}}),
     "keeps what remember writes"),
    ({}, "no steps"),
])  # fmt: skip
def test_a_mistake_is_told_with_a_hint(with_functions: Connection, spec: dict[str, Any], said: str) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue) as refused:
        keep(with_functions, spec)
    assert said in str(refused.value.diag.message_primary)
    assert refused.value.diag.message_hint


def test_an_unknown_function_is_not_found(owning: Connection) -> None:
    with pytest.raises(psycopg.errors.NoDataFound):
        keep(owning, steps({"id": "a", "handler": "mine.nothing"}))


def test_the_name_of_a_subroutine_is_taken(owning: Connection) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        keep(owning, SPEC, "count")


def test_a_step_that_fails_is_told_and_the_others_go_on(with_functions: Connection) -> None:
    keep(with_functions, steps(
        {"id": "bad", "handler": "mine.ratio", "input": {"by": 0}},
        {"id": "good", "handler": "mine.ratio", "input": {"by": 5}},
        {"id": "left_out", "handler": "mine.ratio", "input": {"by": {"from": "bad.data.ratio"}}},
        output={"ratio": {"from": "good.data.ratio"}},
    ))  # fmt: skip
    row = run(with_functions)
    results = row["plan"]["results"]
    assert {name: result["status"] for name, result in results.items()} == {
        "bad": "failed", "good": "done", "left_out": "skipped",
    }  # fmt: skip
    assert (results["bad"]["sqlstate"], row["data"]) == ("22012", {"ratio": 2})
    assert "bad failed: division by zero" in row["answer"]


CACHED = steps({"id": "a", "handler": "mine.called", "cache": {"ttl": 3600}}, output={"n": {"from": "a.data.calls"}})


def called(connection: Connection) -> int:
    return int(run(connection, "cached")["data"]["n"])


def test_a_kept_result_is_used_until_it_expires(with_functions: Connection) -> None:
    keep(with_functions, CACHED, "cached")
    assert [called(with_functions), called(with_functions)] == [1, 1]
    with_functions.execute("select set_config('datapunk.now', '2024-07-01T14:00:00Z', true)")
    assert called(with_functions) == 2
    assert with_functions.execute("select count(*) from gaia.step_result").fetchone() == (1,)


def test_a_new_item_makes_kept_results_old(with_functions: Connection) -> None:
    keep(with_functions, CACHED, "cached")
    called(with_functions)
    new = [{"kind": "note", "source": "test", "title": "x", "occurred_at": "2024-06-01T00:00:00Z"}]
    with_functions.execute("select * from api.lake_append(%s)", (json.dumps(new),))
    assert called(with_functions) == 2


def test_what_is_forgotten_is_in_no_kept_result(with_functions: Connection) -> None:
    keep(with_functions, CACHED, "cached")
    called(with_functions)
    with_functions.execute('select * from api.lake_forget(\'{"kind": "event"}\')')
    assert with_functions.execute("select count(*) from gaia.step_result").fetchone() == (0,)


def test_pipelines_may_call_each_other_but_not_themselves(owning: Connection) -> None:
    keep(owning, SPEC)
    outer = steps({"id": "inner", "subroutine": "people_report"}, output={"who": {"from": "inner.data.who"}})
    keep(owning, outer, "outer")
    assert run(owning, "outer")["data"] == {"who": "Karin Lund"}
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="calls itself"):
        keep(owning, steps({"id": "a", "subroutine": "outer"}), "outer")


@pytest.fixture
def person(database: Database) -> Iterator[Connection]:
    """A connection as the role of HTTP requests."""
    with database.connect("postgres") as connection:
        claims = json.dumps({"sub": "karin", "role": "datapunk_user"})
        connection.execute("select set_config('request.jwt.claims', %s, false)", (claims,))
        connection.execute("set role datapunk_user")
        yield connection


def test_a_step_runs_with_the_callers_rights(database: Database, person: Connection) -> None:
    with database.connect("postgres") as superuser:
        superuser.execute("create schema mine")
        superuser.execute("create table mine.secret as select 1 as n")
        superuser.execute(
            "create function mine.peek(p jsonb) returns jsonb language sql stable as"
            " $$ select jsonb_build_object('n', (select n from mine.secret)) $$"
        )
        superuser.execute("grant usage on schema mine to datapunk_user")
    keep(person, steps({"id": "peek", "handler": "mine.peek"}), "peeking")
    row = run(person, "peeking")
    assert row["plan"]["results"]["peek"]["sqlstate"] == "42501"


NEEDS = {name: SPEC[name] for name in ("description", "examples")} | {
    "input": {"person": {"type": "string"}, "since": {"type": "string", "default": "2024-01-01"}},
    "steps": [{"id": "mails", "subroutine": "count", "input": {"kind": "mail", "person": [{"from": "input.person"}]}}],
}  # fmt: skip


def test_a_run_without_a_required_input_says_which_one_and_what_there_is(owning: Connection) -> None:
    owning.execute("select api.gaia_pipeline('letters', %s)", (json.dumps(NEEDS),))
    with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
        owning.execute("select * from api.gaia_run('letters')")
    assert "'person' (string) is missing" in str(caught.value.diag.message_primary)
    assert "since (string) else '2024-01-01'" in str(caught.value.diag.message_hint)


def test_a_question_that_lacks_an_input_is_answered_with_what_it_lacks(owning: Connection) -> None:
    owning.execute("select api.gaia_pipeline('letters', %s)", (json.dumps(NEEDS),))
    row = owning.execute("select answer, data from api.gaia_answer('my people report')").fetchone()
    assert row == ("I need “person” for that; say it in the question.", {"missing": ["person"]})
