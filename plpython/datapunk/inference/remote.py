"""Providers over HTTP: OpenAI's embeddings and reranks in the forms that are about, for the model host and for workers.

What went wrong is told apart by who has to do something about it: nobody (ProviderUnavailable: wait), whoever set the
provider up (ProviderRefused), or the text (InvalidArgument).
"""

import json
import math
from binascii import a2b_base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, ClassVar, NoReturn

import numpy as np
import urllib3

from datapunk.errors import HostUnreachable, InvalidArgument, NotReady

_WAIT = frozenset({408, 425, 429})
_SETUP = frozenset({401, 402, 403, 404, 405, 407, 410})
_LONGEST_WAIT_S = 3600.0
_LARGEST_ANSWER = 256 * 1024 * 1024


class ProviderUnavailable(HostUnreachable):
    """DP001: a provider is away, overloaded or limits its callers. `retry_after` in seconds where it said so."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message, hint="It is asked again later; the view providers tells when.")
        self.retry_after = retry_after


class ProviderRefused(NotReady):
    """DP002: a provider answers, but not in a way that any text could be embedded with."""


@dataclass(frozen=True, kw_only=True)
class RemoteProvider:
    """One endpoint. `secret` goes out as a bearer token; `dimensions`, where given, is what vectors must have."""

    name: str
    base_url: str
    model: str
    secret: str | None = field(default=None, repr=False)
    timeout_s: float = 60.0
    batch: int = 128
    dimensions: int | None = None
    asked_dimensions: int | None = None

    _RETRIES: ClassVar[urllib3.Retry] = urllib3.Retry(0, redirect=0, raise_on_redirect=False)

    @cached_property
    def _pool(self) -> urllib3.PoolManager:
        return urllib3.PoolManager(maxsize=8, retries=self._RETRIES)

    def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Return one packed float32 unit vector a text, in order.

        Raises ProviderUnavailable, ProviderRefused (the vectors' length included), InvalidArgument.
        """
        vectors: list[bytes] = []
        for start in range(0, len(texts), self.batch):
            part = list(texts[start : start + self.batch])
            body: dict[str, Any] = {"model": self.model, "input": part, "encoding_format": "base64"}
            if self.asked_dimensions:
                body["dimensions"] = self.asked_dimensions
            data = self._post("/embeddings", body).get("data")
            if not isinstance(data, list) or len(data) != len(part):
                self._refuse(f"answered {len(data) if isinstance(data, list) else 'no'} vectors for {len(part)} texts")
            try:
                ordered = sorted(data, key=lambda entry: int(entry["index"]))
                vectors += [self._unit(_floats(entry["embedding"])) for entry in ordered]
            except (KeyError, TypeError, ValueError) as exc:
                if isinstance(exc, ProviderRefused | InvalidArgument):
                    raise
                self._refuse(f"answered something else than embeddings ({type(exc).__name__})")
        return vectors

    def rerank(self, query: str, documents: Sequence[str]) -> list[float]:
        """Return one score a document, higher for more relevant. Raises as `embed` does.

        Entries of index and relevance_score, or score, come under `results` as Cohere sends them, under `data` as lists
        of OpenAI's form are, or as a bare array.
        """
        body = {
            "model": self.model, "query": query, "documents": list(documents), "top_n": len(documents),
            "return_documents": False,
        }  # fmt: skip
        answer = self._answer("/rerank", body)
        results = answer.get("results", answer.get("data")) if isinstance(answer, dict) else answer
        try:
            found = {int(e["index"]): float(e.get("relevance_score", e.get("score"))) for e in results or ()}
        except (AttributeError, KeyError, TypeError, ValueError) as exc:
            self._refuse(f"answered something else than scores ({type(exc).__name__})")
        scores = [found.get(place, math.nan) for place in range(len(documents))]
        if not all(map(math.isfinite, scores)):
            self._refuse(f"left out some of {len(documents)} documents")
        return scores

    def _unit(self, vector: "np.ndarray[Any, np.dtype[np.float32]]") -> bytes:
        if self.dimensions is not None and len(vector) != self.dimensions:
            self._refuse(f"answered {len(vector)} dimensions, the generation has {self.dimensions}")
        length = float(np.linalg.norm(vector))
        if not math.isfinite(length) or length == 0:
            raise InvalidArgument(
                f"the provider {self.name} answered a vector without direction", hint="Look at the text."
            )
        return bytes((vector / length).astype("<f4").tobytes())

    def _post(self, target: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self._answer(target, body)
        if not isinstance(answer, dict):
            self._refuse("answered something else than a JSON object")
        return dict(answer)

    def _answer(self, target: str, body: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.secret:
            headers["Authorization"] = f"Bearer {self.secret}"
        try:
            reply = self._pool.request(
                "POST", self.base_url + target, body=json.dumps(body).encode(), headers=headers, redirect=False,
                timeout=urllib3.Timeout(connect=min(10.0, self.timeout_s), read=self.timeout_s), preload_content=False,
            )  # fmt: skip
            try:
                content = reply.read(_LARGEST_ANSWER)
            finally:
                reply.release_conn()
        except urllib3.exceptions.HTTPError as exc:
            raise ProviderUnavailable(f"the provider {self.name} does not answer: {type(exc).__name__}") from exc
        if reply.status >= 300:
            self._raise_for(reply.status, content, reply.headers.get("Retry-After"))
        try:
            return json.loads(content)
        except ValueError:
            self._refuse("answered something else than JSON")

    def _raise_for(self, status: int, content: bytes, retry_after: str | None) -> NoReturn:
        said = _message(content)
        text = f"the provider {self.name} answered {status}" + (f": {said}" if said else "")
        if status in _WAIT or status >= 500:
            raise ProviderUnavailable(text, retry_after=seconds_of(retry_after))
        if status in _SETUP or status < 400:
            raise ProviderRefused(text, hint="Check its address, model and secret: cortex_provider_add changes them.")
        raise InvalidArgument(text, hint="The provider takes no such text.")

    def _refuse(self, what: str) -> NoReturn:
        raise ProviderRefused(f"the provider {self.name} {what}", hint="Check its address and model.")


def seconds_of(retry_after: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for: a number or a date; None for neither."""
    if not retry_after:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            moment = parsedate_to_datetime(retry_after)
        except ValueError:
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (aware - datetime.now(UTC)).total_seconds()
    if not math.isfinite(seconds):
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT_S)


def _floats(embedding: Any) -> "np.ndarray[Any, np.dtype[np.float32]]":
    if isinstance(embedding, str):
        return np.frombuffer(a2b_base64(embedding), dtype="<f4")
    vector = np.asarray(embedding, dtype=np.float32)
    if vector.ndim != 1:
        raise ValueError("an embedding is a list of numbers")
    return vector


def _message(content: bytes) -> str:
    try:
        answer = json.loads(content)
    except ValueError:
        return ""
    error = answer.get("error", answer) if isinstance(answer, dict) else answer
    if isinstance(error, dict):
        error = error.get("message", "")
    return str(error)[:300]
