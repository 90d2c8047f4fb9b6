"""Splitting long texts into chunks that a small embedding model can hold: it reads about 256 tokens and no more."""

import re
from collections.abc import Iterator

WORDS = 200
# Scripts without spaces give "words" of any length; this many characters end a chunk too.
CHARACTERS = 1600

_PARAGRAPH = re.compile(r"\n\s*\n")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|\n+")


def split_text(head: str | None, body: str | None) -> list[str]:
    """Split `body` into chunks of at most about `WORDS` words that end with paragraphs or sentences.

    Each chunk starts with `head` (title, sender) on a line of its own, so that it is found by it as well. Returns an
    empty list for a text without anything but white space.
    """
    prefix = (head or "").replace("\x00", "").strip()
    chunks: list[str] = []
    current: list[str] = []
    words = characters = 0
    for piece in _pieces((body or "").replace("\x00", "")):
        size = piece.count(" ") + 1
        if current and (words + size > WORDS or characters + len(piece) > CHARACTERS):
            chunks.append(" ".join(current))
            current, words, characters = [], 0, 0
        current.append(piece)
        words += size
        characters += len(piece) + 1
    if current:
        chunks.append(" ".join(current))
    if not chunks:
        return [prefix] if prefix else []
    return [f"{prefix}\n{chunk}" if prefix else chunk for chunk in chunks]


def _pieces(body: str) -> Iterator[str]:
    """Yield sentences, and what is longer than a chunk in parts of one."""
    for paragraph in _PARAGRAPH.split(body):
        for sentence in _SENTENCE.split(paragraph):
            words = sentence.split()
            if len(words) <= WORDS and len(sentence) <= CHARACTERS:
                if words:
                    yield " ".join(words)
                continue
            yield from _long(words)


def _long(words: list[str]) -> Iterator[str]:
    for start in range(0, len(words), WORDS):
        part = " ".join(words[start : start + WORDS])
        for offset in range(0, len(part), CHARACTERS):
            yield part[offset : offset + CHARACTERS]
