"""From a question to a stored answer: embed, route, understand, run, compose."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from datapunk.clock import zone as named_zone
from datapunk.db import Db, Query, Row
from datapunk.errors import NotFound
from datapunk.gaia import compose, material
from datapunk.gaia.calibration import NONE
from datapunk.gaia.follow_up import Turn, is_bare, is_follow_up, merged, shift
from datapunk.gaia.masking import masked
from datapunk.gaia.names import known_names
from datapunk.gaia.options import AskOptions
from datapunk.gaia.parameters import Name
from datapunk.gaia.router import Q, Routed, literal, route
from datapunk.gaia.routing import Route
from datapunk.gaia.understanding import can_run, is_mine, says_kind, times_of, understand_question
from datapunk.inference import InferenceClient
from datapunk.settings import Settings

SEARCH = "search"
# From this probability on a search is tried where the best route is none, whatever the question names.
_WORTH_A_LOOK = 0.15
# Subroutines beside which a search is tried: where they find nothing, and first where a question names no kind.
_LOOKED_BESIDE = (
    "count",
    "top",
    "compare",
    "trend",
    "people",
    "places",
    "timeline",
    "similar",
    "sentiment",
    "entities",
    "help",
    "predict",
)
_LOOKED_FIRST = ("count", "top", "compare", "trend", "help", "entities", "predict")
_NAMED = ("person", "channel", "site", "place", "note", "present")
_NOT_UNDERSTOOD = ("lost", "unread", "unknown")
# From this probability on a subroutine is tried where a better one lacks what it needs.
_WORTH_A_TRY = 0.08
# From this probability on a follow-up asks for something else than the question before.
_SURE = 0.5
# Subroutines whose questions take nothing over from the one before.
_OF_THEMSELVES = ("remember", "forget", "help", "explain", "profile")


@dataclass(kw_only=True)
class Watch:
    """Spans of an answer as they pass; the only thing here that changes."""

    began: float = field(default_factory=time.perf_counter)
    spans: list[dict[str, Any]] = field(default_factory=list)

    @contextmanager
    def span(self, name: str) -> Iterator[dict[str, Any]]:
        """Time a step; what the block puts into the dictionary is kept with it."""
        detail: dict[str, Any] = {}
        started = time.perf_counter()
        yield detail
        ended = time.perf_counter()
        self.spans.append({
            "ordinal": len(self.spans) + 1, "name": name, "detail": detail,
            "started_ms": round((started - self.began) * 1000, 3), "duration_ms": round((ended - started) * 1000, 3),
        })  # fmt: skip

    def elapsed_ms(self) -> float:
        """Milliseconds since the question."""
        return round((time.perf_counter() - self.began) * 1000, 3)


@dataclass(frozen=True, kw_only=True)
class Second:
    """The search that is asked where the best route has no answer: its handler and probability."""

    handler: str
    score: float


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The subroutine for a question with its handler (None where there is none), and what else might do."""

    name: str
    handler: str | None
    score: float
    second: Second | None = None
    rivals: tuple[tuple[str, str, float], ...] = ()
    ranking: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was run for a question, and what it gave; no handler where nothing was."""

    name: str
    handler: str | None
    confidence: float
    data: dict[str, Any] = field(default_factory=dict)
    cited: list[material.Cited] = field(default_factory=list)
    said: str | None = None


@dataclass(frozen=True, kw_only=True)
class Orchestrator:
    """Answers questions of the current owner over one connection."""

    db: Db
    inference: InferenceClient
    settings: Settings

    def rank(self, question: str) -> tuple[Route, ...]:
        """Return the subroutines for a question by their probability."""
        context = self.db.rows(Q.context)[0]
        return self._route(question, context, known_names(self.db, question, context)).ranking

    def answer(self, question: str, options: AskOptions, *, keep: bool = True) -> Row:
        """Answer a question and store the answer; return the row of gaia_answer."""
        watch = Watch()
        zone = named_zone(self.settings.timezone)
        self._check_conversation(options)
        context = self.db.rows(Q.context)[0]
        names = known_names(self.db, question, context)
        turn = self._turn_before(question, options)
        with watch.span("route") as detail:
            chosen = self._choose(question, options, context, names)
            if turn:
                chosen = self._of_turn(question, context, options, names, chosen, turn)
            detail.update(model=context["model"], chosen=chosen.name)
        with watch.span("understand") as detail:
            chosen, parameters = self._understood(question, context, options, names, chosen, turn)
            detail.update(parameters)
        plan: dict[str, Any] = {
            "routes": list(chosen.ranking), "subroutine": chosen.name, "handler": chosen.handler,
            "parameters": parameters,
        }  # fmt: skip
        found = Outcome(name=chosen.name, handler=chosen.handler, confidence=chosen.score)
        text = compose.DONT_KNOW
        if chosen.handler or chosen.second:
            found = self._executed(question, chosen, parameters, watch)
            plan |= {"subroutine": found.name, "handler": found.handler or chosen.handler}
            if found.handler:
                with watch.span("compose"):
                    asked = {**parameters, "question": question}
                    made_of = material.Material(parameters=asked, data=found.data, cited=found.cited, zone=zone)
                    text = _shortened(found.said or compose.compose(found.name, made_of), options.max_tokens)
                    text += compose.passed_over(parameters) if found.name == chosen.name else ""
            elif any(parameters.get(field) for field in _NOT_UNDERSTOOD):
                text = compose.not_understood(parameters)
        row = {
            "answer": text, "route": found.name, "confidence": found.confidence, "data": json.dumps(found.data),
            "plan": json.dumps(plan), "citations": json.dumps([c.as_json() for c in found.cited]),
            "latency_ms": watch.elapsed_ms(),
        }  # fmt: skip
        if keep:
            row |= self._store(question, options, row, found.cited, watch, context)
        row["latency_ms"] = watch.elapsed_ms()
        return row

    def _executed(self, question: str, chosen: Chosen, parameters: dict[str, Any], watch: Watch) -> Outcome:
        """Run what was chosen, or the search beside it; no handler in the outcome where the question is declined."""
        asked = {**parameters, "question": question}
        found = Outcome(name=chosen.name, handler=chosen.handler, confidence=chosen.score)
        second = chosen.second
        # What a question names no kind of thing for may be written somewhere.
        is_open = not any(parameters.get(field) for field in _NAMED) and not says_kind(question)
        if parameters.get("unknown") and chosen.name in (SEARCH, NONE) and not is_mine(question):
            # Spelled otherwise than it is written, it may be found all the same, where there is evidence; but what
            # happened to the owner with something that nothing of the owner's has, did not.
            asked["doubtful"] = True
        elif any(parameters.get(field) for field in _NOT_UNDERSTOOD):
            # A time that hangs on something unknown, or a word passed over: any figure would be another one's.
            found = replace(found, handler=None)
            second = second if is_open and parameters.get("unread") else None
        elif second and is_open and chosen.name in _LOOKED_FIRST and not is_mine(question):
            if written := self._looked_up(second, asked, watch):
                return written
            second = None
        if found.handler:
            with watch.span("run") as detail:
                data, cited, said = self._run(found.handler, asked)
                detail.update(handler=found.handler, citations=len(cited))
            found = replace(found, data=data, cited=cited, said=said)
        if second and (
            (not found.handler and (is_open or second.score >= _WORTH_A_LOOK))
            or (is_open and _is_doubtful(found.data))
            or (is_open and _is_empty(found.name, found.data) and not is_mine(question))
        ):
            return self._looked_up(second, asked, watch) or found
        return found

    def _looked_up(self, second: Second, asked: dict[str, Any], watch: Watch) -> Outcome | None:
        """What a search finds that nobody asked for: nothing unless its evidence is sure."""
        with watch.span("run") as detail:
            data, cited, _ = self._run(second.handler, asked | {"doubtful": True})
            detail.update(handler=second.handler, citations=len(cited))
        if not data.get("found"):
            return None
        return Outcome(name=SEARCH, handler=second.handler, confidence=second.score, data=data, cited=cited)

    def with_sources(self, row: Row) -> str:
        """Return the answer of a row with its numbered citations."""
        cited = [material.Cited(whole_day=False, **c) for c in json.loads(row["citations"])]
        listed = compose.sources(cited, named_zone(self.settings.timezone))
        return f"{row['answer']}\n\n{listed}" if listed else str(row["answer"])

    def _choose(self, question: str, options: AskOptions, context: Row, names: Sequence[Name]) -> Chosen:
        if options.subroutine:
            found = self.db.rows(Q.subroutine_named, options.subroutine, context["owner"])
            if not found:
                known = ", ".join(str(r["name"]) for r in self.db.rows(Q.subroutine_names))
                raise NotFound(f"no subroutine {options.subroutine!r}", hint=f"There are: {known}.")
            return Chosen(name=options.subroutine, handler=str(found[0]["handler"]), score=1.0)
        routed = self._route(question, context, names)
        best = routed.ranking[0]
        handler = routed.handlers.get(best.subroutine) if best.subroutine != NONE else None
        second = None
        if best.subroutine in (NONE, "when", *_LOOKED_BESIDE) and SEARCH in routed.handlers:
            score = next(r.score for r in routed.ranking if r.subroutine == SEARCH)
            second = Second(handler=routed.handlers[SEARCH], score=score)
        rivals = tuple(
            (r.subroutine, routed.handlers[r.subroutine], r.score)
            for r in routed.ranking[1:3]
            if r.score >= _WORTH_A_TRY and r.subroutine in routed.handlers
        )
        return Chosen(
            name=best.subroutine if handler else NONE, handler=handler, score=best.score, second=second, rivals=rivals,
            ranking=tuple(asdict(r) for r in routed.ranking[:4]),
        )  # fmt: skip

    def _route(self, question: str, context: Row, names: Sequence[Name]) -> Routed:
        asked = masked(question, names)
        vector = literal(self.inference.embed([asked], context["model"])[0])
        return route(
            self.db, self.inference, owner=context["owner"], model=context["model"], question=asked, vector=vector
        )

    def _turn_before(self, question: str, options: AskOptions) -> Turn | None:
        """The question before in the conversation, where this one leans on it."""
        if not options.conversation_id or options.subroutine or not is_follow_up(question):
            return None
        rows = self.db.rows(Q.turn_before, options.conversation_id)
        if not rows or not (parameters := json.loads(rows[0]["parameters"])):
            return None
        return Turn(route=str(rows[0]["route"]), parameters=parameters)

    def _of_turn(
        self, question: str, context: Row, options: AskOptions, names: Sequence[Name], chosen: Chosen, turn: Turn
    ) -> Chosen:
        """What a follow-up asks: the same as before, unless it asks for something else in so many words."""
        moved = shift(question)
        spans = times_of(self.inference, self.settings, question, context, options.language or self.settings.language)
        taken = [tuple(s["span"]) for s in spans] + ([(moved.start, moved.end)] if moved else [])
        if chosen.handler and chosen.name in _OF_THEMSELVES and chosen.score >= _SURE:
            return chosen
        if chosen.handler and chosen.score >= _SURE and not is_bare(question, taken, names):
            return chosen
        found = self.db.rows(Q.subroutine_named, turn.route, context["owner"])
        if not found:
            return chosen
        return replace(
            chosen, name=turn.route, handler=str(found[0]["handler"]), second=None, score=max(chosen.score, _SURE)
        )

    def _understood(
        self, question: str, context: Row, options: AskOptions, names: Sequence[Name], chosen: Chosen,
        turn: Turn | None,
    ) -> tuple[Chosen, dict[str, Any]]:  # fmt: skip
        """The parameters for what was chosen; where the question lacks what that needs, for the next best that fits."""
        if chosen.handler is None:
            return chosen, self._understand(
                question, context, options, names, SEARCH, turn
            ) if chosen.second else {}  # fmt: skip
        parameters = self._understand(question, context, options, names, chosen.name, turn)
        if options.subroutine or can_run(chosen.name, parameters):
            return chosen, parameters
        for name, handler, score in chosen.rivals:
            found = self._understand(question, context, options, names, name, turn)
            if can_run(name, found):
                return replace(chosen, name=name, handler=handler, score=score, second=None), found
        return chosen, parameters

    def _understand(
        self, question: str, context: Row, options: AskOptions, names: Sequence[Name], route: str,
        turn: Turn | None,
    ) -> dict[str, Any]:  # fmt: skip
        language = options.language or self.settings.language
        moved = shift(question) if turn else None
        asked = question
        if moved:
            # Told from the time of the question before, it is none of its own.
            asked = question[: moved.start] + " " * (moved.end - moved.start) + question[moved.end :]
        found = understand_question(self.db, self.inference, self.settings, asked, context, language, route, names)
        if turn and route not in _OF_THEMSELVES:
            found = merged(turn.parameters, found, moved)
        chosen = {"model": options.model, "kind": options.kind, "conversation_id": options.conversation_id}
        return found | {name: value for name, value in chosen.items() if value}

    def _run(self, handler: str, parameters: dict[str, Any]) -> tuple[dict[str, Any], list[material.Cited], str | None]:
        # The name comes from the catalog, quoted there; the parameters cross as a value.
        call = Query(name=f"gaia.call.{handler}", sql=f"select {handler}($1) as result", types=("jsonb",))
        raw = self.db.rows(call, json.dumps(parameters))[0]["result"]
        result = json.loads(raw) if raw else {}
        if not isinstance(result, dict):
            result = {"data": {"result": result}}
        if not result.keys() & {"data", "citations", "answer"}:
            result = {"data": result}
        data = result.get("data")
        said = result.get("answer")
        return (
            data if isinstance(data, dict) else {"result": data},
            self._cited(result.get("citations")),
            said if isinstance(said, str) and said.strip() else None,
        )

    def _cited(self, given: Any) -> list[material.Cited]:
        """Look up what a subroutine cites: item ids, or objects with item_id and snippet; unknown items drop out."""
        wanted: dict[int, str | None] = {}
        for entry in given if isinstance(given, list) else []:
            item = entry.get("item_id") if isinstance(entry, dict) else entry
            if isinstance(item, int):
                wanted.setdefault(item, entry.get("snippet") if isinstance(entry, dict) else None)
        if not wanted:
            return []
        rows = {row["id"]: row for row in self.db.rows(Q.cited_items, list(wanted))}
        return [
            material.Cited(
                ordinal=ordinal, item_id=item, snippet=wanted[item],
                **{name: rows[item][name] for name in ("kind", "source", "title", "url", "occurred_at", "whole_day")},
            )
            for ordinal, item in enumerate((i for i in wanted if i in rows), 1)
        ]  # fmt: skip

    def _check_conversation(self, options: AskOptions) -> None:
        if options.conversation_id and not self.db.rows(Q.conversation_exists, options.conversation_id):
            raise NotFound(
                f"no conversation {options.conversation_id}", hint="Leave out conversation_id to begin a new one."
            )

    def _store(
        self, question: str, options: AskOptions, row: Row, cited: list[material.Cited], watch: Watch, context: Row
    ) -> Row:
        given = {name: value for name, value in asdict(options).items() if value is not None}
        citations = [{"ordinal": c.ordinal, "item_id": c.item_id, "snippet": c.snippet} for c in cited]
        return self.db.rows(
            Q.answer_insert, options.conversation_id, question, row["answer"], row["route"], row["confidence"],
            row["data"], row["plan"], json.dumps(given), json.dumps({"embedder": context["model"]}),
            row["latency_ms"], json.dumps(citations), json.dumps(watch.spans),
        )[0]  # fmt: skip


def _is_doubtful(data: dict[str, Any]) -> bool:
    """Whether the subroutine when found nothing, or only something that is worded otherwise."""
    return "date" in data and (not data["date"] or data.get("order") == "nearest")


def _is_empty(name: str, data: dict[str, Any]) -> bool:
    """Whether a subroutine that counts, ranks or reads texts found nothing at all."""
    return name in _LOOKED_BESIDE and not data.get("count") and not data.get("rows")


def _shortened(text: str, max_tokens: int | None) -> str:
    """Cut an answer to about `max_tokens` words, at the end of a line where possible."""
    if max_tokens is None or len(text.split()) <= max_tokens:
        return text
    kept: list[str] = []
    for line in text.splitlines():
        if kept and len(" ".join([*kept, line]).split()) > max_tokens:
            break
        kept.append(line)
    words = "\n".join(kept)
    return words if len(words.split()) <= max_tokens else " ".join(words.split()[:max_tokens]) + " …"
