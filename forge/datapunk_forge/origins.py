"""Where the rows of a dataset come from: whose they are, their kinds and sources, and when they happened.

A dataset that carries the keys of its items (a column `item_id`) says so itself. Otherwise the plan of its query tells
which tables it reads, and of items which kinds: what it could have read, which is never less than what it did.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from datapunk_forge.trained import Column, Origin

ITEMS = "lake.item"
_SAMPLES = {"lake.position": ("position", "occurred_at"), "lake.measurement": ("measurement", "starts_at")}
# What row-level security and the views look up on the way; no row of these gets into a dataset.
_OF_POLICIES = {"lake.sensitivity_of_kind", "lake.sensitivities"}
_OF_THE_SERVER = {"pg_catalog", "information_schema", "ops"}
_KEY = "item_id"


def origins(connection: psycopg.Connection[Any], query: str, columns: Sequence[Column]) -> tuple[Origin, ...]:
    """Return the origins of a dataset, in the transaction and with the rights that it was read with."""
    read = list(_relations(_plan(connection, query)))
    found: list[Origin] = []
    keys = next((c for c in columns if c.name == _KEY and c.kind == "number" and c.type == "int8"), None)
    for relation in sorted({name for name, _ in read}):
        if relation == ITEMS:
            kinds = _kinds([kinds for name, kinds in read if name == ITEMS])
            found += _of_items(connection, keys, kinds)
        elif relation in _SAMPLES:
            found += _of_samples(connection, relation)
        else:
            found.append(Origin(relation=relation))
    return tuple(found)


def _plan(connection: psycopg.Connection[Any], query: str) -> Mapping[str, Any]:
    # Binary results take the extended protocol, which refuses a second statement.
    row = connection.execute(b"explain (verbose, format json)\n" + query.encode(), binary=True).fetchone()
    plan: Mapping[str, Any] = row[0][0]["Plan"] if row else {}
    return plan


def _relations(plan: Mapping[str, Any]) -> Iterator[tuple[str, frozenset[str] | None]]:
    """Yield each table or function that a plan reads, of items with their kinds; None for any kind."""
    name = plan.get("Relation Name") or plan.get("Function Name")
    schema = plan.get("Schema", "")
    if name and schema not in _OF_THE_SERVER and f"{schema}.{name}" not in _OF_POLICIES:
        yield f"{schema}.{name}", kinds_of(plan)
    for part in plan.get("Plans", ()):
        yield from _relations(part)


def kinds_of(scan: Mapping[str, Any]) -> frozenset[str] | None:
    """Return the kinds of items that a scan's conditions let through; None where they do not say."""
    alias = re.escape(str(scan.get("Alias", "")))
    one = re.compile(rf"\({alias}\.kind = '([a-z_]+)'::text\)")
    some = re.compile(rf"\({alias}\.kind = ANY \('\{{([a-z_,]+)\}}'::text\[\]\)\)")
    found: frozenset[str] | None = None
    for name in ("Index Cond", "Recheck Cond", "Filter"):
        for condition in conjuncts(str(scan.get(name, ""))):
            if match := one.fullmatch(condition) or some.fullmatch(condition):
                kinds = frozenset(match[1].split(","))
                found = kinds if found is None else found & kinds
    return found


def conjuncts(condition: str) -> list[str]:
    """Return the parts of a condition as PostgreSQL shows it, `((a) AND (b))`, that all must hold."""
    parts, depth, start, quoted = [], 0, 0, False
    inner = condition[1:-1] if condition.startswith("((") else condition
    for place, character in enumerate(inner):
        if character == "'":
            quoted = not quoted
        elif not quoted and character == "(":
            if depth == 0:
                start = place
            depth += 1
        elif not quoted and character == ")":
            depth -= 1
            if depth == 0:
                parts.append((start, place + 1))
    # Anything but AND between them makes one condition of the whole.
    between = {inner[a:b].strip() for (_, a), (b, _) in itertools.pairwise(parts)}
    return [inner[a:b] for a, b in parts] if between <= {"AND"} else []


def _kinds(scans: Sequence[frozenset[str] | None]) -> list[str] | None:
    if any(kinds is None for kinds in scans):
        return None
    return sorted({kind for kinds in scans if kinds is not None for kind in kinds})


def _of_items(connection: psycopg.Connection[Any], keys: Column | None, kinds: list[str] | None) -> list[Origin]:
    ids = None if keys is None else np.unique(keys.values[np.isfinite(keys.values)]).astype(np.int64).tolist()
    rows = connection.cursor(row_factory=dict_row).execute(
        """
        select
          i.owner_id as owner, i.kind, i.source, count(*) as rows, min(i.occurred_at) as since,
          max(i.occurred_at) as until
        from lake.item as i
        where (%(ids)s::bigint[] is null or i.id = any(%(ids)s))
          and (%(kinds)s::text[] is null or i.kind = any(%(kinds)s))
        group by i.owner_id, i.kind, i.source
        order by i.owner_id, i.kind, i.source
        """,
        {"ids": ids, "kinds": kinds},
    )
    return [Origin(relation=ITEMS, basis="plan" if ids is None else "items", **_told(row)) for row in rows]


def _of_samples(connection: psycopg.Connection[Any], relation: str) -> list[Origin]:
    kind, at = _SAMPLES[relation]
    query = sql.SQL(
        "select s.owner_id as owner, s.source, count(*) as rows, min(s.{at}) as since, max(s.{at}) as until"
        " from {table} as s group by s.owner_id, s.source order by s.owner_id, s.source"
    ).format(at=sql.Identifier(at), table=sql.Identifier(*relation.split(".")))
    return [
        Origin(relation=relation, **_told({"kind": kind, **row}))
        for row in connection.cursor(row_factory=dict_row).execute(query)
    ]


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with its times as text."""
    return {**row, **{name: row[name].isoformat() if row[name] else None for name in ("since", "until")}}
