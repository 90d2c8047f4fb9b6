"""Archives, folders and single files as members, one after another.

Nothing is unpacked to disk but an archive inside an archive, to a file without a name; one level deep. Unsafe archives
are refused whole: absolute or climbing paths, links, encryption, absurd sizes.
"""

import os
import re
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from posixpath import basename
from typing import BinaryIO, Protocol, cast

from datapunk.errors import LimitExceeded, UnsupportedFile
from datapunk.lake.request import Limits
from datapunk.lake.stream import Readable
from datapunk.lake.takeout import is_index

# Below this size a high ratio is harmless: a small file of spaces is no attack.
_RATIO_FROM_BYTES = 16 << 20
_COPIED_BYTES = 1 << 20
_ARCHIVE_SUFFIXES = (".zip", ".tgz", ".tar.gz", ".tar")
# Files that say who people and channels are; messages need them, so they are read first.
_DIRECTORIES = frozenset(
    {
        "users.json", "channels.json", "groups.json", "dms.json", "mpims.json", "group_info.json", "user_info.json",
        "index.json", "channel.json",
    }
)  # fmt: skip
# What marks a zip as one document: Word, Excel, EPUB and their like.
_DOCUMENT_MARKS = frozenset({"[Content_Types].xml", "mimetype"})
# C:\\ and C:/ begin at a root; other names may have a colon.
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_PART = re.compile(r"(?P<set>takeout-\d{8}T\d{6}Z(?:-\d+)?)-(?P<number>\d{3})(?P<suffix>\.zip|\.tgz|\.tar\.gz)")
_NO_FILE = "a link or device: not followed"
_TOO_DEEP = "an archive inside an archive inside an archive: import it by itself"
DAMAGE = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError)


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

    def sizes(self) -> list[tuple[str, int]] | None:
        """Return name and size of each member; None where that is not known before reading."""
        ...


def open_stream(stream: BinaryIO, name: str, size: int, limits: Limits, *, depth: int = 0) -> Container:
    """Open a file called `name` of `size` bytes: an archive as its members, another file as the only one.

    `depth` counts the archives around it. Raises UnsupportedFile for an empty file or a damaged archive, LimitExceeded
    for an unsafe one.
    """
    magic = stream.read(512)
    stream.seek(0)
    if not size:
        raise UnsupportedFile(f"{name} is empty", hint="Upload the whole file.")
    lower = name.casefold()
    if magic[:4] in (b"PK\x03\x04", b"PK\x05\x06") or lower.endswith(".zip"):
        archive = Zip(stream, name, size, limits, depth)
        if not archive.is_document:
            return archive
        stream.seek(0)
    elif _is_tar(magic) or lower.endswith((".tgz", ".tar.gz", ".tar")):
        return Tar(stream, name, size, limits, depth)
    return SingleFile(stream, name, size)


def _is_tar(magic: bytes) -> bool:
    """Tell a tar, packed by gzip or not, from the first 512 bytes; a gzip of anything else is a file by itself."""
    if magic[:2] == b"\x1f\x8b":
        try:
            magic = zlib.decompressobj(wbits=31).decompress(magic, 512)
        except zlib.error:
            return True
        if len(magic) < 262:
            return False
    return magic[257:262] == b"ustar"


def is_directory(name: str) -> bool:
    """Tell whether a member says who people and channels are, so that others need it."""
    return basename(name) in _DIRECTORIES


def _directories_first(names: Iterable[str]) -> list[int]:
    """Return the positions of `names` in the order of reading: an index of the archive before all."""
    return [
        at for *_, at in sorted((not is_index(name), not is_directory(name), at) for at, name in enumerate(names))
    ]  # fmt: skip


def _opened(inner: Readable, name: str, limits: Limits, depth: int) -> Iterator[Member]:
    """Yield what an archive inside an archive holds, or that it is damaged."""
    with tempfile.TemporaryFile() as copy:
        size = 0
        try:
            while chunk := inner.read(_COPIED_BYTES):
                size += len(chunk)
                check_total(limits, 0, size, size, name)
                copy.write(chunk)
            copy.seek(0)
            for member in open_stream(cast(BinaryIO, copy), basename(name), size, limits, depth=depth + 1).members():
                yield replace(member, name=f"{name}/{member.name}")
        except (*DAMAGE, OSError, UnsupportedFile) as exc:
            yield Member(name=name, size=size, stream=None, ignored=f"cannot be unpacked: {exc}")


def _check_name(name: str) -> None:
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or _DRIVE.match(name) or "\x00" in name:
        raise LimitExceeded(
            f"the archive has a member with an unsafe path: {name!r}",
            hint="Paths must stay below the archive's root; make the archive again.",
        )


def check_total(limits: Limits, members: int, unpacked: int, packed: int, name: str) -> None:
    """Check what came out of an archive or packed member so far. Raises LimitExceeded with the member's name."""
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

    def sizes(self) -> list[tuple[str, int]]:
        """Return its name and size."""
        return [(self._member.name, self._member.size)]


