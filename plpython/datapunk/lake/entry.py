"""What the SQL functions of the Lake call; plpy and the session's GD arrive as arguments."""

from dataclasses import asdict
from hashlib import sha256
from json import dumps
from pathlib import Path
from typing import Any

from datapunk.db import load_queries, one
from datapunk.db.backend import entry_point, read_settings
from datapunk.db.plpy_db import PlpyDb
from datapunk.errors import InvalidArgument, NotAllowed
from datapunk.lake import server_path
from datapunk.lake.appending import append
from datapunk.lake.containers import Limits, open_bytes, open_path
from datapunk.lake.forgetting import forget
from datapunk.lake.importing import ImportResult, run_import
from datapunk.lake.options import forget_filter, import_options

_Q = load_queries("datapunk.lake")


@entry_point
def import_bytes(
    plpy: Any, cache: dict[str, Any], content: bytes | None, filename: str | None, options: str | None
) -> dict[str, Any]:
    """api.lake_import."""
    db = PlpyDb(plpy, cache)
    if content is None:
        raise InvalidArgument("content is null", hint="Give the bytes of an archive or file.")
    name = (filename or "").strip()
    if not name:
        raise InvalidArgument(
            "filename is empty", hint="Give the name of the file, as in takeout-20260101T000000Z-001.zip."
        )
    chosen = import_options(options, read_settings(db).timezone)
    container = open_bytes(content, name, _limits(db))
    return _row(run_import(db, container, name, sha256(content).hexdigest(), chosen))


@entry_point
def import_path(plpy: Any, cache: dict[str, Any], path: str | None, options: str | None) -> dict[str, Any]:
    """api.lake_import_path."""
    db = PlpyDb(plpy, cache)
    if not path or not path.strip():
        raise InvalidArgument("path is empty", hint="Give the whole path on the server.")
    chosen = import_options(options, read_settings(db).timezone)
    real = server_path.permitted(path, one(db.rows(_Q.import_dirs))["import_dirs"] or "")
    try:
        result = run_import(db, open_path(real, _limits(db)), real.name, _file_hash(real), chosen)
    except PermissionError as exc:
        raise NotAllowed(
            f"the server's account cannot read {exc.filename!r}", hint="Make it readable for that account."
        ) from exc
    return _row(result)


@entry_point
def append_records(plpy: Any, cache: dict[str, Any], records: str | None) -> dict[str, int]:
    """api.lake_append."""
    db = PlpyDb(plpy, cache)
    new, seen, rejects = append(db, records, read_settings(db).timezone)
    return {"items_new": new, "items_seen": seen, "rejects": rejects}


@entry_point
def forget_items(plpy: Any, cache: dict[str, Any], wanted: str | None) -> dict[str, int]:
    """api.lake_forget."""
    return asdict(forget(PlpyDb(plpy, cache), forget_filter(wanted)))


def _limits(db: PlpyDb) -> Limits:
    row = one(db.rows(_Q.limits))
    given: dict[str, int] = {}
    for name, value in row.items():
        if value:
            if not str(value).isdigit() or not int(value):
                raise InvalidArgument(f"datapunk.import_{name} is no positive number: {value!r}", hint="Reset it.")
            given[name] = int(value)
    return Limits(**given)


def _file_hash(path: Path) -> str | None:
    if not path.is_file():
        return None
    digest = sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _row(result: ImportResult) -> dict[str, Any]:
    row = asdict(result)
    row["by_kind"] = dumps(dict(sorted(result.by_kind.items())))
    return row
