"""What answers are made of: figures, citations, and the words that say what was asked about."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from datapunk.gaia import prose
from datapunk.gaia.vocabulary import NOUNS

LONGEST_QUOTE = 300


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
    """What a sentence is made of: the question with its parameters, the figures, the citations, the owner's zone."""

    parameters: Mapping[str, Any]
    data: Mapping[str, Any]
    cited: Sequence[Cited]
    zone: ZoneInfo


def circumstances(m: Material, kind: str) -> str:
    """Whose, with whom, about what and when, in the words of the question."""
    p = m.parameters
    text = ""
    if channel := p.get("channel"):
        text += f" of {prose.listed(channel, 'or')}"
    if site := p.get("site"):
        text += f" on {prose.listed(site, 'or')}"
    if person := p.get("person"):
        word = {"received": "from", "sent": "to"}.get(str(p.get("direction")), "with") if kind == "mail" else "with"
        text += f" {word} {prose.listed(person, 'or')}"
    if place := p.get("place"):
        text += f" at {prose.listed(place, 'or')}"
    for field, names in sorted((p.get("not") or {}).items()):
        text += f" without {prose.listed(names, 'or')}" if field else ""
    if weekday := p.get("weekday"):
        text += f" on {prose.listed([prose.WEEKDAYS[n - 1] + 's' for n in weekday])}"
    if topic := p.get("topic"):
        text += f" about {quoted(str(topic))}"
    if phrase := str(p.get("phrase") or ""):
        since, until = p.get("since"), p.get("until")
        text += f" {phrase[0].lower() + phrase[1:]}"
        if since and until and not re.search(r"\b(?:19|20)\d\d\b", phrase):
            text += f" ({prose.days(prose.local(since, m.zone), prose.local(until, m.zone))})"
    return text


def looked_for(m: Material) -> str:
    """What a subroutine looked for, in words."""
    kind = NOUNS.get(str(m.parameters.get("kind")), ("anything", "anything", ""))[1]
    return f"{kind}{circumstances(m, str(m.parameters.get('kind')))}"


def origin(item: Cited, zone: ZoneInfo) -> str:
    """Title and day of an item."""
    title = item.title or item.kind
    if not item.occurred_at:
        return title
    return f"{title}, {prose.day(prose.local(item.occurred_at, ZoneInfo('UTC') if item.whole_day else zone))}"


def marks(cited: Sequence[Cited]) -> str:
    """Numbers of citations, as [1] [2]."""
    return "".join(f" [{c.number}]" for c in cited)


def quoted(text: str) -> str:
    """A text in quotation marks, cut where it is long."""
    short = text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1].rstrip() + "…"
    return f"“{short}”"
