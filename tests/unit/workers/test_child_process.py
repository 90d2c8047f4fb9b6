import os
import time
from collections.abc import Iterator
from typing import Any

import pytest

from datapunk_workers.child_process import ChildProcess, News

ORDER: dict[str, Any] = {
    "dsn": "host=/nonexistent port=1 dbname=none", "owner_id": "me", "role_name": "datapunk", "recipe": "recommender",
    "query": "select 1", "options": {"cpus": 1}, "timeout_s": 60, "memory_mb": 1024,
}  # fmt: skip


@pytest.fixture
def child() -> Iterator[ChildProcess]:
    process = ChildProcess(ORDER)
    yield process
    process.end()


def last(child: ChildProcess) -> News:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        news = child.news(timeout=1)
        if news is not None and news.type != "progress":
            return news
    raise AssertionError("the process never ended")


def test_a_lost_connection_can_succeed_on_retry(child: ChildProcess) -> None:
    news = last(child)
    assert news.type == "error"
    assert news.fields["retry"] is True
    assert news.fields["sqlstate"].startswith("08")
    assert news.fields["usage"]["peak_memory_mb"] > 0


def test_ending_it_leaves_no_process(child: ChildProcess) -> None:
    child.end()
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)
