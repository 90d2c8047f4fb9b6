"""Writes a sample as a genuine Takeout archive, member by member and record by record."""

import html
import json
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from datapunk.sample import ics, keeps, mbox
from datapunk.sample.people import owner
from datapunk.sample.phrases import token
from datapunk.sample.records import Activity, Visit, Watch
from datapunk.sample.searches import SEARCHED, USED, VISITED
from datapunk.sample.videos import channel_id
from datapunk.sample.world import World

EXPORTED = (2026, 1, 5, 9, 15, 0)
ARCHIVE = "takeout-20260105T091500Z-001.zip"
ROOT = "Takeout"

CHROME = "Chrome/History.json"
WATCH_HISTORY = "YouTube and YouTube Music/history/watch-history.json"
SEARCH_HISTORY = "YouTube and YouTube Music/history/search-history.json"
MY_YOUTUBE = "My Activity/YouTube/MyActivity.json"
MY_SEARCH = "My Activity/Search/MyActivity.json"
MY_MAPS = "My Activity/Maps/MyActivity.json"
MY_STORE = "My Activity/Google Play Store/MyActivity.json"
MY_ANDROID = "My Activity/Android/MyActivity.json"
MAIL = "Mail/All mail Including Spam and Trash.mbox"
CALENDARS = {
    "personal": f"Calendar/{owner().email}.ics",
    "work": "Calendar/Work.ics",
    "birthdays": "Calendar/Birthdays.ics",
}
BROWSER = "archive_browser.html"

Json = dict[str, Any]
_ESCAPES = {ord(letter): f"\\u{ord(letter):04x}" for letter in "=&<>'"}


def stamp(at: datetime) -> str:
    """Time of a My Activity entry: UTC with milliseconds."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def _string(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).translate(_ESCAPES)


def _gson(value: Any, indent: str = "") -> str:
    """Value in the style of Takeout's own writer: two spaces, brackets hugging objects, = & < > ' escaped."""
    if isinstance(value, dict):
        deeper = indent + "  "
        inner = ",\n".join(f"{deeper}{_string(key)}: {_gson(item, deeper)}" for key, item in value.items())
        return f"{{\n{inner}\n{indent}}}"
    if isinstance(value, list):
        return f"[{', '.join(_gson(item, indent) for item in value)}]"
    return _string(value) if isinstance(value, str) else json.dumps(value)


def _array(entries: Iterable[Json]) -> Iterator[str]:
    opening = "["
    for entry in entries:
        yield opening + _gson(entry)
        opening = ", "
    yield "]" if opening != "[" else "[]"


def _watch(watch: Watch) -> Json:
    entry: Json = {"header": "YouTube"}
    if watch.video is None:
        entry["title"] = "Watched a video that has been removed"
    else:
        entry["title"] = f"Watched {watch.video.title}"
        entry["titleUrl"] = watch.video.url
        if not watch.advert:
            channel = f"https://www.youtube.com/channel/{channel_id(watch.video.channel)}"
            entry["subtitles"] = [{"name": watch.video.channel, "url": channel}]
    entry["time"] = stamp(watch.at)
    entry["products"] = ["YouTube"]
    if watch.advert:
        entry["details"] = [{"name": "From Google Ads"}]
    entry["activityControls"] = (
        ["Web & App Activity", "YouTube watch history"] if watch.advert else ["YouTube watch history"]
    )
    return entry


def _redirect(url: str) -> str:
    """Google's own address for a click on a result."""
    return f"https://www.google.com/url?q={quote(url, safe='')}&usg=AOvVaw{token(url, 12)}"


def _activity(activity: Activity) -> Json:
    header = activity.text if activity.verb == USED else activity.product
    clicked = activity.product == "Search" and activity.verb == VISITED
    entry: Json = {
        "header": header,
        "title": f"{activity.verb} {activity.text}",
        "titleUrl": _redirect(activity.url) if clicked else activity.url,
        "time": stamp(activity.at),
        "products": [activity.product],
    }
    if activity.point:
        latitude, longitude = (round(value, 3) for value in activity.point)
        entry["locationInfos"] = [
            {
                "name": "At this general area",
                "url": f"https://www.google.com/maps/@?api=1&map_action=map&center={latitude},{longitude}&zoom=12",
                "source": "From your device",
                "sourceUrl": "https://support.google.com/maps/answer/6258979",
            }
        ]
    searched_video = activity.product == "YouTube" and activity.verb == SEARCHED
    entry["activityControls"] = ["YouTube search history" if searched_video else "Web & App Activity"]
    return entry


