"""Dialogues of two turns with truth: the second question leans on the first.

Each is drawn by seed from a sample; `fills` of each pair of wordings. Judged like the question bank.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bench.gaia_bank import Bank
from bench.gaia_periods import Period, month, spoken_day, year
from datapunk.sample.truth import ranking

Drawn = tuple[dict[str, str], str, dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Dialogue:
    """Two questions; `route` and `figures` are those of the answer to the second."""

    name: str
    first: str
    second: str
    route: str
    figures: dict[str, Any]


def _count(bank: Bank, kind: str, period: Period) -> int:
    return sum(period.holds(day) for day in bank.things[kind].days)


def _kind(bank: Bank, but: str = "") -> str:
    return bank.random.choice([kind for kind in bank.things if kind != but])


def _slots(bank: Bank, kind: str, period: Period) -> dict[str, str]:
    thing = bank.things[kind]
    return {"things": thing.things, "do": thing.do, "in_period": period.within}


def year_before(bank: Bank) -> Drawn:
    kind, number = _kind(bank), bank.random.choice(bank.years[1:])
    return _slots(bank, kind, year(number)), "count", {"count": _count(bank, kind, year(number - 1))}


def month_after(bank: Bank) -> Drawn:
    kind, number = _kind(bank), bank.random.randint(1, 11)
    of = bank.random.choice(bank.years)
    return _slots(bank, kind, month(of, number)), "count", {"count": _count(bank, kind, month(of, number + 1))}


def other_kind(bank: Bank) -> Drawn:
    kind, period = _kind(bank), bank.period()
    other = _kind(bank, kind)
    return (
        {**_slots(bank, kind, period), "things2": bank.things[other].things},
        "count",
        {"count": _count(bank, other, period)},
    )


def other_period(bank: Bank) -> Drawn:
    kind, period, other = _kind(bank), bank.period(), bank.period()
    return {**_slots(bank, kind, period), "in_period2": other.within}, "count", {"count": _count(bank, kind, other)}


def other_person(bank: Bank) -> Drawn:
    one, other = bank.random.sample(bank.writers, 2)
    period = year(bank.random.choice(bank.years))
    figures = {"count": bank.within(period, bank.received).count(other)}
    return {"person": one, "person2": other, "in_period": period.within}, "count", figures


def sent_instead(bank: Bank) -> Drawn:
    person, period = bank.person(), year(bank.random.choice(bank.years))
    return (
        {"person": person, "in_period": period.within},
        "count",
        {"count": bank.within(period, bank.sent).count(person)},
    )


def fewer(bank: Bank) -> Drawn:
    period = bank.period()
    return {"in_period": period.within}, "top", {"rows": ranking(bank.within(period, bank.watched), 3)}


def ranked_again(bank: Bank) -> Drawn:
    period, other = bank.period(), bank.period()
    slots = {"in_period": period.within, "in_period2": other.within}
    return slots, "top", {"rows": ranking(bank.within(other, bank.watched), 5)}


def other_end(bank: Bank) -> Drawn:
    channel = bank.random.choice(bank.channels)
    last = max(at.date() for at, name in bank.watched if name == channel)
    return {"channel": channel}, "when", {"date": last.isoformat()}


def weekday(bank: Bank) -> Drawn:
    kind, period = _kind(bank), year(bank.random.choice(bank.years))
    found = sum(period.holds(day) and day.weekday() == 6 for day in bank.things[kind].days)
    return _slots(bank, kind, period), "count", {"count": found}


def next_day(bank: Bank) -> Drawn:
    known = set(bank.ordinary_days)
    day = bank.random.choice([d for d in bank.ordinary_days if d + timedelta(days=1) in known])
    after = day + timedelta(days=1)
    counts = {kind: days.count(after) for kind, days in bank.ledger.days().items() if kind != "measurement"}
    return {"day": spoken_day(day)}, "timeline", {"by_kind": {kind: n for kind, n in counts.items() if n}}


def other_trip(bank: Bank) -> Drawn:
    one, other = bank.random.sample(bank.facts["trips"], 2)
    period = Period(
        text="",
        within="",
        since=date.fromisoformat(other["start"]),
        until=date.fromisoformat(other["end"]) + timedelta(days=1),
    )
    kind = _kind(bank)
    slots = {**_slots(bank, kind, year(2024)), "city": one["city"], "city2": other["city"]}
    return slots, "count", {"count": _count(bank, kind, period)}


def compared_again(bank: Bank) -> Drawn:
    kind = _kind(bank)
    other = _kind(bank, kind)
    one, two = bank.random.sample(bank.years, 2)
    slots = {**_slots(bank, kind, year(one)), "things2": bank.things[other].things, "year": str(one), "year2": str(two)}
    return slots, "compare", {"compared": {str(n): _count(bank, other, year(n)) for n in (one, two)}}


def then_ranked(bank: Bank) -> Drawn:
    period = bank.period()
    return {"in_period": period.within}, "top", {"rows": ranking(bank.within(period, bank.watched), 5)}


_DIALOGUES: tuple[tuple[Callable[[Bank], Drawn], str, tuple[str, ...]], ...] = (
    (year_before, "How many {things} did I {do} {in_period}?", ("And the year before?", "And in the previous year?")),
    (
        month_after, "How many {things} did I {do} {in_period}?",
        ("And the month after?", "What about the following month?"),
    ),
    (other_kind, "How many {things} did I {do} {in_period}?", ("And how many {things2}?", "What about {things2}?")),
    (other_period, "How many {things} did I {do} {in_period}?", ("And {in_period2}?", "How about {in_period2}?")),
    (other_person, "How many mails did {person} send me {in_period}?", ("And {person2}?", "What about {person2}?")),
    (sent_instead, "How many mails did {person} send me {in_period}?", ("And how many did I send them?",)),
    (fewer, "Which channels did I watch most {in_period}?", ("Only the top three.", "Just the top 3, please.")),
    (ranked_again, "Which channels did I watch most {in_period}?", ("And {in_period2}?", "What about {in_period2}?")),
    (other_end, "When did I first watch {channel}?", ("And the last time?", "And when was the last time?")),
    (weekday, "How many {things} did I {do} {in_period}?", ("Only on Sundays?", "How many of them were on Sundays?")),
    (next_day, "What did I do on {day}?", ("And the day after?", "And the next day?")),
    (other_trip, "How many {things} did I {do} during the {city} trip?", ("And during the {city2} trip?",)),
    (compared_again, "Did I {do} more {things} in {year} or in {year2}?", ("And {things2}?",)),
    (
        then_ranked, "How many videos did I watch {in_period}?",
        ("Which channels were that mostly?", "And of which channels were they most?"),
    ),
)  # fmt: skip


def dialogues(bank: Bank, fills: int = 2) -> Iterator[Dialogue]:
    """All dialogues, `fills` of each second question."""
    for draw, first, seconds in _DIALOGUES:
        for second in seconds:
            for _ in range(fills):
                slots, route, figures = draw(bank)
                yield Dialogue(
                    name=draw.__name__, first=first.format(**slots), second=second.format(**slots), route=route,
                    figures=figures,
                )  # fmt: skip
