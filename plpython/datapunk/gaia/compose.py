"""Sentences from figures: the first tells the answer, the rest supports it. Text of items is quoted, never obeyed."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from datapunk.gaia import prose
from datapunk.gaia.vocabulary import GROUP_NOUNS, NOUNS

_LONGEST_QUOTE = 300

DONT_KNOW = (
    "I don't know how to answer that. I can find things in your data, count them, rank them, tell when something"
    ' happened, and recommend; for example: "How many videos did I watch last month?"'
)


@dataclass(frozen=True, kw_only=True)
class Cited:
    """A citation as an answer shows it."""

    ordinal: int
    item_id: int
    kind: str
    source: str
    title: str | None
    url: str | None
    occurred_at: str | None
    whole_day: bool
    snippet: str | None

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


def compose(route: str, material: Material) -> str:
    """Return the answer in words, without the list of citations."""
    writer = _WRITERS.get(route)
    return writer(material) if writer else _plain(material.data)


def sources(cited: Sequence[Cited], zone: ZoneInfo) -> str:
    """Return the numbered list of citations: title, date, address."""
    lines = []
    for item in cited:
        parts = [item.title or item.kind]
        if item.occurred_at:
            parts.append(prose.day(prose.local(item.occurred_at, ZoneInfo("UTC") if item.whole_day else zone)))
        if item.url:
            parts.append(item.url)
        lines.append(f"[{item.ordinal}] {', '.join(' '.join(part.split()) for part in parts)}")
    return "\n".join(lines)


def _count(m: Material) -> str:
    count = int(m.data["count"])
    kind = m.data.get("kind")
    if not kind:
        by_kind = sorted(m.data.get("by_kind", {}).items(), key=lambda pair: (-pair[1], pair[0]))
        parts = [prose.counted(number, *NOUNS.get(name, (name, name, ""))[:2]) for name, number in by_kind]
        found = f": {prose.listed(parts)}" if parts else ""
        return f"I find {prose.counted(count, 'item', 'items')}{_circumstances(m, '')}{found}."
    singular, plural, did = NOUNS.get(kind, ("item", "items", "have"))
    what = prose.counted(count, singular, plural)
    if kind == "mail":
        did = {"received": "got", "sent": "sent"}.get(str(m.parameters.get("direction")), "have")
    answer = f"You {did} {what}{_circumstances(m, kind)}."
    if count > 1 and m.data.get("first") and m.data.get("last"):
        first, last = (prose.day(prose.local(m.data[key], m.zone)) for key in ("first", "last"))
        answer += f" The first is of {first}, the last of {last}{_marks(m.cited[:1])}."
    elif count == 1:
        answer = f"{answer[:-1]}{_marks(m.cited[:1])}."
    return answer


def _top(m: Material) -> str:
    rows = m.data["rows"]
    group = str(m.data.get("group_by"))
    plural = GROUP_NOUNS.get(group, ("entry", "entries"))[1]
    kind = str(m.data.get("kind"))
    unit = NOUNS.get(kind, ("item", "items", ""))[:2]
    if not rows:
        return f"I don't find any {plural}{_circumstances(m, kind)} in your data."
    best = rows[0]
    times = prose.counted(best["count"], *(unit if group != "query" else ("time", "times")))
    where = _circumstances(m, kind)
    first = f"{_most(group, kind, m)} {best['value']}{where}, with {times}{_marks(m.cited[:1])}."
    if len(rows) == 1:
        return first
    lines = [
        f"{place}. {row['value']}: {prose.number(row['count'])}" + _marks([c for c in m.cited if c.ordinal == place])
        for place, row in enumerate(rows[1:], 2)
    ]
    return "\n".join([f"{first} Then come:", *lines])


def _most(group: str, kind: str, m: Material) -> str:
    direction = m.parameters.get("direction")
    if group == "person" and kind == "mail":
        return {
            "received": "The most mails came from", "sent": "You wrote most mails to"
        }.get(str(direction), "You exchanged most mails with")  # fmt: skip
    return {
        "channel": "You watched most of", "site": "You visited most", "query": "You searched most for",
        "person": "You met most often with",
    }.get(group, "Most often comes")  # fmt: skip


def _when(m: Material) -> str:
    data = m.data
    if not data.get("date"):
        return f"I don't find that in your data; I looked for {_looked_for(m)}."
    zone = ZoneInfo("UTC") if data.get("whole_day") else m.zone
    start = prose.local(data["at"], zone)
    moment = f"on {prose.day(start, weekday=True)}" + ("" if data.get("whole_day") else f" at {prose.clock(start)}")
    if data.get("until"):
        end = prose.local(data["until"], zone)
        if (end - start).days > 1:
            moment = f"from {prose.days(start, end)}"
    mark = _marks(m.cited[:1])
    title = _quoted(str(data.get("title") or "untitled"))
    kind, order = data.get("kind"), data.get("order")
    if order == "nearest":
        return f"The nearest that I find is {title}, {moment}{mark}."
    if kind == "event" and int(data.get("times") or 1) == 1:
        return f"{title} {'is' if order == 'next' else 'was'} {moment}{mark}."
    which = {"first": "The first", "next": "The next"}.get(str(order), "The last")
    times = int(data.get("times") or 1)
    noun = NOUNS.get(str(kind), ("item", "items", ""))[0]
    of = f" of {prose.number(times)}" if times > 1 else ""
    return f"{which} {noun}{of}{_circumstances(m, str(kind))} was {moment}: {title}{mark}."


def _search(m: Material) -> str:
    passages = m.data.get("passages") or []
    if not passages:
        return f"I don't find that in your data; I looked for {_looked_for(m)}."
    said = m.data["quote"]
    item = next((c for c in m.cited if c.item_id == said["item_id"]), None)
    of = f" ({_origin(item, m.zone)})" if item else ""
    others = [c for c in m.cited if c is not item]
    more = f"\nSee also {prose.listed([f'[{c.ordinal}]' for c in others])}." if others else ""
    return f"{_elsewhere(m)}{_quoted(said['text'])}{_marks([item] if item else [])}{of}.{more}"


def _elsewhere(m: Material) -> str:
    """What a search left out to find anything, said before what it found."""
    if not (relaxed := m.data.get("relaxed")):
        return ""
    kind = NOUNS.get(str(m.parameters.get("kind")), ("", "items", ""))[1]
    among = f" among the {kind}" if "kind" in relaxed else ""
    phrase = str(m.parameters.get("phrase") or "") if "time" in relaxed else ""
    return f"I don't find that{among}{f' {phrase[0].lower()}{phrase[1:]}' if phrase else ''}, but this: "


def _recommend(m: Material) -> str:
    rows = m.data.get("rows") or []
    if not m.data.get("model"):
        return (
            "No recommender is trained on your data yet. Train one, as in: select forge_train('taste', 'recommender',"
            " 'select occurred_at::date::text as subject, url as item from watches'); then ask again."
        )
    if not rows:
        return f"Your recommender {m.data['model']} has nothing to recommend."
    numbers = {c.item_id: c for c in m.cited}
    lines = []
    for place, row in enumerate(rows, 1):
        cited = numbers.get(row.get("item_id", -1))
        because = row.get("because") or (row.get("reason") or {}).get("because") or []
        why = f", because of {prose.listed([_quoted(str(b)) for b in because[:2]])}" if because else ""
        lines.append(f"{place}. {row.get('title') or row['value']}{_marks([cited] if cited else [])}{why}")
    return "\n".join([f"I recommend {rows[0].get('title') or rows[0]['value']}.", *lines])


_WRITERS: dict[str, Callable[[Material], str]] = {
    "count": _count, "top": _top, "when": _when, "search": _search, "recommend": _recommend,
}  # fmt: skip


def _circumstances(m: Material, kind: str) -> str:
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
    if topic := p.get("topic"):
        text += f" about {_quoted(str(topic))}"
    if phrase := str(p.get("phrase") or ""):
        since, until = p.get("since"), p.get("until")
        text += f" {phrase[0].lower() + phrase[1:]}"
        if since and until and not re.search(r"\b(?:19|20)\d\d\b", phrase):
            text += f" ({prose.days(prose.local(since, m.zone), prose.local(until, m.zone))})"
    return text


def _looked_for(m: Material) -> str:
    kind = NOUNS.get(str(m.parameters.get("kind")), ("anything", "anything", ""))[1]
    return f"{kind}{_circumstances(m, str(m.parameters.get('kind')))}"


def _origin(item: Cited, zone: ZoneInfo) -> str:
    title = item.title or item.kind
    if not item.occurred_at:
        return title
    return f"{title}, {prose.day(prose.local(item.occurred_at, ZoneInfo('UTC') if item.whole_day else zone))}"


def _marks(cited: Sequence[Cited]) -> str:
    return "".join(f" [{c.ordinal}]" for c in cited)


def _quoted(text: str) -> str:
    short = text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1].rstrip() + "…"
    return f"“{short}”"


def _plain(data: Mapping[str, Any]) -> str:
    """The figures of a subroutine that brings no sentence, one a line."""
    return "\n".join(f"{name}: {value}" for name, value in data.items()) or "Done; there is nothing to report."
