"""Where the times of a question are read: in this process from its second question on, else by the model host.

The grammar takes as long to make ready as two answers, and a date that it does not know takes dateparser, which is
heavy: a connection that asks once leaves both to the host. Reading a question takes less than asking for it.
"""

from datetime import datetime
from itertools import count
from typing import Any

from datapunk.db import Row
from datapunk.gaia.languages import ENGLISH
from datapunk.inference import InferenceClient
from datapunk.settings import Settings

_asked = count()


def times_of(inference: InferenceClient, settings: Settings, question: str, context: Row) -> list[dict[str, Any]]:
    """Return the time expressions of a question, see `time_expressions.resolve`."""
    now, zone = str(context["now"]), settings.timezone
    if next(_asked) and (found := _by_grammar(question, now, zone)) is not None:
        return found
    payload = {"text": question, "now": now, "timezone": zone, "language": ENGLISH}
    return inference.parse("time", payload, lambda: _resolved(question, now, zone))


def _by_grammar(question: str, now: str, zone: str) -> list[dict[str, Any]] | None:
    from datapunk.gaia.time_expressions import resolve_by_grammar

    return resolve_by_grammar(question, datetime.fromisoformat(now), zone)


def _resolved(question: str, now: str, zone: str) -> list[dict[str, Any]]:
    from datapunk.gaia.time_expressions import resolve

    return resolve(question, datetime.fromisoformat(now), zone, ENGLISH)
