"""Whose birthday a question asks for, and days of birth."""

from datetime import date

import pytest

from datapunk.gaia.birthdays import born, last_birthday, next_birthday, whose
from datapunk.gaia.mentions import Name

ANNA = Name(field="person", value="Anna Lind", start=8, end=14)


@pytest.mark.parametrize(
    ("question", "topic", "who"),
    [
        ("When is my birthday?", "birthday", ""),
        ("When have I birthday?", "birthday", ""),
        ("When is Zoe's birthday?", "Zoe's birthday", "Zoe"),
        ("When was Zoe Berg born?", "Zoe Berg born", "Zoe Berg"),
        ("When is the next birthday?", "birthday", None),
        ("When is the birthday party?", "birthday party", None),
        ("When did I call her for her birthday?", "call birthday", None),
        ("When is the next meeting?", "", None),
    ],
)
def test_whose_birthday_is_asked_for(question: str, topic: str, who: str | None) -> None:
    assert whose(question, topic, []) == who


def test_a_name_of_the_owner_s_is_whose() -> None:
    assert whose("When is Anna's birthday?", "birthday", [ANNA]) == "Anna Lind"


@pytest.mark.parametrize(
    ("written", "found"),
    [("1990-03-05", (1990, 3, 5)), ("19900305", (1990, 3, 5)), ("--0305", (None, 3, 5)), ("spring", None)],
)
def test_a_day_of_birth_is_read(written: str, found: tuple[int | None, int, int] | None) -> None:
    assert born(written) == found


def test_the_last_and_the_next_birthday_lie_around_a_day() -> None:
    assert last_birthday("1990-03-05", date(2024, 3, 4)) == date(2023, 3, 5)
    assert next_birthday("1990-03-05", date(2024, 3, 4)) == date(2024, 3, 5)
    assert next_birthday("1990-03-05", date(2024, 3, 5)) == date(2024, 3, 5)


def test_of_29_february_it_is_the_day_before_in_other_years() -> None:
    assert next_birthday("--0229", date(2025, 1, 1)) == date(2025, 2, 28)
