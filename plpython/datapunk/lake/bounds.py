"""What an archive, or what is packed, may hold, and what its members may be called."""

import re

from datapunk.errors import LimitExceeded
from datapunk.lake.request import Limits

# Below this size a high ratio is harmless: a small file of spaces is no attack.
_RATIO_FROM_BYTES = 16 << 20
# C:\\ and C:/ begin at a root; other names may have a colon.
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


def check_name(name: str) -> None:
    """Check the path of a member. Raises LimitExceeded for one that leads out of the archive."""
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


def refused(what: str, name: str, hint: str) -> LimitExceeded:
    """Return the error of a member that no archive may have."""
    return LimitExceeded(f"the archive has {what}: {name!r}", hint=hint)
