"""Named queries: each package keeps its SQL in `queries.sql`, or in the files of `queries/`, and asks for it by name.

A block starts with `-- name: NAME (TYPE, TYPE ...)`; the types are those of $1, $2 ... in order. A name stands once in
a package, whatever the file.
"""

import os
import os.path
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module

from datapunk.db.protocol import Query

_HEADER = re.compile(r"^-- name: (\w+) \((.*)\)$", re.MULTILINE)


class Queries:
    """The queries of one package, as attributes."""

    def __init__(self, package: str, queries: dict[str, Query]) -> None:
        self._package = package
        self._queries = queries

    def __getattr__(self, name: str) -> Query:
        try:
            return self._queries[name]
        except KeyError:
            raise AttributeError(f"no query {name!r} in {self._package}") from None

    def __dir__(self) -> list[str]:
        return sorted(self._queries)


def parse_queries(package: str, text: str) -> dict[str, Query]:
    """Split the text of a package's files into its queries. Raises ValueError for a name given twice."""
    parts = _HEADER.split(text)[1:]
    queries: dict[str, Query] = {}
    for name, types, sql in zip(parts[0::3], parts[1::3], parts[2::3], strict=True):
        if name in queries:
            raise ValueError(f"{package} has the query {name!r} twice")
        type_names = tuple(t.strip() for t in re.split(r",(?![^(]*\))", types) if t.strip())
        queries[name] = Query(name=f"{package}.{name}", sql=sql.strip().rstrip(";"), types=type_names)
    return queries


@cache
def load_queries(package: str) -> Queries:
    """Return the queries of `package` (a dotted package name)."""
    # importlib.resources would add 50 ms to the first call of every connection, pathlib 5.
    origin = import_module(package).__file__
    if origin is None:
        raise FileNotFoundError(f"{package} is no regular package")
    return Queries(package, parse_queries(package, "\n".join(_texts(os.path.dirname(origin)))))


def _texts(folder: str) -> Iterator[str]:
    several = os.path.join(folder, "queries")
    paths = (
        [os.path.join(several, name) for name in sorted(os.listdir(several))]
        if os.path.isdir(several)
        else [os.path.join(folder, "queries.sql")]
    )
    for path in paths:
        with open(path, encoding="utf-8") as file:
            yield file.read()
