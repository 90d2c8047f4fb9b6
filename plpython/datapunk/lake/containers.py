"""Archives, folders and single files as members, one after another.

Nothing is unpacked to disk but an archive inside an archive, to a file without a name; one level deep. Unsafe archives
are refused whole: absolute or climbing paths, links, encryption, absurd sizes. Of damaged ones what is left is read,
and the damage told.
"""

import os
import re
import stat
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from posixpath import basename
from typing import BinaryIO, cast

from datapunk.errors import UnsupportedFile
from datapunk.lake.bounds import check_total
from datapunk.lake.members import DAMAGE, NO_FILE, Container, Member, Opening, is_archive, is_directory
from datapunk.lake.record import DamagedData
from datapunk.lake.request import Limits
from datapunk.lake.stream import Readable
from datapunk.lake.tars import Tar, is_tar
from datapunk.lake.zips import Zip

MISSING_PART = "alarm: this part of the set is missing"
_COPIED_BYTES = 1 << 20
_PART = re.compile(r"(?P<set>takeout-\d{8}T\d{6}Z(?:-\d+)?)-(?P<number>\d{3})(?P<suffix>\.zip|\.tgz|\.tar\.gz)")


def _no_step() -> None: ...


def missing_parts(names: Iterable[str]) -> list[str]:
    """Return the names of archives that are missing from sets of numbered parts, up to the last that is there."""
    sets: dict[tuple[str, str], set[int]] = defaultdict(set)
    for name in names:
        if part := _PART.fullmatch(name):
            sets[part["set"], part["suffix"]].add(int(part["number"]))
    return [
        f"{name}-{number:03}{suffix}"
        for (name, suffix), numbers in sets.items()
        for number in sorted(set(range(1, max(numbers))) - numbers)
    ]


def open_stream(
    stream: BinaryIO, name: str, size: int, limits: Limits, *, step: Callable[[], object] = _no_step
) -> Container:
    """Open a file called `name` of `size` bytes: an archive as its members, another file as the only one.

    `step` is told that reading goes on while no member comes. Raises UnsupportedFile for an empty file or an archive of
    which nothing is left, LimitExceeded for an unsafe one.
    """

    def inner(archive: Readable, member: str) -> Iterator[Member]:
        return _inside(archive, member, Opening(limits=limits, inner=None, step=step))

    return _open(stream, name, size, Opening(limits=limits, inner=inner, step=step))


def _open(stream: BinaryIO, name: str, size: int, opening: Opening) -> Container:
    magic = stream.read(512)
    stream.seek(0)
    if not size:
        raise UnsupportedFile(f"{name} is empty", hint="Upload the whole file.")
    if magic[:4] in (b"PK\x03\x04", b"PK\x05\x06") or name.casefold().endswith(".zip"):
        archive = Zip(stream, name, size, opening)
        if not archive.is_document:
            return archive
        stream.seek(0)
    elif is_tar(magic) or is_archive(name):
        return Tar(stream, name, size, opening)
    return SingleFile(stream, name, size)


def _inside(archive: Readable, name: str, opening: Opening) -> Iterator[Member]:
    """Yield what an archive inside an archive holds, and whether it is damaged."""
    with tempfile.TemporaryFile() as copy:
        size = 0
        damage = ""
        try:
            while chunk := archive.read(_COPIED_BYTES):
                opening.step()
                size += len(chunk)
                check_total(opening.limits, 0, size, size, name)
                copy.write(chunk)
        except DamagedData as exc:
            damage = f"alarm: damaged: {exc}"
        copy.seek(0)
        try:
            for member in _open(cast(BinaryIO, copy), basename(name), size, opening).members():
                yield member.within(name)
        except (*DAMAGE, UnsupportedFile) as exc:
            damage = damage or f"alarm: cannot be unpacked: {exc}"
        if damage:
            yield Member(name=name, size=size, stream=None, ignored=damage, failed=True)


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


class Folder:
    """A folder on disk: its files, and what the archives directly in it hold; links are not followed."""

    def __init__(self, path: Path, limits: Limits, *, step: Callable[[], object] = _no_step) -> None:
        self._path, self._limits, self._step = path, limits, step

    def members(self) -> Iterator[Member]:
        """Yield its files in order of their paths, directories of people and channels first.

        Of a set of archives the parts that are missing are told. What cannot be read, or is gone meanwhile, is told
        too, and the rest is read. Raises OSError where the folder itself cannot be.
        """
        found: list[tuple[Path, OSError | None]] = []
        for number, one in enumerate(self._found(), 1):
            check_total(self._limits, number, 0, 1, self._name(one[0]))
            found.append(one)
        beside: dict[Path, list[str]] = defaultdict(list)
        for path, trouble in sorted(found, key=lambda each: not is_directory(each[0].name)):
            beside[path.parent].append(path.name)
            yield from self._file(path, trouble)
        for folder, names in beside.items():
            for name in missing_parts(names):
                yield Member(name=self._name(folder / name), size=0, stream=None, ignored=MISSING_PART)

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
                yield Member(name=name, size=size, stream=None, ignored=NO_FILE)
                return
            # What was a file a moment ago is not followed either.
            opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as exc:
            yield Member(name=name, size=size, stream=None, ignored=f"alarm: it cannot be read: {exc.strerror}")
            return
        with open(opened, "rb") as stream:
            if is_archive(path.name):
                try:
                    for member in open_stream(stream, path.name, size, self._limits, step=self._step).members():
                        yield member.within(name)
                except UnsupportedFile as exc:
                    # One damaged part of a set must not keep the others from being read.
                    yield Member(name=name, size=size, stream=None, ignored=f"alarm: {exc.message}", failed=True)
            else:
                yield Member(name=name, size=size, stream=stream)
