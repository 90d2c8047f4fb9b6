"""A version on its way between databases: a zip whose manifest names every file by hash and is signed (Ed25519)."""

import hashlib
import io
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from datapunk.errors import InvalidArgument, LimitExceeded, NotAllowed, UnsupportedFile

FORMAT = 1
_MANIFEST, _SIGNATURE = "manifest.json", "signature.json"
_MOST_BYTES = 1024**3
# What zipfile raises of damaged bytes, and of methods and passwords that are none of a package's.
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError, KeyError, ValueError, TypeError,
    OverflowError, struct.error,
)  # fmt: skip
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, kw_only=True)
class Package:
    """What a package holds: the manifest, its files by name, and the public key (hex) of who signed it."""

    manifest: Mapping[str, Any]
    files: Mapping[str, bytes]
    signer: str


def public_key(seed: bytes) -> str:
    """Return the public key of a 32-byte seed, in hex."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw().hex()


def pack(manifest: Mapping[str, Any], files: Mapping[str, bytes], seed: bytes) -> bytes:
    """Return the package as bytes; the same input gives the same bytes."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    body = json.dumps({**manifest, "format": FORMAT, "files": hashes}, sort_keys=True).encode()
    signature = {
        "algorithm": "ed25519", "public_key": public_key(seed),
        "signature": Ed25519PrivateKey.from_private_bytes(seed).sign(body).hex(),
    }  # fmt: skip
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        entries = {_MANIFEST: body, _SIGNATURE: json.dumps(signature).encode()}
        for name, content in (entries | {f"files/{n}": c for n, c in sorted(files.items())}).items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def unpack(content: bytes, trusted: Collection[str]) -> Package:
    """Return what a package holds, once its signature and hashes are found right.

    Raises UnsupportedFile for what is no package or was changed, NotAllowed for a signer that is not trusted,
    LimitExceeded for one that is too large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MOST_BYTES:
                raise LimitExceeded("the package is larger than 1 GiB", hint="Train the model here instead.")
            entries = {entry.filename: archive.read(entry) for entry in archive.infolist()}
        body, signature = entries.pop(_MANIFEST), json.loads(entries.pop(_SIGNATURE))
        signer, signed = str(signature["public_key"]), bytes.fromhex(signature["signature"])
    except _DAMAGED as exc:
        raise UnsupportedFile(f"not a package of a version: {exc}", hint="Give what forge_export returned.") from exc
    _check_signature(signer, signed, body)
    if signer not in trusted:
        raise NotAllowed(
            f"the package is signed by {signer}, whom you don't trust",
            hint=f'Ask its sender for the key, compare, and give {{"signer": "{signer}"}}.',
        )
    manifest = json.loads(body)
    if manifest.get("format") != FORMAT:
        raise UnsupportedFile(f"a package of format {manifest.get('format')}", hint="Update Datapunk.")
    files = {name.removeprefix("files/"): data for name, data in entries.items()}
    if {name: hashlib.sha256(data).hexdigest() for name, data in files.items()} != manifest["files"]:
        raise UnsupportedFile("a file of the package was changed", hint="Have it sent again.")
    return Package(manifest=manifest, files=files, signer=signer)


def _check_signature(signer: str, signed: bytes, body: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(signer)).verify(signed, body)
    except (InvalidSignature, ValueError) as exc:
        raise UnsupportedFile("the signature of the package is wrong", hint="Have it sent again.") from exc


def checked_signer(value: object) -> str:
    """Return a public key in lower-case hex. Raises InvalidArgument when it is none."""
    text = str(value).strip().lower()
    try:
        size = len(bytes.fromhex(text))
    except ValueError:
        size = 0
    if size != 32:
        raise InvalidArgument("signer is no Ed25519 public key", hint="Give its 32 bytes as 64 hexadecimal digits.")
    return text
