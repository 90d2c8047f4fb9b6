"""The question bank: questions with the figures that a sample's records imply, in hand-written wordings.

Wordings are in tests/fixtures/gaia/bank.toml: those of the part `dev` may be built with, those of `held_out` are for
measuring only. Names, kinds and times are drawn by seed from what the sample holds.
"""

import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from bench import gaia_truths
from bench.gaia_languages import Localized
from bench.gaia_periods import Period, month, season, year
from datapunk.sample.people import owner
from datapunk.sample.truth import Ledger, ranking
from datapunk.sample.world import World

WORDINGS = Path(__file__).parents[1] / "fixtures" / "gaia" / "bank.toml"
PARTS = ("dev", "held_out")
NOW = "2026-01-05T12:00:00Z"
FILLS = 3

Slots = dict[str, str]
Figures = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question with the route and the figures that its answer must have; no route and figures to be declined."""

    intent: str
    part: str
    wording: str
    text: str
    route: str
    figures: Figures = field(default_factory=dict)
    now: str = NOW


@dataclass(frozen=True, kw_only=True)
class Thing:
    """A kind of thing as questions speak of it, with the days on which it happened."""

    things: str
    do: str
    did: str
    done: str
    days: Sequence[date]


class Bank:
    """Draws the questions of one sample, in one language."""

    def __init__(self, world: World, facts: Figures, seed: int, language: str = "en") -> None:
        self.localized = None if language == "en" else Localized(language)
        self.facts = facts
        self.ledger = ledger = Ledger(world)
        self.world = world
        self.seed = seed
        self.random = Random(seed)
        days = ledger.days()
        self.things = {
            "watch": Thing(things="videos", do="watch", did="watched", done="watched", days=days["watch"]),
            "search": Thing(things="searches", do="make", did="made", done="made", days=days["search"]),
            "visit": Thing(things="pages", do="visit", did="visited", done="visited", days=days["visit"]),
            "event": Thing(things="events", do="have", did="had", done="had", days=days["event"]),
        }
        self.watched = [(w.at, w.video.channel) for w in ledger.channel_watches if w.video]
        self.channels = [name for name, _ in ranking((channel for _, channel in self.watched), 12)]
        self.sites = [
            name for name, _ in ranking((url.split("/")[2] for _, url in ledger.visits), 14) if "google" not in name
        ]
        known = Counter(mail.sender.name for mail in world.mails if mail.sender != owner())
        met = Counter(person.name for event in world.events for person in event.attendees)
        self.writers = sorted(name for name, count in known.items() if count >= 20 and name in met)
        self.met = sorted(name for name, count in met.items() if count >= 15)
        self.received = [(m.at, m.sender.name) for m in world.mails if m.sender != owner()]
        self.sent = [(m.at, person.name) for m in world.mails if m.sender == owner() for person in m.to]
        self.held = [(day, e) for e in world.events for day in e.days]
        self.visited = [(at, url.split("/")[2]) for at, url in ledger.visits]
        self.asked_on = datetime.fromisoformat(NOW).date()
        self.ordinary_days = self._ordinary_days()
        self.years = list(range(world.life.start.year, world.life.end.year + 1))

    def questions(self) -> Iterator[Question]:
        """All questions of both parts."""
        wordings: dict[str, Any] = tomllib.loads(WORDINGS.read_text(encoding="utf-8"))
        if self.localized:
            wordings = {
                name: {**wordings[name], **given} for name, given in self.localized.intents.items()
            }  # fmt: skip
        for intent, entry in wordings.items():
            for part in PARTS:
                if intent == "none":
                    for text in entry[part]:
                        yield Question(intent=intent, part=part, wording=text, text=text, route="none")
                elif intent == "find":
                    continue
                else:
                    # Draws of their own: a wording more of one part leaves the others as they are.
                    self.random = Random(f"{self.seed} {intent} {part}")
                    for wording in entry[part]:
                        yield from self._filled(intent, entry["route"], part, wording)
        if self.localized:
            return
        for number, found in enumerate(q for q in self.facts["questions"] if q["kind"] == "search"):
            yield Question(
                intent="find", part=PARTS[number % 2], wording=found["question"], text=found["question"],
                route="search",
                figures={"quoted": found["expected"]["contains"]},
            )  # fmt: skip

    def _filled(self, intent: str, route: str, part: str, wording: str) -> Iterator[Question]:
        draw: Callable[[Bank, str], tuple[Slots, Figures]] = getattr(gaia_truths, intent)
        seen: set[str] = set()
        for _ in range(FILLS):
            slots, figures = draw(self, wording)
            named = figures.pop("now", NOW)
            if self.localized:
                slots = self.localized.slots(slots)
                if "note" in figures:
                    figures["note"] = slots["fact"]
            slots |= {
                f"{key[0].upper()}{key[1:]}": f"{value[0].upper()}{value[1:]}" for key, value in slots.items() if value
            }
            text = wording.format(**slots)
            if text not in seen:
                seen.add(text)
                yield Question(
                    intent=intent, part=part, wording=wording,
                    text=text[0].upper() + text[1:] if part == "held_out" else text,
                    route=route, figures=figures, now=named,
                )  # fmt: skip

    def _ordinary_days(self) -> list[date]:
        """Days of no trip, nothing cancelled and nothing whose day its source leaves open."""
        away: set[date] = set()
        for trip in self.facts["trips"]:
            first, last = (date.fromisoformat(trip[key]) for key in ("start", "end"))
            away |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
        away |= {day for day, event in self.held if event.status != "CONFIRMED"}
        away |= {*self.ledger.days()["note"], *self.ledger.days()["task"]}
        busy = {day for days in self.ledger.days().values() for day in days}
        return sorted(busy - away)

    def period(self) -> Period:
        """Some month, season or year."""
        number = self.random.choice(self.years)
        return self.random.choice((
            month(number, self.random.randint(1, 12)),
            season(number, self.random.choice(("spring", "summer", "autumn"))),
            year(number),
        ))  # fmt: skip

    @staticmethod
    def within(period: Period, dated: Iterable[tuple[datetime, str]]) -> list[str]:
        """The names of what happened in a period."""
        return [name for at, name in dated if period.holds(at.date())]

    def thing(self) -> tuple[str, Thing]:
        """Some kind of thing."""
        name = self.random.choice(list(self.things))
        return name, self.things[name]

    def person(self, among: Sequence[str] | None = None) -> str:
        """Somebody who writes and is met, or one of `among`."""
        return self.random.choice(among or self.writers)
