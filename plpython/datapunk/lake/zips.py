"""Zip archives, zip64 included: members by the archive's directory, or by their own headers where that is damaged."""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from datapunk.errors import UnsupportedFile
from datapunk.lake.bounds import check_name, check_total, refused
from datapunk.lake.compressed import inflated
from datapunk.lake.members import DAMAGE, TOO_DEEP, Member, Opening, directories_first, is_archive
from datapunk.lake.record import DamagedData
from datapunk.lake.stream import Readable
from datapunk.lake.zip_headers import DEFLATED, STORED, Entry, PackedData, scan

# What marks a zip as one document: Word, Excel, EPUB and their like.
_DOCUMENT_MARKS = frozenset({"[Content_Types].xml", "mimetype"})
_ENCRYPTED = 1 << 0
# Patches, and encryption of another kind.
_UNKNOWN_FLAGS = 1 << 5 | 1 << 6
_END = b"PK\x05\x06"
_END_BYTES = 22 + (1 << 16)
_LARGE = 0xFFFF_FFFF
_HEADER_BYTES = 30


class Zip:
    """A zip; members are streamed.

    One without a directory (cut off, or damaged there) is searched for the headers that members have before their data,
    and a failed member without a name tells of it. Raises UnsupportedFile where none is found, LimitExceeded for
    an archive that is unsafe.
    """

    def __init__(self, stream: BinaryIO, name: str, size: int, opening: Opening) -> None:
        self._stream, self._size, self._opening = stream, size, opening
        self._trouble = ""
        self._zip: zipfile.ZipFile | None = None
        self._infos: list[zipfile.ZipInfo] = []
        self._entries: list[Entry] = []
        try:
            self._zip = zipfile.ZipFile(stream)
            _check_directory(stream, size, self._zip)
            self._infos = self._zip.infolist()
            self._names = self._zip.namelist()
            self._check_infos()
        except DAMAGE as exc:
            self._zip = None
            self._search(name, exc)
        #: Whether it is one document, and no archive.
        self.is_document = not _DOCUMENT_MARKS.isdisjoint(self._names)
        if self.is_document and self._zip is None:
            raise UnsupportedFile(f"{name} is damaged: {self._trouble}", hint="Get the document again.")

    def _check_infos(self) -> None:
        unpacked = 0
        for number, info in enumerate(self._infos, 1):
            self._check(info.filename, info.flag_bits)
            unpacked += info.file_size
            if stat.S_ISLNK(info.external_attr >> 16):
                raise refused("a link", info.filename, "Pack the files themselves, without links.")
            check_total(self._opening.limits, number, info.file_size, info.compress_size, info.filename)
            check_total(self._opening.limits, number, unpacked, self._size, info.filename)

    def _check(self, name: str, flags: int) -> None:
        check_name(name)
        if flags & _ENCRYPTED:
            raise refused("an encrypted member", name, "Unpack it with its password and pack it again.")

    def _search(self, name: str, trouble: Exception) -> None:
        found = scan(self._stream, self._size, self._opening)
        if not found.entries:
            raise UnsupportedFile(
                f"{name} is not a zip, or is damaged: {trouble}", hint="Download the archive again."
            ) from trouble
        for entry in found.entries:
            self._check(entry.name, entry.flags)
        self._entries = found.entries
        self._names = [entry.name for entry in found.entries]
        if found.complete:
            told = f"its directory is damaged ({trouble})"
        else:
            told = f"it is incomplete: it ends at byte {self._size}, before its directory"
        told += f"; files were found by their own headers: {len(found.entries)}"
        if found.gaps:
            told += f"; nothing can be made of other data at {found.gaps} places, first at byte {found.first_gap}"
        self._trouble = told

    def members(self) -> Iterator[Member]:
        """Yield its files in the archive's order, directories of people and channels first."""
        for at in directories_first(self._names):
            name = self._names[at]
            if name.endswith("/"):
                continue
            size = self._infos[at].file_size if self._zip else self._entries[at].size or self._entries[at].packed_size
            if is_archive(name) and self._opening.inner is None:
                yield Member(name=name, size=size, stream=None, ignored=TOO_DEEP)
                continue
            try:
                stream = self._open(at)
            except (*DAMAGE, DamagedData) as exc:
                yield Member(
                    name=name, size=size, stream=None, ignored=f"alarm: cannot be unpacked: {exc}", failed=True
                )  # fmt: skip
                continue
            if is_archive(name) and self._opening.inner is not None:
                yield from self._opening.inner(stream, name)
            else:
                yield Member(name=name, size=size, stream=stream)
        if self._trouble:
            yield Member(name="", size=self._size, stream=None, ignored=f"alarm: {self._trouble}", failed=True)

    def _open(self, at: int) -> Readable:
        if self._zip is None:
            entry = self._entries[at]
        else:
            info = self._infos[at]
            if info.compress_type not in (STORED, DEFLATED) or info.flag_bits & _UNKNOWN_FLAGS:
                return _Other(self._zip, info)
            entry = Entry(
                name=info.filename, flags=info.flag_bits, method=info.compress_type, start=self._start(info),
                packed_size=info.compress_size, size=info.file_size, crc=info.CRC,
            )  # fmt: skip
        return _Data(self._stream, entry)

    def _start(self, info: zipfile.ZipInfo) -> int:
        """Return where the data of a member begin."""
        self._stream.seek(info.header_offset)
        header = self._stream.read(_HEADER_BYTES)
        if len(header) < _HEADER_BYTES or not header.startswith(b"PK\x03\x04"):
            raise DamagedData(f"no member begins at byte {info.header_offset}")
        lengths = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        return info.header_offset + _HEADER_BYTES + lengths

    def sizes(self) -> list[tuple[str, int]]:
        """Return name and size of each member, as its directory tells, or else their headers."""
        if self._zip is not None:
            return [(info.filename, info.file_size) for info in self._infos]
        return [(entry.name, entry.size or entry.packed_size) for entry in self._entries]


