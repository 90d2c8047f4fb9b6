from hypothesis import given
from hypothesis import strategies as st

from datapunk.cortex.snippet import LENGTH, snippet


def test_a_short_text_is_its_own_snippet_on_one_line():
    assert snippet("Grinder\nsettings", "roast") == "Grinder settings"


def test_the_stretch_with_the_query_words_is_shown():
    text = "filler " * 200 + "the light roast wants a finer grind " + "filler " * 200
    shown = snippet(text, "grinding light roasts")
    assert "light roast wants a finer grind" in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")


def test_without_a_hit_the_beginning_is_shown():
    assert snippet("word " * 100, "zebra").startswith("word word")


@given(st.text(), st.text())
def test_a_snippet_is_one_line_of_bounded_length(text, query):
    shown = snippet(text, query)
    assert len(shown) <= LENGTH
    assert "\n" not in shown
