"""Rejects that are read again: their samples, each as a member by its name, for the process that reads files."""

import base64
import io
import json
from collections.abc import Iterable, Iterator

from datapunk.lake.members import Member
from datapunk.lake.stream import Readable


def packed(samples: Iterable[tuple[str, bytes]]) -> bytes:
    """Return members by name and sample as the file that `Kept` reads: an array of JSON a line."""
    lines = (json.dumps([member, base64.b64encode(sample).decode()]) for member, sample in samples)
    return "".join(f"{line}\n" for line in lines).encode()


class Kept:
    """The container of what `packed` wrote; a name may occur many times."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream

    def members(self) -> Iterator[Member]:
        """Yield each sample."""
        rest = b""
        while chunk := self._stream.read(1 << 20):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                name, encoded = json.loads(line)
                sample = base64.b64decode(encoded)
                yield Member(name=name, size=len(sample), stream=io.BytesIO(sample))

    def sizes(self) -> None:
        """Return None: nobody waits for them."""
