"""Numbers, dates and lists as a person writes them."""

from datetime import UTC, datetime

import pytest

from datapunk.gaia.speech import Speech

DAY = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "text"), [("en", "1,234.5"), ("de", "1.234,5"), ("fr", "1\u202f234,5"), ("es", "1.234,5")]
)
def test_a_number_has_the_signs_of_its_language(code: str, text: str) -> None:
    assert Speech.of(code).number(1234.5) == text


@pytest.mark.parametrize(
    ("code", "none", "one", "two"),
    [
        ("en", "no videos", "1 video", "2 videos"),
        ("de", "keine Videos", "1 Video", "2 Videos"),
        ("fr", "aucune vidéo", "1 vidéo", "2 vidéos"),
        ("es", "ningún vídeo", "1 vídeo", "2 vídeos"),
    ],
)
def test_a_noun_takes_the_form_of_its_number(code: str, none: str, one: str, two: str) -> None:
    assert [Speech.of(code).counted(n, "watch") for n in (0, 1, 2)] == [none, one, two]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "Wednesday, 1 May 2024"),
        ("de", "Mittwoch, 1. Mai 2024"),
        ("fr", "mercredi 1er mai 2024"),
        ("es", "miércoles, 1 de mayo de 2024"),
    ],
)
def test_a_day_is_written_as_in_its_language(code: str, text: str) -> None:
    assert Speech.of(code).day(DAY, weekday=True) == text


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "1 to 9 May 2024"),
        ("de", "1. bis 9. Mai 2024"),
        ("fr", "1er au 9 mai 2024"),
        ("es", "1 al 9 de mayo de 2024"),
    ],
)
def test_a_range_of_days_names_its_month_once(code: str, text: str) -> None:
    assert Speech.of(code).days(DAY, DAY.replace(day=10)) == text


@pytest.mark.parametrize(
    ("code", "word", "text"),
    [
        ("en", "and", "Tom, Ana and Inés"),
        ("de", "or", "Tom, Ana oder Inés"),
        ("fr", "and", "Tom, Ana et Inés"),
        ("es", "and", "Tom, Ana e Inés"),
        ("es", "or", "Tom, Ana o Inés"),
    ],
)
def test_a_list_ends_with_its_word(code: str, word: str, text: str) -> None:
    assert Speech.of(code).listed(["Tom", "Ana", "Inés"], word) == text


def test_a_range_of_months_has_its_own_words() -> None:
    assert Speech.of("fr").days(DAY, DAY.replace(month=8)) == "mai à juillet 2024"


def test_a_german_noun_keeps_its_capital_inside_of_a_sentence() -> None:
    speech = Speech.of("de")
    assert (speech.inside("Im März 2024"), speech.inside("März 2024")) == ("im März 2024", "März 2024")


def test_a_long_text_is_cut_in_a_quotation() -> None:
    assert len(Speech.of("de").quoted("a" * 400)) == 302


def test_an_unknown_sentence_is_an_error() -> None:
    with pytest.raises(KeyError):
        Speech.of("en").say("count.nothing_like_it")
