"""What is true of a sample: the counts, dates and rankings that an import of it must arrive at."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from datapunk.sample import keeps, mbox, takeout
from datapunk.sample.life import HOME_ZONES
from datapunk.sample.people import everyone, owner
from datapunk.sample.records import Event, Mail, Watch
from datapunk.sample.searches import SEARCHED, VISITED
from datapunk.sample.videos import catalogue
from datapunk.sample.world import EMOJI_TITLE, NARROW_QUERY, NUL_TITLE, RTL_TITLE, TWIN_TITLE, World

Facts = dict[str, Any]
_SEASONS = {
    12: "winter",
    1: "winter",
    2: "winter",
    3: "spring",
    4: "spring",
    5: "spring",
    6: "summer",
    7: "summer",
    8: "summer",
}


def season(at: datetime) -> str:
    """Season of an instant as '2024-spring'; December counts to the winter of the year that it ends in."""
    year = at.year + (at.month == 12)
    return f"{year}-{_SEASONS.get(at.month, 'autumn')}"


def ranking(names: Iterable[str], k: int = 10) -> list[list[Any]]:
    """[name, count] of the k most frequent names, ties by name."""
    return [[name, count] for name, count in sorted(Counter(names).items(), key=lambda pair: (-pair[1], pair[0]))[:k]]


def iso(at: datetime) -> str:
    """Instant in UTC with microseconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _months(days: Iterable[date]) -> dict[str, int]:
    return dict(sorted(Counter(f"{day:%Y-%m}" for day in days).items()))


class Ledger:
    """Views of a world that both the facts and the questions count from: items by kind, after the rules of identity."""

    def __init__(self, world: World) -> None:
        self.world = world
        store = world.app_activities
        self.visits: list[tuple[datetime, str]] = [(visit.at, visit.url) for visit in world.visits]
        self.visits += [(click.at, click.url) for click in (*world.web_activities, *store) if click.verb == VISITED]
        self.searches = [
            search
            for search in (*world.web_activities, *world.map_activities, *store, *world.video_searches)
            if search.verb == SEARCHED
        ]
        self.app_uses = [
            activity for activity in (*world.map_activities, *store) if activity.verb not in {SEARCHED, VISITED}
        ]
        self.watches = world.watches
        self.channel_watches = [watch for watch in world.watches if watch.video and not watch.advert]

    def days(self) -> dict[str, list[date]]:
        """Days of the items of each kind; a calendar entry counts as often as it recurs,
        a day of the band once a figure."""
        return {
            "visit": [at.date() for at, _ in self.visits],
            "search": [search.at.date() for search in self.searches],
            "watch": [watch.at.date() for watch in self.watches],
            "mail": [mail.at.date() for mail in self.world.mails],
            "event": [day for event in self.world.events for day in event.days],
            "app_use": [activity.at.date() for activity in self.app_uses],
            "note": [note.at.date() for note in keeps.NOTES],
            "task": [task.at.date() for task in keeps.ERRANDS],
            "measurement": [day for day in keeps.figure_days(self.world) for _ in range(keeps.FIGURES_A_DAY)],
        }

    def hosts(self, year: int) -> list[str]:
        """Hosts of the visits of a year."""
        return [url.split("/")[2] for at, url in self.visits if at.year == year]


def _members(world: World) -> dict[str, dict[str, int]]:
    store = Counter(activity.product for activity in world.app_activities)
    found = {
        takeout.CHROME: (len(world.visits) + 1, 1),
        takeout.MY_ANDROID: (store["Android"], 0),
        takeout.MY_STORE: (store["Google Play Store"], 0),
        takeout.MY_MAPS: (len(world.map_activities), 0),
        takeout.MY_SEARCH: (len(world.web_activities) + 1, 1),
        takeout.MY_YOUTUBE: (len(world.repeated_watches) + len(world.repeated_searches), 0),
        takeout.WATCH_HISTORY: (len(world.watches) + 1, 1),
        takeout.SEARCH_HISTORY: (len(world.video_searches), 0),
        takeout.MAIL: (len(world.mails), 0),
    }
    calendars = Counter(event.calendar for event in world.events)
    found |= {path: (calendars[name], 0) for name, path in takeout.CALENDARS.items()}
    return {
        f"{takeout.ROOT}/{path}": {"records": records, "broken": broken} for path, (records, broken) in found.items()
    }


def _kept_members(world: World) -> dict[str, dict[str, int]]:
    figures = len(keeps.figure_days(world)) * keeps.FIGURES_A_DAY
    found = {
        keeps.TASKS: len(keeps.ERRANDS),
        keeps.STEPS: figures,
        **{keeps.note_path(note): 1 for note in keeps.NOTES},
    }
    return {f"{takeout.ROOT}/{path}": {"records": records, "broken": 0} for path, records in found.items()}


def _channels(watches: Sequence[Watch]) -> Facts:
    by_channel: dict[str, list[datetime]] = {}
    for watch in watches:
        if watch.video:
            by_channel.setdefault(watch.video.channel, []).append(watch.at)
    return {
        channel: {"watches": len(times), "first": takeout.stamp(min(times)), "last": takeout.stamp(max(times))}
        for channel, times in sorted(by_channel.items())
    }


def _correspondents(mails: Sequence[Mail]) -> Facts:
    found: Facts = {}
    for mail in mails:
        mine = mail.sender == owner()
        for person in mail.to if mine else (mail.sender,):
            entry = found.setdefault(
                person.email, {"name": person.name, "received": 0, "sent": 0, "received_by_year": {}}
            )
            entry["sent" if mine else "received"] += 1
            if not mine:
                year = str(mail.at.year)
                entry["received_by_year"][year] = entry["received_by_year"].get(year, 0) + 1
    return dict(sorted(found.items()))


