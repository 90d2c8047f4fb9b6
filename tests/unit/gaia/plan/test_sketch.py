"""Plans as language models write them: their schema, what they mean, and what is refused."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import pytest

from datapunk.errors import InvalidArgument
from datapunk.gaia.plan.briefing import plan_request
from datapunk.gaia.plan.offers import Offer, offer_of
from datapunk.gaia.plan.schema import plan_schema
from datapunk.gaia.plan.sketch import sketch_schema, spec_of

SHARED = {
    "kind": "string", "since": "string", "until": "string", "weekday": "array", "channel": "array", "place": "array",
    "person": "array", "not": "object", "direction": "string", "topic": "string",
}  # fmt: skip
OFFERS = [
    offer_of("count", "Counts.", SHARED | {"measure": "string", "model": "string"}, is_builtin=True),
    offer_of("top", "Ranks.", SHARED | {"group_by": "string", "k": "integer"}, is_builtin=True),
    offer_of("people", "Who was there.", SHARED | {"present": "boolean", "k": "integer"}, is_builtin=True),
    offer_of("compare", "Compares.", SHARED | {"sides": "array"}, is_builtin=True),
    offer_of("coffee", "Own.", {"properties": {"since": {"type": "string"}, "until": {"type": "string"},
                                               "price": {"type": "number"}}}, is_builtin=False),
]  # fmt: skip


@dataclass(frozen=True)
class Known:
    """Facts of a test."""

    phrase: str = "in that time"

    def time(self, words: str) -> dict[str, str] | None:
        return {"since": "2024-03-01", "until": "2024-04-01", "phrase": words} if words == "in March" else None

    def named(self, field: str, value: str) -> list[str]:
        return ["Jonas Weber", "Jonas Beck"] if (field, value) == ("person", "Jonas") else [value]


def entry(name: str, *values: str, role: str = "plain", of: str = "", days: int = 0) -> dict[str, Any]:
    return {"name": name, "role": role, "values": list(values), "from": of, "shift_days": days}


def step(*entries: dict[str, Any], id: str = "a", subroutine: str = "count", **more: Any) -> dict[str, Any]:
    told = {"id": id, "asks": f"part {id}", "asked": True, "subroutine": subroutine, "input": list(entries)}
    return told | {"each": "", "if_found": [], "if_empty": []} | more


def read(*steps: dict[str, Any]) -> list[dict[str, Any]]:
    sketch = {"steps": list(steps)}
    jsonschema.validate(sketch, sketch_schema(OFFERS))
    made = spec_of(sketch, {offer.name: offer for offer in OFFERS}, Known(), ZoneInfo("Europe/Lisbon"))
    if made.steps:
        jsonschema.validate({"steps": list(made.steps)}, plan_schema())
    return list(made.steps)


def given(*entries: dict[str, Any], subroutine: str = "count") -> dict[str, Any]:
    found = read(step(*entries, subroutine=subroutine))[0]["input"]
    assert isinstance(found, dict)
    return found


def test_values_come_in_the_types_that_are_declared() -> None:
    assert given(entry("kind", "mail"), entry("weekday", "6", "7"), entry("channel", "Crema Lab")) == {
        "kind": "mail", "weekday": [6, 7], "channel": ["Crema Lab"],
    }  # fmt: skip
    assert given(entry("present", "true"), entry("k", "3"), subroutine="people") == {"present": True, "k": 3}


def test_names_are_those_of_the_owners_data() -> None:
    assert given(entry("person", "Jonas")) == {"person": ["Jonas Weber", "Jonas Beck"]}
    assert given(entry("person", "Jonas", role="not")) == {"not": {"person": ["Jonas Weber", "Jonas Beck"]}}


def test_a_time_in_words_becomes_bounds_with_its_words() -> None:
    assert given(entry("time", "in March")) == {"since": "2024-03-01", "until": "2024-04-01", "phrase": "in March"}


def test_instants_are_in_the_owners_zone_and_have_a_phrase() -> None:
    assert given(entry("since", "2024-07-01"), entry("until", "2024-07-02T00:00:00+00:00")) == {
        "since": "2024-07-01T00:00:00+01:00", "until": "2024-07-02T00:00:00+00:00", "phrase": "in that time",
    }  # fmt: skip


def test_what_a_subroutine_of_the_owner_reads_is_all_that_it_is_given() -> None:
    assert given(entry("time", "in March"), entry("price", "2.5"), subroutine="coffee") == {
        "since": "2024-03-01", "until": "2024-04-01", "price": 2.5,
    }  # fmt: skip


def test_what_another_step_found_is_referred_to() -> None:
    steps = read(
        step(entry("present", "true"), id="met", subroutine="people", asked=False),
        step(entry("person", of="met.people"), entry("time", of="met.day", days=1), id="mails", if_found=["met"]),
        step(entry("person", of="each"), id="each_one", each="met.people", if_found=["met"], if_empty=["mails"]),
    )
    assert steps[1]["input"] == {
        "person": {"from": "met.people"}, "since": {"from": "met.day.since", "shift": {"days": 1}},
        "until": {"from": "met.day.until", "shift": {"days": 1}}, "phrase": "in that time",
    }  # fmt: skip
    assert steps[1]["when"] == {"exists": "met"}
    assert steps[2]["when"] == {"all": [{"exists": "met"}, {"empty": "mails"}]}
    assert (steps[2]["foreach"]["in"], steps[2]["input"]) == ({"from": "met.people"}, {"person": [{"from": "each"}]})


def test_a_comparison_has_two_sides() -> None:
    sides = (entry("channel", "A", role="first"), entry("channel", "B", role="second"))
    assert given(entry("kind", "watch"), *sides, subroutine="compare") == {
        "kind": "watch", "sides": [{"label": "A", "channel": ["A"]}, {"label": "B", "channel": ["B"]}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("subroutine", "entries", "told"),
    [
        ("count", [entry("group_by", "person")], "reads no 'group_by'"),
        ("count", [entry("kind", "love")], "kind of step 'a' is 'love'"),
        ("count", [entry("kind", "mail", "visit")], "has 2 values"),
        ("count", [entry("kind")], "or neither"),
        ("count", [entry("kind", "mail", of="b.kind")], "or neither"),
        ("count", [entry("kind", "mail"), entry("kind", "visit")], "given twice"),
        ("count", [entry("time", "in March"), entry("since", "2024-01-01")], "given twice"),
        ("count", [entry("time", "when pigs fly")], "is not understood"),
        ("count", [entry("since", "soon")], "since of step 'a' is 'soon'"),
        ("count", [entry("weekday", "8")], "weekday of step 'a' is '8'"),
        ("count", [entry("topic", "")], "are empty"),
        ("count", [entry("topic", "x" * 301)], "too long"),
        ("count", [entry("kind", "mail", role="not")], "cannot be left out"),
        ("count", [entry("channel", "A", role="first")], "is no side"),
        ("compare", [entry("channel", "A", role="first")], "has one side"),
        ("people", [entry("present", "yes")], "present of step 'a' is 'yes'"),
        ("top", [entry("k", "-1")], "k of step 'a' is '-1'"),
    ],
)
def test_what_is_wrong_is_told_with_its_step(subroutine: str, entries: list[dict[str, Any]], told: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        read(step(*entries, subroutine=subroutine))
    assert told in caught.value.message
    assert caught.value.hint


def test_a_server_that_holds_a_model_to_nothing_brings_no_other_subroutine_about() -> None:
    sketch = {"steps": [step(subroutine="forget")]}
    assert not jsonschema.Draft202012Validator(sketch_schema(OFFERS)).is_valid(sketch)
    with pytest.raises(InvalidArgument, match="which is not offered"):
        spec_of(sketch, {offer.name: offer for offer in OFFERS}, Known(), ZoneInfo("UTC"))


def test_steps_are_bounded_and_one_of_them_is_asked_for() -> None:
    with pytest.raises(InvalidArgument, match="has 9 steps"):
        read(*(step(id=f"s{n}") for n in range(9)))
    with pytest.raises(InvalidArgument, match="no step has asked"):
        read(step(asked=False))


def test_no_steps_are_a_plan_too() -> None:
    assert read() == []


def test_the_schema_stays_within_what_every_provider_holds_a_model_to() -> None:
    def parts(schema: Any) -> list[dict[str, Any]]:
        if not isinstance(schema, dict):
            return []
        inner = [*schema.get("properties", {}).values(), schema.get("items")]
        return [schema, *(found for part in inner for found in parts(part))]

    for part in parts(sketch_schema(OFFERS)):
        assert part.keys() <= {"type", "properties", "required", "additionalProperties", "items", "enum"}
        if part["type"] == "object":
            assert part["additionalProperties"] is False
            assert part["required"] == list(part["properties"])


def test_no_model_conversation_or_question_can_be_named() -> None:
    names = {name for offer in OFFERS for name in offer.parameters}
    assert not names & {"model", "conversation_id", "question", "not", "sides"}


def test_a_model_is_told_the_question_and_what_it_may_call() -> None:
    only = Offer(name="count", description="Counts things.", parameters={"kind": "string", "time": "string"})
    request = plan_request(
        "How many?", [only], before=["And before?"], now="2024-07-01", zone="UTC", max_tokens=9, form="json"
    )  # fmt: skip
    assert request.messages[0].text == "Asked before: And before?\nThe question: How many?"
    assert "- count (kind, time): Counts things." in request.system
    assert "security_event" in request.system
    assert "direction" not in request.system
    assert (request.form, request.tools) == ("json", ())
