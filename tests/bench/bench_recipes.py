"""Recipes on public data sets by the published protocols, through the public SQL functions: a table of figures.

`python -m tests.bench recipes --sets NAME ...` measures some sets and keeps the lines of the others; `--scale 0.3` lets
names and pairs of sentences be learned from three tenths of the training part, and `learned` tells how many. Needs the
shared data sets; without them there is nothing to measure.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.recipe_emotions import emo_goemotions
from bench.recipe_forge import Forge
from bench.recipe_labels import (
    cls_trec_questions,
    ids_nslkdd,
    loc_wifi_rooms,
    mail_spamassassin,
    sent_mr_rtpolarity,
    sent_sst,
    spam_sms,
)
from bench.recipe_nab import anom_nab
from bench.recipe_names import ner_btc, ner_wnut17, pii_presidio_synth
from bench.recipe_others import anom_adbench, sts_benchmark
from bench.recipe_rankings import rec_amazon_digital_music, rec_filmtrust, rec_frappe_apps
from bench.recipe_series import ts_ett_hourly, ts_m3, ts_m4_hourly_weekly, ts_ontario_demand
from harness import ROOT, Database

PUBLIC = Path(os.environ.get("DATAPUNK_SHARED", ROOT.parent / "shared"), "data/public")
Measure = Callable[[Forge, Path], list[dict[str, Any]]]
_MEASURES: Sequence[Measure] = (
    rec_filmtrust, rec_frappe_apps, rec_amazon_digital_music, sent_sst, sent_mr_rtpolarity, emo_goemotions,
    spam_sms, mail_spamassassin, cls_trec_questions, ids_nslkdd, loc_wifi_rooms, ts_m4_hourly_weekly, ts_m3,
    ts_ett_hourly, ts_ontario_demand, anom_adbench, anom_nab, ner_wnut17, ner_btc, pii_presidio_synth, sts_benchmark,
)  # fmt: skip
SETS: Mapping[str, Measure] = {measure.__name__: measure for measure in _MEASURES}


def summary(sets: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return how many lines have a listed figure and miss it, are not above their baseline, and how far intervals are.

    A line misses the listed figure when it is more than 1 % and more than one standard error behind it. Coverage is
    that of all series together, at the level where it is furthest off.
    """
    lines = [line for lines in sets.values() for line in lines]
    series = [line for line in lines if "coverage" in line]
    off = []
    for level in series[0]["coverage"] if series else ():
        covered = sum(line["series"] * line["coverage"][level] for line in series)
        off.append(round(abs(covered / sum(line["series"] for line in series) - float(level)), 4))
    return {
        "lines": len(lines),
        "with_a_listed_figure": sum(line["listed"] is not None for line in lines),
        "missed": sum(line["reached"] is False for line in lines),
        "not_above_baseline": sum(not line["above_baseline"] for line in lines),
        **({"coverage_off_by": max(off)} if off else {}),
    }


def main(database: Database, wanted: Sequence[str], scale: float = 1.0) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each set's name with its lines as soon as they are measured; a worker must run."""
    if not PUBLIC.is_dir():
        raise SystemExit(f"no shared data sets in {PUBLIC}")
    with database.connect("postgres") as root, database.connect() as user:
        forge = Forge(root=root, user=user, scale=scale)
        for name, measure in SETS.items():
            if wanted and name not in wanted:
                continue
            started = time.monotonic()
            lines = measure(forge, PUBLIC / name)
            print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
            yield name, lines
