"""Archives, folders and single files as members, one after another; nothing is unpacked to disk.

Unsafe archives are refused whole: absolute or climbing paths, links, encryption, absurd sizes.
"""

import io
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from datapunk.errors import LimitExceeded, UnsupportedFile
from datapunk.lake.stream import Readable

# Below this size a high ratio is harmless: a small file of spaces is no attack.
_RATIO_FROM_BYTES = 16 << 20
_ARCHIVE_SUFFIXES = (".zip", ".tgz", ".tar.gz", ".tar")
DAMAGE = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What an archive may hold: unpacked bytes, members, and unpacked bytes per packed one."""

    max_bytes: int = 1 << 40
    max_members: int = 1_000_000
    max_ratio: int = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A file inside a container. `stream` is None where `ignored` says why it is not read."""

    name: str
    size: int
    stream: Readable | None
    ignored: str = ""


class Container(Protocol):
    """Something that holds members."""

    def members(self) -> Iterator[Member]:
        """Yield each member; its stream is good until the next one is asked for."""
        ...


def open_bytes(content: bytes, filename: str, limits: Limits) -> Container:
    """Open what was uploaded under the name `filename`."""
    return _open_stream(io.BytesIO(content), filename, len(content), limits)


def open_path(path: Path, limits: Limits) -> Container:
    """Open a file or folder of this machine."""
    if path.is_dir():
        return Folder(path, limits)
    return FileContainer(path, limits)


def _open_stream(stream: BinaryIO, name: str, size: int, limits: Limits) -> Container:
    magic = stream.read(512)
    stream.seek(0)
    if not size:
        raise UnsupportedFile(f"{name} is empty", hint="Upload the whole file.")
    lower = name.casefold()
    if magic[:4] in (b"PK\x03\x04", b"PK\x05\x06") or lower.endswith(".zip"):
        return Zip(stream, name, size, limits)
    if magic[:2] == b"\x1f\x8b" or magic[257:262] == b"ustar" or lower.endswith((".tgz", ".tar.gz", ".tar")):
        return Tar(stream, name, size, limits)
    return SingleFile(stream, name, size)


def _check_name(name: str) -> None:
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or (len(name) > 1 and name[1] == ":") or "\x00" in name:
        raise LimitExceeded(
            f"the archive has a member with an unsafe path: {name!r}",
            hint="Paths must stay below the archive's root; make the archive again.",
        )


def _check_total(limits: Limits, members: int, unpacked: int, packed: int, name: str) -> None:
    if members > limits.max_members:
        raise LimitExceeded(
            f"the archive has more than {limits.max_members} members, the first too many is {name!r}",
            hint="Import it in parts, or raise the setting datapunk.import_max_members.",
        )
    if unpacked > limits.max_bytes:
        raise LimitExceeded(
            f"the archive unpacks to more than {limits.max_bytes} bytes, reached at {name!r}",
            hint="Import it in parts, or raise the setting datapunk.import_max_bytes.",
        )
    if unpacked > _RATIO_FROM_BYTES and unpacked > limits.max_ratio * max(packed, 1):
        raise LimitExceeded(
            f"member {name!r} unpacks to more than {limits.max_ratio} times its packed size",
            hint="Such archives attack their reader; if it is yours, raise the setting datapunk.import_max_ratio.",
        )


def _refuse(what: str, name: str, hint: str) -> LimitExceeded:
    return LimitExceeded(f"the archive has {what}: {name!r}", hint=hint)


def _is_archive(name: str) -> bool:
    return name.casefold().endswith(_ARCHIVE_SUFFIXES)


class SingleFile:
    """One file that is no archive."""

    def __init__(self, stream: BinaryIO, name: str, size: int) -> None:
        self._member = Member(name=name, size=size, stream=stream)

    def members(self) -> Iterator[Member]:
        """Yield the file itself."""
        yield self._member


