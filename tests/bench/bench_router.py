"""Routers trained through SQL on public intents: accuracy in scope, how much out of scope is declined, seconds.

Each intent becomes a subroutine by `gaia_register`, the recipe `router` is trained by `forge_train`, and each question
of the test part goes through `gaia_route`. What came with the installation is set aside meanwhile, so that the labels
are those of the published figures. In scope, accuracy is that of the best subroutine, as it is published, and
`declined_in_scope` says how many of these questions are answered by none instead. Out of scope, `declined` is the share
of none at the router's own floor, `recall_at_3` that at the floor that loses 3 % of the test part in scope.

`python -m tests.bench router --sets clinc150:10 banking77:5` measures some parts only; the others stay as they were.
"""

import csv
import json
import os
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[2]
# Seconds that the embedder may be tuned for.
TUNE = 1200
_MOST_EXAMPLES = 1000
_ASKED_AT_ONCE = 250
_TIMED = 200
_HANDLER = "create or replace function public.bench_handler(p jsonb) returns jsonb language sql as $$ select p $$"
Connection = psycopg.Connection[Any]
Rows = list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Part:
    """A training part of a set with its test part and, by name, its questions out of scope.

    `held_out` is the share of the training part that Forge judges its version by, where it is not the default.
    """

    folder: str
    train: str
    test: str = "test.tsv"
    held_out: float | None = None
    outside: tuple[tuple[str, str], ...] = ()


_CLINC, _BANKING = "intent_clinc150", "intent_banking77"
_OUTSIDE = (("out_of_scope", "oos_test.tsv"),)
PARTS = {
    "clinc150:5": Part(folder=_CLINC, train="train_5.tsv", outside=_OUTSIDE),
    "clinc150:10": Part(folder=_CLINC, train="train_10.tsv", outside=_OUTSIDE),
    "banking77:5": Part(folder=_BANKING, train="train_5.tsv"),
    "banking77:10": Part(folder=_BANKING, train="train_10.tsv"),
    "clinc150": Part(folder=_CLINC, train="train.tsv", held_out=0.05, outside=_OUTSIDE),
    "banking77": Part(folder=_BANKING, train="train.tsv", held_out=0.05),
    "snips": Part(folder="intent_snips", train="train.tsv"),
    "banking77_oos": Part(
        folder="intent_banking77_oos", train="train.tsv",
        outside=(("same_domain", "id-oos_test.tsv"), ("other_domains", "ood-oos_test.tsv")),
    ),
    **{
        f"clinc_{domain}": Part(
            folder="intent_clinc_single_domain_oos", train=f"{domain}_train.tsv", test=f"{domain}_test.tsv",
            outside=(("same_domain", f"{domain}_id-oos_test.tsv"), ("other_domains", f"{domain}_ood-oos_test.tsv")),
        )
        for domain in ("banking", "credit_cards")
    },
}  # fmt: skip
SETTINGS: dict[str, dict[str, object]] = {"fast": {}, "tuned": {"tune": TUNE, "cpus": os.cpu_count() or 1}}


def main(dsn: str, superuser_dsn: str, wanted: tuple[str, ...] = ()) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each part's figures by setting as soon as they are there."""
    for name in wanted or PARTS:
        part, _, setting = name.partition("@")
        for chosen in [setting] if setting else SETTINGS:
            yield part, {chosen: _measured(dsn, superuser_dsn, part, chosen)}


def _measured(dsn: str, superuser_dsn: str, name: str, setting: str) -> dict[str, Any]:
    part = PARTS[name]
    folder = Path(os.environ.get("DATAPUNK_SHARED", ROOT.parent / "shared"), "data/public", part.folder)
    owner = f"router {name} {setting}"
    with _without_the_installed(superuser_dsn), psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(_HANDLER)
        connection.execute("select set_config('datapunk.owner', %s, false)", (owner,))
        options = SETTINGS[setting] | ({} if part.held_out is None else {"test_size": part.held_out})
        trained = _trained(connection, _read(folder / part.train), options)
        inside = _read(folder / part.test)
        found = _routed(connection, [text for text, _ in inside])
        likeness = sorted(told for _, _, told in found)
        figures: dict[str, Any] = {
            "accuracy": _percent(best == label for (_, label), (_, best, _) in zip(inside, found, strict=True)),
            "declined_in_scope": _percent(first == "none" for first, _, _ in found),
            **trained,
        }
        for kind, file in part.outside:
            other = _routed(connection, [text for text, _ in _read(folder / file)])
            floor = likeness[int(0.03 * len(likeness))]
            figures[kind] = {
                "declined": _percent(first == "none" for first, _, _ in other),
                "recall_at_3": _percent(told < floor for _, _, told in other),
            }
        figures["route_p50_ms"] = _timed(connection, [text for text, _ in inside[:_TIMED]])
        connection.execute("select api.forge_drop('routes')")
        for label in {label for _, label in _read(folder / part.train)}:
            connection.execute("select api.gaia_unregister(%s)", (label,))
    return figures


