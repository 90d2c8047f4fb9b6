"""What a sample's records imply for questions of several parts: slots, and the figures of each part in its order."""

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from bench.gaia_periods import Period, month, year
from datapunk.sample.truth import ranking

if TYPE_CHECKING:
    from bench.gaia_bank import Bank

Part = dict[str, Any]
Drawn = tuple[dict[str, str], list[Part]]
_MILESTONES = {
    "adopted-cat": "I adopted the cat", "bought-grinder": "I bought the grinder", "moved": "I moved to Lisbon",
    "marathon": "I ran the marathon",
}  # fmt: skip


def _met(bank: "Bank", period: Period) -> list[str]:
    return [person.name for day, event in bank.held if period.holds(day) for person in event.attendees]


def _exchanged(bank: "Bank", names: set[str], since: date, until: date = date.max) -> int:
    dated = [*bank.received, *bank.sent]
    return sum(name in names and since <= at.date() < until for at, name in dated)


def _got(bank: "Bank", names: set[str], since: date, until: date = date.max) -> int:
    return sum(name in names and since <= at.date() < until for at, name in bank.received)


def _trip(bank: "Bank") -> tuple[str, Period]:
    trip = bank.random.choice(bank.facts["trips"])
    since, end = date.fromisoformat(trip["start"]), date.fromisoformat(trip["end"])
    return str(trip["city"]), Period(text=str(trip["city"]), within="", since=since, until=end + timedelta(days=1))


def _later(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, day.day)


def _year(bank: "Bank") -> Period:
    return year(bank.random.choice(bank.years))


def _month(bank: "Bank") -> Period:
    return month(bank.random.choice(bank.years), bank.random.randint(1, 12))


def _first(names: list[str]) -> tuple[str, int]:
    """The most frequent name, where there is one."""
    (best, count), *rest = ranking(names, 2)
    if rest and rest[0][1] == count:
        raise LookupError("a tie")
    return str(best), int(count)


def _milestone(bank: "Bank") -> tuple[str, date]:
    key = bank.random.choice([key for key in _MILESTONES if key in bank.facts["milestones"]])
    return _MILESTONES[key], date.fromisoformat(bank.facts["milestones"][key]["on"])


def met_then_mailed(bank: "Bank", _: str) -> Drawn:
    city, stay = _trip(bank)
    names = set(_met(bank, stay))
    mails = _exchanged(bank, names, stay.until)
    return {"city": city}, [{"names": sorted(names)}, {"count": mails}]


def peak_day(bank: "Bank", wording: str) -> Drawn:
    period = _month(bank)
    watched = [str(day) for day in bank.things["watch"].days if period.holds(day)]
    best = date.fromisoformat(_first(watched)[0])
    kind = "visit" if "pages" in wording else "search"
    return {"month": period.text}, [{"peak": str(best)}, {"count": bank.things[kind].days.count(best)}]


def where_when(bank: "Bank", _: str) -> Drawn:
    said, day = _milestone(bank)
    places = [event.location for held, event in bank.held if held == day and event.location]
    if not places:
        raise LookupError("at no place")
    return {"milestone": said}, [{"date": str(day)}, {"places": sorted(set(places))}]


def each(bank: "Bank", _: str) -> Drawn:
    one, other = bank.random.sample(bank.writers, 2)
    period = _year(bank)
    counts = [_got(bank, {name}, period.since, period.until) for name in (one, other)]
    return {"person": one, "person2": other, "year": period.text}, [{"each": counts}]


def two_years(bank: "Bank", _: str) -> Drawn:
    kind = bank.random.choice(["watch", "search", "event"])
    thing = bank.things[kind]
    one, other = bank.random.sample(bank.years, 2)
    counts = [sum(year(number).holds(day) for day in thing.days) for number in (one, other)]
    slots = {"things": thing.things, "do": thing.do, "year": str(one), "year2": str(other)}
    return slots, [{"count": count} for count in counts]


def two_kinds(bank: "Bank", wording: str) -> Drawn:
    period = bank.period()
    kinds = ["watch", "visit" if "pages" in wording else "search"]
    if re.search(r"searches.*videos", wording):
        kinds.reverse()
    counts = [sum(period.holds(day) for day in bank.things[kind].days) for kind in kinds]
    return {"in_period": period.within}, [{"count": count} for count in counts]


