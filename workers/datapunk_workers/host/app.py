"""The host's HTTP interface."""

import asyncio
import json
import os
import struct
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

import datapunk
from datapunk.errors import DatapunkError, InvalidArgument
from datapunk.inference.onnx_models import Predictor, Reranker
from datapunk.inference.remote import ProviderRefused, ProviderUnavailable
from datapunk.inference.scores import ScoreForm
from datapunk_workers.host.answers import AnswerCache
from datapunk_workers.host.batching import Batcher
from datapunk_workers.host.bodies import (
    JSON_BYTES,
    PACKED_BYTES,
    documents_of,
    manifest_of,
    object_of,
    provider_of,
    read_body,
    read_object,
    text_field,
    texts_of,
)
from datapunk_workers.host.entities import EntityFinder
from datapunk_workers.host.errors import RequestRefused, refusal
from datapunk_workers.host.metrics import Metrics
from datapunk_workers.host.models import ModelStore
from datapunk_workers.host.parsing import parse

_ARTIFACT_BYTES = 2 * 1024**3
# Texts that are parsed on the event loop have so many characters at most.
_CHARACTERS_AT_ONCE = 200

Handler = Callable[[Request], Awaitable[Response]]
Answer = TypeVar("Answer")


def create_app(store: ModelStore, metrics: Metrics, answers: AnswerCache) -> Router:
    """Return the application over a model store; `answers` keeps predictions that are asked for again."""
    host = _Host(store, metrics, answers)
    # Routes alone: what a framework puts around them takes longer than reading a question. The busiest come first.
    return Router(
        [
            Route(path, _Observed(path, handler, metrics), methods=[method])
            for method, path, handler in (
                ("POST", "/v1/embeddings", host.embeddings),
                ("POST", "/parse", host.parse),
                ("POST", "/predict", host.predict),
                ("POST", "/score/{name}", host.score),
                ("POST", "/rerank", host.rerank),
                ("POST", "/tokenize", host.tokenize),
                ("POST", "/entities", host.entities),
                ("PUT", "/artifacts/{sha256}", host.put_artifact),
                ("PUT", "/models/{name}", host.put_model),
                ("PUT", "/providers/{key}", host.put_provider),
                ("GET", "/healthz", host.healthz),
                ("GET", "/metrics", host.metrics_text),
            )
        ]
    )


