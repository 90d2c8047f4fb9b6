"""One history gives the same keys however it was exported: as data or pages, in any language, zone, order of files."""

import html
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.identity import Occurrences, content_hash
from datapunk.lake.record import Context, Record
from datapunk.lake.registry import by_name
from datapunk.lake.stream import MemberStream

_MONTHS = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "es": "ene feb mar abr may jun jul ago sept oct nov dic",
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
}


@dataclass(frozen=True)
class Act:
    """Something done: watched, searched or visited, at an instant in milliseconds since 1970."""

    kind: str
    what: str
    at_ms: int

    @property
    def at(self) -> datetime:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=self.at_ms)

    @property
    def url(self) -> str:
        name = quote_plus(self.what)
        return {
            "watch": f"https://www.youtube.com/watch?v=v{self.what.encode().hex()[:10]:0<10}",
            "search": f"https://www.google.com/search?q={name}",
            "visit": f"https://example.org/{name}",
        }[self.kind]


@dataclass(frozen=True)
class Way:
    """A language of an export: what stands around the object of each verb, its dates, the account's zone."""

    verbs: dict[str, tuple[str, str]]
    date: Callable[[datetime], str]
    zone: str
    hours: int
    headers: tuple[str, str]


def _named(language: str) -> Callable[[datetime], str]:
    months = _MONTHS[language].split()
    return lambda at: f"{at.day} {months[at.month - 1]} {at.year}, {at:%H:%M:%S}"


WAYS = {
    "en": Way(
        {"watch": ("Watched\u00a0", ""), "search": ("Searched for\u00a0", ""), "visit": ("Visited\u00a0", "")},
        lambda at: f"{_MONTHS['en'].split()[at.month - 1]} {at.day}, {at.year}, {at.hour % 12 or 12}:{at:%M:%S}"
        f"\u202f{'AM' if at.hour < 12 else 'PM'}",
        "WEST", 1, ("Search", "YouTube"),
    ),
    "es": Way(
        {"watch": ("Has visto ", ""), "search": ("Has buscado ", ""), "visit": ("Has visitado ", "")},
        _named("es"), "CEST", 2, ("Búsqueda", "YouTube"),
    ),
    "de": Way(
        {"watch": ("", "\u00a0angesehen"), "search": ("Gesucht nach: ", ""), "visit": ("", " aufgerufen")},
        lambda at: f"{at:%d.%m.%Y, %H:%M:%S}", "MEZ", 1, ("Google Suche", "YouTube"),
    ),
    "fr": Way(
        {"watch": ("Vous avez regardé ", ""), "search": ("Vous avez recherché ", ""),
         "visit": ("Vous avez consulté ", "")},
        _named("fr"), "HAEC", 2, ("Recherche", "YouTube"),
    ),
}  # fmt: skip

_WORDS = st.sampled_from(
    ["tea", "Grinder 64", "“quoted” & co", "«dit» et «fait»", "Ünïcödé", "日本語", "a/b?c=d", "what <b>is</b>"]
)
_ACTS = st.builds(
    Act, kind=st.sampled_from(["watch", "search", "visit"]), what=_WORDS,
    # A few seconds, so that true repeats occur, over a year with its changes of the clock.
    at_ms=st.builds(
        lambda day, second, ms: 1_672_531_200_000 + day * 86_400_000 + second * 1_000 + ms,
        st.integers(0, 364), st.integers(3_500, 3_503), st.sampled_from([0, 250, 999]),
    ),
)  # fmt: skip
#: Newest first, as every export is.
HISTORIES = st.lists(_ACTS, min_size=1, max_size=12).map(lambda acts: sorted(acts, key=lambda act: -act.at_ms))


def as_data(acts: Sequence[Act], language: str) -> bytes:
    way = WAYS[language]

    def entry(act: Act) -> dict[str, Any]:
        before, after = way.verbs[act.kind]
        header = way.headers[act.kind == "watch"]
        return {
            "header": header, "title": f"{before}{act.what}{after}", "titleUrl": act.url, "products": [header],
            "time": act.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }  # fmt: skip

    return json.dumps([entry(act) for act in acts], ensure_ascii=False).encode()


