"""The seam between a PL/Python body and the package: error translation and the session's context."""

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from datapunk.db.plpy_db import PlpyDb
from datapunk.db.queries import load_queries
from datapunk.errors import DatapunkError
from datapunk.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")


def entry_point(
    function: Callable[Concatenate[Any, dict[str, Any], P], T],
) -> Callable[Concatenate[Any, dict[str, Any], P], T]:
    """Mark a function that a PL/Python body calls with (plpy, GD, ...): its DatapunkErrors reach SQL whole."""

    @functools.wraps(function)
    def wrapper(plpy: Any, cache: dict[str, Any], /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(plpy, cache, *args, **kwargs)
        except DatapunkError as exc:
            fields = {"sqlstate": exc.sqlstate, "hint": exc.hint, "detail": exc.detail}
            plpy.error(exc.message, **{name: value for name, value in fields.items() if value})
            raise

    return cast(Callable[Concatenate[Any, dict[str, Any], P], T], wrapper)


def read_settings(db: PlpyDb) -> Settings:
    """Read the session's `datapunk.*` settings."""
    row = db.rows(load_queries("datapunk.db").settings)[0]
    return Settings.from_mapping(row)
