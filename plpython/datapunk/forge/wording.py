"""The terms of a text as numbers of buckets: what a graph looks the weights of words and their parts up by.

Words, pairs of neighbouring words, and runs of two to five characters within a word, hashed (Weinberger et al. 2009).
A text has so many numbers at most, words first; what is left is padded.
"""

import re
from zlib import crc32

PADDING = -1.0
_WORD = re.compile(r"\w+|[^\w\s]")
_SHORTEST, _LONGEST = 2, 5
# Runs of characters within a longer word say nothing that they have not said.
_MOST_CHARACTERS = 30


def term_buckets(text: str, buckets: int, most: int) -> list[int]:
    """Return the buckets of the different terms of a text, in their order, `most` of them at most.

    `buckets` is a power of two.
    """
    words = _WORD.findall(text.lower())
    mask = buckets - 1
    found: dict[int, None] = {}
    before = ""
    for word in words:
        found[crc32(word.encode()) & mask] = None
        if before:
            found[crc32(f"{before} {word}".encode()) & mask] = None
        before = word
        if len(found) >= most:
            return list(found)[:most]
    for word in dict.fromkeys(words):
        whole = f"\x02{word[:_MOST_CHARACTERS]}\x03"
        for size in range(_SHORTEST, _LONGEST + 1):
            for start in range(len(whole) - size + 1):
                found[crc32(f"\x01{whole[start : start + size]}".encode()) & mask] = None
        if len(found) >= most:
            break
    return list(found)[:most]


def padded(text: str, buckets: int, most: int) -> list[float]:
    """Return the buckets of a text's terms as `most` numbers, which float32 holds exactly."""
    found = term_buckets(text, buckets, most)
    return [*map(float, found), *[PADDING] * (most - len(found))]
