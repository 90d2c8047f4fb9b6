"""Sentences from figures: the first tells the answer, the rest supports it. Text of items is quoted, never obeyed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from datapunk.gaia import figures, prose
from datapunk.gaia.material import Cited, Material, circumstances, looked_for, marks, origin, quoted
from datapunk.gaia.vocabulary import GROUP_NOUNS, NOUNS

DONT_KNOW = (
    "I don't know how to answer that. I can find things in your data, count, rank and compare them, tell when something"
    ' happened, sum up, and recommend; for example: "How many videos did I watch last month?"'
)


def compose(route: str, material: Material) -> str:
    """Return the answer in words, without the list of citations."""
    writer = _WRITERS.get(route)
    return writer(material) if writer else _plain(material.data)


def not_understood(parameters: Mapping[str, Any]) -> str:
    """The answer to a question about a time or name that nothing explains, or with a word that nothing reflects."""
    if lost := parameters.get("lost"):
        return f"I don't find in your calendar when that was: {prose.listed([quoted(phrase) for phrase in lost])}."
    if unknown := parameters.get("unknown"):
        return f"I don't find {quoted(str(unknown))} in your data."
    return f"I don't know what {quoted(str(parameters['unread']))} changes in that question; say it in another way."


def passed_over(parameters: Mapping[str, Any]) -> str:
    """What an answer adds where words of the question say nothing to it; empty where there are none."""
    words = parameters.get("passed_over")
    return f"\n(I passed over {quoted(str(words))}.)" if words else ""


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
    if count == 0 and m.parameters.get("topic"):
        return f"I don't find that in your data; I looked for {looked_for(m)}."
    if said := figures.measured(m):
        return said
    if not kind:
        by_kind = sorted(m.data.get("by_kind", {}).items(), key=lambda pair: (-pair[1], pair[0]))
        parts = [prose.counted(number, *NOUNS.get(name, (name, name, ""))[:2]) for name, number in by_kind]
        found = f": {prose.listed(parts)}" if parts else ""
        return f"I find {prose.counted(count, 'item', 'items')}{circumstances(m, '')}{found}."
    singular, plural, did = NOUNS.get(kind, ("item", "items", "have"))
    what = prose.counted(count, singular, plural)
    if kind == "mail":
        did = {"received": "got", "sent": "sent"}.get(str(m.parameters.get("direction")), "have")
    answer = f"You {did} {what}{circumstances(m, kind)}."
    if count > 1 and m.data.get("first") and m.data.get("last"):
        first, last = (prose.day(prose.local(m.data[key], m.zone)) for key in ("first", "last"))
        answer += f" The first is of {first}, the last of {last}{marks(m.cited[:1])}."
    elif count == 1:
        answer = f"{answer[:-1]}{marks(m.cited[:1])}."
    return answer


def _top(m: Material) -> str:
    rows = m.data["rows"]
    group = str(m.data.get("group_by"))
    plural = GROUP_NOUNS.get(group, ("entry", "entries"))[1]
    kind = str(m.data.get("kind"))
    unit = NOUNS.get(kind, ("item", "items", ""))[:2]
    if not rows:
        return f"I don't find any {plural}{circumstances(m, kind)} in your data."
    best = rows[0]
    times = prose.counted(best["count"], *(unit if group != "query" else ("time", "times")))
    where = circumstances(m, kind)
    first = f"{_most(group, kind, m)} {best['value']}{where}, with {times}{marks(m.cited[:1])}."
    if len(rows) == 1:
        return first
    lines = [
        f"{place}. {row['value']}: {prose.number(row['count'])}" + marks([c for c in m.cited if c.ordinal == place])
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
        return f"I don't find that in your data; I looked for {looked_for(m)}."
    zone = ZoneInfo("UTC") if data.get("whole_day") else m.zone
    start = prose.local(data["at"], zone)
    moment = f"on {prose.day(start, weekday=True)}" + ("" if data.get("whole_day") else f" at {prose.clock(start)}")
    if data.get("until"):
        end = prose.local(data["until"], zone)
        if (end - start).days > 1:
            moment = f"from {prose.days(start, end)}"
    mark = marks(m.cited[:1])
    title = quoted(str(data.get("title") or "untitled"))
    kind, order = data.get("kind"), data.get("order")
    if m.parameters.get("measure") == "elapsed" and data.get("days") is not None and int(data["days"]) >= 0:
        ago = "today" if data["days"] == 0 else f"{prose.counted(int(data['days']), 'day', 'days')} ago"
        return f"That was {ago}, {moment}: {title}{mark}."
    if order == "nearest":
        return f"The nearest that I find is {title}, {moment}{mark}."
    if kind == "event" and int(data.get("times") or 1) == 1:
        return f"{title} {'is' if order == 'next' else 'was'} {moment}{mark}."
    which = {"first": "The first", "next": "The next"}.get(str(order), "The last")
    times = int(data.get("times") or 1)
    noun = NOUNS.get(str(kind), ("item", "items", ""))[0]
    of = f" of {prose.number(times)}" if times > 1 else ""
    return f"{which} {noun}{of}{circumstances(m, str(kind))} was {moment}: {title}{mark}."


def _search(m: Material) -> str:
    passages = m.data.get("passages") or []
    if not passages:
        return f"I don't find that in your data; I looked for {looked_for(m)}."
    said = m.data["quote"]
    item = next((c for c in m.cited if c.item_id == said["item_id"]), None)
    of = f" ({origin(item, m.zone)})" if item else ""
    others = [c for c in m.cited if c is not item]
    more = f"\nSee also {prose.listed([f'[{c.ordinal}]' for c in others])}." if others else ""
    return f"{_elsewhere(m)}{quoted(said['text'])}{marks([item] if item else [])}{of}.{more}"


def _elsewhere(m: Material) -> str:
    """What a search left out to find anything, said before what it found."""
    if not (relaxed := m.data.get("relaxed")):
        return ""
    kind = NOUNS.get(str(m.parameters.get("kind")), ("", "items", ""))[1]
    among = f" among the {kind}" if "kind" in relaxed else " in what is written" if "written" in relaxed else ""
    phrase = str(m.parameters.get("phrase") or "") if "time" in relaxed else ""
    return f"I don't find that{among}{f' {phrase[0].lower()}{phrase[1:]}' if phrase else ''}, but this: "


def _recommend(m: Material) -> str:
    rows = m.data.get("rows") or []
    if not m.data.get("model") and m.data.get("trained"):
        return figures.no_model_of_that("recommender", m.data["trained"])
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
        why = f", because of {prose.listed([quoted(str(b)) for b in because[:2]])}" if because else ""
        lines.append(f"{place}. {row.get('title') or row['value']}{marks([cited] if cited else [])}{why}")
    return "\n".join([f"I recommend {rows[0].get('title') or rows[0]['value']}.", *lines])


_WRITERS: dict[str, Callable[[Material], str]] = {
    "count": _count, "top": _top, "when": _when, "search": _search, "recommend": _recommend, **figures.WRITERS,
}  # fmt: skip


def _plain(data: Mapping[str, Any]) -> str:
    """The figures of a subroutine that brings no sentence, one a line."""
    return "\n".join(f"{name}: {value}" for name, value in data.items()) or "Done; there is nothing to report."
