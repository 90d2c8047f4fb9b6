"""Google's activity entry, the same in My Activity and in YouTube's history, as a record.

What an entry is follows from its address and product first, which know no language, then from the verb of its title.
"""

import re
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote_plus

from datapunk.lake.record import Record
from datapunk.lake.text import fold

SOURCE_YOUTUBE: Final = "youtube"
SOURCE_GOOGLE: Final = "google"

_YOUTUBE = re.compile(r"https?://(?:[\w-]+\.)*(?:youtube\.com|youtu\.be)(?:/|$)", re.IGNORECASE)
_VIDEO = re.compile(r"(?:[?&]v=|youtu\.be/|/shorts/|/live/|/embed/)([\w-]{3,})")
_CHANNEL = re.compile(r"/channel/([\w-]+)")
_SEARCH = re.compile(r"https?://[^/]*(?:google|youtube)\.[a-z.]+/(?:search|results|store/search)\?", re.IGNORECASE)
_MAPS_SEARCH = re.compile(r"https?://[^/]*google\.[a-z.]+/maps/search/([^/?@]+)", re.IGNORECASE)
_QUERY = re.compile(r"[?&](?:search_query|q|query)=([^&#]*)")
_REDIRECT = re.compile(r"https?://(?:www\.)?google\.[a-z.]+/url\?(?:.*&)?q=([^&#]+)", re.IGNORECASE)
_COORDINATES = re.compile(r"(?:center|q|query)=(-?\d+(?:\.\d+)?)(?:,|%2C)(-?\d+(?:\.\d+)?)", re.IGNORECASE)
_ADS = re.compile(
    r"google[ -]?(?:ads|anzeigen|werbeanzeigen)|(?:anuncios|annonces|annunci|advertenties) (?:de |di |van )?google",
    re.IGNORECASE,
)

# Verbs before the object, by what they say; longer ones first where one starts another.
_BEFORE: Final = (
    ("watch", (
        "Watched", "Has visto", "Vous avez regardé", "Hai guardato", "Assistiu a", "Viu", "Gekeken naar", "Obejrzano",
    )),
    ("search", (
        "Searched for", "Gesucht nach:", "Gesucht nach", "Has buscado", "Buscaste", "Vous avez recherché",
        "Hai cercato",
        "Pesquisou por", "Pesquisou", "Gezocht naar", "Wyszukano", "Said", "Asked",
    )),
    ("visit", (
        "Visited", "Besucht:", "Has visitado", "Visitaste", "Vous avez consulté", "Hai visitato", "Visitou", "Bezocht:",
        "Read",
    )),
    ("listen", ("Listened to", "Has escuchado", "Vous avez écouté", "Hai ascoltato", "Geluisterd naar")),
    ("purchase", ("Purchased", "Bought", "Has comprado", "Vous avez acheté", "Hai acquistato")),
    ("use", ("Used", "Has usado", "Vous avez utilisé", "Hai utilizzato")),
    ("install", ("Installed", "Has instalado", "Vous avez installé", "Hai installato")),
    ("like", ("Liked",)),
    ("dislike", ("Disliked",)),
    ("share", ("Shared",)),
    ("save", ("Saved",)),
    ("comment", ("Commented on",)),
    ("subscribe", ("Subscribed to",)),
    ("directions", ("Directions to",)),
    ("view", ("Viewed",)),
)  # fmt: skip
# Verbs after the object.
_AFTER: Final = (
    ("watch", ("angesehen", "bekeken", "izlendi")),
    ("search", ("gesucht", "gezocht", "arandı")),
    ("visit", ("besucht", "bezocht", "aufgerufen", "ziyaret edildi")),
    ("listen", ("angehört", "beluisterd")),
    ("use", ("verwendet", "genutzt", "gebruikt", "kullanıldı")),
    ("install", ("installiert", "geïnstalleerd")),
    ("purchase", ("gekauft", "gekocht")),
)
_PREFIX = {verb: action for action, verbs in _BEFORE for verb in verbs}
_SUFFIX = {verb: action for action, verbs in _AFTER for verb in verbs}
_BEFORE_PATTERN = re.compile(
    "(" + "|".join(sorted(map(re.escape, _PREFIX), key=len, reverse=True)) + r")\s+(.+)", re.DOTALL
)
_AFTER_PATTERN = re.compile(
    r"(?:Nach )?(.+?)\s+(" + "|".join(sorted(map(re.escape, _SUFFIX), key=len, reverse=True)) + r")\s*$", re.DOTALL
)
_QUOTES = "„“”«»"


