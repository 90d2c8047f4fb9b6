"""Rows to score as packed bytes, and their scores as texts that PostgreSQL reads as arrays."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from datapunk.errors import InvalidArgument

ScoreResult = Literal["label", "nearest", "value"]
# Columns that a key takes: the upper 22 bits of a whole number, 21 in the middle, the last 21.
KEY_WIDTH = 3
_LAYOUT = re.compile(r"(?:v4|f4):[1-9]\d{0,5}(?:,(?:v4|f4):[1-9]\d{0,5})*")


@dataclass(frozen=True, kw_only=True)
class ScoreForm:
    """How rows are packed and what is wanted of them.

    `layout` names the parts of a row in order, as in "v4:9,f4:384": big-endian float32 as pgvector's vector_send gives
    them, after four bytes of head, the largest float32 where a number is missing; and little-endian float32 as
    embeddings are. Of the graph's output `output`, shape (rows, labels), the largest entry of
    a row is taken (`label`, its probability), the smallest (`nearest`, a distance as value), or the only one (`value`).
    The last columns are a key where they are `keyed`, which is no column of the graph.
    """

    layout: str
    output: str
    result: ScoreResult
    keyed: bool = False

    def __post_init__(self) -> None:
        if not _LAYOUT.fullmatch(self.layout) or self.result not in get_args(ScoreResult):
            raise InvalidArgument(
                "packed rows of an unknown form", hint='layout: as in "v4:9,f4:384"; result: label, nearest or value.'
            )

    @property
    def parts(self) -> list[tuple[str, int]]:
        """Type and number of numbers of each part."""
        return [(kind, int(count)) for kind, _, count in (part.partition(":") for part in self.layout.split(","))]

    def target(self, identity: str) -> str:
        """Return the host's address for rows of this form."""
        keyed = "&keyed=1" if self.keyed else ""
        return f"/score/{identity}?layout={self.layout}&output={self.output}&result={self.result}{keyed}"

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "ScoreForm":
        """Read the query of such an address. Raises InvalidArgument."""
        return cls(
            layout=query.get("layout", ""),
            output=query.get("output", ""),
            result=query.get("result", ""),  # type: ignore[arg-type]
            keyed=query.get("keyed") == "1",
        )


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Four SQL arrays as texts, one entry a row, `{}` where the model gives no such thing; labels count from 1."""

    keys: str = "{}"
    values: str = "{}"
    labels: str = "{}"
    probabilities: str = "{}"

    def to_bytes(self) -> bytes:
        """Return them as lines."""
        return "\n".join((self.keys, self.values, self.labels, self.probabilities)).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Scores":
        """Read what `to_bytes` wrote."""
        keys, values, labels, probabilities = content.decode().split("\n")
        return cls(keys=keys, values=values, labels=labels, probabilities=probabilities)
