"""The model card (Mitchell et al. 2019) of a version, in Markdown, from its rows."""

import json
from collections.abc import Mapping, Sequence

from datapunk.db import Row

_PURPOSE = {
    "anomaly_detector": "Says how unusual a row is, and whether that is beyond its threshold.",
    "classifier": "Gives a row one of the labels that it was trained on, with a probability for each.",
    "clusterer": "Puts a row into the nearest of the groups of alike rows that it found.",
    "embedder": "Turns a text into a vector, so that texts of similar meaning lie near each other.",
    "entity_recognizer": "Finds names in a text, with their places and the labels that it was trained on.",
    "forecaster": "Tells the next steps of each series that it was trained on, with intervals.",
    "next_event": "Tells what comes next after the events before, and where and when if it learned that.",
    "recommender": "Suggests items to a subject from what it and others had.",
    "regressor": "Predicts a number from a row.",
    "router": "Tells which subroutine of Gaia a question is for, with a probability for each.",
    "sentiment": "Tells the tone of a text, with a probability for each.",
    "text_classifier": "Gives a text one of the labels that it was trained on, with a probability for each.",
}
_BY_LEXICON = (
    "No labels were given: it learned to say what a lexicon of English says. lexicon_agreement is how often it says the"
    " same of texts that it did not see; how often either is right was not measured."
)
_LIMITS = {
    "anomaly_detector": (
        "Unusual is not wrong: it says how rare a row is beside those of its training, not what is the matter with it.",
        "What was common among the rows of its training is usual to it, faults too.",
        "The threshold is a choice, not a finding: an option, or the share of rows taken for anomalies.",
    ),
    "classifier": (
        "Every row gets one of the known labels, also one that fits none of them.",
        "Its probabilities hold for rows like those of its training; the view drift says how far others are.",
        "Importances and contributions say what the model uses, not what causes what.",
    ),
    "clusterer": (
        "Every row gets the nearest group, also one that is like none of them.",
        "The groups are those of the columns that it was given; with others they would be different ones.",
        "Words and figures tell the groups apart; they do not say why a row is in one.",
    ),
    "embedder": (
        "Near means what the pairs of its training meant by it; for texts of another sort another model may do better.",
        "A text is embedded up to the model's length; what comes after is not seen.",
        "Its vectors compare with its own only; it answers searches where cortex_switch has made a generation of it.",
    ),
    "entity_recognizer": (
        "It finds names as they stood in its training; in texts of another sort or language it misses more.",
        "It says nothing of how sure it is, nor whom or what a name stands for.",
        "A label of which it saw few names is found seldom, whatever the figures of all labels say.",
    ),
    "forecaster": (
        "It goes on as the series went; what never happened in its training it does not foresee.",
        "Forecasts begin where its training ended, and age until the next; of a series that is new it knows nothing.",
        "Intervals are as wide as the errors of all series together ask for: of one they may hold less often, or more.",
    ),
    "next_event": (
        "It repeats habits: what was seen less than five times is called other, and what is new never comes.",
        "Asked without features it answers for what follows the newest event of its training.",
        "The time until then is a middle value; pauses between events differ widely.",
    ),
    "recommender": (
        "It knows only the items of its training; what is new needs another training.",
        "It suggests what goes with what was had before, and so repeats habits, also bad ones.",
        "A subject that it does not know gets what is common.",
    ),
    "regressor": (
        "Far outside of the values of its training, trees stay flat and linear models go on straight; both mislead.",
        "Its errors hold for rows like those of its training; the view drift says how far others are.",
        "Importances and contributions say what the model uses, not what causes what.",
    ),
    "router": (
        "It knows only the subroutines of its training; when one is added, Gaia routes by the examples until the next.",
        "Its probabilities, and when it declines, hold for questions like those of its training.",
    ),
    "sentiment": (
        "It tells the tone of the words, not what the writer feels; irony and mixed feelings mislead it.",
        "Trained without labels it learned from an English lexicon, mistakes included; other languages need labels.",
        "A text is embedded up to the embedder's length; what comes after counts by its wording at most.",
    ),
    "text_classifier": (
        "Every text gets one of the known labels, also one that fits none of them.",
        "A text is embedded up to the embedder's length; what comes after counts by its wording at most.",
        "Its probabilities hold for texts like those of its training.",
    ),
}


