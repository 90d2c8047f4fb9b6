"""Google Tasks: all lists of tasks in one file."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from datapunk.lake.json_lists import listed
from datapunk.lake.names import last_part
from datapunk.lake.record import Context, Found, Listing, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected
from datapunk.lake.stream import MemberStream
from datapunk.lake.takeout import product_path

NAME = "tasks"
VERSION = "1"

_STATUS = {"needsAction": "open", "completed": "done"}


def claims(member: str, head: bytes) -> float:
    """Claim what names itself a list of task lists."""
    if head:
        return SURE if b'"tasks#task' in head and head.lstrip()[:1] == b"{" else 0.0
    return BY_NAME if last_part(member) == "tasks.json" else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Tasks/Tasks.json",)


def listing(member: str, head: bytes) -> Listing | None:
    """Tell that the file of a Takeout has all tasks."""
    return Listing(NAME, whole=True) if len(product_path(member)) == 2 else None


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a record per task, placed at its creation."""
    for found in listed(stream, ("items.item.items",), ("title",)):
        if isinstance(found, Rejected):
            yield found
            continue
        try:
            yield _record(found.value, str(found.about.get("title") or ""))
        except (KeyError, TypeError, ValueError, AttributeError) as exc:
            yield rejected(f"not a task: {exc!r}", found.value, "items.item.items.item", found.about)


def _record(task: Any, in_list: str) -> Record:
    title, notes, identifier = str(task.get("title") or ""), str(task.get("notes") or ""), task.get("id")
    if not (title or notes or identifier):
        raise ValueError("neither a title nor notes nor an id")
    status = str(task.get("status") or "")
    attributes: dict[str, object] = {}
    if in_list:
        attributes["list"] = in_list
    if status:
        attributes["status"] = _STATUS.get(status, status)
    for name in ("due", "completed", "parent"):
        if value := task.get(name):
            attributes[name] = str(value)
    if task.get("deleted"):
        attributes["trashed"] = True
    at, precision = _first_instant(task.get("created"), task.get("updated"), task.get("completed"), task.get("due"))
    return Record(
        kind="task",
        source=NAME,
        occurred_at=at,
        precision=precision,
        title=title or None,
        body=notes or None,
        external_id=str(identifier) if identifier else None,
        edited_at=_first_instant(task.get("updated"))[0],
        attributes=attributes,
    )


def _first_instant(*values: object) -> tuple[datetime | None, str]:
    """Return the first of the times that there are; exports of before 2020 have none for the creation."""
    for value in values:
        if value:
            at = datetime.fromisoformat(str(value))
            return at if at.tzinfo else at.replace(tzinfo=UTC), "ms" if at.microsecond else "s"
    return None, "s"
