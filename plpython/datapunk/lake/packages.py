"""Documents that are zip packages of XML (Word, Excel, EPUB), read from memory within bounds."""

import zipfile
import zlib
from io import BytesIO
from typing import Any

from datapunk.lake.stream import MemberStream, whole

_UNPACKED_BYTES = 256 << 20
# What zipfile raises for a damaged, encrypted or unknown kind of part.
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


class Unreadable(ValueError):
    """What a document's file is or lacks, so that it cannot be read."""


class Package:
    """A package: `raw` is its file. Raises Unreadable for one that is damaged, encrypted or a bomb."""

    def __init__(self, stream: MemberStream) -> None:
        self.raw = whole(stream)
        try:
            self._zip = zipfile.ZipFile(BytesIO(self.raw))
        except DAMAGE as exc:
            raise Unreadable(f"a damaged package: {exc}") from exc
        if sum(info.file_size for info in self._zip.infolist()) > _UNPACKED_BYTES:
            raise Unreadable(f"a package that unpacks to more than {_UNPACKED_BYTES >> 20} MiB")
        self.names = frozenset(self._zip.namelist())

    def read(self, name: str) -> bytes:
        """Return a part's bytes. Raises Unreadable."""
        try:
            return self._zip.read(name)
        except KeyError as exc:
            raise Unreadable(f"a package without its part {name}") from exc
        except DAMAGE as exc:
            raise Unreadable(f"a damaged or encrypted part {name}: {exc}") from exc

    def xml(self, name: str) -> Any:
        """Return the root element (of lxml) of a part. Raises Unreadable."""
        from lxml import etree

        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            return etree.fromstring(self.read(name), parser)
        except etree.XMLSyntaxError as exc:
            raise Unreadable(f"broken XML in the part {name}: {exc.msg}") from exc
