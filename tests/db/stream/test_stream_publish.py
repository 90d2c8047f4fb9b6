import pytest
from psycopg import errors

from harness import Database
from stream_messages import Connection, publish, subscribe


def waiting(connection: Connection) -> int:
    row = connection.execute("select sum(waiting) from api.subscriptions").fetchone()
    assert row is not None
    return int(row[0] or 0)


def test_each_message_has_its_own_id(person: Connection) -> None:
    assert publish(person) < publish(person)


def test_a_message_waits_once_for_each_subscription_that_matches(person: Connection) -> None:
    for pattern in ("home.#", "*.door", "garden.#"):
        subscribe(person, pattern)
    publish(person, "home.door")
    rows = person.execute("select pattern, waiting from api.subscriptions order by 1").fetchall()
    assert rows == [("*.door", 1), ("garden.#", 0), ("home.#", 1)]


def test_a_message_without_a_subscription_leaves_nothing_to_do(person: Connection) -> None:
    publish(person)
    subscribe(person, "#")
    assert waiting(person) == 0


def test_what_is_rolled_back_was_never_published(person: Connection, worker: Connection) -> None:
    subscribe(person)
    with person.transaction(force_rollback=True):
        publish(person)
        assert waiting(person) == 1
    assert waiting(person) == 0
    assert worker.execute("select * from stream.receive('delivery', 1, 1)").fetchall() == []


def test_others_are_not_told(person: Connection, database: Database) -> None:
    subscribe(person, "#")
    with database.connect(owner="bob") as other:
        publish(other)
        assert other.execute("select * from api.subscriptions").fetchall() == []
    assert waiting(person) == 0


def test_topics_are_listed_beside_those_of_the_installation(person: Connection) -> None:
    publish(person, "home.door")
    publish(person, "home.door")
    rows = person.execute("select name, source from api.topics order by 1").fetchall()
    assert rows == [("forge.version.*", "builtin"), ("home.door", "own"), ("lake.item.*", "builtin")]


@pytest.mark.parametrize("topic", ["", ".", "a.", ".a", "a..b", "a b", "a.*", "#", "über", "a\n", "x" * 256, None])
def test_a_bad_topic_is_refused(connection: Connection, topic: str | None) -> None:
    with pytest.raises(errors.InvalidParameterValue) as failed:
        connection.execute("select api.stream_publish(%s, '{}')", (topic,))
    assert failed.value.diag.message_hint


@pytest.mark.parametrize("payload", [None, '"' + "x" * 1_000_000 + '"'])
def test_a_payload_that_is_missing_or_too_long_is_refused(connection: Connection, payload: str | None) -> None:
    with pytest.raises(errors.InvalidParameterValue) as failed:
        connection.execute("select api.stream_publish('a', %s)", (payload,))
    assert failed.value.diag.message_hint
