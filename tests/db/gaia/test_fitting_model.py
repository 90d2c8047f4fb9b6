"""Which of an owner's deployed models a question is about, read from the models that the database holds."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from harness import Database

Connection = psycopg.Connection[Any]
MODEL = """
with d as (
  insert into forge.dataset (owner_id, fingerprint, query, columns, row_count)
  values (%(owner)s, %(name)s, %(query)s, %(columns)s, 10)
  returning id
), m as (
  insert into forge.model (owner_id, name, recipe) values (%(owner)s, %(name)s, %(recipe)s) returning id
)
insert into forge.version (owner_id, model_id, version, recipe, dataset_id, primary_metric, code_version, sha256)
select %(owner)s, m.id, 1, %(recipe)s, d.id, 'mase', 'test', %(name)s from m, d
returning id
"""


@pytest.fixture
def owning(database: Database) -> Iterator[Connection]:
    """The owner local with a forecaster of videos and one of mails that is not deployed, and ada with one."""
    with database.connect("postgres", owner="local") as root:
        columns = json.dumps([{"name": "at"}, {"name": "value"}, {"name": "channel"}])
        videos = "select occurred_at as at, count(*) as value, channel from watches group by 1, 3"
        mails = "select occurred_at as at, count(*) as value from mails group by 1"
        for owner, name, query, deployed in (
            ("local", "weekly", videos, True), ("local", "letters", mails, False), ("ada", "hers", mails, True),
        ):  # fmt: skip
            given = {"owner": owner, "name": name, "query": query, "columns": columns, "recipe": "forecaster"}
            row = root.execute(MODEL, given).fetchone()
            assert row
            if deployed:
                root.execute("select set_config('datapunk.owner', %s, false)", (owner,))
                root.execute("select forge.deploy_version(%s, 'test')", (row[0],))
    with database.connect(owner="local") as person:
        yield person


def fitting(person: Connection, question: str, recipe: str = "forecaster", **given: object) -> dict[str, Any]:
    parameters = json.dumps({"question": question, **given})
    row = person.execute("select gaia.fitting_model(%s, %s)", (parameters, [recipe])).fetchone()
    assert row
    return dict(row[0])


def test_the_model_of_the_kind_that_a_question_asks_about_fits(owning: Connection) -> None:
    found = fitting(owning, "How many videos will I watch next week?", kind="watch")
    assert (found["model"], [m["name"] for m in found["trained"]]) == ("weekly", ["weekly"])


def test_a_question_about_something_else_gets_no_model_but_hears_what_there_is(owning: Connection) -> None:
    found = fitting(owning, "How many mails will I get next week?", kind="mail")
    assert (found["model"], [m["name"] for m in found["trained"]]) == (None, ["weekly"])


def test_a_model_that_is_named_is_taken_and_an_unknown_name_is_none(owning: Connection) -> None:
    assert fitting(owning, "What is to come?", model="weekly")["model"] == "weekly"
    assert fitting(owning, "What is to come?", model="letters")["model"] is None
    assert fitting(owning, "What is to come?", model="hers")["model"] is None


def test_of_another_recipe_there_is_none(owning: Connection) -> None:
    assert fitting(owning, "Is anything unusual?", recipe="anomaly_detector") == {
        "model": None, "series": [], "trained": []
    }  # fmt: skip
