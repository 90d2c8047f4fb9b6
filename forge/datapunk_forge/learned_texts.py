"""Which texts a version has learned from, so that the next one is compared with it on those that neither knows."""

import hashlib
from collections.abc import Iterable

#: The artefact of a version that keeps them.
LEARNED = "learned.digests"
_BYTES = 8


def digest(text: str) -> bytes:
    """What a text is known by."""
    return hashlib.sha256(text.encode()).digest()[:_BYTES]


def packed(digests: Iterable[bytes]) -> bytes:
    """Return digests one behind the other, sorted."""
    return b"".join(sorted(digests))


def unpacked(content: bytes) -> frozenset[bytes]:
    """Read what `packed` returned."""
    return frozenset(content[start : start + _BYTES] for start in range(0, len(content), _BYTES))
