"""How well the check of answers tells supported sentences from others; prints JSON. Needs the shared data sets.

Supported or not by STS benchmark (one sentence for the other: from 4 on it says the same, up to 2.5 it does not), by
MRPC where it is there, and by XQuAD's statements: a paragraph's sentence that holds an answer, cited to its paragraph
or to another one of the same article, as it is, without every third word, and with another figure.

`--fit` fits the weights of `datapunk.gaia.grounding` on the training parts; without it they are judged on the others.
"""

import csv
import json
import os
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / part) for part in ("plpython", "forge", "workers")]

import numpy as np  # noqa: E402

from datapunk.admin.default_model import cache_folder, export_default_model  # noqa: E402
from datapunk.gaia import grounding  # noqa: E402
from datapunk.gaia.grounding import Claim, Source  # noqa: E402
from datapunk.inference import FolderArtifacts, connect  # noqa: E402
from datapunk.settings import Settings  # noqa: E402

Pair = tuple[str, str, bool]
_MODEL = "all-MiniLM-L6-v2"
_LIMIT = 700


def main(data: Path, *, fit: bool = False) -> dict[str, Any]:
    folder = cache_folder()
    export_default_model(folder)
    client = connect(Settings(inference="in_process"), {}, FolderArtifacts(folder))

    def vectors(texts: list[str]) -> np.ndarray:
        return np.array([np.frombuffer(v, dtype="<f4") for v in client.embed(texts, _MODEL)])

    def similarities(texts: list[str], others: list[str]) -> list[list[float]]:
        return [[float(x) for x in row] for row in vectors(texts) @ vectors(others).T]

    if fit:
        return _fit(data, similarities)
    found: dict[str, Any] = {}
    for name, pairs in {
        "sts": list(_sts(data, "test")), "mrpc": list(_mrpc(data, "test")), "xquad": list(_xquad(data, 1)),
    }.items():  # fmt: skip
        if pairs:
            found[name] = _judged(pairs, similarities)
    return found


def _judged(pairs: list[Pair], similarities: Any) -> dict[str, Any]:
    right = {True: [], False: []}
    for sentence, passage, wanted in pairs:
        verdicts = grounding.judge(
            [Claim(text=sentence, cited=(1,))], [Source(number=1, text=passage)],
            question="", similarities=similarities,
        )  # fmt: skip
        right[wanted].append(verdicts[0].supported == wanted)
    return {
        "pairs": len(pairs),
        "supported_kept": round(float(np.mean(right[True])), 3),
        "unsupported_marked": round(float(np.mean(right[False])), 3),
    }


def _fit(data: Path, similarities: Any) -> dict[str, Any]:
    from sklearn.linear_model import LogisticRegression

    rows, labels, weights = [], [], []
    for pairs in (list(_sts(data, "train")), list(_xquad(data, 0))):
        for sentence, passage, wanted in pairs:
            windows = grounding._windows(passage)
            cosine = max(similarities([sentence], windows)[0])
            rows.append([grounding._share(sentence, passage), cosine])
            labels.append(wanted)
            weights.append(1 / len(pairs))
    model = LogisticRegression(C=100, class_weight="balanced").fit(
        rows, labels, sample_weight=np.array(weights) * len(rows)
    )
    return {"words": model.coef_[0][0], "meaning": model.coef_[0][1], "bias": model.intercept_[0], "pairs": len(rows)}


def _sts(data: Path, part: str) -> Iterator[Pair]:
    path = data / "public/sts_benchmark" / f"sts-{part}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    random.Random(7).shuffle(rows)
    taken = 0
    for row in rows:
        score = float(row[4])
        if taken < _LIMIT and (score >= 4 or score <= 2.5):
            taken += 1
            yield row[6], row[5], score >= 4


def _mrpc(data: Path, part: str) -> Iterator[Pair]:
    folder = data / "public/para_mrpc"
    for path in sorted(folder.rglob(f"*{part}*")) if folder.is_dir() else ():
        for line in path.read_text(encoding="utf-8-sig").splitlines()[1 : _LIMIT + 1]:
            parts = line.split("\t")
            if len(parts) == 5 and parts[0] in "01":
                yield parts[4], parts[3], parts[0] == "1"
        return


def _xquad(data: Path, half: int) -> Iterator[Pair]:
    rng = random.Random(11)
    articles = json.loads((data / "public/qa_xquad/xquad.en.json").read_text(encoding="utf-8"))["data"]
    for article in articles[half::2]:
        paragraphs = article["paragraphs"]
        for place, paragraph in enumerate(paragraphs):
            text = paragraph["context"]
            for question in paragraph["qas"][:3]:
                start = question["answers"][0]["answer_start"]
                sentence = next((s for a, s in _sentences(text) if a <= start < a + len(s)), "")
                if len(sentence.split()) < 6:
                    continue
                thinned = " ".join(w for n, w in enumerate(sentence.split()) if n % 3 or w[:1].isdigit())
                other = paragraphs[(place + 1) % len(paragraphs)]["context"]
                yield thinned, text, True
                yield sentence, other, False
                yield thinned, other, False
                figure = re.search(r"\d+", thinned)
                if figure and half:
                    changed = str(int(figure[0]) + rng.randint(3, 40))
                    yield thinned[: figure.start()] + changed + thinned[figure.end() :], text, False


def _sentences(text: str) -> list[tuple[int, str]]:
    return [(m.start(), m[0]) for m in re.finditer(r"[^.!?]+[.!?]", text)]


if __name__ == "__main__":
    shared = Path(os.environ.get("DATAPUNK_SHARED", ROOT.parent / "shared")) / "data"
    print(json.dumps(main(shared, fit="--fit" in sys.argv)))