class FileContainer:
    """A file on disk, opened while its members are read."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self._limits = limits

    def members(self) -> Iterator[Member]:
        """Yield what the file holds."""
        with self._path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            yield from _open_stream(stream, self._path.name, size, self._limits).members()


class Zip:
    """A zip, zip64 included; members are streamed."""

    def __init__(self, stream: BinaryIO, name: str, size: int, limits: Limits) -> None:
        try:
            self._zip = zipfile.ZipFile(stream)
        except (*DAMAGE, ValueError, NotImplementedError) as exc:
            raise UnsupportedFile(
                f"{name} is not a zip, or is damaged: {exc}", hint="Download the archive again."
            ) from exc
        unpacked = 0
        for number, info in enumerate(self._zip.infolist(), 1):
            _check_name(info.filename)
            unpacked += info.file_size
            if info.flag_bits & 0x1:
                raise _refuse("an encrypted member", info.filename, "Unpack it with its password and pack it again.")
            if stat.S_ISLNK(info.external_attr >> 16):
                raise _refuse("a link", info.filename, "Pack the files themselves, without links.")
            _check_total(limits, number, info.file_size, info.compress_size, info.filename)
            _check_total(limits, number, unpacked, size, info.filename)

    def members(self) -> Iterator[Member]:
        """Yield its files in the archive's order."""
        for info in self._zip.infolist():
            if info.is_dir():
                continue
            if _is_archive(info.filename):
                yield Member(
                    name=info.filename,
                    size=info.file_size,
                    stream=None,
                    ignored="an archive inside an archive: import it by itself",
                )
                continue
            try:
                stream = self._zip.open(info)
            except (*DAMAGE, NotImplementedError, RuntimeError) as exc:
                yield Member(name=info.filename, size=info.file_size, stream=None, ignored=f"cannot be unpacked: {exc}")
                continue
            with closing(stream):
                yield Member(name=info.filename, size=info.file_size, stream=stream)


class Tar:
    """A tar, packed by gzip or not, read in one pass."""

    def __init__(self, stream: BinaryIO, name: str, size: int, limits: Limits) -> None:
        self._stream, self._name, self._size, self._limits = stream, name, size, limits

    def members(self) -> Iterator[Member]:
        """Yield its files in the archive's order. Raises UnsupportedFile where it is damaged."""
        unpacked = 0
        try:
            with tarfile.open(fileobj=self._stream, mode="r|*") as archive:
                for number, info in enumerate(archive, 1):
                    _check_name(info.name)
                    if info.islnk() or info.issym():
                        raise _refuse("a link", info.name, "Pack the files themselves, without links.")
                    unpacked += max(info.size, 0)
                    _check_total(self._limits, number, unpacked, self._size, info.name)
                    if not info.isfile():
                        continue
                    inner = None if _is_archive(info.name) else archive.extractfile(info)
                    stream = _TarStream(inner, self._name) if inner else None
                    ignored = "" if stream else "an archive inside an archive: import it by itself"
                    yield Member(name=info.name, size=info.size, stream=stream, ignored=ignored)
        except (*DAMAGE, OSError) as exc:
            raise _damaged_tar(self._name, exc) from exc


class _TarStream:
    """A member of a tar, whose damage is the whole archive's: what follows cannot be found."""

    def __init__(self, stream: Readable, archive: str) -> None:
        self._stream, self._archive = stream, archive

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes."""
        try:
            return self._stream.read(size)
        except (*DAMAGE, OSError) as exc:
            raise _damaged_tar(self._archive, exc) from exc


def _damaged_tar(name: str, exc: Exception) -> UnsupportedFile:
    return UnsupportedFile(f"{name} is not a tar, or is damaged: {exc}", hint="Download the archive again.")


class Folder:
    """A folder on disk: its files, and what the archives directly in it hold; links are not followed."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self._limits = limits

    def members(self) -> Iterator[Member]:
        """Yield its files in order of their paths."""
        number = 0
        for folder, folders, files in os.walk(self._path):
            folders.sort()
            for name in sorted(files):
                number += 1
                path = Path(folder, name)
                relative = path.relative_to(self._path).as_posix()
                size = path.lstat().st_size
                _check_total(self._limits, number, 0, 1, relative)
                if not stat.S_ISREG(path.lstat().st_mode):
                    yield Member(name=relative, size=size, stream=None, ignored="a link or device: not followed")
                elif _is_archive(name):
                    for member in FileContainer(path, self._limits).members():
                        yield Member(
                            name=f"{relative}/{member.name}",
                            size=member.size,
                            stream=member.stream,
                            ignored=member.ignored,
                        )
                else:
                    with path.open("rb") as stream:
                        yield Member(name=relative, size=size, stream=stream)
