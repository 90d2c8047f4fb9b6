"""How well Gaia answers: the questions of the sample archive, and wordings that nothing was fitted to.

Usage: python tests/bench/judge_gaia.py DSN TRUTH; TRUTH is the JSON that lies beside the sample archive, imported and
embedded in the database. Prints, part by part, how many questions are answered rightly, and every one that is not.
"""

import json
import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

UNTOUCHED = Path(__file__).parents[1] / "fixtures" / "gaia" / "untouched.toml"
NOT_FOUND = "I don't find that in your data"


def main(dsn: str, truth: Path) -> None:
    facts = json.loads(truth.read_text(encoding="utf-8"))
    wordings = tomllib.loads(UNTOUCHED.read_text(encoding="utf-8"))
    timezone = facts["dates_hold_in_zones"][0] if facts["dates_hold_in_zones"] else "UTC"
    right: dict[str, list[bool]] = defaultdict(list)
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as connection:
        connection.execute("select set_config('datapunk.timezone', %s, false)", (timezone,))
        for question in facts["questions"]:
            row = answer(connection, question["question"])
            fits = row["route"] == question["kind"] and fits_truth(question, row)
            note(right, f"sample {question['kind']}", question["question"], row, fits=fits)
        for route, texts in wordings["route"].items():
            for text in texts:
                (best, *_) = connection.execute("select * from api.gaia_route(%s)", (text,)).fetchall()
                note(right, f"route {route}", text, {"route": best["subroutine"]}, fits=best["subroutine"] == route)
        for entry in wordings["answer"]:
            row = answer(connection, entry["question"])
            wanted = entry.get("contains")
            fits = wanted in row["answer"] if wanted else row["answer"].startswith(NOT_FOUND) or row["route"] == "none"
            note(right, "answer" if wanted else "nothing to find", entry["question"], row, fits=fits)
    for part, results in right.items():
        print(f"{part}: {sum(results)} of {len(results)}")


def answer(connection: psycopg.Connection[dict[str, Any]], question: str) -> dict[str, Any]:
    row = connection.execute("select * from api.gaia_answer(%s)", (question,)).fetchone()
    assert row
    return row


def note(right: dict[str, list[bool]], part: str, question: str, row: dict[str, Any], *, fits: bool) -> None:
    right[part].append(fits)
    if not fits:
        print(f"- {part}: {question}\n    {row['route']}: {str(row.get('answer', ''))[:400]}")


def fits_truth(question: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether the figures are those of the truth; of a search, whether the quotation holds the text asked for."""
    expected, data = question["expected"], row["data"]
    match question["kind"]:
        case "count":
            return bool(data["count"] == expected)
        case "top":
            by_email = "@" in str(expected[0][0])
            found = [[r["value"], r["count"]] for r in data["rows"]]
            return [c for _, c in found] == [c for _, c in expected] if by_email else found == expected
        case "when":
            return bool(data["date"] == expected["date"])
        case "search":
            return expected["contains"] in row["answer"]
        case _:
            return bool(data["rows"]) and all(r.get("title") for r in data["rows"])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
