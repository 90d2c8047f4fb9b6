"""An answer worded by a language model: gathered in short transactions, asked for in none, checked, stored."""

import json
import threading
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import psycopg

from datapunk.clock import zone as named_zone
from datapunk.db import Row, one
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.errors import DatapunkError
from datapunk.gaia import links
from datapunk.gaia.grounding import DATA, Checked, Source, check
from datapunk.gaia.languages import ENGLISH
from datapunk.gaia.prompting import NOT_FOUND, PassageGiven, answer_request, tool_request
from datapunk.gaia.router import Q as GAIA
from datapunk.gaia.speech import Speech, local
from datapunk.gaia.tools import as_text
from datapunk.gaia.watch import Watch
from datapunk.inference import InferenceClient
from datapunk.inference.chat import ChatModel, ChatReply, ChatRequest, Message
from datapunk.inference.chat.errors import AnswerUnusable, CallCancelled
from datapunk_workers.model_calls import ModelCalls
from datapunk_workers.model_tools import Toolbox
from datapunk_workers.planning import Planning
from datapunk_workers.queue import Q

_CONTEXT_TOKENS = 2000
_TOOL_TOKENS = 512
_TIMEOUT_MS = "120000"


@dataclass(kw_only=True)
class Wording:
    """One question, one model. `optional` where the owner's policy chose the model: then its failure is no error."""

    connection: psycopg.Connection[Any]
    inference: InferenceClient
    model: ChatModel
    task_id: int
    claim: Row
    stop: threading.Event
    optional: bool = False
    # Why the model cannot be asked, where that is known already.
    refusal: DatapunkError | None = None

    def answer(self) -> bool | None:
        """Answer and store; returns whether the answer was kept (the lease may be lost), None when no model has to.

        Raises psycopg.Error, DatapunkError.
        """
        watch = Watch()
        gathered = self._gather(watch)
        if gathered is None:
            return None
        calls = ModelCalls(self.connection, self.model, task_id=self.task_id, stop=self.stop)
        toolbox = Toolbox(connection=self.connection, gathered=gathered, claim=self.claim, stop=self.stop)
        told: dict[str, Any] = {}
        planning: dict[str, Any] = {}
        try:
            if self.refusal:
                raise self.refusal
            if gathered["planner"]:
                gathered, planning = self._planned(gathered, calls, watch)
            if planning.get("outcome") != "planned":
                # A plan is what the model wants to have run.
                self._run_tools(gathered, calls, toolbox, watch)
            text, cited, told = self._worded(gathered, calls, toolbox, watch)
        except CallCancelled:
            raise
        except DatapunkError as exc:
            if not self.optional:
                raise
            text, cited = None, []
            told = {"outcome": "failed", "error": exc.message, "sqlstate": exc.sqlstate, "hint": exc.hint}
        told |= {"tools_refused": toolbox.refused} | ({"planning": planning} if planning else {})
        return self._store(gathered, text, cited, told, calls, watch)

    def _gather(self, watch: Watch, written: dict[str, Any] | None = None) -> dict[str, Any] | None:
        most = self.model.context_tokens
        budget = (
            _CONTEXT_TOKENS if most is None else max(100, min(_CONTEXT_TOKENS, (most - self.model.max_tokens) // 3))
        )
        db = PsycopgDb(self.connection)
        began = watch.elapsed_ms()
        with watch.span("gather") as detail:
            with self.connection.transaction():
                db.execute(Q.answer_as, self.claim["role_name"], _TIMEOUT_MS, self.claim["settings"])
                options = json.loads(self.claim["options"])
                options.pop("model", None)
                given = (json.dumps(options), budget, json.dumps(written) if written else None)
                raw = one(db.rows(Q.gather, self.claim["question"], *given))["gathered"]
                db.execute(Q.own_role)
            gathered: dict[str, Any] | None = json.loads(raw) if raw else None
            if gathered:
                detail.update(route=gathered["row"]["route"], passages=len(gathered["passages"]))
        if gathered:
            watch.take_over(gathered["row"].pop("spans"), began)
        return gathered

    def _planned(
        self, gathered: dict[str, Any], calls: ModelCalls, watch: Watch
    ) -> tuple[dict[str, Any], dict[str, Any]]:  # fmt: skip
        """Have the model write a plan; return what is gathered by it, or as it was, and what came of it."""
        planning = Planning(
            connection=self.connection, calls=calls, claim=self.claim, planner=gathered["planner"],
            language=gathered["row"]["language"], zone=gathered["zone"], watch=watch,
        )  # fmt: skip
        with watch.span("planning") as detail:
            written, told = planning.plan()
            detail.update(told)
        if written is None:
            return gathered, told
        by_plan = self._gather(watch, written)
        if by_plan is None or not _has_answer(by_plan["row"]):
            return gathered, told | {"outcome": "nothing found"}
        return by_plan, told

    def _run_tools(self, gathered: dict[str, Any], calls: ModelCalls, toolbox: Toolbox, watch: Watch) -> None:
        """Let the model choose tools by the question alone; texts of the lake are not shown to it here."""
        if not toolbox.specs():
            return
        zone = str(gathered["zone"])
        request = tool_request(
            self.claim["question"], toolbox.specs(), now=local(gathered["now"], named_zone(zone)).isoformat(),
            zone=zone, max_tokens=min(_TOOL_TOKENS, self.model.max_tokens),
        )  # fmt: skip
        for _ in range(int(gathered["policy"]["max_rounds"])):
            with watch.span("model") as detail:
                reply = calls.ask(request, "tools")
                detail.update(_told(reply), purpose="tools", calls=[c.name for c in reply.calls])
            if not reply.calls:
                return
            said = Message(role="assistant", text=reply.text, calls=reply.calls)
            answers = []
            for call in reply.calls:
                with watch.span("tool") as detail:
                    refused = len(toolbox.refused)
                    answers.append(toolbox.run(call))
                    ran = len(toolbox.refused) == refused
                    detail.update(tool=call.name, ran=ran)
                    if ran:
                        detail.update(arguments=dict(toolbox.results[-1].arguments))
            request = replace(request, messages=(*request.messages, said, *answers))

    def _worded(
        self, gathered: dict[str, Any], calls: ModelCalls, toolbox: Toolbox, watch: Watch
    ) -> tuple[str | None, list[dict[str, Any]], dict[str, Any]]:
        """Return the checked answer, what it cites, and what is told of it; no text where the fast answer serves."""
        passages = _with_items(gathered["passages"], toolbox)
        figures = dict(gathered["figures"])
        if toolbox.results:
            figures["tools"] = [
                {"tool": r.name, "arguments": dict(r.arguments), "result": r.data} for r in toolbox.results
            ]
        request, passages = self._request(calls, passages, figures, gathered["earlier"])
        with watch.span("model") as detail:
            reply = calls.ask(request, "answer")
            # What asks for tools here was not offered any: a text has told it to.
            detail.update(_told(reply), purpose="answer", tools_not_offered=len(reply.calls))
        said = links.without_links(reply.text, {p["url"] for p in passages if p["url"]}).strip()
        told: dict[str, Any] = {"tools_not_offered": len(reply.calls), "truncated": reply.truncated}
        if not said:
            raise AnswerUnusable("the model answered with no text", hint="Give it a larger max_tokens.")
        if said.strip(" .*_\"'").upper() == NOT_FOUND:
            return None, [], told | {"outcome": "not found"}
        with watch.span("check") as detail:
            checked = self._checked(said, passages, figures, gathered)
            detail.update(
                sentences=len(checked.verdicts), unsupported=len(checked.unsupported),
                reasons=sorted({v.reason for v in checked.verdicts if not v.supported}),
            )  # fmt: skip
        told |= {"unsupported": checked.unsupported}
        if len(checked.unsupported) == len(checked.verdicts):
            return None, [], told | {"outcome": "unsupported"}
        cited = [passages[number - 1] for number in checked.cited]
        # Once more, since markers were taken out of it.
        text = links.without_links(checked.text, {p["url"] for p in cited if p["url"]})
        return text, cited, told | {"outcome": "worded"}

    def _request(
        self, calls: ModelCalls, passages: list[dict[str, Any]], figures: dict[str, Any], earlier: list[dict[str, str]]
    ) -> tuple[ChatRequest, list[dict[str, Any]]]:
        """Return the request with as many passages as the model reads, and those; the oldest turns go before them."""
        asked = json.loads(self.claim["options"]).get("max_tokens")
        most = min(self.model.max_tokens, int(asked)) if asked else self.model.max_tokens
        shown = json.loads(as_text(figures))
        while True:
            given = [
                PassageGiven(number=n, kind=p["kind"], title=p["title"], at=p["at"][:16], text=p["text"])
                for n, p in enumerate(passages, 1)
            ]
            request = answer_request(self.claim["question"], given, shown, max_tokens=most, earlier=earlier)
            room = self.model.context_tokens
            if room is None or not passages or calls.estimated_tokens(request) + most <= room:
                return request, passages
            earlier, passages = (earlier[1:], passages) if earlier else (earlier, passages[:-1])

    def _checked(
        self, said: str, passages: list[dict[str, Any]], figures: dict[str, Any], gathered: dict[str, Any]
    ) -> Checked:
        zone = named_zone(gathered["zone"])
        sources = [
            Source(number=n, text=f"{_dated(p['at'], zone)} {p['kind']}. {p['title']}.\n{p['text']}")
            for n, p in enumerate(passages, 1)
        ]
        if figures:
            sources.append(Source(number=DATA, text=json.dumps(figures, ensure_ascii=False)))

        def similarities(texts: list[str], others: list[str]) -> Any:
            model = str(gathered["embedder"])
            one_side, other = (
                np.array([np.frombuffer(v, dtype="<f4") for v in self.inference.embed(part, model)])
                for part in (texts, others)
            )
            return one_side @ other.T

        remove = gathered["policy"]["unsupported"] == "remove"
        return check(said, sources, question=self.claim["question"], similarities=similarities, remove=remove)

    def _store(
        self, gathered: dict[str, Any], text: str | None, cited: list[dict[str, Any]], told: dict[str, Any],
        calls: ModelCalls, watch: Watch,
    ) -> bool:  # fmt: skip
        row = gathered["row"]
        if text is None:
            cited = row["citations"]
        citations = [
            {"ordinal": n, "item_id": c["item_id"], "snippet": c.get("snippet")} for n, c in enumerate(cited, 1)
        ]
        options = json.loads(self.claim["options"])
        plan = row["plan"] | {"language_model": calls.as_json() | told}
        models = {"embedder": gathered["embedder"], "language_model": calls.as_json()}
        db = PsycopgDb(self.connection)
        with self.connection.transaction():
            db.execute(Q.answer_as, self.claim["role_name"], _TIMEOUT_MS, self.claim["settings"])
            stored = one(db.rows(
                GAIA.answer_insert, options.get("conversation_id"), self.claim["question"], text or row["answer"],
                row["route"], row["confidence"], json.dumps(row["data"]), json.dumps(plan), json.dumps(options),
                json.dumps(models), watch.elapsed_ms(), json.dumps(citations), json.dumps(watch.spans), row["language"],
            ))  # fmt: skip
            db.execute(Q.own_role)
            kept = one(
                db.rows(Q.finish_task, self.task_id, self.claim["token"], stored["answer_id"], None, None, None)
            )["kept"]
            if not kept:
                raise psycopg.Rollback
        return bool(kept)


def _with_items(passages: list[dict[str, Any]], toolbox: Toolbox) -> list[dict[str, Any]]:
    """The passages and the items that tools cite."""
    found = {p["item_id"]: p for p in passages}
    for result in toolbox.results:
        for item in result.items:
            found.setdefault(item["id"], {
                "item_id": item["id"], "kind": item["kind"], "title": item["title"] or "", "url": item["url"],
                "at": item["occurred_at"] or "", "snippet": None, "text": item["title"] or "",
            })  # fmt: skip
    return list(found.values())


def _has_answer(row: dict[str, Any]) -> bool:
    """Whether a plan's step for something that was asked has run: a figure of nothing is an answer too."""
    results = row["plan"]["results"]
    asked = [step for part in row["plan"]["parts"] if part["asked"] for step in part["steps"]]
    return any(results[step]["status"] == "done" for step in asked)


def _told(reply: ChatReply) -> dict[str, Any]:
    return {"model": reply.model, "tokens_in": reply.usage.tokens_in, "tokens_out": reply.usage.tokens_out}


def _dated(at: str, zone: Any) -> str:
    """A date as a machine and as a person writes it, so that either may be cited."""
    return f"{at[:16]} {Speech.of(ENGLISH).day(local(at, zone), weekday=True)}" if at else ""
