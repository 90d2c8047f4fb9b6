import re
from pathlib import Path

import pytest

from datapunk.gaia.plan.decompose import has_parts
from datapunk.gaia.plan.glance import may_have_parts

BANK = Path(__file__).resolve().parents[3] / "fixtures/gaia/deliberate.toml"
WORDINGS = [
    re.sub(r"\{[^{}]*\}", "Anna", found) for found in re.findall(r'"([^"\n]{12,})"', BANK.read_text(encoding="utf-8"))
]


def test_no_question_that_has_parts_is_passed_over() -> None:
    parted = [text for text in WORDINGS if has_parts(text)]
    assert len(parted) > 100
    assert [text for text in parted if not may_have_parts(text)] == []


@pytest.mark.parametrize(
    "question",
    [
        "How many videos did I watch in March 2024?",
        "Which channels did I watch most last spring?",
        "Which hotel did I book in Tokyo?",
        "Recommend me a video for tonight.",
    ],
)
def test_a_plain_question_needs_no_grammar(question: str) -> None:
    assert not may_have_parts(question)
