"""Embeddings and predictions for whoever asks: by the model host, else in this process."""

import time
from _thread import get_ident
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from datapunk.errors import HostUnreachable, InvalidArgument, NoSuchModel
from datapunk.inference.host_client import HostClient
from datapunk.inference.in_process import InProcess
from datapunk.inference.manifest import ArtifactSource, ModelManifest
from datapunk.inference.prompts import Purpose, prompted
from datapunk.inference.scores import ScoreForm, Scores
from datapunk.inference.unix_http import UnixHttpConnection
from datapunk.settings import InferenceMode, Settings

Answer = TypeVar("Answer")
Tag = TypeVar("Tag")
Spans = list[dict[str, Any]]

_MANIFEST_SECONDS = 5.0
_ABSENCE_SECONDS = 2.0
_CONNECTION = "inference.connection"
_ABSENT_UNTIL = "inference.absent_until"
_MANIFESTS = "inference.manifests"
_LAST_QUESTION = "inference.last_question"
_ASKED = "inference.asked"
# Texts in one request, and seconds a request may take: a question waits less long than a batch of documents.
_TEXTS_PER_REQUEST = 256
_QUESTION_TEXTS = 4
_QUESTION_SECONDS = 5.0
_BATCH_SECONDS = 60.0
_RERANK_SECONDS = 20.0


