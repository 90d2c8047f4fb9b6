"""From JSON to a checked plan: every mistake is told with the step that holds it."""

import re
from collections.abc import Mapping
from typing import Any, NoReturn, cast

from datapunk.errors import InvalidArgument
from datapunk.gaia.plan import model
from datapunk.gaia.plan.graph import components
from datapunk.gaia.plan.model import (
    EACH,
    INPUT,
    OUTPUTS,
    STRETCHES,
    Budget,
    Condition,
    ForEach,
    Plan,
    Reference,
    Repeat,
    Signature,
    Step,
    Type,
    references,
)  # fmt: skip

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
TYPES = ("string", "integer", "number", "boolean", "array", "object", "any")
PLAN_KEYS = ("steps", "input", "output", "answer", "budget", "description", "examples")
STEP_KEYS = (
    "id", "subroutine", "handler", "input", "when", "after", "retries", "budget", "cache", "foreach", "repeat",
    "question",
)  # fmt: skip
UNITS = ("days", "weeks", "months", "years")
_HANDLER = re.compile(r"[a-z_][a-z0-9_$]*\.[a-z_][a-z0-9_$]*")
_PYTHON: dict[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "array": (list,),
    "object": (dict,),
}  # fmt: skip


def plan_of(raw: Any, known: Mapping[str, Signature]) -> Plan:
    """Return the plan that a JSON document describes; `known` are the subroutines that it may name.

    Raises InvalidArgument with the step in its hint: unknown key or subroutine, wrong type, a reference that leads
    nowhere, an input that is missing, a cycle without a bound.
    """
    given = _object(raw, "the plan", PLAN_KEYS)
    listed = given.get("steps")
    if not isinstance(listed, list) or not listed:
        _wrong("the plan has no steps", "Give steps: an array of objects with id and subroutine.")
    if len(listed) > model.MOST_STEPS:
        _wrong(f"the plan has {len(listed)} steps", f"At most {model.MOST_STEPS}.")
    inputs, defaults = _inputs(given.get("input", {}))
    steps: dict[str, Step] = {}
    for place, entry in enumerate(listed, 1):
        step = _step(entry, place, known)
        if step.id in steps:
            _wrong(f"there are two steps {step.id!r}", f"Give step {place} another id.")
        steps[step.id] = step
    for step in steps.values():
        _check_references(step, steps, inputs, known)
    output = _object(given.get("output", {}), "output")
    made = {key: _value(value, f"output {key!r}") for key, value in output.items()}
    for reference in references(made):
        _check_paths(reference, "output", steps, inputs, each=False)
    answer = given.get("answer")
    if answer is not None:
        _check_answer(answer, made)
    needs = {step.id: _needs(step) for step in steps.values()}
    order = components(needs)
    for group in order:
        _check_cycle(group, needs, steps)
    return Plan(
        steps=steps, order=order, needs=needs, inputs=inputs, defaults=defaults, output=made, answer=answer,
        budget=_budget(given.get("budget", {}), "the plan"),
    )  # fmt: skip


def parameters_of(schema: Mapping[str, Any]) -> dict[str, Type]:
    """The types of a subroutine's parameters, of its input schema: a JSON Schema, or an object of name and type."""
    properties = schema.get("properties") if isinstance(schema.get("properties"), dict) else schema
    found: dict[str, Type] = {}
    for name, told in cast(Mapping[str, Any], properties).items():
        of = told.get("type") if isinstance(told, dict) else told
        if isinstance(of, str) and of in TYPES:
            found[name] = cast(Type, of)
    return found


def _wrong(message: str, hint: str) -> NoReturn:
    raise InvalidArgument(message, hint=hint)


def _object(raw: Any, where: str, allowed: tuple[str, ...] | None = None) -> dict[str, Any]:
    if not isinstance(raw, dict):
        _wrong(f"{where} is not a JSON object", f"Give an object for {where}.")
    if allowed is not None and (unknown := sorted(set(raw) - set(allowed))):
        _wrong(f"unknown key in {where}: {', '.join(unknown)}", f"Allowed in {where}: {', '.join(allowed)}.")
    return raw


def _whole(raw: Any, where: str, name: str, least: int, most: int) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not least <= raw <= most:
        _wrong(
            f"{name} of {where} is {raw!r}", f"Allowed for {name} in {where}: a whole number from {least} to {most}."
        )
    return raw


