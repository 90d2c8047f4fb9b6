import psycopg
import pytest

from cortex_items import insert_items
from datapunk_workers.maintenance import MaintenanceHandler
from datapunk_workers.providers import ProviderNews
from providers import Endpoint, serving
from tiny_transformers import save_cross_encoder

RERANKED = 'select title, score from cortex_search(\'tea with milk\', 3, \'{"mode": "lexical", "rerank": true}\')'


@pytest.fixture
def items(person):
    insert_items(person, [{"title": "tea tea tea"}, {"title": "milk with tea, warm"}, {"title": "tea"}])


@pytest.fixture
def endpoint():
    with serving(Endpoint()) as started:
        yield started


def add(person, kind, **options):
    person.execute("select cortex_provider_add('judge', %s, %s)", (kind, psycopg.types.json.Jsonb(options)))


def test_without_a_reranker_the_error_says_how_to_add_one(person, items):
    with pytest.raises(psycopg.Error) as caught:
        person.execute(RERANKED)
    assert caught.value.sqlstate == "DP002"
    assert "cortex_provider_add" in caught.value.diag.message_hint


def test_an_endpoint_orders_the_best(person, worker, items, endpoint):
    add(person, "rerank", base_url=endpoint.url, model="overlap")
    ProviderNews().tell(worker)
    rows = person.execute(RERANKED).fetchall()
    assert rows[0] == ("milk with tea, warm", 2)
    assert {score for _, score in rows[1:]} == {1}
    assert endpoint.bodies[0]["model"] == "overlap"
    assert len(endpoint.bodies[0]["documents"]) == 3


def test_an_endpoint_that_fails_is_told_and_not_hidden(person, worker, items, endpoint):
    add(person, "rerank", base_url=endpoint.url, model="overlap")
    ProviderNews().tell(worker)
    endpoint.misbehave = lambda body: (503, {}, {})
    with pytest.raises(psycopg.Error) as caught:
        person.execute(RERANKED)
    assert caught.value.sqlstate == "DP001"


@pytest.mark.slow
def test_a_cross_encoder_of_a_folder_orders_as_sentence_transformers_does(
    database, person, worker, inference, items, tmp_path
):
    import torch
    from sentence_transformers import CrossEncoder

    folder = save_cross_encoder(tmp_path)
    add(person, "cross_encoder", model=str(folder))
    handler = MaintenanceHandler(database.dsn("datapunk_worker"))
    assert handler.handle({"owner_id": "local", "task": "prepare", "subject": "judge"}, worker, inference) is None
    assert person.execute("select prepared, error from providers").fetchone() == (True, None)
    rows = person.execute(RERANKED).fetchall()
    encoder = CrossEncoder(str(folder), device="cpu")
    scores = encoder.predict([("tea with milk", title) for title, _ in rows], activation_fn=torch.nn.Identity())
    assert [score for _, score in rows] == pytest.approx(list(scores), abs=5e-3)


def test_a_folder_that_is_not_there_is_told_with_the_provider(database, person, worker, inference):
    add(person, "cross_encoder", model="/nowhere/at/all")
    handler = MaintenanceHandler(database.dsn("datapunk_worker"))
    handler.handle({"owner_id": "local", "task": "prepare", "subject": "judge"}, worker, inference)
    prepared, error = person.execute("select prepared, error from providers").fetchone()
    assert not prepared
    assert "/nowhere/at/all" in error
