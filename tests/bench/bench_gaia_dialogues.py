"""Two-turn dialogues: is the second question, which leans on the first, answered with the right figures.

`python tests/bench/bench_gaia_dialogues.py DSN` judges a database that holds the sample archive; prints JSON.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.bench_gaia_bank import BANK_SEED, RECORDS, SEED, YEARS, right
from bench.gaia_bank import NOW, Bank, Question
from bench.gaia_dialogues import dialogues
from datapunk.sample.truth import facts
from datapunk.sample.world import World


def main(dsn: str) -> dict[str, Any]:
    """Judge all dialogues; what is wrong goes to standard error."""
    world = World.build(SEED, YEARS, RECORDS)
    bank = Bank(world, {**facts(world, SEED), "questions": []}, BANK_SEED)
    by_name: dict[str, list[bool]] = defaultdict(list)
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as connection:
        connection.execute(
            "select set_config('datapunk.timezone', 'UTC', false), set_config('datapunk.now', %s, false)", (NOW,)
        )
        for talk in dialogues(bank):
            with connection.transaction(force_rollback=True):
                first = connection.execute("select * from api.gaia_answer(%s)", (talk.first,)).fetchone()
                assert first
                options = json.dumps({"conversation_id": str(first["conversation_id"])})
                row = connection.execute("select * from api.gaia_answer(%s, %s)", (talk.second, options)).fetchone()
            assert row
            asked = Question(
                intent=talk.name, part="", wording="", text=talk.second, route=talk.route, figures=talk.figures
            )
            good = row["route"] == talk.route and right(asked, row)
            by_name[talk.name].append(good)
            if not good:
                print(f"- {talk.name}: {talk.first} / {talk.second}\n    wanted {talk.figures}", file=sys.stderr)
                print(
                    f"    got {row['route']} {row['plan']['parameters']}\n    {row['answer'][:150]!r}", file=sys.stderr
                )
    every = [good for found in by_name.values() for good in found]
    return {
        "dialogues": len(every), "right": round(sum(every) / len(every), 3),
        "not_all_right": {name: f"{sum(f)} of {len(f)}" for name, f in by_name.items() if not all(f)},
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1]), indent=2))
