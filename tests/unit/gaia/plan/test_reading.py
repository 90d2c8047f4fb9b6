"""Plans from JSON: what is accepted, and how each mistake is told."""

from typing import Any

import pytest

from datapunk.errors import InvalidArgument
from datapunk.gaia.plan.model import Reference, Signature
from datapunk.gaia.plan.reading import plan_of
from datapunk.gaia.plan.schema import plan_schema

KNOWN = {
    "count": Signature(parameters={"kind": "string", "person": "array", "since": "string", "k": "integer"},
        is_closed=True),
    "people": Signature(parameters={"topic": "string", "k": "integer"}, is_closed=True),
    "top": Signature(parameters={"kind": "string"}, required=(("kind",),)),
    "remember": Signature(parameters={"note": "string"}, is_volatile=True),
}  # fmt: skip


def step(name: str = "a", **more: Any) -> dict[str, Any]:
    return {"id": name, "subroutine": "count", **more}


def test_a_reference_is_read_with_its_shift_and_default() -> None:
    given = {"since": {"from": "a.until", "shift": {"days": -7}, "default": "2024-01-01"}}
    plan = plan_of({"steps": [step(), step("b", input=given)]}, KNOWN)
    assert plan.steps["b"].input["since"] == Reference(
        paths=(("a", "until"),), default="2024-01-01", has_default=True, shift=(("days", -7),)
    )


def test_steps_are_ordered_by_what_they_need_not_by_their_place() -> None:
    plan = plan_of({"steps": [step("b", input={"person": {"from": "a.people"}}), step("a")]}, KNOWN)
    assert plan.order == (("a",), ("b",))


def test_steps_that_need_nothing_of_each_other_share_a_level() -> None:
    last = step("c", when={"all": [{"exists": "a"}, {"exists": "b"}]})
    plan = plan_of({"steps": [step("a"), step("b"), last]}, KNOWN)
    assert plan.levels == ((("a",), ("b",)), (("c",),))


@pytest.mark.parametrize(("spec", "said", "hint"), [
    ({"steps": []}, "no steps", "array of objects"),
    ({"steps": [step()], "stepz": 1}, "unknown key in the plan: stepz", "Allowed in the plan"),
    ({"steps": [step(wehn=1)]}, "unknown key in step 'a': wehn", "Allowed in step 'a'"),
    ({"steps": [step(), step()]}, "two steps 'a'", "step 2"),
    ({"steps": [{"id": "a", "subroutine": "cuont"}]}, "unknown subroutine: 'cuont'", "step 'a'"),
    ({"steps": [{"id": "a"}]}, "calls nothing, or two things", "step 'a'"),
    ({"steps": [{"id": "a", "handler": "select 1"}]}, "the handler of step 'a'", "step 'a'"),
    ({"steps": [step(input={"persn": ["x"]})]}, "reads no 'persn'", "step 'a'"),
    ({"steps": [step(input={"person": "Anna"})]}, "person of step 'a' is not of type array", "step 'a'"),
    ({"steps": [step(), step("b", input={"person": {"from": "a.title"}})]}, "person of step 'b' is of type string",
     "array"),
    ({"steps": [{"id": "a", "subroutine": "top"}]}, "an input of step 'a' is missing", "kind"),
    ({"steps": [step(input={"since": {"from": "b.since"}})]}, "refers to 'b.since', which is no step", "step 'a'"),
    ({"steps": [step(), step("b", input={"k": {"from": "a.pepole"}})]}, "refers to 'a.pepole'", "step 'b'"),
    ({"steps": [step(input={"since": {"from": "input.day"}})]}, "which is no input", "step 'a'"),
    ({"steps": [step(input={"since": {"from": "each"}})]}, "refers to 'each'", "foreach"),
    ({"steps": [step("a", when={"exists": "b"}), step("b", when={"exists": "a"})]}, "need each other", "a, b"),
    ({"steps": [step(input={"k": {"from": "a.rounds", "default": 1}})]}, "need each other", "repeat"),
    ({"steps": [step(repeat={"until": {"exists": "a"}})]}, "has no bound", "rounds"),
    ({"steps": [step(foreach={"in": ["x"]})]}, "foreach of step 'a' has no bound", "most"),
    ({"steps": [step(foreach={"in": "x", "most": 3})]}, "over no array", "step 'a'"),
    ({"steps": [step(retries=9)]}, "retries of step 'a' is 9", "from 0 to 5"),
    ({"steps": [step(budget={"ms": 0})]}, "ms of budget of step 'a' is 0", "step 'a'"),
    ({"steps": [{"id": "a", "subroutine": "remember", "cache": {"ttl": 9}}]}, "keeps what remember writes", "step 'a'"),
    ({"steps": [step(when={"sql": "1=1"})]}, "unknown key in a condition of step 'a': sql", "exists"),
    ({"steps": [step(when={"compare": [1, "!=", 2]})]}, "compare of step 'a'", "<"),
    ({"steps": [step()], "answer": "{n} mails"}, "what is no output: n", "none"),
    ({"steps": [step()], "input": {"day": "date"}}, "input 'day' is of type 'date'", "string"),
])  # fmt: skip
def test_a_mistake_is_told_with_its_step(spec: Any, said: str, hint: str) -> None:
    with pytest.raises(InvalidArgument) as told:
        plan_of(spec, KNOWN)
    assert said in told.value.message
    assert hint in str(told.value.hint)


def test_a_cycle_with_a_bound_is_one_group() -> None:
    until = {"compare": [{"from": "b.data.count", "default": 0}, ">=", 3]}
    widen = step("a", input={"k": {"from": "b.data.next", "default": 1}})
    plan = plan_of({"steps": [widen, step("b", when={"exists": "a"}, repeat={"until": until, "rounds": 4})]}, KNOWN)
    assert plan.order == (("a", "b"),)


def test_the_schema_takes_what_is_read_and_refuses_what_has_the_wrong_form() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    whole = {
        "description": "x", "examples": ["y"], "input": {"day": {"type": "string", "default": "2024-01-01"}},
        "steps": [
            step(input={"since": {"from": "input.day", "shift": {"days": 1}}}, cache={"ttl": 60}, retries=2),
            step("b", foreach={"in": {"from": "a.people"}, "most": 3}, input={"person": [{"from": "each"}]},
                 when={"not": {"empty": "a"}}, budget={"ms": 100, "rows": 5}),
        ],
        "output": {"n": {"from": "a.data.count"}}, "answer": "{n}",
    }  # fmt: skip
    plan_of(whole, KNOWN)
    checker = jsonschema.Draft202012Validator(plan_schema())
    checker.validate(whole)
    wrong: list[dict[str, Any]] = [
        {"steps": []}, {"steps": [{"id": "A", "subroutine": "x"}]}, {"steps": [{"id": "a"}]},
        {"steps": [step(retries=9)]},
        {"steps": [step(when={"sql": "1"})]}, {"steps": [step(more=1)]}, {"steps": [step(input={"k": {"from": 3}})]},
    ]  # fmt: skip
    assert [spec for spec in wrong if checker.is_valid(spec)] == []
