"""Export and import of versions as signed packages."""

import json
import os

from datapunk.db import Db, load_queries, one
from datapunk.errors import NoSuchModel
from datapunk.forge.options import Option, checked_options
from datapunk.forge.packaging import checked_signer, pack, public_key, unpack

Q = load_queries("datapunk.forge")
_IMPORT_OPTIONS = (Option(name="signer", type="text"), Option(name="model", type="text"))


def export_version(db: Db, model: str, version: int | None) -> bytes:
    """Return a version as a signed package. Raises NoSuchModel."""
    row = one(db.rows(Q.version, model, version))
    package = one(db.rows(Q.version_package, row["id"]))["package"]
    if package is None:
        raise NoSuchModel(f"{model!r} came with the installation", hint="Export a model of your own.")
    files = {
        name: bytes(one(db.rows(Q.artifact_content, row["owner_id"], row["id"], name))["content"])
        for name in json.loads(package)["media_types"]
    }
    return pack(json.loads(package), files, _own_seed(db))


def import_version(db: Db, content: bytes, options: str | None) -> int:
    """Write a package as a version; returns its number."""
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


def _own_seed(db: Db) -> bytes:
    kept = db.rows(Q.signing_key)
    if kept:
        return bytes(kept[0]["private_key"])
    seed = os.urandom(32)
    return bytes(one(db.rows(Q.keep_signing_key, seed, public_key(seed)))["private_key"])
