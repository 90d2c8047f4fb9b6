import pytest

from datapunk.errors import NotAllowed
from datapunk.gaia.sql_guard import checked_query

VIEWS = ["mails", "watches"]


@pytest.mark.parametrize(
    "query",
    [
        "select channel, count(*) from watches where local_hour >= 20 group by channel order by 2 desc limit 5;",
        "with a as (select date_trunc('month', occurred_at) as m from api.mails) select m, count(*) from a group by 1",
        "select extract(year from occurred_at), to_char(occurred_at, 'YYYY') from watches where title ilike '%x%'",
        "select title, row_number() over (partition by channel order by occurred_at) from watches",
        "select w.title::text, (select max(id) from mails) from watches w left join mails m on m.title = w.title",
        "select case when title is null then 'none' else upper(title) end from watches union select 'x'",
        "select current_date - interval '1 year'",
    ],
)
def test_queries_that_read_the_views_pass(query):
    checked = checked_query(query, VIEWS)
    # Written anew, it passes again.
    assert checked_query(checked.sql, VIEWS).views == checked.views


def test_relations_and_functions_are_named_with_their_schema():
    checked = checked_query("select count(*) from watches -- all of them", VIEWS)
    assert checked.sql == "SELECT pg_catalog.count(*) FROM api.watches"
    assert checked.views == ("watches",)


def test_a_common_table_expression_lets_no_table_of_its_name_through():
    checked = checked_query("with a as (select * from pg_class), pg_class as (select 1) select * from a", VIEWS)
    # Out of scope there, the name is one that no table has.
    assert "FROM cte_1 pg_class" in checked.sql


@pytest.mark.parametrize(
    "query",
    [
        "", "select 1; select 2", "delete from watches", "insert into watches default values", "truncate watches",
        "select * from lake.item", "select * from other.watches", "select * from pg_authid", "table pg_class",
        "select pg_sleep(1)", "select set_config('datapunk.owner', 'bea', false)", "select lake_forget('{}')",
        "select api.gaia_ask('x')", "select public.count(1)", "select dblink('x', 'y')", "select lo_import('x')",
        "select query_to_xml('select 1', true, true, '')", "select * from pg_ls_dir('.') as f",
        "select * from rows from (pg_read_file('x')) as f", "select current_setting('x')", "select current_user",
        "select session_user", "select * into t from watches", "create table t as select 1",
        "select * from watches for update", "with x as (delete from mails returning 1) select * from x",
        "with recursive t as (select 1 union all select 1 from t) select * from t", "select 'lake.item'::regclass",
        "select cast('x' as xml)", "select xmlparse(document 'x')", "select $1", "select 1 operator(public.<#>) 2",
        "copy watches to program 'x'", "copy (select 1) to '/tmp/x'", "do $$ begin end $$", "explain select 1",
        "set role postgres", "begin", "prepare p as select 1", "call x()", "listen x",
        "select * from watches tablesample system (1)",
        "select json_value('{}', '$')", "select lpad('x', 1000000000)", "select repeat('x', 1000000000)",
        "select (", "select\0 1",
        f"select '{'x' * 5000}'",
    ],
)  # fmt: skip
def test_everything_else_is_refused_with_the_reason(query):
    with pytest.raises(NotAllowed) as caught:
        checked_query(query, VIEWS)
    assert caught.value.message
