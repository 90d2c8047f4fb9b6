"""Google Photos: the JSON file beside each photo or film, and the one of each album. The pictures are not read."""

import json
import re
from collections.abc import Iterator, Mapping
from posixpath import basename
from typing import Any

from datapunk.lake.geo import instant, known_point, number
from datapunk.lake.json_text import whole_json
from datapunk.lake.names import last_part, named
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected
from datapunk.lake.stream import MemberStream
from datapunk.lake.text import normal

NAME = "google_photos"
VERSION = "1"

_ALBUM_NAMES = named(
    "metadata.json", "Metadaten.json", "metadatos.json", "métadonnées.json", "metadati.json", "metagegevens.json",
    "meta veriler.json", "metadados.json", "البيانات الوصفية.json", "元数据.json",
)  # fmt: skip
_ALBUM_KEYS = frozenset(
    ("title", "description", "access", "date", "location", "geoData", "enrichments", "sharedAlbumComments")
)
_SUFFIX = "supplemental-metadata"
# Google cuts the name of a sidecar to 51 characters, so any part of its suffix may be missing.
_SIDECAR = re.compile(
    r"(?P<stem>.+?)(?P<extension>\.[a-z0-9]{2,5})?"
    r"(?:\.(?P<suffix>s[a-z-]{0,20}))?(?P<copy>\(\d+\))?\.json",
    re.IGNORECASE,
)
_MEDIA = re.compile(
    r"\.(?:jpe?g|png|gif|webp|heic|heif|avif|tiff?|bmp|dng|cr2|nef|arw|raf|orf|rw2|mp4|mov|m4v|avi|mkv|3gp|mpe?g|wmv|mts)",
    re.IGNORECASE,
)


def claims(member: str, head: bytes) -> float:
    """Claim what tells when a photo was taken, or an album by its name and its keys."""
    album = last_part(member) in _ALBUM_NAMES
    if not head:
        found = _SIDECAR.fullmatch(basename(member))
        media = found is not None and _MEDIA.fullmatch(found["extension"] or "") is not None
        return BY_NAME if media or (album and "photos" in member.casefold()) else 0.0
    if head.lstrip()[:1] != b"{":
        return 0.0
    if b'"photoTakenTime"' in head or b'"albumData"' in head[:256]:
        return SURE
    return BY_NAME if album and _has_keys_of_album(head) else 0.0


def _has_keys_of_album(head: bytes) -> bool:
    try:
        found = json.loads(head)
    except (ValueError, RecursionError):
        return b'"title"' in head and b'"access"' in head
    return isinstance(found, dict) and "title" in found and found.keys() <= _ALBUM_KEYS


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return (
        "Google Photos/*/*.jpg.json",
        "Google Photos/*/*.supplemental-metadata.json",
        "Google Photos/*/metadata.json (and other languages)",
    )


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield the photo, placed at when it was taken, or the album as a document of type album."""
    found = whole_json(stream)
    if isinstance(found, Rejected):
        yield found
        return
    try:
        album = found.get("albumData", found)
        yield _album(album) if "photoTakenTime" not in album else _photo(found, context.member)
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as exc:
        yield rejected(f"a photo needs a name and a time, an album a name: {exc!r}", found, "")


def media_name(member: str) -> str:
    """Return the name that the media file beside a sidecar has: "a.jpg(1).json" belongs to "a(1).jpg"."""
    name = basename(member)
    found = _SIDECAR.fullmatch(name)
    if not found:
        return name
    suffix = found["suffix"] or ""
    extension = found["extension"] or ""
    if not _SUFFIX.startswith(suffix.casefold()):
        extension += "." + suffix
    return found["stem"] + (found["copy"] or "") + extension


def _photo(photo: Mapping[str, Any], member: str) -> Record:
    taken = instant(photo["photoTakenTime"]["timestamp"])
    title = str(photo.get("title") or "") or media_name(member)
    attributes: dict[str, object] = {}
    people = [str(person["name"]) for person in photo.get("people") or () if person.get("name")]
    if people:
        attributes["people"] = people
    attributes |= _place(photo.get("geoData")) or _place(photo.get("geoDataExif"))
    for name, key in (("favorite", "favorited"), ("archived", "archived"), ("trashed", "trashed")):
        if photo.get(key):
            attributes[name] = True
    for name, value in _origin(photo):
        attributes[name] = value
    if views := number(photo.get("imageViews")):
        attributes["views"] = int(views)
    if uploaded := (photo.get("creationTime") or {}).get("timestamp"):
        attributes["uploaded_at"] = instant(uploaded).at.isoformat()
    url = str(photo.get("url") or "") or None
    identifier = url.rstrip("/").rpartition("/")[2] if url and "/photo/" in url else None
    return Record(
        kind="photo",
        source=NAME,
        occurred_at=taken.at,
        title=title,
        body=str(photo.get("description") or "") or None,
        url=url,
        external_id=identifier,
        key=None if identifier else f"photo:{normal(title)}",
        attributes=attributes,
    )


def _place(geo: Mapping[str, Any] | None) -> dict[str, object]:
    """Return where a photo was taken; 0, 0 says that nobody knows."""
    place = known_point(geo.get("latitude"), geo.get("longitude"), geo.get("altitude")) if geo else None
    if place is None:
        return {}
    found: dict[str, object] = {"latitude": place.latitude, "longitude": place.longitude}
    if place.altitude_m:
        found["altitude_m"] = place.altitude_m
    return found


def _origin(photo: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield how a photo came to Google: the way, the kind of device, its folder there and its app."""
    for way, told in (photo.get("googlePhotosOrigin") or {}).items():
        yield "origin", str(way)
        if isinstance(told, Mapping):
            if told.get("deviceType"):
                yield "device_type", str(told["deviceType"]).lower()
            if folder := (told.get("deviceFolder") or {}).get("localFolderName"):
                yield "folder", str(folder)
        break
    if package := (photo.get("appSource") or {}).get("androidPackageName"):
        yield "app", str(package)


def _album(album: Mapping[str, Any]) -> Record:
    created = (album.get("date") or {}).get("timestamp")
    attributes: dict[str, object] = {"type": "album", **_place(album.get("geoData"))}
    for name in ("access", "location"):
        if album.get(name):
            attributes[name] = str(album[name])
    title = album["title"]
    if not isinstance(title, str) or not title:
        raise ValueError("no title")
    return Record(
        kind="document",
        source=NAME,
        occurred_at=instant(created).at if created else None,
        title=title,
        body=str(album.get("description") or "") or None,
        attributes=attributes,
    )
