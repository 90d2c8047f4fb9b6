"""What a language model is given: the subroutine's own answer, passages, and what the owner lets it do."""

import json
from dataclasses import replace
from typing import Any

from datapunk.gaia.answering import Orchestrator
from datapunk.gaia.options import AskOptions
from datapunk.gaia.router import Q

# Orders to Gaia and questions about it: their answers are no matter of wording.
_OF_GAIA = ("remember", "forget", "help", "explain")
_MOST_PASSAGES = 12
# Parts of a subroutine's data that are passages, not figures.
_TEXTS = ("passages", "quote", "relaxed")


def gather(orchestrator: Orchestrator, question: str, options: AskOptions, max_tokens: int) -> dict[str, Any] | None:
    """Return the answer of the fast path (not stored), passages, figures and the owner's policy.

    None where a model has nothing to word. Raises as `Orchestrator.answer`.
    """
    db = orchestrator.db
    route = options.subroutine or orchestrator.rank(question, options)[0].subroutine
    if route in _OF_GAIA:
        return None
    row = orchestrator.answer(question, replace(options, model=None), keep=False)
    if row["route"] in _OF_GAIA:
        return None
    data, citations = json.loads(row["data"]), json.loads(row["citations"])
    given = {"max_tokens": max_tokens} | ({"kinds": [options.kind]} if options.kind else {})
    found = db.rows(Q.context_passages, question, json.dumps(given))[0]
    context = db.rows(Q.context)[0]
    policy = json.loads(db.rows(Q.policy)[0]["policy"])
    return {
        "row": row | {"data": data, "citations": citations, "plan": json.loads(row["plan"])},
        "figures": {name: value for name, value in data.items() if name not in _TEXTS},
        "passages": _passages(data, citations, found["context"], json.loads(found["citations"])),
        "policy": policy,
        "tools": [dict(tool, schema=json.loads(tool["schema"])) for tool in db.rows(Q.tools, policy["tools"])],
        "views": {r["view"]: r["columns"] for r in db.rows(Q.readable_views)} if policy["sql"] else {},
        "embedder": context["model"], "now": context["now"], "zone": orchestrator.settings.timezone,
    }  # fmt: skip


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
