"""What a query may say beside plain words: phrases, exact words, prefixes; and how much typing errors cost."""

import pytest
from psycopg.types.json import Jsonb

from cortex_items import insert_items


@pytest.fixture
def found(connection):
    insert_items(
        connection,
        [
            {"title": "Grinding coffee for the light roast"},
            {"title": "The light of the roast was low"},
            {"title": "A grinder and its burrs"},
            {"title": "Scan IMG_2034.JPG of the invoice 4711-22", "body": "sent to ines.vogt@example.org"},
            {"title": "quarterly-report_v2.pdf"},
            {"title": "Die Häuser von Hamburg sind aus Backstein und stehen am Wasser"},
        ],
    )

    def run(query, **options):
        rows = connection.execute(
            "select title from cortex_search(%s, 10, %s)", (query, Jsonb({"mode": "lexical"} | options))
        ).fetchall()
        return [row[0] for row in rows]

    return run


def test_a_phrase_finds_only_texts_with_its_words_in_a_row(found):
    assert found('"light roast"') == ["Grinding coffee for the light roast"]
    assert found('coffee "roast was"') == ["The light of the roast was low"]


def test_every_phrase_must_be_there(found):
    assert found('"light" "coffee"') == ["Grinding coffee for the light roast"]
    assert found('"light roast" "grinder"') == []


def test_a_quoted_word_is_meant_as_it_is_written(found):
    assert found("grind") == ["Grinding coffee for the light roast"]
    assert found('"grind"') == []
    assert found('"Grinding"') == ["Grinding coffee for the light roast"]


def test_a_phrase_of_stop_words_restricts_nothing(found):
    assert found('"of the" coffee') == ["Grinding coffee for the light roast"]


def test_quotation_marks_in_a_whole_text_are_quotations(found):
    text = 'I am looking for what somebody wrote about grinding coffee, as in "how to brew", and whatever is like it'
    assert found(text)[0] == "Grinding coffee for the light roast"


def test_signs_of_patterns_in_a_phrase_are_no_patterns(found):
    assert found('"light.*low"') == []
    assert found('"light (roast"') == ["Grinding coffee for the light roast"]


def test_an_asterisk_stands_for_the_rest_of_a_word(found):
    assert set(found("grind*")) == {"Grinding coffee for the light roast", "A grinder and its burrs"}
    assert found("quart*") == ["quarterly-report_v2.pdf"]


def test_the_first_eight_prefixes_and_mistyped_words_are_looked_up(found):
    """Each costs a range of terms, which a text of a thousand of them must not."""
    assert found(" ".join(f"zz{letter}*" for letter in "abcdefg") + " quart*") == ["quarterly-report_v2.pdf"]
    assert found(" ".join(f"zz{letter}*" for letter in "abcdefgh") + " quart*") == []
    assert "A grinder and its burrs" in found(" ".join(f"zzzzz{letter}" for letter in "abcdefg") + " grindr")
    assert found(" ".join(f"zzzzz{letter}" for letter in "abcdefgh") + " grindr") == []


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("grindr", "A grinder and its burrs"),
        ("hambrug", "Die Häuser von Hamburg sind aus Backstein und stehen am Wasser"),
        ("invoise", "Scan IMG_2034.JPG of the invoice 4711-22"),
    ],
)
def test_a_typing_error_finds_the_word_that_was_meant(found, query, title):
    assert title in found(query)


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("IMG_2034.JPG", "Scan IMG_2034.JPG of the invoice 4711-22"),
        ("2034", "Scan IMG_2034.JPG of the invoice 4711-22"),
        ("4711-22", "Scan IMG_2034.JPG of the invoice 4711-22"),
        ("ines.vogt@example.org", "Scan IMG_2034.JPG of the invoice 4711-22"),
        ("vogt", "Scan IMG_2034.JPG of the invoice 4711-22"),
        ("quarterly report", "quarterly-report_v2.pdf"),
        ("report_v2.pdf", "quarterly-report_v2.pdf"),
    ],
)
def test_names_numbers_and_file_names_are_found_whole_and_by_their_parts(found, query, title):
    assert found(query)[0] == title


def test_a_word_is_found_in_the_language_of_its_item(found):
    assert found("Haus")[0].startswith("Die Häuser")


def test_the_language_of_an_item_is_told_by_its_words(connection, found):
    rows = connection.execute("select language from cortex.text where body like 'Die H%'").fetchall()
    assert rows == [("de",)]


def test_what_is_no_word_at_all_finds_nothing(found):
    assert found('"" * . "') == []
