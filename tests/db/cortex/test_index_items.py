import math

import psycopg
import pytest

from cortex_items import insert_items

COUNTS = """
select (select count(*) from cortex.chunk), (select count(*) from cortex.text),
  (select coalesce(sum(texts), 0)::int from cortex.corpus_delta),
  (select count(*) from cortex.pending)
"""


def found(connection, query, **options):
    rows = connection.execute(
        "select item_id from cortex_search(%s, 10, %s)",
        (query, psycopg.types.json.Jsonb({"mode": "lexical"} | options)),
    ).fetchall()
    return [row[0] for row in rows]


def test_an_item_is_found_in_the_transaction_that_inserts_it(connection):
    (item,) = insert_items(connection, [{"title": "Dialling in the grinder"}])
    assert found(connection, "grinder") == [item]


def test_a_repeated_text_is_kept_once_and_names_its_newest_item(connection):
    items = insert_items(
        connection, [{"title": "Weather", "occurred_at": f"2024-05-{day:02}T08:00:00Z"} for day in (3, 9, 5)]
    )
    assert connection.execute(COUNTS).fetchone() == (3, 1, 1, 1)
    rows = connection.execute("select item_id, repeats from cortex_search('weather', 5, '{\"mode\": \"lexical\"}')")
    assert rows.fetchall() == [(items[1], 3)]


def test_an_item_is_found_by_its_channel_and_by_its_participants(connection):
    items = insert_items(
        connection,
        [
            {"title": "Espresso at home", "kind": "watch", "attributes": '{"channel": "Slow Brew"}'},
            {
                "title": "Lunch?",
                "kind": "mail",
                "attributes": '{"sender": "Ines Vogt", "recipient_names": ["Tomas Lind"]}',
            },
        ],
    )
    assert found(connection, "slow brew") == items[:1]
    assert found(connection, "Tomas") == found(connection, "vogt") == items[1:]


def test_an_item_without_any_text_has_no_chunk(connection):
    insert_items(connection, [{"title": " "}, {"title": None, "body": ""}])
    assert connection.execute(COUNTS).fetchone() == (0, 0, 0, 0)


def test_a_long_item_is_found_by_its_last_words_and_named_once(connection):
    body = " ".join(f"Sentence number {n} about coffee." for n in range(500)) + " Finally the marzipan."
    (item,) = insert_items(connection, [{"title": "Long", "body": body}])
    assert connection.execute("select count(*) > 5 from cortex.chunk").fetchone() == (True,)
    assert found(connection, "marzipan") == [item]
    assert found(connection, "coffee") == [item]


def test_no_text_breaks_the_statement_that_inserts_it(connection):
    bodies = [
        " ".join(f"Sentence {n} of a document of five megabytes." for n in range(105_000)) + " Then the marzipan.",
        "", " ", "word", "😀👍🏽" * 300, "مرحبا بالعالم " * 200, "語" * 3000, "x" * 20_000, "\u200b\u200f\ufeff",
        "# Heading only\n\n", "- \n- \n",
    ]  # fmt: skip
    items = insert_items(connection, [{"title": "Odd", "body": body} for body in bodies])
    assert found(connection, "marzipan") == items[:1]
    assert found(connection, "مرحبا") == [items[5]]


def test_each_chunk_of_a_long_item_is_found_by_title_date_and_sender(connection):
    body = " ".join(f"Sentence number {n} about water." for n in range(300)) + " Finally the marzipan."
    attributes = '{"sender": "Ines Vogt"}'
    insert_items(connection, [{"title": "Journal", "body": body, "kind": "mail", "attributes": attributes}])
    rows = connection.execute("select body from cortex.text").fetchall()
    assert len(rows) > 3
    assert all(text.startswith("Journal\nInes Vogt\n2024-05-01\n") for (text,) in rows)


def test_words_are_stemmed_in_the_items_language(connection):
    items = insert_items(
        connection, [{"title": "Die Häuser am See", "language": "de"}, {"title": "running shoes", "language": "en"}]
    )
    assert found(connection, "Haus") == items[:1]
    assert found(connection, "runs") == items[1:]


