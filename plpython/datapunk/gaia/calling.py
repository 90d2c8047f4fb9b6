"""Calling what answers: a subroutine's function with its parameters, and looking up what it cites."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datapunk.db import Db, Query
from datapunk.gaia.material import Cited
from datapunk.gaia.router import Q

#: The handler of every pipeline, which the orchestrator runs itself.
PIPELINE = "gaia.run_pipeline"


@dataclass(frozen=True, kw_only=True)
class Called:
    """What a subroutine gave: its figures, what it cites as it names it, its own sentence if it has one."""

    data: dict[str, Any]
    citations: list[Any]
    said: str | None

    def as_json(self) -> dict[str, Any]:
        """The result as a subroutine returns it."""
        return {"data": self.data, "citations": self.citations, "answer": self.said}


def call(db: Db, handler: str, parameters: dict[str, Any], *, is_read_only: bool = False) -> Called:
    """Call a handler with the caller's rights, so that it cannot write where that `is_read_only`.

    Its name comes from the catalog, quoted there.
    """
    name, called_by = f"gaia.call.{handler}", f"{handler}($1)"
    if is_read_only:
        name, called_by = f"gaia.call_read_only.{handler}", f"case when gaia.forbid_writes() then {handler}($1) end"
    query = Query(name=name, sql=f"select {called_by} as result", types=("jsonb",))
    raw = db.rows(query, json.dumps(parameters))[0]["result"]
    return called(json.loads(raw) if raw else {})


def called(result: Any) -> Called:
    """Read what a handler returned: {data, citations, answer}, or any object, which is the data."""
    if not isinstance(result, dict):
        result = {"data": {"result": result}}
    if not result.keys() & {"data", "citations", "answer"}:
        result = {"data": result}
    data, cited, said = result.get("data"), result.get("citations"), result.get("answer")
    return Called(
        data=data if isinstance(data, dict) else {"result": data},
        citations=cited if isinstance(cited, list) else [],
        said=said if isinstance(said, str) and said.strip() else None,
    )


def cited_items(db: Db, given: Sequence[Any]) -> list[Cited]:
    """Look up what a subroutine cites: item ids, or objects with item_id and snippet; unknown items drop out."""
    wanted: dict[int, str | None] = {}
    for entry in given:
        item = entry.get("item_id") if isinstance(entry, dict) else entry
        if isinstance(item, int):
            wanted.setdefault(item, entry.get("snippet") if isinstance(entry, dict) else None)
    if not wanted:
        return []
    rows = {row["id"]: row for row in db.rows(Q.cited_items, list(wanted))}
    return [
        Cited(
            ordinal=ordinal, item_id=item, snippet=wanted[item],
            **{name: rows[item][name] for name in ("kind", "source", "title", "url", "occurred_at", "whole_day")},
        )
        for ordinal, item in enumerate((i for i in wanted if i in rows), 1)
    ]  # fmt: skip
