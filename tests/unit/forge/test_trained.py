import numpy as np
import pytest

from datapunk.errors import TrainingFailed
from datapunk_forge.codec import encode
from datapunk_forge.evaluation import mean_metric
from datapunk_forge.trained import Metric, Trained


def test_an_end_that_is_no_number_is_none() -> None:
    metric = Metric(name="spearman", value=0.5, lower=float("nan"), upper=float("inf"))
    assert (metric.lower, metric.upper) == (None, None)


def test_a_figure_that_is_no_number_ends_the_training() -> None:
    with pytest.raises(TrainingFailed, match=r"the metric mase \(naive\) is nan"):
        mean_metric("mase", np.array([1.0, np.nan]), 0, scored="naive")


def test_what_was_learned_is_json() -> None:
    with pytest.raises(TrainingFailed, match="among: parameters"):
        encode(Trained(metrics=(), primary_metric="", parameters={"tried": {"1": float("inf")}}, signature={}))
