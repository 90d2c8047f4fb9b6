"""Which subroutine a question is for, and what it says for it: routed, or as the question before in a conversation."""

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from datapunk.clock import zone as named_zone
from datapunk.db import Db, Row
from datapunk.errors import NotFound
from datapunk.gaia.bounds import bounds
from datapunk.gaia.calibration import NONE
from datapunk.gaia.follow_up import Turn, is_bare, is_follow_up, merged, shift
from datapunk.gaia.hearing import Heard
from datapunk.gaia.masking import masked
from datapunk.gaia.options import AskOptions
from datapunk.gaia.outcome import Chosen, Second
from datapunk.gaia.pointing import event_time, pointed
from datapunk.gaia.router import Q, handlers
from datapunk.gaia.router import route as ranked
from datapunk.gaia.routing import Route
from datapunk.gaia.speech import Speech
from datapunk.gaia.times import times_of
from datapunk.gaia.understanding import can_run, understand_question
from datapunk.inference import InferenceClient
from datapunk.settings import Settings

SEARCH = "search"
#: Subroutines beside which a search is tried: where they find nothing.
LOOKED_BESIDE = (
    "count", "top", "compare", "trend", "people", "places", "timeline", "similar", "sentiment", "entities", "help",
    "predict", "profile", "explain", "anomalies", "forecast",
)  # fmt: skip
#: Subroutines whose questions take nothing over from the one before.
OF_THEMSELVES = ("remember", "forget", "help", "explain", "profile")
# From this probability on a subroutine is tried where a better one lacks what it needs.
_WORTH_A_TRY = 0.08
# From this probability on a follow-up asks for something else than the question before.
_SURE = 0.5
_NOT_FORGOTTEN = re.compile(r"\b(?:don't|do not|never) forget\b", re.IGNORECASE)
# "Who was with me?" is about what the question before found.
_WHO_WAS = re.compile(r"^\W*who (?:else )?(?:was|were|came|went|joined)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Chooser:
    """Chooses for questions of the current owner."""

    db: Db
    inference: InferenceClient
    settings: Settings

    def choose(self, heard: Heard, options: AskOptions, context: Row) -> Chosen:
        """The subroutine for a question: the one that is named, else the best, with those that may stand in for it."""
        if options.subroutine:
            found = self.db.rows(Q.subroutine_named, options.subroutine, context["owner"])
            if not found:
                known = ", ".join(str(r["name"]) for r in self.db.rows(Q.subroutine_names))
                raise NotFound(f"no subroutine {options.subroutine!r}", hint=f"There are: {known}.")
            return Chosen(name=options.subroutine, handler=str(found[0]["handler"]), score=1.0)
        ranking = self.route(heard, context)
        best = ranking[0]
        called = handlers(self.db, context["owner"], [SEARCH, *(r.subroutine for r in ranking[:3])])
        handler = called.get(best.subroutine) if best.subroutine != NONE else None
        second = None
        if best.subroutine in (NONE, "when", *LOOKED_BESIDE) and SEARCH in called:
            score = next((r.score for r in ranking if r.subroutine == SEARCH), None)
            second = None if score is None else Second(handler=called[SEARCH], score=score)
        rivals = tuple(
            (r.subroutine, called[r.subroutine], r.score)
            for r in ranking[1:3]
            if r.score >= _WORTH_A_TRY and r.subroutine in called
        )
        return Chosen(
            name=best.subroutine if handler else NONE, handler=handler, score=best.score, second=second, rivals=rivals,
            ranking=tuple(vars(r).copy() for r in ranking[:4]),
        )  # fmt: skip

    def route(self, heard: Heard, context: Row) -> tuple[Route, ...]:
        """The subroutines for a question by their probability, the best first."""
        # Hours of the day say nothing of what is asked for; not to forget is to remember.
        asked = masked(bounds(heard.reading.text, times=False).text, heard.names)
        asked = _NOT_FORGOTTEN.sub("remember", asked)
        return ranked(
            self.db, self.inference, owner=context["owner"], model=context["model"], question=asked,
            own=context["router_embedder"],
        )  # fmt: skip

    def turn_before(self, question: str, options: AskOptions, language: str) -> Turn | None:
        """The question before in the conversation, where this one leans on it, with what this one points at."""
        if not options.conversation_id or options.subroutine or not is_follow_up(question):
            return None
        rows = self.db.rows(Q.turn_before, options.conversation_id)
        if not rows or not (parameters := json.loads(rows[0]["parameters"])):
            return None
        route, data = str(rows[0]["route"]), json.loads(rows[0]["data"] or "{}")
        zone, phrase = named_zone(self.settings.timezone), Speech.of(language).say("that_time")
        found = pointed(question, route, parameters, data, zone, phrase)
        time_of = found.time
        if not time_of and not parameters.get("since") and (shift(question) or _WHO_WAS.search(question)):
            time_of = event_time(data, zone, phrase)
        if time_of:
            # What named the event is no topic of what was then.
            parameters = {
                k: v for k, v in parameters.items() if k not in ("topic", "quoted", "kind", "order", "measure")
            }
        return Turn(route=route, parameters=parameters | found.parameters | time_of, missing=found.missing)

    def of_turn(self, heard: Heard, context: Row, chosen: Chosen, turn: Turn) -> Chosen:
        """What a follow-up asks: the same as before, unless it asks for something else in so many words."""
        question = heard.reading.text
        moved = shift(question)
        spans = times_of(self.inference, self.settings, question, context)
        taken = [tuple(s["span"]) for s in spans] + ([(moved.start, moved.end)] if moved else [])
        if chosen.handler and chosen.name in OF_THEMSELVES and chosen.score >= _SURE:
            return chosen
        if chosen.handler and chosen.score >= _SURE and not is_bare(question, taken, heard.names):
            return chosen
        found = self.db.rows(Q.subroutine_named, turn.route, context["owner"])
        if not found:
            return chosen
        return replace(
            chosen, name=turn.route, handler=str(found[0]["handler"]), second=None, score=max(chosen.score, _SURE)
        )

    def understood(
        self, heard: Heard, context: Row, options: AskOptions, chosen: Chosen, turn: Turn | None
    ) -> tuple[Chosen, dict[str, Any]]:
        """The parameters for what was chosen; where the question lacks what that needs, for the next best that fits."""
        if chosen.handler is None:
            return chosen, self.understand(heard, context, options, SEARCH, turn) if chosen.second else {}
        parameters = self.understand(heard, context, options, chosen.name, turn)
        if options.subroutine or can_run(chosen.name, parameters):
            return chosen, parameters
        if chosen.name == SEARCH and (summary := self.db.rows(Q.subroutine_named, "summarize", context["owner"])):
            # What somebody wrote about, without a word to search for, are the main points.
            found = self.understand(heard, context, options, "summarize", turn)
            return replace(chosen, name="summarize", handler=str(summary[0]["handler"]), second=None), found
        for name, handler, score in chosen.rivals:
            found = self.understand(heard, context, options, name, turn)
            if can_run(name, found):
                return replace(chosen, name=name, handler=handler, score=score, second=None), found
        return chosen, parameters

    def understand(
        self, heard: Heard, context: Row, options: AskOptions, route: str, turn: Turn | None
    ) -> dict[str, Any]:
        """The parameters for a subroutine, with those of the question before, and those of the options."""
        reading = heard.reading
        moved = shift(reading.text) if turn else None
        if moved:
            # Told from the time of the question before, it is none of its own.
            blank = " " * (moved.end - moved.start)
            reading = replace(reading, text=reading.text[: moved.start] + blank + reading.text[moved.end :])
        found = understand_question(self.db, self.inference, self.settings, reading, context, route, heard.names)
        if turn and route not in OF_THEMSELVES:
            found = merged(turn.parameters, found, moved, Speech.of(reading.language).say("that_time"))
            if turn.missing and not found.get("person"):
                found["unresolved"] = reading.worded(turn.missing)
        chosen = {"model": options.model, "kind": options.kind, "conversation_id": options.conversation_id}
        return found | {name: value for name, value in chosen.items() if value}