def _late(entries: Iterable[Json], position: int, broken: Json) -> Iterator[Json]:
    """Entries with a broken one at a position (or last)."""
    done = False
    for index, entry in enumerate(entries):
        if index == position:
            done = True
            yield broken
        yield entry
    if not done:
        yield broken


def _visit(visit: Visit) -> Json:
    host = visit.url.split("/")[2]
    return {
        "favicon_url": f"https://{host}/favicon.ico",
        "page_transition": visit.transition,
        "title": visit.title,
        "url": visit.url,
        "client_id": "4rXk0pV1TtmWq0b8Yw3sZA==",
        "time_usec": int(visit.at.timestamp()) * 1_000_000 + visit.at.microsecond,
        "ptoken": {},
    }


def _history(visits: Iterable[Visit]) -> Iterator[str]:
    undated = _visit(Visit(at=datetime(2024, 5, 5), title="Lost tab", url="https://farandslow.example/lost"))
    del undated["time_usec"]
    opening = '{\n    "Browser History": [\n'
    for entry in _late(map(_visit, visits), 40, undated):
        ptoken = entry.pop("ptoken")
        rows = [f'            "{key}": {json.dumps(value, ensure_ascii=False)}' for key, value in entry.items()]
        rows.append(f'            "ptoken": {json.dumps(ptoken)}')
        yield opening + "        {\n" + ",\n".join(rows) + "\n        }"
        opening = ",\n"
    yield "\n    ]\n}\n"


def _browser(members: Iterable[str]) -> Iterator[str]:
    yield '<!DOCTYPE html>\n<html lang="en"><head><meta charset="UTF-8"><title>Archive browser</title></head><body>\n'
    yield f"<h1>Archive for {html.escape(owner().email)}</h1>\n"
    for folder in sorted({member.split("/")[0] for member in members if "/" in member}):
        name = html.escape(folder)
        english = folder.upper().replace(" ", "_")
        yield f'<div class="service"><h1 class="data-folder-name" data-english-name="{english}" '
        yield f'data-folder-name="{name}">{name}</h1></div>\n'
    yield "</body></html>\n"


def members(world: World) -> Iterator[tuple[str, Iterable[str]]]:
    """(path below the root, pieces of text) of every member, newest records first as in a genuine export."""
    watched, sought = list(map(_watch, world.watches)), list(map(_activity, world.video_searches))
    both: list[Json] = [*map(_watch, world.repeated_watches), *map(_activity, world.repeated_searches)]
    both.sort(key=lambda entry: entry["time"], reverse=True)
    no_time: Json = {"header": "YouTube", "title": "Watched a video with no time", "products": ["YouTube"]}
    bad_time: Json = {
        "header": "Search",
        "title": "Searched for lost umbrella",
        "titleUrl": "https://www.google.com/search?q=lost+umbrella",
        "time": "yesterday evening",
        "products": ["Search"],
    }
    apps = world.app_activities[::-1]
    parts: list[tuple[str, Iterable[str]]] = [
        (CHROME, _history(world.visits[::-1])),
        (MY_ANDROID, _array(map(_activity, (entry for entry in apps if entry.product == "Android")))),
        (MY_STORE, _array(map(_activity, (entry for entry in apps if entry.product != "Android")))),
        (MY_MAPS, _array(map(_activity, world.map_activities[::-1]))),
        (MY_SEARCH, _array(_late(map(_activity, world.web_activities[::-1]), 25, bad_time))),
        (MY_YOUTUBE, _array(both)),
        (WATCH_HISTORY, _array(_late(watched[::-1], 60, no_time))),
        (SEARCH_HISTORY, _array(sought[::-1])),
        (MAIL, map(mbox.message, world.mails)),
    ]
    for name, path in CALENDARS.items():
        title = owner().email if name == "personal" else name.capitalize()
        events = [event for event in world.events if event.calendar == name]
        parts.append((path, ics.calendar(title, world.life.home(world.life.end).zone, events)))
    parts += keeps.members(world)
    yield BROWSER, _browser(path for path, _ in parts)
    yield from parts


def write_archive(world: World, path: Path) -> None:
    """Write the zip; members carry the time of the export, so that equal worlds give equal bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, pieces in members(world):
            info = zipfile.ZipInfo(f"{ROOT}/{name}", EXPORTED)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            with archive.open(info, "w", force_zip64=True) as member:
                for piece in pieces:
                    member.write(piece.encode())
