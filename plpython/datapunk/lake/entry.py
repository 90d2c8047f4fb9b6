"""What the SQL functions of the Lake call; plpy and the session's GD arrive as arguments."""

from dataclasses import asdict
from json import dumps
from typing import Any

from datapunk.db import load_queries, one
from datapunk.db.backend import entry_point, read_settings
from datapunk.db.plpy_db import PlpyDb
from datapunk.errors import InvalidArgument
from datapunk.lake import options as given_options
from datapunk.lake import phones, server_path
from datapunk.lake.importing import Steps, bounds, run_import
from datapunk.lake.options import ImportOptions, export_options, forget_filter, import_options, retry_options
from datapunk.lake.request import Content, Reading

_Q = load_queries("datapunk.lake")


@entry_point
def import_bytes(
    plpy: Any, cache: dict[str, Any], content: bytes | None, filename: str | None, options: str | None
) -> dict[str, Any]:
    """api.lake_import."""
    return _import_bytes(PlpyDb(plpy, cache), content, filename, options)


@entry_point
def upload(plpy: Any, cache: dict[str, Any], content: bytes | None) -> dict[str, Any]:
    """api.lake_upload."""
    from datapunk.lake.request_headers import filename_of

    db = PlpyDb(plpy, cache)
    headers = one(db.rows(_Q.request_headers))
    return _import_bytes(db, content, filename_of(headers["disposition"]), headers["options"])


@entry_point
def upload_begin(
    plpy: Any, cache: dict[str, Any], filename: str | None, size: int | None, options: str | None
) -> dict[str, Any]:
    """api.lake_upload_begin."""
    from datapunk.lake import uploading

    db = PlpyDb(plpy, cache)
    return asdict(uploading.begin(db, filename, size, options, read_settings(db).timezone))


@entry_point
def upload_chunk(plpy: Any, cache: dict[str, Any], content: bytes | None) -> dict[str, Any]:
    """api.lake_upload_chunk."""
    from datapunk.lake import uploading

    db = PlpyDb(plpy, cache)
    return asdict(uploading.put(db, one(db.rows(_Q.request_headers)), content))


@entry_point
def upload_finish(plpy: Any, cache: dict[str, Any], upload_id: str | None) -> dict[str, Any]:
    """api.lake_upload_finish."""
    from datapunk.lake import uploading

    db = PlpyDb(plpy, cache)
    whole = uploading.complete(db, upload_id)
    if whole.result is not None:
        return whole.result
    chosen = import_options(whole.options, read_settings(db).timezone)
    row = _import(db, "", whole.filename, uploading.content(db, whole), chosen, None)
    uploading.settle(db, whole, row["import_id"])
    return row


@entry_point
def import_path(plpy: Any, cache: dict[str, Any], path: str | None, options: str | None) -> dict[str, Any]:
    """api.lake_import_path."""
    return _import_path(PlpyDb(plpy, cache), path, options, None)


@entry_point
def import_in_steps(plpy: Any, cache: dict[str, Any], path: str | None, options: str | None) -> None:
    """api.lake_import_in_steps."""
    row = _import_path(PlpyDb(plpy, cache), path, options, Steps(commit=plpy.commit, rollback=plpy.rollback))
    plpy.notice(f"import {row['import_id']}: {row['items_new']} new of {row['items_seen']}, {row['rejects']} rejected")


@entry_point
def append_records(plpy: Any, cache: dict[str, Any], records: str | None) -> dict[str, int]:
    """api.lake_append."""
    from datapunk.lake.appending import append

    db = PlpyDb(plpy, cache)
    new, seen, rejects = append(db, records, read_settings(db).timezone)
    return {"items_new": new, "items_seen": seen, "rejects": rejects}


@entry_point
def retry_rejects(plpy: Any, cache: dict[str, Any], options: str | None) -> list[dict[str, Any]]:
    """api.lake_retry."""
    from datapunk.lake.retrying import retry

    db = PlpyDb(plpy, cache)
    _, memory_bytes = bounds(db)
    found = retry(db, retry_options(options), read_settings(db).timezone, memory_bytes=memory_bytes)
    return [asdict(row) for row in found]


@entry_point
def forget_items(plpy: Any, cache: dict[str, Any], wanted: str | None) -> dict[str, int]:
    """api.lake_forget."""
    from datapunk.lake.forgetting import forget

    return asdict(forget(PlpyDb(plpy, cache), forget_filter(wanted)))


@entry_point
def pii_filter(plpy: Any, cache: dict[str, Any], wanted: str | None) -> dict[str, Any]:
    """lake.pii_filter."""
    del plpy, cache
    return asdict(given_options.pii_filter(wanted))


@entry_point
def export_filter(plpy: Any, cache: dict[str, Any], form: str | None, options: str | None) -> dict[str, Any]:
    """lake.export_filter."""
    db = PlpyDb(plpy, cache)
    rule = {str(row["kind"]): str(row["sensitivity"]) for row in db.rows(_Q.sensitivities)}
    return asdict(export_options(form, options, rule, read_settings(db).timezone))


@entry_point
def phone_digits(plpy: Any, cache: dict[str, Any], numbers: list[str]) -> list[str]:
    """lake.phone_digits."""
    settings = read_settings(PlpyDb(plpy, cache))
    country = phones.region(settings.phone_region, settings.timezone)
    return [phones.digits(number, country) for number in numbers]


def _import_bytes(db: PlpyDb, content: bytes | None, filename: str | None, options: str | None) -> dict[str, Any]:
    if content is None:
        raise InvalidArgument("content is null", hint="Give the bytes of an archive or file.")
    name = (filename or "").strip()
    if not name:
        raise InvalidArgument(
            "filename is empty", hint="Give the name of the file, as in takeout-20260101T000000Z-001.zip."
        )
    chosen = import_options(options, read_settings(db).timezone)
    return _import(db, "", name, content, chosen, None)


def _import_path(db: PlpyDb, path: str | None, options: str | None, steps: Steps | None) -> dict[str, Any]:
    if not path or not path.strip():
        raise InvalidArgument("path is empty", hint="Give the whole path on the server.")
    chosen = import_options(options, read_settings(db).timezone)
    real = server_path.permitted(path, one(db.rows(_Q.import_dirs))["import_dirs"] or "")
    return _import(db, str(real), real.name, None, chosen, steps)


def _import(
    db: PlpyDb,
    path: str,
    filename: str,
    content: Content,
    options: ImportOptions,
    steps: Steps | None,
) -> dict[str, Any]:
    limits, memory_bytes = bounds(db)
    reading = Reading(
        path=path, filename=filename, source=options.source, timezone=options.timezone, language=options.language,
        mapping=options.mapping, limits=limits,
    )  # fmt: skip
    row = asdict(run_import(db, reading, content, options, memory_bytes=memory_bytes, steps=steps))
    row["by_kind"] = dumps(row["by_kind"])
    return row
