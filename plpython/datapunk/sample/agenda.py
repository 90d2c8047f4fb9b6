"""The calendar: meetings, habits, dinners, trips, birthdays, milestones."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from datapunk.sample.life import Job, Life, Trip, spread
from datapunk.sample.people import Person, everyone, owner, with_role
from datapunk.sample.phrases import fill, stream, texts, token
from datapunk.sample.records import Event
from datapunk.sample.videos import topics

BERLINERS = ("jonas", "ayse", "tomasz", "priya")
LISBONERS = ("ines", "mateo", "ines", "priya")
BIRTHDAYS = {"jonas": (4, 23), "isla": (2, 9), "ines": (7, 30), "tomasz": (12, 2), "lea": (8, 17), "henrik": (11, 28)}


def _uid(text: str) -> str:
    return f"{token(text, 26).lower().replace('_', '0').replace('-', '1')}@google.com"


def _timed(life: Life, day: date, hour: float, hours: float, summary: str, **more: Any) -> Event:
    start = datetime.combine(day, time()) + timedelta(minutes=int(hour * 60))
    fields: dict[str, Any] = {"calendar": "personal", "zone": life.zone(day), **more}
    return Event(
        uid=_uid(f"{start} {summary}"), start=start, end=start + timedelta(hours=hours), summary=summary, **fields
    )


def _whole(first: date, last: date, summary: str, **more: Any) -> Event:
    fields: dict[str, Any] = {"calendar": "personal", "zone": "", **more}
    return Event(uid=_uid(f"{first} {summary}"), start=first, end=last + timedelta(days=1), summary=summary, **fields)


def agenda(seed: int, life: Life, count: int) -> list[Event]:
    """About `count` entries: the fixed ones always, then meetings and private dates in proportion."""
    rng = stream(seed, "agenda")
    found = [*_fixed(life), *_weekly(life)]
    rest = max(count - len(found), 0)
    found += _one_to_ones(rng, life, rest * 22 // 100)
    found += _meetings(rng, life, rest * 44 // 100)
    while len(found) < count:
        found += _private(rng, life, count - len(found))
    seen: dict[tuple[str, datetime | None], Event] = {}
    for event in found:
        seen.setdefault((event.uid, event.moved_from), event)
    return sorted(seen.values(), key=lambda event: (str(event.start), event.uid))


def _fixed(life: Life) -> list[Event]:
    found = [_whole(stone.on, stone.on, stone.text, key=stone.key) for stone in life.milestones]
    for trip in life.trips:
        found += _trip(life, trip)
    for key, (month, day) in BIRTHDAYS.items():
        years = life.end.year - life.start.year + 1
        days = tuple(date(life.start.year + n, month, day) for n in range(years))
        rule = f"FREQ=YEARLY;COUNT={years}"
        name = everyone()[key].name
        found.append(_whole(days[0], days[0], f"{name}'s birthday", calendar="birthdays", rrule=rule, recurs_on=days))
    cancelled = datetime(2025, 9, 12, 19, 0)
    found.append(
        Event(
            uid=_uid("cancelled concert"),
            calendar="personal",
            start=cancelled,
            end=cancelled + timedelta(hours=3),
            summary="Open-air concert at the Gulbenkian",
            zone="Europe/Lisbon",
            location="Fundação Calouste Gulbenkian",
            status="CANCELLED",
            key="quirk-cancelled",
        )
    )
    return found


def _trip(life: Life, trip: Trip) -> list[Event]:
    home = life.home(trip.start)
    companion = everyone()[trip.companion]
    out = datetime.combine(trip.start, time(9, 15))
    back = datetime.combine(trip.end, time(13, 30))
    flight: dict[str, Any] = {
        "calendar": "personal",
        "description": f"Booked for the stay at {trip.lodging}.",
        "key": trip.key,
    }
    far = trip.zone if trip.zone != home.zone else ""
    travel = timedelta(hours=13 if trip.city == "Tokyo" else 3)
    there, here = f"{home.city} to {trip.city}", f"{trip.city} to {home.city}"
    return [
        _whole(
            trip.start,
            trip.end,
            f"{trip.city} trip",
            location=trip.city,
            description=f"Stay: {trip.lodging}",
            key=trip.key,
        ),
        Event(
            uid=_uid(there + trip.key),
            start=out,
            end=out + travel,
            summary=there,
            zone=home.zone,
            end_zone=far,
            **flight,
        ),
        Event(uid=_uid(here + trip.key), start=back, end=back + travel, summary=here, zone=trip.zone, **flight),
        Event(
            uid=_uid(f"evening {trip.key}"),
            calendar="personal",
            start=datetime.combine(trip.start + timedelta(days=2), time(18, 0)),
            end=datetime.combine(trip.start + timedelta(days=2), time(20, 0)),
            summary=f"Evening in {trip.city} with {companion.name.split()[0]}",
            zone=trip.zone,
            location=texts("places")[trip.city]["spots"][1],
            organizer=owner(),
            attendees=(companion,),
            key=trip.key,
        ),
    ]


def _series(
    life: Life, first: date, last: date, hour: int, hours: float, summary: str, calendar: str, location: str
) -> list[Event]:
    """A weekly entry, left out on trips, with one instance moved by a day."""
    first = max(first, life.start + timedelta(days=(first.weekday() - life.start.weekday()) % 7))
    last = min(last, life.end)
    days = [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]
    if not days:
        return []
    start = datetime.combine(first, time(hour))
    zone = life.home(first).zone
    left_out = tuple(datetime.combine(day, time(hour)) for day in days if life.trip(day))
    weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[first.weekday()]
    rule = f"FREQ=WEEKLY;UNTIL={last:%Y%m%d}T220000Z;BYDAY={weekday}"
    uid = _uid(f"{summary} {first}")
    kept = [day for day in days if datetime.combine(day, time(hour)) not in left_out]
    moved = datetime.combine(kept[len(kept) // 2], time(hour))
    series = Event(
        uid=uid,
        calendar=calendar,
        start=start,
        end=start + timedelta(hours=hours),
        summary=summary,
        zone=zone,
        location=location,
        rrule=rule,
        recurs_on=tuple(day for day in kept if day != moved.date()),
        left_out=left_out,
        key="series",
    )
    instance = Event(
        uid=uid,
        calendar=calendar,
        start=moved + timedelta(days=1),
        end=moved + timedelta(days=1, hours=hours),
        summary=summary,
        zone=zone,
        location=location,
        moved_from=moved,
        key="moved",
    )
    return [series, instance]


def _weekly(life: Life) -> list[Event]:
    found: list[Event] = []
    if life.start < date(2024, 3, 25):
        found += _series(life, date(2023, 1, 2), date(2024, 3, 25), 10, 1, "Team week", "work", "Room Mercator")
        found += _series(
            life, date(2024, 5, 7), date(2024, 11, 19), 18, 1.5, "Portuguese A2", "personal", "Escola Fala Devagar"
        )
    found += _series(life, date(2024, 4, 15), date(2025, 12, 15), 10, 1, "Sprint planning", "work", "Sala Maré")
    found += _series(
        life, date(2024, 5, 2), date(2025, 12, 18), 19, 2, "Chess club night", "personal", "Clube de Xadrez da Graça"
    )
    return found


def _one_to_ones(rng: Random, life: Life, count: int) -> list[Event]:
    days = [day for day in life.days if life.works(day) and day.weekday() in {1, 3}]
    found = []
    for day in sorted(rng.sample(days, min(count, len(days)))):
        job = life.job(day)
        if job:
            manager = everyone()[job.manager]
            summary = f"1:1 {manager.name.split()[0]} / Nora"
            found.append(
                _timed(
                    life, day, 14, 0.5, summary, calendar="work", in_utc=True, organizer=manager, attendees=(manager,)
                )
            )
    return found


def _meeting(rng: Random, life: Life, day: date, job: Job) -> Event:
    team = [everyone()[key] for key in (job.manager, *job.team)]
    here = [person for person in team if person.around(day)]
    guests = rng.sample(here, min(rng.choice((1, 1, 2, 3)), len(here)))
    raw = texts("agenda")
    words = texts("mails")["slots"]
    summary = fill(rng, rng.choice(raw["work"]), topics()["maps and data"]["slots"], words)
    hour = rng.choice((9.5, 11, 11.5, 13.5, 15, 15.5, 16))
    return _timed(
        life,
        day,
        hour,
        rng.choice((0.5, 1, 1.5)),
        summary,
        calendar="work",
        in_utc=True,
        description=fill(rng, rng.choice(raw["description"]), words) if rng.random() < 0.4 else "",
        location=rng.choice(raw["rooms"][job.employer]),
        organizer=guests[0],
        attendees=tuple(guests),
    )


def _meetings(rng: Random, life: Life, count: int) -> list[Event]:
    days = [day for day in life.days if life.works(day)]
    found = []
    for day in spread(rng, days, [1.0] * len(days), count):
        job = life.job(day)
        if job:
            found.append(_meeting(rng, life, day, job))
    return found


def _friends(day: date, life: Life) -> Sequence[Person]:
    names = BERLINERS if life.home(day).city == "Berlin" else LISBONERS
    return [person for person in (everyone()[name] for name in names) if person.around(day)] or with_role("family")


def _private(rng: Random, life: Life, count: int) -> list[Event]:
    raw = texts("agenda")
    found = []
    days = [day for day in life.days if life.trip(day) is None]
    for day in spread(rng, days, [2.0 if day.weekday() >= 4 else 1.0 for day in days], count):
        kind = rng.random()
        spots = texts("places")[life.home(day).city]["spots"]
        if kind < 0.6:
            friend = rng.choice(_friends(day, life))
            summary = fill(rng, rng.choice(raw["friend"]), first=friend.name.split()[0])
            hour = rng.choice((12.5, 18, 18.5, 19))
            found.append(
                _timed(life, day, hour, 2, summary, location=rng.choice(spots), organizer=owner(), attendees=(friend,))
            )
        elif kind < 0.8 and life.home(day).city == "Lisbon":
            found.append(_timed(life, day, rng.choice((8, 9, 18)), 1.5, rng.choice(raw["run"])))
        else:
            found.append(_timed(life, day, rng.choice((9, 11, 16)), 1, rng.choice(raw["self"])))
    return found