def _inputs(raw: Any) -> tuple[dict[str, Type], dict[str, Any]]:
    types: dict[str, Type] = {}
    defaults: dict[str, Any] = {}
    for name, told in _object(raw, "input").items():
        of = told
        if isinstance(told, dict):
            _object(told, f"input {name!r}", ("type", "default"))
            of = told.get("type", "any")
        if not NAME.fullmatch(name) or of not in TYPES:
            _wrong(f"input {name!r} is of type {of!r}", f"Name inputs in lower case; types: {', '.join(TYPES)}.")
        types[name] = of
        if isinstance(told, dict) and "default" in told:
            if not fits(told["default"], of):
                _wrong(f"the default of input {name!r} is not of type {of}", f"Give input {name!r} a default of it.")
            defaults[name] = told["default"]
    return types, defaults


def fits(value: Any, wanted: str) -> bool:
    """Whether a constant is of a type."""
    if wanted == "any" or value is None:
        return True
    if isinstance(value, bool):
        return wanted == "boolean"
    return isinstance(value, _PYTHON[wanted])


def _step(raw: Any, place: int, known: Mapping[str, Signature]) -> Step:
    if not isinstance(raw, dict) or not isinstance(raw.get("id"), str) or not NAME.fullmatch(raw["id"]):
        _wrong(f"step {place} has no id", f"Give step {place} an id of lower-case letters, digits and underscores.")
    name = str(raw["id"])
    where = f"step {name!r}"
    _object(raw, where, STEP_KEYS)
    if name in (INPUT, EACH):
        _wrong(f"a step is called {name!r}", f"Give {where} another id: {INPUT} and {EACH} have a meaning.")
    subroutine, handler = raw.get("subroutine"), raw.get("handler")
    if (subroutine is None) == (handler is None):
        _wrong(f"{where} calls nothing, or two things", f"Give {where} either a subroutine or a handler.")
    if subroutine is not None and subroutine not in known:
        _wrong(f"{where} calls an unknown subroutine: {subroutine!r}", f"For {where} there are: {', '.join(known)}.")
    if handler is not None and not (isinstance(handler, str) and _HANDLER.fullmatch(handler)):
        _wrong(
            f"the handler of {where} is {handler!r}",
            f"Name a function (jsonb) returns jsonb in {where}, with its schema.",
        )
    question = raw.get("question")
    if question is not None and not isinstance(question, str):
        _wrong(f"the question of {where} is no text", f"Give {where} a question as text, or none.")
    after = raw.get("after", [])
    if not isinstance(after, list) or not all(isinstance(entry, str) for entry in after):
        _wrong(f"after of {where} is no array of steps", f"Give {where} the ids of steps that run before it.")
    cache = raw.get("cache")
    if cache is not None:
        ttl = _object(cache, f"cache of {where}", ("ttl",)).get("ttl")
        cache = _whole(ttl, f"cache of {where}", "ttl", 1, model.LONGEST_TTL_S)
        if subroutine is not None and known[subroutine].is_volatile:
            _wrong(f"{where} keeps what {subroutine} writes", f"Leave out cache in {where}: {subroutine} has effects.")
    return Step(
        id=name, subroutine=subroutine, handler=handler, after=tuple(after), cache_s=cache, question=question,
        input={key: _value(value, where) for key, value in _object(raw.get("input", {}), f"input of {where}").items()},
        when=None if raw.get("when") is None else _condition(raw["when"], where),
        retries=_whole(raw.get("retries", 0), where, "retries", 0, model.MOST_RETRIES),
        budget=_budget(raw.get("budget", {}), where),
        foreach=None if raw.get("foreach") is None else _foreach(raw["foreach"], where),
        repeat=None if raw.get("repeat") is None else _repeat(raw["repeat"], where),
    )  # fmt: skip


def _budget(raw: Any, where: str) -> Budget:
    given = _object(raw, f"budget of {where}", ("ms", "rows"))
    most = {"ms": model.MOST_MILLISECONDS, "rows": model.MOST_ROWS}
    return Budget(**{key: _whole(value, f"budget of {where}", key, 1, most[key]) for key, value in given.items()})


def _foreach(raw: Any, where: str) -> ForEach:
    given = _object(raw, f"foreach of {where}", ("in", "most"))
    if "in" not in given or "most" not in given:
        _wrong(f"foreach of {where} has no bound", f"Give foreach of {where} both in and most.")
    values = _value(given["in"], where)
    if not isinstance(values, (list, Reference)):
        _wrong(f"foreach of {where} is over no array", f"Give foreach of {where} an array, or a reference to one.")
    return ForEach(values=values, most=_whole(given["most"], f"foreach of {where}", "most", 1, model.MOST_EACH))


