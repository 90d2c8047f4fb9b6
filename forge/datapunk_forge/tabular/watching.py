"""What a model's loss is while it is fitted."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

_EVERY_S = 0.5


def loss_figures(estimator: Any) -> dict[str, float]:
    """Return iterations and the latest losses, of what is learned and of what early stopping watches, where there are.

    The estimators of scikit-learn keep them as scores, which are negative losses, also while they are fitted.
    """
    figures = {}
    for name, attribute in (("loss", "train_score_"), ("validation_loss", "validation_score_")):
        scores = getattr(estimator, attribute, None)
        if scores is not None and len(scores):
            figures[name] = round(-float(scores[-1]), 6)
            # The first one is that of the baseline.
            figures["iterations"] = len(scores) - 1
    return figures


@contextmanager
def watched(estimator: Any, tell: Callable[[Mapping[str, float]], None], every_s: float = _EVERY_S) -> Iterator[None]:
    """Tell the figures of an estimator now and then while the block fits it, and once at its end."""
    over = threading.Event()
    told: dict[str, float] = {}

    def news() -> None:
        nonlocal told
        if (figures := loss_figures(estimator)) and figures != told:
            told = figures
            tell(figures)

    def watch() -> None:
        while not over.wait(every_s):
            news()

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()
    news()
