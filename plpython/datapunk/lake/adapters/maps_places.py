"""Google Maps: places that were saved, starred or labelled, reviews, and lists of places as tables."""

import re
from collections.abc import Iterator, Mapping
from posixpath import basename
from typing import Any
from urllib.parse import unquote

from datapunk.lake.geo import Instant, Point, instant, known_point, number
from datapunk.lake.names import folded, last_part, named
from datapunk.lake.record import Context, Found, Listing, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected, rejected_row
from datapunk.lake.stream import MemberStream, json_items
from datapunk.lake.tabular import encoding_of, rows
from datapunk.lake.takeout import product_path

NAME = "google_maps"
VERSION = "1"

_NAMES = named(
    "Saved Places.json", "Labeled places.json", "Labelled places.json", "Gespeicherte Orte.json",
    "Orte mit Beschriftungen.json",
)  # fmt: skip
_REVIEWS = named("Reviews.json", "Bewertungen.json", "Rezensionen.json")
_LISTS = ("/saved/", "/gespeichert/")
_MAP_LINK = re.compile(
    r"//(?:maps\.google\.|(?:www\.)?google\.[a-z.]+/maps|maps\.app\.goo\.gl|goo\.gl/maps)", re.IGNORECASE
)
_KEYS = re.compile(rb'"(?:Google Maps URL|google_maps_url)"\s*:')
_LABELLED = re.compile(rb'"properties"\s*:\s*\{\s*"(?:address|name)"\s*:')
# The columns of a list by what they hold, in the languages that were seen.
_COLUMNS = {
    "title": named("Title", "Titel", "Título", "Titre", "Titolo", "Başlık", "العنوان", "标题"),
    "note": named("Note", "Notiz", "Nota", "Notitie", "Not", "ملاحظة", "备注"),
    "url": named("URL"),
    "tags": named("Tags", "Etiquetas", "Étiquettes", "Etiketler"),
    "comment": named("Comment", "Kommentar", "Comentario", "Commentaire", "Opmerking", "Commento", "Yorum", "评论"),
}
_ALL_COLUMNS = frozenset[str]().union(*_COLUMNS.values())
_STARS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_CID = re.compile(r"[?&]cid=(\d{1,20})\b|0x[0-9a-f]{1,16}:0x([0-9a-f]{1,16})", re.IGNORECASE)
_AT = re.compile(r"(?:/search/|[?&]q=|/@|!3d)(-?\d+\.\d+)(?:,|!4d)\+?(-?\d+\.\d+)")
_NOTES_ROWS = 20


def claims(member: str, head: bytes) -> float:
    """Claim GeoJSON whose features link to Google Maps, and tables with the columns of a list of places."""
    name = last_part(member)
    if not head:
        path = f"/{folded(member)}"
        listed = path.endswith(".csv") and any(folder in path for folder in _LISTS)
        review = name in _REVIEWS and "/maps (" in path
        return BY_NAME if listed or review or name in _NAMES else 0.0
    if head.lstrip()[:1] == b"{":
        if b'"features"' not in head[:4096]:
            return 0.0
        return SURE if _KEYS.search(head) or (name in _NAMES and _LABELLED.search(head)) else 0.0
    return SURE if _header_at(head) is not None else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return (
        "Maps (your places)/Saved Places.json",
        "Maps (your places)/Reviews.json",
        "Maps/My labeled places/Labeled places.json",
        "Saved/*.csv",
    )


