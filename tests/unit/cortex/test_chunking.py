from hypothesis import given
from hypothesis import strategies as st

from datapunk.cortex.chunking import split_text
from datapunk.cortex.tokens import TokenCounter

COUNTER = TokenCounter(limit=120)


def test_a_long_text_is_split_at_sentences_and_each_chunk_starts_with_the_head():
    sentence = "The grinder was set to eleven for the light roast."
    chunks = split_text("Coffee diary", "\n\n".join([" ".join([sentence] * 7)] * 10), COUNTER)
    assert len(chunks) > 3
    assert all(chunk.startswith("Coffee diary\nThe grinder") and chunk.endswith("roast.") for chunk in chunks)


def test_no_chunk_is_longer_than_the_model_reads():
    body = "\n\n".join(f"# Part {n}\n\n" + f"Words of part {n}, some of them long. " * (n % 9) for n in range(60))
    assert max(map(COUNTER.count, split_text("A head of its own", body, COUNTER))) <= COUNTER.limit


def test_no_word_is_lost_or_doubled():
    body = " ".join(f"w{n}{'.' if n % 17 == 0 else ''}" for n in range(5000))
    assert " ".join(split_text(None, body, COUNTER)).split() == body.split()


def test_a_chunk_under_a_heading_that_ended_before_it_names_the_heading():
    body = "# Brewing\n\n" + " ".join(f"Sentence {n} about water and its temperature." for n in range(40))
    chunks = split_text("Notes", body, COUNTER)
    assert len(chunks) > 2
    assert all("# Brewing" in chunk for chunk in chunks)


def test_a_section_starts_a_chunk_once_the_one_before_is_filled_enough():
    section = " ".join(["Ten words of a section that nobody will read twice."] * 5)
    chunks = split_text(None, f"# First\n\n{section}\n\n# Second\n\n{section}", COUNTER)
    assert [chunk.splitlines()[0] for chunk in chunks] == ["# First", "# Second"]


def test_a_list_item_is_not_torn():
    items = [f"- item {n} of the list with a few words more than it needs" for n in range(40)]
    chunks = split_text(None, "\n".join(items), COUNTER)
    assert len(chunks) > 3
    assert [line for chunk in chunks for line in chunk.splitlines()] == items


def test_a_message_of_a_conversation_is_not_torn():
    messages = [f"[12:{n:02}] Ana: message {n} has one sentence. And it has another one." for n in range(40)]
    chunks = split_text(None, "\n".join(messages), COUNTER)
    assert len(chunks) > 3
    assert all(line.startswith("[12:") and line.endswith("another one.") for c in chunks for line in c.splitlines())


def test_lines_that_a_mail_program_wrapped_are_one_sentence():
    body = (
        "This sentence was wrapped by a program that ends its lines\nafter sixty characters, as many of them did.\n"
        * 20
    )
    assert "ends its lines after sixty" in split_text(None, body, COUNTER)[0]


def test_a_text_without_white_space_is_cut():
    chunks = split_text("", "語" * 5000, COUNTER)
    assert "".join(chunks) == "語" * 5000
    assert max(map(COUNTER.count, chunks)) <= COUNTER.limit


def test_a_head_that_is_too_long_leaves_room_for_the_text():
    chunks = split_text("title " * 500, "A sentence of the text itself. " * 50, COUNTER)
    assert all("sentence of the text" in chunk for chunk in chunks)


def test_an_empty_body_leaves_the_head():
    assert split_text("Title", " \n ", COUNTER) == ["Title"]
    assert split_text(None, None, COUNTER) == []


@given(st.text(), st.text())
def test_any_text_gives_chunks_without_nul_bytes(head, body):
    chunks = split_text(head, body, COUNTER)
    assert all(chunk.strip() and "\x00" not in chunk for chunk in chunks)