class Zip:
    """A zip, zip64 included; members are streamed."""

    def __init__(self, stream: BinaryIO, name: str, size: int, limits: Limits, depth: int = 0) -> None:
        self._limits, self._depth = limits, depth
        try:
            self._zip = zipfile.ZipFile(stream)
        except (*DAMAGE, ValueError, NotImplementedError) as exc:
            raise UnsupportedFile(
                f"{name} is not a zip, or is damaged: {exc}", hint="Download the archive again."
            ) from exc
        self.is_document = not _DOCUMENT_MARKS.isdisjoint(self._zip.namelist())
        unpacked = 0
        for number, info in enumerate(self._zip.infolist(), 1):
            _check_name(info.filename)
            unpacked += info.file_size
            if info.flag_bits & 0x1:
                raise _refuse("an encrypted member", info.filename, "Unpack it with its password and pack it again.")
            if stat.S_ISLNK(info.external_attr >> 16):
                raise _refuse("a link", info.filename, "Pack the files themselves, without links.")
            check_total(limits, number, info.file_size, info.compress_size, info.filename)
            check_total(limits, number, unpacked, size, info.filename)

    def members(self) -> Iterator[Member]:
        """Yield its files in the archive's order, directories of people and channels first."""
        infos = self._zip.infolist()
        for at in _directories_first(self._zip.namelist()):
            info = infos[at]
            if info.is_dir():
                continue
            if _is_archive(info.filename) and self._depth:
                yield Member(name=info.filename, size=info.file_size, stream=None, ignored=_TOO_DEEP)
                continue
            try:
                stream = self._zip.open(info)
            except (*DAMAGE, NotImplementedError, RuntimeError) as exc:
                yield Member(name=info.filename, size=info.file_size, stream=None, ignored=f"cannot be unpacked: {exc}")
                continue
            with closing(stream):
                if _is_archive(info.filename):
                    yield from _opened(stream, info.filename, self._limits, self._depth)
                else:
                    yield Member(name=info.filename, size=info.file_size, stream=stream)

    def sizes(self) -> list[tuple[str, int]]:
        """Return name and size of each member, as its directory tells."""
        return [(info.filename, info.file_size) for info in self._zip.infolist()]


class Tar:
    """A tar, packed by gzip or not, read in one pass."""

    def __init__(self, stream: BinaryIO, name: str, size: int, limits: Limits, depth: int = 0) -> None:
        self._stream, self._name, self._size, self._limits, self._depth = stream, name, size, limits, depth

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
                    check_total(self._limits, number, unpacked, self._size, info.name)
                    if info.isdir():
                        continue
                    if not info.isfile():
                        yield Member(name=info.name, size=0, stream=None, ignored=_NO_FILE)
                    elif _is_archive(info.name) and self._depth:
                        yield Member(name=info.name, size=info.size, stream=None, ignored=_TOO_DEEP)
                    elif (inner := archive.extractfile(info)) is not None:
                        stream = _TarStream(inner, self._name)
                        if _is_archive(info.name):
                            yield from _opened(stream, info.name, self._limits, self._depth)
                        else:
                            yield Member(name=info.name, size=info.size, stream=stream)
        except (*DAMAGE, OSError) as exc:
            raise _damaged_tar(self._name, exc) from exc

    def sizes(self) -> None:
        """Return None: a tar is read in one pass."""


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
        """Yield its files in order of their paths, directories of people and channels first.

        Of a set of archives the parts that are missing are told. What cannot be read, or is gone meanwhile, is told
        too, and the rest is read. Raises OSError where the folder itself cannot be.
        """
        found: list[tuple[Path, OSError | None]] = []
        for number, one in enumerate(self._found(), 1):
            check_total(self._limits, number, 0, 1, self._name(one[0]))
            found.append(one)
        parts: dict[tuple[Path, str, str], set[int]] = defaultdict(set)
        for path, trouble in sorted(found, key=lambda each: each[0].name not in _DIRECTORIES):
            if part := _PART.fullmatch(path.name):
                parts[path.parent, part["set"], part["suffix"]].add(int(part["number"]))
            yield from self._file(path, trouble)
        for (folder, name, suffix), numbers in parts.items():
            for number in sorted(set(range(1, max(numbers))) - numbers):
                missing = self._name(folder / f"{name}-{number:03}{suffix}")
                yield Member(name=missing, size=0, stream=None, ignored="alarm: this part of the set is missing")

    def sizes(self) -> None:
        """Return None: what the archives in it hold is not known."""

    def _name(self, path: Path) -> str:
        return path.relative_to(self._path).as_posix()

    def _found(self) -> Iterator[tuple[Path, OSError | None]]:
        """Yield the files, links and folders that cannot be read, these with the reason."""
        unreadable: list[OSError] = []
        os.scandir(self._path).close()
        for folder, folders, files in os.walk(self._path, onerror=unreadable.append):
            yield from ((Path(error.filename), error) for error in unreadable)
            unreadable.clear()
            folders.sort()
            links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
            yield from ((Path(folder, name), None) for name in sorted([*files, *links]))
        yield from ((Path(error.filename), error) for error in unreadable)

    def _file(self, path: Path, trouble: OSError | None) -> Iterator[Member]:
        name = self._name(path)
        size = 0
        try:
            if trouble is not None:
                raise trouble
            status = path.lstat()
            size = status.st_size
            if not stat.S_ISREG(status.st_mode):
                yield Member(name=name, size=size, stream=None, ignored=_NO_FILE)
                return
            # What was a file a moment ago is not followed either.
            opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as exc:
            yield Member(name=name, size=size, stream=None, ignored=f"alarm: it cannot be read: {exc.strerror}")
            return
        with open(opened, "rb") as stream:
            if _is_archive(path.name):
                try:
                    for member in open_stream(stream, path.name, size, self._limits).members():
                        yield replace(member, name=f"{name}/{member.name}")
                except UnsupportedFile as exc:
                    # One damaged part of a set must not keep the others from being read.
                    yield Member(name=name, size=size, stream=None, ignored=f"alarm: {exc.message}")
            else:
                yield Member(name=name, size=size, stream=stream)
