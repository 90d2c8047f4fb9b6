"""The reference, made from COMMENT ON: `python -m datapunk.admin.reference DSN > docs/reference.md`."""

import sys
from collections.abc import Iterator

import psycopg

from datapunk.db import load_queries

_HEAD = """# Reference

Generated from the comments in the database (`make reference`); do not edit by hand.
Everything here is in schema `api`; over HTTP a function is `/rpc/NAME` and a view is `/NAME`.
"""


def reference(dsn: str) -> str:
    """Return the reference of schema `api` as Markdown: functions, then views with their columns."""
    return "\n".join(_lines(dsn)) + "\n"


def _lines(dsn: str) -> Iterator[str]:
    queries = load_queries("datapunk.admin")
    with psycopg.connect(dsn) as connection:
        yield _HEAD
        yield "## Functions\n"
        for name, arguments, result, comment in connection.execute(queries.reference_functions.sql):
            yield f"### {name}\n\n```\n{name}({arguments}) -> {result}\n```\n\n{comment}\n"
        yield "## Views\n"
        columns = connection.execute(queries.reference_columns.sql).fetchall()
        for view, comment in connection.execute(queries.reference_views.sql):
            yield f"### {view}\n\n{comment}\n\n| column | type | meaning |\n|---|---|---|"
            for _, column, kind, meaning in (row for row in columns if row[0] == view):
                yield f"| {column} | {kind} | {' '.join((meaning or '').split())} |"
            yield ""


if __name__ == "__main__":
    sys.stdout.write(reference(sys.argv[1]))
