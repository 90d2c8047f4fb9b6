"""The answer of a plan in words: what was asked for first, then what it leans on, then what failed or was left out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from datapunk.gaia.compose import compose
from datapunk.gaia.material import Cited, Material
from datapunk.gaia.plan.draft import Asked
from datapunk.gaia.plan.executor import UNMET, Execution, Result
from datapunk.gaia.plan.running import Told
from datapunk.gaia.speech import Speech, local

_SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Wording:
    """How an answer is worded: in a language, with the words of the question for those of its English reading."""

    speech: Speech
    worded: Callable[[str], str | None] = lambda text: text

    def phrase(self, text: str) -> str:
        """A time as the question has it; one that a plan worded says no more than that."""
        return self.worded(text) or self.speech.say("that_time")

    def part(self, text: str) -> str:
        """A part of the question, quoted."""
        return self.speech.quoted(self.worded(text) or text)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer with its citations in the order of their numbers."""

    text: str
    cited: tuple[Cited, ...]


def answering_step(asked: Asked, results: Mapping[str, Result]) -> str:
    """Return the step that answers a part: the last that found something, else the first done, else the first."""
    done = [name for name in asked.steps if results[name].status == "done"]
    found = [name for name in done if results[name].output.get("found")]
    return found[-1] if found else (done or asked.steps)[0]


def tell(
    asked: Sequence[Asked], execution: Execution, told: Mapping[str, Sequence[Told]], zone: ZoneInfo, wording: Wording
) -> Answer:
    """Return the answer to a question of several parts."""
    numbers = _Numbers()
    texts: dict[int, str] = {}
    results = execution.results
    # What was asked for comes first, and so do the numbers of its citations.
    order = sorted(range(len(asked)), key=lambda place: asked[place].part.is_support)
    for place in order:
        if not asked[place].is_read:
            texts[place] = wording.speech.say("plan.unread", part=wording.part(asked[place].part.text))
            continue
        name = answering_step(asked[place], results)
        result = results[name]
        if result.status == "done":
            texts[place] = "\n".join(_sentence(one, numbers, zone, wording) for one in told.get(name, ()))
        else:
            texts[place] = _left_out(asked[place], result, asked, results, wording)
    return Answer(text="\n".join(texts[place] for place in order if texts[place]), cited=tuple(numbers.cited))


def tell_steps(
    execution: Execution,
    told: Mapping[str, Sequence[Told]],
    zone: ZoneInfo,
    questions: Mapping[str, str | None],
    wording: Wording,
) -> Answer:
    """Return what each step of a pipeline says, in their order; of those without a sentence or question nothing."""
    numbers = _Numbers()
    lines: list[str] = []
    for name, result in execution.results.items():
        if result.status == "done":
            lines += [_sentence(one, numbers, zone, wording) for one in told.get(name, ())]
        elif result.status == "failed":
            lines.append(f"The step {questions.get(name) or name} failed: {result.reason}.")
    return Answer(
        text="\n".join(line for line in lines if line) or "Done; there is nothing to report.",
        cited=tuple(numbers.cited),
    )


class _Numbers:
    """Gives each cited item one number in the whole answer."""

    def __init__(self) -> None:
        self.cited: list[Cited] = []
        self._numbers: dict[int, int] = {}

    def of(self, cited: Cited) -> Cited:
        """The citation with the number that the answer shows; its ordinal stays the one within its step."""
        if cited.item_id not in self._numbers:
            self._numbers[cited.item_id] = len(self._numbers) + 1
            self.cited.append(replace(cited, ordinal=self._numbers[cited.item_id]))
        return replace(cited, shown=self._numbers[cited.item_id])


def _sentence(told: Told, numbers: _Numbers, zone: ZoneInfo, wording: Wording) -> str:
    if told.called.said:
        for entry in told.cited:
            numbers.of(entry)
        return told.called.said
    data = dict(told.called.data)
    rows = data.get("rows")
    is_ranking = told.subroutine in ("people", "places") and isinstance(rows, list)
    if is_ranking and rows is not None:
        data["rows"] = rows[: max(_SHOWN, int(told.given.get("asked_for") or 0))]
    kept = told.cited[: len(data["rows"])] if is_ranking else told.cited
    made_of = Material(
        parameters=_bounded(told.given, zone, wording), data=data, cited=[numbers.of(entry) for entry in kept],
        zone=zone, speech=wording.speech,
    )  # fmt: skip
    return compose(told.subroutine, made_of)


def _bounded(given: Mapping[str, Any], zone: ZoneInfo, wording: Wording) -> dict[str, Any]:
    """The input of a step as sentences tell it: a time that points back is told with its day."""
    said = dict(given)
    since, until, phrase = said.get("since"), said.get("until"), said.get("phrase")
    if phrase:
        said["phrase"] = wording.phrase(str(phrase))
    if phrase and (since is None) != (until is None):
        day = wording.speech.day(local(str(since or until), zone))
        said["phrase"] += wording.speech.say("plan.since" if since else "plan.before", day=day)
    return said


def _left_out(
    asked: Asked, result: Result, all_asked: Sequence[Asked], results: Mapping[str, Result], wording: Wording
) -> str:
    part, say = wording.part(asked.part.text), wording.speech.say
    if result.status == "failed":
        return say("plan.failed", part=part, reason=result.reason)
    if result.reason == UNMET:
        return say("plan.several", part=part)
    for before in all_asked:
        steps = [name for name in before.steps if name in result.reason]
        if steps and before is not asked:
            is_failed = any(results[name].status == "failed" for name in before.steps)
            return say("plan.leans_failed" if is_failed else "plan.leans_nothing", part=part)
    return say("plan.left_out", part=part, reason=result.reason)
