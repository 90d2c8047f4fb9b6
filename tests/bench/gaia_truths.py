"""What a sample's records imply for each intent of the question bank: slots and figures, one function an intent."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bench.gaia_periods import FIRST_DAY, LAST_DAY, Period, month, season, spoken_day, year
from datapunk.sample.people import owner
from datapunk.sample.records import Event
from datapunk.sample.truth import ranking

if TYPE_CHECKING:
    from bench.gaia_bank import Bank, Thing

Drawn = tuple[dict[str, str], dict[str, Any]]
_GROUPS = {"watch": "channels", "visit": "sites"}
_DO_ANY = {
    "watch": ("watch a video", "watched a video"), "search": ("make a search", "made a search"),
    "visit": ("visit a page", "visited a page"), "event": ("have an event", "had an event"),
}  # fmt: skip
_MILESTONES = {
    "moved": "I moved to Lisbon", "adopted-cat": "I adopted the cat", "bought-grinder": "I bought the grinder",
    "new-job": "my first day at Ondas Labs",
}  # fmt: skip
_TOPICS = ("weather lisbon", "ribollita", "dovetails", "upsert", "espresso", "chess club", "marathon", "kale", "butter")
_LETTERED = ("the boiler", "the tent", "the grinder", "the sleeping bag", "the marathon", "the knife", "tide gauges")
_FACTS = (
    "my locker code is 4411", "I am allergic to walnuts", "the spare key lies with Priya", "my shoe size is 41",
    "the bins go out on Tuesdays",
)  # fmt: skip


def _forms(topic: str) -> list[re.Pattern[str]]:
    """A word of a topic in singular and plural."""
    stems = [re.sub(r"(?<!s)s$", "", word) for word in topic.removeprefix("the ").split()]
    return [re.compile(rf"\b{stem}s?\b", re.IGNORECASE) for stem in stems]


def _words(thing: "Thing", period: Period) -> dict[str, str]:
    return {"things": thing.things, "do": thing.do, "did": thing.did, "done": thing.done, **_spoken(period)}


def _spoken(period: Period) -> dict[str, str]:
    return {"period": period.text, "in_period": period.within}


def _count(thing: "Thing", period: Period) -> int:
    return sum(period.holds(day) for day in thing.days)


def count_period(bank: "Bank", _: str) -> Drawn:
    _, thing = bank.thing()
    period = bank.period()
    return _words(thing, period), {"count": _count(thing, period)}


def count_mails_from(bank: "Bank", _: str) -> Drawn:
    person, period = bank.person(), year(bank.random.choice(bank.years))
    return {"person": person, **_spoken(period)}, {"count": bank.within(period, bank.received).count(person)}


def count_mails_to(bank: "Bank", _: str) -> Drawn:
    person, period = bank.person(), year(bank.random.choice(bank.years))
    return {"person": person, **_spoken(period)}, {"count": bank.within(period, bank.sent).count(person)}


def _met(bank: "Bank", person: str, period: Period) -> list[Event]:
    return [e for day, e in bank.held if period.holds(day) and person in [p.name for p in e.attendees]]


def count_meetings(bank: "Bank", _: str) -> Drawn:
    person, period = bank.person(bank.met), year(bank.random.choice(bank.years))
    return {"person": person, **_spoken(period)}, {"count": len(_met(bank, person, period))}


def count_channel(bank: "Bank", _: str) -> Drawn:
    channel, period = bank.random.choice(bank.channels), bank.period()
    return {"channel": channel, **_spoken(period)}, {"count": bank.within(period, bank.watched).count(channel)}


def count_site(bank: "Bank", _: str) -> Drawn:
    site, period = bank.random.choice(bank.sites), bank.period()
    return {"site": site, **_spoken(period)}, {"count": bank.within(period, bank.visited).count(site)}


def count_topic(bank: "Bank", _: str) -> Drawn:
    topic = bank.random.choice(_TOPICS)
    forms = _forms(topic)
    found = sum(all(form.search(search.text) for form in forms) for search in bank.ledger.searches)
    return {"topic": topic}, {"count": found}


def count_distinct(bank: "Bank", _: str) -> Drawn:
    kind, period = bank.random.choice(list(_GROUPS)), bank.period()
    names = bank.within(period, bank.watched if kind == "watch" else bank.visited)
    return {"groups": _GROUPS[kind], **_words(bank.things[kind], period)}, {"count": len(set(names))}


def count_days(bank: "Bank", _: str) -> Drawn:
    kind, thing = bank.thing()
    period = bank.period()
    do_any, did_any = _DO_ANY[kind]
    days = {day for day in thing.days if period.holds(day)}
    return {"do_any": do_any, "did_any": did_any, **_spoken(period)}, {"count": len(days)}


def count_weekday(bank: "Bank", _: str) -> Drawn:
    _, thing = bank.thing()
    period, weekday = bank.period(), bank.random.randint(0, 6)
    name = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[weekday]
    found = sum(period.holds(day) and day.weekday() == weekday for day in thing.days)
    return {"weekday": name, **_words(thing, period)}, {"count": found}


def count_not(bank: "Bank", _: str) -> Drawn:
    channel, period = bank.random.choice(bank.channels), bank.period()
    other = _count(bank.things["watch"], period) - bank.within(period, bank.watched).count(channel)
    return {"channel": channel, **_spoken(period)}, {"count": other}


def count_anchor(bank: "Bank", _: str) -> Drawn:
    trip = bank.random.choice(bank.facts["trips"])
    since, last = (date.fromisoformat(trip[key]) for key in ("start", "end"))
    _, thing = bank.thing()
    period = Period(text="", within="", since=since, until=last + timedelta(days=1))
    return {"city": trip["city"], **_words(thing, period)}, {"count": _count(thing, period)}


def count_week_before(bank: "Bank", wording: str) -> Drawn:
    trip = bank.random.choice(bank.facts["trips"])
    first, last = (date.fromisoformat(trip[key]) for key in ("start", "end"))
    days = timedelta(
        days=14 if "two weeks" in wording else 10 if "10 days" in wording else 5 if "5 days" in wording else 7
    )
    until = last + timedelta(days=1)
    since, until = (until, until + days) if "after" in wording or "following" in wording else (first - days, first)
    _, thing = bank.thing()
    period = Period(text="", within="", since=since, until=until)
    return {"city": trip["city"], **_words(thing, period)}, {"count": _count(thing, period)}


def count_since(bank: "Bank", wording: str) -> Drawn:
    key = bank.random.choice([key for key in _MILESTONES if key in bank.facts["milestones"]])
    day = date.fromisoformat(bank.facts["milestones"][key]["on"])
    _, thing = bank.thing()
    period = Period(text="", within="", since=day, until=bank.asked_on + timedelta(days=1))
    if " after " in wording:
        period = Period(text="", within="", since=day + timedelta(days=1), until=period.until)
    elif " before " in wording:
        period = Period(text="", within="", since=FIRST_DAY, until=day)
    elif "Up to when" in wording or " until " in wording:
        period = Period(text="", within="", since=FIRST_DAY, until=day + timedelta(days=1))
    return {"milestone": _MILESTONES[key], **_words(thing, period)}, {"count": _count(thing, period)}


def average(bank: "Bank", _: str) -> Drawn:
    _, thing = bank.thing()
    number, unit = bank.random.choice(bank.years), bank.random.choice(("day", "week", "month"))
    period = year(number) if unit == "month" else bank.random.choice((year(number), season(number, "summer")))
    units = {"day": period.days, "week": period.days / 7, "month": 12}[unit]
    return {"unit": unit, **_words(thing, period)}, {"average": round(_count(thing, period) / units, 2)}


def share(bank: "Bank", _: str) -> Drawn:
    channel, period = bank.random.choice(bank.channels), bank.period()
    seen = bank.within(period, bank.watched).count(channel)
    percent = round(100 * seen / _count(bank.things["watch"], period), 1)
    return {"channel": channel, **_spoken(period)}, {"percent": percent}


def _instant(at: date | datetime, zone: str) -> datetime:
    return (
        at.replace(tzinfo=ZoneInfo(zone))
        if isinstance(at, datetime)
        else datetime(at.year, at.month, at.day, tzinfo=UTC)
    )


def duration(bank: "Bank", _: str) -> Drawn:
    person, period = bank.person(bank.met), year(bank.random.choice(bank.years))
    seconds = sum(
        (_instant(e.end, e.end_zone or e.zone) - _instant(e.start, e.zone)).total_seconds()
        for e in _met(bank, person, period)
        if isinstance(e.start, datetime)
    )
    return {"person": person, **_spoken(period)}, {"seconds": int(seconds)}


def _top(bank: "Bank", names: list[str], k: int = 5) -> list[list[Any]]:
    return ranking(names, k)


def top_channels(bank: "Bank", _: str) -> Drawn:
    period = bank.period()
    return _spoken(period), {"rows": _top(bank, bank.within(period, bank.watched))}


def top_sites(bank: "Bank", _: str) -> Drawn:
    period = bank.period()
    return _spoken(period), {"rows": _top(bank, bank.within(period, bank.visited))}


def top_searches(bank: "Bank", _: str) -> Drawn:
    period = bank.period()
    return _spoken(period), {"rows": _top(bank, [s.text for s in bank.ledger.searches if period.holds(s.at.date())])}


def top_senders(bank: "Bank", _: str) -> Drawn:
    period = bank.period()
    return _spoken(period), {"rows": _top(bank, bank.within(period, bank.received))}


def top_met(bank: "Bank", _: str) -> Drawn:
    period = year(bank.random.choice(bank.years))
    met = [p.name for day, e in bank.held if period.holds(day) for p in e.attendees if p != owner()]
    return _spoken(period), {"rows": _top(bank, met)}


def top_k(bank: "Bank", _: str) -> Drawn:
    kind, period, k = bank.random.choice(list(_GROUPS)), bank.period(), bank.random.choice((2, 3, 4, 7))
    names = bank.within(period, bank.watched if kind == "watch" else bank.visited)
    spelled = {2: "two", 3: "three", 4: "4", 7: "7"}[k]
    return {"k": spelled, "groups": _GROUPS[kind], **_words(bank.things[kind], period)}, {"rows": _top(bank, names, k)}


def _which(bank: "Bank", days: list[date]) -> tuple[str, dict[str, Any]]:
    which = bank.random.choice(("first", "last"))
    return which, {"date": (min(days) if which == "first" else max(days)).isoformat()}


def when_channel(bank: "Bank", _: str) -> Drawn:
    channel = bank.random.choice(bank.channels)
    which, figures = _which(bank, [at.date() for at, name in bank.watched if name == channel])
    return {"channel": channel, "which": which}, figures


def when_mail(bank: "Bank", _: str) -> Drawn:
    person = bank.person()
    which, figures = _which(bank, [at.date() for at, name in bank.received if name == person])
    return {"person": person, "which": which}, figures


def when_met(bank: "Bank", _: str) -> Drawn:
    person = bank.person(bank.met)
    which, figures = _which(bank, [day for day, e in bank.held if person in [p.name for p in e.attendees]])
    return {"person": person, "which": which}, figures


def when_trip(bank: "Bank", _: str) -> Drawn:
    trip = bank.random.choice(bank.facts["trips"])
    return {"city": trip["city"]}, {"date": trip["start"], "last_date": trip["end"]}


def how_long_ago(bank: "Bank", _: str) -> Drawn:
    channel = bank.random.choice(bank.channels)
    last = max(at.date() for at, name in bank.watched if name == channel)
    return {"channel": channel}, {"days": (bank.asked_on - last).days}


def compare_years(bank: "Bank", _: str) -> Drawn:
    _, thing = bank.thing()
    one, other = bank.random.sample(bank.years, 2)
    rows = {str(number): _count(thing, year(number)) for number in (one, other)}
    return {"year": str(one), "year2": str(other), **_words(thing, year(one))}, {"compared": rows}


def compare_channels(bank: "Bank", _: str) -> Drawn:
    one, other = bank.random.sample(bank.channels, 2)
    period = bank.period()
    names = bank.within(period, bank.watched)
    return {"channel": one, "channel2": other, **_spoken(period)}, {
        "compared": {n: names.count(n) for n in (one, other)}
    }


def compare_people(bank: "Bank", _: str) -> Drawn:
    one, other = bank.random.sample(bank.writers, 2)
    period = year(bank.random.choice(bank.years))
    names = bank.within(period, bank.received)
    return {"person": one, "person2": other, **_spoken(period)}, {"compared": {n: names.count(n) for n in (one, other)}}


def trend_months(bank: "Bank", _: str) -> Drawn:
    _, thing = bank.thing()
    period = year(bank.random.choice(bank.years))
    counts = Counter(f"{day:%Y-%m}" for day in thing.days if period.holds(day))
    rows = [[f"{period.text}-{number:02d}", counts[f"{period.text}-{number:02d}"]] for number in range(1, 13)]
    return _words(thing, period), {"series": rows}


def trend_years(bank: "Bank", _: str) -> Drawn:
    _, thing = bank.thing()
    counts = Counter(day.year for day in thing.days)
    rows = [[str(number), counts[number]] for number in bank.years]
    return _words(thing, year(bank.years[-1])), {"series": rows}


def timeline_day(bank: "Bank", _: str) -> Drawn:
    day = bank.random.choice(bank.ordinary_days)
    counts = {kind: days.count(day) for kind, days in bank.ledger.days().items() if kind != "measurement"}
    return {"day": spoken_day(day)}, {"by_kind": {kind: count for kind, count in counts.items() if count}}


def timeline_events(bank: "Bank", _: str) -> Drawn:
    day = bank.random.choice([day for day in bank.ordinary_days if any(day == held for held, _ in bank.held)])
    return {"day": spoken_day(day)}, {"titles": sorted(e.summary for held, e in bank.held if held == day)}


def people_about(bank: "Bank", wording: str) -> Drawn:
    topic = bank.random.choice(_LETTERED)
    forms = _forms(topic)
    names: list[str] = []
    for mail in bank.world.mails:
        text = "\n".join((mail.subject, *mail.paragraphs))
        if all(form.search(text) for form in forms):
            if mail.sender != owner():
                names.append(mail.sender.name)
            elif "to me" not in wording:
                names += [p.name for p in mail.to]
    return {"topic": topic}, {"rows": _top(bank, names)}


def people_with(bank: "Bank", _: str) -> Drawn:
    trip = bank.random.choice(bank.facts["trips"])
    return {"city": trip["city"]}, {"among": trip["with"]}


def places_top(bank: "Bank", _: str) -> Drawn:
    period = year(bank.random.choice(bank.years))
    return _spoken(period), {
        "rows": _top(bank, [e.location for day, e in bank.held if period.holds(day) and e.location])
    }


def similar(bank: "Bank", _: str) -> Drawn:
    title = bank.random.choice([w.video.title for w in bank.ledger.channel_watches if w.video])
    return {"title": title}, {"seed": title}


def summarize(bank: "Bank", _: str) -> Drawn:
    person, number = bank.person(), bank.random.choice(bank.years)
    periods = [
        p for p in (year(number), season(number, "summer"), month(number, 5)) if person in bank.within(p, bank.received)
    ]
    period = bank.random.choice(
        periods or [year(n) for n in bank.years if person in bank.within(year(n), bank.received)]
    )
    return {"person": person, **_spoken(period)}, {"count": bank.within(period, bank.received).count(person)}


def next_event(bank: "Bank", _: str) -> Drawn:
    day = bank.random.choice([d for d in bank.ordinary_days if d.year == LAST_DAY.year and d.month < 12])
    now = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
    starts = sorted(
        (_instant(datetime.combine(held, e.start.time()), e.zone), e.summary)
        for held, e in bank.held
        if isinstance(e.start, datetime) and held >= day
    )
    wholes = [
        (datetime(h.year, h.month, h.day, tzinfo=UTC), e.summary)
        for h, e in bank.held
        if not isinstance(e.start, datetime)
    ]
    at = min(at for at, _ in [*starts, *wholes] if at > now)
    return {}, {
        "date": at.date().isoformat(),
        "one_of": [name for when, name in [*starts, *wholes] if when == at],
        "now": now.isoformat(),
    }


def profile(bank: "Bank", _: str) -> Drawn:
    counts = {kind: len(days) for kind, days in bank.ledger.days().items() if kind != "measurement"}
    return {}, {"by_kind": counts}


def remember(bank: "Bank", _: str) -> Drawn:
    fact = bank.random.choice(_FACTS)
    return {"fact": fact}, {"note": fact}


def forget(bank: "Bank", _: str) -> Drawn:
    fact, subject = bank.random.choice(
        ((_FACTS[0], "my locker code"), (_FACTS[1], "walnuts"), (_FACTS[2], "the spare key"))
    )
    return {"subject": subject}, {"forgotten": 1, "notes": [fact]}


def help(_: "Bank", __: str) -> Drawn:
    return {}, {"has": "subroutines"}


def recommend(_: "Bank", __: str) -> Drawn:
    return {}, {"model": None}


def _untrained(bank: "Bank") -> Drawn:
    _, thing = bank.thing()
    return _words(thing, bank.period()), {"model": None}


def forecast(bank: "Bank", _: str) -> Drawn:
    return _untrained(bank)


def anomalies(bank: "Bank", _: str) -> Drawn:
    return _untrained(bank)


def sentiment(bank: "Bank", _: str) -> Drawn:
    slots, figures = _untrained(bank)
    return {**slots, "person": bank.person()}, figures
