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


def stored_vectors(person):
    """The texts of the active generation, and their vectors (texts x dimensions)."""
    rows = person.execute(
        "select t.body, e.embedding::text from cortex.embedding as e join cortex.text as t on t.id = e.text_id"
        " where e.generation_id = (select generation from cortex_status())"
    ).fetchall()
    return [body for body, _ in rows], np.array([[float(x) for x in v.strip("[]").split(",")] for _, v in rows])


@pytest.mark.parametrize("device", ["auto", "cpu"])
def test_a_sentence_transformer_of_a_folder_gives_its_own_vectors(person, items, switch, tmp_path, device):
    from sentence_transformers import SentenceTransformer

    folder = save_embedder(tmp_path, dimensions=16)
    switch("sentence_transformers", model=str(folder), device=device)
    assert person.execute("select model, dimensions, embedded from cortex_status()").fetchone() == ("own", 16, 4)
    texts, ours = stored_vectors(person)
    theirs = SentenceTransformer(str(folder), device="cpu").encode(texts, normalize_embeddings=True)
    assert ((ours * theirs).sum(axis=1) > 0.99).all()
    assert person.execute("select title from cortex_search('red tea', 1, '{\"mode\": \"semantic\"}')").fetchone() == (
        "red tea",
    )


@pytest.mark.parametrize("device", ["auto", "cpu"])
def test_texts_and_questions_get_the_prompts_of_the_model(person, items, switch, tmp_path, device):
    from sentence_transformers import SentenceTransformer

    folder = save_embedder(tmp_path, dimensions=16, prompts={"query": "a b c ", "passage": "d e number "})
    switch("sentence_transformers", model=str(folder), device=device)
    model = SentenceTransformer(str(folder), device="cpu")
    texts, ours = stored_vectors(person)
    theirs = model.encode_document(texts, normalize_embeddings=True)
    assert ((ours * theirs).sum(axis=1) > 0.99).all()
    found = person.execute(
        "select score, title from cortex_search('blue coffee', 4, '{\"mode\": \"semantic\"}')"
    ).fetchall()
    similarities = theirs @ model.encode_query("blue coffee", normalize_embeddings=True)
    expected = sorted(zip((similarities / similarities.max()).tolist(), texts, strict=True), reverse=True)
    assert [score for score, _ in found] == pytest.approx([score for score, _ in expected], abs=0.01)


def test_the_prompts_of_a_provider_go_before_those_of_its_model(person, items, switch, tmp_path):
    folder = save_embedder(tmp_path, dimensions=16, prompts={"passage": "d e number "})
    switch("sentence_transformers", model=str(folder), document_prompt="a b c ")
    from sentence_transformers import SentenceTransformer

    texts, ours = stored_vectors(person)
    model = SentenceTransformer(str(folder), device="cpu")
    theirs = model.encode(texts, prompt="a b c ", normalize_embeddings=True)
    assert ((ours * theirs).sum(axis=1) > 0.99).all()


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
