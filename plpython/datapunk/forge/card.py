"""The model card (Mitchell et al. 2019) of a version, in Markdown, from its rows."""

import json
from collections.abc import Sequence

from datapunk.db import Row

_PURPOSE = {
    "recommender": "Suggests items to a subject from what it and others had.",
    "text_classifier": "Gives a text one of the labels that it was trained on, with a probability for each.",
    "router": "Tells which subroutine of Gaia a question is for, with a probability for each.",
    "embedder": "Turns a text into a vector, so that texts of similar meaning lie near each other.",
}
_LIMITS = {
    "recommender": (
        "It knows only the items of its training; what is new needs another training.",
        "It suggests what goes with what was had before, and so repeats habits, also bad ones.",
        "A subject that it does not know gets what is common.",
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


def card_text(model: str, version: Row, dataset: Row | None, metrics: Sequence[Row]) -> str:
    """Return the card."""
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
    if recipe in _LIMITS:
        lines += ["", "## Limits", "", *(f"- {limit}" for limit in _LIMITS[recipe])]
    lines += ["", "## How it was made", ""]
    lines += [
        f"- recipe {recipe}, Datapunk {version['code_version']}, {version['created_at']}",
        f"- seed {version['seed']}" if version["seed"] is not None else "- no random numbers",
        f"- parameters: `{json.dumps(json.loads(version['parameters']), sort_keys=True)}`",
        f"- libraries: {', '.join(f'{k} {v}' for k, v in sorted(json.loads(version['libraries']).items())) or 'none'}",
        f"- SHA-256: {version['sha256']}",
    ]
    return "\n".join(lines) + "\n"


def _interval(metric: Row) -> str:
    if metric["lower"] is None or metric["upper"] is None:
        return ""
    return f"{metric['lower']:.4f} to {metric['upper']:.4f}"
