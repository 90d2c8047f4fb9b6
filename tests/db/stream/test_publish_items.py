"""New items as messages."""

import json
from collections.abc import Callable
from typing import Any

from cortex_items import insert_items
from harness import Database
from lake_archives import ENTRY, zipped
from stream_messages import Connection, seen, subscribe


def items(count: int, kind: str = "note") -> list[dict[str, Any]]:
    return [{"kind": kind, "title": f"{kind} {number}"} for number in range(count)]


def test_a_statement_sends_one_message_a_kind(person: Connection, deliver: Callable[..., Any]) -> None:
    subscribe(person, "lake.item.*")
    ids = insert_items(person, items(3, "watch") + items(2, "note"))
    deliver()
    events = {event["topic"]: event["payload"] for event in seen(person)}
    assert events == {
        "lake.item.watch": {"kind": "watch", "count": 3, "item_ids": ids[:3], "import_id": None},
        "lake.item.note": {"kind": "note", "count": 2, "item_ids": ids[3:], "import_id": None},
    }


def test_only_what_was_subscribed_to_is_sent(person: Connection, deliver: Callable[..., Any]) -> None:
    subscribe(person, "lake.item.watch")
    insert_items(person, items(1, "watch") + items(1, "note"))
    deliver()
    assert [event["topic"] for event in seen(person)] == ["lake.item.watch"]


def test_a_message_names_the_first_thousand_items(person: Connection, deliver: Callable[..., Any]) -> None:
    subscribe(person, "lake.#")
    ids = insert_items(person, items(1200))
    deliver()
    [event] = seen(person)
    assert event["payload"]["count"] == 1200
    assert event["payload"]["item_ids"] == ids[:1000]


def test_an_import_says_which_it_is(person: Connection, deliver: Callable[..., Any]) -> None:
    subscribe(person, "lake.item.search")
    archive = zipped({"Takeout/My Activity/Search/MyActivity.json": [ENTRY]})
    row = person.execute("select import_id from api.lake_import(%s, 'takeout.zip')", (archive,)).fetchone()
    assert row is not None
    deliver()
    [event] = seen(person)
    assert (event["payload"]["count"], event["payload"]["import_id"]) == (1, str(row[0]))


def test_items_that_are_known_are_no_news(person: Connection, deliver: Callable[..., Any]) -> None:
    subscribe(person, "lake.#")
    records = json.dumps([{"kind": "note", "title": "once", "source": "me", "external_id": "1"}])
    for _ in range(2):
        person.execute("select api.lake_append(%s)", (records,))
        deliver()
    assert [event["payload"]["count"] for event in seen(person)] == [1]


def test_others_are_not_told_of_them(person: Connection, database: Database, deliver: Callable[..., Any]) -> None:
    subscribe(person, "lake.#")
    with database.connect(owner="bob") as other:
        insert_items(other, items(2))
    assert deliver() == []
