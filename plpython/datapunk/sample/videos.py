"""The invented video catalogue and what the person watches: evenings of related videos, a taste that moves on."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

from datapunk.sample.life import Life, Seconds, awake, level, spread
from datapunk.sample.phrases import distinct, stream, texts, token, zipf
from datapunk.sample.records import Video, Watch

TITLES_PER_THREAD = 18
MUSIC = "background music"


def topics() -> dict[str, dict[str, Any]]:
    """Topics of videos.toml by name."""
    return {topic["name"]: topic for topic in texts("videos")["topic"]}


def channel_id(name: str) -> str:
    """Identifier of a channel."""
    return "UC" + token(f"channel {name}", 22)


@cache
def catalogue(seed: int) -> dict[tuple[str, str], list[Video]]:
    """Videos by (topic, thread), the favourite of each thread first."""
    rng = stream(seed, "catalogue")
    shelves: dict[tuple[str, str], list[Video]] = {}
    seen: set[str] = set()
    for name, topic in topics().items():
        for thread in topic["thread"]:
            titles = distinct(rng, thread["frames"], TITLES_PER_THREAD, topic["slots"])
            titles = [title for title in titles if title not in seen]
            seen.update(titles)
            rng.shuffle(titles)
            shelves[name, thread["name"]] = [
                _video(rng, title, thread["channels"], name, thread["name"]) for title in titles
            ]
    return shelves


def _video(rng: Random, title: str, channels: list[str], topic: str, thread: str) -> Video:
    channel = rng.choices(channels, (3, 2)[: len(channels)])[0]
    early = rng.random() < 0.55
    published = date(2021, 1, 1) + timedelta(days=rng.randrange(720)) if early else date(2023, 1, 1)
    if not early:
        published += timedelta(days=rng.randrange(1000))
    return Video(
        id=token(f"video {title}", 11), title=title, channel=channel, topic=topic, thread=thread, published=published
    )


def _session(rng: Random, seed: int, day: date, weights: dict[str, float]) -> Iterator[Video]:
    """Videos of one sitting: one thread of one topic, now and then a neighbour, music at the end."""
    shelves = catalogue(seed)
    topic = rng.choices(list(weights), list(weights.values()))[0]
    threads = [thread for name, thread in shelves if name == topic]
    favour = zipf(len(threads), 1.1)
    turn = day.year % len(threads)
    thread = rng.choices(threads, favour[turn:] + favour[:turn])[0]
    seen: set[str] = set()
    for _ in range(rng.choice((2, 3, 3, 4, 4, 5, 6))):
        drift = rng.random()
        here = (topic, thread)
        if drift > 0.97:
            here = rng.choice(list(shelves))
        elif drift > 0.87:
            here = (topic, rng.choice(threads))
        shelf = [video for video in shelves[here] if video.published <= day and video.id not in seen]
        if shelf:
            video = rng.choices(shelf, zipf(len(shelf), 0.7))[0]
            seen.add(video.id)
            yield video
    if rng.random() < 0.16:
        shelf = [video for video in shelves[MUSIC, "streams"] if video.published <= day]
        yield rng.choices(shelf, zipf(len(shelf)))[0]


def watches(seed: int, life: Life, count: int) -> list[Watch]:
    """`count` watches in order of time, adverts and removed videos among them."""
    rng = stream(seed, "watches")
    seconds = Seconds()
    found: list[Watch] = []
    known = topics()
    days = spread(rng, life.days, [2.2 if day.weekday() >= 5 else 1.4 for day in life.days], count // 3 + 8)
    for day in days:
        weights = {name: level(topic["interest"], day) for name, topic in known.items()}
        weekend = day.weekday() >= 5
        at = life.moment(rng, day, *((10, 21) if weekend and rng.random() < 0.5 else (18.5, 21)))
        for video in _session(rng, seed, day, weights):
            if not awake(at):
                break
            if rng.random() < 0.025:
                found.append(Watch(at=seconds.free(at), video=_advert(rng), advert=True))
                at += timedelta(seconds=rng.randrange(16, 60))
            gone = rng.random() < 0.015
            found.append(Watch(at=seconds.free(at), video=None if gone else video))
            at += timedelta(milliseconds=rng.randrange(150_000, 1_100_000))
    keep = sorted(rng.sample(range(len(found)), min(count, len(found))))
    return sorted((found[index] for index in keep), key=lambda watch: watch.at)


def _advert(rng: Random) -> Video:
    title = rng.choice(
        (
            "Andorinha Air: the world is nearer",
            "Strom & Co, power that you understand",
            "Giro Direkt: your account in five minutes",
            "Quadradinho Premium, three months free",
            "Kestrel 64, now in white",
        )
    )
    return Video(
        id=token(f"advert {title}", 11),
        title=title,
        channel=title.split(",")[0].split(":")[0],
        topic="advert",
        thread="advert",
        published=date(2022, 1, 1),
    )
