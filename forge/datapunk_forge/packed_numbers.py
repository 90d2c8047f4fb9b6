"""Several columns of numbers of a query in one value a row: what PostgreSQL sends of an array of them.

A row of twenty numbers is then one object here instead of twenty, and the server sends no more than it did.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg import sql

# What a float8 holds as this process would make of it: a numeric may be too large, a float4 is another decimal.
_PACKED = {"int2": "{}::float8", "int4": "{}::float8", "int8": "{}::float8", "float8": "{}", "bool": "{}::int4::float8"}
# An array's dimensions, flag, type, length and lower bound; each number comes with its length.
_HEAD, _NUMBER = 20, 12


@dataclass(frozen=True, kw_only=True)
class Packing:
    """Which columns of a query come together, as the first value of a row; the others follow, in their order."""

    together: tuple[int, ...]
    alone: tuple[int, ...]

    @classmethod
    def of(cls, types: Sequence[str]) -> "Packing | None":
        """Return how columns of these types are packed; None where it would save nothing."""
        together = tuple(n for n, name in enumerate(types) if name in _PACKED)
        if len(together) < 2:
            return None
        return cls(together=together, alone=tuple(n for n in range(len(types)) if n not in together))

    def expressions(self, types: Sequence[str], values: Sequence[sql.Composable]) -> list[sql.Composable]:
        """Return the expressions of a row, from those of its columns and their types."""
        # NULL and NaN are one and the same here: a number of eight bytes.
        numbers = [
            sql.SQL("coalesce({}, 'NaN'::float8)").format(sql.SQL(_PACKED[types[n]]).format(values[n]))
            for n in self.together
        ]
        packed = sql.SQL("array_send(array[{}])").format(sql.SQL(", ").join(numbers))
        return [packed, *(values[n] for n in self.alone)]

    def numbers(self, packed: Sequence[bytes]) -> NDArray[np.float64]:
        """Return the numbers of some rows, shape (columns that are packed, rows)."""
        count = len(self.together)
        row = _HEAD + _NUMBER * count
        found: NDArray[Any] = np.ndarray(
            (len(packed), count), dtype=">f8", buffer=b"".join(packed), offset=_HEAD + 4, strides=(row, _NUMBER)
        )
        return np.ascontiguousarray(found.T, dtype="<f8")
