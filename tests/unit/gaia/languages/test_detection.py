"""The language of a question."""

import pytest

from datapunk.gaia.languages.detection import language_of


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("How many videos did I watch last week?", "en"),
        ("Which site did I visit in March?", "en"),
        ("Wie viele Videos habe ich geschaut?", "de"),
        ("Wer hat mir geschrieben?", "de"),
        ("und im Jahr davor?", "de"),
        ("Combien de vidéos ai-je vues ?", "fr"),
        ("et l'année d'avant ?", "fr"),
        ("¿Cuántos vídeos vi?", "es"),
        ("¿y el año anterior?", "es"),
        ("que sabes de mi", "es"),
    ],
)
def test_few_words_tell_the_language(question: str, language: str) -> None:
    assert language_of(question, "en") == language


@pytest.mark.parametrize("expected", ["en", "de", "fr", "es"])
def test_words_that_do_not_tell_are_in_the_language_expected(expected: str) -> None:
    assert language_of("2023?", expected) == expected


def test_a_name_tells_nothing() -> None:
    question = "Videos of La Cocina de la Abuela y el Perro in 2023?"
    start, end = question.index("La"), question.index(" in 2023")
    assert language_of(question, "en", [(start, end)]) == "en"


def test_a_quotation_tells_nothing() -> None:
    assert language_of("What is similar to “wie ich die Welt und das Leben sehe”?", "en") == "en"


def test_a_language_without_data_file_falls_back_on_english() -> None:
    assert language_of("2023?", "nl") == "en"
