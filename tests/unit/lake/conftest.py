"""Reading bytes with an adapter, without a server."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datapunk.lake import Record, Rejected
from datapunk.lake.compressed import opened, unpacked_name
from datapunk.lake.record import Context, DamagedData, Found
from datapunk.lake.registry import by_name, classify
from datapunk.lake.request import Limits
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
    """Parse bytes or a file with the adapter that the registry takes for it; return all that it yields, in order.

    What is packed is unpacked, as it is for an import.
    """

    def run(content: bytes | Path, member: str = "", timezone: str = "UTC", **context: Any) -> list[Found]:
        name = member or (content.as_posix() if isinstance(content, Path) else "member")
        data = content.read_bytes() if isinstance(content, Path) else content
        stream = opened(io.BytesIO(data), name, Limits())
        adapter = classify(unpacked_name(name), stream.head)
        assert adapter is not None, f"no adapter takes {name}"
        results: list[Found] = []
        try:
            results.extend(adapter.parse(stream, Context(member=name, timezone=timezone, **context)))
        except DamagedData as exc:
            # As what reads members tells it.
            results.append(Rejected(reason=str(exc)))
        return results

    return run


@pytest.fixture
def stream() -> Callable[[bytes], MemberStream]:
    """Make a member's stream of bytes."""
    return lambda content: MemberStream(io.BytesIO(content))


@pytest.fixture
def peers(shared_data: Path) -> Path:
    """The fixtures of other projects; EXPECTED.md there tells what each must yield."""
    return shared_data / "fixtures"