def _repeat(raw: Any, where: str) -> Repeat:
    given = _object(raw, f"repeat of {where}", ("until", "rounds"))
    if "until" not in given or "rounds" not in given:
        _wrong(f"repeat of {where} has no bound", f"Give repeat of {where} both until and rounds.")
    rounds = _whole(given["rounds"], f"repeat of {where}", "rounds", 1, model.MOST_ROUNDS)
    return Repeat(until=_condition(given["until"], where), rounds=rounds)


def _value(raw: Any, where: str) -> Any:
    if isinstance(raw, dict):
        if "from" in raw:
            return _reference(raw, where)
        return {key: _value(value, where) for key, value in raw.items()}
    return [_value(value, where) for value in raw] if isinstance(raw, list) else raw


def _reference(raw: dict[str, Any], where: str) -> Reference:
    _object(raw, f"a reference of {where}", ("from", "default", "shift"))
    given = raw["from"] if isinstance(raw["from"], list) else [raw["from"]]
    if not given or not all(isinstance(path, str) and all(path.split(".")) for path in given):
        _wrong(f"a reference of {where} is {raw['from']!r}", f"Write references of {where} as STEP.NAME or input.NAME.")
    shift = _object(raw.get("shift", {}), f"shift in {where}", UNITS)
    moved = tuple((unit, _whole(n, where, unit, -1000, 1000)) for unit, n in shift.items())
    return Reference(
        paths=tuple(tuple(path.split(".")) for path in given), default=raw.get("default"),
        has_default="default" in raw, shift=moved,
    )  # fmt: skip


def _condition(raw: Any, where: str) -> Condition:
    allowed = ("exists", "empty", "equals", "compare", "all", "any", "not")
    given = _object(raw, f"a condition of {where}", allowed)
    if len(given) != 1:
        _wrong(
            f"a condition of {where} says {len(given)} things", f"One of {', '.join(allowed)}; join them by all or any."
        )
    ((operator, told),) = given.items()
    match operator:
        case "exists" | "empty":
            # A step's name alone asks whether it found anything.
            value = _value({"from": told} if isinstance(told, str) else told, where)
            return Condition(operator=cast(model.Operator, operator), operands=(value,))
        case "equals":
            if not isinstance(told, list) or len(told) != 2:
                _wrong(f"equals of {where} compares no two values", f"Give equals of {where} an array of two.")
            return Condition(operator="equals", operands=tuple(_value(part, where) for part in told))
        case "compare":
            if not isinstance(told, list) or len(told) != 3 or told[1] not in ("<", "<=", ">", ">="):
                _wrong(
                    f"compare of {where} is {told!r}",
                    f"Write compare of {where} as [value, '<', value]; <=, > and >= too.",
                )
            operands = (_value(told[0], where), _value(told[2], where))
            return Condition(operator="compare", operands=operands, comparison=told[1])
        case "not":
            return Condition(operator="not", operands=(_condition(told, where),))
    if not isinstance(told, list) or not told:
        _wrong(f"{operator} of {where} has no conditions", f"Give {operator} of {where} an array of conditions.")
    return Condition(operator=cast(model.Operator, operator), operands=tuple(_condition(part, where) for part in told))


def _needs(step: Step) -> frozenset[str]:
    found = {
        source
        for part in (step.input, step.when, step.foreach and step.foreach.values, step.repeat and step.repeat.until)
        for reference in references(part)
        for source in reference.sources
    }
    return frozenset((found | set(step.after)) - {INPUT, EACH})


def _check_references(
    step: Step, steps: Mapping[str, Step], inputs: Mapping[str, Type], known: Mapping[str, Signature]
) -> None:
    where = f"step {step.id!r}"
    outside = (step.when, step.foreach and step.foreach.values, step.repeat and step.repeat.until)
    for reference in references(list(outside)):
        _check_paths(reference, where, steps, inputs, each=False)
    for reference in references(step.input):
        _check_paths(reference, where, steps, inputs, each=step.foreach is not None)
    for name in step.after:
        if name not in steps:
            _wrong(f"{where} comes after {name!r}, which is no step", f"Name steps of the plan in after of {where}.")
    if step.foreach and isinstance(step.foreach.values, Reference):
        of = _type_of(step.foreach.values, inputs)
        if of not in ("array", "any"):
            _wrong(f"foreach of {where} is over a value of type {of}", f"Give foreach of {where} an array.")
    _check_input(step, inputs, known.get(step.subroutine or "", Signature()))


