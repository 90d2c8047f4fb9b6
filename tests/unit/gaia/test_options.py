"""Options of questions."""

import pytest

from datapunk.errors import InvalidArgument, NotReady
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


def test_deliberate_answers_are_not_ready() -> None:
    with pytest.raises(NotReady):
        ask_options('{"mode": "deliberate"}')


@pytest.mark.parametrize("question", ["", "  ", None, "x" * 5000])
def test_an_empty_or_endless_question_is_refused(question: str | None) -> None:
    with pytest.raises(InvalidArgument):
        checked_question(question)
