"""Google's activity entry, the same in My Activity and in YouTube's history, as a record.

What an entry is follows from its address and product first, which know no language, then from the verb of its title.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote_plus

from datapunk.lake.record import Record
from datapunk.lake.text import fold, html_text

SOURCE_YOUTUBE: Final = "youtube"
SOURCE_GOOGLE: Final = "google"

# The names of the files, without extension, by the language of the account.
ACTIVITY_FILES: Final = (
    "MyActivity", "My Activity", "MeineAktivitäten", "Meine Aktivitäten", "MiActividad", "Mi actividad",
    "MijnActiviteit", "Mijn activiteit", "MonActivité", "Mon activité", "Etkinliğim", "نشاطي", "我的活动",
    "我的活动记录",
)  # fmt: skip
HISTORY_FILES: Final = (
    "watch-history", "search-history", "Wiedergabeverlauf", "Suchverlauf", "kijkgeschiedenis", "zoekgeschiedenis",
    "historial-de-reproducciones", "historial-de-búsqueda", "izleme geçmişi", "arama geçmişi", "سجل المشاهدة",
    "سجلّ البحث", "观看记录", "搜索记录",
)  # fmt: skip

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

# Verbs before the object, by what they say.
_BEFORE: Final = (
    ("watch", (
        "Watched", "Has visto", "Viste", "Vous avez regardé", "A regardé", "Hai guardato", "Assistiu a", "Viu",
        "Gekeken naar", "Obejrzano", "Obejrzano:", "İzlenen video:", "Yeniden izlenen video:", "تمت مشاهدة",
        "Просмотрено видео", "Ви дивилися відео", "Tittade på", "Så på", "Så", "Ați vizionat", "Zhlédli jste video",
        "Гледахте", "Megtekintette a következőt:", "Παρακολουθήσατε το βίντεο", "Pinanood ang", "观看了", "已观看",
    )),
    ("search", (
        "Searched for", "Gesucht nach:", "Gesucht nach", "Has buscado", "Buscaste", "Vous avez recherché",
        "A recherché", "Hai cercato", "Pesquisou por", "Pesquisou", "Gezocht naar",
        "Wyszukano", "Wyszukano:", "تم البحث عن", "搜索了", "Said", "Asked", "Prompted",
    )),
    ("visit", (
        "Visited", "Besucht:", "Has visitado", "Visitaste", "Vous avez consulté", "A consulté", "Hai visitato",
        "Visitou", "Bezocht:", "Odwiedzono", "Odwiedzono:", "تمت زيارة", "访问了", "Read",
    )),
    ("listen", ("Listened to", "Has escuchado", "Vous avez écouté", "Hai ascoltato", "Ouviu", "Geluisterd naar")),
    ("purchase", ("Purchased", "Bought", "Has comprado", "Vous avez acheté", "Hai acquistato", "Comprou")),
    ("use", ("Used", "Has usado", "Has utilizado", "Vous avez utilisé", "A utilisé", "Hai utilizzato", "Usou")),
    ("install", ("Installed", "Has instalado", "Vous avez installé", "Hai installato", "Instalou")),
    ("like", (
        "Liked", "Te ha gustado", "Vous avez aimé", "A aimé", "Ti è piaciuto", "Gostou de",
    )),
    ("dislike", ("Disliked", "Vous n'avez pas aimé", "Vous n’avez pas aimé", "N'a pas aimé", "N’a pas aimé")),
    ("share", ("Shared", "Has compartido", "Vous avez partagé", "Hai condiviso")),
    ("save", ("Saved", "Has guardado", "Vous avez enregistré", "Hai salvato")),
    ("comment", ("Commented on", "Has comentado", "Vous avez commenté", "Hai commentato")),
    ("subscribe", (
        "Subscribed to", "Te has suscrito a", "Vous vous êtes abonné à", "Vous vous êtes abonnée à",
        "Ti sei iscritto a",
    )),
    ("directions", ("Directions to", "Indicaciones para llegar a", "Itinéraire vers", "Indicazioni per")),
    ("view", ("Viewed", "Has consultado", "Vous avez affiché", "Hai visualizzato")),
)  # fmt: skip
# Verbs after the object.
_AFTER: Final = (
    ("watch", (
        "angesehen", "bekeken", "izlendi", "adlı videoyu izlediniz", "videosunu izlediniz", "katsottiin", "izlənildi",
        "を視聴しました", "을(를) 시청했습니다.", "देखा",
    )),
    ("search", ("gesucht", "gezocht", "arandı", "を検索しました", "을(를) 검색했습니다.")),
    ("visit", ("besucht", "bezocht", "aufgerufen", "ziyaret edildi", "にアクセスしました", "에 방문했습니다.")),
    ("listen", ("angehört", "beluisterd")),
    ("use", ("verwendet", "genutzt", "gebruikt", "kullanıldı")),
    ("install", ("installiert", "geïnstalleerd")),
    ("purchase", ("gekauft", "gekocht")),
    ("like", ("positiv bewertet",)),
    ("dislike", ("negativ bewertet",)),
    ("subscribe", ("abonniert",)),
)  # fmt: skip
# Words on both sides of the object.
_ROUND: Final = (("watch", "Je hebt naar", "gekeken"), ("watch", "تمت مشاهدة", "."))
_PREFIX = {verb: action for action, verbs in _BEFORE for verb in verbs}
_SUFFIX = {verb: action for action, verbs in _AFTER for verb in verbs}


def _longest_first(verbs: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, verbs), key=len, reverse=True))


def _by_first_word(verbs: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return verbs by their first word, each word's longest first."""
    found: dict[str, list[str]] = {}
    for verb in sorted(verbs, key=len, reverse=True):
        found.setdefault(verb.split()[0], []).append(verb)
    return {word: tuple(begun) for word, begun in found.items()}


