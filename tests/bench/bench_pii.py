"""Finding personal data: precision, recall and F2 on presidio-research's texts, and how fast.

`python tests/bench/bench_pii.py [PIPELINE]`, without one as a worker chooses; prints a line of JSON. The texts are
those of presidio-research (synth_dataset_v2, MIT), made from templates, so that figures on them say more about forms
than about what people write. A token counts as personal where an annotated span covers it, whatever its type, as in
that repository's notebooks: these give 0.685 and 0.603 (F2 0.618) for presidio as it comes, with a large pipeline.
`with_form` leaves out the types that only a trained pipeline can find (names, addresses, titles, ages).
"""

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "plpython")]

from datapunk.pii import Finder, Span  # noqa: E402

FOLDER = ROOT.parent / "shared/data/public/pii_presidio_synth"
PUBLISHED = {"precision": 0.685, "recall": 0.603, "f2": 0.618}
WITH_FORM = {
    "CREDIT_CARD": "CREDIT_CARD", "EMAIL_ADDRESS": "EMAIL_ADDRESS", "IBAN_CODE": "IBAN_CODE",
    "IP_ADDRESS": "IP_ADDRESS", "PHONE_NUMBER": "PHONE_NUMBER", "US_DRIVER_LICENSE": "US_DRIVER_LICENSE",
    "US_SSN": "US_SSN",
}  # fmt: skip
NAMES = ("PERSON", "LOCATION", "ORGANIZATION", "NRP")
_TOKEN = re.compile(r"\w+|[^\w\s]")


def f_beta(precision: float, recall: float, beta: float = 2.0) -> float:
    """Return the F measure that weighs recall `beta` times as much."""
    if not precision + recall:
        return 0.0
    return (1 + beta**2) * precision * recall / (beta**2 * precision + recall)


def scores(right: int, found: int, there: int) -> dict[str, float]:
    """Return precision, recall and F2."""
    precision, recall = right / found if found else 0.0, right / there if there else 0.0
    return {
        "precision": round(precision, 3), "recall": round(recall, 3), "f2": round(f_beta(precision, recall), 3),
    }  # fmt: skip


def tokens(texts: list[dict[str, Any]], found: list[list[Span]], types: set[str] | None) -> dict[str, float]:
    """Return how well tokens are told to be personal; with `types` only annotations of these count."""
    right = told = there = 0
    for text, spans in zip(texts, found, strict=True):
        wanted = [
            (one["start_position"], one["end_position"])
            for one in text["spans"]
            if types is None or one["entity_type"] in types
        ]
        for token in _TOKEN.finditer(text["full_text"]):
            is_told = any(span.start < token.end() and token.start() < span.end for span in spans)
            is_there = any(start < token.end() and token.start() < end for start, end in wanted)
            right += is_told and is_there
            told += is_told
            there += is_there
    return scores(right, told, there)


def by_type(texts: list[dict[str, Any]], found: list[list[Span]]) -> dict[str, Any]:
    """Return, for each type with a form, how many spans are found with their type, by any overlap."""
    result = {}
    for theirs, ours in WITH_FORM.items():
        right = told = hit = there = 0
        for text, spans in zip(texts, found, strict=True):
            wanted = [s for s in text["spans"] if s["entity_type"] == theirs]
            given = [s for s in spans if s.type == ours]
            there, told = there + len(wanted), told + len(given)
            right += sum(
                any(w["start_position"] < g.end and g.start < w["end_position"] for w in wanted) for g in given
            )
            hit += sum(any(w["start_position"] < g.end and g.start < w["end_position"] for g in given) for w in wanted)
        precision, recall = right / told if told else 0.0, hit / there if there else 0.0
        result[theirs] = {"there": there, "precision": round(precision, 3), "recall": round(recall, 3)}
    return result


def main(model: str = "auto") -> dict[str, Any]:
    """Return the figures of the set, empty where it is not there."""
    path = FOLDER / "synth_dataset_v2.json"
    if not path.exists():
        return {"missing": "pii_presidio_synth"}
    texts = json.loads(path.read_text(encoding="utf-8"))
    started = time.process_time()
    finder = Finder(model)
    loaded = time.process_time() - started
    started = time.process_time()
    found = finder.find([text["full_text"] for text in texts])
    seconds = time.process_time() - started
    formed = [[span for span in spans if span.type not in NAMES] for spans in found]
    return {
        "texts": len(texts), "pipeline": finder.model or "none", "all_types": tokens(texts, found, None),
        "published": PUBLISHED, "with_form": tokens(texts, formed, set(WITH_FORM)), "by_type": by_type(texts, found),
        "texts_per_cpu_second": round(len(texts) / seconds), "load_cpu_seconds": round(loaded, 1),
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:2])))
