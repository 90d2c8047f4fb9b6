import pytest
from tokenizers import Tokenizer

from datapunk.cortex.tokens import TokenCounter

TEXTS = [
    "The quick brown fox doesn't jump over the lazy dog, does it?",
    "Größenwahn und Straßenbahnhaltestellen in Zürich",
    "naïve café — “quotes” … and e-mail to ana@example.org at 10:30",
    "語語語 テスト 日本",
    "مرحبا بالعالم שלום",
    "emoji 😀 and 👍🏽 too",
    "antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
    "x" * 300,
    "",
]


@pytest.fixture(scope="module")
def definition(default_model):
    return (default_model / "tokenizer.json").read_bytes()


@pytest.mark.parametrize("text", TEXTS)
def test_counts_are_those_of_the_models_tokenizer(definition, text):
    tokenizer = Tokenizer.from_buffer(definition)
    tokenizer.no_truncation()
    expected = len(tokenizer.encode(text, add_special_tokens=False).ids)
    assert TokenCounter.of_tokenizer(definition).count(text) == expected


def test_the_limit_is_the_models_without_its_marks(definition):
    assert TokenCounter.of_tokenizer(definition).limit == 254


def test_a_tokenizer_of_another_kind_is_estimated_by_bytes():
    counter = TokenCounter.of_tokenizer(b'{"model": {"type": "BPE"}, "truncation": {"max_length": 512}}')
    assert (counter.limit, counter.count("one word")) == (510, 3)
