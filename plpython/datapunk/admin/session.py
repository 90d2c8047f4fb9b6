"""The command line's connection to the database: as one owner, with errors in the package's own words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import dict_row

from datapunk import errors
from datapunk.errors import DatapunkError, NotReady

Connection = psycopg.Connection[dict[str, Any]]

# What PL/Python puts before the messages of its exceptions.
_TYPE_PREFIX = re.compile(r"^(?:datapunk|plpy\.\w+|spiexceptions\.\w+): ")


@contextmanager
def session(dsn: str, owner: str = "local", timezone: str | None = None) -> Iterator[Connection]:
    """Connect in autocommit mode and act as `owner`; an error of the database becomes a DatapunkError."""
    with (
        database_errors(),
        psycopg.connect(dsn, autocommit=True, row_factory=dict_row, connect_timeout=10) as connection,
    ):
        # Row-level security does not hold for a superuser, whom DATAPUNK_DSN may name.
        connection.execute("set role datapunk")
        connection.execute("select set_config('datapunk.owner', %s, false)", (owner,))
        if timezone:
            connection.execute("select set_config('datapunk.timezone', %s, false)", (timezone,))
        yield connection


@contextmanager
def database_errors() -> Iterator[None]:
    """Translate errors of psycopg: message, detail and hint stay, the class follows from the SQLSTATE."""
    try:
        yield
    except psycopg.OperationalError as error:
        if error.sqlstate is None:
            raise NotReady(
                "the database does not answer", hint="start it by `make up`; `datapunk doctor` tells more",
                detail=str(error),
            ) from error  # fmt: skip
        raise _translated(error) from error
    except psycopg.Error as error:
        raise _translated(error) from error


def _translated(error: psycopg.Error) -> DatapunkError:
    message = _TYPE_PREFIX.sub("", error.diag.message_primary or str(error))
    return failure(error.sqlstate, message, hint=error.diag.message_hint, detail=error.diag.message_detail)


def failure(sqlstate: str | None, message: str, *, hint: str | None = None, detail: str | None = None) -> DatapunkError:
    """An error of the class that has an SQLSTATE."""
    classes = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, DatapunkError)]
    kind = next((c for c in classes if c.sqlstate == sqlstate), DatapunkError)
    return kind(message, hint=hint, detail=detail)
