"""Questions that the grammar cannot take apart, answered by plans of a language model, over the sample archive.

The model is played by a server that knows a plan for each question: this measures what plans can say and whether what
they find is right, from the request to the figures, not how well a model plans.
"""

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg.rows import dict_row

from bench import deliberate_truths
from bench.bench_deliberate import Row, ask, build, parts_right
from bench.deliberate_bank import FILLS, Asked
from bench.gaia_bank import NOW, Bank
from bench.system import System
from chat_server import Asked as Request
from chat_server import Said, chatting

Slots = dict[str, str]
Sketch = dict[str, Any]
_PATIENCE_S = 300


def _given(name: str, *values: str, of: str = "") -> dict[str, Any]:
    return {"name": name, "role": "plain", "values": list(values), "from": of, "shift_days": 0}


def _step(name: str, subroutine: str, *given: dict[str, Any]) -> dict[str, Any]:
    told = {"id": name, "asks": name, "asked": True, "subroutine": subroutine, "input": list(given)}
    return told | {"each": "", "if_found": [], "if_empty": []}


def _best(kind: str, group: str, year: str, *more: dict[str, Any]) -> dict[str, Any]:
    return _step("best", "top", _given("kind", kind), _given("group_by", group), _given("time", f"in {year}"), *more)


def _met_then_mailed(slots: Slots) -> list[dict[str, Any]]:
    time_ = _given("time", f"during the {slots['city']} trip")
    company = _step("company", "people", _given("kind", "event"), _given("present", "true"), time_)
    person, since = _given("person", of="company.people"), _given("since", of="company.until")
    return [company, _step("mails", "count", _given("kind", "mail"), person, since)]


def _met_most(slots: Slots) -> list[dict[str, Any]]:
    received, of = _given("direction", "received"), _given("person", of="best.person")
    time_ = _given("time", f"in {slots['year']}")
    return [
        _best("event", "person", slots["year"]), _step("mails", "count", _given("kind", "mail"), received, of, time_)
    ]  # fmt: skip


def _channel_first(slots: Slots) -> list[dict[str, Any]]:
    first = _step(
        "first", "when", _given("kind", "watch"), _given("channel", of="best.channel"), _given("order", "first")
    )
    return [_best("watch", "channel", slots["year"]), first]


def _channel_other_year(slots: Slots) -> list[dict[str, Any]]:
    of, time_ = _given("channel", of="best.channel"), _given("time", f"in {slots['year2']}")
    return [_best("watch", "channel", slots["year"]), _step("again", "count", _given("kind", "watch"), of, time_)]


def _writer_met(slots: Slots) -> list[dict[str, Any]]:
    of, time_ = _given("person", of="best.person"), _given("time", f"in {slots['year']}")
    best = _best("mail", "person", slots["year"], _given("direction", "received"))
    return [best, _step("met", "count", _given("kind", "event"), of, time_)]


# Notes rather than questions: no word of asking, no joint that a grammar of clauses knows.
_WORDINGS: dict[str, tuple[Callable[[Slots], list[dict[str, Any]]], tuple[str, ...]]] = {
    "met_then_mailed": (_met_then_mailed, (
        "My company on the {city} trip; our mails from its end on, as a number",
        "{city} trip: companions, plus size of the correspondence with these after it",
    )),
    "met_most": (_met_most, (
        "Person most often in my calendar of {year}; letters from that one to me, same year, as a figure",
        "{year}: top companion, plus mail count from that companion",
    )),
    "channel_first": (_channel_first, (
        "Favourite channel of {year}, date of my very first video there",
        "{year}'s number one channel; my earliest view of it, as a date",
    )),
    "channel_other_year": (_channel_other_year, (
        "Number one channel of {year}, its videos in my {year2} as a figure",
        "Top channel, {year}; same channel, {year2}, videos, total",
    )),
    "writer_met": (_writer_met, (
        "Busiest correspondent of {year}; calendar entries with that person, same year, total",
        "{year}: sender number one in my inbox, plus meetings with that sender",
    )),
}  # fmt: skip


def _questions(bank: Bank) -> list[tuple[Asked, Sketch]]:
    found: list[tuple[Asked, Sketch]] = []
    for intent, (plan, wordings) in _WORDINGS.items():
        for wording in wordings:
            texts: set[str] = set()
            while len(texts) < FILLS:
                try:
                    slots, figures = getattr(deliberate_truths, intent)(bank, wording)
                except LookupError:
                    continue
                text = wording.format(**slots)
                if text not in texts:
                    texts.add(text)
                    asked = Asked(intent=intent, part="held_out", text=text, figures=tuple(figures))
                    found.append((asked, {"steps": plan(slots)}))
    return found


def _playing(sketches: dict[str, Sketch]) -> Callable[[Request], Said]:
    """A model that plans as it was told for each question, and words nothing."""

    def behave(asked: Request) -> Said:
        if not asked.schema:
            return Said(text="NOT FOUND")
        question = asked.turns[0][1].rpartition("The question: ")[2]
        return Said(text=json.dumps(sketches[question]))

    return behave


def _in_background(connection: psycopg.Connection[Row], text: str) -> tuple[Row, float]:
    started = time.monotonic()
    job = connection.execute('select gaia_ask_async(%s, \'{"model": "planner"}\') as job_id', (text,)).fetchone()
    assert job
    while True:
        row = connection.execute("select * from gaia_result(%s)", (job["job_id"],)).fetchone()
        assert row
        if row["status"] not in ("queued", "running"):
            assert row["status"] == "succeeded", row["error"]
            return row, time.monotonic() - started
        assert time.monotonic() < started + _PATIENCE_S, "the answer does not come"
        time.sleep(0.02)


def main(system: System, dsn: str) -> Row:
    """Ask each question with and without the model, and compare the figures with the truth."""
    asked = _questions(build())
    with chatting() as chat, psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as connection:
        chat.behave = _playing({question.text: sketch for question, sketch in asked})
        system.start_worker()
        connection.execute("select set_config('datapunk.timezone', 'UTC', false)")
        connection.execute("select set_config('datapunk.now', %s, false)", (NOW,))
        options = json.dumps(chat.options(max_tokens=2000, timeout_s=30))
        connection.execute("select cortex_provider_add('planner', 'chat', %s)", (options,))
        alone = [all(parts_right(question, ask(connection, question.text, "auto"))) for question, _ in asked]
        rows = [_in_background(connection, question.text) for question, _ in asked]
    planned = [row["plan"].get("written_by", "").startswith("planner") for row, _ in rows]
    right = [all(parts_right(question, row)) for (question, _), (row, _) in zip(asked, rows, strict=True)]
    return {
        "questions": len(asked), "intents": len(_WORDINGS), "planned": _share(planned), "figures_right": _share(right),
        "figures_right_without_model": _share(alone),
        "p50_s": round(statistics.median(seconds for _, seconds in rows), 2),
        "wrong": [q.text for (q, _), holds in zip(asked, right, strict=True) if not holds],
    }  # fmt: skip


def _share(values: list[bool]) -> float:
    return round(sum(values) / len(values), 4)
