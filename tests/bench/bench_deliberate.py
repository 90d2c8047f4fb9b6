"""Questions of several parts: is each part right, is the whole, is what is wrong said with confidence.

`python tests/bench/bench_deliberate.py DSN [dev|held_out] [INTENT ...]` judges a database that holds the sample
archive,
embedded, as the owner local, in the mode auto and beside it in the mode fast, and prints JSON. Of the part dev it tells
what is wrong on standard error; of what is held out the figures alone, since nothing is to be tuned on it.
"""

import json
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.deliberate_bank import Asked, questions
from bench.gaia_bank import NOW, Bank
from datapunk.sample.truth import facts
from datapunk.sample.world import World

SEED, YEARS, RECORDS = 7, 3, 20_000
BANK_SEED = 11
Row = dict[str, Any]
_DECLINES = ("I don't find", "I don't know", "I can't answer", "I could not answer")


def build() -> Bank:
    """The bank of the sample archive."""
    world = World.build(SEED, YEARS, RECORDS)
    return Bank(world, {**facts(world, SEED), "questions": []}, BANK_SEED)


def ask(connection: psycopg.Connection[Row], text: str, mode: str) -> Row:
    """The answer's row; nothing of it stays."""
    with connection.transaction(force_rollback=True):
        connection.execute("select set_config('datapunk.now', %s, true)", (NOW,))
        row = connection.execute("select * from api.gaia_answer(%s, %s)", (text, json.dumps({"mode": mode}))).fetchone()
        assert row
        return row


def parts_right(asked: Asked, row: Row) -> list[bool]:
    """For each part whether its figures are those of the truth; an answer that is no plan may tell but one part."""
    parts = row["data"].get("parts")
    given = [part["data"] if part["status"] == "done" else {} for part in parts] if parts else [row["data"]]
    if len(given) != len(asked.figures):
        given = (
            (given + [{}] * len(asked.figures))[: len(asked.figures)] if len(given) == 1 else [{}] * len(asked.figures)
        )
    return [
        all(_holds(n, wanted, data) for n, wanted in f.items()) for f, data in zip(asked.figures, given, strict=True)
    ]


def _holds(name: str, wanted: Any, data: Row) -> bool:  # noqa: PLR0911 - one line a figure
    rows = [row for row in data.get("rows") or [] if isinstance(row, dict)]
    match name:
        case "names" | "places":
            return sorted(str(row.get("value")) for row in rows) == wanted
        case "top":
            return bool(rows) and [rows[0].get("value"), rows[0].get("count")] == wanted
        case "each":
            return [(row.get("data") or {}).get("count") for row in rows] == wanted
        case "compared":
            return {row.get("label"): row.get("count") for row in rows} == wanted
        case "peak":
            return bool(rows) and max(rows, key=lambda row: row.get("count", 0)).get("period") == wanted
        case "count":
            return int(data.get("count", 0 if "sentences" in data else -1)) == wanted
    return data.get(name) == wanted


def judge(connection: psycopg.Connection[Row], asked: list[Asked], mode: str, *, tell: bool) -> Row:
    """Figures over all questions."""
    parts: list[bool] = []
    whole: list[bool] = []
    false: list[bool] = []
    refused: list[bool] = []
    times: list[float] = []
    missed: dict[str, list[bool]] = defaultdict(list)
    for question in asked:
        started = time.perf_counter()
        row = ask(connection, question.text, mode)
        times.append(1000 * (time.perf_counter() - started))
        declines = any(said in row["answer"] for said in _DECLINES)
        if not question.figures:
            refused.append(declines)
            false.append(not declines)
            continue
        right = parts_right(question, row)
        parts += right
        whole.append(all(right))
        false.append(not all(right) and not declines)
        missed[question.intent].append(all(right))
        if tell and not all(right):
            print(f"- {question.intent}: {question.text}\n    wanted {question.figures} {right}", file=sys.stderr)
            print(f"    {row['route']} {row['confidence']:.2f}: {row['answer'][:300]!r}", file=sys.stderr)
    return {
        "questions": len(asked), "intents": len({q.intent for q in asked}), "parts": len(parts),
        "parts_right": _share(parts),
        "figures_right": _share(whole), "false_confident": _share(false), "unanswerable_declined": _share(refused),
        "p50_ms": round(statistics.median(times), 1), "p99_ms": round(sorted(times)[int(len(times) * 0.99)], 1),
        "not_all_right": {
            intent: f"{sum(found)} of {len(found)}" for intent, found in missed.items() if not all(found)
        },
    }  # fmt: skip


def _share(values: list[bool]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def main(dsn: str, part: str = "held_out", intents: tuple[str, ...] = ()) -> Row:
    """Judge a part of the bank, by plans where Gaia chooses, and for comparison by one subroutine each."""
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as connection:
        connection.execute("select set_config('datapunk.timezone', 'UTC', false)")
        connection.execute("select count(*) from api.gaia_route('How many videos did I watch?')")
        asked = [q for q in questions(build(), part) if not intents or q.intent in intents]
        found = judge(connection, asked, "auto", tell=part == "dev")
        return {**found, "mode_fast": {
            name: value for name, value in judge(connection, asked, "fast", tell=False).items()
            if name in ("parts_right", "figures_right", "false_confident", "p50_ms")
        }}  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], *sys.argv[2:3], tuple(sys.argv[3:])), indent=2))