def as_page(acts: Sequence[Act], language: str) -> bytes:
    way = WAYS[language]
    zone = timezone(timedelta(hours=way.hours))

    def card(act: Act) -> str:
        before, after = way.verbs[act.kind]
        header = way.headers[act.kind == "watch"]
        link = f'<a href="{html.escape(act.url)}">{html.escape(act.what)}</a>'
        time = f"{way.date(act.at.astimezone(zone))} {way.zone}"
        return (
            f'<div class="outer-cell"><div class="header-cell"><p class="mdl-typography--title">{header}<br></p></div>'
            f'<div class="content-cell mdl-typography--body-1">{before}{link}{after}<br>{time}<br></div>'
            f'<div class="content-cell mdl-typography--caption"><b>Products:</b><br>&emsp;{header}<br></div></div>'
        )

    return f"<!DOCTYPE html><html><body>{''.join(map(card, acts))}</body></html>".encode()


def records(source: str, content: bytes) -> list[Record]:
    found = list(by_name(source).parse(MemberStream(io.BytesIO(content)), Context(member="Takeout/m")))
    assert all(isinstance(one, Record) for one in found), found
    return [one for one in found if isinstance(one, Record)]


def keys(source: str, content: bytes) -> list[bytes]:
    occurrences = Occurrences()
    return sorted(content_hash(record, occurrences) for record in records(source, content))


@settings(max_examples=60, deadline=None)
@given(acts=HISTORIES)
def test_true_repeats_survive_and_each_act_has_a_key_of_its_own(acts: list[Act]) -> None:
    found = keys("my_activity", as_data(acts, "en"))
    assert len(set(found)) == len(acts)


@pytest.mark.parametrize("language", sorted(WAYS))
@settings(max_examples=40, deadline=None)
@given(acts=HISTORIES)
def test_data_in_any_language_have_the_keys_of_english_data(language: str, acts: list[Act]) -> None:
    assert keys("my_activity", as_data(acts, language)) == keys("my_activity", as_data(acts, "en"))


@pytest.mark.parametrize("language", sorted(WAYS))
@settings(max_examples=40, deadline=None)
@given(acts=HISTORIES)
def test_pages_in_any_language_and_zone_have_the_keys_of_data(language: str, acts: list[Act]) -> None:
    assert keys("my_activity_html", as_page(acts, language)) == keys("my_activity", as_data(acts, "en"))


@settings(max_examples=40, deadline=None)
@given(acts=HISTORIES, data=st.data())
def test_files_in_any_order_have_the_same_keys(acts: list[Act], data: st.DataObject) -> None:
    # A part holds whole files: each product has one of its own.
    files = [[act for act in acts if act.kind == kind] for kind in ("watch", "search", "visit")]
    order = data.draw(st.permutations(files))
    assert sorted(k for file in order for k in keys("my_activity", as_data(file, "en"))) == keys(
        "my_activity", as_data(acts, "en")
    )


@settings(max_examples=40, deadline=None)
@given(acts=HISTORIES, later=HISTORIES)
def test_later_export_has_the_keys_of_the_earlier_one_and_its_own(acts: list[Act], later: list[Act]) -> None:
    moved = [Act(act.kind, act.what, act.at_ms + 400 * 86_400_000) for act in later]
    both = set(keys("my_activity", as_data([*moved, *acts], "en")))
    assert both == set(keys("my_activity", as_data(acts, "es"))) | set(keys("my_activity", as_data(moved, "de")))


@settings(max_examples=40, deadline=None)
@given(acts=HISTORIES)
def test_history_of_youtube_meets_my_activity(acts: list[Act]) -> None:
    watched = [act for act in acts if act.kind == "watch"]
    assert keys("youtube", as_data(watched, "en")) == keys("my_activity", as_data(watched, "es"))
