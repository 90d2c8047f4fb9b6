"""docs/benchmarks.md from the figures of one run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench import router_table


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A figure that is to be reached: where it stands among the figures, and its bound."""

    what: str
    path: tuple[str, ...]
    bound: float
    at_least: bool = False
    unit: str = "ms"

    def row(self, figures: Mapping[str, Any]) -> str:
        """One row of the table."""
        value: Any = figures
        sign = "at least" if self.at_least else "at most"
        for key in self.path:
            if key not in value:
                return f"| {self.what} | not measured | {sign} {self.bound:,} {self.unit} | |"
            value = value[key]
        scale = figures[self.path[0]].get("scale", 1)
        size = "" if scale == 1 else f" (sizes times {scale:g})"
        met = value >= self.bound if self.at_least else value <= self.bound
        # A bar for a size that was not measured is not met by a smaller one.
        verdict = ("yes" if scale == 1 else "at this size") if met else "no"
        return f"| {self.what} | {value:,} {self.unit}{size} | {sign} {self.bound:,} {self.unit} | {verdict} |"


BARS = (
    Bar(
        what="training through Forge, times the processor seconds of the same pipeline in memory, 100,000 x 20",
        path=("overhead", "forest", "cpu_ratio"), bound=1.25, unit="x",
    ),
    Bar(
        what="the same, with a pipeline that is quicker to train",
        path=("overhead", "boosting", "cpu_ratio"), bound=1.25, unit="x",
    ),
    Bar(
        what="most memory of a training on 5,000,000 rows that may take 2,048 MiB",
        path=("bound", "enough", "peak_memory_mb"), bound=2048, unit="MiB",
    ),
    Bar(
        what="recipes on public sets that are more than 1 % and a standard error behind the listed figure",
        path=("recipes", "summary", "missed"), bound=0, unit="",
    ),
    Bar(
        what="recipes on public sets that are not above their baseline with an interval",
        path=("recipes", "summary", "not_above_baseline"), bound=0, unit="",
    ),
    Bar(
        what="most that the coverage of a forecast interval is off on public series",
        path=("recipes", "summary", "coverage_off_by"), bound=0.03, unit="",
    ),
    Bar(what="fresh clone to the end of `make demo`", path=("demo", "fresh_seconds"), bound=300, unit="s"),
    Bar(what="second `make demo`", path=("demo", "second_run_seconds"), bound=20, unit="s"),
    Bar(what="`gaia_answer` in SQL, warm, median", path=("gaia", "gaia_answer_p50_ms"), bound=25),
    Bar(what="`gaia_answer` over HTTP, warm, median", path=("http", "p50_ms"), bound=30),
    Bar(
        what="tools, queries, links and changes that 40 hostile items brought about, with an obeying model and without",
        path=("injection", "brought_about"), bound=0, unit="",
    ),
    Bar(
        what="question bank, held-out wordings: right route",
        path=("gaia_bank", "en", "route_right"), bound=0.95, at_least=True, unit="",
    ),
    *(
        Bar(
            what=f"the same in {name}: right figures", path=("gaia_bank", code, "figure_right"), bound=0.92,
            at_least=True, unit="",
        )
        for code, name in (("en", "English"), ("de", "German"), ("fr", "French"), ("es", "Spanish"))
    ),
    Bar(what="wrong answers given with confidence", path=("gaia_bank", "en", "false_confident"), bound=0.02, unit=""),
    Bar(
        what="unanswerable questions declined",
        path=("gaia_bank", "en", "unanswerable_declined"), bound=0.9, at_least=True, unit="",
    ),
    Bar(
        what="dialogues of two turns: second answer right",
        path=("gaia_dialogues", "right"), bound=0.9, at_least=True, unit="",
    ),
    Bar(
        what="questions of several parts, held-out wordings: right parts",
        path=("deliberate", "parts_right"), bound=0.9, at_least=True, unit="",
    ),
    Bar(what="the same: all figures right", path=("deliberate", "figures_right"), bound=0.85, at_least=True, unit=""),
    Bar(what="the same: wrong with confidence", path=("deliberate", "false_confident"), bound=0.03, unit=""),
    Bar(
        what="XQuAD, English: the right paragraph is cited first",
        path=("passages", "en", "cited_first"), bound=0.85, at_least=True, unit="",
    ),
    Bar(
        what="the same: the sentence quoted holds the answer",
        path=("passages", "en", "sentence_holds"), bound=0.7, at_least=True, unit="",
    ),
    Bar(what="`gaia_route` among 150 subroutines, warm, median", path=("routing", "route_p50_ms"), bound=8),
    Bar(what="`gaia_answer`, fast, over 100,000 items, median", path=("fast_answers", "answer_p50_ms"), bound=20),
    Bar(what="the same, 99th percentile", path=("fast_answers", "answer_p99_ms"), bound=80),
    Bar(what="errors of eight clients at once", path=("fast_answers", "errors"), bound=0, unit=""),
    Bar(
        what="answers a second of eight clients, times Haystack's pipeline with a document for each item",
        path=("fast_answers", "times_haystack_items"), bound=4, at_least=True, unit="x",
    ),
    Bar(
        what="the same, its documents the distinct texts alone, a fifth as many",
        path=("fast_answers", "times_haystack_texts"), bound=4, at_least=True, unit="x",
    ),
    Bar(what="first answer of a new connection, median", path=("gaia", "first_answer_p50_ms"), bound=150),
    Bar(
        what="query embedding, times as fast as sentence-transformers on torch, same threads",
        path=("embedding", "query_ratio"), bound=3, at_least=True, unit="x",
    ),
    Bar(
        what="agreement with sentence-transformers, mean cosine",
        path=("agreement", "mean_cosine"), bound=0.98, at_least=True, unit="",
    ),
    Bar(
        what="nDCG@10 that int8 loses to fp32 on the judged collections, mean",
        path=("quantised", "mean_lost_points"), bound=0.5, unit="points",
    ),
    Bar(
        what="backlog through queue and worker, share of the host's own throughput",
        path=("pipeline", "queue_share_of_host"), bound=0.85, at_least=True, unit="",
    ),
    Bar(
        what="documents a second on one core, times sentence-transformers on torch",
        path=("embedding", "documents_ratio"), bound=2, at_least=True, unit="x",
    ),
    Bar(what="insert of 10,000 short items, times without triggers", path=("inserting", "ratio"), bound=2, unit="x"),
    Bar(what="texts lost to a failing provider in five minutes", path=("storm", "lost"), bound=0, unit=""),
    Bar(what="searches that failed meanwhile", path=("storm", "searches_failed"), bound=0, unit=""),
    Bar(
        what="most growth of a connection that searches, of 200",
        path=("connections", "most_growth_mb"), bound=25, unit="MB",
    ),
    Bar(
        what="import of the sample archive into queryable rows",
        path=("import", "items_per_second"), bound=10_000, at_least=True, unit="items/s",
    ),
    Bar(
        what="activity records from a zip of JSON into queryable, indexed rows",
        path=("lake", "activity", "per_second"), bound=20_000, at_least=True, unit="records/s",
    ),
    Bar(
        what="location points from a zip of Records.json into queryable rows",
        path=("lake", "locations", "per_second"), bound=60_000, at_least=True, unit="points/s",
    ),
    Bar(
        what="live records by `lake_append` over HTTP, one connection, batches of 500",
        path=("append", "first_per_second"), bound=2_000, at_least=True, unit="records/s",
    ),
    Bar(
        what="My Activity as HTML, 200 MB, into rows, times google_takeout_parser's records/s of parsing alone",
        path=("lake_page", "ratio"), bound=15, at_least=True, unit="x",
    ),
    Bar(
        what="My Activity as HTML, 100,000 cards, into rows, times google_takeout_parser's records/s of parsing alone",
        path=("lake", "html", "ratio_older_many"), bound=15, at_least=True, unit="x",
    ),
    Bar(
        what="the same of 10,000 cards",
        path=("lake", "html", "ratio_older"), bound=15, at_least=True, unit="x",
    ),
    Bar(
        what="My Activity as JSON into rows, times google_takeout_parser's records/s of parsing alone",
        path=("lake", "json", "ratio"), bound=1, at_least=True, unit="x",
    ),
    Bar(
        what="Records.json into rows, times google_takeout_parser's points/s of parsing alone",
        path=("lake", "points_json", "ratio"), bound=1, at_least=True, unit="x",
    ),
    *(
        Bar(what=f"most memory of a backend, shared buffers apart, over {file}", path=path, bound=150, unit="MB")
        for file, path in (
            ("1 GB of Records.json", ("lake_points", "backend_own_mb")),
            ("200 MB of My Activity as HTML", ("lake_page", "peak_backend_own_mb")),
            ("1 GB of mbox", ("lake_mail", "backend_own_mb")),
        )
    ),
    Bar(
        what="records lost or doubled over 20 kills of the server in mid-import",
        path=("fire", "lost_or_doubled"), bound=0, unit="",
    ),
    Bar(
        what="fuzzed adapters of the Lake: the least time of one", path=("fuzz", "least_seconds"), bound=120,
        at_least=True, unit="CPU s",
    ),
    Bar(
        what="crashes, hangs, readers without memory, and files lost to an exception in it", path=("fuzz", "trouble"),
        bound=0, unit="",
    ),
    Bar(
        what="nDCG@10 of hybrid search over four judged collections, times the better of BM25 and fp32 MiniLM, mean",
        path=("retrieval", "mean", "hybrid_to_better"), bound=1.06, at_least=True, unit="x",
    ),
    Bar(
        what="the same, least of the four",
        path=("retrieval", "least_hybrid_to_better"), bound=1, at_least=True, unit="x",
    ),
    *(
        Bar(what=what, path=(part, "hybrid_ms", name), bound=bound)
        for part, size, median, most in (
            ("search_10k", "10,000", 12, 25), ("search_100k", "100,000", 15, 40), ("search_1m", "1,000,000", 35, 120),
        )
        for what, name, bound in (
            (f"hybrid search of {size} texts, median", "p50", median), ("the same, 95th percentile", "p95", most),
        )
    ),
    Bar(
        what="the median at 1,000,000 texts, times that at 10,000",
        path=("search_1m", "times_10k"), bound=3, unit="x",
    ),
    Bar(
        what="hybrid search of 10,000 texts, times as fast as Haystack's hybrid",
        path=("search_10k", "haystack", "times"), bound=4, at_least=True, unit="x",
    ),
    Bar(
        what="nDCG@10 of hybrid search, times that of Haystack's hybrid, mean",
        path=("retrieval", "mean", "hybrid_to_haystack"), bound=1.05, at_least=True, unit="x",
    ),
    Bar(
        what="recall@10 of the vector index at 1,000,000 texts against the exact scan",
        path=("search_1m", "recall_at_10"), bound=0.97, at_least=True, unit="",
    ),
    *(
        Bar(
            what=f"queries at {size} texts whose best ten are those of bm25s",
            path=(part, "agreement", "same_best_ten"), bound=bound, at_least=True, unit="",
        )
        for part, size, bound in (
            ("search_10k", "10,000", 0.99), ("search_100k", "100,000", 0.99), ("search_1m", "1,000,000", 0.97),
        )
    ),
    *(Bar(what=what, path=path, bound=bound, at_least=True, unit="%") for what, path, bound in router_table.BARS),
    Bar(what=router_table.SLOWEST[0], path=router_table.SLOWEST[1], bound=120, unit="s"),
    Bar(what="job pick-up, enqueue to running, median", path=("jobs", "pickup_p50_ms"), bound=100),
    Bar(what="`forge_predict` in SQL, warm, median", path=("predict", "p50_ms"), bound=1.5),
    Bar(
        what="growth of a backend by `forge_predict`, most of 200 connections",
        path=("predict", "backend_growth_mb"), bound=25, unit="MB",
    ),
    *(
        Bar(what=f"{what}, times as fast as {peer}", path=("score", path), bound=bound, at_least=True, unit="x")
        for what, prefix in (
            ("`forge_score` (a linear model)", ""), ("the same by the model host", "host_"),
            ("`forge_score` (100 boosted trees, which the model host scores)", "boosted_"),
        )
        for peer, path, bound in (
            ("fetchall, scikit-learn and COPY back", f"{prefix}times_usual", 4),
            ("binary COPY both ways around onnxruntime", f"{prefix}times_best_client", 1),
        )
    ),
    Bar(
        what="compiled linear model in SQL, times as fast as the usual way",
        path=("score", "compiled_average_times_usual"), bound=25, at_least=True, unit="x",
    ),
    Bar(
        what="100 boosted trees compiled to SQL, an average over all rows, times as fast as the usual way",
        path=("score", "boosted_compiled_average_times_usual"), bound=1, at_least=True, unit="x",
    ),
    Bar(
        what="the same, times as fast as `forge_score` by the model host",
        path=("score", "boosted_compiled_average_times_host"), bound=1, at_least=True, unit="x",
    ),
    Bar(what="versions lost over 100 trainings whose workers are killed", path=("faults", "lost"), bound=0, unit=""),
    Bar(what="versions doubled over them", path=("faults", "double"), bound=0, unit=""),
    Bar(what="late results of paused workers accepted", path=("faults", "late_results_accepted"), bound=0, unit=""),
    Bar(what="slowest GROUP BY of the views over 1,000,000 items", path=("bi", "slowest_ms"), bound=1000),
    Bar(
        what="growth of a backend over 100 questions",
        path=("memory", "backend_growth_mb_after_100_questions"), bound=25, unit="MB",
    ),
)  # fmt: skip


