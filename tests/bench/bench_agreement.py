"""How well the int8 ONNX model agrees with sentence-transformers' own: cosines over a thousand sentences.

The sentences are those of the STS benchmark's test part where that lies beside the checkout (DATAPUNK_SHARED), else
texts of the sample archive. Prints JSON; runs in a process of its own, since it loads torch.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
SENTENCES = 1000


def sentences() -> tuple[str, list[str]]:
    """Return where the sentences are from, and the sentences."""
    file = Path(os.environ.get("DATAPUNK_SHARED", ROOT.parent / "shared"), "data/public/sts_benchmark/sts-test.csv")
    if file.is_file():
        lines = file.read_text(encoding="utf-8").splitlines()
        return "STS benchmark, test part", unique(text for line in lines for text in line.split("\t")[5:7])
    from datapunk import sample

    with tempfile.TemporaryDirectory(prefix="dp-bench-") as scratch:
        facts = sample.write(Path(scratch)).facts
    return "video titles of the sample archive", unique(
        video["title"] for video in facts["recommender"]["videos"].values()
    )


def unique(texts: object) -> list[str]:
    return list(dict.fromkeys(texts))[:SENTENCES]  # type: ignore[call-overload]


def main() -> dict[str, object]:
    """Return the number of sentences, their mean cosine and the least one."""
    from sentence_transformers import SentenceTransformer

    from datapunk.admin.default_model import cache_folder
    from datapunk.inference.onnx_models import Embedder
    from datapunk_forge.export.default_model import source_folder

    folder = cache_folder()
    embedder = Embedder({n: (folder / n).read_bytes() for n in ("model.onnx", "tokenizer.json")}, threads=2)
    source, texts = sentences()
    ours = np.array([np.frombuffer(vector, "<f4") for vector in embedder.embed(texts)])
    theirs = SentenceTransformer(str(source_folder()), device="cpu").encode(texts, normalize_embeddings=True)
    cosines = (ours * theirs).sum(axis=1)
    return {
        "sentences": len(texts),
        "source": source,
        "mean_cosine": round(float(cosines.mean()), 5),
        "least_cosine": round(float(cosines.min()), 5),
    }


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / part) for part in ("plpython", "forge", "workers")]
    print(json.dumps(main()))
