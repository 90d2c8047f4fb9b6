"""Artefacts encrypted at rest: AES-256-GCM with keys that processes get by name, and the database never has.

A key is 32 bytes in base64: in the environment variable `DATAPUNK_KEY_<NAME>`, or in the file `<name>.key` of the
folder `DATAPUNK_KEYS`. `DATAPUNK_SEAL_WITH` names the one that new artefacts are sealed with; without it they are kept
plain.

A sealed artefact begins with what it was: a mark, the SHA-256 of the plain content, the key's name. All of that is
authenticated with the content.
"""

import binascii
import hashlib
import os
import re
from base64 import b64decode
from collections.abc import Mapping

from datapunk.errors import InvalidArgument, NotReady, UnsupportedFile

MARK = b"\0DPAE1"
_NONCE, _KEY, _SHA = 12, 32, 32
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
# What SQL reads: figures and pictures of a version, and what Gaia routes by.
_PLAIN = re.compile(r"plots\.json|plot_.*\.svg|router\.json")


def sealed(name: str, content: bytes, environment: Mapping[str, str] | None = None) -> bytes:
    """Return an artefact as it is to be kept: sealed where a key is named for that and SQL need not read it.

    Raises NotReady where the key is missing.
    """
    key_name = sealing_key(environment)
    if key_name is None or _PLAIN.fullmatch(name):
        return content
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    head = MARK + hashlib.sha256(content).digest() + bytes([len(key_name)]) + key_name.encode()
    nonce = os.urandom(_NONCE)
    return head + nonce + AESGCM(_key(key_name, environment)).encrypt(nonce, content, head)


def opened(content: bytes, environment: Mapping[str, str] | None = None) -> bytes:
    """Return the plain content of an artefact, which may be plain already.

    Raises NotReady where its key is missing, UnsupportedFile where it was changed or the key is another one.
    """
    key_name = key_of(content)
    if key_name is None:
        return content
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    end = len(MARK) + _SHA + 1 + len(key_name)
    nonce = content[end : end + _NONCE]
    try:
        plain = AESGCM(_key(key_name, environment)).decrypt(nonce, content[end + _NONCE :], content[:end])
    except (InvalidTag, ValueError) as exc:
        raise UnsupportedFile(
            f"the artefact was changed, or {key_name!r} is not the key that it was sealed with",
            hint="Compare the key with that of the worker that trained the version.",
        ) from exc
    return plain


def key_of(content: bytes) -> str | None:
    """Return the name of the key that an artefact is sealed with; None for a plain one."""
    if not content.startswith(MARK):
        return None
    place = len(MARK) + _SHA
    return content[place + 1 : place + 1 + content[place]].decode("ascii", "replace")


def sealing_key(environment: Mapping[str, str] | None = None) -> str | None:
    """Return the name of the key that new artefacts are sealed with; None where they are kept plain."""
    name = (os.environ if environment is None else environment).get("DATAPUNK_SEAL_WITH", "")
    if name and not _NAME.fullmatch(name):
        raise InvalidArgument(
            f"DATAPUNK_SEAL_WITH is {name!r}",
            hint="Name a key with up to 40 lower-case letters, digits and underscores.",
        )
    return name or None


def _key(name: str, environment: Mapping[str, str] | None) -> bytes:
    known = os.environ if environment is None else environment
    text = known.get(f"DATAPUNK_KEY_{name.upper()}")
    folder = known.get("DATAPUNK_KEYS")
    if text is None and folder and _NAME.fullmatch(name):
        try:
            with open(os.path.join(folder, f"{name}.key"), encoding="ascii") as file:
                text = file.read()
        except OSError:
            # Named below, with what to do.
            text = None
    if text is None:
        raise NotReady(
            f"the key {name!r} of an encrypted artefact is missing in this process",
            hint=f"Give workers and model host DATAPUNK_KEY_{name.upper()}, or the file {name}.key in DATAPUNK_KEYS.",
        )
    try:
        key = b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY:
        raise NotReady(f"the key {name!r} is not 32 bytes in base64", hint="Make one: openssl rand -base64 32")
    return key
