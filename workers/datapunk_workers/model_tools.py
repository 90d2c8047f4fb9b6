"""Running what a language model asked for: read only, with the rights of who asked, within bounds."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg

from datapunk.db import Query, Row, one
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.errors import DatapunkError, NotAllowed
from datapunk.gaia.router import Q as GAIA
from datapunk.gaia.sql_guard import checked_query
from datapunk.gaia.tools import SQL, Seal, as_text, spec_of, sql_spec
from datapunk.inference.chat import Message, ToolCall, ToolSpec, unfit, validator_of
from datapunk_workers.queue import Q

_TIMEOUT_MS = "5000"
_MOST_CALLS = 8


@dataclass(frozen=True, kw_only=True)
class ToolResult:
    """A tool that ran: its arguments, what it said, and the items that it cites."""

    name: str
    arguments: Mapping[str, Any]
    data: Any
    items: tuple[Row, ...] = ()


@dataclass(kw_only=True)
class Toolbox:
    """The tools for one question. `gathered` is what gaia.gather returned, `claim` says with whose rights."""

    connection: psycopg.Connection[Any]
    gathered: Mapping[str, Any]
    claim: Row
    stop: threading.Event
    seal: Seal = field(default_factory=Seal)
    results: list[ToolResult] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    calls: int = 0

    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools that the owner allows."""
        found = [spec_of(t["name"], t["description"], t["schema"]) for t in self.gathered["tools"]]
        return tuple(found + ([sql_spec(self.gathered["views"])] if self.gathered["views"] else []))

    def run(self, call: ToolCall) -> Message:
        """Run a tool and return its sealed result, or the reason why it did not run, for the model."""
        self.calls += 1
        try:
            if self.calls > _MOST_CALLS:
                raise NotAllowed("too many tools for one question", hint="Answer DONE.")
            result = self._result(call)
        except (DatapunkError, psycopg.Error) as exc:
            # Cancelled by the owner, not by its own time-out.
            if self.connection.closed or self.stop.is_set():
                raise
            said = exc.message if isinstance(exc, DatapunkError) else _failure(exc)
            self.refused.append(f"{call.name}: {said}"[:300])
            return _answer(call, {"error": said})
        self.results.append(result)
        return _answer(call, self.seal.close(result.data))

    def _result(self, call: ToolCall) -> ToolResult:
        spec = next((s for s in self.specs() if s.name == call.name), None)
        if spec is None:
            raise NotAllowed(f"there is no tool {call.name[:60]}", hint="Use those that are listed.")
        if reason := unfit(validator_of(spec.parameters), dict(call.arguments)):
            raise NotAllowed(f"the arguments do not fit: {reason}", hint="See the schema of the tool.")
        if call.name == SQL:
            return self._query(str(call.arguments["query"]))
        arguments = self.seal.open(dict(call.arguments))
        handler = next(t["handler"] for t in self.gathered["tools"] if t["name"] == call.name)
        # The name comes from the catalog, quoted there.
        query = Query(name=f"gaia.call.{handler}", sql=f"select {handler}($1) as result", types=("jsonb",))
        given = {**arguments, "question": self.claim["question"]}
        with self.connection.transaction(force_rollback=True):
            db = self._as_asker(_TIMEOUT_MS)
            raw = one(db.rows(query, json.dumps(given)))["result"]
            found = json.loads(raw) if raw else {}
            data = found.get("data", found) if isinstance(found, dict) else {"result": found}
            cited = [c.get("item_id") if isinstance(c, dict) else c for c in (found.get("citations") or ())]
            items = db.rows(GAIA.cited_items, [c for c in cited if isinstance(c, int)][:10])
        return ToolResult(name=call.name, arguments=arguments, data=data, items=tuple(items))

    def _query(self, text: str) -> ToolResult:
        policy = self.gathered["policy"]
        checked = checked_query(text, list(self.gathered["views"]))
        with self.connection.transaction(force_rollback=True):
            db = self._as_asker(_TIMEOUT_MS)
            db.execute(Q.only_catalog)
            plan = json.loads(_rows(self.connection, f"explain (format json) {checked.sql}")[0]["QUERY PLAN"])
            cost = float(plan[0]["Plan"]["Total Cost"])
            if cost > policy["sql_max_cost"]:
                raise NotAllowed(
                    f"the query would cost {cost:.0f}, more than {policy['sql_max_cost']:.0f}", hint="Ask for less."
                )
            most = int(policy["sql_max_rows"])
            bounded = f"select to_jsonb(r)::text as row from ({checked.sql}) as r limit {most + 1}"  # noqa: S608
            found = _rows(self.connection, bounded)
        rows = [json.loads(row["row"]) for row in found[:most]]
        data = {"rows": rows, "more": len(found) > most}
        return ToolResult(name=SQL, arguments={"query": checked.sql}, data=data)

    def _as_asker(self, timeout_ms: str) -> PsycopgDb:
        db = PsycopgDb(self.connection)
        # Before anything is read, and nothing in the transaction can take it back.
        db.execute(Q.read_only)
        db.execute(Q.answer_as, self.claim["role_name"], timeout_ms, self.claim["settings"])
        return db


def _rows(connection: psycopg.Connection[Any], statement: str) -> list[Row]:
    """Run a statement that `checked_query` wrote. It has no parameters; the extended protocol takes one statement."""
    return PsycopgDb(connection).rows(Query(name="model.sql", sql=statement, types=()))


def _failure(error: psycopg.Error) -> str:
    """What a model may know of a failure: that a query names what is not there; other messages may hold values."""
    state = error.sqlstate or "XX000"
    return f"it failed ({state})" + (f": {error.diag.message_primary}" if state.startswith("42") else "")


def _answer(call: ToolCall, result: Any) -> Message:
    return Message(role="tool", text=as_text(result), call_id=call.id, name=call.name)
