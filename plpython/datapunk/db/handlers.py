"""Functions that a caller names to be called later: by Gaia for a question, by a worker for a message."""

import re

from datapunk.db.protocol import Db
from datapunk.db.queries import load_queries
from datapunk.errors import InvalidArgument, NotAllowed, NotFound

_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_$]{0,62}")
_HINT = "Name a function (jsonb) returns jsonb with its schema, as in 'public.my_function'."


def callable_handler(db: Db, handler: str | None) -> str:
    """Return `handler` as SCHEMA.NAME when it is a function (jsonb) returns jsonb that the caller may call.

    Raises InvalidArgument, NotFound (no such function), NotAllowed (the caller may not call it).
    """
    parts = (handler or "").strip().split(".")
    if len(parts) != 2 or not all(_IDENTIFIER.fullmatch(part) for part in parts):
        raise InvalidArgument(f"the handler is {handler!r}", hint=_HINT)
    found = db.rows(load_queries("datapunk.db").handler_lookup, *parts)
    if not found:
        raise NotFound(f"no function {handler}", hint=_HINT)
    fitting = [row for row in found if row["fits"]]
    if not fitting:
        raise InvalidArgument(f"{found[0]['signature']} is not a function (jsonb) returns jsonb", hint=_HINT)
    if not fitting[0]["may_call"]:
        raise NotAllowed(
            f"you may not call {fitting[0]['signature']}", hint="Ask its owner to grant EXECUTE on it to your role."
        )
    return ".".join(parts)
