"""Documents that are zip packages of XML (Word, Excel, EPUB), read from memory within bounds."""

import zipfile
from io import BytesIO
from typing import Any

from datapunk.errors import LimitExceeded
from datapunk.lake.bounds import check_total
from datapunk.lake.members import DAMAGE
from datapunk.lake.record import Context
from datapunk.lake.stream import MemberStream, whole

_UNPACKED_BYTES = 256 << 20


class Unreadable(ValueError):
    """What a document's file is or lacks, so that it cannot be read."""


class UnsafeDocument(LimitExceeded):
    """DP011: a document that is a bomb. It is one record, so within an archive it does not refuse the others."""


class Package:
    """A package: `raw` is its file.

    Raises Unreadable for one that is damaged or encrypted, UnsafeDocument for one that unpacks to absurdly much.
    """

    def __init__(self, stream: MemberStream, context: Context) -> None:
        self.raw = whole(stream)
        try:
            self._zip = zipfile.ZipFile(BytesIO(self.raw))
        except DAMAGE as exc:
            raise Unreadable(f"a damaged package: {exc}") from exc
        self._check(context)
        self.names = frozenset(self._zip.namelist())

    def _check(self, context: Context) -> None:
        unpacked = 0
        for number, info in enumerate(self._zip.infolist(), 1):
            part = f"{context.member}/{info.filename}"
            unpacked += info.file_size
            if unpacked > _UNPACKED_BYTES:
                raise UnsafeDocument(
                    f"the document unpacks to more than {_UNPACKED_BYTES >> 20} MiB, reached at {part!r}",
                    hint="Save it in parts.",
                )
            try:
                check_total(context.limits, number, info.file_size, info.compress_size, part)
                check_total(context.limits, number, unpacked, len(self.raw), part)
            except LimitExceeded as exc:
                raise UnsafeDocument(exc.message, hint=exc.hint) from exc

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
