import threading

import pytest

from cortex_items import insert_items
from datapunk.errors import HostUnreachable, InvalidArgument
from datapunk_workers.embedding import EmbeddingHandler, RetryLater
from datapunk_workers.queue import Message

STATUS = "select texts, embedded, pending, failed from cortex_status()"


class Poisoned:
    """An inference client that cannot embed one text, as a model may choke on one."""

    def __init__(self, client, poison):
        self._client, self._poison = client, poison

    def embed(self, texts, model, purpose=None):
        if any(self._poison in text for text in texts):
            raise InvalidArgument("the tokenizer cannot read it")
        return self._client.embed(texts, model, purpose)


class Away:
    """An inference client without a host."""

    def embed(self, texts, model, purpose=None):
        raise HostUnreachable("nobody there")


def test_a_poison_text_among_many_fails_alone_with_its_reason(person, worker, inference):
    insert_items(person, [{"title": f"note number {n}"} for n in range(300)] + [{"title": "poison"}])
    later = EmbeddingHandler().handle({"owner_id": "local"}, worker, Poisoned(inference, "poison"))
    assert isinstance(later, RetryLater)
    assert person.execute(STATUS).fetchone() == (301, 300, 1, 0)
    assert person.execute("select attempts, error from cortex.pending").fetchall() == [
        (1, "InvalidArgument: the tokenizer cannot read it")
    ]


def test_a_text_is_given_up_after_three_attempts_and_can_be_put_back(person, worker, inference):
    insert_items(person, [{"title": "poison"}])
    for _ in range(3):
        person.execute("update cortex.pending set next_retry_at = '-infinity'")
        EmbeddingHandler().handle({"owner_id": "local"}, worker, Poisoned(inference, "poison"))
    assert person.execute(STATUS).fetchone() == (1, 0, 0, 1)
    assert person.execute("select cortex.retry_failed()").fetchone() == (1,)
    assert EmbeddingHandler().handle({"owner_id": "local"}, worker, inference) is None
    assert person.execute(STATUS).fetchone() == (1, 1, 0, 0)


def test_an_unreachable_host_counts_against_no_text(person, worker, inference):
    insert_items(person, [{"title": "note"}])
    later = EmbeddingHandler().handle({"owner_id": "local"}, worker, Away())
    assert isinstance(later, RetryLater)
    assert person.execute("select attempts, failed, error from cortex.pending").fetchone() == (0, False, None)
    assert EmbeddingHandler().handle({"owner_id": "local"}, worker, inference) is None


def test_a_text_is_embedded_once_however_many_items_repeat_it(person, embed):
    insert_items(person, [{"title": "again"} for _ in range(20)])
    assert embed() is None
    insert_items(person, [{"title": "again", "kind": "task"}])
    assert person.execute(STATUS).fetchone() == (1, 1, 0, 0)


def test_a_claimed_text_goes_to_nobody_else(database, person, worker):
    insert_items(person, [{"title": f"note {n}"} for n in range(5)])
    with database.connect("datapunk_worker", owner="local") as other:
        worker.execute("select set_config('datapunk.owner', 'local', false)")
        first = worker.execute("select text_id from cortex.claim_texts(3, 60)").fetchall()
        second = other.execute("select text_id from cortex.claim_texts(3, 60)").fetchall()
    assert len(first) == 3
    assert len(second) == 2
    assert not set(first) & set(second)


def test_a_text_removed_while_it_is_embedded_leaves_no_embedding(person, worker):
    insert_items(person, [{"title": "gone soon"}])
    worker.execute("select set_config('datapunk.owner', 'local', false)")
    generation, text = worker.execute("select generation_id, text_id from cortex.claim_texts(1, 60)").fetchone()
    person.execute("delete from lake.item")
    vector = "[" + ",".join(["0.05"] * 384) + "]"
    assert worker.execute("select cortex.store_embeddings(%s, %s, %s)", (generation, [text], [vector])).fetchone() == (
        0,
    )
    assert person.execute("select count(*) from cortex.embedding").fetchone() == (0,)


def test_people_may_not_call_the_functions_of_workers(connection):
    with pytest.raises(Exception, match="permission denied"):
        connection.execute("select cortex.claim_texts(1, 60)")


def test_a_stop_is_heeded_between_two_batches(person, worker, inference):
    insert_items(person, [{"title": f"note {n}"} for n in range(200)])
    stop = threading.Event()
    stop.set()
    later = EmbeddingHandler(stop).handle({"owner_id": "local"}, worker, inference)
    assert isinstance(later, RetryLater)
    assert later.seconds == 0
    assert person.execute(STATUS).fetchone() == (200, 128, 72, 0)


def test_a_long_backlog_goes_on_with_a_message_of_its_own(person, worker, inference, monkeypatch):
    insert_items(person, [{"title": f"note {n}"} for n in range(200)])
    before = worker.execute("select message_id from stream.receive('embedding', 60, 100)").fetchall()
    monkeypatch.setattr("datapunk_workers.embedding._TURN_S", 0.0)
    assert EmbeddingHandler().handle({"owner_id": "local"}, worker, inference) is None
    assert person.execute(STATUS).fetchone() == (200, 128, 72, 0)
    after = worker.execute("select message_id from stream.receive('embedding', 60, 100)").fetchall()
    assert len(before) == 1
    assert len(after) == 1


def test_an_update_that_leaves_the_text_alone_embeds_nothing(person, embed):
    insert_items(person, [{"title": f"note {n}"} for n in range(3)])
    embed()
    person.execute("update lake.item set occurred_at = occurred_at + interval '1 day', url = 'https://example.org'")
    assert person.execute(STATUS).fetchone() == (3, 3, 0, 0)
    person.execute("update lake.item set title = title || ' changed' where title = 'note 1'")
    assert person.execute(STATUS).fetchone() == (3, 2, 1, 0)


@pytest.mark.parametrize("statement", ["delete from lake.item", "truncate lake.item cascade"])
def test_what_is_deleted_leaves_no_embedding_and_no_backlog(database, person, embed, statement):
    insert_items(person, [{"title": f"note {n}"} for n in range(3)])
    embed()
    insert_items(person, [{"title": "waits"}])
    person.execute("""select cortex_evaluate('{"note": {"1": 1}}', '{"keep": true}')""")
    with database.connect("postgres", owner="local") as admin:
        admin.execute(statement)
        for table in ("text", "chunk", "embedding", "pending"):
            assert admin.execute(f"select count(*) from cortex.{table}").fetchone() == (0,)
        if statement.startswith("truncate"):
            assert admin.execute("select count(*) from cortex.judgment").fetchone() == (0,)


def test_the_newest_texts_are_embedded_before_the_backlog(person, worker):
    insert_items(person, [{"title": f"backlog {n}"} for n in range(50)])
    insert_items(person, [{"title": "just now"}])
    worker.execute("select set_config('datapunk.owner', 'local', false)")
    assert worker.execute("select body from cortex.claim_texts(1, 60)").fetchone() == ("just now",)


def test_messages_that_wait_for_the_same_texts_do_not_pile_up(person, worker, inference):
    for n in range(3):
        insert_items(person, [{"title": f"poison {n}"}])
    ids = sorted(
        row[0] for row in worker.execute("select message_id from stream.receive('embedding', 1, 9)").fetchall()
    )
    handler, choking = EmbeddingHandler(), Poisoned(inference, "poison")
    later = [
        handler.handle(Message(message_id=number, read_count=1, payload={"owner_id": "local"}), worker, choking)
        for number in ids
    ]
    assert later[:2] == [None, None]
    assert isinstance(later[2], RetryLater)
