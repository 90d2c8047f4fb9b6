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


@pytest.mark.parametrize(
    ("question", "reading"),
    [
        # Verbs that come apart.
        ("Wie viele Mails gingen im Mai von Anna ein?", "how many mails came in May from Anna?"),
        ("Wann traf ihre erste Mail ein?", "when came their first mail?"),
        ("Welche Videos sah ich mir im Mai an?", "which videos did I watch in May?"),
        ("Wie viele Seiten rief ich gestern auf?", "how many pages did I visit yesterday?"),
        ("Nahmen meine Suchen zu?", "did my searches increase?"),
        # What was, in the simple past.
        ("Wen traf ich 2024 am häufigsten?", "whom did I meet 2024 the most?"),
        ("Wem schrieb ich am meisten?", "whom did I write the most?"),
        ("Von wem bekam ich die meiste Post?", "from whom did I receive the most mails?"),
        # Clauses with their verb at the end.
        ("Die Mails, die mir Anna im Mai geschickt hat", "the mails, that Anna in May sent me"),
        ("Die Mails, die ich im Mai bekommen habe", "the mails, that I received in May"),
        ("Kannst du die Mails vom Mai zusammenfassen?", "Summarize the mails from May?"),
        ("Hat sich Anna gemeldet?", "did Anna write to me?"),
        # Shares.
        ("Wie groß war der Anteil an meinen Videos?", "how large was the share among my videos?"),
        ("Zu wie viel Prozent bestanden meine Videos aus Musik?", "what percentage were my videos from Musik?"),
        # How long not any more.
        ("Wie lange habe ich Musik nicht mehr geschaut?", "how long ago did I last watch Musik?"),
        # How many times, and hours.
        ("Welche Kanäle habe ich seltener als dreimal geschaut?", "which channels did I watch less than three times?"),
        ("Wie viele Videos liefen nach 22 Uhr bei mir?", "how many videos did I watch after 22:00?"),
    ],
)
def test_german_is_read_as_its_grammar_has_it(question: str, reading: str) -> None:
    assert read(question, "de").text == reading


def test_a_word_of_what_several_say_together_stands_for_none_of_theirs() -> None:
    reading = read("In welchem Monat habe ich 2024 am meisten gesucht?", "de")
    assert reading.text == "in which month did I search for 2024 the most?"
    assert reading.worded("for 2024") == "2024"