def split_verb(title: str) -> tuple[str, str]:
    """Return action and object of a title, as ("search", "coffee") of "Searched for coffee"; ("", title) if unknown."""
    if match := _BEFORE_PATTERN.match(title):
        return _PREFIX[match[1]], match[2]
    if match := _AFTER_PATTERN.match(title):
        return _SUFFIX[match[2]], match[1].strip(_QUOTES)
    return "", title


def activity(entry: dict[str, Any]) -> Record:
    """Return the record of one entry. Raises KeyError, TypeError or ValueError for one without a time or title."""
    at = datetime.fromisoformat(entry["time"])
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    raw_title = entry["title"]
    action, what = split_verb(fold(raw_title).strip())
    url = entry.get("titleUrl")
    url = str(url) if url else None
    products = entry.get("products")
    product = str(products[0] if products else entry.get("header") or "")
    header = str(entry.get("header") or product)
    attributes: dict[str, object] = {"product": product} if product else {}
    _place(entry, attributes)
    youtube = product.startswith("YouTube") or bool(url and _YOUTUBE.match(url))
    if youtube and product != "Chrome":
        return _youtube(entry, at, action, what, url, header, attributes)
    kind, title, url = _google(action, what, url, product, attributes)
    names = [str(s["name"]) for s in entry.get("subtitles") or () if s.get("name")]
    body = "\n".join(names) if names else None
    if description := entry.get("description"):
        body = f"{body}\n{description}" if body else str(description)
    return Record(
        kind=kind, source=SOURCE_GOOGLE, occurred_at=at, title=title, body=body, url=url,
        precision="ms" if at.microsecond else "s", attributes=attributes,
    )  # fmt: skip


def _youtube(
    entry: dict[str, Any], at: datetime, action: str, what: str, url: str | None, header: str,
    attributes: dict[str, object],
) -> Record:  # fmt: skip
    key = None
    body = None
    query = _QUERY.search(url) if url and "/results" in url else None
    video = _VIDEO.search(url) if url else None
    if query or action == "search":
        kind = "search"
        what = unquote_plus(query[1]) if query else what
        attributes["query"] = what
    elif action in ("watch", "listen") or (video and not action):
        kind = "watch"
        if "Music" in header:
            attributes["music"] = True
    else:
        kind = "app_use"
        attributes["app"] = "YouTube"
        attributes["action"] = action or "use"
    if video:
        attributes["video_id"] = video[1]
        if kind == "watch":
            key = f"youtube:{video[1]}"
    for subtitle in entry.get("subtitles") or ():
        if name := subtitle.get("name"):
            attributes["channel"] = str(name)
            channel_url = str(subtitle.get("url") or "")
            if channel := _CHANNEL.search(channel_url):
                attributes["channel_id"] = channel[1]
            elif channel_url:
                attributes["channel_url"] = channel_url
            break
    if any(_ADS.search(str(d.get("name", ""))) for d in entry.get("details") or ()):
        attributes["ad"] = True
    if description := entry.get("description"):
        body = str(description)
    return Record(
        kind=kind, source=SOURCE_YOUTUBE, occurred_at=at, title=what, body=body, url=url, key=key,
        precision="ms" if at.microsecond else "s", attributes=attributes,
    )  # fmt: skip


def _google(
    action: str, what: str, url: str | None, product: str, attributes: dict[str, object]
) -> tuple[str, str, str | None]:
    """Return kind, title and address of an entry of any product but YouTube."""
    if url and (redirect := _REDIRECT.match(url)):
        return "visit", what, unquote_plus(redirect[1])
    query = None
    if url and action in ("", "search") and product != "Chrome":
        match = (_SEARCH.match(url) and _QUERY.search(url)) or _MAPS_SEARCH.match(url)
        query = unquote_plus(match[1]) if match else None
    if query or action == "search":
        attributes["query"] = query or what
        return "search", query or what, url
    if action == "visit" or product == "Chrome":
        return "visit", what, url
    if action in ("watch", "listen", "purchase"):
        return action, what, url
    attributes["action"] = action or "use"
    attributes["app"] = what if action in ("use", "install") else product
    return "app_use", what, url


def _place(entry: dict[str, Any], attributes: dict[str, object]) -> None:
    for place in entry.get("locationInfos") or ():
        if match := _COORDINATES.search(str(place.get("url") or "")):
            attributes["latitude"], attributes["longitude"] = float(match[1]), float(match[2])
        if name := place.get("name"):
            attributes["near"] = str(name)
        return
