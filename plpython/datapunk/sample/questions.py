"""Questions a person would ask of the sample, with the answers that its facts imply."""

from collections.abc import Iterator
from typing import Any

from datapunk.sample.phrases import texts
from datapunk.sample.takeout import stamp
from datapunk.sample.truth import Facts, Ledger
from datapunk.sample.world import World

Question = dict[str, Any]

# One of each kind for a short demonstration: the first question of that kind whose text starts so.
_DEMO = (
    ("count", "How many videos did I watch"),
    ("top", "Which channels"),
    ("when", "When did I buy"),
    ("search", "Which grinder"),
    ("recommend", "Recommend"),
)
_MONTHS = {"March": "03", "August": "08"}


def _count(question: str, kind: str, expected: int, **params: Any) -> Question:
    return {"question": question, "kind": "count", "expected": expected, "params": {"kinds": [kind], **params}}


def _year(year: int) -> dict[str, str]:
    return {"since": f"{year}-01-01", "until": f"{year + 1}-01-01"}


def _counts(ledger: Ledger, facts: Facts, year: int) -> Iterator[Question]:
    months = facts["items_by_month"]
    for name, number in _MONTHS.items():
        period = {"since": f"{year}-{number}-01", "until": f"{year}-{int(number) + 1:02d}-01"}
        searches = months["search"].get(f"{year}-{number}", 0)
        yield _count(f"How many searches did I make in {name} {year}?", "search", searches, **period)
    for kind, text in (("watch", "videos did I watch"), ("visit", "pages did I visit"), ("event", "events did I have")):
        total = sum(count for month, count in months[kind].items() if month.startswith(str(year)))
        yield _count(f"How many {text} in {year}?", kind, total, **_year(year))
    for email in ("jonas.brandt@example.com", "rui.teixeira@ondaslabs.example"):
        person = facts["correspondents"].get(email)
        if person:
            received = person["received_by_year"].get(str(year), 0)
            question = f"How many mails did {person['name']} send me in {year}?"
            yield _count(question, "mail", received, sender=email, **_year(year))
    email = "rui.teixeira@ondaslabs.example"
    if email in facts["meetings"]:
        met = facts["meetings"][email]["by_year"].get(str(year), 0)
        yield _count(
            f"How many meetings did I have with Rui Teixeira in {year}?", "event", met, attendee=email, **_year(year)
        )
    channel = facts["top_channels"][str(year)][0][0]
    seen = sum(watch.video.channel == channel for watch in ledger.channel_watches if watch.video)
    yield _count(f"How many videos of {channel} did I watch?", "watch", seen, channel=channel)


def _tops(facts: Facts, year: int) -> Iterator[Question]:
    spring = f"{year}-spring"
    correspondents = [
        (person["name"], email, person["received_by_year"].get(str(year), 0))
        for email, person in facts["correspondents"].items()
    ]
    senders = [
        [email, count] for _, email, count in sorted(correspondents, key=lambda entry: (-entry[2], entry[1]))[:5]
    ]
    lists = (
        (
            f"Which channels did I watch most in {year}?",
            "watch",
            "channel",
            facts["top_channels"][str(year)][:5],
            _year(year),
        ),
        (
            f"Which channels did I watch most in spring {year}?",
            "watch",
            "channel",
            facts["top_channels_by_season"].get(spring, []),
            {"since": f"{year}-03-01", "until": f"{year}-06-01"},
        ),
        (f"Which sites did I visit most in {year}?", "visit", "host", facts["top_hosts"][str(year)][:5], _year(year)),
        (
            f"What did I search for most in {year}?",
            "search",
            "query",
            facts["top_searches"][str(year)][:5],
            _year(year),
        ),
        (f"Who sent me the most mails in {year}?", "mail", "sender", senders, _year(year)),
    )
    for question, kind, by, expected, period in lists:
        params = {"kinds": [kind], "by": by, **period}
        yield {"question": question, "kind": "top", "expected": expected, "params": params}


def _whens(facts: Facts) -> Iterator[Question]:
    trips = {trip["key"]: trip for trip in facts["trips"]}
    for raw in texts("questions")["when"]:
        expected: dict[str, str] | None = None
        if raw.get("milestone") in facts["milestones"]:
            expected = {"date": facts["milestones"][raw["milestone"]]["on"]}
        elif raw.get("trip") in trips:
            trip = trips[raw["trip"]]
            expected = {"date": trip["start"], "until": trip["end"]}
        elif raw.get("letter") in facts["letters"]:
            expected = {"date": facts["letters"][raw["letter"]]["occurred_at"][:10]}
        if expected:
            params = {key: value for key, value in raw.items() if key != "question"}
            yield {"question": raw["question"], "kind": "when", "expected": expected, "params": params}
    for name in ("Crema Lab", "Fala Devagar"):
        if name in facts["channels"]:
            channel = facts["channels"][name]
            for text, key in (("first", "first"), ("last", "last")):
                yield {
                    "question": f"When did I {text} watch {name}?",
                    "kind": "when",
                    "expected": {"date": channel[key][:10], "at": channel[key]},
                    "params": {"kinds": ["watch"], "channel": name, "which": key},
                }


def _finds(facts: Facts) -> Iterator[Question]:
    for raw in texts("questions")["search"]:
        letter = facts["letters"].get(raw["letter"])
        if letter:
            yield {
                "question": raw["question"],
                "kind": "search",
                "expected": {**letter, "contains": raw["contains"]},
                "params": {"kinds": ["mail"], "letter": raw["letter"]},
            }


def _recommend(ledger: Ledger, facts: Facts) -> Iterator[Question]:
    last = [watch for watch in ledger.channel_watches if watch.video][-1]
    if last.video:
        yield {
            "question": "Recommend me a video for tonight.",
            "kind": "recommend",
            "expected": {"topics": sorted(facts["recommender"]["topics"])},
            "params": {"kinds": ["watch"], "subject": "day", "last_watched": last.video.url, "at": stamp(last.at)},
        }


def questions(world: World, facts: Facts) -> list[Question]:
    """All questions; each has question, kind, expected and params."""
    ledger = Ledger(world)
    found: list[Question] = []
    for year in range(world.life.end.year, world.life.start.year - 1, -1):
        found += _counts(ledger, facts, year)
        found += _tops(facts, year)
    found += [*_whens(facts), *_finds(facts), *_recommend(ledger, facts)]
    return [{"id": f"q{number:02d}", **question} for number, question in enumerate(found, 1)]


def demo(found: list[Question]) -> list[str]:
    """Identifiers of one question of each kind, as far as there are any."""
    chosen = []
    for kind, start in _DEMO:
        of_kind = [question for question in found if question["kind"] == kind]
        fitting = [question for question in of_kind if question["question"].startswith(start)] or of_kind
        chosen += [question["id"] for question in fitting[:1]]
    return chosen
