"""The engine: runs the steps of a checked plan, level by level. Pure: the caller brings what runs a step, and the
clock.

A step that fails, or lacks what it needs, leaves the steps that hang on it out; the others go on.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from datapunk.errors import InvalidArgument
from datapunk.gaia.plan.model import EACH, INPUT, Plan, Repeat, Step
from datapunk.gaia.plan.reading import fits
from datapunk.gaia.plan.values import Nothing, holds, resolved

#: Why steps are left out.
UNMET = "its condition does not hold"
_OVER = "its budget of time is spent"

Output = dict[str, Any]
Status = Literal["done", "failed", "skipped"]
#: Milliseconds from some fixed moment.
Clock = Callable[[], float]
#: Runs what needs nothing of each other, as the builtin map does in order, or a pool of threads at once.
Mapper = Callable[
    [Callable[[tuple[str, ...]], dict[str, "Result"]], Iterable[tuple[str, ...]]], Iterable[dict[str, "Result"]]
]


class StepFailed(Exception):
    """A step that gives no output. `is_transient` says that another try may."""

    def __init__(self, message: str, *, sqlstate: str, is_transient: bool = False) -> None:
        super().__init__(message)
        self.message, self.sqlstate, self.is_transient = message, sqlstate, is_transient


class RunStep(Protocol):
    """Calls the subroutine of a step."""

    def __call__(self, step: Step, given: dict[str, Any]) -> Output:
        """Return the output for the input `given`. Raises StepFailed."""
        ...


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a step ended. `given` is its last input; `tries` counts calls that failed too; times are milliseconds."""

    step: str
    status: Status
    reason: str = ""
    sqlstate: str | None = None
    output: Output = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    tries: int = 0
    rounds: int = 1
    started_ms: float = 0
    duration_ms: float = 0


@dataclass(frozen=True, kw_only=True)
class Execution:
    """The results of all steps in the order of their execution, and the plan's output."""

    results: Mapping[str, Result]
    output: dict[str, Any]


def execute(
    plan: Plan, inputs: Mapping[str, Any], run_step: RunStep, clock: Clock, in_parallel: Mapper = map
) -> Execution:
    """Run a plan. Raises InvalidArgument for an input that is missing, unknown or of a wrong type."""
    engine = _Engine(plan, checked_inputs(plan, inputs), run_step, clock)
    results: dict[str, Result] = {}
    for level in plan.levels:
        before = dict(results)
        for found in in_parallel(lambda group, before=before: engine.run(group, before), level):  # type: ignore[misc]
            results |= found
    scope = engine.scope(results)
    output = {name: _or_none(value, scope) for name, value in plan.output.items()}
    return Execution(results=results, output=output)


