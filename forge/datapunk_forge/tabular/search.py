"""Which family with which parameters: compared by cross-validation, searched by Optuna (Akiba et al. 2019)."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datapunk.errors import TrainingFailed
from datapunk_forge.spreading import Spread
from datapunk_forge.tabular.families import DEFAULTS, FAMILIES, suggested
from datapunk_forge.trained import Progress

Numbers = NDArray[np.int64]
Score = Callable[[str, Mapping[str, Any], Numbers, Numbers], float]


@dataclass(frozen=True, kw_only=True)
class Found:
    """The best family and parameters; the cross-validated score of what was tried, with its standard error."""

    family: str
    parameters: Mapping[str, Any]
    tried: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


def search(
    options: Mapping[str, object], folds: Sequence[tuple[Numbers, Numbers]], score: Score, seed: int, deadline_s: float,
    progress: Progress, where: Spread,
) -> Found:  # fmt: skip
    """Return the best of the families' defaults, or of `trials` draws; `score` (higher is better) judges a fold.

    With one family and no trials there is nothing to compare. A search ends after `deadline_s` seconds with what it
    has; what it would have found otherwise depends on the machine then, and `tried` shows how far it came.
    """
    families = FAMILIES if options["family"] == "auto" else (str(options["family"]),)
    trials = int(str(options["trials"]))
    if trials == 0 and len(families) == 1:
        return Found(family=families[0], parameters=DEFAULTS[families[0]])
    if trials == 0:
        return _best_default(families, folds, score, progress, where)
    at_once = int(str(options.get("trials_at_once", 1)))
    if at_once > 1:
        return _best_of_batches(families, trials, at_once, folds, score, seed, deadline_s, progress, where)
    return _best_trial(families, trials, folds, score, seed, deadline_s, progress)


def _best_default(
    families: Sequence[str], folds: Sequence[tuple[Numbers, Numbers]], score: Score, progress: Progress, where: Spread
) -> Found:
    jobs = [(family, DEFAULTS[family], learn, check) for family in families for learn, check in folds]

    scores: dict[str, list[float]] = {family: [] for family in families}

    def told(done: int, place: int, value: float) -> None:
        scores[jobs[place][0]].append(value)
        means = {family: float(np.mean(found)) for family, found in scores.items() if len(found) == len(folds)}
        best = {"score": max(means.values())} if means else {}
        stage = f"comparing: {done} of {len(jobs)} folds of {', '.join(families)}"
        progress(0.15 + 0.45 * done / len(jobs), stage, **means, **best)

    values = where.run(score, jobs, told)
    tried = [
        _entry(family, DEFAULTS[family], values[number * len(folds) : (number + 1) * len(folds)])
        for number, family in enumerate(families)
    ]
    best = max(range(len(tried)), key=lambda i: tried[i]["score"])
    return Found(family=families[best], parameters=DEFAULTS[families[best]], tried=tried)


def _best_of_batches(
    families: Sequence[str], trials: int, at_once: int, folds: Sequence[tuple[Numbers, Numbers]], score: Score,
    seed: int, deadline_s: float, progress: Progress, where: Spread,
) -> Found:  # fmt: skip
    """Draw several trials at a time, from what is known before them: the same ones wherever they run."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    started = time.monotonic()
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    for family in families:
        study.enqueue_trial(_as_suggested(family, len(families) > 1))
    tried: list[dict[str, Any]] = []
    while len(tried) < trials and (not tried or time.monotonic() - started < deadline_s):
        drawn = []
        for _ in range(min(at_once, trials - len(tried))):
            trial = study.ask()
            family = trial.suggest_categorical("family", list(families)) if len(families) > 1 else families[0]
            drawn.append((trial, family, suggested(trial, family)))
        jobs = [(family, parameters, learn, check) for _, family, parameters in drawn for learn, check in folds]
        values = where.run(score, jobs)
        for number, (trial, family, parameters) in enumerate(drawn):
            tried.append(_entry(family, parameters, values[number * len(folds) : (number + 1) * len(folds)]))
            study.tell(trial, tried[-1]["score"])
        best = max(tried, key=lambda t: float(t["score"]))
        progress(
            0.15 + 0.45 * len(tried) / trials, f"searching: trial {len(tried)} of {trials}", score=best["score"]
        )  # fmt: skip
    best = max(tried, key=lambda t: float(t["score"]))
    return Found(family=best["family"], parameters=best["parameters"], tried=tried)


def _best_trial(
    families: Sequence[str], trials: int, folds: Sequence[tuple[Numbers, Numbers]], score: Score, seed: int,
    deadline_s: float, progress: Progress,
) -> Found:  # fmt: skip
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    tried: list[dict[str, Any]] = []
    started = time.monotonic()

    def objective(trial: Any) -> float:
        family = trial.suggest_categorical("family", list(families)) if len(families) > 1 else families[0]
        parameters = suggested(trial, family)
        values: list[float] = []
        for step, (learn, check) in enumerate(folds):
            values.append(score(family, parameters, learn, check))
            trial.report(float(np.mean(values)), step)
            if trial.should_prune():
                tried.append({**_entry(family, parameters, values), "pruned": True})
                raise optuna.TrialPruned
        tried.append(_entry(family, parameters, values))
        best = max(t["score"] for t in tried if not t.get("pruned"))
        progress(0.15 + 0.45 * len(tried) / trials, f"searching: trial {len(tried)} of {trials}", score=best)
        return float(np.mean(values))

    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=1),
    )
    # What is known to be good is tried first.
    for family in families:
        study.enqueue_trial(_as_suggested(family, len(families) > 1))
    study.optimize(objective, n_trials=trials, timeout=max(deadline_s - (time.monotonic() - started), 1.0))
    done = [t for t in tried if not t.get("pruned")]
    if not done:
        raise TrainingFailed("no trial ended", hint="Raise the option timeout, or lower trials.")
    best = max(done, key=lambda t: float(t["score"]))
    return Found(family=best["family"], parameters=best["parameters"], tried=tried)


def _as_suggested(family: str, chosen: bool) -> dict[str, Any]:
    """Return a family's defaults under the names that `suggested` asks for."""

    class Recorder:
        """Answers with the defaults, in the order in which they are asked for."""

        def __init__(self) -> None:
            self.asked: dict[str, Any] = {"family": family} if chosen else {}
            self._defaults = iter(DEFAULTS[family].values())

        def _answer(self, name: str, *_bounds: object, **_more: object) -> Any:
            self.asked[name] = next(self._defaults)
            return self.asked[name]

        suggest_float = suggest_int = _answer

    recorder = Recorder()
    suggested(recorder, family)
    return recorder.asked


def _entry(family: str, parameters: Mapping[str, Any], values: Sequence[float]) -> dict[str, Any]:
    error = float(np.std(values, ddof=1) / math.sqrt(len(values))) if len(values) > 1 else None
    return {
        "family": family, "parameters": dict(parameters), "score": float(np.mean(values)), "standard_error": error,
        "folds": len(values),
    }  # fmt: skip
