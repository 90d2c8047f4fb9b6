"""A sample archive: three years of one invented life in the layout of Google Takeout, with the truth about it.

    truth = write(Path("shared"), seed=7)
    truth.path                      # .../takeout-20260105T091500Z-001.zip
    truth.facts["items"]["watch"]   # how many watches an import must end with

Equal arguments give byte-identical files. Names, sites and letters are invented, at reserved domains.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datapunk.errors import InvalidArgument
from datapunk.sample.questions import demo, questions
from datapunk.sample.takeout import ARCHIVE, write_archive
from datapunk.sample.truth import facts as facts_of
from datapunk.sample.world import World

__all__ = ["RecommenderRow", "Truth", "recommender_rows", "write"]

LANGUAGES = ("en",)
MOST_YEARS = 3
FEWEST_RECORDS = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Truth:
    """Where a sample lies and what is true of it; `facts` is the content of the JSON at `truth_path`."""

    path: Path
    truth_path: Path
    facts: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class RecommenderRow:
    """One watch as a recommender sees it: the day is the subject, the video's address the item."""

    subject: str
    item: str
    topic: str


def write(path: Path, *, seed: int = 7, years: int = 3, records: int = 20_000, language: str = "en") -> Truth:
    """Write a sample archive and its truth.

    Parameters
    ----------
    path
        A folder (the archive gets the name of a genuine one) or a file that ends in .zip. The truth lies beside it,
        with .truth.json for .zip.
    seed
        Draws another life's details around the same fixed dates.
    years
        The last 1 to 3 years up to the end of 2025.
    records
        Entries in all files that adapters read, the broken ones included; at least 1,000.
    language
        Language of folder names and verbs; 'en'.

    Raises
    ------
    InvalidArgument
        For years, records or language out of range.
    """
    if not 1 <= years <= MOST_YEARS:
        raise InvalidArgument(f"years is {years}", hint=f"Give 1 to {MOST_YEARS}.")
    if records < FEWEST_RECORDS:
        raise InvalidArgument(f"records is {records}", hint=f"Give at least {FEWEST_RECORDS}.")
    if language not in LANGUAGES:
        raise InvalidArgument(f"no sample in language {language!r}", hint=f"Known: {', '.join(LANGUAGES)}.")
    archive = path if path.suffix == ".zip" else path / ARCHIVE
    archive.parent.mkdir(parents=True, exist_ok=True)
    world = World.build(seed, years, records)
    write_archive(world, archive)
    facts = {**facts_of(world, seed), "archive": archive.name, "seed": seed, "years": years, "language": language}
    asked = questions(world, facts)
    facts |= {"questions": asked, "demo": demo(asked)}
    truth_path = archive.with_suffix(".truth.json")
    truth_path.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return Truth(path=archive, truth_path=truth_path, facts=facts)


def recommender_rows(facts: dict[str, Any]) -> list[RecommenderRow]:
    """Watches as rows for a recommender, with the topic of each video so that recommendations can be judged."""
    videos = facts["recommender"]["videos"]
    return [
        RecommenderRow(subject=day, item=url, topic=videos[url]["topic"])
        for day, url in facts["recommender"]["watches"]
        if url in videos
    ]
