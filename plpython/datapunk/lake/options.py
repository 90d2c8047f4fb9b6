"""Options of an import and filters of lake_forget, checked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from datapunk.clock import zone
from datapunk.errors import InvalidArgument
from datapunk.lake.mapping import checked
from datapunk.lake.record import KINDS

IMPORT_OPTIONS = ("source", "timezone", "language", "mapping", "dry_run")
_MAPPED = ("table", "json")
_EXPORT = ("kinds", "sources", "since", "until", "sensitivity")
# From what anybody may see to what stays out of answers.
LEVELS = ("public", "personal", "private", "secret")
_RETRY = ("reject_ids", "import_id", "source", "member", "reason", "limit")
_FILTER = ("item_ids", "source", "kind", "import_id", "since", "until", "owner_all")


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """How to import: with which adapter (None: by content), in which zone and language, what the columns of tables and
    the keys of objects mean (None: by their names), and whether only to count.
    """

    source: str | None = None
    timezone: str = "UTC"
    language: str | None = None
    mapping: dict[str, str | bool] | None = None
    dry_run: bool = False


@dataclass(frozen=True, kw_only=True)
class ForgetFilter:
    """Which items to forget; those that meet all conditions given."""

    item_ids: list[int] | None = None
    sources: list[str] | None = None
    kinds: list[str] | None = None
    import_id: str | None = None
    since: str | None = None
    until: str | None = None
    everything: bool = False


@dataclass(frozen=True, kw_only=True)
class RetryOptions:
    """Which rejects to read again: those that meet all conditions given, at most `limit` of them."""

    reject_ids: list[int] | None = None
    import_id: str | None = None
    sources: list[str] | None = None
    member: str | None = None
    reason: str | None = None
    limit: int | None = None


@dataclass(frozen=True, kw_only=True)
class ExportOptions:
    """What leaves: kinds, position and measurement among them, from these sources, in [since, until)."""

    kinds: list[str]
    sources: list[str] | None = None
    since: str | None = None
    until: str | None = None


def object_of(text: str | None, what: str, allowed: tuple[str, ...]) -> dict[str, Any]:
    """Parse a JSON object and check its keys. Raises InvalidArgument."""
    try:
        value = json.loads(text) if text else {}
    except ValueError as exc:
        raise InvalidArgument(f"{what}: not JSON: {exc}", hint=f"Allowed: {', '.join(allowed)}.") from exc
    if not isinstance(value, dict):
        raise InvalidArgument(f"{what} must be a JSON object", hint=f"Allowed: {', '.join(allowed)}.")
    if unknown := sorted(set(value) - set(allowed)):
        raise InvalidArgument(f"{what}: unknown {unknown[0]!r}", hint=f"Allowed: {', '.join(allowed)}.")
    return value


def import_options(text: str | None, default_timezone: str) -> ImportOptions:
    """Read the options of an import. Raises InvalidArgument for an unknown one or a wrong value."""
    given = object_of(text, "options", IMPORT_OPTIONS)
    for name in ("source", "timezone", "language"):
        if given.get(name) is not None and not (isinstance(given[name], str) and given[name]):
            raise InvalidArgument(f"option {name} must be a text", hint=_option_hint())
    if not isinstance(given.get("dry_run", False), bool):
        raise InvalidArgument("option dry_run must be true or false", hint=_option_hint())
    if source := given.get("source"):
        from datapunk.lake import registry

        registry.by_name(source)
    timezone = given.get("timezone") or default_timezone
    zone(timezone)
    mapping = None if given.get("mapping") is None else checked(given["mapping"])
    if mapping and source not in (None, *_MAPPED):
        raise InvalidArgument(
            f"mapping is for tables and JSON, not for {source}",
            hint=f"Leave source out, or give {' or '.join(_MAPPED)}.",
        )
    return ImportOptions(
        source=source, timezone=timezone, language=given.get("language"), mapping=mapping,
        dry_run=given.get("dry_run", False),
    )  # fmt: skip


def _option_hint() -> str:
    from datapunk.lake import registry

    return (
        f"Allowed: source ({', '.join(registry.names())}), timezone (an IANA name), language (a code as in en),"
        " mapping (of fields to columns), dry_run (true or false)."
    )


def pii_filter(text: str | None) -> ForgetFilter:
    """Read the filter of lake_pii_scan, where none means all. Raises InvalidArgument for a wrong one."""
    given = {k: v for k, v in object_of(text, "filter", _FILTER[:-1]).items() if v is not None}
    return forget_filter(json.dumps(given or {"owner_all": True}))


def forget_filter(text: str | None) -> ForgetFilter:
    """Read the filter of lake_forget. Raises InvalidArgument for an empty or wrong one."""
    given = {k: v for k, v in object_of(text, "filter", _FILTER).items() if v is not None}
    hint = f'Give at least one of {", ".join(_FILTER)}; {{"owner_all": true}} forgets everything.'
    if not given or given == {"owner_all": False}:
        raise InvalidArgument("the filter is empty", hint=hint)
    everything = given.pop("owner_all", False)
    if not isinstance(everything, bool):
        raise InvalidArgument("owner_all must be true or false", hint=hint)
    if everything and given:
        raise InvalidArgument("owner_all goes with no other condition", hint=hint)
    ids = _keys(given, "item_ids")
    kinds = _texts(given, "kind")
    if kinds and (unknown := sorted(set(kinds) - KINDS)):
        raise InvalidArgument(f"unknown kind {unknown[0]!r}", hint=f"Allowed: {', '.join(sorted(KINDS))}.")
    return ForgetFilter(
        item_ids=ids, sources=_texts(given, "source"), kinds=kinds, import_id=_uuid(given.get("import_id")),
        since=_instant(given, "since"), until=_instant(given, "until"), everything=everything,
    )  # fmt: skip


def retry_options(text: str | None) -> RetryOptions:
    """Read the options of lake_retry. Raises InvalidArgument for an unknown one or a wrong value."""
    given = {k: v for k, v in object_of(text, "options", _RETRY).items() if v is not None}
    for name in ("member", "reason"):
        if name in given and not (isinstance(given[name], str) and given[name]):
            raise InvalidArgument(f"{name} must be a text", hint="Take it from the view rejects.")
    limit = given.get("limit")
    if limit is not None and not (type(limit) is int and 0 < limit < 1 << 63):
        raise InvalidArgument("limit must be a positive integer", hint='As in {"limit": 1000}.')
    return RetryOptions(
        reject_ids=_keys(given, "reject_ids"), import_id=_uuid(given.get("import_id")),
        sources=_texts(given, "source"), member=given.get("member"), reason=given.get("reason"), limit=limit,
    )  # fmt: skip


def export_options(form: str | None, text: str | None, rule: Mapping[str, str], timezone: str) -> ExportOptions:
    """Read the arguments of lake_export; `rule` gives the sensitivity of every kind. Raises InvalidArgument."""
    if form != "jsonl":
        raise InvalidArgument(
            f"no such format: {form}", hint="Allowed: jsonl; `datapunk export PATH --format parquet` writes Parquet."
        )
    given = object_of(text, "options", _EXPORT)
    kinds = _texts(given, "kinds")
    if kinds and (unknown := sorted(set(kinds) - set(rule))):
        raise InvalidArgument(f"unknown kind {unknown[0]!r}", hint=f"Allowed: {', '.join(sorted(rule))}.")
    most = given.get("sensitivity", "secret")
    if most not in LEVELS:
        raise InvalidArgument(f"no such sensitivity: {most!r}", hint=f"Allowed: {', '.join(LEVELS)}.")
    allowed = LEVELS[: LEVELS.index(most) + 1]
    return ExportOptions(
        kinds=[kind for kind in kinds or sorted(rule) if rule[kind] in allowed], sources=_texts(given, "sources"),
        since=_zoned(given, "since", timezone), until=_zoned(given, "until", timezone),
    )  # fmt: skip


def _zoned(given: Mapping[str, Any], name: str, timezone: str) -> str | None:
    """Return a time, in the owner's zone where it has none of its own."""
    value = _instant(given, name)
    if value is None:
        return None
    at = datetime.fromisoformat(value)
    return (at if at.tzinfo else at.replace(tzinfo=zone(timezone))).isoformat()


def _texts(given: Mapping[str, Any], name: str) -> list[str] | None:
    value = given.get(name)
    if value is None:
        return None
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(v, str) and v for v in values):
        raise InvalidArgument(f"{name} must be a text or an array of texts", hint=f'As in {{"{name}": "..."}}.')
    return values


def _keys(given: Mapping[str, Any], name: str) -> list[int] | None:
    keys = given.get(name)
    if keys is None:
        return None
    if not (isinstance(keys, list) and all(type(key) is int and abs(key) < 1 << 63 for key in keys)):
        raise InvalidArgument(f"{name} must be an array of integers", hint=f'As in {{"{name}": [17, 23]}}.')
    return keys


def _uuid(value: object) -> str | None:
    if value is None:
        return None
    try:
        return str(UUID(str(value)))
    except ValueError as exc:
        raise InvalidArgument(f"import_id is no UUID: {value!r}", hint="Take it from the view imports.") from exc


def _instant(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    try:
        return datetime.fromisoformat(str(value)).isoformat()
    except ValueError as exc:
        raise InvalidArgument(
            f"{name} is no time: {value!r}", hint="Use ISO 8601, as in 2025-06-01T00:00:00Z."
        ) from exc
