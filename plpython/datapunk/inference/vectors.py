"""Vectors as they cross the wire: float32, little-endian, packed; and as pgvector reads them: text."""

import sys
from array import array


def vector_literal(raw: bytes) -> str:
    """Return pgvector's text form of packed float32 values; nine digits bring back the same float32."""
    values = array("f")
    values.frombytes(raw)
    if sys.byteorder == "big":
        values.byteswap()
    return "[" + ",".join(["%.9g"] * len(values)) % tuple(values) + "]"
