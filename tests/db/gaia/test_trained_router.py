"""A router that Forge trains, from its examples to where questions go, and again after new ones."""

import json
import threading
from collections.abc import Iterator
from typing import Any, cast

import psycopg
import pytest
from psycopg import sql

from datapunk.gaia.router import Q
from datapunk.inference import InferenceClient
from datapunk_workers.queue import Queue
from datapunk_workers.training import TrainingHandler
from harness import Database

Connection = psycopg.Connection[Any]
EXAMPLES = {
    "fish": (
        "Is the water of the aquarium warm enough?", "Are the fish hungry?", "How are my fish today?",
        "Check the fish tank", "When were the fish fed?", "What mood is the aquarium in?", "Clean the fish tank",
        "Is the filter of the aquarium on?", "How many fish are left?", "Do the guppies need food?",
    ),
    "trains": (
        "When does the next train leave?", "Is my train late?", "Which platform for the train to Bern?",
        "Book a seat on the night train", "How long does the train take?", "Are the trains on strike?",
        "What does a ticket for the train cost?", "Where do I change trains?", "Is there a dining car on the train?",
        "Which train goes to the airport?",
    ),
}  # fmt: skip
BREAD = (
    "How long must the dough rise?", "Is the bread baked?", "Feed the sourdough", "How hot is the oven for bread?",
    "Which flour do I need for rye bread?", "When did I last bake bread?", "Knead the dough again",
    "Is there yeast left for the bread?", "Shall I bake bread today?", "How much salt goes into the dough?",
)  # fmt: skip


@pytest.fixture
def person(database: Database) -> Iterator[Connection]:
    """An owner of two subroutines, where none came with the installation."""
    with database.connect("postgres") as superuser:
        superuser.execute("delete from gaia.example where owner_id = 'system'")
    with database.connect() as connection:
        connection.execute(
            'create function public.told(p jsonb) returns jsonb language sql as $$ select \'{"answer": ""}\'::jsonb $$'
        )
        for name, texts in EXAMPLES.items():
            register(connection, name, texts)
        yield connection


def register(connection: Connection, name: str, texts: tuple[str, ...]) -> None:
    connection.execute("select api.gaia_register(%s, 'public.told', 'Tells.', %s)", (name, list(texts)))


def train(connection: Connection, **options: object) -> None:
    connection.execute(
        "select api.forge_train('mine', 'router', 'select subroutine, text from examples', %s)", (json.dumps(options),)
    )


def work(database: Database) -> None:
    """Do what waits in the queue of trainings, and what follows from it."""
    with database.connect("datapunk_worker", owner="local") as worker:
        queue = Queue(worker, "training")
        handler = TrainingHandler(database.dsn("datapunk_worker"), "tester", threading.Event(), lease_s=60)
        while messages := queue.receive(60):
            for message in messages:
                assert handler.handle(message, worker, cast(InferenceClient, None)) is None
                queue.done(message)


def best(connection: Connection, question: str) -> tuple[Any, ...]:
    row = connection.execute(
        "select subroutine, score, likeness from api.gaia_route(%s) limit 1", (question,)
    ).fetchone()
    assert row is not None
    return row


def versions(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute(
        "select j.status, j.error, j.trigger from api.jobs as j where j.model = 'mine' order by j.job_id"
    ).fetchall()


def test_it_is_trained_again_after_new_examples_and_promoted_on_those_that_neither_has_seen(
    database: Database, person: Connection
) -> None:
    train(person, retrain={"rows": len(BREAD)}, test_size=0.4)
    work(database)
    assert versions(person) == [("succeeded", None, "call")]
    assert best(person, "Have the fish been fed?")[0] == "fish"
    assert best(person, "Is the train to Basel delayed?")[2] > 0
    register(person, "bread", BREAD)
    # At once by the examples, though the trained router does not know it.
    assert best(person, "Does the dough rise?")[0] == "bread"
    with database.connect("datapunk_worker", owner="local") as worker:
        worker.execute("select forge.run_schedule('mine')")
    work(database)
    assert versions(person)[1:] == [("succeeded", None, "rows")]
    row = person.execute(
        "select row_count, value, incumbent_value, passed from api.comparisons where model = 'mine'"
    ).fetchone()
    assert row is not None
    assert row[0] >= 10
    assert row[1] > row[2]
    assert row[3]
    assert person.execute("select version from api.models where model = 'mine'").fetchone() == (2,)
    assert best(person, "Does the dough rise?")[0] == "bread"
    assert best(person, "Does the dough rise?")[2] is not None


def test_with_tuning_it_has_an_embedder_of_its_own(database: Database, person: Connection) -> None:
    train(person, tune=20)
    work(database)
    assert versions(person) == [("succeeded", None, "call")]
    row = person.execute(
        "select parameters -> 'tuned', signature ->> 'embedder' from api.model_versions where model = 'mine'"
    ).fetchone()
    assert row is not None
    assert row[0]["steps"] > 0
    assert best(person, "Have the fish been fed?")[0] == "fish"
    assert best(person, "Who painted the ceiling?")[0] == "none"
    assert person.execute("select distinct embedder from gaia.router where owner_id = 'local'").fetchall() == [
        (row[1],)
    ]
    # Without its version it is fitted to the examples, by the common model.
    person.execute("select api.forge_drop('mine')")
    assert best(person, "Have the fish been fed?")[0] == "fish"
    assert person.execute("select distinct embedder from gaia.router where owner_id = 'local'").fetchall() == [(None,)]


def test_a_route_is_explained_by_the_nearest_examples(person: Connection) -> None:
    row = person.execute(
        "select subroutine, nearest from api.gaia_route('Are my fish hungry?', '{\"explain\": true}') limit 1"
    ).fetchone()
    assert row is not None
    assert row[0] == "fish"
    assert row[1][0]["text"] == "Are the fish hungry?"
    assert 0.8 < row[1][0]["similarity"] <= 1.0
    assert len(row[1]) == 3
    plain = person.execute("select nearest from api.gaia_route('Are my fish hungry?') limit 1").fetchone()
    assert plain == (None,)
    with pytest.raises(psycopg.Error) as caught:
        person.execute("select api.gaia_route('Are my fish hungry?', '{\"explain\": 1}')")
    assert caught.value.sqlstate == "22023"


def test_a_question_of_which_reading_leaves_nothing_has_a_route(person: Connection) -> None:
    assert person.execute("select count(*) > 0 from api.gaia_route('ya')").fetchone() == (True,)


def test_terms_are_looked_up_one_by_one_right_after_a_training(database: Database) -> None:
    with database.connect("postgres") as superuser:
        superuser.execute("analyze gaia.router_term")
        superuser.execute(
            "insert into gaia.router_term (owner_id, model, term, idf, weights)"
            " select 'local', 'm', 'term ' || n, 1, '[1,2]' from generate_series(1, 5000) as n"
        )
    with database.connect() as connection:
        connection.execute("set plan_cache_mode = force_generic_plan")
        connection.execute(sql.SQL("prepare route ({}) as {}").format(
            sql.SQL(", ".join(Q.route.types)), sql.SQL(Q.route.sql)
        ))  # fmt: skip
        lines = connection.execute("explain execute route ('local', 'm', '[1,2]', '{a,b}', 'm')").fetchall()
    plan = "\n".join(line for (line,) in lines)
    assert "term = a.term" in next(line for line in plan.splitlines() if "Index Cond" in line and "term" in line)
    assert "Filter: (term" not in plan
