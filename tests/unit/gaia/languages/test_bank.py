"""The question bank of each language is no part of what the router learns."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[4]
BANKS = sorted((ROOT / "tests" / "fixtures" / "gaia" / "banks").glob("*.toml"))


def intents(bank: Path) -> dict[str, dict[str, list[str]]]:
    content: dict[str, Any] = tomllib.loads(bank.read_text(encoding="utf-8"))
    found: dict[str, dict[str, list[str]]] = content["intents"]
    return found


@pytest.mark.parametrize("bank", BANKS, ids=lambda path: path.stem)
def test_no_wording_is_among_the_examples(bank: Path) -> None:
    examples = (ROOT / "sql" / "seed" / f"gaia_questions_{bank.stem}.sql").read_text(encoding="utf-8").lower()
    wordings = [text for entry in intents(bank).values() for part in entry.values() for text in part]
    assert [text for text in wordings if f"'{text.lower().replace(chr(39), chr(39) * 2)}'" in examples] == []


@pytest.mark.parametrize("bank", BANKS, ids=lambda path: path.stem)
def test_what_is_held_out_is_not_built_with(bank: Path) -> None:
    for entry in intents(bank).values():
        assert not set(entry["dev"]) & set(entry["held_out"])
