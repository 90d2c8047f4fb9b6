"""From a message to the function that is called for it, attempt by attempt."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg import errors

from datapunk_workers.connection import act_as
from datapunk_workers.delivery import MAX_ATTEMPTS, DeliveryHandler
from datapunk_workers.queue import RetryLater
from harness import Database
from stream_messages import Connection, publish, seen, subscribe

Deliver = Callable[..., list[RetryLater | None]]
DEAD = "select topic, handler, attempts, error_sqlstate, reason from api.dead_letters"


def define(person: Connection, name: str, body: str, settings: str = "") -> None:
    person.execute(
        f"create function mine.{name}(e jsonb) returns jsonb language plpgsql {settings} as"  # type: ignore[arg-type]
        f" $$ begin {body} return null; end $$"
    )


def kill_letter(person: Connection, deliver: Deliver) -> int:
    """Let a message become a dead letter."""
    subscribe(person, handler="mine.refuse")
    publish(person)
    for _ in range(MAX_ATTEMPTS):
        deliver()
    row = person.execute("select dead_letter_id from api.dead_letters").fetchone()
    assert row is not None
    return int(row[0])


def test_a_handler_gets_the_message_and_where_it_is_from(person: Connection, deliver: Deliver) -> None:
    subscribe(person)
    message_id = publish(person, "home.door", '{"open": true}')
    assert deliver() == [None]
    [event] = seen(person)
    assert event.pop("published_at")
    assert event == {"topic": "home.door", "message_id": message_id, "attempt": 1, "payload": {"open": True}}
    assert deliver() == []


def test_a_handler_runs_as_the_owner_with_the_role_of_who_subscribed(
    person: Connection, database: Database, deliver: Deliver
) -> None:
    subscribe(person)
    with database.connect(owner="bob") as other:
        other.execute("set role datapunk_user")
        subscribe(other)
        publish(other)
    publish(person)
    assert deliver() == [None, None]
    rows = person.execute("select owner, role from mine.seen order by 1").fetchall()
    assert rows == [("ada", "datapunk"), ("bob", "datapunk_user")]


def test_a_handler_may_do_no_more_than_who_subscribed(person: Connection, deliver: Deliver) -> None:
    define(person, "steal", "delete from lake.item; perform set_config('datapunk.owner', 'bob', false);")
    person.execute("set role datapunk_user")
    subscribe(person, handler="mine.steal")
    publish(person)
    [again] = deliver()
    assert isinstance(again, RetryLater)
    assert "set_config" in again.reason


def test_a_right_that_was_taken_away_is_missed_when_it_is_called(person: Connection, deliver: Deliver) -> None:
    person.execute("set role datapunk_user")
    subscribe(person)
    person.execute("reset role")
    person.execute("revoke execute on function mine.note(jsonb) from public")
    publish(person)
    [again] = deliver()
    assert isinstance(again, RetryLater)
    assert seen(person) == []


def test_unqualified_names_are_those_of_api(person: Connection, deliver: Deliver) -> None:
    define(person, "own_name", 'perform lake_append(\'[{"kind": "note", "title": "hello", "source": "me"}]\');')
    subscribe(person, handler="mine.own_name")
    publish(person)
    assert deliver() == [None]
    assert person.execute("select title, owner_id from api.items").fetchall() == [("hello", "ada")]


def test_a_handler_may_ask_for_a_training(person: Connection, deliver: Deliver) -> None:
    define(person, "retrain", "perform forge_train('taste', 'recommender', 'select 1 as who, 2 as what');")
    subscribe(person, handler="mine.retrain")
    publish(person)
    assert deliver() == [None]
    assert person.execute("select owner_id, model, role_name from forge.job").fetchall() == [
        ("ada", "taste", "datapunk")
    ]


def test_a_handler_that_fails_is_called_again_ever_later(person: Connection, deliver: Deliver) -> None:
    subscribe(person, handler="mine.refuse")
    publish(person)
    outcomes = [deliver()[0] for _ in range(MAX_ATTEMPTS)]
    assert [again.seconds if again else None for again in outcomes] == [2, 8, 32, 128, None]
    assert deliver() == []


def test_what_a_failed_attempt_wrote_is_gone(person: Connection, deliver: Deliver) -> None:
    subscribe(person, handler="mine.refuse")
    publish(person)
    deliver()
    assert seen(person) == []


def test_a_message_is_a_dead_letter_after_the_last_attempt(person: Connection, deliver: Deliver) -> None:
    kill_letter(person, deliver)
    assert person.execute(DEAD).fetchall() == [("home.door", "mine.refuse", MAX_ATTEMPTS, "P0001", "not today")]
    assert person.execute("select waiting, dead_letters from api.subscriptions").fetchone() == (0, 1)


def test_a_handler_that_fails_is_in_nobodys_way(person: Connection, deliver: Deliver) -> None:
    subscribe(person, handler="mine.refuse")
    subscribe(person, "#")
    publish(person)
    publish(person)
    deliver()
    assert len(seen(person)) == 2


def test_a_mended_handler_gets_its_dead_letter_again(person: Connection, deliver: Deliver) -> None:
    letter = kill_letter(person, deliver)
    person.execute(
        "create or replace function mine.refuse(e jsonb) returns jsonb language sql as 'select mine.note(e)'"
    )
    requeue = "select api.stream_requeue(%s)"
    assert person.execute(requeue, (letter,)).fetchone() == (True,)
    assert person.execute(requeue, (letter,)).fetchone() == (False,)
    assert deliver() == [None]
    assert [event["attempt"] for event in seen(person)] == [1]
    assert person.execute(DEAD).fetchall() == []


def test_others_cannot_requeue_a_dead_letter(person: Connection, database: Database, deliver: Deliver) -> None:
    letter = kill_letter(person, deliver)
    with database.connect(owner="bob") as other:
        assert other.execute("select api.stream_requeue(%s)", (letter,)).fetchone() == (False,)
        assert other.execute(DEAD).fetchall() == []
    assert deliver() == []


def test_a_handler_that_takes_too_long_is_ended(person: Connection, deliver: Deliver) -> None:
    define(person, "sleep", "perform pg_sleep(60);")
    subscribe(person, handler="mine.sleep")
    publish(person)
    [again] = deliver(DeliveryHandler(timeout_s=1))
    assert isinstance(again, RetryLater)
    assert "timeout" in again.reason


def test_nothing_that_a_handler_sets_meets_the_next_one(
    person: Connection, worker: Connection, deliver: Deliver
) -> None:
    define(person, "litter", "set session datapunk.language = 'xx'; create temp table left_over (x int);"
           " perform pg_advisory_lock(1);")  # fmt: skip
    subscribe(person, handler="mine.litter")
    publish(person)
    assert deliver() == [None]
    assert worker.execute("select current_setting('datapunk.language', true)").fetchone() != ("xx",)
    assert worker.execute("select to_regclass('pg_temp.left_over')").fetchone() == (None,)
    locks = "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"
    assert worker.execute(locks).fetchone() == (0,)
    assert worker.execute("select current_user").fetchone() == ("datapunk_worker",)


def test_messages_that_lead_to_themselves_come_to_an_end(person: Connection, deliver: Deliver) -> None:
    define(person, "echo", "insert into mine.seen (event) values (e); perform stream_publish('home.echo', '{}');")
    subscribe(person, handler="mine.echo")
    publish(person)
    while deliver():
        pass
    assert person.execute("select count(*) from mine.seen").fetchone() == (9,)
    assert person.execute("select topic, error_sqlstate from api.dead_letters").fetchall() == [("home.echo", "54000")]


def test_a_handler_that_runs_elsewhere_is_left_alone(person: Connection, database: Database, deliver: Deliver) -> None:
    subscribe(person)
    publish(person)
    with database.connect("datapunk_worker", owner="ada") as other, other.transaction():
        [(delivery_id, attempt)] = _claim(person, other)
        assert other.execute("select stream.finish_delivery(%s, %s)", (delivery_id, attempt)).fetchone() == (True,)
        [again] = deliver()
        assert isinstance(again, RetryLater)
    assert deliver() == [None]
    assert seen(person) == []


def test_an_attempt_that_was_overtaken_does_nothing(person: Connection, worker: Connection) -> None:
    subscribe(person)
    publish(person)
    act_as(worker, "ada")
    [(delivery_id, first)] = _claim(person, worker)
    _claim(person, worker)
    finish, fail = "select stream.finish_delivery(%s, %s)", "select stream.fail_delivery(%s, %s, 'P0001', 'late', true)"
    assert worker.execute(finish, (delivery_id, first)).fetchone() == (False,)
    assert worker.execute(fail, (delivery_id, first)).fetchone() == (False,)
    assert person.execute(DEAD).fetchall() == []


def test_a_handler_that_takes_its_worker_along_is_given_up(
    person: Connection, worker: Connection, deliver: Deliver
) -> None:
    subscribe(person)
    publish(person)
    act_as(worker, "ada")
    for _ in range(MAX_ATTEMPTS):
        _claim(person, worker)
    assert deliver() == [None]
    [(_, _, attempts, _, reason)] = person.execute(DEAD).fetchall()
    assert (attempts, "went away" in reason) == (MAX_ATTEMPTS, True)


def test_messages_of_an_ended_subscription_are_dropped(person: Connection, deliver: Deliver) -> None:
    subscription_id = subscribe(person)
    publish(person)
    person.execute("select api.stream_unsubscribe(%s)", (subscription_id,))
    assert deliver() == [None]
    assert seen(person) == []


def test_people_cannot_play_worker(person: Connection) -> None:
    for call in (
        "stream.fan_out('lake.item.note', '{}')", "stream.claim_delivery(1, 5)", "stream.finish_delivery(1, 1)",
        "stream.fail_delivery(1, 1, 'x', 'x', true)",
    ):  # fmt: skip
        with pytest.raises(errors.InsufficientPrivilege):
            person.execute(f"select {call}")  # type: ignore[arg-type]


def _claim(person: Connection, worker: psycopg.Connection[Any]) -> list[tuple[int, int]]:
    """Begin an attempt at the only delivery."""
    row = person.execute("select id from stream.delivery").fetchone()
    assert row is not None
    [(attempt,)] = worker.execute(
        "select attempt from stream.claim_delivery(%s, %s)", (row[0], MAX_ATTEMPTS)
    ).fetchall()
    return [(int(row[0]), int(attempt))]
