"""Messages of Outlook (.msg), written as the compound files that they are: sectors, their chain, a directory."""

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise

_SECTOR, _SMALL = 512, 4_096
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
Storage = dict[str, "bytes | Storage"]


def message(
    texts: Mapping[int, str], *, sent: datetime | None = None, attachments: Sequence[str] = (),
    recipients: Sequence[tuple[str, str]] = (),
) -> bytes:  # fmt: skip
    """A message with text properties by their number."""
    header = struct.pack("<8x4I8x", len(recipients), len(attachments), len(recipients), len(attachments))
    root = _properties(texts, header, sent)
    for number, name in enumerate(attachments):
        root[f"__attach_version1.0_#{number:08X}"] = _properties({0x3707: name}, bytes(8), None)
    for number, (name, address) in enumerate(recipients):
        root[f"__recip_version1.0_#{number:08X}"] = _properties({0x3001: name, 0x39FE: address}, bytes(8), None)
    return compound(root)


def _properties(texts: Mapping[int, str], header: bytes, sent: datetime | None) -> Storage:
    entries = b""
    storage: Storage = {}
    for number, text in texts.items():
        raw = text.encode("utf-16-le")
        storage[f"__substg1.0_{number:04X}001F"] = raw
        entries += struct.pack("<HHIII", 0x001F, number, 6, len(raw) + 2, 0)
    if sent is not None:
        ticks = round((sent - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
        entries += struct.pack("<HHIQ", 0x0040, 0x0039, 6, ticks)
    storage["__properties_version1.0"] = header + entries
    return storage


def compound(root: Storage) -> bytes:
    """A compound file with these streams and storages; streams below 4 KiB share one, in sectors of 64 bytes."""
    entries: list[list[object]] = []
    content: list[bytes] = []
    _directory("Root Entry", root, entries, content)
    chain: list[int] = []
    small_chain: list[int] = []
    starts: dict[int, int] = {}
    large: list[bytes] = []
    small = b""

    def allot(table: list[int], sectors: int) -> int:
        start = len(table)
        table.extend([start + at + 1 for at in range(sectors - 1)] + [_END])
        return start

    directory_start = allot(chain, -(-len(entries) * 128 // _SECTOR))
    for at, raw in enumerate(content):
        if len(raw) >= _SMALL:
            starts[at] = allot(chain, -(-len(raw) // _SECTOR))
            large.append(raw)
        elif raw:
            starts[at] = allot(small_chain, -(-len(raw) // 64))
            small += raw + bytes(-len(raw) % 64)
    small_table = _padded(struct.pack(f"<{len(small_chain)}I", *small_chain), b"\xff") if small else b""
    small_start = allot(chain, len(small_table) // _SECTOR) if small else _END
    if small:
        content[0], starts[0] = small, allot(chain, -(-len(small) // _SECTOR))
    fat_sectors = 1
    while (len(chain) + fat_sectors) * 4 > fat_sectors * _SECTOR:
        fat_sectors += 1
    difat = [len(chain) + at for at in range(fat_sectors)]
    table = chain + [_FAT] * fat_sectors
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, fat_sectors,
        directory_start, 0, _SMALL, small_start, len(small_table) // _SECTOR, _END, 0,
    )  # fmt: skip
    header += struct.pack("<109I", *difat, *[_FREE] * (109 - len(difat)))
    directory = b"".join(_entry(entry, starts.get(at, 0), len(content[at])) for at, entry in enumerate(entries))
    fat = _padded(struct.pack(f"<{len(table)}I", *table), b"\xff")
    return header + _padded(directory) + b"".join(map(_padded, large)) + small_table + _padded(small) + fat


def _directory(name: str, node: "bytes | Storage", entries: list[list[object]], content: list[bytes]) -> int:
    """Add an entry and what is below it; siblings are chained to the right."""
    at = len(entries)
    stream = isinstance(node, bytes)
    entries.append([name, 2 if stream else 5 if at == 0 else 1, _FREE, _FREE])
    content.append(node if isinstance(node, bytes) else b"")
    if not isinstance(node, bytes):
        # Shorter names come first, as the format wants them ordered.
        ordered = sorted(node, key=lambda key: (len(key), key.upper()))
        inner = [_directory(key, node[key], entries, content) for key in ordered]
        for before, after in pairwise(inner):
            entries[before][2] = after
        if inner:
            entries[at][3] = inner[0]
    return at


def _entry(entry: Sequence[object], start: int, size: int) -> bytes:
    name, kind, right, child = entry
    encoded = str(name).encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII36xIQ", encoded, len(encoded), kind, 1, _FREE, right, child, start if size else _END, size
    )


def _padded(raw: bytes, filler: bytes = b"\0") -> bytes:
    return raw + filler * (-len(raw) % _SECTOR)
