"""How many tokens a text is to the embedding model, counted with the model's own vocabulary.

The model's tokenizer itself, a Rust library, holds 45 MB in each backend and takes half a millisecond for a page. What
a word counts is looked up here instead, and worked out once a session for each word: the same number, for the WordPiece
tokenizers of the BERT family. Other tokenizers are estimated.
"""

import json
import unicodedata
from functools import cache
from typing import Any

#: Words remembered; more than a large document holds.
_REMEMBERED = 50_000
#: WordPiece gives up on longer words: one unknown token.
_LONGEST_WORD = 100
#: Bytes a token, where the vocabulary is not known: few, so that a chunk is rather too short than cut off.
_BYTES = 3


class TokenCounter:
    """Counts tokens; `limit` is how many of them the model reads of one text, beside its marks for start and end."""

    def __init__(self, *, vocabulary: frozenset[str] = frozenset(), lowercase: bool = True, limit: int = 254) -> None:
        self.limit = limit
        self._vocabulary = vocabulary
        self._lowercase = lowercase
        self._known: dict[str, int] = {}

    @classmethod
    def of_tokenizer(cls, definition: bytes) -> "TokenCounter":
        """Read a tokenizer.json. Anything but WordPiece leaves estimates."""
        tokenizer: dict[str, Any] = json.loads(definition)
        limit = int((tokenizer.get("truncation") or {}).get("max_length") or 256) - 2
        model = tokenizer.get("model") or {}
        if model.get("type") != "WordPiece":
            return cls(limit=limit)
        normalizer = tokenizer.get("normalizer") or {}
        return cls(vocabulary=frozenset(model["vocab"]), lowercase=normalizer.get("lowercase", True), limit=limit)

    def count(self, text: str) -> int:
        """Return how many tokens `text` is."""
        known = self._known
        words = text.split()
        try:
            return sum(map(known.__getitem__, words))
        except KeyError:
            # A word that was not met before.
            total = 0
        for word in words:
            number = known.get(word)
            if number is None:
                if len(known) >= _REMEMBERED:
                    known.clear()
                number = known[word] = self._count_word(word)
            total += number
        return total

    def _count_word(self, word: str) -> int:
        if not self._vocabulary:
            return -(-len(word.encode()) // _BYTES)
        if self._lowercase:
            word = word.lower()
        letters = unicodedata.normalize("NFD", word)
        plain: list[str] = []
        for letter in letters:
            category, alone = _category(letter)
            if category in ("Mn", "Cc", "Cf") or letter == "\ufffd":
                continue
            plain.append(f" {letter} " if alone else letter)
        return sum(map(self._pieces, "".join(plain).split()))

    def _pieces(self, part: str) -> int:
        """Longest pieces first, as WordPiece does; a word that the vocabulary cannot spell is one unknown token."""
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


_CHINESE = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2FA1F), (0xF900, 0xFAFF))


@cache
def _category(letter: str) -> tuple[str, bool]:
    """The character's category, and whether it is a token of its own: punctuation, and Chinese characters."""
    category = unicodedata.category(letter)
    code = ord(letter)
    chinese = any(first <= code <= last for first, last in _CHINESE)
    ascii_symbol = 33 <= code <= 126 and not letter.isalnum()
    return category, chinese or ascii_symbol or category.startswith("P")
