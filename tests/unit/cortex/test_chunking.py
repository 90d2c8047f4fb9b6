from hypothesis import given
from hypothesis import strategies as st

from datapunk.cortex.chunking import CHARACTERS, WORDS, split_text


def test_a_long_text_is_split_at_sentences_and_each_chunk_starts_with_the_head():
    sentence = "The grinder was set to eleven for the light roast."
    chunks = split_text("Coffee diary", "\n\n".join([" ".join([sentence] * 7)] * 10))
    assert len(chunks) > 3
    assert all(chunk.startswith("Coffee diary\nThe grinder") and chunk.endswith("roast.") for chunk in chunks)
    assert all(len(chunk.split()) <= WORDS + 2 for chunk in chunks)


def test_no_word_is_lost_or_doubled():
    body = " ".join(f"w{n}{'.' if n % 17 == 0 else ''}" for n in range(5000))
    assert " ".join(split_text(None, body)).split() == body.split()


def test_a_text_without_white_space_is_cut():
    chunks = split_text("", "語" * 5000)
    assert "".join(chunks) == "語" * 5000
    assert max(map(len, chunks)) <= CHARACTERS


def test_an_empty_body_leaves_the_head():
    assert split_text("Title", " \n ") == ["Title"]
    assert split_text(None, None) == []


@given(st.text(), st.text())
def test_any_text_gives_chunks_without_nul_bytes(head, body):
    chunks = split_text(head, body)
    assert all(chunk.strip() and "\x00" not in chunk for chunk in chunks)