@contextmanager
def _without_the_installed(superuser_dsn: str) -> Iterator[None]:
    """Set the examples of the installation aside."""
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        connection.execute("create temporary table aside as select * from gaia.example where owner_id = 'system'")
        connection.execute("delete from gaia.example where owner_id = 'system'")
        try:
            yield
        finally:
            connection.execute("insert into gaia.example overriding system value select * from aside")


def _trained(connection: Connection, rows: Rows, options: dict[str, object]) -> dict[str, Any]:
    """Register each label with its examples, train, and return what that took."""
    examples: dict[str, list[str]] = defaultdict(list)
    for text, label in rows:
        examples[label].append(text)
    started = time.perf_counter()
    for label, texts in sorted(examples.items()):
        connection.execute(
            "select api.gaia_register(%s, 'public.bench_handler', %s, %s)", (label, label, texts[:_MOST_EXAMPLES])
        )
    registered = time.perf_counter() - started
    job = connection.execute(
        "select api.forge_train('routes', 'router', 'select subroutine, text from examples', %s)",
        (json.dumps({"deploy": "always", **options}),),
    ).fetchone()
    assert job
    row = connection.execute("select status, seconds, error from api.forge_wait(%s)", job).fetchone()
    assert row
    if row[0] != "succeeded":
        raise RuntimeError(f"the training {row[0]}: {row[2]}")
    cpu = connection.execute("select cpu_s from api.runs where job_id = %s", job).fetchone()
    return {
        "subroutines": len(examples), "register_s": round(registered, 1), "train_s": round(float(row[1]), 1),
        "train_cpu_s": round(float(cpu[0]), 1) if cpu else None,
    }  # fmt: skip


def _routed(connection: Connection, texts: list[str]) -> list[tuple[str, str, float]]:
    """Return for each question the first of its route, the best subroutine, and the likeness for that."""
    found: list[tuple[str, str, float]] = []
    for start in range(0, len(texts), _ASKED_AT_ONCE):
        rows = connection.execute(
            """
            select (array_agg(r.subroutine order by r.place))[1], (array_agg(r.subroutine order by r.place)
              filter (where r.subroutine <> 'none'))[1], (array_agg(r.likeness order by r.place)
              filter (where r.subroutine <> 'none'))[1]
            from unnest(%s::text[]) with ordinality as q (text, number)
            cross join lateral (
              select g.subroutine, g.likeness, row_number() over () as place from api.gaia_route(q.text) as g limit 2
            ) as r
            group by q.number
            order by q.number
            """,
            (texts[start : start + _ASKED_AT_ONCE],),
        ).fetchall()
        found += [(str(first), str(best), float(told)) for first, best, told in rows]
    return found


def _timed(connection: Connection, texts: list[str]) -> float:
    """Return the median of the milliseconds that a call takes."""
    times = []
    for text in texts:
        started = time.perf_counter()
        connection.execute("select subroutine, score from api.gaia_route(%s) limit 1", (text,)).fetchone()
        times.append(1000 * (time.perf_counter() - started))
    return round(statistics.median(times), 2)


def _read(path: Path) -> Rows:
    """Texts with their labels, as names of subroutines; a set has rows without a text."""
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [(row["text"], _name(row["label"])) for row in rows if row["text"].strip()]


def _name(label: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", label)
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")


def _percent(values: Iterator[bool]) -> float:
    found = list(values)
    return round(100 * sum(found) / len(found), 2)
