"""Subroutines of an owner: registered with examples, routable at once, removed with them."""

import json
import re
from collections.abc import Sequence

from datapunk.db import Db, callable_handler
from datapunk.errors import Duplicate, InvalidArgument
from datapunk.gaia.calibration import NONE
from datapunk.gaia.languages.detection import language_of
from datapunk.gaia.options import json_object
from datapunk.gaia.router import Q

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
# Routes of answers that no subroutine gives.
_RESERVED = (NONE, "plan")
_LONGEST_EXAMPLE = 500
_MOST_EXAMPLES = 1000


def register(
    db: Db, *, name: str | None, handler: str | None, description: str | None,
    examples: Sequence[str | None] | None, options: str | None, language: str = "en",
) -> int:  # fmt: skip
    """Add a subroutine of the current owner; return its id. The next question fits the router anew, once for all.

    Examples are in `language` where their words do not tell.

    Raises InvalidArgument, NotFound (no such function), NotAllowed (the caller may not call it), Duplicate.
    """
    checked = _name(name)
    function = callable_handler(db, handler)
    if not description or not description.strip():
        raise InvalidArgument("the description is empty", hint="Say in a sentence what the subroutine answers.")
    texts = checked_examples(examples)
    given = json_object(options)
    if unknown := sorted(set(given) - {"input_schema"}):
        raise InvalidArgument(f"unknown option: {', '.join(unknown)}", hint="Allowed: input_schema.")
    schema = given.get("input_schema", {})
    if not isinstance(schema, dict):
        raise InvalidArgument("input_schema is not a JSON object", hint="Give a JSON Schema of the parameters.")
    taken = {str(row["name"]) for row in db.rows(Q.subroutine_names)}
    rows = [] if checked in taken else db.rows(
        Q.subroutine_insert, checked, function, description.strip(), json.dumps(schema)
    )  # fmt: skip
    if not rows:
        raise Duplicate(
            f"there is a subroutine {checked!r} already",
            hint="Take another name, or remove your own by gaia_unregister first.",
        )
    db.execute(Q.examples_insert, checked, texts, "user", [language_of(text, language) for text in texts])
    return int(rows[0]["id"])


def unregister(db: Db, name: str | None) -> bool:
    """Remove a subroutine of the current owner with its examples; return whether there was one."""
    return bool(db.rows(Q.subroutine_delete, _name(name)))


def _name(name: str | None) -> str:
    if not name or not _NAME.fullmatch(name) or name in _RESERVED:
        raise InvalidArgument(
            f"the name is {name!r}",
            hint=f"Use lower-case letters, digits and underscores, a letter first; not {' or '.join(_RESERVED)}.",
        )
    return name


def checked_examples(examples: Sequence[str | None] | None) -> list[str]:
    """Return examples without surrounding white space, each once. Raises InvalidArgument."""
    texts = list(dict.fromkeys((text or "").strip() for text in examples or ()))
    if not texts or not all(texts):
        raise InvalidArgument(
            "an example is empty" if texts else "there are no examples",
            hint="Give questions in the words of a person; ten that differ route well.",
        )
    if len(texts) > _MOST_EXAMPLES or max(map(len, texts)) > _LONGEST_EXAMPLE:
        raise InvalidArgument(
            "too many or too long examples", hint=f"At most {_MOST_EXAMPLES}, of {_LONGEST_EXAMPLE} characters each."
        )
    return texts
