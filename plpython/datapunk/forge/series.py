"""A version whose answers depend on the rows before: the series is read in order, after what the version learned last.

The version keeps the newest rows that it learned from. What is asked of comes after those of them that are earlier.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from datapunk.errors import InvalidArgument
from datapunk.forge.features import Feature, encode_value, seconds_of
from datapunk.forge.predict import Served
from datapunk.forge.rolling import VIEWS, Judged, Point, Rolling

ROLLING = "rolling"
WINDOW_FILE = "window.json"
BEFORE = "before"
BATCH_ROWS = 5000
Contribution = tuple[str, str | None, float]
ScoredRows = tuple[list[str | None], str]


def is_series(served: Served) -> bool:
    """Tell whether a version judges a row by those before it."""
    return ROLLING in served.signature


@dataclass(frozen=True, kw_only=True)
class SeriesModel:
    """A version with the newest rows that it learned from, in the order of time."""

    served: Served
    learned: Sequence[Point]

    @classmethod
    def of(cls, served: Served, window: bytes) -> "SeriesModel":
        """Build from the version and its file `window.json`."""
        return cls(served=served, learned=[(float(at), float(value)) for at, value in json.loads(window)])

    @property
    def time(self) -> Feature:
        """The feature that says when."""
        return next(f for f in self.served.features if f.kind == "time")

    @property
    def number(self) -> Feature:
        """The feature that is judged."""
        return next(f for f in self.served.features if f.kind == "number")

    def predicted(self, given: object) -> dict[str, Any]:
        """Return score, whether it is an anomaly, and what was expected. Raises InvalidArgument."""
        judged = self.judged(given)
        threshold = float(self.served.signature["threshold"])
        return {
            "score": judged.score, "is_anomaly": judged.score >= threshold, "expected": judged.expected,
            "version": self.served.version,
        }  # fmt: skip

    def judged(self, given: object) -> Judged:
        """Judge one row after those of `before` and what was learned before these. Raises InvalidArgument."""
        before: object = []
        if isinstance(given, Mapping) and BEFORE not in {f.name for f in self.served.features}:
            before = given.get(BEFORE) or []
            given = {name: value for name, value in given.items() if name != BEFORE}
        if not isinstance(before, list):
            raise InvalidArgument(f"{BEFORE!r} is no array of rows", hint=f"Give {self._form}.")
        at, value = self._point(given)
        rows = sorted(self._point(row) for row in before)
        rows = [row for row in rows if row[0] < at]
        return self._after(rows[0][0] if rows else at, rows).weighed(at, value)

    def explained(self, given: object) -> Iterator[Contribution]:
        """Yield what each view adds to the score, the most first; they sum to it. Raises InvalidArgument."""
        judged = self.judged(given)
        yield "(base)", None, 0.0
        said = (
            f"{_short(judged.expected + judged.seen[0])}, expected {_short(judged.expected)}",
            f"{_short(judged.seen[1])} off what was expected", _short(judged.seen[2]),
        )  # fmt: skip
        parts = zip(VIEWS, said, judged.contributions(), strict=True)
        name = self.number.name
        rows = [(name if view == VIEWS[0] else f"{name}, {view}", shown, part) for view, shown, part in parts]
        yield from sorted(rows, key=lambda row: -row[2])

    def scored(self, rows: Iterator[Sequence[Mapping[str, Any]]]) -> Iterator[ScoredRows]:
        """Yield keys and an array of scores as text; `rows` gives key, at and value in batches, in the order of time.

        A row without a time or value has no score.
        """
        detector: Rolling | None = None
        for fetched in rows:
            scores = []
            for row in fetched:
                at, value = row["at"], row["value"]
                if at is None or value is None or not (math.isfinite(at) and math.isfinite(value)):
                    scores.append("NULL")
                    continue
                if detector is None:
                    detector = self._after(at, ())
                scores.append(repr(detector.judge(at, value).score))
            yield [row["key"] for row in fetched], "{" + ",".join(scores) + "}"

    @cached_property
    def _newest(self) -> Rolling:
        """The detector after everything that was learned."""
        return self._through(self.learned)

    def _after(self, at: float, rows: Sequence[Point]) -> Rolling:
        """Return the detector after what was learned before an instant, and then some rows."""
        if not rows and self.learned and self.learned[-1][0] < at:
            return self._newest
        return self._through([*(row for row in self.learned if row[0] < at), *rows])

    def _through(self, rows: Sequence[Point]) -> Rolling:
        detector = Rolling.of(self.served.signature[ROLLING])
        for at, value in rows:
            detector.judge(at, value)
        return detector

    def _point(self, given: object) -> Point:
        names = (self.time.name, self.number.name)
        if not isinstance(given, Mapping) or set(given) != set(names) or None in given.values():
            raise InvalidArgument("the row is no time with a number", hint=f"Give {self._form}.")
        at = seconds_of(self.time, given[names[0]])
        if not math.isfinite(at):
            raise InvalidArgument(f"feature {names[0]!r} is no finite time", hint=f"Give {self._form}.")
        (value,) = encode_value(self.number, given[names[1]], _no_texts)[:1]
        if not math.isfinite(value):
            raise InvalidArgument(f"feature {names[1]!r} is no finite number", hint=f"Give {self._form}.")
        return at, value

    @property
    def _form(self) -> str:
        time, number = self.time.name, self.number.name
        return f'{{"{time}": ..., "{number}": ...}}, and newer rows before it than those learned as an array {BEFORE!r}'


def _no_texts(texts: Sequence[str], _model: str) -> list[list[float]]:
    raise AssertionError(texts)


def _short(number: float) -> str:
    return f"{number:.6g}"
