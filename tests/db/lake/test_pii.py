"""Personal data in items: who looks, what is kept, and that it follows what items say."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg
import pytest

from cortex_items import insert_items
from datapunk.errors import NotReady
from datapunk.pii import Span
from datapunk_workers.pii import PiiHandler
from datapunk_workers.pii_process import PiiProcess, TextRefused
from datapunk_workers.queue import RetryLater
from harness import Database

CARD = "4111 1111 1111 1111"
Connection = psycopg.Connection[Any]


class Marks:
    """Finds mails and cards that the tests write, and cannot read one text; the real finder is tested by itself."""

    model = "marks"

    def __init__(self) -> None:
        self.read: list[str] = []

    def find(self, texts: Sequence[str], model: str, least_score: float) -> list[list[Span]]:
        if "poison" in texts:
            raise TextRefused("it cannot be read")
        self.read += texts
        return [
            [
                Span(text.index(word), text.index(word) + len(word), kind, 1.0, "Marks")
                for word, kind in (("ann@example.org", "EMAIL_ADDRESS"), (CARD, "CREDIT_CARD"))
                if word in text
            ]
            for text in texts
        ]


class Away:
    model = ""

    def find(self, texts: Sequence[str], model: str, least_score: float) -> list[list[Span]]:
        raise NotReady("presidio-analyzer is not installed", hint="")


@pytest.fixture
def person(database: Database) -> Iterator[Connection]:
    """A connection where new items are looked through."""
    with database.connect() as connection:
        connection.execute("set datapunk.pii = 'on'")
        yield connection


@pytest.fixture
def look(database: Database) -> Iterator[Callable[..., Any]]:
    """Work off what waits, as a worker does."""
    with database.connect("datapunk_worker") as connection:

        def run(finds: Any = None, owner: str = "local") -> Any:
            connection.execute("select set_config('datapunk.owner', %s, false)", (owner,))
            return PiiHandler(finds=finds or Marks()).handle({"owner_id": owner}, connection, None)  # type: ignore[arg-type]

        yield run


def status(connection: Connection) -> tuple[Any, ...]:
    row = connection.execute("select waiting, done, failed, found, raised from lake_pii_status()").fetchone()
    assert row is not None
    return row


def found(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute(
        "select field, start_offset, entity_type, value from pii order by item_id, 1, 2"
    ).fetchall()


def test_nothing_is_looked_through_unless_it_is_on(person: Connection) -> None:
    person.execute("set datapunk.pii = 'off'")
    insert_items(person, [{"title": "ann@example.org"}])
    assert status(person) == (0, 0, 0, 0, 0)


def test_new_items_are_looked_through_in_all_their_texts(person: Connection, look: Any) -> None:
    attributes = json.dumps({"from": "Ann <ann@example.org>", "to": ["bo", "ann@example.org"], "size": 7})
    insert_items(person, [{"title": "🫖 ann@example.org", "body": "nothing", "attributes": attributes}])
    assert look() is None
    assert found(person) == [
        ("attributes.from", 5, "EMAIL_ADDRESS", "ann@example.org"),
        ("attributes.to[1]", 0, "EMAIL_ADDRESS", "ann@example.org"),
        ("title", 2, "EMAIL_ADDRESS", "ann@example.org"),
    ]
    assert status(person) == (0, 1, 0, 3, 0)
    assert person.execute("select entity_type, kind, count, items from pii_counts").fetchall() == [
        ("EMAIL_ADDRESS", "note", 3, 1)
    ]


def test_the_real_finder_behind_the_handler(person: Connection, look: Any) -> None:
    insert_items(person, [{"title": "call +41 44 668 18 00 now", "body": f"card {CARD}"}])
    finds = PiiProcess()
    try:
        assert look(finds) is None
    finally:
        finds.close()
    assert person.execute("select field, entity_type, recogniser, value from pii order by 1").fetchall() == [
        ("body", "CREDIT_CARD", "CreditCardRecognizer", CARD),
        ("title", "PHONE_NUMBER", "PhoneRecognizer", "+41 44 668 18 00"),
    ]


def test_a_text_that_cannot_be_read_costs_only_its_item(person: Connection, look: Any) -> None:
    insert_items(person, [{"title": f"ann@example.org {n}"} for n in range(9)] + [{"title": "poison"}])
    assert look() is None
    assert status(person) == (0, 9, 1, 9, 0)
    assert person.execute("select error from pii_scans where state = 'failed'").fetchall() == [("it cannot be read",)]


def test_what_ends_its_worker_is_given_up_after_three_attempts(
    person: Connection, look: Any, database: Database
) -> None:
    insert_items(person, [{"title": "a"}, {"title": "b"}])
    with database.connect("datapunk_worker") as worker:
        taken = [worker.execute("select item_id from lake.claim_pii(9, 0)").fetchall() for _ in range(5)]
    assert [len(rows) for rows in taken] == [2, 1, 1, 1, 1]
    assert look() is None
    assert status(person) == (0, 0, 2, 0, 0)


def test_items_that_a_worker_left_are_taken_by_the_next(person: Connection, look: Any, database: Database) -> None:
    insert_items(person, [{"title": f"ann@example.org {n}"} for n in range(3)])
    with database.connect("datapunk_worker") as worker:
        assert len(worker.execute("select item_id from lake.claim_pii(9, 300)").fetchall()) == 3
        assert look() is None
        assert status(person)[:2] == (3, 0)
        person.execute("update lake.pii_scan set claimed_until = '-infinity'")
    assert look() is None
    assert status(person) == (0, 3, 0, 3, 0)


def test_without_its_library_everything_waits(person: Connection, look: Any) -> None:
    insert_items(person, [{"title": "ann@example.org"}])
    assert isinstance(look(Away()), RetryLater)
    assert person.execute("select state, attempts from pii_scans").fetchall() == [("waiting", 0)]


def test_an_item_that_changes_is_looked_through_again(person: Connection, look: Any) -> None:
    (item,) = insert_items(person, [{"title": "ann@example.org"}])
    look()
    person.execute("set datapunk.pii = 'off'")
    person.execute("update lake.item set title = 'now: ann@example.org' where id = %s", (item,))
    assert found(person) == []
    look()
    assert [row[1] for row in found(person)] == [5]


def test_what_was_found_in_an_earlier_state_is_not_kept(person: Connection, database: Database) -> None:
    (item,) = insert_items(person, [{"title": "ann@example.org"}])
    result = {"field": "title", "start_offset": 0, "end_offset": 15, "entity_type": "A", "score": 1, "recogniser": "r"}
    with database.connect("datapunk_worker") as worker:
        _, revision = worker.execute("select item_id, revision from lake.claim_pii(9, 300)").fetchone()  # type: ignore[misc]
        person.execute("update lake.item set title = 'ann' where id = %s", (item,))
        late = json.dumps([{"item_id": item, "revision": revision, "found": [result]}])
        assert worker.execute("select lake.store_pii(%s, '')", (late,)).fetchone() == (0,)
    assert status(person)[:2] == (1, 0)


def test_storing_twice_changes_nothing(person: Connection, look: Any, database: Database) -> None:
    insert_items(person, [{"title": f"ann@example.org {CARD}"}])
    look()
    before = found(person)
    person.execute("update lake.pii_scan set state = 'waiting', attempts = 0")
    look()
    assert found(person) == before
    assert len(before) == 2


def test_forgetting_an_item_forgets_what_was_found_in_it(person: Connection, look: Any) -> None:
    kept, gone = insert_items(person, [{"title": "ann@example.org 1"}, {"title": "ann@example.org 2"}])
    look()
    person.execute("select lake_forget(%s::jsonb)", (json.dumps({"item_ids": [gone]}),))
    assert person.execute("select item_id from lake.pii union all select item_id from lake.pii_scan").fetchall() == [
        (kept,), (kept,),
    ]  # fmt: skip
    person.execute("""select lake_forget('{"owner_all": true}')""")
    assert status(person) == (0, 0, 0, 0, 0)


def test_what_was_there_before_is_looked_through_on_demand_and_once(person: Connection, look: Any) -> None:
    person.execute("set datapunk.pii = 'off'")
    insert_items(person, [{"title": "ann@example.org"}, {"title": "b", "kind": "visit"}])
    scan = "select lake_pii_scan(%s::jsonb, %s)"
    assert person.execute(scan, ('{"kind": "note"}', False)).fetchone() == (1,)
    look()
    assert person.execute(scan, ("{}", False)).fetchone() == (1,)
    look()
    assert person.execute(scan, ("{}", False)).fetchone() == (0,)
    assert person.execute(scan, ("{}", True)).fetchone() == (2,)
    look()
    assert status(person) == (0, 2, 0, 1, 0)


@pytest.mark.parametrize("wanted", ['{"owner_all": true}', '{"kind": "nothing"}', "[]"])
def test_a_bad_filter_is_refused(person: Connection, wanted: str) -> None:
    with pytest.raises(psycopg.Error) as caught:
        person.execute("select lake_pii_scan(%s::jsonb)", (wanted,))
    assert caught.value.sqlstate == "22023"
    assert caught.value.diag.message_hint


@pytest.mark.parametrize(("name", "value"), [("pii", "yes"), ("pii_score", "2")])
def test_a_bad_setting_is_told(person: Connection, name: str, value: str) -> None:
    person.execute("select set_config(%s, %s, false)", (f"datapunk.{name}", value))
    with pytest.raises(psycopg.Error) as caught:
        person.execute("select * from lake_pii_status()")
    assert caught.value.sqlstate == "22023"


def levels(connection: Connection) -> list[str]:
    return [row[0] for row in connection.execute("select sensitivity from items order by item_id").fetchall()]


def test_a_card_makes_its_item_private_and_stays_so_when_its_kind_is_classified(person: Connection, look: Any) -> None:
    insert_items(person, [{"title": CARD, "kind": "visit"}, {"title": "ann@example.org", "kind": "visit"}])
    look()
    assert levels(person) == ["private", "personal"]
    assert status(person)[4] == 1
    person.execute("select lake_classify('visit', 'public')")
    assert levels(person) == ["private", "public"]
    person.execute("select lake_classify('visit', 'secret')")
    assert levels(person) == ["secret", "secret"]
    person.execute("select lake_classify('visit', null)")
    assert levels(person) == ["private", "personal"]


def test_an_item_without_its_card_is_what_its_kind_is(person: Connection, look: Any) -> None:
    (item,) = insert_items(person, [{"title": CARD, "kind": "visit"}])
    look()
    person.execute("update lake.item set title = 'gone' where id = %s", (item,))
    look()
    assert levels(person) == ["personal"]


def test_a_better_record_of_the_same_texts_stays_private(person: Connection, look: Any) -> None:
    (item,) = insert_items(person, [{"title": CARD, "kind": "visit"}])
    look()
    person.execute("update lake.item set sensitivity = 'personal' where id = %s", (item,))
    look()
    assert levels(person) == ["private"]


def test_which_types_raise_is_a_setting_of_the_worker(person: Connection, look: Any, database: Database) -> None:
    with database.connect("postgres") as admin:
        admin.execute(f"alter database {database.name} set datapunk.pii_private = 'none'")
    insert_items(person, [{"title": CARD, "kind": "visit"}])
    with database.connect("datapunk_worker") as worker:
        PiiHandler(finds=Marks()).handle({"owner_id": "local"}, worker, None)  # type: ignore[arg-type]
    assert levels(person) == ["personal"]
    assert len(found(person)) == 1


def test_owners_see_their_own(person: Connection, look: Any, database: Database) -> None:
    insert_items(person, [{"title": "ann@example.org"}])
    look()
    with database.connect(owner="bo") as other:
        assert found(other) == []
        assert status(other) == (0, 0, 0, 0, 0)
        assert other.execute("select lake_pii_scan()").fetchone() == (0,)


def test_metrics_tell_what_was_found_and_what_waits(person: Connection, look: Any) -> None:
    insert_items(person, [{"title": "ann@example.org"}])
    look()
    insert_items(person, [{"title": "later"}])
    told = person.execute(
        "select name, labels, value from metrics_now where name like 'datapunk_pii%%' order by 1, 2"
    ).fetchall()
    assert told == [
        ("datapunk_pii", {"type": "EMAIL_ADDRESS"}, 1.0),
        ("datapunk_pii_scans", {"state": "done"}, 1.0),
        ("datapunk_pii_scans", {"state": "waiting"}, 1.0),
    ]
