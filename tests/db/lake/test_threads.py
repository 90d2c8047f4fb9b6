import itertools
from typing import Any

import pytest

from people_records import Connection, Record, derived_rows, forget, mail, message, resolve


def reply(key: str, address: str, name: str, subject: str, at: str) -> Record:
    return {**mail(key, address, name, thread_id="t1"), "title": subject, "occurred_at": at}


LETTERS: list[Record] = [
    reply("1", "ann@a.example", "Ann Lee", "Trip to Porto", "2025-01-01T10:00:00Z"),
    reply("2", "bob@b.example", "Bob Ray", "Re: AW: Trip to Porto", "2025-01-02T10:00:00Z"),
    message(
        "3", "slack", "2025-01-03T10:00:00Z", sender="ann", sender_id="U1", conversation="old", conversation_id="C1"
    ),
    message(
        "4", "slack", "2025-01-04T10:00:00Z", sender="bob", sender_id="U2", conversation="new", conversation_id="C1"
    ),
    message("5", "signal", "2025-01-05T10:00:00Z", sender="Ann", conversation="C1"),
]


def threads(connection: Connection) -> list[tuple[object, ...]]:
    return connection.execute(
        "select source, kind, conversation, title, participants, messages, first_at::date::text, last_at::date::text"
        " from threads order by source, conversation"
    ).fetchall()


def test_messages_belong_to_chats_and_mails_to_threads(connection: Connection) -> None:
    resolve(connection, *LETTERS)
    assert threads(connection) == [
        ("gmail", "mail", "t1", "Trip to Porto", ["Ann Lee", "Bob Ray"], 2, "2025-01-01", "2025-01-02"),
        ("signal", "chat", "C1", "C1", ["Ann"], 1, "2025-01-05", "2025-01-05"),
        ("slack", "chat", "C1", "new", ["ann", "bob"], 2, "2025-01-03", "2025-01-04"),
    ]


def test_what_says_no_conversation_is_of_none(connection: Connection) -> None:
    nameless = {**mail("1", "ann@a.example", "Ann"), "external_id": None}
    resolve(connection, nameless, message("2", sender="Ann"))
    assert threads(connection) == []


def letter(key: str, *fields: str) -> bytes:
    head = (f"Message-ID: <{key}@x.example>", "From: Ann Lee <ann@a.example>", "Subject: Trip", *fields)
    return "\n".join((f"From {key}@x.example Wed Jan 01 10:00:00 2025", *head, "", "text", "", "")).encode()


def test_mails_without_a_number_of_their_thread_hang_together_by_references(
    connection: Connection, import_file: Any
) -> None:
    import_file(
        letter("a") + letter("b", "In-Reply-To: <a@x.example>")
        + letter("c", "In-Reply-To: <b@x.example>", "References: <a@x.example>", "\t<b@x.example>") + letter("other"),
        "inbox.mbox",
    )  # fmt: skip
    assert [(row[2], row[5]) for row in threads(connection)] == [("a@x.example", 3), ("other@x.example", 1)]
    rows = connection.execute("select thread_id, count(*) from mails group by thread_id order by 1").fetchall()
    assert rows == [("a@x.example", 3), ("other@x.example", 1)]


def test_the_order_of_imports_makes_no_difference_to_threads(connection: Connection) -> None:
    results = []
    for order in itertools.islice(itertools.permutations(LETTERS), 0, 120, 7):
        with connection.transaction(force_rollback=True):
            for record in order:
                resolve(connection, record)
            results.append(threads(connection))
    assert all(result == results[0] for result in results)


@pytest.mark.parametrize("number", range(len(LETTERS)))
def test_a_forgotten_message_is_as_if_it_had_never_been(connection: Connection, number: int) -> None:
    with connection.transaction(force_rollback=True):
        resolve(connection, *(record for record in LETTERS if record is not LETTERS[number]))
        without = (threads(connection), derived_rows(connection))
    resolve(connection, *LETTERS)
    row = connection.execute("select item_id from items where external_id = %s", (str(number + 1),)).fetchone()
    assert row is not None
    forget(connection, item_ids=[row[0]])
    assert (threads(connection), derived_rows(connection)) == without


def test_each_message_is_of_its_thread(connection: Connection) -> None:
    resolve(connection, *LETTERS)
    rows = connection.execute(
        "select t.title, i.external_id from thread_items join threads as t using (thread_id)"
        " join items as i using (item_id) order by 2"
    ).fetchall()
    assert rows == [("Trip to Porto", "1"), ("Trip to Porto", "2"), ("new", "3"), ("new", "4"), ("C1", "5")]


def test_whoever_turns_out_to_be_one_takes_part_once(connection: Connection) -> None:
    resolve(connection, *LETTERS)
    connection.execute(
        "select lake_person_merge(array_agg(person_id)) from persons where name in ('ann', 'bob', 'Ann')"
    )
    participants = {source: names for source, _, _, _, names, *_ in threads(connection)}
    assert participants["slack"] == participants["signal"]
    assert len(participants["slack"]) == 1  # type: ignore[arg-type]


def test_others_see_none_of_it(connection: Connection) -> None:
    resolve(connection, *LETTERS)
    connection.execute("set local datapunk.owner = 'other'")
    assert threads(connection) == []
