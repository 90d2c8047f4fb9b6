"""What some models want before a text, as E5's "query: " and "passage: ": they were trained with it.

A model's configuration may hold `prompts`: {"query": ..., "document": ...}, names as in sentence-transformers. A text
that is neither looked for nor looked through (an example, a feature of a row) is embedded without.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

Purpose = Literal["query", "document"]


def prompted(texts: Sequence[str], config: Mapping[str, Any], purpose: Purpose | None) -> Sequence[str]:
    """Return the texts as the model wants them for this purpose."""
    prompt = (config.get("prompts") or {}).get(purpose, "") if purpose else ""
    return [prompt + text for text in texts] if prompt else texts