def met_most(bank: "Bank", _: str) -> Drawn:
    period = _year(bank)
    name, met = _first(_met(bank, period))
    return {"year": period.text}, [{"top": [name, met]}, {"count": _got(bank, {name}, period.since, period.until)}]


def person_met(bank: "Bank", wording: str) -> Drawn:
    period = _year(bank)
    name, met = _first(_met(bank, period))
    dated = bank.sent if "send to" in wording else bank.received
    return {"year": period.text}, [{"top": [name, met]}, {"count": [who for _, who in dated].count(name)}]


def _channel(bank: "Bank", period: Period) -> tuple[str, int]:
    return _first(bank.within(period, bank.watched))


def channel_first(bank: "Bank", _: str) -> Drawn:
    period = _year(bank)
    name, watched = _channel(bank, period)
    first = min(at.date() for at, channel in bank.watched if channel == name)
    return {"year": period.text}, [{"top": [name, watched]}, {"date": str(first)}]


def milestone_count(bank: "Bank", wording: str) -> Drawn:
    said, day = _milestone(bank)
    after = "week after" in wording
    since, until = (day + timedelta(days=1), day + timedelta(days=8)) if after else (day, day + timedelta(days=1))
    count = sum(since <= at < until for at in bank.things["search"].days)
    return {"milestone": said}, [{"date": str(day)}, {"count": count}]


def trip_with(bank: "Bank", wording: str) -> Drawn:
    city, stay = _trip(bank)
    parts: list[Part] = [{"date": str(stay.since)}, {"names": sorted(set(_met(bank, stay)))}]
    return {"city": city}, parts[::-1] if wording.startswith("Who") else parts


def trip_mails(bank: "Bank", wording: str) -> Drawn:
    city, stay = _trip(bank)
    names = set(_met(bank, stay))
    since, until = stay.until, _later(stay.until, 1)
    if "before" in wording:
        since, until = _later(stay.since, -1), stay.since
    return {"city": city}, [{"names": sorted(names)}, {"count": _got(bank, names, since, until)}]


def compare_first(bank: "Bank", wording: str) -> Drawn:
    one, other = bank.random.sample(bank.writers, 2)
    period = _year(bank)
    dated = bank.received if re.search(r"from|sent me", wording) else [*bank.received, *bank.sent]
    days = {name: [at.date() for at, who in dated if who == name and period.holds(at.date())] for name in (one, other)}
    if not all(days.values()):
        raise LookupError("nothing to compare")
    every = [day for found in days.values() for day in found]
    end = max(every) if "last" in wording else min(every)
    compared = {name: len(found) for name, found in days.items()}
    return {"person": one, "person2": other, "year": period.text}, [{"compared": compared}, {"date": str(end)}]


def channel_other_year(bank: "Bank", _: str) -> Drawn:
    one, other = (year(number) for number in bank.random.sample(bank.years, 2))
    name, watched = _channel(bank, one)
    again = bank.within(other, bank.watched).count(name)
    return {"year": one.text, "year2": other.text}, [{"top": [name, watched]}, {"count": again}]


def writer_met(bank: "Bank", _: str) -> Drawn:
    period = _year(bank)
    name, wrote = _first(bank.within(period, bank.received))
    return {"year": period.text}, [{"top": [name, wrote]}, {"count": _met(bank, period).count(name)}]


def independent(bank: "Bank", wording: str) -> Drawn:
    period, channel = _month(bank), bank.random.choice(bank.channels)
    count: Part = {"count": sum(period.holds(day) for day in bank.things["watch"].days)}
    last: Part = {"date": str(max(at.date() for at, name in bank.watched if name == channel))}
    is_first = wording.index("{month}") < wording.index("{channel}")
    return {"month": period.text, "channel": channel}, [count, last] if is_first else [last, count]


def first_mail_day(bank: "Bank", wording: str) -> Drawn:
    person = bank.person()
    first = min(at.date() for at, name in bank.received if name == person)
    week = "week before" in wording
    since, until = (first - timedelta(days=7), first) if week else (first, first + timedelta(days=1))
    days = bank.things["visit" if "pages" in wording else "search"].days
    return {"person": person}, [{"date": str(first)}, {"count": sum(since <= day < until for day in days)}]
