"""Changing the embedding model: what cortex_switch and cortex_provider_add are given, checked and handed on."""

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from datapunk.cortex import chat_options
from datapunk.cortex.embedder import Q
from datapunk.cortex.evaluation import read_qrels
from datapunk.db import Db, Row, one
from datapunk.errors import InvalidArgument, NoSuchModel, NotFound

PROMPTS = ("query_prompt", "document_prompt")
KINDS: dict[str, tuple[str, ...]] = {
    "openai": ("base_url", "model", "secret", "batch", "timeout_s", "dimensions", *PROMPTS),
    "sentence_transformers": ("model", "device", *PROMPTS),
    "static": ("model", "dimensions"),
    "rerank": ("base_url", "model", "secret", "timeout_s"),
    "cross_encoder": ("model",),
    "chat": chat_options.ALLOWED,
}
DEFAULT_MODEL = "all-MiniLM-L6-v2"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_SECRET = re.compile(r"[A-Z][A-Z0-9_]{0,62}")
_RANGES = {"batch": (1, 2048), "timeout_s": (1, 600), "dimensions": (1, 4000)}
_SWITCH = ("activate", "keep", "rebuild", "qrels")


def switch(db: Db, model: str | None, options: str | None) -> int:
    """Start or finish a switch; returns the generation. Raises InvalidArgument, NoSuchModel."""
    name = (model or "").strip()
    if not name:
        raise InvalidArgument("model is empty", hint="Give the name of a provider or of an embedder.")
    given = _object(options, _SWITCH)
    activate = given.get("activate", "when_ready")
    if activate not in ("when_ready", "manual"):
        raise InvalidArgument(f"activate is {activate!r}", hint="Allowed: when_ready, manual.")
    rebuild = given.get("rebuild", False)
    if not isinstance(rebuild, bool):
        raise InvalidArgument(f"rebuild is {rebuild!r}", hint="Allowed: true, false.")
    keep = given.get("keep", "30 days")
    if not isinstance(keep, str) or not re.fullmatch(r"\d{1,6} (?:seconds?|minutes?|hours?|days?|weeks?)", keep):
        raise InvalidArgument(f"keep is {keep!r}", hint="An interval, as in '30 days' or '0 seconds'.")
    if not one(db.rows(Q.embedder_exists, name))["found"]:
        raise NoSuchModel(
            f"no embedder {name!r}",
            hint="The views providers and models list what there is; cortex_provider_add adds one.",
        )
    if given.get("qrels") is not None:
        keep_judgments(db, given["qrels"])
    return int(one(db.rows(Q.start_generation, name, activate, keep, rebuild))["id"])


def wait(db: Db, commit: Callable[[], None], generation: int | None, timeout: str | None) -> Row:
    """Wait until a generation is no longer being built; returns generation, state, stage and error.

    Ends its transaction before each pause: an index that is built concurrently waits for every transaction that began
    before. Raises NotFound.
    """
    seconds = float(one(db.rows(Q.interval_s, timeout or "1 hour"))["seconds"])
    until, pause = time.monotonic() + seconds, 0.02
    while True:
        rows = db.rows(Q.generation_standing, generation)
        if not rows:
            raise NotFound(f"no generation {generation}", hint="The view generations lists them.")
        if rows[0]["state"] != "building" or time.monotonic() >= until:
            return rows[0]
        commit()
        time.sleep(pause)
        pause = min(pause * 1.3, 0.25)


def keep_judgments(db: Db, qrels: Any) -> int:
    """Replace the judgments that the owner keeps; returns how many."""
    triples = [(query, item, grade) for query, items in read_qrels(db, qrels).items() for item, grade in items.items()]
    db.execute(Q.forget_judgments)
    queries, items, grades = ([list(column) for column in zip(*triples, strict=True)]) if triples else ([], [], [])
    db.execute(Q.keep_judgments, queries, items, grades)
    return len(triples)


def add_provider(db: Db, name: str | None, kind: str | None, options: str | None) -> str:
    """Check and store a provider; returns its name. Raises InvalidArgument."""
    if not _NAME.fullmatch(name or ""):
        raise InvalidArgument(f"name is {name!r}", hint="Up to 63 letters, digits, dots, hyphens, underscores.")
    if kind not in KINDS:
        raise InvalidArgument(f"kind is {kind!r}", hint=f"Allowed: {', '.join(KINDS)}.")
    if name == DEFAULT_MODEL:
        raise InvalidArgument(f"{name} is the built-in model", hint="Choose another name.")
    given = _object(options, KINDS[kind])
    model = _text(given, "model") or (DEFAULT_MODEL if kind == "static" else None)
    if model is None:
        raise InvalidArgument("option model is missing", hint="Name the model as its provider calls it, or a folder.")
    base_url = _text(given, "base_url")
    if kind == "chat":
        base_url = base_url or chat_options.ADDRESSES.get(str(given.get("protocol")))
    if "base_url" in KINDS[kind]:
        base_url = _address(base_url)
    secret = _text(given, "secret")
    if secret is not None and not _SECRET.fullmatch(secret):
        raise InvalidArgument(
            f"secret is {secret!r}", hint="The name of a secret, as in OPENAI_KEY; never the secret itself."
        )
    if kind == "chat":
        rest = chat_options.chat_options(given)
        row = one(db.rows(Q.write_provider, name, kind, model, base_url, secret, json.dumps(rest)))
        return str(row["name"])
    rest = {key: given[key] for key in ("batch", "timeout_s", "dimensions", "device") if given.get(key) is not None}
    for key, (least, most) in _RANGES.items():
        value = rest.get(key, least)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise InvalidArgument(f"{key} is {value!r}", hint=f"A whole number from {least} to {most}.")
    if rest.get("device", "auto") not in ("auto", "cpu", "cuda"):
        raise InvalidArgument(f"device is {rest['device']!r}", hint="Allowed: auto, cpu, cuda.")
    if prompts := {key.removesuffix("_prompt"): prompt for key in PROMPTS if (prompt := _text(given, key))}:
        rest["prompts"] = prompts
    row = one(db.rows(Q.write_provider, name, kind, model, base_url, secret, json.dumps(rest)))
    return str(row["name"])


def _address(given: str | None) -> str:
    parts = urlsplit(given or "")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise InvalidArgument(
            f"base_url is {given!r}", hint="As in https://api.example.com/v1, without user, query and fragment."
        )
    return str(given).rstrip("/")


def _text(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise InvalidArgument(f"{name} is {value!r}", hint="Give a text.")
    return value


def _object(options: str | None, allowed: tuple[str, ...]) -> dict[str, Any]:
    given = json.loads(options) if options else {}
    hint = f"Allowed: {', '.join(allowed)}."
    if not isinstance(given, dict):
        raise InvalidArgument("options is not a JSON object", hint=hint)
    if unknown := sorted(set(given) - set(allowed)):
        raise InvalidArgument(f"unknown option: {', '.join(unknown)}", hint=hint)
    return given
