"""What a trained anomaly detector finds unusual among items, asked for in words."""

import json
import threading
from collections.abc import Iterator
from typing import Any, cast

import psycopg
import pytest

from datapunk.inference import InferenceClient
from datapunk_workers.queue import Queue
from datapunk_workers.training import TrainingHandler
from harness import Database

Connection = psycopg.Connection[Any]
# Every evening a video; once in each of two years one in the middle of the night, of a much longer title.
WATCHED = """
insert into lake.item (owner_id, source, kind, external_id, occurred_at, title, content_hash)
select 'local', 'youtube', 'watch', d::text, d + interval '20 hours', 'An evening of day ' || to_char(d, 'DD'),
  sha256(d::text::bytea)
from generate_series(timestamptz '2023-11-01Z', '2024-02-29Z', interval '1 day') as d
union all
select 'local', 'youtube', 'watch', 'night ' || y, make_timestamptz(y, 1, 20, 3, 0, 0, 'UTC'),
  'Night ' || y || repeat(' of it', 30), sha256(('night ' || y)::bytea)
from generate_series(2023, 2024) as y
"""


@pytest.fixture
def person(database: Database) -> Iterator[Connection]:
    with database.connect("postgres", owner="local") as superuser:
        superuser.execute(WATCHED)
    with database.connect() as connection:
        connection.execute(
            "select api.forge_train('odd', 'anomaly_detector', %s, %s)",
            ("select item_id, local_hour, length(title) as n from watches", json.dumps({"family": "isolation_forest"})),
        )
        with database.connect("datapunk_worker", owner="local") as worker:
            queue = Queue(worker, "training")
            handler = TrainingHandler(database.dsn("datapunk_worker"), "tester", threading.Event(), lease_s=60)
            (message,) = queue.receive(60)
            assert handler.handle(message, worker, cast(InferenceClient, None)) is None
        yield connection


def test_unusual_items_are_named_cited_and_of_the_time_asked_about(person: Connection) -> None:
    row = person.execute(
        "select answer, citations, data"
        " from api.gaia_answer('Was there anything unusual in what I watched in 2024?', %s)",
        (json.dumps({"subroutine": "anomalies"}),),
    ).fetchone()
    assert row is not None
    answer, citations, data = row
    assert answer.startswith("The most unusual in 2024, by the model odd:\n20 January 2024, 3:00: Night 2024")
    assert citations[0]["title"].startswith("Night 2024")
    assert all(found["at"].startswith("2024") for found in data["rows"])


def test_the_number_of_an_item_is_not_learned_from(person: Connection) -> None:
    features = person.execute(
        "select jsonb_path_query_array(signature, '$.features[*].name') from api.model_versions where model = 'odd'"
    ).fetchone()
    assert features == (["local_hour", "n"],)
