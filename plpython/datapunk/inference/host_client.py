"""The protocol of the model host: ask, and when it lacks the model, push it and ask again."""

import json
from binascii import a2b_base64
from collections.abc import Mapping, Sequence
from typing import Any

from datapunk.errors import HostUnreachable, InvalidArgument, NotReady
from datapunk.inference.manifest import ArtifactSource, ModelManifest
from datapunk.inference.scores import ScoreForm, Scores
from datapunk.inference.unix_http import Reply, UnixHttpConnection

_PUSH_SECONDS = 60.0


class HostClient:
    """Speaks to one host. Every method raises OSError when it does not answer in time."""

    def __init__(self, connection: UnixHttpConnection, artifacts: ArtifactSource) -> None:
        self._connection = connection
        self._artifacts = artifacts

    def embed(self, texts: Sequence[str], manifest: ModelManifest, timeout: float) -> list[bytes]:
        """Return one packed float32 unit vector a text."""
        body = {"model": manifest.identity, "input": list(texts), "encoding_format": "base64"}
        answer = self._ask("/v1/embeddings", body, manifest, timeout)
        return [a2b_base64(entry["embedding"]) for entry in answer["data"]]

    def start_embedding(self, text: str, manifest: ModelManifest, timeout: float) -> None:
        """Send one text; `finish_embedding` returns its vector."""
        body = {"model": manifest.identity, "input": [text], "encoding_format": "base64"}
        self._connection.send("POST", "/v1/embeddings", json.dumps(body).encode(), timeout=timeout)

    def finish_embedding(self, timeout: float) -> bytes | None:
        """Return the packed vector of the text that was sent, None when the host has to be asked again."""
        try:
            reply = self._connection.receive(timeout=timeout)
        except TimeoutError:
            raise
        except OSError:
            return None
        return a2b_base64(_answer(reply)["data"][0]["embedding"]) if reply.status < 300 else None

    def rerank(self, query: str, documents: Sequence[str], manifest: ModelManifest, timeout: float) -> list[float]:
        """Return one score a document."""
        body = {"model": manifest.identity, "query": query, "documents": list(documents)}
        results = self._ask("/rerank", body, manifest, timeout)["results"]
        scores = {entry["index"]: float(entry["relevance_score"]) for entry in results}
        return [scores[index] for index in range(len(documents))]

    def count_tokens(self, texts: Sequence[str], manifest: ModelManifest, timeout: float) -> list[int]:
        """Return how many tokens of the model each text has, without those that mark begin and end."""
        answer = self._ask("/tokenize", {"model": manifest.identity, "input": list(texts)}, manifest, timeout)
        return [int(count) for count in answer["counts"]]

    def predict(self, inputs: Mapping[str, Any], manifest: ModelManifest, timeout: float) -> dict[str, Any]:
        """Return the named outputs of a predictor."""
        outputs = self._ask("/predict", {"model": manifest.identity, "inputs": inputs}, manifest, timeout)["outputs"]
        return dict(outputs)

    def entities(self, texts: Sequence[str], manifest: ModelManifest, timeout: float) -> list[list[dict[str, Any]]]:
        """Return the entities of each text."""
        return list(
            self._ask("/entities", {"model": manifest.identity, "input": list(texts)}, manifest, timeout)["entities"]
        )

    def score(self, packed: bytes, manifest: ModelManifest, form: ScoreForm, timeout: float) -> Scores:
        """Return the scores of packed rows."""
        target = form.target(manifest.identity)
        reply = self._connection.request("POST", target, packed, timeout=timeout)
        if _lacks_model(reply):
            self._push(manifest)
            reply = self._connection.request("POST", target, packed, timeout=timeout)
        return _scores(reply)

    def start_scoring(self, packed: bytes, manifest: ModelManifest, form: ScoreForm, timeout: float) -> None:
        """Send packed rows; `finish_scoring` returns their scores."""
        self._connection.send("POST", form.target(manifest.identity), packed, timeout=timeout)

    def finish_scoring(self, timeout: float) -> Scores | None:
        """Return the scores of what was sent, None when the host lacks the model."""
        reply = self._connection.receive(timeout=timeout)
        return None if _lacks_model(reply) else _scores(reply)

    def parse(self, kind: str, payload: Mapping[str, Any], timeout: float) -> list[dict[str, Any]]:
        """Return the spans that a parser of the host finds."""
        reply = self._post("/parse", {**payload, "kind": kind}, timeout)
        return list(_answer(reply)["spans"])

    def _ask(self, target: str, body: Mapping[str, Any], manifest: ModelManifest, timeout: float) -> dict[str, Any]:
        reply = self._post(target, body, timeout)
        if _lacks_model(reply):
            if manifest.kind == "remote":
                raise HostUnreachable(
                    f"the model host does not know the provider {manifest.name} yet",
                    hint="A worker on its machine tells it within seconds: datapunk status.",
                )
            self._push(manifest)
            reply = self._post(target, body, timeout)
        return _answer(reply)

    def _post(self, target: str, body: Mapping[str, Any], timeout: float) -> Reply:
        return self._connection.request("POST", target, json.dumps(body).encode(), timeout=timeout)

    def _push(self, manifest: ModelManifest) -> None:
        for sha in manifest.needed.values():
            _answer(
                self._connection.request("PUT", f"/artifacts/{sha}", self._artifacts.read(sha), timeout=_PUSH_SECONDS)
            )
        body = json.dumps({"kind": manifest.kind, "files": manifest.needed, "config": dict(manifest.config)}).encode()
        _answer(self._connection.request("PUT", f"/models/{manifest.identity}", body, timeout=_PUSH_SECONDS))


def _lacks_model(reply: Reply) -> bool:
    return reply.status == 404 and _error(reply).get("code") == "model_not_found"


def _scores(reply: Reply) -> Scores:
    if reply.status >= 300:
        _answer(reply)
    return Scores.from_bytes(reply.body)


def _error(reply: Reply) -> dict[str, Any]:
    try:
        error = json.loads(reply.body)["error"]
    except (ValueError, KeyError, TypeError):
        return {"message": f"status {reply.status}"}
    return error if isinstance(error, dict) else {"message": str(error)}


def _answer(reply: Reply) -> dict[str, Any]:
    """Return the JSON of a good reply; raise what a bad one stands for."""
    if reply.status < 300:
        answer: dict[str, Any] = json.loads(reply.body)
        return answer
    error = _error(reply)
    message = f"model host: {error.get('message')}"
    if reply.status == 501:
        raise NotReady(message, hint="Update the model host to the version of the database.")
    if error.get("code") == "artifact_sealed":
        told, _, hint = message.partition(". ")
        raise NotReady(told, hint=hint)
    if reply.status < 500:
        raise InvalidArgument(message, hint="Check the texts or features sent to the model.")
    raise HostUnreachable(message, hint="See the log of the model host: datapunk status.")
