"""The rules that every load checks on the database that it is about to leave behind."""

from collections.abc import Collection
from typing import Any

import psycopg

from datapunk.db import load_queries

_CHECKS = (
    "check_overload",
    "check_comment",
    "check_search_path",
    "check_public_execute",
    "check_long_body",
    "check_api_table",
    "check_security_invoker",
    "check_definer",
    "check_row_security",
)


def failed_checks(connection: psycopg.Connection[Any], defined: Collection[str]) -> list[str]:
    """Return one line for each broken rule; empty when all hold. Runs inside the load's transaction.

    `defined` holds the schema-qualified names that the loaded files define: whatever else is there is an orphan.
    """
    queries = load_queries("datapunk.admin")
    present = {row[0] for row in connection.execute(queries.objects.sql)}
    problems = [
        f"orphan: {name} is in the database but in no file; drop it in sql/bootstrap/09_dropped.sql"
        for name in sorted(present - set(defined))
    ]
    problems += [
        f"missing: a file is named {name} but defines no such object" for name in sorted(set(defined) - present)
    ]
    for name in _CHECKS:
        statement = getattr(queries, name).sql
        problems += [row[0] for row in connection.execute(statement)]
    return problems + _invalid_bodies(connection)


def _invalid_bodies(connection: psycopg.Connection[Any]) -> list[str]:
    """Validate all SQL and plpgsql bodies, which the load creates unchecked because they refer to each other."""
    problems: list[str] = []
    connection.execute("set local check_function_bodies = on")
    for oid, validator, name in connection.execute(load_queries("datapunk.admin").bodies.sql):
        try:
            with connection.transaction():
                if validator == "fmgr_sql_validator":
                    connection.execute("select fmgr_sql_validator(%s::oid)", (oid,))
                else:
                    connection.execute("select plpgsql_validator(%s::oid)", (oid,))
        except psycopg.Error as exc:
            problems.append(f"invalid body: {name}: {exc.diag.message_primary}")
    return problems
