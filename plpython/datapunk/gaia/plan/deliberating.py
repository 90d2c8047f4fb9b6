"""Deliberate mode: plans of questions, and pipelines, executed in the database and told."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from datapunk.db import Db, Row
from datapunk.errors import InvalidArgument
from datapunk.gaia.calibration import NONE
from datapunk.gaia.calling import Called
from datapunk.gaia.languages import ENGLISH
from datapunk.gaia.material import Cited
from datapunk.gaia.plan.decompose import asks_for_each, decompose
from datapunk.gaia.plan.draft import GRAMMAR, ROUTES, Planned, Read, Reader
from datapunk.gaia.plan.executor import Execution, execute, missing_inputs
from datapunk.gaia.plan.model import Plan
from datapunk.gaia.plan.part import Part
from datapunk.gaia.plan.pipelines import PLAN, Pipeline, callable_plan, inputs_of, stored
from datapunk.gaia.plan.planning import plan_alternatives, plan_question
from datapunk.gaia.plan.reading import plan_of
from datapunk.gaia.plan.running import Known, Runner, Spans, check_handlers, known_subroutines
from datapunk.gaia.plan.sketch import Sketched
from datapunk.gaia.plan.telling import Wording, answering_step, tell, tell_steps
from datapunk.gaia.plan.written import checked, offers, planned
from datapunk.gaia.speech import Speech
from datapunk.gaia.understanding import can_run
from datapunk.gaia.unread import NOT_UNDERSTOOD
from datapunk.settings import Settings

# From this probability of its least sure part on, a plan answers where the mode is left to Gaia.
_SURE = 0.3
# Where these find nothing, another way may.
_MAY_MISS = ("when", "people", "places", "top", "timeline", "summarize", "similar")
_MOST_TRIED = 3
_DEEPEST = 4


@dataclass(frozen=True, kw_only=True)
class Made:
    """An answer before it is stored; `said` is the pipeline's own sentence where it has one."""

    text: str
    route: str
    confidence: float | None
    data: dict[str, Any]
    plan: dict[str, Any]
    cited: tuple[Cited, ...]


