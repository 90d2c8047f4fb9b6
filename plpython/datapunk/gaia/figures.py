"""Sentences of the subroutines that compare, follow, list and report."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from datapunk.gaia.aspects import TIMES
from datapunk.gaia.material import Material, bound, circumstances, looked_for, marks, noun_of, of_share, origin
from datapunk.gaia.speech import local

#: What a ranking may be of, each a noun of the languages.
GROUPS = ("channel", "site", "query", "person", "title", "place")
_TRAINING = {
    "forecaster": "select forge_train('weekly', 'forecaster', 'select date_trunc(''week'', occurred_at) as at,"
    " count(*) as value from watches group by 1 order by 1')",
    "anomaly_detector": "select forge_train('unusual', 'anomaly_detector', 'select local_date,"
    " count(*) as visits from visits group by 1')",
    "sentiment": "select forge_train('mood', 'sentiment', 'select text, label from ...')",
    "entity_recognizer": "select forge_train('names', 'entity_recognizer', 'select text, entities from ...')",
    "text_classifier": "select forge_train('labels', 'text_classifier', 'select text, label from ...')",
}
_FORGETTING = 'select lake_forget(\'{"source": "chrome"}\')'


def by_kind(m: Material, counts: Mapping[str, int]) -> list[str]:
    """Numbers of things of each kind, the most first."""
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [m.speech.counted(n, kind) if m.speech.has(f"nouns.{kind}") else f"{n} {kind}" for kind, n in ranked]


def birthday(m: Material) -> str:
    """Whose birthday is when, and when the next one is."""
    zone = ZoneInfo("UTC")
    at = local(str(m.data["date"]), zone)
    moment = (
        m.speech.say("when.on", day=m.speech.day(at, weekday=True)) if m.data["days"] else m.speech.say("when.today")
    )
    year, month, day = str(m.data["born"]).rsplit("-", 2)
    # A year that has the 29 February.
    born = local(f"{year if year.isdigit() else '2000'}-{month}-{day}", zone)
    form = "own" if m.data.get("own") else "born" if year.isdigit() else "birthday"
    said = m.speech.day(born) if form == "born" else m.speech.day_of_year(born)
    return m.speech.say(f"when.{form}", name=m.data["title"], day=said, moment=moment, mark=marks(m.cited[:1]))


def is_bounded(m: Material) -> bool:
    """Whether a ranking is of what comes up so many times."""
    return any(m.parameters.get(name) is not None for name in ("at_least", "at_most"))


def bounded(m: Material, group: str, where: str) -> str:
    """The sentence of a ranking of what comes up so many times: how many there are, and the first of them."""
    noun = group if group in GROUPS else noun_of(m, m.data.get("kind"))
    rows = m.data["rows"]
    if group in TIMES:
        noun = "time" if group in ("hour", "weekday") else group
        rows = [{**row, "value": m.speech.period(str(row["value"]), group)} for row in rows]
    groups = m.speech.counted(int(m.data["distinct"]), noun)
    head = m.speech.say("top.bounded", groups=groups, where=where, bound=bound(m))
    return f"{head}\n{_ranked(m, rows)}" if rows else f"{head.rstrip(': ')}."


def measured(m: Material) -> str | None:  # noqa: PLR0911 - one sentence a measure
    """The sentence of a count that is no plain number; None for a plain one."""
    data, say, speech = m.data, m.speech.say, m.speech
    kind = data.get("kind")
    noun = noun_of(m, kind)
    where = circumstances(m, str(kind))
    match data.get("measure"):
        case "share":
            if data["percent"] is None:
                return say("not_found", what=looked_for(m))
            return say(
                "count.share", percent=speech.number(data["percent"]), plural=speech.plural(noun),
                part=circumstances(of_share(m, part=True), str(kind)),
                where=circumstances(of_share(m, part=False), str(kind)),
                count=speech.number(data["count"]), of=speech.number(data["of"]), mark=marks(m.cited[:1]),
            )  # fmt: skip
        case "average":
            unit = str(data["unit"])
            form = str(kind) if speech.has(f"average.{kind}") else "other"
            units = float(data["units"])
            spelled = f"{speech.number(units)} {speech.plural(unit)}"
            return say(
                f"average.{form}", average=speech.number(data["average"]), plural=speech.plural(noun), where=where,
                unit=speech.noun(unit)["a"], count=speech.number(data["count"]),
                units=speech.counted(int(units), unit) if units == 1 else spelled,
            )  # fmt: skip
        case "days":
            days = speech.counted(int(data["count"]), "day")
            return say(
                "count.days", days=days, where=where, bound=bound(m), what=speech.counted(int(data["items"]), noun)
            )
        case "duration" if data["seconds"] is None:
            return say("count.duration_unknown", what=speech.counted(int(data["count"]), noun), where=where)
        case "duration":
            lasted = speech.duration(int(data["seconds"]))
            return say("count.duration", duration=lasted, what=speech.counted(int(data["count"]), noun), where=where)
        case "distinct":
            group = str(data.get("group_by"))
            different = speech.counted_different(int(data["count"]), group if group in GROUPS else "title")
            what = speech.counted(int(data["items"]), noun)
            return say("count.distinct", different=different, what=what, where=where, bound=bound(m))
    return None


def _compare(m: Material) -> str:
    rows, say = m.data["rows"], m.speech.say
    plural = m.speech.plural(noun_of(m, m.data.get("kind")))
    if len(rows) < 2:
        return say("compare.unknown")
    ranked = sorted(enumerate(rows, 1), key=lambda pair: -_value(pair[1]))
    where = circumstances(m, str(m.data.get("kind")))
    (_, most), *others = ranked
    if m.data.get("measure") == "duration" and all(row.get("seconds") is None for row in rows):
        what = m.speech.counted(sum(int(row["count"]) for row in rows), noun_of(m, m.data.get("kind")))
        return say("count.duration_unknown", what=what, where=where)
    if not _value(most) and m.parameters.get("topic"):
        return say("not_found", what=looked_for(m))
    if len(rows) == 2 and _value(rows[0]) == _value(rows[1]):
        return say(
            "compare.equal", one=rows[0]["label"], other=rows[1]["label"], where=where, amount=_amount(rows[0], m)
        )
    amounts = [_amount(row, m) + marks([c for c in m.cited if c.ordinal == place]) for place, row in ranked]
    form = "_time" if m.data.get("measure") == "duration" else ""
    if len(rows) == 2:
        return say(
            f"compare.two{form}", most=most["label"], plural=plural, other=others[0][1]["label"], where=where,
            amount=amounts[0], against=amounts[1],
        )  # fmt: skip
    rest = m.speech.listed(
        [
            say("compare.rest", label=row["label"], amount=amount)
            for (_, row), amount in zip(others, amounts[1:], strict=True)
        ]
    )
    return say(f"compare.many{form}", most=most["label"], plural=plural, where=where, amount=amounts[0], rest=rest)


def _value(row: dict[str, Any]) -> float:
    return float(row.get("seconds", row.get("average", row["count"])))


def _amount(row: dict[str, Any], m: Material) -> str:
    if "seconds" in row:
        return m.speech.duration(int(row["seconds"]))
    if "average" in row:
        return m.speech.number(row["average"])
    return m.speech.counted(int(row["count"]), noun_of(m, m.data.get("kind")))


def _trend(m: Material) -> str:
    rows = m.data["rows"]
    if not rows or not m.data["total"]:
        return m.speech.say("not_found", what=looked_for(m))
    most = max(rows, key=lambda row: row["count"])
    head = m.speech.say(
        "trend.head", plural=m.speech.plural(noun_of(m, m.data.get("kind"))), unit=m.speech.noun(m.data["unit"])["a"],
        where=circumstances(m, str(m.data.get("kind"))), direction=m.speech.say(f"trend.{m.data['direction']}"),
        period=m.speech.period(most["period"], m.data["unit"]), count=m.speech.number(most["count"]),
    )  # fmt: skip
    said = ((m.speech.period(row["period"], m.data["unit"]), row["count"]) for row in rows[-24:])
    return "\n".join([head, *(f"{period}: {m.speech.number(count)}" for period, count in said)])


def _timeline(m: Material) -> str:
    rows = m.data["rows"]
    if not rows:
        return m.speech.say("not_found", what=looked_for(m))
    counts = m.speech.listed(by_kind(m, m.data["by_kind"]))
    head = m.speech.say("timeline.head", counts=counts, where=circumstances(m, str(m.data.get("kind"))))
    return "\n".join([head, *(moment(row, m) for row in rows)])


def moment(row: Mapping[str, Any], m: Material) -> str:
    """A thing in a line: when it was, what it is called, and its citation."""
    cited = next((c for c in m.cited if c.item_id == row["item_id"]), None)
    when = ""
    if row.get("at"):
        whole = bool(row.get("whole_day")) or bool(cited and cited.whole_day)
        # A whole day is one in its calendar's zone; its citation has the date.
        at = local(
            cited.occurred_at if whole and cited and cited.occurred_at else row["at"],
            ZoneInfo("UTC") if whole else m.zone,
        )
        when = m.speech.day(at) + ("" if whole else f", {m.speech.clock(at)}") + ": "
    place = f", {row['place']}" if row.get("place") else ""
    title = " ".join(str(row.get("title") or row.get("kind") or m.speech.say("untitled")).split())
    return f"{when}{title}{place}{marks([cited] if cited else [])}"


def _ranked(m: Material, rows: Sequence[dict[str, Any]]) -> str:
    return "\n".join(
        f"{place}. {row['value']}: {m.speech.number(row['count'])}{marks([c for c in m.cited if c.ordinal == place])}"
        for place, row in enumerate(rows, 1)
    )


def _people(m: Material) -> str:
    rows = m.data["rows"]
    kind = str(m.parameters.get("kind") or ("event" if m.data.get("present") else "mail"))
    where = circumstances(m, kind)
    if not rows:
        return m.speech.say("people.none", where=where)
    names = [str(row["value"]) for row in rows]
    more = int(m.data["distinct"]) - len(rows)
    form = "were" if len(names) + more > 1 else "was"
    if not m.data.get("present"):
        form = str(m.parameters.get("direction") or "wrote")
    others = m.speech.say("people.others", counted=m.speech.counted(more, "other")) if more > 0 else ""
    said = ", ".join(names) if others else m.speech.listed(names)
    return f"{m.speech.say(f'people.{form}', names=said, others=others, where=where)}\n{_ranked(m, rows)}"


def _places(m: Material) -> str:
    rows = m.data["rows"]
    where = circumstances(m, "event")
    if not rows:
        return m.speech.say("places.none", where=where)
    times = m.speech.counted(int(rows[0]["count"]), "time")
    return f"{m.speech.say('places.most', place=rows[0]['value'], where=where, times=times)}\n{_ranked(m, rows)}"


def _similar(m: Material) -> str:
    seed, rows = m.data.get("seed"), m.data["rows"]
    if not seed:
        sought = str(m.parameters.get("quoted") or m.parameters.get("topic") or m.speech.say("similar.it"))
        return m.speech.say("similar.unknown", sought=m.speech.quoted(sought))
    if not rows:
        return m.speech.say("similar.none", seed=m.speech.quoted(str(seed["title"])))
    lines = [f"{n}. {row['title']}{marks([c for c in m.cited if c.ordinal == n])}" for n, row in enumerate(rows, 1)]
    head = m.speech.say(
        "similar.head", seed=m.speech.quoted(str(seed["title"])), title=m.speech.quoted(str(rows[0]["title"]))
    )
    return "\n".join([head, *lines])


def _next(m: Material) -> str:
    rows = m.data["rows"]
    if not rows:
        return m.speech.say("next.none", where=circumstances(m, "event"))
    return "\n".join([m.speech.say("next.head", moment=moment(rows[0], m)), *(moment(row, m) for row in rows[1:])])


def _summarize(m: Material) -> str:
    said = m.data["sentences"]
    if not said:
        return m.speech.say("not_found", what=looked_for(m))
    read = ""
    if m.data["read"] != m.data["count"]:
        read = m.speech.say("summarize.read", count=m.speech.number(m.data["read"]))
    kind = str(m.parameters.get("kind") or "item")
    things = m.speech.counted(int(m.data["count"]), noun_of(m, kind))
    lines = [f"{m.speech.quoted(s['text'])}{marks([c for c in m.cited if c.item_id == s['item_id']])}" for s in said]
    return "\n".join([m.speech.say("summarize.head", things=things, where=circumstances(m, kind), read=read), *lines])


def _profile(m: Material) -> str:
    say = m.speech.say
    if not m.data["count"]:
        return say("profile.none")
    lines = [
        say("profile.most", names=_listed_group(m, name), values=m.speech.listed([str(row["value"]) for row in rows]))
        for name, rows in sorted(m.data["most"].items())
        if rows
    ]
    since = say("profile.since", day=m.speech.day(local(m.data["first"], m.zone))) if m.data.get("first") else ""
    things = m.speech.counted(int(m.data["count"]), "thing")
    head = say("profile.head", things=things, since=since, counts=m.speech.listed(by_kind(m, m.data["by_kind"])))
    return "\n".join([head, *lines])


def _listed_group(m: Material, name: str) -> str:
    singular = {"people": "person", "searches": "query", "queries": "query"}.get(name, name.removesuffix("s"))
    return m.speech.plural(singular) if singular in GROUPS else name


def _explain(m: Material) -> str:
    data, say = m.data, m.speech.say
    if not data.get("answer_id"):
        return say("explain.none")
    parameters = {k: v for k, v in (data.get("parameters") or {}).items() if k not in ("question", "order")}
    read = "; ".join(f"{name}: {value}" for name, value in sorted(parameters.items())) or say("explain.nothing")
    routes = [
        say("explain.rival", name=r["subroutine"], score=round(100 * r["score"])) for r in data.get("routes") or []
    ]
    items = m.speech.listed([origin(c, m) + marks([c]) for c in m.cited[:5]])
    if data.get("parts"):
        parts = m.speech.listed([m.speech.quoted(str(part)) for part in data["parts"]])
        return say(
            "explain.planned", question=m.speech.quoted(str(data["question"])), parts=parts, by=data["written_by"],
            sources=say("explain.sources", items=items) if items else "",
        )  # fmt: skip
    return say(
        "explain.head", question=m.speech.quoted(str(data["question"])), route=data["route"],
        confidence=round(100 * data["confidence"]), rivals=m.speech.listed(routes) or say("explain.no_rivals"),
        read=read, sources=say("explain.sources", items=items) if items else "",
    )  # fmt: skip


def _remember(m: Material) -> str:
    note = m.data.get("note")
    return m.speech.say("notes.kept", note=m.speech.quoted(str(note))) if note else m.speech.say("notes.nothing")


def _forget(m: Material) -> str:
    notes = m.data.get("notes") or []
    if not notes:
        return m.speech.say("notes.unknown", statement=_FORGETTING)
    return m.speech.say("notes.forgotten", notes=m.speech.listed([m.speech.quoted(str(note)) for note in notes]))


def _help(m: Material) -> str:
    lines = [
        f"{s['name']}: {s['description']} {m.speech.quoted(str(s['example'] or ''))}" for s in m.data["subroutines"]
    ]
    return "\n".join([m.speech.say("help.head"), *lines])


def no_model_of_that(m: Material, recipe: str) -> str:
    """What is said where models of a recipe are there, but none that learned what was asked about."""
    names = [m.speech.say("model.of", model=one["name"], of=one["of"]) for one in m.data["trained"][:5]]
    return m.speech.say("model.other", what=m.speech.say(f"model.kinds.{recipe}"), names=m.speech.listed(names))


def _by_model(m: Material) -> str:
    say = m.speech.say
    model, recipe = m.data.get("model"), str(m.data.get("recipe"))
    if not model and m.data.get("trained"):
        return no_model_of_that(m, recipe)
    if not model:
        return say("train", what=say(f"model.{recipe}"), statement=_TRAINING[recipe])
    if recipe == "text_classifier":
        result = m.data.get("result")
        return say("model.says", model=model, result=result) if result else say("model.quotation", model=model)
    if labels := m.data.get("labels"):
        ranked = sorted(labels.items(), key=lambda p: (-p[1], p[0]))
        parts = m.speech.listed([f"{label} {m.speech.number(n)}" for label, n in ranked])
        return say("model.labels", model=model, parts=parts, texts=m.speech.counted(int(m.data["count"]), "text"))
    rows = m.data.get("rows") or []
    if not rows:
        return say("model.none", model=model, what=looked_for(m))
    told = {"forecaster": _expected, "anomaly_detector": _unusual}.get(recipe, _row)
    head = say("model.head", model=model)
    if m.data.get("dated"):
        head = say("model.unusual", model=model, where=circumstances(m, str(m.data.get("kind"))))
    return "\n".join([head, *(told(row, m) for row in rows)])


def _expected(row: dict[str, Any], m: Material) -> str:
    at = local(str(row["at"]), m.zone)
    when = m.speech.day(at) if (at.hour, at.minute) == (0, 0) else f"{m.speech.day(at)}, {m.speech.clock(at)}"
    value, lower, upper = (m.speech.number(float(row[name])) for name in ("value", "lower", "upper"))
    series = row["series"] + ", " if row.get("series") else ""
    return m.speech.say("model.between", series=series, when=when, value=value, lower=lower, upper=upper)


def _unusual(row: dict[str, Any], m: Material) -> str:
    score = m.speech.number(float(row["value"]))
    if row.get("item_id"):
        return f"{moment(row, m)} ({score})"
    return f"{m.speech.day(local(row['at'], m.zone)) if row.get('at') else row['key']}: {score}"


def _row(row: dict[str, Any], _m: Material) -> str:
    return ", ".join(f"{name} {value}" for name, value in row.items() if value is not None)


WRITERS: dict[str, Callable[[Material], str]] = {
    "compare": _compare, "trend": _trend, "timeline": _timeline, "people": _people, "places": _places,
    "similar": _similar, "next": _next, "summarize": _summarize, "profile": _profile, "explain": _explain,
    "remember": _remember, "forget": _forget, "help": _help, "forecast": _by_model, "anomalies": _by_model,
    "sentiment": _by_model, "entities": _by_model, "predict": _by_model,
}  # fmt: skip
