"""The process that reads files, as the backend uses it: what it yields, and that nothing in a file can hurt."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from datapunk.errors import LimitExceeded, UnsupportedFile
from datapunk.lake.frames import Frame
from datapunk.lake.reader import given_up
from datapunk.lake.reader_process import read
from datapunk.lake.request import Limits, Reading
from deadly_library import DEADLY, write_deadly_library
from lake_archives import ENTRY, zipped

MEMORY_BYTES = 1 << 30

Run = Callable[..., list[Frame]]


def run(
    content: bytes | None, name: str = "t.zip", *, path: str = "", limits: Limits | None = None,
    memory: int = MEMORY_BYTES, patience_seconds: float = 120, breathe: Callable[[], object] = lambda: None,
) -> list[Frame]:  # fmt: skip
    reading = Reading(path=path, filename=name, limits=limits or Limits())
    frames = read(reading, content, memory_bytes=memory, breathe=breathe, patience_seconds=patience_seconds)
    return list(frames)


def files(frames: list[Frame]) -> dict[str, tuple[str, int, str]]:
    return {f.texts[0]: (f.fields["status"], f.fields["seen"], f.texts[1]) for f in frames if f.kind == "file"}


def test_each_file_is_accounted_for_after_what_it_holds() -> None:
    frames = run(zipped({"a/MyActivity.json": [ENTRY] * 3, "b.bin": b"\x00\x01"}))
    assert [f.kind for f in frames] == ["open", "items", "sightings", "file", "file", "end"]
    assert files(frames)["a/MyActivity.json"] == ("done", 3, "")
    assert files(frames)["b.bin"][0] == "ignored"


@pytest.fixture
def deadly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader finds a library that ends its process."""
    monkeypatch.syspath_prepend(write_deadly_library(tmp_path))


@pytest.mark.usefixtures("deadly")
def test_a_file_that_kills_its_reader_costs_the_others_nothing() -> None:
    found = files(run(zipped({"a/MyActivity.json": [ENTRY], "b.pdf": DEADLY, "c/MyActivity.json": [ENTRY]})))
    assert found["a/MyActivity.json"][:2] == ("done", 1)
    assert found["c/MyActivity.json"][:2] == ("done", 1)
    status, seen, reason = found["b.pdf"]
    assert (status, seen) == ("failed", 0)
    assert "ended the process" in reason


@pytest.mark.usefixtures("deadly")
def test_a_single_file_that_kills_its_reader_is_told() -> None:
    found = files(run(DEADLY, "b.pdf"))
    assert found["b.pdf"][0] == "failed"


def test_a_file_that_takes_for_ever_is_given_up(tmp_path: Path) -> None:
    # A pipe that nobody writes to: reading it never comes forward.
    os.mkfifo(tmp_path / "a.json")
    (tmp_path / "b").mkdir()
    with pytest.raises(UnsupportedFile, match="too long"):
        run(None, "a.json", path=str(tmp_path / "a.json"), patience_seconds=0.5)


@pytest.mark.parametrize(
    ("idle", "busy", "expected"),
    [(119, 119, False), (121, 120, True), (300, 3, False), (599, 0, False), (600, 0, True)],
)
def test_patience_is_of_processor_time_and_longer_by_the_clock(idle: float, busy: float, expected: bool) -> None:
    assert given_up(idle, busy, 120) is expected


def test_a_file_that_keeps_its_reader_busy_is_given_up_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = write_deadly_library(tmp_path)
    Path(home, "pypdf.py").write_text("while True: pass\n", encoding="ascii")
    monkeypatch.syspath_prepend(home)
    found = files(run(zipped({"b.pdf": DEADLY, "c/MyActivity.json": [ENTRY]}), patience_seconds=1))
    assert "no further" in found["b.pdf"][2]
    assert found["c/MyActivity.json"][:2] == ("done", 1)


def test_memory_is_bounded() -> None:
    huge = b'[{"title": "' + b"x" * (60 << 20) + b'", "time": "2025-01-01T10:00:00Z", "products": []}]'
    archive = zipped({"a/MyActivity.json": huge, "b/MyActivity.json": [ENTRY]})
    # Without memory the C library of JSON crashes or never ends; both cost this file alone.
    found = files(run(archive, memory=200 << 20, limits=Limits(max_ratio=10_000), patience_seconds=2))
    assert found["a/MyActivity.json"][0] == "failed"
    assert found["b/MyActivity.json"][:2] == ("done", 1)


def test_an_unsafe_archive_is_refused_with_its_own_error() -> None:
    with pytest.raises(LimitExceeded, match=r"\.\./up") as caught:
        run(zipped({"../up": b"x"}))
    assert caught.value.hint


def test_it_can_be_stopped_while_it_waits_and_leaves_no_process(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.json")

    def stop() -> None:
        raise KeyboardInterrupt

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(None, "a.json", path=str(tmp_path / "a.json"), breathe=stop)
    assert time.monotonic() - started < 20
    assert "datapunk.lake.reader" not in _children()


def test_it_ends_when_nobody_listens_any_more() -> None:
    content = zipped({"MyActivity.json": [ENTRY] * 9})
    frames = read(Reading(path="", filename="a.zip"), content, memory_bytes=MEMORY_BYTES, breathe=int)
    next(frames)
    frames.close()  # type: ignore[attr-defined]
    assert "datapunk.lake.reader" not in _children()


def test_nothing_of_the_callers_environment_reaches_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PGPASSWORD", "secret")
    os.mkfifo(tmp_path / "a.json")
    seen: list[bytes] = []

    def look() -> None:
        for pid in _children_pids():
            seen.append(Path(f"/proc/{pid}/environ").read_bytes())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(None, "a.json", path=str(tmp_path / "a.json"), breathe=look)
    assert seen
    assert all(b"secret" not in environment for environment in seen)


def _children_pids() -> list[str]:
    text = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    return [pid for pid in text.split() if b"datapunk.lake.reader" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def _children() -> str:
    return "datapunk.lake.reader" if _children_pids() else ""
