"""Passage answers: is the right paragraph of the Lake cited first, does the sentence quoted hold the answer.

`python tests/bench/bench_passages.py DSN [LANGUAGE ...] [--dev|--test] [--tell]` appends the paragraphs of qa_xquad
(Artetxe et al. 2020, from SQuAD 1.1) as documents of an owner of its own through lake_append, waits until they are
embedded, asks every question by gaia_answer, and forgets them again; prints JSON. What is wrong goes to standard error
with --tell. The set lies in data/public of DATAPUNK_SHARED. Nothing but English is tuned.
"""

import json
import os
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("en", "de", "es")
Row = dict[str, Any]


def paragraphs(language: str) -> list[tuple[str, str, list[tuple[str, list[str]]]]]:
    """Articles' titles, paragraphs, and each paragraph's questions with their answers."""
    folder = Path(os.environ.get("DATAPUNK_SHARED", ROOT.parent / "shared"), "data/public/qa_xquad")
    found = json.loads((folder / f"xquad.{language}.json").read_text(encoding="utf-8"))["data"]
    return [
        (
            article["title"], paragraph["context"],
            [(qa["question"], [a["text"] for a in qa["answers"]]) for qa in paragraph["qas"]],
        )
        for article in found
        for paragraph in article["paragraphs"]
    ]  # fmt: skip


def measure(dsn: str, language: str, *, part: str = "all", tell: bool = False) -> Row:
    """Figures of one language; of every other paragraph where `part` is dev (to build with) or test."""
    owner = f"passages_{language}"
    given = paragraphs(language)
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as connection:
        connection.execute("select set_config('datapunk.owner', %s, false)", (owner,))
        connection.execute("select api.lake_forget('{\"owner_all\": true}')")
        records = [
            {"kind": "document", "source": "passages", "external_id": str(number), "body": text}
            for number, (_, text, _) in enumerate(given)
        ]
        connection.execute("select api.lake_append(%s)", (json.dumps(records),))
        _wait(connection)
        ids = {
            row["external_id"]: row["item_id"]
            for row in connection.execute("select external_id, item_id from api.documents").fetchall()
        }
        first, held, times = [], [], []
        asked = [
            (number, question, answers)
            for number, (_, _, questions) in enumerate(given)
            for question, answers in questions
            if part == "all" or (number % 2 == 0) == (part == "dev")
        ]
        for number, question, answers in asked:
            started = time.perf_counter()
            row = connection.execute("select * from api.gaia_answer(%s)", (question,)).fetchone()
            times.append(1000 * (time.perf_counter() - started))
            assert row
            cited = row["citations"][0]["item_id"] if row["citations"] else None
            first.append(cited == ids[str(number)])
            said = str((row["data"].get("quote") or {}).get("text", ""))
            held.append(any(_plain(answer) in _plain(said) for answer in answers))
            if tell and not (first[-1] and held[-1]):
                print(f"- {row['route']} {first[-1]} {held[-1]} {question} {answers}", file=sys.stderr)
                print(f"    {row['answer'][:300]!r}", file=sys.stderr)
        connection.execute("select api.lake_forget('{\"owner_all\": true}')")
    return {
        "paragraphs": len(given), "questions": len(asked), "cited_first": _share(first), "sentence_holds": _share(held),
        "p50_ms": round(statistics.median(times), 1), "margin": _margin(held),
    }  # fmt: skip


def _wait(connection: psycopg.Connection[Row]) -> None:
    while (row := connection.execute("select pending from api.cortex_status()").fetchone()) and row["pending"]:
        time.sleep(0.2)


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def _share(values: list[bool]) -> float:
    return round(sum(values) / len(values), 4)


def _margin(values: list[bool]) -> float:
    """Half the width of the share's 95 % interval, by bootstrap (Efron 1979)."""
    draws = random.Random(0)
    shares = sorted(sum(draws.choices(values, k=len(values))) / len(values) for _ in range(200))
    return round((shares[194] - shares[5]) / 2, 4)


def main(dsn: str, languages: tuple[str, ...] = LANGUAGES) -> Row:
    """All languages."""
    return {language: measure(dsn, language) for language in languages}


if __name__ == "__main__":
    chosen = [a for a in sys.argv[2:] if not a.startswith("--")]
    part = next((a.removeprefix("--") for a in sys.argv[2:] if a in ("--dev", "--test")), "all")
    tell = "--tell" in sys.argv
    print(json.dumps({c: measure(sys.argv[1], c, part=part, tell=tell) for c in chosen or LANGUAGES}, indent=2))
