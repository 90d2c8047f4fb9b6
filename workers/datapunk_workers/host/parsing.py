"""Parsers that are too heavy for a backend."""

from typing import Any

from datapunk import clock
from datapunk.gaia import time_expressions
from datapunk_workers.host.bodies import text_field
from datapunk_workers.host.errors import RequestRefused


def parse(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the spans of `kind` in a text. Refuses unknown kinds with 400."""
    kind = body.get("kind")
    if kind != "time":
        raise RequestRefused(400, "invalid_kind", f"kind {kind!r} is not known; allowed: time")
    text = text_field(body, "text")
    now = clock.parse_now(body.get("now") or None)
    timezone = str(body.get("timezone") or "UTC")
    clock.zone(timezone)
    return time_expressions.resolve(text, now, timezone, str(body.get("language") or "en"))
