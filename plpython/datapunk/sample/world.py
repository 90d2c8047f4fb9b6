"""All records of one sample, before they are written."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from datapunk.sample.agenda import agenda
from datapunk.sample.life import Life
from datapunk.sample.mails import mails
from datapunk.sample.pages import clicks, visits
from datapunk.sample.phrases import token
from datapunk.sample.records import Activity, Event, Mail, Video, Visit, Watch
from datapunk.sample.searches import SEARCHED, app_activities, map_activities, video_searches, web_searches
from datapunk.sample.videos import watches

# Records of each kind in a sample of 20,000; browser visits are what remains.
_USUAL = {
    "watches": 3200,
    "video": 640,
    "web": 2100,
    "clicks": 480,
    "maps": 460,
    "apps": 260,
    "mails": 2400,
    "events": 880,
}
BROKEN = 3

NUL_TITLE = "Rain radar\0Lisbon | Regenradar"
NARROW_QUERY = "train lisbon porto 7:30\u202fAM"
EMOJI_TITLE = "Latte art in one take ☕🐱 (no cuts)"
RTL_TITLE = "أخبار لشبونة: عودة الترام ٢٨ إلى العمل"
TWIN_TITLE = "Registration opens at noon | Maratona do Tejo"
TWIN_URL = "https://maratonadotejo.example/inscricoes"


@dataclass(frozen=True, kw_only=True)
class World:
    """Everything that happened, by source; My Activity repeats YouTube's history from `youtube_activity_since` on."""

    life: Life
    watches: list[Watch]
    video_searches: list[Activity]
    web_activities: list[Activity]
    map_activities: list[Activity]
    app_activities: list[Activity]
    visits: list[Visit]
    mails: list[Mail]
    events: list[Event]
    youtube_activity_since: datetime

    @classmethod
    def build(cls, seed: int, years: int, records: int) -> Self:
        """Draw the life so that its files hold `records` records, the broken ones included."""
        life = Life.load(years)
        share = {name: round(count * records / 20_000) for name, count in _USUAL.items()}
        since = datetime(life.end.year, 1, 1, tzinfo=UTC)
        seen = _with_emoji(watches(seed, life, share["watches"]))
        sought = video_searches(seed, life, share["video"])
        asked = web_searches(seed, life, share["web"])
        followed, results = clicks(seed, asked, seen, share["clicks"])
        web = sorted([*(search for _, search in asked), *results, _narrow()], key=lambda activity: activity.at)
        maps = map_activities(seed, life, share["maps"])
        apps = app_activities(seed, life, share["apps"])
        letters = mails(seed, life, share["mails"])
        entries = agenda(seed, life, share["events"])
        twice = sum(watch.at >= since for watch in seen) + sum(search.at >= since for search in sought)
        others = sum(len(part) for part in (seen, sought, web, maps, apps, letters, entries)) + twice + BROKEN
        planted = _planted()
        browsed = visits(seed, life, max(records - others - len(planted), 0), followed)
        return cls(
            life=life,
            watches=seen,
            video_searches=sought,
            web_activities=web,
            map_activities=maps,
            app_activities=apps,
            visits=sorted([*browsed, *planted], key=lambda visit: (visit.at, visit.url)),
            mails=letters,
            events=entries,
            youtube_activity_since=since,
        )

    @property
    def repeated_watches(self) -> list[Watch]:
        """Watches that My Activity holds as well."""
        return [watch for watch in self.watches if watch.at >= self.youtube_activity_since]

    @property
    def repeated_searches(self) -> list[Activity]:
        """Video searches that My Activity holds as well."""
        return [search for search in self.video_searches if search.at >= self.youtube_activity_since]


def _with_emoji(seen: list[Watch]) -> list[Watch]:
    at = datetime(2025, 4, 6, 18, 2, 11, 402_000, tzinfo=UTC)
    while any(int(watch.at.timestamp()) == int(at.timestamp()) for watch in seen):
        at += timedelta(seconds=1)
    video = Video(
        id=token("quirk emoji", 11),
        title=EMOJI_TITLE,
        channel="The Patient Barista",
        topic="espresso",
        thread="technique",
        published=at.date(),
    )
    return sorted([*seen, Watch(at=at, video=video)], key=lambda watch: watch.at)


def _narrow() -> Activity:
    return Activity(
        at=datetime(2025, 2, 13, 7, 31, 2, 118_000, tzinfo=UTC),
        product="Search",
        verb=SEARCHED,
        text=NARROW_QUERY,
        url="https://www.google.com/search?q=train+lisbon+porto+7:30%E2%80%AFAM",
    )


def _planted() -> list[Visit]:
    twin = datetime(2025, 1, 9, 12, 0, 0, 104_233, tzinfo=UTC)
    return [
        Visit(
            at=datetime(2025, 3, 3, 7, 40, 12, 55_101, tzinfo=UTC),
            title=NUL_TITLE,
            url="https://regen-radar.example/lisbon",
        ),
        Visit(
            at=datetime(2025, 5, 4, 10, 5, 47, 900_412, tzinfo=UTC),
            title=RTL_TITLE,
            url="https://akhbar.example/tram-28",
        ),
        Visit(at=twin, title=TWIN_TITLE, url=TWIN_URL, transition="TYPED"),
        Visit(at=twin + timedelta(microseconds=612_390), title=TWIN_TITLE, url=TWIN_URL, transition="RELOAD"),
    ]
