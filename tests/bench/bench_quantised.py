"""What int8 costs: nDCG@10 of our int8 graph and of sentence-transformers in fp32, exact scan both.

On the judged collections beside the checkout.

Prints JSON; runs in a process of its own, since it loads torch. `python tests/bench/bench_quantised.py`
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
COLLECTIONS = ("ir_cranfield", "ir_cisi", "ir_cacm", "ir_adi")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def collection(folder: Path) -> tuple[list[str], list[str], list[str], list[dict[str, int]]]:
    """Return ids and texts of the documents, the judged queries, and the judgments of each."""
    documents = [
        (row["_id"], f"{row.get('title', '')}\n{row.get('text', '')}".strip()) for row in lines(folder / "corpus.jsonl")
    ]
    documents = [(name, text) for name, text in documents if text]
    judged: dict[str, dict[str, int]] = {}
    for row in (folder / "qrels/test.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, score = row.split("\t")
        judged.setdefault(query, {})[document] = int(float(score))
    queries = [(row["_id"], row["text"]) for row in lines(folder / "queries.jsonl") if row["_id"] in judged]
    return (
        [name for name, _ in documents], [text for _, text in documents], [text for _, text in queries],
        [judged[name] for name, _ in queries],
    )  # fmt: skip


def score(names: list[str], documents: Any, queries: Any, judged: list[dict[str, int]]) -> float:
    """Mean nDCG@10 of the exact scan, in percent."""
    from datapunk.cortex.evaluation import ndcg

    numbers = {name: number for number, name in enumerate(names)}
    gains = []
    for query, grades in zip(queries, judged, strict=True):
        ranked = np.argsort(-(documents @ query), kind="stable")[:10]
        wanted = {numbers.get(name, -place): grade for place, (name, grade) in enumerate(grades.items(), start=1)}
        gains.append(ndcg([int(number) for number in ranked], wanted, 10))
    return 100 * float(np.mean(gains))


def main() -> dict[str, Any]:
    """Return nDCG@10 in points, by collection and on average, and the points that int8 loses."""
    from sentence_transformers import SentenceTransformer

    from datapunk.admin.default_model import cache_folder
    from datapunk.inference.onnx_models import Embedder
    from datapunk_forge.export.default_model import source_folder

    data = Path(os.environ.get("DATAPUNK_SHARED", ROOT.parent / "shared"), "data/public")
    if not data.is_dir():
        return {"skipped": "no shared data sets beside the checkout"}
    folder = cache_folder()
    embedder = Embedder({n: (folder / n).read_bytes() for n in ("model.onnx", "tokenizer.json")}, threads=2)
    original = SentenceTransformer(str(source_folder()), device="cpu")

    def ours(texts: list[str]) -> Any:
        return np.array([np.frombuffer(vector, "<f4") for vector in embedder.embed(texts)])

    def theirs(texts: list[str]) -> Any:
        return original.encode(texts, normalize_embeddings=True, show_progress_bar=False, batch_size=32)

    found: dict[str, Any] = {}
    for name in COLLECTIONS:
        names, texts, queries, judged = collection(data / name)
        int8 = score(names, ours(texts), ours(queries), judged)
        fp32 = score(names, theirs(texts), theirs(queries), judged)
        found[name] = {"fp32": round(fp32, 2), "int8": round(int8, 2), "lost": round(fp32 - int8, 2)}
    return found | {
        "mean_lost_points": round(float(np.mean([found[name]["lost"] for name in COLLECTIONS])), 2),
        "most_lost_points": max(found[name]["lost"] for name in COLLECTIONS),
    }


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / part) for part in ("plpython", "forge", "workers")]
    print(json.dumps(main()))
