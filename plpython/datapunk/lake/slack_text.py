"""Slack's own markup as text for people."""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from datapunk.lake.text import clean_url

_MARK = re.compile(r"<([^<>\n|]+)(?:\|([^<>\n]*))?>")
_DEPTH = 12
# What elements of a block hold instead of a text, and how it is written in one.
_ELEMENTS = {
    "user": ("user_id", "<@{}>"),
    "channel": ("channel_id", "<#{}>"),
    "link": ("url", "<{}>"),
    "emoji": ("name", ":{}:"),
    "broadcast": ("range", "<!{}>"),
}


def readable(text: str, names: Mapping[str, str]) -> str:
    """Return a text with names for ids, labels with their links, and without the escapes of &, < and >."""
    if "<" in text:
        text = _MARK.sub(lambda mark: _shown(mark[1], mark[2], names), text)
    return unescape(text).strip() if "&" in text else text.strip()


def _shown(what: str, label: str | None, names: Mapping[str, str]) -> str:
    if what[0] == "@":
        return "@" + (names.get(f"slack:{what[1:]}") or label or what[1:])
    if what[0] == "#":
        return "#" + (label or names.get(f"slack:{what[1:]}") or what[1:])
    if what[0] == "!":
        # <!here>, <!subteam^S1|@team>, <!date^1392734382^{date}|Feb 18, 2014>
        word = what[1:].partition("^")[0]
        return label or f"@{word}"
    url = what.removeprefix("mailto:").removeprefix("tel:")
    url = clean_url(unescape(url)) or ""
    if not label or label == url or url.split("://")[-1].rstrip("/") == label.rstrip("/"):
        return url or label or ""
    return f"{label} ({url})" if url else label


def block_text(blocks: Any, depth: int = 0) -> str:
    """Return the texts of a message's blocks, a block a line."""
    if depth > _DEPTH:
        return ""
    if isinstance(blocks, list):
        found = (block_text(block, depth + 1) for block in blocks)
        return ("\n" if depth == 0 else "").join(text for text in found if text)
    if not isinstance(blocks, dict):
        return ""
    if isinstance(text := blocks.get("text"), str):
        return text
    kind = blocks.get("type")
    if kind in _ELEMENTS:
        field, shape = _ELEMENTS[str(kind)]
        return shape.format(blocks.get(field) or "")
    inner = (block_text(blocks.get(part), depth + 1) for part in ("text", "elements", "fields"))
    return "".join(text for text in inner if text)
