"""Spelling of names."""

import pytest

from datapunk.gaia.names import distance, index_words


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [
        ("karin", "karin", 0),
        ("karni", "karin", 1),
        ("karn", "karin", 1),
        ("kalin", "karin", 1),
        ("lund", "karin", 5),
        ("a", "karin", 9),
    ],
)
def test_letters_to_change(one: str, other: str, steps: int) -> None:
    assert distance(one, other) == steps


def test_the_owner_s_own_name_is_found_by_no_word() -> None:
    assert index_words("self", "Nora Falk") == [""]
