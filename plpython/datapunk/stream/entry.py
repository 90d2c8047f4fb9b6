"""What the SQL functions of Stream call."""

from typing import Any

from datapunk.db import callable_handler, load_queries, one
from datapunk.db.backend import entry_point
from datapunk.db.plpy_db import PlpyDb


@entry_point
def subscribe(plpy: Any, cache: dict[str, Any], pattern: str | None, handler: str | None) -> int:
    """Run api.stream_subscribe: the caller's rights decide whether the handler may be called."""
    db = PlpyDb(plpy, cache)
    row = one(db.rows(load_queries("datapunk.stream").subscribe, pattern, callable_handler(db, handler)))
    return int(row["id"])
