"""What a recipe gets and what it gives back, in plain values: no database, no process."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from datapunk.errors import TrainingFailed

if TYPE_CHECKING:
    from datapunk_forge.incumbent import Incumbent

Floats = NDArray[np.float64]
Embed = Callable[[Sequence[str], str], NDArray[np.float32]]
# The share of texts that are said to be what a lexicon says; where it named the labels there is no accuracy.
AGREEMENT = "lexicon_agreement"


class Progress(Protocol):
    """Told how far a training is: 0 to 1, what it does, and its figures of the moment."""

    def __call__(self, share: float, stage: str, **figures: float) -> None:
        """Take the news."""
        ...


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column in memory. `kind` says what `values` is.

    text: a list of str or None. number, time: float64 (rows,), NaN where missing, times in seconds since 1970.
    vector: float32 (rows, n), a row of NaN where missing.
    `given` is a text's values as they came, and will come again, where `values` has some of them masked.
    """

    name: str
    type: str
    kind: str
    values: Any
    given: list[str | None] | None = None

    def take(self, rows: NDArray[np.int64]) -> "Column":
        """Return some rows of it."""
        values = [self.values[row] for row in rows.tolist()] if isinstance(self.values, list) else self.values[rows]
        given = None if self.given is None else [self.given[row] for row in rows.tolist()]
        return replace(self, values=values, given=given)

    def as_given(self) -> "Column":
        """Return it without a mask."""
        return self if self.given is None else replace(self, values=self.given, given=None)

    def is_masked(self, row: int) -> bool:
        """Tell whether something is hidden in a value."""
        return self.given is not None and self.given[row] != self.values[row]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Rows that a dataset read: of a table or function, an owner, a kind and a source, None for any.

    `since` and `until` are ISO instants. `basis` is `items` where these very rows were read, `plan` where the query
    could have read them.
    """

    relation: str
    owner: str | None = None
    kind: str | None = None
    source: str | None = None
    rows: int | None = None
    since: str | None = None
    until: str | None = None
    basis: str = "plan"


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A dataset as it was read: its columns, the fingerprint over schema, row count and content, and its origins."""

    columns: tuple[Column, ...]
    row_count: int
    fingerprint: str
    read_at: str
    origins: tuple[Origin, ...] = ()

    def column(self, name: str) -> Column | None:
        """Return a column by name, None when there is none."""
        return next((c for c in self.columns if c.name == name), None)

    def take(self, rows: NDArray[np.int64]) -> "Dataset":
        """Return some of its rows."""
        return replace(self, columns=tuple(c.take(rows) for c in self.columns), row_count=len(rows))

    def as_given(self) -> "Dataset":
        """Return it without masks: as rows come to be predicted."""
        return replace(self, columns=tuple(c.as_given() for c in self.columns))


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A figure on held-out data; `scored` is `model` or the name of a baseline.

    Ends of an interval that are no numbers are None. Raises TrainingFailed where the value is none.
    """

    name: str
    value: float
    lower: float | None = None
    upper: float | None = None
    scored: str = "model"

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise TrainingFailed(
                f"the metric {self.name} ({self.scored}) is {self.value}",
                hint="Look for values out of all proportion in the dataset, or hold out more rows.",
            )
        for end in ("lower", "upper"):
            if (bound := getattr(self, end)) is not None and not math.isfinite(bound):
                object.__setattr__(self, end, None)


@dataclass(frozen=True, kw_only=True)
class Slice:
    """A figure on a part of the held-out rows: its `value` there; or difference or ratio between all parts."""

    metric: str
    value: float
    lower: float | None
    upper: float | None
    rows: int
    slice: str = ""
    measure: str = "value"
    attribute: str = ""
    sensitive: bool = False


@dataclass(frozen=True, kw_only=True)
class RecommenderRows:
    """A recommender in plain arrays. Items are numbered from 0, the most common first.

    `neighbours` and `weights` have shape (items, n); a neighbour of -1 is none. `subjects` maps each subject to the
    items that it had and how much each counts.
    """

    items: tuple[str, ...]
    popularity: Floats
    neighbours: NDArray[np.int32]
    weights: NDArray[np.float32]
    subjects: Mapping[str, tuple[NDArray[np.int32], NDArray[np.float32]]]


@dataclass(frozen=True, kw_only=True)
class ForecastRows:
    """Forecasts: `at` (seconds since 1970) and `value` are (series, steps), the ends (series, steps, levels)."""

    series: tuple[str, ...]
    at: Floats
    value: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True, kw_only=True)
class SideBySide:
    """What two versions make of the same things, which the candidate has not learned from.

    `unit` names the things: subjects, series, steps, texts, events or rows. Without `score` a figure of each, (n,),
    higher is better; else (n, k) of what `score` makes the metric of any of them.
    """

    ours: Floats
    theirs: Floats
    unit: str
    score: Callable[[Floats], float] | None = None


# Asks the version that answers now; None where the two have nothing in common to be measured by.
Rival = Callable[["Incumbent", Embed], SideBySide | None]


@dataclass(frozen=True, kw_only=True)
class GraphParts:
    """Graphs that answer for the rows of one group each, told by a code in a column of the matrix.

    All of them take the same matrix; `other` answers for the rest.
    """

    column: int
    codes: tuple[float, ...]
    graphs: tuple[bytes, ...]
    other: bytes


@dataclass(frozen=True, kw_only=True)
class HeldOut:
    """Rows of the dataset that the measured model did not see, and what it said there.

    `truth` is (rows,): the number of the label, or the value. `predicted` is (rows, labels), probabilities, or
    (rows, 1).
    """

    rows: NDArray[np.int64]
    truth: Floats
    predicted: Floats


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What a training learned; becomes a version.

    `held_out` is kept by recipes that predict a target of rows, `against` by those that have a measure of their own;
    `said` by recipes without a target: what it answers for rows held out, labels, or scores (rows,).
    """

    metrics: tuple[Metric, ...]
    primary_metric: str
    parameters: Mapping[str, object]
    signature: Mapping[str, object]
    artifacts: Mapping[str, bytes] = field(default_factory=dict)
    recommender: RecommenderRows | None = None
    forecasts: ForecastRows | None = None
    held_out: HeldOut | None = None
    said: Sequence[str] | Floats | None = None
    against: Rival | None = None
    slices: tuple[Slice, ...] = ()
    parts: GraphParts | None = None
    libraries: Mapping[str, str] = field(default_factory=dict)