@dataclass(frozen=True, kw_only=True)
class Deliberation:
    """Makes and runs plans for one question of the current owner."""

    db: Db
    settings: Settings
    zone: ZoneInfo
    context: Row
    watch: Spans
    wording: Wording = field(default_factory=lambda: Wording(speech=Speech.of(ENGLISH)))
    clock: Callable[[], float] = lambda: time.perf_counter() * 1000
    depth: int = 0
    is_read_only: bool = False

    def question(self, question: str, reader: Reader, *, is_asked_for: bool) -> Made | None:
        """Answer a question by a plan; None where it has one part, or its parts are not read with enough certainty.

        `is_asked_for` takes less certainty, and makes a plan for one part too.
        """
        parts = decompose(question)
        parts = _with_known_events(parts, reader)
        if len(parts) == 1 and not is_asked_for and not asks_for_each(question):
            return None
        with self.watch.span("plan") as detail:
            detail.update(parts=[part.text for part in parts], written_by=GRAMMAR)
            is_wanted = len(parts) > 1 or asks_for_each(question) or is_asked_for
            planned = plan_question(parts, reader) if is_wanted else None
            if planned and len(parts) == len(planned.spec["steps"]) == 1 and "foreach" not in planned.spec["steps"][0]:
                planned = None
            if planned is None and is_asked_for:
                planned = _alternatives(question, reader)
            detail["confidence"] = planned.confidence if planned else 0.0
            if planned is None or ((planned.confidence or 0.0) < _SURE and not is_asked_for):
                detail["rejected"] = True
                return _declined(parts, self.wording)
        known = known_subroutines(self.db)
        plan = plan_of(planned.spec, known.signatures)
        runner = self._runner(plan, known)
        execution = self._execute(plan, {}, runner)
        return self._made(planned, execution, runner)

    def written(self, sketched: Sketched, by: str, tools: Sequence[str]) -> Made:
        """Run a plan that a language model has written, read only, with what `tools` of the policy add to what it may
        call. Raises InvalidArgument for one that calls anything else, or does not hold any more.
        """
        known = known_subroutines(self.db)
        with self.watch.span("plan") as detail:
            detail.update(parts=[part["asks"] for part in sketched.parts], written_by=by)
            plan = checked(sketched.spec, offers(self.db, tools), known)
        reading = replace(self, is_read_only=True)
        runner = reading._runner(plan, known)
        execution = reading._execute(plan, {}, runner)
        made = self._made(planned(sketched), execution, runner)
        return replace(made, plan=made.plan | {"written_by": by, "parts": list(sketched.parts)})

    def pipeline(self, name: str, parameters: Mapping[str, Any], speech: Speech | None = None) -> Made:
        """Run the owner's pipeline that a question was routed to.

        Where the question lacks an input, the answer says which, in words of `speech`. Raises InvalidArgument else.
        """
        known = known_subroutines(self.db)
        found = stored(self.db, name, known)
        if found is None:
            raise InvalidArgument(f"there is no pipeline {name!r} any more", hint="Register it anew by gaia_pipeline.")
        inputs = inputs_of(found.plan, parameters)
        missing = missing_inputs(found.plan, inputs)
        if missing and speech:
            text = speech.say("missing_inputs", names=speech.listed([speech.quoted(one) for one in missing]))
            plan = {"pipeline": found.name, "version": found.version, "input": inputs}
            return Made(text=text, route=found.name, confidence=1.0, data={"missing": missing}, plan=plan, cited=())
        return self._run(found, inputs, known)

    def named(self, name: str | None, given: Mapping[str, Any]) -> Made:
        """Run a pipeline or subroutine by its name. Raises NotFound, InvalidArgument."""
        known = known_subroutines(self.db)
        found = callable_plan(self.db, name, given, known)
        return self._run(found, given if found.version else {}, known)

    def _run(self, pipeline: Pipeline, inputs: Mapping[str, Any], known: Known) -> Made:
        runner = self._runner(pipeline.plan, known)
        execution = self._execute(pipeline.plan, inputs, runner)
        asked = {step.id: step.question for step in pipeline.plan.steps.values()}
        told = tell_steps(execution, runner.told, self.zone, asked, self.wording)
        output = execution.output
        if not pipeline.version:
            output = output.get("data") or {}
        elif not pipeline.plan.output:
            output = {name: result.output.get("data") for name, result in execution.results.items()}
        text = _filled(pipeline.plan.answer, output) if pipeline.plan.answer else told.text
        plan = {
            "pipeline": pipeline.name, "version": pipeline.version, "input": dict(inputs),
            "steps": pipeline.spec["steps"],
            "results": _results(execution),
        }  # fmt: skip
        return Made(text=text, route=pipeline.name, confidence=1.0, data=output, plan=plan, cited=told.cited)

    def _nested(self, name: str, asked: dict[str, Any]) -> Called:
        if self.depth >= _DEEPEST:
            raise InvalidArgument(
                f"pipelines call each other more than {_DEEPEST} deep",
                hint=f"Let {name} call no pipeline that calls it.",
            )
        made = replace(self, depth=self.depth + 1).pipeline(name, asked)
        citations = [{"item_id": c.item_id, "snippet": c.snippet} for c in made.cited]
        return Called(data=made.data, citations=citations, said=made.text)

    def _runner(self, plan: Plan, known: Known) -> Runner:
        return Runner(
            db=self.db, settings=self.settings, zone=self.zone,
            data_version=f"{self.context['newest_item']} {str(self.context['now'])[:10]}",
            handlers={**known.handlers, **check_handlers(self.db, plan)}, watch=self.watch, nested=self._nested,
            is_read_only=self.is_read_only,
        )  # fmt: skip

    def _execute(self, plan: Plan, inputs: Mapping[str, Any], runner: Runner) -> Execution:
        execution = execute(plan, inputs, runner, self.clock)
        for name, result in execution.results.items():
            if result.status == "skipped":
                with self.watch.span("step") as detail:
                    detail.update(step=name, status="skipped", reason=result.reason)
        return execution

    def _made(self, planned: Planned, execution: Execution, runner: Runner) -> Made:
        told = tell(planned.asked, execution, runner.told, self.zone, self.wording)
        parts = []
        last: tuple[Read, dict[str, Any]] | None = None
        for asked in planned.asked:
            question = self.wording.worded(asked.part.text) or asked.part.text
            if not asked.is_read:
                parts.append(
                    {"question": question, "route": "none", "status": "unread", "is_support": False, "data": {}}
                )
                continue
            name = answering_step(asked, execution.results)
            result = execution.results[name]
            parts.append({
                "question": question, "route": asked.read.subroutine, "step": name, "status": result.status,
                "is_support": asked.part.is_support, "data": _data(result.output),
            } | ({"reason": result.reason} if result.reason else {}))  # fmt: skip
            if result.status == "done" and not asked.part.is_support:
                last = (asked.read, result.given)
        plan: dict[str, Any] = {
            "mode": "deliberate", "written_by": GRAMMAR, "steps": planned.spec["steps"],
            "results": _results(execution),
        }  # fmt: skip
        if last and "each" not in last[1]:
            # A follow-up question leans on the last part.
            plan |= {"subroutine": last[0].subroutine, "parameters": last[1]}
        if len(planned.asked) == 1:
            (only,) = planned.asked
            result = execution.results[answering_step(only, execution.results)]
            if "each" not in result.output:
                step = next(s for s in planned.spec["steps"] if s["id"] == result.step)
                return Made(
                    text=told.text, route=step["subroutine"], confidence=planned.confidence, plan=plan,
                    cited=told.cited,
                    data=_data(result.output),
                )  # fmt: skip
        return Made(
            text=told.text,
            route=PLAN,
            confidence=planned.confidence,
            data={"parts": parts},
            plan=plan,
            cited=told.cited,
        )


