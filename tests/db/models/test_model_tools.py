"""Tools for language models: those that the owner allows, read only, with the caller's rights."""

import json
import re

import pytest

from chat_server import Said
from db.models.conftest import QUESTION

WORDED = Said(text="You got 1 mail [data].")


def by_round(*rounds):
    """Say one thing after another where tools are offered, and word the answer where none are."""
    left = list(rounds)
    return lambda asked: (left.pop(0) if left else Said(text="DONE")) if asked.tools else WORDED


def sql(query):
    return Said(calls=(("sql", {"query": query}),))


@pytest.fixture
def allowed(person):
    def allow(**options):
        person.execute("select gaia_policy(%s)", (json.dumps(options),))

    return allow


def results(asked):
    """What the model was told of its tools."""
    return [json.loads(message["content"]) for message in asked.body["messages"] if message["role"] == "tool"]


def test_a_subroutine_runs_and_its_figures_word_the_answer(items, chat, answer, allowed):
    allowed(tools=["count", "top"])
    chat.behave = by_round(Said(calls=(("count", {"kind": "mail"}),)))
    row = answer("How many mails are there of Jonas?")
    assert chat.asked[0].tools == ["count", "top"]
    assert results(chat.asked[1])[0]["count"] == 1
    assert row["answer"] == "You got 1 mail."
    assert '"tool": "count"' in chat.asked[-1].text


def test_while_tools_are_offered_no_text_of_the_lake_is_shown(items, chat, answer, allowed):
    allowed(tools=["search", "top"], sql=True)
    chat.behave = by_round(
        Said(calls=(("search", {"kind": "mail"}), ("top", {"kind": "mail", "group_by": "person"}))),
        sql("select subject, body from mails"),
    )
    answer()
    offered = [asked for asked in chat.asked if asked.tools]
    assert len(offered) == 3
    for asked in offered:
        assert "Kestrel" not in asked.text
        assert "Weber" not in asked.text
    assert re.fullmatch(r"text#\d+", results(offered[-1])[2]["rows"][0]["subject"])
    assert "Kestrel" in chat.asked[-1].text


def test_a_handle_stands_for_its_text_as_an_argument(items, chat, answer, allowed):
    allowed(tools=["top", "count"])
    found = []

    def behave(asked):
        if not asked.tools:
            return WORDED
        given = results(asked)
        if not given:
            return Said(calls=(("top", {"kind": "mail", "group_by": "person"}),))
        if len(given) == 1:
            found.append(given[0]["rows"][0]["value"])
            return Said(calls=(("count", {"kind": "mail", "person": [found[0]]}),))
        found.append(given[1]["count"])
        return Said(text="DONE")

    chat.behave = behave
    row = answer("How many mails are there of whoever wrote most?")
    assert found[0].startswith("text#")
    assert found[1] == 1
    assert row["plan"]["language_model"]["tools_refused"] == []


def test_what_is_not_on_the_list_or_does_not_fit_is_not_run(items, chat, answer, allowed):
    allowed(tools=["count"])
    wrong = {
        ("forget", '{"note": "all"}'): "no tool forget", ("sql", '{"query": "select 1"}'): "no tool sql",
        ("lake_forget", '{"owner_all": true}'): "no tool", ("count", '{"drop": 1}'): "do not fit",
        ("count", '{"kind": 5}'): "do not fit",
    }  # fmt: skip
    chat.behave = by_round(Said(calls=tuple((name, json.loads(given)) for name, given in wrong)))
    refused = answer()["plan"]["language_model"]["tools_refused"]
    assert [reason in said for reason, said in zip(wrong.values(), refused, strict=True)] == [True] * len(wrong)


def test_tools_that_nobody_offered_are_not_run(person, items, chat, answer):
    chat.behave = lambda asked: Said(text="Setting 2.4 for light roast [1].", calls=(("forget", {"note": "x"}),))
    row = answer()
    assert row["plan"]["language_model"]["tools_not_offered"] == 1
    assert len(chat.asked) == 1


def test_rounds_and_calls_are_bounded(items, chat, answer, allowed):
    allowed(tools=["count"], max_rounds=2)
    chat.behave = lambda asked: Said(calls=(("count", {"kind": "mail"}),) * 6) if asked.tools else WORDED
    row = answer("How many mails did I get?")
    assert len([a for a in chat.asked if a.tools]) == 2
    assert len([r for r in row["plan"]["language_model"]["tools_refused"] if "too many" in r]) == 4


