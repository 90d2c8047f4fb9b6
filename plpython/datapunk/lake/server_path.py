"""Which paths of the server an import may read."""

import os
import re
from pathlib import Path

from datapunk.errors import InvalidArgument, NotAllowed, NotFound

_HINT = (
    "An administrator allows a folder by `alter database NAME set datapunk.import_dirs = '/folder'`"
    " (several are parted by colon or comma); what a session or a role sets does not count."
)


def permitted(path: str, import_dirs: str) -> Path:
    """Return the real path of `path` when it lies below one of `import_dirs`, links resolved.

    Raises NotAllowed when it does not (whether or not it exists), NotFound when there is no such file.
    """
    if not path.startswith("/"):
        raise InvalidArgument(f"not an absolute path: {path!r}", hint="Give the whole path on the server.")
    if "\x00" in path:
        raise InvalidArgument("a path cannot hold a NUL character", hint="Give the whole path on the server.")
    roots = [Path(os.path.realpath(d.strip())) for d in re.split(r"[:,]", import_dirs) if d.strip().startswith("/")]
    real = Path(os.path.realpath(path))
    if not any(real == root or root in real.parents for root in roots):
        raise NotAllowed(f"{path!r} is not below the folders that may be imported", hint=_HINT)
    try:
        found = real.exists()
    except PermissionError:
        raise _unreadable(path) from None
    if not found:
        raise NotFound(f"no file or folder {path!r}", hint="The path is looked up on the database's server.")
    if not (real.is_file() or real.is_dir()):
        raise InvalidArgument(f"{path!r} is neither a file nor a folder", hint="Give an archive, a file or a folder.")
    if not os.access(real, os.R_OK):
        raise _unreadable(path)
    return real


def _unreadable(path: str) -> NotAllowed:
    return NotAllowed(
        f"the server's account cannot read {path!r}", hint="Make it and the folders above it readable for that account."
    )
