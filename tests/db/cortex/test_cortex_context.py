import pytest
from tokenizers import Tokenizer

from cortex_items import insert_items

LONG = "\n\n".join(
    f"Chapter {n}. " + f"In part {n} the {word} is told at length, with names and places and the hours of day. " * 8
    for n, word in enumerate(("journey", "harbour", "lighthouse", "storm", "island", "return"))
)


def context(person, question, **options):
    import json

    return person.execute("select * from cortex_context(%s, %s)", (question, json.dumps(options))).fetchone()


@pytest.fixture
def tokenizer(default_model):
    tokenizer = Tokenizer.from_file(str(default_model / "tokenizer.json"))
    tokenizer.no_truncation()
    return tokenizer


def test_tokens_are_those_of_the_model(person, tokenizer):
    insert_items(
        person, [{"title": f"Überraschend 日本語 antidisestablishmentarianism {n} about tea"} for n in range(5)]
    )
    text, _, tokens = context(person, "tea")
    assert tokens == len(tokenizer.encode(text, add_special_tokens=False).ids)


@pytest.mark.parametrize("budget", [50, 120, 400])
def test_the_budget_holds(person, tokenizer, budget):
    insert_items(
        person, [{"title": f"tea {n}", "body": f"about tea number {n}. " + "so it goes. " * n} for n in range(40)]
    )
    text, citations, tokens = context(person, "tea", max_tokens=budget)
    assert 0 < tokens <= budget
    assert len(tokenizer.encode(text, add_special_tokens=False).ids) <= budget
    assert citations


def test_passages_stand_in_order_of_time_with_their_numbers(person):
    days = ["2024-03-01", "2024-01-01", "2024-02-01"]
    insert_items(person, [{"title": f"tea on {day}", "occurred_at": f"{day}T10:00:00Z"} for day in days])
    text, citations, _ = context(person, "tea")
    assert [line.split()[1] for line in text.splitlines()] == sorted(f"{day}" for day in days)
    assert [citation["number"] for citation in citations] == [1, 2, 3]
    assert [citation["title"] for citation in citations] == [f"tea on {day}" for day in sorted(days)]


def test_near_duplicates_do_not_join(person):
    same = "the kettle for green tea boils at eighty degrees in the small kitchen"
    insert_items(person, [{"title": same}, {"title": f"{same} today"}, {"title": "black tea wants boiling water"}])
    text, citations, _ = context(person, "tea")
    assert len(citations) == 2
    assert text.count("kettle") == 1


def test_the_chunks_beside_a_hit_come_along_in_their_order(person):
    insert_items(person, [{"title": "The voyage", "body": LONG}])
    text, citations, _ = context(person, "lighthouse", max_tokens=3000, kinds=["note"])
    assert len(citations) == 1
    assert text.index("harbour is told") < text.index("lighthouse is told") < text.index("storm is told")
    assert text.count("The voyage") == 1


def test_the_messages_beside_a_hit_in_its_conversation_come_along(person):
    talk = [
        ("club", "10:00", "Shall we meet before the match?"),
        ("club", "10:05", "At the Kestrel fountain, by the big clock."),
        ("club", "10:06", "Fine with me, see you there then."),
        ("work", "10:05", "The quarterly report is late again."),
    ]
    insert_items(person, [
        {"kind": "message", "source": "chat", "occurred_at": f"2024-05-01T{at}:00Z", "body": body, "title": None,
         "attributes": f'{{"conversation": "{room}"}}'}
        for room, at, body in talk
    ])  # fmt: skip
    text, citations, _ = context(person, "Kestrel", max_tokens=200)
    assert "before the match" in text
    assert "see you there" in text
    assert "quarterly" not in text
    assert len(citations) == 3


def test_nothing_found_is_an_empty_context(person):
    assert context(person, "nothing at all") == ("", [], 0)
