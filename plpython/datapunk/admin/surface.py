"""The surface that Datapunk exposes: every function and view of schema `api`, as text that a golden file keeps.

`python -m datapunk.admin.surface [--dsn DSN] [--write]` prints it, or writes api/surface.golden.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

import psycopg

from datapunk.admin.resources import resource_root
from datapunk.db import load_queries


def golden_file() -> Path:
    """Where the kept surface is."""
    return resource_root() / "api" / "surface.golden"


def surface(connection: psycopg.Connection[Any]) -> str:
    """Describe all functions (arguments, defaults, results, who may call them) and views (columns) of `api`."""
    queries = load_queries("datapunk.admin")
    lines = ["# Functions and views of schema api. Written by `python -m datapunk.admin.surface --write`.", ""]
    for name, arguments, result, roles in connection.execute(queries.surface_functions.sql):
        lines += [f"function {name}({arguments})", f"  returns {result}", f"  for {roles}", ""]
    for name, columns, roles in connection.execute(queries.surface_views.sql):
        lines += [f"view {name}", *(f"  {column}" for column in columns), f"  for {roles}", ""]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m datapunk.admin.surface", description=__doc__)
    parser.add_argument("--dsn", default=os.environ.get("DATAPUNK_DSN"), help="default: the private cluster")
    parser.add_argument("--write", action="store_true", help="write api/surface.golden")
    options = parser.parse_args(arguments)
    dsn = options.dsn
    if dsn is None:
        from datapunk.admin.home import Home

        dsn = Home.locate().superuser_dsn()
    with psycopg.connect(dsn) as connection:
        text = surface(connection)
    if options.write:
        golden_file().write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
