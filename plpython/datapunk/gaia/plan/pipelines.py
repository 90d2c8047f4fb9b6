"""Pipelines of an owner: plans with a name, kept in versions, run by name or by a question that is routed to them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datapunk.db import Db, one
from datapunk.errors import Duplicate, InvalidArgument, NotFound
from datapunk.gaia.calibration import NONE
from datapunk.gaia.calling import PIPELINE
from datapunk.gaia.options import json_object
from datapunk.gaia.plan.executor import checked_inputs
from datapunk.gaia.plan.model import Plan
from datapunk.gaia.plan.reading import NAME, fits, plan_of
from datapunk.gaia.plan.running import Known, Q, check_handlers, known_subroutines
from datapunk.gaia.registry import checked_examples
from datapunk.gaia.router import Embedder, renew
from datapunk.gaia.router import Q as GaiaQ

#: The route of answers that a plan of Gaia's own gives; no subroutine may be called so.
PLAN = "plan"


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """A stored pipeline, checked against the subroutines that there are now."""

    name: str
    version: int
    plan: Plan
    spec: Mapping[str, Any]


def register(db: Db, embedder: Embedder, *, name: str | None, spec: str | None, options: str | None) -> int | None:
    """Keep a pipeline as a new version, unless it is the current one; return its version, None where only checked.

    With a description and examples questions are routed to it. Raises InvalidArgument, NotFound and NotAllowed (a
    handler), Duplicate (a subroutine of that name that is no pipeline of the owner's).
    """
    checked = checked_name(name)
    given = json_object(options)
    if unknown := sorted(set(given) - {"dry_run"}):
        raise InvalidArgument(f"unknown option: {', '.join(unknown)}", hint="Allowed: dry_run.")
    if not isinstance(given.get("dry_run", False), bool):
        raise InvalidArgument(f"dry_run is {given['dry_run']!r}", hint="Allowed: true, false.")
    if any(row["is_builtin"] or row["handler"] != PIPELINE for row in db.rows(Q.routed_as, checked)):
        raise Duplicate(f"there is a subroutine {checked!r} already", hint="Give the pipeline another name.")
    raw: Any = json.loads(spec) if spec else None
    known = known_subroutines(db)
    plan = plan_of(raw, known.signatures)
    if any(step.subroutine == checked for step in plan.steps.values()):
        raise InvalidArgument(
            f"the pipeline {checked!r} calls itself", hint="Repeat a step with repeat, within a bound."
        )
    check_handlers(db, plan)
    description, examples = _told(raw)
    if given.get("dry_run"):
        return None
    db.rows(Q.pipeline_lock, checked)
    before = db.rows(Q.pipeline_named, checked)
    version = int(before[0]["version"]) if before else 0
    if not before or json.loads(before[0]["spec"]) != raw:
        version += 1
        db.execute(Q.pipeline_insert, checked, version, description, json.dumps(raw))
    had = any(row["examples"] for row in db.rows(Q.routed_as, checked))
    db.execute(Q.routed_replace, checked, description, json.dumps(_schema(plan)), examples)
    if examples or had:
        context = one(db.rows(GaiaQ.context))
        renew(db, embedder, owner=str(context["owner"]), model=str(context["model"]))
    return version


def drop(db: Db, name: str | None) -> bool:
    """Remove a pipeline of the owner with all its versions and examples; return whether there was one."""
    return bool(one(db.rows(Q.pipeline_delete, checked_name(name)))["versions"])


def stored(db: Db, name: str, known: Known) -> Pipeline | None:
    """Return the current version of a pipeline; None where there is none. Raises as plan_of."""
    rows = db.rows(Q.pipeline_named, name)
    if not rows:
        return None
    spec = json.loads(rows[0]["spec"])
    return Pipeline(name=name, version=int(rows[0]["version"]), plan=plan_of(spec, known.signatures), spec=spec)


def callable_plan(db: Db, name: str | None, given: Mapping[str, Any], known: Known) -> Pipeline:
    """The pipeline of a name, else a plan of one step that calls the subroutine of that name with what is given.

    Raises NotFound, InvalidArgument.
    """
    checked = checked_name(name)
    if found := stored(db, checked, known):
        checked_inputs(found.plan, given)
        return found
    if checked not in known.signatures:
        raise NotFound(
            f"no pipeline {checked!r}", hint="See the views pipelines and subroutines for what there is to run."
        )
    spec = {
        "steps": [{"id": "call", "subroutine": checked, "input": dict(given)}],
        "output": {"data": {"from": "call.data"}},
    }
    return Pipeline(name=checked, version=0, plan=plan_of(spec, known.signatures), spec=spec)


def inputs_of(plan: Plan, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What of a question's parameters a pipeline takes as inputs; of an array the first where it takes one text."""
    given: dict[str, Any] = {}
    for name, of in plan.inputs.items():
        value = parameters.get(name)
        if isinstance(value, list) and len(value) == 1 and not fits(value, of):
            (value,) = value
        if value is not None and fits(value, of):
            given[name] = value
    return given


def checked_name(name: str | None) -> str:
    """Return a name that a pipeline may have. Raises InvalidArgument."""
    if not name or not NAME.fullmatch(name) or name in (NONE, PLAN):
        raise InvalidArgument(
            f"the name is {name!r}",
            hint=f"Use lower-case letters, digits and underscores, a letter first; not {NONE} or {PLAN}.",
        )
    return name


def _told(raw: Mapping[str, Any]) -> tuple[str, list[str]]:
    description, examples = raw.get("description", ""), raw.get("examples", [])
    if not isinstance(description, str) or not isinstance(examples, list):
        raise InvalidArgument(
            "description is no text, or examples no array",
            hint="Say in description what it answers, in examples how one asks.",
        )
    if not examples:
        return description.strip(), []
    if not description.strip():
        raise InvalidArgument("the description is empty", hint="Say in a sentence what the pipeline answers.")
    if not all(isinstance(text, str) for text in examples):
        raise InvalidArgument("an example is no text", hint="Give questions in the words of a person.")
    return description.strip(), checked_examples(examples)


def _schema(plan: Plan) -> dict[str, Any]:
    """The JSON Schema of a pipeline's inputs."""
    return {
        "type": "object",
        "properties": {name: {} if of == "any" else {"type": of} for name, of in plan.inputs.items()},
        "required": [name for name in plan.inputs if name not in plan.defaults], "additionalProperties": False,
    }  # fmt: skip
