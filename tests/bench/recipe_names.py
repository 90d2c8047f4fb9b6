"""Names in texts: exact spans with their labels, beside spaCy's own training loop on the same rows.

What is listed of these sets are systems with gazetteers and vectors trained on many more texts; the recipe is spaCy's
network from scratch, and so is the peer: the settings that `spacy init config` gives, stopped by a watched tenth too.
"""

import contextlib
import io
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.recipe_forge import Forge
from bench.recipe_others import own_figures

Lines = list[dict[str, Any]]
Texts = Sequence[tuple[str, str]]


def ner_wnut17(forge: Forge, folder: Path) -> Lines:
    """Trained on train and dev, measured on test; no pretrained vectors."""
    parts = [_conll(folder / f"{name}.conll") for name in ("train", "dev", "test")]
    known = "the winner of the task, with gazetteers and trained vectors, has 0.419"
    return [_names(forge, forge.some(parts[0] + parts[1]), parts[2], known, beside=True)]


def ner_btc(forge: Forge, folder: Path) -> Lines:
    """Sections a, b, e and g teach, f is found; a third of each, for the processor's sake."""
    train = [row for name in "abeg" for row in _conll(folder / f"{name}.conll")]
    return [
        _names(
            forge,
            forge.some(train[::3]),
            _conll(folder / "f.conll")[::3],
            "nothing is listed on a fixed split",
            beside=True,
        )
    ]


def pii_presidio_synth(forge: Forge, folder: Path) -> Lines:
    """generated_large teaches, synth_dataset_v2 is found where its template is not among what was learned."""
    large = json.loads((folder / "generated_large.json").read_text())
    known = {entry["masked"] for entry in large}
    entries = json.loads((folder / "synth_dataset_v2.json").read_text())
    found = [_spans(entry) for entry in entries if entry["masked"] not in known][: len(large)]
    return [
        _names(
            forge, [_spans(entry) for entry in large], found,
            "Presidio, of spans whatever their type: F2 .618 as it comes, .845 customised",
        )
    ]  # fmt: skip


def _names(forge: Forge, train: Texts, test: Texts, what: str, *, beside: bool = False) -> dict[str, Any]:
    """Return the line of a set; `beside` says whether spaCy's own loop is run on the same rows."""
    known = dict(train)
    found = {text: entities for text, entities in test if text not in known}
    rows = [(n, text, entities) for n, (text, entities) in enumerate([*known.items(), *found.items()])]
    forge.table({"id": "int", "text": "text", "entities": "text"}, rows)
    made = forge.train(
        "entity_recognizer", "select text, entities from public.bench_set order by id", split="time",
        test_size=len(found) / len(rows),
    )  # fmt: skip
    metrics = forge.metrics()
    listed = round(_by_spacy(list(known.items()), list(found.items())), 4) if beside else None
    return own_figures(
        "entity_recognizer", "f1", metrics["f1", "model"], metrics["f1", "dictionary"],
        metrics["f1 gain", "model - dictionary"], "dictionary", listed,
        f"spacy train, its settings for a processor, on the same rows; {what}" if beside else what,
        cpu_s=made["cpu_s"], learned=len(known), rows=len(found), recall=round(metrics["recall", "model"][0], 4),
        precision=round(metrics["precision", "model"][0], 4),
    )  # fmt: skip


def _by_spacy(train: Texts, test: Texts) -> float:
    """Return the F1 of a pipeline that spaCy's own loop trains."""
    import spacy
    from spacy.cli.init_config import init_config
    from spacy.tokens import DocBin
    from spacy.training import Example
    from spacy.training.initialize import init_nlp
    from spacy.training.loop import train as train_pipeline

    blank = spacy.blank("xx")

    def examples(rows: Texts) -> list[Any]:
        told = [(text, [(e["start"], e["end"], e["label"]) for e in json.loads(spans)]) for text, spans in rows]
        return [Example.from_dict(blank.make_doc(text), {"entities": spans}) for text, spans in told]

    order = np.random.default_rng(0).permutation(len(train))
    watched = max(len(order) // 10, 1)
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for name, chosen in (("dev", order[:watched]), ("train", order[watched:])):
            paths[name] = str(Path(folder, f"{name}.spacy"))
            DocBin(docs=[e.reference for e in examples([train[i] for i in chosen])]).to_disk(paths[name])
        config = init_config(lang="xx", pipeline=["ner"], optimize="efficiency", gpu=False)
        config["paths"] = {**config["paths"], **paths}
        config["training"] = {**config["training"], "logger": {"@loggers": "spacy.ConsoleLogger.v1"}}
        best = Path(folder, "out")
        best.mkdir()
        with contextlib.redirect_stdout(io.StringIO()):
            train_pipeline(init_nlp(config), best, stdout=io.StringIO(), stderr=io.StringIO())
        trained = spacy.load(best / "model-best")
        return float(trained.evaluate(examples(test))["ents_f"])


def _spans(entry: dict[str, Any]) -> tuple[str, str]:
    spans = [
        {"start": s["start_position"], "end": s["end_position"], "label": s["entity_type"]} for s in entry["spans"]
    ]
    return entry["full_text"], json.dumps(spans)


def _conll(file: Path) -> list[tuple[str, str]]:
    rows = []
    for block in file.read_text(encoding="utf-8").split("\n\n"):
        text, spans = "", list[dict[str, Any]]()
        for token, _, tag in (entry.partition("\t") for entry in block.splitlines() if "\t" in entry):
            start = len(text)
            text += token + " "
            kind, _, label = tag.partition("\t")[0].strip().partition("-")
            if kind == "B":
                spans.append({"start": start, "end": start + len(token), "label": label})
            elif kind == "I" and spans:
                spans[-1]["end"] = start + len(token)
        if text:
            rows.append((text.rstrip(), json.dumps(spans)))
    return rows
