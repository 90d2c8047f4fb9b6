"""The seam between a PL/Python body and the package: error translation and the session's context."""

import functools
from collections.abc import Callable, Iterator
from types import GeneratorType
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from datapunk.db.failure import Failure
from datapunk.db.plpy_db import PlpyDb
from datapunk.db.protocol import Db
from datapunk.db.queries import load_queries
from datapunk.errors import DatapunkError
from datapunk.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

_DEPTH = "datapunk.depth"
_END: Any = object()


def entry_point(
    function: Callable[Concatenate[Any, dict[str, Any], P], T],
) -> Callable[Concatenate[Any, dict[str, Any], P], T]:
    """Mark a function that a PL/Python body calls with (plpy, GD, ...): its DatapunkErrors reach SQL whole."""

    @functools.wraps(function)
    def wrapper(plpy: Any, cache: dict[str, Any], /, *args: P.args, **kwargs: P.kwargs) -> T:
        depth = cache.get(_DEPTH, 0)
        cache[_DEPTH] = depth + 1
        try:
            result = function(plpy, cache, *args, **kwargs)
            # A generator would raise only after this block.
            return cast(T, list(result)) if isinstance(result, GeneratorType) else result
        except DatapunkError as exc:
            failure = Failure(sqlstate=exc.sqlstate, message=exc.message, hint=exc.hint, detail=exc.detail)
            raise failure.as_exception(plpy, _http_status(plpy, cache, failure, depth)) from None
        except plpy.SPIError as exc:
            failure = Failure.of_statement(exc)
            raise failure.as_exception(plpy, _http_status(plpy, cache, failure, depth)) from None
        finally:
            cache[_DEPTH] = depth

    return cast(Callable[Concatenate[Any, dict[str, Any], P], T], wrapper)


def entry_stream(
    failed: Callable[[Failure], T],
) -> Callable[
    [Callable[Concatenate[Any, dict[str, Any], P], Iterator[T]]],
    Callable[Concatenate[Any, dict[str, Any], P], Iterator[T]],
]:
    """Mark a generator of rows that a PL/Python body returns; no row waits for the next one.

    An error is the last row, made by `failed` for SQL to raise: of one that is raised between two rows PL/Python puts
    words of its own in place of the message.
    """

    def mark(
        function: Callable[Concatenate[Any, dict[str, Any], P], Iterator[T]],
    ) -> Callable[Concatenate[Any, dict[str, Any], P], Iterator[T]]:
        @functools.wraps(function)
        def wrapper(plpy: Any, cache: dict[str, Any], /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
            rows = function(plpy, cache, *args, **kwargs)
            while True:
                depth = cache.get(_DEPTH, 0)
                cache[_DEPTH] = depth + 1
                try:
                    row = next(rows, _END)
                except DatapunkError as exc:
                    row = failed(Failure(sqlstate=exc.sqlstate, message=exc.message, hint=exc.hint, detail=exc.detail))
                    rows = iter(())
                except plpy.SPIError as exc:
                    row = failed(Failure.of_statement(exc))
                    rows = iter(())
                finally:
                    cache[_DEPTH] = depth
                if row is _END:
                    return
                yield row

        return wrapper

    return mark


def _http_status(plpy: Any, cache: dict[str, Any], failure: Failure, depth: int) -> int | None:
    """The status for PostgREST; None in other sessions and for calls within calls, whose callers key on SQLSTATEs."""
    if depth:
        return None
    rows = PlpyDb(plpy, cache).rows(load_queries("datapunk.db").http_status, failure.sqlstate)
    status = rows[0]["status"]
    return None if status is None else int(status)


def read_settings(db: Db) -> Settings:
    """Read the session's `datapunk.*` settings."""
    row = db.rows(load_queries("datapunk.db").settings)[0]
    return Settings.from_mapping(row)
