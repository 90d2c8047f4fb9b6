"""Reading and checking request bodies by hand: a validation library costs more than the inference of a short text."""

import json
from typing import Any

from starlette.requests import Request

from datapunk.errors import InvalidArgument
from datapunk.inference.manifest import ModelManifest
from datapunk.inference.remote import RemoteProvider
from datapunk_workers.host.errors import RequestRefused

JSON_BYTES = 16 * 1024 * 1024
PACKED_BYTES = 64 * 1024 * 1024
TEXTS = 2048
TEXT_CHARACTERS = 1_000_000


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body. Refuses with 413 as soon as it exceeds `limit` bytes."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise RequestRefused(413, "body_too_large", f"a body has at most {limit} bytes here")
        chunks.append(chunk)
    return b"".join(chunks)


async def read_object(request: Request) -> dict[str, Any]:
    """Return the body as a JSON object. Refuses anything else with 400."""
    return object_of(await read_body(request, JSON_BYTES))


def object_of(content: bytes) -> dict[str, Any]:
    """Return a body as a JSON object. Refuses anything else with 400."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError) as exc:
        raise RequestRefused(400, "invalid_json", f"the body is not JSON: {exc}") from exc
    if not isinstance(body, dict):
        raise RequestRefused(400, "invalid_json", "the body is not a JSON object")
    return body


def text_field(body: dict[str, Any], name: str) -> str:
    """Return a text that must be there and not empty. Refuses with 400."""
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise RequestRefused(400, f"invalid_{name}", f"{name} must be a text that is not empty")
    return value


def texts_of(body: dict[str, Any]) -> list[str]:
    """Return the texts of `input`. Refuses with 400 when there are none, too many, or one is empty or too long."""
    given = body.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise RequestRefused(400, "invalid_input", "input must be a text or a list of texts that is not empty")
    if len(texts) > TEXTS:
        raise RequestRefused(400, "too_many_texts", f"input has at most {TEXTS} texts, given {len(texts)}")
    for index, text in enumerate(texts):
        if not text.strip():
            raise RequestRefused(400, "empty_text", f"input[{index}] is empty")
        if len(text) > TEXT_CHARACTERS:
            raise RequestRefused(400, "text_too_long", f"input[{index}] exceeds {TEXT_CHARACTERS} characters")
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            raise RequestRefused(400, "invalid_text", f"input[{index}] holds a lone surrogate")
    return texts


def manifest_of(name: str, body: dict[str, Any]) -> ModelManifest:
    """Return the manifest that a client pushes. Refuses with 400 one that is incomplete or not named by its content."""
    files, config = body.get("files"), body.get("config", {})
    if not isinstance(files, dict) or not all(isinstance(sha, str) for sha in files.values()):
        raise RequestRefused(400, "invalid_files", "files must map names to SHA-256 texts")
    if body.get("kind") == "remote":
        raise RequestRefused(400, "invalid_manifest", "a provider is told of with PUT /providers")
    if not isinstance(config, dict):
        raise RequestRefused(400, "invalid_config", "config must be an object")
    try:
        manifest = ModelManifest(name=name, kind=body.get("kind", ""), files=files, config=config)
    except InvalidArgument as exc:
        raise RequestRefused(400, "invalid_manifest", exc.message) from exc
    if manifest.identity != name:
        raise RequestRefused(400, "name_mismatch", f"a pushed model is named by its content: {manifest.identity}")
    return manifest


def documents_of(body: dict[str, Any]) -> list[str]:
    """Return the documents of a rerank, in Cohere's form: texts, or objects with a text. Refuses anything else."""
    given = body.get("documents")
    if not isinstance(given, list) or not 0 < len(given) <= TEXTS:
        raise RequestRefused(400, "invalid_documents", f"documents must be a list of 1 to {TEXTS} texts")
    texts: list[str] = []
    for index, entry in enumerate(given):
        text = entry.get("text") if isinstance(entry, dict) else entry
        if not isinstance(text, str) or len(text) > TEXT_CHARACTERS:
            raise RequestRefused(400, "invalid_documents", f"documents[{index}] is no text that is short enough")
        texts.append(text)
    return texts


def provider_of(body: dict[str, Any]) -> RemoteProvider:
    """Return the provider that a worker tells of. Refuses with 400 one that is incomplete."""
    secret, dimensions, timeout = body.get("secret"), body.get("dimensions"), body.get("timeout_s", 60)
    if not isinstance(secret, str | None) or not isinstance(dimensions, int | None) or isinstance(dimensions, bool):
        raise RequestRefused(400, "invalid_provider", "secret is a text, dimensions a number")
    if not isinstance(timeout, int | float) or not 0 < timeout <= 600:
        raise RequestRefused(400, "invalid_provider", "timeout_s is a number up to 600")
    return RemoteProvider(
        name=text_field(body, "name"), base_url=text_field(body, "base_url"), model=text_field(body, "model"),
        secret=secret, timeout_s=float(timeout), dimensions=dimensions, asked_dimensions=body.get("asked_dimensions"),
    )  # fmt: skip
