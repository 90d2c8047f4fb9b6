"""Embedding: the model host through the client against sentence-transformers on torch, in one run, same thread count.

Prints JSON. `python tests/bench/bench_embedding.py [FOLDER OF THE EXPORTED MODEL]`; DATAPUNK_BENCH_THREADS, default 1.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
THREADS = int(os.environ.get("DATAPUNK_BENCH_THREADS", "1"))
TOPICS = ("tea", "sailing")
QUESTIONS = [f"which videos about {topic} did I watch in week {week}" for week in range(50) for topic in TOPICS]
DOCUMENTS = [
    f"Note {number}: the grinder stands at setting {number % 30}, the water at {80 + number % 20} degrees; "
    "the light roast from last week tastes of berries, the dark one of chocolate and smoke."
    for number in range(256)
]


def measure(embed: Callable[[list[str]], Any], direct: Callable[[list[str]], Any], torch: Callable[[list[str]], Any]):
    """Interleave the three, so that the machine's other load weighs on all of them alike; milliseconds a question."""
    ways = {"host": embed, "direct": direct, "torch": torch}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for question in QUESTIONS:
        for name, way in ways.items():
            started = time.perf_counter()
            way([question])
            times[name].append((time.perf_counter() - started) * 1000)
    return {name: statistics.median(values[10:]) for name, values in times.items()}


def rate(way: Callable[[list[str]], Any]) -> float:
    started = time.perf_counter()
    way(DOCUMENTS)
    return len(DOCUMENTS) / (time.perf_counter() - started)


def run(folder: Path, socket: Path) -> dict[str, Any]:
    """Measure against a running host."""
    import torch
    from sentence_transformers import SentenceTransformer

    from datapunk.inference import FolderArtifacts, connect
    from datapunk.inference.onnx_models import Embedder
    from datapunk.settings import Settings
    from datapunk_forge.export.default_model import source_folder

    torch.set_num_threads(THREADS)
    original = SentenceTransformer(str(source_folder()), device="cpu")
    source = FolderArtifacts(folder)
    client = connect(Settings(inference="resident", host_socket=str(socket)), {}, source)
    embedder = Embedder({n: source.read(s) for n, s in source.manifest(source.name).needed.items()}, threads=THREADS)

    def embed(texts: list[str]) -> Any:
        return client.embed(texts, source.name)

    def encode(texts: list[str]) -> Any:
        return original.encode(texts, normalize_embeddings=True, show_progress_bar=False)

    medians = measure(embed, embedder.embed, encode)
    rates: dict[str, list[float]] = {"host": [], "torch": []}
    for _ in range(3):
        rates["host"].append(rate(embed))
        rates["torch"].append(rate(encode))
    return {
        "threads": THREADS,
        "query_ms_host": round(medians["host"], 2),
        "query_ms_inference": round(medians["direct"], 2),
        "query_ms_overhead": round(medians["host"] - medians["direct"], 2),
        "query_ms_torch": round(medians["torch"], 2),
        "query_ratio": round(medians["torch"] / medians["host"], 2),
        "documents_per_s_host": round(statistics.median(rates["host"])),
        "documents_per_s_torch": round(statistics.median(rates["torch"])),
        "documents_ratio": round(statistics.median(h / t for h, t in zip(*rates.values(), strict=True)), 2),
    }


def main() -> None:
    from datapunk_forge.export.default_model import build

    with tempfile.TemporaryDirectory(prefix="dp-bench-") as scratch:
        folder = build(sys.argv[1] if len(sys.argv) > 1 else Path(scratch, "model"))
        socket = Path(scratch, "h.sock")
        code = "import sys; from datapunk_workers.host.server import main; main(sys.argv[1], sys.argv[2])"
        host = subprocess.Popen(
            [sys.executable, "-c", code, str(socket), str(folder)],
            env={**os.environ, "DATAPUNK_HOST_THREADS": str(THREADS)},
            stderr=subprocess.DEVNULL,
        )
        try:
            while not socket.exists():
                if host.poll() is not None:
                    raise SystemExit("the model host did not start")
                time.sleep(0.05)
            print(json.dumps(run(folder, socket)))
        finally:
            host.terminate()
            host.wait(20)


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / part) for part in ("plpython", "forge", "workers")]
    os.environ["PYTHONPATH"] = ":".join(str(ROOT / part) for part in ("plpython", "forge", "workers"))
    main()