def _check_directory(stream: BinaryIO, size: int, archive: zipfile.ZipFile) -> None:
    """Raise BadZipFile where the directory is that of an archive inside this one, whose own was cut off."""
    stream.seek(0)
    if stream.read(4) != b"PK\x03\x04":
        return
    stream.seek(max(0, size - _END_BYTES))
    tail = stream.read(_END_BYTES)
    end = tail[tail.rfind(_END) :]
    offset = int.from_bytes(end[16:20], "little")
    # Where it says that it begins is counted from the start of its own archive.
    if offset not in (_LARGE, archive.start_dir):
        raise zipfile.BadZipFile("its directory is cut off")


class _Data:
    """The unpacked bytes of a member, checked against what is told of them."""

    def __init__(self, stream: BinaryIO, entry: Entry) -> None:
        self._entry = entry
        data = PackedData(stream, entry.start, entry.packed_size)
        if entry.method == DEFLATED:
            self._source: Readable = inflated(data)
        elif entry.method == STORED:
            self._source = data
        else:
            raise DamagedData(f"packed by method {entry.method}")
        self._length = self._crc = 0

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes."""
        entry = self._entry
        left = size if entry.size is None else min(size, entry.size - self._length + 1)
        found = self._source.read(left)
        if not found:
            if entry.size is None or self._length < entry.size:
                raise DamagedData("it ends too early")
            if entry.crc is not None and self._crc != entry.crc:
                raise DamagedData("its check sum is wrong")
            return found
        if entry.size is not None and self._length + len(found) > entry.size:
            # As much as it should be may come before more.
            found = found[: entry.size - self._length]
            if not found:
                raise DamagedData("it is longer than it should be")
        self._length += len(found)
        self._crc = zlib.crc32(found, self._crc)
        return found


class _Other:
    """A member that is packed as few are; what is wrong with it loses up to 64 KiB before the place."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self._stream = archive.open(info)

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes."""
        try:
            return self._stream.read(size)
        except DAMAGE as exc:
            raise DamagedData(str(exc) or "it ends too early") from exc