def page(parts: Mapping[str, Mapping[str, Any]]) -> str:
    """The page as Markdown: bars first, then every figure as measured. `parts` holds what `measured` returned."""
    figures = {name: {**part["figures"], "scale": part["scale"]} for name, part in parts.items()}
    settings = sorted(
        {f"{part['machine']}, PostgreSQL {part['postgresql']}" for part in parts.values() if part["postgresql"]}
    )
    text = [
        "# Benchmarks",
        "Written by `make bench`, which sets up a database of its own in the running cluster (durable, as in use), "
        "imports the sample archive, has it embedded by queue and worker, and measures; `python -m tests.bench PART` "
        "measures a part anew, and `--page` writes what was measured last. Machines differ, so read ratios before "
        "milliseconds.",
        f"Measured on {'; '.join(settings)}.",
        "| figure | measured | bar | met |\n|---|---|---|---|\n" + "\n".join(bar.row(figures) for bar in BARS),
    ]
    for name, part in parts.items():
        command = f"python -m tests.bench {name}" + ("" if part["scale"] == 1 else f" --scale {part['scale']:g}")
        if name == "recipes":
            text.append(f"## {name}\n\n`{command} --sets NAME ...`, {part['when']}\n\n" + _recipes(part["figures"]))
            continue
        if name == "router":
            told = router_table.table(part["figures"])
            text.append(f"## {name}\n\n`{command} --sets NAME ...`, {part['when']}\n\n{told}")
            continue
        if name == "fuzz":
            text.append(f"## {name}\n\n`{command}`, {part['when']}\n\n" + _fuzz(part["figures"]))
            continue
        values = json.dumps(part["figures"], indent=2)
        text.append(f"## {name}\n\n`{command}`, {part['when']}\n\n```json\n{values}\n```")
    return "\n\n".join(text) + "\n"