def _with_known_events(parts: Sequence[Part], reader: Reader) -> tuple[Part, ...]:
    """The parts, where the calendar knows the event that a time hangs on without the part that looks for it."""
    kept: list[Part] = []
    for part in parts:
        if part.is_bounded and kept and kept[-1].is_support and not reader.parameters(part.whole, "count").get("lost"):
            kept[-1] = Part(text=part.whole)
        else:
            kept.append(part)
    return tuple(kept)


def _declined(parts: Sequence[Part], wording: Wording) -> Made | None:
    """The answer where nobody can tell who or what is meant: a figure without that would be another one's."""
    meant = next((part for part in parts if part.is_support and part.wanted is None), None)
    if meant is None:
        return None
    text = wording.speech.say("plan.declined", part=wording.part(meant.text))
    return Made(text=text, route=NONE, confidence=1.0, data={}, plan={"mode": "deliberate"}, cited=())


def _alternatives(question: str, reader: Reader) -> Planned | None:
    """The plan for a question of one part: what is tried, where what was tried before found nothing."""
    tried: list[Read] = []
    for subroutine, score in reader.routes(question):
        if subroutine not in ROUTES:
            break
        parameters = reader.parameters(question, subroutine)
        if any(parameters.get(field) for field in NOT_UNDERSTOOD):
            break
        if can_run(subroutine, parameters):
            tried.append(Read(subroutine=subroutine, score=score, parameters=parameters))
        if tried and tried[0].subroutine not in _MAY_MISS:
            break
    if not tried:
        return None
    if tried[0].subroutine in _MAY_MISS and all(read.subroutine != "search" for read in tried):
        parameters = reader.parameters(question, "search")
        tried = [*tried[: _MOST_TRIED - 1], Read(subroutine="search", score=tried[0].score, parameters=parameters)]
    return plan_alternatives(question, tried[:_MOST_TRIED])


def _data(output: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of a step; of foreach those of each value."""
    if "each" not in output:
        return dict(output.get("data") or {})
    return {"rows": [
        {"value": entry["value"], **({"data": entry["data"]} if "data" in entry else {"status": entry["status"]})}
        for entry in output["each"]
    ]}  # fmt: skip


def _results(execution: Execution) -> dict[str, Any]:
    return {
        name: {
            "status": result.status, "found": bool(result.output.get("found")), "tries": result.tries,
            "rounds": result.rounds, "started_ms": result.started_ms, "duration_ms": result.duration_ms,
        } | {key: told for key, told in (("reason", result.reason), ("sqlstate", result.sqlstate)) if told}
        for name, result in execution.results.items()
    }  # fmt: skip


def _filled(answer: str, output: Mapping[str, Any]) -> str:
    """An answer's text with the values of the output in place of their names."""
    for name, value in output.items():
        answer = answer.replace(f"{{{name}}}", _said(value))
    return answer


def _said(value: Any) -> str:
    speech = Speech.of(ENGLISH)
    if isinstance(value, list):
        return speech.listed([_said(part) for part in value]) or "nothing"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (
        speech.number(value)
        if isinstance(value, (int, float))
        else json.dumps(value)
        if isinstance(value, dict)
        else str(value)
    )
