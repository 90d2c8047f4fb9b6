"""Options of questions."""

import pytest

from datapunk.errors import InvalidArgument
from datapunk.gaia.options import ask_options, checked_question


@pytest.mark.parametrize(
    "options",
    ['{"colour": "red"}', "[]", '{"mode": "slow"}', '{"max_tokens": "many"}', '{"conversation_id": "7"}',
     '{"language": "xx"}', '{"subroutine": ""}'],
)  # fmt: skip
def test_a_bad_option_is_refused_with_a_hint(options: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        ask_options(options)
    assert refused.value.hint


@pytest.mark.parametrize(("mode", "chosen"), [("fast", "fast"), ("deliberate", "deliberate"), ("auto", None)])
def test_the_mode_is_one_of_three_and_auto_leaves_it_open(mode: str, chosen: str | None) -> None:
    assert ask_options(f'{{"mode": "{mode}"}}').mode == chosen


@pytest.mark.parametrize("question", ["", "  ", None, "x" * 5000])
def test_an_empty_or_endless_question_is_refused(question: str | None) -> None:
    with pytest.raises(InvalidArgument):
        checked_question(question)
