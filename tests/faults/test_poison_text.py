"""One text that the model chokes on, among a thousand."""

import pytest

from cortex_items import insert_items
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.errors import InvalidArgument
from datapunk.inference import StoredArtifacts, connect
from datapunk.settings import Settings
from datapunk_workers.embedding import EmbeddingHandler
from harness import Database, ModelHost

pytestmark = pytest.mark.faults


class Choking:
    """The real client in front of a model that cannot take one word."""

    def __init__(self, client):
        self._client = client

    def embed(self, texts, model, purpose=None):
        if any("poison" in text for text in texts):
            raise InvalidArgument("the tokenizer cannot read it")
        return self._client.embed(texts, model, purpose)


@pytest.mark.timeout(300)
def test_999_of_1000_are_embedded_and_the_one_is_listed(database: Database, model_host: ModelHost) -> None:
    with database.connect() as person, database.connect("datapunk_worker") as worker:
        settings = Settings(inference="resident", host_socket=str(model_host.socket))
        inference = connect(settings, {}, StoredArtifacts(PsycopgDb(worker)))
        titles = [f"entry {n} of the diary" for n in range(999)]
        insert_items(person, [{"title": title} for title in [*titles[:500], "a poison text", *titles[500:]]])
        for _ in range(3):
            person.execute("update cortex.pending set next_retry_at = '-infinity'")
            EmbeddingHandler().handle({"owner_id": "local"}, worker, Choking(inference))
        status = person.execute("select texts, embedded, pending, failed from cortex_status()").fetchone()
        listed = person.execute(
            "select t.body, p.attempts, p.error from cortex.pending as p join cortex.text as t on t.id = p.text_id"
            " where p.failed"
        ).fetchall()
        found = person.execute("select title from cortex_search('poison', 1)").fetchall()
    assert status == (1000, 999, 0, 1)
    assert listed == [("a poison text", 3, "InvalidArgument: the tokenizer cannot read it")]
    assert found == [("a poison text",)]
