"""JSON that is read in pieces of its own: a small file as a whole, or a line for each value."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from datapunk.lake.record import SAMPLE_BYTES, Rejected
from datapunk.lake.stream import MemberStream, whole


class Line(NamedTuple):
    """A value of JSON Lines and where its line begins, in bytes."""

    offset: int
    value: Any


def whole_json(stream: MemberStream) -> Any | Rejected:
    """Return the value that a small member holds, or why it is none. Raises ValueError for one beyond 64 MiB."""
    start = stream.position
    return _value(whole(stream), start)


def json_lines(stream: MemberStream, longest: int = 1 << 20) -> Iterator[Line | Rejected]:
    """Yield the value of each line; a line that is no JSON, or has more than `longest` bytes, is a Rejected.

    Blank lines are left out.
    """
    for offset, line in stream.lines(longest):
        if not line.strip():
            continue
        value = _value(line, offset)
        yield value if isinstance(value, Rejected) else Line(offset, value)


def _value(raw: bytes, offset: int) -> Any | Rejected:
    try:
        text = raw.decode("utf-8")
        return json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as exc:
        at = len(text[: exc.pos].encode())
        return Rejected(
            reason=f"broken JSON: {exc.msg}", byte_offset=offset + at, sample=raw[max(0, at - 200) : at + SAMPLE_BYTES]
        )
    except UnicodeDecodeError as exc:
        return Rejected(reason="broken JSON: not UTF-8", byte_offset=offset + exc.start, sample=raw)
    except RecursionError:
        return Rejected(reason="broken JSON: nested too deeply", byte_offset=offset, sample=raw)
    except (ValueError, ArithmeticError) as exc:
        # A number of more digits, or a larger exponent, than Python converts.
        return Rejected(reason=f"broken JSON: {exc}", byte_offset=offset, sample=raw)