def card_text(
    model: str,
    version: Row,
    dataset: Row | None,
    metrics: Sequence[Row],
    *,
    pictures: Sequence[str] = (),
    importances: Sequence[Row] = (),
    comparison: str | None = None,
    run: Row | None = None,
    slices: Sequence[Row] = (),
    lineage: Sequence[Row] = (),
    watts: float = 10.0,
) -> str:
    """Return the card. `run` is the attempt that trained it, `comparison` how it did against the version before.

    `watts` is what a processor is assumed to take, for an estimate of the energy.
    """
    recipe = str(version["recipe"])
    lines = [f"# {model}, version {version['version']}", "", _PURPOSE.get(recipe, ""), ""]
    if version["stale_reason"]:
        retired = "; it answers no more" if version["retired"] else ""
        lines += [f"> Data that it may have learned from was deleted: {version['stale_reason']}{retired}", ""]
    lines += ["## Data", ""]
    if dataset is None:
        lines.append("It came with the installation.")
    else:
        columns = ", ".join(f"{c['name']} ({c['type']})" for c in json.loads(dataset["columns"]))
        lines += [
            f"- rows: {dataset['row_count']:,}, read at {dataset['read_at']}",
            f"- columns: {columns}",
            f"- fingerprint: {dataset['fingerprint']}",
            "- query:",
            "",
            *(f"      {line}" for line in str(dataset["query"]).splitlines()),
        ]
    checks = json.loads(version["parameters"]).get("checks") or []
    if checks:
        lines += ["", "Checks of its columns:", ""]
        lines += [f"- {c['column']} {c['reason']}: {c['action']}" for c in checks]
    if lineage:
        lines += ["", "Learned from:", "", *(f"- {_origin(row)}" for row in lineage)]
    if metrics:
        lines += ["", "## Metrics on held-out data", ""]
        lines += [_BY_LEXICON, ""] * (json.loads(version["parameters"]).get("labels_from") == "lexicon")
        lines += ["| metric | scored | value | 95 % interval |", "|---|---|---|---|"]
        lines += [f"| {m['name']} | {m['scored']} | {m['value']:.4f} | {_interval(m)} |" for m in metrics]
    if comparison:
        lines += ["", f"Against the version before: {comparison}."]
    if values := [row for row in slices if row["measure"] == "value"]:
        lines += ["", "## Metrics by slice", "", "| attribute | slice | rows | metric | value | 95 % interval |"]
        lines += ["|---|---|---|---|---|---|"]
        lines += [
            f"| {s['attribute']} | {_cell(s['slice'])} | {s['row_count']} | {s['metric']} | {s['value']:.4f} |"
            f" {_interval(s)} |"
            for s in values
        ]
    lines += _bias([row for row in slices if row["measure"] != "value"])
    if importances:
        lines += ["", "## What it uses", "", "| feature | fall of the metric when shuffled |", "|---|---|"]
        lines += [f"| {row['feature']} | {row['importance']:.4f} |" for row in importances]
    if recipe in _LIMITS:
        lines += ["", "## Limits", "", *(f"- {limit}" for limit in (*_LIMITS[recipe], *_doubts(checks)))]
    if pictures:
        listed = ", ".join(f"`{kind}`" for kind in pictures)
        lines += ["", "## Pictures", "", f"`select forge_plot('{model}', KIND, {version['version']})` with {listed}."]
    lines += ["", "## How it was made", ""]
    lines += [
        f"- recipe {recipe}, Datapunk {version['code_version']}, {version['created_at']}",
        f"- seed {version['seed']}" if version["seed"] is not None else "- no random numbers",
        f"- parameters: `{json.dumps(json.loads(version['parameters']), sort_keys=True)}`",
        f"- libraries: {', '.join(f'{k} {v}' for k, v in sorted(json.loads(version['libraries']).items())) or 'none'}",
        f"- SHA-256: {version['sha256']}",
    ]
    if run is not None and run["cpu_s"] is not None:
        energy = run["cpu_s"] * watts / 3600
        lines.append(
            f"- {run['seconds']:.0f} s, {run['cpu_s']:.0f} processor seconds, {run['peak_memory_mb']:.0f} MiB;"
            f" estimated {energy:.2g} Wh, if a busy core takes {watts:g} W (setting datapunk.watts_a_core)"
        )
    return "\n".join(lines) + "\n"


def _doubts(checks: Sequence[Mapping[str, str]]) -> list[str]:
    """Return what the checks of the columns leave doubtful about the metrics."""
    kept = [c["column"] for c in checks if c["problem"] in ("leakage", "suspected leakage") and c["action"] == "kept"]
    doubts = []
    if kept:
        doubts.append(
            f"It is as good as its metrics only where {', '.join(kept)}, which tells nearly the whole target, is known"
            " when it is asked."
        )
    if any(c["problem"] == "repeated rows" for c in checks):
        doubts.append(
            "Many of the rows that its metrics are of equal rows that it learned from; of new ones it may know less."
        )
    return doubts


def _bias(compared: Sequence[Row]) -> list[str]:
    """Return the section on how far apart groups are; one without a sensitive attribute says so."""
    if not compared:
        return []
    lines = ["", "## Bias", ""]
    if not any(row["sensitive"] for row in compared):
        lines += ["No attribute was named as sensitive; these were named as slices.", ""]
    lines += ["| attribute | metric | compared by | value | 95 % interval |", "|---|---|---|---|---|"]
    lines += [
        f"| {s['attribute']} | {s['metric']} | {s['measure']} | {s['value']:.4f} | {_interval(s)} |" for s in compared
    ]
    return [
        *lines, "",
        "A difference is the largest group's figure less the smallest's, a ratio the smallest by the largest; groups of"
        " fewer than 10 rows are left out. Alike on these rows does not say fair in use.",
    ]  # fmt: skip


def _origin(row: Row) -> str:
    if row["kind"] is None and row["source"] is None:
        return str(row["relation"])
    return (
        f"{row['kind'] or 'any kind'} from {row['source'] or 'any source'} of {row['source_owner']}:"
        f" {row['row_count']:,} rows{_period(row)}{' at most' if row['basis'] == 'plan' else ''}"
    )


def _period(row: Row) -> str:
    return f", {row['since'][:10]} to {row['until'][:10]}" if row["since"] and row["until"] else ""


def _cell(text: str) -> str:
    """Return a value so that it stays within its cell of a table."""
    return " ".join(text.replace("|", "\\|").split())


def _interval(metric: Row) -> str:
    if metric["lower"] is None or metric["upper"] is None:
        return ""
    return f"{metric['lower']:.4f} to {metric['upper']:.4f}"
