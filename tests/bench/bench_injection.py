"""Hostile items, with and without a language model that obeys them, on the bench's system."""

from typing import Any

from bench.system import System
from chat_server import chatting
from injection import prepare, trapping, with_model, without_model


def main(system: System) -> dict[str, Any]:
    """Ask about forty hostile items; every count of what they brought about is to be 0."""
    owner = "hostile"
    with trapping() as trap, chatting() as chat, system.database.connect(owner=owner) as person:
        hostile = prepare(person, chat, trap)
        system.embed_everything(owner)
        alone, obeyed = without_model(person, hostile), with_model(person, chat, hostile)
    brought_about = (
        obeyed["tools_run"] + obeyed["queries_run"] + obeyed["plans_run"]
        + obeyed["tools_offered_beside_text_of_the_lake"] + len(obeyed["shown"]) + len(alone["shown"])
        + len(trap.hits) + alone["rows_changed"] + obeyed["rows_changed"]
    )  # fmt: skip
    return {"items": len(hostile), "brought_about": brought_about, "without_model": alone, "with_model": obeyed}
