"""Jupyter notebooks as documents: texts, code, and what the code wrote."""

from collections.abc import Iterator
from typing import Any

from datapunk.lake.documents import document
from datapunk.lake.json_text import whole_json
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected
from datapunk.lake.stream import MemberStream

NAME = "document_notebook"
VERSION = "1"

_OUTPUT_CHARACTERS = 20_000


def claims(member: str, head: bytes) -> float:
    """Claim an object of cells that have a type."""
    named = member.casefold().endswith(".ipynb")
    if not head:
        return BY_NAME if named else 0.0
    if head.lstrip()[:1] != b"{":
        return 0.0
    return SURE if b'"cell_type"' in head and b'"cells"' in head else BY_NAME if named else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("*.ipynb",)


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield the document; its title is its first heading."""
    notebook = whole_json(stream)
    if isinstance(notebook, Rejected):
        yield notebook
        return
    try:
        yield _record(notebook, context.member)
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        yield rejected(f"not a notebook: {exc!r}", notebook, "")


def _record(notebook: Any, member: str) -> Record | Rejected:
    # Before 2015 the cells lay in sheets.
    sheets = [notebook] if "cells" in notebook else notebook.get("worksheets") or []
    cells = [cell for sheet in sheets for cell in sheet["cells"]]
    about = notebook.get("metadata") or {}
    texts = [text for cell in cells if (text := "\n".join(filter(None, _texts(cell))))]
    headings = (
        line.lstrip("# ")
        for cell in cells
        if cell.get("cell_type") == "markdown"
        for line in _joined(cell.get("source")).splitlines()
        if line.startswith("#")
    )
    return document(
        source=NAME,
        member=member,
        mime_type="application/x-ipynb+json",
        text="\n\n".join(texts),
        raw=repr(notebook).encode(),
        title=str(about.get("title") or "") or next(headings, ""),
        attributes={
            "cells": len(cells),
            "programming_language": str((about.get("kernelspec") or {}).get("language") or ""),
        },
    )


def _texts(cell: Any) -> Iterator[str]:
    """Yield what a cell says and what its code wrote; pictures are left out."""
    yield _joined(cell.get("source") or cell.get("input"))
    for output in cell.get("outputs") or ():
        text = output.get("text") or (output.get("data") or {}).get("text/plain") or output.get("evalue")
        yield _joined(text)[:_OUTPUT_CHARACTERS].rstrip()


def _joined(text: Any) -> str:
    """Return a text that may be written as a list of its lines."""
    return "".join(map(str, text)) if isinstance(text, list) else str(text or "")
