import random

import pytest
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

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


def corpus(seed):
    """Texts to learn a vocabulary from: words of a few syllables, numbers and punctuation, in several scripts."""
    rng = random.Random(seed)
    syllables = ["ka", "le", "mi", "no", "straß", "über", "né", "ция", "при", "zu", "日", "本", "语", "مر", "حبا"]
    syllables += ["12", "-", "."]
    return [
        " ".join("".join(rng.choices(syllables, k=rng.randint(1, 4))) for _ in range(rng.randint(1, 30)))
        for _ in range(300)
    ]


def unigram():
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    trainer = trainers.UnigramTrainer(vocab_size=300, unk_token="<unk>", special_tokens=["<unk>"], show_progress=False)
    tokenizer.train_from_iterator(corpus(1), trainer)
    return tokenizer


def bytewise():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=500, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(corpus(1), trainer)
    return tokenizer


def cased():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=400, special_tokens=["[UNK]"], show_progress=False)
    tokenizer.train_from_iterator(corpus(1), trainer)
    return tokenizer


@pytest.mark.parametrize("make", [unigram, bytewise, cased])
def test_counts_are_those_of_tokenizers_of_every_kind(make):
    tokenizer = make()
    counter = TokenCounter.of_tokenizer(tokenizer.to_str().encode())
    counted = estimated = 0
    for text in [*corpus(2), *TEXTS]:
        expected = len(tokenizer.encode(text, add_special_tokens=False).ids)
        assert counter.count(text) == expected, text
        counted += expected
        estimated += TokenCounter().count(text)
    assert counted != estimated


def test_a_tokenizer_of_another_kind_is_estimated_by_bytes():
    counter = TokenCounter.of_tokenizer(b'{"model": {"type": "WordLevel"}, "truncation": {"max_length": 512}}')
    assert (counter.limit, counter.count("one word")) == (510, 3)
