"""What one keeps at YouTube: likes, playlists, the music library and subscriptions, as JSON or tables.

A like has the same identity in likes.json, in the table of the playlist of likes and in My Activity.
"""

import re
from collections.abc import Iterator, Mapping
from posixpath import basename, splitext
from typing import Any, Final

from datapunk.lake.google_activity import SOURCE_YOUTUBE, like_key
from datapunk.lake.localised_time import Reading, instant
from datapunk.lake.names import folded, last_part
from datapunk.lake.record import Context, Found, Listing, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected, rejected_row
from datapunk.lake.stream import MemberStream, json_items
from datapunk.lake.tabular import Row, header_of, rows
from datapunk.lake.takeout import product_path
from datapunk.lake.youtube_tables import CHANNEL, VIDEO, columns, guessed

NAME = "youtube_library"
VERSION = "1"

_FILE: Final = re.compile(
    r"(?:likes|subscriptions|abonnements)\.json"
    r"|(?:subscriptions|abos|abonnements|suscripciones|abonnementen|iscrizioni|inscrições|subskrypcje|abonelikler"
    r"|playlists|music library songs|musik mediathek songs)\.csv"
)
_FOLDER = re.compile(r"/(?:playlists|listas de reproducción|afspeellijsten|oynatma listeleri)/[^/]+\.csv$")
_LIKES = re.compile(r"liked|likes\b|mag ich|die ich mag|gefällt|j.aime|me gusta|mi piace|gostei|curti|beğen|leuk")
_JSON_ITEM = re.compile(rb'^\s*\[\s*\{.{0,60000}?"kind"\s*:\s*"youtube#(?:playlistItem|subscription)"', re.DOTALL)
_SUBSCRIBED = re.compile(
    rb"[\r\n]\"?(?:[^,\r\n]{0,200},)?\"?UC[\w-]{22}\"?,\"?https?://(?:www\.)?youtube\.com/channel/"
)
_LIST_SUFFIX = re.compile(r"[- ]videos$", re.IGNORECASE)
_VIDEO_URL = "https://www.youtube.com/watch?v="


def claims(member: str, head: bytes) -> float:
    """Claim JSON items of YouTube's own API, and tables of videos, playlists, songs or channels."""
    path = folded(member)
    by_name = "youtube" in path and (_FILE.fullmatch(last_part(member)) or _FOLDER.search(path)) is not None
    if not head:
        return BY_NAME if by_name else 0.0
    if head.lstrip()[:1] == b"[":
        # YouTube's history before 2018 has the same items under names of its own, which its adapter is surer of.
        return SURE - 0.1 if _JSON_ITEM.match(head) else 0.0
    known = columns(header_of(head)).keys()
    table = (
        {"video", "added"} <= known
        or {"playlist", "playlist_created"} <= known
        or {"channel", "channel_url", "channel_title"} <= known
        or {"video", "song"} <= known
    )
    if table or _SUBSCRIBED.search(head):
        return SURE
    return BY_NAME if by_name and path.endswith(".csv") else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return (
        "YouTube*/playlists/likes.json", "YouTube*/playlists/*.csv", "YouTube*/subscriptions/subscriptions.csv",
        "YouTube*/music-library-songs/music-library-songs.csv (and other languages)",
    )  # fmt: skip


def listing(member: str, head: bytes) -> Listing | None:
    """Tell that the subscriptions of a Takeout are all that there are."""
    if not product_path(member):
        return None
    if head.lstrip()[:1] == b"[":
        subscribed = b'"youtube#subscription"' in head
    else:
        known = columns(header_of(head)).keys()
        subscribed = not known & {"video", "playlist"} and (
            {"channel", "channel_url", "channel_title"} <= known or _SUBSCRIBED.search(head) is not None
        )
    return Listing("subscriptions", whole=True) if subscribed else None


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield likes as uses of YouTube; playlists, their videos, songs and subscriptions as documents."""
    if stream.head.lstrip()[:1] == b"[":
        yield from _from_json(stream, context)
    else:
        yield from _from_table(stream, context)


def _from_json(stream: MemberStream, context: Context) -> Iterator[Found]:
    likes = _of_likes(context.member)
    for entry in json_items(stream, "item"):
        if isinstance(entry, Rejected):
            yield entry
            continue
        try:
            yield _subscribed(entry) if entry["kind"] == "youtube#subscription" else _listed(entry, likes=likes)
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            yield rejected(f"not an item of a list: {exc!r}", entry)


def _listed(entry: dict[str, Any], *, likes: bool) -> Record:
    snippet = entry["snippet"]
    video = str((entry.get("contentDetails") or snippet.get("resourceId") or {})["videoId"])
    # A playlist of likes bears the letters LL before the channel's identifier, whatever its file is called.
    likes = likes or str(snippet.get("playlistId") or "").startswith("LL")
    at = instant(str(snippet["publishedAt"]))
    if at is None:
        raise ValueError(f"no time: {snippet['publishedAt']!r}")
    return _video(
        video, at, title=str(snippet["title"]), body=str(snippet.get("description") or "") or None,
        list_name=None if likes else str(snippet.get("playlistId") or ""), likes=likes,
    )  # fmt: skip


def _subscribed(entry: dict[str, Any]) -> Record:
    snippet = entry["snippet"]
    channel = str(snippet["resourceId"]["channelId"])
    return _subscription(channel, str(snippet["title"]), instant(str(snippet.get("publishedAt") or "")))


def _from_table(stream: MemberStream, context: Context) -> Iterator[Found]:
    known: dict[str, str] | None = None
    second: list[str] = []
    name = _list_name(context.member)
    likes = _of_likes(context.member)
    for row in rows(stream):
        if isinstance(row, Rejected):
            yield row
            continue
        if known is None:
            known = _known(row)
        cells = list(row.cells.values())
        if "video" not in known and "playlist" in known and {"video", "added"} <= columns(cells).keys():
            # Until 2023 the table of a playlist's videos followed one of the playlist itself, in the same file.
            second = cells
            continue
        if second:
            pairs = dict(zip(second, cells, strict=False))
            yield _row(Row(number=row.number, cells=pairs, offset=row.offset), columns(second), name, likes=likes)
            continue
        found = _row(row, known, name, likes=likes)
        if isinstance(found, Record) and found.attributes.get("type") == "playlist" and found.title:
            name = found.title
        yield found


def _known(row: Row) -> dict[str, str]:
    """Return the columns by their words; those of video and time by a row's cells where the words are unknown."""
    known = columns(row.cells)
    shapes = guessed(row.cells)
    if "video" not in known and not known.keys() & {"playlist", "channel"} and "video" in shapes:
        known["video"] = shapes["video"]
    if "video" in known and "added" not in known and "time" in shapes:
        known["added"] = shapes["time"]
    return known


