"""Paths of a Takeout: folders of products below its root, and the export that an archive is a part of."""

import re
from datetime import UTC, datetime

from datapunk.lake.names import folded

_ROOT = "Takeout"
# takeout-20240516T230250Z-003.zip, and since 2025 takeout-20250921T101500Z-3-009.zip; unpacked, without the suffix.
_ARCHIVE = re.compile(r"(?:^|/)takeout-(\d{8}T\d{6})Z[^/]*(?=/)", re.IGNORECASE)
_STAMP = re.compile(r"(?<!\d)(\d{8}T\d{6})Z")


def exported_at(filename: str) -> datetime | None:
    """Return when an archive was made, where its name says so, as takeout-20260105T091500Z-001.zip does."""
    match = _STAMP.search(filename)
    return _instant(match[1]) if match else None


def archive_time(member: str) -> datetime | None:
    """Return when the archive was made that a path leads through, where it is one of several in a folder."""
    match = _ARCHIVE.search(member)
    return _instant(match[1]) if match else None


def product_path(member: str) -> list[str]:
    """Return the parts of a path below the root of a Takeout, the product's folder first; empty elsewhere."""
    parts = member.split("/")
    return parts[parts.index(_ROOT) + 1 :] if _ROOT in parts[:-1] else []


def is_index(member: str) -> bool:
    """Tell whether a member may be the index of a Takeout: a page at its root, whose name is localised."""
    parts = product_path(member)
    return len(parts) == 1 and folded(parts[0]).endswith(".html")


def _instant(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