def _meetings(events: Sequence[Event]) -> Facts:
    found: Facts = {}
    for event in events:
        for person in event.attendees:
            entry = found.setdefault(person.email, {"name": person.name, "events": 0, "by_year": {}})
            entry["events"] += 1
            year = str(event.start.year)
            entry["by_year"][year] = entry["by_year"].get(year, 0) + 1
    return dict(sorted(found.items()))


def _recommender(seed: int, ledger: Ledger) -> Facts:
    videos = {video.id: video for shelf in catalogue(seed).values() for video in shelf}
    topics: dict[str, list[str]] = {}
    for video in videos.values():
        topics.setdefault(video.topic, []).append(video.url)
    return {
        "topics": topics,
        "videos": {
            video.url: {"title": video.title, "channel": video.channel, "topic": video.topic, "thread": video.thread}
            for video in videos.values()
        },
        "watches": [[watch.at.date().isoformat(), watch.video.url] for watch in ledger.channel_watches if watch.video],
    }


def _letter(mail: Mail) -> Facts:
    return {
        "message_id": mail.message_id,
        "gmail_id": str(mail.gmail_id),
        "subject": mail.subject,
        "occurred_at": iso(mail.at),
    }


def _quirks(world: World) -> Facts:
    letters = {mail.key: mail for mail in world.mails if mail.key}
    return {
        "nul_title": NUL_TITLE,
        "narrow_no_break_space_query": NARROW_QUERY,
        "emoji_title": EMOJI_TITLE,
        "right_to_left_title": RTL_TITLE,
        "twins_within_one_second": {"title": TWIN_TITLE, "items": 2},
        "long_mail": {**_letter(letters["quirk-long"]), "characters": len(mbox.body_text(letters["quirk-long"]))},
        "from_line_mail": {
            **_letter(letters["quirk-from-line"]),
            "raw_line": ">From there walk down to the river and count the bridges.",
            "line": "From there walk down to the river and count the bridges.",
        },
        "raw_utf8_header_mail": _letter(letters["quirk-raw-header"]),
        "cancelled_event": next(event.uid for event in world.events if event.status == "CANCELLED"),
        "removed_videos": sum(watch.video is None for watch in world.watches),
        "adverts": sum(watch.advert for watch in world.watches),
        "watches_in_both_files": len(world.repeated_watches),
        "searches_in_both_files": len(world.repeated_searches),
        "recurring_events": {
            event.uid: {"summary": event.summary, "occurrences": len(event.days)}
            for event in world.events
            if event.rrule
        },
    }


def facts(world: World, seed: int) -> Facts:
    """All facts of a sample except the questions, ready for JSON."""
    ledger = Ledger(world)
    days = ledger.days()
    by_kind = {kind: len(of_kind) for kind, of_kind in days.items()}
    lived = _members(world)
    members = lived | _kept_members(world)
    years = range(world.life.start.year, world.life.end.year + 1)
    watched = ledger.channel_watches
    letters = {mail.key: _letter(mail) for mail in world.mails if mail.key}
    return {
        "archive": takeout.ARCHIVE,
        "exported_at": "2026-01-05T09:15:00Z",
        "owner": {"name": owner().name, "email": owner().email},
        "dates_hold_in_zones": ["UTC", *HOME_ZONES],
        "whole_days_in_zone": world.life.home(world.life.end).zone,
        "records": sum(member["records"] for member in lived.values()),
        "items": {"total": sum(by_kind.values()), **by_kind},
        "items_by_month": {kind: _months(of_kind) for kind, of_kind in days.items()},
        "event_components": len(world.events),
        "searches_by_product": dict(sorted(Counter(search.product for search in ledger.searches).items())),
        "app_uses": dict(
            sorted(Counter(f"{activity.product}: {activity.verb}" for activity in ledger.app_uses).items())
        ),
        "members": members,
        "rejects": [
            {"member": name, "records": member["broken"]} for name, member in members.items() if member["broken"]
        ],
        "ignored": [f"{takeout.ROOT}/{keeps.UNKNOWN}"],
        "channels": _channels(watched),
        "top_channels": {
            str(year): ranking(watch.video.channel for watch in watched if watch.video and watch.at.year == year)
            for year in years
        },
        "top_channels_by_season": {
            name: ranking((watch.video.channel for watch in watched if watch.video and season(watch.at) == name), 5)
            for name in sorted({season(watch.at) for watch in watched})
        },
        "top_hosts": {str(year): ranking(ledger.hosts(year)) for year in years},
        "top_searches": {
            str(year): ranking(search.text for search in ledger.searches if search.at.year == year) for year in years
        },
        "correspondents": _correspondents(world.mails),
        "meetings": _meetings(world.events),
        "homes": [{**asdict(home), "since": home.since.isoformat()} for home in world.life.homes],
        "jobs": [
            {
                "employer": job.employer,
                "title": job.title,
                "since": job.since.isoformat(),
                "until": job.until.isoformat(),
            }
            for job in world.life.jobs
        ],
        "trips": [
            {
                "key": trip.key,
                "city": trip.city,
                "start": trip.start.isoformat(),
                "end": trip.end.isoformat(),
                "lodging": trip.lodging,
                "with": everyone()[trip.companion].name,
            }
            for trip in world.life.trips
        ],
        "milestones": {stone.key: {"on": stone.on.isoformat(), "text": stone.text} for stone in world.life.milestones},
        "letters": letters,
        "quirks": _quirks(world),
        "recommender": _recommender(seed, ledger),
    }
