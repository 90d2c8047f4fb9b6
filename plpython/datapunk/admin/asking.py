"""Questions of the command line: answered at once, or by a worker where a language model words the answer."""

import json
from collections.abc import Mapping
from typing import Any

from datapunk.admin.session import Connection, failure
from datapunk.errors import NotReady

_LONGEST_S = 600


def ask_now(connection: Connection, question: str, options: Mapping[str, Any], *, as_row: bool) -> dict[str, Any]:
    """Return the row of gaia_answer, or the answer with its sources as `told`."""
    given = (question, json.dumps(options))
    statement = "select * from api.gaia_answer(%s, %s)" if as_row else "select api.gaia_ask(%s, %s) as told"
    row = connection.execute(statement, given).fetchone()
    assert row is not None
    return row


def ask_worker(connection: Connection, question: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Leave a question to a worker and wait for its answer, with its sources as `told`; Ctrl-C cancels it.

    Raises NotReady where no worker answers in time, else what the question failed with.
    """
    connection.execute("listen datapunk_gaia")
    asked = connection.execute(
        "select api.gaia_ask_async(%s, %s) as job_id", (question, json.dumps(options))
    ).fetchone()
    assert asked is not None
    job_id = asked["job_id"]
    try:
        for _ in range(_LONGEST_S):
            row = connection.execute("select * from api.gaia_result(%s)", (job_id,)).fetchone()
            assert row is not None
            if row["status"] not in ("queued", "running"):
                return _ended(row)
            next(connection.notifies(timeout=1, stop_after=1), None)
    except KeyboardInterrupt:
        connection.execute("select api.gaia_cancel(%s)", (job_id,))
        raise
    connection.execute("select api.gaia_cancel(%s)", (job_id,))
    raise NotReady(
        f"question {job_id} was not answered in {_LONGEST_S // 60} minutes",
        hint="Look whether a worker runs: datapunk status.",
    )


def _ended(row: dict[str, Any]) -> dict[str, Any]:
    if row["status"] != "succeeded":
        raise failure(row["sqlstate"], row["error"] or f"the question was {row['status']}", hint=row["hint"])
    listed = [
        f"[{cited['ordinal']}] " + ", ".join(str(part) for part in (
            cited["title"] or cited["kind"], str(cited["occurred_at"] or "")[:10], cited["url"]
        ) if part)
        for cited in row["citations"] or []
    ]  # fmt: skip
    return {**row, "told": "\n\n".join(part for part in (row["answer"], "\n".join(listed)) if part)}
