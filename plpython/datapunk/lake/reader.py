"""The process that reads files for a backend: `python -m datapunk.lake.reader`, started by `reader_process`.

It parses what strangers wrote, so it holds no connection and no secret, its memory is limited, and what crashes it
leaves PostgreSQL alone. It takes a request, a line of JSON, from its standard input and writes frames to its standard
output; when its input ends, so does it, since the backend is gone. A file that yields nothing for two minutes of
processor time ends it too: the backend starts another one behind that file.
"""

import logging
import os
import queue
import resource
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from datapunk.errors import DatapunkError, NotAllowed, UnsupportedFile
from datapunk.lake import registry
from datapunk.lake.containers import Folder, SingleFile, open_stream
from datapunk.lake.frames import Frame, encode
from datapunk.lake.kept import Kept
from datapunk.lake.members import Container
from datapunk.lake.reading import Reader
from datapunk.lake.request import TOO_SLOW, Request

# Read ahead while the backend writes rows, but no more than this many frames.
_FRAMES_AHEAD = 4
_HASH_BYTES = 1 << 20
# What takes no processor may wait for a disk.
_TIMES_AS_LONG = 5


def given_up(idle_seconds: float, busy_seconds: float, patience_seconds: float) -> bool:
    """Tell whether reading has not come forward for too long, by the clock and by the processor time that it took.

    On a busy machine the clock alone would give up files that nobody had time to read.
    """
    return busy_seconds >= patience_seconds or idle_seconds >= _TIMES_AS_LONG * patience_seconds


class _Watch:
    """Ends the process when reading has not come forward for too long, as in a file made to keep its reader busy."""

    def __init__(self, patience_seconds: float) -> None:
        self.steps = 0
        self._patience = patience_seconds
        threading.Thread(target=self._run, daemon=True).start()

    def step(self) -> None:
        self.steps += 1

    def _run(self) -> None:
        seen, clock, processor = self.steps, time.monotonic(), time.process_time()
        while not given_up(time.monotonic() - clock, time.process_time() - processor, self._patience):
            time.sleep(self._patience / 8)
            if seen != self.steps:
                seen, clock, processor = self.steps, time.monotonic(), time.process_time()
        os._exit(TOO_SLOW)


class _Output:
    """Writes frames in a thread of its own, so that reading goes on while the backend is busy."""

    def __init__(self, out: BinaryIO, watch: _Watch) -> None:
        self._out = out
        self._watch = watch
        self._idle = True
        self._queue: queue.Queue[list[bytes] | None] = queue.Queue(_FRAMES_AHEAD)
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def put(self, frame: Frame) -> None:
        pieces = encode(frame)
        while True:
            # The backend may be busy for as long as it likes.
            self._watch.step()
            try:
                return self._queue.put(pieces, timeout=1)
            except queue.Full:
                continue

    def idle(self) -> bool:
        return self._idle and self._queue.empty()

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _write(self) -> None:
        try:
            while (pieces := self._queue.get()) is not None:
                self._idle = False
                for piece in pieces:
                    self._out.write(piece)
                self._out.flush()
                self._idle = True
        except BrokenPipeError:
            os._exit(1)


class _Hash:
    """The SHA-256 of a file, computed beside the reading of it."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._digest = sha256()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with open(self._path, "rb") as stream:
            while chunk := stream.read(_HASH_BYTES):
                self._digest.update(chunk)

    def result(self) -> str:
        self._thread.join()
        return self._digest.hexdigest()


def _frames(request: Request, wanted: Callable[[], bool], watch: _Watch) -> Iterator[Frame]:
    reading = request.reading

    def on_member(ordinal: int) -> None:
        watch.step()
        # For the backend to find after a crash.
        os.pwrite(request.mark_fd, str(ordinal).encode().ljust(20), 0)

    reader = Reader(
        reading, start=request.start, crashed=request.crashed, wanted=wanted, on_member=on_member
    )  # fmt: skip
    with ExitStack() as stack:
        digest: _Hash | None = None
        try:
            container: Container
            if os.path.isdir(reading.path):
                container = Folder(Path(reading.path), reading.limits, step=watch.step)
            else:
                stream = stack.enter_context(open(reading.path, "rb"))
                if reading.kept:
                    container = Kept(stream)
                else:
                    digest = _Hash(reading.path)
                    size = os.fstat(stream.fileno()).st_size
                    container = open_stream(
                        stream, reading.filename, size, reading.limits, step=watch.step
                    )  # fmt: skip
            for frame in reader.frames(container):
                if isinstance(container, SingleFile) and frame.kind == "file" and frame.fields["status"] == "ignored":
                    raise UnsupportedFile(
                        f"{reading.filename} is of no known kind",
                        hint=f"Known sources: {', '.join(registry.names())}; the option source names one.",
                    )
                yield frame
        except PermissionError as exc:
            raise NotAllowed(
                f"the server's account cannot read {exc.filename!r}", hint="Make it readable for that account."
            ) from exc
        yield Frame(kind="end", fields={"sha256": digest.result() if digest else None})


def _error(exc: Exception) -> Frame:
    if isinstance(exc, DatapunkError):
        return Frame(
            kind="error",
            fields={"class": type(exc).__name__, "message": exc.message, "hint": exc.hint, "detail": exc.detail},
        )
    detail = "".join(traceback.format_exception(exc))[-4_000:]
    fields = {"class": None, "message": f"{type(exc).__name__}: {exc}", "hint": None, "detail": detail}
    return Frame(kind="error", fields=fields)


def _end_with_input() -> None:
    while os.read(0, 1):
        pass
    os._exit(1)


def main() -> None:
    """Read one request, answer it, end."""
    # Whatever a library prints must not get among the frames, and its log lines could hold personal data.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    line = b""
    while not line.endswith(b"\n"):
        if not (more := os.read(0, 65_536)):
            return
        line += more
    threading.Thread(target=_end_with_input, daemon=True).start()
    request = Request.from_json(line)
    resource.setrlimit(resource.RLIMIT_AS, (request.memory_bytes, request.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    watch = _Watch(request.patience_seconds)
    output = _Output(out, watch)
    try:
        for frame in _frames(request, output.idle, watch):
            output.put(frame)
    except Exception as exc:
        output.put(_error(exc))
    output.close()
    # Threads that still wait for something must not keep the process.
    os._exit(0)


if __name__ == "__main__":
    main()
