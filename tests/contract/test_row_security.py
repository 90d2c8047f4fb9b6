"""Two owners: whatever bob calls or reads, he finds nothing of alice's and changes nothing of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from contract.owners import SECRET, WORD, fill_every_table, personal_tables, rows_of_alice
from harness import Database, Server, clone

_ANSWER = "00000000-0000-0000-0000-000000000001"
_FILTERED = json.dumps({"sources": [WORD], "since": "2000-01-01", "attributes": {SECRET: SECRET}})

#: Calls of every function of api that aim at what alice has: her keys, names and words. A new function needs a case.
CALLS: dict[str, list[str]] = {
    "cortex_context": [
        f"select * from api.cortex_context('{WORD}')",
        f"select * from api.cortex_context('{WORD}', '{_FILTERED}')",
    ],
    "cortex_embed": ["select api.cortex_embed('text')"],
    "cortex_embed_many": ["select * from api.cortex_embed_many(array['text'])"],
    "cortex_evaluate": [
        f"select value from api.cortex_evaluate('{{\"{WORD}\": {{\"1\": 1}}}}') where metric not like 'latency%'",
        f'select metric from api.cortex_evaluate(\'{{"{WORD}": {{"1": 1}}}}\', \'{{"keep": true}}\')',
    ],
    "cortex_generation_drop": ["select api.cortex_generation_drop(1)"],
    "cortex_provider_add": ["select api.cortex_provider_add('mine', 'static')"],
    "cortex_provider_remove": [f"select api.cortex_provider_remove('{WORD}')"],
    "cortex_requeue": ["select api.cortex_requeue()"],
    "cortex_rollback": ["select api.cortex_rollback()"],
    "cortex_secret_set": ["select api.cortex_secret_set('MINE', 'x')"],
    "cortex_switch": [f"select api.cortex_switch('{WORD}')"],
    "cortex_wait": ["call api.cortex_wait(1, '1 second')"],
    "cortex_search": [
        f"select * from api.cortex_search('{WORD}', 50)",
        f"select * from api.cortex_search('{WORD}', 50, '{{\"mode\": \"lexical\"}}')",
        f"select * from api.cortex_search('{WORD}', 50, '{{\"mode\": \"semantic\"}}')",
        f"select * from api.cortex_search('{WORD}', 50, '{{\"kinds\": [\"note\"]}}')",
        f"select * from api.cortex_search('{WORD}', 50, '{_FILTERED}')",
        f"select * from api.cortex_search('\"{WORD}\" quok* quokks', 50)",
        f"select * from api.cortex_search('{WORD}', 50, '{{\"exact\": true}}')",
    ],
    "cortex_similar": ["select * from api.cortex_similar(1, 50)"],
    "cortex_status": ["select * from api.cortex_status()"],
    "forge_cancel": ["select api.forge_cancel(1)"],
    "forge_card": [f"select api.forge_card('{WORD}')", f"select api.forge_card('{WORD}', 1)"],
    "forge_compile": [f"select api.forge_compile('{WORD}', 1, '{{\"visible\": true}}')"],
    "forge_deploy": [f"select api.forge_deploy('{WORD}', 1)"],
    "forge_drop_feature_view": [f"select api.forge_drop_feature_view('{WORD}')"],
    "forge_feature_view": [f"select api.forge_feature_view('{WORD}', '{{}}')"],
    "forge_forecast": [f"select * from api.forge_forecast('{WORD}', 1)"],
    "forge_requeue": ["select api.forge_requeue(1)"],
    "forge_rotate_key": ["select api.forge_rotate_key()"],
    "forge_unschedule": [f"select api.forge_unschedule('{WORD}')"],
    "forge_drop": [f"select api.forge_drop('{WORD}')"],
    "forge_explain": [f"select * from api.forge_explain('{WORD}', '{{}}')"],
    "forge_export": [f"select api.forge_export('{WORD}')", f"select api.forge_export('{WORD}', 1)"],
    "forge_import": ["select api.forge_import('x')"],
    "forge_outcome": [
        f"select api.forge_outcome('{WORD}', 'yes', '{{\"prediction_id\": 1}}')",
        f"select api.forge_outcome('{WORD}', 'yes', '{{\"key\": \"{WORD}\"}}')",
    ],
    "forge_policy": ["select api.forge_policy()"],
    "forge_plot": [f"select api.forge_plot('{WORD}', 'importance')"],
    "forge_predict": [f"select api.forge_predict('{WORD}', '{{}}')"],
    "forge_recommend": [f"select * from api.forge_recommend('{WORD}', '{WORD}', 50)"],
    "forge_rollback": [f"select api.forge_rollback('{WORD}')"],
    "forge_score": [
        f"select * from api.forge_score('{WORD}', 'select 1 as key')",
        "select * from api.forge_score('m', 'select owner_id, body from lake.item')",
    ],
    "forge_train": [
        "select api.forge_train('m', 'recommender', 'select owner_id, title, occurred_at from api.items')",
        "select api.forge_train('m', 'recommender', 'select owner_id, body, created_at from lake.item')",
    ],
    "forge_wait": ["select api.forge_wait(1, '1 second')"],
    "gaia_answer": [f"select * from api.gaia_answer('what did I note about {WORD}?')"],
    "gaia_ask": ["select api.gaia_ask('how many notes do I have?')", f"select api.gaia_ask('find {WORD}')"],
    "gaia_ask_async": [f"select api.gaia_ask_async('find {WORD}')"],
    "gaia_budget": ["select api.gaia_budget('day', 1)"],
    "gaia_cancel": ["select api.gaia_cancel(1)"],
    "gaia_result": ["select * from api.gaia_result(1)"],
    "gaia_feedback": [f"select api.gaia_feedback('{_ANSWER}', 1, 'mine')"],
    "gaia_pipeline": [
        f'select api.gaia_pipeline(\'{WORD}\', \'{{"steps": [{{"id": "a", "subroutine": "profile"}}]}}\')'
    ],
    "gaia_pipeline_drop": [f"select api.gaia_pipeline_drop('{WORD}')"],
    "gaia_run": [f"select * from api.gaia_run('{WORD}')", "select * from api.gaia_run('profile')"],
    "gaia_policy": ["select api.gaia_policy() - 'changed_at'"],
    "gaia_register": [f"select api.gaia_register('{WORD}', 'gaia.count', 'd', array['e'])"],
    "gaia_replay": [f"select * from api.gaia_replay('{_ANSWER}')"],
    "gaia_route": [f"select * from api.gaia_route('{WORD}')"],
    "gaia_trace": [f"select * from api.gaia_trace('{_ANSWER}')"],
    "gaia_unregister": [f"select api.gaia_unregister('{WORD}')"],
    "lake_append": ['select * from api.lake_append(\'[{"kind": "note", "title": "of bob", "source": "test"}]\')'],
    "lake_classify": ["select api.lake_classify('note', 'public')"],
    "lake_export": [
        "select api.lake_export()",
        'select api.lake_export(\'jsonl\', \'{"kinds": ["note", "position", "measurement"]}\')',
    ],
    "lake_forget": [
        "select * from api.lake_forget('{\"item_ids\": [1]}')",
        'select * from api.lake_forget(\'{"kind": "note"}\')',
        f'select * from api.lake_forget(\'{{"source": "{WORD}"}}\')',
        f'select * from api.lake_forget(\'{{"import_id": "{_ANSWER}"}}\')',
        "select * from api.lake_forget('{\"owner_all\": true}')",
    ],
    "lake_import": ["select * from api.lake_import(convert_to('[]', 'UTF8'), 'MyActivity.json')"],
    "lake_import_in_steps": ["call api.lake_import_in_steps('/nowhere')"],
    "lake_import_path": ["select * from api.lake_import_path('/nowhere')"],
    "lake_pii_scan": ["select api.lake_pii_scan()", "select api.lake_pii_scan('{\"item_ids\": [1]}', true)"],
    "lake_pii_status": ["select * from api.lake_pii_status()"],
    "lake_retry": ["select * from api.lake_retry()"],
    "lake_sightings": ["select * from api.lake_sightings(1)"],
    "lake_upload": ["select * from api.lake_upload(convert_to('[]', 'UTF8'))"],
    "lake_upload_begin": ["select * from api.lake_upload_begin('a.zip', 5)"],
    "lake_upload_cancel": [f"select api.lake_upload_cancel('{_ANSWER}')"],
    "lake_upload_chunk": [
        f'select set_config(\'request.headers\', \'{{"datapunk-upload": "{_ANSWER}", "datapunk-chunk": "0"}}\', false)',
        "select * from api.lake_upload_chunk('x')",
    ],
    "lake_upload_finish": [f"select * from api.lake_upload_finish('{_ANSWER}')"],
    "lake_person_merge": ["select api.lake_person_merge('{1, 2}')"],
    "lake_person_split": [
        f"select api.lake_person_split(1, array['name:{WORD} {SECRET}'])",
        "select api.lake_person_split(1, array['name:x'])",
    ],
    "lake_resolve": ["select * from api.lake_resolve()"],
    "ops_health": ["select * from api.ops_health()"],
    "ops_metrics": ["select l from regexp_split_to_table(api.ops_metrics(), '\n') as l where l !~ 'datapunk_host_'"],
    "stream_publish": [f"select api.stream_publish('{WORD}', '{{}}')"],
    "stream_requeue": ["select api.stream_requeue(1)"],
    "stream_subscribe": ["select api.stream_subscribe('#', 'gaia.count')"],
    "stream_unsubscribe": ["select api.stream_unsubscribe(1)"],
}


@dataclass(frozen=True, kw_only=True)
class Owners:
    """A database in which alice has a row in every table, and ways to look at it."""

    database: Database

    def as_user(self, owner: str) -> psycopg.Connection[Any]:
        """A connection with the rights of an HTTP request of `owner`."""
        connection: psycopg.Connection[Any] = psycopg.connect(self.database.dsn("postgres"), autocommit=True)
        claims = json.dumps({"sub": owner, "role": "datapunk_user"})
        connection.execute("select set_config('request.jwt.claims', %s, false)", (claims,))
        connection.execute("set role datapunk_user")
        return connection

    def superuser(self) -> psycopg.Connection[Any]:
        """A connection that no policy holds for."""
        return psycopg.connect(self.database.dsn("postgres"), autocommit=True)


@pytest.fixture(scope="module")
def owners(server: Server, template: str) -> Iterator[Owners]:
    for database in clone(server, template):
        found = Owners(database=database)
        with found.superuser() as connection:
            fill_every_table(connection)
        yield found


def exposed(connection: psycopg.Connection[Any], kind: str) -> list[str]:
    statement = {
        "function": "select proname from pg_proc where pronamespace = 'api'::regnamespace order by 1",
        "view": "select relname from pg_class where relnamespace = 'api'::regnamespace and relkind = 'v' order by 1",
    }[kind]
    return [str(row[0]) for row in connection.execute(statement)]


def outcome(connection: psycopg.Connection[Any], statement: str) -> str:
    """Everything that a caller gets to see: the rows, or the whole error."""
    try:
        rows = connection.execute(statement).fetchall()  # type: ignore[call-overload]
        shown = json.dumps(rows, default=str, ensure_ascii=False)
    except psycopg.Error as error:
        diag = error.diag
        shown = "\n".join(filter(None, (diag.message_primary, diag.message_detail, diag.message_hint)))
    return str(shown)


def test_every_function_has_a_case(owners: Owners) -> None:
    with owners.superuser() as connection:
        assert set(exposed(connection, "function")) == set(CALLS)


def test_every_table_with_owners_is_filled(owners: Owners) -> None:
    with owners.superuser() as connection:
        empty = [name for name, rows in rows_of_alice(connection).items() if not rows]
    assert not empty


def test_alice_finds_her_rows_in_the_views(owners: Owners) -> None:
    with owners.superuser() as connection:
        views = exposed(connection, "view")
    seen = set()
    with owners.as_user("alice") as connection:
        for view in views:
            if SECRET in outcome(connection, f"select t::text from api.{view} as t"):
                seen.add(view)
    # The typed views show one kind of item each, and the item of alice is a note.
    assert seen >= {
        "items",
        "notes",
        "imports",
        "rejects",
        "ignored",
        "jobs",
        "datasets",
        "answers",
        "citations",
        "audit",
        "dead_letters",
        "subscriptions",
        "persons",
        "person_identifiers",
        "person_corrections",
        "known_places",
        "threads",
    }


@pytest.mark.parametrize(
    "statement",
    [
        f"select * from api.cortex_search('{WORD}', 50, '{{\"mode\": \"lexical\"}}')",
        f"select * from api.cortex_search('{WORD}', 50, '{_FILTERED}')",
        f"select * from api.cortex_context('{WORD}', '{_FILTERED}')",
        f"select * from api.gaia_trace('{_ANSWER}')",
        "select * from api.forge_wait(1, '0.01 second')",
        "select api.lake_export()",
    ],
)
def test_alice_finds_by_functions_what_bob_must_not(owners: Owners, statement: str) -> None:
    with owners.as_user("alice") as connection:
        assert SECRET in outcome(connection, statement)


def test_bob_finds_nothing_of_alice_in_any_view(owners: Owners) -> None:
    with owners.superuser() as connection:
        views = exposed(connection, "view")
    with owners.as_user("bob") as connection:
        leaks = [v for v in views if SECRET in outcome(connection, f"select t::text from api.{v} as t")]
    assert not leaks


def test_bob_finds_nothing_of_alice_in_any_table(owners: Owners) -> None:
    with owners.superuser() as connection:
        tables = personal_tables(connection)
    with owners.as_user("bob") as connection:
        for schema, table in tables:
            shown = outcome(connection, f'select t::text from {schema}."{table}" as t')
            assert SECRET not in shown, f"{schema}.{table}"


@pytest.mark.parametrize("function", sorted(CALLS))
def test_function_shows_and_changes_nothing_of_alice(owners: Owners, function: str) -> None:
    with owners.superuser() as connection:
        before = rows_of_alice(connection)
    with owners.as_user("bob") as connection:
        for statement in CALLS[function]:
            shown = outcome(connection, statement)
            assert SECRET not in shown, f"{statement}: {shown}"
    with owners.superuser() as connection:
        assert rows_of_alice(connection) == before


def test_bob_cannot_write_rows_of_alice(owners: Owners) -> None:
    with owners.superuser() as connection:
        tables = personal_tables(connection)
        before = rows_of_alice(connection)
    with owners.as_user("bob") as connection:
        for schema, table in tables:
            outcome(connection, f'delete from {schema}."{table}"')
            outcome(connection, f"update {schema}.\"{table}\" set owner_id = 'bob'")
    with owners.superuser() as connection:
        assert rows_of_alice(connection) == before


def test_owner_cannot_be_forged_in_sql(owners: Owners) -> None:
    statements = (
        "select set_config('request.jwt.claims', '{\"sub\": \"alice\"}', true)",
        "select set_config('datapunk.owner', 'alice', true)",
    )
    with owners.as_user("bob") as connection:
        for statement in statements:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)  # type: ignore[call-overload]


def test_setting_of_the_owner_does_not_overrule_the_token(owners: Owners) -> None:
    with owners.as_user("bob") as connection:
        connection.execute("set datapunk.owner = 'alice'")
        assert SECRET not in outcome(connection, "select t::text from api.items as t")


def test_database_owner_sees_the_owner_that_is_set_and_no_other(owners: Owners) -> None:
    with owners.database.connect("datapunk", owner="bob") as connection:
        assert SECRET not in outcome(connection, "select t::text from api.items as t")
    with owners.database.connect("datapunk", owner="alice") as connection:
        assert SECRET in outcome(connection, "select t::text from api.items as t")
