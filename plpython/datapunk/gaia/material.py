"""What answers are made of: figures, citations, and the words that say what was asked about."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from datapunk.gaia.languages import ENGLISH
from datapunk.gaia.speech import Speech, local


@dataclass(frozen=True, kw_only=True)
class Cited:
    """A citation as an answer shows it. `shown` is its number there where that is not its ordinal."""

    ordinal: int
    item_id: int
    kind: str
    source: str
    title: str | None
    url: str | None
    occurred_at: str | None
    whole_day: bool
    snippet: str | None
    shown: int | None = None

    @property
    def number(self) -> int:
        """The number that sentences show."""
        return self.shown or self.ordinal

    def as_json(self) -> dict[str, Any]:
        """The citation as a row's value."""
        return {
            "ordinal": self.ordinal, "item_id": self.item_id, "kind": self.kind, "source": self.source,
            "title": self.title, "url": self.url, "occurred_at": self.occurred_at, "snippet": self.snippet,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Material:
    """What a sentence is made of: the question with its parameters, the figures, the citations, the owner's zone.

    `speech` words it in the language of the question.
    """

    parameters: Mapping[str, Any]
    data: Mapping[str, Any]
    cited: Sequence[Cited]
    zone: ZoneInfo
    speech: Speech = field(default_factory=lambda: Speech.of(ENGLISH))


def circumstances(m: Material, kind: str) -> str:
    """Whose, with whom, about what and when, in the words of the question."""
    p, say, listed = m.parameters, m.speech.say, m.speech.listed
    text = ""
    if channel := p.get("channel"):
        text += say("about.channel", names=listed(channel, "or"))
    if site := p.get("site"):
        text += say("about.site", names=listed(site, "or"))
    if person := p.get("person"):
        side = {"received": "from", "sent": "to"}.get(str(p.get("direction")), "with") if kind == "mail" else "with"
        text += say(f"about.{side}", names=listed(person, "or"))
    if place := p.get("place"):
        text += say("about.place", names=listed(place, "or"))
    for names in (names for _, names in sorted((p.get("not") or {}).items())):
        text += say("about.without", names=listed(names, "or"))
    if weekday := p.get("weekday"):
        text += say("about.weekday", names=m.speech.weekdays(weekday))
    if (first := p.get("from_hour")) is not None:
        text += say("about.hours", first=f"{first}:00", last=f"{p.get('to_hour')}:00")
    if size := p.get("size"):
        text += say(f"about.{size}_{'time' if kind == 'event' else 'text'}")
    if topic := p.get("topic"):
        text += say("about.topic", topic=m.speech.quoted(str(topic)))
    if phrase := str(p.get("phrase") or ""):
        since, until = (str(p.get(name) or "") for name in ("since", "until"))
        is_day = bool(since and until) and local(until, m.zone) - local(since, m.zone) == timedelta(days=1)
        text += f" {m.speech.inside(phrase, is_day=is_day)}"
        if since and until and not re.search(r"\b(?:19|20)\d\d\b", phrase):
            text += f" ({m.speech.days(local(since, m.zone), local(until, m.zone))})"
    return text


# What a share is of; the rest says of which things it is one.
_PARTS = ("channel", "site", "person", "place", "topic", "weekday")


def of_share(m: Material, *, part: bool) -> Material:
    """The material with what tells the part of a share, or the whole."""
    kept = {name: value for name, value in m.parameters.items() if (name in _PARTS) == part or name == "direction"}
    return replace(m, parameters=kept)


def bound(m: Material) -> str:
    """How many times each comes up that is asked for, as an insertion; empty where the question sets no bound."""
    least, most = m.parameters.get("at_least"), m.parameters.get("at_most")
    said = least if most is None else most
    if said is None:
        return ""
    times = m.speech.counted(int(said), "time")
    form = "at_least" if most is None else "at_most" if least is None else "exactly" if least == most else "between"
    return m.speech.say("about.times", bound=m.speech.say(f"about.{form}", times=times, first=least))


def noun_of(m: Material, kind: Any) -> str:
    """The noun for things of a kind: that of items where the kind has none."""
    return str(kind) if m.speech.has(f"nouns.{kind}") else "item"


def looked_for(m: Material) -> str:
    """What a subroutine looked for, in words."""
    kind = str(m.parameters.get("kind"))
    what = m.speech.plural(kind) if m.speech.has(f"nouns.{kind}") else m.speech.say("anything")
    return f"{what}{circumstances(m, kind)}"


def origin(item: Cited, m: Material) -> str:
    """Title and day of an item."""
    title = item.title or item.kind
    if not item.occurred_at:
        return title
    return f"{title}, {m.speech.day(local(item.occurred_at, ZoneInfo('UTC') if item.whole_day else m.zone))}"


def marks(cited: Sequence[Cited]) -> str:
    """Numbers of citations, as [1] [2]."""
    return "".join(f" [{c.number}]" for c in cited)
