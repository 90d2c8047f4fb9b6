"""What the columns of an unknown table, or the keys of unknown objects, mean: by their names and their values."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256

from datapunk.lake import localised_time
from datapunk.lake import mapping as mapped
from datapunk.lake.epochs import moment
from datapunk.lake.record import Record
from datapunk.lake.text import clean_url, fold

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^\w]+|_+")
_TIMES = frozenset(
    (
        "time", "timestamp", "date", "datetime", "at", "when", "start", "started", "begin", "datum", "zeit",
        "zeitpunkt", "zeitstempel", "beginn", "fecha", "hora", "heure", "tijd", "data", "ora", "horodatage", "日付",
        "日時", "日期", "时间",
    )
)  # fmt: skip
# Of several times of a thing the one of an act ("starred at") comes before those of its keeping.
_KEEPING = frozenset(("created", "added", "published", "posted", "sent", "received"))
_LATER = frozenset(
    (
        "updated", "modified", "changed", "edited", "deleted", "expires", "expired", "pushed", "due", "end", "ended",
        "finish", "finished", "birthday", "synced", "last",
    )
)  # fmt: skip
_TITLES = (
    "title", "name", "subject", "headline", "summary", "label", "titel", "betreff", "titre", "sujet", "título",
    "titulo", "asunto", "titolo", "onderwerp", "full_name", "display_name", "heading", "名前", "件名", "标题",
)  # fmt: skip
_BODIES = (
    "content", "body", "text", "description", "message", "note", "notes", "comment", "details", "inhalt", "nachricht",
    "beschreibung", "notiz", "contenu", "texte", "contenido", "texto", "descripción", "testo", "inhoud", "tekst",
)  # fmt: skip
_URLS = ("url", "link", "href", "uri", "html_url", "permalink", "website", "web_url", "address_url")
_SECRETS = re.compile(
    r"passw|kennwort|contraseña|mot_de_passe|wachtwoord|secret|token(?!s)|api_?key|private_?key"
    r"|(?:^|_)(?:cvv|cvc|otp|totp|otpauth)(?:$|_)"
)
_PASSWORDS = re.compile(r"password|passwd|passwort|kennwort|contraseña|mot_de_passe|wachtwoord|(?:^|_)otpauth(?:$|_)")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{1,2}:\d{2}.*)?$")
_COUNT = re.compile(r"[0-9]{1,19}(?:\.[0-9]{1,9})?$")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)*$")
# No list of a person's things is older; figures below are counts.
_FIRST_SECOND = 100_000_000
_DEEPEST = 16
_UNSAID: mapped.Columns = {}


@dataclass(frozen=True, slots=True)
class When:
    """A time that was read from a cell."""

    at: datetime
    precision: str
    zone_source: str


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of each meaning, the likeliest first; names are as written."""

    times: tuple[str, ...]
    titles: tuple[str, ...]
    bodies: tuple[str, ...]
    urls: tuple[str, ...]
    secrets: frozenset[str]


@lru_cache(maxsize=256)
def columns(names: tuple[str, ...]) -> Columns:
    """Return what columns of these names mean."""
    words = {name: _words(name) for name in names}
    ranked = sorted((rank, at, name) for at, name in enumerate(names) if (rank := _time_rank(words[name])) is not None)
    return Columns(
        times=tuple(name for _, _, name in ranked),
        titles=_like(words, _TITLES),
        bodies=_like(words, _BODIES),
        urls=_like(words, _URLS),
        secrets=frozenset(name for name in names if _SECRETS.search(words[name])),
    )


def holds_passwords(names: Iterable[str]) -> bool:
    """Tell whether a table is one of passwords, which nobody should import."""
    return any(_PASSWORDS.search(_words(name)) for name in names)


def record(source: str, cells: Mapping[str, object], own_zone: tzinfo, mapping: mapped.Columns = _UNSAID) -> Record:
    """Return a row as a record: its time, title, text and address where they are found, all else as attributes.

    What `mapping` says of a column is taken for granted; where it tells no kind, a document. The whole row is its
    natural key, so that a new one between two alike changes neither. Raises ValueError for an empty one, and for one
    whose time, as mapped, cannot be read.
    """
    told = {name: value for name, value in cells.items() if value not in (None, "", [], {})}
    meant = columns(tuple(told))
    for name in meant.secrets:
        del told[name]
    if not told:
        raise ValueError("nothing in it")
    digest = sha256(repr(sorted((name, str(value)) for name, value in told.items())).encode("utf-8", "replace"))
    given = {name: _given(told, mapping, name) for name in mapped.TEXTS}
    ended = _given_time(told, mapping, "ended_at", own_zone)
    when = _given_time(told, mapping, "occurred_at", own_zone)
    if mapped.column(mapping, "occurred_at") is None:
        when = _taken_time(told, meant, own_zone)
    url = given["url"] or next(
        (told.pop(n) for n in meant.urls if isinstance(told.get(n), str) and _is_url(str(told[n]))), None
    )
    title = given["title"] or _taken_title(told, meant, given)
    body = given["body"] or next((told.pop(name) for name in meant.bodies if isinstance(told.get(name), str)), None)
    return Record(
        kind=str(mapping.get("kind") or "document"),
        source=str(mapping.get("source") or source),
        occurred_at=when.at if when else None,
        ended_at=ended.at if ended else None,
        precision=when.precision if when else "s",
        zone_source=when.zone_source if when else "utc",
        title=title,
        body=str(body) if body else None,
        url=str(url) if url else None,
        external_id=given["external_id"],
        language=given["language"],
        key=digest.hexdigest(),
        attributes={name or "more": _clean(value) for name, value in told.items()},
    )