def listing(member: str, head: bytes) -> Listing | None:
    """Tell that the saved and the labelled places of a Takeout are all that there are."""
    name = last_part(member)
    return Listing(f"places:{name}", whole=True) if name in _NAMES and product_path(member) else None


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a document per place or review, of type saved_place or review; other links of a list are bookmarks."""
    if stream.head.lstrip()[:1] != b"{":
        yield from _list(stream, context)
        return
    for feature in json_items(stream, "features.item"):
        if isinstance(feature, Rejected):
            yield feature
            continue
        try:
            yield _feature(feature)
        except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as exc:
            yield rejected(f"a place needs a name or an address: {exc!r}", feature, "features.item")


def _feature(feature: Mapping[str, Any]) -> Record:
    """Return the place of a feature; until 2021 its keys were written for people, as in "Star Rating"."""
    told = {folded(str(key)): value for key, value in feature["properties"].items()}
    location = {folded(str(key)): value for key, value in (told.get("location") or {}).items()}
    east, north, *_ = (feature.get("geometry") or {}).get("coordinates") or (None, None)
    corner = location.get("geo coordinates") or {}
    place = known_point(north, east) or known_point(corner.get("Latitude"), corner.get("Longitude"))
    rating = _rating(told.get("five star rating published", told.get("star rating")))
    text = told.get("review text published", told.get("review comment", told.get("review text")))
    title = told.get("title") or location.get("name") or location.get("business name") or told.get("name")
    review = rating is not None or text is not None or "questions" in told
    attributes: dict[str, object] = {}
    if rating is not None:
        attributes["rating"] = rating
    for name, value in (
        ("address", location.get("address") or told.get("address")),
        ("country", location.get("country code")),
    ):
        if value:
            attributes[name] = str(value)
    if answers := [_answer(question) for question in told.get("questions") or ()]:
        attributes["answers"] = answers
    stamp = told.get("date", told.get("published"))
    body = text if review else told.get("comment")
    return _record(
        "review" if review else "saved_place", str(title or attributes.get("address") or ""), str(body or ""),
        str(told.get("google maps url") or ""), place, instant(stamp) if stamp else None, attributes,
    )  # fmt: skip


def _rating(value: object) -> int | None:
    if isinstance(value, str) and value.strip().lower() in _STARS:
        return _STARS[value.strip().lower()]
    stars = number(value)
    return None if stars is None else int(stars)


def _answer(question: Mapping[str, Any]) -> dict[str, object]:
    """Return what was asked and answered in a review: a number of stars or an option."""
    answer = question.get("rating", question.get("selected_option", question.get("selected_options")))
    return {"question": str(question.get("question") or ""), "answer": answer}


def _record(
    kind: str, title: str, body: str, url: str, place: Point | None, at: Instant | None, attributes: dict[str, object]
) -> Record:
    """Return the document of a place, identified by Google's number for it, which tables and GeoJSON spell apart."""
    found = _CID.search(url)
    number_of = "" if found is None else str(int(found[1]) if found[1] else int(found[2], 16))
    if place is None and (spot := _AT.search(unquote(url))):
        place = known_point(spot[1], spot[2])
    if place is not None:
        attributes = {"latitude": place.latitude, "longitude": place.longitude, **attributes}
    if number_of == "0":
        number_of = ""
    if number_of:
        attributes["place_id"] = number_of
    if not (title or url or place):
        raise ValueError("neither name nor address nor coordinates")
    return Record(
        kind="document",
        source=NAME,
        occurred_at=at.at if at else None,
        title=title or None,
        body=body or None,
        url=url or None,
        external_id=f"{kind}/{number_of}" if number_of else None,
        precision=at.precision if at else "s",
        zone_source=at.zone_source if at else "utc",
        attributes={"type": kind, **attributes},
    )


def _header_at(head: bytes) -> int | None:
    """Return where the header of a list begins: below its description, which may have several lines."""
    encoding = encoding_of(head)
    offset = 0
    for line in head.split(b"\n", _NOTES_ROWS)[:_NOTES_ROWS]:
        words = [folded(cell.strip().strip('"')) for cell in line.decode(encoding, "replace").split(",")]
        # Other tables of links have such columns too, among others.
        known = words[0] in _COLUMNS["title"] and _ALL_COLUMNS.issuperset(words)
        if known and _COLUMNS["url"] & set(words) and (_COLUMNS["note"] | _COLUMNS["comment"]) & set(words):
            return offset
        offset += len(line) + 1
    return None


def _list(stream: MemberStream, context: Context) -> Iterator[Found]:
    offset = _header_at(stream.head)
    if offset is None:
        yield Rejected(reason="no row with the columns of a list of places", byte_offset=0, sample=stream.head[:4096])
        return
    about = stream.read(offset).decode(encoding_of(stream.head), "replace").strip() if offset else ""
    name = basename(context.member).removesuffix(".csv")
    for row in rows(stream, ","):
        if isinstance(row, Rejected):
            yield row
            continue
        told = {
            column: value.strip()
            for header, value in row.cells.items()
            for column, names in _COLUMNS.items()
            if folded(header) in names
        }
        attributes: dict[str, object] = {"list": name}
        if about:
            attributes["list_description"] = about
        if tags := [tag.strip() for tag in told.get("tags", "").split(",") if tag.strip()]:
            attributes["labels"] = tags
        body = "\n".join(part for part in (told.get("note"), told.get("comment")) if part)
        try:
            kind = "saved_place" if not told.get("url") or _MAP_LINK.search(told["url"]) else "bookmark"
            yield _record(kind, told.get("title", ""), body, told.get("url", ""), None, None, attributes)
        except ValueError as exc:
            yield rejected_row(f"row {row.number}: {exc}", row.cells, row.offset)
