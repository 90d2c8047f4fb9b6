"""The engine, without a server: order, conditions, failures, retries, budgets, foreach, cycles, several at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from datapunk.errors import InvalidArgument
from datapunk.gaia.plan.executor import Execution, StepFailed, execute
from datapunk.gaia.plan.model import Plan, Signature, Step
from datapunk.gaia.plan.reading import plan_of

Answer = Callable[[dict[str, Any]], dict[str, Any]]


class Steps:
    """Answers each step by a function of its input, and notes the calls; each call takes a millisecond."""

    def __init__(self, **answers: Answer) -> None:
        self.answers, self.calls, self.now = answers, list[tuple[str, dict[str, Any]]](), 0.0

    def __call__(self, step: Step, given: dict[str, Any]) -> dict[str, Any]:
        self.now += 1
        self.calls.append((step.id, given))
        return self.answers.get(step.id, lambda _: {"found": True})(given)

    def clock(self) -> float:
        return self.now


def plan(*steps: dict[str, Any], **more: Any) -> Plan:
    return plan_of({"steps": [{"subroutine": "any", **step} for step in steps], **more}, {"any": Signature()})


def run(made: Plan, steps: Steps, **inputs: Any) -> Execution:
    return execute(made, inputs, steps, steps.clock)


def fail(sqlstate: str = "22012", *, is_transient: bool = False) -> Answer:
    def answer(_: dict[str, Any]) -> dict[str, Any]:
        raise StepFailed("broken", sqlstate=sqlstate, is_transient=is_transient)

    return answer


def test_outputs_flow_into_inputs() -> None:
    steps = Steps(a=lambda _: {"found": True, "people": ["Ann", "Bo"]})
    run(plan({"id": "b", "input": {"person": {"from": "a.people"}}}, {"id": "a"}), steps)
    assert steps.calls == [("a", {}), ("b", {"person": ["Ann", "Bo"]})]


def test_a_path_reads_rows_by_place_and_all_at_once() -> None:
    steps = Steps(a=lambda _: {"found": True, "data": {"rows": [{"v": 1}, {"v": 2}]}})
    given = {"first": {"from": "a.data.rows.0.v"}, "all": {"from": "a.data.rows.*.v"}}
    run(plan({"id": "a"}, {"id": "b", "input": given}), steps)
    assert steps.calls[1] == ("b", {"first": 1, "all": [1, 2]})


def test_of_several_paths_the_first_that_finds_something_counts() -> None:
    steps = Steps(a=lambda _: {"found": False, "people": []}, b=lambda _: {"found": True, "people": ["Bo"]})
    made = plan({"id": "a"}, {"id": "b"}, {"id": "c", "input": {"p": {"from": ["a.people", "b.people"]}}})
    run(made, steps)
    assert steps.calls[-1] == ("c", {"p": ["Bo"]})


@pytest.mark.parametrize(("start", "shift", "moved"), [
    ("2024-01-31T00:00:00+00:00", {"months": 1}, "2024-02-29T00:00:00+00:00"),
    ("2024-02-29T00:00:00+00:00", {"years": -1}, "2023-02-28T00:00:00+00:00"),
    ("2024-03-01T00:00:00+00:00", {"weeks": -1, "days": 1}, "2024-02-24T00:00:00+00:00"),
])  # fmt: skip
def test_a_time_is_shifted_by_the_calendar(start: str, shift: dict[str, int], moved: str) -> None:
    steps = Steps(a=lambda _: {"found": True, "until": start})
    run(plan({"id": "a"}, {"id": "b", "input": {"since": {"from": "a.until", "shift": shift}}}), steps)
    assert steps.calls[1] == ("b", {"since": moved})


def test_a_step_that_fails_leaves_out_only_what_hangs_on_it() -> None:
    steps = Steps(a=fail())
    made = plan({"id": "a"}, {"id": "b", "input": {"p": {"from": "a.people"}}}, {"id": "c"})
    results = run(made, steps).results
    assert [(r.step, r.status, r.reason) for r in results.values()] == [
        ("a", "failed", "broken"), ("c", "done", ""), ("b", "skipped", "a failed"),
    ]  # fmt: skip


def test_a_reference_to_nothing_leaves_its_step_out_rather_than_dropping_the_filter() -> None:
    steps = Steps(a=lambda _: {"found": False, "people": []})
    results = run(plan({"id": "a"}, {"id": "b", "input": {"p": {"from": "a.people"}}}), steps).results
    assert (results["b"].status, results["b"].reason) == ("skipped", "there is no a.people")


def test_a_default_stands_in_for_nothing() -> None:
    steps = Steps(a=lambda _: {"found": False})
    run(plan({"id": "a"}, {"id": "b", "input": {"k": {"from": "a.data.k", "default": 5}}}), steps)
    assert steps.calls[1] == ("b", {"k": 5})


@pytest.mark.parametrize(("when", "runs"), [
    ({"exists": "a"}, True), ({"empty": "a"}, False), ({"exists": "a.people"}, False),
    ({"not": {"exists": "a.people"}}, True),
    ({"equals": [{"from": "a.data.n"}, 3]}, True), ({"compare": [{"from": "a.data.n"}, "<", 3]}, False),
    ({"compare": [{"from": "a.data.n"}, ">=", 3]}, True), ({"compare": [{"from": "a.data.none"}, "<", 3]}, False),
    ({"all": [{"exists": "a"}, {"exists": "a.people"}]}, False), ({"any": [{"exists": "a"}, {"exists": "a.people"}]},
     True),
    ({"compare": [{"from": "a.data.n"}, "<", "3"]}, False),
])  # fmt: skip
def test_a_condition_decides_whether_a_step_runs(when: dict[str, Any], runs: bool) -> None:
    steps = Steps(a=lambda _: {"found": True, "people": [], "data": {"n": 3}})
    assert (run(plan({"id": "a"}, {"id": "b", "when": when}), steps).results["b"].status == "done") is runs


def test_only_a_failure_that_may_mend_is_tried_again() -> None:
    steps = Steps(a=fail("DP001", is_transient=True), b=fail("22012"))
    results = run(plan({"id": "a", "retries": 2}, {"id": "b", "retries": 2}), steps).results
    assert (results["a"].tries, results["b"].tries) == (3, 1)


def test_a_retry_that_works_is_done() -> None:
    answers = iter([fail("DP001", is_transient=True), lambda _: {"found": True}])
    steps = Steps(a=lambda given: (next(answers))(given) | {})
    result = run(plan({"id": "a", "retries": 1}), steps).results["a"]
    assert (result.status, result.tries) == ("done", 2)


def test_no_try_begins_after_the_budget_of_a_step() -> None:
    steps = Steps(a=fail("DP001", is_transient=True))
    result = run(plan({"id": "a", "retries": 5, "budget": {"ms": 2}}), steps).results["a"]
    assert (result.tries, result.reason) == (2, "its budget of time is spent")


def test_no_step_begins_after_the_budget_of_the_plan() -> None:
    results = run(plan({"id": "a"}, {"id": "b", "after": ["a"]}, budget={"ms": 1}), Steps()).results
    assert [result.status for result in results.values()] == ["done", "skipped"]


def test_foreach_runs_once_for_each_up_to_its_bound() -> None:
    steps = Steps(b=lambda given: {"found": True, "data": {"count": len(given["person"][0])}, "citations": [1]})
    spec = {"id": "b", "foreach": {"in": ["Ann", "Bo", "Cy"], "most": 2}, "input": {"person": [{"from": "each"}]}}
    output = run(plan(spec), steps).results["b"].output
    assert output["data"]["rows"] == [{"count": 3}, {"count": 2}]
    assert [entry["value"] for entry in output["each"]] == ["Ann", "Bo"]


def test_of_foreach_one_failure_is_told_and_the_others_go_on() -> None:
    def answer(given: dict[str, Any]) -> dict[str, Any]:
        return fail()(given) if given["x"] == 2 else {"found": True, "data": {"x": given["x"]}}

    spec = {"id": "b", "foreach": {"in": [1, 2, 3], "most": 9}, "input": {"x": {"from": "each"}}}
    result = run(plan(spec), Steps(b=answer)).results["b"]
    assert [entry["status"] for entry in result.output["each"]] == ["done", "failed", "done"]
    assert (result.status, result.output["data"]["rows"]) == ("done", [{"x": 1}, {"x": 3}])


def test_a_cycle_refines_until_its_condition_holds() -> None:
    steps = Steps(a=lambda given: {"found": True, "data": {"n": given["n"] * 2}})
    until = {"compare": [{"from": "a.data.n"}, ">", 10]}
    spec = {"id": "a", "input": {"n": {"from": "a.data.n", "default": 1}}, "repeat": {"until": until, "rounds": 9}}
    result = run(plan(spec), steps).results["a"]
    assert (result.output["data"]["n"], result.rounds) == (16, 4)


def test_a_cycle_of_two_steps_ends_at_its_bound() -> None:
    steps = Steps(
        a=lambda given: {"found": True, "data": {"n": given["n"] + 1}}, b=lambda given: {"found": True, "data": given}
    )
    made = plan(
        {"id": "a", "input": {"n": {"from": "b.data.n", "default": 0}}},
        {"id": "b", "input": {"n": {"from": "a.data.n"}}, "repeat": {"until": {"equals": [1, 2]}, "rounds": 3}},
    )
    results = run(made, steps).results
    assert [name for name, _ in steps.calls] == ["a", "b", "a", "b", "a", "b"]
    assert (results["b"].output["data"], results["b"].rounds) == ({"n": 3}, 3)


def test_a_failure_ends_a_cycle() -> None:
    steps = Steps(a=fail())
    spec = {
        "id": "a",
        "input": {"n": {"from": "a.data.n", "default": 1}},
        "repeat": {"until": {"exists": "a"}, "rounds": 9},
    }
    assert run(plan(spec), steps).results["a"].status == "failed"
    assert len(steps.calls) == 1


def test_what_is_independent_may_run_at_once() -> None:
    meeting = threading.Barrier(2, timeout=10)

    def wait(_: Step, __: dict[str, Any]) -> dict[str, Any]:
        meeting.wait()  # Each waits for the other: one after another they would never meet.
        return {"found": True}

    with ThreadPoolExecutor(2) as pool:
        results = execute(plan({"id": "a"}, {"id": "b"}), {}, wait, lambda: 0.0, pool.map).results
    assert [result.status for result in results.values()] == ["done", "done"]


def test_inputs_are_checked_and_filled_by_their_defaults() -> None:
    made = plan(
        {"id": "a", "input": {"y": {"from": "input.year"}, "k": {"from": "input.k"}}},
        input={"year": "integer", "k": {"type": "integer", "default": 3}},
    )
    steps = Steps()
    run(made, steps, year=2024)
    assert steps.calls == [("a", {"y": 2024, "k": 3})]
    for wrong in ({}, {"year": "2024"}, {"year": 2024, "yaer": 1}):
        with pytest.raises(InvalidArgument):
            run(made, Steps(), **wrong)


def test_the_output_of_a_plan_is_made_of_its_steps() -> None:
    steps = Steps(a=lambda _: {"found": True, "data": {"n": 3}})
    made = plan({"id": "a"}, output={"n": {"from": "a.data.n"}, "who": {"from": "a.people"}})
    assert run(made, steps).output == {"n": 3, "who": None}
