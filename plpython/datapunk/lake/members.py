"""What archives and folders are made of, whatever their form."""

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from posixpath import basename
from typing import Protocol

from datapunk.lake.request import Limits
from datapunk.lake.stream import Readable
from datapunk.lake.takeout import is_index

NO_FILE = "a link or device: not followed"
TOO_DEEP = "an archive inside an archive inside an archive: import it by itself"
# What zipfile and tarfile raise for what is damaged, encrypted, or packed in a way that they do not know.
DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError,
)  # fmt: skip
_ARCHIVE_SUFFIXES = (".zip", ".tgz", ".tar.gz", ".tar", ".tbz2", ".tar.bz2")
# Files that say who people and channels are; messages need them, so they are read first.
_DIRECTORIES = frozenset(
    {
        "users.json", "channels.json", "groups.json", "dms.json", "mpims.json", "group_info.json", "user_info.json",
        "index.json", "channel.json",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A file inside a container. `stream` is None where `ignored` says why it is not read.

    `failed` tells that this is damage. Without a name it is of the container itself.
    """

    name: str
    size: int
    stream: Readable | None
    ignored: str = ""
    failed: bool = False

    def within(self, archive: str) -> "Member":
        """Return it as a member of what holds the archive that it is a member of."""
        return replace(self, name=f"{archive}/{self.name}" if self.name else archive)


class Container(Protocol):
    """Something that holds members."""

    def members(self) -> Iterator[Member]:
        """Yield each member; its stream is good until the next one is asked for."""
        ...

    def sizes(self) -> list[tuple[str, int]] | None:
        """Return name and size of each member; None where that is not known before reading."""
        ...


@dataclass(frozen=True, kw_only=True)
class Opening:
    """How a container is opened: its limits, what opens an archive inside it (None: it is inside one itself), and what
    is told, several times a second, that reading goes on while no member comes."""

    limits: Limits
    inner: Callable[[Readable, str], Iterator[Member]] | None
    step: Callable[[], object] = field(default=lambda: None)


def is_archive(name: str) -> bool:
    """Tell whether a member is called like an archive."""
    return name.casefold().endswith(_ARCHIVE_SUFFIXES)


def is_directory(name: str) -> bool:
    """Tell whether a member says who people and channels are, so that others need it."""
    return basename(name) in _DIRECTORIES


def directories_first(names: Iterable[str]) -> list[int]:
    """Return the positions of `names` in the order of reading: an index of the archive before all."""
    return [
        at for *_, at in sorted((not is_index(name), not is_directory(name), at) for at, name in enumerate(names))
    ]  # fmt: skip
