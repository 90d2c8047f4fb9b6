"""Parts of Takeouts: their names, their index, and the lists of states that they hold."""

from collections.abc import Mapping
from typing import Any

from lake_archives import zipped


def archive(files: Mapping[str, Any]) -> bytes:
    """A part of a Takeout with these files below its root."""
    return zipped({f"Takeout/{name}": content for name, content in files.items()})


def name(day: str, part: int = 1) -> str:
    """The name of a part of the Takeout that was made on that day at noon."""
    return f"takeout-{day.replace('-', '')}T120000Z-{part:03}.zip"


def subscriptions(*channels: str) -> dict[str, bytes]:
    """The subscriptions of YouTube."""
    rows = "".join(f"UC{c:_<22},http://www.youtube.com/channel/UC{c:_<22},{c}\n" for c in channels)
    return {
        "YouTube and YouTube Music/subscriptions/subscriptions.csv": (
            f"Channel Id,Channel Url,Channel Title\n{rows}"
        ).encode()
    }  # fmt: skip


def note(title: str, folder: str = "Keep") -> dict[str, Any]:
    """A note of Keep."""
    created = 1_700_000_000_000_000 + sum(map(ord, title)) * 1_000_000
    content = {
        "color": "DEFAULT", "isTrashed": False, "isPinned": False, "isArchived": False, "textContent": title,
        "title": title, "userEditedTimestampUsec": created, "createdTimestampUsec": created,
    }  # fmt: skip
    return {f"{folder}/{title}.json": content}


def index(products: Mapping[tuple[str, str], list[str]], failed: list[str] | None = None) -> bytes:
    """An index of products, by Google's word and the folder, with the files of each."""
    tiles = "".join(
        f'<div id="service-tile-{product}"><button><div class="service_summary"><div><h1 class="data-folder-name"'
        f' data-english-name="{product}" data-folder-name="{folder}">{folder}</h1></div></div></button></div>'
        for product, folder in products
    )
    details = "".join(
        f'<div id="service-details-{product}" class="service-detail"><div class="service-header"><h1>{folder}</h1>'
        f"{len(files)} files</div>"
        + "".join(
            f'<div class="file-leaf"><div class="extracted-file-name"> {file}</div>'
            f'<div class="failure-message">{"could not be read" if file in (failed or []) else ""}</div></div>'
            for file in files
        )
        + "</div>"
        for (product, folder), files in products.items()
    )
    header = '<div class="header_subtext">Jan 5, 2026, 9:15:00 AM UTC • 1.5 GB • <a href="x">Learn more</a></div>'
    return f"<!DOCTYPE html><html><body>{header}{tiles}{details}</body></html>".encode()
