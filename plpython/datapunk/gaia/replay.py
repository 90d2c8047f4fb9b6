"""Answering a stored question again, to see whether the answer still holds."""

import json

from datapunk.db import Row
from datapunk.errors import NotFound
from datapunk.gaia.answering import Orchestrator
from datapunk.gaia.options import ask_options
from datapunk.gaia.plan.draft import GRAMMAR
from datapunk.gaia.router import Q


def replay_answer(orchestrator: Orchestrator, answer_id: str | None) -> Row:
    """Answer the question of a stored answer anew, as an answer of its own in no conversation of before.

    Returns the row of gaia_answer with `same`: whether route and figures are as before. Raises NotFound.
    """
    rows = orchestrator.db.rows(Q.answer_by_id, answer_id)
    if not rows:
        raise NotFound(f"no answer {answer_id}", hint="Take answer_id from a row of gaia_answer or the view answers.")
    before = rows[0]
    given = json.loads(before["options"])
    given.pop("conversation_id", None)
    if given.get("model") and orchestrator.db.rows(Q.kind_of_model, given["model"])[0]["kind"] == "chat":
        # Its words would differ each time; route and figures are of the subroutine.
        del given["model"]
    given["language"] = before["language"]
    plan = json.loads(before["plan"])
    if plan.get("written_by", GRAMMAR) != GRAMMAR:
        # The language model is not asked again: its plan is run as it stands.
        row = orchestrator.answer_by(str(before["question"]), ask_options(json.dumps(given)), plan)
    elif (name := given.pop("run", None)) is not None:
        inputs = given.pop("input", {})
        row = orchestrator.run(str(name), inputs, ask_options(json.dumps(given)))
    else:
        row = orchestrator.answer(str(before["question"]), ask_options(json.dumps(given)))
    same = row["route"] == before["route"] and json.loads(row["data"]) == json.loads(before["data"])
    return {**row, "same": same}
