"""The invented web: sites with pages, and the browsing of mornings, work, lunch breaks, evenings and weekends."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any
from urllib.parse import quote

from datapunk.sample.life import Life, Seconds, awake, level, spread
from datapunk.sample.people import with_role
from datapunk.sample.phrases import distinct, fill, slug, stream, texts, token, zipf
from datapunk.sample.records import Activity, Page, Visit, Watch
from datapunk.sample.videos import topics

HOURS = {
    "morning": (7.0, 9.0),
    "lunch": (12.0, 13.7),
    "work": (9.5, 17.5),
    "evening": (18.0, 21.0),
    "weekend": (10.0, 20.0),
}
_SECTIONS = {"daily Berlin": "errands", "daily Lisbon": "errands", "job": "job hunt", "maps and data": "work"}
MIXES = {"morning": 30, "lunch": 16, "work": 24, "evening": 24, "weekend": 9}


@dataclass(frozen=True, kw_only=True)
class Site:
    """A site: when it is read, how much over time, and its pages in their order of appearance or of favour."""

    domain: str
    name: str
    section: str
    when: str
    weight: dict[str, float]
    since: date
    until: date
    pages: tuple[Page, ...]

    @property
    def front(self) -> Page:
        """The front page."""
        return Page(url=f"https://{self.domain}/", title=self.name, domain=self.domain, section=self.section)


@cache
def sites(seed: int) -> list[Site]:
    """All sites with their pages."""
    rng = stream(seed, "pages")
    return [_site(rng, raw) for raw in texts("pages")["site"]]


def _site(rng: Random, raw: dict[str, Any]) -> Site:
    words = {**texts("pages")["slots"], "friend": [person.name for person in with_role("friend", "family")]}
    own = topics()[raw["topic"]]["slots"] if "topic" in raw else {}
    titles = distinct(rng, raw["frames"], raw["pages"], own, words)
    pages = (
        Page(
            url=f"https://{raw['domain']}/{slug(raw['section'])}/{quote(slug(title))}-{token(title, 4).lower()}",
            title=f"{title} | {raw['name']}",
            domain=raw["domain"],
            section=raw["section"],
        )
        for title in titles
    )
    return Site(
        domain=raw["domain"],
        name=raw["name"],
        section=raw["section"],
        when=raw["when"],
        weight=raw["weight"],
        since=raw.get("since", date.min),
        until=raw.get("until", date.max),
        pages=tuple(pages),
    )


def pick(rng: Random, site: Site, day: date) -> Page:
    """A page of the site: news and boards run with the time, other pages have their favourites."""
    if site.section in {"news", "work"}:
        whole = (date(2025, 12, 31) - date(2023, 1, 1)).days
        place = (day - date(2023, 1, 1)).days / whole * len(site.pages)
        return site.pages[min(max(int(rng.gauss(place, 3)), 0), len(site.pages) - 1)]
    return rng.choices(site.pages, zipf(len(site.pages), 0.8))[0]


def _when(rng: Random, life: Life, day: date) -> str:
    mixes = {**MIXES, "work": MIXES["work"] if life.works(day) else 0}
    mixes["weekend"] = 26 if day.weekday() >= 5 else 0
    return rng.choices(list(mixes), list(mixes.values()))[0]


def _sitting(rng: Random, seed: int, life: Life, day: date) -> Iterator[Visit]:
    when = _when(rng, life, day)
    open_sites = [site for site in sites(seed) if site.when == when and site.since <= day < site.until]
    weights = [level(site.weight, day) for site in open_sites]
    if not any(weights):
        return
    site = rng.choices(open_sites, weights)[0]
    at = life.moment(rng, day, *HOURS[when])
    if rng.random() < 0.6:
        yield Visit(
            at=at, title=site.front.title, url=site.front.url, transition=rng.choice(("TYPED", "AUTO_BOOKMARK"))
        )
        at += timedelta(microseconds=rng.randrange(3_000_000, 40_000_000))
    for _ in range(rng.choice((1, 2, 2, 3, 4, 5))):
        page = pick(rng, site, day)
        yield Visit(at=at, title=page.title, url=page.url, transition=rng.choice(("LINK", "LINK", "LINK", "RELOAD")))
        at += timedelta(microseconds=rng.randrange(15_000_000, 420_000_000))


def clicks(
    seed: int, searches: list[tuple[str, Activity]], watches: list[Watch], limit: int
) -> tuple[list[Visit], list[Activity]]:
    """Browser visits that follow from searches and videos, and the clicks on results that My Activity keeps.

    A click and the browser's record of the page lie at least three seconds apart.
    """
    rng = stream(seed, "clicks")
    visits: list[Visit] = []
    results: list[Activity] = []
    by_section: dict[str, list[Site]] = {}
    for site in sites(seed):
        by_section.setdefault(site.section, []).append(site)
    for occasion, search in searches:
        if rng.random() < 0.45:
            visits.append(
                Visit(at=search.at, title=f"{search.text} - Google Search", url=search.url, transition="GENERATED")
            )
        if rng.random() < 0.3 and len(results) < limit:
            near = by_section.get(_SECTIONS.get(occasion, occasion), by_section["news"])
            page = pick(rng, rng.choice(near), search.at.date())
            at = search.at + timedelta(seconds=rng.randrange(4, 30))
            results.append(Activity(at=at, product="Search", verb="Visited", text=page.title, url=page.url))
            visits.append(
                Visit(at=at + timedelta(seconds=3, microseconds=rng.randrange(999_999)), title=page.title, url=page.url)
            )
    for watch in watches:
        if watch.video and not watch.advert and rng.random() < 0.09:
            visits.append(Visit(at=watch.at, title=f"{watch.video.title} - YouTube", url=watch.video.url))
    return visits, results


def visits(seed: int, life: Life, count: int, already: list[Visit]) -> list[Visit]:
    """`count` visits in order of time, those of `already` first in the choice."""
    rng = stream(seed, "visits")
    seconds = Seconds()
    linked = [visit for visit in already if awake(visit.at)]
    linked = rng.sample(linked, min(len(linked), count // 3))
    weights = [0.35 if life.trip(day) else 1.0 for day in life.days]
    browsed: list[Visit] = []
    rest = count - len(linked)
    while len(browsed) < rest:
        for day in spread(rng, life.days, weights, max(count // 5, 4)):
            browsed.extend(visit for visit in _sitting(rng, seed, life, day) if awake(visit.at))
    found = linked + rng.sample(browsed, rest)
    found.sort(key=lambda visit: (visit.at, visit.url))
    return [
        Visit(at=seconds.free(visit.at), title=visit.title, url=visit.url, transition=visit.transition)
        for visit in found
    ]


def headline(rng: Random, topic: str) -> str:
    """A title about a topic, as a newsletter quotes it."""
    raw = topics()[topic]
    thread = rng.choice(raw["thread"])
    return fill(rng, rng.choice(thread["frames"]), raw["slots"])
