"""Tar archives, packed by gzip or bzip2 or not, read in one pass."""

import tarfile
from collections.abc import Iterator
from typing import IO, BinaryIO, ClassVar, Self, cast

from datapunk.errors import UnsupportedFile
from datapunk.lake.bounds import check_name, check_total, refused
from datapunk.lake.compressed import is_packed, unpacked, unpacked_head
from datapunk.lake.members import DAMAGE, NO_FILE, TOO_DEEP, Member, Opening, is_archive
from datapunk.lake.record import DamagedData
from datapunk.lake.stream import Readable

_SKIPPED_BYTES = 1 << 20


def is_tar(magic: bytes) -> bool:
    """Tell a tar, packed or not, from its first 512 bytes; what is packed and no tar is a file by itself."""
    return unpacked_head(magic)[257:262] == b"ustar"


class Tar:
    """A tar, read in one pass.

    Where it is damaged, what comes before is read, and what comes behind up to where its packed data are damaged; a
    failed member without a name tells of it.
    """

    def __init__(self, stream: BinaryIO, name: str, size: int, opening: Opening) -> None:
        self._name, self._size, self._opening = name, size, opening
        self._blocks = _Blocks(stream, opening)

    def members(self) -> Iterator[Member]:
        """Yield its files in the archive's order. Raises UnsupportedFile where nothing can be read of it."""
        headers = _headers()
        number = unpacked_bytes = 0
        trouble = ""
        try:
            for number, (archive, info) in enumerate(self._infos(headers), 1):
                check_name(info.name)
                if info.islnk() or info.issym():
                    raise refused("a link", info.name, "Pack the files themselves, without links.")
                unpacked_bytes += max(info.size, 0)
                check_total(self._opening.limits, number, unpacked_bytes, self._size, info.name)
                if not info.isdir():
                    yield from self._member(archive, info)
        except DAMAGE as exc:
            trouble = str(exc)
        told = self._told(headers, trouble)
        if told and not number:
            raise UnsupportedFile(
                f"{self._name} is not a tar, or is damaged: {told}", hint="Download the archive again."
            )
        if told:
            yield Member(name="", size=self._size, stream=None, ignored=f"alarm: {told}", failed=True)

    def _infos(self, headers: type["_Header"]) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
        """Yield each member's header; what is none is passed over, up to the next one."""
        fileobj = cast(IO[bytes], self._blocks)
        with tarfile.TarFile(fileobj=fileobj, mode="r", tarinfo=headers, ignore_zeros=True) as archive:
            while True:
                try:
                    info = archive.next()
                except tarfile.ReadError:
                    # As for a long name that nothing follows.
                    if self._blocks.ended:
                        raise
                    headers.damaged += 1
                    archive.offset = -(-self._blocks.position // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
                    continue
                if info is None:
                    return
                yield archive, info

    def _member(self, archive: tarfile.TarFile, info: tarfile.TarInfo) -> Iterator[Member]:
        if not info.isfile():
            yield Member(name=info.name, size=0, stream=None, ignored=NO_FILE)
            return
        if is_archive(info.name) and self._opening.inner is None:
            yield Member(name=info.name, size=info.size, stream=None, ignored=TOO_DEEP)
            return
        # What stands in the archive as it is needs none of tarfile's buffers, which lose what comes before damage.
        file = archive.extractfile(info) if info.issparse() else self._blocks
        assert file is not None
        stream = _Data(file, info.size, self._blocks)
        if is_archive(info.name) and self._opening.inner is not None:
            yield from self._opening.inner(stream, info.name)
        else:
            yield Member(name=info.name, size=info.size, stream=stream)

    def _told(self, headers: type["_Header"], trouble: str) -> str:
        """Return what is wrong with the archive as a whole."""
        found = []
        if headers.damaged:
            found.append(f"what should be the header of a file is none, at {headers.damaged} places")
        if self._blocks.damage or trouble or not headers.ended:
            reason = self._blocks.damage or trouble or "its end is missing"
            found.append(f"it is incomplete: {reason}; {self._blocks.position} unpacked bytes could be read")
        return "; ".join(found)

    def sizes(self) -> None:
        """Return None: a tar is read in one pass."""


class _Header(tarfile.TarInfo):
    """A header. Its class notes at how many places there was none, and whether the mark of an end came last."""

    ended: ClassVar[bool] = False
    damaged: ClassVar[int] = 0
    _sound: ClassVar[bool] = True

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            found = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError:
            if buf:
                cls.ended = not any(buf)
                # Blocks one after another are one place.
                cls.damaged += cls._sound and not cls.ended
                cls._sound = cls.ended
            raise
        cls.ended, cls._sound = False, True
        return found


def _headers() -> type[_Header]:
    """Return a class of headers for one archive."""
    return type("_HeaderOfOne", (_Header,), {})


class _Blocks:
    """The archive's bytes, unpacked, to be read forwards; where they are damaged they end, and `damage` tells why."""

    def __init__(self, stream: BinaryIO, opening: Opening) -> None:
        head = stream.read(tarfile.BLOCKSIZE)
        stream.seek(0)
        self._source: Readable = unpacked(stream) if is_packed(head) else stream
        self._opening = opening
        self.position = 0
        self.ended = False
        self.damage = ""

    def tell(self) -> int:
        return self.position

    def seek(self, position: int) -> int:
        """Pass over what is before `position`."""
        while self.position < position and self.read(min(position - self.position, _SKIPPED_BYTES)):
            self._opening.step()
        return self.position

    def read(self, size: int, /) -> bytes:
        """Return `size` bytes, less at the end."""
        found = []
        try:
            while size > 0 and (more := self._source.read(size)):
                found.append(more)
                size -= len(more)
        except DamagedData as exc:
            self.damage = str(exc)
        self.ended = self.ended or size > 0
        data = b"".join(found)
        self.position += len(data)
        return data


class _Data:
    """The bytes of a member."""

    def __init__(self, stream: Readable, size: int, blocks: _Blocks) -> None:
        self._stream, self._left, self._blocks = stream, size, blocks

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes."""
        if not self._left or not size:
            return b""
        try:
            found = self._stream.read(min(size, self._left))
        except DAMAGE as exc:
            raise DamagedData(self._blocks.damage or str(exc)) from exc
        if not found:
            raise DamagedData(self._blocks.damage or "it ends too early")
        self._left -= len(found)
        return found
