import io
import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.record import Context, Record, Rejected
from datapunk.lake.registry import by_name, classify
from datapunk.lake.stream import MemberStream

TASKS = {
    "kind": "tasks#taskLists",
    "items": [
        {
            "kind": "tasks#tasks", "id": "L1", "title": "Home", "updated": "2024-01-01T00:00:00Z",
            "items": [
                {
                    "kind": "tasks#task", "id": "a", "title": "Paint", "notes": "Blue", "status": "needsAction",
                    "created": "2024-01-01T10:00:00.500Z", "updated": "2024-01-02T10:00:00Z",
                    "due": "2024-02-01T00:00:00Z",
                },
                {
                    "kind": "tasks#task", "id": "b", "title": "Buy paint", "status": "completed", "parent": "a",
                    "created": "2024-01-01T10:00:01Z", "completed": "2024-01-03T10:00:00Z",
                },
            ],
        },
        {"kind": "tasks#tasks", "id": "L2", "title": "Empty", "updated": "2024-01-01T00:00:00Z"},
        {
            "kind": "tasks#tasks", "id": "L3", "title": "Work",
            "items": [{"kind": "tasks#task", "id": "c", "title": "Old", "updated": "2019-05-01T00:00:00Z"}],
        },
    ],
}  # fmt: skip
CONTENT = json.dumps(TASKS).encode()


def test_tasks_have_their_list_status_due_and_parent(found: Any) -> None:
    paint, buy, old = found(CONTENT, "Tasks/Tasks.json")
    assert (paint.kind, paint.title, paint.body, paint.external_id) == ("task", "Paint", "Blue", "a")
    assert paint.occurred_at == datetime(2024, 1, 1, 10, 0, 0, 500000, tzinfo=UTC)
    assert paint.attributes == {"list": "Home", "status": "open", "due": "2024-02-01T00:00:00Z"}
    assert paint.edited_at == datetime(2024, 1, 2, 10, tzinfo=UTC)
    assert (buy.attributes["status"], buy.attributes["parent"]) == ("done", "a")
    assert buy.attributes["completed"] == "2024-01-03T10:00:00Z"
    assert old.attributes["list"] == "Work"


def test_a_task_without_creation_is_placed_at_its_latest_change(found: Any) -> None:
    assert found(CONTENT)[2].occurred_at == datetime(2019, 5, 1, tzinfo=UTC)


def test_a_task_that_is_none_is_rejected_alone(found: Any) -> None:
    broken = CONTENT.replace(b"2024-01-01T10:00:01Z", b"yesterday")
    assert [type(one) for one in found(broken)] == [Record, Rejected, Record]


def test_a_cut_file_keeps_its_good_head(found: Any) -> None:
    cut = CONTENT[: CONTENT.index(b'"Buy paint"')]
    assert [type(one) for one in found(cut)] == [Record, Rejected]


def test_broken_text_is_passed_over(found: Any) -> None:
    broken = CONTENT.replace(b'"Buy paint"', b"NaN")
    results = found(broken)
    assert [one.external_id for one in results if isinstance(one, Record)] == ["a", "c"]
    assert sum(isinstance(one, Rejected) for one in results) == 1


def test_no_tasks_are_no_error(found: Any) -> None:
    assert found(b'{"kind": "tasks#taskLists", "items": []}') == []


def test_tasks_are_known_by_content_and_by_name() -> None:
    for member, head in (("x", CONTENT), ("Takeout/Tasks/Tasks.json", b"")):
        adapter = classify(member, head)
        assert adapter is not None
        assert adapter.NAME == "tasks"


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, len(CONTENT) - 1), bytes_=st.binary(min_size=1, max_size=4))
def test_changed_bytes_never_raise(at: int, bytes_: bytes) -> None:
    content = CONTENT[:at] + bytes_ + CONTENT[at + len(bytes_) :]
    for one in by_name("tasks").parse(MemberStream(io.BytesIO(content)), Context(member="m")):
        assert isinstance(one, Record | Rejected)
