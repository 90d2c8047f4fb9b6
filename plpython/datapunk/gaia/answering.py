"""From a question to a stored answer: embed, route, understand, run, compose."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from datapunk.clock import zone as named_zone
from datapunk.db import Db, Row
from datapunk.errors import NotFound
from datapunk.gaia import compose, material
from datapunk.gaia.calibration import NONE
from datapunk.gaia.calling import PIPELINE, call, cited_items
from datapunk.gaia.choosing import LOOKED_BESIDE, OF_THEMSELVES, SEARCH, Chooser
from datapunk.gaia.hearing import Heard, hear, hear_parts
from datapunk.gaia.languages import ENGLISH
from datapunk.gaia.languages.detection import language_of
from datapunk.gaia.links import unlinked
from datapunk.gaia.options import AskOptions
from datapunk.gaia.outcome import Chosen, Outcome, Second
from datapunk.gaia.plan.glance import may_have_parts
from datapunk.gaia.router import Q
from datapunk.gaia.routing import Route
from datapunk.gaia.speech import Speech
from datapunk.gaia.understanding import is_mine, says_kind
from datapunk.gaia.unread import NOT_UNDERSTOOD
from datapunk.gaia.watch import Watch
from datapunk.inference import InferenceClient
from datapunk.settings import Settings

if TYPE_CHECKING:
    from datapunk.gaia.plan.deliberating import Deliberation, Made
    from datapunk.gaia.plan.reader import PartReader

# From this probability on a search is tried where the best route is none, whatever the question names.
_WORTH_A_LOOK = 0.15
# Subroutines before which a search is tried where a question names no kind.
_LOOKED_FIRST = (
    "count", "top", "compare", "trend", "help", "entities", "predict", "sentiment", "profile", "explain", "anomalies",
    "forecast",
)  # fmt: skip
_NAMED = ("person", "channel", "site", "place", "note", "present", "sides")


@dataclass(frozen=True, kw_only=True)
class Orchestrator:
    """Answers questions of the current owner over one connection."""

    db: Db
    inference: InferenceClient
    settings: Settings

    @property
    def _chooser(self) -> Chooser:
        return Chooser(db=self.db, inference=self.inference, settings=self.settings)

    def rank(self, question: str, options: AskOptions) -> tuple[Route, ...]:
        """Return the subroutines for a question by their probability."""
        context = self.db.rows(Q.context)[0]
        return self._chooser.route(hear(self.db, question, context, options.language, self.settings.language), context)

    def answer(self, question: str, options: AskOptions, *, keep: bool = True) -> Row:
        """Answer a question and store the answer; return the row of gaia_answer.

        What is not kept comes with its spans.
        """
        watch = Watch()
        zone = named_zone(self.settings.timezone)
        expected = self._language_before(options) or self.settings.language
        context = self.db.rows(Q.context)[0]
        heard = hear(self.db, question, context, options.language, expected)
        speech = Speech.of(heard.reading.language)
        if made := self._deliberated(heard, options, context, watch):
            return self._kept(question, options, made, watch, context, keep=keep, language=heard.reading.language)
        turn = self._chooser.turn_before(heard.reading.text, options, heard.reading.language)
        with watch.span("route") as detail:
            chosen = self._chooser.choose(heard, options, context)
            if turn:
                # What leans on the question before is not looked up by its own few words.
                chosen = replace(self._chooser.of_turn(heard, context, chosen, turn), second=None)
            detail.update(model=context["model"], chosen=chosen.name)
        with watch.span("understand") as detail:
            chosen, parameters = self._chooser.understood(heard, context, options, chosen, turn)
            detail.update(parameters)
        plan: dict[str, Any] = {
            "routes": list(chosen.ranking), "subroutine": chosen.name, "handler": chosen.handler,
            "parameters": parameters, "language": heard.reading.language,
        }  # fmt: skip
        if chosen.handler == PIPELINE and not any(parameters.get(field) for field in NOT_UNDERSTOOD):
            asked = _asked(question, heard, parameters)
            made = self._deliberation(context, zone, watch).pipeline(chosen.name, asked, speech)
            made = replace(made, confidence=chosen.score, plan={**plan, **made.plan})
            return self._kept(question, options, made, watch, context, keep=keep, language=heard.reading.language)
        found = Outcome(name=chosen.name, handler=chosen.handler, confidence=chosen.score)
        text = speech.say("dont_know")
        if chosen.handler or chosen.second:
            found = self._executed(question, heard, chosen, parameters, watch)
            if made := self._by_stay(heard, options, context, watch, found, parameters):
                return self._kept(question, options, made, watch, context, keep=keep, language=heard.reading.language)
            plan |= {"subroutine": found.name, "handler": found.handler or chosen.handler}
            if found.handler:
                with watch.span("compose"):
                    made_of = material.Material(
                        parameters=_asked(question, heard, parameters), data=found.data, cited=found.cited, zone=zone,
                        speech=speech,
                    )  # fmt: skip
                    text = _shortened(found.said or compose.compose(found.name, made_of), options.max_tokens)
                    text += compose.passed_over(parameters, speech, found.cited) if found.name == chosen.name else ""
                    if left := self._left_over(heard, found.name):
                        plan["left_over"] = left
                        said = [speech.quoted(heard.reading.worded(part)) for part in left]
                        text += "\n" + speech.say("left_over", parts=speech.listed(said))
            elif any(parameters.get(field) for field in NOT_UNDERSTOOD):
                text = compose.not_understood(parameters, speech)
        # Texts of others are quoted: nothing in them may load or be clicked, but for what is cited itself.
        text = unlinked(text, {c.url for c in found.cited if c.url})
        row = {
            "answer": text, "route": found.name, "confidence": found.confidence, "data": json.dumps(found.data),
            "plan": json.dumps(plan), "citations": json.dumps([c.as_json() for c in found.cited]),
            "latency_ms": watch.elapsed_ms(), "language": heard.reading.language,
        }  # fmt: skip
        if not keep:
            return row | {"spans": watch.spans}
        row |= self._store(question, options, row, found.cited, watch, context)
        row["latency_ms"] = watch.elapsed_ms()
        return row

    def _by_stay(
        self, heard: Heard, options: AskOptions, context: Row, watch: Watch, found: Outcome, parameters: dict[str, Any]
    ) -> "Made | None":
        """The answer of a plan where nothing is found at a place that a question names without a time.

        What has no place of its own may have been while the owner stayed there.
        """
        is_timed = parameters.get("since") or parameters.get("until")
        if options.mode or found.cited or is_timed or not parameters.get("place"):
            return None
        made = self._deliberated(heard, replace(options, mode="deliberate"), context, watch)
        return made if made and made.cited else None

    def _left_over(self, heard: Heard, route: str) -> list[str]:
        """What a question of which one part is answered asks for beside it."""
        if route in OF_THEMSELVES or not may_have_parts(heard.reading.text):
            return []
        from datapunk.gaia.plan.leftover import leftover

        return leftover(heard.reading.text)

    def _executed(
        self, question: str, heard: Heard, chosen: Chosen, parameters: dict[str, Any], watch: Watch
    ) -> Outcome:
        """Run what was chosen, or the search beside it; no handler in the outcome where the question is declined."""
        asked = _asked(question, heard, parameters)
        read = heard.reading.text
        found = Outcome(name=chosen.name, handler=chosen.handler, confidence=chosen.score)
        second = chosen.second
        # What a question names no kind of thing for may be written somewhere.
        is_open = not any(parameters.get(field) for field in _NAMED) and not says_kind(read)
        if parameters.get("unknown") and chosen.name in (SEARCH, NONE) and not is_mine(read):
            # Spelled otherwise than it is written, it may be found all the same, where there is evidence; but what
            # happened to the owner with something that nothing of the owner's has, did not.
            asked["doubtful"] = True
        elif any(parameters.get(field) for field in NOT_UNDERSTOOD):
            # A time that hangs on something unknown, or a word passed over: any figure would be another one's.
            found = replace(found, handler=None)
            second = second if is_open and parameters.get("unread") else None
        elif second and is_open and chosen.name in _LOOKED_FIRST and not is_mine(read):
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
            or (is_open and _is_doubtful(found.data) and not (is_mine(read) and found.data["date"]))
            or (is_open and _is_empty(found.name, found.data) and not is_mine(read))
        ):
            return self._looked_up(second, asked, watch) or found
        return found

    def _looked_up(self, second: Second, asked: dict[str, Any], watch: Watch) -> Outcome | None:
        """What a search finds that nobody asked for: nothing unless its evidence is sure."""
        with watch.span("run") as detail:
            data, cited, _ = self._run(second.handler, asked | {"doubtful": True})
            detail.update(handler=second.handler, citations=len(cited))
        if not data.get("found") or "kind" in (data.get("relaxed") or ()):
            return None
        return Outcome(name=SEARCH, handler=second.handler, confidence=second.score, data=data, cited=cited)

    def run(self, name: str | None, given: dict[str, Any], options: AskOptions) -> Row:
        """Run a pipeline or subroutine by its name and store the answer; return the row of gaia_answer."""
        watch = Watch()
        self._language_before(options)
        context = self.db.rows(Q.context)[0]
        made = self._deliberation(context, named_zone(self.settings.timezone), watch).named(name, given)
        asked = {"run": name, "input": given}
        return self._kept(f"Run {name}", options, made, watch, context, asked=asked)

    def answer_by(self, question: str, options: AskOptions, written: Mapping[str, Any], *, keep: bool = True) -> Row:
        """Answer a question by the plan that a language model has written for it; return the row of gaia_answer.

        `written` holds its steps, parts and who wrote it (written_by). Raises InvalidArgument where it is not allowed.
        """
        from datapunk.gaia.plan.sketch import Sketched
        from datapunk.gaia.plan.telling import Wording

        watch = Watch()
        context = self.db.rows(Q.context)[0]
        code = options.language or language_of(question, self._language_before(options) or self.settings.language)
        deliberation = replace(
            self._deliberation(context, named_zone(self.settings.timezone), watch),
            wording=Wording(speech=Speech.of(code)),
        )
        policy = json.loads(self.db.rows(Q.policy)[0]["policy"])
        sketched = Sketched(steps=written["steps"], parts=written["parts"])
        made = deliberation.written(sketched, str(written["written_by"]), policy["tools"])
        return self._kept(question, options, made, watch, context, keep=keep, language=code)

    def run_nested(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        """Run a pipeline for a function that calls it; return {data, citations, answer} and store nothing."""
        context = self.db.rows(Q.context)[0]
        made = self._deliberation(context, named_zone(self.settings.timezone), Watch()).named(name, given)
        return {"data": made.data, "citations": [c.item_id for c in made.cited], "answer": made.text}

    def _deliberated(self, heard: Heard, options: AskOptions, context: Row, watch: Watch) -> "Made | None":
        """The answer of a plan, where the question wants one."""
        if options.mode == "fast" or options.subroutine:
            return None
        if heard.reading.language != ENGLISH:
            return self._deliberated_from(heard, options, context, watch)
        if options.mode != "deliberate":
            if not may_have_parts(heard.reading.text):
                return None
            from datapunk.gaia.plan.decompose import has_parts

            if not has_parts(heard.reading.text):
                return None
        return self._deliberation(context, named_zone(self.settings.timezone), watch).question(
            heard.reading.text, self._reader(context, options), is_asked_for=options.mode == "deliberate"
        )

    def _deliberated_from(self, heard: Heard, options: AskOptions, context: Row, watch: Watch) -> "Made | None":
        """The answer of a plan to a question in another language, whose parts are read in English one by one."""
        code = heard.reading.language
        parted = hear_parts(self.db, heard.reading.question, context, code)
        if parted is None and options.mode != "deliberate":
            return None
        from datapunk.gaia.plan.telling import Wording

        worded = parted.worded if parted else heard.reading.worded
        deliberation = replace(
            self._deliberation(context, named_zone(self.settings.timezone), watch),
            wording=Wording(speech=Speech.of(code), worded=worded),
        )
        return deliberation.question(
            parted.text if parted else heard.reading.text, self._reader(context, options),
            is_asked_for=options.mode == "deliberate",
        )  # fmt: skip

    def _deliberation(self, context: Row, zone: ZoneInfo, watch: Watch) -> "Deliberation":
        # Most questions have one part and need no plan: these do not load what makes and runs one.
        from datapunk.gaia.plan.deliberating import Deliberation

        return Deliberation(db=self.db, settings=self.settings, zone=zone, context=context, watch=watch)

    def _reader(self, context: Row, options: AskOptions) -> "PartReader":
        from datapunk.gaia.plan.reader import PartReader

        return PartReader(
            heard=lambda text: hear(self.db, text, context, ENGLISH, ENGLISH),
            ranked=lambda part: self._chooser.route(part, context),
            read=lambda part, subroutine: self._chooser.understand(part, context, options, subroutine, None),
        )

    def _kept(
        self, question: str, options: AskOptions, made: "Made", watch: Watch, context: Row, *, keep: bool = True,
        asked: dict[str, Any] | None = None, language: str = ENGLISH,
    ) -> Row:  # fmt: skip
        """The row of what a plan has answered, stored."""
        row = {
            "answer": _shortened(made.text, options.max_tokens), "route": made.route, "confidence": made.confidence,
            "data": json.dumps(made.data), "plan": json.dumps(made.plan), "latency_ms": watch.elapsed_ms(),
            "citations": json.dumps([c.as_json() for c in made.cited]), "language": language,
        }  # fmt: skip
        if not keep:
            return row | {"spans": watch.spans}
        row |= self._store(question, options, row, list(made.cited), watch, context, asked)
        row["latency_ms"] = watch.elapsed_ms()
        return row

    def with_sources(self, row: Row) -> str:
        """Return the answer of a row with its numbered citations."""
        cited = [material.Cited(whole_day=False, **c) for c in json.loads(row["citations"])]
        listed = compose.sources(cited, named_zone(self.settings.timezone), Speech.of(row["language"]))
        return f"{row['answer']}\n\n{listed}" if listed else str(row["answer"])

    def _run(self, handler: str, parameters: dict[str, Any]) -> tuple[dict[str, Any], list[material.Cited], str | None]:
        found = call(self.db, handler, parameters)
        return found.data, cited_items(self.db, found.citations), found.said

    def _language_before(self, options: AskOptions) -> str | None:
        """The language of the answer before in the conversation. Raises NotFound where there is none."""
        if not options.conversation_id:
            return None
        rows = self.db.rows(Q.conversation_language, options.conversation_id)
        if not rows:
            raise NotFound(
                f"no conversation {options.conversation_id}", hint="Leave out conversation_id to begin a new one."
            )
        return rows[0]["language"] and str(rows[0]["language"])

    def _store(
        self, question: str, options: AskOptions, row: Row, cited: list[material.Cited], watch: Watch, context: Row,
        asked: dict[str, Any] | None = None,
    ) -> Row:  # fmt: skip
        given = {name: value for name, value in vars(options).items() if value is not None} | (asked or {})
        citations = [{"ordinal": c.ordinal, "item_id": c.item_id, "snippet": c.snippet} for c in cited]
        return self.db.rows(
            Q.answer_insert, options.conversation_id, question, row["answer"], row["route"], row["confidence"],
            row["data"], row["plan"], json.dumps(given), json.dumps({"embedder": context["model"]}),
            row["latency_ms"], json.dumps(citations), json.dumps(watch.spans), row["language"],
        )[0]  # fmt: skip


def _asked(question: str, heard: Heard, parameters: dict[str, Any]) -> dict[str, Any]:
    """What a subroutine is given: the parameters, the question, and how one of another language is read."""
    asked = {**parameters, "question": question}
    if heard.reading.language != ENGLISH:
        asked |= {"language": heard.reading.language, "reading": heard.reading.text}
    return asked


def _is_doubtful(data: dict[str, Any]) -> bool:
    """Whether the subroutine when found nothing, or only something that is worded otherwise."""
    return "date" in data and (not data["date"] or data.get("order") == "nearest")


def _is_empty(name: str, data: dict[str, Any]) -> bool:
    """Whether a subroutine that counts, ranks or reads texts found nothing at all."""
    return name in LOOKED_BESIDE and not data.get("count") and not data.get("rows")


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
