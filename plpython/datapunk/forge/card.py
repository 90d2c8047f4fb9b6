"""The model card (Mitchell et al. 2019) of a version, in Markdown, from its rows."""

import json
from collections.abc import Sequence

from datapunk.db import Row

_PURPOSE = {
    "recommender": "Suggests items to a subject from what it and others had.",
    "text_classifier": "Gives a text one of the labels that it was trained on, with a probability for each.",
    "router": "Tells which subroutine of Gaia a question is for, with a probability for each.",
    "classifier": "Gives a row one of the labels that it was trained on, with a probability for each.",
    "regressor": "Predicts a number from a row.",
    "embedder": "Turns a text into a vector, so that texts of similar meaning lie near each other.",
}
_LIMITS = {
    "recommender": (
        "It knows only the items of its training; what is new needs another training.",
        "It suggests what goes with what was had before, and so repeats habits, also bad ones.",
        "A subject that it does not know gets what is common.",
    ),
    "classifier": (
        "Every row gets one of the known labels, also one that fits none of them.",
        "Its probabilities hold for rows like those of its training; the view drift says how far others are.",
        "Importances and contributions say what the model uses, not what causes what.",
    ),
    "regressor": (
        "Far outside of the values of its training, trees stay flat and linear models go on straight; both mislead.",
        "Its errors hold for rows like those of its training; the view drift says how far others are.",
        "Importances and contributions say what the model uses, not what causes what.",
    ),
    "text_classifier": (
        "Every text gets one of the known labels, also one that fits none of them.",
        "A text is embedded up to the embedder's length; what comes after is not seen.",
        "Its probabilities hold for texts like those of its training.",
    ),
    "router": (
        "It knows only the subroutines of its training; when one is added, Gaia routes by the examples until the next.",
        "Its probabilities, and when it declines, hold for questions like those of its training.",
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
        lines += [f"> Data that it may have learned from was deleted: {version['stale_reason']}", ""]
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
    if checks := json.loads(version["parameters"]).get("checks"):
        lines += ["", "Checks of its columns:", ""]
        lines += [f"- {c['column']} {c['reason']}: {c['action']}" for c in checks]
    if lineage:
        lines += ["", "Learned from:", "", *(f"- {_origin(row)}" for row in lineage)]
    if metrics:
        lines += ["", "## Metrics on held-out data", ""]
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
        lines += ["", "## Limits", "", *(f"- {limit}" for limit in _LIMITS[recipe])]
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
