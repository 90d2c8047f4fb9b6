"""Files that come in chunks: begun, put one after another in any order, finished by an import of the whole."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from datapunk.db import Db, Row, load_queries, one
from datapunk.errors import InvalidArgument, LimitExceeded, NotFound, NotReady, UnsupportedFile
from datapunk.lake.options import IMPORT_OPTIONS, import_options, object_of

_Q = load_queries("datapunk.lake")
_MAX_BYTES = 20 << 30
_CHUNK_BYTES = 8 << 20
_LARGEST_CHUNK = 64 << 20
_HOURS = 24
_HEX = frozenset("0123456789abcdef")
_OPTIONS = (*IMPORT_OPTIONS, "sha256")


@dataclass(frozen=True, kw_only=True)
class Begun:
    """What lake_upload_begin returns."""

    upload_id: str
    chunk_bytes: int
    chunks: int
    expires_at: str


@dataclass(frozen=True, kw_only=True)
class Put:
    """What lake_upload_chunk returns: how many chunks are there, and how many are not."""

    upload_id: str
    chunk: int
    received: int
    missing: int


def begin(db: Db, filename: str | None, size: int | None, text: str | None, timezone: str) -> Begun:
    """Make room for a file of `size` bytes. Raises LimitExceeded where that is more than an owner may keep waiting."""
    name = (filename or "").strip()
    if not name:
        raise InvalidArgument("filename is empty", hint="Give the name of the file, as in takeout-001.zip.")
    if size is None or size < 1:
        raise InvalidArgument("bytes must be the size of the file", hint="Give the number of its bytes.")
    given = object_of(text, "options", _OPTIONS)
    digest = _digest(given.pop("sha256", None))
    # Checked now, so that nobody finds out after gigabytes.
    options = json.dumps(given)
    import_options(options, timezone)
    limits = _limits(db)
    db.execute(_Q.uploads_expire)
    db.execute(_Q.upload_lock_all)
    waiting = int(one(db.rows(_Q.upload_open_bytes))["bytes"])
    if waiting + size > limits["max_bytes"]:
        raise LimitExceeded(
            f"{size} bytes are too many: {waiting} of {limits['max_bytes']} are taken by uploads that are not finished",
            hint="Finish or cancel these (view uploads), or raise the setting datapunk.upload_max_bytes.",
        )
    chunk_bytes = min(limits["chunk_bytes"], _LARGEST_CHUNK)
    row = one(db.rows(_Q.upload_begin, name, size, chunk_bytes, options, digest, limits["hours"]))
    return Begun(
        upload_id=row["upload_id"], chunk_bytes=chunk_bytes, chunks=-(-size // chunk_bytes),
        expires_at=row["expires_at"],
    )  # fmt: skip


def put(db: Db, headers: Row, content: bytes | None) -> Put:
    """Keep one chunk; the same again changes nothing.

    Raises NotFound for an upload that is not there or has expired, InvalidArgument for a chunk that does not fit,
    UnsupportedFile where the bytes are not those that their hash tells.
    """
    upload_id = _key(headers["upload"], "The header Datapunk-Upload takes what lake_upload_begin returned.")
    number = headers["chunk"]
    if number is None or not number.isascii() or not number.isdigit() or len(number) > 9:
        raise InvalidArgument(f"no number of a chunk: {number!r}", hint="The header Datapunk-Chunk takes it, from 0.")
    chunk = int(number)
    upload = _open(db, upload_id)
    chunks, wanted = _size_of(upload, chunk)
    body = content or b""
    if len(body) != wanted:
        raise InvalidArgument(
            f"chunk {chunk} has {len(body)} bytes instead of {wanted}",
            hint=f"Each chunk has {upload['chunk_bytes']} bytes, the last what is left.",
        )
    digest = _digest(headers["sha256"])
    if digest is not None and sha256(body).hexdigest() != digest:
        raise UnsupportedFile(f"chunk {chunk} is not what its SHA-256 tells", hint="Send it again.")
    db.execute(_Q.upload_chunk_put, upload_id, chunk, body)
    received = int(one(db.rows(_Q.upload_received, upload_id))["chunks"])
    return Put(upload_id=upload_id, chunk=chunk, received=received, missing=chunks - received)


@dataclass(frozen=True, kw_only=True)
class Whole:
    """An upload of which every chunk is there; `result` is what an earlier call gave, where there was one."""

    upload_id: str
    filename: str
    options: str
    chunks: int
    sha256: str | None
    result: dict[str, Any] | None = None


def complete(db: Db, text: str | None) -> Whole:
    """Hold an upload for its import. Raises NotFound, or NotReady while chunks are missing."""
    upload_id = _key(text, "Give what lake_upload_begin returned.")
    # Of two that finish it at once the second waits, and gets what the first got.
    db.rows(_Q.upload_hold, upload_id)
    upload = _upload(db, upload_id)
    result = None
    if upload["import_id"] is not None:
        result = one(db.rows(_Q.upload_result, upload["import_id"]) or [_forgotten(upload)])
    chunks = -(-upload["bytes"] // upload["chunk_bytes"])
    if result is None and (missing := db.rows(_Q.upload_missing, upload_id, chunks)):
        numbers = ", ".join(str(row["number"]) for row in missing)
        raise NotReady(
            f"chunks of {upload['filename']} are missing: {numbers}{' ...' if len(missing) == 10 else ''}",
            hint="Send them by lake_upload_chunk; the view uploads tells which are there.",
        )
    return Whole(
        upload_id=upload_id, filename=upload["filename"], options=upload["options"], chunks=chunks,
        sha256=upload["sha256"], result=result,
    )  # fmt: skip


def content(db: Db, whole: Whole) -> Iterator[bytes]:
    """Yield the file, a chunk in memory at a time. Raises UnsupportedFile where its hash is another than was told."""
    digest = sha256()
    for number in range(whole.chunks):
        chunk: bytes = one(db.rows(_Q.upload_chunk_get, whole.upload_id, number))["content"]
        digest.update(chunk)
        yield chunk
    if whole.sha256 is not None and digest.hexdigest() != whole.sha256:
        raise UnsupportedFile(
            f"{whole.filename} is not what its SHA-256 tells", hint="Begin anew, or send the chunks again."
        )


def settle(db: Db, whole: Whole, import_id: str | None) -> None:
    """Let the chunks go when they are imported; after a dry run they stay."""
    if import_id is not None:
        db.execute(_Q.upload_finish, whole.upload_id, import_id)


def _open(db: Db, upload_id: str) -> Row:
    upload = _upload(db, upload_id)
    if upload["import_id"] is not None:
        raise InvalidArgument("this upload is finished", hint="Begin another one by lake_upload_begin.")
    return upload


def _upload(db: Db, upload_id: str) -> Row:
    found = db.rows(_Q.upload_of, upload_id)
    if not found:
        raise NotFound(f"no upload {upload_id}", hint="It may have expired; begin another one by lake_upload_begin.")
    return found[0]


def _forgotten(upload: Row) -> Row:
    """Return the result of an import whose account was forgotten since."""
    none = dict.fromkeys(("items_new", "items_seen", "rejects"), 0)
    return {"import_id": upload["import_id"], "status": "done", **none, "bytes": upload["bytes"], "seconds": 0.0,
            "by_kind": "{}"}  # fmt: skip


def _size_of(upload: Row, chunk: int) -> tuple[int, int]:
    """Return how many chunks the file has and the size of this one. Raises InvalidArgument beyond the last."""
    size, each = int(upload["bytes"]), int(upload["chunk_bytes"])
    chunks = -(-size // each)
    if chunk >= chunks:
        raise InvalidArgument(f"no chunk {chunk}: there are {chunks}", hint="They are numbered from 0.")
    return chunks, size - each * chunk if chunk == chunks - 1 else each


def _key(text: str | None, hint: str) -> str:
    try:
        return str(UUID(text or ""))
    except ValueError as exc:
        raise InvalidArgument(f"no key of an upload: {text!r}", hint=hint) from exc


def _digest(value: object) -> str | None:
    if value is None:
        return None
    digest = value.lower() if isinstance(value, str) else ""
    if len(digest) != 64 or not _HEX.issuperset(digest):
        raise InvalidArgument("a SHA-256 has 64 hexadecimal digits", hint="As `sha256sum FILE` writes it.")
    return digest


def _limits(db: Db) -> dict[str, int]:
    found = {"max_bytes": _MAX_BYTES, "chunk_bytes": _CHUNK_BYTES, "hours": _HOURS}
    for name, value in one(db.rows(_Q.upload_limits)).items():
        if value:
            if not str(value).isdigit() or not 0 < int(value) < 1 << 62:
                raise InvalidArgument(f"datapunk.upload_{name} is no positive number: {value!r}", hint="Reset it.")
            found[name] = int(value)
    return found