def _check_input(step: Step, inputs: Mapping[str, Type], signature: Signature) -> None:
    where = f"step {step.id!r}"
    for group in signature.required:
        if not set(group) & {*step.input, *(("question",) if step.question else ())}:
            _wrong(f"an input of {where} is missing", f"Give {where}, which calls {step.called}, {' or '.join(group)}.")
    for name, value in step.input.items():
        wanted = signature.parameters.get(name)
        if wanted is None:
            if signature.is_closed:
                allowed = ", ".join(sorted(signature.parameters))
                _wrong(f"{step.called} of {where} reads no {name!r}", f"Allowed in input of {where}: {allowed}.")
            continue
        if isinstance(value, Reference):
            of = _type_of(value, inputs)
            mismatch = of not in ("any", wanted) and wanted != "any" and {of, wanted} != {"integer", "number"}
            if mismatch or (value.has_default and not fits(value.default, wanted)):
                _wrong(f"{name} of {where} is of type {of}", f"{name} of {where} must be of type {wanted}.")
        elif not fits(value, wanted):
            _wrong(f"{name} of {where} is not of type {wanted}", f"Give {name} of {where} a value of type {wanted}.")


def _check_paths(
    reference: Reference, where: str, steps: Mapping[str, Step], inputs: Mapping[str, Type], *, each: bool
) -> None:
    for path in reference.paths:
        written = ".".join(path)
        if path[0] == EACH:
            if not each:
                _wrong(
                    f"{where} refers to {written!r}", f"Only the input of a step with foreach has each; see {where}."
                )
        elif path[0] == INPUT:
            if len(path) < 2 or path[1] not in inputs:
                _wrong(
                    f"{where} refers to {written!r}, which is no input",
                    f"Declare what {where} needs in input of the plan.",
                )
        elif path[0] not in steps:
            _wrong(f"{where} refers to {written!r}, which is no step", f"There are for {where}: {', '.join(steps)}.")
        elif len(path) > 1 and path[1] not in OUTPUTS:
            _wrong(f"{where} refers to {written!r}", f"What {where} may take from a step: {', '.join(OUTPUTS)}.")
        elif len(path) > 2 and path[1] in STRETCHES and path[2] not in ("since", "until"):
            _wrong(f"{where} refers to {written!r}", f"A stretch has since and until; see {where}.")


def _type_of(reference: Reference, inputs: Mapping[str, Type]) -> Type:
    found: set[Type] = set()
    for path in reference.paths:
        if path[0] == INPUT:
            found.add(inputs[path[1]] if len(path) == 2 else "any")
        elif path[0] == EACH:
            found.add("any")
        elif len(path) == 1:
            found.add("object")
        elif len(path) == 3 and path[1] in STRETCHES:
            found.add("string")
        else:
            found.add(OUTPUTS[path[1]] if len(path) == 2 else "any")
    return found.pop() if len(found) == 1 else "any"


def _check_cycle(group: tuple[str, ...], needs: Mapping[str, frozenset[str]], steps: Mapping[str, Step]) -> None:
    bounds = [name for name in group if steps[name].repeat]
    if len(group) == 1 and group[0] not in needs[group[0]]:
        if bounds:
            _wrong(
                f"step {group[0]!r} repeats, and nothing would change",
                f"Refer in step {group[0]!r}, or in a step that it needs, to an output of the round before.",
            )
        return
    if len(bounds) != 1:
        named = ", ".join(group)
        _wrong(
            f"the steps {named} need each other", f"Give one step of the cycle {named} a repeat with until and rounds."
        )
    for name in group:
        if steps[name].foreach:
            _wrong(f"step {name!r} is in a cycle and has foreach", f"Take foreach of step {name!r} out of the cycle.")


def _check_answer(answer: Any, output: Mapping[str, Any]) -> None:
    if not isinstance(answer, str) or not answer.strip():
        _wrong("answer is no text", "Give answer as a text with {names} of output.")
    if unknown := sorted(set(re.findall(r"\{(\w+)\}", answer)) - set(output)):
        _wrong(f"answer names what is no output: {', '.join(unknown)}", f"There are: {', '.join(output) or 'none'}.")
