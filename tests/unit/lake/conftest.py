"""Reading bytes with an adapter, without a server."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datapunk.lake import Record, Rejected
from datapunk.lake.record import Context, Found
from datapunk.lake.registry import by_name, classify
from datapunk.lake.stream import MemberStream

Read = Callable[..., tuple[list[Record], list[Rejected]]]


@pytest.fixture
def read() -> Read:
    """Parse bytes or a file with the adapter of that name; return records and rejects."""

    def run(source: str, content: bytes | Path, timezone: str = "UTC") -> tuple[list[Record], list[Rejected]]:
        data = content.read_bytes() if isinstance(content, Path) else content
        found = list(by_name(source).parse(MemberStream(io.BytesIO(data)), Context(member="m", timezone=timezone)))
        return [r for r in found if isinstance(r, Record)], [r for r in found if isinstance(r, Rejected)]

    return run


@pytest.fixture
def found() -> Callable[..., list[Found]]:
    """Parse bytes or a file with the adapter that the registry takes for it; return all that it yields, in order."""

    def run(content: bytes | Path, member: str = "", timezone: str = "UTC", **context: Any) -> list[Found]:
        name = member or (content.as_posix() if isinstance(content, Path) else "member")
        stream = MemberStream(io.BytesIO(content.read_bytes() if isinstance(content, Path) else content))
        adapter = classify(name, stream.head)
        assert adapter is not None, f"no adapter takes {name}"
        return list(adapter.parse(stream, Context(member=name, timezone=timezone, **context)))

    return run


@pytest.fixture
def stream() -> Callable[[bytes], MemberStream]:
    """Make a member's stream of bytes."""
    return lambda content: MemberStream(io.BytesIO(content))


@pytest.fixture
def peers(shared_data: Path) -> Path:
    """The fixtures of other projects; EXPECTED.md there tells what each must yield."""
    return shared_data / "fixtures"
