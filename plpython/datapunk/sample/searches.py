"""What the person types: web, video, map and app searches, routes, apps used."""

from datetime import date, timedelta
from functools import cache
from random import Random
from urllib.parse import quote, quote_plus

from datapunk.sample.life import Life, Seconds, level, spread
from datapunk.sample.phrases import distinct, slug, stream, texts, zipf
from datapunk.sample.records import Activity
from datapunk.sample.videos import MUSIC, topics

SEARCHED, VISITED, ROUTE, AREA, USED, INSTALLED = (
    "Searched for",
    "Visited",
    "Directions to",
    "Viewed area around",
    "Used",
    "Installed",
)
APPS = (
    "Interval Timer",
    "Chess Clock",
    "Verbos",
    "Tram Lisboa",
    "Coffee Ratio",
    "Run Tracker",
    "Podstack",
    "Tide Table",
)


@cache
def queries(seed: int) -> dict[str, list[str]]:
    """Distinct queries by topic or occasion, the most frequent first."""
    rng = stream(seed, "queries")
    raw = texts("pages")
    words = {**raw["slots"], **raw["querywords"]}
    pools = {name: distinct(rng, topic["query"], 45, topic["slots"]) for name, topic in topics().items()}
    for occasion, frames in raw["queries"].items():
        if occasion == "daily":
            for city in ("Berlin", "Lisbon"):
                pools[f"daily {city}"] = distinct(rng, frames, 40, {**words, "city": (city.lower(),)})
        else:
            pools[occasion] = distinct(rng, frames, 70, words)
    for pool in pools.values():
        first, rest = pool[:1], pool[1:]
        rng.shuffle(rest)
        pool[:] = first + rest
    return pools


def _occasions(life: Life, day: date) -> dict[str, float]:
    weights = {name: level(topic["interest"], day) for name, topic in topics().items() if name != MUSIC}
    weights[f"daily {life.home(day).city}"] = 22
    weights["moving"] = 16 if date(2024, 1, 5) <= day <= date(2024, 6, 30) else 0
    weights["job"] = 12 if date(2023, 11, 1) <= day <= date(2024, 2, 20) else 0
    weights["work"] = 26 if life.works(day) else 2
    return weights


def _draw(rng: Random, seed: int, weights: dict[str, float], widest: int) -> tuple[str, str]:
    occasion = rng.choices(list(weights), list(weights.values()))[0]
    pool = queries(seed)[occasion][:widest]
    return occasion, rng.choices(pool, zipf(len(pool), 0.8))[0]


def web_searches(seed: int, life: Life, count: int) -> list[tuple[str, Activity]]:
    """(occasion, search) in order of time."""
    rng = stream(seed, "web searches")
    seconds = Seconds()
    found = []
    for day in spread(rng, life.days, [1.0] * len(life.days), count):
        weights = _occasions(life, day)
        occasion, query = _draw(rng, seed, weights, 70)
        hours = (9.5, 17.5) if occasion == "work" else (8, 21.5)
        at = seconds.free(life.moment(rng, day, *hours))
        url = f"https://www.google.com/search?q={quote_plus(query)}"
        found.append((occasion, Activity(at=at, product="Search", verb=SEARCHED, text=query, url=url)))
    return sorted(found, key=lambda pair: pair[1].at)


def video_searches(seed: int, life: Life, count: int) -> list[Activity]:
    """Searches for videos, in order of time."""
    rng = stream(seed, "video searches")
    seconds = Seconds()
    found = []
    for day in spread(rng, life.days, [1.0] * len(life.days), count):
        weights = {name: level(topic["interest"], day) for name, topic in topics().items()}
        weights[MUSIC] = 3
        query = _draw(rng, seed, weights, 24)[1]
        at = seconds.free(life.moment(rng, day, 18.5, 21.2))
        url = f"https://www.youtube.com/results?search_query={quote_plus(query)}"
        found.append(Activity(at=at, product="YouTube", verb=SEARCHED, text=query, url=url))
    return sorted(found, key=lambda search: search.at)


def _city(rng: Random, life: Life, day: date) -> str:
    trip = life.trip(day) or life.trip(day + timedelta(days=21)) if rng.random() < 0.8 else life.trip(day)
    return trip.city if trip else life.home(day).city


def map_activities(seed: int, life: Life, count: int) -> list[Activity]:
    """Searches, routes and views of the map, near where the person is or soon will be."""
    rng = stream(seed, "maps")
    seconds = Seconds()
    cities = texts("places")
    planned = [6.0 if life.trip(day) else 1.0 for day in life.days]
    found = []
    for day in spread(rng, life.days, planned, count):
        city = _city(rng, life, day)
        latitude, longitude = cities[city]["centre"]
        point = (round(latitude + rng.gauss(0, 0.01), 7), round(longitude + rng.gauss(0, 0.012), 7))
        spot = rng.choices(cities[city]["spots"], zipf(len(cities[city]["spots"]), 0.6))[0]
        at = seconds.free(life.moment(rng, day, 9, 21))
        verb = rng.choices((SEARCHED, ROUTE, AREA), (55, 33, 12))[0]
        near = f"@{point[0]},{point[1]},15z"
        if verb == SEARCHED:
            text = rng.choice((spot, spot, *rng.sample(queries(seed)["maps"], 1)))
            url = f"https://www.google.com/maps/search/{quote(text)}/{near}"
        elif verb == ROUTE:
            text, url = spot, f"https://www.google.com/maps/dir//{quote(spot)}/{near}"
        else:
            text, url = city, f"https://www.google.com/maps/{near}"
        found.append(Activity(at=at, product="Maps", verb=verb, text=text, url=url, point=point))
    return sorted(found, key=lambda activity: activity.at)


def app_activities(seed: int, life: Life, count: int) -> list[Activity]:
    """Use of apps on the phone, and the shop where they come from."""
    rng = stream(seed, "apps")
    seconds = Seconds()
    found = []
    for day in spread(rng, life.days, [1.0] * len(life.days), count):
        at = seconds.free(life.moment(rng, day, 7.5, 21.5))
        kind = rng.random()
        app = rng.choices(APPS, zipf(len(APPS), 0.5))[0]
        store = f"https://play.google.com/store/apps/details?id=example.{slug(app).replace('-', '.')}"
        if kind < 0.6:
            found.append(Activity(at=at, product="Android", verb=USED, text=app, url=store))
        elif kind < 0.85:
            query = rng.choice(queries(seed)["play"])
            url = f"https://play.google.com/store/search?q={quote_plus(query)}"
            found.append(Activity(at=at, product="Google Play Store", verb=SEARCHED, text=query, url=url))
        else:
            verb = VISITED if kind < 0.95 else INSTALLED
            found.append(Activity(at=at, product="Google Play Store", verb=verb, text=app, url=store))
    return sorted(found, key=lambda activity: activity.at)
