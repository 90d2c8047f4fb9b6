"""Questions of other languages, read in English."""

import pytest

from datapunk.gaia.languages.reading import parted, read


@pytest.mark.parametrize(
    ("language", "question", "reading"),
    [
        ("en", "How many  videos?", "How many  videos?"),
        ("de", "Wie viele Videos habe ich im März 2023 geschaut?", "how many videos did I watch in March 2023?"),
        ("de", "Wen habe ich letzten Frühling am häufigsten getroffen?", "whom did I meet last spring the most?"),
        ("fr", "Combien de pages ai-je visitées la semaine dernière ?", "how many pages did I visit last week?"),
        ("es", "¿Cuántas búsquedas hice entre 2021 y 2022?", "how many searches did I make between 2021 and 2022?"),
    ],
)
def test_words_of_asking_are_read_in_english(language: str, question: str, reading: str) -> None:
    assert read(question, language).text == reading


@pytest.mark.parametrize(
    ("language", "phrase", "reading"),
    [
        ("de", "vor drei Tagen", "three days ago"),
        ("de", "am 3. Mai 2024", "on 3 May 2024"),
        ("de", "seit dem 3. Mai", "since 3 May"),
        ("de", "in den letzten zwei Wochen", "in the last two weeks"),
        ("de", "sonntags", "on Sundays"),
        ("fr", "il y a trois jours", "three days ago"),
        ("fr", "depuis le 3 mai", "since 3 May"),
        ("fr", "le 1er avril 2024", "1 April 2024"),
        ("fr", "l'été dernier", "last summer"),
        ("fr", "les dimanches", "on Sundays"),
        ("es", "hace tres días", "three days ago"),
        ("es", "desde el 3 de mayo", "since 3 May"),
        ("es", "la semana pasada", "last week"),
        ("es", "los domingos", "on Sundays"),
    ],
)
def test_times_are_read_in_english(language: str, phrase: str, reading: str) -> None:
    assert read(phrase, language).text == reading


@pytest.mark.parametrize(
    ("language", "question"),
    [("de", "und im Jahr davor?"), ("fr", "et l'année d'avant ?"), ("es", "¿y el año anterior?")],
)
def test_a_time_told_from_the_one_before_is_read(language: str, question: str) -> None:
    assert read(question, language).text == "and in the year before?"


def test_names_and_quotations_stay() -> None:
    question = "Wie viele Videos von Die Woche habe ich über „der letzte Tag“ geschaut?"
    start = question.index("Die Woche")
    reading = read(question, "de", [(start, start + 9)])
    assert reading.text == "how many videos from Die Woche did I watch about „der letzte Tag“?"
    place = reading.place_of(start, start + 9)
    assert reading.text[slice(*place)] == "Die Woche"


def test_a_part_is_given_back_in_the_words_of_the_question() -> None:
    reading = read("Wie viele Videos habe ich vor drei Tagen angeschaut?", "de")
    assert reading.worded("three days ago") == "vor drei Tagen"
    assert reading.worded("nowhere") == "nowhere"


def test_a_note_stays_as_it_is_written() -> None:
    assert read("Merk dir, dass die Tonnen dienstags rausmüssen.", "de").text == (
        "Remember that die Tonnen dienstags rausmüssen."
    )


def test_a_compound_of_a_name_comes_apart_without_a_character_moving() -> None:
    assert parted("Wer war auf der Tokyo-Reise?", "de") == "Wer war auf der Tokyo Reise?"
    assert parted("Wie viele E-Mails kamen an?", "de") == "Wie viele E-Mails kamen an?"
