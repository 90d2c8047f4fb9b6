import struct
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from datapunk.errors import HostUnreachable, InvalidArgument
from datapunk.inference.remote import ProviderRefused, ProviderUnavailable, RemoteProvider, seconds_of
from providers import Endpoint, serving


@pytest.fixture
def endpoint():
    with serving(Endpoint(dimensions=4)) as started:
        yield started


def provider(endpoint, **more):
    return RemoteProvider(name="p", base_url=endpoint.url, model="letters", **more)


def test_vectors_come_back_in_order_and_of_unit_length(endpoint):
    vectors = [struct.unpack("<4f", raw) for raw in provider(endpoint, batch=2).embed(["a", "bb", "ccc"])]
    assert len(endpoint.bodies) == 2
    for text, vector in zip(("a", "bb", "ccc"), vectors, strict=True):
        plain = endpoint.vector(text)
        assert vector == pytest.approx([x / sum(y * y for y in plain) ** 0.5 for x in plain])


def test_no_secret_is_part_of_a_message_or_a_representation(endpoint):
    client = provider(endpoint, secret="hidden word")
    client.embed(["a"])
    assert endpoint.authorizations == ["Bearer hidden word"]
    assert "hidden" not in repr(client)


def test_a_redirect_is_not_followed_with_the_secret(endpoint):
    endpoint.misbehave = lambda body: (302, {"Location": f"{endpoint.url}/elsewhere"}, {})
    with pytest.raises(ProviderRefused):
        provider(endpoint, secret="s").embed(["a"])
    assert len(endpoint.bodies) == 1


def test_a_provider_that_is_away_is_unavailable():
    with pytest.raises(ProviderUnavailable) as caught:
        RemoteProvider(name="p", base_url="http://127.0.0.1:1/v1", model="m").embed(["a"])
    assert isinstance(caught.value, HostUnreachable)


@pytest.mark.parametrize("embedding", [[0.0] * 4, [float("nan")] * 4])
def test_a_vector_without_direction_is_the_texts_fault(endpoint, embedding):
    endpoint.misbehave = lambda body: (200, {}, {"data": [{"index": 0, "embedding": embedding}]})
    with pytest.raises(InvalidArgument):
        provider(endpoint).embed(["a"])


def test_scores_come_back_in_the_order_of_the_documents(endpoint):
    assert provider(endpoint).rerank("red tea", ["boat", "tea red", "tea"]) == [0, 2, 1]


@pytest.mark.parametrize(
    "answer",
    [
        {"results": [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.1}]},
        {"results": [{"index": 1, "score": 0.9}, {"index": 0, "score": 0.1}]},
        {"object": "list", "data": [{"index": 0, "relevance_score": 0.1}, {"index": 1, "relevance_score": 0.9}]},
        {"object": "list", "data": [{"index": 0, "object": "score", "score": 0.1}, {"index": 1, "score": 0.9}]},
        [{"index": 1, "score": 0.9}, {"index": 0, "score": 0.1}],
    ],
)
def test_scores_are_read_in_every_form_that_endpoints_send(endpoint, answer):
    endpoint.misbehave = lambda body: (200, {}, answer)
    assert provider(endpoint).rerank("a", ["a", "b"]) == [0.1, 0.9]


@pytest.mark.parametrize(
    "answer",
    [{}, [], [3], {"results": [{"index": -1, "score": 1}, {"index": 0, "score": 1}]}, {"data": "none"}, "text"],
)
def test_a_rerank_without_a_score_for_each_document_is_refused(endpoint, answer):
    endpoint.misbehave = lambda body: (200, {}, answer)
    with pytest.raises(ProviderRefused):
        provider(endpoint).rerank("a", ["a", "b"])


def test_a_rerank_that_leaves_documents_out_is_refused(endpoint):
    endpoint.misbehave = lambda body: (200, {}, {"results": [{"index": 0, "relevance_score": 1}]})
    with pytest.raises(ProviderRefused):
        provider(endpoint).rerank("a", ["a", "b"])


def test_retry_after_is_a_number_or_a_date():
    assert seconds_of("12") == 12
    assert 50 < seconds_of(format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)) <= 60
    assert seconds_of(format_datetime(datetime.now(UTC) - timedelta(seconds=60), usegmt=True)) == 0
    assert seconds_of("999999") == 3600
    assert [seconds_of(text) for text in (None, "", "soon", "nan")] == [None] * 4
