"""Models that a worker makes ready: sentence-transformers by folder, static tables distilled from one."""

import numpy as np
import psycopg
import pytest

from cortex_items import insert_items
from datapunk_workers.embedding import EmbeddingHandler
from datapunk_workers.maintenance import MaintenanceHandler
from datapunk_workers.queue import RetryLater
from tiny_transformers import save_embedder

pytestmark = pytest.mark.slow


@pytest.fixture
def switch(database, person, worker, inference):
    """Add a provider and switch to it."""
    handler = MaintenanceHandler(database.dsn("datapunk_worker"))

    def run(kind, **options):
        person.execute("select cortex_provider_add('own', %s, %s)", (kind, psycopg.types.json.Jsonb(options)))
        generation = person.execute("select cortex_switch('own')").fetchone()[0]
        message = {"owner_id": "local", "task": "build", "subject": str(generation)}
        assert isinstance(handler.handle(message, worker, inference), RetryLater)
        EmbeddingHandler().handle({"owner_id": "local"}, worker, inference)
        assert handler.handle(message, worker, inference) is None
        return generation

    return run


@pytest.fixture
def items(person, worker, inference):
    insert_items(person, [{"title": title} for title in ("red tea", "green boat", "blue coffee", "the note of a boat")])
    EmbeddingHandler().handle({"owner_id": "local"}, worker, inference)


@pytest.mark.parametrize("device", ["auto", "cpu"])
def test_a_sentence_transformer_of_a_folder_gives_its_own_vectors(person, items, switch, tmp_path, device):
    from sentence_transformers import SentenceTransformer

    folder = save_embedder(tmp_path, dimensions=16)
    switch("sentence_transformers", model=str(folder), device=device)
    assert person.execute("select model, dimensions, embedded from cortex_status()").fetchone() == ("own", 16, 4)
    stored = dict(
        person.execute(
            "select t.body, e.embedding::text from cortex.embedding as e join cortex.text as t on t.id = e.text_id"
            " where e.generation_id = (select generation from cortex_status())"
        ).fetchall()
    )
    theirs = SentenceTransformer(str(folder), device="cpu").encode(list(stored), normalize_embeddings=True)
    ours = np.array([[float(x) for x in vector.strip("[]").split(",")] for vector in stored.values()])
    assert ((ours * theirs).sum(axis=1) > 0.99).all()
    assert person.execute("select title from cortex_search('red tea', 1, '{\"mode\": \"semantic\"}')").fetchone() == (
        "red tea",
    )


def test_a_static_model_is_distilled_and_serves(person, items, switch, tmp_path):
    switch("static", model=str(save_embedder(tmp_path, dimensions=16)), dimensions=8)
    assert person.execute("select model, dimensions, embedded from cortex_status()").fetchone() == ("own", 8, 4)
    assert person.execute(
        "select title from cortex_search('green boat', 1, '{\"mode\": \"semantic\"}')"
    ).fetchone() == ("green boat",)


def test_a_model_that_is_not_there_is_told_with_the_generation(database, person, worker, inference, items):
    person.execute("""select cortex_provider_add('own', 'sentence_transformers', '{"model": "/nowhere"}')""")
    generation = person.execute("select cortex_switch('own')").fetchone()[0]
    handler = MaintenanceHandler(database.dsn("datapunk_worker"))
    handler.handle({"owner_id": "local", "task": "build", "subject": str(generation)}, worker, inference)
    assert (
        "/nowhere cannot be loaded"
        in person.execute("select error from generations where generation = %s", (generation,)).fetchone()[0]
    )
