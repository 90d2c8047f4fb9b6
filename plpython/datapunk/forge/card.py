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


# A core of a server under load, for an estimate of the energy; the whole machine takes more.
_WATTS_A_CORE = 10.0


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
) -> str:
    """Return the card. `run` is the attempt that trained it, `comparison` how it did against the version before."""
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
    if metrics:
        lines += ["", "## Metrics on held-out data", ""]
        lines += ["| metric | scored | value | 95 % interval |", "|---|---|---|---|"]
        lines += [f"| {m['name']} | {m['scored']} | {m['value']:.4f} | {_interval(m)} |" for m in metrics]
    if comparison:
        lines += ["", f"Against the version before: {comparison}."]
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
        energy = run["cpu_s"] * _WATTS_A_CORE / 3600
        lines.append(
            f"- {run['seconds']:.0f} s, {run['cpu_s']:.0f} processor seconds, {run['peak_memory_mb']:.0f} MiB;"
            f" about {energy:.2g} Wh at {_WATTS_A_CORE:g} W a core"
        )
    return "\n".join(lines) + "\n"


def _interval(metric: Row) -> str:
    if metric["lower"] is None or metric["upper"] is None:
        return ""
    return f"{metric['lower']:.4f} to {metric['upper']:.4f}"