class _Host:
    """The handlers."""

    def __init__(self, store: ModelStore, metrics: Metrics, answers: AnswerCache) -> None:
        self._store = store
        self._metrics = metrics
        self._loading = asyncio.Lock()
        self._answers = answers

    async def embeddings(self, request: Request) -> Response:
        """Embed texts, in the form of OpenAI's embeddings."""
        body = await read_object(request)
        encoding = body.get("encoding_format", "float")
        if encoding not in ("float", "base64"):
            raise RequestRefused(400, "invalid_encoding_format", "encoding_format is float or base64")
        name = text_field(body, "model")
        texts = texts_of(body)
        if provider := self._store.provider(name):
            vectors = await _remote(provider.embed, texts)
            return _json(_embeddings(name, vectors, 0, encoding))
        model = self._store.find(name).model
        if not isinstance(model, Batcher):
            raise RequestRefused(400, "wrong_model_kind", f"model {name!r} is no embedder")
        embedded = await model.embed(texts)
        return _json(_embeddings(name, embedded.vectors, embedded.tokens, encoding))

    async def rerank(self, request: Request) -> Response:
        """Score documents for a query, in the form of Cohere's rerank."""
        body = await read_object(request)
        name, query, documents = text_field(body, "model"), text_field(body, "query"), documents_of(body)
        if provider := self._store.provider(name):
            scores = await _remote(provider.rerank, query, documents)
        else:
            model = self._store.find(name).model
            if not isinstance(model, Reranker):
                raise RequestRefused(400, "wrong_model_kind", f"model {name!r} is no reranker")
            scores = await asyncio.to_thread(model.rerank, query, documents)
        ranked = sorted(enumerate(scores), key=lambda pair: -pair[1])
        return _json({"results": [{"index": index, "relevance_score": score} for index, score in ranked]})

    async def tokenize(self, request: Request) -> Response:
        """Count the tokens of texts."""
        body = await read_object(request)
        name, texts = text_field(body, "model"), texts_of(body)
        model = self._store.find(name).model
        if not isinstance(model, Batcher):
            raise RequestRefused(400, "wrong_model_kind", f"model {name!r} is no embedder")
        return _json({"counts": await asyncio.to_thread(model.count_tokens, texts)})

    async def put_provider(self, request: Request) -> Response:
        """Learn how to reach a provider, from a worker; kept in memory alone."""
        self._store.put_provider(request.path_params["key"], provider_of(await read_object(request)))
        return _json({"provider": request.path_params["key"]}, status=201)

    async def predict(self, request: Request) -> Response:
        """Run a predictor on named inputs."""
        content = await read_body(request, JSON_BYTES)
        kept = self._answers.get(content)
        self._metrics.predictions.labels("miss" if kept is None else "hit").inc()
        if kept is not None:
            return Response(kept, media_type="application/json")
        body = object_of(content)
        name = text_field(body, "model")
        inputs = body.get("inputs")
        if not isinstance(inputs, dict):
            raise RequestRefused(400, "invalid_inputs", "inputs must map names to arrays")
        model = self._store.find(name).model
        if not isinstance(model, Predictor):
            raise RequestRefused(400, "wrong_model_kind", f"model {name!r} is no predictor")
        try:
            outputs = await asyncio.to_thread(model.predict, inputs)
        except InvalidArgument as exc:
            raise RequestRefused(400, "invalid_inputs", exc.message) from exc
        response = _json({"outputs": outputs})
        self._answers.put(content, bytes(response.body))
        return response

    async def entities(self, request: Request) -> Response:
        """Find names in texts."""
        body = await read_object(request)
        name, texts = text_field(body, "model"), texts_of(body)
        model = self._store.find(name).model
        if not isinstance(model, EntityFinder):
            raise RequestRefused(400, "wrong_model_kind", f"model {name!r} is no entity recognizer")
        return _json({"entities": await asyncio.to_thread(model.find, texts)})

    async def score(self, request: Request) -> Response:
        """Score packed rows, in bytes and out texts."""
        name = request.path_params["name"]
        form = ScoreForm.from_query(request.query_params)
        model = self._store.find(name).model
        packed = await read_body(request, PACKED_BYTES)
        if not isinstance(model, Predictor):
            raise RequestRefused(400, "wrong_model_kind", f"model {name!r} is no predictor")
        scores = await asyncio.to_thread(model.score, packed, form)
        return Response(scores.to_bytes(), media_type="text/plain")

    async def parse(self, request: Request) -> Response:
        """Find spans in a text."""
        body = await read_object(request)
        # A question is read in less time than a thread is changed.
        is_short = len(str(body.get("text", ""))) <= _CHARACTERS_AT_ONCE
        spans = parse(body) if is_short else await asyncio.to_thread(parse, body)
        return _json({"spans": spans})

    async def put_artifact(self, request: Request) -> Response:
        """Take a file, checked against the SHA-256 of its address."""
        content = await read_body(request, _ARTIFACT_BYTES)
        self._store.put_artifact(request.path_params["sha256"], content)
        return _json({"bytes": len(content)}, status=201)

    async def put_model(self, request: Request) -> Response:
        """Load a model from artifacts pushed before."""
        manifest = manifest_of(request.path_params["name"], await read_object(request))
        async with self._loading:
            if not self._store.is_loaded(manifest.identity):
                files = self._store.files_for(manifest)
                self._store.add(await asyncio.to_thread(self._store.load, manifest, files))
        return _json({"model": manifest.identity}, status=201)

    async def healthz(self, request: Request) -> Response:  # noqa: ARG002
        """Say that the host answers, and with what."""
        return _json(
            {"status": "ok", "pid": os.getpid(), "version": datapunk.__version__, "models": self._store.names()}
        )

    async def metrics_text(self, request: Request) -> Response:  # noqa: ARG002
        """Return the metrics."""
        return Response(self._metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


class _Observed:
    """A handler as an ASGI application: counted and timed, refusals turned into their answers."""

    def __init__(self, path: str, handler: Handler, metrics: Metrics) -> None:
        self._path = path
        self._handler = handler
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        try:
            response = await self._handler(Request(scope, receive))
        except RequestRefused as exc:
            response = refusal(exc)
        except DatapunkError as exc:
            response = refusal(RequestRefused(400, exc.sqlstate, exc.message))
        self._metrics.requests.labels(self._path, response.status_code).inc()
        self._metrics.seconds.labels(self._path).observe(time.perf_counter() - started)
        await response(scope, receive, send)


async def _remote(call: Callable[..., Answer], *arguments: Any) -> Answer:
    """Ask a provider off the event loop; what it cannot do becomes an answer of the host."""
    try:
        return await asyncio.to_thread(call, *arguments)
    except ProviderUnavailable as exc:
        raise RequestRefused(503, "provider_unavailable", exc.message) from exc
    except ProviderRefused as exc:
        raise RequestRefused(502, "provider_refused", exc.message) from exc


def _embeddings(model: str, vectors: Sequence[bytes], tokens: int, encoding: str) -> dict[str, Any]:
    encode = _base64 if encoding == "base64" else _floats
    data = [
        {"object": "embedding", "index": index, "embedding": encode(vector)} for index, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": model, "usage": usage}


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(body), status_code=status, media_type="application/json")


def _base64(vector: bytes) -> str:
    return b64encode(vector).decode()


def _floats(vector: bytes) -> list[float]:
    return list(struct.unpack(f"<{len(vector) // 4}f", vector))
