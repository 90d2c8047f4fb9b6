"""The backend's side of the reader: starts the process, takes its frames, and goes on after a crash."""

import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

from datapunk import errors
from datapunk.errors import DatapunkError, NotReady, UnsupportedFile
from datapunk.lake.frames import Frame, decode
from datapunk.lake.request import TOO_SLOW, Content, Reading, Request

_CHUNK_BYTES = 1 << 16
_POLL_MS = 200
_CRASHES_SURVIVED = 20


def read(
    reading: Reading, content: Content, *, memory_bytes: int, breathe: Callable[[], object],
    patience_seconds: float = 120.0, start: int = 0,
) -> Iterator[Frame]:  # fmt: skip
    """Yield the frames of the reader, the last of kind `end`.

    A member whose reading ends the process becomes a failed `file`, and a new process goes on behind it. Members before
    `start` are passed over. With `content` that is read instead of the path. `breathe` is called several times a
    second while nothing arrives; it may raise to stop. Raises what the reader raised (UnsupportedFile, LimitExceeded,
    NotAllowed), NotReady when there is none.
    """
    with ExitStack() as stack:
        mark = stack.enter_context(tempfile.TemporaryFile()).fileno()
        fds = [mark]
        if content is not None:
            copy = stack.enter_context(tempfile.TemporaryFile())
            for part in (content,) if isinstance(content, bytes) else content:
                copy.write(part)
            copy.flush()
            fds.append(copy.fileno())
            reading = replace(reading, path=f"/proc/self/fd/{copy.fileno()}")
        crashed: dict[int, str] = {}
        while True:
            os.ftruncate(mark, 0)
            request = Request(
                reading=reading, mark_fd=mark, memory_bytes=memory_bytes, patience_seconds=patience_seconds,
                start=start, crashed=crashed,
            )  # fmt: skip
            with _Process(request, fds) as process:
                for frame in process.frames(breathe):
                    if frame.kind == "error":
                        raise _raised(frame)
                    yield frame
                    if frame.kind == "end":
                        return
                    if frame.kind == "file":
                        start = frame.fields["ordinal"] + 1
                ending = process.ending
            marked = os.pread(mark, 20, 0)
            if not marked or len(crashed) == _CRASHES_SURVIVED:
                raise UnsupportedFile(
                    f"reading {reading.filename} ended the process that reads files ({ending})",
                    hint="The server's log may say more; import the files in it one by one.",
                )
            crashed[int(marked)] = f"alarm: reading it ended the process that reads files ({ending})"


def _raised(frame: Frame) -> DatapunkError:
    fields = frame.fields
    kind = getattr(errors, str(fields["class"]), None)
    if isinstance(kind, type) and issubclass(kind, DatapunkError):
        return kind(fields["message"], hint=fields["hint"], detail=fields["detail"])
    return UnsupportedFile(
        f"the file cannot be read: {fields['message']}",
        hint="Please report this; the detail tells where it happened.",
        detail=fields["detail"],
    )


class _Process:
    """One run of the reader."""

    def __init__(self, request: Request, fds: list[int]) -> None:
        # In a backend sys.executable may name anything; the interpreter of its library is this one.
        python = os.path.join(sys.base_prefix, "bin", f"python{sys.version_info[0]}.{sys.version_info[1]}")
        environment = {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "LANG": "C.UTF-8"}
        try:
            self._process = subprocess.Popen(
                # Without what the site would add at each start: the path of modules is given.
                [python, "-S", "-m", "datapunk.lake.reader"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, pass_fds=fds, cwd="/", bufsize=0,
            )  # fmt: skip
        except OSError as exc:
            raise NotReady(
                f"the process that reads files cannot be started: {exc}",
                hint=f"The server needs {python} and the right to run it; `datapunk doctor` checks the installation.",
            ) from exc
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._out = self._process.stdout.fileno()
        self._process.stdin.write(request.to_json().encode() + b"\n")

    def __enter__(self) -> "_Process":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    @property
    def ending(self) -> str:
        """How the process ended, for a person."""
        code = self._process.wait()
        if code == TOO_SLOW:
            return "it came no further for too long"
        return f"signal {-code}" if code < 0 else f"exit status {code}"

    def frames(self, breathe: Callable[[], object]) -> Iterator[Frame]:
        """Yield the frames that arrive; ends early, without an error, where the process does."""
        try:
            yield from decode(self._chunks(breathe))
        except ValueError:
            # The process has died within a frame.
            self._process.kill()

    def _chunks(self, breathe: Callable[[], object]) -> Iterator[bytes]:
        poll = select.poll()
        poll.register(self._out, select.POLLIN)
        while True:
            while not poll.poll(_POLL_MS):
                breathe()
            if not (chunk := os.read(self._out, _CHUNK_BYTES)):
                return
            yield chunk
