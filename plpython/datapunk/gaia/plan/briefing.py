"""What a language model is told that is to write a plan: the question, and what may be called. Pure.

It sees no text of the lake, so nothing that stands there can bring a step about.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from datapunk.gaia.plan.offers import CHOICES, LEFT_OUT, TIME, Offer
from datapunk.gaia.plan.sketch import MOST_STEPS, sketch_schema
from datapunk.inference.chat.types import ChatRequest, Form, Message

_RULES = """\
You write a plan: how a person's question is answered from their own data by the subroutines below. You do not answer
it, and you see none of the data. Answer with a JSON object and nothing else.

steps: what has to be looked up, at most {most}, each before those that need it; no steps at all where the subroutines
below cannot answer the question. Do not look up what was not asked for and no other step needs. Of each step:
- id: a short name of lower-case letters; asks: the words of the question that it answers, in the question's language.
- asked: true where the person asked for this, false where only another step needs it.
- subroutine: one of those below, which do what is said there and nothing else.
- input: what the subroutine is told. Leave out what the question does not say. Of each entry:
  - name; values: texts, or from: what another step found; the other one of the two is empty.
  - role: plain; not, for {left_out} that do not count; first and second, for the two sides of compare.
  - shift_days: 0; or by how many days a time that is taken from another step is moved.
- each: empty; or what another step found, as STEP.people: the step runs once for each, which its input takes by
  from: "each".
- if_found, if_empty: empty; or ids of steps: it runs only where those found something, or found nothing.

from is STEP.NAME. NAME is person, place, channel or site (the first that the step found or was told), people, places,
channels or sites (all of them), title, since or until (the time that the step is about), or day, week, month or year
(those around what it found, for time). Where a step found nothing, those that take something from it are left out.

Values: {meanings}.

Subroutines:
{subroutines}

Now is {now}, the time zone {zone}."""
_MEANINGS = {
    TIME: "when, in plain English words: last spring; in March 2023; since Easter; during the"
    " Lisbon trip; the week before the Lisbon trip. Use it rather than since and until",
    "since": "first instant, ISO 8601", "until": "end, not included, ISO 8601",
    "person": "names of people", "channel": "names of channels of videos", "site": "hosts of web sites",
    "place": "places of events", "topic": "words that it is about, without names, kinds and times",
    "weekday": "days of the week, 1 for Monday", "from_hour": "first hour of the day", "to_hour": "hour before which",
    "at_least": "how many times at least", "at_most": "how many times at most",
    "k": "how many at most", "present": "true for who was there, not who wrote", "quoted": "a title",
}  # fmt: skip


def plan_request(
    question: str, offers: Sequence[Offer], *, before: Sequence[str] = (), now: str, zone: str, max_tokens: int,
    form: Form = "schema",
) -> ChatRequest:  # fmt: skip
    """Return what asks a model for a plan. `before` are the questions before in the conversation, the oldest first."""
    used = {name for offer in offers for name in offer.parameters}
    meanings = {name: f"one of {', '.join(words)}" for name, words in CHOICES.items()} | _MEANINGS
    system = _RULES.format(
        most=MOST_STEPS, left_out=", ".join(LEFT_OUT), now=now, zone=zone,
        meanings=";\n".join(f"{name}: {meaning}" for name, meaning in meanings.items() if name in used),
        subroutines="\n".join(f"- {o.name} ({', '.join(o.parameters)}): {o.description}" for o in offers),
    )  # fmt: skip
    asked = "".join(f"Asked before: {text}\n" for text in before)
    return ChatRequest(
        system=system, messages=(Message(role="user", text=f"{asked}The question: {question}"),),
        max_tokens=max_tokens, schema=sketch_schema(offers), form=form,
    )  # fmt: skip


def offers_of(told: Sequence[Mapping[str, Any]]) -> list[Offer]:
    """Return offers that crossed from the database as JSON."""
    return [
        Offer(
            name=entry["name"], description=entry["description"], parameters=entry["parameters"],
            has_phrase=entry["has_phrase"],
        )
        for entry in told
    ]  # fmt: skip