class InferenceClient:
    """One caller's access to models. State that outlives it (connection, models) is in `cache`."""

    def __init__(
        self, *, mode: InferenceMode, socket_path: str, cache: dict[str, Any], artifacts: ArtifactSource
    ) -> None:
        self._mode = mode
        self._socket_path = socket_path
        self._cache = cache
        self._artifacts = artifacts

    def embed(self, texts: Sequence[str], model: str, purpose: Purpose | None = None) -> list[bytes]:
        """Return one vector a text, in order: packed little-endian float32 of unit length.

        `purpose` says whether the texts are looked for or looked through, where a model tells these apart.

        Raises InvalidArgument for an empty text, NoSuchModel, and HostUnreachable in mode `resident` without a host.
        """
        if not all(text.strip() for text in texts):
            raise InvalidArgument("a text to embed is empty", hint="Give each text at least one character.")
        if not texts:
            return []
        manifest = self._manifest(model)
        self._check_kind(manifest, "embedder")
        texts = prompted(texts, manifest.config, purpose)
        if len(texts) == 1:
            return [self._embed_question(texts[0], manifest)]
        timeout = _QUESTION_SECONDS if len(texts) <= _QUESTION_TEXTS else _BATCH_SECONDS
        vectors: list[bytes] = []
        for start in range(0, len(texts), _TEXTS_PER_REQUEST):
            part = texts[start : start + _TEXTS_PER_REQUEST]
            vectors += self._answer(
                partial(HostClient.embed, texts=part, manifest=manifest, timeout=timeout),
                partial(self._in_process().embed, part, manifest) if manifest.kind != "remote" else None,
            )
        return vectors

    def ask(self, text: str, model: str, purpose: Purpose | None = None) -> None:
        """Have the host embed a text meanwhile: `embed` with the same arguments takes its answer.

        Of one thread at a time, as a backend has it. Does nothing where there is no host. Raises NoSuchModel.
        """
        manifest = self._manifest(model)
        (text,) = prompted([text], manifest.config, purpose)
        key = (manifest.identity, text)
        last = self._cache.get(_LAST_QUESTION)
        if self._mode == "in_process" or not self._socket_path or self._is_absent() or (last and last[0] == key):
            return
        try:
            self._host().start_embedding(text, manifest, _QUESTION_SECONDS)
        except OSError:
            return
        self._cache[_ASKED] = key

    def rerank(self, query: str, documents: Sequence[str], model: str) -> list[float]:
        """Return one score a document, higher for more relevant to the query.

        Raises NoSuchModel, and HostUnreachable when neither the host nor the provider behind it answers.
        """
        if not documents:
            return []
        manifest = self._manifest(model)
        self._check_kind(manifest, "reranker")
        return self._answer(
            lambda host: host.rerank(query, documents, manifest, _RERANK_SECONDS),
            (lambda: self._in_process().rerank(query, documents, manifest)) if manifest.kind != "remote" else None,
        )

    def count_tokens(self, texts: Sequence[str], model: str) -> list[int]:
        """Return how many tokens of the model each text has. Raises NoSuchModel, HostUnreachable, InvalidArgument."""
        manifest = self._manifest(model)
        self._check_kind(manifest, "embedder")
        if manifest.kind == "remote":
            raise NoSuchModel(f"the tokens of {model} are not known here", hint="Count by another model.")
        return self._answer(
            lambda host: host.count_tokens(texts, manifest, _QUESTION_SECONDS),
            lambda: self._in_process().count_tokens(texts, manifest),
        )

    @staticmethod
    def _check_kind(manifest: ModelManifest, kind: str) -> None:
        if manifest.kind not in (kind, "remote"):
            raise InvalidArgument(f"the model {manifest.name} is no {kind}", hint="Name another one.")

    def _embed_question(self, text: str, manifest: ModelManifest) -> bytes:
        """Embed one text; the last one is remembered, since a question is routed first and then searched with."""
        key = (manifest.identity, text)
        last = self._cache.get(_LAST_QUESTION)
        if last is None or last[0] != key:
            asked = self._cache.get(_ASKED) == key
            if asked:
                # It is read, so that its connection may stay.
                del self._cache[_ASKED]

            def ask(host: HostClient) -> bytes:
                vector = host.finish_embedding(_QUESTION_SECONDS) if asked else None
                return vector or host.embed([text], manifest, _QUESTION_SECONDS)[0]

            vector = self._answer(
                ask, (lambda: self._in_process().embed([text], manifest)[0]) if manifest.kind != "remote" else None
            )
            last = self._cache[_LAST_QUESTION] = (key, vector)
        return bytes(last[1])

    def predict(self, model_sha: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the outputs of the predictor whose graph has this SHA-256, as nested lists by name.

        Raises InvalidArgument for inputs that the graph rejects, NoSuchModel and HostUnreachable.
        """
        manifest = self._manifest(model_sha)
        return self._answer(
            lambda host: host.predict(inputs, manifest, _BATCH_SECONDS),
            lambda: self._in_process().predict(inputs, manifest),
        )

    def entities(self, pipeline_sha: str, texts: Sequence[str]) -> list[Spans]:
        """Return the entities that the pipeline with this SHA-256 finds in each text: start, end, label and text.

        The model host alone can. Raises HostUnreachable, InvalidArgument for an empty text, and NoSuchModel.
        """
        manifest = self._manifest(pipeline_sha)
        self._check_kind(manifest, "entity_recognizer")
        return self._answer(lambda host: host.entities(texts, manifest, _BATCH_SECONDS), None)

    def score(
        self, model_sha: str, batches: Iterable[tuple[Tag, bytes]], form: ScoreForm
    ) -> Iterator[tuple[Tag, Scores]]:
        """Yield each batch's tag with the scores of its packed rows, in order.

        While the host works on a batch the next one is drawn; two are in memory at most. Raises as `predict` does.
        """
        manifest = self._manifest(model_sha)
        # A connection of its own: drawing a batch may run SQL that asks the host for something else.
        connection = UnixHttpConnection(self._socket_path)
        host = HostClient(connection, self._artifacts)
        waiting: tuple[Tag, bytes, bool] | None = None
        try:
            for tag, packed in batches:
                done = None if waiting is None else (waiting[0], self._finish_scoring(host, waiting, manifest, form))
                waiting = (tag, packed, self._start_scoring(host, packed, manifest, form))
                if done is not None:
                    yield done
            if waiting is not None:
                yield waiting[0], self._finish_scoring(host, waiting, manifest, form)
        finally:
            connection.close()

    def _start_scoring(self, host: HostClient, packed: bytes, manifest: ModelManifest, form: ScoreForm) -> bool:
        if self._mode == "in_process" or not self._socket_path or self._is_absent():
            return False
        try:
            host.start_scoring(packed, manifest, form, _BATCH_SECONDS)
        except OSError:
            return False
        return True

    def _finish_scoring(
        self, host: HostClient, waiting: tuple[Any, bytes, bool], manifest: ModelManifest, form: ScoreForm
    ) -> Scores:
        _, packed, sent = waiting
        if sent:
            try:
                scores = host.finish_scoring(_BATCH_SECONDS)
            except (OSError, HostUnreachable):
                scores = None
            if scores is not None:
                return scores
        return self._answer(
            lambda _: host.score(packed, manifest, form, _BATCH_SECONDS),
            lambda: self._in_process().score(packed, manifest, form),
        )

    def parse(self, kind: str, payload: Mapping[str, Any], in_process: Callable[[], Spans] | None = None) -> Spans:
        """Return the spans that the host's parser `kind` finds; `in_process` finds them when there is no host.

        Raises HostUnreachable when neither can.
        """
        return self._answer(lambda host: host.parse(kind, payload, _QUESTION_SECONDS), in_process)

    def _answer(self, ask: Callable[[HostClient], Answer], fall_back: Callable[[], Answer] | None) -> Answer:
        may_fall_back = fall_back is not None and self._mode != "resident"
        if self._mode != "in_process" and self._socket_path and not (may_fall_back and self._is_absent()):
            try:
                return ask(self._host())
            except (OSError, HostUnreachable) as exc:
                # Where nothing can stand in for the host it is asked again each time; a provider behind it may be away.
                if fall_back is not None:
                    self._cache[_ABSENT_UNTIL] = time.monotonic() + _ABSENCE_SECONDS
                reason = str(exc)
        else:
            reason = "no socket is set" if self._mode != "in_process" else "datapunk.inference is in_process"
        if fall_back is None or not may_fall_back:
            raise HostUnreachable(
                f"the model host does not answer at {self._socket_path or 'datapunk.host_socket'}: {reason}",
                hint="Start it with `datapunk up`, or set datapunk.inference = 'auto'.",
            )
        return fall_back()

    def _is_absent(self) -> bool:
        return time.monotonic() < float(self._cache.get(_ABSENT_UNTIL, 0.0))

    def _host(self) -> HostClient:
        # One for each thread: a worker has several requests under way.
        key = f"{_CONNECTION}.{get_ident()}"
        connection = self._cache.get(key)
        # An answer that nobody took, as when a statement was cancelled meanwhile, goes with its connection.
        unread = self._cache.pop(_ASKED, None) is not None
        if connection is None or connection.path != self._socket_path or unread:
            if connection is not None:
                connection.close()
            connection = self._cache[key] = UnixHttpConnection(self._socket_path)
        return HostClient(connection, self._artifacts)

    def _in_process(self) -> InProcess:
        return InProcess(self._cache, self._artifacts)

    def _manifest(self, model: str) -> ModelManifest:
        kept: dict[str, tuple[float, ModelManifest]] = self._cache.setdefault(_MANIFESTS, {})
        now = time.monotonic()
        if model in kept and kept[model][0] > now:
            return kept[model][1]
        for stale in [name for name, (until, _) in kept.items() if until <= now]:
            del kept[stale]
        manifest = self._artifacts.manifest(model)
        kept[model] = (now + _MANIFEST_SECONDS, manifest)
        return manifest


def connect(settings: Settings, cache: dict[str, Any], artifacts: ArtifactSource) -> InferenceClient:
    """Return a client for these settings; `cache` (GD in a backend) keeps its connection between calls."""
    return InferenceClient(mode=settings.inference, socket_path=settings.host_socket, cache=cache, artifacts=artifacts)
