"""What a training reads: the text of its query, and whether its columns are those that the recipe needs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from datapunk.errors import DatasetUnusable, InvalidArgument

_NAME = re.compile(r'^(?:[A-Za-z_][\w$]*|"(?:[^"]|"")+")(?:\.(?:[A-Za-z_][\w$]*|"(?:[^"]|"")+"))?$')
_LEADING = re.compile(r"^(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/|\()*", re.DOTALL)
_KEYWORDS = ("select", "with", "values", "table")
_HINT = "Give one SELECT, as in: select owner_id, url, occurred_at from watches; or the name of a view."


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a dataset: its name and the SQL name of its type."""

    name: str
    type: str


def is_name(dataset: str) -> bool:
    """Whether `dataset` is the (possibly qualified) name of a relation rather than a statement."""
    return bool(_NAME.match(dataset.strip()))


def checked_query(dataset: str) -> str:
    """Return the statement without its closing semicolon. Raises InvalidArgument when it cannot be a SELECT."""
    text = dataset.strip()
    while text.endswith(";"):
        text = text[:-1].rstrip()
    word = re.match(r"[A-Za-z]*", text[_LEADING.match(text).end() :])  # type: ignore[union-attr]
    if not text or word is None or word.group().lower() not in _KEYWORDS:
        raise InvalidArgument("the dataset is not a SELECT", hint=_HINT)
    return text


def head_query(query: str) -> str:
    """Return the statement that yields the query's columns and no row.

    The query is the caller's own SQL, run with the caller's rights. A text that parses both alone and in these
    parentheses is one statement: a semicolon within them is a syntax error.
    """
    return f"select * from (\n{query}\n) as dataset limit 0"  # noqa: S608


def check_columns(recipe: str, columns: Sequence[Column], options: Mapping[str, object]) -> None:
    """Check that the columns fit the recipe. Raises DatasetUnusable, which names the column."""
    names = [c.name for c in columns]
    listed = f"Its columns: {', '.join(names)}."
    if len(set(names)) != len(names):
        raise DatasetUnusable("two columns have the same name", hint="Name each column: ... as name. " + listed)
    for role in ("subject", "item", "time", "weight", "text", "target", "group", "key", "where", "content"):
        # Without a label the recipe sentiment starts from its lexicon.
        wanted = options.get(role) if (recipe, role) != ("sentiment", "target") else None
        if wanted is not None and wanted not in names:
            raise DatasetUnusable(
                f"the dataset has no column {wanted!r}", hint=f"Option {role} names the column. {listed}"
            )
    for option in ("exclude", "sensitive", "slices"):
        given = options.get(option)
        for name in given if isinstance(given, list) else ():
            if name not in names:
                raise DatasetUnusable(
                    f"the dataset has no column {name!r}", hint=f"Option {option} names columns. {listed}"
                )
    if recipe in ("classifier", "regressor") and not options.get("target") and not {"target", "label"} & set(names):
        raise DatasetUnusable(
            "it is not said which column to predict",
            hint=f"Give the option target, as in target: {names[-1]!r}. {listed}",
        )
    if recipe == "recommender" and len(columns) < 2:
        raise DatasetUnusable("a recommender needs a subject and an item column", hint=listed)
