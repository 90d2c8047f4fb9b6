"""The `Db` of a PL/Python body: statements go through SPI, plans are prepared once per session."""

from contextlib import AbstractContextManager
from typing import Any

from datapunk.db.protocol import Query, Row


class PlpyDb:
    """Wraps the `plpy` module; `cache` is the session's GD, which keeps the prepared plans."""

    def __init__(self, plpy: Any, cache: dict[str, Any]) -> None:
        self._plpy = plpy
        self._plans: dict[str, Any] = cache.setdefault("datapunk.plans", {})

    def _plan(self, query: Query) -> Any:
        # The text is compared too, so that a session that outlives an upgrade of the package re-prepares.
        entry = self._plans.get(query.name)
        if entry is None or entry[0] != query.sql:
            entry = (query.sql, self._plpy.prepare(query.sql, list(query.types)))
            self._plans[query.name] = entry
        return entry[1]

    def rows(self, query: Query, *args: object) -> list[Row]:
        """See `Db.rows`."""
        return list(self._plpy.execute(self._plan(query), list(args)))

    def execute(self, query: Query, *args: object) -> int:
        """See `Db.execute`."""
        return int(self._plpy.execute(self._plan(query), list(args)).nrows())

    def savepoint(self) -> AbstractContextManager[object]:
        """See `Db.savepoint`."""
        manager: AbstractContextManager[object] = self._plpy.subtransaction()
        return manager
