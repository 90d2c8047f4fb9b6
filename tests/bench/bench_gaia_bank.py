"""The question bank: is the route right, are the figures right, is what cannot be answered declined.

`python tests/bench/bench_gaia_bank.py DSN [dev|held_out] [INTENT ...] [--language en|de|es|fr]` judges a database that
holds the sample archive, embedded, as the owner local, and prints JSON. Of the part dev it prints what is wrong to
standard error; of what is held out the figures alone, since nothing is to be tuned on it.
"""

import argparse
import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.gaia_bank import Bank, Question
from bench.gaia_languages import LANGUAGES
from datapunk.sample.truth import facts
from datapunk.sample.world import World

SEED, YEARS, RECORDS = 7, 3, 20_000
BANK_SEED = 11
_REFUSALS = (
    "I don't find", "I don't know", "Ich finde", "Ich weiß nicht", "Je ne trouve", "Je ne sais pas", "No encuentro",
    "No sé",
)  # fmt: skip
Row = dict[str, Any]
Connection = psycopg.Connection[Row]


def questions(part: str, language: str = "en") -> list[Question]:
    """The questions of a part, in a language."""
    from datapunk.sample.questions import questions as asked

    world = World.build(SEED, YEARS, RECORDS)
    known = facts(world, SEED)
    return [
        q
        for q in Bank(world, {**known, "questions": asked(world, known)}, BANK_SEED, language).questions()
        if q.part == part
    ]


def ask(connection: Connection, question: Question) -> Row:
    """The answer's row; nothing of it stays."""
    with connection.transaction(force_rollback=True):
        connection.execute("select set_config('datapunk.now', %s, true)", (question.now,))
        for note in question.figures.get("notes", ()):
            connection.execute("select api.gaia_ask(%s)", (f"Remember that {note}.",))
        row = connection.execute("select * from api.gaia_answer(%s)", (question.text,)).fetchone()
        assert row
        return row


def declined(row: Row) -> bool:
    """Whether the answer says that it does not know."""
    return row["route"] == "none" or row["answer"].startswith(_REFUSALS)


def right(question: Question, row: Row, trained: Row | None = None) -> bool:
    """Whether the figures are those of the truth; `trained` is the model of each route that can answer there."""
    data = row["data"]
    if question.route == "none":
        return declined(row)
    figures = question.figures | ({"model": (trained or {}).get(question.route)} if "model" in question.figures else {})
    return all(_holds(name, wanted, data, row) for name, wanted in figures.items())


def trained_models(connection: Connection) -> Row:
    """The models that can answer questions of the bank: a recommender of videos, where one is deployed."""
    rows = connection.execute(
        "select m.model as name from api.models as m join api.datasets as d using (model)"
        " where m.recipe = 'recommender' and m.deployed_at is not null and d.query ~ 'from (api.)?watches' limit 1"
    ).fetchall()
    return {"recommend": rows[0]["name"]} if rows else {}


def _holds(name: str, wanted: Any, data: Row, row: Row) -> bool:  # noqa: PLR0911, PLR0912 - one line a figure
    match name:
        case "notes":
            return True
        case "average" | "percent":
            return data.get(name) is not None and abs(data[name] - wanted) < 0.0051 * (10 if name == "percent" else 1)
        case "rows":
            return [[r.get("value"), r.get("count")] for r in data.get("rows", [])] == wanted
        case "compared":
            return {r.get("label"): r.get("count") for r in data.get("rows", [])} == wanted
        case "series":
            return [[r.get("period"), r.get("count")] for r in data.get("rows", [])] == wanted
        case "titles":
            return sorted(str(r.get("title")) for r in data.get("rows", [])) == wanted
        case "among":
            return wanted in [r.get("value") for r in data.get("rows", [])[:3]]
        case "one_of":
            return data.get("title") in wanted
        case "quoted":
            return wanted in row["answer"]
        case "seed":
            return (data.get("seed") or {}).get("title") == wanted
        case "note":
            return str(data.get("note", "")).strip().rstrip(".").lower() == wanted.lower()
        case "has":
            return bool(data.get(wanted))
        case "model":
            return "model" in data and data["model"] == wanted
        case "count":
            return data.get("count", 0 if declined(row) else None) == wanted
        case _:
            return name in data and data[name] == wanted


def judge(connection: Connection, asked: Iterable[Question], *, tell: bool) -> Row:
    """Figures over all questions."""
    by_intent: dict[str, list[tuple[bool, bool, bool]]] = defaultdict(list)
    routes: list[bool] = []
    figures: list[bool] = []
    false: list[bool] = []
    refused: list[bool] = []
    times: list[float] = []
    trained = trained_models(connection)
    for question in asked:
        started = time.perf_counter()
        row = ask(connection, question)
        times.append(1000 * (time.perf_counter() - started))
        routed = row["route"] == question.route or (question.route == "none" and declined(row))
        good = right(question, row, trained)
        if question.route == "none":
            refused.append(good)
        else:
            routes.append(routed)
            figures.append(good and routed)
        false.append(not good and not declined(row))
        by_intent[question.intent].append((routed, good, false[-1]))
        if tell and not (routed and good):
            print(f"- {question.intent}: {question.text}", file=sys.stderr)
            print(f"    wanted {question.route} {str(question.figures)[:200]}", file=sys.stderr)
            print(f"    got {row['route']} {row['confidence']:.2f} {row['plan'].get('parameters')}", file=sys.stderr)
            print(f"    {row['answer'][:160]!r} {str(row['data'])[:160]}", file=sys.stderr)
    return {
        "questions": len(false),
        "intents": len(by_intent),
        "route_right": _share(routes),
        "figure_right": _share(figures),
        "false_confident": _share(false),
        "unanswerable": len(refused),
        "unanswerable_declined": _share(refused),
        "p50_ms": round(statistics.median(times), 1),
        "not_all_right": {
            intent: f"route {sum(r for r, _, _ in found)}, figure {sum(g for _, g, _ in found)},"
            f" false {sum(f for _, _, f in found)} of {len(found)}"
            for intent, found in by_intent.items()
            if not all(r and g for r, g, _ in found)
        },
    }


def _share(values: list[bool]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None


def main(dsn: str, part: str = "held_out", intents: tuple[str, ...] = (), language: str = "en") -> Row:
    """Judge a part of the bank."""
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as connection:
        connection.execute("select set_config('datapunk.timezone', 'UTC', false)")
        # A router that is fitted anew is kept: what the questions write is not.
        connection.execute("select count(*) from api.gaia_route('How many videos did I watch?')")
        asked = [q for q in questions(part, language) if not intents or q.intent in intents]
        return judge(connection, asked, tell=part == "dev")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("dsn")
    parser.add_argument("part", nargs="?", default="held_out", choices=("dev", "held_out"))
    parser.add_argument("intents", nargs="*")
    parser.add_argument("--language", default="en", choices=("en", *LANGUAGES))
    given = parser.parse_intermixed_args()
    print(json.dumps(main(given.dsn, given.part, tuple(given.intents), given.language), indent=2))
