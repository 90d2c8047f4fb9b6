"""Sentences from figures: the first tells the answer, the rest supports it. Text of items is quoted, never obeyed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from datapunk.gaia import figures
from datapunk.gaia.aspects import TIMES
from datapunk.gaia.links import unlinked
from datapunk.gaia.material import Cited, Material, circumstances, looked_for, marks, noun_of, origin
from datapunk.gaia.speech import Speech, local

_TRAIN_RECOMMENDER = (
    "select forge_train('taste', 'recommender', 'select occurred_at::date::text as subject, url as item from watches')"
)


def compose(route: str, material: Material) -> str:
    """Return the answer in words, without the list of citations."""
    writer = _WRITERS.get(route)
    return writer(material) if writer else _plain(material.data)


def not_understood(parameters: Mapping[str, Any], speech: Speech) -> str:
    """The answer to a question about a time or name that nothing explains, or with a word that nothing reflects."""
    if lost := parameters.get("lost"):
        return speech.say("lost", phrases=speech.listed([speech.quoted(phrase) for phrase in lost]))
    if unresolved := parameters.get("unresolved"):
        return speech.say("unresolved", word=speech.quoted(str(unresolved)))
    if unknown := parameters.get("unknown"):
        return speech.say("unknown", name=speech.quoted(str(unknown)))
    return speech.say("unread", word=speech.quoted(str(parameters["unread"])))


def passed_over(parameters: Mapping[str, Any], speech: Speech, cited: Sequence[Cited] = ()) -> str:
    """What an answer adds where words of the question say nothing to it; empty where there are none.

    What the first citation is called says the words all the same: moved.
    """
    from datapunk.gaia.quoting import stems

    held = stems(str(cited[0].title)) if cited else set()
    words = " ".join(word for word in str(parameters.get("passed_over") or "").split() if not stems(word) <= held)
    return "\n" + speech.say("passed_over", words=speech.quoted(str(words))) if words else ""


def sources(cited: Sequence[Cited], zone: ZoneInfo, speech: Speech) -> str:
    """Return the numbered list of citations: title, date, address."""
    lines = []
    for item in cited:
        parts = [unlinked(item.title or item.kind)]
        if item.occurred_at:
            parts.append(speech.day(local(item.occurred_at, ZoneInfo("UTC") if item.whole_day else zone)))
        if item.url:
            parts.append(item.url)
        lines.append(f"[{item.ordinal}] {', '.join(' '.join(part.split()) for part in parts)}")
    return "\n".join(lines)


def _count(m: Material) -> str:
    say = m.speech.say
    count = int(m.data["count"])
    kind = m.data.get("kind")
    if count == 0 and m.parameters.get("topic"):
        return say("not_found", what=looked_for(m))
    if said := figures.measured(m):
        return said
    if not kind:
        parts = m.speech.listed(figures.by_kind(m, m.data.get("by_kind", {})))
        found = say("count.found", parts=parts) if parts else ""
        return say("count.items", what=m.speech.counted(count, "item"), where=circumstances(m, ""), found=found)
    form = str(m.parameters.get("direction")) if kind == "mail" else str(kind)
    form = form if m.speech.has(f"count.{form}") else "other"
    if count == 0 and m.speech.has(f"nothing.{form}"):
        return say(f"nothing.{form}", where=circumstances(m, kind))
    what = m.speech.counted(count, noun_of(m, kind))
    answer = say(f"count.{form}", what=what, where=circumstances(m, kind))
    if count > 1 and m.data.get("first") and m.data.get("last"):
        first, last = (m.speech.day(local(m.data[key], m.zone)) for key in ("first", "last"))
        return say("count.between", answer=answer, first=first, last=last, mark=marks(m.cited[:1]))
    return say("count.one", answer=answer[:-1], mark=marks(m.cited[:1])) if count == 1 else answer


def _top(m: Material) -> str:
    rows = m.data["rows"]
    group = str(m.data.get("group_by"))
    kind = str(m.data.get("kind"))
    where = circumstances(m, kind)
    if figures.is_bounded(m):
        return figures.bounded(m, group, where)
    if not rows:
        plural = m.speech.plural(group if group in figures.GROUPS else noun_of(m, kind))
        return m.speech.say("top.none", plural=plural, where=where)
    best = rows[0]
    times = m.speech.counted(best["count"], "time" if group == "query" else noun_of(m, kind))
    is_time = group in TIMES
    form = "period" if is_time else group if m.speech.has(f"top.{group}") and group not in ("none", "then") else "other"
    if group == "person" and kind == "mail":
        direction = str(m.parameters.get("direction"))
        form = direction if direction in ("received", "sent") else "exchanged"
    mark = marks(m.cited[:1])
    names = [m.speech.period(str(row["value"]), group) if is_time else row["value"] for row in rows]
    first = m.speech.say(f"top.{form}", best=names[0], where=where, times=times, mark=mark)
    if len(rows) == 1:
        return first
    lines = [
        f"{place}. {name}: {m.speech.number(row['count'])}" + marks([c for c in m.cited if c.number == place])
        for place, (name, row) in enumerate(zip(names[1:], rows[1:], strict=True), 2)
    ]  # fmt: skip
    return "\n".join([m.speech.say("top.then", first=first), *lines])


def _when(m: Material) -> str:
    data, say = m.data, m.speech.say
    if not data.get("date"):
        return say("not_found", what=looked_for(m))
    if data.get("order") == "birthday":
        return figures.birthday(m)
    zone = ZoneInfo("UTC") if data.get("whole_day") else m.zone
    start = local(data["at"], zone)
    day = m.speech.day(start, weekday=True)
    moment = say("when.on", day=day) if data.get("whole_day") else say("when.at", day=day, clock=m.speech.clock(start))
    if data.get("until"):
        end = local(data["until"], zone)
        if (end - start).days > 1:
            moment = say("when.span", days=m.speech.days(start, end))
    mark = marks(m.cited[:1])
    title = m.speech.quoted(str(data.get("title") or say("untitled")))
    kind, order = data.get("kind"), data.get("order")
    if m.parameters.get("measure") == "elapsed" and data.get("days") is not None and int(data["days"]) >= 0:
        days = int(data["days"])
        ago = say("when.ago", days=m.speech.counted(days, "day")) if days else say("when.today")
        return say("when.elapsed", ago=ago, moment=moment, title=title, mark=mark)
    if order == "nearest":
        return say("when.nearest", title=title, moment=moment, mark=mark)
    times = int(data.get("times") or 1)
    yes = say("when.yes") if m.parameters.get("measure") == "ever" else ""
    if kind == "event" and times == 1:
        return yes + say("when.is" if order == "next" else "when.was", title=title, moment=moment, mark=mark)
    which = str(order) if order in ("first", "next") else "last"
    noun = m.speech.noun(noun_of(m, kind))
    # Where articles differ by gender, each has its sentence.
    form = f"{which}_{noun['gender']}" if "gender" in noun else which
    of = say("when.of", n=m.speech.number(times)) if times > 1 else ""
    return yes + say(
        f"when.{form}", noun=noun["a"], of=of, where=circumstances(m, str(kind)), moment=moment, title=title, mark=mark
    )


def _search(m: Material) -> str:
    passages = m.data.get("passages") or []
    if note := m.data.get("note"):
        return m.speech.say("search.told", note=m.speech.quoted(str(note)))
    if not passages:
        return m.speech.say("not_found", what=looked_for(m))
    if m.parameters.get("listing") and not m.data.get("relaxed"):
        return _list(m)
    said = m.data["quote"]
    item = next((c for c in m.cited if c.item_id == said["item_id"]), None)
    of = m.speech.say("search.of", origin=origin(item, m)) if item else ""
    others = m.speech.listed([f"[{c.number}]" for c in m.cited if c is not item])
    return m.speech.say(
        "search.found", elsewhere=_elsewhere(m), quote=m.speech.quoted(said["text"]), of=of,
        mark=marks([item] if item else []),
        more=m.speech.say("search.more", marks=others) if others else "",
    )  # fmt: skip


def _list(m: Material) -> str:
    kind = m.parameters.get("kind")
    head = m.speech.say("search.list", plural=m.speech.plural(noun_of(m, kind)), where=circumstances(m, str(kind)))
    return "\n".join(
        [head, *(f"{c.number}. {figures.moment({**c.as_json(), 'at': c.occurred_at}, m)}" for c in m.cited)]
    )


def _elsewhere(m: Material) -> str:
    """What a search left out to find anything, said before what it found."""
    if not (relaxed := m.data.get("relaxed")):
        return ""
    plural = m.speech.plural(noun_of(m, m.parameters.get("kind")))
    among = m.speech.say("search.among", plural=plural) if "kind" in relaxed else ""
    among = among or (m.speech.say("search.written") if "written" in relaxed else "")
    phrase = str(m.parameters.get("phrase") or "") if "time" in relaxed else ""
    return m.speech.say("search.elsewhere", among=among, phrase=f" {m.speech.inside(phrase)}" if phrase else "")


def _recommend(m: Material) -> str:
    rows = m.data.get("rows") or []
    if not m.data.get("model") and m.data.get("trained"):
        return figures.no_model_of_that(m, "recommender")
    if not m.data.get("model"):
        return m.speech.say("recommend.untrained", statement=_TRAIN_RECOMMENDER)
    if not rows:
        return m.speech.say("recommend.nothing", model=m.data["model"])
    numbers = {c.item_id: c for c in m.cited}
    lines = []
    for place, row in enumerate(rows, 1):
        cited = numbers.get(row.get("item_id", -1))
        because = row.get("because") or (row.get("reason") or {}).get("because") or []
        reasons = m.speech.listed([m.speech.quoted(str(b)) for b in because[:2]])
        why = m.speech.say("recommend.because", reasons=reasons) if reasons else ""
        lines.append(f"{place}. {row.get('title') or row['value']}{marks([cited] if cited else [])}{why}")
    return "\n".join([m.speech.say("recommend.best", title=rows[0].get("title") or rows[0]["value"]), *lines])


_WRITERS: dict[str, Callable[[Material], str]] = {
    "count": _count, "top": _top, "when": _when, "search": _search, "recommend": _recommend, **figures.WRITERS,
}  # fmt: skip


def _plain(data: Mapping[str, Any]) -> str:
    """The figures of a subroutine that brings no sentence, one a line."""
    return "\n".join(f"{name}: {value}" for name, value in data.items()) or "Done; there is nothing to report."
