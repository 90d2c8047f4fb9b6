"""How many tokens a word is to the tokenizers that embedding models have: WordPiece, Unigram and BPE.

A backend reads the model's own tokenizer.json and counts in Python: the Rust library that runs it holds 45 MB in each
backend and takes half a millisecond for a page, while each word is counted here once a session.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from math import inf
from typing import Any

CountWord = Callable[[str], int]

#: WordPiece gives up on longer words: one unknown token.
_LONGEST_WORD = 100
#: What Unigram takes off the least likely piece for a character that it does not know.
_UNKNOWN_PENALTY = 10.0
_CHINESE = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2FA1F), (0xF900, 0xFAFF))


def word_counter(tokenizer: Mapping[str, Any]) -> CountWord | None:
    """Return what counts the tokens of a word for the content of a tokenizer.json; None for another kind of model."""
    model = tokenizer.get("model") or {}
    normalizers = {str(part["type"]): part for part in _parts(tokenizer.get("normalizer"), "normalizers")}
    splitters = {str(part["type"]): part for part in _parts(tokenizer.get("pre_tokenizer"), "pretokenizers")}
    if model.get("type") == "WordPiece":
        bert = normalizers.get("BertNormalizer", tokenizer.get("normalizer") or {})
        return WordPiece(frozenset(model["vocab"]), lowercase=bert.get("lowercase", True))
    if model.get("type") == "Unigram":
        return Unigram(dict(model["vocab"]), lowercase="Lowercase" in normalizers)
    if model.get("type") == "BPE":
        pairs = [tuple(pair.split(" ", 1)) if isinstance(pair, str) else tuple(pair) for pair in model["merges"]]
        pattern = str((splitters.get("Split") or {}).get("pattern", ""))
        return Bpe(
            {pair: rank for rank, pair in enumerate(pairs)},
            vocabulary=frozenset(model["vocab"]),
            bytewise="ByteLevel" in splitters or "ByteLevel" in normalizers,
            # What GPT-4 and its successors split numbers into.
            digits=3 if "{1,3}" in pattern else 1 if "N}|" in pattern else 0,
        )
    return None


def _parts(part: Mapping[str, Any] | None, name: str) -> list[Mapping[str, Any]]:
    if not part:
        return []
    return list(part[name]) if part.get("type") == "Sequence" else [part]


class WordPiece:
    """The tokenizers of the BERT family."""

    def __init__(self, vocabulary: frozenset[str], *, lowercase: bool = True) -> None:
        self._vocabulary, self._lowercase = vocabulary, lowercase

    def __call__(self, word: str) -> int:
        """Return how many tokens `word` is."""
        if self._lowercase:
            word = unicodedata.normalize("NFD", word.lower())
        plain: list[str] = []
        for letter in word:
            category, alone = _category(letter)
            if (category == "Mn" and self._lowercase) or category in ("Cc", "Cf") or letter == "\ufffd":
                continue
            plain.append(f" {letter} " if alone else letter)
        return sum(map(self._pieces, "".join(plain).split()))

    def _pieces(self, part: str) -> int:
        """Longest pieces first; a word that the vocabulary cannot spell is one unknown token."""
        if len(part) > _LONGEST_WORD:
            return 1
        vocabulary = self._vocabulary
        number = start = 0
        while start < len(part):
            for end in range(len(part), start, -1):
                if (part[start:end] if start == 0 else f"##{part[start:end]}") in vocabulary:
                    break
            else:
                return 1
            start = end
            number += 1
        return number


class Unigram:
    """SentencePiece's unigram model, as XLM-RoBERTa and its descendants have it: the likeliest way to spell a word."""

    def __init__(self, scores: Mapping[str, float], *, lowercase: bool = False) -> None:
        self._scores, self._lowercase = scores, lowercase
        self._longest = max(map(len, scores), default=1)
        self._unknown = min(scores.values(), default=0.0) - _UNKNOWN_PENALTY

    def __call__(self, word: str) -> int:
        """Return how many tokens `word` is."""
        letters = unicodedata.normalize("NFKC", word)
        text = "▁" + (letters.lower() if self._lowercase else letters)
        # For each place: the best score up to it, how many pieces that is, and whether the last is an unknown one:
        # unknown characters in a row are one token.
        best: list[tuple[float, int, bool]] = [(0.0, 0, False)] + [(-inf, 0, False)] * len(text)
        for start in range(len(text)):
            score, number, after_unknown = best[start]
            if text[start] not in self._scores and score + self._unknown > best[start + 1][0]:
                best[start + 1] = (score + self._unknown, number + (not after_unknown), True)
            for end in range(start + 1, min(len(text), start + self._longest) + 1):
                known = self._scores.get(text[start:end])
                if known is not None and score + known > best[end][0]:
                    best[end] = (score + known, number + 1, False)
        return best[-1][1]


class Bpe:
    """Byte pair encoding, over bytes as GPT-2 and RoBERTa have it, or over characters as SentencePiece has it."""

    def __init__(
        self, ranks: Mapping[tuple[str, ...], int], *, vocabulary: frozenset[str], bytewise: bool, digits: int = 0
    ) -> None:
        self._ranks, self._vocabulary, self._bytewise = ranks, vocabulary, bytewise
        number = r"\d+" if not digits else rf"\d{{1,{digits}}}"
        self._pattern = re.compile(rf"'(?:[stmd]|re|ve|ll)| ?[^\W\d_]+| ?{number}| ?(?:[^\w\s]|_)+|\s+")

    def __call__(self, word: str) -> int:
        """Return how many tokens `word` is."""
        if not self._bytewise:
            return self._merged([*("▁" + word)])
        letters = _byte_letters()
        parts = self._pattern.findall(f" {word}")
        return sum(self._merged([letters[byte] for byte in part.encode()]) for part in parts)

    def _merged(self, symbols: list[str]) -> int:
        """Join the pair that was learned first until none is left; return how many symbols remain."""
        if "".join(symbols) in self._vocabulary and self._bytewise:
            return 1
        while len(symbols) > 1:
            first = min(pairwise(symbols), key=lambda pair: self._ranks.get(pair, inf))
            if first not in self._ranks:
                break
            joined: list[str] = []
            place = 0
            while place < len(symbols):
                if tuple(symbols[place : place + 2]) == first:
                    joined.append("".join(first))
                    place += 2
                else:
                    joined.append(symbols[place])
                    place += 1
            symbols = joined
        # A character that the vocabulary lacks is spelled by its bytes.
        return sum(1 if self._bytewise or s in self._vocabulary else len(s.encode()) for s in symbols)


@cache
def _byte_letters() -> list[str]:
    """GPT-2's printable letter for each byte."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    moved = iter(range(256, 512))
    return [chr(byte) if byte in kept else chr(next(moved)) for byte in range(256)]


@cache
def _category(letter: str) -> tuple[str, bool]:
    """The character's category, and whether it is a token of its own: punctuation, and Chinese characters."""
    category = unicodedata.category(letter)
    code = ord(letter)
    chinese = any(first <= code <= last for first, last in _CHINESE)
    ascii_symbol = 33 <= code <= 126 and not letter.isalnum()
    return category, chinese or ascii_symbol or category.startswith("P")