def checked_inputs(plan: Plan, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of a plan with their defaults. Raises InvalidArgument."""
    allowed = ", ".join(_described(plan, name) for name in plan.inputs) or "none"
    if unknown := sorted(set(inputs) - set(plan.inputs)):
        raise InvalidArgument(f"unknown input: {', '.join(unknown)}", hint=f"Inputs of the plan: {allowed}.")
    given = {**plan.defaults, **inputs}
    for name, of in plan.inputs.items():
        if name not in given:
            raise InvalidArgument(
                f"the input {name!r} ({of}) is missing", hint=f"Give it a value. Inputs of the plan: {allowed}."
            )
        if not fits(given[name], of):
            raise InvalidArgument(
                f"the input {name!r} is {given[name]!r}, which is no {of}", hint=f"Inputs of the plan: {allowed}."
            )
    return given


def missing_inputs(plan: Plan, inputs: Mapping[str, Any]) -> list[str]:
    """The inputs that have neither a value nor a default."""
    return [name for name in plan.inputs if name not in {**plan.defaults, **inputs}]


def _described(plan: Plan, name: str) -> str:
    default = f" else {plan.defaults[name]!r}" if name in plan.defaults else ""
    return f"{name} ({plan.inputs[name]}){default}"


def _or_none(value: Any, scope: Mapping[str, Any]) -> Any:
    try:
        return resolved(value, scope)
    except Nothing:
        return None


class _Engine:
    """One execution; holds nothing that changes."""

    def __init__(self, plan: Plan, inputs: dict[str, Any], run_step: RunStep, clock: Clock) -> None:
        self._plan, self._inputs, self._run_step, self._clock = plan, inputs, run_step, clock
        self._began = clock()

    def scope(self, results: Mapping[str, Result]) -> dict[str, Any]:
        """What references see: the inputs, and of each step what it gave."""
        return {INPUT: self._inputs, **{name: {**r.output, "status": r.status} for name, r in results.items()}}

    def run(self, group: tuple[str, ...], before: Mapping[str, Result]) -> dict[str, Result]:
        """Run a step, or the steps of a cycle until its condition holds."""
        repeat = next((step.repeat for name in group if (step := self._plan.steps[name]).repeat), None)
        if repeat is None:
            (name,) = group
            return {name: self._once(self._plan.steps[name], before)}
        return self._cycle(group, repeat, before)

    def _cycle(self, group: tuple[str, ...], repeat: Repeat, before: Mapping[str, Result]) -> dict[str, Result]:
        seen = dict(before)
        began = self._clock()
        for round_ in range(1, repeat.rounds + 1):
            for name in group:
                result = self._once(self._plan.steps[name], seen)
                # What is left out in a later round stands as the round before left it.
                if result.status != "skipped" or name not in seen:
                    seen[name] = replace(result, rounds=round_, output={**result.output, "rounds": round_})
            is_broken = any(seen[name].status == "failed" for name in group)
            limits = [ms for name in group if (ms := self._plan.steps[name].budget.ms)]
            is_spent = bool(limits) and self._clock() - began >= min(limits)
            if is_broken or is_spent or holds(repeat.until, self.scope(seen)):
                break
        return {name: seen[name] for name in group}

    def _once(self, step: Step, seen: Mapping[str, Result]) -> Result:
        started = self._clock()
        result = self._tried(step, seen, started)
        now = self._clock()
        return replace(result, started_ms=round(started - self._began, 3), duration_ms=round(now - started, 3))

    def _tried(self, step: Step, seen: Mapping[str, Result], started: float) -> Result:  # noqa: PLR0911 - one line a reason
        if self._plan.budget.ms is not None and started - self._began >= self._plan.budget.ms:
            return Result(step=step.id, status="skipped", reason=_OVER)
        for name in step.after:
            if name in seen and seen[name].status == "failed":
                return Result(step=step.id, status="skipped", reason=f"{name} failed")
        scope = self.scope(seen)
        if step.when is not None and not holds(step.when, scope):
            return Result(step=step.id, status="skipped", reason=UNMET)
        try:
            if step.foreach is None:
                return self._called(step, resolved(step.input, scope), started)
            values = resolved(step.foreach.values, scope)
        except Nothing as exc:
            return Result(step=step.id, status="skipped", reason=_why(exc, seen))
        if not isinstance(values, list):
            return Result(step=step.id, status="failed", reason="foreach is over no array", sqlstate="22023")
        return self._each(step, values[: step.foreach.most], scope, started)

    def _each(self, step: Step, values: list[Any], scope: Mapping[str, Any], started: float) -> Result:
        entries: list[dict[str, Any]] = []
        tries = 0
        failed: Result | None = None
        for value in values:
            try:
                given = resolved(step.input, {**scope, EACH: value})
            except Nothing as exc:
                entries.append({"value": value, "status": "skipped", "reason": f"there is no {exc}"})
                continue
            found = self._called(step, given, started)
            tries += found.tries
            failed = failed or (found if found.status == "failed" else None)
            told = {"reason": found.reason} if found.reason else {}
            entries.append({**found.output, "value": value, "given": given, "status": found.status, **told})
        done = [entry for entry in entries if entry["status"] == "done"]
        if failed and not done:
            return replace(failed, tries=tries)
        output = merged(done) | {"each": entries}
        return Result(step=step.id, status="done", output=output, given={"each": values}, tries=tries)

    def _called(self, step: Step, given: dict[str, Any], started: float) -> Result:
        for tried in range(1, step.retries + 2):
            if step.budget.ms is not None and self._clock() - started >= step.budget.ms:
                return Result(
                    step=step.id, status="failed", reason=_OVER, given=given, tries=tried - 1, sqlstate="57014"
                )
            try:
                output = self._run_step(step, given)
            except StepFailed as exc:
                if exc.is_transient and tried <= step.retries:
                    continue
                return Result(
                    step=step.id, status="failed", reason=exc.message, sqlstate=exc.sqlstate, given=given, tries=tried
                )
            return Result(step=step.id, status="done", output=output, given=given, tries=tried)
        raise AssertionError("the last try returns")


def _why(nothing: Nothing, seen: Mapping[str, Result]) -> str:
    for source in nothing.reference.sources:
        if source in seen and seen[source].status != "done":
            return f"{source} {'failed' if seen[source].status == 'failed' else 'was skipped'}"
    return f"there is no {nothing}"


def merged(outputs: list[Output]) -> Output:
    """What the elements of foreach gave, as one: names and citations joined, stretches from the first to the last."""
    joined: Output = {"found": any(output.get("found") for output in outputs), "citations": []}
    for name in ("people", "places", "channels", "sites", "citations"):
        joined[name] = list(dict.fromkeys(entry for output in outputs for entry in output.get(name) or ()))
    for one, many in (("person", "people"), ("place", "places"), ("channel", "channels"), ("site", "sites")):
        joined[one] = joined[many][:1]
    sinces = [output["since"] for output in outputs if output.get("since")]
    untils = [output["until"] for output in outputs if output.get("until")]
    joined |= {"since": min(sinces, default=None), "until": max(untils, default=None)}
    joined["data"] = {"rows": [output.get("data") for output in outputs]}
    return joined
