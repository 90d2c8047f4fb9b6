"""What Gaia keeps of a conversation: turns, and a summary of the older ones, which its owner may change."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from harness import Database

Connection = psycopg.Connection[Any]


@pytest.fixture
def talk(database: Database) -> Iterator[tuple[Connection, str]]:
    with database.connect() as person:
        row = person.execute("insert into gaia.conversation (title) values ('Turn 1') returning id::text").fetchone()
        assert row
        yield person, row[0]


def say(person: Connection, conversation: str, turns: range, answer: str = "Answer {}. It has more to say.") -> None:
    for n in turns:
        person.execute(
            "insert into gaia.answer (conversation_id, question, answer, route, confidence, latency_ms)"
            " values (%s, %s, %s, 'count', 1, 1)",
            (conversation, f"Turn {n}?", answer.format(n)),
        )


def summary(person: Connection) -> list[tuple[Any, ...]]:
    return person.execute("select text, turns from api.conversation_summaries").fetchall()


def test_the_older_turns_are_summed_up_and_the_newest_four_are_not(talk: tuple[Connection, str]) -> None:
    person, conversation = talk
    say(person, conversation, range(1, 8))
    assert summary(person) == []
    say(person, conversation, range(8, 9))
    assert summary(person) == [("\n".join(f"Turn {n}?: Answer {n}." for n in range(1, 5)), 4)]
    say(person, conversation, range(9, 13))
    assert summary(person) == [("\n".join(f"Turn {n}?: Answer {n}." for n in range(1, 9)), 8)]


def test_a_turn_does_not_read_the_answers_of_others(database: Database, talk: tuple[Connection, str]) -> None:
    person, conversation = talk
    # The plans of a session are made when there are few answers yet, and kept.
    with database.connect("postgres") as superuser:
        superuser.execute("vacuum analyze gaia.answer")
    say(person, conversation, range(1, 13))
    with person.transaction():
        say(person, conversation, range(13, 21))
        read = person.execute("select seq_scan from pg_stat_xact_user_tables where relid = 'gaia.answer'::regclass")
        assert read.fetchone() == (0,)


def test_what_the_owner_writes_into_a_summary_stays(talk: tuple[Connection, str]) -> None:
    person, conversation = talk
    say(person, conversation, range(1, 9))
    person.execute("set role datapunk_user")
    person.execute("update api.conversation_summaries set text = 'We spoke of coffee.'")
    say(person, conversation, range(9, 13))
    assert summary(person)[0][0].startswith("We spoke of coffee.\nTurn 5?: Answer 5.\n")
    person.execute("delete from api.conversation_summaries")
    assert summary(person) == []


def test_a_summary_has_a_bound_and_whole_lines(talk: tuple[Connection, str]) -> None:
    person, conversation = talk
    say(person, conversation, range(1, 101), "Answer {} " + "which is long " * 20)
    ((text, turns),) = summary(person)
    assert len(text) <= 4000
    assert turns == 96
    assert all(line.startswith("Turn ") for line in text.split("\n"))


def test_a_conversation_is_deleted_with_all_of_it(talk: tuple[Connection, str]) -> None:
    person, conversation = talk
    say(person, conversation, range(1, 9))
    person.execute("set role datapunk_user")
    person.execute("delete from api.conversations where conversation_id = %s", (conversation,))
    counts = "select (select count(*) from api.answers), (select count(*) from api.conversation_summaries)"
    assert person.execute(counts).fetchone() == (0, 0)


def test_nobody_else_sees_or_deletes_it(database: Database, talk: tuple[Connection, str]) -> None:
    person, conversation = talk
    say(person, conversation, range(1, 9))
    with database.connect(owner="ada") as other:
        other.execute("set role datapunk_user")
        assert summary(other) == []
        assert other.execute("delete from api.conversations").rowcount == 0
    assert len(summary(person)) == 1


def test_what_is_forgotten_leaves_the_summary_too(database: Database, talk: tuple[Connection, str]) -> None:
    person, conversation = talk
    person.execute('select api.lake_append(\'[{"kind": "note", "title": "Secret plan"}]\')')
    say(person, conversation, range(1, 9))
    person.execute(
        "insert into gaia.citation (answer_id, ordinal, item_id)"
        " select a.id, 1, i.id from gaia.answer as a, lake.item as i where a.question = 'Turn 1?'"
    )
    person.execute('select api.lake_forget(\'{"kind": "note"}\')')
    assert summary(person) == []


def test_quality_is_told_by_route(talk: tuple[Connection, str]) -> None:
    person, conversation = talk
    say(person, conversation, range(1, 5))
    person.execute("update gaia.answer set route = 'none' where question = 'Turn 4?'")
    person.execute("select api.gaia_feedback(answer_id, 1) from api.answers where question = 'Turn 1?'")
    rows = person.execute(
        "select route, answers, answered, declined, cited, thumbs_up, thumbs_down, latency_p50_ms"
        " from api.answer_quality order by route"
    ).fetchall()
    assert rows == [("count", 3, 3, 0, 0, 1, 0, 1.0), ("none", 1, 0, 1, 0, 0, 0, 1.0)]
