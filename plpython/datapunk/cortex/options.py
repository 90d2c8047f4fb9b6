"""The options of searches, checked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, cast

from datapunk.clock import zone
from datapunk.errors import InvalidArgument

Mode = Literal["hybrid", "lexical", "semantic"]

KINDS = (
    "visit", "search", "watch", "listen", "message", "mail", "event", "place_visit", "movement", "document", "note",
    "highlight", "contact", "app_use", "purchase", "security_event", "photo", "task",
)  # fmt: skip
_FILTER = ("kinds", "sources", "since", "until", "attributes")
_SEARCH = ("mode", *_FILTER, "exact", "rerank")
MOST = 1000


@dataclass(frozen=True, kw_only=True)
class SearchOptions:
    """How to search and among what.

    Times are ISO texts with their offset; `until` itself is not included. `attributes` is the JSON text of an object
    that the attributes of an item contain.
    """

    mode: Mode = "hybrid"
    kinds: list[str] | None = None
    sources: list[str] | None = None
    since: str | None = None
    until: str | None = None
    attributes: str | None = None
    exact: bool = False
    rerank: bool = False


@dataclass(frozen=True, kw_only=True)
class ContextOptions:
    """How much context to gather and among what."""

    max_tokens: int = 1000
    search: SearchOptions = SearchOptions()


def search_options(options: str | None, timezone: str) -> SearchOptions:
    """Read the options of a search from JSON text; `timezone` is that of times without an offset.

    Raises InvalidArgument for anything unknown or of a wrong type.
    """
    given = _given(options, _SEARCH)
    mode = given.get("mode", "hybrid")
    if mode not in ("hybrid", "lexical", "semantic"):
        raise InvalidArgument(f"mode is {mode!r}", hint="Allowed: hybrid, lexical, semantic.")
    searched = _search(given, timezone, cast(Mode, mode), exact=_boolean(given, "exact"))
    return replace(searched, rerank=_boolean(given, "rerank"))


def evaluate_options(options: str | None, timezone: str) -> tuple[SearchOptions, bool]:
    """Read the options of cortex_evaluate: how to search, and whether to keep the qrels. Raises as `search_options`."""
    given = _given(options, (*_SEARCH, "keep"))
    keep = _boolean(given, "keep")
    given.pop("keep", None)
    return search_options(json.dumps(given), timezone), keep


def context_options(options: str | None, timezone: str) -> ContextOptions:
    """Read the options of cortex_context from JSON text. Raises InvalidArgument as `search_options` does."""
    given = _given(options, ("max_tokens", *_FILTER))
    most = given.get("max_tokens", 1000)
    if isinstance(most, bool) or not isinstance(most, int) or not 50 <= most <= 100_000:
        raise InvalidArgument(f"max_tokens is {most!r}", hint="Allowed: a whole number from 50 to 100000.")
    return ContextOptions(max_tokens=most, search=_search(given, timezone, "hybrid", exact=False))


def checked_query(query: str | None, name: str = "query") -> str:
    """Return the query without surrounding white space. Raises InvalidArgument when nothing is left."""
    text = (query or "").strip()
    if not text:
        raise InvalidArgument(f"{name} is empty", hint="Give a few words to look for.")
    return text


def checked_k(k: int | None) -> int:
    """Return `k`. Raises InvalidArgument outside of 1 to 1000."""
    if k is None or not 1 <= k <= MOST:
        raise InvalidArgument(f"k is {k}", hint=f"Allowed: 1 to {MOST}.")
    return k


def _search(given: Mapping[str, Any], timezone: str, mode: Mode, *, exact: bool) -> SearchOptions:
    kinds = _texts(given, "kinds")
    unknown = [kind for kind in kinds or () if kind not in KINDS]
    if unknown:
        raise InvalidArgument(f"no such kind: {', '.join(unknown)}", hint=f"Allowed: {', '.join(KINDS)}.")
    return SearchOptions(
        mode=mode,
        kinds=kinds,
        sources=_texts(given, "sources"),
        since=_time(given, "since", timezone),
        until=_time(given, "until", timezone),
        attributes=_contained(given, "attributes"),
        exact=exact,
    )


def _given(options: str | None, allowed: tuple[str, ...]) -> dict[str, Any]:
    given = json.loads(options) if options else {}
    hint = f"Allowed: {', '.join(allowed)}."
    if not isinstance(given, dict):
        raise InvalidArgument("options is not a JSON object", hint=hint)
    unknown = sorted(set(given) - set(allowed))
    if unknown:
        raise InvalidArgument(f"unknown option: {', '.join(unknown)}", hint=hint)
    return given


def _boolean(given: Mapping[str, Any], name: str) -> bool:
    value = given.get(name, False)
    if not isinstance(value, bool):
        raise InvalidArgument(f"{name} is {value!r}", hint="Allowed: true, false.")
    return value


def _texts(given: Mapping[str, Any], name: str) -> list[str] | None:
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise InvalidArgument(f"{name} is not a list of texts", hint=f'As in {{"{name}": ["mail"]}}.')
    return value


def _contained(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, dict) or not value:
        raise InvalidArgument(
            f"{name} is not an object with a key", hint=f'As in {{"{name}": {{"channel": "Slow Brew"}}}}.'
        )
    return json.dumps(value)


def _time(given: Mapping[str, Any], name: str, timezone: str) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise InvalidArgument(f"{name} is {value!r}", hint="Give an ISO 8601 date or time, as in 2024-05-01.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone(timezone))).isoformat()