def _row(row: Row, known: Mapping[str, str], name: str, *, likes: bool) -> Found:
    def cell(column: str) -> str:
        return row.cells.get(known[column], "").strip() if column in known else ""

    if "video" in known and VIDEO.fullmatch(cell("video")):
        if "song" in known:
            return _song(cell("video"), cell("song"), cell("album"), cell("artist"))
        at = instant(cell("added"))
        if at is not None or not cell("added"):
            return _video(cell("video"), at, title=None, body=None, list_name=name, likes=likes)
    elif "playlist" in known and cell("playlist"):
        at = instant(cell("playlist_created"))
        attributes: dict[str, object] = {"type": "playlist"}
        if visibility := cell("visibility"):
            attributes["visibility"] = visibility
        return Record(
            kind="document", source=SOURCE_YOUTUBE, occurred_at=at.at if at else None, attributes=attributes,
            title=cell("playlist_title") or name, body=cell("description") or None,
            external_id=f"playlist:{cell('playlist')}", url=f"https://www.youtube.com/playlist?list={cell('playlist')}",
            precision=at.precision if at else "s", zone_source=at.zone_source if at else "utc",
        )  # fmt: skip
    elif "video" not in known and (channel := next(filter(CHANNEL.fullmatch, row.cells.values()), None)):
        others = [c for c in row.cells.values() if c != channel and not c.startswith("http")]
        return _subscription(channel, cell("channel_title") or (others[0] if others else ""), None)
    return rejected_row(
        f"row {row.number}: neither a video with a time nor a playlist, song or channel", row.cells, row.offset
    )


def _video(
    video: str, at: Reading | None, *, title: str | None, body: str | None, list_name: str | None, likes: bool
) -> Record:
    attributes: dict[str, object] = {"product": "YouTube", "video_id": video}
    if likes:
        attributes |= {"app": "YouTube", "action": "like"}
    else:
        attributes |= {"type": "playlist_item"}
        if list_name:
            attributes["list"] = list_name
    return Record(
        kind="app_use" if likes else "document", source=SOURCE_YOUTUBE, occurred_at=at.at if at else None, title=title,
        body=body, url=_VIDEO_URL + video, key=like_key(video) if likes else f"youtube:playlist_item:{video}",
        precision=at.precision if at else "s", zone_source=at.zone_source if at else "utc", attributes=attributes,
    )  # fmt: skip


def _song(video: str, title: str, album: str, artist: str) -> Record:
    attributes: dict[str, object] = {"type": "playlist_item", "list": "music library", "video_id": video}
    attributes |= {name: value for name, value in (("album", album), ("author", artist)) if value}
    return Record(
        kind="document", source=SOURCE_YOUTUBE, occurred_at=None, title=title or None,
        url=f"https://music.youtube.com/watch?v={video}", external_id=f"song:{video}", attributes=attributes,
    )  # fmt: skip


def _subscription(channel: str, title: str, at: Reading | None) -> Record:
    return Record(
        kind="document", source=SOURCE_YOUTUBE, occurred_at=at.at if at else None, title=title or None,
        url=f"https://www.youtube.com/channel/{channel}", external_id=f"subscription:{channel}",
        precision=at.precision if at else "s", zone_source=at.zone_source if at else "utc",
        attributes={"type": "subscription", "channel": title, "channel_id": channel},
    )  # fmt: skip


def _list_name(member: str) -> str:
    """Return what a playlist's file is called, without what Google adds: "Recipes" of "Recipes-videos.csv"."""
    return _LIST_SUFFIX.sub("", splitext(basename(member))[0])


def _of_likes(member: str) -> bool:
    return _LIKES.search(last_part(member)) is not None
