import os
import resource
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from datapunk_workers.child_process import ChildProcess, News, Spare

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


@pytest.fixture
def spare() -> Iterator[Spare]:
    one = Spare()
    yield one
    one.end()


def test_an_order_goes_to_the_process_that_waits_for_one(spare: Spare) -> None:
    spare.prepare()
    waiting = spare._process
    assert waiting is not None
    taken = spare.take(ORDER)
    try:
        assert taken is waiting
        assert last(taken).fields["sqlstate"].startswith("08")
        assert last(taken).type == "ended"
    finally:
        taken.end()


def test_what_was_spent_before_the_order_is_not_the_trainings(spare: Spare) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    spare.prepare()
    assert spare._process is not None
    while spent_s(spare._process.pid) < 0.3:
        time.sleep(0.05)
    taken = spare.take(ORDER)
    told = last(taken).fields["usage"]["cpu_s"]
    taken.end()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    whole = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert 0 < told < whole - 0.25


def spent_s(pid: int) -> float:
    """Processor seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("spoil", ["killed", "too old", "other cpus"])
def test_a_process_that_cannot_take_the_order_is_replaced(spare: Spare, spoil: str) -> None:
    if spoil == "too old":
        spare._kept_s = 0.0
    spare.prepare()
    waiting = spare._process
    assert waiting is not None
    if spoil == "killed":
        os.kill(waiting.pid, signal.SIGKILL)
        waiting._process.wait()
    order = {**ORDER, "options": {"cpus": 2}} if spoil == "other cpus" else ORDER
    taken = spare.take(order)
    try:
        assert taken is not waiting
        assert last(taken).type == "error"
        with pytest.raises(ProcessLookupError):
            os.kill(waiting.pid, 0)
    finally:
        taken.end()


def test_a_process_without_an_order_ends_with_its_worker(spare: Spare) -> None:
    spare.prepare()
    waiting = spare._process
    assert waiting is not None
    assert waiting._process.stdin is not None
    waiting._process.stdin.close()
    assert waiting._process.wait(60) == 0
