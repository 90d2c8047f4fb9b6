import json

import pytest

from datapunk.inference.unix_http import UnixHttpConnection
from providers import Endpoint, serving


@pytest.fixture
def endpoint():
    with serving(Endpoint(dimensions=4)) as started:
        yield started


@pytest.fixture
def ask(host):
    connection = UnixHttpConnection(str(host.socket))

    def send(method, target, body):
        reply = connection.request(method, target, json.dumps(body).encode(), timeout=10)
        return reply.status, json.loads(reply.body)

    yield send
    connection.close()


def tell(ask, endpoint, key, **more):
    body = {"name": "p", "base_url": endpoint.url, "model": "letters", "secret": "hidden", **more}
    return ask("PUT", f"/providers/{key}", body)


def embed(ask, key):
    return ask("POST", "/v1/embeddings", {"model": f"provider:{key}", "input": ["a text"]})


def test_the_host_asks_a_provider_that_it_was_told_of(ask, endpoint):
    assert tell(ask, endpoint, "one")[0] == 201
    status, answer = embed(ask, "one")
    assert status == 200
    assert len(answer["data"][0]["embedding"]) == 4
    assert endpoint.authorizations == ["Bearer hidden"]


def test_an_unknown_key_is_a_model_that_is_not_there(ask):
    status, answer = embed(ask, "unknown")
    assert status == 404
    assert answer["error"]["code"] == "model_not_found"


def test_a_provider_cannot_be_pushed_as_a_model(ask):
    status, _ = ask("PUT", "/models/provider:two", {"kind": "remote", "files": {}, "config": {"key": "two"}})
    assert status == 400


def test_what_a_provider_cannot_do_is_told_apart(ask, endpoint):
    tell(ask, endpoint, "three")
    for answered, code in ((503, "provider_unavailable"), (401, "provider_refused")):
        endpoint.misbehave = lambda body, answered=answered: (answered, {}, {})
        status, answer = embed(ask, "three")
        assert status >= 500
        assert answer["error"]["code"] == code
        assert "hidden" not in json.dumps(answer)


def test_the_names_of_the_host_tell_nothing_of_providers(ask, endpoint):
    tell(ask, endpoint, "four")
    assert "four" not in json.dumps(ask("GET", "/healthz", {})[1])


def test_rerank_by_a_provider_comes_best_first(ask, endpoint):
    tell(ask, endpoint, "five")
    body = {"model": "provider:five", "query": "red tea", "documents": ["boat", {"text": "red tea"}]}
    status, answer = ask("POST", "/rerank", body)
    assert status == 200
    assert [result["index"] for result in answer["results"]] == [1, 0]


@pytest.mark.parametrize("documents", [None, [], [3], "text"])
def test_documents_that_are_none_are_refused(ask, endpoint, documents):
    tell(ask, endpoint, "six")
    assert ask("POST", "/rerank", {"model": "provider:six", "query": "q", "documents": documents})[0] == 400