def test_a_subroutine_that_writes_cannot(person, database, items, chat, answer, allowed):
    with database.connect("postgres") as admin:
        admin.execute(
            "create function public.scribble(p jsonb) returns jsonb language plpgsql as"
            " $$ begin insert into gaia.note (text) values ('written'); return '{}'; end $$"
        )
        admin.execute("grant execute on function public.scribble(jsonb) to datapunk_user")
    person.execute("select gaia_register('scribble', 'public.scribble', 'Scribbles.', array['scribble something'])")
    allowed(tools=["scribble"])
    chat.behave = by_round(Said(calls=(("scribble", {}),)))
    row = answer(QUESTION)
    assert "25006" in row["plan"]["language_model"]["tools_refused"][0]
    assert person.execute("select count(*) from gaia.note").fetchone() == (0,)


def test_a_query_runs_over_the_views_with_the_callers_rows(database, person, items, chat, answer, allowed):
    with database.connect(owner="bea") as bea:
        bea.execute("insert into lake.item (kind, source, title, content_hash) values ('mail', 'test', 'of bea', 'b')")
    allowed(sql=True)
    chat.behave = by_round(sql("select count(*) as mails from mails"))
    answer("How many mails did I get?")
    assert results(chat.asked[1]) == [{"rows": [{"mails": 1}], "more": False}]


def test_other_queries_are_refused(person, items, chat, answer, allowed):
    allowed(sql=True)
    wrong = [
        "delete from mails", "select set_config('datapunk.owner', 'bea', true)", "select 1; select 2",
        "select * from lake.item", "select pg_sleep(9)", "select gaia_ask('x')", "select * from security_events",
        "with a as (select * from pg_class), pg_class as (select 1) select * from a",
    ]  # fmt: skip
    chat.behave = by_round(Said(calls=tuple(("sql", {"query": query}) for query in wrong)))
    row = answer()
    assert row["status"] == "succeeded"
    assert len(row["plan"]["language_model"]["tools_refused"]) == len(wrong)
    assert person.execute("select count(*) from mails").fetchone() == (1,)


def test_a_query_is_bounded_by_cost_and_rows(person, items, chat, answer, allowed):
    allowed(sql=True, sql_max_rows=3, sql_max_cost=1000)
    chat.behave = by_round(sql("select g from generate_series(1, 10) as g"))
    answer()
    assert results(chat.asked[1])[0] == {"rows": [{"g": 1}, {"g": 2}, {"g": 3}], "more": True}
    chat.behave = by_round(sql("select count(*) from generate_series(1, 100000) a, generate_series(1, 100000) b"))
    assert "would cost" in answer()["plan"]["language_model"]["tools_refused"][0]


def test_who_asks_over_http_has_the_same_tools_and_own_rows(database, person, items, chat, answer):
    with database.connect(owner="bea") as bea:
        bea.execute("insert into lake.item (kind, source, title, content_hash) values ('mail', 'test', 'of bea', 'b')")
        bea.execute("set role datapunk_user")
        bea.execute('select gaia_policy(\'{"model": "wise", "sql": true, "tools": ["count"]}\')')
        chat.behave = by_round(sql("select subject from mails"), Said(calls=(("count", {"kind": "mail"}),)))
        row = answer("How many mails did I get?", asker=bea, model=None)
    assert row["plan"]["language_model"]["tools_refused"] == []
    given = results([a for a in chat.asked if a.tools][-1])
    assert (len(given[0]["rows"]), given[1]["count"]) == (1, 1)
    # The policy is bea's alone.
    assert person.execute("select gaia_policy() ->> 'model'").fetchone() == (None,)


def test_a_query_that_takes_too_long_is_told_and_the_answer_comes(items, chat, answer, allowed, monkeypatch):
    monkeypatch.setattr("datapunk_workers.model_tools._TIMEOUT_MS", "200")
    allowed(sql=True, sql_max_cost=10_000_000)
    chat.behave = by_round(sql("select count(*) from generate_series(1, 30000) a, generate_series(1, 10000) b"))
    row = answer()
    assert row["status"] == "succeeded"
    assert "57014" in row["plan"]["language_model"]["tools_refused"][0]
