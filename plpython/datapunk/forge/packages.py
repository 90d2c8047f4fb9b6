"""Export and import of versions; plpy arrives as an argument."""

import json
import os
from typing import Any

from datapunk.db import one
from datapunk.db.backend import entry_point
from datapunk.db.plpy_db import PlpyDb
from datapunk.db.queries import load_queries
from datapunk.errors import NoSuchModel
from datapunk.forge.options import Option, checked_options
from datapunk.forge.packaging import checked_signer, pack, public_key, unpack

Q = load_queries("datapunk.forge")
_IMPORT_OPTIONS = (Option(name="signer", type="text"), Option(name="model", type="text"))


@entry_point
def export_version(plpy: Any, cache: dict[str, Any], model: str, version: int | None) -> bytes:
    """Return a version as a signed package."""
    db = PlpyDb(plpy, cache)
    row = one(db.rows(Q.version, model, version))
    package = one(db.rows(Q.version_package, row["id"]))["package"]
    if package is None:
        raise NoSuchModel(f"{model!r} came with the installation", hint="Export a model of your own.")
    files = {
        name: bytes(one(db.rows(Q.artifact_content, row["owner_id"], row["id"], name))["content"])
        for name in json.loads(package)["media_types"]
    }
    return pack(json.loads(package), files, _own_seed(db))


@entry_point
def import_version(plpy: Any, cache: dict[str, Any], content: bytes, options: str) -> int:
    """Write a package as a version; returns its number."""
    db = PlpyDb(plpy, cache)
    checked = checked_options(_IMPORT_OPTIONS, json.loads(options or "null"))
    trusted = {str(row["signer"]) for row in db.rows(Q.signers)}
    if "signer" in checked:
        trusted.add(checked_signer(checked["signer"]))
    package = unpack(content or b"", trusted)
    name = str(checked.get("model") or package.manifest["model"])
    names = list(package.files)
    row = one(
        db.rows(
            Q.import_version, json.dumps(package.manifest), name, package.signer, names,
            [package.files[n] for n in names],
        )
    )  # fmt: skip
    return int(row["version"])


def _own_seed(db: PlpyDb) -> bytes:
    kept = db.rows(Q.signing_key)
    if kept:
        return bytes(kept[0]["private_key"])
    seed = os.urandom(32)
    return bytes(one(db.rows(Q.keep_signing_key, seed, public_key(seed)))["private_key"])
