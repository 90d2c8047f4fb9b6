"""The answer of a plan in words: what was asked for first, then what it leans on, then what failed or was left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from datapunk.gaia.compose import compose
from datapunk.gaia.languages import ENGLISH
from datapunk.gaia.material import Cited, Material
from datapunk.gaia.plan.draft import Asked
from datapunk.gaia.plan.executor import UNMET, Execution, Result
from datapunk.gaia.plan.running import Told
from datapunk.gaia.speech import Speech, local

_SHOWN = 5
# Questions of several parts are read in English only.
_SPEECH = Speech.of(ENGLISH)


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


def tell(asked: Sequence[Asked], execution: Execution, told: Mapping[str, Sequence[Told]], zone: ZoneInfo) -> Answer:
    """Return the answer to a question of several parts."""
    numbers = _Numbers()
    texts: dict[int, str] = {}
    results = execution.results
    # What was asked for comes first, and so do the numbers of its citations.
    order = sorted(range(len(asked)), key=lambda place: asked[place].part.is_support)
    for place in order:
        if not asked[place].is_read:
            texts[place] = f"I don't know how to answer {_SPEECH.quoted(asked[place].part.text)}."
            continue
        name = answering_step(asked[place], results)
        result = results[name]
        if result.status == "done":
            texts[place] = "\n".join(_sentence(one, numbers, zone) for one in told.get(name, ()))
        else:
            texts[place] = _left_out(asked[place], result, asked, results)
    return Answer(text="\n".join(texts[place] for place in order if texts[place]), cited=tuple(numbers.cited))


def tell_steps(
    execution: Execution, told: Mapping[str, Sequence[Told]], zone: ZoneInfo, questions: Mapping[str, str | None]
) -> Answer:
    """Return what each step of a pipeline says, in their order; of those without a sentence or question nothing."""
    numbers = _Numbers()
    lines: list[str] = []
    for name, result in execution.results.items():
        if result.status == "done":
            lines += [_sentence(one, numbers, zone) for one in told.get(name, ())]
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


def _sentence(told: Told, numbers: _Numbers, zone: ZoneInfo) -> str:
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
        parameters=_bounded(told.given, zone), data=data, cited=[numbers.of(entry) for entry in kept], zone=zone
    )
    return compose(told.subroutine, made_of)


def _bounded(given: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """The input of a step as sentences tell it: a time that points back is told with its day."""
    said = dict(given)
    since, until, phrase = said.get("since"), said.get("until"), said.get("phrase")
    if phrase and (since is None) != (until is None):
        edge, word = (since, "from") if since else (until, "until before")
        said["phrase"] = f"{phrase} ({word} {_SPEECH.day(local(str(edge), zone))})"
    return said


def _left_out(asked: Asked, result: Result, all_asked: Sequence[Asked], results: Mapping[str, Result]) -> str:
    question = _SPEECH.quoted(asked.part.text)
    if result.status == "failed":
        return f"I could not answer {question}: {result.reason}."
    if result.reason == UNMET:
        return f"I can't answer {question}: I find several things that it may be about."
    for before in all_asked:
        steps = [name for name in before.steps if name in result.reason]
        if steps and before is not asked:
            if any(results[name].status == "failed" for name in before.steps):
                return f"I can't answer {question}, since what it leans on failed."
            return f"I don't find what {question} leans on, so I can't answer that part."
    return f"I left out {question}: {result.reason}."