@pytest.mark.parametrize(
    ("text", "language", "query", "stop_word"),
    [
        ("I would like to know where the children of our neighbours were running", "en", "runs", "the"),
        ("Ich habe gestern mit den Nachbarn über die Häuser am See gesprochen", "de", "Nachbar", "den"),
        ("Je voudrais savoir si les voisins sont venus avec leurs enfants hier", "fr", "voisine", "avec"),
        ("Quiero saber cuándo vinieron los vecinos con sus hijos a la casa", "es", "vecinas", "con"),
    ],
)
def test_the_language_of_an_item_is_detected_and_its_words_stemmed_and_stopped(
    connection, text, language, query, stop_word
):
    insert_items(connection, [{"title": "Zwei Boote", "language": "de"}, {"title": "two boats", "language": "en"}])
    (item,) = insert_items(connection, [{"title": text}])
    told = connection.execute("select language from cortex.text where body = %s", (text,)).fetchone()
    assert told == (language,)
    assert found(connection, query) == [item]
    terms = {row[0] for row in connection.execute("select term from cortex.posting").fetchall()}
    assert stop_word not in terms


def test_an_update_of_the_title_replaces_what_is_found(connection):
    (item,) = insert_items(connection, [{"title": "apple"}])
    connection.execute("update lake.item set title = 'banana'")
    assert found(connection, "apple") == []
    assert found(connection, "banana") == [item]
    assert connection.execute(COUNTS).fetchone() == (1, 1, 1, 1)


def test_an_update_of_something_else_leaves_the_index_alone(connection):
    insert_items(connection, [{"title": "apple"}])
    connection.execute("update lake.item set external_id = 'x'")
    assert connection.execute(COUNTS).fetchone() == (1, 1, 1, 1)
    assert connection.execute("select count(*) from cortex.removal").fetchone() == (0,)


def test_a_text_stays_until_its_last_item_is_deleted(connection):
    items = insert_items(connection, [{"title": "apple", "occurred_at": f"2024-05-0{day}"} for day in (1, 2)])
    connection.execute("delete from lake.item where id = %s", (items[1],))
    assert found(connection, "apple") == items[:1]
    connection.execute("delete from lake.item")
    assert found(connection, "apple") == []
    assert connection.execute(COUNTS).fetchone() == (0, 0, 0, 0)


def test_truncate_leaves_no_orphan(database):
    with database.connect() as person:
        insert_items(person, [{"title": "apple"}, {"title": "banana"}])
    with database.connect("postgres") as superuser:
        superuser.execute("truncate lake.item")
        assert superuser.execute(COUNTS).fetchone() == (0, 0, 0, 0)
        assert superuser.execute("select count(*) from cortex.posting").fetchone() == (0,)
    with database.connect() as person:
        # What was there before counts in no statistics any more.
        insert_items(person, [{"title": "apple"}])
        assert person.execute("select sum(texts), sum(tokens) from cortex.corpus_delta").fetchone() == (1, 1)
        (score,) = person.execute(
            "select score from cortex.lexical_ranking('apple', 1, null, null, null, null, null, null)"
        )
        assert score[0] == pytest.approx(math.log(1 + 0.5 / 1.5) / 2.2)


def test_one_message_is_sent_for_a_statement_and_none_for_known_texts(database):
    with database.connect() as person, database.connect("postgres") as superuser:
        insert_items(person, [{"title": f"note {n}"} for n in range(50)])
        insert_items(person, [{"title": "note 1", "kind": "task"}])
        messages = superuser.execute("select message from pgmq.q_embedding").fetchall()
    assert messages == [({"owner_id": "local"},)]


def test_deleting_one_owners_items_leaves_the_same_text_of_another(database):
    with database.connect(owner="ana") as ana, database.connect(owner="ben") as ben:
        insert_items(ana, [{"title": "apple"}])
        (item,) = insert_items(ben, [{"title": "apple"}])
        ana.execute("delete from lake.item")
        assert found(ana, "apple") == []
        assert found(ben, "apple") == [item]
