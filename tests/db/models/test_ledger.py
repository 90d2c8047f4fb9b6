"""What calls of language models cost, and budgets that hold for calls at the same time."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from chat_server import Said
from harness import Database

USED = "select cost_used::float8, tokens_used from budgets where period = 'month'"


def reserve(database: Database, tokens_in: int, tokens_out: int, owner: str = "local") -> int | None:
    with database.connect("datapunk_worker", owner=owner) as worker:
        try:
            statement = "select gaia.reserve_usage('wise', 'answer', %s, %s, null)"
            return int(worker.execute(statement, (tokens_in, tokens_out)).fetchone()[0])
        except psycopg.errors.ConfigurationLimitExceeded:
            return None


def test_a_request_that_would_pass_the_budget_is_refused_before_it_is_sent(person, items, chat, answer):
    person.execute("select gaia_budget('month', 0.001)")
    row = answer()
    assert (row["status"], row["sqlstate"], chat.asked) == ("failed", "53400", [])
    assert "budget of the month" in row["error"]
    assert "gaia_budget" in row["hint"]
    assert person.execute(USED).fetchone() == (0, 0)
    person.execute("select gaia_budget('month', 1)")
    chat.behave = lambda asked: Said(text="Setting 2.4 for light roast [1].", tokens=(1000, 100))
    assert answer()["status"] == "succeeded"
    assert person.execute(USED).fetchone() == (0.003, 1100)
    assert person.execute("select gaia_budget('month'), gaia_budget('month')").fetchone() == (True, False)


def test_a_budget_of_tokens_holds_without_prices(person, database, chat):
    person.execute("select gaia_budget('day', null, 1000)")
    assert reserve(database, 700, 200) is not None
    assert reserve(database, 100, 1) is None
    assert reserve(database, 50, 50) is not None


def test_of_two_requests_at_once_only_one_passes(person, database, chat):
    # 100,000 tokens of output cost 1.
    person.execute("select gaia_budget('day', 1.5)")
    barrier = threading.Barrier(4)

    def run(_: int) -> int | None:
        barrier.wait()
        return reserve(database, 0, 100_000)

    with ThreadPoolExecutor(4) as pool:
        assert sum(found is not None for found in pool.map(run, range(4))) == 1


def test_settling_frees_what_was_not_used_and_happens_once(person, database, chat):
    person.execute("select gaia_budget('month', 1)")
    usage = reserve(database, 0, 100_000)
    assert reserve(database, 0, 1) is None
    with database.connect("datapunk_worker", owner="local") as worker:
        settle = "select gaia.settle_usage(%s, 'settled', 0, 10, null)::float8"
        assert worker.execute(settle, (usage,)).fetchone() == (0.0001,)
        assert worker.execute(settle, (usage,)).fetchone() == (None,)
    assert person.execute(USED).fetchone() == (0.0001, 10)


def test_owners_have_budgets_and_usage_of_their_own(person, database, chat):
    with database.connect(owner="bea") as bea:
        bea.execute("select gaia_budget('day', 0)")
    assert reserve(database, 10, 10, "bea") is None
    assert reserve(database, 10, 10) is not None
    with database.connect(owner="bea") as bea:
        assert bea.execute("select count(*) from usage").fetchone() == (0,)
        assert bea.execute("select count(*) from budgets").fetchone() == (1,)


@pytest.mark.parametrize(
    "statement",
    [
        "select gaia_budget('day', 5)", "insert into gaia.budget (period, cost) values ('day', 5)",
        "delete from gaia.usage", "update gaia.policy set sql = true", "select value from cortex.secret",
        "select gaia.reserve_usage('wise', 'answer', 1, 1, null)", "select gaia.settle_usage(1, 'settled', 0, 0, null)",
        "select cortex_provider_add('mine', 'chat', '{}')",
    ],
)  # fmt: skip
def test_people_over_http_neither_pay_nor_cheat(connection, statement):
    connection.execute("set role datapunk_user")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


_POLICIES = [
    {"models": 1}, [], {"tools": ["remember"]}, {"tools": ["no_such"]}, {"tools": "count"}, {"sql": "yes"},
    {"sql_max_rows": 100_000}, {"unsupported": "hide"},
]  # fmt: skip
_PROVIDERS = [
    {"model": "m"}, {"protocol": "x", "model": "m"}, {"protocol": "gemini"},
    {"protocol": "gemini", "model": "m", "price_in": -1}, {"protocol": "gemini", "model": "m", "max_tokens": 1},
    {"protocol": "gemini", "model": "m", "options": {"tools": []}},
]  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "state"),
    [
        ("select gaia_budget('week', 5)", "22023"),
        ("select gaia_budget('day', -1)", "22023"),
        ('select gaia_policy(\'{"model": "nobody"}\')', "DP020"),
        ("select gaia_ask('How many videos?', '{\"model\": \"nobody\"}')", "DP020"),
        ("select gaia_ask_async('How many videos?', '{\"model\": \"nobody\"}')", "DP020"),
        *((f"select gaia_policy('{json.dumps(policy)}')", "22023") for policy in _POLICIES),
        *((f"select cortex_provider_add('w', 'chat', '{json.dumps(given)}')", "22023") for given in _PROVIDERS),
    ],
)
def test_bad_arguments_are_told(connection, statement, state):
    with pytest.raises(psycopg.Error) as caught:
        connection.execute(statement)
    assert caught.value.sqlstate == state
    assert caught.value.diag.message_hint


def test_a_policy_keeps_what_is_not_named(connection):
    connection.execute('select gaia_policy(\'{"tools": ["top", "count"], "sql": true}\')')
    policy = connection.execute("select gaia_policy('{\"sql_max_rows\": 10}')").fetchone()[0]
    assert (policy["tools"], policy["sql"], policy["sql_max_rows"], policy["model"]) == (
        ["count", "top"],
        True,
        10,
        None,
    )


def test_providers_of_one_vendor_have_its_address_and_may_change_their_model(connection):
    connection.execute(
        'select cortex_provider_add(\'c\', \'chat\', \'{"protocol": "anthropic", "model": "a", "price_in": 3}\')'
    )
    connection.execute(
        'select cortex_provider_add(\'c\', \'chat\', \'{"protocol": "anthropic", "model": "b", "price_in": 4}\')'
    )
    row = connection.execute("select model, base_url, protocol, price_in::float8, prepared from providers").fetchone()
    assert row == ("b", "https://api.anthropic.com/v1", "anthropic", 4, True)
    assert connection.execute("select cortex_provider_remove('c')").fetchone() == (True,)
