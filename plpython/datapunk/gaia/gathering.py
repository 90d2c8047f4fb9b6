"""What a language model is given: the subroutine's own answer, passages, and what the owner lets it do."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from datapunk.clock import zone as named_zone
from datapunk.db import Db
from datapunk.gaia.answering import Orchestrator
from datapunk.gaia.calibration import NONE
from datapunk.gaia.languages.reading import read
from datapunk.gaia.options import AskOptions
from datapunk.gaia.router import Q
from datapunk.gaia.speech import Speech, local
from datapunk.gaia.unread import NOT_UNDERSTOOD

# Orders to Gaia and questions about it: their answers are no matter of wording.
_OF_GAIA = ("remember", "forget", "help", "explain")
_MOST_PASSAGES = 12
# Questions before in a conversation that a plan may lean on.
_MOST_BEFORE = 3
# Below this probability of its route the answer made without a model is not sure enough to leave it at that.
_SURE = 0.5
# Parts of a subroutine's data that are passages, not figures.
_TEXTS = ("passages", "quote", "relaxed")


def gather(
    orchestrator: Orchestrator, question: str, options: AskOptions, max_tokens: int, written: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """Return the answer that is made without a model (not stored), passages, figures and the owner's policy.

    Where a language model is to write a plan first, `planner` holds what it is told; where it has, by `written`, the
    answer is that of its plan. None where a model has nothing to word. Raises as `Orchestrator.answer`.
    """
    db = orchestrator.db
    options = replace(options, model=None)
    if written:
        row = orchestrator.answer_by(question, options, written, keep=False)
    else:
        route = options.subroutine or orchestrator.rank(question, options)[0].subroutine
        if route in _OF_GAIA:
            return None
        row = orchestrator.answer(question, options, keep=False)
    if row["route"] in _OF_GAIA:
        return None
    data, citations = json.loads(row["data"]), json.loads(row["citations"])
    given = {"max_tokens": max_tokens} | ({"kinds": [options.kind]} if options.kind else {})
    found = db.rows(Q.context_passages, question, json.dumps(given))[0]
    context = db.rows(Q.context)[0]
    policy = json.loads(db.rows(Q.policy)[0]["policy"])
    plan = json.loads(row["plan"])
    reason = None
    if policy["plans"] and not written:
        read_as = read(question, str(row["language"])).text
        reason = reason_to_plan(options, row | {"data": data, "plan": plan}, read_as)
    zone = orchestrator.settings.timezone
    return {
        "row": row | {"data": data, "citations": citations, "plan": plan},
        "planner": _planner(db, options, policy, context, zone) | {"reason": reason} if reason else None,
        "figures": {name: value for name, value in data.items() if name not in _TEXTS},
        "passages": _passages(data, citations, found["context"], json.loads(found["citations"])),
        "earlier": _earlier(db, options.conversation_id), "policy": policy,
        "tools": [dict(tool, schema=json.loads(tool["schema"])) for tool in db.rows(Q.tools, policy["tools"])],
        "views": {r["view"]: r["columns"] for r in db.rows(Q.readable_views)} if policy["sql"] else {},
        "embedder": context["model"], "now": context["now"], "zone": zone,
    }  # fmt: skip


def check_sketch(orchestrator: Orchestrator, question: str, sketch: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return the steps and parts of the plan that a language model has sketched, with times and names of the owner's.

    Raises InvalidArgument with the step that is wrong.
    """
    from datapunk.gaia.plan.running import known_subroutines
    from datapunk.gaia.plan.written import OwnFacts, offers, sketched

    db = orchestrator.db
    facts = OwnFacts(
        db=db, inference=orchestrator.inference, settings=orchestrator.settings, context=db.rows(Q.context)[0],
        question=question, phrase=Speech.of(language).say("that_time"),
    )  # fmt: skip
    tools = json.loads(db.rows(Q.policy)[0]["policy"])["tools"]
    return sketched(sketch, offers(db, tools), known_subroutines(db), facts).as_json()


def reason_to_plan(options: AskOptions, row: Mapping[str, Any], question: str) -> str | None:
    """Return why a language model is asked for a plan, None where the answer made without one stands.

    The question is given as it is read in English.
    """
    from datapunk.gaia.plan.leftover import may_ask_more

    if options.mode == "fast" or options.subroutine:
        return None
    plan, parts = row["plan"], row["data"].get("parts")
    is_unread = any((plan.get("parameters") or {}).get(field) for field in NOT_UNDERSTOOD)
    reasons = (
        ("asked for", options.mode == "deliberate"),
        ("declined", row["route"] == NONE),
        ("unread", is_unread),
        ("a part is unread", plan.get("left_over") or any(part["status"] == "unread" for part in parts or ())),
        ("a part may be unread", not parts and may_ask_more(question)),
        ("unsure", row["confidence"] is not None and row["confidence"] < _SURE),
    )
    return next((reason for reason, holds in reasons if holds), None)


def _planner(
    db: Db, options: AskOptions, policy: Mapping[str, Any], context: Mapping[str, Any], zone: str
) -> dict[str, Any]:  # fmt: skip
    """What a language model is told that is to write a plan: nothing that stands in the lake."""
    from datapunk.gaia.plan.running import Q as PLANS
    from datapunk.gaia.plan.written import offers

    before = db.rows(PLANS.questions_before, options.conversation_id, _MOST_BEFORE) if options.conversation_id else []
    return {
        "offers": [asdict(offer) for offer in offers(db, policy["tools"])],
        "before": [str(row["question"]) for row in before],
        "now": local(str(context["now"]), named_zone(zone)).isoformat(),
    }  # fmt: skip


def _earlier(db: Db, conversation_id: str | None) -> list[dict[str, str]]:
    """What was said before in a conversation: the summary of its older turns, then the newest ones."""
    if conversation_id is None:
        return []
    row = db.rows(Q.turns_before, conversation_id)[0]
    turns: list[dict[str, str]] = json.loads(row["turns"])
    return [*([{"summary": str(row["summary"])}] if row["summary"] else []), *turns]


def _passages(
    data: dict[str, Any], citations: list[dict[str, Any]], context: str, cited: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The items that the subroutine cites, then those of the context, each once, with the longest text there is."""
    texts: dict[int, str] = {}
    for passage in data.get("passages") or ():
        texts[int(passage["item_id"])] = str(passage["text"])
    for line, entry in zip(context.split("\n") if context else (), cited, strict=True):
        text = line.partition(": ")[2]
        if len(text) > len(texts.get(entry["item_id"], "")):
            texts[entry["item_id"]] = text
    found: dict[int, dict[str, Any]] = {}
    for entry in [*citations, *cited]:
        item = entry["item_id"]
        if item in found or len(found) == _MOST_PASSAGES:
            continue
        found[item] = {
            "item_id": item, "kind": entry["kind"], "title": entry["title"] or "", "url": entry["url"],
            "at": entry["occurred_at"] or "", "snippet": entry.get("snippet"),
            "text": texts.get(item) or entry.get("snippet") or entry["title"] or "",
        }  # fmt: skip
    return list(found.values())
