"""Why a question goes where it goes: the examples that are nearest to it."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from datapunk.gaia.hearing import hear
from datapunk.gaia.masking import masked
from datapunk.gaia.options import AskOptions
from datapunk.gaia.router import SYSTEM, Q, as_read, parse, unpacked

if TYPE_CHECKING:
    from datapunk.gaia.answering import Orchestrator

Nearest = dict[str, list[dict[str, Any]]]
# Subroutines that are explained, examples of each that are looked through, and how many of these are shown.
_EXPLAINED, _MOST_EXAMPLES, _SHOWN = 3, 200, 3


def ranked(orchestrator: "Orchestrator", question: str, options: AskOptions, *, explain: bool) -> list[dict[str, Any]]:
    """Return the rows of gaia_route."""
    ranking = orchestrator.rank(question, options)
    near = nearest(orchestrator, question, options, [r.subroutine for r in ranking[:_EXPLAINED]]) if explain else {}
    return [
        {
            "subroutine": r.subroutine, "score": r.score, "likeness": r.likeness,
            "nearest": json.dumps(near[r.subroutine]) if r.subroutine in near else None,
        }
        for r in ranking
    ]  # fmt: skip


def nearest(orchestrator: "Orchestrator", question: str, options: AskOptions, names: Sequence[str]) -> Nearest:
    """Return the examples of each of the subroutines that are nearest to a question, with their cosines, best first."""
    db = orchestrator.db
    context = db.rows(Q.context)[0]
    owners, model = [context["owner"], SYSTEM], str(context["model"])
    heard = hear(db, question, context, options.language, orchestrator.settings.language)
    rows = db.rows(Q.examples_of, owners, list(names), _MOST_EXAMPLES)
    texts = as_read(rows)
    vectors = db.rows(Q.example_vectors, owners, model, texts)
    known: dict[str, Sequence[float]] = {str(row["text"]): parse(str(row["embedding"])) for row in vectors}
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    asked, *others = unpacked(orchestrator.inference.embed([masked(heard.reading.text, heard.names), *missing], model))
    known |= dict(zip(missing, others, strict=True))
    found: Nearest = {}
    for row, text in zip(rows, texts, strict=True):
        cosine = round(sum(a * b for a, b in zip(asked, known[text], strict=True)), 4)
        found.setdefault(str(row["subroutine"]), []).append({"text": str(row["text"]), "similarity": cosine})
    return {name: sorted(of, key=lambda e: -float(e["similarity"]))[:_SHOWN] for name, of in found.items()}
