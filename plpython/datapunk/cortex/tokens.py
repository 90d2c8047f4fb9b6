"""How many tokens a text is to the embedding model, counted with the model's own vocabulary."""

import json
from typing import Any

from datapunk.cortex.subwords import CountWord, word_counter

#: Words remembered; more than a large document holds.
_REMEMBERED = 50_000
#: Bytes a token, where the vocabulary is not known: few, so that a chunk is rather too short than cut off.
_BYTES = 3


class TokenCounter:
    """Counts tokens; `limit` is how many of them the model reads of one text, beside its marks for start and end.

    `count_word` says how many a word is; without it, an estimate by bytes does.
    """

    def __init__(self, *, count_word: CountWord | None = None, limit: int = 254) -> None:
        self.limit = limit
        self._count_word = count_word or estimated
        self._known: dict[str, int] = {}

    @classmethod
    def of_tokenizer(cls, definition: bytes) -> "TokenCounter":
        """Read a tokenizer.json. A model of a kind that is not known leaves estimates."""
        tokenizer: dict[str, Any] = json.loads(definition)
        limit = int((tokenizer.get("truncation") or {}).get("max_length") or 256) - 2
        return cls(count_word=word_counter(tokenizer), limit=limit)

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


def estimated(word: str) -> int:
    """Estimate the tokens of a word by its bytes."""
    return -(-len(word.encode()) // _BYTES)
