"""Two minutes of fuzzing for each adapter of the Lake: `python -m tests.bench fuzz [--sets ADAPTER ...] [--scale 0.1]`.

Seconds are of processor time, and what an adapter was fuzzed for before counts: a run goes on where the latest ended
(same seed, next turn) until each adapter has its time, some seconds of each by turns, so that it can be stopped at any
moment. What went wrong is written into `.datapunk/fuzz`, and that adapter is fuzzed from its beginning the next time.
"""

from collections.abc import Iterator, Mapping, Sequence
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench import fuzz_lake
from bench.fuzz_seeds import seeds
from datapunk.lake import registry

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120.0
_BY_TURNS = 20.0
_SEED = 7
_MEMORY_MB = fuzz_lake.MEMORY_BYTES >> 20


def main(known: Mapping[str, Any], names: Sequence[str], seconds: float) -> Iterator[dict[str, Any]]:
    """Fuzz adapters one after another, those of `names` if any; yield all lines after each."""
    found = {name: known[name] for name in registry.names() if name in known}
    kept = ROOT / ".datapunk/fuzz"
    kept.mkdir(parents=True, exist_ok=True)
    corpus = seeds(ROOT.parent / "shared/data/fixtures")
    # Without the fixtures beside the checkout some have nothing to start from.
    wanted = [name for name in names or registry.names() if corpus[name]]
    for name in wanted:
        if any(found.get(name, {}).get(trouble) for trouble in fuzz_lake.TROUBLE):
            del found[name]
    yield found
    while wanted := [name for name in wanted if found.get(name, {}).get("seconds", 0.0) < seconds]:
        for name in wanted:
            before = found.get(name, {})
            some = min(seconds - before.get("seconds", 0.0), _BY_TURNS)
            job = (name, corpus[name], some, _SEED, kept, before.get("next_turn", 0))
            # A process for each, whose children are the readers of one adapter: the most memory of these can be told.
            with get_context("fork").Pool(1) as pool:
                found[name] = _together(before, pool.apply(fuzz_lake.one, (job,)))
            # What it took until now is not lost, whenever it is stopped.
            yield found


def _together(before: Mapping[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return one line for what was done before and now."""
    line = {name: value for name, value in after.items() if name != "adapter"}
    for name in ("seconds", "inputs", "read", *fuzz_lake.TROUBLE):
        line[name] = round(before.get(name, 0) + line[name], 1)
    line["reasons"] = before.get("reasons", {}) | line["reasons"]
    for name in ("peak_mb", "slowest_s"):
        line[name] = max(before.get(name, 0), line[name])
    return line


def summary(lines: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the figures of all adapters together."""
    return {
        "adapters": len(lines),
        "adapters_not_fuzzed": len(set(registry.names()) - set(lines)),
        "least_seconds": min(lines.get(name, {}).get("seconds", 0) for name in registry.names()),
        "inputs": sum(line["inputs"] for line in lines.values()),
        **{trouble: sum(line.get(trouble, 0) for line in lines.values()) for trouble in fuzz_lake.TROUBLE},
        "trouble": sum(line.get(trouble, 0) for line in lines.values() for trouble in fuzz_lake.TROUBLE),
        "slowest_input_s": max((line["slowest_s"] for line in lines.values()), default=0),
        "peak_mb": max((line["peak_mb"] for line in lines.values()), default=0),
        "memory_limit_mb": _MEMORY_MB,
    }  # fmt: skip
