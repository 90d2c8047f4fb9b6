"""Texts of the sample life: TOML files beside this module, and frames whose slots are filled from word lists."""

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from random import Random
from typing import Any

Slots = Mapping[str, Sequence[str]]

_SLOT = re.compile(r"\{(\w+)\}")


@cache
def texts(name: str) -> dict[str, Any]:
    """Content of texts/NAME.toml; shared, so callers leave it as it is."""
    return tomllib.loads(resources.files(__package__).joinpath("texts").joinpath(f"{name}.toml").read_text("utf-8"))


def stream(seed: int, part: str) -> Random:
    """Own random stream of one part, so that a change in one part leaves the others' output alone."""
    return Random(f"{seed}:{part}")


def fill(rng: Random, frame: str, *lists: Slots, **fixed: str) -> str:
    """Frame with each {slot} replaced: by `fixed`, else by a word of the first list that knows it.

    A slot that occurs twice gets the same word twice.
    """
    chosen = dict(fixed)

    def word(match: re.Match[str]) -> str:
        slot = match[1]
        if slot not in chosen:
            chosen[slot] = rng.choice(next(words[slot] for words in lists if slot in words))
        return chosen[slot]

    text = _SLOT.sub(word, frame)
    return text[0].upper() + text[1:] if frame.startswith("{") else text


def distinct(rng: Random, frames: Sequence[str], count: int, *lists: Slots) -> list[str]:
    """Up to `count` different texts, taking the frames in turn."""
    found: dict[str, None] = {}
    for attempt in range(count * 8):
        if len(found) == count:
            break
        found[fill(rng, frames[attempt % len(frames)], *lists)] = None
    return list(found)


def zipf(count: int, power: float = 0.9) -> list[float]:
    """Weights of ranks 1..count, falling as rank to the `power`."""
    return [1 / (rank + 1) ** power for rank in range(count)]


def slug(text: str) -> str:
    """Text as the last part of an address: lower case, words joined by hyphens."""
    return re.sub(r"[^\w]+", "-", text.lower()).strip("-")


def token(text: str, length: int) -> str:
    """Stable identifier of a text in the alphabet of video and channel identifiers."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return "".join(alphabet[byte & 63] for byte in hashlib.sha256(text.encode()).digest()[:length])