def _given(told: dict[str, object], mapping: mapped.Columns, field: str) -> str | None:
    """Take the text out of a row that the mapping gives for a field."""
    name = mapped.column(mapping, field)
    value = told.pop(name, None) if name else None
    return None if value is None else str(value)


def _given_time(told: dict[str, object], mapping: mapped.Columns, field: str, own_zone: tzinfo) -> When | None:
    """Take the time out of a row that the mapping gives for a field. Raises ValueError for what is none."""
    name = mapped.column(mapping, field)
    value = told.pop(name, None) if name else None
    if value is None:
        return None
    day_first = mapping.get("day_first")
    when = instant(value, own_zone, named=True, day_first=day_first if isinstance(day_first, bool) else None)
    if when is None:
        raise ValueError(f"no sure time in {name!r}: {value!r}")
    return when


def _taken_title(told: dict[str, object], meant: Columns, given: Mapping[str, str | None]) -> str | None:
    name = next((name for name in meant.titles if isinstance(told.get(name), str)), None)
    # A row that says enough for itself needs no other words in its title.
    name = name or (None if given["body"] else _first_text(told))
    return str(told.pop(name)) if name else None


def flat(value: Mapping[str, object], prefix: str = "", depth: int = _DEEPEST) -> dict[str, object]:
    """Return an object with its inner objects' keys behind theirs, joined by dots; lists stay."""
    found: dict[str, object] = {}
    for key, inner in value.items():
        if isinstance(inner, Mapping) and inner and depth:
            found.update(flat(inner, f"{prefix}{key}.", depth - 1))
        else:
            found[f"{prefix}{key}"] = inner
    return found


def instant(value: object, own_zone: tzinfo, *, named: bool, day_first: bool | None = None) -> When | None:
    """Return the time that a cell tells: ISO 8601 or, where its column is `named` as one, a number or words."""
    if isinstance(value, str):
        text = fold(value).strip()
        if _ISO.match(text):
            return _iso(text, own_zone)
        if not _COUNT.match(text):
            return _spoken(text, own_zone, day_first) if named else None
        value = Decimal(text)
    return _counted(value) if named and isinstance(value, int | Decimal) else None


def _counted(value: int | Decimal) -> When | None:
    """Return the instant of a number since 1970, in whatever unit; truth values are far below the first."""
    try:
        if value < _FIRST_SECOND:
            return None
        at, precision = moment(value)
    except (ValueError, ArithmeticError):
        return None
    return When(at, precision, "utc")


def _iso(text: str, own_zone: tzinfo) -> When | None:
    text = text.removesuffix(" UTC") + ("+00:00" if text.endswith(" UTC") else "")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    precision = "day" if len(text) == 10 else "us" if at.microsecond % 1_000 else "ms" if at.microsecond else "s"
    if at.tzinfo is None:
        return When(at.replace(tzinfo=own_zone), precision, "date" if precision == "day" else "floating")
    return When(at, precision, "offset" if at.utcoffset() else "utc")


def _spoken(text: str, own_zone: tzinfo, day_first: bool | None) -> When | None:
    """Return a time in words or figures, unless it can be read in two ways."""
    found = localised_time.instant(text, zone=own_zone, day_first=day_first)
    return When(found.at, found.precision, found.zone_source) if found and not found.ambiguous else None


def _words(name: str) -> str:
    """Return a column's name in snake case: startTime, "Start time" and start-time are start_time."""
    return "_".join(filter(None, _WORD_START.split(fold(name)))).casefold()


def _time_rank(name: str) -> int | None:
    """Return how early a column is asked for the time; None where its name is of no time."""
    parts = set(name.split("_"))
    if parts & _LATER:
        return 3 if parts & _TIMES else None
    if name in _TIMES:
        return 0
    if not parts & _TIMES and not parts <= _KEEPING:
        return None
    return 2 if parts & _KEEPING else 1


def _like(words: Mapping[str, str], wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns that are called as wanted, in that order, then those whose last word is."""
    exact = [name for want in wanted for name, word in words.items() if word == want]
    ending = [name for want in wanted for name, word in words.items() if word.endswith(f"_{want}")]
    return tuple(dict.fromkeys((*exact, *ending)))


def _taken_time(told: dict[str, object], meant: Columns, own_zone: tzinfo) -> When | None:
    """Take the time out of a row: of a column that is named so, else of the first that looks like one."""
    for names, named in ((meant.times, True), (tuple(told), False)):
        for name in names:
            if when := instant(told[name], own_zone, named=named):
                del told[name]
                return when
    return None


def _first_text(told: Mapping[str, object]) -> str | None:
    """Return the first column with a text that is neither a figure nor an address."""
    for name, value in told.items():
        if isinstance(value, str) and not _NUMBER.match(value.strip()) and not _is_url(value):
            return name
    return None


def _is_url(value: str) -> bool:
    return value.lstrip()[:8].casefold().startswith(("http://", "https://"))


def _clean(value: object) -> object:
    if isinstance(value, list):
        return [_clean(inner) for inner in value]
    if isinstance(value, Mapping):
        return {str(key): _clean(inner) for key, inner in value.items() if not _SECRETS.search(_words(str(key)))}
    return clean_url(value) if isinstance(value, str) and _is_url(value) else value