_BEGUN = _by_first_word(_PREFIX)
_AFTER_PATTERN = re.compile(rf"(?:Nach )?(.+?)\s+({_longest_first(_SUFFIX)})\s*$", re.DOTALL)
_ROUND_PATTERNS = tuple(
    (action, re.compile(rf"{re.escape(before)}\s+(.+?)\s+{re.escape(after)}\s*$", re.DOTALL))
    for action, before, after in _ROUND
)
_ROUND_STARTS = tuple({before for _, before, _ in _ROUND})
_QUOTES = "„“”«»"
_OPENING, _CLOSING = ("„", "“", "«"), ("“", "”", "»")


def split_verb(title: str) -> tuple[str, str]:
    """Return action and object of a title, as ("search", "coffee") of "Searched for coffee"; ("", title) if unknown."""
    if title.startswith(_ROUND_STARTS):
        for action, pattern in _ROUND_PATTERNS:
            if match := pattern.match(title):
                return action, match[1]
    words = title.split(None, 1)
    for verb in _BEGUN.get(words[0], ()) if len(words) == 2 else ():
        if title.startswith(verb) and (what := title[len(verb) :]) != (stripped := what.lstrip()) and stripped:
            return _PREFIX[verb], stripped
    if match := _AFTER_PATTERN.match(title):
        return _SUFFIX[match[2]], _unquoted(match[1])
    return "", title


def _unquoted(what: str) -> str:
    """Return an object without the marks around all of it; its own quotations stay."""
    inner = what[1:-1]
    around = what[:1] in _OPENING and what[-1:] in _CLOSING and not any(mark in inner for mark in _QUOTES)
    return inner if inner and around else what


def activity(entry: dict[str, Any], *, zone_source: str = "utc", quality: int = 2) -> Record:
    """Return the record of one entry. Raises KeyError, TypeError or ValueError for one without a time or title.

    `zone_source` says how the zone of the entry's time is known.
    """
    time = entry["time"]
    at = time if isinstance(time, datetime) else datetime.fromisoformat(time)
    if at.tzinfo is None:
        at, zone_source = at.replace(tzinfo=UTC), "assumed"
    elif at.tzinfo is not UTC and zone_source == "utc":
        zone_source = "offset"
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
        return _youtube(entry, at, action, what, url, header, attributes, zone_source, quality)
    kind, title, url = _google(action, what, url, product, attributes)
    names = [str(s["name"]) for s in entry.get("subtitles") or () if s.get("name")]
    body = "\n".join(names) if names else None
    if description := _description(entry):
        body = f"{body}\n{description}" if body else description
    return Record(
        kind=kind, source=SOURCE_GOOGLE, occurred_at=at, title=title, body=body, url=url,
        precision="ms" if at.microsecond else "s", zone_source=zone_source, quality=quality, attributes=attributes,
    )  # fmt: skip


def like_key(video: str) -> str:
    """Return the natural key of liking a video, which My Activity and YouTube's own lists tell alike."""
    return f"youtube:like:{video}"


def _youtube(
    entry: dict[str, Any], at: datetime, action: str, what: str, url: str | None, header: str,
    attributes: dict[str, object], zone_source: str, quality: int,
) -> Record:  # fmt: skip
    key = None
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
        elif action == "like":
            key = like_key(video[1])
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
    return Record(
        kind=kind, source=SOURCE_YOUTUBE, occurred_at=at, title=what, body=_description(entry), url=url, key=key,
        precision="ms" if at.microsecond else "s", zone_source=zone_source, quality=quality, attributes=attributes,
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


def _description(entry: dict[str, Any]) -> str | None:
    """Return the longer text of an entry, as the answer that Gemini gave; None where it has none."""
    texts = [str(entry["description"])] if entry.get("description") else []
    texts += [html_text(str(item["html"])) for item in entry.get("safeHtmlItem") or () if item.get("html")]
    return "\n".join(text for text in texts if text) or None


def _place(entry: dict[str, Any], attributes: dict[str, object]) -> None:
    for place in entry.get("locationInfos") or ():
        if match := _COORDINATES.search(str(place.get("url") or "")):
            attributes["latitude"], attributes["longitude"] = float(match[1]), float(match[2])
        if name := place.get("name"):
            attributes["near"] = str(name)
        return
