"""Sentences of the subroutines that compare, follow, list and report."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from datapunk.gaia import prose
from datapunk.gaia.material import Material, circumstances, looked_for, marks, origin, quoted
from datapunk.gaia.vocabulary import NOUNS

_TRAINING = {
    "forecaster": (
        "forecaster is trained on your data",
        "select forge_train('weekly', 'forecaster', 'select date_trunc(''week'', occurred_at) as at, count(*) as value"
        " from watches group by 1 order by 1')",
    ),
    "anomaly_detector": (
        "anomaly detector is trained on your data",
        "select forge_train('unusual', 'anomaly_detector', 'select local_date::text as key, count(*) as visits"
        " from visits group by 1')",
    ),
    "sentiment": (
        "model for moods is trained",
        "select forge_train('mood', 'sentiment', 'select text, label from ...')",
    ),
    "entity_recognizer": (
        "model for names is trained",
        "select forge_train('names', 'entity_recognizer', 'select text, entities from ...')",
    ),
    "text_classifier": (
        "model is trained on your data",
        "select forge_train('labels', 'text_classifier', 'select text, label from ...')",
    ),
}  # fmt: skip


def _nouns(m: Material) -> tuple[str, str]:
    return NOUNS.get(str(m.data.get("kind")), ("item", "items", ""))[:2]


def measured(m: Material) -> str | None:  # noqa: PLR0911 - one sentence a measure
    """The sentence of a count that is no plain number; None for a plain one."""
    data, kind = m.data, str(m.data.get("kind"))
    singular, plural = _nouns(m)
    did = NOUNS.get(kind, ("", "", "have"))[2]
    where = circumstances(m, kind)
    match data.get("measure"):
        case "share":
            if data["percent"] is None:
                return f"I don't find that in your data; I looked for {looked_for(m)}."
            return (
                f"{prose.number(data['percent'])} % of the {plural}, {prose.number(data['count'])} of"
                f" {prose.number(data['of'])}: {plural}{where}{marks(m.cited[:1])}."
            )
        case "average":
            return (
                f"You {did} {prose.number(data['average'])} {plural} a {data['unit']} on average{where}"
                f" ({prose.number(data['count'])} in {prose.number(data['units'])} {data['unit']}s)."
            )
        case "days":
            days = prose.counted(int(data["count"]), "day", "days")
            return f"On {days}{where}, with {prose.counted(int(data['items']), singular, plural)}."
        case "duration":
            things = prose.counted(int(data["count"]), singular, plural)
            return f"{prose.duration(int(data['seconds']))} in {things}{where}."
        case "distinct":
            group = {"channel": ("channel", "channels"), "site": ("site", "sites"), "query": ("search", "searches"),
                     "person": ("person", "people"), "place": ("place", "places")}.get(
                         str(data.get("group_by")), ("title", "titles"))  # fmt: skip
            different = prose.counted(int(data["count"]), f"different {group[0]}", f"different {group[1]}")
            return f"I find {different} among {prose.counted(int(data['items']), singular, plural)}{where}."
    return None


def _compare(m: Material) -> str:
    rows = m.data["rows"]
    _, plural = _nouns(m)
    if len(rows) < 2:
        return "I don't know what to compare; name two times, people, channels or sites."
    ranked = sorted(enumerate(rows, 1), key=lambda pair: -_value(pair[1]))
    where = circumstances(m, str(m.data.get("kind")))
    (_, most), *others = ranked
    if not _value(most) and m.parameters.get("topic"):
        return f"I don't find that in your data; I looked for {looked_for(m)}."
    if len(rows) == 2 and _value(rows[0]) == _value(rows[1]):
        return f"As much for {rows[0]['label']} as for {rows[1]['label']}{where}: {_amount(rows[0], m)}."
    amounts = [_amount(row, m) + marks([c for c in m.cited if c.ordinal == place]) for place, row in ranked]
    if len(rows) == 2:
        other = others[0][1]["label"]
        return f"{most['label']} has more {plural} than {other}{where}: {amounts[0]} against {amounts[1]}."
    rest = prose.listed([f"{row['label']} with {amount}" for (_, row), amount in zip(others, amounts[1:], strict=True)])
    return f"{most['label']} has the most {plural}{where}: {amounts[0]}. Then come {rest}."


def _value(row: dict[str, Any]) -> float:
    return float(row.get("seconds", row.get("average", row["count"])))


def _amount(row: dict[str, Any], m: Material) -> str:
    if "seconds" in row:
        return prose.duration(int(row["seconds"]))
    if "average" in row:
        return prose.number(row["average"])
    return prose.counted(int(row["count"]), *_nouns(m))


def _trend(m: Material) -> str:
    rows = m.data["rows"]
    _, plural = _nouns(m)
    where = circumstances(m, str(m.data.get("kind")))
    if not rows or not m.data["total"]:
        return f"I don't find that in your data; I looked for {looked_for(m)}."
    unit = m.data["unit"]
    direction = {"up": "rises", "down": "falls", "flat": "stays about the same"}[m.data["direction"]]
    most = max(rows, key=lambda row: row["count"])
    lines = [f"{row['period']}: {prose.number(row['count'])}" for row in rows[-24:]]
    peak = f"the most are in {most['period']}, {prose.number(most['count'])}"
    head = f"The number of {plural} a {unit}{where} {direction}; {peak}."
    return "\n".join([head, *lines])


def _timeline(m: Material) -> str:
    rows = m.data["rows"]
    kind = str(m.data.get("kind"))
    where = circumstances(m, kind)
    if not rows:
        return f"I don't find that in your data; I looked for {looked_for(m)}."
    by_kind = sorted(m.data["by_kind"].items(), key=lambda pair: (-pair[1], pair[0]))
    counts = prose.listed([prose.counted(n, *NOUNS.get(k, (k, k, ""))[:2]) for k, n in by_kind])
    lines = [_moment(row, m) for row in rows]
    return "\n".join([f"I find {counts}{where}.", *lines])


def _moment(row: dict[str, Any], m: Material) -> str:
    cited = next((c for c in m.cited if c.item_id == row["item_id"]), None)
    when = ""
    if row.get("at"):
        whole = bool(row.get("whole_day")) or bool(cited and cited.whole_day)
        # A whole day is one in its calendar's zone; its citation has the date.
        at = prose.local(
            cited.occurred_at if whole and cited and cited.occurred_at else row["at"],
            ZoneInfo("UTC") if whole else m.zone,
        )
        when = prose.day(at) + ("" if whole else f", {prose.clock(at)}") + ": "
    place = f", {row['place']}" if row.get("place") else ""
    title = " ".join(str(row.get("title") or row.get("kind") or "untitled").split())
    return f"{when}{title}{place}{marks([cited] if cited else [])}"


def _ranked(m: Material, rows: Sequence[dict[str, Any]]) -> str:
    return "\n".join(
        f"{place}. {row['value']}: {prose.number(row['count'])}{marks([c for c in m.cited if c.ordinal == place])}"
        for place, row in enumerate(rows, 1)
    )


def _people(m: Material) -> str:
    rows = m.data["rows"]
    kind = str(m.parameters.get("kind") or ("event" if m.data.get("present") else "mail"))
    where = circumstances(m, kind)
    if not rows:
        return f"I don't find that in your data; I looked for people{where}."
    names = [str(row["value"]) for row in rows]
    more = int(m.data["distinct"]) - len(rows)
    others = f" and {prose.counted(more, 'other', 'others')}" if more > 0 else ""
    head = "You wrote with "
    if m.data.get("present"):
        head = "With you were " if len(names) + more > 1 else "With you was "
    return f"{head}{prose.listed(names) if not others else ', '.join(names)}{others}{where}.\n{_ranked(m, rows)}"


def _places(m: Material) -> str:
    rows = m.data["rows"]
    where = circumstances(m, "event")
    if not rows:
        return f"I don't find that in your data; I looked for places{where}."
    times = prose.counted(int(rows[0]["count"]), "time", "times")
    return f"You were most often at {rows[0]['value']}{where}, {times}.\n{_ranked(m, rows)}"


def _similar(m: Material) -> str:
    seed, rows = m.data.get("seed"), m.data["rows"]
    if not seed:
        sought = str(m.parameters.get("quoted") or m.parameters.get("topic") or "it")
        return f"I don't find that in your data; I looked for {quoted(sought)}."
    if not rows:
        return f"I don't find anything like {quoted(str(seed['title']))} in your data."
    lines = [f"{n}. {row['title']}{marks([c for c in m.cited if c.ordinal == n])}" for n, row in enumerate(rows, 1)]
    return "\n".join([f"Most like {quoted(str(seed['title']))} is {quoted(str(rows[0]['title']))}.", *lines])


def _next(m: Material) -> str:
    rows = m.data["rows"]
    if not rows:
        return f"I don't find anything that comes next in your calendar{circumstances(m, 'event')}."
    return "\n".join(["Next is " + _moment(rows[0], m) + ".", *(_moment(row, m) for row in rows[1:])])


def _summarize(m: Material) -> str:
    said = m.data["sentences"]
    if not said:
        return f"I don't find that in your data; I looked for {looked_for(m)}."
    read = "" if m.data["read"] == m.data["count"] else f", of which I read the newest {prose.number(m.data['read'])}"
    kind = str(m.parameters.get("kind") or "item")
    things = prose.counted(int(m.data["count"]), *NOUNS.get(kind, ("item", "items", ""))[:2])
    lines = [f"{quoted(s['text'])}{marks([c for c in m.cited if c.item_id == s['item_id']])}" for s in said]
    return "\n".join([f"The main points of {things}{circumstances(m, kind)}{read}:", *lines])


def _profile(m: Material) -> str:
    if not m.data["count"]:
        return "I don't find anything about you yet; import something first."
    by_kind = sorted(m.data["by_kind"].items(), key=lambda pair: (-pair[1], pair[0]))
    counts = prose.listed([prose.counted(n, *NOUNS.get(k, (k, k, ""))[:2]) for k, n in by_kind])
    lines = [
        f"Most frequent {name}: {prose.listed([str(row['value']) for row in rows])}."
        for name, rows in sorted(m.data["most"].items())
        if rows
    ]
    since = f" since {prose.day(prose.local(m.data['first'], m.zone))}" if m.data.get("first") else ""
    return "\n".join(
        [f"I know {prose.counted(int(m.data['count']), 'thing', 'things')} of you{since}: {counts}.", *lines]
    )


def _explain(m: Material) -> str:
    data = m.data
    if not data.get("answer_id"):
        return "I don't find an answer to explain; ask something first."
    parameters = {k: v for k, v in (data.get("parameters") or {}).items() if k not in ("question", "order")}
    read = "; ".join(f"{name}: {value}" for name, value in sorted(parameters.items())) or "nothing more"
    rivals = prose.listed([f"{r['subroutine']} {r['score']:.0%}" for r in data.get("routes") or []]) or "none"
    sources = f"\nIt rests on {prose.listed([origin(c, m.zone) + marks([c]) for c in m.cited[:5]])}." if m.cited else ""
    return (
        f"I took {quoted(str(data['question']))} for a question of the kind {data['route']}, with"
        f" {data['confidence']:.0%} certainty (beside: {rivals}), and read from it {read}.{sources}"
    )


def _remember(m: Material) -> str:
    note = m.data.get("note")
    return (
        f"I keep in mind: {quoted(str(note))}."
        if note
        else "I don't know what to keep in mind; say it in the question."
    )


def _forget(m: Material) -> str:
    notes = m.data.get("notes") or []
    if not notes:
        return (
            "I don't find a note of yours on that. What is in your data is forgotten by lake_forget, as in"
            ' select lake_forget(\'{"source": "chrome"}\').'
        )
    return f"I forgot {prose.listed([quoted(str(note)) for note in notes])}."


def _help(m: Material) -> str:
    lines = [f"{s['name']}: {s['description']} {quoted(str(s['example'] or ''))}" for s in m.data["subroutines"]]
    return "\n".join(["You can ask me, in your own words:", *lines])


def no_model_of_that(recipe: str, trained: Sequence[Mapping[str, Any]]) -> str:
    """What is said where models of a recipe are there, but none that learned what was asked about."""
    what = {"recommender": "recommender", "anomaly_detector": "anomaly detector", "forecaster": "forecaster"}
    names = prose.listed([f"{model['name']} (of {model['of']})" for model in trained[:5]])
    return f"I don't find a {what.get(recipe, 'model')} of that among yours; there is {names}."


def _by_model(m: Material) -> str:
    model, recipe = m.data.get("model"), str(m.data.get("recipe"))
    if not model and m.data.get("trained"):
        return no_model_of_that(recipe, m.data["trained"])
    if not model:
        what, statement = _TRAINING[recipe]
        return f"No {what} yet. Train one, as in: {statement}; then ask again."
    if recipe == "text_classifier":
        result = m.data.get("result")
        return f"{model} says: {result}." if result else f"Put the text for {model} in quotation marks."
    labels = m.data.get("labels")
    if labels:
        parts = [f"{label} {prose.number(n)}" for label, n in sorted(labels.items(), key=lambda p: (-p[1], p[0]))]
        return (
            f"By the model {model}: {prose.listed(parts)}, of {prose.counted(int(m.data['count']), 'text', 'texts')}."
        )
    rows = m.data.get("rows") or []
    if not rows:
        return f"I don't find anything for the model {model}; I looked for {looked_for(m)}."
    told = {"forecaster": _expected, "anomaly_detector": _unusual}.get(recipe, _row)
    return "\n".join([f"By the model {model}:", *(told(row, m) for row in rows)])


def _expected(row: dict[str, Any], m: Material) -> str:
    at = prose.local(str(row["at"]), m.zone)
    when = prose.day(at) if (at.hour, at.minute) == (0, 0) else f"{prose.day(at)}, {prose.clock(at)}"
    value, lower, upper = (prose.number(float(row[name])) for name in ("value", "lower", "upper"))
    return f"{row['series'] + ', ' if row.get('series') else ''}{when}: {value} (between {lower} and {upper})"


def _unusual(row: dict[str, Any], _m: Material) -> str:
    return f"{row['key']}: {prose.number(float(row['value']))}"


def _row(row: dict[str, Any], _m: Material) -> str:
    return ", ".join(f"{name} {value}" for name, value in row.items() if value is not None)


WRITERS: dict[str, Callable[[Material], str]] = {
    "compare": _compare, "trend": _trend, "timeline": _timeline, "people": _people, "places": _places,
    "similar": _similar, "next": _next, "summarize": _summarize, "profile": _profile, "explain": _explain,
    "remember": _remember, "forget": _forget, "help": _help, "forecast": _by_model, "anomalies": _by_model,
    "sentiment": _by_model, "entities": _by_model, "predict": _by_model,
}  # fmt: skip