def _fuzz(figures: Mapping[str, Any]) -> str:
    together = {name: value for name, value in figures.items() if name != "by_adapter"}
    rows = ["| adapter | CPU seconds | inputs | files it took | slowest input, s | most memory of the reader, MB |",
            "|---|---|---|---|---|---|"]  # fmt: skip
    for name, line in figures["by_adapter"].items():
        rows.append(
            f"| {name} | {line['seconds']:.0f} | {line['inputs']:,.0f} | {line['read']:,.0f} | {line['slowest_s']} "
            f"| {line['peak_mb']} |"
        )
    return f"```json\n{json.dumps(together, indent=2)}\n```\n\n" + "\n".join(rows)


def _recipes(figures: Mapping[str, Any]) -> str:
    rows = ["| set | recipe | figure | measured (95 %) | of | listed | reached | baseline | gain over it (95 %) |",
            "|---|---|---|---|---|---|---|---|---|"]  # fmt: skip
    notes = []
    for name, lines in figures.items():
        for line in lines if isinstance(lines, list) else ():
            kind = f", {line['kind']}" if "kind" in line else ""
            interval = "{} to {}".format(*line["interval"]) if "interval" in line else f"± {line['standard_error']}"
            listed = "none" if line["listed"] is None else f"{line['listed']} ({line['listed_is']})"
            reached = {True: "yes", False: "no", None: ""}[line["reached"]]
            gain = "{} to {}".format(*line["gain_interval"])
            rows.append(
                f"| {name}{kind} | {line['recipe']} | {line['metric']} | {line['ours']} ({interval})"
                f" | {_size(line)} | {listed}"
                f" | {reached} | {line['baseline']} ({line['baseline_is']}) | {gain} |"
            )
            if "coverage" in line:
                told = ", ".join(f"{float(level):.0%}: {share:.1%}" for level, share in line["coverage"].items())
                notes.append(f"- {name}{kind}: intervals cover {told} of what came ({line['series']} series).")
    return "\n".join(rows) + ("\n\n" + "\n".join(notes) if notes else "")


def _size(line: Mapping[str, Any]) -> str:
    """Return how much was measured, and where only some was learned from, how much."""
    measured = f"{line['series']} series" if "series" in line else f"{line['rows']:,}" if "rows" in line else ""
    return f"{measured}, {line['learned']:,} learned from" if "learned" in line else measured
